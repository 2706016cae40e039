"""Invitations and replies without a session: the phone proves that it holds the pass, by a proof that no screen shows."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from estran.club import service as club
from estran.club.tables import Ambassador
from estran.encoding import unb64
from estran.passes import service as passes
from estran.passes import token
from estran.passes.tables import Pass
from tests.conftest import ORIGIN, FrozenClock
from tests.events.cast import OFFICER, opened, person, reply_of

pytestmark = pytest.mark.anyio
EVENTS = "/api/v1/pass/events"
KEY = generate_private_key(SECP256R1())
JWK = token.jwk_of(KEY.public_key())


@pytest.fixture
async def camille(app: Any, clock: FrozenClock) -> Ambassador:
    return await person("Camille", clock)


@pytest.fixture
async def phone(app: Any, camille: Ambassador, clock: FrozenClock) -> Pass:
    """Camille's pass on a phone whose session is over."""
    return await passes.issue(app.state.issuer, camille.id, JWK["x"], JWK["y"], "Android", now=clock())


def proof(
    phone: Pass, clock: FrozenClock, aud: str = f"{ORIGIN}/own", *, age_s: int = 0, key: Any = KEY
) -> dict[str, str]:
    fields = token.parse_credential(unb64(phone.credential))
    assert isinstance(fields, token.Fields)
    iat = int(clock().timestamp()) - age_s
    shown = token.sign_proof(fields, ORIGIN, key, iat=iat, nonce=secrets.token_bytes(4), aud=aud)
    return {"authorization": f"Pass {token.digits_of(shown.raw)}"}


async def test_a_phone_hears_and_replies_without_a_session(
    client: httpx.AsyncClient, camille: Ambassador, phone: Pass, clock: FrozenClock
) -> None:
    event = await opened(clock)
    told = await client.get(EVENTS, headers=proof(phone, clock))
    assert (told.status_code, told.json()["whose"]) == (200, str(camille.id))
    assert [one["id"] for one in told.json()["events"]] == [str(event.id)]
    answer = await client.post(f"{EVENTS}/{event.id}/reply", json={"coming": True}, headers=proof(phone, clock))
    assert (answer.status_code, answer.json()["mine"]["reply"]) == (200, "coming")
    assert await reply_of(event, camille.id) == "coming"


async def test_no_code_from_a_screen_will_do_nor_any_other_proof(
    client: httpx.AsyncClient, phone: Pass, clock: FrozenClock
) -> None:
    event = await opened(clock)
    stranger = generate_private_key(SECP256R1())
    for headers, code in (
        (proof(phone, clock, ""), "bad_proof"),  # what the code on the pass's screen carries
        (proof(phone, clock, f"{ORIGIN}/here/{UUID(int=1)}"), "bad_proof"),
        (proof(phone, clock, "https://elsewhere.example.org/own"), "bad_proof"),
        (proof(phone, clock, key=stranger), "bad_proof"),
        (proof(phone, clock, age_s=61), "stale_proof"),
        (proof(phone, clock, age_s=-31), "stale_proof"),
        *(({"authorization": f"Pass {text}"}, "unknown_pass") for text in ("", "12", "9" * 700, "x" * 5000, "é")),
    ):
        sent = {name.encode(): value.encode() for name, value in headers.items()}
        for answer in (
            await client.get(EVENTS, headers=sent),
            await client.post(f"{EVENTS}/{event.id}/reply", json={"coming": True}, headers=sent),
        ):
            assert (answer.status_code, answer.json()["code"]) == (401, code)
    refreshed = await client.post(
        "/api/v1/pass/refresh", json={"digits": proof(phone, clock)["authorization"].removeprefix("Pass ")}
    )
    assert refreshed.json()["code"] == "bad_proof", "nor does this one open anything else"


async def test_what_needs_a_session_still_does(client: httpx.AsyncClient, phone: Pass, clock: FrozenClock) -> None:
    for path in ("/api/v1/me", "/api/v1/me/data", "/api/v1/pass/letters", "/api/v1/pass/calendar"):
        assert (await client.get(path, headers=proof(phone, clock))).status_code == 401


async def test_a_lost_phone_hears_nothing_once_its_pass_is_revoked(
    client: httpx.AsyncClient, camille: Ambassador, phone: Pass, clock: FrozenClock
) -> None:
    await opened(clock)
    await passes.revoke(OFFICER, camille.id, "perdu", now=clock())
    answer = await client.get(EVENTS, headers=proof(phone, clock))
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_pass")


async def test_nor_does_the_phone_that_the_pass_has_left(
    app: Any, client: httpx.AsyncClient, camille: Ambassador, phone: Pass, clock: FrozenClock
) -> None:
    other = token.jwk_of(generate_private_key(SECP256R1()).public_key())
    await passes.issue(app.state.issuer, camille.id, other["x"], other["y"], "iPhone", now=clock())
    assert (await client.get(EVENTS, headers=proof(phone, clock))).status_code == 200
    clock.advance(hours=24, seconds=1)
    assert (await client.get(EVENTS, headers=proof(phone, clock))).json()["code"] == "unknown_pass"


async def test_who_is_paused_still_hears_and_may_still_say_no(
    client: httpx.AsyncClient, camille: Ambassador, phone: Pass, clock: FrozenClock
) -> None:
    event = await opened(clock)
    await club.pause(OFFICER, camille.id, "voyage", now=clock())
    assert len((await client.get(EVENTS, headers=proof(phone, clock))).json()["events"]) == 1
    for coming, code in ((True, 409), (False, 200)):
        answer = await client.post(f"{EVENTS}/{event.id}/reply", json={"coming": coming}, headers=proof(phone, clock))
        assert answer.status_code == code


async def test_a_reply_that_comes_late_says_that_another_stands(
    client: httpx.AsyncClient, camille: Ambassador, phone: Pass, clock: FrozenClock
) -> None:
    event = await opened(clock)
    path, said_at = f"{EVENTS}/{event.id}/reply", int(clock().timestamp() * 1000)
    clock.advance(hours=1)
    later = int(clock().timestamp() * 1000)
    assert (await client.post(path, json={"coming": False}, headers=proof(phone, clock))).status_code == 200
    clock.advance(hours=1)
    late = {"coming": True, "saidAtMs": said_at}
    answer = await client.post(path, json=late, headers=proof(phone, clock))
    assert (answer.status_code, answer.json()["code"]) == (409, "replied_since")
    [told] = (await client.get(EVENTS, headers=proof(phone, clock))).json()["events"]
    assert (told["mine"]["reply"], told["mine"]["saidAtMs"]) == ("declined", later)
    for at in (later + 1, None, int((clock() + timedelta(days=9)).timestamp() * 1000)):
        answer = await client.post(path, json={"coming": True, "saidAtMs": at}, headers=proof(phone, clock))
        assert answer.json()["mine"]["saidAtMs"] <= int(clock().timestamp() * 1000)
    for bad in (-1, 2**63, 253_402_300_800_000, "soon"):
        answer = await client.post(path, json={"coming": True, "saidAtMs": bad}, headers=proof(phone, clock))
        assert answer.status_code in {400, 422}, bad
