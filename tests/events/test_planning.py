"""What the officer does with an event, on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from estran.club import circles
from estran.errors import Conflict, Invalid, NotFound
from estran.events import planning, replies
from estran.events import service as events
from estran.events.planning import Draft, SlotDraft
from estran.events.rules import Reply, Stage, Told, Who
from estran.events.tables import Event, Invitee, News
from estran.history import service as history
from tests.conftest import MONDAY, FrozenClock
from tests.events.cast import (
    FIRST_SLOT,
    OFFICER,
    REPLY_BY,
    as_drafts,
    draft,
    opened,
    people,
    person,
    reply_of,
    row_of,
    says,
    slot,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]


async def stage(event: Event, clock: FrozenClock) -> Stage:
    return events.stage_of(await events.event(event.id), await events.slots_of(event.id), now=clock())


async def told(event: Event, kind: Told) -> set[Any]:
    rows = News.select(News.ambassador_id).where(News.event_id == event.id, News.kind == kind.value)
    return set(await rows.output(as_list=True))


# --- drafts -----------------------------------------------------------------------------------------------------------


async def test_a_draft_that_cannot_be_used_names_its_fields(clock: FrozenClock) -> None:
    faulty: list[tuple[Draft, list[SlotDraft], list[str]]] = [
        (draft(title=" \x00 "), [slot()], ["title"]),
        (draft(title="x" * 121), [slot()], ["title"]),
        (draft(about="x" * 2001), [slot()], ["about"]),
        (draft(place=""), [slot()], ["place"]),
        (draft(guests_max=5), [slot()], ["guests_max"]),
        (draft(guests_max=-1), [slot()], ["guests_max"]),
        (draft(who=Who.CIRCLE), [slot()], ["circle_id"]),
        (draft(reply_by=FIRST_SLOT + timedelta(minutes=1)), [slot()], ["reply_by"]),
        (draft(reply_by=MONDAY), [slot()], ["reply_by"]),
        (draft(), [slot(), slot(hours=0)], ["slot_1_ends"]),
        (draft(), [slot(hours=73)], ["slot_0_ends"]),
        (draft(), [slot(capacity=0), slot(capacity=10_001)], ["slot_0_capacity", "slot_1_capacity"]),
        (draft(), [slot(note="x" * 201)], ["slot_0_note"]),
        (draft(), [slot(n) for n in range(21)], ["slots"]),
    ]
    for said, times, fields in faulty:
        with pytest.raises(Invalid) as fault:
            await planning.add_event(OFFICER, said, times, now=clock())
        assert fault.value.extra["fields"] == fields


async def test_nobody_is_told_of_a_draft_and_it_may_vanish(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await planning.add_event(OFFICER, draft(reply_by=None), [], now=clock())
    await planning.pick(OFFICER, event.id, [camille, uuid4()], now=clock())
    assert await stage(event, clock) is Stage.DRAFT
    for times, code in (([], "event_without_slot"), ([slot()], "event_without_deadline")):
        await planning.edit_event(OFFICER, event.id, draft(reply_by=None, who=Who.PICKED), times, now=clock())
        with pytest.raises(Conflict, match=code):
            await planning.open_event(OFFICER, event.id, now=clock())
    with pytest.raises(NotFound):
        await replies.reply(OFFICER, event.id, camille, coming=True, now=clock())
    await planning.close_event(OFFICER, event.id, now=clock())
    assert await News.count() == 0
    await planning.remove_event(OFFICER, event.id, now=clock())
    assert await Invitee.count() == 0
    with pytest.raises(NotFound):
        await events.event(event.id)


async def test_unknown_places_and_slots(clock: FrozenClock) -> None:
    with pytest.raises(NotFound):
        await planning.add_event(OFFICER, draft(venue_id=uuid4()), [slot()], now=clock())
    with pytest.raises(NotFound):
        await planning.add_event(OFFICER, draft(who=Who.CIRCLE, circle_id=uuid4()), [slot()], now=clock())
    event = await planning.add_event(OFFICER, draft(), [slot()], now=clock())
    [there] = await as_drafts(event)
    for times in ([slot(id=uuid4())], [there, replace(there, note="Marée basse")]):
        with pytest.raises(NotFound):
            await planning.edit_event(OFFICER, event.id, draft(), times, now=clock())


# --- invitations ------------------------------------------------------------------------------------------------------


async def test_invitations_go_to_whom_the_event_is_for(clock: FrozenClock) -> None:
    camille, odile, yann = await people(3, clock)
    circle = await circles.set_circle(OFFICER, None, "Photographes", [odile], now=clock())
    for who, more, asked in (
        (Who.ALL, {}, {camille, odile, yann}),
        (Who.CERTIFIED, {}, set()),
        (Who.CIRCLE, {"circle_id": circle.id}, {odile}),
        (Who.PICKED, {}, {yann}),
        (Who.NEVER_BEEN, {}, {camille, odile, yann}),
    ):
        event = await planning.add_event(OFFICER, draft(who=who, **more), [slot()], now=clock())
        await planning.pick(OFFICER, event.id, [yann], now=clock())
        if not asked:
            with pytest.raises(Conflict, match="nobody_invited"):
                await planning.open_event(OFFICER, event.id, now=clock())
            continue
        assert await planning.open_event(OFFICER, event.id, now=clock()) == len(asked)
        assert await told(event, Told.INVITED) == asked


async def test_invitations_sent_again_reach_only_who_joined_since(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    await says(event, camille, clock(), coming=False)
    odile = (await person("Odile", clock)).id
    assert await planning.open_event(OFFICER, event.id, now=clock()) == 1
    assert await planning.open_event(OFFICER, event.id, now=clock()) == 0
    assert await reply_of(event, camille) is Reply.DECLINED
    assert await reply_of(event, odile) is Reply.AWAITED


async def test_whom_it_is_for_stays_as_it_was_sent(clock: FrozenClock) -> None:
    await people(1, clock)
    event = await opened(clock)
    changed = await planning.edit_event(
        OFFICER, event.id, draft(who=Who.PICKED, title="Autre"), await as_drafts(event), now=clock()
    )
    assert (changed.who, changed.title, changed.revision) == ("all", "Autre", 1)


async def test_closed_replies_open_again_with_a_later_deadline(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    clock.now = REPLY_BY
    assert await stage(event, clock) is Stage.CLOSED
    with pytest.raises(Conflict, match="replies_closed"):
        await says(event, camille, clock())
    with pytest.raises(Conflict, match="event_over"):
        await planning.open_event(OFFICER, event.id, now=clock())
    later = draft(reply_by=REPLY_BY + timedelta(days=1))
    await planning.edit_event(OFFICER, event.id, later, await as_drafts(event), now=clock())
    assert await stage(event, clock) is Stage.OPEN
    await planning.close_event(OFFICER, event.id, now=clock())
    assert await stage(event, clock) is Stage.CLOSED
    await planning.open_event(OFFICER, event.id, now=clock())  # the officer's own word is taken back
    assert await says(event, camille, clock()) is Reply.COMING


# --- changes ----------------------------------------------------------------------------------------------------------


async def test_another_time_or_place_is_told_to_who_has_not_declined(clock: FrozenClock) -> None:
    camille, odile, yann = await people(3, clock)
    event = await opened(clock, slot(capacity=5))
    await News.update({News.sent_at: clock()}, force=True)  # who was never written to has nothing to be told of
    await says(event, camille, clock())
    await says(event, odile, clock(), coming=False)
    same = await as_drafts(event)
    assert (await planning.edit_event(OFFICER, event.id, draft(), same, now=clock())).revision == 0
    await planning.edit_event(OFFICER, event.id, draft(bring="Des bottes"), same, now=clock())
    await planning.edit_event(
        OFFICER, event.id, draft(bring="Des bottes"), await as_drafts(event, capacity=9), now=clock()
    )
    assert await told(event, Told.CHANGED) == set()  # neither boots nor more room concern anybody
    [moved] = await as_drafts(event, starts_at=FIRST_SLOT + timedelta(hours=1))
    await planning.edit_event(OFFICER, event.id, draft(bring="Des bottes"), [moved], now=clock())
    assert await told(event, Told.CHANGED) == {camille, yann}
    assert (await events.event(event.id)).revision == 3
    assert await reply_of(event, camille) is Reply.COMING


async def test_once_sent_it_keeps_a_deadline_and_a_slot(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock, slot(), slot(1))
    for changed, times, field in (
        (draft(reply_by=None), await as_drafts(event), "reply_by"),
        (draft(), [], "slots"),
        (draft(reply_by=clock() - timedelta(days=1)), await as_drafts(event), "reply_by"),
    ):
        with pytest.raises(Invalid) as fault:
            await planning.edit_event(OFFICER, event.id, changed, times, now=clock())
        assert fault.value.extra["fields"] == [field]
    first, second = await as_drafts(event)
    await says(event, camille, clock(), slot_id=first.id)
    with pytest.raises(Conflict, match="slot_replied"):
        await planning.edit_event(OFFICER, event.id, draft(), [second], now=clock())
    await planning.edit_event(OFFICER, event.id, draft(), [first], now=clock())
    with pytest.raises(Conflict, match="event_sent"):
        await planning.remove_event(OFFICER, event.id, now=clock())


async def test_a_cancellation_ends_everything_and_says_why(clock: FrozenClock) -> None:
    camille, odile, yann = await people(3, clock)
    event = await opened(clock, slot(capacity=1))
    await says(event, camille, clock())
    await says(event, odile, clock())
    await says(event, yann, clock(), coming=False)
    for _ in range(2):
        await planning.cancel_event(OFFICER, event.id, "Coup de vent\x00", now=clock())
    assert await told(event, Told.CANCELLED) == {camille, odile}
    assert (await events.event(event.id)).cancelled_why == "Coup de vent"
    for act in (
        says(event, camille, clock(), coming=False),
        says(event, yann, clock()),
        replies.give_place(OFFICER, event.id, odile, now=clock()),
        planning.edit_event(OFFICER, event.id, draft(), await as_drafts(event), now=clock()),
        planning.pick(OFFICER, event.id, [], now=clock()),
        planning.open_event(OFFICER, event.id, now=clock()),
        planning.note_came(OFFICER, event.id, camille, came=True, guests=0, now=clock()),
        planning.sum_up(OFFICER, event.id, {}, "", now=clock()),
    ):
        with pytest.raises(Conflict):
            await act
    clock.advance(days=20)
    assert await events.been(before=clock()) == set()


# --- who came ---------------------------------------------------------------------------------------------------------


async def test_the_sum_freezes_who_came(clock: FrozenClock) -> None:
    camille, odile, yann, walker = await people(4, clock)
    event = await planning.add_event(OFFICER, draft(who=Who.PICKED, guests_max=2), [slot()], now=clock())
    await planning.pick(OFFICER, event.id, [camille, odile, yann], now=clock())
    await planning.open_event(OFFICER, event.id, now=clock())
    await says(event, camille, clock(), guests=2)
    await says(event, odile, clock())
    with pytest.raises(Conflict, match="event_not_held"):
        await planning.note_came(OFFICER, event.id, camille, came=True, guests=1, now=clock())
    clock.now = FIRST_SLOT
    await planning.note_came(OFFICER, event.id, odile, came=True, guests=0, now=clock())
    with pytest.raises(Conflict, match="event_not_held"):
        await planning.sum_up(OFFICER, event.id, {}, "", now=clock())
    clock.advance(hours=2)
    assert await events.been(before=clock()) == {camille, odile}  # as far as anybody has said
    for _ in range(2):
        await planning.sum_up(OFFICER, event.id, {camille: 1, walker: 0}, "Quelle belle matinée !", now=clock())
    assert await stage(event, clock) is Stage.SUMMED
    found = {row.ambassador_id: (row.came, row.came_guests) for row in await events.invitees(event.id)}
    assert found == {camille: (True, 1), odile: (False, None), yann: (None, None), walker: (True, 0)}
    assert await events.been(before=clock()) == {camille, walker}
    assert await told(event, Told.THANKS) == {camille, walker}
    assert await News.count().where(News.kind == Told.THANKS.value) == 2
    await planning.sum_up(OFFICER, event.id, {odile: 0}, "Quelle belle matinée !", now=clock())
    assert await events.been(before=clock()) == {odile}
    next_one = await planning.add_event(
        OFFICER,
        draft(who=Who.NEVER_BEEN, reply_by=clock() + timedelta(days=1)),
        [slot(20)],
        now=clock(),
    )
    assert await events.whom(next_one, now=clock()) == {camille, yann, walker}


async def test_a_pick_takes_nobody_out_who_came(clock: FrozenClock) -> None:
    camille, odile = await people(2, clock)
    event = await planning.add_event(OFFICER, draft(who=Who.PICKED), [slot()], now=clock())
    await planning.pick(OFFICER, event.id, [camille], now=clock())
    await planning.open_event(OFFICER, event.id, now=clock())
    clock.now = FIRST_SLOT
    await planning.note_came(OFFICER, event.id, odile, came=True, guests=0, now=clock())
    await planning.pick(OFFICER, event.id, [], now=clock())
    assert {row.ambassador_id for row in await events.invitees(event.id)} == {camille, odile}


async def test_every_act_leaves_an_entry_without_a_name(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock, slot(capacity=1))
    await says(event, camille, clock())
    await planning.edit_event(OFFICER, event.id, draft(), await as_drafts(event, capacity=2), now=clock())
    await planning.cancel_event(OFFICER, event.id, "Grand vent", now=clock())
    entries = await history.entries_about(event.id)
    assert {entry.action for entry in entries} == {
        "events.add",
        "events.open",
        "events.reply",
        "events.edit",
        "events.cancel",
    }
    assert "Varech" not in str(entries)
    assert (await row_of(event, camille)).reply == "coming"


# --- a slot that goes -------------------------------------------------------------------------------------------------


async def test_who_replied_for_a_slot_that_goes_is_asked_anew(clock: FrozenClock) -> None:
    camille, odile, yann, tifenn, gone = await people(5, clock)
    event = await opened(clock, slot(capacity=1), slot(1, capacity=1), guests_max=2)
    first, second = await as_drafts(event)
    for who, where in ((camille, first), (odile, first), (yann, second), (tifenn, second), (gone, first)):
        await says(event, who, clock(), slot_id=where.id)
    await planning.forget(gone, now=clock())
    await Invitee.update({Invitee.reminded_at: clock()}, force=True)
    with pytest.raises(Conflict) as refused:
        await planning.edit_event(OFFICER, event.id, draft(guests_max=2), [second], releases=1, now=clock())
    assert (refused.value.code, refused.value.extra) == ("slot_replied", {"n": 2})
    assert await reply_of(event, camille) is Reply.COMING
    assert len(await events.slots_of(event.id)) == 2
    for _ in range(2):  # the same again changes nothing
        await planning.edit_event(OFFICER, event.id, draft(guests_max=2), [second], releases=2, now=clock())
    for who in (camille, odile):
        row = await row_of(event, who)
        assert (row.reply, row.slot_id, row.guests) == ("awaited", None, 0)
        assert not any((row.replied_at, row.said_at, row.reminded_at))
    assert [await reply_of(event, who) for who in (yann, tifenn)] == [Reply.COMING, Reply.WAITING]
    assert await told(event, Told.REMOVED) == {camille, odile}
    assert await told(event, Told.CHANGED) == {yann, tifenn}
    assert await News.count().where(News.kind == Told.REMOVED.value) == 2
    [entry] = [one for one in await history.entries_about(event.id) if one.action == "events.remove_slots"]
    assert entry.details["n"] == 2
    with pytest.raises(Invalid, match="bad_slot"):  # a phone that had no network since
        await says(event, camille, clock(), slot_id=first.id)
    assert await says(event, camille, clock(), slot_id=second.id) is Reply.WAITING
    with pytest.raises(Invalid):
        await planning.edit_event(OFFICER, event.id, draft(guests_max=2), [], releases=9, now=clock())


async def test_a_slot_to_which_somebody_came_or_that_is_over_stays(clock: FrozenClock) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock, slot(), slot(1), slot(2))
    first, second, third = await as_drafts(event)
    await says(event, camille, clock(), slot_id=first.id)
    await says(event, odile, clock(), slot_id=second.id)
    clock.now = FIRST_SLOT + timedelta(hours=1)
    await planning.note_came(OFFICER, event.id, camille, came=True, guests=0, now=clock())
    with pytest.raises(Conflict, match="slot_taken"):
        await planning.edit_event(OFFICER, event.id, draft(), [second, third], releases=9, now=clock())
    clock.now = second.ends_at
    with pytest.raises(Conflict, match="slot_taken"):
        await planning.edit_event(OFFICER, event.id, draft(), [first, third], releases=9, now=clock())
    await planning.edit_event(OFFICER, event.id, draft(), [first, second], now=clock())  # nobody comes to it


async def test_a_reply_by_hand_finds_another_slot_once_replies_are_over(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock, slot(), slot(1))
    first, second = await as_drafts(event)
    await says(event, camille, clock(), slot_id=first.id)
    clock.now = REPLY_BY + timedelta(hours=1)
    await planning.edit_event(OFFICER, event.id, draft(), [second], releases=1, now=clock())
    with pytest.raises(Conflict, match="replies_closed"):
        await says(event, camille, clock(), slot_id=second.id)
    assert await says(event, camille, clock(), slot_id=second.id, by_hand=True) is Reply.COMING
