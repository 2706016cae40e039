"""Records acts and reads them back. Called inside the transaction of the act it records."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from estran.actor import Actor
from estran.db import writes
from estran.history import tables


@dataclass(frozen=True, slots=True)
class Entry:
    """One act, as it was recorded."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    action: str
    subject_kind: str
    subject_id: UUID | None
    why: str | None
    details: Mapping[str, Any]


@writes
async def record(
    actor: Actor,
    action: str,
    subject_kind: str,
    subject_id: UUID | None,
    *,
    now: datetime,
    why: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Keep that `actor` did `action` (`room.verb`) at `now`. `details`: JSON values; ids, days and figures, never names."""
    await tables.Entry(
        id=uuid4(),
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        why=why,
        details=json.dumps(details or {}),
    ).save()


@writes
async def forget(subject_ids: Collection[UUID], actor_id: UUID | None = None, *, everywhere: bool = False) -> None:
    """Of what was done about these subjects only who did what and when is left.

    Not even that of what `actor_id` did about them itself, or with `everywhere` about anything: nothing says who it was.
    """
    if subject_ids:
        about = tables.Entry.subject_id.is_in(list(subject_ids))
        await tables.Entry.update({tables.Entry.why: None, tables.Entry.details: "{}"}).where(about)
        await tables.Entry.update({tables.Entry.actor_id: None}).where(about & (tables.Entry.actor_id == actor_id))
    if everywhere:
        await tables.Entry.update({tables.Entry.actor_id: None}).where(tables.Entry.actor_id == actor_id)


@writes
async def forget_actors(subject_id: UUID, action: str, actor_id: UUID | None = None) -> None:
    """That this was done to the subject (with `actor_id`: by them) is all that is left: not who did it, nor what they said."""
    of_it = (tables.Entry.subject_id == subject_id) & (tables.Entry.action == action)
    if actor_id is not None:
        of_it &= tables.Entry.actor_id == actor_id
    await tables.Entry.update({tables.Entry.actor_id: None, tables.Entry.details: "{}"}).where(of_it)


async def entries_about(subject_id: UUID, limit: int = 50) -> list[Entry]:
    """What was done to this subject, newest first."""
    query = tables.Entry.objects().where(tables.Entry.subject_id == subject_id)
    return [_entry(row) for row in await query.order_by(tables.Entry.at, ascending=False).limit(limit)]


async def latest(limit: int = 50) -> list[Entry]:
    """The last acts of all, newest first."""
    query = tables.Entry.objects().order_by(tables.Entry.at, ascending=False)
    return [_entry(row) for row in await query.limit(limit)]


def _entry(row: tables.Entry) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        action=row.action,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        why=row.why,
        details=json.loads(row.details),
    )
