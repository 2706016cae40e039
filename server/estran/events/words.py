"""When and where an event is, as people say it, in French and English. Pure: the zone is given."""

from datetime import datetime
from zoneinfo import ZoneInfo

from estran import clock
from estran.events.tables import Event, Slot
from estran.texts import NARROW, hour_words, long_day_words, t
from estran.venues.tables import Venue


def title_words(event: Event, lang: str) -> str:
    """The event's title; the French one where there is no other."""
    return event.title_en if lang == "en" and event.title_en else event.title


def about_words(event: Event, lang: str) -> str:
    """What it is."""
    return event.about_en if lang == "en" and event.about_en else event.about


def at_words(instant: datetime, zone: ZoneInfo, lang: str) -> str:
    """A day and an hour: `jeudi 11 juin 2026 à 18 h`; what follows « réponse souhaitée avant le »."""
    day = long_day_words(clock.local_day(instant, zone), lang)
    return t(lang, "events.at", day=day, hour=_hour(instant, zone, lang))


def slot_words(slot: Slot, zone: ZoneInfo, lang: str) -> str:
    """From when to when: `samedi 20 juin 2026, de 9 h 30 à 11 h`."""
    if clock.local_day(slot.starts_at, zone) == clock.local_day(slot.ends_at, zone):
        day = long_day_words(clock.local_day(slot.starts_at, zone), lang)
        begins, ends = _hour(slot.starts_at, zone, lang), _hour(slot.ends_at, zone, lang)
        return t(lang, "events.on", day=day, begins=begins, ends=ends)
    begins, ends = at_words(slot.starts_at, zone, lang), at_words(slot.ends_at, zone, lang)
    return t(lang, "events.over_days", begins=begins, ends=ends)


def place_words(event: Event, venue: Venue | None) -> str:
    """Where: the venue with its address, then where exactly; on lines of their own."""
    lines = [venue.name, ", ".join(filter(None, (venue.address, venue.commune)))] if venue is not None else []
    return "\n".join(filter(None, [*lines, event.place]))


def _hour(instant: datetime, zone: ZoneInfo, lang: str) -> str:
    """A full hour without its minutes, in French: `18 h`."""
    return hour_words(instant, zone, lang).removesuffix(f"{NARROW}00")
