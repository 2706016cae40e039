"""Closures, groups, invited people, proposals: every act, on both databases."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from estran.errors import Conflict, Invalid, NotFound
from estran.history import service as history
from estran.inbox import service as inbox
from estran.venues import closures, groups, invited, proposals, service
from estran.venues.tables import Venue
from estran.venues.terms import PLAIN, Kind, Terms, Who
from tests.conftest import FrozenClock
from tests.venues.test_service import OFFICER, acts, museum

__all__ = ["museum"]

pytestmark = pytest.mark.anyio

WINTER = (date(2026, 11, 3), date(2027, 3, 31))


# --- closures ---------------------------------------------------------------------------------------------------------


async def test_a_closure_is_kept_once_and_removed(museum: Venue, clock: FrozenClock) -> None:
    made = await closures.add_closure(OFFICER, museum.id, *WINTER, " Pause  d’hiver ", now=clock())
    assert (await closures.add_closure(OFFICER, museum.id, *WINTER, "encore", now=clock())).id == made.id
    [row] = await closures.closures_of(museum.id)
    assert (row.first_on, row.last_on, row.why) == (*WINTER, "Pause d’hiver")
    assert await closures.closures_of(museum.id, since=date(2027, 4, 1)) == []
    assert list(await closures.closures(since=date(2027, 3, 31))) == [museum.id]
    await closures.remove_closure(OFFICER, museum.id, row.id, now=clock())
    with pytest.raises(NotFound):
        await closures.remove_closure(OFFICER, museum.id, row.id, now=clock())
    assert await acts(museum.id) == ["venues.add", "venues.add_closure", "venues.remove_closure"]
    entry = next(one for one in await history.entries_about(museum.id) if one.action == "venues.add_closure")
    assert entry.details == {"begins_on": "2026-11-03", "ends_on": "2027-03-31"}


async def test_a_closure_ends_with_those_that_touch_it(museum: Venue, clock: FrozenClock) -> None:
    await closures.add_closure(OFFICER, museum.id, *WINTER, "", now=clock())
    await closures.add_closure(OFFICER, museum.id, date(2027, 4, 1), date(2027, 4, 5), "Travaux", now=clock())
    rows = await closures.closures_of(museum.id)
    assert closures.closed_until(rows, date(2026, 12, 25)) == date(2027, 4, 5)
    assert closures.closed_until(rows, date(2026, 11, 2)) is None


async def test_a_closure_must_be_possible(museum: Venue, clock: FrozenClock) -> None:
    with pytest.raises(Invalid):
        await closures.add_closure(OFFICER, museum.id, WINTER[1], WINTER[0], "", now=clock())
    with pytest.raises(Invalid):
        await closures.add_closure(OFFICER, museum.id, *WINTER, "x" * 121, now=clock())
    with pytest.raises(NotFound):
        await closures.add_closure(OFFICER, UUID(int=1), *WINTER, "", now=clock())
    for day in range(1, closures.CLOSURES_MAX + 1):
        await closures.add_closure(OFFICER, museum.id, date(2026, 12, day), date(2026, 12, day), "", now=clock())
    with pytest.raises(Conflict):
        await closures.add_closure(OFFICER, museum.id, date(2026, 12, 1), date(2026, 12, 9), "", now=clock())
    with pytest.raises(Conflict):  # nor after all others: who notes them in their order meets the same end
        await closures.add_closure(OFFICER, museum.id, date(2027, 1, 1), date(2027, 1, 1), "", now=clock())
    clock.now += timedelta(days=365)
    await closures.add_closure(OFFICER, museum.id, date(2027, 12, 1), date(2027, 12, 9), "", now=clock())


# --- groups and invited people ----------------------------------------------------------------------------------------


async def test_a_group_has_a_name_and_venues(museum: Venue, clock: FrozenClock) -> None:
    made = await groups.set_group(OFFICER, None, " Les  musées ", [museum.id, UUID(int=1)], now=clock())
    assert (made.name, await groups.members()) == ("Les musées", {made.id: {museum.id}})
    await groups.set_group(OFFICER, made.id, "Les musées", [museum.id], now=clock())
    await groups.set_group(OFFICER, made.id, "Musées", [], now=clock())
    assert await groups.members() == {made.id: set()}
    for name in ("", "x" * 81):
        with pytest.raises(Invalid):
            await groups.set_group(OFFICER, None, name, [], now=clock())
    with pytest.raises(Invalid):
        await groups.set_group(OFFICER, None, "Musées", [], now=clock())
    await groups.remove_group(OFFICER, made.id, now=clock())
    assert await groups.groups() == []
    with pytest.raises(NotFound):
        await groups.group(made.id)
    assert await acts(made.id) == ["venues.add_group", "venues.edit_group", "venues.remove_group"]


async def test_invited_people_are_named_and_forgotten(museum: Venue, clock: FrozenClock) -> None:
    benefit = await service.set_benefit(OFFICER, museum.id, None, PLAIN, now=clock())
    somebody, other = UUID(int=11), UUID(int=12)
    for _ in range(2):
        await invited.set_invited(OFFICER, museum.id, benefit.id, [somebody, other], now=clock())
    assert await invited.invited_to(benefit.id) == {somebody, other}
    assert await invited.invitations_of(somebody) == [benefit.id]
    await invited.forget(somebody)
    assert await invited.invited_to(benefit.id) == {other}
    assert (await acts(museum.id)).count("venues.set_invited") == 1


# --- proposals --------------------------------------------------------------------------------------------------------

WISHED = Terms(kind=Kind.PERCENTAGE, percent=20)


async def test_a_proposal_waits_and_becomes_a_version(museum: Venue, clock: FrozenClock) -> None:
    benefit = await service.set_benefit(OFFICER, museum.id, None, PLAIN, now=clock())
    for _ in range(2):
        made = await proposals.propose(OFFICER, museum.id, benefit.id, WISHED, "Dès avril", now=clock())
    assert [item.kind for item in await inbox.open_items()] == ["benefit_proposed"]
    assert (await service.benefit(museum.id, benefit.id)).terms == PLAIN
    accepted = await proposals.accept(OFFICER, made.id, now=clock())
    assert (accepted.id, accepted.version, accepted.terms) == (benefit.id, 2, WISHED)
    assert await inbox.open_items() == []
    for answer in (proposals.accept, proposals.withdraw):
        with pytest.raises(Conflict, match="answer"):
            await answer(OFFICER, made.id, now=clock())
    assert (await acts(museum.id)).count("venues.propose") == 1


async def test_the_last_wish_holds_and_a_refusal_has_its_word(museum: Venue, clock: FrozenClock) -> None:
    benefit = await service.set_benefit(OFFICER, museum.id, None, PLAIN, now=clock())
    first = await proposals.propose(OFFICER, museum.id, benefit.id, WISHED, "", now=clock())
    clock.advance(minutes=1)
    second = await proposals.propose(OFFICER, museum.id, benefit.id, Terms(guests_max=1), "", now=clock())
    assert (await proposals.proposal(first.id)).answer == "withdrawn"
    assert len(await inbox.open_items()) == 1
    await proposals.decline(OFFICER, second.id, "Pas cette saison", now=clock())
    assert (await proposals.proposal(second.id)).answer == "declined"
    assert await proposals.words_of(museum.id) == {second.id: "Pas cette saison"}
    assert [row.id for row in await proposals.proposals_of(museum.id)] == [second.id, first.id]


async def test_a_wish_does_not_undo_what_the_office_said_since(museum: Venue, clock: FrozenClock) -> None:
    benefit = await service.set_benefit(OFFICER, museum.id, None, PLAIN, now=clock())
    made = await proposals.propose(OFFICER, museum.id, benefit.id, WISHED, "", now=clock())
    await service.set_benefit(OFFICER, museum.id, benefit.id, Terms(who=Who.CERTIFIED), now=clock())
    accepted = await proposals.accept(OFFICER, made.id, now=clock())
    assert accepted.terms == Terms(kind=Kind.PERCENTAGE, percent=20, who=Who.CERTIFIED)


async def test_a_proposal_must_be_possible(museum: Venue, clock: FrozenClock) -> None:
    benefit = await service.set_benefit(OFFICER, museum.id, None, PLAIN, now=clock())
    with pytest.raises(Invalid):
        await proposals.propose(OFFICER, museum.id, benefit.id, Terms(percent=20), "", now=clock())
    made = await proposals.propose(OFFICER, museum.id, benefit.id, WISHED, "", now=clock())
    await service.end_benefit(OFFICER, museum.id, benefit.id, now=clock())
    with pytest.raises(Conflict):
        await proposals.accept(OFFICER, made.id, now=clock())
    with pytest.raises(NotFound):
        await proposals.propose(OFFICER, museum.id, benefit.id, WISHED, "", now=clock())
    for n in range(2, proposals.OPEN_MAX + 1):
        await proposals.propose(OFFICER, museum.id, None, Terms(guests_max=0, min_paying_companions=n), "", now=clock())
    with pytest.raises(Conflict):
        await proposals.propose(OFFICER, museum.id, None, Terms(guests_max=4), "", now=clock())
    with pytest.raises(NotFound):
        await proposals.proposal(UUID(int=1))
