"""Snapshot and outbox over HTTP, as a scanner sees them: docs/sync.md §4-§5."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest

from estran import clock as clocks
from estran.actor import SYSTEM
from estran.club import service as club
from estran.encoding import b64
from estran.passes import service as passes
from estran.venues import service as venues
from estran.venues.terms import PLAIN, written
from estran.visits.tables import Visit
from tests.conftest import ORIGIN, FrozenClock
from tests.visits.conftest import OFFICER, Phone, Scanner, Town

pytestmark = pytest.mark.anyio


@pytest.fixture
async def token(client: httpx.AsyncClient, town: Town, clock: FrozenClock) -> dict[str, str]:
    """The headers of a scanner that was paired over HTTP."""
    secret = await venues.make_pairing(SYSTEM, town.museum.id, reusable=False, lifetime=timedelta(hours=1), now=clock())
    answer = await client.post("/api/v1/pairing", json={"secret": secret, "label": "Caisse", "word": "goéland"})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Device {answer.json()['token']}"}


@pytest.fixture
async def paired(token: dict[str, str], town: Town) -> Scanner:
    """The same scanner, to make items with."""
    (device,) = await venues.devices_of(town.museum.id)
    return Scanner(town.issuer, device, town.clock, town.benefit)


def batch(clock: FrozenClock, *items: Any) -> dict[str, Any]:
    return {
        "sentAtMs": clocks.to_ms(clock()),
        "queueLength": len(items),
        "appVersion": "1.0",
        "statusVersion": None,
        "items": list(items),
    }


async def test_the_snapshot_is_what_the_spec_says(
    client: httpx.AsyncClient, token: dict[str, str], town: Town, camille: Phone
) -> None:
    answer = await client.get("/api/v1/snapshot", headers=token)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["estran-time"] == str(clocks.to_ms(town.clock()))
    body = answer.json()
    assert answer.headers["etag"] == f'"{body["version"]}"'
    assert (body["iss"], body["zone"], body["snapshotLimitS"]) == (ORIGIN, "Europe/Paris", 7 * 86400)
    assert body["venue"] == {"id": str(town.museum.id), "name": "Musée", "paused": False, "closures": []}
    assert body["benefits"] == [
        {
            "id": str(town.benefit.id),
            "version": 1,
            "terms": json.loads(written(PLAIN)),
            "entitled": None,
            "desk": {"fr": "Entrée gratuite", "en": "Free entry"},
            "give": {"fr": "Entrée gratuite", "en": "Free entry"},
        }
    ]
    assert (body["uses"], body["lastSeq"]) == ({}, 0)
    key = jwt.PyJWK(body["keys"][0])
    claims = jwt.decode(body["statusList"], key, ["ES256"], options={"verify_exp": False, "verify_iat": False})
    assert (claims["sub"], claims["version"]) == (f"{ORIGIN}/status", 1)


async def test_the_same_news_are_not_sent_again(
    client: httpx.AsyncClient, token: dict[str, str], paired: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    etag = (await client.get("/api/v1/snapshot", headers=token)).headers["etag"]
    clock.advance(minutes=10)
    shown = token | {"If-None-Match": etag, "Estran-Status-Version": "1"}
    answer = await client.get("/api/v1/snapshot", headers=shown)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["estran-time"] == str(clocks.to_ms(clock()))
    device = await paired.reload()
    assert (device.snapshot_at, device.seen_at) == (clock(), clock())
    assert (device.status_version, device.status_known_at) == (1, clock())


@pytest.mark.parametrize("version", ["", "-1", "x", "9" * 40, "1.5", "٣"])
async def test_a_strange_status_version_is_ignored(
    client: httpx.AsyncClient, token: dict[str, str], paired: Scanner, version: str
) -> None:
    shown = token | {"Estran-Status-Version": version.encode()}
    assert (await client.get("/api/v1/snapshot", headers=shown)).status_code == 200  # type: ignore[arg-type]
    assert (await paired.reload()).status_version is None


async def test_every_change_that_matters_is_news(
    client: httpx.AsyncClient, token: dict[str, str], town: Town, camille: Phone, clock: FrozenClock, paired: Scanner
) -> None:
    async def etag() -> str:
        return str((await client.get("/api/v1/snapshot", headers=token)).headers["etag"])

    seen = [await etag()]
    for change in (
        lambda: town.terms(quota=3),
        lambda: venues.pause_venue(OFFICER, town.museum.id, "travaux", now=clock()),
        lambda: passes.revoke(OFFICER, camille.owner.id, "perdu", now=clock()),
        lambda: club.edit_house(
            OFFICER,
            name="Club",
            office_name="Office",
            contact_email="",
            zone_name="Europe/Paris",
            snapshot_limit_days=3,
            now=clock(),
        ),
    ):
        await change()
        seen.append(await etag())
        assert seen[-1] == await etag()
    assert len(set(seen)) == len(seen)


async def test_uses_count_the_period_by_benefit_and_sub(
    client: httpx.AsyncClient, token: dict[str, str], town: Town, camille: Phone, clock: FrozenClock, paired: Scanner
) -> None:
    paired.benefit = await town.terms(quota=5)
    clock.now = datetime(2026, 12, 30, 12, 0, tzinfo=UTC)
    first = paired.scan(camille.show(clock()))
    await paired.hand_in(first, paired.scan(camille.show(clock())), paired.undo(first))
    clock.now = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    body = (await client.get("/api/v1/snapshot", headers=token)).json()
    year = {"first": "2026-01-01", "last": "2026-12-31"}
    assert body["uses"] == {str(town.benefit.id): year | {"counts": {b64(camille.fields().sub): 1}}}
    assert body["lastSeq"] == 3
    clock.advance(hours=1)
    body = (await client.get("/api/v1/snapshot", headers=token)).json()
    year = {"first": "2027-01-01", "last": "2027-12-31"}
    assert body["uses"] == {str(town.benefit.id): year | {"counts": {}}}


async def test_visits_over_http(
    client: httpx.AsyncClient, token: dict[str, str], camille: Phone, paired: Scanner, clock: FrozenClock
) -> None:
    item = paired.scan(camille.show(clock()))
    for result in ("stored", "duplicate"):
        answer = await client.post("/api/v1/visits", headers=token, json=batch(clock, item, {"id": "x"}))
        assert answer.status_code == 200
        assert answer.json() == {
            "results": [
                {"id": item["id"], "result": result, "state": "counted"},
                {"id": "x", "result": "parked", "code": "parked_item"},
            ],
            "device": "active",
        }
    assert await Visit.count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"sentAtMs": 0, "queueLength": 0, "items": None}, 422),
        ({"sentAtMs": 0, "queueLength": 0, "items": [{}] * 101}, 422),
        ({"sentAtMs": -1, "queueLength": 0, "items": []}, 422),
        ({"sentAtMs": 0, "queueLength": 0, "items": ["x" * 1_100_000]}, 413),
    ],
    ids=["nothing", "no items", "too many items", "before 1970", "too large"],
)
async def test_a_call_that_is_no_batch_is_refused_as_a_whole(
    client: httpx.AsyncClient, token: dict[str, str], body: dict[str, Any], status: int
) -> None:
    answer = await client.post("/api/v1/visits", headers=token, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("header", ["", "Device", "Device x", "Bearer x", "Device " + "x" * 5000])
@pytest.mark.parametrize("path", ["/api/v1/snapshot", "/api/v1/visits"])
async def test_nothing_without_a_token(client: httpx.AsyncClient, header: str, path: str, clock: FrozenClock) -> None:
    headers = {"Authorization": header} if header else {}
    if path.endswith("visits"):
        answer = await client.post(path, headers=headers, json=batch(clock))
    else:
        answer = await client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_device")


async def test_a_pending_scanner_waits(
    client: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock
) -> None:
    poster = await venues.make_pairing(SYSTEM, town.museum.id, reusable=True, lifetime=timedelta(days=9), now=clock())
    body = (await client.post("/api/v1/pairing", json={"secret": poster, "label": "Tablette", "word": "varech"})).json()
    headers = {"Authorization": f"Device {body['token']}"}
    assert body["state"] == "pending"
    for answer in (
        await client.get("/api/v1/snapshot", headers=headers),
        await client.post("/api/v1/visits", headers=headers, json=batch(clock)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "device_pending")
    (device,) = await venues.devices_of(town.museum.id)
    await venues.approve_device(OFFICER, device.id, now=clock())
    assert (await client.get("/api/v1/snapshot", headers=headers)).status_code == 200


async def test_a_cut_scanner_gets_no_news_but_hands_in(
    client: httpx.AsyncClient, token: dict[str, str], camille: Phone, paired: Scanner, clock: FrozenClock
) -> None:
    item = paired.scan(camille.show(clock()))
    await venues.cut_device(OFFICER, paired.device.id, "perdu", now=clock())
    answer = await client.get("/api/v1/snapshot", headers=token)
    assert (answer.status_code, answer.json()["code"]) == (403, "device_cut")
    answer = await client.post("/api/v1/visits", headers=token, json=batch(clock, item))
    assert (answer.status_code, answer.json()["device"]) == (200, "cut")
    assert answer.json()["results"][0]["state"] == "counted"
