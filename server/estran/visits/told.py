"""Visits that no scanner saw: told by the ambassador's own phone, or copied from a venue's paper list. docs/sync.md §8.

They wait for the officer, whatever the rules say of them, and count once they are confirmed. What a scanner that knew
everything would have said is found out with the very check that scanners run.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec

from estran import clock
from estran.actor import Actor
from estran.club import service as club
from estran.club.rules import SUSPENDING, Eligibility
from estran.club.tables import Ambassador
from estran.db import Duplicate, fetch, writes
from estran.encoding import b64
from estran.errors import Conflict, Invalid, NotFound, TooMany, Unauthorized
from estran.history import service as history
from estran.history.tables import Entry
from estran.passes import entitlement, keys, status, token
from estran.passes import rules as passes_rules
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.passes.rules import AGE_MIN_S, Again, Answer, BenefitTerms, Context, Decisions, Reason, Verdict
from estran.passes.token import Fields
from estran.venues import closures, ways
from estran.venues import service as venues
from estran.venues.tables import Venue
from estran.venues.terms import read as read_terms
from estran.visits import flags, quotas, rules, waiting
from estran.visits.items import COMPANIONS_MAX
from estran.visits.quotas import Use
from estran.visits.rules import ISSUE_SLACK_S, STANDING, Judgement
from estran.visits.tables import Visit

TOLD, LISTED = "told", "listed"
"""The `reason` of such visits: nobody's scanner said anything."""
TRIES = 5
TRIES_IN = timedelta(hours=1)
"""Wrong PINs of one ambassador: a million numbers would take twenty years."""
GUESTS_MAX = 20
SECOND = timedelta(seconds=1)
"""A proof is dated by whole seconds: what was written within that one was known."""
LINES_MAX = 60


class ToldIn(msgspec.Struct, rename="camel", frozen=True):
    """A visit as the phone tells it: docs/sync.md §8."""

    id: UUID
    digits: Annotated[str, msgspec.Meta(max_length=2000)]
    venue_id: UUID
    pin: Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{6}\Z")]
    benefit_id: UUID | None
    companions: Annotated[int, msgspec.Meta(ge=0, le=COMPANIONS_MAX)]
    told_at_ms: clock.Ms
    guests: Annotated[int, msgspec.Meta(ge=0, le=GUESTS_MAX)] = 0
    children: Annotated[int, msgspec.Meta(ge=0, le=GUESTS_MAX)] = 0
    again: bool = False
    """Another visit on the same day: the ambassador was asked."""


class ToldOut(msgspec.Struct, rename="camel"):
    """What is stored: where, when, and whether it waits or counts."""

    venue: str
    at_ms: int
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a paper list, understood."""

    at: datetime
    ambassador_id: UUID
    companions: int
    guests: int
    benefit_id: UUID | None
    has_hour: bool = True
    """Whether somebody wrote the hour down; where nobody did, a benefit's hours are not looked at."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a form: how many of its lines are stored, those that need a look, those stored otherwise before."""

    n: int
    n_doubtful: int
    clashes: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Told:
    """Who was where and when with whom; from a proof or from a list."""

    id: UUID
    body_hash: str
    device_ms: int
    at: datetime
    ambassador_id: UUID
    companions: int
    guests: int
    children: int
    benefit_id: UUID | None
    reason: str
    pass_reason: Reason | None
    """What is wrong with the pass itself."""
    again: Again | None = None
    pass_id: UUID | None = None
    fields: Fields | None = None
    is_known: bool = True
    has_hour: bool = True


def audience(iss: str, venue_id: UUID) -> str:
    """Whom the proof of a visit told at this venue is for: no code from a pass's screen will do, nor this one at a scanner."""
    return f"{iss}/here/{venue_id}"


# --- told by a phone --------------------------------------------------------------------------------------------------


async def tell(issuer: Issuer, told: ToldIn, *, now: datetime) -> ToldOut:
    """The visit that this phone tells, stored once; the same again gives the same answer.

    Raises Unauthorized unknown_pass, bad_signature, bad_proof, stale_proof (from the future); NotFound unknown_venue; Invalid
    wrong_pin; TooMany too_many_tries; Conflict already_here, told_otherwise, proof_used.
    """
    fields = await _verified(issuer, told, now)
    holder = await _holder(fields)
    digest = hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()
    stored = await _stored(told, digest)
    if stored is not None:
        return stored
    tried = await _try_pin(holder, told, now=now)
    if tried < 0:
        raise TooMany("too_many_tries", "five wrong PINs within the hour: try again later")
    if tried:
        raise Invalid("wrong_pin", "this is not the venue's PIN", fields=["pin"], tries_left=TRIES - tried)
    try:
        return await _tell(told, fields, holder, digest, now=now)
    except Duplicate as error:  # the same at the same time: it stands once
        stored = await _stored(told, digest)
        if stored is None:
            raise Conflict("proof_used", "another visit rests on this proof: sign a new one") from error
        return stored


async def _stored(told: ToldIn, digest: str) -> ToldOut | None:
    row = await Visit.objects().where(Visit.id == told.id).first()
    if row is not None and row.body_hash != digest:
        raise Conflict("told_otherwise", "a visit with this id says something else")
    return await _out(row) if row is not None else None


async def _verified(issuer: Issuer, told: ToldIn, now: datetime) -> Fields:
    fields = token.parse_digits(told.digits)
    if not isinstance(fields, Fields) or fields.iat is None:
        raise Unauthorized("unknown_pass", "this is not a presentation of a pass")
    if token.verify_credential(fields, issuer.iss, await keys.verifying()):
        raise Unauthorized(Reason.BAD_SIGNATURE, "this club did not sign this pass")
    if token.verify_proof(fields, issuer.iss, audience(issuer.iss, told.venue_id)):
        raise Unauthorized(Reason.BAD_PROOF, "the phone's signature does not hold, or is not for this venue")
    if now.timestamp() - fields.iat < AGE_MIN_S:
        raise Unauthorized(Reason.STALE_PROOF, "the proof is from the future: correct the clock by Estran-Time")
    return fields


@dataclass(frozen=True, slots=True)
class _Holder:
    """Whose pass it is, and what is known of it."""

    ambassador_id: UUID
    account_id: UUID
    known: Mapping[str, Any] | None


async def _holder(fields: Fields) -> _Holder:
    """The person behind a verified pass; whoever was erased is nobody. A pass of after the last backup is known by `sub`."""
    known = (await passes.facts_about({b64(fields.jti)})).get(b64(fields.jti))
    whose = Ambassador.id == known["ambassador_id"] if known else Ambassador.sub == b64(fields.sub)
    row = await Ambassador.objects().where(whose, Ambassador.erased_at.is_null()).first()
    if row is None:
        raise Unauthorized("unknown_pass", "this pass is not known here")
    return _Holder(row.id, row.account_id, known)


@writes
async def _try_pin(holder: _Holder, told: ToldIn, *, now: datetime) -> int:
    """0 when the PIN is right, else which wrong try within the hour this is; -1 when there were too many. Raises NotFound."""
    place = await venues.venue(told.venue_id)
    if place.archived_at is not None:
        raise NotFound("unknown_venue", "no such venue")
    wrong = await Entry.count().where(
        Entry.subject_id == holder.ambassador_id, Entry.action == "visits.wrong_pin", Entry.at > now - TRIES_IN
    )
    if wrong >= TRIES:
        return -1
    if place.pin and secrets.compare_digest(place.pin, told.pin):
        return 0
    actor = Actor(kind="account", id=holder.account_id)
    details = {"venue": str(place.id)}
    await history.record(actor, "visits.wrong_pin", "ambassador", holder.ambassador_id, now=now, details=details)
    return int(wrong) + 1


@writes
async def _tell(told: ToldIn, fields: Fields, holder: _Holder, digest: str, *, now: datetime) -> ToldOut:
    zone = await club.zone()
    at = min(datetime.fromtimestamp(fields.iat or 0, now.tzinfo), now)
    used = await Visit.exists().where(
        Visit.jti == b64(fields.jti),
        Visit.iat == fields.iat,
        Visit.nonce == b64(fields.nonce),
        Visit.state.is_in([state.value for state in STANDING]),
    )
    if used:
        raise Conflict("proof_used", "another visit rests on this proof: sign a new one")
    before = await _before(holder.ambassador_id, told.venue_id, clock.local_day(at, zone).isoformat())
    if before is not None and not told.again:
        raise Conflict(
            "already_here",
            "a visit of this ambassador is stored here for that day: ask whether this is another",
            at_ms=clock.to_ms(before.at),
            is_told=before.reason == TOLD,
        )
    row = await _store(
        await venues.venue(told.venue_id),
        ways.POSTER,
        [
            _Told(
                id=told.id,
                body_hash=digest,
                device_ms=told.told_at_ms,
                at=at,
                ambassador_id=holder.ambassador_id,
                companions=told.companions,
                guests=told.guests,
                children=told.children,
                benefit_id=told.benefit_id,
                reason=TOLD,
                pass_reason=await _pass_reason(fields, holder.known, at),
                again=Again.ANOTHER_VISIT if told.again else None,
                pass_id=holder.known["id"] if holder.known else None,
                fields=fields,
                is_known=holder.known is not None,
            )
        ],
        zone,
        now=now,
    )
    return await _out(row[0])


async def _out(row: Visit) -> ToldOut:
    return ToldOut((await venues.venue(row.venue_id)).name, clock.to_ms(row.at), row.state)


async def _before(ambassador_id: UUID, venue_id: UUID, on_day: str) -> Visit | None:
    """The last entry of this person at this venue on this day, when it stands."""
    query = Visit.objects().where(
        Visit.ambassador_id == ambassador_id,
        Visit.venue_id == venue_id,
        Visit.on_day == on_day,
        Visit.slot_id.is_null(),
        Visit.state.is_in([state.value for state in STANDING]),
    )
    return await query.order_by(Visit.at, ascending=False).first()


async def _pass_reason(fields: Fields, known: Mapping[str, Any] | None, at: datetime) -> Reason | None:
    """What was wrong with the pass at that instant; None: nothing."""
    ends = () if known is None else (known["revoked_at"], known["ends_at"])
    if any(instant is not None and instant <= at for instant in ends):
        return Reason.REVOKED
    rows = await fetch("SELECT lst FROM passes_status_list WHERE published_at <= {} ORDER BY version DESC LIMIT 1", at)
    bits = (status.status_at(rows[0]["lst"], fields.idx) or 0) if rows else 0
    if bits or (known is not None and known["paused_at"] is not None and known["paused_at"] <= at):
        return Reason.REVOKED if bits == status.REVOKED else Reason.SUSPENDED
    if at.timestamp() > fields.exp:
        return Reason.EXPIRED
    if known is not None and (fields.iat or 0) < known["issued_at"].timestamp() - ISSUE_SLACK_S:
        return Reason.STALE_PROOF
    return None


# --- copied from a list -----------------------------------------------------------------------------------------------


def line_id(form_id: UUID, index: int) -> UUID:
    """The visit that line `index` of a form makes: however often the form is sent, there is one."""
    return uuid5(form_id, str(index))


@writes
async def copy_list(actor: Actor, venue_id: UUID, form_id: UUID, lines: Mapping[int, Line], *, now: datetime) -> Copied:
    """The lines of a form by their numbers, each stored once. Raises NotFound.

    Lines that an earlier sending of the same form stored with other words are named, and nothing is stored then.
    """
    place, zone = await venues.venue(venue_id), await club.zone()
    digests = {index: _digest(line) for index, line in lines.items()}
    ids = {line_id(form_id, index): index for index in lines}
    rows = await Visit.select(Visit.id, Visit.body_hash).where(Visit.id.is_in(list(ids))) if ids else []
    stored = {ids[row["id"]]: row["body_hash"] for row in rows}
    clashes = tuple(sorted(index for index, digest in stored.items() if digest != digests[index]))
    if clashes:
        return Copied(0, 0, clashes)
    fresh = {index: line for index, line in lines.items() if index not in stored}
    told = [
        _Told(
            id=line_id(form_id, index),
            body_hash=digests[index],
            device_ms=clock.to_ms(line.at),
            at=line.at,
            ambassador_id=line.ambassador_id,
            companions=line.companions,
            guests=line.guests,
            children=0,
            benefit_id=line.benefit_id,
            reason=LISTED,
            pass_reason=await _standing_reason(line.ambassador_id, line.at),
            has_hour=line.has_hour,
        )
        for index, line in fresh.items()
    ]
    await _store(place, ways.SHEET, told, zone, now=now)
    if told:
        await history.record(actor, "visits.copy_list", "venue", venue_id, now=now, details={"n_items": len(told)})
    kept = await form_visits(form_id)
    return Copied(len(lines), len(kept) - len(await _plain(kept)))


def _digest(line: Line) -> str:
    return hashlib.sha256(msgspec.json.encode(line, order="deterministic")).hexdigest()


async def _standing_reason(ambassador_id: UUID, at: datetime) -> Reason | None:
    """A list names a person, no pass: whether they could hold one then."""
    standing = await club.standing(ambassador_id, now=at)
    if standing.eligibility is Eligibility.ELIGIBLE:
        return None
    return Reason.SUSPENDED if standing.eligibility in SUSPENDING else Reason.EXPIRED


async def form_visits(form_id: UUID) -> list[Visit]:
    """What a form has stored, by the time of the visits."""
    ids = [line_id(form_id, index) for index in range(LINES_MAX)]
    return await Visit.objects().where(Visit.id.is_in(ids)).order_by(Visit.at)


async def form_waiting(form_id: UUID) -> list[UUID]:
    """Those of them that only wait for a word: what has a line of its own in the inbox is left to that line."""
    return await _plain(await form_visits(form_id))


async def _plain(rows: Sequence[Visit]) -> list[UUID]:
    days = {(row.venue_id, row.on_day) for row in rows}
    plain = {visit_id for venue_id, day in days for visit_id in await waiting.visits_waiting(venue_id, day)}
    return [row.id for row in rows if row.id in plain]


# --- both -------------------------------------------------------------------------------------------------------------


async def _store(place: Venue, kind: str, told: Sequence[_Told], zone: ZoneInfo, *, now: datetime) -> list[Visit]:
    """These visits, judged one after the other, in the inbox and in the table."""
    device = await ways.way_in(place.id, kind, now=now)
    first = await ways.take_numbers(device.id, len(told)) if told else 0
    rows = []
    for seq, one in enumerate(sorted(told, key=lambda one: one.at), start=first):
        on_day = clock.local_day(one.at, zone).isoformat()
        verdict = await _verdict(place, one, zone, on_day)
        judgement = rules.judge_told(verdict.reason, is_known=one.is_known)
        row = Visit(
            id=one.id,
            device_id=device.id,
            venue_id=place.id,
            seq=seq,
            body_hash=one.body_hash,
            at=one.at,
            on_day=on_day,
            device_ms=one.device_ms,
            received_at=now,
            ambassador_id=one.ambassador_id,
            pass_id=one.pass_id,
            jti=b64(one.fields.jti) if one.fields else None,
            iat=one.fields.iat if one.fields else None,
            nonce=b64(one.fields.nonce) if one.fields else None,
            proof="live" if one.fields else "none",
            answer=Answer.ASK.value,
            reason=one.reason,
            server_reason=str(judgement.reason),
            state=judgement.state.value,
            benefit_id=UUID(verdict.benefit_id) if verdict.benefit_id else None,
            benefit_version=verdict.benefit_version,
            companions=one.companions,
            guests=one.guests,
            children=one.children,
            again=one.again.value if one.again else None,
        )
        await row.save()
        await _show(row, judgement, now)
        rows.append(row)
    return rows


async def _show(row: Visit, judgement: Judgement, now: datetime) -> None:
    """What needs a thought has a line of its own; the others share the line of their venue and day."""
    for flag in judgement.flags:
        await flags.show(
            flag,
            row.id,
            venue_id=row.venue_id,
            ambassador_id=row.ambassador_id,
            now=now,
            at=row.at,
            details=flags.details_of(row),
        )
    if not judgement.flags:
        await waiting.note(row.venue_id, row.on_day, now=now, at=row.at)


async def _verdict(place: Venue, one: _Told, zone: ZoneInfo, on_day: str) -> Verdict:
    """What a scanner that knew everything would have said at that instant, its desk having looked and counted."""
    if one.pass_reason is not None:
        return passes_rules.verdict_of(one.pass_reason)
    benefits = await _benefits(place.id, one)
    before = await _before(one.ambassador_id, place.id, on_day)
    at_s = one.at.timestamp()
    context = Context(
        now=at_s,
        zone=zone.key,
        clock_confirmed=True,
        snapshot_age_s=0,
        snapshot_limit_s=0,
        venue_paused=place.paused_at is not None and place.paused_at <= one.at,
        closures=closures.spans(await closures.closures_of(place.id)),
        benefits=benefits,
        used=await _used(place.id, one, benefits, on_day),
        previous_at=before.at.timestamp() if before else None,
        decisions=Decisions(
            identity=True,
            again=one.again,
            companions=one.companions,
            booked=True,
            benefit_id=str(one.benefit_id) if one.benefit_id else None,
        ),
    )
    return passes_rules.check(exp=int(at_s) + 1, iat=int(at_s), context=context)


async def _benefits(venue_id: UUID, one: _Told) -> list[BenefitTerms]:
    """What the venue gave at that instant, in the words of then."""
    rows = await fetch(_GIVEN, venue_id, one.at + SECOND, one.at + SECOND, one.at)
    newest = {row["id"]: row for row in rows}  # the last version of each
    read = {benefit_id: read_terms(row["terms"]) for benefit_id, row in newest.items()}
    said = {benefit_id: terms for benefit_id, terms in read.items() if terms is not None}
    if not one.has_hour:
        said = {benefit_id: msgspec.structs.replace(terms, hours=()) for benefit_id, terms in said.items()}
    entitled = await entitlement.entitled(said, now=one.at)
    return [
        BenefitTerms(
            str(benefit_id),
            newest[benefit_id]["version"],
            terms,
            (people := entitled[benefit_id]) is None or one.ambassador_id in people,
        )
        for benefit_id, terms in said.items()
    ]


_GIVEN = (
    "SELECT b.id, v.version, v.terms FROM venues_benefit b JOIN venues_benefit_version v ON v.benefit_id = b.id"
    " WHERE b.venue_id = {} AND b.created_at <= {} AND v.since <= {} AND (b.ended_at IS NULL OR b.ended_at > {})"
    " ORDER BY b.place, b.created_at, b.id, v.version"
)


async def _used(venue_id: UUID, one: _Told, benefits: Sequence[BenefitTerms], on_day: str) -> dict[str, int]:
    """What each benefit's quota had counted."""
    uses = {UUID(each.id): Use(one.ambassador_id, UUID(each.id), venue_id, each.terms, on_day) for each in benefits}
    counts, used = await quotas.counts_for(uses, now=one.at)
    return {str(benefit_id): used[count] for benefit_id, count in counts.items()}
