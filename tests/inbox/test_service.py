"""The officer's inbox: said once, answered once."""

from uuid import uuid4

import pytest

from estran.actor import Actor, Role
from estran.errors import NotFound
from estran.history import service as history
from estran.inbox import service as inbox
from tests.conftest import FrozenClock

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]

OFFICER = Actor(kind="account", id=uuid4(), roles=frozenset({Role.OFFICER}))


async def drop(clock: FrozenClock, key: str = "over_quota:1") -> None:
    await inbox.drop(
        "over_quota",
        key=key,
        now=clock(),
        subject_kind="visit",
        subject_id=uuid4(),
        details={"used": 3, "day": "2026-06-15"},
    )


async def test_the_same_thing_twice_is_one_item_even_when_answered(clock: FrozenClock) -> None:
    await drop(clock)
    await drop(clock)
    [item] = await inbox.open_items()
    assert item.details == {"used": 3, "day": "2026-06-15"}
    await inbox.answer(OFFICER, item.id, "seen", now=clock())
    await drop(clock)
    assert (await inbox.open_items(), await inbox.count_open()) == ([], 0)


async def test_the_first_answer_stays_and_is_in_the_history(clock: FrozenClock) -> None:
    await drop(clock)
    [item] = await inbox.open_items()
    first = await inbox.answer(OFFICER, item.id, "confirmed", now=clock())
    clock.advance(hours=1)
    again = await inbox.answer(OFFICER, item.id, "cancelled", now=clock())
    assert first.answer == again.answer == "confirmed"
    assert again.answered_at == first.answered_at
    entries = await history.latest()
    assert [(entry.action, entry.actor_id, entry.details["answer"]) for entry in entries] == [
        ("inbox.answer", OFFICER.id, "confirmed")
    ]


async def test_the_newest_item_comes_first(clock: FrozenClock) -> None:
    await drop(clock, "a")
    clock.advance(minutes=1)
    await drop(clock, "b")
    first, second = await inbox.open_items()
    assert first.at > second.at


async def test_an_item_that_is_not_there_cannot_be_answered(clock: FrozenClock) -> None:
    with pytest.raises(NotFound):
        await inbox.answer(OFFICER, uuid4(), "seen", now=clock())
