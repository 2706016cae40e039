"""What is known of events: their slots, whom they are for, where they stand. Reads only.

The officer's acts are `planning`, what somebody says is `replies`, what they are told by letter is `news`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from estran import clock
from estran.club import circles
from estran.club import service as club
from estran.club.rules import Eligibility
from estran.errors import NotFound
from estran.events import rules
from estran.events.rules import Reply, Stage, Who
from estran.events.tables import Event, Invitee, Slot

ASKED = frozenset({Eligibility.ELIGIBLE, Eligibility.UNSIGNED, Eligibility.UNCERTIFIED})
"""Whoever may be invited: the door still looks at the pass."""


async def events() -> list[Event]:
    """Every event, the newest made first."""
    return await Event.objects().order_by(Event.created_at, ascending=False)


async def event(event_id: UUID) -> Event:
    """That event; raises NotFound."""
    row = await Event.objects().where(Event.id == event_id).first()
    if row is None:
        raise NotFound("unknown_event", "no such event")
    return row


async def slots(event_ids: Collection[UUID]) -> dict[UUID, list[Slot]]:
    """The slots of each of these events, in their order in time."""
    found: dict[UUID, list[Slot]] = {event_id: [] for event_id in event_ids}
    if event_ids:
        for row in await Slot.objects().where(Slot.event_id.is_in(list(event_ids))).order_by(Slot.starts_at, Slot.id):
            found[row.event_id].append(row)
    return found


async def slots_of(event_id: UUID) -> list[Slot]:
    """This event's slots, in their order in time."""
    return (await slots([event_id]))[event_id]


async def slot(slot_id: UUID) -> Slot:
    """That slot; raises NotFound."""
    row = await Slot.objects().where(Slot.id == slot_id).first()
    if row is None:
        raise NotFound("unknown_slot", "no such slot of an event")
    return row


async def invitees(event_id: UUID) -> list[Invitee]:
    """Everybody asked to this event, or picked for its draft."""
    return await Invitee.objects().where(Invitee.event_id == event_id)


def stage_of(row: Event, times: Sequence[Slot], *, now: datetime) -> Stage:
    """Where this event stands; `times` are its slots."""
    return rules.stage(
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        cancelled_at=row.cancelled_at,
        summed_at=row.summed_at,
        reply_by=row.reply_by,
        ends=[one.ends_at for one in times],
        now=now,
    )


async def been(*, before: datetime) -> set[UUID]:
    """Who has been to an event: the officer's word where there is one, else their own, of a slot that is over.

    Once the event is summed up their own is no longer taken for it.
    """
    told = await Event.select(Event.id, Event.summed_at).where(
        Event.opened_at.is_not_null(), Event.cancelled_at.is_null()
    )
    times = await slots([row["id"] for row in told])
    over = {one.id for rows in times.values() for one in rows if one.ends_at <= before}
    summed = {row["id"] for row in told if row["summed_at"] is not None}
    held = {event_id for event_id, rows in times.items() if over.issuperset(one.id for one in rows)}
    if not over:
        return set()
    rows = await Invitee.select(
        Invitee.ambassador_id, Invitee.event_id, Invitee.slot_id, Invitee.reply, Invitee.came
    ).where(Invitee.event_id.is_in(list(times)))
    return {
        row["ambassador_id"]
        for row in rows
        if (row["came"] and row["event_id"] in held)
        or (
            row["came"] is None
            and row["event_id"] not in summed
            and row["reply"] == Reply.COMING
            and row["slot_id"] in over
        )
    }


async def whom(row: Event, *, now: datetime) -> set[UUID]:
    """The ambassadors whom this event is for: of those whose mandate runs and who do not rest, signed or not."""
    picked = {one.ambassador_id for one in await invitees(row.id)}
    people = [one.id for one in await club.ambassadors() if one.erased_at is None]
    active = {person for person, one in (await club.standings(people, now=now)).items() if one.eligibility in ASKED}
    match Who(row.who):
        case Who.CERTIFIED:
            return active & await club.certified(on=clock.local_day(now, await club.zone()))
        case Who.CIRCLE:
            return active & (await circles.members()).get(row.circle_id, set()) if row.circle_id else set()
        case Who.PICKED:
            return active & picked
        case Who.NEVER_BEEN:
            return active - await been(before=now)
        case _:
            return active
