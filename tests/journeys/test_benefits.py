"""An officer writes a benefit and reads its sentence grow, asks what the door would say, and answers a manager's wish."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from estran.access import service as access
from estran.actor import SYSTEM, Role
from estran.venues import service as venues
from estran.venues.terms import Hours, Kind, Per, Quota, Span, Terms

from .conftest import DESKTOP, People
from .screens import CALM, Lookout, link_for
from .test_story import open_desk
from .world import World

pytestmark = [pytest.mark.journey, pytest.mark.slow]
MANAGER = "suzanne.cabestan@example.org"
SENTENCE = (
    "Entrée gratuite avec au moins 1 personne payante, 2 fois par saison, "
    "du 1er avril au 2 novembre, le dimanche de 14 h à 18 h"
)


def a_sunday(month: int) -> date:
    """The first Sunday of that month of next year, so that the clock of the machine does not matter."""
    first = date(datetime.now(UTC).year + 1, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7)


def ask(page: Page, day: date, hour: str, **typed: str) -> None:
    page.get_by_label("Jour").fill(day.isoformat())
    page.get_by_label("Heure").fill(hour)
    page.get_by_label("Personnes payantes").fill(typed.get("companions", ""))
    page.get_by_label("Enfants").fill(typed.get("children", ""))
    page.get_by_label("Visites déjà faites").fill(typed.get("visits", ""))
    page.get_by_role("button", name="Demander").click()


async def make_manager(venue_id: UUID) -> None:
    account = await access.ensure_account(MANAGER, now=datetime.now(UTC))
    await access.grant(account.id, Role.MANAGER, venue_id)


def write_it(officer: Page, world: World, venue_id: UUID, lookout: Lookout) -> None:
    """The sentence grows while one types, without a page being loaded; what contradicts itself is said beside its field."""
    officer.goto(f"{world.origin}/desk/venues/{venue_id}/benefits/new")
    officer.get_by_role("link", name="Gratuit avec un payant").click()
    said = officer.locator("#preview")
    expect(said).to_contain_text("Entrée gratuite avec au moins 1 personne payante")
    officer.get_by_label("Nombre de fois").fill("2")
    officer.get_by_label("Période").select_option("season")
    expect(officer.locator("#quota_n-fault")).to_contain_text("demande une saison")
    officer.locator("#part-when summary").click()
    seasons = officer.get_by_role("group", name="Saisons")
    seasons.get_by_label("Du").fill("1er avril")
    seasons.get_by_label("Au").fill("02/11")
    officer.get_by_label("dimanche").check()
    hours = officer.get_by_role("group", name="Heures")
    hours.get_by_label("De").fill("14 h")
    hours.get_by_label("À").fill("18 h")
    expect(said).to_contain_text(SENTENCE)
    expect(said).to_contain_text("twice a season, from 1 April to 2 November, on Sundays from 14:00 to 18:00")
    expect(officer.locator("#quota_n-fault")).to_be_empty()
    expect(officer.locator("#heard")).to_contain_text("2 fois par saison")
    lookout.look(officer, "benefit while it is written")
    officer.get_by_role("button", name="Enregistrer l’avantage").click()
    expect(officer.get_by_role("status")).to_contain_text("Avantage enregistré.")
    expect(officer.get_by_text(SENTENCE).first).to_be_visible()


def try_it(officer: Page, lookout: Lookout) -> None:
    """Three situations, answered by the rules of the door."""
    officer.reload()
    officer.get_by_role("link", name="Essayer").click()
    officer.get_by_label("À qui ?").select_option(label="Camille Varech")
    ask(officer, a_sunday(6), "15 h", companions="1", children="1")
    word = officer.locator(".verdict-word")
    expect(word).to_have_text("C’est bon")
    ask(officer, a_sunday(6), "15 h", companions="1", visits="2")
    expect(word).to_have_text("Tarif normal")
    expect(officer.get_by_text("Avantage déjà utilisé 2 fois cette saison-là (2 au plus).")).to_be_visible()
    ask(officer, a_sunday(12), "15 h", companions="1")
    expect(officer.get_by_text(re.compile(r"Il reprend le dimanche \d+ avril"))).to_be_visible()
    lookout.look(officer, "simulator")


def wish_it(manager: Page, world: World, venue_id: UUID, lookout: Lookout) -> None:
    """The manager proposes; nothing changes before the officer accepts."""
    world.do(lambda: make_manager(venue_id))
    manager.goto(link_for(world, MANAGER, "desk"))
    manager.get_by_role("button", name="Continuer ici").click()
    manager.goto(f"{world.origin}/venue/{venue_id}/benefits")
    manager.get_by_role("link", name="Proposer un changement").click()
    manager.get_by_label("Une réduction, en pourcentage").check()
    manager.get_by_label("Réduction, en pourcentage", exact=True).fill("20")
    manager.get_by_label("Un mot pour l’office").fill("Nos caisses préfèrent une réduction.")
    expect(manager.locator("#preview")).to_contain_text("20 % de réduction avec au moins 1 personne payante")
    lookout.look(manager, "proposal while it is written")
    manager.get_by_role("button", name="Envoyer la proposition").click()
    expect(manager.get_by_text("En attente de l’office")).to_be_visible()
    lookout.look(manager, "proposals")


def answer_it(officer: Page, world: World, lookout: Lookout) -> None:
    """One click makes the version."""
    officer.goto(f"{world.origin}/desk/inbox")
    officer.get_by_role("link", name="Lire la proposition").click()
    expect(officer.get_by_text("Nos caisses préfèrent une réduction.")).to_be_visible()
    lookout.look(officer, "proposal")
    officer.get_by_role("button", name="Accepter").click()
    expect(officer.get_by_role("status")).to_contain_text("C’est accepté")
    officer.get_by_role("link", name="Versions").click()
    expect(officer.get_by_role("heading", name="Version 2")).to_be_visible()
    lookout.look(officer, "versions")


def test_from_the_first_word_to_a_managers_wish(world: World, people: People) -> None:
    lookout = Lookout()
    venue = world.add_venue("Musée de la Laisse de mer")
    [plain] = world.do(lambda: venues.benefits_of(venue.id))
    world.do(lambda: venues.end_benefit(SYSTEM, venue.id, plain.id, now=datetime.now(UTC)))
    world.add_ambassador("Camille", "Varech", "camille.varech@example.org", days=700)
    officer = people.page(DESKTOP)
    open_desk(officer, world)

    write_it(officer, world, venue.id, lookout)
    [benefit] = world.do(lambda: venues.benefits_of(venue.id))
    assert benefit.terms == Terms(
        min_paying_companions=1,
        quota=Quota(2, Per.SEASON),
        seasons=(Span("04-01", "11-02"),),
        weekdays=(7,),
        hours=(Hours("14:00", "18:00"),),
    )

    try_it(officer, lookout)
    manager = people.page(CALM)
    wish_it(manager, world, venue.id, lookout)
    answer_it(officer, world, lookout)
    manager.reload()
    expect(manager.get_by_text("Acceptée")).to_be_visible()
    [benefit] = world.do(lambda: venues.benefits_of(venue.id))
    assert (benefit.version, benefit.terms.kind, benefit.terms.percent) == (2, Kind.PERCENTAGE, 20)
    lookout.report(6)
