"""A scanner that says nothing while its venue is open is told to the officer, once, and settles by itself."""

from datetime import date, timedelta

import pytest

from estran.actor import SYSTEM
from estran.club import service as club
from estran.inbox import service as inbox
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.terms import Span
from estran.visits import rules, service, silence
from tests.conftest import FrozenClock
from tests.visits.conftest import OFFICER, Scanner, Town, flags

pytestmark = pytest.mark.anyio

HEARD = date(2026, 11, 1)


WINTER = Span("2026-11-02", "2027-04-10")
SUMMER = Span("05-01", "09-30")


@pytest.mark.parametrize(
    ("today", "shut", "seasons", "n"),
    [
        ("2026-11-01", [], [[]], 0),
        ("2026-10-01", [], [[]], 0),
        ("2026-11-15", [], [[]], 14),
        ("2026-11-15", [], [], 0),
        ("2026-11-15", [Span("2026-11-03", "2026-11-04")], [[]], 12),
        ("2026-11-15", [Span("2026-10-01", "2026-11-10"), Span("2026-11-08", "2026-11-11")], [[]], 4),
        ("2026-11-15", [Span("2026-11-15", "2026-11-15")], [[]], 0),
        ("2027-04-12", [WINTER], [[]], 2),
        ("2026-12-24", [], [[SUMMER]], 0),
        ("2026-12-24", [], [[SUMMER], []], 53),
        ("2027-05-03", [], [[SUMMER]], 3),
    ],
)
def test_days_on_which_the_venue_rests_are_no_silence(
    today: str, shut: list[Span], seasons: list[list[Span]], n: int
) -> None:
    assert rules.open_days(HEARD, date.fromisoformat(today), shut, seasons) == n


async def test_a_silence_is_told_once_and_settles_when_the_scanner_is_back(till: Scanner, clock: FrozenClock) -> None:
    since = clock()
    clock.advance(days=13)
    await silence.watch(now=clock())
    assert await flags() == []
    clock.advance(days=1)
    for _ in range(2):
        await silence.watch(now=clock())
    [item] = await inbox.open_items()
    assert (item.kind, item.subject_id, item.details) == (
        "silent_scanner",
        till.device.id,
        {"since": since.isoformat()},
    )
    await service.note_snapshot(till.device.id, None, now=clock())
    await silence.watch(now=clock())
    assert await flags() == []
    clock.advance(days=14)
    await silence.watch(now=clock())
    assert await flags() == ["silent_scanner"], "another silence is another line"


async def test_an_answer_holds_until_the_next_silence(till: Scanner, clock: FrozenClock) -> None:
    clock.advance(days=20)
    await silence.watch(now=clock())
    [item] = await inbox.open_items()
    await inbox.answer(OFFICER, item.id, "seen", now=clock())
    clock.advance(days=20)
    await silence.watch(now=clock())
    assert await flags() == []


async def test_a_cut_scanner_is_not_silent(town: Town, till: Scanner, clock: FrozenClock) -> None:
    clock.advance(days=20)
    await silence.watch(now=clock())
    await venues.cut_device(SYSTEM, till.device.id, "Perdu", now=clock())
    await silence.watch(now=clock())
    assert await flags() == []


@pytest.mark.parametrize("rests", ["paused", "archived", "closed"])
async def test_nothing_is_said_while_the_venue_rests(town: Town, till: Scanner, clock: FrozenClock, rests: str) -> None:
    museum = town.museum.id
    if rests == "paused":
        await venues.pause_venue(SYSTEM, museum, "Travaux", now=clock())
    elif rests == "archived":
        await venues.archive_venue(SYSTEM, museum, "Fermé", now=clock())
    else:
        await closures.add_closure(SYSTEM, museum, date(2026, 6, 20), date(2026, 7, 31), "Travaux", now=clock())
    clock.advance(days=30)
    await silence.watch(now=clock())
    assert await flags() == []
    if rests == "closed":
        clock.advance(days=24)  # since 15 June: four days before it closed, eight since it is open again
        await silence.watch(now=clock())
        assert await flags() == []
        clock.advance(days=2)
        await silence.watch(now=clock())
        assert await flags() == ["silent_scanner"]


async def test_how_long_the_club_waits_is_a_setting(till: Scanner, clock: FrozenClock) -> None:
    house = await club.house()
    await club.edit_house(
        OFFICER,
        name=house.name,
        office_name=house.office_name,
        contact_email="",
        zone_name=house.zone,
        snapshot_limit_days=7,
        silent_days=3,
        now=clock(),
    )
    clock.advance(days=3)
    await silence.watch(now=clock())
    assert await flags() == ["silent_scanner"]


async def test_one_silent_scanner_says_nothing_of_the_others(
    till: Scanner, other_till: Scanner, clock: FrozenClock
) -> None:
    clock.advance(days=14)
    await service.note_snapshot(other_till.device.id, None, now=clock() - timedelta(hours=1))
    await silence.watch(now=clock())
    assert [item.subject_id for item in await inbox.open_items()] == [till.device.id]
