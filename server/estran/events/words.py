"""Events as people say them: when, until when, where. French and English; days and hours are the club's."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from estran.events.tables import Event, Slot
from estran.texts import NARROW, hour_words, long_day_words, t
from estran.venues.tables import Venue

LAST_MINUTE = time(23, 59)


def title(event: Event, lang: str) -> str:
    """The event's title; the French one where there is no other."""
    return event.title_en if lang == "en" and event.title_en else event.title


def about(event: Event, lang: str) -> str:
    """What it is; in French where nobody said it in English."""
    return event.about_en if lang == "en" and event.about_en else event.about


def when(slot: Slot, zone: ZoneInfo, lang: str) -> str:
    """`samedi 12 juin 2027, de 14 h à 17 h 30`; with both days where it ends on another one."""
    first_day, last_day = (one.astimezone(zone).date() for one in (slot.starts_at, slot.ends_at))
    return t(
        lang,
        "event.when" if first_day == last_day else "event.when.days",
        day=long_day_words(first_day, lang),
        last_day=long_day_words(last_day, lang),
        first=_hour(slot.starts_at, zone, lang),
        last=_hour(slot.ends_at, zone, lang),
    )


def deadline(by: datetime, zone: ZoneInfo, lang: str) -> str:
    """`jeudi 10 juin 2027 à 18 h`; `jeudi 10 juin 2027 à minuit` where that day counts to its end."""
    local = by.astimezone(zone)
    hour = t(lang, "event.midnight") if local.time() >= LAST_MINUTE else _hour(by, zone, lang)
    return t(lang, "event.deadline", day=long_day_words(local.date(), lang), hour=hour)


def where(event: Event, venue: Venue | None) -> str:
    """The venue with its address, and where exactly: on one line."""
    parts = [event.place] if venue is None else [venue.name, event.place, venue.address, venue.commune]
    return ", ".join(part for part in parts if part)


def _hour(instant: datetime, zone: ZoneInfo, lang: str) -> str:
    """In French a full hour has no minutes: `18 h`."""
    return hour_words(instant, zone, lang).removesuffix(f"{NARROW}00")
