"""Events as people say them: when, until when, where. French and English; days and hours are the club's."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from estran.events.tables import Event, Slot
from estran.texts import NARROW, hour_words, long_day_words, t
from estran.venues.tables import Venue

LAST_MINUTE = time(23, 59)


SAID = ("title", "about", "place", "access", "bring")
"""What an event says in French, and may say in English."""


def said(event: Event, lang: str) -> dict[str, str]:
    """SAID of it; in French what nobody said in English."""
    return {name: (lang == "en" and getattr(event, f"{name}_en")) or getattr(event, name) for name in SAID}


def when(slot: Slot, zone: ZoneInfo, lang: str) -> str:
    """`samedi 12 juin 2027, de 14 h à 17 h 30`; with both days where it ends on another one."""
    first_day = slot.starts_at.astimezone(zone).date()
    last_day, last = _until(slot.ends_at, zone, lang)
    return t(
        lang,
        "event.when" if first_day == last_day else "event.when.days",
        day=long_day_words(first_day, lang),
        last_day=long_day_words(last_day, lang),
        first=_hour(slot.starts_at, zone, lang),
        last=last,
    )


def deadline(by: datetime, zone: ZoneInfo, lang: str) -> str:
    """`jeudi 10 juin 2027 à 18 h`; `jeudi 10 juin 2027 à minuit` where that day counts to its end."""
    day, hour = _until(by, zone, lang)
    return t(lang, "event.deadline", day=long_day_words(day, lang), hour=hour)


def _until(instant: datetime, zone: ZoneInfo, lang: str) -> tuple[date, str]:
    """Day and hour of an end: midnight is that of the day that ends, not the first hour of another one."""
    local = instant.astimezone(zone)
    if local.time() != time() and local.time() < LAST_MINUTE:
        return local.date(), _hour(instant, zone, lang)
    return (local - timedelta(minutes=1)).date(), t(lang, "event.midnight")


def where(event: Event, venue: Venue | None, lang: str) -> str:
    """The venue with its address, and where exactly: on one line."""
    place = said(event, lang)["place"]
    parts = [place] if venue is None else [venue.name, place, venue.address, venue.commune]
    return ", ".join(part for part in parts if part)


def _hour(instant: datetime, zone: ZoneInfo, lang: str) -> str:
    """In French a full hour has no minutes: `18 h`."""
    return hour_words(instant, zone, lang).removesuffix(f"{NARROW}00")
