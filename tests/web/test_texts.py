"""The words: both languages complete, and every one of them asked for."""

import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import estran
from estran.texts import LANGS, MissingText, pick_lang, t, words

SERVER = Path(estran.__file__).parent


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert words("fr").keys() == words("en").keys()


@pytest.mark.parametrize(
    "path", sorted(SERVER.glob("*/texts/*.json")), ids=lambda path: f"{path.parts[-3]} {path.stem}"
)
def test_no_key_stands_twice(path: Path) -> None:
    """JSON takes the last one silently."""
    pairs: list[tuple[str, str]] = []
    json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=pairs.extend)
    keys = [key for key, _ in pairs]
    assert sorted(key for key in set(keys) if keys.count(key) > 1) == []


def test_both_languages_have_the_same_places() -> None:
    fr, en = words("fr"), words("en")
    assert [key for key in fr if places(fr[key]) != places(en[key]) and not key.endswith(".one")] == []


def test_no_sentence_is_empty() -> None:
    assert [key for lang in LANGS for key, sentence in words(lang).items() if not sentence.strip()] == []


def test_french_has_its_signs() -> None:
    assert [key for key, sentence in words("fr").items() if re.search(r" [:;?!»]|« |'|\.\.\.", sentence)] == []
    assert t("fr", "desk.quoted", text="ici") == "«\u00a0ici\u00a0»"
    assert t("en", "desk.quoted", text="here") == "“here”"


def test_an_email_is_never_called_a_letter() -> None:
    # Somebody of seventy would wait for the postman.
    assert [key for key, sentence in words("fr").items() if re.search(r"\blettres?\b", sentence.lower())] == []
    assert [key for key, sentence in words("en").items() if re.search(r"\bletters?\b", sentence.lower())] == []


def test_each_key_that_a_template_names_is_there() -> None:
    known = words("fr")
    named = {
        (path.name, key)
        for path in SERVER.glob("*/templates/**/*.html")
        for key in re.findall(r"""\bt\(\s*'([\w.-]+)'\s*[,)]""", path.read_text("utf-8"))
    }
    assert named
    assert sorted(f"{file}: {key}" for file, key in named if key not in known) == []


def test_a_missing_key_is_a_fault() -> None:
    with pytest.raises(MissingText):
        t("fr", "no.such.key")
    with pytest.raises(MissingText):
        t("fr", "fault.code")  # its place is not filled


def test_an_unknown_language_is_french() -> None:
    assert t("de", "site.lang.fr") == "Français"


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("", "fr"),
        ("fr", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("fr-FR, en;q=0.9", "fr"),
        ("de, en;q=0.5", "en"),
        ("de", "fr"),
        ("*", "fr"),
        ("en;q=0", "fr"),
        ("en;q=nonsense, fr;q=0.1", "fr"),
    ],
)
def test_the_readers_language(accepted: str, lang: str) -> None:
    assert pick_lang(accepted) == lang


@given(st.text())
def test_no_header_breaks_the_choice(accepted: str) -> None:
    assert pick_lang(accepted) in LANGS
