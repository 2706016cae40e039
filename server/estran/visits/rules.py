"""What the server makes of a scan: docs/sync.md §6. Pure. What happened is stored; what cannot be true never counts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from estran.passes.rules import AGE_MAX_S, AGE_MIN_S, Again, Answer, Reason
from estran.venues import opening
from estran.venues.opening import Local
from estran.venues.terms import PLAIN, Booking, Proof, Span, Terms

UNDO_WINDOW_S = 600
"""Undo is the venue's own for ten minutes of the device's time; later the officer corrects."""
SLACK_S = 5
"""Between the scanner's judgement and its stamp: a code may age while the desk counts companions."""
UNSURE_S = 3600
"""How far proof and scan may be apart when the scanner's clock was not confirmed: the summer time that nobody set."""
ISSUE_SLACK_S = 90
"""A proof may be dated this long before its pass: a phone's clock is corrected from 60 s on (pass-format §4)."""
IDENTITY_PASSES = {
    Reason.CLOCK_UNCONFIRMED,
    Reason.TYPED_NUMBER,
    Reason.SNAPSHOT_OLD,
    Reason.PAPER_PROOF,
    Reason.IDENTITY_NEEDED,
    Reason.NO_BENEFIT,
}
UNVERIFIED_THERE = {Reason.UNKNOWN_VERSION, Reason.UNKNOWN_KEY}
"""What a scanner could not verify and we can: it was right to ask for a look at an identity document."""
AT_EVENTS = {Reason.NOT_ON_LIST, Reason.OTHER_SLOT, Reason.EVENT_FULL}
"""What only the door of an event asks: nobody looks at a document for it, the staff let in or do not."""
SIGNATURE_REFUSALS = {Reason.MALFORMED, Reason.BAD_SIGNATURE, Reason.BAD_PROOF}


class State(StrEnum):
    """What became of a visit. Stored: append-only."""

    COUNTED = "counted"
    TO_CONFIRM = "to_confirm"
    REFUSED = "refused"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    CANCELLED = "cancelled"


STANDING = (State.COUNTED, State.TO_CONFIRM)


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
    BENEFIT_RESTED = "benefit_rested"
    UNKNOWN_PASS = "unknown_pass"  # noqa: S105
    POSSIBLE_DOUBLE = "possible_double"
    BENEFIT_OVERRULED = "benefit_overruled"
    NOT_ENTITLED = "not_entitled"
    TOLD_DOUBTFUL = "told_doubtful"
    ARRIVAL_DOUBTFUL = "arrival_doubtful"


class SlotDoubt(StrEnum):
    """Why an arrival does not go with its event: our own reason for it. Stored: append-only."""

    ELSEWHERE = "slot_elsewhere"
    SHUT = "door_shut"
    CANCELLED = "event_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What is known of the slot at which somebody arrived. Instants are seconds since 1970."""

    is_here: bool
    """Its event is at this venue, and people were invited to it."""
    opens_at: float
    closes_at: float
    cancelled_since: float | None
    """Since when the event was cancelled, when that was before the scan."""


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
    again: Again | None
    companions: int
    booked: bool = False
    typed: bool = False
    """Nothing was scanned: the pass is the one whose number was typed."""
    is_arrival: bool = False
    """At an event, and no entry of its venue."""
    local: Local | None = None
    """The scan's minute by the club's calendar; None where its clock is not good enough to tell hours apart."""
    news_at: float | None
    """The scanner's last news by the same clock; None: never any."""
    device_is_cut: bool = False
    is_after_cut: bool = False
    """Made after the officer had cut the scanner: it goes on, or does not know yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the server knows by itself of a pass whose signatures hold."""

    exp: int
    iat: int | None
    status_known: int
    """The status in the newest list the scanner had at the scan: the one it names, or a newer one it is known to have had."""
    invalid_since: float | None
    """Since when the pass was revoked, replaced or suspended in truth, when that was before the scan."""
    proof_used: bool
    """Another visit that stands rests on the same proof."""
    issued_at: float | None = None
    """When the pass was issued; None: its row is gone, as after a backup was put back that is older than the pass."""
    terms: Terms = PLAIN
    """What the version that the scan names said."""
    entitled: bool = True
    """The benefit is for this ambassador, as far as is known today."""
    closed_since: float | None = None
    """Since when it was known that the venue would be closed on the day of the scan."""
    benefit_missing: bool = False
    """It names no benefit of its venue, which has had one for longer than the scanner's news are old."""
    rested_since: float | None = None
    """Since when the venue, or the benefit it names, was closed to everybody, when that was before the scan."""
    used: int = 0
    """What the quota had counted before."""
    slot: Slot | None = None
    """Of an arrival."""
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
        flags = [Flag.VERDICT_MISMATCH] if scan.reason in SIGNATURE_REFUSALS else []
        return Judgement(State.REFUSED, scan.reason, tuple(flags))
    if facts.proof_used:
        return Judgement(State.REJECTED, Flag.REPLAYED, _with_cut(scan, [Flag.REPLAYED]))
    forbidden = _forbidden(scan, facts)
    if forbidden:
        return Judgement(State.REJECTED, forbidden, _with_cut(scan, [Flag.VERDICT_MISMATCH]))
    doubts = _doubts(scan, facts)
    flags = list(dict.fromkeys([flag for flag in doubts.values() if flag] + _remarks(scan, facts)))
    state = State.TO_CONFIRM if doubts else State.COUNTED
    return Judgement(state, next(iter(doubts), _truth(flags)), _with_cut(scan, flags))


def _forbidden(scan: Scan, facts: Facts) -> Reason | None:
    """What the scanner knew and had to refuse for; whoever admits against it never counts."""
    if facts.status_known == 1:
        return Reason.REVOKED
    if facts.status_known in {2, 3}:
        return Reason.SUSPENDED
    if scan.clock_confirmed and scan.at > facts.exp + SLACK_S:
        return Reason.EXPIRED
    return None


def _doubts(scan: Scan, facts: Facts) -> dict[str, Flag | None]:
    """What a human must decide before the visit counts, by reason; None: there is nothing more to say of it."""
    doubts: dict[str, Flag | None] = {}
    if not _follows(scan):
        doubts[scan.reason] = Flag.VERDICT_MISMATCH
    if scan.at > facts.exp + SLACK_S:
        doubts[Reason.EXPIRED] = Flag.VERDICT_MISMATCH
    doubts |= _doubts_of_proof(scan, facts)
    if facts.benefit_missing and scan.answer is Answer.ADMIT:
        doubts[Reason.NO_BENEFIT] = Flag.VERDICT_MISMATCH
    told = told_at(scan, facts.news_limit_s)
    if facts.rested_since is not None and facts.rested_since <= told:
        doubts[Reason.VENUE_PAUSED] = Flag.VERDICT_MISMATCH
    if facts.closed_since is not None and facts.closed_since <= told:
        doubts[Reason.VENUE_CLOSED] = Flag.VERDICT_MISMATCH
    if scan.is_after_cut:
        doubts[Flag.CUT_DEVICE] = Flag.VERDICT_MISMATCH
    doubts |= _doubts_of_benefit(scan, facts)
    doubts |= _doubts_of_slot(scan, facts)
    late = facts.invalid_since is not None and scan.at - facts.invalid_since > facts.news_limit_s
    if late and not scan.identity:
        # Its news were older than the limit, whatever it says: it had to ask.
        doubts[Reason.SNAPSHOT_OLD] = Flag.REVOKED_ADMITTED
    return doubts


def _doubts_of_benefit(scan: Scan, facts: Facts) -> dict[str, Flag]:
    """What the terms that the scanner had did not allow, and no decision of the desk passes over."""
    terms, reasons = facts.terms, []
    if scan.again is not Again.LET_IN and scan.local is not None and not opening.is_open(terms, scan.local):
        reasons.append(Reason.NOT_NOW)
    if terms.min_paying_companions > scan.companions:
        reasons.append(Reason.COMPANIONS_MISSING)
    if terms.least_proof is Proof.IDENTITY and not scan.identity:
        reasons.append(Reason.IDENTITY_NEEDED)
    if terms.booking is Booking.REQUIRED and not scan.booked:
        reasons.append(Reason.BOOKING_NEEDED)
    return dict.fromkeys(reasons, Flag.VERDICT_MISMATCH)


def _doubts_of_slot(scan: Scan, facts: Facts) -> dict[str, Flag]:
    """Why nobody can have been welcomed so at the slot that the arrival names."""
    slot, reasons = facts.slot, []
    if slot is None:
        return {}
    if not slot.is_here:
        reasons.append(SlotDoubt.ELSEWHERE)
    if slot.cancelled_since is not None and slot.cancelled_since <= told_at(scan, facts.news_limit_s):
        reasons.append(SlotDoubt.CANCELLED)
    slack = SLACK_S if scan.clock_confirmed else UNSURE_S
    if not slot.opens_at - slack <= scan.at <= slot.closes_at + slack:
        reasons.append(SlotDoubt.SHUT)
    return dict.fromkeys(reasons, Flag.ARRIVAL_DOUBTFUL)


def told_at(scan: Scan, news_limit_s: float) -> float:
    """What came before this instant an honest scanner had heard of: it asks when its news are older than the limit."""
    return max(scan.at - news_limit_s, scan.at - news_limit_s if scan.news_at is None else scan.news_at)


def _doubts_of_proof(scan: Scan, facts: Facts) -> Mapping[str, Flag | None]:
    doubts: dict[str, Flag] = {}
    iat = facts.iat
    if scan.typed:  # whoever heard the number could say it: it waits for the officer, in the line of its venue and day
        return {Reason.TYPED_NUMBER: None if scan.identity else Flag.VERDICT_MISMATCH}
    if iat is None:
        is_enough = scan.identity or scan.is_arrival or facts.terms.least_proof is Proof.PAPER
        return {} if is_enough else {Reason.PAPER_PROOF: Flag.VERDICT_MISMATCH}
    is_older_than_pass = facts.issued_at is not None and iat < facts.issued_at - ISSUE_SLACK_S
    if is_older_than_pass or _is_stale(scan, iat):
        doubts[Reason.STALE_PROOF] = Flag.STALE_PROOF_ADMITTED
    if not (scan.clock_confirmed or scan.codes_advance or scan.identity):
        doubts[Reason.CLOCK_UNCONFIRMED] = Flag.VERDICT_MISMATCH
    return doubts


def _follows(scan: Scan) -> bool:
    """Whether somebody may be admitted after the verdict that the scanner says it gave last."""
    if scan.answer is Answer.ADMIT:
        return scan.reason == Reason.WELCOME
    if scan.answer is Answer.REFUSE:
        return False
    if scan.reason in IDENTITY_PASSES | UNVERIFIED_THERE:
        # Without a look at an identity document old news are only remarked: the pass itself is genuine.
        return scan.identity or scan.reason == Reason.SNAPSHOT_OLD
    if scan.reason == Reason.ALREADY_HERE:
        return scan.again is not None
    if scan.reason in AT_EVENTS:
        return scan.is_arrival and scan.again is Again.LET_IN
    # Whether they were enough, and whether there was a booking, is looked at apart.
    return scan.reason in {Reason.COMPANIONS_NEEDED, Reason.BOOKING_NEEDED}


def _is_stale(scan: Scan, iat: int) -> bool:
    slack = SLACK_S if scan.clock_confirmed else UNSURE_S
    return not AGE_MIN_S - slack <= scan.at - iat <= AGE_MAX_S + slack


def _remarks(scan: Scan, facts: Facts) -> list[Flag]:
    """What the officer should know of a visit that stands."""
    flags = [Flag.UNKNOWN_PASS] if facts.issued_at is None else []
    if facts.invalid_since is not None and facts.invalid_since <= scan.at:
        flags.append(Flag.REVOKED_ADMITTED)
    quota = facts.terms.quota
    if quota is not None and facts.used >= quota.n:
        flags.append(Flag.OVER_QUOTA)
    if not facts.entitled:
        flags.append(Flag.NOT_ENTITLED)
    told = told_at(scan, facts.news_limit_s)
    if any(since is not None and since > told for since in (facts.rested_since, facts.closed_since)):
        flags.append(Flag.BENEFIT_RESTED)
    if facts.slot is not None and facts.slot.cancelled_since is not None and facts.slot.cancelled_since > told:
        flags.append(Flag.ARRIVAL_DOUBTFUL)
    if scan.again is Again.LET_IN and scan.local is not None and not opening.is_open(facts.terms, scan.local):
        flags.append(Flag.BENEFIT_OVERRULED)
    if scan.news_at is None or scan.at - scan.news_at > facts.news_limit_s:
        flags.append(Flag.STALE_SCANNER)
    return flags


def _truth(flags: Collection[Flag]) -> Reason | SlotDoubt:
    """Our own reason for a visit that counts: what a scanner that knew everything would have said."""
    if Flag.REVOKED_ADMITTED in flags:
        return Reason.REVOKED
    if Flag.ARRIVAL_DOUBTFUL in flags:
        return SlotDoubt.CANCELLED
    if Flag.BENEFIT_RESTED in flags:
        return Reason.VENUE_PAUSED
    return Reason.QUOTA_USED if Flag.OVER_QUOTA in flags else Reason.WELCOME


def _with_cut(scan: Scan, flags: list[Flag]) -> tuple[Flag, ...]:
    return tuple(dict.fromkeys([*flags, Flag.CUT_DEVICE])) if scan.device_is_cut and scan.is_admitted else tuple(flags)


def is_undo_in_time(scanned_ms: int, undone_ms: int) -> bool:
    """Whether the venue may still take the visit back by itself; both by the device's own clock, milliseconds."""
    return undone_ms - scanned_ms <= UNDO_WINDOW_S * 1000


@dataclass(frozen=True, slots=True)
class Once:
    """A visit that stands, among those of one ambassador at one venue on one day, or their arrivals at one slot."""

    id: UUID
    device_id: UUID
    at: datetime
    is_decided: bool
    """The desk said that it is another visit, or let in anyway: nobody needs to ask again."""


def doubles(visits: Iterable[Once]) -> dict[UUID, UUID]:
    """Which of these visits may be the same as an earlier one: its id, and that of the last before it on another scanner.

    In whatever order they arrive: only when they happened counts.
    """
    found: dict[UUID, UUID] = {}
    last: dict[UUID, Once] = {}
    for visit in sorted(visits, key=lambda one: (one.at, one.id)):
        elsewhere = [one for device_id, one in last.items() if device_id != visit.device_id]
        if elsewhere and not visit.is_decided:
            found[visit.id] = max(elsewhere, key=lambda one: (one.at, one.id)).id
        last[visit.device_id] = visit
    return found


def open_days(heard: date, today: date, closures: Sequence[Span], seasons: Collection[Sequence[Span]]) -> int:
    """How many days a scanner has been silent on, those left out on which its venue was closed or no benefit had its season.

    `seasons`: those of each benefit; a benefit without any is given all year. 0 when the venue rests today.
    """
    n = 0
    for after in range((today - heard).days):
        day = (today - timedelta(days=after)).isoformat()
        is_given = any(not spans or any(opening.holds(span, day) for span in spans) for spans in seasons)
        if is_given and not opening.is_closed(closures, day):
            n += 1
        elif after == 0:
            return 0
    return n


# --- without a scanner ------------------------------------------------------------------------------------------------


def judge_told(reason: Reason, *, is_known: bool = True) -> Judgement:
    """Of a visit that no scanner saw: told by a phone, or copied from a list. It waits for the officer, whatever it is.

    `reason`: what a scanner that knew everything would have said. Whatever is not `welcome` is shown by itself.
    """
    flags = [] if is_known else [Flag.UNKNOWN_PASS]
    if reason is not Reason.WELCOME:
        flags.append(Flag.TOLD_DOUBTFUL)
    return Judgement(State.TO_CONFIRM, reason, tuple(flags))
