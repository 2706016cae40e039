"""Read in English, the desk says of what the office typed that it is French; and it quotes as one quotes."""

import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

import estran
from tests.desk.conftest import follow, read
from tests.visits.conftest import Phone, Town

pytestmark = pytest.mark.anyio

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
WORD = "vocable"
SERVER = Path(estran.__file__).parent


class Tongues(HTMLParser):
    """The tags around every text and every field that holds the word, and the language it is in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[tuple[str, str]] = []
        self.feed(page)

    @property
    def _lang(self) -> str:
        return next((lang for _, lang in reversed(self.open) if lang), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if WORD in (told.get("value") or ""):
            self.found.append((tag, told.get("lang") or self._lang))
        if tag not in VOID:
            self.open.append((tag, told.get("lang") or ""))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if WORD in data:
            self.found.append((self.open[-1][0], self._lang))


async def test_what_the_office_typed_is_marked_as_french(desk: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    person, venue = f"/desk/people/{camille.owner.id}", f"/desk/venues/{town.museum.id}"
    await follow(desk, await desk.post(f"{person}/pause", data={"why": WORD}))
    await follow(desk, await desk.post(f"{venue}/pause", data={"why": WORD}))
    closure = {"first_on": "2026-07-01", "last_on": "2026-07-02", "closed_why": WORD}
    await follow(desk, await desk.post(f"{venue}/closures", data=closure))
    event = dict.fromkeys(("place", "about", "access", "bring", "slot.0.note"), WORD) | {
        "title": "Visite du phare",
        "about_en": "A walk",
        "who": "all",
        "guests_max": "1",
        "slot.0.day": "2026-06-25",
        "slot.0.starts": "14:00",
        "slot.0.ends": "16:00",
        "slot.0.capacity": "3",
    }
    made = await desk.post("/desk/events/new", data=event)
    assert made.status_code == 303, read(made)
    planned = made.headers["location"].removesuffix("/send")
    for path, n_least in (
        (person, 2),
        (venue, 3),
        (f"{venue}/closures", 1),
        ("/desk/history", 2),
        ("/desk/events", 1),
        (planned, 5),
        (f"{planned}/edit", 4),
        (f"{planned}/send", 1),
    ):
        page = await desk.get(path, params={"lang": "en"})
        found = Tongues(page.text).found
        assert len(found) >= n_least, path
        assert {lang for _, lang in found} == {"fr"}, (path, found)
    form = (await desk.get(f"{planned}/edit", params={"lang": "fr"})).text
    assert re.findall(r'<textarea id="(\w+)"[^>]* lang="en"', form) == ["about_en", "access_en", "bring_en"]
    assert ' lang="fr">' not in form.split("<main", 1)[1].split("<footer", 1)[0]
    assert f'<q lang="fr">{WORD}</q>' in (await desk.get(person, params={"lang": "en"})).text
    assert f"<q>{WORD}</q>" in (await desk.get(person, params={"lang": "fr"})).text


def test_no_page_of_the_desk_sets_the_marks_of_a_quotation_itself() -> None:
    pages = [*SERVER.glob("desk/templates/**/*.html"), *SERVER.glob("venue_page/templates/**/*.html")]
    assert [page.name for page in pages if "desk.quoted" in page.read_text("utf-8")] == []
    assert any("say.quoted(" in page.read_text("utf-8") for page in pages)
