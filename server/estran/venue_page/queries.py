"""What a venue reads of itself: its entries, with names while they may be said, and its figures. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from estran import clock
from estran.club.rules import display_name
from estran.club.tables import Ambassador
from estran.db import fetch
from estran.venue_page.rules import is_named
from estran.venues import rules as venue_rules
from estran.venues.tables import Benefit, Closure
from estran.visits import queries as visits
from estran.visits.queries import Totals
from estran.visits.rules import State
from estran.visits.tables import Visit


@dataclass(frozen=True, slots=True)
class Entry:
    """One scan at the venue, and what became of it."""

    id: UUID
    at: datetime
    state: str
    reason: str
    name: str
    """First name and initial; empty when it may not be said, or when nobody's is known."""
    benefit_id: UUID | None
    companions: int
    guests: int
    """Who came in free with the ambassador, children too."""


@dataclass(frozen=True, slots=True)
class Used:
    """How often a benefit was used, and how many came in free with it beside the ambassadors."""

    benefit_id: UUID
    n: int
    guests: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A period at one venue, both days included: visits that count, and scans that were refused."""

    first: date
    last: date
    totals: Totals
    used: tuple[Used, ...]

    @property
    def guests(self) -> int:
        """Everybody who came in free with an ambassador."""
        return sum(row.guests for row in self.used)


async def entries(venue_id: UUID, first: date, last: date, zone: ZoneInfo, today: date, limit: int) -> list[Entry]:
    """The venue's scans on these days, newest first, refused ones too."""
    rows = await (
        Visit.objects()
        .where(
            Visit.venue_id == venue_id,
            Visit.at >= clock.start_of_day(first, zone),
            Visit.at < clock.start_of_day(last + timedelta(days=1), zone),
        )
        .order_by(Visit.at, ascending=False)
        .limit(limit)
    )
    named = {row.id for row in rows if is_named(row.state, clock.local_day(row.at, zone), today)}
    names = await _names({row.ambassador_id for row in rows if row.id in named and row.ambassador_id is not None})
    return [
        Entry(
            id=row.id,
            at=row.at,
            state=row.state,
            reason=row.reason,
            name=names.get(row.ambassador_id, "") if row.id in named else "",
            benefit_id=row.benefit_id,
            companions=row.companions,
            guests=row.guests + row.children,
        )
        for row in rows
    ]


async def _names(ids: set[UUID]) -> Mapping[UUID, str]:
    if not ids:
        return {}
    people = await Ambassador.objects().where(Ambassador.id.is_in(list(ids)), Ambassador.erased_at.is_null())
    return {person.id: display_name(person.first_name, person.last_name) for person in people}


async def figures(venue_id: UUID, first: date, last: date) -> Figures:
    """What a period adds up to at this venue; benefits most used first."""
    sql = (
        "SELECT benefit_id, COUNT(*) AS n, SUM(guests + children) AS guests FROM visits_visit"
        " WHERE venue_id = {} AND on_day >= {} AND on_day <= {} AND state = {} AND benefit_id IS NOT NULL"
        " GROUP BY benefit_id"
    )
    rows = await fetch(sql, venue_id, first.isoformat(), last.isoformat(), State.COUNTED.value)
    used = [Used(UUID(str(row["benefit_id"])), int(row["n"]), int(row["guests"])) for row in rows]
    return Figures(
        first=first,
        last=last,
        totals=await visits.totals(first, last, venue_id),
        used=tuple(sorted(used, key=lambda one: (-one.n, str(one.benefit_id)))),
    )


async def sentences(venue_id: UUID, lang: str) -> dict[UUID, str]:
    """Everything the venue gives or ever gave, in words, by the benefit's id."""
    rows = await Benefit.objects().where(Benefit.venue_id == venue_id)
    return {row.id: venue_rules.sentence(row, lang) for row in rows}


async def closures(venue_id: UUID, today: date) -> list[Closure]:
    """When the venue is closed from today on, in order."""
    query = Closure.objects().where(Closure.venue_id == venue_id, Closure.last_on >= today)
    return await query.order_by(Closure.first_on)
