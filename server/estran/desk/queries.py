"""What the desk reads by itself. What visits add up to is in `visits.queries`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from piccolo.columns.combination import And
from piccolo.custom_types import Combinable

from estran import clock
from estran.access.tables import Account
from estran.club import service as club
from estran.club.rules import Eligibility
from estran.club.tables import Ambassador
from estran.encoding import unb64
from estran.inbox.service import Item
from estran.passes import service as passes
from estran.passes.number import number_of
from estran.passes.service import Medium
from estran.passes.tables import Pass
from estran.venues.tables import Device, Venue
from estran.visits import arrivals
from estran.visits.tables import Change, Visit


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan, and what became of it."""

    id: UUID
    at: datetime
    venue: str
    state: str
    reason: str
    companions: int
    event: str = ""
    """At which event somebody arrived; empty: an entry."""


async def people_to_choose() -> list[tuple[UUID, str]]:
    """Everybody in the club with their whole name, by last name: what a form offers."""
    return [(person.id, f"{person.first_name} {person.last_name}") for person in await club.ambassadors()]


async def visits_of(ambassador_id: UUID, lang: str, limit: int = 500) -> list[Scan]:
    """Every scan of somebody's passes, newest first, refused ones too. Opening it is an act: record it first."""
    return await _scans(Visit.ambassador_id == ambassador_id, lang, limit)


async def visits_on(venue_id: UUID, day: date, lang: str, limit: int = 500) -> list[Scan]:
    """Every scan at a venue on one of the club's days, newest first, refused ones too; whose passes is not said."""
    return await _scans((Visit.venue_id == venue_id) & (Visit.on_day == day.isoformat()), lang, limit)


async def visits_between(
    first: date, last: date, zone: ZoneInfo, lang: str, *, venue_id: UUID | None = None, state: str = "", limit: int
) -> list[Scan]:
    """Scans of some of the club's days, newest first, of one venue or state when asked for; whose passes is not said."""
    where: Combinable = And(
        Visit.at >= clock.start_of_day(first, zone), Visit.at < clock.start_of_day(last + timedelta(days=1), zone)
    )
    if venue_id is not None:
        where = And(Visit.venue_id == venue_id, where)
    if state:
        where = And(where, Visit.state == state)
    return await _scans(where, lang, limit)


async def undone_at(visit: Visit) -> datetime | None:
    """When the venue took this visit back by itself; None when it did not.

    The undo bears the scanner's own clock, which may stand anywhere: only how long after the scan it was is told by it.
    """
    row = (
        await Change.objects()
        .where(Change.visit_id == visit.id, Change.kind == "undo")
        .order_by(Change.received_at)
        .first()
    )
    if row is None:
        return None
    if row.account_id is not None:  # on the venue's page, by our clock
        return row.received_at
    after = row.at - clock.from_ms(visit.device_ms)
    return visit.at + min(max(after, timedelta()), max(row.received_at - visit.at, timedelta()))


async def _scans(where: Combinable, lang: str, limit: int) -> list[Scan]:
    names = {venue.id: venue.name for venue in await Venue.objects()}
    rows = await Visit.objects().where(where).order_by(Visit.at, ascending=False).limit(limit)
    titles = await arrivals.titles({row.slot_id for row in rows}, lang)
    return [scan_of(row, names[row.venue_id], titles.get(row.slot_id, "")) for row in rows]


def scan_of(row: Visit, venue: str, event: str = "") -> Scan:
    """That visit, for a list."""
    return Scan(
        id=row.id,
        at=row.at,
        venue=venue,
        state=row.state,
        reason=row.reason,
        companions=row.companions,
        event=event,
    )


async def pass_numbers() -> dict[str, UUID]:
    """Whose pass has which number: what may be written on a list instead of a name."""
    return {
        number_of(unb64(row["jti"])): row["ambassador_id"] for row in await Pass.select(Pass.jti, Pass.ambassador_id)
    }


async def visits_by_id(items: Iterable[Item]) -> dict[UUID, Visit]:
    """The visits that these items of the inbox are about, by the item's id; those that are still there."""
    named = {item.id: visit_id for item in items if (visit_id := _visit_id(item)) is not None}
    if not named:
        return {}
    found = {row.id: row for row in await Visit.objects().where(Visit.id.is_in(list(set(named.values()))))}
    return {item_id: found[visit_id] for item_id, visit_id in named.items() if visit_id in found}


def _visit_id(item: Item) -> UUID | None:
    if item.subject_kind == "visit":
        return item.subject_id
    named = item.details.get("visit")
    return UUID(named) if isinstance(named, str) else None


async def device_labels() -> dict[UUID, str]:
    """What each scanner is called, cut ones too."""
    return {row["id"]: row["label"] for row in await Device.select(Device.id, Device.label)}


async def pass_holders(*, now: datetime) -> dict[Medium, set[UUID]]:
    """The ambassadors who have a living pass on a phone, and on paper; in one query for the whole list."""
    rows = await Pass.select(Pass.ambassador_id, Pass.medium).where(
        Pass.revoked_at.is_null(), Pass.ends_at.is_null() | (Pass.ends_at > now)
    )
    return {medium: {row["ambassador_id"] for row in rows if row["medium"] == medium} for medium in Medium}


async def accounts_seen() -> set[UUID]:
    """The accounts that have signed in at least once."""
    rows = await Account.select(Account.id).where(Account.seen_at.is_not_null())
    return {row["id"] for row in rows}


async def newest_revocation(*, now: datetime) -> int | None:
    """The status list version that a scanner must have to know of the newest revocation; None: there is none to know of.

    A pass whose last day has gone by is refused for its date, whatever a scanner knows: erasing somebody who left long
    ago makes no scanner ignorant.
    """
    newest = (
        await Pass.objects()
        .where(Pass.revoked_at.is_not_null(), Pass.exp_at > now)
        .order_by(Pass.revoked_at, ascending=False)
        .first()
    )
    return await passes.revoked_in(newest) if newest else None


async def skews(devices: Iterable[Device]) -> dict[UUID, int]:
    """How many milliseconds our clock was ahead of each scanner's when it last handed in a visit."""
    found: dict[UUID, int] = {}
    for device in devices:
        query = Visit.select(Visit.skew_sync_ms).where(Visit.device_id == device.id)
        row = await query.order_by(Visit.seq, ascending=False).first()
        if row and row["skew_sync_ms"] is not None:
            found[device.id] = row["skew_sync_ms"]
    return found


async def uninvited(*, now: datetime) -> list[Ambassador]:
    """Who may have a pass now or later, was never invited, and has not come in by themselves."""
    people = [person for person in await club.ambassadors() if person.invited_at is None and person.paused_at is None]
    standings, seen = await club.standings([person.id for person in people], now=now), await accounts_seen()
    return [
        person
        for person in people
        if standings[person.id].eligibility is not Eligibility.ENDED and person.account_id not in seen
    ]


async def ever_holders() -> set[UUID]:
    """The ambassadors who have or had a pass; who is not among them is new."""
    return {row["ambassador_id"] for row in await Pass.select(Pass.ambassador_id)}


async def emails(people: Sequence[Ambassador]) -> dict[UUID, str]:
    """The address of each of these people, by the person's id."""
    accounts = [person.account_id for person in people]
    rows = await Account.select(Account.id, Account.email).where(Account.id.is_in(accounts)) if accounts else []
    by_account = {row["id"]: row["email"] for row in rows}
    return {person.id: by_account[person.account_id] for person in people}


@dataclass(frozen=True, slots=True)
class Seats:
    """How many people are active, and how many the club wants at most."""

    taken: int
    ceiling: int
    coming: int = 1
    """How many more the page would add."""

    @property
    def warning(self) -> str:
        """What to say beside the form: `last` when the ceiling would be reached, `over` when it would be passed, or nothing."""
        left = self.ceiling - self.taken - self.coming
        return "" if left > 0 or not self.coming else "over" if left < 0 else "last"


async def seats(*, now: datetime, coming: int = 1) -> Seats:
    """Who is active today against the house rules' ceiling."""
    standings = await passes.standings([person.id for person in await club.ambassadors()], now=now)
    taken = sum(found.eligibility is Eligibility.ELIGIBLE for found in standings.values())
    return Seats(taken, (await club.house()).ceiling, coming)
