"""The whole story: a letter, a pass, two phones without network, a camera, and the dashboard counts right."""

import re

import pytest
from playwright.sync_api import Page, expect

from .acts import answer, carry_pass, give_entry, hand_in, next_scan, pair, photograph_code, wait_ready
from .camera import blank, film
from .conftest import DESKTOP, People
from .world import World, eventually

pytestmark = pytest.mark.journey
CAMILLE = "camille.varech@example.org"


def open_desk(page: Page, world: World) -> None:
    page.goto(world.officer_link())
    page.get_by_role("button", name="Continuer ici").click()
    expect(page.get_by_role("heading", name="Tableau de bord")).to_be_visible()


def test_from_the_letter_to_the_dashboard(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    venue = world.add_venue("Musée de la Laisse de mer", companions=1)
    desk_phone = people.profile("museum")
    scanner = desk_phone.open().new_page()
    pair(scanner, world.pairing_address(venue))
    wait_ready(scanner)
    desk_phone.close()

    phone = people.profile("camille")
    pass_page = phone.open().new_page()
    carry_pass(pass_page, world, CAMILLE)

    world.stop()

    film(desk_phone.film, photograph_code(pass_page))
    scanner = desk_phone.open().new_page()
    scanner.goto(f"{world.origin}/scan/")
    answer(scanner, "ask", "companions_needed")
    expect(scanner.get_by_text("Camille V.").first).to_be_visible()
    scanner.get_by_role("button", name="2", exact=True).click()
    answer(scanner, "admit", "welcome")
    give_entry(scanner)
    blank(desk_phone.film)
    next_scan(scanner)
    expect(scanner.locator("[data-count]")).to_have_attribute("data-count", "1")

    # the same pass again, a little later: asked, kindly; the same visit counts nothing more
    film(desk_phone.film, photograph_fresh(pass_page), seed=2)
    scanner.reload()
    answer(scanner, "ask", "already_here")
    blank(desk_phone.film)  # the visitor puts the phone away
    scanner.get_by_role("button", name="Même visite").click()
    expect(scanner.get_by_text("Placez le code du pass dans le cadre.")).to_be_visible()
    expect(scanner.locator("[data-count]")).to_have_attribute("data-count", "1")

    world.start()
    hand_in(scanner)

    visits = eventually(world.visits, "the visit reaches the server")
    assert [(visit["state"], visit["companions"]) for visit in visits] == [("counted", 2)]
    officer = people.page(DESKTOP)
    open_desk(officer, world)
    expect(officer.get_by_role("row", name=re.compile(r"Musée de la Laisse de mer 1\s+\+ 2 payants"))).to_be_visible()
    companions = officer.get_by_role("term").filter(has_text="personnes payantes amenées")
    expect(companions.locator("xpath=following-sibling::dd | preceding-sibling::dd").first).to_have_text("2")


def photograph_fresh(page: Page) -> bytes:
    """The next code, not the one that was scanned already."""
    before = page.get_by_role("img", name="Code QR de votre pass").inner_html()
    page.wait_for_function(
        "before => document.querySelector('svg[role=img]').innerHTML !== before", arg=before, timeout=20_000
    )
    return photograph_code(page)
