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
from estran.venues.sentences import give
from estran.venues.terms import read as read_terms
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
    benefit_version: int | None
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
    """The venue's scans on these days, newest first, refused ones too; who came to an event is none of its entries."""
    rows = await (
        Visit.objects()
        .where(
            Visit.venue_id == venue_id,
            Visit.slot_id.is_null(),
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
            benefit_version=row.benefit_version,
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


@dataclass(frozen=True, slots=True)
class Gifts:
    """What the venue gives or ever gave, in a few words, by benefit and version."""

    words: Mapping[tuple[UUID, int], str]
    newest: Mapping[UUID, str]

    def of(self, entry: Entry) -> str:
        """What the entry was given, as it was said then; empty when it was nothing."""
        if entry.benefit_id is None:
            return ""
        newest = self.newest.get(entry.benefit_id, "")
        return self.words.get((entry.benefit_id, entry.benefit_version or 0), newest)


async def gifts(venue_id: UUID, lang: str) -> Gifts:
    """Everything the venue gives or ever gave."""
    sql = (
        "SELECT v.benefit_id, v.version, v.terms FROM venues_benefit_version v"
        " JOIN venues_benefit b ON b.id = v.benefit_id WHERE b.venue_id = {} ORDER BY v.version"
    )
    rows = await fetch(sql, venue_id)
    words = {
        (UUID(str(row["benefit_id"])), int(row["version"])): give(terms, lang)
        for row in rows
        if (terms := read_terms(row["terms"])) is not None
    }
    return Gifts(words, {benefit_id: said for (benefit_id, _), said in words.items()})
