"""When a letter is tried again."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from estran.mail import rules
from tests.conftest import MONDAY

MINUTE = timedelta(minutes=1)


def test_the_first_waits_are_short_and_the_last_ones_long() -> None:
    waits = [
        (at - MONDAY if (at := rules.next_try(created_at=MONDAY, expires_at=None, tries=n, now=MONDAY)) else None)
        for n in range(1, 8)
    ]
    assert waits == [n * MINUTE for n in (1, 5, 15, 60, 180, 360, 360)]


@given(st.integers(1, 1000), st.integers(0, 3000), st.none() | st.integers(1, 30))
def test_nothing_is_tried_after_its_end(tries: int, age: int, lifetime: int | None) -> None:
    expires_at = None if lifetime is None else MONDAY + lifetime * MINUTE
    now = MONDAY + age * MINUTE
    at = rules.next_try(created_at=MONDAY, expires_at=expires_at, tries=tries, now=now)
    assert at is None or (now < at < MONDAY + rules.GIVEN_UP_AFTER and (expires_at is None or at < expires_at))
