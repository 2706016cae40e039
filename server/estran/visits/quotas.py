"""What a quota has counted: docs/benefits.md §3. Reads only; a visit counts once its state is `counted`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from estran import clock
from estran.club import service as club
from estran.db import fetch
from estran.venues import groups
from estran.venues.opening import Period, period_of
from estran.venues.service import Given
from estran.venues.terms import Per, Quota, Scope, Terms

FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"


# --- what is counted together -----------------------------------------------------------------------------------------


class Counted(NamedTuple):
    """Visits that a quota counts together, whoever's: those with a benefit or at some venues, on some days."""

    is_of_benefit: bool
    ids: frozenset[UUID]
    """The benefit, or the venues."""
    first: str
    last: str

    def holds(self, benefit_id: UUID | None, venue_id: UUID, on_day: str) -> bool:
        """Whether it counts such a visit."""
        place = benefit_id if self.is_of_benefit else venue_id
        return place in self.ids and self.first <= on_day <= self.last


def _what(
    quota: Quota, period: Period, benefit_id: UUID, venue_id: UUID, shared: Mapping[UUID, set[UUID]], begun: str
) -> Counted:
    """What this quota counts in this period; of a mandate, from the day `begun` on. `shared`: the venues of each group."""
    is_of_benefit = quota.scope is Scope.BENEFIT
    group = shared.get(quota.group_id, set()) if quota.group_id is not None else set()
    ids = {benefit_id} if is_of_benefit else {venue_id} | group
    return Counted(is_of_benefit, frozenset(ids), period.first or begun, period.last or LAST_DAY)


async def _shared(quotas: Iterable[Quota]) -> Mapping[UUID, set[UUID]]:
    """The venues of each group, read only where a quota counts those of one."""
    return await groups.members() if any(quota.scope is Scope.GROUP for quota in quotas) else {}


async def _count(counted: Counted, people: Collection[UUID] | None, *more: str) -> list[dict[str, Any]]:
    """How many such visits each of these people has (None: everybody), by the further columns named."""
    columns = ", ".join(("ambassador_id", *more))
    whose = f"IN ({_marks(people)})" if people is not None else "IS NOT NULL"
    # An arrival at an event has no benefit, and is no entry of its venue.
    where = "benefit_id IN (%s)" if counted.is_of_benefit else "slot_id IS NULL AND venue_id IN (%s)"
    sql = (
        f"SELECT {columns}, COUNT(*) AS n FROM visits_visit"  # noqa: S608 - our own names
        f" WHERE {where.replace('%s', _marks(counted.ids))}"
        f" AND ambassador_id {whose} AND state = 'counted' AND on_day >= {{}} AND on_day <= {{}} GROUP BY {columns}"
    )
    return await fetch(sql, *sorted(counted.ids), *sorted(people or ()), counted.first, counted.last)


def _marks(values: Collection[object]) -> str:
    return ", ".join(["{}"] * len(values))


async def _mandates(people: Collection[UUID], now: datetime) -> dict[UUID, str]:
    """The first day of each one's mandate: mandates that follow each other without a gap are one."""
    standings = await club.standings(sorted(people), now=now)
    return {
        person: standing.term.begins_on.isoformat()
        for person, standing in standings.items()
        if standing.term is not None
    }


# --- of one visit, at intake ------------------------------------------------------------------------------------------


class Count(NamedTuple):
    """A number that a visit is held against: what a quota has counted of one ambassador."""

    ambassador_id: UUID
    counted: Counted

    def holds(self, ambassador_id: UUID, benefit_id: UUID | None, venue_id: UUID, on_day: str) -> bool:
        """Whether it counts such a visit."""
        return ambassador_id == self.ambassador_id and self.counted.holds(benefit_id, venue_id, on_day)


@dataclass(frozen=True, slots=True)
class Use:
    """A visit that a quota is to be asked about; `day` is ISO."""

    ambassador_id: UUID
    benefit_id: UUID
    venue_id: UUID
    terms: Terms
    day: str


async def counts_for(uses_: Mapping[UUID, Use], *, now: datetime) -> tuple[dict[UUID, Count], dict[Count, int]]:
    """By visit: what it is held against; and what each of these has counted so far. Nothing is read where no quota is."""
    limited = {visit_id: (use, use.terms.quota) for visit_id, use in uses_.items() if use.terms.quota is not None}
    if not limited:
        return {}, {}
    shared = await _shared(quota for _, quota in limited.values())
    of_mandate = {use.ambassador_id for use, quota in limited.values() if quota.per is Per.VALIDITY}
    begun = await _mandates(of_mandate, now) if of_mandate else {}
    counts = {}
    for visit_id, (use, quota) in limited.items():
        period = period_of(quota, use.terms.seasons, use.day)
        if period is not None:
            since = begun.get(use.ambassador_id, use.day)
            counted = _what(quota, period, use.benefit_id, use.venue_id, shared, since)
            counts[visit_id] = Count(use.ambassador_id, counted)
    return counts, await _so_far(set(counts.values()))


async def _so_far(counts: Collection[Count]) -> dict[Count, int]:
    """One query for all the people who are held against the same."""
    same: dict[Counted, set[UUID]] = defaultdict(set)
    for person, counted in counts:
        same[counted].add(person)
    found = dict.fromkeys(counts, 0)
    for counted, people in same.items():
        for row in await _count(counted, people):
            found[Count(row["ambassador_id"], counted)] = int(row["n"])
    return found


# --- of everybody, now ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Uses:
    """How many visits each ambassador has in the present period of a benefit's quota."""

    period: Period
    counts: Mapping[UUID, int] = field(default_factory=dict)


async def uses(benefits: Iterable[Given], *, now: datetime, ambassador_id: UUID | None = None) -> dict[UUID, Uses]:
    """By benefit with a quota that has a period at `now`; of one ambassador, or of everybody."""
    limited = [(benefit, benefit.terms.quota) for benefit in benefits if benefit.terms.quota is not None]
    people = None if ambassador_id is None else [ambassador_id]
    shared = await _shared(quota for _, quota in limited)
    day = clock.local_day(now, await club.zone()).isoformat()
    found: dict[UUID, Uses] = {}
    for benefit, quota in limited:
        period = period_of(quota, benefit.terms.seasons, day)
        if period is not None:
            counted = _what(quota, period, benefit.id, benefit.venue_id, shared, FIRST_DAY)
            is_of_mandate = quota.per is Per.VALIDITY
            counts = await (_in_mandate(counted, people, now) if is_of_mandate else _in_period(counted, people))
            found[benefit.id] = Uses(period, counts)
    return found


async def _in_period(counted: Counted, people: Collection[UUID] | None) -> dict[UUID, int]:
    return {row["ambassador_id"]: int(row["n"]) for row in await _count(counted, people)}


async def _in_mandate(counted: Counted, people: Collection[UUID] | None, now: datetime) -> dict[UUID, int]:
    """Each person's visits since their own mandate began."""
    rows = await _count(counted, people, "on_day")
    begun = await _mandates({row["ambassador_id"] for row in rows}, now)
    counts: dict[UUID, int] = defaultdict(int)
    for row in rows:
        if row["on_day"] >= begun.get(row["ambassador_id"], LAST_DAY):
            counts[row["ambassador_id"]] += int(row["n"])
    return counts


# --- of one person, for the phone -------------------------------------------------------------------------------------


async def own_uses(benefits: Collection[Given], ambassador_id: UUID, *, now: datetime) -> dict[UUID, Uses]:
    """By benefit: this ambassador's visits in the period of its quota; with it in the calendar year, where it has none."""
    limited = await uses(benefits, now=now, ambassador_id=ambassador_id)
    year = clock.local_day(now, await club.zone()).year
    period = Period(f"{year}-01-01", f"{year}-12-31")
    rows = await fetch(
        "SELECT benefit_id, COUNT(*) AS n FROM visits_visit WHERE ambassador_id = {} AND state = 'counted'"
        " AND benefit_id IS NOT NULL AND on_day >= {} AND on_day <= {} GROUP BY benefit_id",
        ambassador_id,
        period.first,
        period.last,
    )
    counted = {row["benefit_id"]: int(row["n"]) for row in rows}
    free = {
        one.id: Uses(period, {ambassador_id: counted.get(one.id, 0)}) for one in benefits if one.terms.quota is None
    }
    return free | limited
