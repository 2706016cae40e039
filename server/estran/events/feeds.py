"""One person's calendar at a secret address, for the calendar of their phone: what they come to, and what they wait for."""

import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from piccolo.custom_types import Combinable

from estran.actor import Actor
from estran.club import service as club
from estran.db import writes
from estran.errors import NotFound
from estran.events import calendar
from estran.events import service as events
from estran.events.calendar import Entry
from estran.events.rules import Reply
from estran.events.tables import Event, Feed, Invitee
from estran.history import service as history
from estran.mail.letters import Letterhead

TOKEN_BYTES = 32
MOST = 5
"""Addresses of one person at a time: a phone, a computer, somebody at home. One more ends the oldest."""


@writes
async def make(actor: Actor, ambassador_id: UUID, *, now: datetime) -> str:
    """The secret of a new address of this person's calendar, told this once. Raises NotFound."""
    await club.ambassador(ambassador_id)
    others = (
        await Feed.select(Feed.id).where(_open(ambassador_id)).order_by(Feed.created_at, Feed.id).output(as_list=True)
    )
    if len(others) >= MOST:
        await Feed.update({Feed.ended_at: now}).where(Feed.id.is_in(others[: len(others) - MOST + 1]))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await Feed(id=uuid4(), ambassador_id=ambassador_id, token_hash=_hash(token), created_at=now).save()
    await history.record(actor, "events.make_feed", "ambassador", ambassador_id, now=now)
    return token


@writes
async def end_all(actor: Actor, ambassador_id: UUID, *, now: datetime) -> None:
    """No address leads to this person's calendar any more; none before: nothing changes."""
    if await has(ambassador_id):
        await Feed.update({Feed.ended_at: now}).where(_open(ambassador_id))
        await history.record(actor, "events.end_feeds", "ambassador", ambassador_id, now=now)


async def has(ambassador_id: UUID) -> bool:
    """Whether some address leads to this person's calendar."""
    return bool(await Feed.exists().where(_open(ambassador_id)))


async def read(token: str, head: Letterhead, *, now: datetime) -> str:
    """The iCalendar at this address; raises NotFound `unknown_calendar`, also where it has ended.

    An event that was cancelled stays in it, as cancelled: a calendar that only lost it would leave people in doubt.
    """
    found = await Feed.objects().where(Feed.token_hash == _hash(token), Feed.ended_at.is_null()).first()
    if found is None:
        raise NotFound("unknown_calendar", "no calendar is at this address, or it was ended")
    rows = await Invitee.objects().where(
        Invitee.ambassador_id == found.ambassador_id,
        Invitee.reply.is_in([Reply.COMING.value, Reply.WAITING.value]),
    )
    ids = [row.event_id for row in rows]
    known = {row.id: row for row in await Event.objects().where(Event.id.is_in(ids))} if ids else {}
    slots = {one.id: one for times in (await events.slots(ids)).values() for one in times}
    entries = [Entry(known[row.event_id], slots[row.slot_id], Reply(row.reply)) for row in rows]
    return await calendar.feed_ics(sorted(entries, key=lambda one: (one.slot.starts_at, one.slot.id)), head, now=now)


def _open(ambassador_id: UUID) -> Combinable:
    return (Feed.ambassador_id == ambassador_id) & Feed.ended_at.is_null()


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
