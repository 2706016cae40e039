"""What the officer does about events that takes several steps: one transaction each."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from estran.actor import Actor
from estran.db import writes
from estran.errors import Conflict
from estran.events import planning, replies, watch
from estran.events import service as events
from estran.events.planning import Draft, SlotDraft
from estran.events.rules import Who
from estran.events.tables import Event
from estran.history import service as history
from estran.inbox import service as inbox
from estran.visits import arrivals, late


@writes
async def save_event(
    actor: Actor,
    event_id: UUID | None,
    draft: Draft,
    times: Sequence[SlotDraft],
    picked: Collection[UUID],
    *,
    releases: int = 0,
    now: datetime,
) -> Event:
    """The event, new (`event_id` None) or changed, with whom it is for. Raises as `planning` does."""
    if event_id is None:
        row = await planning.add_event(actor, draft, times, now=now)
    else:
        row = await planning.edit_event(actor, event_id, draft, times, releases=releases, now=now)
    await planning.pick(actor, row.id, picked if row.who == Who.PICKED else [], now=now)
    return row


@writes
async def send(actor: Actor, event_id: UUID, reply_by: datetime | None, *, at_once: bool, now: datetime) -> int:
    """The invitations are on their way; first until when a reply is wished for (None: that is said already).

    Returns how many are new. Raises as `planning` does.
    """
    if reply_by is not None:
        await planning.set_deadline(actor, event_id, reply_by, now=now)
    return await planning.open_event(actor, event_id, at_once=at_once, now=now)


@writes
async def note_presence(
    actor: Actor, event_id: UUID, ticked: Mapping[UUID, int], unticked: Collection[UUID], *, now: datetime
) -> None:
    """The officer's word wherever it differs from what is known: who came (`ticked`, with guests), and who did not after all.

    Whoever is in neither stays as known: a scanner may have seen them since the list was shown.
    """
    known = await arrivals.present(event_id)
    for person, guests in ticked.items():
        if known.get(person) != guests:
            await planning.note_came(actor, event_id, person, came=True, guests=guests, now=now)
    for person in unticked:
        if person in known:
            await planning.note_came(actor, event_id, person, came=False, guests=0, now=now)


@writes
async def sum_up(actor: Actor, event_id: UUID, thanks: str, *, now: datetime) -> None:
    """The event is summed up with who is known to have come. Raises NotFound, Conflict `event_not_held`."""
    await planning.sum_up(actor, event_id, await arrivals.present(event_id), thanks, now=now)
    for item in await inbox.open_items():
        if item.kind == watch.TO_SUM_UP and item.subject_id == event_id:
            await inbox.answer(actor, item.id, "summed", now=now)


@writes
async def serve(actor: Actor, item_id: UUID, *, now: datetime) -> None:
    """Whoever waits and fits has a place: the answer to that line of the inbox, unless it has one. Raises NotFound."""
    item = await inbox.item(item_id)
    if item.answered_at is not None or item.subject_id is None:
        return
    row = await events.event(item.subject_id)
    for one in await watch.to_serve(row, await events.slots_of(row.id), now=now):
        await replies.give_place(actor, row.id, one.ambassador_id, now=now)
    await inbox.answer(actor, item_id, "served", now=now)


@writes
async def sum_up_as_seen(actor: Actor, item_id: UUID, *, now: datetime) -> None:
    """Who was seen at the door is who came: the answer to that line, unless it has one.

    Raises NotFound, Conflict `event_not_held`, `nobody_seen` or `scanner_unheard`.
    """
    item = await inbox.item(item_id)
    if item.answered_at is not None or item.subject_id is None:
        return
    present = await arrivals.present(item.subject_id)
    if not present:
        raise Conflict("nobody_seen", "no scanner saw anybody: say who came first")
    if await late.unheard(await events.event(item.subject_id), await events.slots_of(item.subject_id)):
        raise Conflict("scanner_unheard", "a scanner may still hold arrivals: wait for it, or say who came")
    await inbox.answer(actor, item_id, "summed", now=now)
    await planning.sum_up(actor, item.subject_id, present, "", now=now)


@writes
async def open_list(actor: Actor, event_id: UUID, *, now: datetime) -> None:
    """That somebody takes the list of an event's people away: recorded before it is made."""
    await history.record(actor, "events.export", "event", event_id, now=now)
