"""Without a smartphone: a pass on paper, from the desk's printer to the museum's camera; and a number read out."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from estran.actor import SYSTEM
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.passes.number import spaced_number
from estran.passes.tables import Pass

from .acts import answer, give_entry, hand_in, hear_news, next_scan, pair, wait_ready
from .camera import film
from .conftest import DESKTOP, People
from .screens import Lookout
from .test_story import open_desk
from .world import World, eventually

pytestmark = [pytest.mark.journey, pytest.mark.slow]
CAMILLE = "camille.varech@example.org"


def find_person(page: Page, world: World) -> None:
    page.goto(f"{world.origin}/desk/people")
    page.get_by_role("link", name="Varech Camille").click()


def type_number(page: Page, number: str) -> None:
    """The number as somebody reads it out, behind its tap."""
    opened = page.get_by_label("Numéro du pass")
    if opened.count() == 0:
        page.get_by_role("button", name="Taper le numéro du pass").click()
    expect(opened).to_be_focused()
    opened.fill(number)
    page.get_by_role("button", name="Vérifier le numéro").click()


def look_at_identity(page: Page) -> None:
    page.get_by_role("button", name="Identité vérifiée").click()


def test_from_the_printer_to_the_door_and_lost(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    venue = world.add_venue("Musée de la Laisse de mer")
    lookout = Lookout()
    officer = people.page(DESKTOP)
    open_desk(officer, world)
    find_person(officer, world)
    officer.get_by_role("button", name="Imprimer un pass papier").click()
    expect(officer.get_by_role("heading", name="Pass papier : Camille Varech")).to_be_visible()
    lookout.look(officer, "paper pass")
    code = officer.get_by_role("img", name="Code QR du pass papier")
    with officer.expect_download() as saved:
        officer.get_by_role("link", name="Télécharger le PDF (A6)").click()
    assert saved.value.suggested_filename == "pass-papier.pdf"

    # the museum's camera looks at the paper
    museum = people.profile("museum")
    scanner = museum.open().new_page()
    pair(scanner, world.pairing_address(venue))
    wait_ready(scanner)
    museum.close()
    film(museum.film, code.screenshot(animations="disabled"))
    scanner = museum.open().new_page()
    scanner.goto(f"{world.origin}/scan/")
    answer(scanner, "ask", "paper_proof")
    expect(scanner.get_by_text("Camille V.").first).to_be_visible()
    lookout.look(scanner, "paper pass at the door")
    look_at_identity(scanner)
    give_entry(scanner)
    next_scan(scanner)
    hand_in(scanner)
    (visit,) = eventually(world.visits, "the visit reaches the server")
    assert (visit["state"], visit["proof"]) == ("counted", "paper")

    # lost: it alone is stopped, and the scanner knows at its next meeting
    find_person(officer, world)
    officer.get_by_role("link", name="Pass papier perdu").click()
    lookout.look(officer, "paper pass lost")
    officer.get_by_label("Raison").fill("Oublié dans un bus")
    officer.get_by_role("button", name="Arrêter ce pass papier").click()
    expect(officer.get_by_role("status")).to_contain_text("Le pass papier est arrêté")
    hear_news(scanner)
    scanner.get_by_role("button", name="Scanner").click()
    answer(scanner, "refuse", "revoked")
    assert lookout.faults == []


def test_a_number_read_out_with_network_and_without(world: World, people: People) -> None:
    person = world.add_ambassador("Camille", "Varech", CAMILLE)
    venue = world.add_venue("Musée de la Laisse de mer")
    issuer = Issuer(world.origin, world.folder / "keys")
    printed: Pass = world.do(lambda: passes.print_pass(SYSTEM, issuer, person.id, now=datetime.now(UTC)))
    lookout = Lookout()
    page = people.page()
    pair(page, world.pairing_address(venue))
    wait_ready(page)

    # a slip is seen without asking anybody; a number of nobody is told kindly
    type_number(page, "2222 2223")
    expect(page.get_by_text("Ce numéro n’est pas tout à fait juste.")).to_be_visible()
    lookout.look(page, "typed number with a slip")
    type_number(page, "2222 2222")
    expect(page.get_by_text("L’office ne connaît pas ce numéro.")).to_be_visible()

    type_number(page, spaced_number(printed.number).lower())
    answer(page, "ask", "typed_number")
    expect(page.get_by_text("Camille V.").first).to_be_visible()
    lookout.look(page, "typed number")
    look_at_identity(page)
    answer(page, "admit", "welcome")
    give_entry(page)
    next_scan(page)
    hand_in(page)
    (visit,) = eventually(world.visits, "the visit reaches the server")
    assert (visit["state"], visit["proof"], visit["ambassador_id"]) == ("to_confirm", "identity", person.id)

    # without network nobody knows whose it is: the desk looks at the document, and the office tells later
    world.stop()
    page.get_by_role("button", name="Scanner").click()
    type_number(page, printed.number)
    answer(page, "ask", "typed_number")
    expect(page.get_by_text("Camille V.")).to_have_count(0)
    look_at_identity(page)
    lookout.look(page, "typed number without network")
    give_entry(page)
    next_scan(page)
    world.start()
    hand_in(page)
    visits = eventually(lambda: found if len(found := world.visits()) == 2 else None, "both reach the server")
    assert {(one["state"], one["proof"], one["ambassador_id"]) for one in visits} == {
        ("to_confirm", "identity", person.id)
    }
    assert lookout.faults == []
