"""Every public page, in a full club and in one that has said nothing of itself yet; and the settings behind them."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from .conftest import People
from .screens import CALM, DemoWorld, Lookout
from .test_screens_desk import Walk
from .world import World

pytestmark = pytest.mark.journey

PAGES = {
    "/": "home",
    "/manifesto": "manifesto",
    "/partners": "partners",
    "/join": "join",
    "/join/thanks": "joined",
    "/press": "press",
    "/legal": "legal",
    "/privacy": "privacy",
    "/accessibility": "accessibility",
    "/accessibility/criteria": "criteria",
    "/sitemap": "sitemap",
}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[DemoWorld]:
    made = DemoWorld(tmp_path)
    made.start()
    yield made
    made.close()


def picture() -> bytes:
    """A logo as an office has one: wide, on a transparent ground."""
    image = Image.new("RGBA", (480, 160))
    ImageDraw.Draw(image).polygon([(0, 160), (120, 40), (240, 110), (360, 20), (480, 160)], fill="#0b5568")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_the_public_pages(demo: DemoWorld, people: People) -> None:
    lookout = Lookout()
    walk = Walk(people.page(CALM), demo, lookout)
    for path, name in PAGES.items():
        walk.see(path, name)
    walk_the_settings(walk)
    for path in ("/", "/press", "/join"):
        walk.see(path, f"{PAGES[path]} in the club's colours")
    lookout.report(28)


def walk_the_settings(walk: Walk) -> None:
    page = walk.page
    page.goto(f"{walk.world.origin}/demo/desk")
    page.get_by_role("button", name="Continuer ici").click()
    expect(page.get_by_role("heading", name="Tableau de bord")).to_be_visible()
    walk.see_form("/desk/settings/membership", "membership")
    walk.see("/desk/settings/identity", "identity")
    page.get_by_label("Téléphone", exact=True).fill("0" * 31)
    page.evaluate("() => document.querySelector('#phone').removeAttribute('maxlength')")
    page.get_by_label("Téléphone", exact=True).fill("0" * 31)
    walk.press("Enregistrer", "identity faulty")
    page.get_by_label("Téléphone", exact=True).fill("")
    walk.press("Enregistrer", "identity with one line to fill in")
    walk.see("/desk", "dashboard with one thing to fill in")
    walk.see("/desk/settings/looks", "looks")
    page.get_by_label("Couleur des liens").fill("#ffff00")
    walk.press("Enregistrer", "looks faulty")
    page.get_by_label("Couleur des liens").fill("#b3261e")
    walk.press("Enregistrer", "looks with a colour")
    page.get_by_label("Image du logo").set_input_files(
        {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    )
    page.get_by_label("Ce que montre le logo").fill("Office de tourisme de démonstration")
    walk.press("Enregistrer le logo", "logo faulty")
    page.get_by_label("Image du logo").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": picture()}
    )
    walk.press("Enregistrer le logo", "looks with a logo")
    walk.see_form("/desk/settings/privacy", "keeping times")
    walk.see("/desk/register", "register")


def test_the_public_pages_of_a_club_that_has_said_nothing(world: World, people: People) -> None:
    lookout = Lookout()
    walk = Walk(people.page(CALM), world, lookout)
    for path in ("/", "/manifesto", "/partners", "/join", "/press", "/legal", "/privacy", "/accessibility"):
        walk.see(path, f"{PAGES[path]} of a new club")
    walk.page.goto(world.officer_link())
    walk.page.get_by_role("button", name="Continuer ici").click()
    expect(walk.page.get_by_role("heading", name="Votre première heure")).to_be_visible()
    walk.see("/desk/settings/identity", "identity of a new club")
    walk.see("/desk/settings/looks", "looks of a new club")
    lookout.report(10)
