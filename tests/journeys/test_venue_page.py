"""A manager's first day: named by the office, in by the e-mail's code, an entry taken back, a scanner paired, a file saved."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .acts import go, pair, text_of
from .conftest import DESKTOP, People
from .phone import PocketPhone
from .scanner import PocketScanner
from .screens import CALM, Lookout
from .test_story import open_desk
from .world import World

pytestmark = [pytest.mark.journey, pytest.mark.slow]
SUZANNE = "suzanne.cabestan@example.org"


def name_the_manager(officer: Page, world: World, venue_id: object) -> None:
    open_desk(officer, world)
    officer.goto(f"{world.origin}/desk/venues/{venue_id}")
    officer.get_by_role("link", name="Ajouter un responsable").click()
    officer.get_by_label("Adresse e-mail").fill(SUZANNE)
    officer.get_by_role("button", name="Ajouter et envoyer l’e-mail").click()
    expect(officer.get_by_text("Accès ouvert.")).to_be_visible()


def sign_in(page: Page, world: World) -> None:
    """By the address that the invitation tells for later, and the code of a new e-mail."""
    letter = text_of(world.letter_to(SUZANNE))
    address = re.search(r"http://\S+/venue/", letter)
    assert address, letter
    page.goto(address[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("Ouvrir la page de mon lieu")
    before = len(world.letterbox.to(SUZANNE))
    page.get_by_label("Adresse e-mail").fill(SUZANNE)
    page.get_by_role("button", name="Recevoir l’e-mail").click()
    code = re.search(r"\b(\d{3})\s?(\d{3})\b", text_of(world.letter_to(SUZANNE, after=before)))
    assert code
    page.get_by_label("Code à six chiffres").fill(code[1] + code[2])
    page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("heading", name="Aujourd’hui")).to_be_visible()


def test_a_managers_first_day(world: World, people: People) -> None:
    lookout = Lookout()
    camille = PocketPhone(world, world.add_ambassador("Camille", "Varech", "camille.varech@example.org"))
    venue = world.add_venue("Musée de la Laisse de mer")
    till = PocketScanner(world, venue)
    kept, taken_back = till.admit(camille), till.admit(camille)
    name_the_manager(people.page(DESKTOP), world, venue.id)
    page = people.page(CALM)
    sign_in(page, world)
    home = f"{world.origin}/venue/{venue.id}"
    expect(page).to_have_url(home)
    lookout.look(page, "venue page, nobody yet")
    assert till.send([kept, taken_back]) == ["stored", "stored"]
    take_one_back(page, lookout)
    assert sorted(visit["state"] for visit in world.visits()) == ["cancelled", "counted"]
    save_the_month(page, lookout)
    read_what_it_gives(page, lookout)
    code = make_a_code(page, lookout)
    tablet = people.page(CALM)
    pair(tablet, f"{world.origin}/scan/#pair={code.replace('-', '')}", word="galet", label="Boutique")
    look_at_our_venue(tablet, lookout)
    page.goto(f"{home}/scanners")
    cut_it(page, lookout)
    # nothing of the desk, in a sentence that leads back
    refused = page.goto(f"{world.origin}/desk/venues/{venue.id}")
    assert refused is not None
    assert refused.status == 403
    page.get_by_role("link", name="Ouvrir la page de mon lieu").click()
    expect(page).to_have_url(home)
    lookout.report(11)


def take_one_back(page: Page, lookout: Lookout) -> None:
    """By keyboard, after a first try without a reason."""
    page.reload()
    expect(page.get_by_role("row", name=re.compile("Camille V."))).to_have_count(2)
    lookout.look(page, "venue page, today")
    page.get_by_role("link", name=re.compile("^Annuler")).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Annuler l’entrée de")
    page.get_by_role("button", name="Annuler l’entrée").click()
    expect(page.locator("#faults")).to_be_focused()
    lookout.look(page, "venue page, undo faulty")
    page.get_by_label("Raison").fill("Même personne deux fois")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("L’entrée est annulée.")
    expect(page.get_by_role("row", name=re.compile("Annulée"))).to_have_count(1)


def save_the_month(page: Page, lookout: Lookout) -> None:
    page.get_by_role("link", name="Le mois").click()
    expect(page.get_by_role("heading", name="Toutes les entrées du mois")).to_be_visible()
    lookout.look(page, "venue page, month")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Enregistrer ce mois (CSV)").click()
    saved = Path(saving.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(saved) == 3
    assert all(";Camille V.;Entrée gratuite;0;0;" in line for line in saved[1:])


def read_what_it_gives(page: Page, lookout: Lookout) -> None:
    page.get_by_role("link", name="Avantages").click()
    expect(page.get_by_text("Aucune fermeture prévue.")).to_be_visible()
    lookout.look(page, "venue page, benefits")
    page.get_by_role("link", name="La page à imprimer pour l’accueil").click()
    expect(page.get_by_role("heading", name="Scanner un pass en une minute")).to_be_visible()
    lookout.look(page, "venue page, sheet")


def make_a_code(page: Page, lookout: Lookout) -> str:
    page.get_by_role("link", name="Scanners", exact=True).click()
    page.get_by_role("link", name="Associer un scanner").click()
    lookout.look(page, "venue page, pairing")
    page.get_by_role("button", name="Créer le code").click()
    code = page.locator("p.code").inner_text()
    lookout.look(page, "venue page, pairing code")
    return code


def look_at_our_venue(tablet: Page, lookout: Lookout) -> None:
    go(tablet, "Du jour")
    tablet.get_by_role("button", name="Notre lieu").click()
    expect(tablet.get_by_role("heading", name="Notre lieu")).to_be_focused()
    month = tablet.get_by_role("row", name=re.compile("^Entrées"))
    expect(month.get_by_role("cell").first).to_have_text("1")
    lookout.look(tablet, "scan our venue")
    tablet.route("**/api/v1/venue", lambda route: route.abort())
    tablet.get_by_role("button", name="Retour").click()
    tablet.get_by_role("button", name="Notre lieu").click()
    expect(tablet.get_by_text("voici les derniers nombres reçus")).to_be_visible()
    expect(month.get_by_role("cell").first).to_have_text("1")
    lookout.look(tablet, "scan our venue without network")


def cut_it(page: Page, lookout: Lookout) -> None:
    expect(page.get_by_role("heading", name="Boutique")).to_be_visible()
    lookout.look(page, "venue page, scanners")
    page.get_by_role("link", name="Couper Boutique").click()
    page.get_by_label("Raison").fill("Rendue à l’office")
    page.get_by_role("button", name="Couper").click()
    expect(page.get_by_text("1 ancien scanner, coupé")).to_be_visible()
