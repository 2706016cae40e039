"""The words of the server's pages and letters: French first, English complete.

Each room keeps its own words in `<room>/texts/fr.json` and `en.json` (flat: key to sentence, `{name}` marks a place for a
value); here they are read once and put together. tests/web/test_texts.py holds both languages to the same keys and places.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

LANGS = ("fr", "en")
DEFAULT_LANG = "fr"

_MONTHS_FR = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS_FR = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
_DAYS_EN = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
NARROW = "\u202f"


class MissingText(KeyError):
    """No room has this key: a fault of ours, never shown as it is."""


@cache
def words(lang: str) -> Mapping[str, str]:
    """Every sentence of `lang` by key, of all rooms; raises ValueError when two rooms use the same key."""
    found: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob(f"*/texts/{lang}.json")):
        room: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        if twice := found.keys() & room.keys():
            raise ValueError(f"{path}: keys of another room: {', '.join(sorted(twice))}")
        found |= room
    return {key: typeset(sentence) for key, sentence in found.items()} if lang == "fr" else found


def typeset(sentence: str) -> str:
    """French with its no-break spaces, before `: ; ? ! »` and after `«`: put in here, so that nobody has to type them."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", "\u00a0", sentence)


def t(lang: str, key: str, **values: object) -> str:
    """The sentence `key` in `lang` with its places filled; plain text, not escaped. Raises MissingText.

    With a value `n` of one (in French: zero, too) the key `<key>.one` is taken when there is one.
    """
    known = words(lang if lang in LANGS else DEFAULT_LANG)
    n = values.get("n")
    if isinstance(n, int) and (n == 1 or (n == 0 and lang == "fr")):
        key = f"{key}.one" if f"{key}.one" in known else key
    try:
        return known[key].format(**values)
    except KeyError as error:
        raise MissingText(f"{lang}: {key} ({error})") from error


def pick_lang(accepted: str) -> str:
    """The better of our languages for an Accept-Language header (RFC 9110 §12.5.4); French when in doubt."""
    best, best_q = DEFAULT_LANG, 0.0
    for part in accepted.split(",")[:20]:
        tag, _, parameter = part.strip().partition(";")
        lang = tag.strip().lower().split("-")[0]
        try:
            q = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if lang in LANGS and q > best_q:
            best, best_q = lang, q
    return best


def day_words(day: date, lang: str) -> str:
    """`1er mars 2027`, `1 March 2027`."""
    number = "1er" if lang == "fr" and day.day == 1 else str(day.day)
    return f"{number} {month_words(day, lang)} {day.year}"


def month_words(day: date, lang: str) -> str:
    """The month alone."""
    return (_MONTHS_FR if lang == "fr" else _MONTHS_EN)[day.month - 1]


def weekday_words(day: date, lang: str) -> str:
    """`lundi`, `Monday`."""
    return (_DAYS_FR if lang == "fr" else _DAYS_EN)[day.weekday()]


def long_day_words(day: date, lang: str) -> str:
    """With the day of the week: `lundi 1er mars 2027`."""
    return f"{weekday_words(day, lang)} {day_words(day, lang)}"


def hour_words(instant: datetime, zone: ZoneInfo, lang: str) -> str:
    """`14 h 05`, `14:05`, in the club's zone."""
    local = instant.astimezone(zone)
    return f"{local.hour}{NARROW}h{NARROW}{local.minute:02}" if lang == "fr" else f"{local:%H:%M}"
