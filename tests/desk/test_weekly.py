"""The ten things an officer does every week (docs/weekly-ten.md): each within three clicks from the desk's first page.

A click is a link followed or a button pressed, the last one included; typing is none. Only what is on the page is used, by the
words that a reader sees or hears.
"""

import re
from collections.abc import Callable, Coroutine
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from estran.actor import SYSTEM
from estran.club import candidates
from estran.club import service as club
from estran.inbox import service as inbox
from estran.mail import service as mail
from estran.passes import service as passes
from estran.venues import service as venues
from estran.venues.tables import Device
from estran.visits import service as visits
from tests.desk.conftest import read
from tests.desk.test_venues import pending
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio
MOST_CLICKS = 3
WEEKLY = Path(__file__).parents[2] / "docs" / "weekly-ten.md"
VOID = {"input", "br", "img", "meta", "link", "path", "rect", "circle"}


class Things(HTMLParser):
    """The links and buttons of a page with their words, and the fields of the forms that the buttons send."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self.labels: dict[str, str] = {}
        self._form: dict[str, Any] | None = None
        self._open: list[tuple[str, dict[str, Any]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = {"action": said["action"], "method": said.get("method", "get"), "fields": {}, "ids": {}}
        if self._form is not None and tag in {"input", "textarea", "select"} and "name" in said:
            self._form["ids"][said.get("id", "")] = said["name"]
            is_off = said.get("type") in {"checkbox", "radio"} and "checked" not in said
            if not is_off and said.get("type") != "file":
                self._form["fields"][said["name"]] = said.get("value", "")
        if tag == "select":
            self._select = said["name"]
        if tag == "option" and "selected" in said and self._form is not None:
            self._form["fields"][self._select] = said["value"]
        if tag in {"a", "button", "label"}:
            thing = {"tag": tag, "words": "", "form": self._form, **said}
            self._open.append((tag, thing))
            self.found.append(thing)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if self._open and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for _, thing in self._open:
            thing["words"] += data


class Clicker:
    """A person at the desk who counts clicks."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        self.browser = browser
        self.clicks = 0
        self.typed: dict[str, str] = {}
        self.page = ""
        self.source = ""
        self.body = b""

    async def begin(self) -> None:
        """The desk's first page."""
        await self._arrive(await self.browser.get("/desk/"))

    def fill(self, label: str, text: str) -> None:
        """Type into a field, by its label."""
        [field] = {thing["for"] for thing in self._things("label") if self._words(thing) == label}
        self.typed[field] = text

    async def click(self, name: str) -> None:
        """Follow the first link, or press the first button, whose words begin with `name`."""
        thing = next((one for one in self._things("a", "button") if self._words(one).startswith(name)), None)
        assert thing, f"{name!r} is not on the page, only {[self._words(one) for one in self._things('a', 'button')]}"
        self.clicks += 1
        if thing["tag"] == "a":
            await self._arrive(await self.browser.get(thing["href"].partition("#")[0]))
            return
        form = thing["form"]
        fields = form["fields"] | {
            form["ids"][field]: text for field, text in self.typed.items() if field in form["ids"]
        }
        self.typed = {}
        if form["method"] == "post":
            await self._arrive(await self.browser.post(form["action"], data=fields))
        else:
            await self._arrive(await self.browser.get(form["action"], params=fields))

    def _things(self, *tags: str) -> list[dict[str, Any]]:
        return [thing for thing in Things(self.source).found if thing["tag"] in tags]

    @staticmethod
    def _words(thing: dict[str, Any]) -> str:
        return " ".join(thing["words"].replace("\u00a0", " ").replace("\u202f", " ").split())

    async def _arrive(self, answer: httpx.Response) -> None:
        while answer.status_code == 303:
            answer = await self.browser.get(answer.headers["location"])
        assert answer.status_code == 200, (answer.request.url, read(answer)[:2000])
        self.body = answer.content
        if "html" in answer.headers["content-type"]:
            self.source, self.page = answer.text, read(answer)


@pytest.fixture
async def officer(desk: httpx.AsyncClient) -> Clicker:
    return Clicker(desk)


Club = tuple[Town, Scanner, Phone]


@pytest.fixture
async def town_with_visits(town: Town, till: Scanner, camille: Phone) -> Club:
    """A museum with one visit of today, of two paying companions."""
    await till.hand_in(till.scan(camille.show(town.clock()), companions=2))
    return town, till, camille


async def answer_the_inbox(officer: Clicker, here: Club) -> None:
    await pending(here[0], "Tablette")
    await officer.begin()
    await officer.click("À voir")
    await officer.click("Accepter ce scanner")
    assert await inbox.count_open() == 0


async def welcome_a_candidate(officer: Clicker, here: Club) -> None:
    now = here[0].clock()
    await candidates.apply(
        first_name="Lison", last_name="Goémon", email="lison@example.org", message="La baie.", now=now
    )
    await officer.begin()
    await officer.click("À voir")
    await officer.click("Accueillir dans le club")
    assert "La baie." in officer.page
    await officer.click("Accueillir dans le club")
    assert "Lison" in {person.first_name for person in await club.ambassadors()}


async def invite_again(officer: Clicker, here: Club) -> None:
    await officer.begin()
    officer.fill("Chercher une personne, un lieu", "VARECH")
    await officer.click("Chercher")
    await officer.click("Envoyer l’invitation")
    assert [letter.kind for letter in await mail.letters()] == ["invitation"]


async def help_by_telephone(officer: Clicker, here: Club) -> None:
    await officer.begin()
    officer.fill("Chercher une personne, un lieu", "varech")
    await officer.click("Chercher")
    await officer.click("Donner un code")
    await officer.click("Afficher un code")
    assert re.search(r"\d{3} \d{3}", officer.page)


async def renew_a_mandate(officer: Clicker, here: Club) -> None:
    town, _, camille = here
    [mandate] = await club.mandates_of(camille.owner.id)
    today = town.clock().date()
    await club.edit_mandate(SYSTEM, mandate.id, mandate.begins_on, today + timedelta(days=20), now=town.clock())
    await officer.begin()
    await officer.click("1 mandat à renouveler")
    await officer.click("Renouveler pour 12 mois")
    assert len(await club.mandates_of(camille.owner.id)) == 2
    assert [letter.kind for letter in await mail.letters()] == ["renewed"]


async def figures_of_a_month(officer: Clicker, here: Club) -> None:
    await officer.begin()
    officer.fill("Mois", "2026-06")
    officer.fill("Lieu", str(here[0].museum.id))
    await officer.click("Voir")
    assert "Entrées du 1er juin 2026" in officer.page
    await officer.click("Exporter ces chiffres")
    lines = officer.body.decode("utf-8-sig").splitlines()
    assert lines == ["lieu;entrées;personnes payantes;scans refusés", "Musée;1;2;0", "Total;1;2;0"]


async def correct_an_entry(officer: Clicker, here: Club) -> None:
    await officer.begin()
    await officer.click("Musée")
    await officer.click("Corriger")
    officer.fill("Personnes payantes venues avec l’ambassadeur", "5")
    officer.fill("Raison", "Mal saisi")
    await officer.click("Enregistrer")
    visit_id = re.search(r"/desk/visits/([0-9a-f-]{36})", officer.source)
    assert visit_id is not None
    assert (await visits.visit(visit_id[1])).companions == 5  # type: ignore[arg-type]


async def revoke_a_lost_phone(officer: Clicker, here: Club) -> None:
    await officer.begin()
    officer.fill("Chercher une personne, un lieu", "camille")
    await officer.click("Chercher")
    await officer.click("Révoquer le pass")
    officer.fill("Raison", "Téléphone perdu")
    await officer.click("Révoquer le pass")
    assert await passes.pass_of(here[2].owner.id, now=here[0].clock()) is None


async def cut_a_scanner_that_was_lost(officer: Clicker, here: Club) -> None:
    town, till, _ = here
    eight_days_ago = town.clock() - timedelta(days=8)
    await Device.update({Device.snapshot_at: eight_days_ago}).where(Device.id == till.device.id)
    await officer.begin()
    await officer.click("1 scanner est sans nouvelles")
    assert "Nouvelles trop anciennes" in officer.page
    await officer.click("Couper")
    officer.fill("Raison", "Perdu")
    await officer.click("Couper")
    assert (await venues.device(till.device.id)).state == "cut"


async def pair_a_scanner(officer: Clicker, here: Club) -> None:
    await officer.begin()
    officer.fill("Chercher une personne, un lieu", "musee")
    await officer.click("Chercher")
    await officer.click("Associer un scanner")
    await officer.click("Créer le code")
    assert '<div class="qr"' in officer.source


TEN = [
    answer_the_inbox,
    welcome_a_candidate,
    invite_again,
    help_by_telephone,
    renew_a_mandate,
    figures_of_a_month,
    correct_an_entry,
    revoke_a_lost_phone,
    cut_a_scanner_that_was_lost,
    pair_a_scanner,
]


@pytest.mark.parametrize("thing", TEN, ids=lambda thing: thing.__name__)
async def test_each_weekly_thing_takes_three_clicks_at_most(
    officer: Clicker, town_with_visits: Club, thing: Callable[[Clicker, Club], Coroutine[Any, Any, None]]
) -> None:
    await thing(officer, town_with_visits)
    assert 0 < officer.clicks <= MOST_CLICKS


def test_the_list_in_the_docs_names_each_of_them() -> None:
    named = re.findall(r"^\| \d+ \|.*`(\w+)` \|$", WEEKLY.read_text(encoding="utf-8"), re.MULTILINE)
    assert named == [thing.__name__ for thing in TEN]
