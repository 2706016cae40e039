"""What every response carries: pages, files, 304, errors, unknown addresses, and the worst day."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import get

from estran.clock import to_ms
from estran.errors import Conflict
from estran.web.static import Folder, front_end
from tests.conftest import FrozenClock
from tests.web.conftest import browser_of, litestar_with

pytestmark = pytest.mark.anyio


@get("/api/breaks")
async def api_breaks() -> None:
    raise RuntimeError("camille@example.org")


@get("/breaks")
async def page_breaks() -> None:
    raise RuntimeError("camille@example.org")


@get("/api/conflict")
async def conflict() -> None:
    raise Conflict("not_eligible", "the mandate has ended", eligibility="ended")


@pytest.fixture
async def client(built: Path, clock: FrozenClock, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    routers = [front_end("/scan", Folder(built)), front_end("/pass", Folder(built)), api_breaks, page_breaks, conflict]
    async with browser_of(litestar_with(routers, clock, tmp_path)) as made:
        yield made


EVERY_KIND = [
    ("GET", "/pass/", {}, 200),
    ("GET", "/pass/", {"if-none-match": "*"}, 304),
    ("HEAD", "/pass/", {}, 200),
    ("GET", "/pass", {}, 308),
    ("GET", "/pass/none.js", {}, 404),
    ("GET", "/assets/site.css", {}, 200),
    ("GET", "/nowhere", {}, 404),
    ("GET", "/api/nowhere", {}, 404),
    ("POST", "/pass/", {}, 405),
    ("DELETE", "/api/conflict", {}, 405),
    ("OPTIONS", "/api/conflict", {}, 204),
    ("GET", "/api/conflict", {}, 409),
    ("GET", "/api/breaks", {}, 500),
    ("GET", "/breaks", {}, 500),
    ("GET", "/scan/", {}, 200),
    ("GET", "/scan/assets/index-B4x9_c2Q.js", {}, 200),
    ("GET", "/scan/none.js", {}, 404),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), EVERY_KIND, ids=repr)
async def test_every_answer_is_hardened_and_tells_the_time(
    client: httpx.AsyncClient, clock: FrozenClock, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = await client.request(method, path, headers=headers)
    assert answer.status_code == status
    said = answer.headers
    assert said["estran-time"] == str(to_ms(clock()))
    assert said["x-content-type-options"] == "nosniff"
    assert said["referrer-policy"] == "same-origin"
    assert said["cross-origin-opener-policy"] == "same-origin"
    assert said["cross-origin-resource-policy"] == "same-origin"
    assert said["strict-transport-security"].startswith("max-age=")
    policy = dict(part.strip().split(" ", 1) for part in said["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe-inline" not in said["content-security-policy"]
    assert "http" not in said["content-security-policy"]
    is_scan = path.startswith("/scan/")
    assert policy["script-src"] == ("'self' 'wasm-unsafe-eval'" if is_scan else "'self'")
    assert ("camera=(self)" if is_scan else "camera=()") in said["permissions-policy"]
    assert len(said.get_list("content-security-policy")) == 1
    assert "cache-control" in said


@pytest.mark.parametrize("path", ["/api/nowhere", "/api/conflict", "/api/breaks", "/nowhere", "/breaks"])
async def test_nothing_is_kept_unless_it_says_so(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).headers["cache-control"] == "no-store"


async def test_plain_http_on_localhost_promises_no_https(clock: FrozenClock, tmp_path: Path) -> None:
    origin = "http://localhost:8000"
    async with browser_of(litestar_with([], clock, tmp_path, origin), origin) as client:
        assert "strict-transport-security" not in (await client.get("/")).headers


async def test_a_problem_is_json_on_the_api_with_its_code(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/conflict")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "title": "Conflict",
        "status": 409,
        "code": "not_eligible",
        "detail": "the mandate has ended",
        "eligibility": "ended",
    }


@pytest.mark.parametrize("path", ["/api/breaks", "/breaks"])
async def test_what_broke_is_logged_without_its_words_and_shown_to_nobody(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 500
    assert "internal" in answer.text
    for text in (answer.text, caplog.text):
        assert "camille" not in text
        assert "Traceback" not in text
    assert "RuntimeError" not in answer.text
    assert "event=unexpected" in caplog.text


async def test_a_page_speaks_the_readers_language(client: httpx.AsyncClient) -> None:
    french = await client.get("/nowhere")
    assert '<html lang="fr">' in french.text
    assert "Page introuvable" in french.text
    english = await client.get("/nowhere", headers={"accept-language": "en"})
    assert '<html lang="en">' in english.text
    assert "Page not found" in english.text
