"""Intake, snapshot, and the officer's corrections: docs/sync.md §4-§6 is the law."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec

from estran import clock
from estran.actor import Actor
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.db import writes
from estran.encoding import b64
from estran.errors import Conflict, Forbidden, Invalid, NotFound
from estran.history import service as history
from estran.inbox import service as inbox
from estran.passes import keys, status, token
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.passes.rules import Again, Reason
from estran.passes.token import Fields, PublicKey
from estran.venues import rules as venue_rules
from estran.venues import service as venues
from estran.venues.tables import Benefit, Device
from estran.visits import items, rules
from estran.visits.items import BatchIn, BatchOut, ResultOut, UndoIn, VisitIn
from estran.visits.rules import Facts, Flag, Judgement, Scan, State
from estran.visits.tables import Change, ParkedItem, Visit

QUARANTINE = timedelta(days=30)
"""Unverifiable scans are kept this long, in case a key or a backup turns up, and then deleted."""
SEEN_EVERY = timedelta(minutes=1)
CREDENTIALS_CACHED = 4096


# --- intake -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Batch:
    """One batch on its way in: what was read beforehand in a few queries, and what will be written."""

    issuer: Issuer
    device: Device
    now: datetime
    zone: ZoneInfo
    news_limit_s: float
    skew_sync_ms: int
    keys: list[PublicKey]
    parsed: dict[UUID, Fields | Reason]
    known_visits: dict[UUID, dict[str, Any]]
    known_changes: dict[UUID, str | None]
    undone: set[UUID]
    passes: dict[str, dict[str, Any]]
    proofs: set[tuple[str, int, str]]
    benefits: dict[UUID, Benefit]
    lists: dict[int, str]
    used: dict[tuple[UUID, UUID, str], int] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    flags: list[tuple[Flag, Visit]] = field(default_factory=list)
    proved: set[str] = field(default_factory=set)
    seqs: set[int] = field(default_factory=set)


async def intake(issuer: Issuer, device: Device, batch: BatchIn, *, now: datetime) -> BatchOut:
    """Take in a scanner's items, each exactly once, in their order; the result says what became of each.

    One transaction: after the answer everything is stored, before it nothing is. Raises Forbidden `device_pending`.
    """
    if device.state == "pending":
        raise Forbidden("device_pending", "this scanner waits for the office's approval")
    return await _intake(issuer, device.id, batch, now=now)


@writes
async def _intake(issuer: Issuer, device_id: UUID, batch: BatchIn, *, now: datetime) -> BatchOut:
    device = await venues.device(device_id)  # inside the transaction: `last_seq` must not be stale
    read = [(raw, items.read(raw)) for raw in batch.items]
    work = await _prepare(issuer, device, batch, [item for _, item in read if not isinstance(item, str)], now)
    results = [
        await _park(work, raw, item) if isinstance(item, str) else await _take(work, raw, item) for raw, item in read
    ]
    if work.visits:
        await Visit.insert(*work.visits)
    if work.changes:
        await Change.insert(*work.changes)
    for flag, visit in work.flags:
        await inbox.drop(
            flag,
            key=f"{flag}:{visit.id}",
            now=now,
            subject_kind="visit",
            subject_id=visit.id,
            venue_id=visit.venue_id,
            ambassador_id=visit.ambassador_id,
            details={"state": visit.state, "at": visit.at.isoformat()},
        )
    await _note_device(work, batch)
    if work.proved and await passes.note_proofs(work.proved, now=now):
        await passes.publish_status(now=now)
    return BatchOut(results, device.state)


async def _prepare(
    issuer: Issuer, device: Device, batch: BatchIn, taken: Sequence[VisitIn | UndoIn], now: datetime
) -> _Batch:
    house = await club.house()
    visits = [item for item in taken if isinstance(item, VisitIn)]
    undos = [item for item in taken if isinstance(item, UndoIn)]
    parsed = {item.id: token.parse_digits(item.digits) for item in visits}
    fields = [found for found in parsed.values() if isinstance(found, Fields)]
    jtis = {b64(found.jti) for found in fields}
    versions = {item.status_version for item in visits if item.status_version is not None}
    if device.status_version is not None:
        versions.add(device.status_version)
    lists = {version: await passes.list_of_version(version) for version in versions}
    wanted = {item.id for item in visits} | {item.visit_id for item in undos}
    return _Batch(
        issuer=issuer,
        device=device,
        now=now,
        zone=ZoneInfo(house.zone),
        news_limit_s=house.snapshot_limit_days * 86400,
        skew_sync_ms=_bounded(clock.to_ms(now) - batch.sent_at_ms),
        keys=await keys.verifying() if fields else [],
        parsed=parsed,
        known_visits={row["id"]: row for row in await _rows(_KNOWN_VISITS, wanted)},
        known_changes={row["id"]: row["body_hash"] for row in await _rows(_KNOWN_CHANGES, {item.id for item in undos})},
        undone={row["visit_id"] for row in await _rows(_UNDONE, {item.id for item in visits}, str(device.id))},
        passes=await passes.facts_about(jtis),
        proofs={(row["jti"], row["iat"], row["nonce"]) for row in await _rows(_USED_PROOFS, jtis)},
        benefits={
            row.id: row
            for row in (
                await Benefit.objects().where(Benefit.venue_id == device.venue_id)
                if any(item.benefit_id for item in visits)
                else []
            )
        },
        lists={version: lst for version, lst in lists.items() if lst is not None},
    )


_KNOWN_VISITS = "SELECT id, device_id, body_hash, state, device_ms FROM visits_visit WHERE id IN (%s)"
_KNOWN_CHANGES = "SELECT id, body_hash FROM visits_change WHERE id IN (%s)"
_UNDONE = "SELECT visit_id FROM visits_change WHERE visit_id IN (%s) AND kind = 'undo' AND device_id = {}"
_USED_PROOFS = (
    "SELECT jti, iat, nonce FROM visits_visit"
    " WHERE jti IN (%s) AND iat IS NOT NULL AND state IN ('counted', 'to_confirm')"
)


async def _rows(sql: str, values: set[Any], *more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """The rows of a query with `%s` standing for the values; none when there are no values."""
    if not values:
        return []
    return [dict(row) for row in await Visit.raw(sql % ", ".join(["{}"] * len(values)), *values, *more)]


async def _take(work: _Batch, raw: msgspec.Raw, item: VisitIn | UndoIn) -> ResultOut:
    work.seqs.add(item.seq)
    if isinstance(item, UndoIn):
        return await _take_undo(work, raw, item)
    digest = items.body_hash(item)
    known = work.known_visits.get(item.id)
    if known is not None:
        if known["device_id"] == work.device.id and known["body_hash"] == digest:
            return ResultOut(str(item.id), "duplicate", state=known["state"])
        return await _park(work, raw, "same id, another body")
    visit = await _visit(work, item, digest)
    work.visits.append(visit)
    work.known_visits[item.id] = {
        "device_id": work.device.id,
        "body_hash": digest,
        "state": visit.state,
        "device_ms": visit.device_ms,
    }
    return ResultOut(str(item.id), "stored", state=visit.state)


async def _visit(work: _Batch, item: VisitIn, digest: str) -> Visit:
    """The row of a new scan: verified, judged as of the scan, its flags noted."""
    parsed = work.parsed[item.id]
    reason = parsed if isinstance(parsed, Reason) else _verified(parsed, work.issuer.iss, work.keys)
    skew_ms = item.skew_ms if item.skew_ms is not None and item.clock_confirmed else work.skew_sync_ms
    at = clock.from_ms(min(max(item.scanned_at_ms + skew_ms, 0), items.MS_MAX))
    scan = _scan(item, at, skew_ms, is_cut=work.device.state == "cut")
    row = Visit(
        id=item.id,
        device_id=work.device.id,
        venue_id=work.device.venue_id,
        seq=item.seq,
        body_hash=digest,
        at=at,
        on_day=clock.local_day(at, work.zone).isoformat(),
        device_ms=item.scanned_at_ms,
        skew_scan_ms=item.skew_ms,
        skew_sync_ms=work.skew_sync_ms,
        received_at=work.now,
        proof="none",
        answer=item.answer,
        reason=item.reason,
        server_reason="",
        state=State.QUARANTINED,  # until judged
        companions=item.companions,
        again=item.decisions.again,
        identity=item.decisions.identity,
        why=item.decisions.why,
    )
    if reason is not None or isinstance(parsed, Reason):
        judgement = rules.judge_unverified(scan, reason or Reason.MALFORMED)
    else:
        judgement = await _judge_verified(work, item, row, parsed, scan)
    row.state, row.server_reason = judgement.state, judgement.reason
    if row.id in work.undone and row.state in {State.COUNTED, State.TO_CONFIRM}:
        row.state = State.CANCELLED  # its undo came first
    _settle(work, row, judgement)
    return row


async def _judge_verified(work: _Batch, item: VisitIn, row: Visit, fields: Fields, scan: Scan) -> Judgement:
    known = work.passes.get(b64(fields.jti))
    row.jti, row.iat = b64(fields.jti), fields.iat
    row.nonce = b64(fields.nonce) if fields.iat is not None else None
    row.proof = "paper" if fields.iat is None else "live"
    if known is not None:
        row.pass_id, row.ambassador_id = known["id"], known["ambassador_id"]
        if fields.iat is not None and _is_news(known, work.now):
            work.proved.add(row.jti)
    else:  # issued by us, but its row is gone (an older backup was restored): the person is still known by `sub`
        found = await Ambassador.select(Ambassador.id).where(Ambassador.sub == b64(fields.sub)).first()
        row.ambassador_id = found["id"] if found else None
    benefit = work.benefits.get(item.benefit_id) if item.benefit_id else None
    row.benefit_id, row.benefit_version = (benefit.id, item.benefit_version) if benefit else (None, None)
    proof = (row.jti, fields.iat, row.nonce)
    return rules.judge(
        scan,
        Facts(
            exp=fields.exp,
            iat=fields.iat,
            status_known=_status_known(work, item, fields.idx, row.at),
            revoked_at=_invalid_since(known, row.at),
            proof_used=fields.iat is not None and proof in work.proofs,
            min_paying_companions=benefit.min_paying_companions
            if benefit and benefit.version == item.benefit_version
            else 0,
            quota=benefit.quota_per_year if benefit else None,
            used=await _used(work, row) if benefit and benefit.quota_per_year is not None else 0,
            news_limit_s=work.news_limit_s,
        ),
    )


def _settle(work: _Batch, row: Visit, judgement: Judgement) -> None:
    """Remember within the batch what this visit uses up, and what the officer should see."""
    if row.state in {State.COUNTED, State.TO_CONFIRM} and row.jti is not None and row.iat is not None:
        work.proofs.add((row.jti, row.iat, row.nonce or ""))
    if row.state == State.COUNTED and row.benefit_id and row.ambassador_id:
        key = (row.ambassador_id, row.benefit_id, row.on_day[:4])
        if key in work.used:
            work.used[key] += 1
    if row.state != State.CANCELLED:
        work.flags += [(flag, row) for flag in judgement.flags]


def _scan(item: VisitIn, at: datetime, skew_ms: int, *, is_cut: bool) -> Scan:
    return Scan(
        at=at.timestamp(),
        answer=item.answer,
        reason=item.reason,
        is_admitted=item.outcome == "admitted",
        clock_confirmed=item.clock_confirmed,
        codes_advance=item.codes_advance,
        identity=item.decisions.identity,
        let_in=item.decisions.again is Again.LET_IN,
        companions=item.companions,
        news_at=None if item.news_at_ms is None else (item.news_at_ms + skew_ms) / 1000,
        device_is_cut=is_cut,
    )


@lru_cache(maxsize=CREDENTIALS_CACHED)
def _is_issued(credential: bytes, iss: str, key_set: tuple[PublicKey, ...]) -> Reason | None:
    """The issuer's signature, verified once per credential and process."""
    fields = token.parse_credential(credential)
    return fields if isinstance(fields, Reason) else token.verify_credential(fields, iss, key_set)


def _verified(fields: Fields, iss: str, key_set: list[PublicKey]) -> Reason | None:
    return _is_issued(fields.credential, iss, tuple(key_set)) or token.verify_proof(fields, iss)


def _status_known(work: _Batch, item: VisitIn, idx: int, at: datetime) -> int:
    """The worst status of the lists the scanner had: the one it names, and the one we know it had by then."""
    versions = [item.status_version]
    device = work.device
    if device.status_known_at is not None and device.status_known_at <= at:
        versions.append(device.status_version)
    found = [status.status_at(work.lists[version], idx) or 0 for version in versions if version in work.lists]
    return 1 if 1 in found else max(found, default=0)


def _invalid_since(known: dict[str, Any] | None, at: datetime) -> float | None:
    """Since when the pass was not valid in truth, when that was before the scan."""
    if known is None:
        return None
    instants = [known[name] for name in ("revoked_at", "ends_at", "paused_at") if known[name] is not None]
    past = [instant.timestamp() for instant in instants if instant <= at]
    return min(past, default=None)


def _is_news(known: dict[str, Any], now: datetime) -> bool:
    return known["proved_at"] is None or known["seen_at"] is None or now - known["seen_at"] >= SEEN_EVERY


async def _used(work: _Batch, row: Visit) -> int:
    """Counted visits of this person with this benefit in the calendar year of the visit (club's zone), this batch included."""
    if row.ambassador_id is None or row.benefit_id is None:
        return 0
    year = row.on_day[:4]
    key = (row.ambassador_id, row.benefit_id, year)
    if key not in work.used:
        work.used[key] = int(
            await Visit.count().where(
                Visit.ambassador_id == row.ambassador_id,
                Visit.benefit_id == row.benefit_id,
                Visit.state == State.COUNTED,
                Visit.on_day >= f"{year}-01-01",
                Visit.on_day <= f"{year}-12-31",
            )
        )
    return work.used[key]


async def _take_undo(work: _Batch, raw: msgspec.Raw, item: UndoIn) -> ResultOut:
    digest = items.body_hash(item)
    if item.id in work.known_changes:
        if work.known_changes[item.id] == digest:
            return ResultOut(str(item.id), "duplicate")
        return await _park(work, raw, "same id, another body")
    visit = work.known_visits.get(item.visit_id)
    if visit is not None and visit["device_id"] != work.device.id:
        return await _park(work, raw, "undo of another scanner's visit")
    in_time = visit is None or item.undone_at_ms - visit["device_ms"] <= rules.UNDO_WINDOW_S * 1000
    change = Change(
        id=item.id,
        visit_id=item.visit_id,
        kind="undo" if in_time else "late_undo",
        at=clock.from_ms(item.undone_at_ms),
        received_at=work.now,
        device_id=work.device.id,
        seq=item.seq,
        body_hash=digest,
    )
    work.changes.append(change)
    work.known_changes[item.id] = digest
    if not in_time:
        await _drop_about_device(work, Flag.LATE_UNDO, f"{item.id}", {"visit": str(item.visit_id)})
        return ResultOut(str(item.id), "stored", code=Flag.LATE_UNDO)
    work.undone.add(item.visit_id)
    await _cancel_known(work, item.visit_id)
    return ResultOut(str(item.id), "stored")


async def _cancel_known(work: _Batch, visit_id: UUID) -> None:
    """Cancel a visit that is already here, in the table or earlier in this batch."""
    for row in work.visits:
        if row.id == visit_id and row.state in {State.COUNTED, State.TO_CONFIRM}:
            row.state = State.CANCELLED
            work.proofs.discard((row.jti or "", row.iat or 0, row.nonce or ""))
            work.flags = [(flag, flagged) for flag, flagged in work.flags if flagged is not row]
            return
    await Visit.update({Visit.state: State.CANCELLED}).where(
        Visit.id == visit_id, Visit.state.is_in([State.COUNTED, State.TO_CONFIRM])
    )
    freed = await Visit.select(Visit.jti, Visit.iat, Visit.nonce).where(Visit.id == visit_id).first()
    if freed:
        work.proofs.discard((freed["jti"], freed["iat"], freed["nonce"]))


async def _park(work: _Batch, raw: msgspec.Raw, reason: str) -> ResultOut:
    digest = hashlib.sha256(bytes(raw)).hexdigest()
    if not await ParkedItem.exists().where(ParkedItem.device_id == work.device.id, ParkedItem.body_hash == digest):
        row = ParkedItem(
            id=uuid4(),
            device_id=work.device.id,
            body_hash=digest,
            received_at=work.now,
            reason=reason,
            body=items.harmless(raw),
        )
        await row.save()
        await _drop_about_device(work, Flag.PARKED_ITEM, digest[:32], {"reason": reason, "item": str(row.id)})
    return ResultOut(items.id_in(raw), "parked", code=Flag.PARKED_ITEM)


async def _drop_about_device(work: _Batch, kind: Flag, key: str, details: dict[str, Any]) -> None:
    await inbox.drop(
        kind,
        key=f"{kind}:{work.device.id}:{key}"[:120],
        now=work.now,
        subject_kind="device",
        subject_id=work.device.id,
        venue_id=work.device.venue_id,
        details=details,
    )


async def _note_device(work: _Batch, batch: BatchIn) -> None:
    """What this call tells of the scanner: its queue, its news, and a gap in its sequence."""
    device = work.device
    await _note_gaps(work)
    values: dict[Any, Any] = {
        Device.seen_at: work.now,
        Device.synced_at: work.now,
        Device.queue_length: max(batch.queue_length - len(batch.items), 0),
        Device.last_seq: max(work.seqs | {device.last_seq}),
        Device.app_version: batch.app_version,
    }
    await Device.update(values).where(Device.id == device.id)
    await note_status_version(device, batch.status_version, now=work.now)


async def _note_gaps(work: _Batch) -> None:
    last = work.device.last_seq
    new = sorted(seq for seq in work.seqs if seq > last)
    for before, after in zip([last, *new], new, strict=False):
        if after > before + 1:
            await _drop_about_device(
                work, Flag.SEQUENCE_GAP, f"{before + 1}-{after - 1}", {"from": before + 1, "to": after - 1}
            )
    if work.seqs and min(work.seqs) <= last:
        await _close_filled_gaps(work)


async def _close_filled_gaps(work: _Batch) -> None:
    """Late items have come: gaps that are filled answer themselves."""
    for item in await inbox.open_items():
        if item.kind != Flag.SEQUENCE_GAP or item.subject_id != work.device.id:
            continue
        first, final = int(item.details["from"]), int(item.details["to"])
        here = {seq for seq in work.seqs if first <= seq <= final}
        for table in (Visit, Change):
            here |= set(
                await table.select(table.seq)
                .where(table.device_id == work.device.id, table.seq >= first, table.seq <= final)
                .output(as_list=True)
            )
        if len(here) == final - first + 1:
            await inbox.close(f"{Flag.SEQUENCE_GAP}:{work.device.id}:{first}-{final}", now=work.now)


def _bounded(ms: int) -> int:
    return min(max(ms, -(2**31)), 2**31 - 1)


@writes
async def note_status_version(device: Device, version: int | None, *, now: datetime) -> None:
    """The scanner has shown that it holds this version of the status list."""
    if version is not None and version > (device.status_version or 0) and await passes.list_of_version(version):
        await Device.update({Device.status_version: version, Device.status_known_at: now}).where(Device.id == device.id)


@writes
async def intake_saved(issuer: Issuer, actor: Actor, data: bytes, *, now: datetime) -> BatchOut:
    """Take in a queue that was saved as a file on a scanner (docs/sync.md §5). Raises Invalid or NotFound."""
    try:
        saved = msgspec.json.decode(data, type=_SavedQueue)
        device_id = UUID(saved.device_id)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid("bad_queue_file", "this is not a queue saved by a scanner", fields=["file"]) from error
    device = await venues.device(device_id)
    results: list[ResultOut] = []
    for start in range(0, len(saved.items), items.BATCH_MAX):
        part = saved.items[start : start + items.BATCH_MAX]
        batch = BatchIn(sent_at_ms=clock.to_ms(now), queue_length=len(part), items=part, app_version=device.app_version)
        results += (await _intake(issuer, device.id, batch, now=now)).results
    await history.record(
        actor, "visits.load_queue", "device", device.id, now=now, details={"n_items": len(saved.items)}
    )
    return BatchOut(results, device.state)


class _SavedQueue(msgspec.Struct, rename="camel"):
    device_id: str
    items: list[msgspec.Raw]
    estran: str = "outbox"


# --- snapshot ---------------------------------------------------------------------------------------------------------


class SnapshotVenue(msgspec.Struct, rename="camel"):
    """The scanner's own venue."""

    id: str
    name: str
    paused: bool


class SnapshotSentence(msgspec.Struct):
    """A benefit in words."""

    fr: str
    en: str


class SnapshotBenefit(msgspec.Struct, rename="camel"):
    """What the check needs of a benefit, and how to say it."""

    id: str
    version: int
    kind: str
    min_paying_companions: int
    quota_per_year: int | None
    sentence: SnapshotSentence


class Snapshot(msgspec.Struct, rename="camel"):
    """All that a scanner needs to work without network: docs/sync.md §4."""

    version: str
    iss: str
    club: str
    zone: str
    snapshot_limit_s: int
    keys: list[dict[str, Any]]
    status_list: str
    venue: SnapshotVenue
    benefits: list[SnapshotBenefit]
    used: dict[str, dict[str, int]]
    used_year: int
    last_seq: int


async def snapshot(issuer: Issuer, device: Device, *, now: datetime) -> Snapshot:
    """What this scanner should know at `now`. Raises Forbidden `device_pending` or `device_cut`."""
    if device.state != "active":
        hint = "waits for the office's approval" if device.state == "pending" else "was cut: hand in what it holds"
        raise Forbidden(f"device_{device.state}", f"this scanner {hint}")
    house = await club.house()
    place = await venues.venue(device.venue_id)
    benefits = await venues.benefits_of(place.id)
    status_list, status_tag = await passes.status_token(issuer, now=now)
    year = clock.local_day(now, ZoneInfo(house.zone)).year
    made = Snapshot(
        version="",
        iss=issuer.iss,
        club=house.name,
        zone=house.zone,
        snapshot_limit_s=house.snapshot_limit_days * 86400,
        keys=await passes.jwks(issuer, now=now),
        status_list=status_tag,  # for the version: the token itself is signed anew each time
        venue=SnapshotVenue(str(place.id), place.name, place.paused_at is not None or place.archived_at is not None),
        benefits=[_snapshot_benefit(benefit) for benefit in benefits],
        used=await _used_here(benefits, year),
        used_year=year,
        last_seq=(await venues.device(device.id)).last_seq,
    )
    made.version = hashlib.sha256(msgspec.json.encode(made)).hexdigest()[:16]
    made.status_list = status_list
    return made


def _snapshot_benefit(benefit: Benefit) -> SnapshotBenefit:
    return SnapshotBenefit(
        id=str(benefit.id),
        version=benefit.version,
        kind=benefit.kind,
        min_paying_companions=benefit.min_paying_companions,
        quota_per_year=benefit.quota_per_year,
        sentence=SnapshotSentence(venue_rules.sentence(benefit, "fr"), venue_rules.sentence(benefit, "en")),
    )


async def _used_here(benefits: list[Benefit], year: int) -> dict[str, dict[str, int]]:
    """Counted visits of the year by benefit and `sub`, for the benefits that have a quota."""
    limited = [benefit.id for benefit in benefits if benefit.quota_per_year is not None]
    found: dict[str, dict[str, int]] = {str(benefit_id): {} for benefit_id in limited}
    sql = (
        "SELECT v.benefit_id, a.sub, COUNT(*) AS n FROM visits_visit v JOIN club_ambassador a ON a.id = v.ambassador_id"
        " WHERE v.benefit_id IN (%s) AND v.state = 'counted' AND v.on_day >= {} AND v.on_day <= {}"
        " GROUP BY v.benefit_id, a.sub"
    )
    for row in await _rows(sql, set(limited), f"{year}-01-01", f"{year}-12-31"):
        found[str(row["benefit_id"])][row["sub"]] = int(row["n"])
    return found


@writes
async def note_snapshot(device: Device, status_version: int | None, *, now: datetime) -> None:
    """The scanner asked for its news just now; `status_version` is the list it shows to have."""
    await Device.update({Device.seen_at: now, Device.snapshot_at: now}).where(Device.id == device.id)
    await note_status_version(device, status_version, now=now)


# --- the officer's acts -----------------------------------------------------------------------------------------------


async def visit(visit_id: UUID) -> Visit:
    """That visit; raises NotFound."""
    row = await Visit.objects().where(Visit.id == visit_id).first()
    if row is None:
        raise NotFound("unknown_visit", "no such visit")
    return row


@writes
async def cancel_visit(actor: Actor, visit_id: UUID, why: str, *, now: datetime) -> Visit:
    """The visit no longer counts. Raises Conflict when it did not count anyway."""
    row = await visit(visit_id)
    if row.state == State.CANCELLED:
        return row
    if row.state not in {State.COUNTED, State.TO_CONFIRM}:
        raise Conflict("not_counted", "this visit does not count: there is nothing to cancel")
    return await _change(actor, row, "cancel", State.CANCELLED, why, now)


@writes
async def confirm_visit(actor: Actor, visit_id: UUID, why: str | None, *, now: datetime) -> Visit:
    """The visit counts. Raises Conflict unless it waits for confirmation."""
    row = await visit(visit_id)
    if row.state == State.COUNTED:
        return row
    if row.state != State.TO_CONFIRM:
        raise Conflict("not_to_confirm", "this visit does not wait for confirmation")
    return await _change(actor, row, "confirm", State.COUNTED, why, now)


@writes
async def correct_companions(actor: Actor, visit_id: UUID, companions: int, why: str, *, now: datetime) -> Visit:
    """The visit with another number of paying companions. Raises Invalid outside 0-100."""
    row = await visit(visit_id)
    if not 0 <= companions <= 100:  # noqa: PLR2004 - as in items.VisitIn
        raise Invalid("bad_companions", "from 0 to 100 companions", fields=["companions"])
    before, row.companions = row.companions, companions
    return await _change(actor, row, "correct", State(row.state), why, now, {"companions": [before, companions]})


async def _change(
    actor: Actor,
    row: Visit,
    kind: str,
    state: State,
    why: str | None,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> Visit:
    row.state = state
    await row.save([Visit.state, Visit.companions])
    await Change(
        id=uuid4(),
        visit_id=row.id,
        kind=kind,
        at=now,
        received_at=now,
        account_id=actor.id,
        why=why,
        details=json.dumps(details or {}),
    ).save()
    await history.record(actor, f"visits.{kind}", "visit", row.id, now=now, why=why, details=details)
    return row


@writes
async def purge_quarantine(*, now: datetime) -> int:
    """Delete unverifiable scans older than 30 days; how many."""
    gone = (
        await Visit.delete()
        .where(Visit.state == State.QUARANTINED, Visit.received_at < now - QUARANTINE)
        .returning(Visit.id)
    )
    return len(gone)
