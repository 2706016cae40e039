"""The door of an event: two scanners without network, a list, people who are on none, and the places counted once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from estran.actor import SYSTEM
from estran.events import planning, replies
from estran.events import service as events
from estran.events.planning import Draft, SlotDraft
from estran.events.tables import Slot
from estran.venues.tables import Venue
from estran.visits import arrivals

from .acts import answer, go, hand_in, hear_news, next_scan, pair, queue_in, type_code, wait_ready
from .conftest import People
from .phone import PocketPhone
from .screens import CALM, Lookout
from .test_keyboard import Keyboard
from .world import World

pytestmark = pytest.mark.journey
TITLE = "Vernissage des laisses de mer"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Evening:
    """An event that begins in an hour at a venue with several scanners. Few places: five, of which four are promised."""

    world: World
    venue: Venue
    walk_ins: bool = True
    is_twice: bool = False
    """Tomorrow again: Lison comes then."""
    phones: dict[str, PocketPhone] = field(default_factory=dict)
    event_id: UUID | None = None

    def __post_init__(self) -> None:
        for first, last in (("Camille", "Varech"), ("Odile", "Praire"), ("Gaspard", "Étoc"), ("Lison", "Goémon")):
            self._add(first, last)
        self.world.do(self._invite)
        for first, last in (("Basile", "Cormoran"), ("Maëlle", "Oyat")):  # joined since: on no list
            self._add(first, last)

    def _add(self, first: str, last: str) -> None:
        person = self.world.add_ambassador(first, last, f"{len(self.phones)}.{self.venue.id}@example.org")
        self.phones[first] = PocketPhone(self.world, person)

    async def _invite(self) -> None:
        begins = now() + timedelta(hours=1)
        draft = Draft(
            title=TITLE,
            title_en="Opening: what the sea leaves",
            venue_id=self.venue.id,
            guests_max=2,
            walk_ins=self.walk_ins,
            reply_by=now() + timedelta(minutes=40),
        )
        times = [
            SlotDraft(starts_at=at, ends_at=at + timedelta(hours=2), note="Pleine mer à 20 h 41", capacity=5)
            for at in (begins, begins + timedelta(days=1))[: 2 if self.is_twice else 1]
        ]
        event = await planning.add_event(SYSTEM, draft, times, now=now())
        self.event_id = event.id
        await planning.open_event(SYSTEM, event.id, now=now())
        today, *tomorrow = await events.slots_of(event.id)
        coming = [
            ("Camille", 2, today),
            ("Odile", 0, today),
            ("Gaspard", 1, today),
        ]  # the last one waits: one place is left
        for name, guests, slot in coming + [("Lison", 0, slot) for slot in tomorrow]:
            person = self.phones[name].holder.id
            await replies.reply(SYSTEM, event.id, person, coming=True, slot_id=slot.id, guests=guests, now=now())

    @property
    def slot(self) -> Slot:
        assert self.event_id is not None
        today, *_ = self.world.do(partial(events.slots_of, self.event_id))
        return today

    def arrived(self) -> dict[str, int]:
        """Who is in as the server has it, with how many guests."""
        found = self.world.do(lambda: arrivals.arrivals([self.slot.id]))[self.slot.id]
        return {name: found[one.holder.id].guests for name, one in self.phones.items() if one.holder.id in found}

    def show(self, page: Page, name: str, *, age_s: float = 2) -> None:
        type_code(page, self.phones[name].text(age_s=age_s))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One installation for both stories: each has its own venue and people."""
    made = World(tmp_path_factory.mktemp("door"))
    made.start()
    yield made
    made.close()


@pytest.fixture
def museum(world: World) -> Venue:
    return world.add_venue("Musée de la Laisse de mer")


def open_door(people: People, world: World, venue: Venue, label: str, **options: Any) -> Page:
    """A scanner that knows its list."""
    page = people.page(CALM, **options)
    pair(page, world.pairing_address(venue), label=label)
    wait_ready(page)
    expect(chosen(page)).to_contain_text(TITLE)
    return page


def chosen(page: Page) -> Any:
    """The door at which this scanner is, as its scan screen says."""
    return page.get_by_role("group", name="Ce que ce scanner accueille").locator("[aria-pressed=true]")


def let_in(page: Page, tally: str) -> None:
    page.get_by_role("button", name="Faire entrer", exact=True).click()
    expect(page.get_by_role("heading", name="Arrivée enregistrée")).to_be_visible()
    expect(page.locator("[data-door]")).to_contain_text(tally)


def overrule(page: Page) -> None:
    page.get_by_role("button", name="Laisser entrer quand même").click()
    page.get_by_role("button", name="Accord de la personne responsable").click()
    answer(page, "admit", "welcome")


def said(page: Page) -> Any:
    return page.locator("[data-answer] .words")


def test_two_doors_without_network_agree_once_it_is_back(world: World, people: People, museum: Venue) -> None:
    evening = Evening(world, museum)
    front, garden = (open_door(people, world, museum, label) for label in ("Accueil", "Jardin"))
    for page in (front, garden):
        expect(chosen(page)).to_contain_text("0 arrivé · 1 place libre")
        expect(chosen(page)).to_contain_text("Pleine mer à 20 h 41")
        page.context.set_offline(True)

    come_in_by_both(evening, front, garden)
    come_when_it_is_full(evening, front)
    change_their_mind(evening, garden)
    visit_as_usual(evening, garden)
    expect(garden.locator("[data-count]")).to_have_attribute("data-count", "1")
    expect(front.locator("[data-count]")).to_have_attribute("data-count", "0")

    assert evening.arrived() == {}
    slots = [item.get("slotId") for item in queue_in(garden) if item["kind"] == "visit"]
    assert slots == [str(evening.slot.id)] * 3 + [None]
    for page in (front, garden):
        page.context.set_offline(False)
        hand_in(page)
    for page in (front, garden):
        hear_news(page)
        go(page, "Scanner")
        expect(chosen(page)).to_contain_text("7 arrivés · plus de place libre")
    assert evening.arrived() == {"Camille": 2, "Odile": 0, "Gaspard": 0, "Basile": 0, "Maëlle": 0}
    states = sorted(visit["state"] for visit in world.visits() if visit["slot_id"] == evening.slot.id)
    assert states == ["cancelled"] + ["counted"] * 6 + ["refused"]

    evening.show(garden, "Odile", age_s=5)  # each door knows who came by the other
    answer(garden, "ask", "already_here")
    expect(said(garden)).to_contain_text("(Accueil)")
    garden.get_by_role("button", name="Même arrivée").click()
    go(garden, "Du jour")
    expect(garden.get_by_role("heading", level=2)).to_have_text([re.compile(TITLE), "Entrées"])
    expect(garden.get_by_text("7 arrivés · plus de place libre")).to_be_visible()
    expect(garden.get_by_text("1 entrée aujourd’hui.")).to_be_visible()


def test_a_door_when_somebody_comes_at_another_time_and_when_a_second_one_opens(
    world: World, people: People, museum: Venue
) -> None:
    evening = Evening(world, museum, walk_ins=False, is_twice=True)
    page = open_door(people, world, museum, "Accueil")
    assert cut_off(page) == []
    evening.show(page, "Lison")
    answer(page, "ask", "other_slot")
    expect(said(page)).to_have_text(OTHER_TIME)
    page.get_by_role("button", name="Faire entrer : erreur de créneau").click()
    expect(page.get_by_role("heading", name="Arrivée enregistrée")).to_be_visible()
    expect(page.locator("[data-door]")).to_contain_text("1 arrivé · plus de place libre")
    next_scan(page)
    hand_in(page)
    assert [(one["state"], one["why"]) for one in world.visits() if one["slot_id"] == evening.slot.id] == [
        ("counted", "Erreur de créneau")
    ]

    world.do(partial(begin_talk, museum))
    hear_news(page)
    go(page, "Scanner")
    choice = page.get_by_role("status").filter(has_text="Plusieurs accueils sont ouverts : touchez le vôtre.")
    expect(choice).to_be_visible()
    expect(chosen(page)).to_contain_text(TITLE)
    assert cut_off(page) == []
    page.get_by_role("button", name="Accueil : Causerie").click()
    expect(chosen(page)).to_contain_text("Causerie")
    expect(choice).to_have_count(0)


OTHER_TIME = re.compile(r"^Sur la liste d’un autre créneau\s: le \S+ \S+ \S+ à \d+\sh(\s\d\d)?\.$")
CUT_OFF = """() => {
  const picture = document.querySelector('video').getBoundingClientRect();
  const bar = document.querySelector('nav').getBoundingClientRect();
  return picture.top >= 0 && picture.bottom <= bar.top ? [] : [`${innerHeight}: ${picture.bottom} of ${bar.top}`];
}"""


def cut_off(page: Page) -> list[str]:
    """Phones on which the camera's picture is not whole in sight."""
    found: list[str] = []
    for height in (640, 740):
        page.set_viewport_size({"width": 360, "height": height})
        found += page.evaluate(CUT_OFF)
    return found


async def begin_talk(venue: Venue) -> None:
    """Another event of the same evening."""
    begins = now() + timedelta(minutes=90)
    draft = Draft(title="Causerie au coin du feu", venue_id=venue.id, reply_by=begins)
    time = SlotDraft(starts_at=begins, ends_at=begins + timedelta(hours=1))
    event = await planning.add_event(SYSTEM, draft, [time], now=now())
    await planning.open_event(SYSTEM, event.id, now=now())


def come_in_by_both(evening: Evening, front: Page, garden: Page) -> None:
    """The same pass at two doors that cannot know of each other, and one on no list at each, for one free place."""
    evening.show(front, "Camille")
    answer(front, "admit", "welcome")
    expect(said(front)).to_have_text("Sur la liste, avec 2 personnes.")
    guests = front.get_by_role("group", name="Personnes qui l’accompagnent")
    expect(guests.locator("[aria-pressed=true]")).to_have_text("2")
    let_in(front, "3 arrivés · 1 place libre")
    next_scan(front)

    evening.show(garden, "Camille", age_s=17)
    answer(garden, "admit", "welcome")
    garden.get_by_role("button", name="1", exact=True).click()
    let_in(garden, "2 arrivés · 2 places libres")
    next_scan(garden)

    evening.show(garden, "Basile")
    expect(said(garden)).to_have_text("Pas sur la liste, mais il reste de la place.")
    let_in(garden, "3 arrivés · 1 place libre")
    next_scan(garden)
    evening.show(front, "Maëlle")
    answer(front, "admit", "welcome")
    let_in(front, "4 arrivés · plus de place libre")
    next_scan(front)


def come_when_it_is_full(evening: Evening, page: Page) -> None:
    """From the waiting list, from the list, from none; and who is here already."""
    evening.show(page, "Gaspard")
    answer(page, "ask", "not_on_list")
    expect(said(page)).to_have_text("Sur la liste d’attente.")
    overrule(page)
    let_in(page, "5 arrivés · plus de place libre")
    next_scan(page)
    evening.show(page, "Odile")
    answer(page, "ask", "event_full")
    expect(said(page)).to_have_text("Complet : avec ce groupe, 6 personnes, pour 5 au plus.")
    overrule(page)
    let_in(page, "6 arrivés · plus de place libre")
    next_scan(page)
    evening.show(page, "Lison")
    answer(page, "ask", "not_on_list")
    page.get_by_role("button", name="Ne pas faire entrer").click()
    expect(page.get_by_role("heading", name="Pas d’entrée : c’est noté")).to_be_visible()
    next_scan(page)
    evening.show(page, "Camille", age_s=1)
    answer(page, "ask", "already_here")
    expect(said(page)).to_contain_text(re.compile(r"Arrivée déjà notée à .* \(Accueil\)"))
    page.get_by_role("button", name="Même arrivée").click()


def change_their_mind(evening: Evening, page: Page) -> None:
    """In by the wrong door, and out again."""
    evening.show(page, "Odile")
    let_in(page, "4 arrivés · 1 place libre")
    page.get_by_role("button", name="Annuler cette arrivée").click()
    expect(page.get_by_role("heading", name="Arrivée annulée.")).to_be_visible()
    expect(page.locator("[data-door]")).to_contain_text("3 arrivés · 1 place libre")
    next_scan(page)


def visit_as_usual(evening: Evening, page: Page) -> None:
    """An entry knows nothing of the evening, nor the evening of it; then back to the door."""
    page.get_by_role("button", name="Entrées habituelles").click()
    expect(chosen(page)).to_have_text("Entrées habituelles")
    evening.show(page, "Camille", age_s=3)
    answer(page, "admit", "welcome")
    expect(page.locator("[data-door]")).to_have_text("Entrées habituelles")
    page.get_by_role("button", name="Entrée donnée").click()
    next_scan(page)
    page.get_by_role("button", name="Accueil : Vernissage").click()
    expect(chosen(page)).to_contain_text("3 arrivés")


def read_code(keyboard: Keyboard, text: str) -> None:
    """A hand scanner types into the field; the code goes by itself."""
    expect(keyboard.page.get_by_text("Placez le code du pass dans le cadre.")).to_be_visible()
    keyboard.to("Ou le texte du code")
    keyboard.page.keyboard.insert_text(text)


@pytest.mark.slow
def test_the_door_by_keyboard_for_everybody(world: World, people: People, museum: Venue) -> None:
    evening = Evening(world, museum, walk_ins=False, is_twice=True)
    page = open_door(people, world, museum, "Accueil")
    keyboard, lookout = Keyboard(page), Lookout()
    lookout.look(page, "door scan")
    keyboard.press("Entrées habituelles")
    expect(chosen(page)).to_have_text("Entrées habituelles")
    lookout.look(page, "door scan usual")
    keyboard.press("Accueil : Vernissage", backwards=True, key="Space")
    expect(chosen(page)).to_contain_text(TITLE)
    read_code(keyboard, evening.phones["Camille"].text())
    answer(page, "admit", "welcome")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    lookout.look(page, "door welcome")
    keyboard.press("1")
    keyboard.press("Faire entrer")
    expect(page.get_by_role("heading", name="Arrivée enregistrée")).to_be_focused()
    expect(page.get_by_text("avec 1 personne", exact=True)).to_be_visible()
    lookout.look(page, "door done")
    keyboard.press("Annuler cette arrivée", backwards=True)
    expect(page.get_by_role("heading", name="Arrivée annulée.")).to_be_focused()
    lookout.look(page, "door undone")
    keyboard.press("Pass suivant")
    read_code(keyboard, evening.phones["Basile"].text())
    answer(page, "ask", "not_on_list")
    lookout.look(page, "door not_on_list")
    keyboard.press("Laisser entrer quand même")
    expect(page.get_by_role("button", name="Accord de la personne responsable")).to_be_focused()
    lookout.look(page, "door why")
    page.keyboard.press("Enter")  # the focus is on the first of the usual reasons
    answer(page, "admit", "welcome")
    lookout.look(page, "door let in")
    keyboard.press("Faire entrer")
    expect(page.get_by_role("heading", name="Arrivée enregistrée")).to_be_focused()
    keyboard.press("Pass suivant")
    read_code(keyboard, evening.phones["Basile"].text(age_s=1))
    answer(page, "ask", "already_here")
    lookout.look(page, "door already_here")
    keyboard.press("Même arrivée")
    come_on_the_wrong_day(evening, keyboard, lookout)
    go(page, "Du jour")
    lookout.look(page, "door today")
    choose_between_two(evening, keyboard, lookout)
    lookout.report(13)


def come_on_the_wrong_day(evening: Evening, keyboard: Keyboard, lookout: Lookout) -> None:
    """There is no place left but for those expected: it is not let in by one touch."""
    page = keyboard.page
    read_code(keyboard, evening.phones["Lison"].text())
    answer(page, "ask", "other_slot")
    expect(said(page)).to_contain_text("Ici, il ne reste pas assez de places.")
    lookout.look(page, "door other_slot full")
    keyboard.press("Laisser entrer quand même")
    expect(page.get_by_role("button", name="Erreur de créneau")).to_be_visible()
    keyboard.press("Ne pas faire entrer")
    expect(page.get_by_role("heading", name="Pas d’entrée : c’est noté")).to_be_focused()
    keyboard.press("Pass suivant")


def choose_between_two(evening: Evening, keyboard: Keyboard, lookout: Lookout) -> None:
    page = keyboard.page
    evening.world.do(partial(begin_talk, evening.venue))
    hear_news(page)
    go(page, "Scanner")
    expect(page.get_by_text("Plusieurs accueils sont ouverts")).to_be_visible()
    lookout.look(page, "door scan several")
    keyboard.press("Accueil : Causerie")
    expect(chosen(page)).to_contain_text("Causerie")
    read_code(keyboard, evening.phones["Lison"].text(age_s=1))
    answer(page, "ask", "not_on_list")
    lookout.look(page, "door not_on_list at the talk")
