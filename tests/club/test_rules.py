"""Who may hold a pass, day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.club.rules import (
    Call,
    Edition,
    Eligibility,
    Need,
    Standing,
    Term,
    call,
    display_name,
    required_major,
    standing,
)
from estran.passes.token import is_good_name

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def term(first: int, last: int) -> Term:
    return Term(TODAY + first * DAY, TODAY + last * DAY)


@pytest.mark.parametrize(
    ("terms", "is_paused", "eligibility", "counts"),
    [
        pytest.param([], False, Eligibility.ENDED, None, id="never had a mandate"),
        pytest.param([term(0, 0)], False, Eligibility.ELIGIBLE, term(0, 0), id="a mandate of today only"),
        pytest.param([term(-10, -1)], False, Eligibility.ENDED, term(-10, -1), id="ended yesterday"),
        pytest.param([term(1, 10)], False, Eligibility.NOT_BEGUN, term(1, 10), id="begins tomorrow"),
        pytest.param([term(-10, 10)], True, Eligibility.PAUSED, term(-10, 10), id="paused"),
        pytest.param([term(1, 10)], True, Eligibility.NOT_BEGUN, term(1, 10), id="paused before it begins"),
        pytest.param([term(-10, -1)], True, Eligibility.ENDED, term(-10, -1), id="paused, then ended"),
        pytest.param(
            [term(-10, 5), term(6, 20)], False, Eligibility.ELIGIBLE, term(-10, 20), id="renewed without a gap"
        ),
        pytest.param([term(6, 20), term(-10, 5)], False, Eligibility.ELIGIBLE, term(-10, 20), id="in any order"),
        pytest.param([term(-10, 5), term(7, 20)], False, Eligibility.ELIGIBLE, term(-10, 5), id="a day between"),
        pytest.param([term(-10, 5), term(0, 3)], False, Eligibility.ELIGIBLE, term(-10, 5), id="one inside another"),
        pytest.param([term(-20, -10), term(3, 9)], False, Eligibility.NOT_BEGUN, term(3, 9), id="between two mandates"),
        pytest.param([term(5, -5)], False, Eligibility.ENDED, None, id="a mandate that ends before it begins"),
    ],
)
def test_standing(terms: list[Term], is_paused: bool, eligibility: Eligibility, counts: Term | None) -> None:  # noqa: FBT001
    found = standing(terms, is_paused=is_paused, today=TODAY)
    assert (found.eligibility, found.term) == (eligibility, counts)


terms_strategy = st.lists(st.builds(term, st.integers(-30, 30), st.integers(-30, 30)), max_size=6)


@given(terms_strategy, st.booleans())
def test_a_pass_is_only_for_a_day_inside_a_mandate(terms: list[Term], is_paused: bool) -> None:  # noqa: FBT001
    found = standing(terms, is_paused=is_paused, today=TODAY)
    inside = any(known.begins_on <= TODAY <= known.ends_on for known in terms)
    assert (found.eligibility in {Eligibility.ELIGIBLE, Eligibility.PAUSED}) == inside
    if found.eligibility is Eligibility.ELIGIBLE:
        assert not is_paused
        assert found.term is not None
        assert found.term.begins_on <= TODAY <= found.term.ends_on
        days = (found.term.ends_on - found.term.begins_on).days + 1
        every = {found.term.begins_on + offset * DAY for offset in range(days)}
        covered = {day for known in terms for day in every if known.begins_on <= day <= known.ends_on}
        assert every == covered, "a pass never outlives its mandates"


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("Camille", "Varech", "Camille V."),
        ("Maëlle", "Oyat", "Maëlle O."),
        ("Gaspard", "étoc", "Gaspard É."),
        ("  Odile ", "Praire", "Odile P."),
        ("Elise\u0301", "d'Estran", "Elisé D."),
        ("Anselme", "", "Anselme"),
        ("Anselme", "'Bulot", "Anselme B."),
        ("\u202eAnselme\n", "Bulot", "Anselme B."),
        ("\u200b", "Bulot", "Ambassadeur B."),
        ("Théodule-Maximilien-Barthélemy-Ernest", "Bigorneau", "Théodule-Maximilien-Barthél B."),
    ],
)
def test_display_name(first: str, last: str, shown: str) -> None:
    assert display_name(first, last) == shown


def test_accents_that_meet_once_something_between_is_gone_still_fit() -> None:
    first = "é\u200b\u0330" + "x" * 40  # é, a zero width space, a tilde below: together one byte more than apart
    assert is_good_name(display_name(first, "Varech"))


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_name_may_stand_in_a_pass(first: str, last: str) -> None:
    assert is_good_name(display_name(first, last))


# --- the manifesto and the certificate --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_paused", "has_signed", "is_certified", "eligibility"),
    [
        (False, True, True, Eligibility.ELIGIBLE),
        (False, False, True, Eligibility.UNSIGNED),
        (False, True, False, Eligibility.UNCERTIFIED),
        (False, False, False, Eligibility.UNSIGNED),
        (True, False, False, Eligibility.PAUSED),
    ],
)
def test_what_a_pass_needs_beside_the_mandate(
    *, is_paused: bool, has_signed: bool, is_certified: bool, eligibility: Eligibility
) -> None:
    terms = [term(-1, 1)]
    found = standing(terms, is_paused=is_paused, has_signed=has_signed, is_certified=is_certified, today=TODAY)
    assert found == Standing(eligibility, term(-1, 1))
    outside = standing([term(2, 3)], is_paused=is_paused, has_signed=has_signed, is_certified=is_certified, today=TODAY)
    assert outside.eligibility is Eligibility.NOT_BEGUN, "without a mandate nothing else is asked"


V1, V2, V21 = Edition(1, 0, TODAY - 10 * DAY), Edition(2, 0, TODAY + 10 * DAY), Edition(2, 1, None)


@pytest.mark.parametrize(
    ("editions", "signed", "read", "is_newcomer", "wanted"),
    [
        pytest.param([], 0, (), False, Call(None, None), id="no manifesto"),
        pytest.param([V1], 0, (), False, Call(Need.SIGN, None), id="in effect, not signed"),
        pytest.param([V1], 1, (), False, Call(None, None), id="signed"),
        pytest.param([V1, V2], 1, (), False, Call(Need.SIGN, TODAY + 9 * DAY), id="who has a pass has time"),
        pytest.param([V1, V2], 1, (), True, Call(Need.SIGN, None), id="who never had one signs the newest at once"),
        pytest.param([V1, V2], 0, (), False, Call(Need.SIGN, None), id="the old one is missing already"),
        pytest.param([V1, V2, V21], 2, (), False, Call(Need.READ, None), id="a minor version is only to be read"),
        pytest.param([V1, V2, V21], 2, ("2.1",), False, Call(None, None), id="read"),
        pytest.param([V1, V2, V21], 1, ("2.1",), False, Call(Need.SIGN, TODAY + 9 * DAY), id="reading does not sign"),
    ],
)
def test_what_the_manifesto_asks(
    editions: list[Edition], signed: int, read: tuple[str, ...], *, is_newcomer: bool, wanted: Call
) -> None:
    assert call(editions, signed_major=signed, read=read, is_newcomer=is_newcomer, today=TODAY) == wanted


@given(
    st.lists(st.integers(-40, 40), max_size=5),
    st.integers(0, 5),
    st.booleans(),
    st.integers(-50, 50),
)
def test_the_day_told_is_the_last_one_before_suspension(
    effects: list[int],
    signed: int,
    is_newcomer: bool,  # noqa: FBT001
    offset: int,
) -> None:
    editions = [Edition(major + 1, 0, TODAY + effect * DAY) for major, effect in enumerate(sorted(effects))]
    today = TODAY + offset * DAY
    told = call(editions, signed_major=signed, read=(), is_newcomer=is_newcomer, today=today)

    def is_bound(day: date) -> bool:
        return signed < required_major(editions, is_newcomer=is_newcomer, today=day)

    assert is_bound(today) == (told.need is Need.SIGN and told.by is None)
    if told.by is not None:
        assert told.by >= today
        assert not is_bound(told.by)
        assert is_bound(told.by + DAY)
