"""The officer's acts on visits, and what time does to them. What scanners do is in `intake` and `snapshot`."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from estran import clock
from estran.actor import Actor
from estran.db import writes
from estran.errors import Conflict, Invalid, NotFound
from estran.history import service as history
from estran.visits import doubles, flags, late, rules, tally, waiting
from estran.visits.intake import intake, intake_saved
from estran.visits.items import COMPANIONS_MAX
from estran.visits.rules import STANDING, State
from estran.visits.snapshot import note_snapshot, snapshot
from estran.visits.tables import Change, Visit

__all__ = [
    "cancel_visit",
    "confirm_visit",
    "confirm_visits",
    "correct_companions",
    "forget",
    "intake",
    "intake_saved",
    "note_snapshot",
    "reinstate_visit",
    "snapshot",
    "undo_visit",
    "visit",
]


async def visit(visit_id: UUID) -> Visit:
    """That visit; raises NotFound."""
    row = await Visit.objects().where(Visit.id == visit_id).first()
    if row is None:
        raise NotFound("unknown_visit", "no such visit")
    return row


@writes
async def cancel_visit(actor: Actor, visit_id: UUID, why: str, *, now: datetime) -> Visit:
    """The visit no longer counts. Raises Conflict when it did not count anyway."""
    row = await visit(visit_id)
    if row.state == State.CANCELLED:
        return row
    if row.state not in STANDING:
        raise Conflict("not_counted", "this visit does not count: there is nothing to cancel")
    return await _change(actor, row, "cancel", State.CANCELLED, why, now)


@writes
async def undo_visit(actor: Actor, venue_id: UUID, visit_id: UUID, why: str, *, now: datetime) -> Visit:
    """The venue takes its own visit back, as its scanner may within ten minutes; whoever is first, it is done once.

    Raises NotFound for another venue's visit, Conflict `not_counted` or `too_late_to_undo`.
    """
    row = await visit(visit_id)
    if row.venue_id != venue_id:
        raise NotFound("unknown_visit", "no such visit")
    if row.state == State.CANCELLED:
        return row
    if row.state not in STANDING:
        raise Conflict("not_counted", "this visit does not count: there is nothing to cancel")
    if not rules.is_undo_in_time(clock.to_ms(row.at), clock.to_ms(now)):
        raise Conflict("too_late_to_undo", "ten minutes are over: the office may still correct this visit")
    return await _change(actor, row, "undo", State.CANCELLED, why, now)


@writes
async def confirm_visit(actor: Actor, visit_id: UUID, why: str | None, *, now: datetime) -> Visit:
    """The visit counts. Raises Conflict unless it waits for confirmation."""
    row = await visit(visit_id)
    if row.state == State.COUNTED:
        return row
    if row.state != State.TO_CONFIRM:
        raise Conflict("not_to_confirm", "this visit does not wait for confirmation")
    return await _change(actor, row, "confirm", State.COUNTED, why, now)


@writes
async def confirm_visits(actor: Actor, visit_ids: Collection[UUID], *, now: datetime) -> int:
    """Those of these visits that wait for confirmation count, in one transaction; how many they were."""
    rows = (
        await Visit.objects().where(Visit.id.is_in(list(visit_ids)), Visit.state == State.TO_CONFIRM.value)
        if visit_ids
        else []
    )
    for row in rows:
        await _change(actor, row, "confirm", State.COUNTED, None, now)
    return len(rows)


@writes
async def reinstate_visit(actor: Actor, visit_id: UUID, *, now: datetime) -> Visit:
    """A visit that was undone or cancelled counts again. Raises Conflict unless it is, or when its proof stands for another."""
    row = await visit(visit_id)
    if row.state == State.COUNTED:
        return row
    if row.state != State.CANCELLED:
        raise Conflict("not_cancelled", "this visit was not cancelled")
    if row.iat is not None and await Visit.exists().where(
        Visit.jti == row.jti,
        Visit.iat == row.iat,
        Visit.nonce == row.nonce,
        Visit.state.is_in([state.value for state in STANDING]),
    ):
        raise Conflict("proof_used", "another visit stands with the same code")
    return await _change(actor, row, "reinstate", State.COUNTED, None, now)


@writes
async def correct_companions(actor: Actor, visit_id: UUID, companions: int, why: str, *, now: datetime) -> Visit:
    """The visit with another number of paying companions. Raises Invalid outside 0-100."""
    row = await visit(visit_id)
    if not 0 <= companions <= COMPANIONS_MAX:
        raise Invalid("bad_companions", f"from 0 to {COMPANIONS_MAX} companions", fields=["companions"])
    details = {"companions": [row.companions, companions]}
    return await _change(actor, row, "correct", State(row.state), why, now, companions=companions, details=details)


async def _change(
    actor: Actor,
    row: Visit,
    kind: str,
    state: State,
    why: str | None,
    now: datetime,
    *,
    companions: int | None = None,
    details: dict[str, Any] | None = None,
) -> Visit:
    await tally.add(gone=[row])
    row.state = state.value
    row.companions = row.companions if companions is None else companions
    await tally.add(come=[row])
    await row.save([Visit.state, Visit.companions])
    await Change(
        id=uuid4(),
        visit_id=row.id,
        kind=kind,
        at=now,
        received_at=now,
        account_id=actor.id,
        why=why,
        details=json.dumps(details or {}),
    ).save()
    await history.record(actor, f"visits.{kind}", "visit", row.id, now=now, why=why, details=details)
    if row.slot_id is not None and state is State.COUNTED:
        await late.note([row.slot_id], now=now)
    if kind != "correct":
        await flags.settle(row.id, now=now, by=actor)
        await waiting.settle(row.venue_id, row.on_day, now=now)
    if kind in {"cancel", "undo"}:
        await doubles.note(row.venue_id, [], [row], now=now)
    elif kind == "reinstate":
        await doubles.note(row.venue_id, [row], [], now=now)
    return row


@writes
async def forget(ambassador_id: UUID) -> list[UUID]:
    """Cut this person's visits from them: place, day and state stay, to count; nothing says any more that they were one's.

    The ids of the visits that were theirs.
    """
    mine = await Visit.select(Visit.id).where(Visit.ambassador_id == ambassador_id).output(as_list=True)
    if mine:
        await Change.update({Change.why: None}).where(Change.visit_id.is_in(mine))
        await Visit.update(
            {
                Visit.ambassador_id: None,
                Visit.pass_id: None,
                Visit.jti: None,
                Visit.iat: None,
                Visit.nonce: None,
                Visit.why: None,
            }
        ).where(Visit.ambassador_id == ambassador_id)
    return list(mine)
