"""Days, instants and durations as people say them, in French and English. Pure: the zone and `now` are given.

Not left to the machine's locale: a server seldom has the French one.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from estran.texts import day_words, hour_words, long_day_words, month_words, t, weekday_words

_SHORT_MONTHS_FR = [
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
]
__all__ = [
    "ago_words",
    "day_words",
    "hour_words",
    "long_day_words",
    "month_span",
    "month_words",
    "months_before",
    "short_day_words",
    "short_month_words",
]


def short_day_words(day: date, lang: str) -> str:
    """Without the year: `dim. 1er nov.`, `Sun 1 Nov`."""
    number = "1er" if lang == "fr" and day.day == 1 else str(day.day)
    name = weekday_words(day, lang)[:3]
    return f"{name}{'.' if lang == 'fr' else ''} {number} {short_month_words(day, lang)}"


def short_month_words(day: date, lang: str) -> str:
    """The month's usual abbreviation."""
    return _SHORT_MONTHS_FR[day.month - 1] if lang == "fr" else month_words(day, lang)[:3]


def months_before(day: date, n: int = 24) -> list[date]:
    """The first days of the last months, that of `day` first: this summer beside the last one."""
    months = [day.replace(day=1)]
    while len(months) < n:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def month_span(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first instant of a month in that zone, and that of the next."""
    after = (month + timedelta(days=31)).replace(day=1)
    return datetime.combine(month, time(), zone), datetime.combine(after, time(), zone)


def ago_words(instant: datetime, now: datetime, lang: str) -> str:
    """`il y a 3 h`, rounded down; an instant of the future is now (clocks differ a little)."""
    past = max(now - instant, timedelta())
    if past < timedelta(minutes=1):
        return t(lang, "desk.ago.now")
    if past < timedelta(hours=1):
        return t(lang, "desk.ago.minutes", n=past // timedelta(minutes=1))
    if past < timedelta(days=1):
        return t(lang, "desk.ago.hours", n=past // timedelta(hours=1))
    return t(lang, "desk.ago.days", n=past.days)
