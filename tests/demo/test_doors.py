"""The demonstration's doors and pages, on one filled SQLite database for all of these tests."""

import asyncio
import json
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

import estran
from estran import db
from estran.club import service as club
from estran.demo import data, service, story
from estran.mail import service as mail
from estran.privacy import retention
from estran.settings import Settings
from estran.texts import t
from estran.venues import service as venues
from tests.conftest import MONDAY, FrozenClock
from tests.desk.conftest import read

BANNER = "Démonstration : avantages fictifs"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration's folder; each test has a copy of its own."""
    folder = tmp_path_factory.mktemp("demo") / "filled"
    settings = service.settings_for(folder, 8000)
    folder.mkdir()

    async def fill() -> None:
        db.bind(db.make_engine(settings.database))
        await db.migrate()
        await story.fill(settings, now=MONDAY)
        await retention.run(now=MONDAY)
        await db.close_engine()

    asyncio.run(fill())
    return folder


@pytest.fixture
def engine_name() -> str:
    """What pages show does not hang on the engine; that both hold the story is told in test_demo.py."""
    return "sqlite"


@pytest.fixture
def settings(filled: Path, tmp_path: Path) -> Settings:
    folder = tmp_path / "demo"
    shutil.copytree(filled, folder)
    return service.settings_for(folder, 8000)


@pytest.fixture
async def engine(settings: Settings) -> Any:
    made = db.make_engine(settings.database)
    db.bind(made)
    yield made
    db.bind(made)
    await db.close_engine()


async def test_every_page_and_letter_says_what_it_is(client: httpx.AsyncClient) -> None:
    for path in ("/demo/", "/demo/mailbox", "/", "/desk/sign-in", "/nowhere", "/sign-in/nothing"):
        assert BANNER in read(await client.get(path)), path
    await client.post((await client.get("/demo/desk")).headers["location"])
    venue, person = (await venues.venues())[0], (await club.ambassadors())[0]
    for path in ("", "/inbox", "/people", f"/people/{person.id}", f"/venues/{venue.id}", "/history", "/nowhere"):
        assert BANNER in read(await client.get(f"/desk{path}")), path
    for kind in ("once", "poster"):  # to be printed, too: style sheets must leave it there
        assert BANNER in read(await client.post(f"/desk/venues/{venue.id}/pairing", data={"kind": kind}))
    await client.post(f"/desk/people/{person.id}/invite")
    await client.post("/api/v1/sign-in", json={"email": "camille.varech@example.org"})
    written = [letter for letter in await mail.letters() if letter.failed_at is None]
    assert {letter.kind for letter in written} == {"answered", "invitation", "news", "sign_in"}
    for letter in written:
        for form in (letter.text, letter.html):
            assert BANNER in form.replace("\u00a0", " ")
    for sheet in Path(estran.__file__).parent.glob("*/static/*.css"):
        printed = sheet.read_text(encoding="utf-8").partition("@media print")[2]
        assert ".demo" not in printed, sheet


LISTS = (
    "",
    "/people",
    "/people/years",
    "/renewals",
    "/candidates",
    "/venues",
    "/inbox",
    "/inbox/past",
    "/manifesto",
    "/history",
    "/retention",
)


async def test_no_list_of_the_desk_is_empty(client: httpx.AsyncClient) -> None:
    await client.post((await client.get("/demo/desk")).headers["location"])
    words = json.loads((Path(estran.__file__).parent / "desk" / "texts" / "fr.json").read_text(encoding="utf-8"))
    # Sentences with a place to fill answer a search.
    nothing = {
        key: t("fr", key) for key, said in words.items() if key.endswith((".none", ".empty")) and "{" not in said
    }
    # A venue under works gives nothing; not everybody has had a letter, has answered it, or has followed the training.
    allowed = {f"desk.{what}.none" for what in ("benefit", "renewals.letters", "renewals.wish", "certificate")}
    places = {venue.name: f"/venues/{venue.id}" for venue in await venues.venues()}
    people = {person.first_name: f"/people/{person.id}" for person in await club.ambassadors()}
    for path in (*LISTS, places[data.PLACES[0].name], people["Anselme"], people["Gaspard"]):
        answer = await client.get(f"/desk{path}")
        assert answer.status_code == 200, path
        said = {key for key, sentence in nothing.items() if f">{sentence}" in unescape(answer.text)}
        assert said <= allowed, path


@pytest.mark.parametrize("lang", ["fr", "en"])
async def test_three_people_are_told_where_to_go(client: httpx.AsyncClient, lang: str) -> None:
    page = (await client.get("/demo/", params={"lang": lang})).text
    for there in ("/pass/", "camille.varech@example.org", "/demo/mailbox", "/demo/scanner", "/desk"):
        assert there in page
    assert 'href="/demo/"' in (await client.get("/", params={"lang": lang})).text


async def test_the_desk_opens_without_a_letter(client: httpx.AsyncClient) -> None:
    link = (await client.get("/demo/desk")).headers["location"]
    opened = await client.post(link)
    assert (opened.status_code, opened.headers["location"]) == (303, "/desk")
    assert (await client.get("/desk")).status_code == 200


async def test_the_letter_can_be_read_and_opens_the_pass(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v1/sign-in", json={"email": "camille.varech@example.org"})).status_code == 202
    box = (await client.get("/demo/mailbox")).text
    assert "camille.varech@example.org" in box
    assert "[Démonstration]" in box


async def test_the_scanner_s_link_pairs_this_browser(client: httpx.AsyncClient) -> None:
    secret = (await client.get("/demo/scanner")).headers["location"].partition("/scan/#pair=")[2]
    paired = await client.post("/api/v1/pairing", json={"secret": secret, "label": "Essai", "word": "marée"})
    assert (paired.status_code, paired.json()["state"]) == (201, "active")
    token = paired.json()["token"]
    assert (await client.get("/api/v1/snapshot", headers={"authorization": f"Device {token}"})).status_code == 200


async def test_the_scanner_s_link_works_any_number_of_times(
    engine: Any, settings: Settings, clock: FrozenClock
) -> None:
    for number in range(25):
        address = await service.scanner_address(settings, now=clock.advance(minutes=1))
        paired = await venues.pair(address.partition("#pair=")[2], f"Essai {number}", "marée", now=clock())
        assert paired.device.state == "active"
        assert paired.venue.name == data.PLACES[0].name


async def test_nothing_of_it_exists_elsewhere(settings: Settings, clock: FrozenClock, engine: Any) -> None:
    from estran.app import create_app  # noqa: PLC0415 - as in conftest

    real: Any = create_app(replace(settings, demo=False, mail="smtp://127.0.0.1:9"), clock=clock)
    async with (
        real.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=real), base_url="http://127.0.0.1:8000") as client,
    ):
        for path in ("/demo/", "/demo/mailbox", "/demo/scanner", "/demo/desk"):
            assert (await client.get(path)).status_code == 404
        assert "Démonstration" not in (await client.get("/")).text
