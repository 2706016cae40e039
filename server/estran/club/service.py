"""The club's acts: house rules, ambassadors, mandates, pauses. Each act leaves an entry in the history."""

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from estran import clock
from estran.access import service as access
from estran.actor import Actor, Role
from estran.club import circles, manifesto, rules
from estran.club.rules import Call, Standing, Term
from estran.club.tables import Ambassador, Comment, House, Mandate, Signature
from estran.db import writes
from estran.encoding import b64
from estran.errors import Invalid, NotFound
from estran.history import service as history
from estran.inbox import service as inbox
from estran.mail import service as mail

DEFAULT_ZONE = "Europe/Paris"
SNAPSHOT_LIMIT_DAYS = range(1, 31)
SILENT_DAYS = range(3, 91)
DIGEST_WEEKDAYS = range(1, 8)
DIGEST_HOURS = range(8, 20)
MEMBERSHIP_BOUNDS = {
    "ceiling": (1, 500),
    "mandate_months": (1, 60),
    "notice_days": (0, 180),
    "least_age": (15, 99),  # at 15 somebody consents alone to an online service (loi 78-17, art. 45)
}
"""The least and the most of each membership rule that is a number."""
NAME_MAX = 60
UNTOLD = {"contact_email"}
"""May be somebody's: the history keeps that it changed, not from what to what."""


# --- house rules ------------------------------------------------------------------------------------------------------


async def house() -> House:
    """The club's own settings; a neutral row is made at the first call of a new installation."""
    row = await House.objects().first()
    return row if row is not None else await _first_house()


@writes
async def _first_house() -> House:
    row = await House.objects().first()
    if row is None:
        row = House(
            id=UUID(int=1),  # one row by construction: a second one is a duplicate key
            name="Club des ambassadeurs",
            office_name="Office de tourisme",
            zone=DEFAULT_ZONE,
        )
        await row.save()
    return row


async def zone() -> ZoneInfo:
    """The time zone in which the club's days begin and end."""
    return ZoneInfo((await house()).zone)


@writes
async def edit_house(
    actor: Actor,
    *,
    name: str,
    office_name: str,
    contact_email: str,
    zone_name: str,
    snapshot_limit_days: int,
    silent_days: int | None = None,
    digest_weekday: int | None = None,
    digest_hour: int | None = None,
    now: datetime,
) -> House:
    """The house rules after the change; a number that is None stays as it is.

    Raises Invalid for an unknown zone, a limit outside 1-30 days, a silence outside 3-90 days, a digest that is not by day.
    """
    if zone_name not in _zones():
        raise Invalid("unknown_zone", "choose a time zone such as Europe/Paris", fields=["zone"])
    if snapshot_limit_days not in SNAPSHOT_LIMIT_DAYS:
        raise Invalid("bad_limit", "the limit is from 1 to 30 days", fields=["snapshot_limit_days"])
    if silent_days is not None and silent_days not in SILENT_DAYS:
        raise Invalid("bad_limit", "a silence is told after 3 to 90 days", fields=["silent_days"])
    if digest_weekday is not None and digest_weekday not in DIGEST_WEEKDAYS:
        raise Invalid("bad_limit", "a weekday is from 1, Monday, to 7, Sunday", fields=["digest_weekday"])
    if digest_hour is not None and digest_hour not in DIGEST_HOURS:
        raise Invalid("bad_limit", "letters leave by day: from 8 to 19", fields=["digest_hour"])
    row = await house()
    before = _house_values(row)
    row.silent_days = row.silent_days if silent_days is None else silent_days
    row.digest_weekday = row.digest_weekday if digest_weekday is None else digest_weekday
    row.digest_hour = row.digest_hour if digest_hour is None else digest_hour
    row.name, row.office_name, row.contact_email = name, office_name, contact_email
    row.zone, row.snapshot_limit_days = zone_name, snapshot_limit_days
    await row.save()
    changed = {
        key: None if key in UNTOLD else [before[key], value]
        for key, value in _house_values(row).items()
        if before[key] != value
    }
    if changed:
        await history.record(actor, "club.edit", "club", None, now=now, details=changed)
    return row


def _house_values(row: House) -> dict[str, object]:
    return {
        "name": row.name,
        "office_name": row.office_name,
        "contact_email": row.contact_email,
        "zone": row.zone,
        "snapshot_limit_days": row.snapshot_limit_days,
        "silent_days": row.silent_days,
        "digest_weekday": row.digest_weekday,
        "digest_hour": row.digest_hour,
    }


@writes
async def edit_membership(
    actor: Actor,
    *,
    ceiling: int,
    mandate_months: int,
    notice_days: int,
    asks_certificate: bool,
    least_age: int,
    now: datetime,
) -> House:
    """The house after its membership rules were changed. Raises Invalid outside MEMBERSHIP_BOUNDS."""
    values: dict[str, int | bool] = {
        "ceiling": ceiling,
        "mandate_months": mandate_months,
        "notice_days": notice_days,
        "asks_certificate": asks_certificate,
        "least_age": least_age,
    }
    bad = [key for key, (least, most) in MEMBERSHIP_BOUNDS.items() if not least <= values[key] <= most]
    if bad:
        raise Invalid("bad_membership", "outside what a club may choose", fields=bad)
    row = await house()
    changed = {key: [getattr(row, key), value] for key, value in values.items() if getattr(row, key) != value}
    if changed:
        for key, value in values.items():
            setattr(row, key, value)
        await row.save()
        await history.record(actor, "club.membership", "club", None, now=now, details=changed)
    return row


def _zones() -> set[str]:
    from zoneinfo import available_timezones  # noqa: PLC0415 - reads the whole zone index: only when asked

    return available_timezones()


# --- ambassadors ------------------------------------------------------------------------------------------------------


async def ambassadors() -> list[Ambassador]:
    """Everybody who is or was in the club, by last and first name; those who were erased have neither."""
    query = Ambassador.objects().where(Ambassador.erased_at.is_null())
    return await query.order_by(Ambassador.last_name).order_by(Ambassador.first_name)


async def ambassador(ambassador_id: UUID) -> Ambassador:
    """That person; raises NotFound, also once they are erased."""
    row = await Ambassador.objects().where(Ambassador.id == ambassador_id, Ambassador.erased_at.is_null()).first()
    if row is None:
        raise NotFound("unknown_ambassador", "no such ambassador")
    return row


@writes
async def add_ambassador(
    actor: Actor,
    *,
    first_name: str,
    last_name: str,
    email: str,
    begins_on: date,
    ends_on: date,
    now: datetime,
) -> Ambassador:
    """A new member with a first mandate. Raises Invalid for a mandate that ends before it begins or an e-mail in use."""
    check_names(first_name, last_name)
    _check_term(begins_on, ends_on)
    account = await access.ensure_account(email, now=now)
    if await Ambassador.exists().where(Ambassador.account_id == account.id):
        raise Invalid("email_in_use", "another ambassador has this e-mail address", fields=["email"])
    row = Ambassador(
        id=uuid4(),
        sub=b64(secrets.token_bytes(8)),
        account_id=account.id,
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        created_at=now,
    )
    await row.save()
    await access.grant(account.id, Role.AMBASSADOR, row.id)
    await history.record(actor, "club.add", "ambassador", row.id, now=now)
    await add_mandate(actor, row.id, begins_on, ends_on, now=now)
    return row


@writes
async def edit_ambassador(
    actor: Actor, ambassador_id: UUID, *, first_name: str, last_name: str, email: str, now: datetime
) -> Ambassador:
    """The corrected person. A new e-mail moves the role to that address; the old one no longer opens the pass."""
    check_names(first_name, last_name)
    row = await ambassador(ambassador_id)
    account = await access.ensure_account(email, now=now)
    changed = []
    if account.id != row.account_id:
        if await Ambassador.exists().where(Ambassador.account_id == account.id):
            raise Invalid("email_in_use", "another ambassador has this e-mail address", fields=["email"])
        await access.withdraw(row.account_id, Role.AMBASSADOR, row.id)
        await access.grant(account.id, Role.AMBASSADOR, row.id)
        before, row.account_id = await access.account(row.account_id), account.id
        await row.save([Ambassador.account_id])
        if await access.remove_idle(before.id):  # the old address has no business here any more
            await mail.forget([before.id], before.email)
            await inbox.forget_subjects([before.id])
        changed.append("email")
    if (row.first_name, row.last_name) != (first_name.strip(), last_name.strip()):
        row.first_name, row.last_name = first_name.strip(), last_name.strip()
        changed.append("name")
    await row.save()
    if changed:
        await history.record(actor, "club.edit_person", "ambassador", row.id, now=now, details={"changed": changed})
    return row


@writes
async def pause(actor: Actor, ambassador_id: UUID, why: str, *, now: datetime) -> None:
    """The person is paused from now on; already paused: nothing changes. Publish the status list afterwards."""
    row = await ambassador(ambassador_id)
    if row.paused_at is None:
        row.paused_at, row.paused_why = now, why
        await row.save()
        await history.record(actor, "club.pause", "ambassador", row.id, now=now, why=why)


@writes
async def resume(actor: Actor, ambassador_id: UUID, *, now: datetime) -> None:
    """The pause is over. Publish the status list afterwards."""
    row = await ambassador(ambassador_id)
    if row.paused_at is not None:
        row.paused_at, row.paused_why = None, None
        await row.save()
        await history.record(actor, "club.resume", "ambassador", row.id, now=now)


@writes
async def mark_invited(actor: Actor, ambassador_id: UUID, *, now: datetime) -> None:
    """An invitation letter left for this person."""
    row = await ambassador(ambassador_id)
    row.invited_at = now
    await row.save()
    await history.record(actor, "club.invite", "ambassador", row.id, now=now)


@writes
async def forget(ambassador_id: UUID, *, now: datetime) -> UUID:
    """Anonymise this person in place: the mandates' days up to today stay, for counts by year. The account that was theirs.

    Raises NotFound, also when they were erased already.
    """
    row = await ambassador(ambassador_id)
    account_id: UUID = row.account_id
    await Signature.delete().where(Signature.ambassador_id == ambassador_id)
    await Comment.delete().where(Comment.ambassador_id == ambassador_id)
    await circles.forget(ambassador_id)
    today = clock.local_day(now, await zone())
    await Mandate.delete().where(Mandate.ambassador_id == ambassador_id, Mandate.begins_on > today)
    await Mandate.update({Mandate.ends_on: today}).where(
        Mandate.ambassador_id == ambassador_id, Mandate.ends_on > today
    )  # so that the years count a departure
    await Mandate.update({Mandate.wish: None, Mandate.wish_at: None}).where(Mandate.ambassador_id == ambassador_id)
    row.account_id = (await access.nobody(now=now)).id
    row.sub = b64(secrets.token_bytes(8))  # the old one stands in every pass they ever showed
    row.first_name = row.last_name = ""
    row.paused_at, row.paused_why, row.invited_at = None, None, None
    row.certified_on = row.certified_until = None
    row.erased_at = now
    await row.save()
    return account_id


@writes
async def certify(actor: Actor, ambassador_id: UUID, on: date, until: date, *, now: datetime) -> None:
    """The person has a certificate of this day, good up to and with `until`; the last one noted counts.

    Raises NotFound, Invalid `bad_certificate`. Publish the status list afterwards.
    """
    if until < on:
        raise Invalid("bad_certificate", "the certificate ends before its own day", fields=["certified_until"])
    row = await ambassador(ambassador_id)
    if (row.certified_on, row.certified_until) != (on, until):
        row.certified_on, row.certified_until = on, until
        await row.save()
        details = {"certified_on": on.isoformat(), "certified_until": until.isoformat()}
        await history.record(actor, "club.certify", "ambassador", row.id, now=now, details=details)


@writes
async def uncertify(actor: Actor, ambassador_id: UUID, *, now: datetime) -> None:
    """No certificate is noted any more (it was a mistake); none before: nothing changes. Publish the status list afterwards."""
    row = await ambassador(ambassador_id)
    if row.certified_on is not None or row.certified_until is not None:
        row.certified_on = row.certified_until = None
        await row.save()
        await history.record(actor, "club.uncertify", "ambassador", row.id, now=now)


# --- mandates and standing --------------------------------------------------------------------------------------------


async def mandates_of(ambassador_id: UUID) -> list[Mandate]:
    """A person's mandates, first to last."""
    return await Mandate.objects().where(Mandate.ambassador_id == ambassador_id).order_by(Mandate.begins_on)


@writes
async def add_mandate(actor: Actor, ambassador_id: UUID, begins_on: date, ends_on: date, *, now: datetime) -> Mandate:
    """A further mandate; the pass is renewed silently when it prolongs the running one."""
    _check_term(begins_on, ends_on)
    row = Mandate(id=uuid4(), ambassador_id=ambassador_id, begins_on=begins_on, ends_on=ends_on, created_at=now)
    await row.save()
    await history.record(
        actor,
        "club.add_mandate",
        "ambassador",
        ambassador_id,
        now=now,
        details={"begins_on": begins_on.isoformat(), "ends_on": ends_on.isoformat()},
    )
    return row


@writes
async def edit_mandate(actor: Actor, mandate_id: UUID, begins_on: date, ends_on: date, *, now: datetime) -> Mandate:
    """The mandate with other days; publish the status list afterwards.

    One that no longer ends soon begins anew with its letters, and with what the person wishes.
    """
    _check_term(begins_on, ends_on)
    row = await Mandate.objects().where(Mandate.id == mandate_id).first()
    if row is None:
        raise NotFound("unknown_mandate", "no such mandate")
    details = {
        "begins_on": [row.begins_on.isoformat(), begins_on.isoformat()],
        "ends_on": [row.ends_on.isoformat(), ends_on.isoformat()],
    }
    if ends_on > row.ends_on and (ends_on - clock.local_day(now, await zone())).days > rules.REMINDER_DAYS[0]:
        row.warned_30_at = row.warned_15_at = row.wish = row.wish_at = None
    row.begins_on, row.ends_on = begins_on, ends_on
    await row.save()
    await history.record(actor, "club.edit_mandate", "ambassador", row.ambassador_id, now=now, details=details)
    return row


async def standing(ambassador_id: UUID, *, now: datetime, is_newcomer: bool = False) -> Standing:
    """Whether this person may hold a pass at `now`, and on which mandate that rests."""
    newcomers = [ambassador_id] if is_newcomer else []
    return (await standings([ambassador_id], now=now, newcomers=newcomers))[ambassador_id]


async def standings(
    ambassador_ids: list[UUID], *, now: datetime, newcomers: Collection[UUID] = ()
) -> Mapping[UUID, Standing]:
    """The standing of each of these people, in a few queries. `newcomers`: those who never had a pass (club.rules)."""
    if not ambassador_ids:
        return {}
    rules_of_house = await house()
    today = clock.local_day(now, ZoneInfo(rules_of_house.zone))
    terms: dict[UUID, list[Term]] = {ambassador_id: [] for ambassador_id in ambassador_ids}
    for row in await Mandate.objects().where(Mandate.ambassador_id.is_in(ambassador_ids)):
        terms[row.ambassador_id].append(Term(row.begins_on, row.ends_on))
    people = {
        row["id"]: row
        for row in await Ambassador.select(
            Ambassador.id, Ambassador.paused_at, Ambassador.certified_on, Ambassador.certified_until
        ).where(Ambassador.id.is_in(ambassador_ids))
    }
    unsigned = await manifesto.unsigned(ambassador_ids, newcomers, today=today)
    return {
        ambassador_id: rules.standing(
            terms[ambassador_id],
            is_paused=ambassador_id in people and people[ambassador_id]["paused_at"] is not None,
            has_signed=ambassador_id not in unsigned,
            is_certified=not rules_of_house.asks_certificate or _is_certified(people.get(ambassador_id), today),
            today=today,
        )
        for ambassador_id in ambassador_ids
    }


async def certified(*, on: date) -> set[UUID]:
    """The ambassadors whose certificate is good on that day."""
    rows = await Ambassador.select(Ambassador.id, Ambassador.certified_on, Ambassador.certified_until).where(
        Ambassador.certified_on.is_not_null()
    )
    return {row["id"] for row in rows if _is_certified(row, on)}


def _is_certified(person: dict[str, Any] | None, today: date) -> bool:
    if person is None or person["certified_on"] is None:
        return False
    until = person["certified_until"]
    return bool(person["certified_on"] <= today and (until is None or until >= today))


async def call_of(ambassador_id: UUID, *, now: datetime, is_newcomer: bool = False) -> Call:
    """What this person has still to do about the manifesto, and until when."""
    today = clock.local_day(now, await zone())
    newcomers = [ambassador_id] if is_newcomer else []
    return (await manifesto.calls([ambassador_id], newcomers, today=today))[ambassador_id]


def check_names(first_name: str, last_name: str) -> None:
    """Raises Invalid `bad_name` unless both are there and fit their columns."""
    missing = [
        field
        for field, value in (("first_name", first_name), ("last_name", last_name))
        if not 1 <= len(value.strip()) <= NAME_MAX
    ]
    if missing:
        raise Invalid("bad_name", "a first and a last name of 1 to 60 characters are needed", fields=missing)


def _check_term(begins_on: date, ends_on: date) -> None:
    if ends_on < begins_on:
        raise Invalid("bad_term", "the mandate ends before it begins", fields=["ends_on"])
