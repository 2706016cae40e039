"""At the counter: quick, with a choice of benefits, with children along, and in practice."""

import io
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import qrcode
from playwright.sync_api import Page, Request, expect

from estran.actor import SYSTEM
from estran.venues import service as venues
from estran.venues.tables import Venue
from estran.venues.terms import Kind, Terms, Words

from .acts import answer, give_entry, go, hand_in, hear_news, next_scan, pair, queue_in, type_code, wait_ready
from .camera import blank, film
from .conftest import People
from .phone import PocketPhone
from .world import World, eventually

pytestmark = pytest.mark.journey
SCANS, WITHIN_S = 3, 15
EXERCISES = {
    "Tout va bien": ("admit", "welcome"),
    "Il faut une personne payante": ("ask", "companions_needed"),
    "Déjà passé aujourd’hui": ("ask", "already_here"),
    "Avantage déjà utilisé": ("refuse", "quota_used"),
    "Pas donné aujourd’hui": ("refuse", "not_now"),
    "Deux avantages au choix": ("admit", "welcome"),
    "Réservation nécessaire": ("ask", "booking_needed"),
    "Pass papier": ("ask", "paper_proof"),
    "Pass en pause": ("refuse", "suspended"),
    "Code trop ancien (photo d’écran)": ("refuse", "stale_proof"),
    "Un autre code (magasin, fidélité)": ("refuse", "not_a_pass"),
    "Sur la liste, avec une personne": ("admit", "welcome"),
    "Sur la liste d’un autre créneau": ("ask", "other_slot"),
    "Pas sur la liste": ("ask", "not_on_list"),
}
CLOSED = {"suspended", "stale_proof", "not_a_pass"}
"""Nothing is left to say."""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One installation for all: each story has its own venue and people."""
    made = World(tmp_path_factory.mktemp("counter"))
    made.start()
    yield made
    made.close()


@pytest.fixture
def museum(world: World) -> Venue:
    return world.add_venue("Musée de la Laisse de mer", companions=2)


def person(world: World, number: int) -> PocketPhone:
    return PocketPhone(world, world.add_ambassador("Camille", "Varech", f"camille{number}@example.org"))


def visits_at(world: World, venue: Venue) -> list[dict[str, Any]]:
    return [visit for visit in world.visits() if visit["venue_id"] == venue.id]


def picture(text: str) -> bytes:
    """The code as a phone shows it."""
    out = io.BytesIO()
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_L, border=4, box_size=8)
    code.add_data(text, optimize=20)
    code.make_image().save(out)
    return out.getvalue()


def test_three_visitors_within_fifteen_seconds(world: World, people: People, tmp_path: Path) -> None:
    venue = world.add_venue("Aquarium des Dunes")
    profile = people.profile("aquarium")
    page = profile.open().new_page()
    pair(page, world.pairing_address(venue))
    wait_ready(page)
    go(page, "Aide")
    films = [tmp_path / f"{number}.y4m" for number in range(SCANS)]
    for number, path in enumerate(films):
        film(path, picture(person(world, number).text()), seed=number, n_frames=4)
    began = time.monotonic()
    for path in films:
        path.replace(profile.film)  # the next visitor holds out a phone
        if path is films[0]:
            go(page, "Scanner")
        else:
            page.get_by_role("button", name="Pass suivant").click()
        answer(page, "admit", "welcome")
        give_entry(page)
    took = time.monotonic() - began
    blank(profile.film)
    hand_in(page)
    assert len(visits_at(world, venue)) == SCANS
    assert took < WITHIN_S, f"{took:.1f} s"


def test_another_benefit_is_one_tap_away_and_those_who_come_along_are_counted(
    world: World, people: People, museum: Venue
) -> None:
    coffee = Terms(kind=Kind.GIFT, gift=Words("un café offert", "a free coffee"), guests_max=2, children_under=12)
    given = world.do(lambda: venues.set_benefit(SYSTEM, museum.id, None, coffee, now=now()))
    page = people.page()
    pair(page, world.pairing_address(museum))
    wait_ready(page)

    type_code(page, person(world, 10).text())
    answer(page, "ask", "companions_needed")
    others = page.get_by_role("region", name="Autre avantage")
    expect(others.get_by_role("button")).to_have_count(1)
    others.get_by_role("button", name="Un café offert").click()
    answer(page, "admit", "welcome")
    expect(page.locator("[data-answer] .words")).to_contain_text("Un café offert")
    assert page.get_by_role("alert").count() == 1, "one announcement"

    guests = page.get_by_role("group", name="Personnes invitées")
    expect(guests.get_by_role("button")).to_have_count(3)  # none, one, two
    guests.get_by_role("button", name="1").click()
    page.get_by_role("group", name="Enfants de moins de 12 ans").get_by_role("button", name="2", exact=True).click()
    give_entry(page)
    expect(page.get_by_text("1 personne invitée · 2 enfants")).to_be_visible()
    next_scan(page)
    go(page, "Du jour")
    expect(page.get_by_text("1 personne invitée · 2 enfants")).to_be_visible()
    hand_in(page)
    (visit,) = eventually(lambda: visits_at(world, museum), "the visit reaches the server")
    told = {name: visit[name] for name in ("state", "benefit_id", "guests", "children", "companions")}
    assert told == {"state": "counted", "benefit_id": given.id, "guests": 1, "children": 2, "companions": 0}


def test_who_came_in_by_the_shop_is_known_at_the_till(world: World, people: People) -> None:
    venue = world.add_venue("Phare des Goélands")
    shop, till = people.page(), people.page()
    for page, label in ((shop, "Boutique"), (till, "Caisse")):
        pair(page, world.pairing_address(venue), label=label)
        wait_ready(page)
    camille = person(world, 30)

    type_code(shop, camille.text())
    answer(shop, "admit", "welcome")
    give_entry(shop)
    next_scan(shop)
    hand_in(shop)
    hear_news(till)
    go(till, "Scanner")
    type_code(till, camille.text(age_s=1))
    answer(till, "ask", "already_here")
    expect(till.locator("[data-answer] .words")).to_contain_text("(Boutique)")
    till.get_by_role("button", name="Laisser entrer quand même").click()
    till.get_by_role("button", name="Accord de la personne responsable").click()
    answer(till, "admit", "welcome")
    give_entry(till)
    next_scan(till)
    hand_in(till)
    again = eventually(
        lambda: [one for one in visits_at(world, venue) if one["why"]], "the second entry, with its reason"
    )
    assert [(one["state"], one["why"]) for one in again] == [("counted", "Accord de la personne responsable")]

    # and the shop hears of it in turn: the later one is said
    hear_news(shop)
    go(shop, "Scanner")
    type_code(shop, camille.text(age_s=0))
    answer(shop, "ask", "already_here")
    expect(shop.locator("[data-answer] .words")).to_contain_text("(Caisse)")
    shop.get_by_role("button", name="Même visite").click()
    expect(shop.get_by_text("Placez le code du pass dans le cadre.")).to_be_visible()
    assert len(visits_at(world, venue)) == 2


def test_practice_shows_every_answer_and_leaves_no_trace(world: World, people: People, museum: Venue) -> None:
    camille = person(world, 20)
    page = people.page()
    page.clock.install(time=now())
    pair(page, world.pairing_address(museum))
    wait_ready(page)
    sent: list[Request] = []
    page.on("request", lambda one: sent.append(one) if one.url.endswith("/api/v1/visits") else None)
    band = page.get_by_role("region", name="EXERCICE")

    training = f"{world.origin}/scan/#train=valid"
    enter(page, training)
    answer(page, "refuse", "not_a_pass")
    expect(page.get_by_text("C’est un code d’exercice").first).to_be_visible()
    next_scan(page)

    go(page, "Aide")
    page.get_by_role("button", name="S’entraîner").click()
    page.get_by_role("button", name="Commencer l’exercice").click()
    for case, (kind, reason) in EXERCISES.items():
        page.get_by_role("button", name=case).click()
        answer(page, kind, reason)
        expect(band).to_be_visible()
        if reason not in CLOSED:
            page.get_by_role("button", name=re.compile("^(Tarif normal|Ne pas faire entrer)$")).click()
        page.get_by_role("button", name="Pass suivant").click()
    page.get_by_role("button", name="Scanner un code d’exercice").click()
    expect(band).to_be_visible()
    enter(page, training)
    answer(page, "admit", "welcome")
    expect(page.get_by_text("Camille V., exercice").first).to_be_visible()
    give_entry(page)
    expect(band).to_be_visible()
    next_scan(page)

    type_code(page, camille.text())  # a real pass
    page.get_by_role("button", name="2", exact=True).click()
    answer(page, "admit", "welcome")
    expect(band).to_contain_text("même d’un vrai pass")
    give_entry(page)
    expect(page.locator("[data-count]")).to_have_attribute("data-count", "0")
    next_scan(page)
    page.clock.run_for(timedelta(minutes=16).seconds * 1000)
    expect(band).to_be_hidden()

    go(page, "Du jour")
    expect(page.get_by_text("Personne n’est encore venu aujourd’hui.")).to_be_visible()
    assert (queue_in(page), page.evaluate(LOGGED), sent) == ([], 0, [])
    hand_in(page)
    assert visits_at(world, museum) == []


LOGGED = """() => new Promise((tell, fail) => {
  const opening = indexedDB.open('estran-scan')
  opening.onerror = () => fail(opening.error)
  opening.onsuccess = () => {
    const asked = opening.result.transaction('log').objectStore('log').count()
    asked.onsuccess = () => { opening.result.close(); tell(asked.result) }
  }
})"""
"""How many lines the scanner's book has."""


def enter(page: Page, text: str) -> None:
    type_code(page, text)
    page.keyboard.press("Enter")
