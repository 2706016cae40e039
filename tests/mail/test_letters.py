"""The words of the letters: two languages, two forms, nothing fetched from anywhere."""

import re
from dataclasses import replace
from datetime import date

import pytest

from estran.mail import letters
from estran.mail.letters import Written
from tests.access.letters import HEAD
from tests.conftest import ORIGIN

TRICKY = replace(HEAD, club='<b>Club</b> "Côte" & Mer')


def all_of(head: letters.Letterhead) -> list[Written]:
    return [
        letters.sign_in(head, token="t0ken", code="123456", minutes=15),
        letters.invitation(head, token="t0ken", first_name="Camille", days=7),
        letters.invitation(head, token="t0ken", first_name="", days=7, is_desk=True),
    ]


@pytest.mark.parametrize("letter", all_of(HEAD), ids=["sign_in", "invitation", "desk"])
def test_a_letter_says_the_same_in_both_forms_and_languages(letter: Written) -> None:
    for form in (letter.text, letter.html):
        assert "https://pass.example.org/sign-in/t0ken" in form
        assert "Bonjour" in form or "Votre code" in form
        assert "valid for" in form
        assert HEAD.club in form
    assert "\n\n\n" not in letter.text


def renewal(days_left: int = 30, *, has_answered: bool = False, head: letters.Letterhead = HEAD) -> Written:
    day = date(2027, 3, 1)
    return letters.renewal(head, first_name="Camille", last_day=day, days_left=days_left, has_answered=has_answered)


@pytest.mark.parametrize("has_answered", [False, True])
@pytest.mark.parametrize(
    ("days_left", "fr", "en"),
    [(30, "dans 30 jours", "in 30 days"), (1, "demain", "tomorrow"), (0, "aujourd’hui", "today")],
)
def test_a_mandates_end_is_said_in_both_forms_and_languages(
    days_left: int,
    fr: str,
    en: str,
    has_answered: bool,  # noqa: FBT001
) -> None:
    letter = renewal(days_left, has_answered=has_answered)
    for form in (letter.text, letter.html):
        assert "https://pass.example.org/pass/#/account" in form
        assert "1er mars 2027" in form
        assert "1 March 2027" in form
        assert fr in form
        assert en in form
        assert HEAD.club in form
        assert ("Souhaitez-vous continuer" in form) != has_answered
        assert ("Would you like to go on" in form) != has_answered
    assert "\n\n\n" not in letter.text
    assert "\u00a0 " not in letter.text


def renewed(head: letters.Letterhead = HEAD) -> Written:
    return letters.renewed(head, first_name="Camille", first_day=date(2027, 3, 2), last_day=date(2028, 3, 1))


def test_a_mandate_that_goes_on_is_said_in_both_forms_and_languages() -> None:
    letter = renewed()
    for form in (letter.text, letter.html):
        for said in ("https://pass.example.org/pass/", "1er mars 2028", "1 March 2028", "2 March 2027", HEAD.club):
            assert said in form
    assert "\n\n\n" not in letter.text


def said(words: str) -> letters.Said:
    return {"fr": words, "en": f"{words} in English"}


def news(head: letters.Letterhead = HEAD) -> Written:
    """One event of each kind."""
    notices = [
        letters.Notice(
            kind=kind,
            title=said(f"Une {kind}"),
            about=said("Quoi"),
            when=[said("samedi")] if kind == "soon" else [said("samedi"), said("dimanche")],
            where=said("Plage"),
            bring={"fr": "Bottes", "en": ""},
            access=said("Sable"),
            guests_max=2,
            guests=1,
            by=said("jeudi") if kind in {"invited", "awaited", "removed"} else None,
            link=f"{ORIGIN}/reply/{kind}",
            changed=said("le lieu") if kind == "changed" else None,
            words="Coup de vent",
        )
        for kind in reversed(letters.URGENCY)
    ]
    return letters.news(
        head, first_name="Camille", notices=notices, quiet_link=f"{ORIGIN}/letters/t", has_calendar=True
    )


def test_news_say_the_same_in_both_forms_and_languages_what_cannot_wait_first() -> None:
    letter = news()
    assert letter.subject.startswith("Annulé\u00a0: Une cancelled, et 8 autres nouvelles · ")
    for form in (letter.text, letter.html):
        french, _, english = form.partition("Hello Camille")
        for part, suffix in ((french, ""), (english, " in English")):
            places = [part.index(f"Une {kind}{suffix}") for kind in letters.URGENCY]
            assert places == sorted(places)
            for words in (
                f"Plage{suffix}",
                "Bottes",
                f"Sable{suffix}",
                "Coup de vent",
                f"samedi{suffix}",
                f"le lieu{suffix}",
                f"Quoi{suffix}",
            ):
                assert words in part
            is_told = form is letter.html or part is french  # in plain text a link is long: each stands once
            assert part.count("/reply/") == (len(letters.URGENCY) if is_told else 0)
        assert f"{ORIGIN}/letters/t" in form
        assert HEAD.club in form
    assert "\n\n\n" not in letter.text
    assert "\u00a0 " not in letter.text
    assert letter.text.count(f"{ORIGIN}/letters/t") == 1
    assert all(line.startswith("https://") for line in letter.text.splitlines() if "https://" in line)
    assert "under “Une soon”" in letter.text


def test_a_subject_fits_its_column_whatever_the_event_is_called() -> None:
    for kind in letters.URGENCY:
        notices = [letters.Notice(kind=kind, title=said("x" * 120))] * 100
        head = replace(HEAD, club="y" * 80, demo=True)
        letter = letters.news(head, first_name="C", notices=notices, quiet_link="", has_calendar=False)
        assert len(letter.subject) <= 200


@pytest.mark.parametrize(
    "letter",
    [*all_of(HEAD), renewal(), renewed(), news()],
    ids=["sign_in", "invitation", "desk", "renewal", "renewed", "news"],
)
def test_a_letter_fetches_nothing(letter: Written) -> None:
    assert not re.search(r"<(img|link|script|iframe|form)|url\(|@import|src=", letter.html, re.IGNORECASE)
    assert '<html lang="fr">' in letter.html
    assert 'lang="en"' in letter.html


def test_the_code_is_in_the_letter_and_not_in_its_subject() -> None:
    letter = letters.sign_in(HEAD, token="t0ken", code="123456", minutes=15)
    assert "123456" in letter.text
    assert "123456" in letter.html
    assert "123456" not in letter.subject  # subjects are kept after sending, bodies are not


def test_only_the_demonstration_says_that_it_is_one() -> None:
    for letter, demo in zip(all_of(HEAD), all_of(replace(HEAD, demo=True)), strict=True):
        assert "Démonstration\u00a0: avantages fictifs" in demo.text
        assert "Démonstration\u00a0: avantages fictifs" in demo.html
        assert demo.subject.startswith("[Démonstration]")
        assert "monstration" not in letter.text + letter.html + letter.subject


def test_a_clubs_name_is_text_and_never_markup() -> None:
    for letter in [*all_of(TRICKY), renewal(head=TRICKY), renewed(TRICKY), news(TRICKY)]:
        assert "<b>Club" not in letter.html
        assert "&lt;b&gt;Club" in letter.html
        assert '<b>Club</b> "Côte" & Mer' in letter.text
