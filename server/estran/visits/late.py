"""What scanners without network tell of an event after it was summed up: docs/events.md §6."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from estran.db import writes
from estran.events import planning
from estran.events import service as events
from estran.events.tables import Event, Slot
from estran.venues import service as venues
from estran.venues.tables import Device
from estran.visits import arrivals
from estran.visits.rules import State
from estran.visits.snapshot import SLOTS_UNTIL


async def unheard(row: Event, times: Sequence[Slot]) -> list[Device]:
    """The scanners that may still hold arrivals: in use, aware of this event, and not heard of since its last slot ended."""
    if row.venue_id is None or row.opened_at is None or not times:
        return []
    aware_since = max(row.opened_at, min(one.starts_at for one in times) - SLOTS_UNTIL)
    ended = max(one.ends_at for one in times)
    return [
        one
        for one in await venues.devices_of(row.venue_id)
        if one.state == "active" and one.seen_at is not None and aware_since <= one.seen_at < ended
    ]


@writes
async def note(slot_ids: Collection[UUID], *, now: datetime) -> None:
    """Whoever counts as arrived at these slots came to their events, where these are summed up already."""
    for event_id in {(await events.slot(one)).event_id for one in slot_ids}:
        if (await events.event(event_id)).summed_at is None:
            continue
        seen: dict[UUID, int] = {}
        for here in (await arrivals.arrivals([one.id for one in await events.slots_of(event_id)])).values():
            for person, one in here.items():
                if one.state == State.COUNTED:
                    seen[person] = max(seen.get(person, 0), one.guests)
        await planning.arrived_late(event_id, seen, now=now)
