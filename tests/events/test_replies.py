"""What people say, who gets a place, who is served from the waiting list; on both databases."""

import asyncio
import contextlib
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from estran import db
from estran.app import do_chores
from estran.club import service as club
from estran.errors import Conflict, Invalid, NotFound
from estran.events import planning, replies
from estran.events import service as events
from estran.events.rules import PROMOTED_UNTIL, Reply, Told
from estran.events.tables import Event, News
from estran.settings import Settings
from tests.conftest import FrozenClock
from tests.events.cast import (
    FIRST_SLOT,
    OFFICER,
    REPLY_BY,
    as_drafts,
    draft,
    opened,
    people,
    reply_of,
    row_of,
    says,
    slot,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]
COMING, WAITING, DECLINED, AWAITED = Reply.COMING, Reply.WAITING, Reply.DECLINED, Reply.AWAITED


async def promoted(event: Event) -> list[UUID]:
    """Who was told of a place."""
    rows = News.select(News.ambassador_id).where(News.event_id == event.id, News.kind == Told.PROMOTED.value)
    return list(await rows.output(as_list=True))


async def taken(event: Event) -> list[int]:
    found = await replies.places(await events.slots_of(event.id))
    return [found[row.id].taken for row in await events.slots_of(event.id)]


# --- places -----------------------------------------------------------------------------------------------------------


async def test_a_reply_may_change_as_often_as_one_likes(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock, slot(capacity=5), guests_max=2)
    for coming, guests, after in ((True, 0, COMING), (False, 0, DECLINED), (True, 2, COMING), (True, 1, COMING)):
        assert await says(event, camille, clock(), coming=coming, guests=guests) is after
        assert await taken(event) == [1 + guests if coming else 0]
    entries = [await row_of(event, camille) for _ in range(2) if await says(event, camille, clock(), guests=1)]
    assert [row.guests for row in entries] == [1, 1]


async def test_the_same_twice_changes_nothing_whatever_was_closed_meanwhile(clock: FrozenClock) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock, guests_max=3)
    await says(event, camille, clock(), guests=3)
    await says(event, odile, clock(), coming=False)
    await planning.edit_event(OFFICER, event.id, draft(guests_max=1), await as_drafts(event), now=clock())
    clock.now = REPLY_BY
    assert await says(event, camille, clock(), guests=3) is COMING
    assert await says(event, odile, clock(), coming=False) is DECLINED


async def test_guests_within_what_the_event_allows(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock, guests_max=1)
    for guests in (-1, 2, 4, 1000):
        with pytest.raises(Invalid, match="bad_guests"):
            await says(event, camille, clock(), guests=guests)


async def test_of_several_slots_one_is_chosen(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock, slot(), slot(1))
    other = await opened(clock, title="Autre")
    [foreign] = await events.slots_of(other.id)
    for chosen in (None, foreign.id):
        with pytest.raises(Invalid, match="bad_slot"):
            await says(event, camille, clock(), slot_id=chosen)
    assert await says(other, camille, clock()) is COMING  # one slot: nothing to choose


async def test_who_was_not_asked_finds_nothing(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await planning.add_event(OFFICER, draft(), [slot()], now=clock())
    await planning.pick(OFFICER, event.id, [camille], now=clock())
    [row] = await events.invitees(event.id)
    for act in (says(event, camille, clock()), replies.invitation(row.id)):
        with pytest.raises(NotFound):
            await act


async def test_more_guests_than_room_keeps_what_one_has(clock: FrozenClock) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock, slot(capacity=3), guests_max=4)
    await says(event, camille, clock(), guests=1)
    with pytest.raises(Conflict, match="no_place_left"):
        await says(event, camille, clock(), guests=3)
    assert (await row_of(event, camille)).guests == 1
    assert await says(event, odile, clock(), guests=1) is WAITING
    with pytest.raises(Conflict, match="no_place_left"):  # 1 is left, but not for a party of 4
        await says(event, camille, clock(), guests=4)
    assert await says(event, camille, clock(), guests=2) is COMING  # odile's two would not have fitted


async def test_a_capacity_below_what_is_taken_throws_nobody_out(clock: FrozenClock) -> None:
    camille, odile, yann = await people(3, clock)
    event = await opened(clock, slot(capacity=8), guests_max=4)
    await says(event, camille, clock(), guests=4)
    await says(event, odile, clock(), guests=2)
    await planning.edit_event(OFFICER, event.id, draft(guests_max=4), await as_drafts(event, capacity=4), now=clock())
    assert await says(event, yann, clock()) is WAITING
    assert await says(event, camille, clock(), guests=2) is COMING  # fewer are always welcome
    assert await taken(event) == [6]
    with pytest.raises(Conflict, match="no_place_left"):
        await says(event, camille, clock(), guests=3)
    assert await promoted(event) == []
    await says(event, camille, clock(), coming=False)
    assert (await promoted(event), await taken(event)) == ([yann], [4])


async def test_another_slot_that_is_full_is_waited_for(clock: FrozenClock) -> None:
    camille, odile, yann = await people(3, clock)
    event = await opened(clock, slot(capacity=1), slot(1, capacity=1))
    first, second = await events.slots_of(event.id)
    await says(event, camille, clock(), slot_id=first.id)
    await says(event, odile, clock(), slot_id=second.id)
    await says(event, yann, clock(), slot_id=first.id)
    assert await says(event, camille, clock(), slot_id=second.id) is WAITING
    assert await promoted(event) == [yann]  # the place left behind
    assert await says(event, camille, clock(), slot_id=first.id) is WAITING
    assert await says(event, odile, clock(), coming=False) is DECLINED
    assert await taken(event) == [1, 0]  # nobody waits for the second any more


# --- the waiting list -------------------------------------------------------------------------------------------------


async def test_the_list_is_served_in_order_as_soon_as_a_place_is_free(clock: FrozenClock) -> None:
    first, camille, odile, yann = await people(4, clock)
    event = await opened(clock, slot(capacity=2), guests_max=1)
    await says(event, first, clock(), guests=1)
    for who, guests in ((camille, 1), (odile, 0), (yann, 0)):
        clock.advance(minutes=1)
        assert await says(event, who, clock(), guests=guests) is WAITING
    ranks = [await replies.rank(await row_of(event, who), event, now=clock()) for who in (camille, odile, yann, first)]
    assert ranks == [1, 2, 3, None]
    await says(event, first, clock(), guests=0)
    assert await promoted(event) == [odile]  # camille's two do not fit: the rank is kept
    assert await replies.rank(await row_of(event, camille), event, now=clock()) == 1
    await says(event, odile, clock(), coming=False)
    assert await reply_of(event, yann) is COMING
    await planning.edit_event(OFFICER, event.id, draft(guests_max=1), await as_drafts(event, capacity=4), now=clock())
    assert await reply_of(event, camille) is COMING


async def test_who_waits_and_asks_for_less_keeps_the_rank_for_more_begins_anew(clock: FrozenClock) -> None:
    first, camille, odile = await people(3, clock)
    event = await opened(clock, slot(capacity=2), guests_max=4)
    await says(event, first, clock(), guests=1)
    for who, guests in ((camille, 2), (odile, 1)):
        clock.advance(minutes=1)
        await says(event, who, clock(), guests=guests)
    clock.advance(minutes=1)
    assert await says(event, camille, clock(), guests=1) is WAITING
    assert await replies.rank(await row_of(event, camille), event, now=clock()) == 1
    clock.advance(minutes=1)
    assert await says(event, camille, clock(), guests=2) is WAITING
    assert await replies.rank(await row_of(event, camille), event, now=clock()) == 2


async def test_who_waits_and_then_fits_has_a_place_at_once(clock: FrozenClock) -> None:
    first, camille, odile = await people(3, clock)
    event = await opened(clock, slot(capacity=3), guests_max=4)
    await says(event, first, clock(), guests=1)
    clock.advance(minutes=1)
    assert await says(event, camille, clock(), guests=1) is WAITING
    clock.advance(minutes=1)
    assert await says(event, odile, clock(), guests=3) is WAITING
    assert await says(event, camille, clock(), guests=0) is COMING
    assert await promoted(event) == []  # who has just asked needs no letter


async def test_who_waits_may_leave_the_list(clock: FrozenClock) -> None:
    first, camille, odile = await people(3, clock)
    event = await opened(clock, slot(capacity=1))
    for who in (first, camille, odile):
        clock.advance(minutes=1)
        await says(event, who, clock())
    clock.now = REPLY_BY
    assert await says(event, camille, clock(), coming=False) is DECLINED
    await says(event, first, clock(), coming=False)
    assert await promoted(event) == [odile]


async def test_newcomers_are_served_first_where_the_event_says_so(clock: FrozenClock) -> None:
    regular, first, camille = await people(3, clock)
    before = await opened(clock)
    await says(before, regular, clock())
    clock.now = FIRST_SLOT + timedelta(days=1)
    event = await opened(
        clock, slot(20, capacity=1), newcomers_first=True, reply_by=clock() + timedelta(days=3), title="Autre"
    )
    for who in (first, regular, camille):
        clock.advance(minutes=1)
        await says(event, who, clock())
    assert await replies.rank(await row_of(event, camille), event, now=clock()) == 1
    await says(event, first, clock(), coming=False)
    assert await promoted(event) == [camille]


async def test_in_the_last_day_nobody_is_given_a_place_unasked(clock: FrozenClock) -> None:
    first, camille, odile = await people(3, clock)
    event = await opened(clock, slot(capacity=2), reply_by=FIRST_SLOT, guests_max=1)
    await says(event, first, clock(), guests=1)
    assert await says(event, camille, clock()) is WAITING
    clock.now = FIRST_SLOT - PROMOTED_UNTIL + timedelta(seconds=1)
    await says(event, first, clock(), guests=0)
    assert await reply_of(event, camille) is WAITING
    assert await says(event, odile, clock()) is WAITING  # one place is free, and camille's before hers
    await replies.give_place(OFFICER, event.id, camille, now=clock())
    assert await promoted(event) == [camille]
    with pytest.raises(Conflict, match="not_waiting"):
        await replies.give_place(OFFICER, event.id, camille, now=clock())
    await replies.give_place(OFFICER, event.id, odile, now=clock())  # over the capacity: the officer's own word
    assert await taken(event) == [3]


async def test_until_then_they_are(clock: FrozenClock) -> None:
    first, camille = await people(2, clock)
    event = await opened(clock, slot(capacity=1))
    await says(event, first, clock())
    await says(event, camille, clock())
    clock.now = FIRST_SLOT - PROMOTED_UNTIL
    await says(event, first, clock(), coming=False)
    assert await reply_of(event, camille) is COMING


# --- a phone without network, and what is said elsewhere meanwhile -----------------------------------------------------


async def test_a_late_yes_does_not_undo_a_later_no(clock: FrozenClock) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock, slot(capacity=1))
    on_the_phone = clock()
    clock.advance(hours=2)
    await says(event, camille, clock(), coming=False)
    await says(event, odile, clock())
    clock.advance(hours=2)
    for _ in range(2):
        with pytest.raises(Conflict, match="replied_since"):
            await says(event, camille, clock(), said_at=on_the_phone)
    assert await reply_of(event, camille) is DECLINED
    assert await says(event, camille, clock()) is WAITING  # asked again, she would like to come


async def test_what_was_said_last_on_the_phone_stands_and_waits_by_its_arrival(clock: FrozenClock) -> None:
    first, camille, odile = await people(3, clock)
    event = await opened(clock, slot(capacity=1))
    await says(event, first, clock())
    await says(event, camille, clock(), coming=False)
    on_the_phone = clock.advance(hours=1)
    clock.advance(hours=1)
    assert await says(event, odile, clock()) is WAITING
    clock.advance(hours=1)
    assert await says(event, camille, clock(), said_at=on_the_phone) is WAITING
    ranks = [await replies.rank(await row_of(event, who), event, now=clock()) for who in (odile, camille)]
    assert ranks == [1, 2], "no clock of a phone moves anybody up"


async def test_the_same_said_again_elsewhere_is_the_last_word_too(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    await says(event, camille, clock())
    not_after_all = clock.advance(hours=1)
    clock.advance(hours=1)
    await says(event, camille, clock())
    with pytest.raises(Conflict, match="replied_since"):
        await says(event, camille, clock(), coming=False, said_at=not_after_all)


async def test_a_phone_ahead_of_time_does_not_silence_what_is_said_elsewhere(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    await says(event, camille, clock(), said_at=clock() + timedelta(days=2))
    clock.advance(seconds=1)
    assert await says(event, camille, clock(), coming=False) is DECLINED


@pytest.mark.parametrize("seed", range(2))
async def test_however_replies_arrive_the_one_given_last_stands(clock: FrozenClock, seed: int) -> None:
    """A phone keeps its last word and repeats it; answers get lost, copies come late, and others are told elsewhere."""
    chance = Random(seed)
    [camille] = await people(1, clock)
    event = await opened(clock, guests_max=2, reply_by=FIRST_SLOT - timedelta(hours=1))
    last: dict[str, Any] = {}
    queued: dict[str, Any] | None = None
    sent: list[dict[str, Any]] = []
    known_at = clock()

    async def arrives(words: dict[str, Any]) -> None:
        with contextlib.suppress(Conflict):
            await says(event, camille, clock(), **words)

    for step in range(80):
        clock.advance(seconds=chance.choice([0, 1, 60, 3600]))
        words: dict[str, Any] = chance.choice([{"coming": False}, *({"coming": True, "guests": n} for n in range(3))])
        act = chance.choice(["phone", "phone", "elsewhere", "send", "lost", "copy"]) if step < 79 else "send"
        if act == "elsewhere":
            clock.advance(milliseconds=1)  # nobody says two things at once
            await says(event, camille, clock(), **words)
            last = words
        elif act == "phone":
            before = queued["said_at"] if queued else known_at
            queued = {**words, "said_at": max(clock.advance(milliseconds=1), before + timedelta(milliseconds=1))}
            last = words
        elif act == "copy" and sent:
            await arrives(chance.choice(sent))
        elif act in {"send", "lost"} and queued:
            sent.append(queued)
            await arrives(queued)
            if act == "send":
                queued = None
                known_at = (await row_of(event, camille)).said_at
        if queued is None and last:
            row = await row_of(event, camille)
            assert {"coming": row.reply == COMING} | ({"guests": row.guests} if row.reply == COMING else {}) == last


# --- after the replies ------------------------------------------------------------------------------------------------


async def test_after_the_deadline_one_may_still_withdraw_or_bring_fewer(clock: FrozenClock) -> None:
    camille, odile, yann = await people(3, clock)
    event = await opened(clock, slot(capacity=4), slot(2), guests_max=3)
    first, second = await events.slots_of(event.id)
    await says(event, camille, clock(), slot_id=first.id, guests=3)
    await says(event, odile, clock(), slot_id=first.id)
    clock.now = REPLY_BY
    for guests, chosen in ((3, second), (4, first)):
        with pytest.raises((Conflict, Invalid)):
            await says(event, camille, clock(), slot_id=chosen.id, guests=guests)
    with pytest.raises(Conflict, match="replies_closed"):
        await says(event, yann, clock(), slot_id=first.id)
    assert await says(event, camille, clock(), slot_id=first.id, guests=2) is COMING
    assert await reply_of(event, odile) is COMING
    clock.now = first.ends_at  # theirs is over, the other is still to come
    for act in (
        says(event, camille, clock(), coming=False),
        says(event, odile, clock(), coming=False),
        says(event, camille, clock(), slot_id=first.id, guests=0),
    ):
        with pytest.raises(Conflict, match="replies_closed"):
            await act


async def test_after_the_deadline_the_officer_still_notes_who_comes_by_the_same_rules(clock: FrozenClock) -> None:
    camille, odile, yann = await people(3, clock)
    event = await opened(clock, slot(capacity=3), guests_max=1)
    await says(event, camille, clock(), guests=1)
    clock.now = REPLY_BY
    assert await says(event, odile, clock(), by_hand=True) is COMING
    assert await says(event, yann, clock(), by_hand=True) is WAITING
    with pytest.raises(Conflict, match="no_place_left"):
        await says(event, odile, clock(), guests=1, by_hand=True)
    await replies.give_place(OFFICER, event.id, yann, now=clock())
    assert await reply_of(event, yann) is COMING
    await says(event, yann, clock(), coming=False)
    clock.now = (await events.slots_of(event.id))[0].ends_at
    with pytest.raises(Conflict, match="replies_closed"):
        await says(event, yann, clock(), by_hand=True)


# --- people who go ----------------------------------------------------------------------------------------------------


async def test_who_is_paused_or_whose_mandate_is_over_frees_the_place(clock: FrozenClock, settings: Settings) -> None:
    camille, odile, yann, next_one = await people(4, clock)
    event = await opened(clock, slot(capacity=2))
    for who in (camille, odile, yann, next_one):
        clock.advance(minutes=1)
        await says(event, who, clock())
    assert await replies.release(now=clock()) == 0
    await club.pause(OFFICER, camille, "En mer", now=clock())
    [mandate] = await club.mandates_of(odile)
    await club.edit_mandate(OFFICER, mandate.id, date(2026, 1, 1), date(2026, 6, 14), now=clock())
    assert await says(event, camille, clock(), coming=False) is DECLINED  # a no is always taken
    with pytest.raises(Conflict, match="not_eligible"):
        await says(event, camille, clock())
    assert await reply_of(event, yann) is COMING
    await do_chores(settings, now=clock())
    assert await reply_of(event, odile) is AWAITED
    assert await reply_of(event, next_one) is COMING
    assert await promoted(event) == [yann, next_one]


async def test_who_is_forgotten_frees_the_place(clock: FrozenClock) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock, slot(capacity=1))
    await says(event, camille, clock())
    await says(event, odile, clock())
    await planning.forget(camille, now=clock())
    assert await reply_of(event, odile) is COMING
    assert await News.count().where(News.ambassador_id == camille) == 0


# --- all at once ------------------------------------------------------------------------------------------------------


async def test_twenty_people_for_one_last_place(clock: FrozenClock) -> None:
    await assert_one_of_twenty(clock)


@pytest.mark.parametrize("engine_name", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_processes_that_know_nothing_of_each_other_give_it_once_too(
    engine: db.PooledPostgresEngine, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "turn", asyncio.Semaphore(30))  # as if each were a process of its own
    monkeypatch.setattr(db, "WRITE_TRIES", 100)
    await assert_one_of_twenty(clock)


async def assert_one_of_twenty(clock: FrozenClock) -> None:
    first, *others = await people(21, clock)
    event = await opened(clock, slot(capacity=3), guests_max=1)
    await says(event, first, clock(), guests=1)
    said = await asyncio.gather(
        *(says(event, who, clock() + timedelta(microseconds=n)) for n, who in enumerate(others))
    )
    assert sorted(said) == [COMING] + [WAITING] * 19
    assert await taken(event) == [3]
    assert await promoted(event) == []
    listed = [row for row in await events.invitees(event.id) if row.reply == WAITING]
    ranks = [await replies.rank(row, event, now=clock()) for row in sorted(listed, key=lambda row: row.replied_at)]
    assert ranks == list(range(1, 20))


async def test_some_withdraw_while_others_reply(clock: FrozenClock) -> None:
    mine = await people(20, clock)
    event = await opened(clock, slot(capacity=5))
    for who in mine[:5]:
        await says(event, who, clock())
    clock.advance(minutes=1)
    acts: list[Any] = [says(event, who, clock(), coming=False) for who in mine[:5]]
    acts += [says(event, who, clock() + timedelta(microseconds=n)) for n, who in enumerate(mine[5:])]
    Random(20).shuffle(acts)
    await asyncio.gather(*acts)
    assert await taken(event) == [5]
    found = [await reply_of(event, who) for who in mine]
    assert (found[:5], found.count(COMING), found.count(WAITING)) == ([DECLINED] * 5, 5, 10)


async def test_whatever_happens_no_slot_is_too_full_and_nobody_waits_who_would_fit(clock: FrozenClock) -> None:
    chance = Random(6)
    crowd = await people(9, clock)
    event = await opened(clock, slot(capacity=4), slot(1, capacity=6), guests_max=4)
    times = await events.slots_of(event.id)
    for _ in range(70):
        clock.advance(minutes=1)
        before = {row.ambassador_id: (row.reply, row.slot_id, row.guests) for row in await events.invitees(event.id)}
        who, chosen, guests = chance.choice(crowd), chance.choice(times), chance.choice([0, 0, 1, 2, 4])
        with contextlib.suppress(Conflict):  # no place for more guests
            await says(event, who, clock(), coming=chance.random() < 0.75, slot_id=chosen.id, guests=guests)
        rows = {row.ambassador_id: row for row in await events.invitees(event.id)}
        for row in times:
            heads = sum(1 + one.guests for one in rows.values() if (one.slot_id, one.reply) == (row.id, COMING))
            assert heads <= row.capacity
            waiting = [one for one in rows.values() if (one.slot_id, one.reply) == (row.id, WAITING)]
            assert all(heads + 1 + one.guests > row.capacity for one in waiting)
        for other, was in before.items():  # nobody else's reply changes, but for a place that became theirs
            now_is = (rows[other].reply, rows[other].slot_id, rows[other].guests)
            assert other == who or now_is in {was, (COMING.value, *was[1:])}
