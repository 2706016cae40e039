"""What waits for the officer about events: told in the inbox, closed by itself once it is settled. Called by the chores."""

from datetime import datetime
from uuid import UUID

from estran.db import writes
from estran.events import replies
from estran.events import service as events
from estran.events.rules import Reply, Stage
from estran.events.tables import Event, Invitee, Slot
from estran.inbox import service as inbox

UNANSWERED, TO_SUM_UP = "event_unanswered", "event_to_sum_up"
"""Kinds of inbox items. Stored."""
SILENT, PLACES = "silent", "places"
"""What an item of the first kind is about: nobody heard of, or places left while somebody waits. Stored in its details."""


@writes
async def events_watch(*, now: datetime) -> None:
    """A line for each event whose replies are over and incomplete, that has room for who waits, or is to be summed up."""
    rows = await events.events()
    times = await events.slots([row.id for row in rows])
    due: set[object] = set()
    for row in rows:
        for kind, about, at in await _waiting(row, times[row.id], now):
            key = f"{kind}:{row.id}:{about}:{at.isoformat()}"
            due.add(key)
            await inbox.drop(
                kind,
                key=key,
                now=now,
                at=at,
                subject_kind="event",
                subject_id=row.id,
                details={"about": about, "key": key},
            )
    for item in await inbox.open_items():
        if item.kind in {UNANSWERED, TO_SUM_UP} and item.details.get("key") not in due:
            await inbox.close(str(item.details.get("key")), now=now)


async def _waiting(row: Event, times: list[Slot], now: datetime) -> list[tuple[str, str, datetime]]:
    """What waits about this event: the kind, what it is about, and since when."""
    stage = events.stage_of(row, times, now=now)
    if stage is Stage.HELD:
        return [(TO_SUM_UP, "", max(one.ends_at for one in times))]
    found: list[tuple[str, str, datetime]] = []
    if stage is Stage.CLOSED and row.reply_by is not None and await n_silent(row.id):
        found.append((UNANSWERED, SILENT, row.closed_at or row.reply_by))
    if stage in {Stage.OPEN, Stage.CLOSED} and (served := await to_serve(row, times, now=now)):
        found.append((UNANSWERED, PLACES, min(one.replied_at or now for one in served)))
    return found


async def n_silent(event_id: UUID) -> int:
    """How many were invited and have not replied."""
    return int(
        await Invitee.count().where(
            Invitee.event_id == event_id, Invitee.invited_at.is_not_null(), Invitee.reply == Reply.AWAITED.value
        )
    )


async def to_serve(row: Event, times: list[Slot], *, now: datetime) -> list[Invitee]:
    """Who waits for a slot that has a place for their whole party, in the order of the waiting list.

    There are such only in a slot's last day: before, a place that becomes free is given at once.
    """
    ahead = [one for one in times if one.starts_at > now]
    return [waiter for one in ahead for waiter in await replies.next_in(row, one, now=now)]
