"""Retention: what is due goes, by the periods of `rules.PERIODS`; and what is due but has not gone is said.

Run by the server's own timer every hour and by `estran retention run`. Each period has one job, each job one period.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import Column
from piccolo.custom_types import Combinable
from piccolo.query.functions.aggregate import Count, Max
from piccolo.table import Table

from estran import clock
from estran.access.tables import Account, Grant, Session, SignIn
from estran.actor import SYSTEM
from estran.club import service as club
from estran.club.tables import Ambassador, Candidate, Comment, Mandate, Manifesto
from estran.db import report, scrub, writes
from estran.errors import NotFound
from estran.events import service as events
from estran.events import sums
from estran.events.tables import Feed, Invitee, News
from estran.history import service as history
from estran.history.tables import Entry
from estran.inbox import service as inbox
from estran.inbox.tables import Item
from estran.log import broke
from estran.mail.tables import Letter
from estran.privacy import erasure, rules, service
from estran.privacy.tables import Request
from estran.visits import arrivals, waiting
from estran.visits.rules import State
from estran.visits.tables import Change, ParkedItem, Visit

log = logging.getLogger("estran.privacy")

AT_ONCE = 500
"""Rows deleted in one transaction: scans wait for no longer than that."""

Find = Callable[[datetime], Awaitable[list[UUID]]]
Purge = Callable[[list[UUID], datetime, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Due:
    """What should be gone under one period, and is not."""

    period: str
    n: int


@dataclass(frozen=True, slots=True)
class Job:
    """How one period is kept: who is due at a limit, and what is done about them."""

    period: str
    find: Find
    """The ids of what is older than the limit; at most `AT_ONCE`, or all where they are few."""
    count: Callable[[datetime], Awaitable[int]]
    purge: Purge
    """Their end: ids, the limit by which they were found, `now`. Looks again in its own transaction where that may differ."""


# --- rows that are simply deleted -------------------------------------------------------------------------------------


def _rows(
    period: str,
    table: type[Table],
    where: Callable[[datetime], Combinable],
    before: Callable[[list[UUID]], Awaitable[None]] | None = None,
) -> Job:
    """A job that deletes the rows of a table for which `where(limit)` holds; `before` hears which."""
    key: Column = table._meta.primary_key  # noqa: SLF001 - Piccolo has no public name for it

    # Off the event loop: with a million visits a look costs a tenth of a second, and scans must not wait for it.
    async def find(limit: datetime) -> list[UUID]:
        found = await report(table.select(key).where(where(limit)).limit(AT_ONCE))
        return [UUID(str(row["id"])) for row in found]

    async def count(limit: datetime) -> int:
        [row] = await report(table.select(Count(alias="n")).where(where(limit)))
        return int(row["n"])

    @writes
    async def purge(ids: list[UUID], _: datetime, __: datetime) -> None:
        if before is not None:
            await before(ids)
        await table.delete().where(key.is_in(ids))

    return Job(period, find, count, purge)


async def _forget_changes(visit_ids: list[UUID]) -> None:
    """A visit that goes takes with it what was changed about it, what was asked about it and what was said of it."""
    await Change.delete().where(Change.visit_id.is_in(visit_ids))
    await inbox.forget_subjects(visit_ids)
    await history.forget(visit_ids)


def _visits(period: str, is_of: Callable[[], Combinable]) -> Job:
    # By the day they were received: a scanner's clock may stand anywhere, and none is received before it happens.
    return _rows(period, Visit, lambda limit: is_of() & (Visit.received_at < limit), _forget_changes)


# --- rows that something else decides about ---------------------------------------------------------------------------


def _few(period: str, find: Find, purge: Purge) -> Job:
    async def count(limit: datetime) -> int:
        return len(await find(limit))

    return Job(period, find, count, purge)


async def _people_due(limit: datetime) -> list[UUID]:
    """Whose last mandate had ended by the limit's day; who never had one, since they were added."""
    day = clock.local_day(limit, await club.zone())
    rows = await Mandate.select(Mandate.ambassador_id, Max(Mandate.ends_on, alias="last")).group_by(
        Mandate.ambassador_id
    )
    last = {UUID(str(row["ambassador_id"])): _day(row["last"]) for row in rows}
    people = await Ambassador.select(Ambassador.id, Ambassador.created_at).where(Ambassador.erased_at.is_null())
    return [
        row["id"]
        for row in people
        if (last[row["id"]] < day.isoformat() if row["id"] in last else row["created_at"] < limit)
    ]


def _day(value: Any) -> str:  # noqa: ANN401 - SQLite gives an aggregate's day as its text, PostgreSQL as a date
    return str(value)[:10]


async def _erase_people(ids: list[UUID], limit: datetime, now: datetime) -> None:
    """Each in a transaction of their own: whoever cannot be erased keeps nobody else."""
    failed: Exception | None = None
    for ambassador_id in ids:
        try:
            await _erase_if_due(ambassador_id, limit, now)
        except NotFound:
            continue  # left by themselves a moment ago
        except Exception as error:  # noqa: BLE001 - told below, when the others are done
            failed = error
    await erasure.tell(now=now)
    if failed is not None:
        raise failed


@writes
async def _erase_if_due(ambassador_id: UUID, limit: datetime, now: datetime) -> None:
    if ambassador_id in await _people_due(limit):  # and has no new mandate since the list was made
        await erasure.erase_rows(SYSTEM, ambassador_id, by="retention", now=now)


async def _accounts_due(limit: datetime) -> list[UUID]:
    """Addresses without any role that nobody has used since the limit; those behind erased people hold no address."""
    held = set(await Grant.select(Grant.account_id).output(as_list=True))
    held |= set(await Ambassador.select(Ambassador.account_id).output(as_list=True))
    rows = await Account.select(Account.id, Account.seen_at, Account.created_at)
    return [row["id"] for row in rows if row["id"] not in held and (row["seen_at"] or row["created_at"]) < limit]


@writes
async def _delete_accounts(ids: list[UUID], limit: datetime, _: datetime) -> None:
    due = set(ids) & set(await _accounts_due(limit))  # and has no new role since
    for account_id in due:
        await history.forget([], account_id, everywhere=True)
    if due:
        await Account.delete().where(Account.id.is_in(list(due)))


async def _comments_due(limit: datetime) -> list[UUID]:
    """What was said about drafts that were published before the limit."""
    published = await Manifesto.select(Manifesto.id).where(Manifesto.published_at < limit).output(as_list=True)
    if not published:
        return []
    return list(await Comment.select(Comment.id).where(Comment.manifesto_id.is_in(published)).output(as_list=True))


@writes
async def _delete_comments(ids: list[UUID], _: datetime, __: datetime) -> None:
    await Comment.delete().where(Comment.id.is_in(ids))


async def _sign_ins_due(limit: datetime) -> list[UUID]:
    """Ways in that ran out, sessions and addresses of calendars that ran out or were ended, before the limit."""
    ways = await SignIn.select(SignIn.id).where(SignIn.expires_at < limit).output(as_list=True)
    feeds = await Feed.select(Feed.id).where(Feed.ended_at < limit).output(as_list=True)
    sessions = (
        await Session.select(Session.id)
        .where((Session.expires_at < limit) | (Session.ended_at < limit))
        .output(as_list=True)
    )
    return [*ways, *sessions, *feeds]


@writes
async def _delete_sign_ins(ids: list[UUID], _: datetime, __: datetime) -> None:
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        for table in (SignIn, Session, Feed):
            await table.delete().where(table.id.is_in(part))


async def _events_due(limit: datetime) -> list[UUID]:
    """Events that were over before the limit, and still say who was asked or who came."""
    rows = await events.events()
    times = await events.slots([row.id for row in rows])
    over = [row.id for row in rows if max((one.ends_at for one in times[row.id]), default=row.created_at) < limit]
    if not over:
        return []
    named = set(await Invitee.select(Invitee.event_id).where(Invitee.event_id.is_in(over)).output(as_list=True))
    named |= set(await News.select(News.event_id).where(News.event_id.is_in(over)).output(as_list=True))
    arrived = {slot_id for _, slot_id in await _arrived([one.id for event_id in over for one in times[event_id]])}
    return [event_id for event_id in over if event_id in named or arrived & {one.id for one in times[event_id]}]


async def _arrived(slot_ids: list[UUID]) -> list[tuple[UUID, UUID]]:
    """The arrivals at these slots: visit, slot."""
    if not slot_ids:
        return []
    rows = await Visit.select(Visit.id, Visit.slot_id).where(Visit.slot_id.is_in(slot_ids), Visit.state.is_in(NAMED))
    return [(row["id"], row["slot_id"]) for row in rows]


async def _forget_events(ids: list[UUID], limit: datetime, now: datetime) -> None:
    """Each in a transaction of its own: one that cannot be forgotten keeps no other."""
    failed: Exception | None = None
    for event_id in ids:
        try:
            await _forget_event_if_due(event_id, limit, now)
        except Exception as error:  # noqa: BLE001 - told below, when the others are done
            failed = error
    if failed is not None:
        raise failed


@writes
async def _forget_event_if_due(event_id: UUID, limit: datetime, now: datetime) -> None:
    if event_id not in await _events_due(limit):  # it was given a later slot since
        return
    await sums.forget_people(event_id, await arrivals.present(event_id), now=now)
    visit_ids = [visit_id for visit_id, _ in await _arrived([one.id for one in await events.slots_of(event_id)])]
    if visit_ids:
        await _forget_changes(visit_ids)
        await Visit.delete().where(Visit.id.is_in(visit_ids))


NAMED = [state.value for state in State if state not in {State.REFUSED, State.QUARANTINED}]

JOBS = (
    _few("person", _people_due, _erase_people),
    _rows("candidates", Candidate, lambda limit: Candidate.created_at < limit, inbox.forget_subjects),
    _visits("visits", lambda: Visit.state.is_in(NAMED) & Visit.slot_id.is_null()),
    _visits("refused", lambda: Visit.state == State.REFUSED.value),
    _visits("quarantine", lambda: Visit.state == State.QUARANTINED.value),
    _rows("parked", ParkedItem, lambda limit: ParkedItem.received_at < limit),
    _few("comments", _comments_due, _delete_comments),
    _few("events", _events_due, _forget_events),
    _rows("letters", Letter, lambda limit: (Letter.created_at < limit) & Letter.next_try_at.is_null()),
    _few("sign_ins", _sign_ins_due, _delete_sign_ins),
    _few("accounts", _accounts_due, _delete_accounts),
    _rows("history", Entry, lambda limit: Entry.at < limit),
    _rows("inbox", Item, lambda limit: Item.answered_at < limit),
    _rows("requests", Request, lambda limit: Request.answered_at < limit),
)


# --- running them -----------------------------------------------------------------------------------------------------


async def due(*, now: datetime) -> list[Due]:
    """What is due at `now` and still there, by period; periods with nothing due are left out."""
    kept = await service.kept()
    found = [Due(job.period, await job.count(_limit(job, kept, now))) for job in JOBS]
    return [one for one in found if one.n]


async def run(*, now: datetime, show: Callable[[str, int], None] = lambda _, __: None) -> dict[str, int]:
    """Everything that is due goes; how much went, by period. `show` hears each period when it is done.

    A job that fails does not keep the others from theirs; what is then left is put into the inbox, once a day.
    """
    kept = await service.kept()
    gone: dict[str, int] = {}
    for job in JOBS:
        try:
            gone[job.period] = await _run_one(job, _limit(job, kept, now), now)
        except Exception as error:  # noqa: BLE001 - tried again in an hour, whatever it was
            log.error(broke("retention_failed", error, period=job.period))  # noqa: TRY400
        show(job.period, gone.get(job.period, 0))
    if gone.get("visits") or gone.get("events"):
        await waiting.settle_all(now=now)  # a line that asks about visits which are gone
    if done := {period: n for period, n in gone.items() if n}:
        await history.record(SYSTEM, "privacy.purge", "club", None, now=now, details=done)
    await scrub()  # always: a backup may have held the log after an erasure
    if left := await due(now=now):
        await inbox.drop(
            "retention_late",
            key=f"retention_late:{now.date().isoformat()}",
            now=now,
            subject_kind="club",
            subject_id=None,
            details={one.period: one.n for one in left},
        )
    return gone


async def _run_one(job: Job, limit: datetime, now: datetime) -> int:
    total, before = 0, set[UUID]()
    while (ids := await job.find(limit)) and before != set(ids):  # what does not go must not be tried for ever
        await job.purge(ids, limit, now)
        await asyncio.sleep(0)  # scans have their turn between two parts
        total, before = total + len(ids), set(ids)
    return total


def _limit(job: Job, kept: dict[str, int], now: datetime) -> datetime:
    return rules.limit(rules.PERIODS[job.period], kept[job.period], now)
