"""Events as calendar entries (RFC 5545): one for each slot, the same UID for ever, so that a change finds what it changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from estran.club import service as club
from estran.events import words
from estran.events.rules import Reply
from estran.events.tables import Event, Slot
from estran.mail.letters import Letterhead
from estran.texts import DEFAULT_LANG as LANG
from estran.texts import t
from estran.venues import service as venues
from estran.venues.tables import Venue

if TYPE_CHECKING:
    from icalendar.cal.component import Component

MAKER = "-//Estran//Estran//FR"
AROUND = timedelta(days=366)
"""The changes of the clock that an entry's zone is described with lie at most this far from it."""
READ_AGAIN = timedelta(hours=6)
"""How often a subscribed calendar is asked to look again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One slot in somebody's calendar, and what they have said of it."""

    event: Event
    slot: Slot
    reply: Reply
    is_gone: bool = False
    """The officer took it away from the event."""


async def event_ics(entries: Sequence[Entry], head: Letterhead, *, now: datetime) -> str:
    """These slots as an iCalendar that goes along with a letter; empty when there is none."""
    return await _written(entries, head, now=now) if entries else ""


async def feed_ics(entries: Sequence[Entry], head: Letterhead, *, now: datetime) -> str:
    """These slots as an iCalendar to which somebody's own calendar subscribes."""
    return await _written(entries, head, name=head.club, read_again=READ_AGAIN, now=now)


async def _written(
    entries: Sequence[Entry],
    head: Letterhead,
    *,
    name: str | None = None,
    read_again: timedelta | None = None,
    now: datetime,
) -> str:
    from icalendar import Calendar  # noqa: PLC0415 - a sixth of a second: only when somebody needs an entry

    house = await club.house()
    zone = ZoneInfo(house.zone)
    organizer = f"mailto:{house.contact_email}" if house.contact_email else None
    places = {one.id: one for one in await venues.venues(archived=True)}
    calendar = Calendar.new(
        prodid=MAKER, method="PUBLISH", name=name, refresh_interval=read_again, uid=f"events@{_host(head)}"
    )
    if read_again is not None:
        calendar["REFRESH-INTERVAL"].params["VALUE"] = "DURATION"  # RFC 7986 §5.7: it has no type by default
    for one in entries:
        calendar.add_component(_component(one, places.get(one.event.venue_id), organizer, head, zone, now=now))
    if entries:
        first, last = min(one.slot.starts_at for one in entries), max(one.slot.ends_at for one in entries)
        calendar.add_missing_timezones(first_date=(first - AROUND).date(), last_date=(last + AROUND).date())
    written: bytes = calendar.to_ical()
    return written.decode()


def _component(
    one: Entry, venue: Venue | None, organizer: str | None, head: Letterhead, zone: ZoneInfo, *, now: datetime
) -> "Component":
    from icalendar import STATUS, TRANSP, Event  # noqa: PLC0415 - as above

    is_coming = one.reply is Reply.COMING
    status = STATUS.CONFIRMED if is_coming else STATUS.TENTATIVE
    if one.event.cancelled_at is not None or one.is_gone:
        status = STATUS.CANCELLED
    title = one.event.title
    return Event.new(
        uid=f"{one.slot.id}@{_host(head)}",
        sequence=one.event.revision,
        stamp=now.replace(microsecond=0),
        start=one.slot.starts_at.astimezone(zone),
        end=one.slot.ends_at.astimezone(zone),
        summary=t(LANG, "event.calendar.waiting", title=title) if one.reply is Reply.WAITING else title,
        location=words.where(one.event, venue, LANG) or None,
        description="\n\n".join(_lines(one)) or None,
        status=status,
        transparency=TRANSP.OPAQUE if is_coming else TRANSP.TRANSPARENT,
        organizer=organizer,
    )


def _lines(one: Entry) -> Iterator[str]:
    """What there is to know beside when and where: in French, and what the officer wrote in English."""
    event = one.event
    yield from (text for text in (one.slot.note, event.about) if text)
    if event.bring:
        yield t(LANG, "event.calendar.bring", text=event.bring)
    if event.access:
        yield t(LANG, "event.calendar.access", text=event.access)
    yield from (text for text in (event.title_en, event.about_en, event.place_en) if text)
    if event.bring_en:
        yield t("en", "event.calendar.bring", text=event.bring_en)
    if event.access_en:
        yield t("en", "event.calendar.access", text=event.access_en)


def _host(head: Letterhead) -> str:
    return urlsplit(head.origin).hostname or "localhost"
