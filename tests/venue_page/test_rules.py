from datetime import date

import pytest

from estran.venue_page.rules import is_named, month_end, year_before

TODAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("state", "day", "named"),
    [
        ("counted", date(2026, 6, 30), True),
        ("counted", date(2026, 6, 1), True),
        ("counted", date(2026, 5, 31), False),
        ("to_confirm", date(2026, 6, 29), True),
        ("cancelled", date(2026, 6, 29), True),
        ("refused", date(2026, 6, 30), False),
        ("rejected", date(2026, 6, 30), False),
        ("quarantined", date(2026, 6, 30), False),
    ],
)
def test_a_name_stands_thirty_days_beside_what_came_in(state: str, day: date, named: bool) -> None:  # noqa: FBT001
    assert is_named(state, day, TODAY) is named


def test_months_end_and_have_a_year_before() -> None:
    assert month_end(date(2028, 2, 1)) == date(2028, 2, 29)
    assert month_end(date(2026, 12, 1)) == date(2026, 12, 31)
    assert year_before(date(2028, 2, 1)) == date(2027, 2, 1)
