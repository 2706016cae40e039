"""Each role's main task by keyboard alone, with a visible focus that nothing covers, and messages that are announced."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from estran.actor import SYSTEM
from estran.venues import service as venues
from estran.venues.tables import Venue

from .acts import answer, qr
from .conftest import DESKTOP, PHONE, People
from .phone import PocketPhone
from .world import World, eventually

pytestmark = pytest.mark.journey
CAMILLE = "camille.varech@example.org"
OFFICER = "officer@example.org"
MOST_TABS = 60
AZERTY = str.maketrans("0123456789:/.#", "à&é\"'(-è_çM!;3")
"""What a reader that believes in an English keyboard types on a French machine."""

STOP = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return { name: '', trouble: '' };
  const words = here.labels?.[0] ?? here;
  const name = (here.getAttribute('aria-label') ?? words.textContent).replace(/\\s+/g, ' ').trim();
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(here);
  const inside = here.type === 'date' && !here.matches(':focus-visible');  // the browser's own button in it, ringed by it
  const ringed = inside || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none';
  const { left, top, width, height } = here.getBoundingClientRect();
  const above = document.elementFromPoint(left + width / 2, top + height / 2);
  const seen = above !== null && (here.contains(above) || above.contains(here));
  return { name, trouble: ringed ? (seen ? '' : `covered by ${above?.outerHTML.slice(0, 80)}`) : 'no ring' };
}"""
IS_LIVE = "one => one.closest('[role=status], [role=alert], [aria-live], output') !== null"


class Keyboard:
    """A person without a mouse. Each stop of the focus must be visible and uncovered."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, name: str, *, backwards: bool = False) -> None:
        """Tab until the focus is on what begins with `name`."""
        passed = []
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Shift+Tab" if backwards else "Tab")
            stop = self.page.evaluate(STOP)
            assert stop["trouble"] == "", f"{stop['name']}: {stop['trouble']}"
            if stop["name"].startswith(name):
                return
            passed.append(stop["name"])
        raise AssertionError(f"no way to {name!r}, only to {passed}")

    def press(self, name: str, *, key: str = "Enter", backwards: bool = False) -> None:
        """Go to a button or a link, and use it."""
        self.to(name, backwards=backwards)
        self.page.keyboard.press(key)

    def open(self, name: str, *, title: str = "") -> None:
        """Follow a link to the page of that title."""
        self.press(name)
        expect(self.page.get_by_role("heading", level=1, name=title or name)).to_be_visible()

    def fill(self, name: str, text: str, *, then: str = "") -> None:
        """Go to a field and type."""
        self.to(name)
        self.page.keyboard.type(text)
        if then:
            self.page.keyboard.press(then)


def expect_said(page: Page, words: str) -> None:
    """The words are shown where they are announced."""
    shown = page.get_by_text(words).first
    expect(shown).to_be_visible()
    assert shown.evaluate(IS_LIVE), f"{words!r} is not announced"


def code_in(world: World, email: str, after: int = 0) -> str:
    body = world.letter_to(email, after).get_body(("plain",))
    assert body is not None
    found = re.search(r"\b(\d{3})\s?(\d{3})\b", body.get_content())
    assert found
    return found[1] + found[2]


# --- the ambassador ---------------------------------------------------------------------------------------------------


def test_an_ambassador_by_keyboard(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.page(PHONE)
    keys = Keyboard(page)
    page.goto(f"{world.origin}/pass/")
    expect(page.get_by_role("heading", name="Bienvenue")).to_be_visible()

    keys.press("Aller au contenu")
    expect(page.get_by_role("heading", name="Bienvenue")).to_be_focused()
    keys.press("Recevoir mon code", key="Space")
    expect(page.get_by_label("Votre adresse e-mail")).to_be_focused()  # its fault is read with it
    page.keyboard.type(CAMILLE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Votre code")).to_be_focused()
    keys.press("Renvoyer un e-mail")
    expect_said(page, "Un nouvel e-mail est parti.")
    page.keyboard.press("Shift+Tab")
    keys.to("Code à 6 chiffres", backwards=True)
    page.keyboard.type(code_in(world, CAMILLE, after=1))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Bonjour Camille")).to_be_focused()
    keys.press("Mettre mon pass sur cet appareil")
    expect(qr(page)).to_be_visible()

    keys.press("Mon compte", backwards=True)
    expect(page.get_by_role("heading", name="Mon compte")).to_be_focused()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()
    keys.press("Se déconnecter")
    keys.press("Annuler", key="Space")
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_focused()
    page.keyboard.press("Enter")
    keys.press("Oui, se déconnecter")
    expect_said(page, "Vous êtes déconnecté.")
    keys.press("Mon pass", backwards=True)
    expect(qr(page)).to_be_visible()


# --- the desk of a venue ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["english", "azerty"])
def test_a_desk_worker_by_keyboard(world: World, people: People, layout: str) -> None:
    phone = PocketPhone(world, world.add_ambassador("Camille", "Varech", CAMILLE))
    venue = world.add_venue("Musée de la Laisse de mer", companions=1)
    page = people.page(PHONE if layout == "azerty" else DESKTOP)
    keys = Keyboard(page)
    page.goto(world.pairing_address(venue))
    expect(page.get_by_role("heading", name="Associer ce scanner")).to_be_visible()
    keys.fill("Nom de cet appareil", "Accueil")
    keys.fill("Mot du scanner", "varech", then="Enter")
    expect(page.get_by_text("Placez le code du pass dans le cadre.")).to_be_visible()
    expect(page.get_by_text("Nouvelles de l’office")).to_be_visible()

    read_by_hand(page, phone.text(), layout)
    answer(page, "ask", "companions_needed")
    expect(page.get_by_role("heading", name="À vérifier")).to_be_focused()
    assert page.get_by_role("alert").filter(has_text="Combien de personnes payantes").count() == 1
    keys.press("2", key="Space")
    answer(page, "admit", "welcome")
    expect(page.get_by_role("heading", name="C’est bon")).to_be_focused()
    keys.press("Entrée donnée")
    expect(page.get_by_role("heading", name="Entrée enregistrée")).to_be_focused()
    keys.press("Annuler cette entrée")
    expect(page.get_by_role("heading", name="Entrée annulée.")).to_be_focused()
    keys.press("Pass suivant")

    expect(page.get_by_text("Placez le code du pass dans le cadre.")).to_be_visible()
    keys.press("Vérifier")
    expect(page.get_by_text("Le champ est vide.")).to_be_visible()
    assert page.get_by_label("Ou le texte du code").get_attribute("aria-invalid") == "true"
    read_by_hand(page, phone.text(), layout)
    expect(page.get_by_role("heading", name="À vérifier")).to_be_focused()
    keys.press("Tarif normal")
    expect(page.get_by_role("heading", name="Tarif normal : c’est noté")).to_be_focused()
    keys.press("Pass suivant")
    expect(page.get_by_text("Placez le code du pass dans le cadre.")).to_be_visible()
    keys.press("État")
    expect(page.get_by_role("heading", name="État du scanner")).to_be_focused()
    expect(page.get_by_text("Tout est envoyé.")).to_be_visible()  # it sends by itself, too, and then answers to no key
    keys.press("Échanger maintenant")
    expect_said(page, "Échange terminé.")
    keys.press("Du jour")
    expect(page.get_by_text("Annulé")).to_be_visible()


def read_by_hand(page: Page, text: str, layout: str) -> None:
    """A hand scanner: it types all at once wherever the focus is, then Enter."""
    page.keyboard.type(text if layout == "english" else text.translate(AZERTY))
    if page.locator("[data-answer]").count() == 0:
        page.keyboard.press("Enter")


# --- the officer ------------------------------------------------------------------------------------------------------


def test_an_officer_by_keyboard(world: World, people: People) -> None:
    world.officer_link(OFFICER)
    page = people.page(DESKTOP)
    keys = Keyboard(page)
    page.goto(f"{world.origin}/desk/sign-in")
    keys.fill("Adresse e-mail", OFFICER, then="Enter")
    expect(page.get_by_role("heading", name="Saisir le code")).to_be_visible()
    keys.fill("Code à six chiffres", code_in(world, OFFICER), then="Enter")
    expect(page.get_by_role("heading", name="Tableau de bord")).to_be_visible()

    add_somebody(keys, world)
    venue = add_a_place(keys, world)
    answer_the_inbox(keys, world, venue)


def add_somebody(keys: Keyboard, world: World) -> None:
    page = keys.page
    year = datetime.now(UTC).year
    keys.open("Ambassadeurs")
    keys.open("Ajouter un ambassadeur")
    keys.fill("Prénom", "Camille", then="Enter")
    expect(page.locator("#faults")).to_be_focused()
    keys.press("Nom")
    expect(page.get_by_label("Nom", exact=True)).to_be_focused()
    page.keyboard.type("Varech")
    keys.fill("Adresse e-mail", CAMILLE)
    keys.fill("Premier jour", f"0101{year}")  # day and month alike: browsers order them by country
    keys.fill("Dernier jour", f"1212{year + 1}")
    keys.press("Ajouter")
    expect(page.get_by_role("heading", name="Camille Varech")).to_be_visible()
    keys.press("Envoyer l’invitation")
    expect_said(page, "L’invitation part.")
    world.letter_to(CAMILLE)


def add_a_place(keys: Keyboard, world: World) -> Venue:
    page = keys.page
    keys.open("Lieux")
    keys.open("Ajouter un lieu")
    keys.fill("Nom", "Musée de la Laisse de mer", then="Enter")
    expect(page.get_by_role("heading", name="Musée de la Laisse de mer")).to_be_visible()
    keys.open("Ajouter un avantage", title="Nouvel avantage")
    keys.to("Personnes payantes")
    page.keyboard.press("Control+A")
    page.keyboard.type("2")
    keys.press("Enregistrer")
    expect(page.get_by_text("Entrée gratuite avec au moins 2 personnes payantes", exact=True)).to_be_visible()
    expect_said(page, "avantage")
    (venue,) = world.do(venues.venues)
    return venue


def answer_the_inbox(keys: Keyboard, world: World, venue: Venue) -> None:
    now = datetime.now(UTC)

    async def ask() -> None:
        poster = await venues.make_pairing(SYSTEM, venue.id, reusable=True, lifetime=timedelta(days=1), now=now)
        await venues.pair(poster, "Tablette", "boussole", now=now)

    world.do(ask)
    keys.page.reload()
    keys.open("À voir")
    keys.press("Accepter ce scanner")
    expect_said(keys.page, "scanner")
    states = eventually(lambda: [one.state for one in world.do(lambda: venues.devices_of(venue.id))], "a scanner")
    assert states == ["active"]
