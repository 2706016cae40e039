"""The manifesto: drafts open to comments, versions published for good, who signed or read which one."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from estran import clock
from estran.access import service as access
from estran.actor import SYSTEM, Actor
from estran.club import rules
from estran.club.rules import Call, Edition, Need
from estran.club.tables import Ambassador, Comment, House, Mandate, Manifesto, Signature
from estran.db import writes
from estran.errors import Conflict, Invalid, NotFound
from estran.history import service as history
from estran.mail import letters
from estran.mail import service as mail
from estran.mail.letters import Letterhead

TITLE_MAX = 120
BODY_MAX = 20_000
INTERESTS_MAX = 1000
COMMENT_MAX = 2000
COMMENTS_MAX = 50
"""Of one person about one draft: more is not a conversation."""


def edition_of(row: Manifesto) -> Edition:
    """The version as the rules see it."""
    return Edition(row.major, row.minor, row.effective_on)


async def versions() -> list[Manifesto]:
    """Every published version, first to last."""
    query = Manifesto.objects().where(Manifesto.published_at.is_not_null())
    return await query.order_by(Manifesto.major).order_by(Manifesto.minor)


async def current() -> Manifesto | None:
    """The newest published version, in effect or about to be; None before the first."""
    published = await versions()
    return published[-1] if published else None


async def draft() -> Manifesto | None:
    """The draft that is being written, or None."""
    return await Manifesto.objects().where(Manifesto.published_at.is_null()).first()


async def version(manifesto_id: UUID) -> Manifesto:
    """That version, draft or published; raises NotFound."""
    row = await Manifesto.objects().where(Manifesto.id == manifesto_id).first()
    if row is None:
        raise NotFound("unknown_manifesto", "no such version of the manifesto")
    return row


# --- writing it -------------------------------------------------------------------------------------------------------


@writes
async def save_draft(actor: Actor, *, title: str, body: str, is_major: bool, now: datetime) -> Manifesto:
    """The draft with this text, made when there is none. `is_major`: must be signed anew. Raises Invalid."""
    title, body = rules.clean_words(title), rules.clean_words(body)
    bad = [
        field
        for field, value, most in (("title", title, TITLE_MAX), ("body", body, BODY_MAX))
        if not 1 <= len(value) <= most
    ]
    if bad:
        raise Invalid("bad_manifesto", "a title of 120 and a text of 20 000 characters at most are needed", fields=bad)
    known = await draft()
    row = Manifesto(id=uuid4(), created_at=now, title="", body="", major=0) if known is None else known
    row.title, row.body = title, body
    row.major, row.minor = _number(await current(), is_major=is_major)
    await row.save()
    if known is None:
        await history.record(actor, "club.draft_manifesto", "club", None, now=now)
    return row


def _number(newest: Manifesto | None, *, is_major: bool) -> tuple[int, int]:
    if newest is None:
        return 1, 0  # the first one is signed: a minor one would follow nothing
    return (newest.major + 1, 0) if is_major else (newest.major, newest.minor + 1)


@writes
async def drop_draft(actor: Actor, *, now: datetime) -> None:
    """The draft and the comments on it are gone; without a draft nothing changes."""
    row = await draft()
    if row is not None:
        await row.remove()
        await history.record(actor, "club.drop_draft", "club", None, now=now)


@writes
async def publish(actor: Actor, manifesto_id: UUID, *, effective_on: date | None = None, now: datetime) -> Manifesto:
    """The draft, published for good. A major version takes effect on `effective_on`, else after the house's notice.

    Publish the status list afterwards. Raises NotFound, Conflict `already_published`, Invalid for a day in the past.
    """
    row = await version(manifesto_id)
    if row.published_at is not None:
        raise Conflict("already_published", "this version was published already: write a new draft")
    house = await House.objects().first()
    today = clock.local_day(now, ZoneInfo(house.zone)) if house else now.date()
    if not row.minor:
        row.effective_on = effective_on or today + timedelta(days=house.notice_days if house else 30)
        if row.effective_on < today:
            raise Invalid("bad_effect", "a version cannot take effect in the past", fields=["effective_on"])
    row.published_at = now
    await row.save()
    details = {"version": edition_of(row).number}
    if row.effective_on:
        details["effective_on"] = row.effective_on.isoformat()
    await history.record(actor, "club.publish_manifesto", "club", None, now=now, details=details)
    return row


# --- comments on a draft ----------------------------------------------------------------------------------------------


async def comments_on(manifesto_id: UUID) -> list[Comment]:
    """What was said about this version while it was a draft, first to last."""
    return await Comment.objects().where(Comment.manifesto_id == manifesto_id).order_by(Comment.at)


@writes
async def comment(actor: Actor, ambassador_id: UUID, manifesto_id: UUID, text: str, *, now: datetime) -> Comment:
    """A comment on the draft; the same words again are held once. Raises NotFound, Conflict `manifesto_replaced`, Invalid."""
    row = await version(manifesto_id)
    if row.published_at is not None:
        raise Conflict("manifesto_replaced", "this version was published: comments are closed")
    text = rules.clean_words(text)
    await _known(ambassador_id)
    if not 1 <= len(text) <= COMMENT_MAX:
        raise Invalid("bad_comment", "a comment has 1 to 2000 characters", fields=["text"])
    mine = [one for one in await comments_on(manifesto_id) if one.ambassador_id == ambassador_id]
    for one in mine:
        if one.text == text:
            return one
    if len(mine) >= COMMENTS_MAX:
        raise Invalid("bad_comment", "you have said a great deal already: speak to the office", fields=["text"])
    made = Comment(id=uuid4(), manifesto_id=manifesto_id, ambassador_id=ambassador_id, at=now, text=text)
    await made.save()
    await history.record(actor, "club.comment", "ambassador", ambassador_id, now=now)
    return made


# --- signing it -------------------------------------------------------------------------------------------------------


async def signatures(manifesto_id: UUID | None = None, ambassador_id: UUID | None = None) -> list[Signature]:
    """Who signed or read, newest first: of one version, of one person, or all."""
    query = Signature.objects().order_by(Signature.at, ascending=False)
    if manifesto_id is not None:
        query = query.where(Signature.manifesto_id == manifesto_id)
    if ambassador_id is not None:
        query = query.where(Signature.ambassador_id == ambassador_id)
    return await query


@writes
async def sign(actor: Actor, ambassador_id: UUID, manifesto_id: UUID, interests: str, *, now: datetime) -> Signature:
    """This person's signature of the newest version, with declared interests; signed twice, only the interests change.

    Publish the status list afterwards. Raises NotFound, Conflict `manifesto_replaced` unless it is the newest, Invalid.
    """
    interests = rules.clean_words(interests)
    await _known(ambassador_id)
    if len(interests) > INTERESTS_MAX:
        raise Invalid("bad_interests", "at most 1000 characters", fields=["interests"])
    row = await _newest(manifesto_id)
    known = await _signature(ambassador_id, manifesto_id, "signed")
    if known is not None:
        if known.interests != interests:
            known.interests = interests
            await known.save()
            await history.record(actor, "club.declare", "ambassador", ambassador_id, now=now)
        return known
    return await _keep(actor, ambassador_id, row, "signed", interests, now=now)


@writes
async def mark_read(actor: Actor, ambassador_id: UUID, manifesto_id: UUID, *, now: datetime) -> Signature:
    """This person has read the newest version; again: nothing changes. Raises NotFound, Conflict `manifesto_replaced`."""
    await _known(ambassador_id)
    row = await _newest(manifesto_id)
    known = await _signature(ambassador_id, manifesto_id, "read")
    return known or await _keep(actor, ambassador_id, row, "read", "", now=now)


async def _known(ambassador_id: UUID) -> None:
    """Raises NotFound unless this person is in the club: looked up in the same transaction, for they may be leaving."""
    if not await Ambassador.exists().where(Ambassador.id == ambassador_id, Ambassador.erased_at.is_null()):
        raise NotFound("unknown_ambassador", "no such ambassador")


async def _newest(manifesto_id: UUID) -> Manifesto:
    row, newest = await version(manifesto_id), await current()
    if newest is None or row.id != newest.id:
        raise Conflict("manifesto_replaced", "another version is the newest one: read that")
    return row


async def _signature(ambassador_id: UUID, manifesto_id: UUID, kind: str) -> Signature | None:
    return (
        await Signature.objects()
        .where(Signature.ambassador_id == ambassador_id, Signature.manifesto_id == manifesto_id, Signature.kind == kind)
        .first()
    )


async def _keep(
    actor: Actor, ambassador_id: UUID, row: Manifesto, kind: str, interests: str, *, now: datetime
) -> Signature:
    made = Signature(
        id=uuid4(),
        ambassador_id=ambassador_id,
        manifesto_id=row.id,
        kind=kind,
        at=now,
        text_hash=text_hash(row),
        interests=interests,
    )
    await made.save()
    action = "club.sign" if kind == "signed" else "club.read_manifesto"
    details = {"version": edition_of(row).number}
    await history.record(actor, action, "ambassador", ambassador_id, now=now, details=details)
    return made


def text_hash(row: Manifesto) -> str:
    """SHA-256 of what was shown: title, blank line, text, in UTF-8."""
    return sha256(f"{row.title}\n\n{row.body}".encode()).hexdigest()


# --- telling people ---------------------------------------------------------------------------------------------------

REMINDED = timedelta(days=7)
"""Before the last day to sign: a week is enough for a holiday, and short enough to be acted on."""


@writes
async def write_letter(
    head: Letterhead, person: Ambassador, call: Call, *, now: datetime, is_reminder: bool = False
) -> None:
    """To this person, what the newest version asks of them: to sign by a day, to sign now, or to read."""
    account = await access.account(person.account_id)
    letter = letters.manifesto(
        head,
        first_name=person.first_name,
        is_to_sign=call.need is Need.SIGN,
        by=call.by,
        is_reminder=is_reminder,
    )
    await mail.post(letter, account.email, now=now, subject_id=account.id)


async def remind(head: Letterhead, *, now: datetime) -> int:
    """Write once to each who has a pass and a week left to sign; how many letters were written."""
    house = await House.objects().first()
    if house is None:
        return 0
    today = clock.local_day(now, ZoneInfo(house.zone))
    people = {
        person.id: person
        for person in await Ambassador.objects().where(Ambassador.erased_at.is_null(), Ambassador.paused_at.is_null())
    }
    found = await calls(list(people), [], today=today)
    due = [key for key, call in found.items() if call.need is Need.SIGN and call.by and today >= call.by - REMINDED]
    in_mandate = await _in_mandate(due, today)
    return sum([await _remind(head, people[key], found[key], now=now) for key in due if key in in_mandate])


async def _in_mandate(ambassador_ids: list[UUID], today: date) -> set[UUID]:
    if not ambassador_ids:
        return set()
    rows = await Mandate.select(Mandate.ambassador_id).where(
        Mandate.ambassador_id.is_in(ambassador_ids), Mandate.begins_on <= today, Mandate.ends_on >= today
    )
    return {row["ambassador_id"] for row in rows}


@writes
async def _remind(head: Letterhead, person: Ambassador, call: Call, *, now: datetime) -> bool:
    details = {"by": call.by.isoformat() if call.by else None}
    told = [one for one in await history.entries_about(person.id, 1000) if one.action == "club.remind_to_sign"]
    if any(one.details == details for one in told):
        return False
    await write_letter(head, person, call, now=now, is_reminder=True)
    await history.record(SYSTEM, "club.remind_to_sign", "ambassador", person.id, now=now, details=details)
    return True


# --- what it asks of whom ---------------------------------------------------------------------------------------------


async def signed_majors(ambassador_ids: Collection[UUID]) -> dict[UUID, int]:
    """The highest major version each of these people has signed; who signed none is left out."""
    if not ambassador_ids:
        return {}
    rows = await Signature.select(Signature.ambassador_id, Signature.manifesto_id.major.as_alias("major")).where(
        Signature.ambassador_id.is_in(list(ambassador_ids)), Signature.kind == "signed"
    )
    found: dict[UUID, int] = {}
    for row in rows:
        found[row["ambassador_id"]] = max(found.get(row["ambassador_id"], 0), row["major"])
    return found


async def _editions() -> list[Edition]:
    """The published versions without their texts: asked for with every status list."""
    rows = await Manifesto.select(Manifesto.major, Manifesto.minor, Manifesto.effective_on).where(
        Manifesto.published_at.is_not_null()
    )
    return [Edition(row["major"], row["minor"], row["effective_on"]) for row in rows]


async def unsigned(ambassador_ids: Collection[UUID], newcomers: Collection[UUID], *, today: date) -> set[UUID]:
    """Those of these people who lack the signature that binds them on `today`; `newcomers` never had a pass."""
    editions = await _editions()
    if not editions:
        return set()
    signed = await signed_majors(ambassador_ids)
    return {
        person
        for person in ambassador_ids
        if signed.get(person, 0) < rules.required_major(editions, is_newcomer=person in newcomers, today=today)
    }


async def calls(ambassador_ids: Collection[UUID], newcomers: Collection[UUID], *, today: date) -> Mapping[UUID, Call]:
    """What each of these people has still to do about the manifesto, and until when."""
    published = await versions()
    editions = [edition_of(row) for row in published]
    numbers = {row.id: edition_of(row).number for row in published}
    signed = await signed_majors(ambassador_ids)
    read: dict[UUID, set[str]] = defaultdict(set)
    if published:
        rows = await Signature.select(Signature.ambassador_id, Signature.manifesto_id).where(
            Signature.manifesto_id == published[-1].id
        )
        for row in rows:
            read[row["ambassador_id"]].add(numbers[row["manifesto_id"]])
    return {
        person: rules.call(
            editions,
            signed_major=signed.get(person, 0),
            read=read[person],
            is_newcomer=person in newcomers,
            today=today,
        )
        for person in ambassador_ids
    }
