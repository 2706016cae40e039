"""Days begin and end where the club is; everything else is UTC."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.clock import end_of_day, from_ms, local_day, start_of_day, system_clock, to_ms

PARIS = ZoneInfo("Europe/Paris")
ZONES = [PARIS, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("America/St_Johns"), ZoneInfo("UTC")]
DAYS = st.dates(date(1971, 1, 2), date(2200, 1, 1))


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        pytest.param(utc(2026, 6, 15, 21, 59, 59), date(2026, 6, 15), id="a summer evening"),
        pytest.param(utc(2026, 6, 15, 22, 0, 0), date(2026, 6, 16), id="midnight in summer is 22:00 UTC"),
        pytest.param(utc(2026, 12, 15, 22, 59, 59), date(2026, 12, 15), id="a winter evening"),
        pytest.param(utc(2026, 12, 31, 23, 0, 0), date(2027, 1, 1), id="midnight in winter is 23:00 UTC"),
    ],
)
def test_the_day_of_an_instant_is_the_club_s(instant: datetime, day: date) -> None:
    assert local_day(instant, PARIS) == day


@pytest.mark.parametrize(
    ("day", "first", "last", "hours"),
    [
        pytest.param(date(2026, 3, 29), utc(2026, 3, 28, 23), utc(2026, 3, 29, 21, 59, 59), 23, id="23 hours in March"),
        pytest.param(date(2026, 10, 25), utc(2026, 10, 24, 22), utc(2026, 10, 25, 22, 59, 59), 25, id="25 in October"),
        pytest.param(date(2026, 6, 15), utc(2026, 6, 14, 22), utc(2026, 6, 15, 21, 59, 59), 24, id="24 otherwise"),
    ],
)
def test_a_day_has_the_hours_of_the_wall_clock(day: date, first: datetime, last: datetime, hours: int) -> None:
    assert start_of_day(day, PARIS) == first
    assert end_of_day(day, PARIS) == last
    assert last - first == timedelta(hours=hours, seconds=-1)


def test_a_day_that_begins_at_one_o_clock() -> None:
    """Beirut has no midnight on the last Sunday of March."""
    beirut, day = ZoneInfo("Asia/Beirut"), date(2026, 3, 29)
    assert local_day(start_of_day(day, beirut), beirut) == day
    assert end_of_day(day - timedelta(days=1), beirut) + timedelta(seconds=1) == start_of_day(day, beirut)


@given(DAYS, st.sampled_from(ZONES))
def test_days_follow_each_other_without_gap(day: date, zone: ZoneInfo) -> None:
    assert local_day(start_of_day(day, zone), zone) == day
    assert local_day(end_of_day(day, zone), zone) == day
    assert end_of_day(day, zone) + timedelta(seconds=1) == start_of_day(day + timedelta(days=1), zone)


@given(st.integers(0, 253_402_300_799_999))
def test_milliseconds_go_there_and_back(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms


def test_milliseconds_of_a_known_instant() -> None:
    assert to_ms(utc(2026, 6, 15, 10)) == 1_781_517_600_000
    assert to_ms(datetime(2026, 6, 15, 12, tzinfo=PARIS)) == 1_781_517_600_000
    assert from_ms(0) == utc(1970, 1, 1)


@pytest.mark.parametrize("ms", [10**15, -(10**15), 10**30], ids=str)
def test_no_instant_outside_the_calendar(ms: int) -> None:
    with pytest.raises((OverflowError, ValueError)):
        from_ms(ms)


def test_the_system_clock_is_aware_and_utc() -> None:
    assert system_clock().utcoffset() == timedelta(0)
    assert abs(system_clock() - datetime.now(UTC)) < timedelta(seconds=5)
