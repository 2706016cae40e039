"""What holds of every benefit: seasons, hours, days on which clocks change, closures, periods."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from estran.venues import opening
from estran.venues.opening import Local
from estran.venues.terms import Hours, Per, Quota, Span, Terms

HALF = 30
DAYS = st.dates(date(2025, 1, 1), date(2032, 12, 31))
ZONES = st.sampled_from(["Europe/Paris", "UTC", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"])


def text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def after(day: str, n: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=n)).isoformat()


def local(day: date, minute: int = 0) -> Local:
    return Local(day.isoformat(), day.isoweekday(), minute)


@st.composite
def spans(draw: st.DrawFn, *, around: date | None = None, cut: int | None = None) -> Span:
    """A span of dates, or of days of every year."""
    first = draw(DAYS) if around is None else around + timedelta(days=draw(st.integers(-20, 20)))
    last = first + timedelta(days=draw(st.integers(0, 20) | st.integers(0, 360)))
    cut = draw(st.sampled_from([0, 5])) if cut is None else cut
    return Span(first.isoformat()[cut:], last.isoformat()[cut:])


@st.composite
def hours(draw: st.DrawFn) -> tuple[Hours, ...]:
    """Opening hours on the half hour that do not overlap."""
    edges = draw(st.lists(st.integers(0, 48), max_size=6, unique=True))
    edges = sorted(edges)
    return tuple(Hours(text(a * HALF), text(b * HALF)) for a, b in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def terms(draw: st.DrawFn, around: date) -> Terms:
    return Terms(
        seasons=tuple(draw(st.lists(spans(around=around), max_size=2))),
        excluded=tuple(draw(st.lists(spans(around=around), max_size=2))),
        weekdays=tuple(draw(st.sets(st.integers(1, 7), max_size=4))),
        hours=draw(hours()),
    )


@given(st.data())
def test_the_next_opening_is_open_later_and_the_first(data: st.DataObject) -> None:
    today = data.draw(DAYS)
    benefit = data.draw(terms(today))
    closures = data.draw(st.lists(spans(around=today, cut=0), max_size=2))
    now = local(today, data.draw(st.integers(0, 1439)))

    def given_at(there: Local) -> bool:
        return opening.is_open(benefit, there) and not opening.is_closed(closures, there.day)

    if given_at(now):
        return
    found = opening.next_opening(benefit, closures, now)
    until = after(now.day, 367) if found is None else found.day
    if found:
        assert (found.day, found.minute) > (now.day, now.minute)
        assert given_at(local(date.fromisoformat(found.day), found.minute))
    for n in range((date.fromisoformat(until) - today).days + 1):
        for minute in range(0, 24 * 60, HALF):
            there = local(today + timedelta(days=n), minute)
            if (now.day, now.minute) < (there.day, minute) < ((found.day, found.minute) if found else (until, 0)):
                assert not given_at(there)


@given(DAYS, ZONES)
def test_a_day_is_as_long_as_its_clocks_make_it(day: date, zone: str) -> None:
    benefit = Terms(seasons=(Span(day.isoformat(), day.isoformat()),))
    there, tomorrow = (
        datetime(one.year, one.month, one.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for one in (day, day + timedelta(days=1))
    )
    begins, ends = int(there.timestamp()), int(tomorrow.timestamp())
    open_at = [opening.is_open(benefit, opening.local_of(at, zone)) for at in range(begins, ends, 900)]
    assert all(open_at)
    assert not opening.is_open(benefit, opening.local_of(begins - 1, zone))
    assert not opening.is_open(benefit, opening.local_of(ends, zone))


@given(DAYS, st.integers(0, 23), ZONES)
def test_an_hour_lasts_as_often_as_the_wall_shows_it(day: date, hour: int, zone: str) -> None:
    last = text((hour + 1) * 60)
    benefit = Terms(seasons=(Span(day.isoformat(), day.isoformat()),), hours=(Hours(text(hour * 60), last),))
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).timestamp())
    every = range(noon - 15 * 3600, noon + 15 * 3600, 900)
    shown = sum(
        datetime.fromtimestamp(at, ZoneInfo(zone)).replace(minute=0).isoformat()[:13] == f"{day}T{hour:02}"
        for at in every
    )
    assert sum(opening.is_open(benefit, opening.local_of(at, zone)) for at in every) == shown


@given(DAYS, st.integers(0, 1439))
def test_a_yearly_span_is_the_same_span_in_every_year(day: date, n: int) -> None:
    span = Span(day.isoformat()[5:], (day + timedelta(days=n % 360)).isoformat()[5:])
    every = [f"{year}-{span.first}" for year in range(day.year - 2, day.year + 3)]
    over = span.first > span.last
    dated = [Span(first, f"{int(first[:4]) + over}-{span.last}") for first in every]
    probe = after(day.isoformat(), n - 360 if n < 720 else n - 1080)
    assert opening.holds(span, probe) == any(opening.holds(one, probe) for one in dated)


@given(st.data())
def test_closed_until_is_the_last_day_before_one_that_is_open(data: st.DataObject) -> None:
    today = data.draw(DAYS)
    closures = data.draw(st.lists(spans(around=today, cut=0), max_size=4))
    until = opening.closed_until(closures, today.isoformat())
    assert (until is None) == (not opening.is_closed(closures, today.isoformat()))
    if until is not None:
        assert not opening.is_closed(closures, after(until, 1))
        days = (date.fromisoformat(until) - today).days
        assert all(opening.is_closed(closures, after(today.isoformat(), n)) for n in range(days + 1))


@given(st.data())
def test_a_period_holds_its_day_and_is_that_of_all_its_days(data: st.DataObject) -> None:
    day = data.draw(DAYS)
    quota = Quota(1, data.draw(st.sampled_from(Per)))
    seasons = data.draw(st.lists(spans(around=day), max_size=1))
    period = opening.period_of(quota, seasons, day.isoformat())
    assert (period is None) == (quota.per is Per.SEASON and not any(opening.holds(s, day.isoformat()) for s in seasons))
    if period is None or period.first is None or period.last is None:
        return
    assert period.first <= day.isoformat() <= period.last
    n = data.draw(st.integers(-400, 400))
    other = after(day.isoformat(), n)
    assert period.holds(other) == (opening.period_of(quota, seasons, other) == period)
