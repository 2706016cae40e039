"""Who arrived at events: visits with a slot (docs/events.md §4-§6). Reads only; the officer's word is above the scanners'."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from estran.db import fetch
from estran.events import replies, sums
from estran.events import service as events
from estran.events.rules import GUESTS_MAX, Attendance
from estran.events.tables import Event, Invitee, Slot


@dataclass(frozen=True, slots=True)
class Arrival:
    """One ambassador's arrival at a slot: when and at which scanner first, with how many guests at most.

    However often it was noted, as by two scanners of one door, it is one.
    """

    at: datetime
    guests: int
    device_label: str
    visit_id: UUID
    state: str
    """`counted`, or `to_confirm`: somebody was let in, and the officer has not looked at it yet."""


_ARRIVED = (
    "SELECT v.id, v.slot_id, v.ambassador_id, v.at, v.guests, v.state, v.device_id, d.label FROM visits_visit v"
    " JOIN venues_device d ON d.id = v.device_id WHERE v.slot_id IN (%s) AND v.ambassador_id IS NOT NULL"
    " AND v.state IN ('counted', 'to_confirm') ORDER BY v.at, v.id"
)


async def arrivals(slot_ids: Collection[UUID], *, besides: UUID | None = None) -> dict[UUID, dict[UUID, Arrival]]:
    """By slot and ambassador: the arrivals that stand; `besides`: without those that this scanner noted."""
    found: dict[UUID, dict[UUID, Arrival]] = {slot_id: {} for slot_id in slot_ids}
    if not found:
        return found
    for row in await fetch(_ARRIVED.replace("%s", ", ".join(["{}"] * len(found))), *found):
        if row["device_id"] == besides:
            continue
        here = found[row["slot_id"]]
        guests = min(row["guests"], GUESTS_MAX)  # an item may say more; nobody brings more to an event
        one = Arrival(row["at"], guests, row["label"], row["id"], row["state"])
        first = here.setdefault(row["ambassador_id"], one)
        here[row["ambassador_id"]] = replace(first, guests=max(first.guests, one.guests))
    return found


async def titles(slot_ids: Collection[UUID | None], lang: str) -> dict[UUID, str]:
    """What the event of each of these slots is called; those that are none are left out."""
    ids = {slot_id for slot_id in slot_ids if slot_id is not None}
    if not ids:
        return {}
    rows = await Slot.select(Slot.id, Slot.event_id.title, Slot.event_id.title_en).where(Slot.id.is_in(list(ids)))
    return {row["id"]: (lang == "en" and row["event_id.title_en"]) or row["event_id.title"] for row in rows}


# --- who was there ----------------------------------------------------------------------------------------------------


async def present(event_id: UUID) -> dict[UUID, int]:
    """Who was at this event, and with how many guests."""
    return (await presents([event_id]))[event_id]


async def presents(event_ids: Collection[UUID]) -> dict[UUID, dict[UUID, int]]:
    """The same of several events, in as many queries as of one."""
    return await _presents(event_ids, await _invitees(event_ids))


async def attendance(event_id: UUID) -> Attendance:
    """Who was expected at this event, and who came; who is named no more, too. Raises NotFound."""
    await events.event(event_id)
    return (await attendances([event_id]))[event_id]


async def attendances(event_ids: Collection[UUID]) -> dict[UUID, Attendance]:
    """The same of several events, in as many queries as of one."""
    asked = await _invitees(event_ids)
    came = await _presents(event_ids, asked)
    rows = await Event.objects().where(Event.id.is_in(list(event_ids))) if event_ids else []
    return {row.id: sums.attendance(row, asked[row.id], came[row.id]) for row in rows}


_SEEN_AT = "SELECT s.event_id FROM visits_visit v JOIN events_slot s ON s.id = v.slot_id WHERE v.ambassador_id = {}"


async def presences_of(ambassador_id: UUID) -> dict[UUID, int]:
    """The events at which this person was, each with how many guests they brought."""
    rows = await fetch(_SEEN_AT, ambassador_id)
    said = Invitee.select(Invitee.event_id).where(Invitee.ambassador_id == ambassador_id, Invitee.came.is_not_null())
    event_ids = {row["event_id"] for row in rows} | set(await said.output(as_list=True))
    everybody = await presents(event_ids)
    return {event_id: here[ambassador_id] for event_id, here in everybody.items() if ambassador_id in here}


async def _invitees(event_ids: Collection[UUID]) -> Mapping[UUID, list[Invitee]]:
    found: dict[UUID, list[Invitee]] = defaultdict(list)
    if event_ids:
        for row in await Invitee.objects().where(Invitee.event_id.is_in(list(event_ids))):
            found[row.event_id].append(row)
    return found


async def _presents(event_ids: Collection[UUID], asked: Mapping[UUID, list[Invitee]]) -> dict[UUID, dict[UUID, int]]:
    slots = await events.slots(event_ids)
    seen = await arrivals([one.id for times in slots.values() for one in times])
    found: dict[UUID, dict[UUID, int]] = {}
    for event_id in event_ids:
        here: dict[UUID, int] = {}
        for slot in slots[event_id]:
            for person, one in seen[slot.id].items():
                here[person] = max(here.get(person, 0), one.guests)
        for invitee in asked[event_id]:
            if invitee.came:
                here[invitee.ambassador_id] = invitee.came_guests or 0
            elif invitee.came is not None:
                here.pop(invitee.ambassador_id, None)
        found[event_id] = here
    return found


# --- at a venue -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HostedSlot:
    """One slot: who is expected and who is in by the scanners' word, in heads, guests included."""

    slot: Slot
    expected: int
    arrived: int


@dataclass(frozen=True, slots=True)
class Hosted:
    """An event at a venue. No names."""

    event: Event
    slots: list[HostedSlot]
    arrived: int
    """Ambassadors, the officer's word and those included who are named no more."""
    guests: int
    """Whom they brought along."""

    @property
    def ends_at(self) -> datetime:
        """The end of the last slot."""
        return max(one.slot.ends_at for one in self.slots)


async def hosted(venue_id: UUID, *, since: datetime) -> list[Hosted]:
    """The events at this venue that end later than `since`, in their order in time; not drafts, but cancelled ones too."""
    found = await Event.objects().where(Event.venue_id == venue_id, Event.opened_at.is_not_null())
    times = await events.slots([event.id for event in found])
    coming = [event for event in found if any(slot.ends_at > since for slot in times[event.id])]
    slots = [slot for event in coming for slot in times[event.id]]
    expected, seen = await replies.places(slots), await arrivals([slot.id for slot in slots])
    came = await presents([event.id for event in coming])
    return [
        Hosted(
            event=event,
            slots=[
                HostedSlot(slot, expected[slot.id].taken, sum(1 + one.guests for one in seen[slot.id].values()))
                for slot in times[event.id]
            ],
            arrived=event.gone_present + len(came[event.id]),
            guests=event.gone_guests + sum(came[event.id].values()),
        )
        for event in sorted(coming, key=lambda event: (times[event.id][0].starts_at, event.id))
    ]
