"""A new officer's first hour on an empty installation, led only by what the desk's first page says next."""

import re

import pytest
from playwright.sync_api import Page, expect

from .acts import answer, give_entry, hand_in, pair, photograph_code, put_pass_here, wait_ready
from .camera import film
from .conftest import DESKTOP, People
from .test_story import open_desk
from .world import World

pytestmark = [pytest.mark.journey, pytest.mark.slow]
HELENE = "helene.semaphore@example.org"


def follow(page: Page, step: str) -> None:
    """Back to the first page, which says this step is next, and on to where it leads."""
    page.get_by_role("link", name="Tableau de bord").click()
    next_one = page.locator("[aria-current=step]")
    expect(next_one.get_by_role("heading", name=step)).to_be_visible()
    next_one.get_by_role("link").click()


def save(page: Page, button: str, said: str) -> None:
    page.get_by_role("main").get_by_role("button", name=button).first.click()
    expect(page.get_by_role("status").first).to_contain_text(said)


def test_from_an_empty_desk_to_a_first_scan(world: World, people: People) -> None:
    page = people.page(DESKTOP)
    open_desk(page, world)

    follow(page, "Nommer le club")
    page.get_by_label("Nom du club").fill("Club de la baie")
    page.get_by_label("E-mail de contact").fill("club@example.org")
    save(page, "Enregistrer", "Enregistré")

    follow(page, "Remplir les mentions légales")
    expect(page.get_by_label("Nom légal de l’organisme")).to_be_focused()
    for field in page.locator("form.card input:not([type=hidden])").all():
        field.fill("cnil@example.org" if "@" in (field.input_value() or "") else "Office de la baie, 02 33 00 00 00")
    save(page, "Enregistrer", "Enregistré")

    follow(page, "Ajouter un premier lieu")
    page.get_by_label("Nom", exact=True).fill("Musée de la Laisse de mer")
    save(page, "Ajouter", "Ajouté")

    follow(page, "Écrire ce que le lieu offre")
    save(page, "Enregistrer", "Avantage enregistré")

    follow(page, "Ajouter un premier ambassadeur")
    page.get_by_label("Prénom").fill("Hélène")
    page.get_by_label("Nom", exact=True).fill("Sémaphore")
    page.get_by_label("Adresse e-mail").fill(HELENE)
    save(page, "Ajouter", "Ajouté")
    save(page, "Envoyer l’invitation", "invitation part")

    follow(page, "Associer un premier scanner")
    page.get_by_role("button", name="Créer le code").click()
    secret = re.sub(r"\s", "", page.locator(".code").inner_text())

    museum = people.profile("museum")
    scanner = museum.open().new_page()
    pair(scanner, f"{world.origin}/scan/#pair={secret}")
    wait_ready(scanner)
    museum.close()

    follow(page, "Faire un premier scan d’essai")
    expect(page.get_by_role("row", name=re.compile("Musée de la Laisse de mer"))).to_contain_text("En service")
    body = world.letter_to(HELENE).get_body(("plain",))
    assert body is not None
    link = re.search(rf"{world.origin}/sign-in/\S+", body.get_content())
    assert link is not None
    phone = people.page()
    phone.goto(link[0])
    phone.get_by_role("button", name="Continuer ici").click()
    put_pass_here(phone)
    film(museum.film, photograph_code(phone))
    scanner = museum.open().new_page()
    scanner.goto(f"{world.origin}/scan/")
    answer(scanner, "admit", "welcome")
    give_entry(scanner)
    hand_in(scanner)

    page.get_by_role("link", name="Tableau de bord").click()
    expect(page.get_by_role("heading", name="Entrées par lieu")).to_be_visible()
    expect(page.get_by_text("Votre première heure")).to_have_count(0)
