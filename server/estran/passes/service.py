"""Issue, renew, move, revoke, publish: the life of a pass. Eligibility always comes from `club.service.standing`."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from piccolo.query.functions.aggregate import Max

from estran import clock
from estran.access import service as access
from estran.actor import Actor
from estran.club import rules as club_rules
from estran.club import service as club
from estran.club.rules import SUSPENDING, Eligibility, Standing, Term
from estran.db import fetch, writes
from estran.encoding import b64, unb64
from estran.errors import Conflict, Invalid, NotFound, Unauthorized
from estran.history import service as history
from estran.passes import keys, status, token
from estran.passes.keys import Issuer
from estran.passes.number import number_of
from estran.passes.rules import AGE_MAX_S, AGE_MIN_S, Reason
from estran.passes.tables import Pass, SigningKey, StatusList
from estran.passes.token import Fields

MOVE_GRACE = timedelta(hours=24)
"""How long the pass on the previous phone outlives the issue of a new one that never shows itself (design: 24 h)."""
COORDINATE_CHARS = 43
"""32 bytes in base64url."""
STATUS_TTL_S = 3600
STATUS_LIFETIME = timedelta(days=30)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""Before any club began: what is counted from here by the clock is ahead of what was counted one by one."""
SEEN_EVERY = timedelta(minutes=1)


class Medium(StrEnum):
    """What a pass is on. Stored."""

    LIVE = "live"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class PassState:
    """What a phone is told: its credential (None unless valid), a status word and the standing behind it."""

    credential: str | None
    status: str
    """valid, suspended, revoked, expired, replaced."""
    pass_: Pass
    standing: Standing


# --- issue and move ---------------------------------------------------------------------------------------------------


async def issue(issuer: Issuer, ambassador_id: UUID, x: str, y: str, phone: str, *, now: datetime) -> Pass:
    """The pass of this person on the phone whose public key is (`x`, `y`), both base64url of 32 bytes.

    The same key again gives the same pass (a lost reply is harmless), or renews it. A pass on another phone ends with the new
    one's first proof or after 24 hours, one that was renewed with the first proof alone. Raises Conflict `not_eligible` (with
    `eligibility`), Invalid `bad_key`.
    """
    _check_point(x, y)
    signer = await _signer(issuer, now=now)
    row = await _issue(issuer, signer, ambassador_id, x, y, phone, now=now)
    await publish_status(now=now)
    return row


class _Signer(NamedTuple):
    """The key that signs now; its private part is read from a file, before any transaction."""

    row: SigningKey
    private: EllipticCurvePrivateKey


async def _signer(issuer: Issuer, *, now: datetime) -> _Signer:
    signing = await keys.current(issuer, now=now)
    return _Signer(signing, await issuer.private(signing))


class _Says(NamedTuple):
    """What a pass of somebody says if it is issued now."""

    ambassador_id: UUID
    sub: str
    name: str
    exp_at: datetime


@writes
async def _issue(
    issuer: Issuer, signer: _Signer, ambassador_id: UUID, x: str, y: str, phone: str, *, now: datetime
) -> Pass:
    says = await _says(ambassador_id, now=now)
    living = await living_passes(ambassador_id, now=now)
    for known in living:
        is_here = (known.key_x, known.key_y) == (x, y) and known.ends_at is None
        if is_here and await _is_current(known, says.name, says.exp_at, now=now):
            return known
    for known in living:
        # On the same key it is a renewal: should its reply be lost, the phone must be able to stay away for weeks.
        if (known.key_x, known.key_y) != (x, y):
            known.ends_at = min(known.ends_at or now + MOVE_GRACE, now + MOVE_GRACE)
            await known.save([Pass.ends_at])
    return await _make(issuer, signer, says, Medium.LIVE, x, y, phone, now=now)


async def _says(ambassador_id: UUID, *, now: datetime) -> _Says:
    """Raises Conflict `not_eligible`."""
    standing = await standing_of(ambassador_id, now=now)
    if standing.eligibility is not Eligibility.ELIGIBLE or standing.term is None:
        raise Conflict("not_eligible", "no pass can be issued now", eligibility=standing.eligibility)
    return await _said_of(ambassador_id, standing.term)


async def _said_of(ambassador_id: UUID, term: Term) -> _Says:
    person = await club.ambassador(ambassador_id)
    name = club_rules.display_name(person.first_name, person.last_name)
    return _Says(ambassador_id, person.sub, name, clock.end_of_day(term.ends_on, await club.zone()))


async def _make(
    issuer: Issuer,
    signer: _Signer,
    says: _Says,
    medium: Medium,
    x: str = "",
    y: str = "",
    phone: str = "",
    *,
    now: datetime,
) -> Pass:
    fields = token.sign_credential(
        Fields(
            type=token.LIVE if medium is Medium.LIVE else token.PAPER,
            kid=unb64(signer.row.kid),
            sub=unb64(says.sub),
            jti=secrets.token_bytes(token.JTI_BYTES),
            exp=int(says.exp_at.timestamp()),
            idx=await _next_idx(),
            name=says.name,
            x=unb64(x),
            y=unb64(y),
            signature=b"",
        ),
        issuer.iss,
        signer.private,
    )
    row = Pass(
        id=uuid4(),
        ambassador_id=says.ambassador_id,
        jti=b64(fields.jti),
        idx=fields.idx,
        signing_key_id=signer.row.id,
        credential=b64(fields.credential),
        name=says.name,
        exp_at=says.exp_at,
        key_x=x,
        key_y=y,
        phone=phone,
        issued_at=now,
        medium=medium.value,
        number=number_of(fields.jti),
    )
    await row.save()
    return row


async def _next_idx() -> int:
    """The first index that no pass ever had: an index is never used again.

    Nor is one that a pass may have that was issued after a backup and lost with the server: a list that reaches further than
    the passes says where to go on (`publish_anew`).
    """
    last = (await Pass.select(Max(Pass.idx, alias="last")).output(as_list=True))[0]
    newest = await _newest_list()
    left_out = status.room(newest.lst) - status.PER_BYTE if newest else 0
    return max(left_out, 0 if last is None else int(last) + 1)


def _check_point(x: str, y: str) -> None:
    try:
        point = token.point(unb64(x), unb64(y)) if len(x) == len(y) == COORDINATE_CHARS else None
    except ValueError:
        point = None
    if point is None:
        raise Invalid("bad_key", "x and y are not a P-256 public key", fields=["x", "y"])


async def _is_current(row: Pass, name: str, exp_at: datetime, *, now: datetime) -> bool:
    """Whether a pass issued now would say the same, signed by a key that still verifies."""
    published = {key.id for key in await keys.published(now=now)}
    return row.name == name and row.exp_at == exp_at and row.signing_key_id in published


async def living_passes(ambassador_id: UUID, *, medium: Medium = Medium.LIVE, now: datetime) -> list[Pass]:
    """This person's passes on phones that are neither revoked nor replaced, oldest first; two during a move, else one or none.

    On paper: one or none.
    """
    rows = (
        await Pass.objects()
        .where(Pass.ambassador_id == ambassador_id, Pass.medium == medium.value, Pass.revoked_at.is_null())
        .order_by(Pass.idx)
    )
    return [row for row in rows if row.ends_at is None or row.ends_at > now]


async def pass_of(ambassador_id: UUID, *, now: datetime) -> Pass | None:
    """The newest living pass of this person on a phone, or None."""
    living = await living_passes(ambassador_id, now=now)
    return living[-1] if living else None


async def newcomers(ambassador_ids: list[UUID]) -> set[UUID]:
    """Those of these people who never had a pass."""
    if not ambassador_ids:
        return set()
    known = await Pass.select(Pass.ambassador_id).where(Pass.ambassador_id.is_in(ambassador_ids)).output(as_list=True)
    return set(ambassador_ids) - set(known)


async def standings(ambassador_ids: list[UUID], *, now: datetime) -> Mapping[UUID, Standing]:
    """The standing of each of these people; who never had a pass must sign the newest manifesto before the first."""
    return await club.standings(ambassador_ids, now=now, newcomers=await newcomers(ambassador_ids))


async def standing_of(ambassador_id: UUID, *, now: datetime) -> Standing:
    """Whether this person may hold a pass at `now`."""
    return (await standings([ambassador_id], now=now))[ambassador_id]


async def passes_of(ambassador_id: UUID) -> list[Pass]:
    """Every pass this person ever had, on phones and on paper, oldest first."""
    return await Pass.objects().where(Pass.ambassador_id == ambassador_id).order_by(Pass.idx)


# --- on paper ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperPass:
    """The living pass of somebody on paper."""

    pass_: Pass
    is_outdated: bool
    """The person may have one, but not this: there is another mandate, name or key. Paper is not renewed: print anew."""


async def paper_of(ambassador_id: UUID, *, now: datetime) -> PaperPass | None:
    """The pass of this person on paper, or None; suspended or expired ones, too."""
    living = await living_passes(ambassador_id, medium=Medium.PAPER, now=now)
    if not living:
        return None
    standing = await standing_of(ambassador_id, now=now)
    if standing.eligibility is not Eligibility.ELIGIBLE or standing.term is None:
        return PaperPass(living[-1], is_outdated=False)
    says = await _said_of(ambassador_id, standing.term)
    return PaperPass(living[-1], is_outdated=not await _is_current(living[-1], says.name, says.exp_at, now=now))


async def print_pass(actor: Actor, issuer: Issuer, ambassador_id: UUID, *, now: datetime) -> Pass:
    """The pass of this person on paper; the one on the phone is left alone.

    The same again while it still says what is true; else a new one, which ends the one before. Raises Conflict
    `not_eligible` (with `eligibility`).
    """
    signer = await _signer(issuer, now=now)
    row = await _print(actor, issuer, signer, ambassador_id, now=now)
    await publish_status(now=now)
    return row


@writes
async def _print(actor: Actor, issuer: Issuer, signer: _Signer, ambassador_id: UUID, *, now: datetime) -> Pass:
    says = await _says(ambassador_id, now=now)
    living = await living_passes(ambassador_id, medium=Medium.PAPER, now=now)
    for known in living:
        if await _is_current(known, says.name, says.exp_at, now=now):
            return known
    for known in living:
        known.ends_at = now
        await known.save([Pass.ends_at])
    row = await _make(issuer, signer, says, Medium.PAPER, now=now)
    await history.record(actor, "passes.print", "ambassador", ambassador_id, now=now)
    return row


async def revoke_paper(actor: Actor, ambassador_id: UUID, why: str, *, now: datetime) -> None:
    """Revoke the pass of this person on paper (lost), and nothing else. Raises NotFound."""
    await _revoke_paper(actor, ambassador_id, why, now=now)
    await publish_status(now=now)


@writes
async def _revoke_paper(actor: Actor, ambassador_id: UUID, why: str, *, now: datetime) -> None:
    living = await living_passes(ambassador_id, medium=Medium.PAPER, now=now)
    if not living:
        raise NotFound("no_pass", "this person has no pass on paper")
    for row in living:
        row.revoked_at, row.revoked_why = now, why
        await row.save([Pass.revoked_at, Pass.revoked_why])
    await history.record(actor, "passes.revoke_paper", "ambassador", ambassador_id, now=now, why=why)


# --- refresh and renewal ----------------------------------------------------------------------------------------------


async def refresh(issuer: Issuer, digits: str, *, now: datetime) -> PassState:
    """What the phone that shows this fresh presentation should hold now; renewed silently when something changed.

    Proof of the holder's key is the only credential asked. Raises Unauthorized unknown_pass, bad_proof or stale_proof.
    """
    row = await _proven(issuer, digits, issuer.iss, now=now)
    if await note_proofs([row.jti], now=now):
        await publish_status(now=now)
    return await _state(issuer, await _newest_on_same_phone(row), now=now)


async def holder_by_proof(issuer: Issuer, digits: str, *, now: datetime) -> tuple[UUID, UUID]:
    """The account and the ambassador whose phone has signed this presentation just now, to ask and speak in their name.

    It is for `own(iss)`: no code from a screen will do, nor this one at a scanner. A pass that was revoked or has moved to
    another phone speaks for nobody any more. Raises Unauthorized unknown_pass, bad_proof or stale_proof.
    """
    row = await _newest_on_same_phone(await _proven(issuer, digits, own(issuer.iss), now=now))
    if row.revoked_at is not None or (row.ends_at is not None and row.ends_at <= now):
        raise Unauthorized("unknown_pass", "this pass has ended: put it on the phone again, or sign in")
    return (await club.ambassador(row.ambassador_id)).account_id, row.ambassador_id


def own(iss: str) -> str:
    """Whom a proof is for by which a phone asks what concerns its holder alone: docs/pass-format.md §1."""
    return f"{iss}/own"


async def _proven(issuer: Issuer, digits: str, audience: str, *, now: datetime) -> Pass:
    fields = token.parse_digits(digits)
    if not isinstance(fields, Fields) or fields.iat is None:
        raise Unauthorized("unknown_pass", "this is not a presentation of a pass")
    row = await Pass.objects().where(Pass.jti == b64(fields.jti)).first()
    if row is None or row.credential != b64(fields.credential):
        raise Unauthorized("unknown_pass", "this pass is not known here")
    if token.verify_proof(fields, issuer.iss, audience):
        raise Unauthorized(Reason.BAD_PROOF, "the phone's signature does not hold, or is for something else")
    if not AGE_MIN_S <= now.timestamp() - fields.iat <= AGE_MAX_S:
        raise Unauthorized(
            Reason.STALE_PROOF, "the proof is too old or from the future: correct the clock by Estran-Time"
        )
    return row


async def _newest_on_same_phone(row: Pass) -> Pass:
    """The pass that replaced `row` on the same key, when its reply was lost; else `row` itself."""
    newer = (
        await Pass.objects()
        .where(Pass.ambassador_id == row.ambassador_id, Pass.key_x == row.key_x, Pass.key_y == row.key_y)
        .order_by(Pass.idx, ascending=False)
        .first()
    )
    return newer or row


async def _state(issuer: Issuer, row: Pass, *, now: datetime) -> PassState:
    standing = await club.standing(row.ambassador_id, now=now)
    if row.revoked_at is not None:
        return PassState(None, "revoked", row, standing)
    if row.ends_at is not None and row.ends_at <= now:
        return PassState(None, "replaced", row, standing)
    if standing.eligibility in SUSPENDING:
        return PassState(None, "suspended", row, standing)
    if standing.eligibility is not Eligibility.ELIGIBLE:
        return PassState(None, "expired", row, standing)
    row = await _renewed(issuer, row, standing, now=now)
    return PassState(row.credential, "valid", row, standing)


async def _renewed(issuer: Issuer, row: Pass, standing: Standing, *, now: datetime) -> Pass:
    """`row`, or a new credential on the same phone key when mandate, name or the issuer's key have changed.

    A pass that has moved away is not renewed: that would take it back from the new phone.
    """
    if standing.term is None or row.ends_at is not None:
        return row
    person = await club.ambassador(row.ambassador_id)
    name = club_rules.display_name(person.first_name, person.last_name)
    exp_at = clock.end_of_day(standing.term.ends_on, await club.zone())
    if await _is_current(row, name, exp_at, now=now):
        return row
    return await issue(issuer, row.ambassador_id, row.key_x, row.key_y, row.phone, now=now)


@writes
async def note_proofs(jtis: Collection[str], *, now: datetime) -> bool:
    """Record that these passes proved themselves; a first proof ends the older passes of the same person.

    True when some pass ended thereby: publish the status list then.
    """
    ended = False
    for row in await Pass.objects().where(Pass.jti.is_in(list(jtis)), Pass.credential != "") if jtis else []:
        if row.seen_at is not None and now - row.seen_at < SEEN_EVERY and row.proved_at is not None:
            continue
        is_first = row.proved_at is None
        row.seen_at, row.proved_at = now, row.proved_at or now
        await row.save([Pass.seen_at, Pass.proved_at])
        if is_first and row.revoked_at is None:
            for older in await living_passes(row.ambassador_id, now=now):
                if older.idx < row.idx:
                    older.ends_at = now
                    await older.save([Pass.ends_at])
                    ended = True
    return ended


# --- revoke and publish -----------------------------------------------------------------------------------------------


async def revoke(actor: Actor, ambassador_id: UUID, why: str, *, now: datetime) -> int:
    """Revoke this person's living passes on phones (lost) and sign them out everywhere; how many passes. Raises NotFound.

    A new pass may be issued afterwards, to whoever signs in again: the lost phone's open session would put one on itself.
    The one on paper stays: it may be all that is left.
    """
    count = await _revoke(actor, ambassador_id, why, now=now)
    await publish_status(now=now)
    return count


@writes
async def _revoke(actor: Actor, ambassador_id: UUID, why: str, *, now: datetime) -> int:
    living = await living_passes(ambassador_id, now=now)
    if not living:
        raise NotFound("no_pass", "this person has no pass to revoke")
    for row in living:
        row.revoked_at, row.revoked_why = now, why
        await row.save([Pass.revoked_at, Pass.revoked_why])
    await access.end_sessions_of((await club.ambassador(ambassador_id)).account_id, now=now)
    await history.record(actor, "passes.revoke", "ambassador", ambassador_id, now=now, why=why)
    return len(living)


@writes
async def publish_status(*, now: datetime) -> StatusList:
    """The status list that is true at `now`: a new version only when some bit differs from the last one.

    It never gets shorter.
    """
    last = await _newest_list()
    lst = await _list_now(status.room(last.lst) if last else 0, now=now)
    if last is not None and last.lst == lst:
        return last
    return await _publish(last.version + 1 if last else 1, lst, now=now)


@writes
async def publish_anew(*, now: datetime) -> StatusList:
    """The status list after a backup was put back: scanners take it, whatever they have.

    What was published and issued since the backup is unknown here, and perhaps a first try to restore came between. So both
    numbers go on by the clock: the version with the seconds, the next pass's index with the minutes since 2026. That is above
    whatever was given out until now, as long as that was less than one list a second and one pass a minute.
    """
    since = now - EPOCH
    last = await _newest_list()
    version = max((last.version if last else 0) + 1, since // timedelta(seconds=1))
    room = max(await _next_idx(), since // timedelta(minutes=1)) + status.PER_BYTE
    return await _publish(version, await _list_now(room, now=now), now=now)


async def _newest_list() -> StatusList | None:
    return await StatusList.objects().order_by(StatusList.version, ascending=False).first()


async def _list_now(room: int, *, now: datetime) -> str:
    rows = await Pass.select(Pass.idx, Pass.ambassador_id, Pass.revoked_at, Pass.ends_at, Pass.exp_at)
    standings = await club.standings(list({row["ambassador_id"] for row in rows}), now=now)
    return status.pack({row["idx"]: _status(row, standings[row["ambassador_id"]], now) for row in rows}, room=room)


async def _publish(version: int, lst: str, *, now: datetime) -> StatusList:
    fresh = StatusList(id=uuid4(), version=version, lst=lst, published_at=now)
    await fresh.save()
    return fresh


async def valid_passes(*, now: datetime) -> list[Pass]:
    """Every pass that a scanner would admit at `now`, by the name on it."""
    living = [
        row
        for row in await Pass.objects().where(Pass.revoked_at.is_null(), Pass.exp_at > now).order_by(Pass.name)
        if row.ends_at is None or row.ends_at > now
    ]
    standings = await club.standings(list({row.ambassador_id for row in living}), now=now)
    return [row for row in living if standings[row.ambassador_id].eligibility is Eligibility.ELIGIBLE]


def _status(row: dict[str, Any], standing: Standing, now: datetime) -> int:
    if row["revoked_at"] is not None or (row["ends_at"] is not None and row["ends_at"] <= now):
        return status.REVOKED
    # What has run out says so itself: the scanner's word is then "expired", and not that somebody is paused.
    is_over = row["exp_at"] <= now and standing.eligibility not in SUSPENDING
    return status.VALID if is_over or standing.eligibility is Eligibility.ELIGIBLE else status.SUSPENDED


@writes
async def forget(ambassador_id: UUID, *, now: datetime) -> None:
    """Revoke this person's passes and empty them. Index and `jti` stay: scanners must go on refusing what is still shown.

    Publish the status list afterwards.
    """
    for row in await passes_of(ambassador_id):
        row.revoked_at, row.revoked_why = row.revoked_at or now, None
        row.credential = row.name = row.key_x = row.key_y = row.phone = row.number = ""
        row.proved_at = row.seen_at = None
        await row.save()


async def revoked_in(pass_: Pass) -> int | None:
    """The first status list version in which this pass is not valid any more, or None: what a scanner must have to know."""
    for row in await StatusList.objects().order_by(StatusList.version):
        if row.published_at >= pass_.issued_at and status.status_at(row.lst, pass_.idx) == status.REVOKED:
            return row.version
    return None


async def status_token(issuer: Issuer, *, now: datetime) -> tuple[str, str]:
    """The signed Status List Token (pass-format §6) and its ETag, which changes with the version, the key and the day."""
    published = await publish_status(now=now)
    signing = await keys.current(issuer, now=now)
    issued = datetime(now.year, now.month, now.day, tzinfo=UTC)  # the same token all day: a 304 stays true
    text = jwt.encode(
        {
            "sub": f"{issuer.iss}/status",
            "iat": int(issued.timestamp()),
            "exp": int((issued + STATUS_LIFETIME).timestamp()),
            "ttl": STATUS_TTL_S,
            "status_list": {"bits": status.BITS, "lst": published.lst},
            "version": published.version,
        },
        await issuer.private(signing),
        algorithm="ES256",
        headers={"typ": "statuslist+jwt", "kid": signing.kid},
    )
    return text, f"{published.version}-{signing.kid}-{issued:%Y%m%d}"


async def jwks(issuer: Issuer, *, now: datetime) -> list[dict[str, str]]:
    """The public keys that scanners and anybody else need (RFC 7517)."""
    await keys.current(issuer, now=now)
    return [keys.jwk(row) for row in await keys.published(now=now)]


# --- for the visits room ----------------------------------------------------------------------------------------------


async def facts_about(jtis: Collection[str]) -> dict[str, dict[str, Any]]:
    """What the server knows of these passes, by `jti`, in one query: ids, index, ends, and its person's pause.

    Keys: id, jti, idx, ambassador_id, issued_at, revoked_at, ends_at, proved_at, seen_at, paused_at, erased_at.
    Unknown ones are left out.
    """
    if not jtis:
        return {}
    marks = ", ".join(["{}"] * len(jtis))
    rows = await fetch(
        "SELECT p.id, p.jti, p.idx, p.ambassador_id, p.issued_at, p.revoked_at, p.ends_at, p.proved_at, p.seen_at,"  # noqa: S608
        " a.paused_at, a.erased_at"
        f" FROM passes_pass p JOIN club_ambassador a ON a.id = p.ambassador_id WHERE p.jti IN ({marks})",
        *jtis,
    )
    return {row["jti"]: row for row in rows}


@dataclass(frozen=True, slots=True)
class Numbered:
    """What the number of a pass leads to: what the pass says, and its status now (pass-format §6)."""

    sub: str
    name: str
    exp: int
    status: int


async def find_number(number: str, *, now: datetime) -> Numbered | None:
    """The pass with this number (in its one spelling, pass-format §9), on a phone or on paper; None: there is none."""
    row = (
        await Pass.objects().where(Pass.number == number).order_by(Pass.idx, ascending=False).first()
        if number
        else None
    )
    if row is None:
        return None
    person = await club.ambassador(row.ambassador_id)
    bits = _status(row.to_dict(), await club.standing(row.ambassador_id, now=now), now)
    return Numbered(person.sub, row.name, int(row.exp_at.timestamp()), bits)


async def list_of_version(version: int | None) -> str | None:
    """The `lst` that was published as `version`, or None when there never was one."""
    if version is None:
        return None
    found = await StatusList.select(StatusList.lst).where(StatusList.version == version).first()
    return str(found["lst"]) if found else None
