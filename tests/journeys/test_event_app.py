"""Events in the app: invited, replies without network or session, a waiting list, a cancellation, letters and calendar."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from estran.actor import SYSTEM
from estran.club.tables import Ambassador
from estran.events import planning, replies
from estran.events.planning import Draft, SlotDraft
from estran.passes import service as passes

from .acts import carry_pass, enter_code
from .conftest import People
from .screens import CALM, Lookout
from .test_keyboard import Keyboard
from .test_told import open_desk
from .world import World, eventually

pytestmark = [pytest.mark.journey, pytest.mark.slow]
CAMILLE = "camille.varech@example.org"
WALK, TALK = "Sortie à pied à marée basse", "Causerie sur les pêcheries"


@pytest.fixture
def lookout() -> Lookout:
    return Lookout()


def now() -> datetime:
    return datetime.now(UTC)


def in_days(days: float) -> datetime:
    return (now() + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)


@dataclass
class Office:
    """What the office does meanwhile."""

    world: World
    camille: Ambassador
    odile: Ambassador
    walk: UUID
    talk: UUID

    def reply_of(self, event_id: UUID, person: Ambassador) -> tuple[str, int]:
        row = self.world.do(partial(replies.invitee, event_id, person.id))
        return row.reply, row.guests

    def camille_says_elsewhere(self, event_id: UUID, *, coming: bool) -> None:
        self.world.do(partial(replies.reply, SYSTEM, event_id, self.camille.id, coming=coming, now=now()))

    def odile_says(self, event_id: UUID, *, coming: bool) -> None:
        self.world.do(partial(replies.reply, SYSTEM, event_id, self.odile.id, coming=coming, now=now()))


@pytest.fixture
def office(world: World) -> Office:
    camille = world.add_ambassador("Camille", "Varech", CAMILLE)
    odile = world.add_ambassador("Odile", "Praire", "odile.praire@example.org")
    observatory = world.add_venue("Observatoire du Marnage")

    async def invite(draft: Draft, *times: SlotDraft) -> UUID:
        event = await planning.add_event(SYSTEM, draft, times, now=now())
        await planning.open_event(SYSTEM, event.id, now=now())
        return event.id

    def slot(days: float, note: str = "", capacity: int | None = None) -> SlotDraft:
        return SlotDraft(
            starts_at=in_days(days), ends_at=in_days(days) + timedelta(hours=2), note=note, capacity=capacity
        )

    walk = Draft(
        title=WALK,
        title_en="Walk at low tide",
        about="Trois heures sur l’estran avec un guide.\nOn revient avant la mer.",
        about_en="Three hours on the foreshore with a guide.",
        place="Cale du port",
        venue_id=observatory.id,
        access="Le sol est inégal : la sortie ne convient pas à un fauteuil.",
        bring="Des bottes, un coupe-vent, de l’eau.",
        guests_max=2,
        reply_by=in_days(4),
    )
    talk = Draft(title=TALK, title_en="Talk on fish traps", place="Salle des Voiles", reply_by=in_days(6))
    times = [slot(10, "Basse mer à 11 h 12, coefficient 102", 12), slot(11, "Basse mer à 11 h 58", 4)]
    return Office(
        world,
        camille,
        odile,
        world.do(partial(invite, walk, *times)),
        world.do(partial(invite, talk, slot(20, capacity=1))),
    )


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title))


def events_of(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Navigation principale").get_by_role("link", name="Événements")


def look_again(page: Page) -> None:
    """Somebody comes back to the app: the office is asked at once."""
    page.reload()
    expect(page.get_by_role("heading", name="Événements", level=1)).to_be_visible()


def test_an_ambassador_replies_in_the_app(world: World, people: People, lookout: Lookout, office: Office) -> None:
    page = people.page(CALM)
    carry_pass(page, world, CAMILLE)
    page.evaluate("() => navigator.serviceWorker.ready")

    # Something waits: a number beside the icon, and its words.
    expect(events_of(page)).to_have_accessible_name(re.compile("2 invitations attendent votre réponse"))
    lookout.look(page, "pass with a mark")
    events_of(page).click()
    expect(page.get_by_role("heading", name="Votre réponse est attendue")).to_be_visible()
    expect(card(page, WALK).get_by_text("Réponse souhaitée avant le")).to_be_visible()
    expect(card(page, WALK).get_by_text("Encore 12 places.")).to_be_visible()
    expect(card(page, WALK).get_by_text("Observatoire du Marnage, Cale du port, Granville")).to_be_visible()
    lookout.look(page, "events asked")

    reply_without_network(page, people, lookout, office)
    wait_for_a_place(page, lookout, office)
    hear_of_the_cancellation(page, world, lookout, office)
    need_no_session(page, office)
    hear_of_a_later_word(page, lookout, office)
    choose_letters(page, world, lookout)
    sign_in_once_the_pass_is_no_more(page, world, lookout, office)
    lookout.report(11)


def reply_without_network(page: Page, people: People, lookout: Lookout, office: Office) -> None:
    page.context.set_offline(True)
    page.reload()
    walk = card(page, WALK)
    walk.get_by_role("button", name="Je viens", exact=True).click()
    expect(walk.get_by_text("Choisissez d’abord un créneau.")).to_be_visible()
    expect(walk.get_by_role("radio").first).to_be_focused()
    lookout.look(page, "events slot missing")
    walk.get_by_label(re.compile("coefficient 102")).check()
    walk.get_by_role("button", name="Un de plus").click()
    walk.get_by_role("button", name="Je viens", exact=True).click()
    expect(walk.get_by_text("Votre réponse : je viens, avec une personne.")).to_be_visible()
    expect(walk.get_by_text("sera envoyée dès qu’il y a du réseau")).to_be_visible()
    lookout.look(page, "events to send")
    # Another word takes its place; both survive that the app is closed.
    walk.get_by_role("button", name="Changer ma réponse").click()
    walk.get_by_role("button", name="Un de plus").click()
    lookout.look(page, "events changing")
    walk.get_by_role("button", name="Enregistrer").click()
    expect(walk.get_by_text("avec 2 personnes.")).to_be_visible()
    page.reload()
    expect(walk.get_by_text("sera envoyée dès qu’il y a du réseau")).to_be_visible()
    assert office.reply_of(office.walk, office.camille) == ("awaited", 0)

    page.context.set_offline(False)
    expect(walk.get_by_text("Vous venez, avec 2 personnes.")).to_be_visible()
    expect(walk.get_by_text("sera envoyée")).to_have_count(0)
    assert office.reply_of(office.walk, office.camille) == ("coming", 2)
    desk = open_desk(people, office.world)
    desk.goto(f"{office.world.origin}/desk/events/{office.walk}")
    expect(desk.get_by_text("1 ambassadeur vient")).to_be_visible()
    expect(desk.get_by_role("link", name="Camille Varech").first).to_be_visible()
    desk.close()


def wait_for_a_place(page: Page, lookout: Lookout, office: Office) -> None:
    """With the keyboard alone. It was still free when the list came: the office says kindly that it is not any more."""
    office.odile_says(office.talk, coming=True)
    keys = Keyboard(page)
    talk = card(page, TALK)
    expect(talk.get_by_text("Encore une place.")).to_be_visible()
    keys.press("Je viens")
    expect(talk.get_by_text("au rang 1")).to_be_visible()
    expect(talk.get_by_text("dans l’ordre des réponses")).to_be_visible()
    expect(talk.locator("[id^=said-]")).to_be_focused()
    lookout.look(page, "events waiting")
    office.odile_says(office.talk, coming=False)
    look_again(page)
    expect(card(page, TALK).get_by_text("Vous venez.")).to_be_visible()
    expect(events_of(page)).to_have_accessible_name("Événements")
    lookout.look(page, "events mine")


def hear_of_the_cancellation(page: Page, world: World, lookout: Lookout, office: Office) -> None:
    world.do(partial(planning.cancel_event, SYSTEM, office.walk, "Avis de tempête.", now=now()))
    look_again(page)
    expect(card(page, WALK).get_by_text("Cet événement est annulé. Avis de tempête.")).to_be_visible()
    expect(card(page, WALK).get_by_role("button")).to_have_count(0)
    lookout.look(page, "events cancelled")


def need_no_session(page: Page, office: Office) -> None:
    """The session is over: the pass itself says who asks and who replies."""
    page.context.clear_cookies()
    look_again(page)
    card(page, TALK).get_by_role("button", name="Je ne viens plus").click()
    expect(card(page, TALK).get_by_text("Vous ne venez pas.")).to_be_visible()
    expect(page.get_by_text("Connectez-vous")).to_have_count(0)
    eventually(lambda: office.reply_of(office.talk, office.camille) == ("declined", 0), "the reply arrives")


def hear_of_a_later_word(page: Page, lookout: Lookout, office: Office) -> None:
    """A yes that waits on the phone, and a no by telephone meanwhile: the no stands, and she is asked again."""
    talk = card(page, TALK)
    page.context.set_offline(True)
    talk.get_by_role("button", name="Je viens", exact=True).click()
    expect(talk.get_by_text("Votre réponse : je viens.")).to_be_visible()
    office.camille_says_elsewhere(office.talk, coming=False)
    page.context.set_offline(False)
    expect(talk.get_by_text("Vous avez répondu autrement le")).to_be_visible()
    expect(talk.get_by_text("Vous ne venez pas.")).to_be_visible()
    assert office.reply_of(office.talk, office.camille) == ("declined", 0)
    lookout.look(page, "events replied since")
    talk.get_by_role("button", name="Je viens", exact=True).click()
    expect(talk.get_by_text("Vous venez.")).to_be_visible()
    expect(talk.get_by_text("Vous avez répondu autrement")).to_have_count(0)


def sign_in_once_the_pass_is_no_more(page: Page, world: World, lookout: Lookout, office: Office) -> None:
    """A pass that was revoked speaks for nobody: the list stays, and what is said waits for signing in."""
    world.do(partial(passes.revoke, SYSTEM, office.camille.id, "téléphone perdu", now=now()))
    page.goto(f"{world.origin}/pass/#/events")
    look_again(page)
    expect(page.get_by_text("Connectez-vous pour voir vos nouvelles invitations")).to_be_visible()
    card(page, TALK).get_by_role("button", name="Je ne viens plus").click()
    expect(card(page, TALK).get_by_text("dès que vous serez connecté")).to_be_visible()
    lookout.look(page, "events signed out")
    page.get_by_role("button", name="Me connecter").click()
    enter_code(page, world, CAMILLE)
    expect(card(page, TALK).get_by_text("Vous ne venez pas.")).to_be_visible()
    eventually(lambda: office.reply_of(office.talk, office.camille) == ("declined", 0), "the reply arrives")


def choose_letters(page: Page, world: World, lookout: Lookout) -> None:
    page.get_by_role("link", name="E-mails et agenda").click()
    enter_code(page, world, CAMILLE)
    page.get_by_label("Les rappels").uncheck()
    expect(page.get_by_text("C’est noté.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Les rappels")).not_to_be_checked()
    expect(page.get_by_label("Les invitations")).to_be_checked()
    page.get_by_role("button", name="Ajouter à mon agenda").click()
    address = page.get_by_label("Adresse de votre agenda").input_value()
    expect(page.get_by_role("link", name="Ouvrir dans mon agenda")).to_have_attribute(
        "href", address.replace("http:", "webcal:")
    )
    assert page.request.get(address).ok
    lookout.look(page, "letters and calendar")
    page.get_by_role("button", name="Arrêter").click()
    page.get_by_role("button", name="Oui, arrêter").click()
    expect(page.get_by_text("C’est arrêté")).to_be_visible()
    assert page.request.get(address).status == 404
    page.goto(f"{world.origin}/pass/#/account")
    expect(page.get_by_role("link", name="Événements : e-mails et agenda")).to_be_visible()
