"""An officer's year: somebody asks to join, is welcomed, is asked whether to go on, and goes on."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from estran.club import candidates, renewals
from estran.club import service as club
from estran.mail.letters import Letterhead

from .acts import carry_pass
from .conftest import DESKTOP, People
from .test_story import open_desk
from .world import World

pytestmark = pytest.mark.journey
LISON = "lison.goemon@example.org"


def ask_to_join(world: World) -> None:
    """What the public form does."""
    world.do(
        lambda: candidates.apply(
            first_name="Lison", last_name="Goémon", email=LISON, message="J’aime la baie.", now=datetime.now(UTC)
        )
    )


def fill_day(page: Page, label: str, day: datetime) -> None:
    page.get_by_label(label).fill(day.date().isoformat())


def test_from_the_candidate_to_the_next_mandate(world: World, people: People) -> None:
    today = datetime.now(UTC)
    officer = people.page(DESKTOP)
    open_desk(officer, world)
    ask_to_join(world)

    # a line in the inbox leads to the candidate, without a name on the way
    officer.goto(f"{world.origin}/desk/inbox")
    expect(officer.get_by_role("heading", name="Une personne aimerait devenir ambassadrice")).to_be_visible()
    expect(officer.get_by_text("Goémon")).to_have_count(0)
    officer.get_by_role("link", name="Lire et répondre").click()
    expect(officer.get_by_text("J’aime la baie.")).to_be_visible()
    officer.get_by_role("button", name="J’ai répondu").click()
    expect(officer.get_by_role("status")).to_contain_text("la personne a reçu une réponse")

    # welcomed in one step; the last day is near, so that the end of the mandate is
    officer.get_by_role("link", name="Accueillir dans le club").click()
    expect(officer.get_by_label("Adresse e-mail")).to_have_value(LISON)
    fill_day(officer, "Premier jour", today - timedelta(days=300))
    fill_day(officer, "Dernier jour", today + timedelta(days=25))
    officer.get_by_role("button", name="Accueillir dans le club").click()
    expect(officer.get_by_role("heading", level=1)).to_have_text("Lison Goémon")
    expect(officer.get_by_text("Nouveau", exact=True)).to_be_visible()

    # the pass on her phone: no longer new
    phone = people.page()
    carry_pass(phone, world, LISON)
    officer.reload()
    expect(officer.get_by_text("Actif", exact=True)).to_be_visible()

    # the e-mail of 30 days before, and her answer
    head = Letterhead(club="Club des ambassadeurs", origin=world.origin, demo=False)
    assert world.do(lambda: renewals.remind(head, now=today)) == 1
    before = len(world.letterbox.to(LISON))
    world.stop()
    world.start()  # it looks into its outbox
    letter = world.letter_to(LISON, after=before)
    assert "Votre mandat se termine le" in str(letter["Subject"])
    answer = phone.evaluate(
        """() => fetch('/api/v1/me/renewal', {
          method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({wish: 'yes'}),
        }).then((reply) => reply.status)"""
    )
    assert answer == 204

    # the officer is told, and renews with one click
    officer.goto(f"{world.origin}/desk/inbox")
    expect(officer.get_by_role("heading", name="une personne souhaite continuer")).to_be_visible()
    officer.get_by_role("link", name="Renouvellements").click()
    row = officer.get_by_role("row", name=re.compile("Goémon Lison"))
    expect(row).to_contain_text("Souhaite continuer")
    row.get_by_role("button", name=re.compile("Renouveler pour 12 mois")).click()
    expect(officer.get_by_role("status")).to_contain_text("Le mandat suivant est enregistré.")
    expect(officer.get_by_text("Aucun mandat ne se termine bientôt.")).to_be_visible()
    officer.goto(f"{world.origin}/desk/inbox")
    expect(officer.get_by_text("Rien n’attend.")).to_be_visible()

    [person] = world.do(club.ambassadors)
    first, second = world.do(lambda: club.mandates_of(person.id))
    assert second.begins_on == first.ends_on + timedelta(days=1)
