"""Visits that only wait for the officer's word: one line in the inbox for each venue and day, answered for all at once.

A visit about which there is something to think has a line of its own, and is not among these.
"""

from datetime import datetime
from uuid import UUID, uuid4

from estran.db import writes
from estran.inbox import service as inbox
from estran.inbox.service import Item
from estran.visits.rules import State
from estran.visits.tables import Visit

WAITING = "waiting_entries"
"""Kind of the inbox item. Stored."""


async def visits_waiting(venue_id: UUID, on_day: str) -> list[UUID]:
    """The visits of that venue and day that wait to be confirmed and have no line of their own, oldest first."""
    ids: list[UUID] = (
        await Visit.select(Visit.id)
        .where(Visit.venue_id == venue_id, Visit.on_day == on_day, Visit.state == State.TO_CONFIRM.value)
        .order_by(Visit.at)
        .output(as_list=True)
    )
    own = {item.subject_id for item in await inbox.open_items() if item.subject_kind == "visit"} if ids else set()
    return [visit_id for visit_id in ids if visit_id not in own]


def day_of(item: Item) -> str:
    """The day that an item of this kind is about, ISO."""
    return str(item.details.get("day", ""))


def _key(venue_id: UUID, on_day: str, turn: str) -> str:
    return f"{WAITING}:{venue_id}:{on_day}:{turn}"


async def _open(venue_id: UUID, on_day: str) -> Item | None:
    for item in await inbox.open_items():
        if item.kind == WAITING and item.venue_id == venue_id and day_of(item) == on_day:
            return item
    return None


@writes
async def note(venue_id: UUID, on_day: str, *, now: datetime, at: datetime) -> None:
    """Visits of that venue and day wait, one of them since `at`: one line says so, however many they are.

    What comes after the line was answered makes another one: a phone may have been without network for days.
    """
    if await _open(venue_id, on_day) is None:
        turn = uuid4().hex[:8]
        await inbox.drop(
            WAITING,
            key=_key(venue_id, on_day, turn),
            now=now,
            at=at,
            subject_kind="venue",
            subject_id=venue_id,
            venue_id=venue_id,
            details={"day": on_day, "turn": turn},
        )


@writes
async def settle(venue_id: UUID, on_day: str, *, now: datetime) -> None:
    """The line answers itself when none of that venue and day waits any more."""
    item = await _open(venue_id, on_day)
    if item is not None and not await visits_waiting(venue_id, on_day):
        await inbox.close(_key(venue_id, on_day, str(item.details["turn"])), now=now)


@writes
async def settle_all(*, now: datetime) -> None:
    """The same for every such line: visits go by retention, too."""
    for item in await inbox.open_items():
        if item.kind == WAITING and item.venue_id is not None:
            await settle(item.venue_id, day_of(item), now=now)
