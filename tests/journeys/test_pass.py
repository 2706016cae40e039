"""The ambassador's phone, alone: letter, pass, flight mode, another phone."""

import pytest
from playwright.sync_api import expect

from .acts import carry_pass, qr, sign_in_to_pass
from .conftest import People
from .world import World

pytestmark = pytest.mark.journey
CAMILLE = "camille.varech@example.org"


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


def test_the_code_changes_every_15_seconds(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.profile("camille").open().new_page()
    page.clock.install()
    carry_pass(page, world, CAMILLE)
    first = qr(page).inner_html()
    page.clock.run_for(16_000)
    expect(qr(page)).not_to_have_js_property("innerHTML", first)


def test_another_phone_takes_the_pass_over_and_the_first_one_says_so(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    old = people.profile("old").open().new_page()
    carry_pass(old, world, CAMILLE)
    new = people.profile("new").open().new_page()
    sign_in_to_pass(new, world, CAMILLE)
    expect(new.get_by_text("Votre pass est aujourd’hui sur un autre appareil")).to_be_visible()
    new.get_by_role("button", name="Oui, le mettre sur cet appareil").click()
    expect(qr(new)).to_be_visible()
    old.reload()
    expect(old.get_by_role("heading", name="Votre pass est sur un autre appareil")).to_be_visible()
