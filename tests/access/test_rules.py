"""What is derived from what, and for how long it lives."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.access import rules
from estran.access.rules import Realm
from tests.conftest import MONDAY


def test_a_code_is_six_digits_made_of_the_token() -> None:
    # A literal: letters of the day before must still work after an update.
    assert rules.code_of("a-token") == "826761"


@given(st.text())
def test_every_token_has_a_code_of_six_digits(token: str) -> None:
    code = rules.code_of(token.encode("utf-8", "ignore").decode())
    assert len(code) == 6
    assert code.isdecimal()


@pytest.mark.parametrize(
    "spelling",
    ["zoé@example.org", "  ZOÉ@Example.ORG ", "zoe\u0301@example.org", "ZOE\u0301@EXAMPLE.org\n"],
)
def test_spellings_of_one_address_fold_to_one(spelling: str) -> None:
    assert rules.fold_email(spelling) == "zoé@example.org"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    once = rules.fold_email(text)
    assert rules.fold_email(once) == once


@pytest.mark.parametrize("email", ["a@b", "zoé@exemple.fr", "o'neil+pass@sub.example.org", "名@例え.jp"])
def test_addresses_that_can_receive_a_letter(email: str) -> None:
    assert rules.is_email(email)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "nobody",
        "@example.org",
        "a@",
        "a@b@c",
        "a b@example.org",
        "a@example.org\nBcc: everyone@example.org",
        "a@example.org\r\nSubject: spam",
        "a@example.org\x00",
        "Zoé <a@example.org>",
        "a@example.org, b@example.org",
        'a"b@example.org',
        "a@example..org",
        "a..b@example.org",
        "a@" + "b" * 260,
        "\ud800@example.org",
    ],
    ids=repr,
)
def test_texts_that_are_no_single_address(email: str) -> None:
    assert not rules.is_email(email)


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456", "12.34.56", "123\u2013456"])
def test_a_code_may_be_typed_with_blanks_and_dashes(typed: str) -> None:
    assert rules.clean_code(typed) == "123456"


def test_the_pass_slides_and_the_desk_ends_after_a_week() -> None:
    late = MONDAY + timedelta(days=6, hours=20)
    assert rules.session_end(Realm.PASS, begun=MONDAY, now=late) == late + timedelta(days=30)
    assert rules.session_end(Realm.DESK, begun=MONDAY, now=MONDAY) == MONDAY + timedelta(hours=12)
    assert rules.session_end(Realm.DESK, begun=MONDAY, now=late) == MONDAY + timedelta(days=7)


def test_the_same_code_in_two_browsers_is_kept_differently() -> None:
    assert rules.code_hash("123456", "one") != rules.code_hash("123456", "other")
