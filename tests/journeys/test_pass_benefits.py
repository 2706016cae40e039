"""« Mes avantages » on the phone: what is open today, near its end, used, closed; without network, and when the day turns."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from estran.actor import SYSTEM
from estran.texts import day_words
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.tables import Venue
from estran.venues.terms import Booking, Hours, Quota, Span, Terms, Who

from .acts import carry_pass
from .conftest import PHONE, People
from .phone import PocketPhone
from .scanner import PocketScanner
from .screens import CALM, Lookout
from .world import World

pytestmark = pytest.mark.journey
CAMILLE = "camille.varech@example.org"
ZONE = ZoneInfo("Europe/Paris")
AS_AN_OLDER_APP_KEPT_IT = """() => new Promise((done, failed) => {
  const opening = indexedDB.open('estran-pass');
  opening.onerror = failed;
  opening.onsuccess = () => {
    const store = opening.result.transaction('kept', 'readwrite').objectStore('kept');
    store.get('pass').onsuccess = ({ target }) => {
      const pass = target.result;
      for (const venue of pass.news.benefits) for (const field of ['id', 'closures', 'benefits']) delete venue[field];
      store.put(pass, 'pass').onsuccess = done;
    };
  };
})"""


def give(world: World, name: str, terms: Terms) -> Venue:
    venue = world.add_venue(name)
    now = datetime.now(UTC)

    async def act() -> None:
        (benefit,) = await venues.benefits_of(venue.id)
        await venues.set_benefit(SYSTEM, venue.id, benefit.id, terms, now=now)

    world.do(act)
    return venue


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def place(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name, exact=True))


def test_what_opens_today_is_said_without_network_and_changes_with_the_day(world: World, people: People) -> None:
    now = datetime.now(UTC)
    today = now.astimezone(ZONE).date()
    tomorrow, later = today + timedelta(days=1), today + timedelta(days=10)
    holder = world.add_ambassador("Camille", "Varech", CAMILLE)
    museum = give(world, "Musée de la Laisse de mer", Terms(quota=Quota(2), hours=(Hours("00:00", "24:00"),)))
    give(world, "Fort des Embruns", Terms(seasons=(Span(today.isoformat(), today.isoformat()),)))
    booked = Terms(booking=Booking.REQUIRED, booking_contact="02 33 00 00 00")
    give(world, "Jardin des Oyats", Terms(seasons=(Span(tomorrow.isoformat(), tomorrow.isoformat()),)))
    give(world, "Cale aux Doris", booked)
    give(world, "Atelier du Goémon", Terms(who=Who.CERTIFIED))
    lighthouse = give(world, "Phare de la Pointe", Terms())
    world.do(lambda: closures.add_closure(SYSTEM, lighthouse.id, today, later, "Travaux", now=now))
    scanner = PocketScanner(world, museum)
    scanner.send([scanner.admit(PocketPhone(world, holder))])

    page = people.page(PHONE | CALM)
    carry_pass(page, world, CAMILLE)
    page.get_by_role("link", name="Avantages").click()
    expect(group(page, "Ouvert aujourd’hui").get_by_role("heading", level=3)).to_have_text(
        ["Cale aux Doris", "Fort des Embruns", "Musée de la Laisse de mer"]
    )
    expect(place(page, "Musée de la Laisse de mer")).to_contain_text("Ouvert jusqu’à minuit.")
    expect(place(page, "Musée de la Laisse de mer")).to_contain_text("Utilisé une fois cette année, encore une fois.")
    expect(place(page, "Fort des Embruns")).to_contain_text("Dernier jour.")
    expect(place(page, "Cale aux Doris").get_by_role("link", name="Appeler")).to_have_attribute(
        "href", "tel:0233000000"
    )
    expect(group(page, "Bientôt")).to_contain_text(
        re.compile("Jardin des Oyats.*Prochaine ouverture.: demain", re.DOTALL)
    )
    expect(group(page, "Fermé en ce moment")).to_contain_text(f"Fermé jusqu’au {day_words(later, 'fr')} inclus.")
    expect(group(page, "Autres lieux")).to_contain_text("Il demande un certificat valable.")
    lookout = Lookout()
    lookout.look(page, "pass benefits by day")
    page.get_by_role("button", name="English").click()
    expect(group(page, "Open today")).to_contain_text("Used once this year, once more.")
    page.get_by_role("button", name="Français").click()
    lookout.report(1)
    page.wait_for_function("() => navigator.serviceWorker.ready")
    page.close()

    world.stop()
    page = page.context.new_page()
    page.clock.install(time=datetime.now(UTC))
    page.goto(f"{world.origin}/pass/#/benefits")
    expect(group(page, "Ouvert aujourd’hui")).to_contain_text("Fort des Embruns")
    page.clock.fast_forward(24 * 3600 * 1000)
    expect(group(page, "Ouvert aujourd’hui")).to_contain_text("Jardin des Oyats")
    expect(group(page, "Autres lieux")).to_contain_text("Fort des Embruns")

    page.evaluate(AS_AN_OLDER_APP_KEPT_IT)
    page.reload()
    expect(group(page, "Tous les lieux")).to_contain_text("Fort des Embruns")
    expect(page.get_by_text("Entrée gratuite, 2 fois par an")).to_be_visible()
