"""When a letter is tried again, and when it is given up. Pure."""

from datetime import datetime, timedelta

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
)
LONGEST_WAIT = timedelta(hours=6)
BY_DAY = frozenset({"news"})
"""Kinds of letters that leave by day only, also when they are tried again: nobody has asked for them just now."""
GIVEN_UP_AFTER = timedelta(days=2)
"""Less than the four or five days of a mail server (RFC 5321 §4.5.4.1): the officer would rather telephone."""


def next_try(*, created_at: datetime, expires_at: datetime | None, tries: int, now: datetime) -> datetime | None:
    """When to try again after `tries` tries, the last one at `now`; None to give up."""
    wait = WAITS[tries - 1] if 1 <= tries <= len(WAITS) else LONGEST_WAIT
    at = now + wait
    last = created_at + GIVEN_UP_AFTER
    if expires_at is not None:
        last = min(last, expires_at)
    return at if at < last else None
