"""A venue without a scanner: the poster, a visit told without network, a paper list typed in, all confirmed with one click."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from estran.venues import ways
from estran.venues.tables import Venue

from .acts import carry_pass
from .conftest import DESKTOP, People
from .screens import CALM, Lookout
from .world import World, eventually

pytestmark = [pytest.mark.journey, pytest.mark.slow]
CAMILLE = "camille.varech@example.org"


@pytest.fixture
def lookout() -> Lookout:
    return Lookout()


def tell(page: Page) -> None:
    page.get_by_role("button", name="Dire ma visite").click()


def open_desk(people: People, world: World) -> Page:
    page = people.page(DESKTOP | CALM)
    page.goto(world.officer_link())
    page.get_by_role("button", name="Continuer ici").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def test_a_visit_is_told_without_network_and_counts_after_one_click(
    world: World, people: People, lookout: Lookout
) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    museum = world.add_venue("Musée du Galet", companions=1)
    observatory = world.add_venue("Observatoire du Marnage")
    pin = world.do(lambda: ways.pin_of(museum.id))
    page = people.page(CALM)

    # Before there is a pass in this browser: where to go, and the code to take along.
    page.goto(f"{world.origin}/pass/#/here/{museum.id}/{pin}")
    expect(page.get_by_text(f"{pin[:3]} {pin[3:]}")).to_be_visible()
    lookout.look(page, "here without a pass")
    carry_pass(page, world, CAMILLE)
    page.evaluate("() => navigator.serviceWorker.ready")

    # The poster, without network.
    page.context.set_offline(True)
    page.goto(f"{world.origin}/pass/#/here/{museum.id}/{pin}")
    page.reload()
    expect(page.get_by_text("Musée du Galet")).to_be_visible()
    expect(page.get_by_label("Personnes payantes qui vous accompagnent", exact=True)).to_have_value("1")
    page.get_by_role("button", name="Un de plus").click()
    lookout.look(page, "here form")
    tell(page)
    expect(page.get_by_text("C’est noté sur ce téléphone.")).to_be_visible()
    lookout.look(page, "here waits")
    page.reload()
    expect(page.get_by_text("Attend le réseau")).to_be_visible()
    assert world.visits() == []

    # It leaves by itself.
    page.context.set_offline(False)
    expect(page.get_by_text("Notée")).to_be_visible()
    [visit] = eventually(world.visits, "the visit arrives")
    assert (visit["state"], visit["companions"], visit["proof"]) == ("to_confirm", 2, "live")
    expect(page.get_by_text("Vous avez déjà dit une visite ici aujourd’hui")).to_be_visible()
    lookout.look(page, "here again")

    mistype_the_pin(page, world, lookout, observatory)

    # At the desk: one line for each venue and day, one click each.
    desk = open_desk(people, world)
    desk.goto(f"{world.origin}/desk/inbox")
    lookout.look(desk, "inbox waiting entries")
    for left in (1, 0):
        desk.get_by_role("button", name="Tout confirmer").first.click()
        expect(desk.get_by_text("Les entrées comptent.")).to_be_visible()
        expect(desk.get_by_role("button", name="Tout confirmer")).to_have_count(left)
    assert {visit["state"] for visit in world.visits()} == {"counted"}
    desk.goto(f"{world.origin}/desk/")
    expect(desk.locator("dl.figures").first).to_contain_text("2")
    lookout.report(6)


def mistype_the_pin(page: Page, world: World, lookout: Lookout, observatory: Venue) -> None:
    """By hand, from the list of benefits: told at once that it is wrong, mended in place."""
    pin = world.do(lambda: ways.pin_of(observatory.id))
    page.get_by_role("button", name="C’est la même visite").click()
    page.get_by_role("link", name=re.compile("Dire ma visite.*Observatoire")).click()
    page.get_by_label("Code du lieu").fill("12")
    tell(page)
    expect(page.get_by_text("Le code compte 6 chiffres.")).to_be_visible()
    page.get_by_label("Code du lieu").fill("000 000" if pin != "000000" else "111 111")
    tell(page)
    expect(page.get_by_text("Ce n’est pas, ou plus, le code de ce lieu.")).to_be_visible()
    lookout.look(page, "here wrong code")
    assert len(world.visits()) == 1
    page.get_by_label("Code du lieu").fill(pin)
    page.get_by_role("button", name="Envoyer avec ce code").click()
    expect(page.get_by_text("C’est noté : le lieu ou l’office confirmera.")).to_be_visible()


def test_a_sheet_of_five_lines_is_typed_in_with_the_keyboard_alone(
    world: World, people: People, lookout: Lookout
) -> None:
    for first, last in (("Camille", "Varech"), ("Odile", "Praire"), ("Basile", "Cormoran")):
        world.add_ambassador(first, last, f"{first}@example.org".lower())
    museum = world.add_venue("Musée du Galet")
    desk = open_desk(people, world)
    for screen in ("", "poster", "paper-list"):
        desk.goto(f"{world.origin}/desk/venues/{museum.id}/{screen}".rstrip("/"))
        expect(desk.get_by_role("heading", level=1)).to_be_visible()
        lookout.look(desk, f"venue {screen}")
        if screen:
            assert len(re.findall(rb"/Type\s*/Page\b", desk.pdf(prefer_css_page_size=True))) == 1, screen

    desk.goto(f"{world.origin}/desk/venues/{museum.id}/list")
    yesterday, before = (f"{datetime.now(UTC) - timedelta(days=n):%d/%m/%Y}" for n in (1, 2))
    rows = [
        (before, "10h05", "Camille Varech", "2", ""),
        ("", "10h40", "odile praire", "", "1"),
        ("", "", "Cormoran Basile", "1", ""),
        (yesterday, "", "Camille Varech", "", ""),
        ("", "9h", "Odile Prère", "", ""),
    ]
    expect(desk.get_by_label("Jour, Ligne 1", exact=True)).to_be_focused()
    for row in rows:
        for value in row:
            desk.keyboard.type(value)
            desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("alert")).to_be_focused()
    expect(desk.get_by_text("personne de ce nom au club").first).to_be_visible()
    lookout.look(desk, "list with a fault")
    assert world.visits() == []

    desk.get_by_role("link", name="Ligne 5").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("Nom, ou numéro du pass, Ligne 5")).to_be_focused()
    desk.keyboard.press("Control+A")
    desk.keyboard.type("Odile Praire")
    desk.keyboard.press("Escape")  # what the browser proposes
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="5 entrées notées")).to_be_visible()
    lookout.look(desk, "list noted")
    desk.get_by_role("button", name="Tout confirmer").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Plus rien n’attend dans cette feuille.")).to_be_visible()
    assert [visit["state"] for visit in world.visits()] == ["counted"] * 5
    lookout.report(5)
