"""The ambassador's phone, alone: letter, pass, flight mode, another phone."""

from base64 import b64decode
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from estran.access.tables import Session
from estran.actor import SYSTEM
from estran.club import identity
from estran.club import service as club
from estran.passes.tables import Pass

from .acts import carry_pass, enter_code, put_pass_here, qr, sign_in_to_pass
from .conftest import PHONE, People
from .world import World

pytestmark = pytest.mark.journey
CAMILLE = "camille.varech@example.org"
LOGO = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
ACCENT = "() => getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()"
MOVES_MS = """() => Math.max(0, ...document.getAnimations().map((one) => one.effect.getComputedTiming().endTime))"""
"""For how long something on the page goes on moving by itself."""
NOTE_CODES = """
window.codes = [];
new MutationObserver(() => {
  const code = [...document.querySelectorAll('svg[role=img] path')].at(-1);
  if (!code) return;
  const box = code.getBoundingClientRect();
  const by = code.closest('.first-code') ? 'first-code' : 'app';
  const note = { by, d: code.getAttribute('d'), top: box.top, left: box.left, width: box.width };
  if (JSON.stringify(note) !== JSON.stringify(window.codes.at(-1))) window.codes.push(note);
}).observe(document, { childList: true, subtree: true });
"""


def test_a_pass_survives_a_stopped_server_and_a_phone_switched_off(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    world.add_venue("Musée de la Laisse de mer", companions=1)
    phone = people.profile("camille")
    page = phone.open().new_page()
    carry_pass(page, world, CAMILLE)
    expect(page.get_by_text("Camille V.")).to_be_visible()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready")
    phone.close()

    world.stop()
    page = phone.open().new_page()
    page.goto(f"{world.origin}/pass/")
    expect(qr(page)).to_be_visible()
    expect(page.get_by_text("Camille V.")).to_be_visible()


def test_the_first_code_stays_where_it_is_when_the_app_arrives(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    for shape in (PHONE, PHONE | {"viewport": {"width": 1280, "height": 900}}):
        page = people.page(shape)
        carry_pass(page, world, CAMILLE)
        page.add_init_script(NOTE_CODES)
        page.reload()
        expect(page.get_by_text("Camille V.")).to_be_visible()
        first, last = page.evaluate("() => [window.codes[0], window.codes.at(-1)]")
        assert first["by"] == "first-code"
        assert last["by"] != "first-code"
        assert first["d"] == last["d"]
        assert all(abs(first[side] - last[side]) < 1 for side in ("top", "left", "width")), (first, last)
        expect(page.locator(".first-code")).to_have_count(0)


def test_the_clubs_looks_reach_the_pass_and_stay_without_network(world: World, people: People) -> None:
    now = datetime.now(UTC)
    world.add_ambassador("Camille", "Varech", CAMILLE)
    world.do(lambda: name_the_club("Club des ambassadrices et ambassadeurs de la baie et de ses rivages", now))
    world.do(lambda: identity.edit_identity(SYSTEM, {"accent": "#c00000"}, now))
    world.do(lambda: identity.set_logo(SYSTEM, LOGO, "Un phare", now))
    phone = people.profile("camille")
    page = phone.open().new_page()
    carry_pass(page, world, CAMILLE)
    expect(page.get_by_role("img", name="Un phare")).to_be_visible()
    page.wait_for_function("() => navigator.serviceWorker.ready")
    scanner = page.context.new_page()
    scanner.goto(f"{world.origin}/scan/")
    expect(scanner.get_by_role("img", name="Un phare")).to_be_visible()
    assert scanner.evaluate(ACCENT) == "#c00000"
    phone.close()
    world.stop()

    page = phone.open(color_scheme="dark").new_page()
    page.add_init_script(NOTE_CODES)
    page.goto(f"{world.origin}/pass/")
    expect(page.get_by_role("img", name="Un phare")).to_be_visible()
    assert page.evaluate(ACCENT) == "#ff3b3b"
    codes = page.evaluate("() => window.codes")
    assert {code["by"] for code in codes} == {"first-code", "app"}
    assert all(abs(code["top"] - codes[0]["top"]) < 1 for code in codes), codes


async def name_the_club(name: str, now: datetime) -> None:
    house = await club.house()
    await club.edit_house(
        SYSTEM,
        name=name,
        office_name=house.office_name,
        contact_email=house.contact_email,
        zone_name=house.zone,
        snapshot_limit_days=house.snapshot_limit_days,
        now=now,
    )


def test_the_water_stops_when_asked_and_stays_stopped(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.page()
    page.goto(f"{world.origin}/pass/")
    expect(page.get_by_role("heading", name="Bienvenue")).to_be_visible()
    assert page.evaluate(MOVES_MS) <= 5_000  # before there is a pass it comes to rest by itself
    carry_pass(page, world, CAMILLE)
    assert page.evaluate(MOVES_MS) == float("inf")
    stop = page.get_by_role("button", name="Arrêter le mouvement de l’eau")
    stop.click()
    expect(stop).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(stop).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(MOVES_MS) == 0
    stop.click()
    assert page.evaluate(MOVES_MS) == float("inf")


def test_the_whole_code_is_in_sight_on_its_side_and_with_large_text(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.page()
    carry_pass(page, world, CAMILLE)
    page.set_viewport_size({"width": 740, "height": 360})
    expect(qr(page)).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 360, "height": 740})
    page.add_init_script("addEventListener('DOMContentLoaded', () => document.documentElement.style.fontSize = '200%')")
    page.reload()
    expect(page.get_by_text("Camille V.")).to_be_attached()
    expect(qr(page)).to_be_in_viewport(ratio=1)
    bar, code = page.get_by_role("navigation").bounding_box(), qr(page).bounding_box()
    assert bar
    assert code
    assert code["y"] + code["height"] <= bar["y"]


def test_the_code_changes_every_15_seconds(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.page()
    page.clock.install()
    carry_pass(page, world, CAMILLE)
    first = qr(page).inner_html()
    page.clock.run_for(16_000)
    expect(qr(page)).not_to_have_js_property("innerHTML", first)


def test_another_phone_takes_the_pass_over_and_the_first_one_says_so(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    old = people.page()
    carry_pass(old, world, CAMILLE)
    new = people.page()
    sign_in_to_pass(new, world, CAMILLE)
    expect(new.get_by_text("Votre pass est aujourd’hui sur un autre appareil")).to_be_visible()
    new.get_by_role("button", name="Oui, le mettre sur cet appareil").click()
    expect(qr(new)).to_be_visible()
    old.reload()
    expect(old.get_by_role("heading", name="Votre pass est sur un autre appareil")).to_be_visible()


def test_a_pass_that_the_office_does_not_know_is_put_on_its_phone_again(world: World, people: People) -> None:
    """As after a backup was put back that is older than the pass: sessions are gone, too."""
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.page()
    carry_pass(page, world, CAMILLE)

    async def forget() -> None:
        await Pass.delete(force=True)
        await Session.delete(force=True)

    world.do(forget)
    page.reload()
    expect(page.get_by_text("L’office ne reconnaît plus ce pass")).to_be_visible()
    expect(qr(page)).to_be_visible()
    page.get_by_role("button", name="Le remettre sur cet appareil").click()
    enter_code(page, world, CAMILLE)
    put_pass_here(page)
    expect(page.get_by_text("L’office ne reconnaît plus ce pass")).to_have_count(0)
