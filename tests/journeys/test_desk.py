"""The desk in a real browser: nothing for axe to say, nothing to scroll sideways at 320 pixels, the main task by keyboard."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from estran.actor import SYSTEM
from estran.club import service as club
from estran.inbox import service as inbox
from estran.passes import service as passes
from estran.venues import service as venues

from .conftest import FLAGS
from .phone import PocketPhone
from .world import World

pytestmark = pytest.mark.journey
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (1280, 360, 320)


@pytest.fixture
def officer(playwright: Any, chromium: str, world: World) -> Iterator[BrowserContext]:
    """An officer's browser, signed in by the link of the command line."""
    browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
    context: BrowserContext = browser.new_context(locale="fr-FR")
    page = context.new_page()
    page.goto(world.officer_link())
    page.locator("main form button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tableau de bord")
    page.close()
    yield context
    browser.close()


async def _scene(world: World) -> None:
    """A waiting scanner, something in the inbox, a pass that was revoked."""
    now = datetime.now(UTC)
    [venue] = await venues.venues()
    for reusable in (False, True):
        secret = await venues.make_pairing(SYSTEM, venue.id, reusable=reusable, lifetime=timedelta(hours=1), now=now)
        await venues.pair(secret, "Tablette", "varech", now=now)
    await inbox.drop("letter_bounced", key="letter_bounced:1", now=now, subject_kind="letter", subject_id=None)
    [person] = await club.ambassadors()
    await passes.revoke(SYSTEM, person.id, "Perdu", now=now)


def screens(page: Page, world: World) -> list[str]:
    """The address of every page of the desk that a GET opens."""

    def first(path: str, pattern: str) -> str:
        page.goto(world.origin + path)
        found = re.search(pattern, page.content())
        assert found is not None, (path, pattern)
        return found[1]

    person = first("/desk/people", r'href="(/desk/people/[0-9a-f-]{36})"')
    mandate = first(person, r'href="([^"]*/mandates/[0-9a-f-]{36})"')
    venue = first("/desk/venues", r'href="(/desk/venues/[0-9a-f-]{36})"')
    benefit = first(venue, r'href="([^"]*/benefits/[0-9a-f-]{36})"')
    cut = first(venue, r'href="(/desk/devices/[0-9a-f-]{36}/cut)"')
    places = ("", "/inbox", "/inbox/past", "/inbox/queue-file", "/people", "/people/new", "/settings", "/venues")
    return [
        "/",
        *(f"/desk{place}" for place in places),
        "/desk/venues/new",
        person,
        *(f"{person}/{act}" for act in ("edit", "code", "visits", "pause", "revoke", "mandates/new")),
        mandate,
        venue,
        *(f"{venue}/{act}" for act in ("edit", "pause", "archive", "managers", "pairing", "benefits/new")),
        benefit,
        f"{benefit}/end",
        cut,
    ]


def faults_of(page: Page, where: str) -> list[str]:
    """What axe and the ruler say about the page that is open."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{where}: scrolls sideways at {width}")
    page.evaluate(AXE.read_text("utf-8"))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
        found += [f"{where}, {scheme}: {v['id']} {v['nodes'][0]['html'][:120]}" for v in violations]
    return found


def test_no_screen_has_anything_for_axe_or_the_ruler(world: World, officer: BrowserContext) -> None:
    camille = world.add_ambassador("Camille", "Varech", "camille.varech@example.org")
    world.add_venue("Musée d’art moderne de la Laisse de mer et des îles", companions=2, quota=3)
    PocketPhone(world, camille)
    world.do(lambda: _scene(world))
    page = officer.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
    faults = []
    for path in screens(page, world):
        page.goto(world.origin + path)
        faults += faults_of(page, path)
    posts = [path for path in screens(page, world) if path.endswith(("/people/new", "/pairing", "/code", "/visits"))]
    for path in posts:
        page.goto(world.origin + path)
        page.locator("main form button").click()
        faults += faults_of(page, f"after {path}")
    assert faults == []
    assert refused == []


def test_an_officer_adds_a_person_by_keyboard_alone(world: World, officer: BrowserContext) -> None:
    page = officer.new_page()
    page.goto(f"{world.origin}/desk/people/new")
    press = page.keyboard.press
    press("Tab")
    expect(page.locator(":focus")).to_have_text("Aller au contenu")
    press("Enter")
    press("Tab")  # the way back
    press("Tab")
    page.keyboard.type("Odile")
    press("Enter")
    expect(page.locator("#faults:focus")).to_contain_text("4 points à corriger")
    expect(page.get_by_label("Prénom")).to_have_value("Odile")
    press("Tab")
    press("Enter")  # the first fault leads to its field
    expect(page.locator(":focus")).to_have_attribute("id", "last_name")
    page.keyboard.type("Praire")
    press("Tab")
    page.keyboard.type("odile@example.org")
    press("Tab")
    page.keyboard.type("01012026")
    page.get_by_label("Dernier jour").focus()
    page.keyboard.type("12312027")
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Odile Praire")
    expect(page.get_by_role("status")).to_have_text("Ajouté.")
