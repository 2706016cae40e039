"""What visits add up to. Reads only; days are the club's, both ends included; a visit is one that counts."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from piccolo.query.functions.aggregate import Sum

from estran import db
from estran.venues.tables import Venue
from estran.visits.rules import State
from estran.visits.tables import Tally, Visit

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Totals:
    """Visits that count, the paying companions they brought, and scans that were refused."""

    visits: int
    companions: int
    refused: int


@dataclass(frozen=True, slots=True)
class VenueCount:
    """One venue's share, on one day or over a period."""

    venue_id: UUID
    venue: str
    visits: int
    companions: int
    refused: int = 0
    day: date | None = None


async def totals(first: date, last: date, venue_id: UUID | None = None) -> Totals:
    """The three figures of a period, for the club or one venue."""
    rows = {row["state"]: row for row in await db.report(_at(venue_id, _sums(first, last, Tally.state)))}
    counted, refused = rows.get(State.COUNTED), rows.get(State.REFUSED)
    return Totals(
        visits=int(counted["n"]) if counted else 0,
        companions=int(counted["companions"]) if counted else 0,
        refused=int(refused["n"]) if refused else 0,
    )


def _sums(first: date, last: date, *columns: Any) -> Any:  # noqa: ANN401 - Piccolo's query types are as wide
    """The tally of a period, added up by these columns."""
    figures = (Sum(Tally.n, alias="n"), Sum(Tally.companions, alias="companions"))
    return (
        Tally.select(*columns, *figures)
        .where(Tally.on_day >= first.isoformat(), Tally.on_day <= last.isoformat())
        .group_by(*columns)
    )


def _at(venue_id: UUID | None, query: Any) -> Any:  # noqa: ANN401 - as above
    """The same at one venue; None: everywhere."""
    return query if venue_id is None else query.where(Tally.venue_id == venue_id)


async def per_week(first: date, last: date, venue_id: UUID | None = None) -> list[tuple[date, int]]:
    """Visits by week (its Monday), weeks without any included."""
    weeks: dict[date, int] = {}
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        weeks[monday] = 0
        monday += WEEK
    query = _sums(first, last, Tally.on_day).where(Tally.state == State.COUNTED.value)
    for row in await db.report(_at(venue_id, query)):
        day = date.fromisoformat(row["on_day"])
        weeks[day - timedelta(days=day.weekday())] += int(row["n"])
    return list(weeks.items())


async def per_venue(first: date, last: date) -> list[VenueCount]:
    """Visits, companions and refused scans of each venue, most visits first; archived venues only when they had any."""
    found: dict[UUID, dict[str, dict[str, Any]]] = {}
    for row in await db.report(_sums(first, last, Tally.venue_id, Tally.state)):
        found.setdefault(UUID(str(row["venue_id"])), {})[row["state"]] = row
    nothing = {"n": 0, "companions": 0}
    rows = []
    for venue in await Venue.objects():
        counted = found.get(venue.id, {}).get(State.COUNTED.value, nothing)
        refused = found.get(venue.id, {}).get(State.REFUSED.value, nothing)
        if venue.id in found or venue.archived_at is None:
            rows.append(
                VenueCount(
                    venue_id=venue.id,
                    venue=venue.name,
                    visits=int(counted["n"]),
                    companions=int(counted["companions"]),
                    refused=int(refused["n"]),
                )
            )
    return sorted(rows, key=lambda row: (-row.visits, row.venue))


async def refused_by_reason(first: date, last: date, venue_id: UUID | None = None) -> list[tuple[str, int]]:
    """Refused scans by the scanner's reason, most frequent first."""
    query = _sums(first, last, Tally.reason).where(Tally.state == State.REFUSED.value)
    rows = [(str(row["reason"]), int(row["n"])) for row in await db.report(_at(venue_id, query))]
    return sorted((row for row in rows if row[1]), key=lambda row: (-row[1], row[0]))


async def is_begun() -> bool:
    """Whether any scan ever arrived, counted or refused, even one whose details are erased by now."""
    return await Visit.exists() or await Tally.exists()


async def latest_days(first: date, last: date, venue_id: UUID | None = None, limit: int = 12) -> list[VenueCount]:
    """The newest days with visits, one row per day and venue: no names."""
    query = (
        Tally.select(Tally.on_day, Tally.venue_id, Tally.n, Tally.companions)
        .where(
            Tally.on_day >= first.isoformat(),
            Tally.on_day <= last.isoformat(),
            Tally.state == State.COUNTED.value,
            Tally.n > 0,
        )
        .order_by(Tally.on_day, ascending=False)
        .order_by(Tally.venue_id)
        .limit(limit)
    )
    names = {venue.id: venue.name for venue in await Venue.objects()}
    return [
        VenueCount(
            venue_id=(venue_id := UUID(str(row["venue_id"]))),
            venue=names[venue_id],
            visits=int(row["n"]),
            companions=int(row["companions"]),
            day=date.fromisoformat(row["on_day"]),
        )
        for row in await db.report(_at(venue_id, query))
    ]
