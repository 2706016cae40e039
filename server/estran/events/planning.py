"""Events as the officer makes them: draft, invitations, change, cancellation. Every act leaves an entry in the history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from estran.actor import SYSTEM, Actor
from estran.club import circles
from estran.club import service as club
from estran.club.rules import clean_words
from estran.db import fetch, writes
from estran.errors import Conflict, Invalid, NotFound
from estran.events import news, notices, replies, rules
from estran.events import service as events
from estran.events.rules import Reply, Stage, Told, Who
from estran.events.tables import Event, Invitee, Slot
from estran.history import service as history
from estran.venues import service as venues
from estran.venues.rules import clean_line

LINES = {
    "title": rules.TITLE_MAX,
    "title_en": rules.TITLE_MAX,
    "place": rules.PLACE_MAX,
    "place_en": rules.PLACE_MAX,
}
TEXTS = dict.fromkeys(("about", "about_en", "access", "access_en", "bring", "bring_en"), rules.TEXT_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the officer says of an event; texts as typed. Where the English ones are empty the French are shown."""

    title: str
    title_en: str = ""
    about: str = ""
    about_en: str = ""
    venue_id: UUID | None = None
    place: str = ""
    place_en: str = ""
    access: str = ""
    access_en: str = ""
    bring: str = ""
    bring_en: str = ""
    guests_max: int = 0
    who: Who = Who.ALL
    circle_id: UUID | None = None
    walk_ins: bool = False
    newcomers_first: bool = False
    reply_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotDraft:
    """One slot as the officer says it; `id` None: a new one."""

    id: UUID | None = None
    starts_at: datetime
    ends_at: datetime
    note: str = ""
    capacity: int | None = None


# --- the draft --------------------------------------------------------------------------------------------------------


@writes
async def add_event(actor: Actor, draft: Draft, times: Sequence[SlotDraft], *, now: datetime) -> Event:
    """A new event that nobody is told of yet. Raises Invalid or NotFound."""
    row = Event(id=uuid4(), title="", created_at=now)
    await _fill(row, draft, times, now=now)
    await row.save()
    await _set_slots(row, times)
    await history.record(actor, "events.add", "event", row.id, now=now)
    return row


@writes
async def edit_event(
    actor: Actor, event_id: UUID, draft: Draft, times: Sequence[SlotDraft], *, releases: int = 0, now: datetime
) -> Event:
    """The event after the change; once invitations were sent, who has not declined is told of another time or place.

    Whom it is for stays as it was sent. Who comes to a slot that goes, or waits for it, is asked anew: as long as these are no
    more than `releases`, of whom the officer knows. Raises Invalid, NotFound, Conflict `event_over`, `slot_taken`, or
    `slot_replied` with how many (`n`).
    """
    row = await events.event(event_id)
    await _not_over(row, now=now)
    before = await events.slots_of(event_id)
    is_sent = row.opened_at is not None
    changed = await _fill(row, draft, times, now=now)
    moved, resized = _moved(before, times), _resized(before, times)
    if not changed and not moved and not resized:
        return row
    changed += ["capacity"] if resized else []
    if is_sent:
        row.revision += 1
    await row.save()
    gone = [one for one in before if one.id not in {kept.id for kept in times}]
    released = await _release(gone, releases, now=now)
    await _set_slots(row, times)
    await history.record(actor, "events.edit", "event", row.id, now=now, details={"changed": changed, "moved": moved})
    if is_sent:
        if gone:
            details = {"n": len(released), "slots": [notices.removed(one) for one in gone]}
            await history.record(actor, "events.remove_slots", "event", row.id, now=now, details=details)
            await news.tell(row, released, Told.REMOVED, soon=True, now=now)
        if "reply_by" in changed:
            await news.hasten(row, now=now)
        if moved or {"venue_id", "place"} & set(changed):
            await _tell_concerned(row, Told.CHANGED, besides=released, now=now)
        await replies.promote(row, now=now)
    return row


@writes
async def set_deadline(actor: Actor, event_id: UUID, reply_by: datetime, *, now: datetime) -> None:
    """Until when a reply is wished for, said by itself. Raises NotFound, Invalid, Conflict `event_over`."""
    row = await events.event(event_id)
    await _not_over(row, now=now)
    if not _is_good_deadline(row, reply_by, await events.slots_of(event_id), now=now):
        raise Invalid("bad_event", "replies end before the event begins, and not in the past", fields=["reply_by"])
    if row.reply_by != reply_by:
        row.reply_by = reply_by
        row.revision += row.opened_at is not None
        await row.save()
        details = {"changed": ["reply_by"], "moved": False}
        await history.record(actor, "events.edit", "event", row.id, now=now, details=details)
        await news.hasten(row, now=now)


@writes
async def remove_event(actor: Actor, event_id: UUID, *, now: datetime) -> None:
    """A draft that nobody was told of is no more. Raises NotFound, Conflict `event_sent`."""
    row = await events.event(event_id)
    if row.opened_at is not None or await _was_entered([one.id for one in await events.slots_of(event_id)]):
        raise Conflict("event_sent", "invitations were sent: cancel this event instead")
    await Event.delete().where(Event.id == event_id)
    await history.record(actor, "events.remove", "event", event_id, now=now)


@writes
async def pick(actor: Actor, event_id: UUID, ambassador_ids: Collection[UUID], *, now: datetime) -> None:
    """Exactly these are picked by hand, besides those who were invited already. Raises NotFound, Conflict `event_over`."""
    row = await events.event(event_id)
    await _not_over(row, now=now)
    known = {one.id for one in await club.ambassadors() if one.erased_at is None}
    there = {one.ambassador_id: one for one in await events.invitees(event_id)}
    wanted = set(ambassador_ids) & known
    gone = [
        one.id for person, one in there.items() if one.invited_at is None and one.came is None and person not in wanted
    ]
    if gone:
        await Invitee.delete().where(Invitee.id.is_in(gone))
    new = sorted(wanted - set(there))
    for ambassador_id in new:
        await Invitee(id=uuid4(), event_id=row.id, ambassador_id=ambassador_id).save()
    if new or gone:
        await history.record(actor, "events.pick", "event", row.id, now=now, details={"n": len(wanted)})


# --- its life ---------------------------------------------------------------------------------------------------------


@writes
async def open_event(actor: Actor, event_id: UUID, *, at_once: bool = False, now: datetime) -> int:
    """Invites everybody it is for who was not invited yet, with the next digest or `at_once` (by day); returns how many.

    Called again it invites those who joined since, and those whose letter did not leave since the replies were closed. Raises
    NotFound, Conflict `event_over`, `event_without_slot`, `event_without_deadline` or `nobody_invited`.
    """
    row = await events.event(event_id)
    times = await events.slots_of(event_id)
    if not times:
        raise Conflict("event_without_slot", "say when it takes place first")
    if row.reply_by is None:
        raise Conflict("event_without_deadline", "say until when a reply is wished for first")
    await _not_over(row, now=now)
    if row.reply_by <= now:
        raise Conflict("event_over", "the time for replies is over: choose a later one first")
    people = await events.whom(row, now=now)
    there = {one.ambassador_id: one for one in await events.invitees(event_id)}
    new = sorted(person for person in people if person not in there or there[person].invited_at is None)
    if not new and row.opened_at is None:
        raise Conflict("nobody_invited", "this event is for nobody: choose whom to invite first")
    for person in new:
        one = there.get(person) or Invitee(id=uuid4(), event_id=row.id, ambassador_id=person)
        one.invited_at = now
        await one.save()
    if row.opened_at is None:
        row.opened_at = now
    row.closed_at = None
    await row.save()
    await news.tell(row, [*new, *await news.unheard(row)], Told.INVITED, soon=at_once, now=now)
    await history.record(actor, "events.open", "event", row.id, now=now, details={"n": len(new)})
    return len(new)


@writes
async def close_event(actor: Actor, event_id: UUID, *, now: datetime) -> None:
    """Nobody may say any more that they come; who does may still withdraw. Raises NotFound."""
    row = await events.event(event_id)
    if events.stage_of(row, await events.slots_of(event_id), now=now) is Stage.OPEN:
        row.closed_at = now
        await row.save()
        await history.record(actor, "events.close", "event", row.id, now=now)


@writes
async def cancel_event(actor: Actor, event_id: UUID, why: str, *, now: datetime) -> None:
    """It does not take place; everybody who comes, waits or was asked is told why, by day.

    Raises NotFound, Conflict `event_over`.
    """
    row = await events.event(event_id)
    if row.cancelled_at is not None:
        return
    if events.stage_of(row, await events.slots_of(event_id), now=now) in {Stage.HELD, Stage.SUMMED}:
        raise Conflict("event_over", "this event has taken place")
    why = clean_words(why)[: rules.TEXT_MAX]
    row.cancelled_at, row.cancelled_why = now, why
    row.revision += 1
    await row.save()
    await history.record(actor, "events.cancel", "event", row.id, now=now, why=why)
    if row.opened_at is not None:
        await _tell_concerned(row, Told.CANCELLED, now=now)


@writes
async def note_came(
    actor: Actor, event_id: UUID, ambassador_id: UUID, *, came: bool | None, guests: int, now: datetime
) -> None:
    """The officer's word on who came, above the scanners'; None: theirs again. Who was not asked is added.

    From when its scanners would welcome. Raises NotFound, Invalid `bad_guests`, Conflict `event_not_held`.
    """
    row = await events.event(event_id)
    begins = min((one.starts_at for one in await events.slots_of(event_id)), default=now)
    if row.opened_at is None or row.cancelled_at is not None or now < begins - rules.DOOR_OPENS:
        raise Conflict("event_not_held", "this event has not begun, or does not take place")
    if guests not in range(rules.GUESTS_MAX + 1):
        raise Invalid("bad_guests", "an ambassador brings at most 4 guests", fields=["guests"])
    await club.ambassador(ambassador_id)
    one = await Invitee.objects().where(Invitee.event_id == row.id, Invitee.ambassador_id == ambassador_id).first()
    if one is None:
        one = Invitee(id=uuid4(), event_id=row.id, ambassador_id=ambassador_id)
    said = (came, guests if came else None)
    if (one.came, one.came_guests) == said:
        return
    one.came, one.came_guests = said
    await one.save()
    await history.record(actor, "events.note_came", "event", row.id, now=now, details={"came": came})


@writes
async def sum_up(actor: Actor, event_id: UUID, present: Mapping[UUID, int], thanks: str, *, now: datetime) -> None:
    """The officer has looked at who came: `present`, with their guests; from then on that is what is known.

    Who said that they come and did not is absent, until a scanner that was without network tells otherwise (`arrived_late`).
    Those who came are thanked with the next digest, once `thanks` says something. Raises NotFound, Conflict
    `event_not_held`, Invalid `bad_guests`.
    """
    row = await events.event(event_id)
    if events.stage_of(row, await events.slots_of(event_id), now=now) not in {Stage.HELD, Stage.SUMMED}:
        raise Conflict("event_not_held", "this event has not taken place yet")
    if any(guests not in range(rules.GUESTS_MAX + 1) for guests in present.values()):
        raise Invalid("bad_guests", "an ambassador brings at most 4 guests", fields=["guests"])
    is_first_word = not row.thanks
    row.summed_at, row.thanks = row.summed_at or now, clean_words(thanks)[: rules.TEXT_MAX]
    await row.save()
    await _freeze(row, present)
    await history.record(actor, "events.sum_up", "event", row.id, now=now, details={"n": len(present)})
    if row.thanks and is_first_word:
        await news.tell(row, sorted(present), Told.THANKS, now=now)


@writes
async def arrived_late(event_id: UUID, seen: Mapping[UUID, int], *, now: datetime) -> None:
    """Scanners saw these people, with their guests, and told of some only after the sum: they came, and are thanked, too.

    About whom there is a word of the officer's, that stays. Before the sum nothing is done. Raises NotFound.
    """
    row = await events.event(event_id)
    if row.summed_at is None or row.cancelled_at is not None or row.forgotten_at is not None:
        return
    there = {one.ambassador_id: one for one in await events.invitees(event_id)}
    late = sorted(person for person in seen if person not in there or there[person].came is None)
    for person in late:
        one = there.get(person) or Invitee(id=uuid4(), event_id=row.id, ambassador_id=person)
        one.came, one.came_guests = True, seen[person]
        await one.save()
    if late:
        await history.record(SYSTEM, "events.arrived_late", "event", row.id, now=now, details={"n": len(late)})
    if row.thanks:
        await news.tell(row, late, Told.THANKS, now=now)


async def _freeze(row: Event, present: Mapping[UUID, int]) -> None:
    """Who came is kept. That nobody saw somebody is no word of the officer's: a scanner may still tell of them."""
    there = {one.ambassador_id: one for one in await events.invitees(row.id)}
    for person in sorted(set(there) | set(present)):
        one = there.get(person) or Invitee(id=uuid4(), event_id=row.id, ambassador_id=person)
        said = (True, present[person]) if person in present else (None if one.came is None else False, None)
        if (one.came, one.came_guests) != said:
            one.came, one.came_guests = said
            await one.save()


@writes
async def forget(ambassador_id: UUID, *, now: datetime) -> None:
    """Nothing leads from an event to this person any more; a place they held is free at once."""
    account_id = (await club.ambassador(ambassador_id)).account_id
    asked = await Invitee.objects().where(Invitee.ambassador_id == ambassador_id)
    await Invitee.delete().where(Invitee.ambassador_id == ambassador_id)
    await news.forget(ambassador_id)
    for one in asked:
        await history.forget_actors(
            one.event_id, "events.reply", account_id
        )  # who stays as an officer keeps the account
        if one.reply == Reply.COMING:
            await replies.promote(await events.event(one.event_id), now=now)


async def _not_over(row: Event, *, now: datetime) -> None:
    if events.stage_of(row, await events.slots_of(row.id), now=now) in {Stage.HELD, Stage.SUMMED, Stage.CANCELLED}:
        raise Conflict("event_over", "this event is over or cancelled: it can be changed no more")


async def _tell_concerned(row: Event, kind: Told, *, besides: Collection[UUID] = (), now: datetime) -> None:
    """Everybody who was asked and has not declined, but for these."""
    people = [
        one.ambassador_id
        for one in await events.invitees(row.id)
        if one.invited_at is not None and one.reply != Reply.DECLINED.value and one.ambassador_id not in besides
    ]
    await news.tell(row, sorted(people), kind, soon=True, now=now)


async def _fill(row: Event, draft: Draft, times: Sequence[SlotDraft], *, now: datetime) -> list[str]:
    """The draft in the row; the names of what changed. Raises Invalid naming every field to mend, or NotFound."""
    if row.opened_at is not None:
        draft = replace(draft, who=Who(row.who), circle_id=row.circle_id)
    values: dict[str, object] = {field: clean_line(getattr(draft, field)) for field in LINES}
    values |= {field: clean_words(getattr(draft, field)) for field in TEXTS}
    values |= {
        "venue_id": draft.venue_id,
        "guests_max": draft.guests_max,
        "who": draft.who.value,
        "circle_id": draft.circle_id if draft.who is Who.CIRCLE else None,
        "walk_ins": draft.walk_ins,
        "newcomers_first": draft.newcomers_first,
        "reply_by": draft.reply_by,
    }
    faults = [field for field, most in (LINES | TEXTS).items() if len(str(values[field])) > most]
    faults += _faults(row, draft, values, times, now=now) + _slot_faults(times)
    if faults:
        raise Invalid("bad_event", "some of what was said of this event cannot be used", fields=faults)
    changed = [field for field, value in values.items() if getattr(row, field) != value]
    if "venue_id" in changed and draft.venue_id is not None:
        await venues.venue(draft.venue_id)
    if "circle_id" in changed and draft.circle_id is not None:
        await circles.circle(draft.circle_id)
    for field in changed:
        setattr(row, field, values[field])
    return changed


def _faults(
    row: Event, draft: Draft, values: Mapping[str, object], times: Sequence[SlotDraft], *, now: datetime
) -> list[str]:
    is_fault = {
        "title": not values["title"],
        "guests_max": draft.guests_max not in range(rules.GUESTS_MAX + 1),
        "circle_id": draft.who is Who.CIRCLE and draft.circle_id is None,
        "place": draft.venue_id is None and not values["place"],
        "reply_by": not _is_good_deadline(row, draft.reply_by, times, now=now),
        "slots": len(times) > rules.SLOTS_MAX or (row.opened_at is not None and not times),
    }
    return [field for field, is_one in is_fault.items() if is_one]


def _is_good_deadline(
    row: Event, reply_by: datetime | None, times: Sequence[Slot | SlotDraft], *, now: datetime
) -> bool:
    """Replies end before the first slot begins, and a deadline that is new is one to come."""
    if reply_by is None:
        return row.opened_at is None
    if times and reply_by > min(one.starts_at for one in times):
        return False
    return reply_by == row.reply_by or reply_by > now


def _slot_faults(times: Sequence[SlotDraft]) -> list[str]:
    faults = []
    for at, one in enumerate(times):
        if not one.starts_at < one.ends_at <= one.starts_at + rules.LONGEST:
            faults.append(f"slot_{at}_ends")
        if one.capacity is not None and one.capacity not in range(1, rules.CAPACITY_MAX + 1):
            faults.append(f"slot_{at}_capacity")
        if len(clean_line(one.note)) > rules.NOTE_MAX:
            faults.append(f"slot_{at}_note")
    return faults


def _moved(before: Sequence[Slot], after: Sequence[SlotDraft]) -> bool:
    """Whether somebody must be told: a slot came, went, moved or says something else. Its capacity concerns nobody."""

    def said(one: Slot | SlotDraft) -> tuple[object, ...]:
        return (one.id, one.starts_at, one.ends_at, clean_line(one.note))

    return {said(one) for one in before} != {said(one) for one in after}


def _resized(before: Sequence[Slot], after: Sequence[SlotDraft]) -> bool:
    capacities = {one.id: one.capacity for one in before}
    return any(one.id in capacities and capacities[one.id] != one.capacity for one in after)


async def _was_entered(slot_ids: Collection[UUID]) -> bool:
    """Whether a scanner noted an arrival there. By hand: visits are a floor above, and hold on to their slots."""
    marks = ", ".join(["{}"] * len(slot_ids))
    sql = f"SELECT 1 AS found FROM visits_visit WHERE slot_id IN ({marks}) LIMIT 1"  # noqa: S608 - only marks
    return bool(slot_ids and await fetch(sql, *slot_ids))


async def _release(gone: Sequence[Slot], most: int, *, now: datetime) -> list[UUID]:
    """Whoever replied for one of these slots, at most so many, is asked anew; the list of them."""
    ids = [one.id for one in gone]
    people = await Invitee.objects().where(Invitee.slot_id.is_in(ids)) if ids else []
    ended = {one.id for one in gone if one.ends_at <= now}
    if await _was_entered(ids) or any(one.came is not None or one.slot_id in ended for one in people):
        raise Conflict("slot_taken", "somebody has come to this slot, or it is over: it stays")
    if len(people) > most:
        raise Conflict("slot_replied", "people have replied for this slot: say that you know how many", n=len(people))
    for one in people:
        replies.ask_anew(one)
        one.reminded_at = None  # of something else
        await one.save()
    return [one.ambassador_id for one in people]


async def _set_slots(row: Event, times: Sequence[SlotDraft]) -> None:
    there = {one.id: one for one in await events.slots_of(row.id)}
    named = [one.id for one in times if one.id is not None]
    kept = set(named)
    if not kept <= set(there) or len(kept) < len(named):
        raise NotFound("unknown_slot", "no such slot of this event")
    for gone in sorted(set(there) - kept):
        await Slot.delete().where(Slot.id == gone)
    for one in times:
        values: dict[str, Any] = {"starts_at": one.starts_at, "ends_at": one.ends_at}
        values |= {"note": clean_line(one.note), "capacity": one.capacity}
        slot_row = there[one.id] if one.id is not None else Slot(id=uuid4(), event_id=row.id, **values)
        for name, value in values.items():
            setattr(slot_row, name, value)
        await slot_row.save()
