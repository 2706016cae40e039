"""Nonsense is the caller's fault: 4xx, never 5xx."""

from collections.abc import AsyncIterator

import httpx
import pytest

pytestmark = pytest.mark.anyio

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"{", 400, "bad_request"),
        (b"\xff\xfe", 400, "bad_request"),
        (b"[" * 5000, 400, "bad_request"),
        (b'{"email": "\xff@example.org"}', 400, "bad_request"),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"email": 7}', 422, "invalid"),
        (b'{"email": ""}', 422, "invalid"),
        (b'{"email": "nobody"}', 422, "bad_email"),
        (b'{"email": "a\\u0000@example.org"}', 422, "bad_email"),
        (b'{"email": "\\ud800@example.org"}', 400, "bad_request"),
        (b'{"email": "' + b"a" * 300 + b'@example.org"}', 422, "invalid"),
        (b'{"email": "' + b"a" * 1_100_000 + b'"}', 413, "too_large"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_a_body_that_cannot_be_used(client: httpx.AsyncClient, body: bytes, status: int, code: str) -> None:
    answer = await client.post("/api/v1/sign-in", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 422:
        assert answer.json()["fields"] in (["email"], ["data"])


async def test_a_body_without_a_declared_length_is_bounded_too(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b" " * 8192

    answer = await client.post("/api/v1/sign-in", content=endless(), headers=JSON)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/sign-in/%ff%fe", "/sign-in/%00", "/sign-in/" + "a" * 9000, "/%ff", "/desk/people/nonsense", "/assets/%ff"],
)
async def test_an_address_that_makes_no_sense(client: httpx.AsyncClient, path: str) -> None:
    assert 300 <= (await client.get(path)).status_code < 500


@pytest.mark.parametrize("cookie", ["\xff", "x" * 9000, "a b;=;;", '"', "\x01"], ids=repr)
@pytest.mark.parametrize("name", ["__Host-estran_pass", "__Host-estran_desk", "__Host-estran_asking", "estran_lang"])
async def test_a_cookie_that_makes_no_sense(client: httpx.AsyncClient, name: str, cookie: str) -> None:
    headers = {b"cookie": f"{name}={cookie}".encode("latin-1")}
    for path in ("/api/v1/me", "/desk/venues", "/desk/sign-in"):
        assert (await client.get(path, headers=headers)).status_code < 500
    assert (await client.post("/api/v1/sign-in/code", json={"code": "1"}, headers=headers)).status_code < 500


@pytest.mark.parametrize(
    "value", [b"Device", b"Device ", b"Device \xff", b"Bearer x", b"Device " + b"x" * 9000], ids=repr
)
async def test_a_device_token_that_makes_no_sense(client: httpx.AsyncClient, value: bytes) -> None:
    answer = await client.get("/api/v1/snapshot", headers={b"authorization": value})
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_device")


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", "text/plain", "nonsense"])
async def test_a_form_of_another_kind(client: httpx.AsyncClient, kind: str) -> None:
    for path in ("/desk/sign-in", "/desk/sign-in/code"):
        answer = await client.post(path, content=b"email=a@example.org", headers={"content-type": kind})
        assert answer.status_code < 500
