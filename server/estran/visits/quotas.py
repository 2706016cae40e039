"""What a quota has counted: docs/benefits.md §3. Reads only; a visit counts once its state is `counted`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from estran import clock
from estran.club import service as club
from estran.db import fetch
from estran.venues import groups
from estran.venues.opening import Period, period_of
from estran.venues.service import Given
from estran.venues.terms import Per, Quota, Scope, Terms

LAST_DAY = "9999-12-31"


# --- of one visit, at intake ------------------------------------------------------------------------------------------


class Count(NamedTuple):
    """A number that a visit is held against: one ambassador's visits with a benefit, or at some venues, on some days."""

    ambassador_id: UUID
    is_of_benefit: bool
    ids: frozenset[UUID]
    """The benefit, or the venues."""
    first: str
    last: str

    def holds(self, ambassador_id: UUID, benefit_id: UUID | None, venue_id: UUID, on_day: str) -> bool:
        """Whether it counts such a visit."""
        place = benefit_id if self.is_of_benefit else venue_id
        return ambassador_id == self.ambassador_id and place in self.ids and self.first <= on_day <= self.last


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
    limited = {visit_id: use for visit_id, use in uses_.items() if use.terms.quota is not None}
    if not limited:
        return {}, {}
    quotas = [use.terms.quota for use in limited.values() if use.terms.quota is not None]
    shared = await groups.members() if any(quota.scope is Scope.GROUP for quota in quotas) else {}
    people = {use.ambassador_id for use in limited.values()}
    begun = await _mandates(people, now) if any(quota.per is Per.VALIDITY for quota in quotas) else {}
    counts = {}
    for visit_id, use in limited.items():
        count = _count(use, shared, begun.get(use.ambassador_id))
        if count is not None:
            counts[visit_id] = count
    return counts, await _counted(set(counts.values()))


def _count(use: Use, shared: Mapping[UUID, set[UUID]], begun: date | None) -> Count | None:
    quota = use.terms.quota
    period = period_of(quota, use.terms.seasons, use.day) if quota is not None else None
    if quota is None or period is None:
        return None
    first = period.first or (begun.isoformat() if begun else use.day)
    if quota.scope is Scope.BENEFIT:
        ids = {use.benefit_id}
    else:
        ids = {use.venue_id} | (shared.get(quota.group_id, set()) if quota.group_id is not None else set())
    return Count(use.ambassador_id, quota.scope is Scope.BENEFIT, frozenset(ids), first, period.last or LAST_DAY)


async def _mandates(people: Collection[UUID], now: datetime) -> dict[UUID, date]:
    standings = await club.standings(sorted(people), now=now)
    return {person: standing.term.begins_on for person, standing in standings.items() if standing.term is not None}


async def _counted(counts: Collection[Count]) -> dict[Count, int]:
    """One query for all the people who are held against the same."""
    same: dict[tuple[bool, frozenset[UUID], str, str], set[UUID]] = defaultdict(set)
    for count in counts:
        same[count[1:]].add(count.ambassador_id)
    found = dict.fromkeys(counts, 0)
    for (is_of_benefit, ids, first, last), people in same.items():
        column = "benefit_id" if is_of_benefit else "venue_id"
        sql = (
            f"SELECT ambassador_id, COUNT(*) AS n FROM visits_visit WHERE {column} IN ({_marks(ids)})"  # noqa: S608
            f" AND ambassador_id IN ({_marks(people)}) AND state = 'counted' AND on_day >= {{}} AND on_day <= {{}}"
            " GROUP BY ambassador_id"
        )
        for row in await fetch(sql, *sorted(ids), *sorted(people), first, last):
            found[Count(row["ambassador_id"], is_of_benefit, ids, first, last)] = int(row["n"])
    return found


def _marks(values: Collection[object]) -> str:
    return ", ".join(["{}"] * len(values))


# --- of everybody, now ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Uses:
    """How many visits each ambassador has in the present period of a benefit's quota."""

    period: Period
    counts: Mapping[UUID, int] = field(default_factory=dict)


async def uses(benefits: Iterable[Given], *, now: datetime, ambassador_id: UUID | None = None) -> dict[UUID, Uses]:
    """By benefit with a quota that has a period at `now`; of one ambassador, or of everybody."""
    day = clock.local_day(now, await club.zone()).isoformat()
    found: dict[UUID, Uses] = {}
    for benefit in benefits:
        quota = benefit.terms.quota
        period = period_of(quota, benefit.terms.seasons, day) if quota is not None else None
        if quota is not None and period is not None:
            where, values = await counted_visits(benefit, quota)
            if ambassador_id is not None:
                where, values = f"{where} AND ambassador_id = {{}}", [*values, ambassador_id]
            count = _since_mandate if quota.per is Per.VALIDITY else _in_period
            found[benefit.id] = Uses(period, await count(where, values, period, now))
    return found


async def counted_visits(benefit: Given, quota: Quota) -> tuple[str, list[Any]]:
    """The condition, in SQL, of the visits that this quota counts, whoever's and whenever; and its values."""
    if quota.scope is Scope.BENEFIT:
        return "benefit_id = {} AND state = 'counted'", [benefit.id]
    places = {benefit.venue_id}
    if quota.scope is Scope.GROUP and quota.group_id is not None:
        places |= (await groups.members()).get(quota.group_id, set())
    return f"venue_id IN ({_marks(places)}) AND state = 'counted'", sorted(places)


async def _in_period(where: str, values: list[Any], period: Period, _: datetime) -> dict[UUID, int]:
    sql = (
        f"SELECT ambassador_id, COUNT(*) AS n FROM visits_visit WHERE {where}"  # noqa: S608 - our own condition
        " AND ambassador_id IS NOT NULL AND on_day >= {} AND on_day <= {} GROUP BY ambassador_id"
    )
    return {row["ambassador_id"]: int(row["n"]) for row in await fetch(sql, *values, period.first, period.last)}


async def _since_mandate(where: str, values: list[Any], _: Period, now: datetime) -> dict[UUID, int]:
    """Each person's visits since their mandate began: mandates that follow each other without a gap are one."""
    sql = (
        f"SELECT ambassador_id, on_day, COUNT(*) AS n FROM visits_visit WHERE {where}"  # noqa: S608 - our own condition
        " AND ambassador_id IS NOT NULL GROUP BY ambassador_id, on_day"
    )
    rows = await fetch(sql, *values)
    standings = await club.standings(sorted({row["ambassador_id"] for row in rows}), now=now)
    counts: dict[UUID, int] = {}
    for row in rows:
        term = standings[row["ambassador_id"]].term
        if term is not None and row["on_day"] >= term.begins_on.isoformat():
            counts[row["ambassador_id"]] = counts.get(row["ambassador_id"], 0) + int(row["n"])
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
