"""What a scanner should know to work without network: docs/sync.md §4."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from estran import clock
from estran.club import service as club
from estran.db import fetch, writes
from estran.events.rules import DOOR_CLOSES, DOOR_OPENS, Reply
from estran.events.tables import Invitee
from estran.passes import entitlement
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.texts import LANGS
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.sentences import Reader, give, sentence
from estran.venues.service import Given
from estran.venues.tables import Device
from estran.venues.terms import Span, Terms, Who, Words
from estran.visits import quotas
from estran.visits.arrivals import arrivals
from estran.visits.quotas import Uses


class SnapshotVenue(msgspec.Struct, rename="camel"):
    """The scanner's own venue. `closures` that are over are left out."""

    id: str
    name: str
    paused: bool
    closures: list[Span]


class SnapshotBenefit(msgspec.Struct, rename="camel"):
    """What the check needs of a benefit, and how to say it to the desk. `entitled`: the ids it is for; null: everybody."""

    id: str
    version: int
    terms: Terms
    entitled: list[str] | None
    desk: Words
    give: Words


class SnapshotUses(msgspec.Struct, rename="camel"):
    """What a benefit's quota has counted, by `sub`, from `first` to `last`; null for both: in each one's mandate."""

    first: str | None
    last: str | None
    counts: dict[str, int]


class SnapshotSeen(msgspec.Struct, rename="camel"):
    """When an ambassador was last let in here today, and by which of the venue's other scanners."""

    at_ms: int
    label: str


class SnapshotToday(msgspec.Struct):
    """Who came today by the venue's other scanners, by `sub`."""

    day: str
    visits: dict[str, SnapshotSeen]


class SnapshotArrival(msgspec.Struct, rename="camel"):
    """When an ambassador arrived at a slot, with how many guests, and at which of the venue's other scanners."""

    at_ms: int
    guests: int
    label: str


class SnapshotSlot(msgspec.Struct, rename="camel"):
    """One of the times of an event here, and who is expected, by `sub`: docs/events.md §4."""

    id: str
    event_id: str
    title: Words
    note: str
    starts_ms: int
    ends_ms: int
    opens_ms: int
    """From here to `closes_ms` the scanner offers to welcome for it."""
    closes_ms: int
    capacity: int | None
    guests_max: int
    walk_ins: bool
    expected: dict[str, int]
    """The guests that each announced who comes."""
    waiting: list[str]
    """The waiting list, in the order of the replies."""
    arrived: dict[str, SnapshotArrival]


class Snapshot(msgspec.Struct, rename="camel"):
    """All that a scanner needs to work without network: docs/sync.md §4."""

    version: str
    iss: str
    club: str
    zone: str
    snapshot_limit_s: int
    keys: list[dict[str, Any]]
    status_list: str
    venue: SnapshotVenue
    benefits: list[SnapshotBenefit]
    uses: dict[str, SnapshotUses]
    last_seq: int
    today: SnapshotToday
    slots: list[SnapshotSlot]


async def snapshot(issuer: Issuer, device_id: UUID, *, now: datetime) -> Snapshot:
    """What this scanner should know at `now`. Raises NotFound, Forbidden `device_pending` or `device_cut`."""
    device = await venues.working_device(device_id)
    house = await club.house()
    place = await venues.venue(device.venue_id)
    benefits = await venues.benefits_of(place.id)
    status_list, status_tag = await passes.status_token(issuer, now=now)
    today = clock.local_day(now, ZoneInfo(house.zone))
    uses, last_seq = await _uses_here(device_id, benefits, now)
    subs = await _subs(benefits, uses)
    made = Snapshot(
        version="",
        iss=issuer.iss,
        club=house.name,
        zone=house.zone,
        snapshot_limit_s=house.snapshot_limit_days * 86400,
        keys=await passes.jwks(issuer, now=now),
        status_list=status_tag,  # for the version: the token itself is signed anew each time
        venue=SnapshotVenue(
            str(place.id),
            place.name,
            place.paused_at is not None or place.archived_at is not None,
            closures.spans(await closures.closures_of(place.id, since=today)),
        ),
        benefits=await _benefits(benefits, subs, now),
        uses={
            str(benefit_id): SnapshotUses(
                *one.period, {subs[person]: n for person, n in sorted(one.counts.items()) if person in subs}
            )
            for benefit_id, one in uses.items()
        },
        last_seq=last_seq,
        today=await _today_elsewhere(device, today.isoformat(), now),
        slots=await _slots(device, now),
    )
    made.version = hashlib.sha256(msgspec.json.encode(made)).hexdigest()[:16]
    made.status_list = status_list
    return made


async def _benefits(benefits: list[Given], subs: Mapping[UUID, str], now: datetime) -> list[SnapshotBenefit]:
    names, entitled = (
        await entitlement.names(),
        await entitlement.entitled({one.id: one.terms for one in benefits}, now=now),
    )
    found = []
    for benefit in benefits:
        people = entitled[benefit.id]
        found.append(
            SnapshotBenefit(
                id=str(benefit.id),
                version=benefit.version,
                terms=benefit.terms,
                entitled=None if people is None else sorted(subs[person] for person in people if person in subs),
                desk=Words(*(sentence(benefit.terms, Reader.DESK, lang, names) for lang in LANGS)),
                give=Words(*(give(benefit.terms, lang) for lang in LANGS)),
            )
        )
    return found


async def _subs(benefits: list[Given], uses: Mapping[UUID, Uses]) -> Mapping[UUID, str]:
    """The opaque ids of everybody whom these benefits' counts or lists name; nothing is read when they name nobody."""
    if not any(one.counts for one in uses.values()) and all(one.terms.who is Who.ALL for one in benefits):
        return {}
    return {row.id: row.sub for row in await club.ambassadors()}


@writes
async def _uses_here(device_id: UUID, benefits: list[Given], now: datetime) -> tuple[dict[UUID, Uses], int]:
    """What the quotas have counted; and the scanner's last item among that.

    In one transaction: a count and a `lastSeq` that do not belong together would count the scanner's own visits twice, or not.
    """
    return await quotas.uses(benefits, now=now), (await venues.device(device_id)).last_seq


_TODAY = (
    "SELECT a.sub, v.at, d.label FROM visits_visit v JOIN club_ambassador a ON a.id = v.ambassador_id"
    " JOIN venues_device d ON d.id = v.device_id WHERE v.venue_id = {} AND v.at >= {} AND v.on_day = {}"
    " AND v.device_id <> {} AND v.state IN ('counted', 'to_confirm') AND v.slot_id IS NULL ORDER BY v.at, v.id"
)
LONGEST_DAY = timedelta(hours=25)


async def _today_elsewhere(device: Device, day: str, now: datetime) -> SnapshotToday:
    """The latest visit that stands of each ambassador at this venue today, of those that its other scanners noted."""
    rows = await fetch(_TODAY, device.venue_id, now - LONGEST_DAY, day, device.id)
    return SnapshotToday(day, {row["sub"]: SnapshotSeen(clock.to_ms(row["at"]), row["label"]) for row in rows})


_SLOTS = (
    "SELECT s.id, s.event_id, s.starts_at, s.ends_at, s.note, s.capacity, e.title, e.title_en, e.guests_max, e.walk_ins"
    " FROM events_event e JOIN events_slot s ON s.event_id = e.id WHERE e.venue_id = {} AND e.opened_at IS NOT NULL"
    " AND e.cancelled_at IS NULL AND s.ends_at >= {} AND EXISTS (SELECT 1 FROM events_slot n WHERE n.event_id = e.id"
    " AND n.ends_at >= {} AND n.starts_at <= {}) ORDER BY s.starts_at, s.id"
)
REPLIED = [Reply.COMING.value, Reply.WAITING.value]
SLOTS_SINCE, SLOTS_UNTIL = timedelta(hours=12), timedelta(days=15)
"""A scanner may be without network for a fortnight, and still welcomes at the door."""
OTHERS_SINCE = timedelta(days=15)
"""Who was expected last Saturday and comes this one is told so. All times to come of the same event are known anyway."""


async def _slots(device: Device, now: datetime) -> list[SnapshotSlot]:
    """The times that a scanner may have to welcome for before it hears of us again, and the others of those events."""
    rows = await fetch(_SLOTS, device.venue_id, now - OTHERS_SINCE, now - SLOTS_SINCE, now + SLOTS_UNTIL)
    if not rows:
        return []
    ids = [row["id"] for row in rows]
    subs = {person.id: person.sub for person in await club.ambassadors()}
    elsewhere = await arrivals(ids, besides=device.id)
    expected: dict[UUID, dict[str, int]] = {slot_id: {} for slot_id in ids}
    waiting: dict[UUID, list[str]] = {slot_id: [] for slot_id in ids}
    said = Invitee.objects().where(Invitee.slot_id.is_in(ids), Invitee.reply.is_in(REPLIED))
    for one in await said.order_by(Invitee.replied_at).order_by(Invitee.id):
        if one.ambassador_id in subs and one.reply == Reply.COMING:
            expected[one.slot_id][subs[one.ambassador_id]] = one.guests
        elif one.ambassador_id in subs:
            waiting[one.slot_id].append(subs[one.ambassador_id])
    return [
        SnapshotSlot(
            id=str(row["id"]),
            event_id=str(row["event_id"]),
            title=Words(row["title"], row["title_en"] or row["title"]),
            note=row["note"],
            starts_ms=clock.to_ms(row["starts_at"]),
            ends_ms=clock.to_ms(row["ends_at"]),
            opens_ms=clock.to_ms(row["starts_at"] - DOOR_OPENS),
            closes_ms=clock.to_ms(row["ends_at"] + DOOR_CLOSES),
            capacity=row["capacity"],
            guests_max=row["guests_max"],
            walk_ins=bool(row["walk_ins"]),
            expected=expected[row["id"]],
            waiting=waiting[row["id"]],
            arrived={
                subs[person]: SnapshotArrival(clock.to_ms(one.at), one.guests, one.device_label)
                for person, one in elsewhere[row["id"]].items()
                if person in subs
            },
        )
        for row in rows
    ]


@writes
async def note_snapshot(device_id: UUID, status_version: int | None, *, now: datetime) -> None:
    """The scanner asked for its news just now; `status_version` is the list it shows to have. Raises NotFound."""
    device = await venues.device(device_id)
    device.seen_at = device.snapshot_at = now
    is_newer = status_version is not None and status_version > (device.status_version or 0)
    if is_newer and await passes.list_of_version(status_version):
        device.status_version, device.status_known_at = status_version, now
    await device.save([Device.seen_at, Device.snapshot_at, Device.status_version, Device.status_known_at])
