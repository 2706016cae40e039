"""The only reader of the system clock, and the only place where a day is made of an instant.

Instants are aware and in UTC; a day exists only in the club's time zone.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

Clock = Callable[[], datetime]
MS_MAX = 253_402_300_799_000
"""The last second of the year 9999: what a date can hold."""
Ms = Annotated[int, msgspec.Meta(ge=0, le=MS_MAX)]
"""An instant on the wire: milliseconds since 1970."""


def system_clock() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day of `instant` in `zone`."""
    return instant.astimezone(zone).date()


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last second of `day` in `zone`, as an aware UTC instant: one second before the next local midnight.

    Built from the next day's midnight, so that days of 23 and 25 hours (DST) end when the wall clock says so.
    """
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return midnight.astimezone(UTC) - timedelta(seconds=1)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of `day` in `zone`, aware, UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def from_ms(ms: int) -> datetime:
    """The aware UTC instant `ms` milliseconds after 1970; raises OverflowError or ValueError outside year 1-9999."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
