"""Every screen of the two apps: no fault that axe knows on a phone and on a desktop, light and dark, nothing cut off."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from estran.access import service as access
from estran.access.rules import LETTERS_PER_HOUR, Realm
from estran.actor import SYSTEM
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.mail.letters import Letterhead
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.venues import service as venues
from estran.venues.rules import PENDING_DEVICES_MAX
from estran.venues.tables import Venue

from .acts import answer, go, next_scan, put_pass_here, qr, type_code
from .conftest import People
from .phone import PocketPhone
from .screens import CALM, Lookout, link_for
from .world import World

pytestmark = pytest.mark.journey
CAMILLE = "camille.varech@example.org"


@pytest.fixture
def lookout() -> Lookout:
    return Lookout()


def now() -> datetime:
    return datetime.now(UTC)


def refuse_network(route: Route) -> None:
    route.abort()


# --- the ambassador's app ---------------------------------------------------------------------------------------------


def test_the_pass(world: World, people: People, lookout: Lookout) -> None:
    camille = world.add_ambassador("Camille", "Varech", CAMILLE, days=20)
    venue = world.add_venue("Musée de la Laisse de mer", companions=1, quota=2)
    resting = world.add_venue("Observatoire du Marnage")
    world.do(lambda: venues.edit_venue(SYSTEM, venue.id, **particulars(venue), now=now()))
    world.do(lambda: venues.pause_venue(SYSTEM, resting.id, "travaux", now=now()))
    page = people.page(CALM)

    walk_to_the_pass(page, world, lookout)
    walk_the_pass(page, lookout)
    walk_the_stops(page, world, lookout, camille)
    page.context.close()

    walk_the_doorstep(people.page(CALM), world, lookout)
    lookout.report(24)


def particulars(venue: Venue) -> dict[str, str]:
    return {
        "name": venue.name,
        "commune": "Granville",
        "address": "1 rue du Port-aux-Huîtres",
        "url": "https://laisse-de-mer.example.org",
        "contact_email": "",
    }


def walk_to_the_pass(page: Page, world: World, lookout: Lookout) -> None:
    page.goto(f"{world.origin}/pass/")
    expect(page.get_by_role("heading", name="Bienvenue")).to_be_visible()
    lookout.look(page, "pass sign-in")
    page.get_by_role("button", name="Recevoir mon code").click()
    expect(page.get_by_text("Écrivez une adresse complète")).to_be_visible()
    lookout.look(page, "pass sign-in faulty")
    page.get_by_label("Votre adresse e-mail").fill(CAMILLE)
    page.get_by_role("button", name="Recevoir mon code").click()
    expect(page.get_by_label("Code à 6 chiffres")).to_be_visible()
    lookout.look(page, "pass code")
    page.get_by_label("Code à 6 chiffres").fill("000000")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Ce code n’est pas le bon")).to_be_visible()
    lookout.look(page, "pass code faulty")
    page.get_by_role("button", name="Renvoyer un e-mail").click()
    expect(page.get_by_text("Un nouvel e-mail est parti.")).to_be_visible()
    lookout.look(page, "pass code sent again")
    use_up_letters(world)
    page.get_by_role("button", name="Renvoyer un e-mail").click()
    expect(page.get_by_text("Aucun nouvel e-mail n’est parti.")).to_be_visible()
    expect(page.get_by_text("il peut vous dicter un code")).to_be_visible()
    lookout.look(page, "pass code withheld")
    page.goto(link_for(world, CAMILLE, "pass"))
    lookout.look(page, "sign-in link")
    page.get_by_role("button", name="Continuer ici").click()
    expect(page.get_by_role("heading", name="Bonjour Camille")).to_be_visible()
    lookout.look(page, "pass put")
    put_pass_here(page)


def use_up_letters(world: World) -> None:
    """What a stranger can do to Camille."""
    head = Letterhead(club="", origin=world.origin, demo=False)
    for _ in range(LETTERS_PER_HOUR):
        world.do(lambda: access.ask_letter(CAMILLE, Realm.PASS, head=head, now=now()))


def walk_the_pass(page: Page, lookout: Lookout) -> None:
    lookout.look(page, "pass")
    page.get_by_role("link", name="Avantages").click()
    expect(page.get_by_role("heading", name="Mes avantages")).to_be_visible()
    expect(page.get_by_text("En pause en ce moment")).to_be_visible()
    lookout.look(page, "pass benefits")
    page.get_by_role("link", name="Mon compte").click()
    expect(page.get_by_role("heading", name="Mon compte")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="Camille")).to_be_visible()
    lookout.look(page, "pass account")
    page.get_by_role("button", name="Retirer le pass de cet appareil").click()
    lookout.look(page, "pass account asking")
    page.get_by_role("button", name="Annuler").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Oui, se déconnecter").click()
    expect(page.get_by_text("Vous êtes déconnecté.")).to_be_visible()
    lookout.look(page, "pass account signed out")
    page.get_by_role("link", name="Mon pass").click()
    expect(qr(page)).to_be_visible()


def walk_the_stops(page: Page, world: World, lookout: Lookout, camille: Ambassador) -> None:
    def stopped(title: str, screen: str) -> None:
        page.reload()
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        lookout.look(page, screen)

    world.do(lambda: club.pause(SYSTEM, camille.id, "voyage", now=now()))
    stopped("Votre pass est en pause", "pass suspended")
    page.get_by_role("button", name="Vérifier maintenant").click()
    expect(page.get_by_text("Vérifié : rien de nouveau.")).to_be_visible()
    lookout.look(page, "pass suspended checked")
    world.do(lambda: club.resume(SYSTEM, camille.id, now=now()))
    other = PocketPhone(world, camille)
    issuer = Issuer(world.origin, world.folder / "keys")
    world.do(lambda: passes.refresh(issuer, other.digits(), now=now()))
    stopped("Votre pass est sur un autre appareil", "pass replaced")
    page.goto(link_for(world, CAMILLE, "pass"))
    page.get_by_role("button", name="Continuer ici").click()
    page.get_by_role("button", name="Le remettre sur cet appareil").click()
    expect(page.get_by_role("button", name="Oui, le mettre sur cet appareil")).to_be_visible()
    lookout.look(page, "pass put moves")
    put_pass_here(page)

    later = page.context.new_page()
    later.clock.install(time=now() + timedelta(days=300))
    later.route("**/api/**", refuse_network)
    later.goto(f"{world.origin}/pass/")
    expect(later.get_by_role("heading", name="Votre pass a expiré")).to_be_visible()
    lookout.look(later, "pass expired")
    later.close()

    world.do(lambda: passes.revoke(SYSTEM, camille.id, "phone lost", now=now()))
    stopped("Votre pass n’est plus valable", "pass revoked")


def walk_the_doorstep(page: Page, world: World, lookout: Lookout) -> None:
    soon = now().date() + timedelta(days=10)
    person = world.add_ambassador("Noé", "Cabestan", "noe.cabestan@example.org")
    (mandate,) = world.do(lambda: club.mandates_of(person.id))

    def arrive(link: str, title: str, screen: str) -> None:
        page.goto(link)
        page.get_by_role("button", name="Continuer ici").click()
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        lookout.look(page, screen)
        page.context.clear_cookies()

    world.do(lambda: club.pause(SYSTEM, person.id, "voyage", now=now()))
    arrive(link_for(world, "noe.cabestan@example.org", "pass"), "Votre pass est en pause", "pass paused person")
    world.do(lambda: club.edit_mandate(SYSTEM, mandate.id, soon, soon + timedelta(days=99), now=now()))
    arrive(link_for(world, "noe.cabestan@example.org", "pass"), "Encore un peu de patience", "pass not begun")
    past = soon - timedelta(days=99)
    world.do(lambda: club.edit_mandate(SYSTEM, mandate.id, past, past + timedelta(days=9), now=now()))
    arrive(link_for(world, "noe.cabestan@example.org", "pass"), "Votre mandat est terminé", "pass ended")
    page.route("**/api/v1/me", lambda route: route.fulfill(status=404, json={"code": "unknown_ambassador"}))
    page.goto(f"{world.origin}/pass/")
    page.reload()
    expect(page.get_by_role("heading", name="Pas de pass à cette adresse")).to_be_visible()
    lookout.look(page, "pass stranger")
    page.route("**/api/**", refuse_network)
    page.goto(f"{world.origin}/pass/")
    page.reload()
    expect(page.get_by_role("heading", name="Pas de réseau")).to_be_visible()
    lookout.look(page, "pass offline")


# --- the venue's scanner ----------------------------------------------------------------------------------------------


def test_the_scanner(world: World, people: People, lookout: Lookout) -> None:
    venue = world.add_venue("Musée de la Laisse de mer et de l’Estran", companions=1, quota=1)
    camille = PocketPhone(world, world.add_ambassador("Camille", "Varech", CAMILLE))
    page = people.page(CALM)
    walk_the_pairing(page, world, lookout, venue, camille)
    walk_a_visit(page, lookout, camille)
    walk_the_venue_states(page, world, lookout, venue, camille)
    walk_the_places(page, world, lookout, camille)
    walk_the_end(page, world, lookout, venue, camille)
    lookout.report(37)


def walk_the_pairing(page: Page, world: World, lookout: Lookout, venue: Venue, phone: PocketPhone) -> None:
    page.goto(f"{world.origin}/scan/")
    expect(page.get_by_role("heading", name="Associer ce scanner")).to_be_visible()
    lookout.look(page, "scan unpaired")
    page.goto(phone.text())
    expect(page.get_by_role("heading", name="Ceci est un pass d’ambassadeur")).to_be_visible()
    lookout.look(page, "scan opened by a pass")
    page.get_by_role("button", name="Scanner le code QR").click()
    expect(page.get_by_text("Placez le code QR de l’affiche dans le cadre.")).to_be_visible()
    lookout.look(page, "scan pairing by camera")
    page.get_by_role("button", name="Arrêter la caméra").click()
    page.get_by_role("button", name="Associer", exact=True).click()
    expect(page.get_by_text("Écrivez les 8 caractères du code.")).to_be_visible()
    lookout.look(page, "scan pairing faulty")
    page.get_by_label("Code d’association").fill("ABCD-2345")
    page.get_by_label("Nom de cet appareil").fill("Tablette de l’accueil")
    page.get_by_label("Mot du scanner").fill("varech")
    page.get_by_role("button", name="Associer", exact=True).click()
    expect(page.get_by_text("Ce code n’existe pas.")).to_be_visible()
    lookout.look(page, "scan pairing refused")
    full = world.add_venue("Observatoire du Marnage")
    poster = world.pairing_address(full, reusable=True)
    for _ in range(PENDING_DEVICES_MAX):
        world.do(lambda: venues.pair(poster.partition("pair=")[2], "Tablette", "goéland", now=now()))
    page.goto(poster)
    page.get_by_label("Nom de cet appareil").fill("Tablette de l’accueil")
    page.get_by_label("Mot du scanner").fill("varech")
    page.get_by_role("button", name="Associer", exact=True).click()
    expect(page.get_by_text("Trop de scanners attendent déjà un accord")).to_be_visible()
    lookout.look(page, "scan pairing waiting room full")

    page.goto(world.pairing_address(venue, reusable=True))
    page.get_by_label("Nom de cet appareil").fill("Tablette de l’accueil")
    page.get_by_label("Mot du scanner").fill("varech")
    page.get_by_role("button", name="Associer", exact=True).click()
    expect(page.get_by_role("heading", name="En attente de l’office")).to_be_visible()
    lookout.look(page, "scan pending")
    (device,) = world.do(lambda: venues.devices_of(venue.id))
    world.do(lambda: venues.approve_device(SYSTEM, device.id, now=now()))
    page.get_by_role("button", name="Demander de nouveau").click()
    expect(page.get_by_text("Placez le code du pass dans le cadre.")).to_be_visible()
    lookout.look(page, "scan")
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_text("Le champ est vide.")).to_be_visible()
    lookout.look(page, "scan field empty")


def walk_a_visit(page: Page, lookout: Lookout, phone: PocketPhone) -> None:
    type_code(page, phone.text())
    answer(page, "ask", "companions_needed")
    lookout.look(page, "answer companions_needed")
    page.get_by_role("button", name="0", exact=True).click()
    answer(page, "refuse", "companions_missing")
    lookout.look(page, "answer companions_missing")
    page.get_by_role("button", name="5 ou plus").click()
    answer(page, "admit", "welcome")
    lookout.look(page, "answer welcome")
    page.get_by_role("button", name="Entrée donnée").click()
    page.get_by_role("button", name="Rester ici").click()
    lookout.look(page, "scan done")
    page.get_by_role("button", name="Pass suivant").click()

    seen = phone.text()
    type_code(page, seen)
    answer(page, "ask", "already_here")
    lookout.look(page, "answer already_here")
    page.get_by_role("button", name="Laisser entrer quand même").click()
    lookout.look(page, "answer already_here why")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Dites pourquoi en quelques mots.")).to_be_visible()
    lookout.look(page, "answer already_here why faulty")
    go_back(page)
    type_code(page, seen)
    page.get_by_role("button", name="Une autre visite").click()
    answer(page, "refuse", "quota_used")
    lookout.look(page, "answer quota_used")
    page.get_by_role("button", name="Tarif normal").click()
    next_scan(page)
    type_code(page, seen)
    expect(page.get_by_text("la réponse est la même")).to_be_visible()
    lookout.look(page, "answer repeated")
    next_scan(page)


def exchange(page: Page) -> None:
    """Everything handed in and the news here; then the camera again."""
    go(page, "État")
    page.get_by_role("button", name="Échanger maintenant").click()
    expect(page.get_by_text("Échange terminé.")).to_be_visible()
    go(page, "Scanner")


def go_back(page: Page) -> None:
    """To the camera, with nothing written."""
    page.reload()
    expect(page.get_by_text("Placez le code du pass dans le cadre.")).to_be_visible()


def walk_the_venue_states(page: Page, world: World, lookout: Lookout, venue: Venue, phone: PocketPhone) -> None:
    lison = PocketPhone(world, world.add_ambassador("Lison", "Goémon", "lison.goemon@example.org"))
    world.do(lambda: venues.pause_venue(SYSTEM, venue.id, "travaux", now=now()))
    exchange(page)
    type_code(page, lison.text())
    answer(page, "refuse", "venue_paused")
    lookout.look(page, "answer venue_paused")
    world.do(lambda: venues.resume_venue(SYSTEM, venue.id, now=now()))
    (benefit,) = world.do(lambda: venues.benefits_of(venue.id))
    world.do(lambda: venues.end_benefit(SYSTEM, venue.id, benefit.id, now=now()))
    go_back(page)
    exchange(page)
    maelle = PocketPhone(world, world.add_ambassador("Maëlle", "Oyat", "maelle.oyat@example.org"))
    type_code(page, maelle.text())
    answer(page, "ask", "no_benefit")
    lookout.look(page, "answer no_benefit")
    page.get_by_role("button", name="Identité vérifiée").click()
    answer(page, "admit", "welcome")
    lookout.look(page, "answer after identity")
    page.get_by_role("button", name="Entrée donnée").click()
    page.get_by_role("button", name="Annuler cette entrée").click()
    expect(page.get_by_role("heading", name="Entrée annulée.")).to_be_visible()
    lookout.look(page, "scan undone")
    next_scan(page)


def walk_the_practice(page: Page, lookout: Lookout) -> None:
    page.get_by_role("button", name="S’entraîner").click()
    expect(page.get_by_role("button", name="Commencer l’exercice")).to_be_visible()
    lookout.look(page, "scan practice")
    page.get_by_role("button", name="Commencer l’exercice").click()
    expect(page.get_by_role("heading", name="Choisissez un cas")).to_be_focused()
    lookout.look(page, "scan practising")
    page.get_by_role("button", name="Deux avantages au choix").click()
    answer(page, "admit", "welcome")
    lookout.look(page, "answer practised")
    page.get_by_role("button", name="Entrée donnée").click()
    page.get_by_role("button", name="Rester ici").click()
    lookout.look(page, "scan practised")
    page.get_by_role("region", name="EXERCICE").get_by_role("button", name="Terminer").click()
    expect(page.get_by_text("L’exercice est terminé")).to_be_visible()
    lookout.look(page, "scan practice over")
    go(page, "Aide")


def walk_the_places(page: Page, world: World, lookout: Lookout, phone: PocketPhone) -> None:
    go(page, "Du jour")
    expect(page.get_by_role("heading", name="Aujourd’hui")).to_be_visible()
    lookout.look(page, "scan today")
    go(page, "État")
    expect(page.get_by_text("Ce scanner peut travailler sans réseau.")).to_be_visible()
    lookout.look(page, "scan state")
    go(page, "Aide")
    expect(page.get_by_role("heading", name="Aide et réglages")).to_be_visible()
    lookout.look(page, "scan help")
    walk_the_practice(page, lookout)
    page.get_by_role("button", name="Associer à un autre lieu").click()
    expect(page.get_by_role("button", name="Garder l’association actuelle")).to_be_visible()
    lookout.look(page, "scan pairing again")

    blind = page.context.new_page()
    blind.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    blind.clock.install(time=now() - timedelta(hours=2))
    blind.route("**/api/**", refuse_network)
    blind.goto(f"{world.origin}/scan/")
    expect(blind.get_by_text("La caméra n’est pas autorisée.")).to_be_visible()
    lookout.look(blind, "scan camera refused")
    type_code(blind, phone.text())
    answer(blind, "ask", "clock_unconfirmed")
    lookout.look(blind, "answer clock_unconfirmed")
    blind.close()


def walk_the_end(page: Page, world: World, lookout: Lookout, venue: Venue, phone: PocketPhone) -> None:
    page.route("**/api/v1/visits", refuse_network)
    page.add_init_script(  # nor may the worker hand in by itself, behind the page's back
        "Object.defineProperty(ServiceWorkerRegistration.prototype, 'sync', { value: undefined })"
    )
    page.reload()
    page.get_by_role("button", name="Garder l’association actuelle").click()
    type_code(page, phone.text())
    page.get_by_role("button", name="Tarif normal").click()
    next_scan(page)
    go(page, "État")
    expect(page.locator("[data-queued]")).to_have_attribute("data-queued", "1")
    page.get_by_role("button", name="Échanger maintenant").click()
    expect(page.get_by_text("Pas de connexion.")).to_be_visible()
    lookout.look(page, "scan state waiting")
    (device,) = [one for one in world.do(lambda: venues.devices_of(venue.id)) if one.state == "active"]
    world.do(lambda: venues.cut_device(SYSTEM, device.id, "rendu", now=now()))
    page.get_by_role("button", name="Échanger maintenant").click()
    expect(page.get_by_role("heading", name="Ce scanner a été coupé")).to_be_visible()
    lookout.look(page, "scan cut")
    page.get_by_role("button", name="Effacer sans envoyer").click()
    lookout.look(page, "scan cut asking")
    page.get_by_role("button", name="Oui, effacer").click()
    expect(page.get_by_text(re.compile("Scanner effacé"))).to_be_visible()
    lookout.look(page, "scan wiped")
