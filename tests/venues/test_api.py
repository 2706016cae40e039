"""Pairing over HTTP: docs/sync.md §3."""

from datetime import timedelta

import httpx
import pytest

from estran.actor import SYSTEM
from estran.venues import rules, service
from tests.conftest import FrozenClock

pytestmark = pytest.mark.anyio

BODY = {"label": "Caisse", "word": "goéland"}


async def secret_of_a_museum(clock: FrozenClock, *, reusable: bool = False) -> str:
    museum = await service.add_venue(
        SYSTEM, name="Musée", commune="", address="", url="", contact_email="", now=clock()
    )
    return await service.make_pairing(SYSTEM, museum.id, reusable=reusable, lifetime=timedelta(hours=1), now=clock())


async def test_a_scanner_is_paired(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    secret = await secret_of_a_museum(clock)
    answer = await client.post("/api/v1/pairing", json=BODY | {"secret": secret})
    assert answer.status_code == 201
    body = answer.json()
    assert (body["state"], body["venue"]["name"], set(body)) == (
        "active",
        "Musée",
        {"deviceId", "token", "state", "venue"},
    )
    again = await client.post("/api/v1/pairing", json=BODY | {"secret": secret})
    assert (again.status_code, again.json()["code"]) == (410, "pairing_ended")


async def test_a_full_waiting_room_is_409(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    secret = await secret_of_a_museum(clock, reusable=True)
    for _ in range(rules.PENDING_DEVICES_MAX):
        await service.pair(secret, **BODY, now=clock())
    answer = await client.post("/api/v1/pairing", json=BODY | {"secret": secret})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_pending")


async def test_an_unknown_code_is_404_and_guessing_ends_in_429(client: httpx.AsyncClient) -> None:
    answers = [await client.post("/api/v1/pairing", json=BODY | {"secret": "ABCD-EFGH"}) for _ in range(12)]
    assert (answers[0].status_code, answers[0].json()["code"]) == (404, "unknown_pairing")
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 0
