"""The door asked in advance: the same facts as the intake's, and the very verdict of the check."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from estran.actor import SYSTEM
from estran.club import circles
from estran.club import service as club
from estran.errors import NotFound
from estran.inbox import service as inbox
from estran.passes.rules import Again, BenefitTerms, Context, Decisions, Reason, check
from estran.venues import closures, invited, service
from estran.venues.terms import Booking, Hours, Per, Proof, Quota, Span, Terms, Who
from estran.visits import door
from estran.visits.door import Comer
from estran.visits.rules import Flag
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio

SUNDAY = datetime(2026, 6, 21, 13, 0, tzinfo=UTC)  # 15 h in Paris
ANYBODY = Comer()


async def give(town: Town, terms: Terms) -> None:
    await service.set_benefit(SYSTEM, town.museum.id, town.benefit.id, terms, now=town.clock())


SITUATIONS: list[tuple[Terms, Decisions, int, datetime, Reason]] = [
    (Terms(), Decisions(), 0, SUNDAY, Reason.WELCOME),
    (Terms(min_paying_companions=1), Decisions(), 0, SUNDAY, Reason.COMPANIONS_NEEDED),
    (Terms(min_paying_companions=2), Decisions(companions=1), 0, SUNDAY, Reason.COMPANIONS_MISSING),
    (Terms(quota=Quota(2)), Decisions(), 1, SUNDAY, Reason.WELCOME),
    (Terms(quota=Quota(2)), Decisions(), 2, SUNDAY, Reason.QUOTA_USED),
    (Terms(quota=Quota(2)), Decisions(again=Again.LET_IN), 2, SUNDAY, Reason.WELCOME),
    (Terms(weekdays=(7,), hours=(Hours("14:00", "18:00"),)), Decisions(), 0, SUNDAY, Reason.WELCOME),
    (Terms(weekdays=(6,)), Decisions(), 0, SUNDAY, Reason.NOT_NOW),
    (Terms(hours=(Hours("14:00", "15:00"),)), Decisions(), 0, SUNDAY, Reason.NOT_NOW),
    (Terms(seasons=(Span("07-01", "08-31"),)), Decisions(), 0, SUNDAY, Reason.NOT_NOW),
    (Terms(excluded=(Span("06-21", "06-21"),)), Decisions(), 0, SUNDAY, Reason.NOT_NOW),
    (Terms(who=Who.CERTIFIED), Decisions(), 0, SUNDAY, Reason.NOT_ENTITLED),
    (Terms(least_proof=Proof.IDENTITY), Decisions(), 0, SUNDAY, Reason.IDENTITY_NEEDED),
    (Terms(least_proof=Proof.IDENTITY), Decisions(identity=True), 0, SUNDAY, Reason.WELCOME),
    (Terms(booking=Booking.REQUIRED), Decisions(), 0, SUNDAY, Reason.BOOKING_NEEDED),
    (Terms(booking=Booking.REQUIRED), Decisions(booked=True), 0, SUNDAY, Reason.WELCOME),
    (Terms(seasons=(Span("04-01", "09-30"),), quota=Quota(1, Per.SEASON)), Decisions(), 1, SUNDAY, Reason.QUOTA_USED),
]


@pytest.mark.parametrize(("terms", "decisions", "used", "at", "reason"), SITUATIONS)
async def test_the_door_says_what_the_check_says(
    town: Town, terms: Terms, decisions: Decisions, used: int, at: datetime, reason: Reason
) -> None:
    await give(town, terms)
    there = await door.door(town.museum.id, ANYBODY, at=at, decisions=decisions, used=used)
    benefit = BenefitTerms(str(town.benefit.id), 2 if terms != town.benefit.terms else 1, terms, terms.who is Who.ALL)
    by_hand = Context(
        now=at.timestamp(),
        zone="Europe/Paris",
        clock_confirmed=True,
        snapshot_age_s=0,
        snapshot_limit_s=7 * 86400,
        benefits=[benefit],
        used={benefit.id: used},
        decisions=decisions,
    )
    expected = check(exp=int(at.timestamp()) + 1, iat=int(at.timestamp()), context=by_hand)
    assert there.verdict() == expected
    assert expected.reason is reason


async def test_who_comes_decides_for_whom_it_is(town: Town, camille: Phone) -> None:
    person = camille.owner.id
    circle = await circles.set_circle(SYSTEM, None, "Photographes", [person], now=town.clock())

    async def reason(comer: Comer) -> Reason:
        return (await door.door(town.museum.id, comer, at=SUNDAY)).verdict().reason

    await give(town, Terms(who=Who.CIRCLE, circle_id=circle.id))
    assert await reason(Comer(ambassador_id=person)) is Reason.WELCOME
    assert await reason(Comer(circle_id=circle.id)) is Reason.WELCOME
    assert await reason(ANYBODY) is Reason.NOT_ENTITLED
    await give(town, Terms(who=Who.CERTIFIED))
    assert await reason(Comer(is_certified=True)) is Reason.WELCOME
    assert await reason(Comer(ambassador_id=person)) is Reason.NOT_ENTITLED
    await club.certify(SYSTEM, person, date(2026, 6, 1), date(2026, 7, 1), now=town.clock())
    assert await reason(Comer(ambassador_id=person)) is Reason.WELCOME
    await give(town, Terms(who=Who.INVITED))
    assert await reason(Comer(ambassador_id=person)) is Reason.NOT_ENTITLED
    await invited.set_invited(SYSTEM, town.museum.id, town.benefit.id, [person], now=town.clock())
    assert await reason(Comer(ambassador_id=person)) is Reason.WELCOME
    assert await reason(Comer(is_certified=True)) is Reason.NOT_ENTITLED
    with pytest.raises(NotFound):
        await reason(Comer(ambassador_id=UUID(int=1)))


async def test_the_door_knows_what_the_intake_knows(town: Town, till: Scanner, camille: Phone) -> None:
    """What was counted is counted here, too: the scan that the server flags is the one that the door refuses."""
    await give(town, Terms(quota=Quota(2, Per.MONTH)))
    comer = Comer(ambassador_id=camille.owner.id)
    for expected in (Reason.WELCOME, Reason.WELCOME, Reason.QUOTA_USED):
        town.clock.advance(days=1)
        there = await door.door(town.museum.id, comer, at=town.clock())
        assert there.verdict().reason is expected
        scan = till.scan(camille.show(town.clock()), benefitVersion=2)
        await till.hand_in(scan)
        flags = [item.kind for item in await inbox.open_items()]
        assert (Flag.OVER_QUOTA in flags) is (expected is Reason.QUOTA_USED)
        again = (await door.door(town.museum.id, comer, at=town.clock() + timedelta(minutes=5))).verdict()
        assert again.reason is Reason.ALREADY_HERE
        assert again.previous_at == town.clock().timestamp()
    july = await door.door(town.museum.id, comer, at=datetime(2026, 7, 5, 13, tzinfo=UTC))
    assert july.verdict().reason is Reason.WELCOME


async def test_the_venue_and_the_pass_come_first(town: Town, camille: Phone) -> None:
    person = Comer(ambassador_id=camille.owner.id)
    assert (await door.door(town.museum.id, person, at=SUNDAY, is_paper=True)).verdict().reason is Reason.PAPER_PROOF
    await closures.add_closure(SYSTEM, town.museum.id, date(2026, 6, 20), date(2026, 6, 21), "", now=town.clock())
    verdict = (await door.door(town.museum.id, person, at=SUNDAY)).verdict()
    assert (verdict.reason, verdict.closed_until) == (Reason.VENUE_CLOSED, "2026-06-21")
    await service.pause_venue(SYSTEM, town.museum.id, "Travaux", now=town.clock())
    assert (await door.door(town.museum.id, person, at=SUNDAY)).verdict().reason is Reason.VENUE_PAUSED
    await club.pause(SYSTEM, camille.owner.id, "Voyage", now=town.clock())
    assert (await door.door(town.museum.id, person, at=SUNDAY)).verdict().reason is Reason.SUSPENDED
    later = datetime(2031, 6, 21, 13, tzinfo=UTC)
    assert (await door.door(town.museum.id, person, at=later)).verdict().reason in {Reason.SUSPENDED, Reason.EXPIRED}


async def test_the_desk_may_choose(town: Town) -> None:
    other = await service.set_benefit(SYSTEM, town.museum.id, None, Terms(guests_max=1), now=town.clock())
    there = await door.door(town.museum.id, ANYBODY, at=SUNDAY)
    assert (there.verdict().benefit_id, there.verdict().others) == (str(town.benefit.id), (str(other.id),))
    chosen = await door.door(town.museum.id, ANYBODY, at=SUNDAY, decisions=Decisions(benefit_id=str(other.id)))
    assert chosen.verdict().benefit_id == str(other.id)
