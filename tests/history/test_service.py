"""Who did what to whom, and why."""

from uuid import uuid4

import pytest

from estran import db
from estran.actor import SYSTEM, Actor
from estran.history import service as history
from tests.conftest import FrozenClock

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]


async def test_an_act_is_read_back_as_it_was_recorded(clock: FrozenClock) -> None:
    officer, person = Actor(kind="account", id=uuid4()), uuid4()
    await history.record(
        officer, "club.pause", "ambassador", person, now=clock(), why="déménagement", details={"days": 3}
    )
    await history.record(SYSTEM, "keys.make", "key", uuid4(), now=clock())
    [entry] = await history.entries_about(person)
    assert (entry.at, entry.actor_id, entry.action, entry.why) == (clock(), officer.id, "club.pause", "déménagement")
    assert entry.details == {"days": 3}


async def test_the_newest_entries_come_first_and_not_all_of_them(clock: FrozenClock) -> None:
    person = uuid4()
    for number in range(5):
        await history.record(
            SYSTEM, "club.edit", "ambassador", person, now=clock.advance(minutes=1), details={"n": number}
        )
    assert [entry.details["n"] for entry in await history.entries_about(person, limit=2)] == [4, 3]
    assert [entry.details["n"] for entry in await history.latest(limit=3)] == [4, 3, 2]


async def test_an_act_that_fails_leaves_no_entry(clock: FrozenClock) -> None:
    @db.writes
    async def act() -> None:
        await history.record(SYSTEM, "club.pause", "ambassador", uuid4(), now=clock())
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - our own
        await act()
    assert await history.latest() == []
