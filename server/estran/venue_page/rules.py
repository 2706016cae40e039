"""What a venue may read of its own entries, and which months it compares. Pure."""

from datetime import date, timedelta

from estran.visits.rules import State

NAMED_FOR = timedelta(days=30)
"""A month is long enough to answer "who was that?"; afterwards an entry is a number (docs/decisions/0011)."""
NAMED_STATES = (State.COUNTED, State.TO_CONFIRM, State.CANCELLED)
"""Of somebody who was refused the venue reads why, not who: a pass that rests is between its holder and the office."""


def is_named(state: str, on_day: date, today: date) -> bool:
    """Whether first name and initial may still stand beside an entry."""
    return state in NAMED_STATES and today - on_day < NAMED_FOR


def month_end(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def year_before(month: date) -> date:
    """The first day of the same month a year earlier."""
    return month.replace(year=month.year - 1)
