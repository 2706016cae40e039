"""When a benefit is given, and for how long its quota counts: docs/benefits.md §2-§3. Pure; days compare as text.

Twin of kit/src/rules/opening.ts; both run tests/vectors/benefits-v1.json.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from estran.venues.terms import Hours, Per, Quota, Span, Terms

DAYS_AHEAD = 366
"""How far the next opening is looked for."""
MIDNIGHT = 24 * 60
_WHOLE_DAY = (Hours("00:00", "24:00"),)
_YEARLY = len("MM-DD")


@dataclass(frozen=True, slots=True)
class Local:
    """A minute of the club's own calendar: ISO day, weekday (1 is Monday), minutes since midnight by the wall."""

    day: str
    weekday: int
    minute: int


class Moment(NamedTuple):
    """A day and a minute by the wall."""

    day: str
    minute: int


class Period(NamedTuple):
    """Days, both included, in which a quota counts; None for both: as long as the mandate."""

    first: str | None
    last: str | None

    def holds(self, day: str) -> bool:
        """Whether that day lies in it."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def local_of(at: float, zone: str) -> Local:
    """The minute of the calendar in `zone` (IANA) at `at`, seconds since 1970."""
    there = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone))
    return Local(there.date().isoformat(), there.isoweekday(), there.hour * 60 + there.minute)


# --- when -------------------------------------------------------------------------------------------------------------


def holds(span: Span, day: str) -> bool:
    """Whether the span holds that ISO day; both ends are included."""
    if len(span.first) > _YEARLY:
        return span.first <= day <= span.last
    in_year = day[-_YEARLY:]
    if span.first <= span.last:
        return span.first <= in_year <= span.last
    return in_year >= span.first or in_year <= span.last


def is_closed(closures: Sequence[Span], day: str) -> bool:
    """Whether the venue is closed on that day."""
    return any(holds(span, day) for span in closures)


def closed_until(closures: Sequence[Span], day: str) -> str | None:
    """The last day of the closure that holds `day`, through the closures that touch it; None when the venue is not closed."""
    last: str | None = None
    while (end := max((span.last for span in closures if holds(span, day)), default=None)) is not None:
        last, day = end, _next_day(end)
    return last


def is_open(terms: Terms, local: Local) -> bool:
    """Whether the benefit is given at that minute, as far as its own terms go."""
    return _is_day(terms, local.day, local.weekday) and any(
        minutes(one.first) <= local.minute < minutes(one.last) for one in terms.hours or _WHOLE_DAY
    )


def _is_day(terms: Terms, day: str, weekday: int) -> bool:
    return (
        (not terms.seasons or any(holds(span, day) for span in terms.seasons))
        and (not terms.weekdays or weekday in terms.weekdays)
        and not any(holds(span, day) for span in terms.excluded)
    )


def next_opening(terms: Terms, closures: Sequence[Span], local: Local) -> Moment | None:
    """The first minute after `local` at which the benefit opens and the venue is not closed; None within 366 days."""
    starts = sorted(minutes(one.first) for one in terms.hours or _WHOLE_DAY)
    day, weekday, after = local.day, local.weekday, local.minute
    for _ in range(DAYS_AHEAD + 1):
        if _is_day(terms, day, weekday) and not is_closed(closures, day):
            start = next((start for start in starts if start > after), None)
            if start is not None:
                return Moment(day, start)
        day, weekday, after = _next_day(day), weekday % 7 + 1, -1
    return None


def shuts_at(terms: Terms, local: Local) -> int | None:
    """The minute at which what is open now shuts today; None when it is shut, `MIDNIGHT` when it stays open."""
    if not is_open(terms, local):
        return None
    return max(
        minutes(one.last) for one in terms.hours or _WHOLE_DAY if minutes(one.first) <= local.minute < minutes(one.last)
    )


def minutes(time: str) -> int:
    """Minutes since midnight of `HH:MM`."""
    return int(time[:2]) * 60 + int(time[3:])


def _next_day(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


# --- how often --------------------------------------------------------------------------------------------------------


def period_of(quota: Quota, seasons: Sequence[Span], day: str) -> Period | None:
    """The period in which a visit of that day counts; None outside all seasons, where nothing counts."""
    if quota.per is Per.DAY:
        return Period(day, day)
    if quota.per is Per.MONTH:
        return Period(f"{day[:7]}-01", f"{day[:7]}-31")
    if quota.per is Per.YEAR:
        return Period(f"{day[:4]}-01-01", f"{day[:4]}-12-31")
    if quota.per is Per.VALIDITY:
        return Period(None, None)
    season = next((span for span in seasons if holds(span, day)), None)
    return None if season is None else _in_years(season, day)


def _in_years(season: Span, day: str) -> Period:
    if len(season.first) > _YEARLY:
        return Period(season.first, season.last)
    year, in_year = int(day[:-6]), day[-_YEARLY:]
    if season.first <= season.last:
        first, last = year, year
    else:
        first, last = (year, year + 1) if in_year >= season.first else (year - 1, year)
    return Period(f"{first:04}-{season.first}", f"{last:04}-{season.last}")
