"""Every page of the desk, of the door and of the demonstration, in a full club and in an empty one."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from estran.actor import SYSTEM
from estran.club import candidates, manifesto, renewals
from estran.club import service as club
from estran.demo import data
from estran.events import planning, replies, watch
from estran.events import service as events
from estran.events.tables import Slot
from estran.inbox import service as inbox
from estran.venues import service as venues
from estran.visits.tables import Visit
from tests.test_docs import all_inbox_kinds

from .conftest import People
from .screens import CALM, DemoWorld, Lookout, link_for
from .world import World

pytestmark = pytest.mark.journey
EMPTY_ALL = """() => {
  for (const one of document.querySelectorAll('form.card input:not([type=radio]), form.card textarea')) one.value = '';
  for (const one of document.querySelectorAll('form.card input[type=radio]')) one.checked = false;
  document.querySelector('form.card button[type=submit]').click();
}"""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[DemoWorld]:
    made = DemoWorld(tmp_path)
    made.start()
    yield made
    made.close()


class Walk:
    """A person who goes from page to page and looks at each."""

    def __init__(self, page: Page, world: World, lookout: Lookout) -> None:
        self.page, self.world, self.lookout = page, world, lookout

    def see(self, path: str, name: str, status: int = 200) -> None:
        """Open a page of this installation."""
        answer = self.page.goto(self.world.origin + path)
        assert answer is not None
        assert answer.status == status, path
        self.lookout.look(self.page, name)

    def see_form(self, path: str, name: str) -> None:
        """A form as it is opened, and after it was sent with nothing in it."""
        self.see(path, name)
        self.page.evaluate(EMPTY_ALL)
        expect(self.page.locator("#faults")).to_be_focused()
        self.lookout.look(self.page, f"{name} faulty")

    def press(self, words: str, name: str) -> None:
        """Send the page's form, and look at what it says."""
        self.page.get_by_role("main").get_by_role("button", name=words).first.click()
        self.page.wait_for_load_state()
        self.lookout.look(self.page, name)


def test_the_desk(demo: DemoWorld, people: People) -> None:
    lookout = Lookout()
    walk = Walk(people.page(CALM), demo, lookout)
    walk_the_doors(walk)
    walk_the_people(walk)
    walk_the_registry(walk)
    walk_the_rights(walk)
    walk_the_venues(walk)
    walk_the_inbox(walk)
    walk_the_manager(walk)
    lookout.report(148)


def walk_the_doors(walk: Walk) -> None:
    page = walk.page
    walk.see("/demo/", "demo doors")
    walk.see("/demo/mailbox/", "mailbox with a letter that came back")
    walk.see("/", "public")
    walk.see("/nowhere", "not found", 404)
    walk.see("/sign-in/nothing", "link gone", 410)
    walk.see("/desk/sign-in", "desk sign-in")
    walk.press("Recevoir", "desk sign-in faulty")
    page.get_by_label("Adresse e-mail").fill(data.OFFICER[1])
    walk.press("Recevoir", "desk code")
    page.get_by_label("Code").fill("000000")
    walk.press("Entrer", "desk code faulty")
    walk.see("/desk/sign-in/code?letter=withheld", "desk code withheld")
    page.get_by_label("Code").fill("000000")
    walk.press("Entrer", "desk code withheld faulty")
    walk.see("/demo/mailbox/", "mailbox")
    page.get_by_role("main").get_by_role("link").first.click()
    page.wait_for_load_state()
    walk.lookout.look(page, "letter")
    walk.see("/demo/desk", "demo desk link")
    page.get_by_role("button", name="Continuer ici").click()
    expect(page.get_by_role("heading", name="Tableau de bord")).to_be_visible()
    walk.lookout.look(page, "dashboard")
    for summary in page.locator("summary").all():
        summary.click()
    walk.lookout.look(page, "dashboard with numbers")
    page.locator("a[href*='/days/']").first.click()
    page.wait_for_load_state()
    walk.lookout.look(page, "day")


def walk_the_people(walk: Walk) -> None:
    everybody = {person.first_name: person for person in walk.world.do(club.ambassadors)}

    def base(first_name: str) -> str:
        return f"/desk/people/{everybody[first_name].id}"

    walk.see("/desk/people", "people")
    walk.see("/desk/people?q=zzz", "people none")
    walk.see_form("/desk/people/new", "person new")
    walk.see(base("Camille"), "person without pass")
    walk.see(base(data.LOST), "person revoked")
    walk.see(base(data.PAUSED), "person paused")
    walk.see(base("Noé"), "person not begun")
    anselme = base("Anselme")
    walk.see(anselme, "person")
    walk.see_form(f"{anselme}/edit", "person edit")
    walk.see_form(f"{anselme}/mandates/new", "mandate new")
    (mandate, *_) = walk.world.do(lambda: club.mandates_of(everybody["Anselme"].id))
    walk.see_form(f"{anselme}/mandates/{mandate.id}", "mandate edit")
    walk.see_form(f"{anselme}/pause", "person pause")
    walk.see_form(f"{anselme}/revoke", "person revoke")
    walk.see(f"{anselme}/visits", "visits door")
    walk.press("Voir les entrées", "visits")
    walk.page.get_by_role("link", name="Ouvrir").last.click()
    walk.page.wait_for_load_state()
    walk.lookout.look(walk.page, "visit")
    walk.see_form(f"{urlsplit(walk.page.url).path}/correct", "visit correct")
    camille = base("Camille")
    walk.see(f"{camille}/code", "person code")
    walk.press("Afficher un code", "person code shown")
    walk.page.goto(walk.world.origin + camille)
    walk.press("Envoyer l’invitation", "person invited")


def walk_the_registry(walk: Walk) -> None:
    now = datetime.now(UTC)
    perrine = next(one for one in data.PEOPLE if one.first_name == "Perrine")
    walk.see("/desk/inbox", "inbox with a candidate")
    walk.see_form("/desk/candidates/new", "candidate new")
    walk.see("/desk/candidates", "candidates")
    waiting = walk.world.do(candidates.candidates)
    candidate = next(row for row in waiting if row.source == "form")
    one = f"/desk/candidates/{candidate.id}"
    walk.see(one, "candidate")
    walk.press("J’ai répondu", "candidate contacted")
    walk.see_form(f"{one}/decline", "candidate decline")
    walk.see_form(f"{one}/admit", "candidate admit")

    async def decline_all() -> None:
        for one in waiting:
            await candidates.decline(SYSTEM, one.id, "Démonstration", now=now)

    walk.world.do(decline_all)
    walk.see("/desk/candidates", "candidates none")
    person = next(one for one in walk.world.do(club.ambassadors) if one.first_name == perrine.first_name)
    walk.world.do(lambda: renewals.wish(SYSTEM, person.id, "yes", now=now))
    walk.see("/desk/", "dashboard with a renewal")
    walk.see("/desk/renewals", "renewals")
    for box in walk.page.get_by_role("checkbox").all():
        box.uncheck()
    walk.press("Renouveler les personnes cochées", "renewals nobody ticked")
    walk.page.goto(f"{walk.world.origin}/desk/renewals")
    walk.press("Renouveler pour", "renewals done")
    certificate = f"/desk/people/{person.id}/certificate"
    walk.see_form(certificate, "certificate")
    walk.page.goto(walk.world.origin + certificate)
    walk.press("Enregistrer", "person certified")
    walk.see(certificate, "certificate change")
    walk.see_form("/desk/people/invite", "people invite")
    walk.page.get_by_label("Liste à inviter").fill(
        "Marin Cormoran;marin@example.org\nPerrine Embrun <perrine>\nMARIN <marin@example.org>\n"
    )
    walk.page.get_by_label("Premier jour").fill("2026-01-01")
    walk.page.get_by_label("Dernier jour").fill("2027-12-31")
    walk.press("Vérifier", "people invite looked at")
    walk.see("/desk/people/years", "years")
    walk.see_form("/desk/people/import", "import")
    walk.page.get_by_label("Ou le texte, collé").fill(
        "prénom;nom;e-mail;début;fin\n"
        "Marin;Cormoran;marin@example.org;2026-01-01;31/12/2027\n"
        f"Perrine;Embrun;{data.email_of(perrine.first_name, perrine.last_name)};2026-01-01;2027-12-31\n"
        "Rosalie;;rosalie;demain;2026-12-31\n"
    )
    walk.press("Vérifier", "import looked at")


def walk_the_rights(walk: Walk) -> None:
    """The manifesto, what people may ask by right, and handing over."""
    page = walk.page
    walk.see("/desk/manifesto", "manifesto")
    walk.see_form("/desk/manifesto/draft", "manifesto draft")
    walk.see("/desk/manifesto/draft/publish", "manifesto publish")
    walk.see("/desk/manifesto/draft/drop", "manifesto drop")
    current = walk.world.do(manifesto.current)
    assert current is not None
    walk.see(f"/desk/manifesto/versions/{current.id}", "manifesto version")
    page.goto(walk.world.origin + "/desk/inbox")
    asked = page.get_by_role("link", name="Lire et répondre").get_attribute("href")
    assert asked is not None
    walk.see_form(asked, "request")
    page.get_by_label("Votre réponse").fill("C’est corrigé.")
    page.get_by_role("main").get_by_role("button", name="Répondre").click()
    walk.see(asked, "request answered")
    odile = next(person for person in walk.world.do(club.ambassadors) if person.first_name == "Odile")
    walk.see_form(f"/desk/people/{odile.id}/erase", "person erase")
    walk.see("/desk/retention", "retention")
    walk.see("/desk/handover", "handover")
    walk.see_form("/desk/officers", "officers")
    page.get_by_label("Adresse e-mail").fill("suppleante@example.org")
    walk.press("Ouvrir l’accès", "officers two")
    page.get_by_role("link", name="Retirer l’accès").first.click()
    page.wait_for_load_state()
    walk.see_form(urlsplit(page.url).path, "officer remove")


def walk_the_venues(walk: Walk) -> None:
    places = {venue.name: venue.id for venue in walk.world.do(venues.venues)}
    ids = [places[place.name] for place in data.PLACES]
    first, second, last, resting = (f"/desk/venues/{ids[index]}" for index in (0, 1, 6, 7))
    walk.see("/desk/venues", "venues")
    walk.see(first, "venue")
    walk.see(second, "venue with a scanner that waits")
    walk.see(resting, "venue paused")
    walk.see_form("/desk/venues/new", "venue new")
    walk.see(f"{first}/sheet", "venue sheet")
    walk.see(f"{first}/training-sheet", "venue training sheet")
    printed = walk.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, "one page by the till"
    walk.see_form(f"{first}/edit", "venue edit")
    walk.see_form(f"{first}/pause", "venue pause")
    walk.see_form(f"{first}/archive", "venue archive")
    (benefit, *_) = walk.world.do(lambda: venues.benefits_of(ids[0]))
    for path, name in (("new", "benefit new"), (benefit.id, "benefit edit")):
        walk.see(f"{first}/benefits/{path}", name)
        walk.page.evaluate("() => document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        walk.page.get_by_label("Un cadeau").check()  # and says nothing of what is handed over
        walk.press("Enregistrer l’avantage", f"{name} faulty")
    walk.see(f"{first}/benefits/{benefit.id}/copy", "benefit copy")
    walk.see_form(f"{first}/closures", "closures")
    walk.see("/desk/circles", "circles")
    walk.see_form("/desk/circles/new", "circle new")
    walk.see(f"{first}/benefits/{benefit.id}/end", "benefit end")
    walk.see_form(f"{first}/managers", "manager")
    walk.see(first, "venue with a manager")
    removal = walk.page.get_by_role("link", name="Retirer l’accès").get_attribute("href")
    assert removal is not None
    walk.see_form(removal, "manager remove")
    walk.see("/desk/scanners", "scanners")
    walk.see_form(f"{first}/pairing", "pairing")
    walk.page.goto(f"{walk.world.origin}{first}/pairing")
    walk.press("Créer le code", "pairing code")
    walk.page.goto(f"{walk.world.origin}{first}/pairing")
    walk.page.get_by_label("Une affiche").check()
    walk.press("Créer le code", "pairing poster")
    walk.see(first, "venue with a poster")
    (device, *_) = walk.world.do(lambda: venues.devices_of(ids[0]))
    walk.see_form(f"/desk/devices/{device.id}/cut", "scanner cut")
    walk.world.do(lambda: venues.archive_venue(SYSTEM, ids[6], "fini", now=datetime.now(UTC)))
    walk.see(last, "venue archived")
    walk.page.goto(f"{walk.world.origin}/desk/venues")
    walk.page.get_by_text("1 lieu archivé").click()
    walk.lookout.look(walk.page, "venues with an archived one")
    walk.page.get_by_role("link", name=data.PLACES[6].name).click()
    walk.press("Ramener dans le club", "venue brought back")


async def drop_one_of_each() -> None:
    """A line of every kind, about the last visit and its scanner."""
    now = datetime.now(UTC)
    visit = await Visit.objects().where(Visit.state == "counted").order_by(Visit.at, ascending=False).first()
    assert visit is not None
    for kind in all_inbox_kinds():
        await inbox.drop(
            kind,
            key=f"each:{kind}",
            now=now,
            subject_kind="device",
            subject_id=visit.device_id,
            venue_id=visit.venue_id,
            details={
                "visit": str(visit.id),
                "since": now.isoformat(),
                "made_on": "2026-06-15",
                "n": 3,
                "wish": "yes",
                "from": 4,
                "to": 6,
            },
        )


def walk_the_inbox(walk: Walk) -> None:
    walk.see("/desk/inbox", "inbox")
    walk.see("/desk/inbox/past", "inbox past empty")
    walk.see_form("/desk/inbox/queue-file", "queue file")
    walk.page.get_by_label("Fichier").set_input_files(
        {"name": "file.json", "mimeType": "application/json", "buffer": b"{}"}
    )
    walk.press("Charger", "queue file refused")
    walk.page.goto(f"{walk.world.origin}/desk/inbox")
    walk.page.get_by_role("link", name="Annuler l’entrée").first.click()
    walk.lookout.look(walk.page, "visit cancel")
    walk.page.goto(f"{walk.world.origin}/desk/inbox")
    walk.press("Accepter ce scanner", "inbox answered")
    walk.see("/desk/inbox/past", "inbox past")
    walk.world.do(drop_one_of_each)
    walk.see("/desk/inbox", "inbox of every kind")
    said = walk.page.get_by_role("listitem").get_by_role("heading", level=3).all_inner_texts()
    assert len(said) > len(all_inbox_kinds())
    assert set(said) & set(all_inbox_kinds()) == set()
    walk.press("La même entrée", "inbox same entry")
    walk.see("/desk/history", "history")
    walk.see("/desk/search?q=a", "search")
    walk.see("/desk/search?q=zzz", "search none")
    walk.see("/desk/visits", "all visits")
    walk.see_form("/desk/settings", "settings")
    walk.page.goto(f"{walk.world.origin}/desk/settings")
    walk.press("Enregistrer", "settings saved")


def last_month() -> str:
    return f"{datetime.now(UTC).replace(day=1) - timedelta(days=1):%Y-%m}"


def walk_the_manager(walk: Walk) -> None:
    walk.page.context.clear_cookies()
    walk.page.goto(link_for(walk.world, data.MANAGER[1], "desk"))
    walk.page.get_by_role("button", name="Continuer ici").click()
    expect(walk.page.get_by_role("heading", level=1)).to_have_text("Aujourd’hui")
    expect(walk.page.get_by_role("main")).to_contain_text(data.PLACES[0].name)
    walk.see(f"{urlsplit(walk.page.url).path}/month?month={last_month()}", "manager, a full month")
    walk.see("/desk/people", "forbidden", 403)


@pytest.mark.slow
def test_events(demo: DemoWorld, people: People) -> None:
    """An event from the form to the figures, and its pages at every stage."""
    lookout = Lookout()
    walk = Walk(people.page(CALM), demo, lookout)
    walk.page.goto(f"{demo.origin}/demo/desk")
    walk.page.get_by_role("button", name="Continuer ici").click()
    expect(walk.page.get_by_role("heading", name="Tableau de bord")).to_be_visible()
    walk_to_the_invitations(walk)
    walk_the_replies(walk)
    walk_the_presence(walk)
    lookout.report(24)


def event_id_of(walk: Walk) -> UUID:
    return UUID(urlsplit(walk.page.url).path.split("/")[3])


def fill_the_event(page: Page, title: str, days: int) -> None:
    page.get_by_label("Titre", exact=True).fill(title)
    for group in page.locator("details.part > summary").all():
        group.press("Enter")
    page.get_by_label("De quoi").fill("Une heure avec la gardienne, de la cave à la lanterne.")
    page.get_by_label("Lieu du club").select_option(label=data.PLACES[0].name)
    page.get_by_label("Accessibilité", exact=True).fill("138 marches, sans ascenseur. Un banc à chaque palier.")
    page.get_by_label("Jour", exact=True).fill(f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}")
    page.get_by_label("Début").fill("14:00")
    page.get_by_label("Fin", exact=True).fill("16:00")
    page.get_by_label("Places en tout").fill("3")
    page.get_by_label("Précision").fill("Marée basse à 15 h 10")
    page.get_by_label("Personnes que chacun peut amener").select_option("2")


def walk_to_the_invitations(walk: Walk) -> None:
    page = walk.page
    walk.see("/desk/events", "events")
    walk.see_form("/desk/events/new", "event new")
    walk.page.goto(f"{walk.world.origin}/desk/events/new")
    fill_the_event(page, "Le phare avant l’ouverture", 20)
    page.get_by_label("Des personnes choisies").check()
    walk.press("Ajouter un créneau", "event new with two times")
    page.get_by_label("Tous les ambassadeurs").check()
    walk.press("Continuer", "event send")
    walk.press("Envoyer", "event sent")


def walk_the_replies(walk: Walk) -> None:
    event_id, now = event_id_of(walk), datetime.now(UTC)
    base = f"/desk/events/{event_id}"
    asked = sorted(walk.world.do(lambda: events.invitees(event_id)), key=lambda one: one.ambassador_id)

    async def reply() -> None:
        [slot] = await events.slots_of(event_id)
        for at, (coming, guests) in enumerate([(True, 1), (True, 1), (True, 2), (False, 0)]):
            await replies.reply(
                SYSTEM,
                event_id,
                asked[at].ambassador_id,
                coming=coming,
                slot_id=slot.id if coming else None,
                guests=guests,
                now=now + timedelta(seconds=at),
            )

    walk.world.do(reply)
    walk.see(base, "event with replies")
    walk.see_form(f"{base}/people/{asked[4].ambassador_id}", "event reply")
    walk.see(f"{base}/edit", "event edit")
    walk.see_form(f"{base}/cancel", "event cancel")
    walk.see(f"{base}/door-list", "event door list")
    printed = walk.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, "one page at the door"
    walk.see("/desk/", "dashboard with an event")
    walk.page.goto(f"{walk.world.origin}{base}")
    walk.press("Clore les réponses", "event closed")


def walk_the_presence(walk: Walk) -> None:
    event_id, now = event_id_of(walk), datetime.now(UTC)
    base = f"/desk/events/{event_id}"

    async def hold() -> None:
        await Slot.update({Slot.starts_at: now - timedelta(hours=4), Slot.ends_at: now - timedelta(hours=2)}).where(
            Slot.event_id == event_id
        )
        await watch.events_watch(now=now)

    walk.world.do(hold)
    walk.see("/desk/inbox", "inbox with an event")
    walk.see(base, "event held")
    walk.see(f"{base}/came", "event came")
    walk.page.get_by_role("checkbox").first.check()
    walk.page.get_by_label("Votre mot").fill("Merci d’être venus malgré le vent.")
    walk.press("Enregistrer et terminer", "event summed")
    walk.see(f"{base}/came", "event came, again")
    walk.page.goto(f"{walk.world.origin}/desk/events/new")
    fill_the_event(walk.page, "Pêche à pied", 30)
    walk.page.get_by_role("button", name="Garder en brouillon").click()
    walk.page.wait_for_load_state()
    walk.lookout.look(walk.page, "event draft")
    draft = event_id_of(walk)
    walk.world.do(lambda: planning.open_event(SYSTEM, draft, now=now))
    walk.world.do(lambda: planning.cancel_event(SYSTEM, draft, "Avis de tempête", now=now))
    walk.see(f"/desk/events/{draft}", "event cancelled")
    walk.see("/desk/events", "events of every stage")
    walk.see("/desk/", "dashboard with figures of events")


def test_an_empty_desk(world: World, people: People) -> None:
    lookout = Lookout()
    walk = Walk(people.page(CALM), world, lookout)
    walk.see("/", "public of a new club")
    walk.page.goto(world.officer_link())
    walk.page.get_by_role("button", name="Continuer ici").click()
    expect(walk.page.get_by_role("heading", name="Tableau de bord")).to_be_visible()
    lookout.look(walk.page, "dashboard empty")
    walk.see("/desk/people", "people empty")
    walk.see("/desk/venues", "venues empty")
    walk.see("/desk/inbox", "inbox empty")
    walk.see("/desk/scanners", "scanners empty")
    walk.see("/desk/visits", "all visits empty")
    venue = world.add_venue("Musée de la Laisse de mer")
    walk.see(f"/desk/venues/{venue.id}", "venue without scanner")
    lookout.report(8)
