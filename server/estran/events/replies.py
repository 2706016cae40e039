"""What invited ambassadors say: they come, wait or decline; who gets a freed place. One transaction each."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from estran.actor import SYSTEM, Actor
from estran.club import service as club
from estran.db import writes
from estran.errors import Conflict, Invalid, NotFound
from estran.events import news, rules
from estran.events import service as events
from estran.events.rules import AWAY, PLACED, Reply, Stage, Told, Waiting
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
    return _sent(
        await Invitee.objects().where(Invitee.event_id == event_id, Invitee.ambassador_id == ambassador_id).first()
    )


async def invitation(invitee_id: UUID) -> Invitee:
    """The same by its own id, as the link in a letter names it."""
    return _sent(await Invitee.objects().where(Invitee.id == invitee_id).first())


def _sent(row: Invitee | None) -> Invitee:
    if row is None or row.invited_at is None:
        raise NotFound("unknown_event", "no such event")
    return row


# --- what people say --------------------------------------------------------------------------------------------------


@writes
async def reply(
    actor: Actor,
    event_id: UUID,
    ambassador_id: UUID,
    *,
    coming: bool,
    slot_id: UUID | None = None,
    guests: int = 0,
    said_at: datetime | None = None,
    by_hand: bool = False,
    now: datetime,
) -> Invitee:
    """The reply as it stands afterwards: `coming`, or `waiting` where no place is left. The same twice changes nothing.

    `said_at`: when they said so, where that is not now: a phone without network, or one that repeats what got no answer.
    Who comes and asks for a full slot leaves their own for its waiting list; for more guests than there is room, keeps what
    they have. `by_hand`: the officer notes it, who may once the replies are over, until the slot has ended. Raises NotFound,
    Invalid `bad_guests` or `bad_slot`, Conflict `replies_closed`, `no_place_left`, `not_eligible`, and `replied_since` where
    they have said something else later.
    """
    one = await invitee(event_id, ambassador_id)
    event = await events.event(event_id)
    times = await events.slots_of(event_id)
    last_at = one.said_at or one.replied_at
    # Who says it now has the last word, whatever clocks and requests that cross each other make of it.
    is_late = said_at is not None and last_at is not None and said_at < last_at
    said_at = min(said_at or now, now)
    if _has_said(one, times, coming=coming, slot_id=slot_id, guests=guests):
        if last_at is None or said_at > last_at:
            one.said_at = said_at
            await one.save([Invitee.said_at])
        return one
    if is_late:
        raise Conflict("replied_since", "a reply that was given later stands")
    if coming:
        await _come(one, event, times, slot_id, guests, by_hand=by_hand, now=now)
    else:
        await _stay_away(one, event, times, now)
    one.said_at = said_at
    await one.save()
    details = {"reply": one.reply, "guests": one.guests}
    await history.record(actor, "events.reply", "event", event.id, now=now, details=details)
    await news.tell_noted(event, one, by_officer=by_hand and actor.ambassador_id != ambassador_id, now=now)
    await promote(event, now=now)
    return one


def _has_said(one: Invitee, times: list[Slot], *, coming: bool, slot_id: UUID | None, guests: int) -> bool:
    """Whether it is what they had said."""
    if not coming:
        return bool(one.reply == Reply.DECLINED)
    is_same_slot = one.slot_id == slot_id or (slot_id is None and len(times) == 1)
    return one.reply in PLACED and is_same_slot and one.guests == guests


async def _come(
    one: Invitee,
    event: Event,
    times: list[Slot],
    slot_id: UUID | None,
    guests: int,
    *,
    by_hand: bool,
    now: datetime,
) -> None:
    """Sets the reply of somebody who would like to come."""
    chosen = _chosen(times, slot_id)
    is_same_slot = one.slot_id == chosen.id and one.reply in PLACED
    most = max(event.guests_max, one.guests) if is_same_slot else event.guests_max  # more were allowed once
    if guests not in range(most + 1):
        raise Invalid("bad_guests", f"an ambassador brings at most {event.guests_max} guests", fields=["guests"])
    is_less = is_same_slot and guests < one.guests
    stage = events.stage_of(event, times, now=now)
    if not (stage is Stage.OPEN or (stage is Stage.CLOSED and (is_less or by_hand) and now < chosen.ends_at)):
        raise Conflict("replies_closed", "the time for replies is over: ask the office")
    has_place = is_same_slot and one.reply == Reply.COMING
    if not (has_place and is_less):
        await _check_standing(one.ambassador_id, now)
        # Who has a place asks only for what is more, behind those who wait; with less, who waits keeps their rank.
        since = one.replied_at if is_less else now
        heads = guests - one.guests if has_place else 1 + guests
        is_free = await _is_free(event, chosen, Waiting(one.ambassador_id, heads, since, has_been=False), now)
        if has_place and not is_free:
            raise Conflict("no_place_left", "there is no place for more guests: your own stays yours")
        one.reply = (Reply.COMING if is_free else Reply.WAITING).value
        one.replied_at = since
    one.slot_id, one.guests = chosen.id, guests


async def _stay_away(one: Invitee, event: Event, times: list[Slot], now: datetime) -> None:
    """Sets the reply of somebody who does not come."""
    is_past = any(row.id == one.slot_id and row.ends_at <= now for row in times)
    if is_past or events.stage_of(event, times, now=now) not in {Stage.OPEN, Stage.CLOSED}:
        raise Conflict("replies_closed", "this event is over or cancelled")
    one.reply, one.slot_id, one.guests, one.replied_at = Reply.DECLINED.value, None, 0, now


def _chosen(times: list[Slot], slot_id: UUID | None) -> Slot:
    if slot_id is None and len(times) == 1:
        return times[0]
    chosen = next((one for one in times if one.id == slot_id), None)
    if chosen is None:
        raise Invalid("bad_slot", "choose one of the event's times", fields=["slotId"])
    return chosen


async def _check_standing(ambassador_id: UUID, now: datetime) -> None:
    eligibility = (await club.standing(ambassador_id, now=now)).eligibility
    if eligibility in AWAY:
        raise Conflict("not_eligible", "only who may hold a pass has a place", eligibility=eligibility.value)


async def _is_free(event: Event, slot: Slot, asking: Waiting, now: datetime) -> bool:
    """Whether there is a place beyond those of everybody who waits before them and would fit."""
    been = await _been(event, now)
    rows = [row for row in await _waiting_for(slot.id, now) if row.ambassador_id != asking.ambassador_id]
    asking = replace(asking, has_been=asking.ambassador_id in been)
    taken = (await places([slot]))[slot.id].taken
    listed = [*(_waiting(row, been) for row in rows), asking]
    return asking in rules.promoted(slot.capacity, taken, listed, newcomers_first=event.newcomers_first)


# --- the waiting list -------------------------------------------------------------------------------------------------


async def _been(event: Event, now: datetime) -> set[UUID]:
    return await events.been(before=now) if event.newcomers_first else set()


async def _waiting_for(slot_id: UUID, now: datetime) -> list[Invitee]:
    """Who waits and may have a place: not who is away, whom `release` has not met yet."""
    rows = await Invitee.objects().where(Invitee.slot_id == slot_id, Invitee.reply == Reply.WAITING.value)
    standings = await club.standings(sorted(row.ambassador_id for row in rows), now=now) if rows else {}
    return [row for row in rows if standings[row.ambassador_id].eligibility not in AWAY]


def _waiting(row: Invitee, been: Collection[UUID]) -> Waiting:
    return Waiting(row.ambassador_id, 1 + row.guests, row.replied_at, row.ambassador_id in been)


@writes
async def promote(event: Event, *, now: datetime) -> list[UUID]:
    """Gives freed places to those who wait, in the list's order, and tells them; returns whom. Not in a slot's last day."""
    times = await events.slots_of(event.id)
    if events.stage_of(event, times, now=now) not in {Stage.OPEN, Stage.CLOSED}:
        return []
    served: list[UUID] = []
    for one in times:
        if one.starts_at - now >= rules.PROMOTED_UNTIL:
            for row in await next_in(event, one, now=now):
                row.reply = Reply.COMING.value
                await row.save([Invitee.reply])
                served.append(row.ambassador_id)
    await news.tell(event, served, Told.PROMOTED, soon=True, now=now)
    return served


async def next_in(event: Event, slot: Slot, *, now: datetime) -> list[Invitee]:
    """Of those who wait for this slot whoever has a place for the whole party now, in the list's order."""
    waiting = {row.ambassador_id: row for row in await _waiting_for(slot.id, now)}
    if not waiting:
        return []
    been = await _been(event, now)
    listed = [_waiting(row, been) for row in waiting.values()]
    taken = (await places([slot]))[slot.id].taken
    served = rules.promoted(slot.capacity, taken, listed, newcomers_first=event.newcomers_first)
    return [waiting[one.ambassador_id] for one in served]


@writes
async def give_place(actor: Actor, event_id: UUID, ambassador_id: UUID, *, now: datetime) -> None:
    """The officer gives a place by hand to somebody who waits, over the capacity where they wish.

    Raises NotFound, Conflict `not_waiting` or `event_over`.
    """
    one = await invitee(event_id, ambassador_id)
    event = await events.event(event_id)
    times = await events.slots_of(event_id)
    if one.reply != Reply.WAITING:
        raise Conflict("not_waiting", "this person waits for no place")
    is_past = any(row.id == one.slot_id and row.ends_at <= now for row in times)
    if is_past or events.stage_of(event, times, now=now) not in {Stage.OPEN, Stage.CLOSED}:
        raise Conflict("event_over", "this event is over or cancelled")
    one.reply = Reply.COMING.value
    await one.save([Invitee.reply])
    await history.record(actor, "events.give_place", "event", event.id, now=now)
    await news.tell(event, [ambassador_id], Told.PROMOTED, soon=True, now=now)


async def rank(one: Invitee, event: Event, *, now: datetime) -> int | None:
    """This person's place on the waiting list, from 1; None when they do not wait, are away, or wait no more."""
    if one.reply != Reply.WAITING:
        return None
    been = await _been(event, now)
    listed = [_waiting(row, been) for row in await _waiting_for(one.slot_id, now)]
    order = [row.ambassador_id for row in rules.in_order(listed, newcomers_first=event.newcomers_first)]
    return order.index(one.ambassador_id) + 1 if one.ambassador_id in order else None


def ask_anew(row: Invitee) -> None:
    """As if this person had not replied yet; still to be saved."""
    row.reply, row.slot_id, row.guests = Reply.AWAITED.value, None, 0
    row.replied_at = row.said_at = None


@writes
async def release(*, now: datetime) -> int:
    """The places of those who are paused, or whose mandate is over, are free again; returns how many. Called by the hour."""
    ahead = await Slot.select(Slot.id).where(Slot.ends_at > now).output(as_list=True)
    if not ahead:
        return 0
    rows = await Invitee.objects().where(
        Invitee.slot_id.is_in(ahead), Invitee.reply.is_in([Reply.COMING.value, Reply.WAITING.value])
    )
    standings = await club.standings(sorted({row.ambassador_id for row in rows}), now=now)
    away = [row for row in rows if standings[row.ambassador_id].eligibility in AWAY]
    n = 0
    for event_id in sorted({row.event_id for row in away}):
        event = await events.event(event_id)
        if events.stage_of(event, await events.slots_of(event_id), now=now) not in {Stage.OPEN, Stage.CLOSED}:
            continue
        theirs = [row for row in away if row.event_id == event_id]
        for row in theirs:
            ask_anew(row)
            await row.save()
        await history.record(SYSTEM, "events.release", "event", event_id, now=now, details={"n": len(theirs)})
        await promote(event, now=now)
        n += len(theirs)
    return n
