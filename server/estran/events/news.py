"""What people are told about events by letter: kept until it is due, then one letter for all of it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from estran.access import service as access
from estran.actor import Actor
from estran.club import service as club
from estran.club.tables import House
from estran.db import writes
from estran.events import links, notices, rules
from estran.events import service as events
from estran.events.calendar import event_ics
from estran.events.rules import TOPICS, Reply, Stage, Told, Topic
from estran.events.tables import Event, Feed, Invitee, News, Quiet, Slot
from estran.history import service as history
from estran.mail import letters
from estran.mail import service as mail
from estran.mail.letters import Letterhead
from estran.passes.keys import Issuer

QUIET_LINK_LASTS = timedelta(days=365)


@writes
async def tell(
    event: Event,
    ambassador_ids: Collection[UUID],
    kind: Told,
    *,
    soon: bool = False,
    latest: datetime | None = None,
    now: datetime,
) -> None:
    """These people are to be told: with the club's next digest, or `soon`, which is now by day and next morning by night.

    Soon, too, when the next digest leaves after `latest`, and an invitation that a digest would bring too late for a reply. Who
    has neither replied nor been written to hears nothing of a change or a cancellation. Whoever wants no letters of this topic
    is left out when the letter is written, as is whatever has become pointless by then.
    """
    if not ambassador_ids:
        return
    people = set(ambassador_ids)
    unsent = (News.event_id == event.id) & News.sent_at.is_null() & News.ambassador_id.is_in(sorted(people))
    if kind in {Told.CHANGED, Told.CANCELLED}:
        people -= await _unaware(event)
    await News.delete().where(unsent if kind is Told.CANCELLED else unsent & (News.kind == kind.value))
    due_at = await _due_at(event, kind, soon=soon, latest=latest, now=now)
    for ambassador_id in sorted(people):
        await News(
            id=uuid4(),
            ambassador_id=ambassador_id,
            event_id=event.id,
            kind=kind.value,
            created_at=now,
            due_at=due_at,
        ).save()


async def _due_at(event: Event, kind: Told, *, soon: bool, latest: datetime | None, now: datetime) -> datetime:
    zone, digest = await club.zone(), await next_digest(now=now)
    if kind is Told.NOTED:
        return rules.daytime(now + rules.SETTLES, zone)
    is_late = latest is not None and digest > latest
    if kind is Told.INVITED:
        is_late = rules.is_too_late(digest, event.reply_by)
    return rules.daytime(now, zone) if soon or is_late else digest


@writes
async def hasten(event: Event, *, now: datetime) -> None:
    """After a change of the end of the replies: invitations that the digest would now bring too late leave by day at once."""
    due_at = await _due_at(event, Told.INVITED, soon=False, latest=None, now=now)
    waiting = (News.event_id == event.id) & News.sent_at.is_null() & (News.kind == Told.INVITED.value)
    await News.update({News.due_at: due_at}).where(waiting & (News.due_at > due_at))


@writes
async def tell_noted(event: Event, one: Invitee, *, by_officer: bool, now: datetime) -> None:
    """This reply was just given: where the officer noted it, who comes or waits is told. Who replied themselves knows."""
    waiting = (News.event_id == event.id) & (News.ambassador_id == one.ambassador_id) & News.sent_at.is_null()
    await News.delete().where(waiting & (News.kind == Told.NOTED.value))
    if by_officer and one.reply != Reply.DECLINED:
        await tell(event, [one.ambassador_id], Told.NOTED, now=now)


async def unheard(event: Event) -> set[UUID]:
    """Who was invited and has not replied, and of whose letter nothing is left: it was pointless when it should have left."""
    told = News.select(News.ambassador_id).where(News.event_id == event.id)
    return await _silent(event) - set(await told.output(as_list=True))


async def _unaware(event: Event) -> set[UUID]:
    """Who has not replied, and was never written to about this event; who had replied knows of it."""
    knows = News.sent_at.is_not_null() | (News.kind == Told.REMOVED.value)
    told = News.select(News.ambassador_id).where(News.event_id == event.id, knows)
    return await _silent(event) - set(await told.output(as_list=True))


async def _silent(event: Event) -> set[UUID]:
    rows = Invitee.select(Invitee.ambassador_id).where(
        Invitee.event_id == event.id, Invitee.invited_at.is_not_null(), Invitee.reply == Reply.AWAITED.value
    )
    return set(await rows.output(as_list=True))


async def next_digest(*, now: datetime) -> datetime:
    """When the club's next digest leaves."""
    return _digest_of(await club.house(), now)


def _digest_of(house: House, now: datetime) -> datetime:
    return rules.digest_at(now, house.digest_weekday, house.digest_hour, ZoneInfo(house.zone))


@writes
async def move_digest(before: House, *, now: datetime) -> None:
    """What waits for the digest, as the club's settings were `before`, waits for the digest as they are now.

    An invitation that this would bring too late for a reply leaves by day at once; a reminder is never put off.
    """
    digest, zone = await next_digest(now=now), await club.zone()
    if digest == _digest_of(before, now):
        return
    for row in await News.objects().where(News.sent_at.is_null(), News.due_at > now):
        kind = Told(row.kind)
        # What leaves next morning since it was written at night may be due at a digest's hour, and stays as it is.
        is_soon = row.due_at == rules.daytime(row.created_at, ZoneInfo(before.zone))
        if kind not in TOPICS or is_soon or row.due_at != _digest_of(before, row.due_at - timedelta.resolution):
            continue
        due_at = min(digest, row.due_at) if kind is Told.REMINDER else digest
        if kind is Told.INVITED and rules.is_too_late(digest, (await events.event(row.event_id)).reply_by):
            due_at = rules.daytime(now, zone)
        await News.update({News.due_at: due_at}).where(News.id == row.id)


# --- letters ----------------------------------------------------------------------------------------------------------


async def send_due(issuer: Issuer, head: Letterhead, *, now: datetime) -> int:
    """Writes to everybody for whom something is due, by day; how many letters were written. Repeating it writes none twice.

    One letter for each person: what could wait for the next digest goes along. Each is a transaction of its own.
    """
    if rules.daytime(now, await club.zone()) != now:
        return 0
    due = News.select(News.ambassador_id).where(News.sent_at.is_null(), News.due_at <= now)
    people = sorted(set(await due.output(as_list=True)))
    n, trouble = 0, None
    for person in people:
        try:
            n += await _write(person, issuer, head, now=now)
        except Exception as error:  # noqa: BLE001 - one letter that cannot be written keeps no other waiting
            trouble = error
    if trouble is not None:
        raise trouble
    return n


@writes
async def _write(ambassador_id: UUID, issuer: Issuer, head: Letterhead, *, now: datetime) -> bool:
    """Whether a letter was written; asked again inside the transaction. What has become pointless is forgotten."""
    unsent = await News.objects().where(News.ambassador_id == ambassador_id, News.sent_at.is_null())
    wanted = await topics_of(ambassador_id)
    rows = [row for row in unsent if TOPICS.get(Told(row.kind)) in {None, *wanted}]
    told = await notices.tellings(ambassador_id, rows, now=now)
    kept = {one.row.id for one in told}
    if gone := [row.id for row in unsent if row.id not in kept]:
        await News.delete().where(News.id.is_in(gone))
    if not any(one.row.due_at <= now for one in told):
        return False
    person = await club.ambassador(ambassador_id)
    account = await access.account(person.account_id)
    topics = [TOPICS[one.kind] for one in told if one.kind in TOPICS]
    topic = topics[0] if topics else Topic.INVITATIONS
    token = await links.quiet_token(issuer, ambassador_id, topic, expires_at=now + QUIET_LINK_LASTS, now=now)
    quiet_link = f"{head.origin}/letters/{token}"
    calendar = await event_ics([entry for one in told for entry in notices.entries(one)], head, now=now)
    letter = letters.news(
        head,
        first_name=person.first_name,
        notices=[await notices.notice(one, issuer, head, to=account.email_folded, now=now) for one in told],
        quiet_link=quiet_link,
        has_calendar=bool(calendar),
    )
    ends = [notices.pointless_at(one) for one in told]
    await mail.post(
        letter,
        account.email,
        calendar=calendar,
        unsubscribe=quiet_link if topics else "",
        now=now,
        subject_id=account.id,
        expires_at=max((end for end in ends if end is not None), default=None) if None not in ends else None,
    )
    await News.update({News.sent_at: now}).where(News.id.is_in(sorted(kept)))
    return True


@writes
async def remind(*, now: datetime) -> int:
    """Has everybody reminded whose time has come: who has not replied, and who comes; how many people.

    Once for each, and not whom a letter about the same event has reached in these days, or is about to.
    """
    ahead = await Slot.select(Slot.event_id).where(Slot.starts_at > now).output(as_list=True)
    if not ahead:
        return 0
    running = Event.id.is_in(sorted(set(ahead))) & Event.opened_at.is_not_null() & Event.cancelled_at.is_null()
    n = 0
    for event in await Event.objects().where(running):
        for at, people in (await _to_remind(event, now=now)).items():
            ids = [one.ambassador_id for one in people]
            await tell(event, ids, Told.REMINDER, latest=at - rules.REMINDED_BEFORE / 2, now=now)
            await Invitee.update({Invitee.reminded_at: now}).where(Invitee.id.is_in([one.id for one in people]))
            n += len(people)
    return n


async def _to_remind(event: Event, *, now: datetime) -> dict[datetime, list[Invitee]]:
    """Whom to remind of this event now, by the instant that they are reminded of."""
    times = await events.slots_of(event.id)
    begins = {slot.id: slot.starts_at for slot in times}
    is_open = events.stage_of(event, times, now=now) is Stage.OPEN
    told = await _last_told(event, now=now)
    found: dict[datetime, list[Invitee]] = {}
    for one in await events.invitees(event.id):
        at = rules.reminded_of(
            Reply(one.reply),
            reply_by=event.reply_by if is_open else None,
            starts_at=begins.get(one.slot_id),
            replied_at=one.replied_at,
            reminded_at=one.reminded_at,
            told_at=told.get(one.ambassador_id),
            now=now,
        )
        if at is not None:
            found.setdefault(at, []).append(one)
    return found


async def _last_told(event: Event, *, now: datetime) -> dict[UUID, datetime]:
    """When each person was last written to about this event; now where a letter is about to be."""
    found: dict[UUID, datetime] = {}
    for row in await News.select(News.ambassador_id, News.sent_at).where(News.event_id == event.id):
        at = row["sent_at"] or now
        found[row["ambassador_id"]] = max(at, found.get(row["ambassador_id"], at))
    return found


# --- topics -----------------------------------------------------------------------------------------------------------


async def topics_of(ambassador_id: UUID) -> set[Topic]:
    """The topics of which this person wants letters: all of them, until they say otherwise."""
    rows = await Quiet.select(Quiet.topic).where(Quiet.ambassador_id == ambassador_id).output(as_list=True)
    return set(Topic) - {Topic(row) for row in rows}


@writes
async def set_topics(actor: Actor, ambassador_id: UUID, wanted: Collection[Topic], *, now: datetime) -> None:
    """From now on this person gets letters of exactly these topics; what concerns who comes is always told.

    The same again changes nothing. Raises NotFound.
    """
    await club.ambassador(ambassador_id)
    quiet = set(Topic) - set(wanted)
    if quiet == set(Topic) - await topics_of(ambassador_id):
        return
    await Quiet.delete().where(Quiet.ambassador_id == ambassador_id)
    for topic in sorted(quiet):
        await Quiet(id=uuid4(), ambassador_id=ambassador_id, topic=topic.value).save()
    details = {"quiet": sorted(quiet)}
    await history.record(actor, "events.topics", "ambassador", ambassador_id, now=now, details=details)


@writes
async def forget(ambassador_id: UUID) -> None:
    """No letter about events is on its way to this person, and no calendar of theirs is left."""
    for table in (News, Quiet, Feed):
        await table.delete().where(table.ambassador_id == ambassador_id)
