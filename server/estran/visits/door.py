"""What the door of a venue would say: the very rules of scanners, with what a scanner with fresh news knows. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from estran import clock
from estran.club import service as club
from estran.club.rules import SUSPENDING, Eligibility
from estran.passes import entitlement
from estran.passes import service as passes
from estran.passes.rules import UNDECIDED, BenefitTerms, Context, Decisions, Verdict, check
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.service import Given
from estran.venues.terms import Who
from estran.visits import quotas
from estran.visits.rules import State
from estran.visits.tables import Visit

SUSPENDED = 2
"""The status bits of a pass that rests (pass-format §3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comer:
    """Who comes: that ambassador, or one of whom only this is known."""

    ambassador_id: UUID | None = None
    is_certified: bool = False
    circle_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """A pass in good order at a venue, at an instant: `exp` and `iat` as signed, and all that the scanner knows."""

    exp: int
    iat: int | None
    context: Context

    def verdict(self) -> Verdict:
        """What the scanner would say."""
        return check(exp=self.exp, iat=self.iat, context=self.context)


async def door(
    venue_id: UUID,
    comer: Comer,
    *,
    at: datetime,
    decisions: Decisions = UNDECIDED,
    is_paper: bool = False,
    used: int | None = None,
) -> Door:
    """That venue's door at `at`, before this person. `used`: visits already made; None: as recorded. Raises NotFound."""
    house, venue, benefits = await club.house(), await venues.venue(venue_id), await venues.benefits_of(venue_id)
    now, person_id = at.timestamp(), comer.ambassador_id
    today = clock.local_day(at, ZoneInfo(house.zone))
    is_good, status = await _standing(person_id, at)
    counted = await quotas.uses(benefits, now=at, ambassador_id=person_id) if person_id else {}
    found = {str(key): uses.counts.get(person_id, 0) for key, uses in counted.items() if person_id}
    context = Context(
        now=now,
        zone=house.zone,
        clock_confirmed=True,
        status=status,
        snapshot_age_s=0,
        snapshot_limit_s=house.snapshot_limit_days * 86400,
        venue_paused=venue.paused_at is not None or venue.archived_at is not None,
        closures=closures.spans(await closures.closures_of(venue_id, since=today)),
        benefits=await _terms(benefits, comer, at),
        used=found if used is None else {str(one.id): used for one in benefits if one.terms.quota is not None},
        previous_at=await _previous(venue_id, person_id, today.isoformat(), at) if person_id and used is None else None,
        decisions=decisions,
    )
    exp = int(now) + 86400 if is_good else int(now) - 1
    return Door(exp, None if is_paper else int(now), context)


async def _standing(person_id: UUID | None, at: datetime) -> tuple[bool, int]:
    """Whether the pass would still be valid at `at`, and its status bits; that of somebody unnamed is good."""
    if person_id is None:
        return True, 0
    await club.ambassador(person_id)
    newcomers = await passes.newcomers([person_id])
    standing = (await club.standings([person_id], now=at, newcomers=newcomers))[person_id]
    if standing.eligibility in SUSPENDING:
        return True, SUSPENDED
    return standing.eligibility is Eligibility.ELIGIBLE, 0


async def _terms(benefits: list[Given], comer: Comer, at: datetime) -> list[BenefitTerms]:
    people = await entitlement.entitled({one.id: one.terms for one in benefits}, now=at)
    return [
        BenefitTerms(
            id=str(one.id), version=one.version, terms=one.terms, entitled=_is_for(comer, one, people.get(one.id))
        )
        for one in benefits
    ]


def _is_for(comer: Comer, benefit: Given, people: set[UUID] | None) -> bool:
    if people is None:
        return True
    if comer.ambassador_id is not None:
        return comer.ambassador_id in people
    if benefit.terms.who is Who.CERTIFIED:
        return comer.is_certified
    return benefit.terms.who is Who.CIRCLE and comer.circle_id == benefit.terms.circle_id


async def _previous(venue_id: UUID, person_id: UUID, day: str, at: datetime) -> float | None:
    """When this person was last let in here on that day, before `at`."""
    rows: list[datetime] = await (
        Visit.select(Visit.at)
        .where(
            Visit.venue_id == venue_id,
            Visit.ambassador_id == person_id,
            Visit.on_day == day,
            Visit.state == State.COUNTED.value,
            Visit.slot_id.is_null(),
            Visit.at <= at,
        )
        .output(as_list=True)
    )
    return max(rows).timestamp() if rows else None
