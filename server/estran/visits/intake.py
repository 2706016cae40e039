"""Takes in what scanners hand in: docs/sync.md §5-§6 is the law. Read in a few queries, judged in memory, written at once.

This is the server's one hot path: its queries are written by hand (`db.fetch`), for Piccolo takes ten times as long to build a
query as SQLite to answer it. They are the same for both engines.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec

from estran import clock
from estran.actor import Actor
from estran.club import service as club
from estran.db import Duplicate, fetch, writes
from estran.encoding import b64, unb64
from estran.errors import Forbidden, Invalid, NotFound
from estran.events.rules import DOOR_CLOSES, DOOR_OPENS
from estran.history import service as history
from estran.inbox import service as inbox
from estran.passes import entitlement, keys, status, token
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.passes.number import normal_number
from estran.passes.rules import Answer, Reason
from estran.passes.token import Fields, PublicKey
from estran.venues import opening
from estran.venues import service as venues
from estran.venues.rules import clean_line
from estran.venues.tables import Device
from estran.venues.terms import PLAIN, Span, Terms, Who
from estran.venues.terms import read as read_terms
from estran.visits import doubles, flags, items, late, quotas, rules, tally, waiting
from estran.visits.items import BatchIn, BatchOut, ResultOut, SavedQueue, UndoIn, VisitIn
from estran.visits.quotas import Count, Use
from estran.visits.rules import STANDING, Facts, Flag, Judgement, Scan, State
from estran.visits.tables import Change, ParkedItem, Visit

SEEN_EVERY = timedelta(minutes=1)
CREDENTIALS_CACHED = 4096
TRIES = 5
"""Two calls with the same item at the same time: the one that comes second finds it stored at its next try."""
DAILY_FLAGS = (Flag.STALE_SCANNER, Flag.CUT_DEVICE)
"""Said once per scanner and day, not once per visit: they are about the scanner."""
CLOCK_AHEAD_S = 60
"""A smaller difference to our clock is not corrected by scanners (pass-format §4)."""
GAPS_SAID = 20
"""Open lines about gaps per scanner: twenty say it all."""

_Proof = tuple[str, int, str]  # jti, iat, nonce (pass-format §4)


class _Row(msgspec.Struct, kw_only=True):
    """A visit as it will be stored; the fields are the table's columns."""

    id: UUID
    device_id: UUID
    venue_id: UUID
    seq: int
    body_hash: str
    at: datetime
    on_day: str
    device_ms: int
    skew_scan_ms: int | None
    skew_sync_ms: int | None
    received_at: datetime
    ambassador_id: UUID | None = None
    pass_id: UUID | None = None
    jti: str | None = None
    iat: int | None = None
    nonce: str | None = None
    proof: str = "none"
    answer: str
    reason: str
    server_reason: str = ""
    state: str = ""
    benefit_id: UUID | None = None
    benefit_version: int | None = None
    companions: int
    again: str | None
    identity: bool
    why: str | None
    guests: int
    children: int
    slot_id: UUID | None = None

    def cut(self) -> None:
        """Nothing leads to the person any more: they were erased before this visit arrived. It counts all the same."""
        self.ambassador_id = self.pass_id = self.jti = self.iat = self.nonce = self.why = None

    def proof_key(self) -> _Proof | None:
        """What a replay is known by; None for a paper pass."""
        return (self.jti, self.iat, self.nonce or "") if self.jti is not None and self.iat is not None else None


@dataclass(slots=True)
class _Lists:
    """Published status lists: which was the newest at an instant, and what a version says."""

    published: list[datetime]
    versions: list[int]
    lst: dict[int, str]

    def at(self, instant: datetime) -> int | None:
        """The version that was in force at `instant`."""
        place = bisect_right(self.published, instant)
        return self.versions[place - 1] if place else None

    def status(self, version: int | None, idx: int) -> int:
        """What that version says of the pass at `idx`; valid where it says nothing."""
        lst = self.lst.get(version) if version is not None else None
        return (status.status_at(lst, idx) or 0) if lst is not None else 0


@dataclass(slots=True)
class _Known:
    """What the database said before the first item was judged. The items of this batch are added as they are taken."""

    visits: dict[UUID, dict[str, Any]]
    changes: dict[UUID, str | None]
    undone_ms: dict[UUID, int]
    passes: dict[str, dict[str, Any]]
    people: dict[str, UUID]
    proofs: set[_Proof]
    benefits: dict[UUID, dict[str, Any]]
    terms: dict[tuple[UUID, int], Terms]
    lists: _Lists
    counts: dict[UUID, Count] = field(default_factory=dict)
    """By visit: what its quota counts."""
    slots: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    """Those at which people arrived."""
    used: dict[Count, int] = field(default_factory=dict)
    entitled: dict[tuple[UUID, Terms], set[UUID] | None] = field(default_factory=dict)
    """Of what is not for all, as the version says that a visit names: the ambassadors it is for."""
    closures: list[tuple[Span, datetime]] = field(default_factory=list)
    """When the venue is closed, and since when that was known."""
    given: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    """From when to when the venue had a benefit; read only when a visit names none of them."""


@dataclass(slots=True)
class _Seen:
    """A visit of this batch after parse and verify. `at` is the scan by the best clock known."""

    fields: Fields | None
    reason: Reason | None
    at: datetime
    skew_ms: int


class _Gone(NamedTuple):
    """A visit that was counted before this batch and is no more."""

    on_day: str
    venue_id: UUID
    state: str
    reason: str
    companions: int
    ambassador_id: UUID | None
    benefit_id: UUID | None
    slot_id: UUID | None


@dataclass(slots=True)
class _Work:
    """One batch on its way in."""

    device: dict[str, Any]
    now: datetime
    zone: ZoneInfo
    news_limit_s: float
    skew_sync_ms: int | None
    seen: dict[UUID, _Seen]
    known: _Known
    rows: dict[UUID, _Row] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    flags: list[tuple[Flag, _Row]] = field(default_factory=list)
    gone: list[_Gone] = field(default_factory=list)
    proved: set[str] = field(default_factory=set)
    seqs: set[int] = field(default_factory=set)


# --- the way in -------------------------------------------------------------------------------------------------------


async def intake(issuer: Issuer, device_id: UUID, batch: BatchIn, *, now: datetime) -> BatchOut:
    """Take in a scanner's items, each exactly once, in their order; the result says what became of each.

    One transaction: after the answer everything is stored, before it nothing is. Raises NotFound, Forbidden `device_pending`.
    """
    return await _tried(issuer, device_id, batch, clock.to_ms(now) - batch.sent_at_ms, now)


async def intake_saved(issuer: Issuer, actor: Actor, data: bytes, *, now: datetime) -> BatchOut:
    """Take in a queue that was saved as a file on a scanner (docs/sync.md §5). Raises Invalid or NotFound.

    A file says nothing of the scanner's clock today nor of what is left in its queue: neither is touched.
    """
    try:
        saved = msgspec.json.decode(data, type=SavedQueue)
    except items.UNREADABLE as error:
        raise Invalid("bad_queue_file", "this is not a queue saved by a scanner", fields=["file"]) from error
    results: list[ResultOut] = []
    state = await _state(saved.device_id)
    for start in range(0, len(saved.items), items.BATCH_MAX):
        part = saved.items[start : start + items.BATCH_MAX]
        batch = BatchIn(sent_at_ms=clock.to_ms(now), queue_length=0, items=part)
        results += (await _tried(issuer, saved.device_id, batch, None, now)).results
    details = {"n_items": len(saved.items)}
    await history.record(actor, "visits.load_queue", "device", saved.device_id, now=now, details=details)
    return BatchOut(results, state)


async def _state(device_id: UUID) -> str:
    return str((await venues.device(device_id)).state)


async def _tried(issuer: Issuer, device_id: UUID, batch: BatchIn, skew_sync_ms: int | None, now: datetime) -> BatchOut:
    for attempt in range(TRIES):
        try:
            return await _intake(issuer, device_id, batch, skew_sync_ms, now)
        except Duplicate:
            if attempt == TRIES - 1:
                raise
    raise AssertionError  # unreachable: the last attempt returns or raises


@writes
async def _intake(issuer: Issuer, device_id: UUID, batch: BatchIn, skew_sync_ms: int | None, now: datetime) -> BatchOut:
    read = [(raw, items.read(raw)) for raw in batch.items]
    taken = [item for _, item in read if not isinstance(item, str)]
    work = await _prepare(issuer, device_id, taken, batch.status_version, skew_sync_ms, now)
    results = [
        await _park(work, raw, item) if isinstance(item, str) else await _take(work, raw, item) for raw, item in read
    ]
    await _insert_visits(work.rows.values())
    await tally.add(come=work.rows.values(), gone=work.gone)
    if work.changes:
        await Change.insert(*work.changes)
    for flag, row in work.flags:
        await _raise_flag(work, flag, row)
    await _note_waiting(work)
    if work.device["has_company"]:
        come = [row for row in work.rows.values() if row.state in STANDING]
        await doubles.note(work.device["venue_id"], come, work.gone, now=now)
    if at_summed := {
        row.slot_id for row in work.rows.values() if row.slot_id is not None and _is_late(work, row.slot_id)
    }:
        await late.note(at_summed, now=now)
    await _note_gaps(work)
    await _note_device(work, batch)
    if work.proved and await passes.note_proofs(work.proved, now=now):
        await passes.publish_status(now=now)
    return BatchOut(results, work.device["state"])


# --- read beforehand --------------------------------------------------------------------------------------------------


async def _prepare(
    issuer: Issuer,
    device_id: UUID,
    taken: Sequence[VisitIn | UndoIn],
    shown_version: int | None,
    skew_sync_ms: int | None,
    now: datetime,
) -> _Work:
    device = await _device(device_id)
    if device["state"] == "pending" and skew_sync_ms is not None:  # a file comes by the officer's own hand
        raise Forbidden("device_pending", "this scanner waits for the office's approval")
    visits = [item for item in taken if isinstance(item, VisitIn)]
    undos = [item for item in taken if isinstance(item, UndoIn)]
    key_set = tuple(await keys.verifying()) if visits else ()
    numbered = await _numbered([item for item in visits if _is_typed(item)])
    # Of two items with one id the first is judged; the other will be parked, or a duplicate.
    seen = {item.id: _look(item, issuer.iss, key_set, numbered, skew_sync_ms, now) for item in reversed(visits)}
    verified = [(item, look, look.fields) for item in visits if (look := seen[item.id]).fields is not None]
    ats = [look.at for _, look, _ in verified]
    named = {benefit_id for item in visits if (benefit_id := _benefit_of(item)) is not None}
    said = await _rows(_BENEFITS, named, device["venue_id"])
    known = _Known(
        visits={row["id"]: row for row in await _rows(_VISITS, {*seen, *(item.visit_id for item in undos)})},
        changes={row["id"]: row["body_hash"] for row in await _rows(_CHANGES, {item.id for item in undos})},
        undone_ms={
            row["visit_id"]: clock.to_ms(row["at"])
            for row in await _rows(_UNDONE, seen)
            if row["device_id"] == device_id
        },
        passes=await passes.facts_about({b64(fields.jti) for _, _, fields in verified}),
        people={},
        proofs=await _proofs([fields for _, _, fields in verified if fields.iat is not None]),
        benefits={row["id"]: row for row in said},
        terms={
            (row["id"], row["said"]): terms for row in said if (terms := read_terms(row["terms"] or "")) is not None
        },
        lists=await _lists(
            {item.status_version for item, _, _ in verified} | {shown_version, device["status_version"]}, ats
        ),
    )
    unknown = {b64(fields.sub) for _, _, fields in verified if b64(fields.jti) not in known.passes}
    known.people = {row["sub"]: row["id"] for row in await _rows(_PEOPLE, unknown)}
    at_slots = {slot_id for item in visits if (slot_id := _slot_of(item)) is not None}
    known.slots = {row["id"]: row for row in await _rows(_SLOTS, at_slots)}
    entries = [item for item, _, _ in verified if _slot_of(item) is None]
    if any(item.answer is Answer.ADMIT and item.benefit_id not in known.benefits for item in entries):
        known.given = [(row["created_at"], row["ended_at"]) for row in await fetch(_GIVEN, device["venue_id"])]
    zone = ZoneInfo(device["zone"])
    await _know_benefits(known, verified, device, zone, now)
    return _Work(device, now, zone, device["snapshot_limit_days"] * 86400, skew_sync_ms, seen, known)


async def _know_benefits(
    known: _Known,
    verified: Sequence[tuple[VisitIn, _Seen, Fields]],
    device: dict[str, Any],
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """What the quotas have counted, whom benefits are for, when the venue is closed: read only where something asks for it."""
    uses: dict[UUID, Use] = {}
    for item, look, fields in verified:
        terms = _terms(known, item)
        whose = known.passes.get(b64(fields.jti), {}).get("ambassador_id") or known.people.get(b64(fields.sub))
        if terms is not None and item.benefit_id is not None and whose is not None:
            day = clock.local_day(look.at, zone).isoformat()
            uses[item.id] = Use(whose, item.benefit_id, device["venue_id"], terms, day)
    known.counts, known.used = await quotas.counts_for(uses, now=now)
    for benefit_id, terms in {(use.benefit_id, use.terms) for use in uses.values() if use.terms.who is not Who.ALL}:
        known.entitled[benefit_id, terms] = (await entitlement.entitled({benefit_id: terms}, now=now))[benefit_id]
    if device["n_closures"]:
        rows = await fetch(_CLOSURES, device["venue_id"])
        known.closures = [(Span(str(row["first_on"]), str(row["last_on"])), row["created_at"]) for row in rows]


def _terms(known: _Known, item: VisitIn) -> Terms | None:
    """What the version said that the scanner judged by; None when nobody knows it."""
    benefit_id = _benefit_of(item)
    if benefit_id is None or item.benefit_version is None:
        return None
    return known.terms.get((benefit_id, item.benefit_version))


def _slot_of(item: VisitIn) -> UUID | None:
    """The slot of an arrival at an event; None: an entry."""
    return item.slot_id if isinstance(item.slot_id, UUID) else None


def _benefit_of(item: VisitIn) -> UUID | None:
    """The benefit that an entry names; an arrival at an event uses none, whatever it says."""
    return item.benefit_id if _slot_of(item) is None else None


_DEVICE = (
    "SELECT d.id, d.venue_id, d.state, d.cut_at, d.last_seq, d.status_version, d.status_known_at, v.paused_at, h.zone,"
    " h.snapshot_limit_days, (SELECT COUNT(*) FROM venues_closure c WHERE c.venue_id = d.venue_id) AS n_closures,"
    " EXISTS (SELECT 1 FROM venues_device o WHERE o.venue_id = d.venue_id AND o.id <> d.id) AS has_company"
    " FROM venues_device d JOIN venues_venue v ON v.id = d.venue_id, club_house h WHERE d.id = {}"
)
_VISITS = (
    "SELECT id, device_id, venue_id, body_hash, state, reason, companions, device_ms, ambassador_id, benefit_id, on_day,"
    " slot_id, jti, iat, nonce"
    " FROM visits_visit WHERE id IN (%s)"
)
_CHANGES = "SELECT id, body_hash FROM visits_change WHERE id IN (%s)"
_UNDONE = "SELECT visit_id, device_id, at FROM visits_change WHERE visit_id IN (%s) AND kind = 'undo'"
_BENEFITS = (
    "SELECT b.id, b.ended_at, v.version AS said, v.terms FROM venues_benefit b"
    " LEFT JOIN venues_benefit_version v ON v.benefit_id = b.id WHERE b.id IN (%s) AND b.venue_id = {}"
)
_SLOTS = (
    "SELECT s.id, s.starts_at, s.ends_at, e.venue_id, e.opened_at, e.cancelled_at, e.summed_at FROM events_slot s"
    " JOIN events_event e ON e.id = s.event_id WHERE s.id IN (%s)"
)
_CLOSURES = "SELECT first_on, last_on, created_at FROM venues_closure WHERE venue_id = {}"
# A join, since SQLite looks at `jti` alone for pairs in an IN; the words of the index's own condition, so that it is used.
_PROOFS = (
    "WITH shown (jti, iat, nonce) AS (VALUES %s) SELECT v.jti, v.iat, v.nonce FROM shown CROSS JOIN visits_visit v"
    " WHERE v.state IN ('counted', 'to_confirm') AND v.jti = shown.jti AND v.iat = shown.iat AND v.nonce = shown.nonce"
)
_ONE_PROOF = "({}, CAST({} AS BIGINT), {})"
_GIVEN = "SELECT created_at, ended_at FROM venues_benefit WHERE venue_id = {}"
_NUMBERS = "SELECT number, credential FROM passes_pass WHERE number IN (%s) AND credential <> '' ORDER BY idx"
_PEOPLE = "SELECT id, sub FROM club_ambassador WHERE sub IN (%s)"
_NEWEST_LIST = "SELECT version, published_at, lst FROM passes_status_list ORDER BY version DESC LIMIT 1"
_LISTS = (
    "SELECT version, published_at FROM passes_status_list WHERE published_at >="
    " COALESCE((SELECT MAX(published_at) FROM passes_status_list WHERE published_at <= {}), {}) ORDER BY version"
)
_LST = "SELECT version, lst FROM passes_status_list WHERE version IN (%s)"


def _marks(count: int) -> str:
    return ", ".join(["{}"] * count)


async def _rows(sql: str, values: Collection[Any], *more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """The rows of a query with `%s` standing for the values; none when there are no values."""
    if not values:
        return []
    return await fetch(sql.replace("%s", _marks(len(values))), *values, *more)


async def _device(device_id: UUID) -> dict[str, Any]:
    """The scanner as it is inside the transaction, with the house rules. Raises NotFound."""
    rows = await fetch(_DEVICE, device_id)
    if not rows:
        await club.house()  # the very first call of an installation makes it
        rows = await fetch(_DEVICE, device_id)
    if not rows:
        raise NotFound("unknown_device", "no such scanner")
    return dict(rows[0])


async def _proofs(fields: Sequence[Fields]) -> set[_Proof]:
    """Which of these proofs a standing visit already rests on."""
    if not fields:
        return set()
    shown = [value for one in fields for value in (b64(one.jti), one.iat, b64(one.nonce))]
    rows = await fetch(_PROOFS.replace("%s", ", ".join([_ONE_PROOF] * len(fields))), *shown)
    return {(row["jti"], row["iat"], row["nonce"]) for row in rows}


async def _lists(versions: Collection[int | None], ats: Sequence[datetime]) -> _Lists:
    """The named versions, and those that were in force at these instants."""
    named = {version for version in versions if version is not None}
    for row in await fetch(_NEWEST_LIST):  # all that is needed, nearly always
        if named <= {row["version"]} and all(at >= row["published_at"] for at in ats):
            return _Lists([row["published_at"]], [row["version"]], {row["version"]: row["lst"]})
    found = _Lists([], [], {})
    if ats:
        first = min(ats)
        for row in await fetch(_LISTS, first, first):
            found.published.append(row["published_at"])
            found.versions.append(row["version"])
    needed = named | {version for at in ats if (version := found.at(at)) is not None}
    found.lst = {row["version"]: row["lst"] for row in await _rows(_LST, needed)}
    return found


# --- parse and verify -------------------------------------------------------------------------------------------------


def _look(
    item: VisitIn,
    iss: str,
    key_set: tuple[PublicKey, ...],
    numbered: Mapping[str, Fields],
    skew_sync_ms: int | None,
    now: datetime,
) -> _Seen:
    """Parse and verify; and when the scan was, never later than now: a scan cannot arrive before it happens."""
    trusted = item.clock_confirmed and item.skew_ms is not None
    skew_ms = (item.skew_ms if trusted else skew_sync_ms) or 0
    at = clock.from_ms(min(max(item.scanned_at_ms + skew_ms, 0), clock.to_ms(now)))
    if _is_typed(item):
        fields = numbered.get(str(item.number))
        return _Seen(fields, None if fields else Reason.TYPED_NUMBER, at, skew_ms)
    parsed = token.parse_digits(item.digits)
    if isinstance(parsed, Reason):
        return _Seen(None, parsed, at, skew_ms)
    reason = _issued(parsed.credential, iss, key_set) or token.verify_proof(parsed, iss)
    return _Seen(None if reason else parsed, reason, at, skew_ms)


def _is_typed(item: VisitIn) -> bool:
    return isinstance(item.number, str) and not item.digits


async def _numbered(typed: Sequence[VisitIn]) -> dict[str, Fields]:
    """The passes whose numbers were typed, as their own credentials say; there is no proof to go with them."""
    found: dict[str, Fields] = {}
    # No database is asked for what cannot be a number: PostgreSQL would refuse U+0000, and the batch with it, for ever.
    numbers = {number for item in typed if (number := normal_number(str(item.number)))}
    for row in await _rows(_NUMBERS, numbers):
        fields = token.parse_credential(unb64(row["credential"]))
        if isinstance(fields, Fields):
            found[row["number"]] = fields
    return found


@lru_cache(maxsize=CREDENTIALS_CACHED)
def _issued(credential: bytes, iss: str, key_set: tuple[PublicKey, ...]) -> Reason | None:
    """The issuer's signature, verified once per credential and process."""
    fields = token.parse_credential(credential)
    return fields if isinstance(fields, Reason) else token.verify_credential(fields, iss, key_set)


def forget_credentials() -> None:
    """No credential is remembered as verified any more: one may bear an erased person's name."""
    _issued.cache_clear()


# --- item by item -----------------------------------------------------------------------------------------------------


async def _take(work: _Work, raw: msgspec.Raw, item: VisitIn | UndoIn) -> ResultOut:
    work.seqs.add(item.seq)
    digest = items.body_hash(item)
    if isinstance(item, UndoIn):
        return await _take_undo(work, raw, item, digest)
    known = work.known.visits.get(item.id)
    if known is not None:
        if known["device_id"] == work.device["id"] and known["body_hash"] == digest:
            return ResultOut(str(item.id), "duplicate", state=known["state"])
        return await _park(work, raw, "same id, another body", item.seq)
    slot_id = _slot_of(item)
    if slot_id is not None and slot_id not in work.known.slots:
        return await _park(work, raw, "arrival at an unknown slot", item.seq)
    row = _visit(work, item, digest)
    work.rows[row.id] = row
    work.known.visits[row.id] = msgspec.structs.asdict(row)
    return ResultOut(str(item.id), "stored", state=row.state)


def _visit(work: _Work, item: VisitIn, digest: str) -> _Row:
    """The row of a new scan, judged as of the scan, its flags noted."""
    seen = work.seen[item.id]
    row = _Row(
        id=item.id,
        device_id=work.device["id"],
        venue_id=work.device["venue_id"],
        seq=item.seq,
        body_hash=digest,
        at=seen.at,
        on_day=clock.local_day(seen.at, work.zone).isoformat(),
        device_ms=item.scanned_at_ms,
        skew_scan_ms=item.skew_ms,
        skew_sync_ms=work.skew_sync_ms,
        received_at=work.now,
        answer=item.answer.value,
        reason=item.reason,
        companions=item.companions,
        again=item.decisions.again.value if item.decisions.again else None,
        identity=item.decisions.identity,
        why=clean_line(item.decisions.why or "") or None,
        guests=item.guests or 0,
        children=item.children or 0,
        slot_id=_slot_of(item),
    )
    scan = _scan(item, seen, work)
    if seen.fields is None:
        judgement = rules.judge_unverified(scan, seen.reason or Reason.MALFORMED)
    else:
        judgement = rules.judge(scan, _facts(work, scan, item, row, seen.fields))
    row.state, row.server_reason = judgement.state.value, str(judgement.reason)
    _settle(work, row, judgement)
    if (whose := work.known.passes.get(row.jti or "")) is not None and whose["erased_at"] is not None:
        row.cut()
    return row


def _scan(item: VisitIn, seen: _Seen, work: _Work) -> Scan:
    device, is_cut = work.device, work.device["state"] == "cut"
    # By the scanner's own clock, which may be a little ahead of ours: its first visitors come at ten sharp.
    told = min((item.scanned_at_ms + seen.skew_ms) / 1000, work.now.timestamp() + CLOCK_AHEAD_S)
    return Scan(
        at=seen.at.timestamp(),
        answer=item.answer,
        reason=item.reason,
        is_admitted=item.outcome == "admitted",
        clock_confirmed=item.clock_confirmed,
        codes_advance=item.codes_advance,
        identity=item.decisions.identity,
        again=item.decisions.again,
        companions=item.companions,
        booked=item.decisions.booked is True,
        typed=_is_typed(item),
        is_arrival=_slot_of(item) is not None,
        local=opening.local_of(max(told, 0), device["zone"]) if item.clock_confirmed else None,
        news_at=None if item.news_at_ms is None else (item.news_at_ms + seen.skew_ms) / 1000,
        device_is_cut=is_cut,
        is_after_cut=is_cut and device["cut_at"] is not None and seen.at > device["cut_at"],
    )


def _facts(work: _Work, scan: Scan, item: VisitIn, row: _Row, fields: Fields) -> Facts:
    """What the server knows of a verified pass; the row learns whose it is."""
    row.jti, row.iat = b64(fields.jti), fields.iat
    row.nonce = b64(fields.nonce) if fields.iat is not None else None
    row.proof = _proof_word(scan, fields)
    known = work.known.passes.get(row.jti)
    if known is not None:
        row.pass_id, row.ambassador_id = known["id"], known["ambassador_id"]
        if fields.iat is not None and known["erased_at"] is None and _is_news(known, work.now):
            work.proved.add(row.jti)
    else:  # issued by us after the backup that was put back: the person may still be known, by `sub`
        row.ambassador_id = work.known.people.get(b64(fields.sub))
    benefit_id, slot = _benefit_of(item), _slot(work, row)
    benefit = work.known.benefits.get(benefit_id) if benefit_id else None
    if benefit is not None:
        row.benefit_id, row.benefit_version = benefit["id"], item.benefit_version
    terms = _terms(work.known, item) or PLAIN
    people = work.known.entitled.get((row.benefit_id, terms)) if row.benefit_id else None
    count = work.known.counts.get(row.id)
    return Facts(
        exp=fields.exp,
        iat=fields.iat,
        status_known=work.known.lists.status(_version_known(work, item, row.at), fields.idx),
        invalid_since=_invalid_since(work, known, fields.idx, row.at),
        issued_at=None if known is None else known["issued_at"].timestamp(),
        proof_used=row.proof_key() in work.known.proofs,
        terms=terms,
        entitled=people is None or row.ambassador_id in people,
        # Whether its venue rests today is no matter of an event.
        closed_since=None if slot else _closed_since(work, row),
        benefit_missing=not slot and benefit is None and _gave(work, scan, row.at),
        rested_since=None
        if slot
        else _first((work.device["paused_at"], benefit["ended_at"] if benefit else None), row.at),
        used=work.known.used.get(count, 0) if count else 0,
        slot=slot,
        news_limit_s=work.news_limit_s,
    )


def _slot(work: _Work, row: _Row) -> rules.Slot | None:
    """What is known of the slot at which somebody arrived."""
    if row.slot_id is None:
        return None
    slot = work.known.slots[row.slot_id]
    return rules.Slot(
        is_here=slot["venue_id"] == row.venue_id and slot["opened_at"] is not None,
        opens_at=(slot["starts_at"] - DOOR_OPENS).timestamp(),
        closes_at=(slot["ends_at"] + DOOR_CLOSES).timestamp(),
        cancelled_since=_first((slot["cancelled_at"],), row.at),
    )


def _is_late(work: _Work, slot_id: UUID) -> bool:
    """Whether the event of this slot is summed up already."""
    return work.known.slots[slot_id]["summed_at"] is not None


def _proof_word(scan: Scan, fields: Fields) -> str:
    if scan.typed:
        return "identity" if scan.identity else "none"
    return "paper" if fields.iat is None else "live"


def _gave(work: _Work, scan: Scan, at: datetime) -> bool:
    """Whether the venue had a benefit at the scan that a scanner with news of that age must have named."""
    told = rules.told_at(scan, work.news_limit_s)
    return any(since.timestamp() <= told and (until is None or until > at) for since, until in work.known.given)


def _closed_since(work: _Work, row: _Row) -> float | None:
    """Since when the venue's closure on that day had been known at the scan; None: it was not closed."""
    return _first((since for span, since in work.known.closures if opening.holds(span, row.on_day)), row.at)


def _first(instants: Iterable[datetime | None], at: datetime) -> float | None:
    """The first of these instants, when it was not after `at`."""
    return min((instant.timestamp() for instant in instants if instant is not None and instant <= at), default=None)


def _version_known(work: _Work, item: VisitIn, at: datetime) -> int | None:
    """The newest list the scanner had: the one it names, or a newer one that it showed to have before the scan."""
    device, versions = work.device, {item.status_version}
    if device["status_known_at"] is not None and device["status_known_at"] <= at:
        versions.add(device["status_version"])
    return max((version for version in versions if version in work.known.lists.lst), default=None)


def _invalid_since(work: _Work, known: dict[str, Any] | None, idx: int, at: datetime) -> float | None:
    """Since when the pass was not valid in truth, when that was before the scan."""
    if known is not None:
        since = _first((known["revoked_at"], known["ends_at"], known["paused_at"]), at)
        if since is not None:
            return since
    # A pause that is over by now, a mandate cut short: only the list of that day remembers.
    return at.timestamp() if work.known.lists.status(work.known.lists.at(at), idx) else None


def _is_news(known: dict[str, Any], now: datetime) -> bool:
    return known["proved_at"] is None or known["seen_at"] is None or now - known["seen_at"] >= SEEN_EVERY


def _settle(work: _Work, row: _Row, judgement: Judgement) -> None:
    """Remember within the batch what this visit uses up, and what the officer should see."""
    if row.state in STANDING and row.id in work.known.undone_ms:  # its undo came first
        if rules.is_undo_in_time(row.device_ms, work.known.undone_ms[row.id]):
            row.state = State.CANCELLED.value
        else:
            work.flags.append((Flag.LATE_UNDO, row))
    _use(work, row, row.proof_key(), 1)
    if row.state != State.CANCELLED:
        work.flags += [(flag, row) for flag in judgement.flags]


def _use(work: _Work, visit: _Row | _Gone, proof: _Proof | None, step: int) -> None:
    """Count a visit that stands, or (`step` -1) no longer stands, for the items that follow in this batch."""
    if visit.state in STANDING and proof is not None:
        (work.known.proofs.add if step > 0 else work.known.proofs.discard)(proof)
    if visit.state == State.COUNTED and visit.ambassador_id is not None and visit.slot_id is None:
        for count in work.known.used:
            if count.holds(visit.ambassador_id, visit.benefit_id, visit.venue_id, visit.on_day):
                work.known.used[count] += step


async def _take_undo(work: _Work, raw: msgspec.Raw, item: UndoIn, digest: str) -> ResultOut:
    if item.id in work.known.changes:
        if work.known.changes[item.id] == digest:
            return ResultOut(str(item.id), "duplicate")
        return await _park(work, raw, "same id, another body", item.seq)
    visit = work.known.visits.get(item.visit_id)
    if visit is not None and visit["device_id"] != work.device["id"]:
        return await _park(work, raw, "undo of another scanner's visit", item.seq)
    late = visit if visit and not rules.is_undo_in_time(visit["device_ms"], item.undone_at_ms) else None
    work.known.changes[item.id] = digest
    work.changes.append(
        Change(
            id=item.id,
            visit_id=item.visit_id,
            kind="late_undo" if late else "undo",
            at=clock.from_ms(item.undone_at_ms),
            received_at=work.now,
            device_id=work.device["id"],
            seq=item.seq,
            body_hash=digest,
        )
    )
    if late:
        if late["state"] in STANDING:
            person, place = late["ambassador_id"], work.device["venue_id"]
            await flags.show(Flag.LATE_UNDO, item.visit_id, venue_id=place, ambassador_id=person, now=work.now)
        return ResultOut(str(item.id), "stored", code=Flag.LATE_UNDO)
    work.known.undone_ms[item.visit_id] = item.undone_at_ms
    if visit is not None and visit["state"] in STANDING:
        await _cancel(work, visit)
    return ResultOut(str(item.id), "stored")


async def _cancel(work: _Work, visit: dict[str, Any]) -> None:
    """A visit that is already here, in the table or earlier in this batch, no longer stands."""
    proof = (visit["jti"], visit["iat"], visit["nonce"]) if visit["iat"] is not None else None
    before = _Gone(*(visit[name] for name in _Gone._fields))
    _use(work, before, proof, -1)
    visit["state"] = State.CANCELLED.value
    row = work.rows.get(visit["id"])
    if row is not None:
        row.state = State.CANCELLED.value
        work.flags = [(flag, flagged) for flag, flagged in work.flags if flagged is not row]
        return
    work.gone.append(before)
    await Visit.update({Visit.state: State.CANCELLED.value}).where(Visit.id == visit["id"])
    await flags.settle(visit["id"], now=work.now)
    await waiting.settle(visit["venue_id"], visit["on_day"], now=work.now)


async def _park(work: _Work, raw: msgspec.Raw, reason: str, seq: int | None = None) -> ResultOut:
    """Keep an item that cannot be taken, once, and show it to the officer."""
    seq = seq or items.seq_in(raw)
    if seq is not None:
        work.seqs.add(seq)
    digest = hashlib.sha256(bytes(raw)).hexdigest()
    device_id = work.device["id"]
    if not await ParkedItem.exists().where(ParkedItem.device_id == device_id, ParkedItem.body_hash == digest):
        row = ParkedItem(
            id=uuid4(),
            device_id=device_id,
            body_hash=digest,
            received_at=work.now,
            seq=seq,
            reason=reason[:60].replace("\x00", ""),
            body=items.harmless(raw),
        )
        await row.save()
        await _drop_daily(work, Flag.PARKED_ITEM, {"reason": row.reason, "item": str(row.id)})
    return ResultOut(items.id_in(raw), "parked", code=Flag.PARKED_ITEM)


# --- write ------------------------------------------------------------------------------------------------------------

_COLUMNS = _Row.__struct_fields__
_INSERT = f"INSERT INTO visits_visit ({', '.join(_COLUMNS)}) VALUES "  # noqa: S608 - our own column names


async def _insert_visits(rows: Collection[_Row]) -> None:
    if rows:
        values = [value for row in rows for value in msgspec.structs.astuple(row)]
        await fetch(_INSERT + ", ".join([f"({_marks(len(_COLUMNS))})"] * len(rows)), *values)


async def _raise_flag(work: _Work, flag: Flag, row: _Row) -> None:
    """A line for the officer. What can never count is told once per scanner and day: no scanner may bury the inbox."""
    details = flags.details_of(row)
    if flag in DAILY_FLAGS:
        await _drop_daily(work, flag, {})
    elif row.state not in STANDING:
        await _drop_daily(work, flag, details | {"visit": str(row.id)}, at=row.at)
    else:
        await flags.show(
            flag,
            row.id,
            venue_id=row.venue_id,
            ambassador_id=row.ambassador_id,
            now=work.now,
            at=row.at,
            details=details,
        )


async def _note_waiting(work: _Work) -> None:
    """What waits for the officer and has no line of its own stands in the line of its venue and day."""
    told = {flagged.id for flag, flagged in work.flags if flag not in DAILY_FLAGS}
    first: dict[str, _Row] = {}
    for row in work.rows.values():
        if row.state == State.TO_CONFIRM and row.id not in told:
            first.setdefault(row.on_day, row)
    for on_day, row in first.items():
        await waiting.note(row.venue_id, on_day, now=work.now, at=row.at)


async def _drop_daily(work: _Work, kind: Flag, details: dict[str, Any], *, at: datetime | None = None) -> None:
    day = clock.local_day(work.now, work.zone).isoformat()
    await _drop_about_device(work, kind, day, details | {"day": day}, at=at)


async def _drop_about_device(
    work: _Work, kind: Flag, key: str, details: dict[str, Any], *, at: datetime | None = None
) -> None:
    await inbox.drop(
        kind,
        key=f"{kind}:{work.device['id']}:{key}"[:120],
        now=work.now,
        at=at,
        subject_kind="device",
        subject_id=work.device["id"],
        venue_id=work.device["venue_id"],
        details=details,
    )


_NOTE_DEVICE = (
    "UPDATE venues_device SET seen_at = {}, synced_at = {}, queue_length = {}, last_seq = {}, app_version = {},"
    " status_version = {}, status_known_at = {} WHERE id = {}"
)


async def _note_device(work: _Work, batch: BatchIn) -> None:
    """What this call tells of the scanner: its queue and its news. A file tells only which items are here now."""
    device = work.device
    last_seq = max(work.seqs | {device["last_seq"]})
    if work.skew_sync_ms is None:
        await Device.update({Device.last_seq: last_seq}).where(Device.id == device["id"])
        return
    version, known_at = device["status_version"], device["status_known_at"]
    if batch.status_version in work.known.lists.lst and batch.status_version > (version or 0):
        version, known_at = batch.status_version, work.now
    left = max(batch.queue_length - len(batch.items), 0)
    app_version = clean_line(batch.app_version)[: items.APP_VERSION_MAX]  # NFC may make it longer
    await fetch(_NOTE_DEVICE, work.now, work.now, left, last_seq, app_version, version, known_at, device["id"])


# --- gaps in the sequence ---------------------------------------------------------------------------------------------


async def _note_gaps(work: _Work) -> None:
    """An item that never came is the one loss nobody would see: the officer hears of it, until it comes after all."""
    last = work.device["last_seq"]
    new = sorted(seq for seq in work.seqs if seq > last)
    gaps = [(before + 1, after - 1) for before, after in zip([last, *new], new, strict=False) if after > before + 1]
    room = GAPS_SAID - len(await _open_gaps(work.device["id"])) if gaps else 0
    for first, final in gaps[: max(room, 0)]:
        await _drop_about_device(work, Flag.SEQUENCE_GAP, f"{first}-{final}", {"from": first, "to": final})
    late = {seq for seq in work.seqs if seq <= last}
    if late:
        await _close_filled_gaps(work, late)


async def _open_gaps(device_id: UUID) -> list[inbox.Item]:
    return [one for one in await inbox.open_items() if one.kind == Flag.SEQUENCE_GAP and one.subject_id == device_id]


async def _close_filled_gaps(work: _Work, late: Iterable[int]) -> None:
    """Late items have come: gaps that are filled answer themselves."""
    device_id = work.device["id"]
    for item in await _open_gaps(device_id):
        first, final = int(item.details["from"]), int(item.details["to"])
        here = {seq for seq in late if first <= seq <= final}
        if not here:
            continue
        for table in (Visit, Change, ParkedItem):
            here |= set(
                await table.select(table.seq)
                .where(table.device_id == device_id, table.seq >= first, table.seq <= final)
                .output(as_list=True)
            )
        if len(here) == final - first + 1:
            await inbox.close(f"{Flag.SEQUENCE_GAP}:{device_id}:{first}-{final}", now=work.now)
