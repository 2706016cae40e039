"""The course of a mandate: its last day, its two letters, and the years that mandates add up to."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.club.rules import REMINDER_DAYS, Term, YearCount, count_years, last_day, reminder_due, running_out

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def term(first: int, last: int) -> Term:
    return Term(TODAY + first * DAY, TODAY + last * DAY)


TERMS = st.lists(st.builds(term, st.integers(-80, 80), st.integers(-80, 80)), max_size=5)


# --- the last day -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins_on", "months", "ends_on"),
    [
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 6, 15), 12, date(2027, 6, 14)),
        (date(2027, 3, 1), 12, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
    ],
)
def test_the_last_day_is_the_eve_of_the_same_day(begins_on: date, months: int, ends_on: date) -> None:
    assert last_day(begins_on, months) == ends_on


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 60))
def test_a_mandate_lasts_as_long_as_it_says(begins_on: date, months: int) -> None:
    ends_on = last_day(begins_on, months)
    assert months * 28 <= (ends_on - begins_on).days + 1 <= months * 31
    next_one = ends_on + DAY
    assert (next_one.year * 12 + next_one.month) - (begins_on.year * 12 + begins_on.month) in {months, months + 1}


# --- letters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "warned", "due"),
    [
        pytest.param(31, [], None, id="a month and a day"),
        pytest.param(30, [], 30, id="a month"),
        pytest.param(30, [30], None, id="the first one has left"),
        pytest.param(16, [], 30, id="late, but before the second"),
        pytest.param(15, [30], 15, id="the second"),
        pytest.param(12, [], 15, id="found late: only the second"),
        pytest.param(12, [15], None, id="both told by the second"),
        pytest.param(0, [30], 15, id="the last day"),
        pytest.param(-1, [], None, id="over"),
    ],
)
def test_which_letter_is_due(left: int, warned: list[int], due: int | None) -> None:
    assert reminder_due(term(-10, left), TODAY, warned=warned) == due


@given(TERMS, st.lists(st.integers(0, 9), min_size=20, max_size=60))
def test_each_mandate_has_each_letter_at_most_once_and_never_two_on_a_day(terms: list[Term], steps: list[int]) -> None:
    """The server looks whenever it runs: several times a day, or not for days."""
    sent: dict[Term, list[tuple[int, date]]] = {}
    today = TODAY - 85 * DAY
    for step in steps:
        today += step * DAY
        if ending := running_out(terms, today):
            letters = sent.setdefault(ending, [])
            if due := reminder_due(ending, today, warned=[days for days, _ in letters]):
                letters.append((due, today))
    for ending, letters in sent.items():
        assert len({days for days, _ in letters}) == len(letters) <= len(REMINDER_DAYS)
        assert len({day for _, day in letters}) == len(letters)
        assert all(ending.begins_on <= day <= ending.ends_on for _, day in letters)
        assert all((ending.ends_on - day).days <= days for days, day in letters)


@given(TERMS)
def test_nothing_follows_what_runs_out(terms: list[Term]) -> None:
    ending = running_out(terms, TODAY)
    inside = [known for known in terms if known.begins_on <= TODAY <= known.ends_on]
    if ending is None:
        return
    assert ending in inside
    after = ending.ends_on + DAY
    assert not any(known.begins_on <= after <= known.ends_on for known in terms)


@given(TERMS)
def test_whoever_is_in_with_nothing_after_runs_out(terms: list[Term]) -> None:
    inside = [known for known in terms if known.begins_on <= TODAY <= known.ends_on]
    last = max((known.ends_on for known in inside), default=None)
    follows = any(known.begins_on <= last + DAY and last < known.ends_on for known in terms) if last else True
    if not follows:
        assert running_out(terms, TODAY) is not None


# --- years ------------------------------------------------------------------------------------------------------------


def test_years_count_who_was_in_who_came_and_who_left() -> None:
    people: Sequence[Sequence[Term]] = [
        [Term(date(2024, 3, 1), date(2025, 2, 28)), Term(date(2025, 3, 1), date(2026, 2, 28))],  # renewed, then gone
        [Term(date(2025, 6, 1), date(2027, 5, 31))],  # still in
        [Term(date(2024, 1, 1), date(2024, 1, 31)), Term(date(2027, 1, 1), date(2027, 12, 31))],  # comes back
        [Term(date(2027, 1, 1), date(2027, 12, 31))],  # not yet
        [Term(date(2025, 2, 1), date(2025, 1, 1))],  # a mandate that is none
        [],
    ]
    assert count_years(people, TODAY) == [
        YearCount(2026, active=2, arrivals=0, departures=1),
        YearCount(2025, active=2, arrivals=1, departures=0),
        YearCount(2024, active=2, arrivals=2, departures=0),
    ]
    assert count_years([], TODAY) == []


@given(st.lists(TERMS, max_size=6))
def test_everybody_comes_once_and_leaves_once(people: list[list[Term]]) -> None:
    counts = count_years(people, TODAY)
    known = [[one for one in terms if one.begins_on <= one.ends_on] for terms in people]
    come = [terms for terms in known if any(one.begins_on <= TODAY for one in terms)]
    assert sum(count.arrivals for count in counts) == len(come)
    assert sum(count.departures for count in counts) == sum(all(one.ends_on < TODAY for one in terms) for terms in come)
    assert all(count.arrivals <= count.active for count in counts)
    assert all(count.departures <= count.active for count in counts)
