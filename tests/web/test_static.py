"""Files: what is kept, what is asked for again, what is never found."""

import gzip
from pathlib import Path

import httpx
import pytest

from estran.web.static import Folder, front_end, has_already, takes_gzip
from tests.conftest import FrozenClock
from tests.web.conftest import SECRET, browser_of, litestar_with

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/scan/", "/scan/sw.js", "/scan/manifest.webmanifest", "/scan/index.html"])
async def test_the_page_and_its_worker_are_asked_for_again_each_time(scan: httpx.AsyncClient, path: str) -> None:
    answer = await scan.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    again = await scan.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    head = await scan.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]


async def test_hashed_files_are_kept_for_ever(scan: httpx.AsyncClient) -> None:
    answer = await scan.get("/scan/assets/index-B4x9_c2Q.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_the_decoder_has_the_type_that_streams(scan: httpx.AsyncClient) -> None:
    assert (await scan.get("/scan/assets/reader-Ab3_d-f9.wasm")).headers["content-type"] == "application/wasm"


async def test_the_page_is_the_answer_for_every_screen(scan: httpx.AsyncClient) -> None:
    for path in ("/scan/", "/scan/today", "/scan/help/camera", "/scan/?x=1"):
        assert "<title>scan</title>" in (await scan.get(path)).text


async def test_the_address_without_its_slash_leads_to_the_one_with(scan: httpx.AsyncClient) -> None:
    answer = await scan.get("/scan")
    assert (answer.status_code, answer.headers["location"]) == (308, "/scan/")


@pytest.mark.parametrize(
    "path",
    [
        "/scan/missing.js",
        "/scan/assets/index-00000000.js",
        "/scan/../secret.txt",
        "/scan/..%2fsecret.txt",
        "/scan/%2e%2e/secret.txt",
        "/scan/%2e%2e%2fsecret.txt",
        "/scan/assets/..%2f..%2fsecret.txt",
        "/scan/..%5csecret.txt",
        "/scan/%2fetc%2fpasswd.txt",
        "/scan//etc/passwd.txt",
        "/scan/outside.txt",
        "/scan/sw.js%00",
        "/scan/%00.txt",
        "/scan/" + "a" * 5000 + ".txt",
    ],
)
async def test_nothing_outside_is_ever_sent(scan: httpx.AsyncClient, path: str) -> None:
    # httpx would tidy the path up before sending it.
    answer = await scan.send(
        httpx.Request("GET", httpx.URL("https://pass.example.org").copy_with(raw_path=path.encode()))
    )
    assert answer.status_code == 404
    assert SECRET not in answer.text


async def test_files_travel_packed_where_the_browser_takes_it(scan: httpx.AsyncClient, built: Path) -> None:
    path = "/scan/assets/index-B4x9_c2Q.js"
    packed = await scan.get(path, headers={"accept-encoding": "gzip, br"})
    plain = await scan.get(path, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 10
    assert packed.content == plain.content == (built / "assets" / "index-B4x9_c2Q.js").read_bytes()
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    folder = Folder(built)
    file = folder.file("assets/index-B4x9_c2Q.js")
    assert file is not None
    assert file.packed is not None
    assert gzip.decompress(file.packed) == file.body


async def test_a_new_build_is_seen_at_once(scan: httpx.AsyncClient, built: Path) -> None:
    before = await scan.get("/scan/sw.js")
    (built / "sw.js").write_text("self.newer", "utf-8")
    after = await scan.get("/scan/sw.js", headers={"if-none-match": before.headers["etag"]})
    assert (after.status_code, after.text) == (200, "self.newer")


async def test_without_a_build_the_page_says_what_to_do(clock: FrozenClock, tmp_path: Path) -> None:
    app = litestar_with([front_end("/pass", Folder(tmp_path / "nowhere"))], clock, tmp_path)
    async with browser_of(app) as client:
        for path in ("/pass/", "/pass/anything", "/pass/x.js"):
            answer = await client.get(path)
            assert answer.status_code == 503
            assert "make build" in answer.text


async def test_style_sheets_are_kept_for_ever_under_their_version(scan: httpx.AsyncClient) -> None:
    page = (await scan.get("/nowhere")).text
    address = page.split('href="/assets/site.css?v=')[1].split('"')[0]
    versioned = await scan.get(f"/assets/site.css?v={address}")
    assert "immutable" in versioned.headers["cache-control"]
    assert versioned.headers["content-type"] == "text/css; charset=utf-8"
    for other in ("/assets/site.css", "/assets/site.css?v=old"):
        assert (await scan.get(other)).headers["cache-control"] == "no-cache"
    assert (await scan.get("/assets/../pages.py")).status_code == 404


@pytest.mark.parametrize(
    ("header", "is_known"),
    [("", False), ('W/"a"', True), ('"a"', True), ('"b", W/"a"', True), ("*", True), ('"b"', False), ("a", False)],
)
def test_if_none_match(header: str, *, is_known: bool) -> None:
    assert has_already(header, 'W/"a"') is is_known


@pytest.mark.parametrize(
    ("header", "is_taken"),
    [
        ("", False),
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("*", True),
        ("br", False),
    ],
)
def test_accept_encoding(header: str, *, is_taken: bool) -> None:
    assert takes_gzip(header) is is_taken
