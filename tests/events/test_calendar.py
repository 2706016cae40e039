"""Calendar entries, read back with the library that reads everybody's."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from estran.actor import SYSTEM
from estran.club import service as club
from estran.events import calendar, planning
from estran.events import service as events
from estran.events.calendar import Entry
from estran.events.planning import SlotDraft
from estran.events.rules import Reply
from estran.events.tables import Event
from estran.venues import service as venues
from tests.access.letters import HEAD
from tests.conftest import FrozenClock
from tests.events.cast import FIRST_SLOT, OFFICER, as_drafts, draft, slot

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]


async def made(clock: FrozenClock, *times: SlotDraft, **more: Any) -> Event:
    return await planning.add_event(OFFICER, draft(**more), times or [slot()], now=clock())


async def entries(event: Event, reply: Reply = Reply.COMING) -> list[Entry]:
    row = await events.event(event.id)
    return [Entry(row, one, reply) for one in await events.slots_of(event.id)]


async def read(given: Sequence[Entry], clock: FrozenClock) -> Any:
    found: Any = Calendar.from_ical(await calendar.event_ics(given, HEAD, now=clock()))
    assert found.get_missing_tzids() == set()
    assert found["METHOD"] == "PUBLISH"
    assert [fault for one in found.walk() for fault in one.errors] == []
    return found


async def test_an_entry_says_when_where_and_what_to_bring(clock: FrozenClock) -> None:
    await club.house()
    house = await venues.add_venue(
        SYSTEM, name="Le Bigorneau", commune="Granville", address="2, quai Nord", url="", contact_email="", now=clock()
    )
    event = await made(
        clock,
        slot(note="Basse mer à 12 h 40; coefficient 98"),
        venue_id=house.id,
        place="Salle du fond",
        title="Pêche, « tri » ; dégustation",
        about="On gratte.\nOn goûte, " + "longtemps " * 30,
        bring="Des bottes",
        access="De plain-pied",
        access_en="Step-free",
        about_en="We dig.",
    )
    [entry] = (await read(await entries(event), clock)).events
    assert entry["SUMMARY"] == "Pêche, « tri » ; dégustation"
    assert entry["LOCATION"] == "Le Bigorneau, Salle du fond, 2, quai Nord, Granville"
    assert entry["STATUS"] == "CONFIRMED"
    assert (entry.start, entry.end) == (FIRST_SLOT, FIRST_SLOT + timedelta(hours=2))
    assert str(entry.start.tzinfo) == "Europe/Paris"
    for said in (
        "Basse mer à 12 h 40; coefficient 98",
        "On gratte.\nOn goûte",
        "Des bottes",
        "De plain-pied",
        "We dig.",
        "Accessibility: Step-free",
    ):
        assert said in entry["DESCRIPTION"]
    written = await calendar.event_ics(await entries(event), HEAD, now=clock())
    assert max(len(line.encode()) for line in written.split("\r\n")) <= 75
    assert "\n" not in written.replace("\r\n", "")


async def test_a_slot_keeps_its_uid_and_a_change_counts_on(clock: FrozenClock) -> None:
    event = await made(clock, slot(), slot(1))
    before = (await read(await entries(event), clock)).events
    assert len({one["UID"] for one in before}) == 2
    await Event.update({Event.opened_at: clock()}).where(Event.id == event.id)
    first, second = await as_drafts(event, starts_at=FIRST_SLOT + timedelta(hours=1))
    await planning.edit_event(OFFICER, event.id, draft(), [first, second], now=clock.advance(days=1))
    after = (await read(await entries(event), clock)).events
    assert [one["UID"] for one in after] == [one["UID"] for one in before]
    assert [one["SEQUENCE"] for one in before] == [0, 0]
    assert [one["SEQUENCE"] for one in after] == [1, 1]
    assert after[0].start == FIRST_SLOT + timedelta(hours=1)
    await planning.cancel_event(OFFICER, event.id, "Coup de vent", now=clock())
    last = (await read(await entries(event), clock)).events
    assert [(one["UID"], one["STATUS"], one["SEQUENCE"]) for one in last] == [
        (one["UID"], "CANCELLED", 2) for one in before
    ]


@pytest.mark.parametrize(
    ("reply", "status", "summary"),
    [
        (Reply.COMING, "CONFIRMED", "Pêche à pied"),
        (Reply.WAITING, "TENTATIVE", "Liste d’attente\u00a0: Pêche à pied"),
        (Reply.AWAITED, "TENTATIVE", "Pêche à pied"),
    ],
)
async def test_what_is_not_sure_is_tentative(clock: FrozenClock, reply: Reply, status: str, summary: str) -> None:
    [entry] = (await read(await entries(await made(clock), reply), clock)).events
    assert (entry["STATUS"], entry["SUMMARY"]) == (status, summary)


async def test_an_entry_on_the_night_of_the_clocks_is_as_long_as_it_is(clock: FrozenClock) -> None:
    begins, ends = datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 5, tzinfo=UTC)
    event = await made(clock, SlotDraft(starts_at=begins, ends_at=ends))
    [entry] = (await read(await entries(event), clock)).events
    assert (entry.start.isoformat(), entry.end.isoformat()) == (
        "2026-10-25T00:00:00+02:00",
        "2026-10-25T06:00:00+01:00",
    )
    assert entry.end.astimezone(UTC) - entry.start.astimezone(UTC) == timedelta(hours=7)


async def test_without_an_entry_there_is_no_calendar(clock: FrozenClock) -> None:
    assert await calendar.event_ics([], HEAD, now=clock()) == ""
