"""The officer's corrections, what time does, and the figures that follow both."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estran.actor import SYSTEM
from estran.errors import Conflict, Invalid, NotFound
from estran.history import service as history
from estran.privacy import retention
from estran.venues import service as venues
from estran.visits import queries, service, tally
from estran.visits.queries import Totals, VenueCount
from estran.visits.tables import Change, Tally, Visit
from tests.conftest import FrozenClock
from tests.visits.conftest import OFFICER, Phone, Scanner, Town, flags, stored

pytestmark = pytest.mark.anyio

TODAY = date(2026, 6, 15)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


async def doubtful(till: Scanner, camille: Phone) -> UUID:
    """A visit that waits for the officer: its proof was five minutes old."""
    digits = camille.show(till.clock() - timedelta(minutes=5))
    item = till.scan(digits)
    assert await till.state_of(item) == "to_confirm"
    return UUID(item["id"])


async def tallied() -> list[tuple[Any, ...]]:
    rows = await Tally.select(Tally.on_day, Tally.venue_id, Tally.state, Tally.reason, Tally.n, Tally.companions)
    return sorted(tuple(map(str, row.values())) for row in rows if row["n"] or row["companions"])


async def assert_tally_is_true() -> None:
    kept = await tallied()
    await tally.rebuild()
    assert kept == await tallied()


async def test_a_confirmed_visit_counts_and_nothing_waits_any_more(till: Scanner, camille: Phone) -> None:
    visit_id = await doubtful(till, camille)
    assert await flags() == ["stale_proof_admitted"]
    assert (await queries.totals(*YEAR)).visits == 0
    row = await service.confirm_visit(OFFICER, visit_id, "vue sur place", now=till.clock())
    assert row.state == "counted"
    assert (await queries.totals(*YEAR)).visits == 1
    assert await flags() == []
    (entry,) = await history.entries_about(visit_id)
    assert (entry.action, entry.actor_id, entry.why) == ("visits.confirm", OFFICER.id, "vue sur place")
    change = await Change.objects().where(Change.visit_id == visit_id).first()
    assert change is not None
    assert (change.kind, change.account_id) == ("confirm", OFFICER.id)
    await assert_tally_is_true()


async def test_confirming_twice_is_once(till: Scanner, camille: Phone) -> None:
    visit_id = await doubtful(till, camille)
    for _ in range(2):
        await service.confirm_visit(OFFICER, visit_id, None, now=till.clock())
    assert await Change.count() == 1
    await assert_tally_is_true()


async def test_a_cancelled_visit_no_longer_counts(till: Scanner, camille: Phone) -> None:
    item = till.scan(camille.show(till.clock()), companions=3)
    await till.hand_in(item)
    for _ in range(2):
        await service.cancel_visit(OFFICER, UUID(item["id"]), "erreur de caisse", now=till.clock())
    assert (await stored(item)).state == "cancelled"
    assert await queries.totals(*YEAR) == Totals(0, 0, 0)
    assert await Change.count() == 1
    await assert_tally_is_true()


async def test_an_undo_after_a_cancellation_changes_nothing(till: Scanner, camille: Phone) -> None:
    item = till.scan(camille.show(till.clock()))
    await till.hand_in(item)
    await service.cancel_visit(OFFICER, UUID(item["id"]), "doublon", now=till.clock())
    await till.hand_in(till.undo(item))
    assert (await stored(item)).state == "cancelled"
    await assert_tally_is_true()


async def test_what_never_counted_cannot_be_cancelled_or_confirmed(till: Scanner, camille: Phone) -> None:
    item = till.scan("9" * 240)
    await till.hand_in(item)
    with pytest.raises(Conflict, match="not_counted"):
        await service.cancel_visit(OFFICER, UUID(item["id"]), "?", now=till.clock())
    with pytest.raises(Conflict, match="not_to_confirm"):
        await service.confirm_visit(OFFICER, UUID(item["id"]), "?", now=till.clock())


async def test_an_unknown_visit_is_not_found(now: Any, engine: Any) -> None:
    with pytest.raises(NotFound):
        await service.cancel_visit(OFFICER, UUID(int=1), "?", now=now)


async def test_companions_are_corrected_with_a_reason(till: Scanner, camille: Phone) -> None:
    item = till.scan(camille.show(till.clock()), companions=3)
    await till.hand_in(item)
    await service.correct_companions(OFFICER, UUID(item["id"]), 1, "deux enfants", now=till.clock())
    assert (await queries.totals(*YEAR)).companions == 1
    (entry,) = await history.entries_about(UUID(item["id"]))
    assert (entry.action, entry.why, entry.details) == ("visits.correct", "deux enfants", {"companions": [3, 1]})
    for wrong in (-1, 101):
        with pytest.raises(Invalid):
            await service.correct_companions(OFFICER, UUID(item["id"]), wrong, "?", now=till.clock())
    await assert_tally_is_true()


async def test_quarantine_ends_after_thirty_days(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    await till.hand_in(till.scan("9" * 240), till.scan(camille.show(clock())))
    assert (await retention.run(now=clock.advance(days=30)))["quarantine"] == 0
    assert (await retention.run(now=clock.advance(seconds=1)))["quarantine"] == 1
    assert await Visit.select(Visit.state).output(as_list=True) == ["counted"]


# --- figures ----------------------------------------------------------------------------------------------------------


async def test_the_figures_of_a_season(town: Town, till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    zoo = await venues.add_venue(SYSTEM, name="Zoo", commune="", address="", url="", contact_email="", now=clock())
    gate = await town.scanner(zoo)
    await till.hand_in(*[till.scan(camille.show(clock()), companions=n) for n in (0, 2)])
    refusal = {"outcome": "refused", "answer": "refuse", "reason": "companions_missing"}
    await till.hand_in(till.scan(camille.show(clock()), **refusal))
    clock.advance(days=7)
    await gate.hand_in(gate.scan(camille.show(clock()), companions=1))
    monday = TODAY + timedelta(days=7)

    assert await queries.totals(*YEAR) == Totals(visits=3, companions=3, refused=1)
    assert await queries.totals(*YEAR, venue_id=zoo.id) == Totals(visits=1, companions=1, refused=0)
    assert await queries.totals(monday, monday) == Totals(visits=1, companions=1, refused=0)
    assert await queries.per_week(TODAY - timedelta(days=3), monday) == [
        (TODAY - timedelta(days=7), 0),
        (TODAY, 2),
        (monday, 1),
    ]
    assert await queries.per_venue(*YEAR) == [
        VenueCount(town.museum.id, "Musée", 2, 2, refused=1),
        VenueCount(zoo.id, "Zoo", 1, 1),
    ]
    assert await queries.refused_by_reason(*YEAR) == [("companions_missing", 1)]
    assert await queries.latest_days(*YEAR) == [
        VenueCount(zoo.id, "Zoo", 1, 1, day=monday),
        VenueCount(town.museum.id, "Musée", 2, 2, day=TODAY),
    ]
    assert [row.day for row in await queries.latest_days(*YEAR, limit=1)] == [monday]
    await assert_tally_is_true()


async def test_nothing_yet_is_a_figure_too(town: Town) -> None:
    assert await queries.totals(*YEAR) == Totals(0, 0, 0)
    assert await queries.per_venue(*YEAR) == [VenueCount(town.museum.id, "Musée", 0, 0)]
    assert await queries.latest_days(*YEAR) == []


steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["scan", "refuse", "forge", "stale", "undo", "undo first", "cancel", "confirm", "correct", "again"]
        ),
        st.integers(0, 5),
    ),
    max_size=25,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
async def test_whatever_happens_the_figures_are_those_of_the_visits(  # noqa: C901, PLR0912 - a story has many turns
    till: Scanner, camille: Phone, steps: list[tuple[str, int]]
) -> None:
    """One database for all examples: the more has happened, the better the test."""
    items: list[dict[str, Any]] = []
    for step, n in steps:
        now = till.clock.advance(seconds=20)
        item = items[n % len(items)] if items else None
        match step:
            case "scan":
                items.append(till.scan(camille.show(now), companions=n))
                await till.hand_in(items[-1])
            case "refuse":
                await till.hand_in(
                    till.scan(camille.show(now), outcome="refused", answer="refuse", reason="stale_proof", companions=n)
                )
            case "forge":
                await till.hand_in(till.scan("9" * 240, companions=n))
            case "stale":
                items.append(till.scan(camille.show(now - timedelta(minutes=3)), companions=n))
                await till.hand_in(items[-1])
            case "undo" if item:
                await till.hand_in(till.undo(item))
            case "undo first":
                items.append(till.scan(camille.show(now)))
                await till.hand_in(till.undo(items[-1]), items[-1])
            case "again" if item:
                await till.hand_in(item)
            case "cancel" | "confirm" | "correct" if item:
                try:
                    if step == "cancel":
                        await service.cancel_visit(OFFICER, UUID(item["id"]), "?", now=now)
                    elif step == "confirm":
                        await service.confirm_visit(OFFICER, UUID(item["id"]), "?", now=now)
                    else:
                        await service.correct_companions(OFFICER, UUID(item["id"]), n, "?", now=now)
                except Conflict:
                    pass
    await assert_tally_is_true()
    counted = await Visit.select(Visit.jti, Visit.iat, Visit.nonce).where(Visit.state == "counted")
    proofs = [tuple(row.values()) for row in counted]
    assert len(set(proofs)) == len(proofs)


# --- cancelled by mistake ---------------------------------------------------------------------------------------------


async def test_a_cancelled_visit_counts_again(till: Scanner, camille: Phone) -> None:
    item = till.scan(camille.show(till.clock()), companions=2)
    await till.hand_in(item)
    visit_id = UUID(item["id"])
    with pytest.raises(Conflict, match="not cancelled"):
        await service.reinstate_visit(OFFICER, await doubtful(till, camille), now=till.clock())
    await service.cancel_visit(OFFICER, visit_id, "par erreur", now=till.clock())
    assert (await queries.totals(*YEAR)).visits == 0
    for _ in range(2):
        assert (await service.reinstate_visit(OFFICER, visit_id, now=till.clock())).state == "counted"
    assert (await queries.totals(*YEAR)).companions == 2
    acts = [entry.action for entry in await history.entries_about(visit_id)]
    assert sorted(acts) == ["visits.cancel", "visits.reinstate"]
    await assert_tally_is_true()


async def test_a_proof_stands_once_even_when_the_officer_relents(
    till: Scanner, other_till: Scanner, camille: Phone
) -> None:
    digits = camille.show(till.clock())
    first = till.scan(digits)
    await till.hand_in(first, till.undo(first))
    await other_till.hand_in(other_till.scan(digits))
    with pytest.raises(Conflict, match="same code"):
        await service.reinstate_visit(OFFICER, UUID(first["id"]), now=till.clock())


async def test_the_answer_to_a_double_holds_when_the_visit_comes_back(
    till: Scanner, other_till: Scanner, camille: Phone
) -> None:
    first, later = till.scan(camille.show(till.clock())), other_till.scan(camille.show(till.clock()))
    await till.hand_in(first)
    await other_till.hand_in(later)
    assert await flags() == ["possible_double"]
    await service.cancel_visit(OFFICER, UUID(first["id"]), "la même", now=till.clock())
    await service.reinstate_visit(OFFICER, UUID(first["id"]), now=till.clock())
    assert await flags() == []
