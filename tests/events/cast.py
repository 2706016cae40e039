"""People and an event for them; times are told from the instant at which every test begins."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from estran.actor import SYSTEM, Actor, Role
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.events import planning, replies
from estran.events import service as events
from estran.events.planning import Draft, SlotDraft
from estran.events.rules import Reply
from estran.events.tables import Event, Invitee
from tests.conftest import MONDAY, FrozenClock

OFFICER = Actor(kind="account", id=UUID(int=7), roles=frozenset({Role.OFFICER}))
REPLY_BY = MONDAY + timedelta(days=7)
FIRST_SLOT = MONDAY + timedelta(days=10)


async def person(name: str, clock: FrozenClock, **more: Any) -> Ambassador:
    return await club.add_ambassador(
        SYSTEM,
        **{
            "first_name": name,
            "last_name": "Varech",
            "email": f"{name.lower()}@example.org",
            "begins_on": date(2026, 1, 1),
            "ends_on": date(2026, 12, 31),
            "now": clock(),
            **more,
        },
    )


async def people(n: int, clock: FrozenClock) -> list[UUID]:
    return [(await person(f"Ami{at:02}", clock)).id for at in range(n)]


def slot(days: float = 0, *, hours: float = 2, capacity: int | None = None, **more: Any) -> SlotDraft:
    """`days` after the first one."""
    begins = FIRST_SLOT + timedelta(days=days)
    return SlotDraft(starts_at=begins, ends_at=begins + timedelta(hours=hours), capacity=capacity, **more)


def draft(**more: Any) -> Draft:
    return Draft(**{"title": "Pêche à pied", "place": "Plage de la Digue", "reply_by": REPLY_BY, **more})


async def opened(clock: FrozenClock, *times: SlotDraft, **more: Any) -> Event:
    """An event to which everybody is invited."""
    event = await planning.add_event(OFFICER, draft(**more), times or [slot()], now=clock())
    await planning.open_event(OFFICER, event.id, now=clock())
    return await events.event(event.id)


async def says(event: Event, who: UUID, now: datetime, *, coming: bool = True, **more: Any) -> Reply:
    """What somebody replies, and what it is afterwards."""
    row = await replies.reply(SYSTEM, event.id, who, coming=coming, now=now, **more)
    return Reply(row.reply)


async def reply_of(event: Event, who: UUID) -> Reply:
    return Reply((await replies.invitee(event.id, who)).reply)


async def row_of(event: Event, who: UUID) -> Invitee:
    return await replies.invitee(event.id, who)


async def as_drafts(event: Event, **changes: Any) -> Sequence[SlotDraft]:
    """The event's slots as the officer's form sends them again, with `changes` to the first."""
    rows = await events.slots_of(event.id)
    said: list[dict[str, Any]] = [
        {"id": row.id, "starts_at": row.starts_at, "ends_at": row.ends_at, "note": row.note, "capacity": row.capacity}
        for row in rows
    ]
    said[0] |= changes
    return [SlotDraft(**one) for one in said]
