"""The venue's figures as its scanners ask for them: docs/sync.md §7."""

import httpx
import pytest
from tests.visits.conftest import Phone, Scanner, Town

from estran import clock as clocks
from estran.actor import SYSTEM
from estran.venues import service as venues

pytestmark = pytest.mark.anyio


def headers(till: Scanner) -> dict[str, str]:
    return {"Authorization": f"Device {till.token}"}


async def test_a_scanner_reads_its_venues_figures_and_no_name(
    client: httpx.AsyncClient, town: Town, till: Scanner, other_till: Scanner, camille: Phone
) -> None:
    await till.hand_in(till.scan(camille.show(town.clock()), companions=2))
    await other_till.hand_in(
        other_till.scan(camille.show(town.clock()), outcome="refused", answer="refuse", reason="quota_used")
    )
    town.clock.advance(days=1)
    answer = await client.get("/api/v1/venue", headers=headers(till))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    nothing = {"visits": 0, "companions": 0, "guests": 0, "refused": 0, "benefits": []}
    used = {"id": str(town.benefit.id), "n": 1, "give": {"fr": "Entrée gratuite", "en": "Free entry"}}
    assert answer.json() == {
        "venue": {"id": str(town.museum.id), "name": "Musée"},
        "atMs": clocks.to_ms(town.clock()),
        "today": {"first": "2026-06-16", "last": "2026-06-16"} | nothing,
        "month": {"first": "2026-06-01", "last": "2026-06-30", "visits": 1, "companions": 2, "guests": 0, "refused": 1}
        | {"benefits": [used]},
        "yearBefore": {"first": "2025-06-01", "last": "2025-06-30"} | nothing,
    }


async def test_a_scanner_that_is_cut_or_waits_reads_nothing(
    client: httpx.AsyncClient, town: Town, till: Scanner
) -> None:
    await venues.cut_device(SYSTEM, till.device.id, "Usé", now=town.clock())
    answer = await client.get("/api/v1/venue", headers=headers(till))
    assert (answer.status_code, answer.json()["code"]) == (403, "device_cut")
    answer = await client.get("/api/v1/venue", headers={"Authorization": "Device x"})
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_device")
