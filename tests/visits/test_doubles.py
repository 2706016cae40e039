"""The same ambassador on two scanners of a venue on one day: counted, asked about once, told to the other scanner."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from estran import clock as clocks
from estran.actor import SYSTEM
from estran.inbox import service as inbox
from estran.venues import service as venues
from estran.visits import doubles, rules, service
from estran.visits.rules import Flag, Once
from estran.visits.snapshot import Snapshot
from tests.conftest import FrozenClock
from tests.visits.conftest import OFFICER, Item, Phone, Scanner, Town, flags, stored

pytestmark = pytest.mark.anyio

TEN = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)


# --- the rule ---------------------------------------------------------------------------------------------------------


def once(number: int, device: int, minute: int, *, is_decided: bool = False) -> Once:
    return Once(UUID(int=number), UUID(int=device), TEN + timedelta(minutes=minute), is_decided=is_decided)


@pytest.mark.parametrize(
    ("visits", "found"),
    [
        ([], {}),
        ([once(1, 1, 0)], {}),
        ([once(1, 1, 0), once(2, 1, 5)], {}),
        ([once(1, 1, 0), once(2, 2, 5)], {2: 1}),
        ([once(2, 2, 5), once(1, 1, 0)], {2: 1}),
        ([once(1, 1, 0, is_decided=True), once(2, 2, 5)], {2: 1}),
        ([once(1, 1, 0), once(2, 2, 5, is_decided=True)], {}),
        ([once(1, 1, 0), once(2, 2, 5), once(3, 3, 9)], {2: 1, 3: 2}),
        ([once(1, 1, 0), once(2, 1, 5, is_decided=True), once(3, 2, 9)], {3: 2}),
        ([once(1, 1, 0), once(2, 2, 5, is_decided=True), once(3, 2, 9)], {3: 1}),
        ([once(2, 2, 0), once(1, 1, 0)], {2: 1}),
    ],
)
def test_the_later_of_two_scanners_is_asked_about(visits: list[Once], found: dict[int, int]) -> None:
    assert rules.doubles(visits) == {UUID(int=later): UUID(int=first) for later, first in found.items()}


# --- at intake --------------------------------------------------------------------------------------------------------


async def pair_of(till: Scanner, other: Scanner, camille: Phone, clock: FrozenClock) -> tuple[Item, Item]:
    """One visit on each scanner, two minutes apart, not handed in yet."""
    first = till.scan(camille.show(clock()))
    clock.advance(minutes=2)
    return first, other.scan(camille.show(clock()))


async def asked_about() -> list[UUID | None]:
    return [item.subject_id for item in await inbox.open_items() if item.kind == Flag.POSSIBLE_DOUBLE]


@pytest.mark.parametrize("order", ["as they happened", "the first last"])
async def test_both_count_and_the_later_is_asked_about_once(
    till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock, order: str
) -> None:
    first, later = await pair_of(till, other_till, camille, clock)
    clock.advance(minutes=30)
    both = [(till, first), (other_till, later)]
    for scanner, item in reversed(both) if order == "the first last" else both:
        assert await scanner.state_of(item) == "counted"
    for scanner, item in both:
        assert (await scanner.hand_in(item)).results[0].result == "duplicate"
    [line] = await inbox.open_items()
    assert (line.kind, line.subject_id, line.venue_id) == ("possible_double", UUID(later["id"]), till.device.venue_id)
    assert line.at == (await stored(later)).at
    before = await doubles.first_of(await stored(later))
    assert before is not None
    assert before.id == UUID(first["id"])


async def test_who_decided_at_the_desk_is_not_asked_again(
    till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    first, later = await pair_of(till, other_till, camille, clock)
    later["decisions"]["again"] = "another_visit"
    await till.hand_in(first)
    assert await other_till.state_of(later, answer="admit") == "counted"
    assert await flags() == []


async def test_another_day_place_or_person_is_no_double(
    town: Town, till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    zoo = await venues.add_venue(SYSTEM, name="Zoo", commune="", address="", url="", contact_email="", now=clock())
    elsewhere = await town.scanner(zoo)
    marin = await town.ambassador("Marin", "Galet")
    await till.hand_in(till.scan(camille.show(clock())), till.scan(camille.show(clock())))
    await other_till.hand_in(other_till.scan(marin.show(clock())))
    await elsewhere.hand_in(elsewhere.scan(camille.show(clock()), benefitId=None, answer="ask", reason="no_benefit"))
    clock.advance(days=1)
    await other_till.hand_in(other_till.scan(camille.show(clock())))
    assert await asked_about() == []


async def test_refused_visits_are_nobodys_double(
    till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    refused = {"answer": "refuse", "reason": "quota_used", "outcome": "refused"}
    await till.hand_in(till.scan(camille.show(clock()), **refused))
    await other_till.hand_in(other_till.scan(camille.show(clock())))
    await till.hand_in(till.scan(camille.show(clock()), **refused))
    assert await flags() == []


# --- it settles -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["first", "later"])
@pytest.mark.parametrize("by", ["undo", "officer"])
async def test_it_settles_when_one_of_the_two_goes(
    till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock, which: str, by: str
) -> None:
    first, later = await pair_of(till, other_till, camille, clock)
    await other_till.hand_in(later)
    await till.hand_in(first)
    assert await asked_about() == [UUID(later["id"])]
    scanner, item = (till, first) if which == "first" else (other_till, later)
    if by == "undo":
        await scanner.hand_in(scanner.undo(item))
    else:
        await service.cancel_visit(OFFICER, UUID(item["id"]), "Même visite", now=clock())
    assert await inbox.count_open() == 0


async def test_it_stays_while_a_third_scanner_says_so(
    town: Town, till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    third = await town.scanner()
    first, second = await pair_of(till, other_till, camille, clock)
    clock.advance(minutes=2)
    last = third.scan(camille.show(clock()))
    for scanner, item in ((till, first), (other_till, second), (third, last)):
        await scanner.hand_in(item)
    assert set(await asked_about()) == {UUID(second["id"]), UUID(last["id"])}
    await till.hand_in(till.undo(first))
    assert await asked_about() == [UUID(last["id"])]
    before = await doubles.first_of(await stored(last))
    assert before is not None
    assert before.id == UUID(second["id"])


async def test_what_was_undone_before_it_arrived_asks_nothing(
    till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    first, later = await pair_of(till, other_till, camille, clock)
    await other_till.hand_in(later)
    await till.hand_in(first, till.undo(first))
    assert await flags() == []


# --- what the other scanner is told -----------------------------------------------------------------------------------


async def test_the_news_tell_who_came_today_by_another_scanner(
    town: Town, till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    async def news(scanner: Scanner) -> Snapshot:
        return await service.snapshot(town.issuer, scanner.device.id, now=clock())

    empty = await news(other_till)
    assert (empty.today.day, empty.today.visits) == ("2026-06-15", {})
    first, second = await pair_of(till, till, camille, clock)
    await till.hand_in(first, second)
    told = await news(other_till)
    seen = told.today.visits[camille.owner.sub]
    assert (seen.at_ms, seen.label) == (clocks.to_ms((await stored(second)).at), "Caisse")
    assert list(told.today.visits) == [camille.owner.sub]
    assert told.version != empty.version
    assert (await news(till)).today.visits == {}, "its own visits it knows by itself"
    assert "Camille" not in str(told.today)
    await till.hand_in(till.undo(second))
    assert (await news(other_till)).today.visits[camille.owner.sub].at_ms == clocks.to_ms((await stored(first)).at)
    clock.advance(days=1)
    tomorrow = await news(other_till)
    assert (tomorrow.today.day, tomorrow.today.visits) == ("2026-06-16", {})


async def test_the_news_tell_nothing_of_other_places(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    zoo = await venues.add_venue(SYSTEM, name="Zoo", commune="", address="", url="", contact_email="", now=clock())
    elsewhere = await town.scanner(zoo)
    await elsewhere.hand_in(elsewhere.scan(camille.show(clock()), benefitId=None, answer="ask", reason="no_benefit"))
    assert (await service.snapshot(town.issuer, till.device.id, now=clock())).today.visits == {}
