"""Days on which a venue is closed to everybody. Every act leaves an entry in the history."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID, uuid4

from estran.actor import Actor
from estran.db import writes
from estran.errors import Conflict, Invalid, NotFound
from estran.history import service as history
from estran.venues import opening, rules, service
from estran.venues.tables import Closure
from estran.venues.terms import Span

WHY_MAX = 120
CLOSURES_MAX = 24
"""Of one venue that are not over yet: two years of months."""


async def closures_of(venue_id: UUID, *, since: date | None = None) -> list[Closure]:
    """The venue's closures that are not over before `since`, the next one first."""
    rows = await Closure.objects().where(Closure.venue_id == venue_id).order_by(Closure.first_on)
    return [row for row in rows if since is None or row.last_on >= since]


async def closures(*, since: date) -> dict[UUID, list[Closure]]:
    """Every venue's closures that are not over before `since`, by venue."""
    found: dict[UUID, list[Closure]] = {}
    for row in await Closure.objects().where(Closure.last_on >= since).order_by(Closure.first_on):
        found.setdefault(row.venue_id, []).append(row)
    return found


def spans(rows: Collection[Closure]) -> list[Span]:
    """The closures as the rules take them."""
    return [Span(row.first_on.isoformat(), row.last_on.isoformat()) for row in rows]


def closed_until(rows: Collection[Closure], today: date) -> date | None:
    """The last day of the closure that holds today, through those that follow it without a gap; None: it is not closed."""
    last = opening.closed_until(spans(rows), today.isoformat())
    return None if last is None else date.fromisoformat(last)


@writes
async def add_closure(
    actor: Actor, venue_id: UUID, first_on: date, last_on: date, why: str, *, now: datetime
) -> Closure:
    """The venue is closed on these days, both included; the same days twice are once. Raises Invalid, Conflict, NotFound."""
    await service.venue(venue_id)
    why = rules.clean_line(why)
    if last_on < first_on:
        raise Invalid("bad_days", "a closure ends after it begins", fields=["last_on"])
    if len(why) > WHY_MAX:
        raise Invalid("too_long", "the reason is too long", fields=["why"])
    rows = await closures_of(venue_id)
    for row in rows:
        if (row.first_on, row.last_on) == (first_on, last_on):
            return row
    if len([row for row in rows if row.last_on >= now.date()]) >= CLOSURES_MAX:
        raise Conflict("too_many_closures", "this venue has 24 closures already: remove one first")
    made = Closure(id=uuid4(), venue_id=venue_id, first_on=first_on, last_on=last_on, why=why, created_at=now)
    await made.save()
    await history.record(actor, "venues.add_closure", "venue", venue_id, now=now, why=why or None, details=_days(made))
    return made


@writes
async def remove_closure(actor: Actor, venue_id: UUID, closure_id: UUID, *, now: datetime) -> None:
    """The venue is open on these days after all. Raises NotFound."""
    row = await Closure.objects().where(Closure.id == closure_id, Closure.venue_id == venue_id).first()
    if row is None:
        raise NotFound("unknown_closure", "no such closure of this venue")
    await row.remove()
    await history.record(actor, "venues.remove_closure", "venue", venue_id, now=now, details=_days(row))


def _days(row: Closure) -> dict[str, str]:
    return {"begins_on": row.first_on.isoformat(), "ends_on": row.last_on.isoformat()}
