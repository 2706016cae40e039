"""What invited ambassadors say: they come, wait or decline; who gets a freed place. One transaction each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from estran.actor import Actor
from estran.db import writes
from estran.errors import Conflict, Invalid, NotFound
from estran.events import news, rules
from estran.events import service as events
from estran.events.rules import Reply, Stage, Told, Waiting
from estran.events.tables import Event, Invitee, Slot
from estran.history import service as history


@dataclass(frozen=True, slots=True)
class Places:
    """One slot's places: heads, guests included."""

    capacity: int | None
    taken: int
    waiting: int
    """People on the waiting list."""

    @property
    def left(self) -> int | None:
        """None: as many as come."""
        return None if self.capacity is None else max(self.capacity - self.taken, 0)


async def places(slot_rows: Collection[Slot]) -> dict[UUID, Places]:
    """How full each of these slots is."""
    found = {one.id: [one.capacity, 0, 0] for one in slot_rows}
    if found:
        rows = await Invitee.select(Invitee.slot_id, Invitee.reply, Invitee.guests).where(
            Invitee.slot_id.is_in(list(found)), Invitee.reply.is_in([Reply.COMING.value, Reply.WAITING.value])
        )
        for row in rows:
            if row["reply"] == Reply.COMING:
                found[row["slot_id"]][1] += 1 + row["guests"]
            else:
                found[row["slot_id"]][2] += 1
    return {slot_id: Places(*counts) for slot_id, counts in found.items()}


async def invitee(event_id: UUID, ambassador_id: UUID) -> Invitee:
    """The invitation of this person to this event; raises NotFound where there is none, or it was not sent."""
    row = await Invitee.objects().where(Invitee.event_id == event_id, Invitee.ambassador_id == ambassador_id).first()
    if row is None or row.invited_at is None:
        raise NotFound("unknown_event", "no such event")
    return row


@writes
async def reply(
    actor: Actor,
    event_id: UUID,
    ambassador_id: UUID,
    *,
    coming: bool,
    slot_id: UUID | None = None,
    guests: int = 0,
    now: datetime,
) -> Invitee:
    """The reply as it stands afterwards: `coming`, or `waiting` where no place is left. The same twice changes nothing.

    Who comes and asks for a full slot leaves their own for its waiting list; for more guests than there is room, keeps what
    they have. Raises NotFound, Invalid `bad_guests` or `bad_slot`, Conflict `replies_closed` or `no_place_left`.
    """
    one = await invitee(event_id, ambassador_id)
    event = await events.event(event_id)
    times = await events.slots_of(event_id)
    stage = events.stage_of(event, times, now=now)
    if coming:
        chosen = _chosen(event, times, slot_id, guests)
        if (one.slot_id, one.guests) == (chosen.id, guests) and one.reply in {Reply.COMING, Reply.WAITING}:
            return one
        if stage is not Stage.OPEN and not _is_fewer(one, chosen, guests):
            raise Conflict("replies_closed", "the time for replies is over: ask the office")
        left = one.slot_id if one.reply == Reply.COMING else None
        one.reply = (await _reply_for(one, chosen, guests)).value
        one.slot_id, one.guests, one.replied_at = chosen.id, guests, now
    else:
        if stage not in {Stage.OPEN, Stage.CLOSED}:
            raise Conflict("replies_closed", "this event is over or cancelled")
        if one.reply == Reply.DECLINED:
            return one
        left = one.slot_id if one.reply == Reply.COMING else None
        one.reply, one.slot_id, one.guests, one.replied_at = Reply.DECLINED.value, None, 0, now
    await one.save()
    details = {"reply": one.reply, "guests": one.guests}
    await history.record(actor, "events.reply", "event", event.id, now=now, details=details)
    if left is not None:
        await promote(event, now=now)
    return await invitee(event_id, ambassador_id)


def _chosen(event: Event, times: list[Slot], slot_id: UUID | None, guests: int) -> Slot:
    if guests not in range(event.guests_max + 1):
        raise Invalid("bad_guests", f"an ambassador brings at most {event.guests_max} guests", fields=["guests"])
    chosen = (
        times[0] if slot_id is None and len(times) == 1 else next((one for one in times if one.id == slot_id), None)
    )
    if chosen is None:
        raise Invalid("bad_slot", "choose one of the event's times", fields=["slotId"])
    return chosen


def _is_fewer(one: Invitee, chosen: Slot, guests: int) -> bool:
    """Fewer guests are always welcome: a place is freed."""
    return bool(one.reply == Reply.COMING and one.slot_id == chosen.id and guests < one.guests)


async def _reply_for(one: Invitee, chosen: Slot, guests: int) -> Reply:
    """Whether there is a place; nobody overtakes those who wait already."""
    here = (await places([chosen]))[chosen.id]
    own = 1 + one.guests if one.reply == Reply.COMING and one.slot_id == chosen.id else 0
    if own == 0 and here.waiting > (1 if one.reply == Reply.WAITING and one.slot_id == chosen.id else 0):
        return Reply.WAITING if here.capacity is not None else Reply.COMING
    if rules.fits(here.capacity, here.taken - own, 1 + guests):
        return Reply.COMING
    if own:
        raise Conflict("no_place_left", "there is no place for more guests: your own stays yours")
    return Reply.WAITING


@writes
async def promote(event: Event, *, now: datetime) -> list[UUID]:
    """Gives freed places to those who wait, in the list's order, and tells them; returns whom. Not in a slot's last day."""
    times = await events.slots_of(event.id)
    if events.stage_of(event, times, now=now) not in {Stage.OPEN, Stage.CLOSED}:
        return []
    been = await events.been(before=now) if event.newcomers_first else set()
    served: list[UUID] = []
    for one in times:
        if one.starts_at - now >= rules.PROMOTED_UNTIL:
            served += await _promote_in(event, one, been)
    await news.tell(event, served, Told.PROMOTED, soon=True, now=now)
    return served


async def _promote_in(event: Event, slot: Slot, been: Collection[UUID]) -> list[UUID]:
    waiting = {
        row.ambassador_id: row
        for row in await Invitee.objects().where(Invitee.slot_id == slot.id, Invitee.reply == Reply.WAITING.value)
    }
    listed = [Waiting(person, 1 + row.guests, row.replied_at, person in been) for person, row in waiting.items()]
    taken = (await places([slot]))[slot.id].taken
    served = rules.promoted(slot.capacity, taken, listed, newcomers_first=event.newcomers_first)
    for one in served:
        row = waiting[one.ambassador_id]
        row.reply = Reply.COMING.value
        await row.save([Invitee.reply])
    return [one.ambassador_id for one in served]


@writes
async def give_place(actor: Actor, event_id: UUID, ambassador_id: UUID, *, now: datetime) -> None:
    """The officer gives a place by hand to somebody who waits, over the capacity where they wish. Raises NotFound, Conflict."""
    one = await invitee(event_id, ambassador_id)
    event = await events.event(event_id)
    if one.reply != Reply.WAITING:
        raise Conflict("not_waiting", "this person waits for no place")
    one.reply = Reply.COMING.value
    await one.save([Invitee.reply])
    await history.record(actor, "events.give_place", "event", event.id, now=now)
    await news.tell(event, [ambassador_id], Told.PROMOTED, soon=True, now=now)


async def rank(one: Invitee, event: Event, *, now: datetime) -> int | None:
    """This person's place on the waiting list, from 1; None when they do not wait."""
    if one.reply != Reply.WAITING:
        return None
    been = await events.been(before=now) if event.newcomers_first else set()
    rows = await Invitee.objects().where(Invitee.slot_id == one.slot_id, Invitee.reply == Reply.WAITING.value)
    listed = [Waiting(row.ambassador_id, 1 + row.guests, row.replied_at, row.ambassador_id in been) for row in rows]
    order = [row.ambassador_id for row in rules.in_order(listed, newcomers_first=event.newcomers_first)]
    return order.index(one.ambassador_id) + 1
