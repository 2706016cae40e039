"""Circles of ambassadors, on both databases."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from estran.actor import SYSTEM
from estran.club import circles
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.errors import Invalid, NotFound
from estran.history import service as history
from estran.privacy import erasure, my_data
from tests.conftest import FrozenClock

pytestmark = pytest.mark.anyio


async def member(first_name: str, clock: FrozenClock) -> Ambassador:
    return await club.add_ambassador(
        SYSTEM,
        first_name=first_name,
        last_name="Varech",
        email=f"{first_name.lower()}@example.org",
        begins_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        now=clock(),
    )


async def test_a_circle_has_a_name_and_members(engine: Any, clock: FrozenClock) -> None:
    camille, odile = await member("Camille", clock), await member("Odile", clock)
    made = await circles.set_circle(SYSTEM, None, " Les  photographes ", [camille.id, UUID(int=1)], now=clock())
    assert (made.name, await circles.members()) == ("Les photographes", {made.id: {camille.id}})
    for _ in range(2):
        await circles.set_circle(SYSTEM, made.id, "Photographes", [camille.id, odile.id], now=clock())
    assert [row.name for row in await circles.circles_of(odile.id)] == ["Photographes"]
    assert (await my_data.my_data(odile.id, now=clock()))["circles"] == [{"name": "Photographes"}]
    for name in ("", "x" * 81):
        with pytest.raises(Invalid):
            await circles.set_circle(SYSTEM, None, name, [], now=clock())
    with pytest.raises(Invalid):
        await circles.set_circle(SYSTEM, None, "Photographes", [], now=clock())
    await circles.remove_circle(SYSTEM, made.id, now=clock())
    assert await circles.members() == {}
    with pytest.raises(NotFound):
        await circles.circle(made.id)
    entries = await history.entries_about(made.id)
    assert sorted(entry.action for entry in entries) == ["club.add_circle", "club.edit_circle", "club.remove_circle"]
    assert all(set(entry.details) <= {"n"} for entry in entries)


async def test_erasure_leaves_every_circle(engine: Any, clock: FrozenClock) -> None:
    camille, odile = await member("Camille", clock), await member("Odile", clock)
    made = await circles.set_circle(SYSTEM, None, "Photographes", [camille.id, odile.id], now=clock())
    await erasure.erase(SYSTEM, camille.id, by="officer", now=clock())
    assert await circles.members() == {made.id: {odile.id}}
    await circles.set_circle(SYSTEM, made.id, "Photographes", [camille.id], now=clock())
    assert await circles.members() == {made.id: set()}, "nobody who was erased comes back"
