"""The phone's calls and the public lists over HTTP."""

from datetime import date, datetime
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.encoding import unb64
from estran.passes import service, token
from estran.venues import service as venues
from estran.venues.terms import Quota, Terms
from tests.conftest import ORIGIN, FrozenClock

pytestmark = pytest.mark.anyio
PHONE = generate_private_key(SECP256R1())
JWK = token.jwk_of(PHONE.public_key())
POINT = {"x": JWK["x"], "y": JWK["y"]}
ANDROID = {"user-agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0"}


@pytest.fixture
async def camille(app: Any, now: datetime) -> Ambassador:
    return await club.add_ambassador(
        SYSTEM,
        first_name="Camille",
        last_name="Varech",
        email="camille.varech@example.org",
        begins_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        now=now,
    )


@pytest.fixture
async def signed_in(client: httpx.AsyncClient, camille: Ambassador, now: datetime) -> httpx.AsyncClient:
    link = await access.invite(camille.account_id, Realm.PASS, now=now)
    session = await access.use_link(link, now=now)
    client.cookies.set("__Host-estran_pass", session.token)
    return client


def digits(credential: str, at: datetime) -> str:
    fields = token.parse_credential(unb64(credential))
    assert isinstance(fields, token.Fields)
    return token.digits_of(token.sign_proof(fields, ORIGIN, PHONE, iat=int(at.timestamp()), nonce=b"1234").raw)


async def test_a_phone_gets_its_pass_and_all_it_needs_offline(
    signed_in: httpx.AsyncClient, camille: Ambassador, clock: FrozenClock
) -> None:
    venue = await venues.add_venue(
        SYSTEM, name="Musée", commune="Granville", address="", url="", contact_email="", now=clock()
    )
    await venues.set_benefit(SYSTEM, venue.id, None, Terms(min_paying_companions=1, quota=Quota(2)), now=clock())
    me = (await signed_in.get("/api/v1/me")).json()
    assert (me["firstName"], me["name"], me["eligibility"], me["device"]) == ("Camille", "Camille V.", "eligible", None)

    answer = await signed_in.post("/api/v1/me/pass", json=POINT, headers=ANDROID)
    assert answer.status_code == 201
    news = answer.json()
    assert (news["status"], news["until"], news["zone"]) == ("valid", "2026-12-31", "Europe/Paris")
    (benefit,) = news["benefits"]
    assert benefit["venue"] == "Musée"
    assert benefit["sentences"][0]["fr"].startswith("Entrée gratuite avec au moins 1")
    assert (await signed_in.get("/api/v1/me")).json()["device"] == {"label": "Android", "since": "2026-06-15"}

    again = await signed_in.post("/api/v1/me/pass", json=POINT)
    assert again.json()["credential"] == news["credential"], "a lost reply is harmless"


async def test_the_proof_alone_refreshes_without_a_session(
    signed_in: httpx.AsyncClient, camille: Ambassador, clock: FrozenClock
) -> None:
    news = (await signed_in.post("/api/v1/me/pass", json=POINT)).json()
    signed_in.cookies.clear()
    answer = await signed_in.post("/api/v1/pass/refresh", json={"digits": digits(news["credential"], clock())})
    assert answer.status_code == 200
    assert answer.json()["credential"] == news["credential"]
    await service.revoke(SYSTEM, camille.id, "lost", now=clock())
    answer = await signed_in.post("/api/v1/pass/refresh", json={"digits": digits(news["credential"], clock())})
    assert (answer.json()["status"], answer.json()["credential"]) == ("revoked", None)


async def test_a_stale_refresh_tells_the_servers_time(
    signed_in: httpx.AsyncClient, camille: Ambassador, clock: FrozenClock
) -> None:
    news = (await signed_in.post("/api/v1/me/pass", json=POINT)).json()
    stale = digits(news["credential"], clock())
    clock.advance(minutes=5)
    answer = await signed_in.post("/api/v1/pass/refresh", json={"digits": stale})
    assert (answer.status_code, answer.json()["code"]) == (401, "stale_proof")
    assert answer.headers["estran-time"] == str(int(clock().timestamp() * 1000))
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "body",
    [{}, {"digits": 1}, {"digits": None}, {"digits": "12"}, {"digits": "9" * 700}, {"digits": "x" * 100_000}, [], "x"],
    ids=str,
)
async def test_whatever_is_sent_is_no_server_error(client: httpx.AsyncClient, body: object) -> None:
    answer = await client.post("/api/v1/pass/refresh", json=body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"]


async def test_nobody_gets_a_pass_without_a_session(client: httpx.AsyncClient, camille: Ambassador) -> None:
    for answer in (await client.get("/api/v1/me"), await client.post("/api/v1/me/pass", json=POINT)):
        assert answer.status_code == 401


async def test_a_paused_ambassador_is_told_so(signed_in: httpx.AsyncClient, camille: Ambassador, now: datetime) -> None:
    await club.pause(SYSTEM, camille.id, "voyage", now=now)
    answer = await signed_in.post("/api/v1/me/pass", json=POINT)
    assert (answer.status_code, answer.json()["code"], answer.json()["eligibility"]) == (409, "not_eligible", "paused")


async def test_keys_and_status_list_are_public_and_cheap_to_ask_again(
    signed_in: httpx.AsyncClient, camille: Ambassador, clock: FrozenClock
) -> None:
    await signed_in.post("/api/v1/me/pass", json=POINT)
    signed_in.cookies.clear()
    (jwk,) = (await signed_in.get("/.well-known/jwks.json")).json()["keys"]
    assert set(jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use"}, "no private part"
    answer = await signed_in.get("/status")
    assert answer.headers["content-type"].startswith("application/statuslist+jwt")
    jwt.decode(answer.text, jwt.PyJWK(jwk), ["ES256"], options={"verify_exp": False, "verify_iat": False})
    again = await signed_in.get("/status", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["estran-time"]
    await service.revoke(SYSTEM, camille.id, "lost", now=clock())
    assert (await signed_in.get("/status", headers={"if-none-match": answer.headers["etag"]})).status_code == 200


async def test_no_stranger_can_keep_the_server_busy_with_the_status_list(client: httpx.AsyncClient) -> None:
    statuses = [(await client.get("/status")).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    assert (await client.get("/.well-known/jwks.json")).status_code == 200


async def test_the_day_the_mandate_begins_is_told(client: httpx.AsyncClient, app: Any, now: datetime) -> None:
    person = await club.add_ambassador(
        SYSTEM,
        first_name="Noé",
        last_name="Cabestan",
        email="noe.cabestan@example.org",
        begins_on=date(2026, 7, 1),
        ends_on=date(2027, 6, 30),
        now=now,
    )
    session = await access.use_link(await access.invite(person.account_id, Realm.PASS, now=now), now=now)
    client.cookies.set("__Host-estran_pass", session.token)
    me = (await client.get("/api/v1/me")).json()
    assert (me["eligibility"], me["beginsOn"]) == ("not_begun", "2026-07-01")


async def test_whoever_holds_a_lost_phone_cannot_put_a_new_pass_on_it(
    signed_in: httpx.AsyncClient, camille: Ambassador, clock: FrozenClock
) -> None:
    assert (await signed_in.post("/api/v1/me/pass", json=POINT)).status_code == 201
    await service.revoke(SYSTEM, camille.id, "lost", now=clock())
    answer = await signed_in.post("/api/v1/me/pass", json=POINT)
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    link = await access.invite(camille.account_id, Realm.PASS, now=clock())
    signed_in.cookies.set("__Host-estran_pass", (await access.use_link(link, now=clock())).token)
    assert (await signed_in.post("/api/v1/me/pass", json=POINT)).status_code == 201
