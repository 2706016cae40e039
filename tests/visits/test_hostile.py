"""What a lying scanner, or somebody with a stolen one, tries: docs/sync.md §6 and SECURITY.md."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from estran import clock as clocks
from estran.actor import SYSTEM
from estran.clock import MS_MAX
from estran.venues import service as venues
from estran.visits import intake, service
from tests.conftest import FrozenClock
from tests.visits.conftest import OFFICER, Phone, Scanner, Town, flags, stored

pytestmark = pytest.mark.anyio


@pytest.fixture
async def token_of_till(town: Town) -> str:
    secret = await venues.make_pairing(
        SYSTEM, town.museum.id, reusable=False, lifetime=timedelta(hours=1), now=town.clock()
    )
    return (await venues.pair(secret, "Caisse", "goéland", now=town.clock())).token


async def send(client: httpx.AsyncClient, token: str, *items: Any, **members: Any) -> httpx.Response:
    body = {"sentAtMs": 1_781_517_600_000, "queueLength": 1, "appVersion": "1", "statusVersion": None, "items": items}
    headers = {"content-type": "application/json", "authorization": f"Device {token}"}
    return await client.post("/api/v1/visits", content=msgspec.json.encode(body | members), headers=headers)


# --- benefits and quotas ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [None, str(uuid4())], ids=["none", "another venue's"])
@pytest.mark.parametrize("news_ms", [None, -3_600_000, MS_MAX], ids=["no news", "an hour", "the future"])
async def test_naming_no_benefit_does_not_dodge_the_quota(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock, named: str | None, news_ms: int | None
) -> None:
    await town.terms(quota=1)
    clock.advance(days=8)
    news = news_ms if news_ms is None or news_ms > 0 else clocks.to_ms(clock()) + news_ms
    item = till.scan(camille.show(clock()), benefitId=named, benefitVersion=None, newsAtMs=news)
    assert await till.state_of(item) == "to_confirm"
    assert (await stored(item)).server_reason == "no_benefit"
    assert "verdict_mismatch" in await flags()


async def test_a_benefit_younger_than_the_scanners_news_need_not_be_named(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    clock.advance(minutes=30)
    item = till.scan(
        camille.show(clock()), benefitId=None, benefitVersion=None, decisions={"identity": True}
    )  # its news are an hour old, the benefit half an hour
    assert await till.state_of(item) == "counted"


async def test_a_venue_without_benefits_has_none_to_name(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    await venues.end_benefit(OFFICER, town.museum.id, town.benefit.id, now=clock())
    clock.advance(days=8)
    item = till.scan(camille.show(clock()), benefitId=None, benefitVersion=None, decisions={"identity": True})
    assert await till.state_of(item) == "counted"


# --- a stolen scanner -------------------------------------------------------------------------------------------------


async def test_what_a_cut_scanner_scans_afterwards_waits_for_the_officer(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    await venues.cut_device(OFFICER, till.device.id, "volé", now=clock())
    await till.reload()
    clock.advance(hours=3)
    item = till.scan(camille.show(clock()))
    assert await till.state_of(item) == "to_confirm"
    assert (await stored(item)).server_reason == "cut_device"
    assert await flags() == ["cut_device", "verdict_mismatch"]


# --- bodies -----------------------------------------------------------------------------------------------------------


async def test_of_two_items_with_one_id_the_first_is_judged_by_its_own_code(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    genuine = till.scan(camille.show(clock()))
    forged = genuine | {"digits": "123", "companions": 7}
    first, second = (await till.hand_in(forged, genuine)).results
    assert (first.state, second.result) == ("quarantined", "parked")
    assert (await stored(genuine)).jti is None


async def test_what_grows_or_ends_in_a_line_break_fits_its_column(
    client: httpx.AsyncClient, token_of_till: str, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    longest = till.scan(camille.show(clock()), reason="a" * 24 + "\n")
    answer = await send(client, token_of_till, longest, appVersion="\ufb2c" * 20)  # NFC: three characters each
    assert answer.status_code == 200
    assert answer.json()["results"][0]["result"] == "parked"


async def test_a_visit_is_not_booked_into_a_day_before_its_pass(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    yesterday = clock() - timedelta(days=1)
    item = till.scan(camille.show(yesterday), scannedAtMs=clocks.to_ms(yesterday))
    assert await till.state_of(item) == "to_confirm"
    assert (await stored(item)).server_reason == "stale_proof"
    assert await flags() == ["stale_proof_admitted"]


@pytest.mark.parametrize(
    ("news_age_s", "state", "said"), [(60, "to_confirm", "verdict_mismatch"), (7200, "counted", "benefit_rested")]
)
@pytest.mark.parametrize("closed", ["venue", "benefit"])
async def test_a_closed_door_is_remarked_by_what_the_scanner_could_know(
    town: Town,
    till: Scanner,
    camille: Phone,
    clock: FrozenClock,
    *,
    closed: str,
    news_age_s: int,
    state: str,
    said: str,
) -> None:
    before = till.scan(camille.show(clock()))
    clock.advance(minutes=1)
    if closed == "venue":
        await venues.pause_venue(SYSTEM, town.museum.id, "travaux", now=clock())
    else:
        await venues.end_benefit(SYSTEM, town.museum.id, town.benefit.id, now=clock())
    clock.advance(hours=1)
    after = till.scan(camille.show(clock()), newsAtMs=clocks.to_ms(clock()) - news_age_s * 1000)
    answer = await till.hand_in(before, after)
    assert [result.state for result in answer.results] == ["counted", state]
    assert (await stored(after)).server_reason == "venue_paused"
    assert await flags() == [said]


async def test_no_scanner_buries_the_inbox(town: Town, till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    digits = camille.show(clock())
    worthless = [till.scan(digits) for _ in range(10)]  # one counts, the others rest on its proof
    worthless += [till.scan("9" * 240) for _ in range(10)]
    worthless += [till.scan(camille.show(clock()), outcome="refused", reason="bad_proof") for _ in range(10)]
    await till.hand_in(*worthless, *[{"kind": "sale", "n": n} for n in range(10)])
    for _ in range(30):
        till.seq += 1  # one is missing before each
        await till.hand_in(till.scan(camille.show(clock())))
    said = Counter(await flags())
    assert said == {
        "replayed": 1,
        "unverifiable": 1,
        "verdict_mismatch": 1,
        "parked_item": 1,
        "sequence_gap": intake.GAPS_SAID,
    }
    clock.advance(days=1)
    await till.hand_in(till.scan(camille.show(clock())), till.scan("9" * 240))
    assert (await flags()).count("unverifiable") == 2


async def test_a_late_undo_repeated_is_one_line_and_settles_with_its_visit(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    item = till.scan(camille.show(clock()))
    await till.hand_in(item)
    clock.advance(minutes=11)
    await till.hand_in(*[till.undo(item) for _ in range(5)])
    assert await flags() == ["late_undo"]
    await service.cancel_visit(OFFICER, UUID(item["id"]), "annulée au comptoir", now=clock())
    assert await flags() == []
