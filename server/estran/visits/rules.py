"""What the server makes of a scan: docs/sync.md §6. Pure. What happened is stored; what cannot be true never counts."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from estran.passes.rules import AGE_MAX_S, AGE_MIN_S, Answer, Reason

UNDO_WINDOW_S = 600
"""Undo is the venue's own for ten minutes of the device's time; later the officer corrects."""
SLACK_S = 5
"""Between the scanner's judgement and its stamp: a code may age while the desk counts companions."""


class State(StrEnum):
    """What became of a visit. Stored: append-only."""

    COUNTED = "counted"
    TO_CONFIRM = "to_confirm"
    REFUSED = "refused"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    CANCELLED = "cancelled"


class Flag(StrEnum):
    """What the officer should look at; the kinds of inbox items. Stored: append-only."""

    REVOKED_ADMITTED = "revoked_admitted"
    OVER_QUOTA = "over_quota"
    STALE_SCANNER = "stale_scanner"
    STALE_PROOF_ADMITTED = "stale_proof_admitted"
    REPLAYED = "replayed"
    VERDICT_MISMATCH = "verdict_mismatch"
    UNVERIFIABLE = "unverifiable"
    CUT_DEVICE = "cut_device"
    PARKED_ITEM = "parked_item"
    SEQUENCE_GAP = "sequence_gap"
    LATE_UNDO = "late_undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the scanner says it saw, knew and did. Instants are seconds since 1970 by the best clock known."""

    at: float
    answer: Answer
    reason: str
    is_admitted: bool
    clock_confirmed: bool
    codes_advance: bool
    identity: bool
    let_in: bool
    companions: int
    news_at: float | None
    """The scanner's last news by the same clock; None: never any."""
    device_is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the server knows by itself of a pass whose signatures hold."""

    exp: int
    iat: int | None
    status_known: int
    """The worst status in the lists the scanner had at the scan: the one it names and the one it is known to have had."""
    revoked_at: float | None
    """Since when the pass is revoked, replaced or suspended in truth."""
    proof_used: bool
    """Another visit that stands rests on the same proof."""
    min_paying_companions: int = 0
    quota: int | None = None
    used: int = 0
    news_limit_s: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The state, our own reason (a Reason or a Flag), and what the officer should see."""

    state: State
    reason: str
    flags: Collection[Flag] = field(default=())


def judge_unverified(scan: Scan, reason: Reason) -> Judgement:
    """Of a scan whose presentation cannot be read or verified: never counted, whatever the scanner claims."""
    flags = [Flag.UNVERIFIABLE] if scan.is_admitted else []
    return Judgement(State.QUARANTINED, reason, _with_cut(scan, flags))


def judge(scan: Scan, facts: Facts) -> Judgement:
    """Of a scan whose two signatures hold."""
    if not scan.is_admitted:
        return Judgement(State.REFUSED, scan.reason, _with_cut(scan, []))
    refused = _never(facts, scan)
    if refused:
        reason, flag = refused
        return Judgement(State.REJECTED, reason, _with_cut(scan, [flag]))
    doubts = _doubts(scan, facts)
    flags = [*doubts.values(), *_remarks(scan, facts)]
    state = State.TO_CONFIRM if doubts else State.COUNTED
    reason = next(iter(doubts), Reason.WELCOME)
    return Judgement(state, reason, _with_cut(scan, list(dict.fromkeys(flags))))


def _never(facts: Facts, scan: Scan) -> tuple[str, Flag] | None:
    """Why a visit can never count: the proof was used already, or the scanner knew that it had to refuse."""
    if facts.proof_used:
        return Flag.REPLAYED, Flag.REPLAYED
    if facts.status_known == 1:
        return Reason.REVOKED, Flag.VERDICT_MISMATCH
    if facts.status_known in {2, 3}:
        return Reason.SUSPENDED, Flag.VERDICT_MISMATCH
    if scan.at > facts.exp + AGE_MAX_S:
        return Reason.EXPIRED, Flag.VERDICT_MISMATCH
    return None


def _doubts(scan: Scan, facts: Facts) -> dict[str, Flag]:
    """What a human must decide before the visit counts, by reason."""
    doubts: dict[str, Flag] = {}
    if scan.answer is Answer.REFUSE:
        doubts[scan.reason] = Flag.VERDICT_MISMATCH
    if facts.iat is None:
        if not scan.identity:
            doubts[Reason.PAPER_PROOF] = Flag.VERDICT_MISMATCH
    elif not AGE_MIN_S - SLACK_S <= scan.at - facts.iat <= AGE_MAX_S + SLACK_S:
        doubts[Reason.STALE_PROOF] = Flag.STALE_PROOF_ADMITTED
    elif not (scan.clock_confirmed or scan.codes_advance or scan.identity):
        doubts[Reason.CLOCK_UNCONFIRMED] = Flag.VERDICT_MISMATCH
    if facts.min_paying_companions > scan.companions:
        doubts[Reason.COMPANIONS_MISSING] = Flag.VERDICT_MISMATCH
    late = facts.revoked_at is not None and scan.at - facts.revoked_at > facts.news_limit_s
    if late and not scan.identity:
        # its news were older than the limit, whatever it says: it had to ask
        doubts[Reason.SNAPSHOT_OLD] = Flag.REVOKED_ADMITTED
    return doubts


def _remarks(scan: Scan, facts: Facts) -> list[Flag]:
    """What the officer should know of a visit that stands."""
    flags = []
    if facts.revoked_at is not None and facts.revoked_at <= scan.at:
        flags.append(Flag.REVOKED_ADMITTED)
    if facts.quota is not None and facts.used >= facts.quota:
        flags.append(Flag.OVER_QUOTA)
    if scan.news_at is None or scan.at - scan.news_at > facts.news_limit_s:
        flags.append(Flag.STALE_SCANNER)
    return flags


def _with_cut(scan: Scan, flags: list[Flag]) -> tuple[Flag, ...]:
    return (*flags, Flag.CUT_DEVICE) if scan.device_is_cut and scan.is_admitted else tuple(flags)
