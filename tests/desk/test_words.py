import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from estran.desk import words

ROOT = Path(__file__).parents[2] / "server" / "estran" / "desk"
NOW = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(("lang", "said"), [("fr", "dimanche 1er mars 2026"), ("en", "Sunday 1 March 2026")])
def test_days_are_said_in_both_languages(lang: str, said: str) -> None:
    assert words.long_day_words(date(2026, 3, 1), lang) == said


def test_short_days_have_the_usual_abbreviations() -> None:
    assert words.short_day_words(date(2026, 8, 1), "fr") == "sam. 1er août"
    assert words.short_day_words(date(2026, 8, 1), "en") == "Sat 1 Aug"


def test_hours_are_the_clubs() -> None:
    assert words.hour_words(NOW, ZoneInfo("Europe/Paris"), "fr").replace("\u202f", " ") == "12 h 00"
    assert words.hour_words(NOW, ZoneInfo("Indian/Reunion"), "en") == "14:00"


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=-40), "à l’instant"),
        (timedelta(seconds=59), "à l’instant"),
        (timedelta(minutes=59), "il y a 59 min"),
        (timedelta(hours=23), "il y a 23 h"),
        (timedelta(days=1), "il y a 1 jour"),
        (timedelta(days=30), "il y a 30 jours"),
    ],
)
def test_how_long_ago(past: timedelta, said: str) -> None:
    assert words.ago_words(NOW - past, NOW, "fr") == said


def test_each_key_that_pages_name_has_its_words() -> None:
    known = json.loads((ROOT / "texts" / "fr.json").read_text("utf-8"))
    sources = [*ROOT.glob("*.py"), *ROOT.glob("templates/desk/*.html")]
    named = {
        key
        for source in sources
        for key in re.findall(r"['\"](desk\.[a-z_.\d]+[a-z\d])['\"]", source.read_text("utf-8"))
        if not key.endswith((".css", ".html", ".svg"))
    }
    acts = {"desk.add_manager", "desk.remove_manager", "desk.open_visits"}  # words of the history, not of pages
    assert {key for key in named - acts if key not in known} == set()
    faults = {
        f"desk.{key}"
        for source in sources
        for key in re.findall(r"['\"](form\.fault\.[a-z_]+)['\"]", source.read_text("utf-8"))
    }
    assert faults - known.keys() == set()
