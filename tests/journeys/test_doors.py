"""At the door without network: what is old, revoked or out of time gets the answer of docs/pass-format.md §4-§5."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from estran.actor import SYSTEM
from estran.inbox import service as inbox
from estran.passes import service as passes

from .acts import (
    answer,
    carry_pass,
    give_entry,
    hand_in,
    hear_news,
    next_scan,
    pair,
    photograph_code,
    type_code,
    wait_ready,
)
from .camera import film
from .conftest import People, Profile
from .phone import PocketPhone
from .world import World, eventually

pytestmark = pytest.mark.journey
CAMILLE = "camille.varech@example.org"


@pytest.fixture
def phone(world: World) -> PocketPhone:
    return PocketPhone(world, world.add_ambassador("Camille", "Varech", CAMILLE))


def prepare(page: Page, world: World) -> None:
    """The museum's scanner: paired, ready, closed."""
    pair(page, world.pairing_address(world.add_venue("Musée de la Laisse de mer")))
    wait_ready(page)
    page.close()


@pytest.fixture
def museum(world: World, people: People) -> BrowserContext:
    page = people.page()
    prepare(page, world)
    return page.context


@pytest.fixture
def camera(world: World, people: People) -> Profile:
    """The same with a camera, switched off."""
    profile = people.profile("museum")
    prepare(profile.open().new_page(), world)
    profile.close()
    return profile


def open_scanner(context: BrowserContext, world: World, *, shift: timedelta | None = None) -> Page:
    """The scanner opened again; its clock is `shift` off."""
    page = context.new_page()
    if shift is not None:
        page.clock.install(time=datetime.now(UTC) + shift)
    page.goto(f"{world.origin}/scan/")
    expect(page.get_by_text("Mot : varech")).to_be_visible()
    return page


def kinds_in_inbox(world: World) -> list[str]:
    return [item.kind for item in world.do(inbox.open_items)]


def test_a_screenshot_of_two_minutes_ago_is_refused(world: World, people: People, camera: Profile) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    pass_page = people.page()
    carry_pass(pass_page, world, CAMILLE)
    film(camera.film, photograph_code(pass_page))
    world.stop()
    page = open_scanner(camera.open(), world, shift=timedelta(minutes=2))
    answer(page, "refuse", "stale_proof")
    expect(page.get_by_role("heading", name="Tarif normal")).to_be_visible()


def test_a_pass_revoked_before_the_last_news_is_refused(
    world: World, phone: PocketPhone, museum: BrowserContext
) -> None:
    world.do(lambda: passes.revoke(SYSTEM, phone.holder.id, "phone lost", now=datetime.now(UTC)))
    page = open_scanner(museum, world)
    hear_news(page)
    world.stop()
    page.get_by_role("button", name="Scanner").click()
    type_code(page, phone.text())
    answer(page, "refuse", "revoked")
    next_scan(page)
    world.start()
    hand_in(page)
    visits = eventually(world.visits, "the refused scan reaches the server")
    assert [(visit["state"], visit["reason"]) for visit in visits] == [("refused", "revoked")]


def test_a_revocation_that_the_scanner_could_not_know_admits_and_flags(
    world: World, phone: PocketPhone, museum: BrowserContext
) -> None:
    page = open_scanner(museum, world)
    hear_news(page)
    world.stop()
    world.do(
        lambda: passes.revoke(SYSTEM, phone.holder.id, "phone lost", now=datetime.now(UTC) - timedelta(seconds=30))
    )
    page.get_by_role("button", name="Scanner").click()
    type_code(page, phone.text())
    answer(page, "admit", "welcome")
    give_entry(page)
    next_scan(page)
    world.start()
    hand_in(page)
    (visit,) = eventually(world.visits, "the visit reaches the server")
    assert visit["state"] == "counted"
    assert kinds_in_inbox(world) == ["revoked_admitted"]


def test_a_scanner_whose_clock_is_wrong_is_corrected_by_the_server(
    world: World, phone: PocketPhone, museum: BrowserContext
) -> None:
    page = open_scanner(museum, world, shift=timedelta(minutes=10))
    hear_news(page)
    page.get_by_role("button", name="Scanner").click()
    type_code(page, phone.text())
    answer(page, "admit", "welcome")
    give_entry(page)
    next_scan(page)
    hand_in(page)
    (visit,) = eventually(world.visits, "the visit reaches the server")
    assert visit["state"] == "counted"
    assert abs((visit["at"] - datetime.now(UTC)).total_seconds()) < 120
    assert visit["device_ms"] / 1000 > datetime.now(UTC).timestamp() + 400, "the device's own clock is kept, too"


def test_a_scanner_whose_clock_went_back_without_network_asks(
    world: World, phone: PocketPhone, museum: BrowserContext
) -> None:
    world.stop()
    page = open_scanner(museum, world, shift=timedelta(hours=-2))
    type_code(page, phone.text())
    answer(page, "ask", "clock_unconfirmed")
    page.get_by_role("button", name="Identité vérifiée").click()
    answer(page, "admit", "welcome")
    give_entry(page)


def test_a_phone_whose_clock_is_wrong_and_never_met_the_server_is_told_so(
    world: World, phone: PocketPhone, museum: BrowserContext
) -> None:
    world.stop()
    page = open_scanner(museum, world)
    type_code(page, phone.text(age_s=600))
    answer(page, "refuse", "stale_proof")
    expect(page.get_by_text("vérifiez l’heure du téléphone").first).to_be_visible()


def test_a_phone_with_a_wrong_clock_is_corrected_by_the_server(world: World, people: People, camera: Profile) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    pass_page = people.page()
    pass_page.clock.install(time=datetime.now(UTC) - timedelta(minutes=12))
    carry_pass(pass_page, world, CAMILLE)
    expect(pass_page.get_by_text("12 min d’écart")).to_be_visible()
    film(camera.film, photograph_code(pass_page))
    world.stop()
    page = open_scanner(camera.open(), world)
    answer(page, "admit", "welcome")


def test_a_scanner_without_news_for_eight_days_asks_for_identity(
    world: World, phone: PocketPhone, museum: BrowserContext
) -> None:
    world.stop()
    page = open_scanner(museum, world, shift=timedelta(days=8))
    type_code(page, phone.text(age_s=-8 * 86400))
    assert page.locator("[data-reason]").get_attribute("data-reason") in {"clock_unconfirmed", "snapshot_old"}
    answer_kind = page.locator("[data-answer]").get_attribute("data-answer")
    assert answer_kind == "ask"


def test_an_unpaired_browser_shows_neither_name_nor_answer(world: World, people: People, phone: PocketPhone) -> None:
    page = people.page()
    page.goto(phone.text())
    expect(page.get_by_role("heading", name="Ceci est un pass d’ambassadeur")).to_be_visible()
    assert "#" not in page.url
    assert "Camille" not in page.content()


def test_back_to_scanning_by_itself_unless_somebody_stays(
    world: World, phone: PocketPhone, museum: BrowserContext
) -> None:
    page = open_scanner(museum, world, shift=timedelta())
    camera = page.get_by_text("Placez le code du pass dans le cadre.")
    stay = page.get_by_role("button", name="Rester ici")  # there once the countdown runs

    type_code(page, phone.text(age_s=600))
    answer(page, "refuse", "stale_proof")
    expect(stay).to_be_visible()
    page.clock.run_for(16_000)
    expect(camera).to_be_visible()

    type_code(page, phone.text(age_s=-16))
    give_entry(page)
    page.get_by_role("button", name="Annuler cette entrée").click()
    expect(page.get_by_role("heading", name="Entrée annulée.")).to_be_focused()
    expect(stay).to_be_visible()
    page.clock.run_for(6_000)
    expect(camera).to_be_visible()

    type_code(page, "3017620422003")
    page.keyboard.press("Enter")
    answer(page, "refuse", "not_a_pass")
    stay.click()
    page.clock.run_for(60_000)
    answer(page, "refuse", "not_a_pass")

    # a tablet that slept: whoever stood there has left long ago
    page.clock.run_for(11 * 60_000)
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(camera).to_be_visible()
