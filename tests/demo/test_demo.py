"""The demonstration: real keys and real intake, invented people, and never a doubt about that."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from piccolo.engine.base import Engine

import estran
from estran import db
from estran.access.tables import Account
from estran.club import service as club
from estran.club.rules import Eligibility
from estran.club.tables import Ambassador
from estran.demo import data, service
from estran.demo.service import NotADemonstration
from estran.inbox import service as inbox
from estran.mail import service as mail
from estran.settings import Settings
from estran.venues import service as venues
from estran.visits.rules import State
from estran.visits.tables import Visit
from tests.conftest import FrozenClock
from tests.desk.conftest import read

BANNER = "Démonstration : avantages fictifs"
DAYS = [
    pytest.param(datetime(2026, 6, 15, 10, 0, tzinfo=UTC), id="in summer"),
    pytest.param(datetime(2027, 1, 7, 6, 0, tzinfo=UTC), id="just after the new year"),
    pytest.param(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="in the night of 25 hours"),
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, origin="http://127.0.0.1:8000", mail="mailbox:", demo=True)


# --- what is made -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", DAYS)
async def test_the_club_is_as_told(engine: Engine[Any], settings: Settings, now: datetime) -> None:
    await service.fill(settings, now=now)
    people = await club.ambassadors()
    standings = await club.standings([person.id for person in people], now=now)
    counts = Counter(standing.eligibility for standing in standings.values())
    assert counts[Eligibility.ELIGIBLE] + counts[Eligibility.PAUSED] + counts[Eligibility.UNSIGNED] == 15
    assert (counts[Eligibility.PAUSED], counts[Eligibility.UNSIGNED]) == (1, 1)
    assert counts[Eligibility.NOT_BEGUN] == 1
    assert counts[Eligibility.ENDED] >= 1
    assert len(await venues.venues()) == len(data.PLACES)


@pytest.mark.parametrize("now", DAYS)
async def test_every_scan_was_really_verified(engine: Engine[Any], settings: Settings, now: datetime) -> None:
    await service.fill(settings, now=now)
    states = Counter(await Visit.select(Visit.state).output(as_list=True))
    assert states[State.COUNTED] > 50
    assert states[State.REFUSED] > 0
    assert set(states) <= {State.COUNTED, State.REFUSED, State.TO_CONFIRM, State.CANCELLED}
    assert await Visit.count().where(Visit.proof != "live") == 0
    assert await Visit.count().where(Visit.at > now) == 0


async def test_something_waits_for_the_officer(engine: Engine[Any], settings: Settings, now: datetime) -> None:
    await service.fill(settings, now=now)
    kinds = Counter(item.kind for item in await inbox.open_items())
    told = (
        "candidate",
        "device_pending",
        "letter_bounced",
        "revoked_admitted",
        "rights_request",
        "sequence_gap",
        "verdict_mismatch",
    )
    assert {kind: kinds[kind] for kind in told} == dict.fromkeys(told, 1)
    assert kinds.total() <= 12, kinds
    assert await Visit.count().where(Visit.state == State.TO_CONFIRM) == 1


async def test_the_same_instant_tells_the_same_story(settings: Settings, tmp_path: Path, now: datetime) -> None:
    stories = []
    for name in ("one", "two"):
        made = db.make_engine(f"sqlite:///{tmp_path}/{name}.sqlite")
        db.bind(made)
        await db.migrate()
        await service.fill(replace(settings, data=tmp_path / name), now=now)
        rows = await Visit.select(
            Visit.at, Visit.venue_id.name, Visit.ambassador_id.last_name, Visit.companions, Visit.state
        ).order_by(Visit.at)
        stories.append([tuple(row.values()) for row in rows])
        await db.close_engine()
    assert stories[0] == stories[1]


async def test_an_interrupted_beginning_leaves_nothing(engine: Engine[Any], settings: Settings, now: datetime) -> None:
    def interrupt(said: str) -> None:
        if said == ".":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await service.fill(settings, now=now, show=interrupt)
    assert await Ambassador.count() == 0
    await service.fill(settings, now=now)
    assert await Ambassador.count() == len(data.PEOPLE)


async def test_every_address_belongs_to_nobody(engine: Engine[Any], settings: Settings, now: datetime) -> None:
    await service.fill(settings, now=now)
    for email in await Account.select(Account.email).output(as_list=True):
        assert email.isascii()
        assert email.endswith("@example.org")


# --- where it lives ---------------------------------------------------------------------------------------------------


async def test_it_is_made_once_and_kept(tmp_path: Path) -> None:
    settings = service.settings_for(tmp_path / "demo", 8123)
    said: list[str] = []
    lines = await service.prepare(settings, show=said.append)
    assert said
    assert any("http://127.0.0.1:8123/demo/" in line for line in lines)
    said.clear()
    assert await service.prepare(settings, show=said.append) == lines
    assert said == []
    service.wipe(settings)
    assert not (tmp_path / "demo").exists()


async def test_it_never_touches_a_real_installation(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "estran.sqlite").write_bytes(b"")
    settings = service.settings_for(tmp_path, 8000)
    with pytest.raises(NotADemonstration):
        await service.prepare(settings, show=lambda _: None)
    with pytest.raises(NotADemonstration):
        service.wipe(settings)
    assert (tmp_path / "keys").is_dir()


# --- its doors --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def filled(app: Any, settings: Settings, clock: FrozenClock) -> AsyncIterator[None]:
    await service.fill(settings, now=clock())
    yield
    await asyncio.sleep(0)


async def test_every_page_and_letter_says_what_it_is(client: httpx.AsyncClient, filled: None) -> None:
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
    assert {letter.kind for letter in written} == {"invitation", "sign_in"}
    for letter in written:
        for form in (letter.text, letter.html):
            assert BANNER in form.replace("\u00a0", " ")
    for sheet in Path(estran.__file__).parent.glob("*/static/*.css"):
        printed = sheet.read_text(encoding="utf-8").partition("@media print")[2]
        assert ".demo" not in printed, sheet


@pytest.mark.parametrize("lang", ["fr", "en"])
async def test_three_people_are_told_where_to_go(client: httpx.AsyncClient, filled: None, lang: str) -> None:
    page = (await client.get("/demo/", params={"lang": lang})).text
    for there in ("/pass/", "camille.varech@example.org", "/demo/mailbox", "/demo/scanner", "/desk"):
        assert there in page
    assert 'href="/demo/"' in (await client.get("/", params={"lang": lang})).text


async def test_the_desk_opens_without_a_letter(client: httpx.AsyncClient, filled: None) -> None:
    link = (await client.get("/demo/desk")).headers["location"]
    opened = await client.post(link)
    assert (opened.status_code, opened.headers["location"]) == (303, "/desk")
    assert (await client.get("/desk")).status_code == 200


async def test_the_letter_can_be_read_and_opens_the_pass(client: httpx.AsyncClient, filled: None) -> None:
    assert (await client.post("/api/v1/sign-in", json={"email": "camille.varech@example.org"})).status_code == 202
    box = (await client.get("/demo/mailbox")).text
    assert "camille.varech@example.org" in box
    assert "[Démonstration]" in box


async def test_the_scanner_s_link_pairs_this_browser(client: httpx.AsyncClient, filled: None) -> None:
    secret = (await client.get("/demo/scanner")).headers["location"].partition("/scan/#pair=")[2]
    paired = await client.post("/api/v1/pairing", json={"secret": secret, "label": "Essai", "word": "marée"})
    assert (paired.status_code, paired.json()["state"]) == (201, "active")
    token = paired.json()["token"]
    assert (await client.get("/api/v1/snapshot", headers={"authorization": f"Device {token}"})).status_code == 200


async def test_the_scanner_s_link_works_any_number_of_times(
    engine: Engine[Any], settings: Settings, clock: FrozenClock
) -> None:
    await service.fill(settings, now=clock())
    for number in range(25):
        address = await service.scanner_address(settings, now=clock.advance(minutes=1))
        paired = await venues.pair(address.partition("#pair=")[2], f"Essai {number}", "marée", now=clock())
        assert paired.device.state == "active"
        assert paired.venue.name == data.PLACES[0].name


async def test_nothing_of_it_exists_elsewhere(settings: Settings, clock: FrozenClock, engine: Engine[Any]) -> None:
    from estran.app import create_app  # noqa: PLC0415 - as in conftest

    real: Any = create_app(replace(settings, demo=False, mail="smtp://127.0.0.1:9"), clock=clock)
    async with (
        real.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=real), base_url="http://127.0.0.1:8000") as client,
    ):
        for path in ("/demo/", "/demo/mailbox", "/demo/scanner", "/demo/desk"):
            assert (await client.get(path)).status_code == 404
        assert "Démonstration" not in (await client.get("/")).text
