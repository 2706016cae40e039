"""What the desk counts. Reads only; days are the club's, both ends included; a visit is one that counts."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from piccolo.query.functions.aggregate import Count, Sum

from estran import db
from estran.inbox import tables
from estran.inbox.service import Item
from estran.venues.tables import Venue
from estran.visits.rules import State
from estran.visits.tables import Visit

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
    day: date | None = None


@dataclass(frozen=True, slots=True)
class PersonVisit:
    """One scan of somebody's pass."""

    id: UUID
    at: datetime
    venue: str
    state: str
    reason: str
    companions: int


async def totals(first: date, last: date, venue_id: UUID | None = None) -> Totals:
    """The three figures of a period, for the club or one venue."""
    query = _between(first, last).group_by(Visit.state)
    if venue_id is not None:
        query = query.where(Visit.venue_id == venue_id)
    rows = {row["state"]: row for row in await db.report(query)}
    counted, refused = rows.get(State.COUNTED), rows.get(State.REFUSED)
    return Totals(
        visits=int(counted["n"]) if counted else 0,
        companions=int(counted["companions"] or 0) if counted else 0,
        refused=int(refused["n"]) if refused else 0,
    )


def _between(first: date, last: date, *columns: Any) -> Any:  # noqa: ANN401 - Piccolo's query types are as wide
    """Counts and sums of a period's scans, by the given columns (by state when there are none)."""
    figures = (Count(alias="n"), Sum(Visit.companions, alias="companions"))
    return Visit.select(*(columns or (Visit.state,)), *figures).where(
        Visit.on_day >= first.isoformat(), Visit.on_day <= last.isoformat()
    )


async def per_week(first: date, last: date) -> list[tuple[date, int]]:
    """Visits by week (its Monday), weeks without any included."""
    query = _between(first, last, Visit.on_day).where(Visit.state == State.COUNTED).group_by(Visit.on_day)
    weeks: dict[date, int] = {}
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        weeks[monday] = 0
        monday += WEEK
    for row in await db.report(query):
        day = date.fromisoformat(row["on_day"])
        weeks[day - timedelta(days=day.weekday())] += int(row["n"])
    return list(weeks.items())


async def per_venue(first: date, last: date) -> list[VenueCount]:
    """Visits and companions of each venue, most visits first; venues without any come last."""
    query = _between(first, last, Visit.venue_id).where(Visit.state == State.COUNTED).group_by(Visit.venue_id)
    found = {row["venue_id"]: row for row in await db.report(query)}
    found = {UUID(str(venue_id)): row for venue_id, row in found.items()}
    rows = [
        VenueCount(
            venue_id=venue.id,
            venue=venue.name,
            visits=int(found[venue.id]["n"]) if venue.id in found else 0,
            companions=int(found[venue.id]["companions"] or 0) if venue.id in found else 0,
        )
        for venue in await Venue.objects()
        if venue.id in found or venue.archived_at is None
    ]
    return sorted(rows, key=lambda row: (-row.visits, row.venue))


async def refused_by_reason(first: date, last: date) -> list[tuple[str, int]]:
    """Refused scans by the scanner's reason, most frequent first."""
    query = _between(first, last, Visit.reason).where(Visit.state == State.REFUSED).group_by(Visit.reason)
    rows = [(str(row["reason"]), int(row["n"])) for row in await db.report(query)]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


async def latest_days(first: date, last: date, limit: int = 12) -> list[VenueCount]:
    """The newest days with visits, one row per day and venue: no names."""
    query = (
        _between(first, last, Visit.on_day, Visit.venue_id)
        .where(Visit.state == State.COUNTED)
        .group_by(Visit.on_day, Visit.venue_id)
        .order_by(Visit.on_day, ascending=False)
        .limit(limit)
    )
    names = {venue.id: venue.name for venue in await Venue.objects()}
    return [
        VenueCount(
            venue_id=(venue_id := UUID(str(row["venue_id"]))),
            venue=names[venue_id],
            visits=int(row["n"]),
            companions=int(row["companions"] or 0),
            day=date.fromisoformat(row["on_day"]),
        )
        for row in await db.report(query)
    ]


async def visits_of(ambassador_id: UUID, limit: int = 500) -> list[PersonVisit]:
    """Every scan of somebody's passes, newest first, refused ones too. Opening it is an act: record it first."""
    names = {venue.id: venue.name for venue in await Venue.objects()}
    rows = (
        await Visit.objects()
        .where(Visit.ambassador_id == ambassador_id)
        .order_by(Visit.at, ascending=False)
        .limit(limit)
    )
    return [
        PersonVisit(
            id=row.id,
            at=row.at,
            venue=names[row.venue_id],
            state=row.state,
            reason=row.reason,
            companions=row.companions,
        )
        for row in rows
    ]


async def answered_items(limit: int = 100) -> list[Item]:
    """What was answered in the inbox, newest answer first."""
    query = tables.Item.objects().where(tables.Item.answered_at.is_not_null())
    return [
        Item(
            id=row.id,
            kind=row.kind,
            at=row.at,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            venue_id=row.venue_id,
            ambassador_id=row.ambassador_id,
            details=json.loads(row.details),
            answered_at=row.answered_at,
            answer=row.answer,
        )
        for row in await query.order_by(tables.Item.answered_at, ascending=False).limit(limit)
    ]
