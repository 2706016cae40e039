"""The page by the till says what the scanner says, in its words."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from estran.actor import SYSTEM
from estran.club import identity
from estran.club import service as club
from estran.desk.sheet_page import EXERCISES
from tests.conftest import FrozenClock
from tests.desk.conftest import read

TEXTS = Path(__file__).parents[2] / "partners" / "src" / "text"
SAID = {
    "answer.admit": "",
    "answer.ask": "",
    "answer.refuse": "",
    "scan.camera.start": "“”",
    "verdict.admit": "“”",
    "done.undo": "“”",
    "door.verdict.admit": "“”",
    "door.usual": "“”",
}


def scanner_words(lang: str) -> dict[str, str]:
    """What the scanner's own screens say."""
    files = [path.read_text(encoding="utf-8") for path in TEXTS.glob(f"*{lang}.ts")]
    return dict(re.findall(r"'([\w.]+)':\s*'([^']+)'", "\n".join(files)))


@pytest.mark.parametrize("lang", ["fr", "en"])
async def test_it_says_what_the_scanner_says(desk: httpx.AsyncClient, town: Any, lang: str) -> None:
    said = read(await desk.get(f"/desk/venues/{town.museum.id}/sheet", params={"lang": lang}))
    words = scanner_words(lang)
    for key, quotes in SAID.items():
        word = words[key]
        if quotes:
            word = f"« {word} »" if lang == "fr" else f"“{word}”"
        assert word in said, key


async def test_it_names_the_venue_what_it_gives_and_whom_to_call(
    desk: httpx.AsyncClient, town: Any, clock: FrozenClock
) -> None:
    house = await club.house()
    await club.edit_house(
        SYSTEM,
        name=house.name,
        office_name="Bureau de la Laisse de mer",
        contact_email="bonjour@example.org",
        zone_name=house.zone,
        snapshot_limit_days=9,
        now=clock(),
    )
    await identity.edit_identity(SYSTEM, {"phone": "02 61 91 00 01"}, clock())
    said = read(await desk.get(f"/desk/venues/{town.museum.id}/sheet"))
    for word in (town.museum.name, "Entrée gratuite", "tous les 9 jours", "Bureau de la Laisse de mer"):
        assert word in said
    assert "02 61 91 00 01" in said
    assert "bonjour@example.org" in said
    assert "pass.example.org/scan/" in said
    assert "#pair" not in said, "nothing on it is secret"


@pytest.mark.parametrize("lang", ["fr", "en"])
async def test_training_codes_are_those_that_the_scanner_knows(desk: httpx.AsyncClient, town: Any, lang: str) -> None:
    page = (await desk.get(f"/desk/venues/{town.museum.id}/training-sheet", params={"lang": lang})).text
    assert page.count('<svg width="') == len(EXERCISES)
    known = (TEXTS.parent / "state" / "rehearsal.ts").read_text(encoding="utf-8")
    words = scanner_words("practice")
    for exercise in EXERCISES:
        assert re.search(rf"^  '{exercise}',$", known, re.MULTILINE), exercise
    if lang == "en":  # the second catalogue of the file
        assert words["practice.start"] in page
