"""The outbox: letters are rows, written in the caller's transaction; the sender takes them from there."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from piccolo.columns import Column

from estran.db import writes
from estran.errors import NotFound
from estran.inbox import service as inbox
from estran.mail import rules
from estran.mail.letters import Written
from estran.mail.tables import Letter

ERROR_MAX = 200
STUCK_AFTER = timedelta(hours=1)
FOR_THE_MORNING = "waits for the morning"
RING_AFTER_S = 0.05
"""The caller's transaction is given this long to end before the sender looks; if it is slower, the timer finds the letter."""

_EMPTY: dict[Column | str, Any] = dict.fromkeys((Letter.text, Letter.html, Letter.calendar, Letter.unsubscribe), "")
_bells: set[Callable[[], None]] = set()


@writes
async def write(
    kind: str,
    to_email: str,
    subject: str,
    text: str,
    html: str,
    *,
    calendar: str = "",
    unsubscribe: str = "",
    now: datetime,
    subject_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> Letter:
    """A letter in the outbox; it leaves when the caller's transaction has ended, and not at all if that fails.

    `calendar`: an iCalendar that goes along. `unsubscribe`: where a click says that no more such letters are wanted (RFC 8058).
    `expires_at`: pointless after this. `subject_id`: whom a failure is about (an account or an ambassador).
    """
    letter = Letter(
        id=uuid4(),
        kind=kind,
        to_email=to_email,
        subject_id=subject_id,
        message_id=f"estran.{uuid4().hex}",
        subject=subject,
        text=text,
        html=html,
        calendar=calendar,
        unsubscribe=unsubscribe,
        created_at=now,
        expires_at=expires_at,
        next_try_at=now,
    )
    await letter.save()
    for ring in _bells:
        asyncio.get_running_loop().call_later(RING_AFTER_S, ring)
    return letter


async def post(
    letter: Written,
    to_email: str,
    *,
    calendar: str = "",
    unsubscribe: str = "",
    now: datetime,
    subject_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> Letter:
    """`write` for a letter whose words are ready."""
    return await write(
        letter.kind,
        to_email,
        letter.subject,
        letter.text,
        letter.html,
        calendar=calendar,
        unsubscribe=unsubscribe,
        now=now,
        subject_id=subject_id,
        expires_at=expires_at,
    )


def hear(ring: Callable[[], None]) -> Callable[[], None]:
    """Have `ring` called soon after each letter that is written; returns how to stop that."""
    _bells.add(ring)
    return lambda: _bells.discard(ring)


async def due(now: datetime, limit: int = 50) -> list[Letter]:
    """Letters to try now, oldest first."""
    query = Letter.objects().where(Letter.next_try_at <= now)
    return await query.order_by(Letter.created_at).limit(limit)


async def next_try_at() -> datetime | None:
    """When the next letter is due; None when the outbox is empty."""
    query = Letter.objects().where(Letter.next_try_at.is_not_null())
    row = await query.order_by(Letter.next_try_at).first()
    return None if row is None else row.next_try_at


@writes
async def postpone(letter_id: UUID, *, until: datetime, tries: int) -> bool:
    """Try again at `until`; `tries` were begun so far. False when the letter is there no more: then it must not leave."""
    found = (
        await Letter.update({Letter.next_try_at: until, Letter.tries: tries})
        .where(Letter.id == letter_id, Letter.next_try_at.is_not_null())
        .returning(Letter.id)
    )
    return bool(found)


@writes
async def mark_sent(letter_id: UUID, *, now: datetime, keep_body: bool) -> None:
    """The mail server has taken it. Its body is emptied (it may hold a code) unless `keep_body`."""
    values: dict[Column | str, Any] = {Letter.sent_at: now, Letter.next_try_at: None, Letter.error: None}
    await Letter.update(values if keep_body else values | _EMPTY).where(Letter.id == letter_id)


@writes
async def mark_failed(letter_id: UUID, error: str, *, now: datetime, bounced: bool = False) -> None:
    """It will not arrive. The officer is told, unless the same waits about this person. `error`: without any address."""
    letter = await Letter.objects().where(Letter.id == letter_id).first()
    if letter is None or letter.failed_at is not None:
        return
    letter.failed_at, letter.next_try_at, letter.error = now, None, error[:ERROR_MAX]
    letter.text = letter.html = letter.calendar = letter.unsubscribe = ""
    await letter.save()
    kind = "letter_bounced" if bounced else "letter_failed"
    if letter.subject_id is not None and await inbox.is_waiting(kind, letter.subject_id):
        return
    await inbox.drop(
        kind,
        key=f"{kind}:{letter.id}",
        now=now,
        subject_kind="letter",
        subject_id=letter.subject_id,
        details={"letter": str(letter.id), "kind": letter.kind, "error": letter.error},
    )


async def letters(limit: int = 100) -> list[Letter]:
    """The last letters written, newest first."""
    return await Letter.objects().order_by(Letter.created_at, ascending=False).limit(limit)


async def letter(letter_id: UUID) -> Letter:
    """That letter; raises NotFound."""
    row = await Letter.objects().where(Letter.id == letter_id).first()
    if row is None:
        raise NotFound("unknown_letter", "no such letter")
    return row


async def by_message_id(message_id: str) -> Letter | None:
    """The letter whose Message-ID header this is. Only the part before the @ counts: the rest is the sender's domain."""
    local = message_id.strip().removeprefix("<").partition("@")[0]
    return await Letter.objects().where(Letter.message_id == local).first()


@writes
async def forget(subject_ids: Collection[UUID], email: str, *, left_only: bool = False) -> None:
    """No letter about these subjects or to this address is known any more; one that has not left does not leave.

    `left_only`: but those still to leave do, since somebody of another role awaits them; not what only an ambassador is told.
    """
    theirs = Letter.subject_id.is_in(list(subject_ids)) | (Letter.to_email == email)
    gone = Letter.next_try_at.is_null() | Letter.kind.is_in(sorted(rules.BY_DAY))
    await Letter.delete().where(theirs & gone if left_only else theirs)


async def letters_about(subject_ids: Collection[UUID]) -> list[Letter]:
    """The letters about these accounts or people, newest first."""
    query = Letter.objects().where(Letter.subject_id.is_in(list(subject_ids)))
    return await query.order_by(Letter.created_at, ascending=False)


@writes
async def note_error(letter_id: UUID, error: str) -> None:
    """Keep why the last try failed; `error`: without any address."""
    await Letter.update({Letter.error: error[:ERROR_MAX]}).where(Letter.id == letter_id)


async def stuck_since(*, now: datetime) -> datetime | None:
    """Since when no letter leaves: when the first one was written that should have left an hour ago; none has left after it.

    None when all is well, or when only letters that were refused for good stayed here: that is their addresses' affair.
    """
    last = await Letter.objects().where(Letter.sent_at.is_not_null()).order_by(Letter.sent_at, ascending=False).first()
    waiting = Letter.objects().where(Letter.sent_at.is_null(), Letter.created_at <= now - STUCK_AFTER)
    if last is not None:
        waiting = waiting.where(Letter.created_at > last.sent_at)
    waiting = waiting.where(Letter.error.is_null() | (Letter.error != FOR_THE_MORNING))
    # A code's letter is given up when its quarter of an hour is over, whoever is to blame.
    waiting = waiting.where(Letter.failed_at.is_null() | (Letter.failed_at >= Letter.expires_at))
    first = await waiting.order_by(Letter.created_at).first()
    return None if first is None else first.created_at


@writes
async def put_off(*, now: datetime, until: datetime) -> None:
    """No letter before `until`: the mail server is away. Their tries are not counted."""
    await Letter.update({Letter.next_try_at: until}).where(Letter.next_try_at <= now)


@writes
async def keep_for(morning: datetime, kinds: Collection[str], *, now: datetime) -> None:
    """No letter of these kinds before the morning. Their tries are not counted."""
    values: dict[Column | str, Any] = {Letter.next_try_at: morning, Letter.error: FOR_THE_MORNING}
    await Letter.update(values).where(Letter.next_try_at <= now, Letter.kind.is_in(sorted(kinds)))
