"""What a phone is told of benefits: terms, closures, whether they are for its ambassador, and own counts (docs/sync.md §2)."""

from datetime import date, datetime
from typing import Any

import httpx
import msgspec
import pytest

from estran.actor import SYSTEM
from estran.passes import service as passes
from estran.venues import closures, invited
from estran.venues import service as venues
from estran.venues.terms import Per, Quota, Span, Terms, Who
from tests.conftest import FrozenClock
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio


async def news(client: httpx.AsyncClient, phone: Phone, now: datetime) -> Any:
    answer = await client.post("/api/v1/pass/refresh", json={"digits": phone.show(now)})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def own(client: httpx.AsyncClient, phone: Phone, now: datetime) -> list[dict[str, Any]]:
    """The benefits of the one museum."""
    (venue,) = (await news(client, phone, now))["benefits"]
    assert venue["sentences"] == [one["sentence"] for one in venue["benefits"]]
    found: list[dict[str, Any]] = venue["benefits"]
    return found


async def visit(till: Scanner, phone: Phone, town: Town) -> dict[str, Any]:
    item = till.scan(phone.show(town.clock()), benefitId=str(town.benefit.id), benefitVersion=town.benefit.version)
    assert await till.state_of(item) == "counted"
    return item


async def test_the_phone_hears_the_whole_terms_and_its_own_count_alone(
    client: httpx.AsyncClient, town: Town, camille: Phone, till: Scanner
) -> None:
    await town.terms(quota=2)
    odile = await town.ambassador("Odile", "Praire")
    await visit(till, camille, town)
    await visit(till, odile, town)
    town.clock.advance(days=1)
    await visit(till, odile, town)

    for phone, used in ((camille, 1), (odile, 2)):
        (benefit,) = await own(client, phone, town.clock())
        assert msgspec.convert(benefit["terms"], Terms) == town.benefit.terms
        assert (benefit["id"], benefit["version"], benefit["entitled"]) == (str(town.benefit.id), 2, True)
        assert (benefit["used"], benefit["first"], benefit["last"]) == (used, "2026-01-01", "2026-12-31")


async def test_without_a_quota_the_visits_of_the_year_are_told(
    client: httpx.AsyncClient, town: Town, camille: Phone, till: Scanner
) -> None:
    item = await visit(till, camille, town)
    (benefit,) = await own(client, camille, town.clock())
    assert (benefit["used"], benefit["first"], benefit["last"]) == (1, "2026-01-01", "2026-12-31")
    await till.hand_in(till.undo(item))
    (benefit,) = await own(client, camille, town.clock())
    assert benefit["used"] == 0, "an undone visit is none"


@pytest.mark.parametrize(
    ("per", "seasons", "period"),
    [
        (Per.DAY, (), ("2026-06-15", "2026-06-15")),
        (Per.MONTH, (), ("2026-06-01", "2026-06-31")),
        (Per.SEASON, (Span("04-01", "09-30"),), ("2026-04-01", "2026-09-30")),
        (Per.VALIDITY, (), (None, None)),
    ],
)
async def test_the_count_is_that_of_the_present_period(
    client: httpx.AsyncClient,
    town: Town,
    camille: Phone,
    till: Scanner,
    per: Per,
    seasons: tuple[Span, ...],
    period: tuple[str | None, str | None],
) -> None:
    town.benefit = await venues.set_benefit(
        SYSTEM, town.museum.id, town.benefit.id, Terms(quota=Quota(3, per), seasons=seasons), now=town.clock()
    )
    await visit(till, camille, town)
    (benefit,) = await own(client, camille, town.clock())
    assert (benefit["used"], benefit["first"], benefit["last"]) == (1, *period)


async def test_outside_its_season_nothing_is_counted(client: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    terms = Terms(quota=Quota(3, Per.SEASON), seasons=(Span("12-01", "12-31"),))
    await venues.set_benefit(SYSTEM, town.museum.id, town.benefit.id, terms, now=town.clock())
    (benefit,) = await own(client, camille, town.clock())
    assert (benefit["used"], benefit["first"], benefit["last"]) == (0, None, None)


async def test_closures_that_are_not_over_are_told(
    client: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock
) -> None:
    for first, last in ((date(2026, 1, 5), date(2026, 2, 6)), (date(2026, 6, 1), date(2026, 6, 15))):
        await closures.add_closure(SYSTEM, town.museum.id, first, last, "Travaux", now=clock())
    (venue,) = (await news(client, camille, clock()))["benefits"]
    assert (venue["id"], venue["closures"]) == (str(town.museum.id), [{"first": "2026-06-01", "last": "2026-06-15"}])


async def test_what_is_for_others_is_marked_and_an_invitation_of_others_is_not_told(
    client: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock
) -> None:
    await venues.set_benefit(SYSTEM, town.museum.id, None, Terms(who=Who.CERTIFIED), now=clock())
    party = await venues.set_benefit(SYSTEM, town.museum.id, None, Terms(who=Who.INVITED), now=clock())
    told = await own(client, camille, clock())
    assert [(one["terms"]["who"], one["entitled"]) for one in told] == [("all", True), ("certified", False)]
    await invited.set_invited(SYSTEM, town.museum.id, party.id, [camille.owner.id], now=clock())
    told = await own(client, camille, clock())
    assert [(one["terms"]["who"], one["entitled"]) for one in told][2:] == [("invited", True)]


async def test_a_pass_that_was_ended_hears_no_counts_and_no_invitation(
    client: httpx.AsyncClient, town: Town, camille: Phone, till: Scanner
) -> None:
    """A lost phone is somebody else's."""
    await visit(till, camille, town)
    party = await venues.set_benefit(SYSTEM, town.museum.id, None, Terms(who=Who.INVITED), now=town.clock())
    await invited.set_invited(SYSTEM, town.museum.id, party.id, [camille.owner.id], now=town.clock())
    await passes.revoke(SYSTEM, camille.owner.id, "lost", now=town.clock())
    (benefit,) = await own(client, camille, town.clock())
    assert (benefit["used"], benefit["first"]) == (0, None)


async def test_a_venue_that_gives_nothing_is_left_out(client: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    await venues.end_benefit(SYSTEM, town.museum.id, town.benefit.id, now=town.clock())
    assert (await news(client, camille, town.clock()))["benefits"] == []
