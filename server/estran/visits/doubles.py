"""Visits that may be one: the same ambassador at the same venue on the same day, noted by two scanners. docs/sync.md §6.

Arrivals at one slot of an event are compared among themselves: coming to the museum and to its concert is not twice the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from estran.db import fetch
from estran.visits import flags, rules
from estran.visits.rules import STANDING, Flag, Once, State
from estran.visits.tables import Visit


class Day(NamedTuple):
    """One ambassador's day at a venue: their entries, or their arrivals at one slot of an event."""

    ambassador_id: UUID
    on_day: str
    slot_id: UUID | None


class Noted(Protocol):
    """What of a visit is compared."""

    @property
    def ambassador_id(self) -> UUID | None:
        """Whose it is."""

    @property
    def on_day(self) -> str:
        """Its day in the club's zone."""

    @property
    def slot_id(self) -> UUID | None:
        """Of an arrival."""


_STANDING = (
    "SELECT id, device_id, ambassador_id, on_day, slot_id, at, again FROM visits_visit"
    " WHERE ambassador_id IN (%s) AND at >= {} AND at < {} AND venue_id = {} AND state IN ('counted', 'to_confirm')"
)


async def note(venue_id: UUID, come: Iterable[Noted], gone: Iterable[Noted], *, now: datetime) -> None:
    """Ask the officer about each visit that may be another's double, on the days to which visits came or from which they went.

    What was asked about a day from which one has gone, and no longer holds, is settled. One query, in the caller's transaction.
    """
    left = _days(gone)
    days = left | _days(come)
    for day, visits in (await _standing(venue_id, days)).items():
        twice = rules.doubles(visits)
        for visit in visits:
            if visit.id in twice:
                await flags.show(
                    Flag.POSSIBLE_DOUBLE,
                    visit.id,
                    venue_id=venue_id,
                    ambassador_id=day.ambassador_id,
                    now=now,
                    at=visit.at,
                )
            elif day in left:
                await flags.close(Flag.POSSIBLE_DOUBLE, visit.id, now=now)


def _days(visits: Iterable[Noted]) -> set[Day]:
    return {Day(one.ambassador_id, one.on_day, one.slot_id) for one in visits if one.ambassador_id is not None}


async def _standing(venue_id: UUID, days: Collection[Day]) -> dict[Day, list[Once]]:
    """The visits of these days that stand."""
    found: dict[Day, list[Once]] = defaultdict(list)
    if not days:
        return found
    people = {day.ambassador_id for day in days}
    # Instants, for the index; a day of any zone lies between the day before and the day after in UTC.
    first, last = min(day.on_day for day in days), max(day.on_day for day in days)
    since, until = _midnight(first) - timedelta(days=1), _midnight(last) + timedelta(days=2)
    sql = _STANDING.replace("%s", ", ".join(["{}"] * len(people)))
    for row in await fetch(sql, *people, since, until, venue_id):
        day = Day(row["ambassador_id"], row["on_day"], row["slot_id"])
        if day in days:
            found[day].append(Once(row["id"], row["device_id"], row["at"], is_decided=row["again"] is not None))
    return found


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), UTC)


async def first_of(visit: Visit) -> Visit | None:
    """The visit of which this one may be the double: the last before it on another scanner, rather one that stands."""
    if visit.ambassador_id is None:
        return None
    rows: list[Any] = await Visit.objects().where(
        Visit.ambassador_id == visit.ambassador_id,
        Visit.venue_id == visit.venue_id,
        Visit.on_day == visit.on_day,
        Visit.slot_id.is_null() if visit.slot_id is None else Visit.slot_id == visit.slot_id,
        Visit.device_id != visit.device_id,
        Visit.state.is_in([*(state.value for state in STANDING), State.CANCELLED.value]),
        Visit.at <= visit.at,
    )
    return max(rows, key=lambda row: (row.state != State.CANCELLED, row.at, row.id), default=None)
