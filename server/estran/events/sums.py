"""The sums of an event: of people who are still named, and of those who are not any more. No figure changes by forgetting."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from estran.db import writes
from estran.events import rules
from estran.events import service as events
from estran.events.rules import Attendance, Reply, Stage
from estran.events.tables import Event, Invitee, News
from estran.history import service as history


def attendance(row: Event, people: Collection[Invitee], present: Mapping[UUID, int]) -> Attendance:
    """Who was expected and who came. `people`: those still named; `present`: who of them came, with the guests each brought."""
    left = Attendance(
        invited=row.gone_invited,
        coming=row.gone_coming,
        present=row.gone_present,
        absent=row.gone_absent,
        walk_ins=row.gone_walk_ins,
        guests=row.gone_guests,
    )
    replies = {one.ambassador_id: Reply(one.reply) for one in people if one.invited_at is not None}
    return left + rules.attendance(replies, dict(present))


@writes
async def keep_of(ambassador_id: UUID, present: Mapping[UUID, int], *, now: datetime) -> None:
    """This person is about to be forgotten: the events that are over for them, and those in `present`, go on counting them.

    `present`: guests by event, where they came.
    """
    there = {one.event_id: one for one in await Invitee.objects().where(Invitee.ambassador_id == ambassador_id)}
    for row in await Event.objects().where(Event.id.is_in([*there, *present])) if there or present else []:
        times, one = await events.slots_of(row.id), there.get(row.id)
        stage = events.stage_of(row, times, now=now)
        is_past = one is not None and any(slot.id == one.slot_id and slot.ends_at <= now for slot in times)
        if row.id in present or stage in {Stage.HELD, Stage.SUMMED} or (is_past and stage is not Stage.CANCELLED):
            theirs = {ambassador_id: present[row.id]} if row.id in present else {}
            await _keep(row, attendance(row, [one] if one is not None else [], theirs))


@writes
async def forget_people(event_id: UUID, present: Mapping[UUID, int], *, now: datetime) -> None:
    """Nobody is named by this event any more: its sums are all that is left. Raises NotFound."""
    row = await events.event(event_id)
    if row.forgotten_at is None and row.opened_at is not None:  # a draft may still be sent
        row.forgotten_at = now
        await _keep(row, attendance(row, await events.invitees(event_id), present))
    await Invitee.delete().where(Invitee.event_id == event_id)
    await News.delete().where(News.event_id == event_id)
    await history.forget_actors(event_id, "events.reply")


async def _keep(row: Event, sums: Attendance) -> None:
    row.gone_invited, row.gone_coming, row.gone_present = sums.invited, sums.coming, sums.present
    row.gone_absent, row.gone_walk_ins, row.gone_guests = sums.absent, sums.walk_ins, sums.guests
    await row.save()
