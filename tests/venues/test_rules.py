"""Pairing codes as people type them, words on a scanner."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.venues import rules


def test_the_pairing_alphabet_has_no_look_alikes() -> None:
    assert not set(rules.ALPHABET) & set("01OIL")
    assert len(set(rules.ALPHABET)) == 31


@pytest.mark.parametrize("typed", ["abcd-efgh", " ABCD EFGH ", "ABCDEFGH", "abcd--efgh\n", "a b c d e f g h"])
def test_a_code_is_the_same_however_it_is_typed(typed: str) -> None:
    assert rules.normal_secret(typed) == "ABCDEFGH"
    assert rules.spaced_secret("ABCDEFGH") == "ABCD-EFGH"


@given(st.text(alphabet=rules.ALPHABET, min_size=8, max_size=8))
def test_a_code_as_shown_can_be_typed(secret: str) -> None:
    assert rules.normal_secret(rules.spaced_secret(secret)) == secret
    assert rules.normal_secret(secret.lower()) == secret


@pytest.mark.parametrize("word", ["goéland", "Varech", "l’anse", "Mont Saint Michel", "été", "Ærø"])
def test_words_of_letters_are_good(word: str) -> None:
    assert rules.is_good_word(word)


@pytest.mark.parametrize(
    "word", ["", "ab", "a" * 21, "goéland1", "<b>", "-abc", "abc-", "a  ", "abc\n", "été_", "🦭🦭🦭"]
)
def test_other_words_are_not(word: str) -> None:
    assert not rules.is_good_word(word)


@given(st.text(max_size=60))
def test_a_cleaned_line_has_nothing_invisible_and_stays_as_it_is(text: str) -> None:
    line = rules.clean_line(text)
    assert line == rules.clean_line(line)
    assert not set(line) & set("\n\r\t\x00\u200b\u202e\ufeff")
    assert line == line.strip()
