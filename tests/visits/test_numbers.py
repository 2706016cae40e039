"""A number typed at a scanner: whose pass it is, how the pass stands, and what becomes of the visit."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from estran.actor import SYSTEM
from estran.club import service as club
from estran.encoding import b64
from estran.passes import service as passes
from estran.passes.number import number_of, spaced_number
from estran.venues import service as venues
from estran.visits import service
from estran.visits.numbers import PER_VENUE
from estran.visits.tables import Tally
from estran.web.limits import Allowance
from tests.conftest import FrozenClock
from tests.visits.conftest import OFFICER, Phone, Scanner, Town, flags, stored

NOBODY = "22222222"
"""The number of a `jti` of zeros."""


@pytest.fixture
def ask(client: httpx.AsyncClient, till: Scanner) -> Any:
    async def asked(number: str, scanner: Scanner = till) -> httpx.Response:
        return await client.post(
            "/api/v1/numbers", json={"number": number}, headers={"Authorization": f"Device {scanner.token}"}
        )

    return asked


async def test_a_number_leads_to_a_pass_and_how_it_stands(
    ask: Any, camille: Phone, town: Town, clock: FrozenClock
) -> None:
    fields = camille.fields()
    number = number_of(fields.jti)
    said = {"sub": b64(fields.sub), "name": "Camille V.", "exp": fields.exp, "status": 0}
    assert (await ask(number)).json() == said
    assert (await ask(f" {spaced_number(number).lower()} ")).json() == said
    await club.pause(SYSTEM, camille.owner.id, "Absence", now=clock())
    assert (await ask(number)).json() == said | {"status": 2}
    await club.resume(SYSTEM, camille.owner.id, now=clock())
    await passes.revoke(OFFICER, camille.owner.id, "Téléphone perdu", now=clock())
    assert (await ask(number)).json() == said | {"status": 1}
    printed = await passes.print_pass(OFFICER, town.issuer, camille.owner.id, now=clock())
    assert (await ask(printed.number)).json() == said


async def test_what_is_no_number_and_nobodys_are_the_same_to_a_scanner(
    ask: Any, camille: Phone, clock: FrozenClock
) -> None:
    number = number_of(camille.fields().jti)
    await passes.forget(camille.owner.id, now=clock())
    for typed in (NOBODY, "", "É", "2" * 9, number):
        answer = await ask(typed)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_number"), typed
    assert (await ask("2" * 41)).status_code in {400, 422}


async def test_a_scanner_that_may_not_work_learns_nothing(ask: Any, till: Scanner, clock: FrozenClock) -> None:
    await venues.cut_device(SYSTEM, till.device.id, "Volé", now=clock())
    answer = await ask(NOBODY)
    assert (answer.status_code, answer.json()["code"]) == (403, "device_cut")


async def test_nobody_tries_numbers_by_the_thousand(
    ask: Any, till: Scanner, other_till: Scanner, clock: FrozenClock
) -> None:
    tries = [(await ask(NOBODY)).status_code for _ in range(21)]
    assert tries == [404] * 20 + [429]
    assert (await ask(NOBODY, other_till)).status_code == 404, "another scanner goes on"
    clock.advance(minutes=1)
    assert (await ask(NOBODY)).status_code == 404


def test_an_allowance_begins_anew_when_its_time_is_over(clock: FrozenClock) -> None:
    allowance = Allowance(2, timedelta(hours=1))
    assert [allowance.take("museum", now=clock()) for _ in range(3)] == [True, True, False]
    assert allowance.take("tower", now=clock())
    assert not allowance.take("museum", now=clock.advance(minutes=59))
    assert [allowance.take("museum", now=clock.advance(minutes=1)) for _ in range(3)] == [True, True, False]


async def test_the_scanners_of_a_venue_share_what_it_may_ask(
    ask: Any, other_till: Scanner, town: Town, clock: FrozenClock
) -> None:
    while PER_VENUE.take(town.museum.id, now=clock()):
        pass
    answer = await ask(NOBODY, other_till)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_numbers")


# --- handed in --------------------------------------------------------------------------------------------------------

LOOKED = {"decisions": {"identity": True}}


async def test_a_visit_by_number_waits_for_the_officer(till: Scanner, camille: Phone, town: Town) -> None:
    printed = await passes.print_pass(OFFICER, town.issuer, camille.owner.id, now=town.clock())
    for number in (number_of(camille.fields().jti), printed.number):
        item = till.scan("", number=number, **LOOKED)
        assert await till.state_of(item) == "to_confirm"
        row = await stored(item)
        assert (row.ambassador_id, row.proof, row.server_reason) == (camille.owner.id, "identity", "typed_number")
        assert row.benefit_id == town.benefit.id
        assert row.iat is None
        (again,) = (await till.hand_in(item)).results
        assert (again.result, again.state) == ("duplicate", "to_confirm")
    assert await Tally.count() == 0, "nothing counts before the officer says so"
    confirmed = await service.confirm_visit(OFFICER, row.id, None, now=town.clock())
    assert confirmed.state == "counted"


async def test_without_an_answer_it_waits_as_well(till: Scanner, camille: Phone) -> None:
    blind = {"answer": "ask", "reason": "typed_number", "benefitId": None, "benefitVersion": None}
    item = till.scan("", number=number_of(camille.fields().jti), **blind, **LOOKED)
    assert await till.state_of(item) == "to_confirm"
    assert await flags() == ["waiting_entries"], "one line for its venue and day"
    item = till.scan("", number=number_of(camille.fields().jti), **blind)
    assert await till.state_of(item) == "to_confirm"
    assert (await stored(item)).proof == "none"
    assert await flags() == ["verdict_mismatch", "waiting_entries"], "nobody looked at a document"


async def test_a_number_of_nobody_never_counts(till: Scanner, camille: Phone, town: Town) -> None:
    gone = number_of(camille.fields().jti)
    await passes.forget(camille.owner.id, now=town.clock())
    for number in (NOBODY, gone, "", "\u00e9"):
        item = till.scan("", number=number, **LOOKED)
        assert await till.state_of(item) == "quarantined"
        assert (await stored(item)).ambassador_id is None
    assert await flags() == ["unverifiable"]


async def test_digits_come_before_a_number(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    """A scanner sends one or the other; whoever sends both gains nothing."""
    item = till.scan(camille.show(clock()), number=NOBODY)
    assert await till.state_of(item) == "counted"


async def test_what_is_typed_as_a_number_spoils_no_batch(town: Town, till: Scanner, camille: Phone) -> None:
    """PostgreSQL takes no U+0000 in a text: the whole batch would come back for ever."""
    odd = till.scan("", number="\x00", reason="typed_number", answer="ask", decisions={"identity": True})
    assert [one.state for one in (await till.hand_in(odd, till.scan(camille.show(till.clock())))).results] == [
        "quarantined",
        "counted",
    ]


async def test_what_is_said_of_the_scanner_is_no_line_about_the_visit(till: Scanner, camille: Phone) -> None:
    item = till.scan("", number=number_of(camille.fields().jti), newsAtMs=None, **LOOKED)
    assert await till.state_of(item) == "to_confirm"
    assert await flags() == ["stale_scanner", "waiting_entries"]
