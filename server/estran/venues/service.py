"""Venues, benefits and scanners: every act leaves an entry in the history."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from estran.actor import SYSTEM, Actor
from estran.db import fetch, writes
from estran.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from estran.history import service as history
from estran.inbox import service as inbox
from estran.venues import rules
from estran.venues.tables import Benefit, BenefitVersion, Device, Pairing, Venue
from estran.venues.terms import Kind, Per, Quota, Terms
from estran.venues.terms import faults as terms_faults
from estran.venues.terms import read as read_terms
from estran.venues.terms import written as written_terms

FIELD_MAX = {"name": 120, "commune": 80, "address": 200, "url": 300, "contact_email": 254}
"""Characters, as in tables.Venue: SQLite does not hold its columns to a length."""
SCANNER = "scanner"
"""`Device.kind` of a real one; what else stands for a device is in `ways`, and in no list here."""


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


# --- venues -----------------------------------------------------------------------------------------------------------


async def venues(*, archived: bool = False) -> list[Venue]:
    """The club's venues by name; the archived ones only when asked for."""
    query = Venue.objects().order_by(Venue.name)
    return await (query if archived else query.where(Venue.archived_at.is_null()))


async def venue(venue_id: UUID) -> Venue:
    """That venue, archived or not; raises NotFound."""
    row = await Venue.objects().where(Venue.id == venue_id).first()
    if row is None:
        raise NotFound("unknown_venue", "no such venue")
    return row


@writes
async def add_venue(
    actor: Actor, *, name: str, commune: str, address: str, url: str, contact_email: str, now: datetime
) -> Venue:
    """A new venue, without a benefit yet. Raises Invalid."""
    row = Venue(id=uuid4(), name="", created_at=now)
    _fill(row, name=name, commune=commune, address=address, url=url, contact_email=contact_email)
    await row.save()
    await history.record(actor, "venues.add", "venue", row.id, now=now)
    return row


@writes
async def edit_venue(
    actor: Actor, venue_id: UUID, *, name: str, commune: str, address: str, url: str, contact_email: str, now: datetime
) -> Venue:
    """The venue after the change. Raises Invalid or NotFound."""
    row = await venue(venue_id)
    changed = _fill(row, name=name, commune=commune, address=address, url=url, contact_email=contact_email)
    if changed:
        await row.save()
        await history.record(actor, "venues.edit", "venue", row.id, now=now, details={"changed": changed})
    return row


def _fill(row: Venue, **values: str) -> list[str]:
    clean = {field: rules.clean_line(value) for field, value in values.items()}
    if not clean["name"] or len(clean["name"]) > FIELD_MAX["name"]:
        raise Invalid("bad_venue_name", "a venue needs a name of at most 120 characters", fields=["name"])
    for field in ("commune", "address", "url", "contact_email"):
        if len(clean[field]) > FIELD_MAX[field]:
            raise Invalid("too_long", f"{field} is too long", fields=[field])
    if clean["url"] and not clean["url"].startswith(("https://", "http://")):
        raise Invalid("bad_url", "a web address begins with https://", fields=["url"])
    changed = [field for field, value in clean.items() if getattr(row, field) != value]
    for field in changed:
        setattr(row, field, clean[field])
    return changed


@writes
async def pause_venue(actor: Actor, venue_id: UUID, why: str, *, now: datetime) -> None:
    """The venue's benefits rest from now on, at each scanner's next news."""
    row = await venue(venue_id)
    if row.paused_at is None:
        row.paused_at, row.paused_why = now, why
        await row.save()
        await history.record(actor, "venues.pause", "venue", row.id, now=now, why=why)


@writes
async def resume_venue(actor: Actor, venue_id: UUID, *, now: datetime) -> None:
    """The venue's benefits open again."""
    row = await venue(venue_id)
    if row.paused_at is not None:
        row.paused_at, row.paused_why = None, None
        await row.save()
        await history.record(actor, "venues.resume", "venue", row.id, now=now)


@writes
async def archive_venue(actor: Actor, venue_id: UUID, why: str, *, now: datetime) -> None:
    """The venue leaves every list, its scanners are cut, its pairings end; its visits stay."""
    row = await venue(venue_id)
    if row.archived_at is not None:
        return
    row.archived_at = now
    await row.save()
    for device in await devices_of(venue_id):
        if device.state != "cut":
            await cut_device(actor, device.id, why, now=now)
    await Pairing.update({Pairing.ended_at: now}).where(Pairing.venue_id == venue_id, Pairing.ended_at.is_null())
    await history.record(actor, "venues.archive", "venue", row.id, now=now, why=why)


@writes
async def restore_venue(actor: Actor, venue_id: UUID, *, now: datetime) -> None:
    """The venue is back in the lists with the benefits it had. Its scanners stay cut and its posters ended: pair anew."""
    row = await venue(venue_id)
    if row.archived_at is not None:
        row.archived_at = None
        await row.save()
        await history.record(actor, "venues.restore", "venue", row.id, now=now)


# --- benefits ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """A benefit as it stands: what its newest version says."""

    id: UUID
    venue_id: UUID
    version: int
    terms: Terms
    created_at: datetime
    ended_at: datetime | None = None


_GIVEN = (
    "SELECT b.id, b.venue_id, b.version, v.terms, b.created_at, b.ended_at,"
    " b.kind, b.min_paying_companions, b.quota_per_year FROM venues_benefit b"
    " LEFT JOIN venues_benefit_version v ON v.benefit_id = b.id AND v.version = b.version WHERE %s"
    " ORDER BY b.place, b.created_at, b.id"
)


async def benefits_of(venue_id: UUID) -> list[Given]:
    """What the venue gives now, in the order in which a scan tries them."""
    return await _given("b.ended_at IS NULL AND b.venue_id = {}", venue_id)


async def benefits() -> list[Given]:
    """What every venue gives now, in the order in which a scan tries them."""
    return await _given("b.ended_at IS NULL")


async def benefit(venue_id: UUID, benefit_id: UUID) -> Given:
    """That benefit of that venue, ended or not; raises NotFound."""
    found = await _given("b.id = {} AND b.venue_id = {}", benefit_id, venue_id)
    if not found:
        raise NotFound("unknown_benefit", "no such benefit at this venue")
    return found[0]


async def _given(where: str, *values: object) -> list[Given]:
    # What this version of Estran cannot read (a newer one wrote it) is not given, and takes nothing else with it.
    return [
        Given(row["id"], row["venue_id"], row["version"], terms, row["created_at"], row["ended_at"])
        for row in await fetch(_GIVEN.replace("%s", where), *values)
        if (terms := _terms_in(row)) is not None
    ]


def _terms_in(row: Mapping[str, Any]) -> Terms | None:
    """What the version says; where an older server wrote it, which knew of no versions, its columns say all there is."""
    if row["terms"] is not None:
        return read_terms(row["terms"])
    quota = None if row["quota_per_year"] is None else Quota(row["quota_per_year"])
    kind = Kind(row["kind"]) if row["kind"] in set(Kind) else None
    return None if kind is None else Terms(kind, min_paying_companions=row["min_paying_companions"], quota=quota)


async def versions_of(benefit_id: UUID) -> list[BenefitVersion]:
    """What the benefit said, version by version, newest first."""
    query = BenefitVersion.objects().where(BenefitVersion.benefit_id == benefit_id)
    return await query.order_by(BenefitVersion.version, ascending=False)


async def terms_of(benefit_id: UUID, version: int | None) -> Terms | None:
    """What that version said; None when nobody knows it."""
    if version is None:
        return None
    row = (
        await BenefitVersion.objects()
        .where(BenefitVersion.benefit_id == benefit_id, BenefitVersion.version == version)
        .first()
    )
    return None if row is None else read_terms(row.terms)


@writes
async def set_benefit(actor: Actor, venue_id: UUID, benefit_id: UUID | None, terms: Terms, *, now: datetime) -> Given:
    """The benefit, new (`benefit_id` None) or changed and one version further. Raises Invalid `bad_terms` or NotFound."""
    found = terms_faults(terms)
    if found:
        told = ", ".join(f"{fault.field}: {fault.code}" for fault in found)
        raise Invalid("bad_terms", f"these terms contradict themselves: {told}", fields=[one.field for one in found])
    await venue(venue_id)
    if benefit_id is None:
        row = Benefit(
            id=uuid4(),
            venue_id=venue_id,
            version=1,
            kind=terms.kind.value,
            created_at=now,
            place=await _next_place(venue_id),
        )
    else:
        known = await benefit(venue_id, benefit_id)
        if known.ended_at is not None:
            raise NotFound("unknown_benefit", "no such benefit at this venue")
        if known.terms == terms:
            return known
        row = await _row(benefit_id)
        row.version += 1
    _for_an_older_server(row, terms)
    await row.save()
    await BenefitVersion(
        id=uuid4(), benefit_id=row.id, version=row.version, terms=written_terms(terms), since=now, account_id=actor.id
    ).save()
    details = {"benefit": str(row.id), "version": row.version, "kind": terms.kind.value}
    action = "venues.add_benefit" if benefit_id is None else "venues.edit_benefit"
    await history.record(actor, action, "venue", venue_id, now=now, details=details)
    return await benefit(venue_id, row.id)


async def _row(benefit_id: UUID) -> Benefit:
    row = await Benefit.objects().where(Benefit.id == benefit_id).first()
    if row is None:
        raise NotFound("unknown_benefit", "no such benefit")
    return row


def _for_an_older_server(row: Benefit, terms: Terms) -> None:
    """The columns of before the grammar, so that going back one version of Estran keeps what it can understand."""
    quota = terms.quota
    row.kind, row.min_paying_companions = terms.kind.value, terms.min_paying_companions
    row.quota_per_year = quota.n if quota is not None and quota.per is Per.YEAR else None


async def _next_place(venue_id: UUID) -> int:
    rows = await fetch("SELECT COALESCE(MAX(place), 0) + 1 AS place FROM venues_benefit WHERE venue_id = {}", venue_id)
    return int(rows[0]["place"])


@writes
async def order_benefits(actor: Actor, venue_id: UUID, benefit_ids: Sequence[UUID], *, now: datetime) -> None:
    """A scan tries the venue's benefits in this order; those that are not named come after. Raises NotFound."""
    present = [one.id for one in await benefits_of(venue_id)]
    if not set(benefit_ids) <= set(present):
        raise NotFound("unknown_benefit", "no such benefit at this venue")
    wanted = [*dict.fromkeys(benefit_ids), *(one for one in present if one not in benefit_ids)]
    if wanted == present:
        return
    for place, benefit_id in enumerate(wanted, start=1):
        await Benefit.update({Benefit.place: place}).where(Benefit.id == benefit_id)
    await history.record(actor, "venues.order_benefits", "venue", venue_id, now=now)


@writes
async def end_benefit(actor: Actor, venue_id: UUID, benefit_id: UUID, *, now: datetime) -> None:
    """The venue no longer gives this. Raises NotFound."""
    ended = (
        await Benefit.update({Benefit.ended_at: now})
        .where(Benefit.id == benefit_id, Benefit.venue_id == venue_id, Benefit.ended_at.is_null())
        .returning(Benefit.id)
    )
    if not ended:
        raise NotFound("unknown_benefit", "no such benefit at this venue")
    await history.record(actor, "venues.end_benefit", "venue", venue_id, now=now, details={"benefit": str(benefit_id)})


# --- pairing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paired:
    """A scanner that has just been paired; `token` is told once and stored only as a hash."""

    device: Device
    token: str
    venue: Venue


@writes
async def make_pairing(actor: Actor, venue_id: UUID, *, reusable: bool, lifetime: timedelta, now: datetime) -> str:
    """A new pairing secret (8 characters without look-alikes), told once. A reusable one is a poster."""
    place = await venue(venue_id)
    if place.archived_at is not None:
        raise Conflict("venue_archived", "this venue is archived: bring it back first")
    secret = "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.SECRET_LENGTH))
    row = Pairing(
        id=uuid4(),
        venue_id=venue_id,
        secret_hash=_hash(secret),
        reusable=reusable,
        created_at=now,
        expires_at=now + lifetime,
    )
    await row.save()
    details = {"reusable": reusable, "expires_at": row.expires_at.isoformat()}
    await history.record(actor, "venues.make_pairing", "venue", venue_id, now=now, details=details)
    return secret


async def open_pairings(venue_id: UUID, *, now: datetime) -> list[Pairing]:
    """The venue's pairings that still work, posters first to last."""
    rows = await (
        Pairing.objects()
        .where(Pairing.venue_id == venue_id, Pairing.ended_at.is_null(), Pairing.expires_at > now)
        .order_by(Pairing.created_at)
    )
    return [row for row in rows if row.reusable or row.used_at is None]


@writes
async def end_pairing(actor: Actor, venue_id: UUID, pairing_id: UUID, *, now: datetime) -> None:
    """The poster or code no longer pairs. Raises NotFound."""
    ended = (
        await Pairing.update({Pairing.ended_at: now})
        .where(Pairing.id == pairing_id, Pairing.venue_id == venue_id, Pairing.ended_at.is_null())
        .returning(Pairing.id)
    )
    if not ended:
        raise NotFound("unknown_pairing", "no such pairing at this venue")
    await history.record(actor, "venues.end_pairing", "venue", venue_id, now=now)


@writes
async def pair(secret: str, label: str, word: str, *, now: datetime) -> Paired:
    """The scanner that this secret pairs: active by a one-time code, waiting for approval by a poster.

    Raises Invalid (label, word), NotFound `unknown_pairing`, Gone `pairing_ended`, Conflict `too_many_devices` or
    `too_many_pending`.
    """
    label, word = rules.clean_line(label), rules.clean_line(word)
    if not 1 <= len(label) <= rules.LABEL_MAX:
        raise Invalid("bad_label", "name this scanner in 1 to 40 characters", fields=["label"])
    if not rules.is_good_word(word):
        raise Invalid("bad_word", "choose a word of 3 to 20 letters", fields=["word"])
    row = await Pairing.objects().where(Pairing.secret_hash == _hash(rules.normal_secret(secret))).first()
    if row is None:
        raise NotFound("unknown_pairing", "this code does not exist: check it, or ask the office for a new one")
    if row.ended_at is not None or row.expires_at <= now or (row.used_at is not None and not row.reusable):
        raise Gone("pairing_ended", "this code has been used or is too old: ask the office for a new one")
    place = await venue(row.venue_id)
    await (_check_waiting_room if row.reusable else _check_room)(row.venue_id)
    row.used_at = now
    await row.save()
    token = secrets.token_urlsafe(32)
    device = Device(
        id=uuid4(),
        venue_id=row.venue_id,
        token_hash=_hash(token),
        label=label,
        word=word,
        state="pending" if row.reusable else "active",
        created_at=now,
        approved_at=None if row.reusable else now,
        seen_at=now,
    )
    await device.save()
    await history.record(SYSTEM, "venues.pair", "device", device.id, now=now, details={"state": device.state})
    if row.reusable:
        await inbox.drop(
            "device_pending",
            key=_pending_key(device.id),
            now=now,
            subject_kind="device",
            subject_id=device.id,
            venue_id=row.venue_id,
        )
    return Paired(device, token, place)


def _pending_key(device_id: UUID) -> str:
    return f"device_pending:{device_id}"


async def _check_room(venue_id: UUID) -> None:
    active = await Device.count().where(Device.venue_id == venue_id, Device.state == "active", Device.kind == SCANNER)
    if active >= rules.ACTIVE_DEVICES_MAX:
        raise Conflict("too_many_devices", "this venue has 10 active scanners: cut one first")


async def _check_waiting_room(venue_id: UUID) -> None:
    """A leaked poster must not fill the inbox."""
    waiting = await Device.count().where(Device.venue_id == venue_id, Device.state == "pending")
    if waiting >= rules.PENDING_DEVICES_MAX:
        raise Conflict("too_many_pending", "20 scanners wait for approval here: approve or cut some, or use a code")


# --- devices ----------------------------------------------------------------------------------------------------------


async def device(device_id: UUID) -> Device:
    """That scanner; raises NotFound."""
    row = await Device.objects().where(Device.id == device_id, Device.kind == SCANNER).first()
    if row is None:
        raise NotFound("unknown_device", "no such scanner")
    return row


async def working_device(device_id: UUID) -> Device:
    """That scanner, when it may work. Raises NotFound, Forbidden `device_pending` or `device_cut`."""
    row = await device(device_id)
    if row.state != "active":
        hint = "waits for the office's approval" if row.state == "pending" else "was cut: hand in what it holds"
        raise Forbidden(f"device_{row.state}", f"this scanner {hint}")
    return row


async def device_by_token(token: str) -> tuple[UUID, UUID] | None:
    """The scanner that holds this token, in whatever state, and its venue; or None."""
    # By hand: it comes before every call of every scanner.
    rows = await fetch("SELECT id, venue_id FROM venues_device WHERE token_hash = {}", _hash(token))
    return (rows[0]["id"], rows[0]["venue_id"]) if rows else None


async def devices_of(venue_id: UUID) -> list[Device]:
    """The venue's scanners, oldest first, cut ones too."""
    query = Device.objects().where(Device.venue_id == venue_id, Device.kind == SCANNER)
    return await query.order_by(Device.created_at)


async def devices() -> list[Device]:
    """Every scanner that is not cut, oldest first."""
    return await Device.objects().where(Device.state != "cut", Device.kind == SCANNER).order_by(Device.created_at)


@writes
async def approve_device(actor: Actor, device_id: UUID, *, now: datetime) -> None:
    """A waiting scanner may work from now on. Raises NotFound, Conflict when it was cut or the venue is full."""
    row = await device(device_id)
    if row.state == "active":
        return
    if row.state == "cut":
        raise Conflict("device_cut", "this scanner was cut: pair it again")
    await _check_room(row.venue_id)
    row.state, row.approved_at = "active", now
    await row.save([Device.state, Device.approved_at])
    await inbox.close(_pending_key(row.id), now=now, by=actor)
    await history.record(actor, "venues.approve_device", "device", row.id, now=now)


@writes
async def cut_device(actor: Actor, device_id: UUID, why: str, *, now: datetime) -> None:
    """The scanner may only hand in what it still holds, then wipes itself. Raises NotFound."""
    row = await device(device_id)
    if row.state != "cut":
        await _cut(row, now, by=actor)
        await history.record(actor, "venues.cut_device", "device", row.id, now=now, why=why)


@writes
async def cut_forgotten(*, now: datetime) -> None:
    """Cut the scanners that nobody approved in time.

    Cut, not deleted: such a scanner then hands in what an earlier pairing left with it and asks to be paired again.
    """
    forgotten = await Device.objects().where(
        Device.state == "pending", Device.created_at <= now - rules.PENDING_LIFETIME
    )
    for row in forgotten:
        await _cut(row, now)
        await history.record(SYSTEM, "venues.cut_forgotten", "device", row.id, now=now)


async def _cut(row: Device, now: datetime, *, by: Actor | None = None) -> None:
    row.state, row.cut_at = "cut", now
    await row.save([Device.state, Device.cut_at])
    await inbox.close(_pending_key(row.id), now=now, by=by)
