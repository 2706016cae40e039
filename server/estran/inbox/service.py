"""Drops things into the officer's inbox and takes the answers."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from estran.actor import Actor
from estran.db import writes
from estran.errors import NotFound
from estran.history import service as history
from estran.inbox import tables


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at; the desk finds the sentence for its `kind`."""

    id: UUID
    kind: str
    at: datetime
    subject_kind: str
    subject_id: UUID | None
    venue_id: UUID | None
    ambassador_id: UUID | None
    details: Mapping[str, Any]
    answered_at: datetime | None
    answered_by: UUID | None
    """None for what waits, and for what settled by itself."""
    answer: str | None


@writes
async def drop(
    kind: str,
    *,
    key: str,
    now: datetime,
    at: datetime | None = None,
    subject_kind: str,
    subject_id: UUID | None,
    venue_id: UUID | None = None,
    ambassador_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Have the officer look at something. The same `key` twice, answered or not, changes nothing. No names in `details`.

    `at`: when it happened, where that was earlier than `now`.
    """
    row = tables.Item(
        id=uuid4(),
        key=key,
        kind=kind,
        at=at or now,
        subject_kind=subject_kind,
        subject_id=subject_id,
        venue_id=venue_id,
        ambassador_id=ambassador_id,
        details=json.dumps(details or {}),
    )
    await tables.Item.insert(row).on_conflict(target=tables.Item.key, action="DO NOTHING")


async def open_items() -> list[Item]:
    """Everything that waits for an answer, newest first."""
    query = tables.Item.objects().where(tables.Item.answered_at.is_null())
    return [_item(row) for row in await query.order_by(tables.Item.at, ascending=False)]


async def answered_items(
    *, since: datetime | None = None, until: datetime | None = None, limit: int = 100
) -> list[Item]:
    """What was answered, or settled by itself, from `since` until before `until`; newest answer first."""
    query = tables.Item.objects().where(tables.Item.answered_at.is_not_null())
    if since is not None and until is not None:
        query = query.where(tables.Item.answered_at >= since, tables.Item.answered_at < until)
    return [_item(row) for row in await query.order_by(tables.Item.answered_at, ascending=False).limit(limit)]


async def item(item_id: UUID) -> Item:
    """That item, answered or not; raises NotFound."""
    return _item(await _row(item_id))


async def count_open() -> int:
    """How many items wait for an answer."""
    return int(await tables.Item.count().where(tables.Item.answered_at.is_null()))


async def is_waiting(kind: str, subject_id: UUID) -> bool:
    """Whether a line of this kind about this subject waits for an answer."""
    return await tables.Item.exists().where(
        tables.Item.kind == kind, tables.Item.subject_id == subject_id, tables.Item.answered_at.is_null()
    )


@writes
async def answer(actor: Actor, item_id: UUID, answer: str, *, now: datetime) -> Item:
    """The item with its answer. The first answer stays; raises NotFound."""
    row = await _row(item_id)
    if row.answered_at is None:
        row.answered_at, row.answered_by, row.answer = now, actor.id, answer
        await row.save()
        await history.record(
            actor,
            "inbox.answer",
            row.subject_kind,
            row.subject_id,
            now=now,
            details={"item": str(row.id), "kind": row.kind, "answer": answer},
        )
    return _item(row)


@writes
async def close(key: str, *, now: datetime, by: Actor | None = None, answer: str = "") -> None:
    """Nobody needs to answer any more: it was done elsewhere, by whom and how; or nobody did anything (a gap was filled)."""
    await tables.Item.update(
        {
            tables.Item.answered_at: now,
            tables.Item.answered_by: None if by is None else by.id,
            tables.Item.answer: answer or ("settled" if by is None else "done"),
        }
    ).where(tables.Item.key == key, tables.Item.answered_at.is_null())


@writes
async def forget_subjects(subject_ids: Collection[UUID]) -> None:
    """What is about these subjects is gone."""
    if subject_ids:
        await tables.Item.delete().where(tables.Item.subject_id.is_in(list(subject_ids)))


@writes
async def forget(ambassador_id: UUID, subject_ids: Collection[UUID]) -> None:
    """What is about these subjects is gone; what is about this person's visits no longer says whose they were."""
    await forget_subjects(subject_ids)
    await tables.Item.update({tables.Item.ambassador_id: None}).where(tables.Item.ambassador_id == ambassador_id)


async def _row(item_id: UUID) -> tables.Item:
    row = await tables.Item.objects().where(tables.Item.id == item_id).first()
    if row is None:
        raise NotFound("unknown_item", "no such item in the inbox")
    return row


def _item(row: tables.Item) -> Item:
    return Item(
        id=row.id,
        kind=row.kind,
        at=row.at,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        venue_id=row.venue_id,
        ambassador_id=row.ambassador_id,
        details=json.loads(row.details),
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        answer=row.answer,
    )
