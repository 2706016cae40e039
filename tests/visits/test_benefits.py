"""The grammar of docs/benefits.md as the server judges visits by it: per version, as of the scan, in the club's zone."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from estran.actor import SYSTEM
from estran.clock import to_ms
from estran.club import circles
from estran.club import service as club
from estran.inbox import service as inbox
from estran.venues import closures, groups, invited
from estran.venues import service as venues
from estran.venues.terms import Booking, Hours, Per, Proof, Quota, Scope, Span, Terms, Who
from estran.visits import quotas
from estran.visits import snapshot as news
from tests.conftest import FrozenClock
from tests.visits.conftest import Item, Phone, Scanner, Town, camille, flags, issuer, stored, town

__all__ = ["camille", "issuer", "town"]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def till(town: Town, camille: Phone) -> Scanner:
    return await town.scanner()


async def judged(till: Scanner, item: Item) -> tuple[str | None, str]:
    """The server's state and reason."""
    return await till.state_of(item), (await stored(item)).server_reason


LATE = {"answer": "refuse", "reason": "not_now", "outcome": "refused"}


# --- when -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (datetime(2026, 6, 21, 11, 59, 59, tzinfo=UTC), "to_confirm"),  # Sunday, 13:59:59 in Paris
        (datetime(2026, 6, 21, 12, 0, tzinfo=UTC), "counted"),
        (datetime(2026, 6, 21, 15, 59, 59, tzinfo=UTC), "counted"),
        (datetime(2026, 6, 21, 16, 0, tzinfo=UTC), "to_confirm"),
        (datetime(2026, 6, 22, 12, 0, tzinfo=UTC), "to_confirm"),  # Monday
        (datetime(2026, 10, 25, 13, 0, tzinfo=UTC), "counted"),  # the clocks went back in the night: 14:00
        (datetime(2026, 11, 8, 13, 0, tzinfo=UTC), "to_confirm"),  # out of season
    ],
    ids=str,
)
async def test_days_and_hours_are_those_of_the_club(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock, at: datetime, state: str
) -> None:
    till.benefit = await town.terms(seasons=(Span("04-01", "11-02"),), weekdays=(7,), hours=(Hours("14:00", "18:00"),))
    clock.now = at
    assert await till.state_of(till.scan(camille.show(clock()))) == state


async def test_an_unsure_clock_is_not_held_to_the_hour(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    till.benefit = await town.terms(hours=(Hours("00:00", "00:01"),))
    item = till.scan(camille.show(clock()), clockConfirmed=False, codesAdvance=True)
    assert await judged(till, item) == ("counted", "welcome")


async def test_a_scanner_a_little_ahead_opens_at_its_own_hour(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    """Differences below a minute are not corrected: it says 14:00:20 while the server's clock says 13:59:40."""
    till.benefit = await town.terms(hours=(Hours("14:00", "18:00"),))
    clock.now = datetime(2026, 6, 15, 11, 59, 40, tzinfo=UTC)
    ahead = [till.scan(camille.show(clock()), scannedAtMs=to_ms(clock()) + ms) for ms in (10_000, 40_000)]
    assert [await till.state_of(item) for item in ahead] == ["to_confirm", "counted"]
    clock.advance(minutes=-2)
    liar = till.scan(camille.show(clock()), scannedAtMs=to_ms(clock()) + 3_600_000)
    assert await judged(till, liar) == ("to_confirm", "not_now")


async def test_who_is_let_in_anyway_counts_and_is_shown(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    till.benefit = await town.terms(weekdays=(7,))
    item = till.scan(camille.show(clock()), decisions={"again": "let_in", "why": "accord du musée"})
    assert await judged(till, item) == ("counted", "welcome")
    assert await flags() == ["benefit_overruled"]


async def test_a_closure_that_the_scanner_knew_waits_and_a_later_one_is_remarked(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    await closures.add_closure(SYSTEM, town.museum.id, date(2026, 6, 10), date(2026, 6, 20), "travaux", now=clock())
    fresh = till.scan(camille.show(clock()))  # its news are an hour old: the closure came after
    assert await judged(till, fresh) == ("counted", "venue_paused")
    assert await flags() == ["benefit_rested"]
    clock.advance(hours=2)
    assert await judged(till, till.scan(camille.show(clock()))) == ("to_confirm", "venue_closed")
    clock.advance(days=6)
    assert await judged(till, till.scan(camille.show(clock()))) == ("counted", "welcome")


# --- what must be shown and asked -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "said", "state"),
    [
        ({"least_proof": Proof.IDENTITY}, {}, "to_confirm"),
        ({"least_proof": Proof.IDENTITY}, {"decisions": {"identity": True}}, "counted"),
        ({"booking": Booking.REQUIRED}, {}, "to_confirm"),
        ({"booking": Booking.REQUIRED}, {"decisions": {"booked": True}}, "counted"),
        ({"booking": Booking.ADVISED}, {}, "counted"),
        ({"companions": 2}, {"companions": 1}, "to_confirm"),
        ({"companions": 2, "guests_max": 1}, {"companions": 2, "guests": 1, "children": 3}, "counted"),
    ],
    ids=str,
)
async def test_what_the_terms_ask_must_have_been_said(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock, terms: Item, said: Item, state: str
) -> None:
    till.benefit = await town.terms(**terms)
    item = till.scan(camille.show(clock()), **said)
    assert await till.state_of(item) == state
    row = await stored(item)
    assert (row.guests, row.children) == (said.get("guests", 0), said.get("children", 0))


# --- for whom ---------------------------------------------------------------------------------------------------------


async def test_a_reserved_benefit_names_only_opaque_ids_and_others_are_remarked(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    odile = await town.ambassador("Odile", "Praire")
    circle = await circles.set_circle(SYSTEM, None, "Photographes", [odile.owner.id], now=clock())
    till.benefit = await town.terms(who=Who.CIRCLE, circle_id=circle.id)
    told = await news.snapshot(town.issuer, till.device.id, now=clock())
    assert told.benefits[0].entitled == [odile.owner.sub]
    assert told.benefits[0].desk.fr == "Entrée gratuite. Réservé au cercle «\u00a0Photographes\u00a0»."
    assert await judged(till, till.scan(odile.show(clock()))) == ("counted", "welcome")
    assert await flags() == []
    assert await till.state_of(till.scan(camille.show(clock()))) == "counted"
    assert await flags() == ["not_entitled"]


async def test_certified_and_invited_people_are_told_apart(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    odile = await town.ambassador("Odile", "Praire")
    await club.certify(SYSTEM, odile.owner.id, date(2026, 1, 1), date(2026, 12, 31), now=clock())
    await town.terms(who=Who.CERTIFIED)
    told = await news.snapshot(town.issuer, till.device.id, now=clock())
    assert told.benefits[0].entitled == [odile.owner.sub]
    await town.terms(who=Who.INVITED)
    await invited.set_invited(SYSTEM, town.museum.id, town.benefit.id, [camille.owner.id], now=clock())
    told = await news.snapshot(town.issuer, till.device.id, now=clock())
    assert told.benefits[0].entitled == [camille.owner.sub]


# --- how often --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quota", "seasons", "second", "counted"),
    [
        (Quota(1, Per.DAY), (), datetime(2026, 6, 15, 21, 59, tzinfo=UTC), 1),
        (Quota(1, Per.DAY), (), datetime(2026, 6, 15, 22, 0, tzinfo=UTC), 0),
        (Quota(1, Per.MONTH), (), datetime(2026, 6, 30, 21, 59, tzinfo=UTC), 1),
        (Quota(1, Per.MONTH), (), datetime(2026, 6, 30, 22, 0, tzinfo=UTC), 0),
        (Quota(1, Per.YEAR), (), datetime(2026, 12, 31, 22, 59, tzinfo=UTC), 1),
        (Quota(1, Per.YEAR), (), datetime(2026, 12, 31, 23, 0, tzinfo=UTC), 0),
        (Quota(1, Per.SEASON), (Span("04-01", "03-31"),), datetime(2027, 3, 31, 21, 59, tzinfo=UTC), 1),
        (Quota(1, Per.SEASON), (Span("04-01", "03-31"),), datetime(2027, 3, 31, 22, 0, tzinfo=UTC), 0),
        (Quota(1, Per.VALIDITY), (), datetime(2027, 12, 31, 22, 0, tzinfo=UTC), 1),
    ],
    ids=str,
)
async def test_a_quota_begins_anew_with_its_period(
    town: Town,
    till: Scanner,
    camille: Phone,
    clock: FrozenClock,
    quota: Quota,
    seasons: tuple[Span, ...],
    second: datetime,
    counted: int,
) -> None:
    clock.now = datetime(2026, 6, 15, 14, 0, tzinfo=UTC)
    till.benefit = town.benefit = await venues.set_benefit(
        SYSTEM, town.museum.id, town.benefit.id, Terms(quota=quota, seasons=seasons), now=clock()
    )
    await till.state_of(till.scan(camille.show(clock())))
    clock.now = second
    told = await quotas.uses([town.benefit], now=clock())
    assert told[town.benefit.id].counts == ({camille.owner.id: 1} if counted else {})
    await till.state_of(till.scan(camille.show(clock())))
    assert ("over_quota" in await flags()) == (counted == quota.n)


async def test_a_quota_may_count_the_venue_or_a_group_of_venues(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    abbey = await venues.add_venue(SYSTEM, name="Abbaye", commune="", address="", url="", contact_email="", now=clock())
    group = await groups.set_group(SYSTEM, None, "Patrimoine", [town.museum.id, abbey.id], now=clock())
    shared = Terms(quota=Quota(2, Per.YEAR, Scope.GROUP, group.id))
    there = await venues.set_benefit(SYSTEM, abbey.id, None, shared, now=clock())
    other = await venues.set_benefit(
        SYSTEM, town.museum.id, None, Terms(quota=Quota(2, Per.YEAR, Scope.VENUE)), now=clock()
    )
    at_abbey = await town.scanner(abbey)
    at_abbey.benefit = there
    for scanner in (till, at_abbey):
        await scanner.state_of(scanner.scan(camille.show(clock())))
    assert await flags() == []
    told = await news.snapshot(town.issuer, till.device.id, now=clock())
    assert told.uses[str(other.id)].counts == {camille.owner.sub: 1}
    told = await news.snapshot(town.issuer, at_abbey.device.id, now=clock())
    assert told.uses[str(there.id)].counts == {camille.owner.sub: 2}
    assert "Musée" not in str(told)
    await at_abbey.state_of(at_abbey.scan(camille.show(clock())))
    assert await flags() == ["over_quota"]


async def test_a_batch_counts_what_it_brings_itself(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    till.benefit = await town.terms(quota=2)
    first = till.scan(camille.show(clock()))
    await till.hand_in(first, *(till.scan(camille.show(clock())) for _ in range(2)), till.undo(first))
    assert await flags() == ["over_quota"]  # the third, before the first was taken back
    await till.state_of(till.scan(camille.show(clock())))
    assert await flags() == ["over_quota", "over_quota"]


# --- versions ---------------------------------------------------------------------------------------------------------


async def test_a_visit_is_judged_by_the_version_its_scanner_had(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    held = till.scan(camille.show(clock()))  # judged at the door by version 1
    clock.advance(minutes=5)
    changed = await town.terms(companions=3, quota=1, weekdays=(7,))
    assert changed.version == 2
    assert await judged(till, held) == ("counted", "welcome")
    assert (await stored(held)).benefit_version == 1
    till.benefit = changed
    assert await judged(till, till.scan(camille.show(clock()))) == ("to_confirm", "not_now")


async def test_a_batch_holds_each_visit_to_the_people_of_its_own_version(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    held = till.scan(camille.show(clock()))  # for everybody, then
    till.benefit = await town.terms(who=Who.INVITED)
    after = till.scan(camille.show(clock()))
    await till.hand_in(held, after)
    waiting = [(item.kind, str(item.subject_id)) for item in await inbox.open_items()]
    assert waiting == [("not_entitled", after["id"])]


async def test_a_version_that_nobody_knows_is_judged_without_terms(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    await town.terms(companions=3)
    item = till.scan(camille.show(clock()), benefitVersion=99)
    assert await judged(till, item) == ("counted", "welcome")
    assert UUID(item["benefitId"]) == (await stored(item)).benefit_id


async def test_the_news_change_with_what_they_say_of_benefits(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    seen = [(await news.snapshot(town.issuer, till.device.id, now=clock())).version]
    for change in (
        lambda: town.terms(guests_max=1),
        lambda: closures.add_closure(SYSTEM, town.museum.id, date(2026, 12, 1), date(2027, 3, 1), "hiver", now=clock()),
        lambda: venues.set_benefit(SYSTEM, town.museum.id, None, Terms(quota=Quota(1)), now=clock()),
    ):
        await change()
        seen.append((await news.snapshot(town.issuer, till.device.id, now=clock())).version)
    assert len(set(seen)) == len(seen)
    clock.advance(days=300)
    told = await news.snapshot(town.issuer, till.device.id, now=clock())
    assert told.venue.closures == []  # it is over
