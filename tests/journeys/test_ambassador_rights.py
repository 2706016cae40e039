"""What an ambassador may read, sign, ask and end on a phone: the manifesto, my data, going on or leaving the club."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from estran.actor import SYSTEM
from estran.club import manifesto
from estran.club import service as club
from estran.club.tables import Manifesto
from estran.privacy import service as privacy
from tests.access.letters import HEAD

from .acts import carry_pass, put_pass_here, qr, sign_in_to_pass
from .conftest import People
from .screens import CALM, Lookout, link_for
from .world import World

pytestmark = pytest.mark.journey
CAMILLE = "camille.varech@example.org"
TEXT = """Notre club fait connaître le pays à qui le visite.

## Ce que nous faisons

Nous accueillons, nous écoutons, nous racontons.

- Nous disons ce que nous aimons, et pourquoi.
- Nous envoyons chez les autres autant que chez nous.

## Ce que nous ne faisons pas

<b>Rien</b> n’est promis, rien n’est vendu."""


def now() -> datetime:
    return datetime.now(UTC)


def write(world: World, *, title: str = "Le manifeste des ambassadeurs", is_major: bool = True) -> Manifesto:
    return world.do(lambda: manifesto.save_draft(SYSTEM, title=title, body=TEXT, is_major=is_major, now=now()))


def publish(world: World, *, is_major: bool = True, in_days: int = 0, title: str = "Le manifeste") -> Manifesto:
    """A version that binds `in_days` from now."""
    row = write(world, is_major=is_major, title=title)
    day = now().date() + timedelta(days=in_days) if is_major else None
    return world.do(lambda: manifesto.publish(SYSTEM, row.id, effective_on=day, now=now()))


def sign(page: Page) -> None:
    page.get_by_label("J’ai lu et j’accepte ce manifeste.").check()
    page.get_by_role("button", name="Je signe").click()
    expect(page.get_by_role("heading", name="C’est signé, merci")).to_be_focused()


def visit(page: Page, world: World, place: str) -> None:
    """A deep link, as an e-mail brings it."""
    page.goto("about:blank")
    page.goto(f"{world.origin}/pass/#/{place}")


def sign_in(page: Page, world: World) -> None:
    page.goto(link_for(world, CAMILLE, "pass"))
    page.get_by_role("button", name="Continuer ici").click()
    page.wait_for_url("**/pass/**")


def refuse_network(route: Route) -> None:
    route.abort()


# --- the manifesto ----------------------------------------------------------------------------------------------------


def test_the_first_pass_comes_after_the_signature(world: World, people: People) -> None:
    person = world.add_ambassador("Camille", "Varech", CAMILLE)
    publish(world)
    page = people.page(CALM)
    sign_in_to_pass(page, world, CAMILLE)
    expect(page.get_by_text("Une seule chose avant votre pass")).to_be_visible()
    page.get_by_role("button", name="Lire et signer le manifeste").click()
    expect(page.get_by_role("heading", name="Le manifeste", exact=True, level=1)).to_be_focused()
    expect(page.get_by_role("heading", name="Ce que nous faisons")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="pourquoi")).to_be_visible()
    expect(page.get_by_text("<b>Rien</b> n’est promis")).to_be_visible()
    expect(page.get_by_text("ne dépendent jamais de ce que vous publiez")).to_be_visible()

    page.get_by_role("button", name="Je signe").click()
    tick = page.get_by_label("J’ai lu et j’accepte ce manifeste.")
    expect(tick).to_be_focused()
    expect(tick).to_have_accessible_description("Cochez cette case pour signer.")
    page.get_by_label("Mes liens avec le tourisme d’ici (facultatif)").fill("Je tiens une chambre d’hôtes.")
    sign(page)
    page.get_by_role("button", name="Continuer vers mon pass").click()
    put_pass_here(page)
    (signature,) = world.do(lambda: manifesto.signatures(ambassador_id=person.id))
    assert (signature.kind, signature.interests) == ("signed", "Je tiens une chambre d’hôtes.")

    page.get_by_role("link", name="Mon compte").click()
    page.get_by_role("link", name="Le manifeste du club").click()
    expect(page.get_by_text("Vous avez signé la version 1.0 le")).to_be_visible()
    expect(page.get_by_text("Version 1.0", exact=True)).to_be_visible()


def test_what_was_declared_is_kept_by_a_new_version_and_may_be_changed(world: World, people: People) -> None:
    person = world.add_ambassador("Camille", "Varech", CAMILLE)
    first = publish(world)
    world.do(lambda: manifesto.sign(SYSTEM, person.id, first.id, "Je tiens une chambre d’hôtes.", now=now()))
    publish(world, in_days=20)
    page = people.page(CALM)
    sign_in(page, world)
    visit(page, world, "manifesto")
    expect(page.get_by_text("valable à partir du")).to_be_visible()
    field = page.get_by_label("Mes liens avec le tourisme d’ici (facultatif)")
    expect(field).to_have_value("Je tiens une chambre d’hôtes.")
    expect(page.get_by_role("button", name="Modifier")).to_be_hidden()
    sign(page)

    visit(page, world, "manifesto")
    expect(page.get_by_text("Je tiens une chambre d’hôtes.")).to_be_visible()
    page.get_by_role("button", name="Modifier").click()
    field = page.get_by_label("En quelques mots (facultatif)")
    expect(field).to_be_focused()
    expect(field).to_have_value("Je tiens une chambre d’hôtes.")
    field.fill("é" * 1001)
    page.get_by_role("button", name="Enregistrer").click()
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("C’est un peu long"))
    field.fill("Je tiens deux chambres d’hôtes.")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status").filter(has_text="C’est enregistré, merci.")).to_be_visible()
    expect(page.get_by_role("button", name="Modifier")).to_be_focused()
    expect(page.get_by_text("Je tiens deux chambres d’hôtes.")).to_be_visible()
    declared = [one.interests for one in world.do(lambda: manifesto.signatures(ambassador_id=person.id))]
    assert declared == ["Je tiens deux chambres d’hôtes.", "Je tiens une chambre d’hôtes."]


def test_a_pass_on_hold_comes_back_with_the_signature(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.page(CALM)
    carry_pass(page, world, CAMILLE)
    page.context.clear_cookies()  # the session ended long ago
    publish(world)
    page.reload()
    expect(page.get_by_role("heading", name="Le manifeste est à signer")).to_be_visible()
    page.get_by_role("button", name="Lire et signer le manifeste").click()
    expect(page.get_by_role("heading", name="Connectez-vous")).to_be_focused()
    page.get_by_label("Votre adresse e-mail").fill(CAMILLE)
    page.get_by_role("button", name="Recevoir mon code").click()
    expect(page.get_by_label("Code à 6 chiffres")).to_be_visible()
    sign_in(page, world)
    visit(page, world, "manifesto")
    sign(page)
    expect(page.get_by_text("Votre pass est prêt sur cet appareil.")).to_be_visible()
    page.get_by_role("button", name="Voir mon pass").click()
    expect(qr(page)).to_be_visible()


def test_a_new_version_is_one_calm_line_below_the_code(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.page(CALM)
    carry_pass(page, world, CAMILLE)
    publish(world, in_days=20)
    page.reload()
    line = page.get_by_role("link", name="Une nouvelle version du manifeste est à signer, au plus tard le")
    expect(line).to_be_visible()
    expect(qr(page)).to_be_visible()
    code, box = qr(page).bounding_box(), line.bounding_box()
    assert code
    assert box
    assert box["y"] >= code["y"] + code["height"]
    line.click()
    expect(page.get_by_text("D’ici là, votre pass marche comme d’habitude.")).to_be_visible()
    sign(page)
    page.get_by_role("button", name="Voir mon pass").click()
    expect(qr(page)).to_be_visible()
    expect(line).to_be_hidden()

    publish(world, is_major=False)
    page.reload()
    page.get_by_role("link", name="Le manifeste a un peu changé").click()
    page.get_by_role("button", name="J’ai lu").click()
    expect(page.get_by_role("heading", name="C’est noté, merci")).to_be_focused()


def test_a_version_that_comes_while_reading_is_shown_before_it_is_signed(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    publish(world)
    page = people.page(CALM)
    sign_in(page, world)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, world, "manifesto")
    expect(page.get_by_role("heading", name="Le manifeste", exact=True, level=2)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if url.endswith("/manifesto")] == [f"{world.origin}/api/v1/me/manifesto"]
    publish(world, title="Le manifeste, relu")
    page.get_by_label("J’ai lu et j’accepte ce manifeste.").check()
    page.get_by_role("button", name="Je signe").click()
    expect(page.get_by_role("heading", name="Le manifeste, relu")).to_be_visible()
    expect(page.get_by_text("Une version plus récente vient de paraître.")).to_be_in_viewport()
    expect(page.get_by_label("J’ai lu et j’accepte ce manifeste.")).not_to_be_checked()
    sign(page)


def test_a_draft_takes_remarks(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    odile = world.add_ambassador("Odile", "Praire", "odile.praire@example.org")
    draft = write(world)
    world.do(lambda: manifesto.comment(SYSTEM, odile.id, draft.id, "Le ton est juste.", now=now()))
    page = people.page(CALM)
    sign_in(page, world)
    visit(page, world, "manifesto")
    expect(page.get_by_text("Le club n’a pas encore publié de manifeste.")).to_be_visible()
    expect(page.get_by_role("button", name="Lire le projet")).to_be_visible()
    page.get_by_role("link", name="← Mon compte").click()
    page.get_by_role("link", name="Un projet de manifeste est ouvert à vos remarques").click()
    expect(page.get_by_text("Le ton est juste.")).to_be_visible()
    expect(page.get_by_text("Odile P.")).to_be_visible()
    page.get_by_role("button", name="Envoyer ma remarque").click()
    expect(page.get_by_label("Votre remarque")).to_be_focused()
    page.get_by_label("Votre remarque").fill("Il manque un mot sur la mer.")
    page.get_by_role("button", name="Envoyer ma remarque").click()
    expect(page.get_by_role("status").filter(has_text="Votre remarque est ajoutée")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="sur la mer")).to_contain_text("Vous")


# --- my data ----------------------------------------------------------------------------------------------------------


def test_my_data_is_read_and_taken_away(world: World, people: People, tmp_path: Path) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    publish(world)
    page = people.page(CALM, accept_downloads=True)
    sign_in(page, world)
    visit(page, world, "data")
    expect(page.get_by_role("definition").filter(has_text=CAMILLE)).to_be_visible()
    page.get_by_text("Mes mandats").click()
    expect(page.get_by_role("listitem").filter(has_text=re.compile("Du .* au "))).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Enregistrer le fichier").click()
    assert waiting.value.suggested_filename == "mes-donnees-estran.json"
    waiting.value.save_as(tmp_path / "mine.json")
    mine = json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))
    assert mine["person"]["email"] == CAMILLE
    expect(page.get_by_role("status").filter(has_text="mes-donnees-estran.json est enregistré")).to_be_visible()
    expect(page.get_by_role("link", name="Pourquoi et comment le club garde ces données")).to_have_attribute(
        "href", "/privacy?lang=fr"
    )


def test_a_request_reaches_the_office(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.page(CALM)
    sign_in(page, world)
    visit(page, world, "data")
    page.get_by_role("button", name="Demander une correction").click()
    field = page.get_by_label("Que faut-il corriger ?")
    expect(field).to_be_focused()
    page.get_by_role("button", name="Envoyer à l’office").click()
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("Écrivez votre demande"))
    field.fill("Mon nom s’écrit avec deux « r ».")
    page.get_by_role("button", name="Envoyer à l’office").click()
    expect(page.get_by_role("status").filter(has_text="Votre demande est partie.")).to_be_visible()
    expect(page.get_by_role("button", name="Demander une correction")).to_be_focused()
    page.get_by_text("Mes demandes (1)").click()  # the list has come anew
    expect(page.get_by_role("listitem").filter(has_text="deux « r »")).to_be_visible()


def test_an_answer_is_in_sight_and_a_departure_drops_the_rest(world: World, people: People) -> None:
    person = world.add_ambassador("Camille", "Varech", CAMILLE)
    asked = world.do(lambda: privacy.ask(SYSTEM, person.id, "correct", "Mon nom prend deux « r ».", now=now()))
    page = people.page(CALM)
    sign_in(page, world)
    visit(page, world, "leave")
    expect(page.get_by_text("Une de vos demandes attend une réponse")).to_be_visible()
    world.do(lambda: privacy.answer(SYSTEM, asked.id, "C’est corrigé.", HEAD, now=now()))
    visit(page, world, "data")
    expect(page.get_by_text("C’est corrigé.")).to_be_visible()
    expect(page.get_by_text("un fichier à garder, ou à donner à quelqu’un qui s’y connaît")).to_be_visible()
    visit(page, world, "leave")
    expect(page.get_by_role("button", name="Oui, quitter le club")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("attend une réponse")).to_be_hidden()


def test_leaving_ends_everything_and_says_so(world: World, people: People) -> None:
    person = world.add_ambassador("Camille", "Varech", CAMILLE)
    world.do(lambda: privacy.ask(SYSTEM, person.id, "object", "Je n’en veux plus.", now=now()))
    page = people.page(CALM)
    carry_pass(page, world, CAMILLE)
    page.get_by_role("link", name="Mon compte").click()
    page.get_by_role("link", name="Mes données").click()
    page.get_by_role("link", name="Je veux quitter le club").click()
    expect(page.get_by_role("heading", name="Quitter le club")).to_be_focused()
    expect(page.get_by_text("Personne ne peut revenir en arrière")).to_be_visible()
    expect(page.get_by_text("Une de vos demandes attend une réponse")).to_be_visible()
    page.get_by_role("button", name="Oui, quitter le club").click()
    page.get_by_role("button", name="Non, je reste").click()
    page.get_by_role("button", name="Oui, quitter le club").click()
    page.get_by_role("button", name="Oui, quitter le club pour toujours").click()
    expect(page.get_by_role("heading", name="Merci, et au revoir")).to_be_focused()
    assert [person.first_name for person in world.do(club.ambassadors)] == []
    visit(page, world, "")
    expect(page.get_by_role("heading", name="Bienvenue")).to_be_visible()
    visit(page, world, "data")
    expect(page.get_by_role("heading", name="Connectez-vous")).to_be_visible()


# --- going on ---------------------------------------------------------------------------------------------------------


def test_who_nears_the_end_is_asked_once_and_may_change_the_answer(world: World, people: People) -> None:
    person = world.add_ambassador("Camille", "Varech", CAMILLE, days=20)
    page = people.page(CALM)
    carry_pass(page, world, CAMILLE)
    page.get_by_role("link", name="Souhaitez-vous continuer ?").click()
    expect(page.get_by_role("heading", name="Souhaitez-vous continuer ?")).to_be_visible()
    yes, no = page.get_by_role("button", name="Oui, je continue"), page.get_by_role("button", name="Non, j’arrête")
    yes.click()
    expect(yes).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("status").filter(has_text="C’est noté, merci.")).to_be_visible()
    no.click()
    expect(no).to_have_attribute("aria-pressed", "true")
    (mandate,) = world.do(lambda: club.mandates_of(person.id))
    assert mandate.wish == "no"
    page.get_by_role("link", name="Mon pass").click()
    expect(qr(page)).to_be_visible()
    expect(page.get_by_role("link", name="Souhaitez-vous continuer ?")).to_be_hidden()


# --- without network --------------------------------------------------------------------------------------------------


def test_without_network_the_account_opens_and_the_rest_says_what_it_needs(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    phone = people.profile("camille", CALM)
    page = phone.open().new_page()
    carry_pass(page, world, CAMILLE)
    page.wait_for_function("() => navigator.serviceWorker.ready")
    phone.close()
    world.stop()
    page = phone.open().new_page()
    page.goto(f"{world.origin}/pass/")
    page.get_by_role("link", name="Mon compte").click()
    expect(page.get_by_role("heading", name="Changer de téléphone")).to_be_visible()
    notice = page.get_by_role("link", name="Vos données et vos droits")
    expect(notice).to_have_attribute("target", "_blank")
    expect(page.get_by_text("ces informations ne peuvent pas s’ouvrir")).to_be_visible()
    page.get_by_role("link", name="Mes données").click()
    expect(page.get_by_role("heading", name="Pas de réseau")).to_be_focused()
    page.get_by_role("link", name="← Mon compte").click()
    expect(page.get_by_role("heading", name="Changer de téléphone")).to_be_visible()
    page.get_by_role("link", name="Mon pass").click()
    expect(qr(page)).to_be_visible()
    world.start()
    page.get_by_role("link", name="Mon compte").click()
    page.get_by_role("link", name="Le manifeste du club").click()
    expect(page.get_by_text("Le club n’a pas encore publié de manifeste.")).to_be_visible()


def test_screens_that_cannot_be_fetched_say_so_and_come_when_asked_again(world: World, people: People) -> None:
    page = people.page(CALM, service_workers="block")
    page.route("**/Personal*.js", refuse_network)
    page.goto(f"{world.origin}/pass/#/manifesto")
    expect(page.get_by_role("heading", name="Pas de réseau")).to_be_visible()
    page.unroute("**/Personal*.js")
    page.get_by_role("button", name="Réessayer").click()
    expect(page.get_by_role("heading", name="Connectez-vous")).to_be_visible()


def test_a_manifesto_that_comes_before_the_pass_is_put_is_said(world: World, people: People) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.page(CALM)
    sign_in_to_pass(page, world, CAMILLE)
    put = page.get_by_role("button", name="Mettre mon pass sur cet appareil")
    expect(put).to_be_visible()
    publish(world)
    put.click()
    expect(page.get_by_role("button", name="Lire et signer le manifeste")).to_be_visible()


# --- in every shape ---------------------------------------------------------------------------------------------------


def test_every_new_screen_is_for_everybody(world: World, people: People) -> None:
    lookout = Lookout()
    person = world.add_ambassador("Camille", "Varech", CAMILLE, days=20)
    publish(world)
    draft = write(world, title="Le manifeste, version suivante")
    world.do(lambda: manifesto.comment(SYSTEM, person.id, draft.id, "Il manque un mot sur la mer.", now=now()))
    asked = world.do(lambda: privacy.ask(SYSTEM, person.id, "correct", "Mon nom prend deux « r ».", now=now()))
    world.do(lambda: privacy.answer(SYSTEM, asked.id, "C’est corrigé.", HEAD, now=now()))
    world.do(lambda: privacy.ask(SYSTEM, person.id, "object", "Je n’en veux plus.", now=now()))
    page = people.page(CALM)
    walk_to_the_signature(page, world, lookout)
    walk_the_account(page, world, lookout)
    walk_my_data(page, world, lookout)
    publish(world, title="Le manifeste, version 2")
    walk_the_end(page, world, lookout)
    lookout.report(16)


def walk_to_the_signature(page: Page, world: World, lookout: Lookout) -> None:
    visit(page, world, "manifesto")
    expect(page.get_by_role("heading", name="Connectez-vous")).to_be_visible()
    lookout.look(page, "rights sign-in")
    sign_in(page, world)
    expect(page.get_by_text("Une seule chose avant votre pass")).to_be_visible()
    lookout.look(page, "put unsigned")
    visit(page, world, "account")
    expect(page.get_by_role("link", name="Mes données")).to_be_visible()
    lookout.look(page, "account without pass")
    visit(page, world, "manifesto")
    expect(page.get_by_role("button", name="Je signe")).to_be_visible()
    lookout.look(page, "manifesto to sign")
    page.get_by_role("button", name="Je signe").click()
    expect(page.get_by_text("Cochez cette case pour signer.")).to_be_visible()
    lookout.look(page, "manifesto faulty")
    sign(page)
    lookout.look(page, "manifesto signed")
    page.get_by_role("button", name="Continuer vers mon pass").click()
    put_pass_here(page)


def walk_the_account(page: Page, world: World, lookout: Lookout) -> None:
    expect(page.get_by_role("link", name="Souhaitez-vous continuer ?")).to_be_visible()
    lookout.look(page, "pass with a line")
    visit(page, world, "account")
    page.get_by_role("button", name="Oui, je continue").click()
    expect(page.get_by_text("C’est noté, merci.")).to_be_visible()
    lookout.look(page, "account renewal")
    visit(page, world, "manifesto")
    expect(page.get_by_text("Vous avez signé la version 1.0")).to_be_visible()
    lookout.look(page, "manifesto read again")
    page.get_by_role("button", name="Modifier").click()
    lookout.look(page, "manifesto ties")
    visit(page, world, "draft")
    page.get_by_role("button", name="Envoyer ma remarque").click()
    expect(page.get_by_text("Écrivez votre remarque")).to_be_visible()
    lookout.look(page, "draft faulty")


def walk_my_data(page: Page, world: World, lookout: Lookout) -> None:
    visit(page, world, "data")
    expect(page.get_by_role("definition").filter(has_text=CAMILLE)).to_be_visible()
    for section in page.locator("details").all():
        if section.get_attribute("open") is None:
            section.locator("summary").click()
    page.get_by_role("button", name="M’opposer").click()
    page.get_by_role("button", name="Envoyer à l’office").click()
    expect(page.get_by_text("Écrivez votre demande")).to_be_visible()
    lookout.look(page, "data")
    visit(page, world, "leave")
    page.get_by_role("button", name="Oui, quitter le club").click()
    expect(page.get_by_role("button", name="Non, je reste")).to_be_visible()
    expect(page.get_by_text("Une de vos demandes attend une réponse")).to_be_visible()
    lookout.look(page, "leave asking")


def walk_the_end(page: Page, world: World, lookout: Lookout) -> None:
    visit(page, world, "")
    expect(page.get_by_role("heading", name="Le manifeste est à signer")).to_be_visible()
    lookout.look(page, "pass unsigned")
    visit(page, world, "leave")
    page.get_by_role("button", name="Oui, quitter le club").click()
    page.get_by_role("button", name="Oui, quitter le club pour toujours").click()
    expect(page.get_by_role("heading", name="Merci, et au revoir")).to_be_visible()
    lookout.look(page, "left")
    page.route("**/api/**", refuse_network)
    visit(page, world, "data")
    expect(page.get_by_role("heading", name="Pas de réseau")).to_be_visible()
    lookout.look(page, "data offline")


def test_a_missing_certificate_is_named(world: World, people: People) -> None:
    lookout = Lookout()
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.page(CALM)
    carry_pass(page, world, CAMILLE)
    page.route("**/api/v1/pass/refresh", uncertify)
    page.route("**/api/v1/me", uncertify)
    page.reload()
    expect(page.get_by_role("heading", name="Il manque votre certificat")).to_be_visible()
    lookout.look(page, "pass uncertified")
    visit(page, world, "put")
    expect(page.get_by_text("le club demande un certificat", exact=False)).to_be_visible()
    lookout.look(page, "put uncertified")
    lookout.report(2)


def uncertify(route: Route) -> None:
    """As a club that asks for certificates would answer."""
    answer = route.fetch()
    body = answer.json() | {"eligibility": "uncertified"}
    if "credential" in body:
        body |= {"credential": None, "status": "suspended"}
    route.fulfill(response=answer, json=body)
