"""What one ambassador is invited to, as it stands for them: only invitations that were sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from estran.events import replies
from estran.events import service as events
from estran.events.replies import Places
from estran.events.tables import Event, Invitee, Slot

SHOWN_FOR = timedelta(days=365)
"""After its last slot an event is told that long to those who were invited."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An event with its times, how full each is, and what this person said."""

    event: Event
    slots: list[Slot]
    places: Mapping[UUID, Places]
    invitee: Invitee
    rank: int | None
    """On the waiting list, from 1."""


async def invitations(ambassador_id: UUID, *, now: datetime) -> list[Invitation]:
    """Everything this person was invited to within a year, in the order of its first slot."""
    rows = await Invitee.objects().where(Invitee.ambassador_id == ambassador_id, Invitee.invited_at.is_not_null())
    return await _told(rows, since=now - SHOWN_FOR, now=now)


async def invitation(event_id: UUID, ambassador_id: UUID, *, now: datetime) -> Invitation:
    """One of them; raises NotFound where there is none, or it was not sent."""
    one = await replies.invitee(event_id, ambassador_id)
    event, slots = await events.event(event_id), await events.slots_of(event_id)
    return Invitation(event, slots, await replies.places(slots), one, await replies.rank(one, event, now=now))


async def _told(rows: list[Invitee], *, since: datetime, now: datetime) -> list[Invitation]:
    invitees = {one.event_id: one for one in rows}
    times = {event_id: slots for event_id, slots in (await events.slots(invitees)).items() if slots}
    shown = {event_id: slots for event_id, slots in times.items() if max(one.ends_at for one in slots) > since}
    if not shown:
        return []
    places = await replies.places([one for slots in shown.values() for one in slots])
    found = [
        Invitation(
            event,
            shown[event.id],
            {one.id: places[one.id] for one in shown[event.id]},
            invitees[event.id],
            await replies.rank(invitees[event.id], event, now=now),
        )
        for event in await Event.objects().where(Event.id.is_in(list(shown)))
    ]
    return sorted(found, key=lambda one: (one.slots[0].starts_at, one.event.id))
