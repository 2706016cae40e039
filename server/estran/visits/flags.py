"""The officer's lines about one visit: one for each flag, whoever raised it; they are settled together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from estran.actor import Actor
from estran.inbox import service as inbox
from estran.visits.rules import Flag


class Judged(Protocol):
    """What a line keeps of a visit's judgement."""

    @property
    def state(self) -> str:
        """What became of it."""

    @property
    def server_reason(self) -> str:
        """Ours."""

    @property
    def at(self) -> datetime:
        """When it was."""


def details_of(visit: Judged) -> dict[str, Any]:
    """How the visit was judged when the line was made."""
    return {"state": visit.state, "reason": visit.server_reason, "at": visit.at.isoformat()}


def _key(flag: Flag, visit_id: UUID) -> str:
    return f"{flag}:{visit_id}"


async def show(
    flag: Flag,
    visit_id: UUID,
    *,
    venue_id: UUID,
    ambassador_id: UUID | None,
    now: datetime,
    at: datetime | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Have the officer look at this visit. The same flag of the same visit twice is one line, answered or not."""
    await inbox.drop(
        flag,
        key=_key(flag, visit_id),
        now=now,
        at=at,
        subject_kind="visit",
        subject_id=visit_id,
        venue_id=venue_id,
        ambassador_id=ambassador_id,
        details=details,
    )


async def close(flag: Flag, visit_id: UUID, *, now: datetime, by: Actor | None = None) -> None:
    """What was asked no longer holds; `by`: who saw to that."""
    await inbox.close(_key(flag, visit_id), now=now, by=by)


async def settle(visit_id: UUID, *, now: datetime, by: Actor | None = None) -> None:
    """Nothing about this visit waits for the officer any more."""
    for flag in Flag:
        await close(flag, visit_id, now=now, by=by)
