"""Why a scan is welcomed, questioned or turned away: the check of docs/pass-format.md §4-§5 and docs/benefits.md §4. Pure.

Twin of kit/src/rules/check.ts; both run tests/vectors/{check,benefits}-v1.json. All instants and durations are seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from estran.venues import opening
from estran.venues.opening import Local, Moment
from estran.venues.terms import PLAIN, Booking, Proof, Span, Terms

AGE_MIN_S = -30
AGE_MAX_S = 60
CODES_APART_S = 15
CODES_DRIFT_S = 5


class Answer(StrEnum):
    """What the desk does. Stored and on the wire: never rename."""

    ADMIT = "admit"
    ASK = "ask"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why. Append-only; the table of docs/pass-format.md §5 gives each its answer, sentence, colour and sound."""

    NOT_A_PASS = "not_a_pass"  # noqa: S105 - not a password
    OTHER_CLUB = "other_club"
    MALFORMED = "malformed"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    BAD_PROOF = "bad_proof"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    STALE_PROOF = "stale_proof"
    CLOCK_UNCONFIRMED = "clock_unconfirmed"
    SNAPSHOT_OLD = "snapshot_old"
    PAPER_PROOF = "paper_proof"
    VENUE_PAUSED = "venue_paused"
    NO_BENEFIT = "no_benefit"
    ALREADY_HERE = "already_here"
    QUOTA_USED = "quota_used"
    COMPANIONS_NEEDED = "companions_needed"
    COMPANIONS_MISSING = "companions_missing"
    WELCOME = "welcome"
    VENUE_CLOSED = "venue_closed"
    NOT_ENTITLED = "not_entitled"
    NOT_NOW = "not_now"
    IDENTITY_NEEDED = "identity_needed"
    BOOKING_NEEDED = "booking_needed"
    TYPED_NUMBER = "typed_number"
    NOT_ON_LIST = "not_on_list"
    EVENT_FULL = "event_full"
    OTHER_SLOT = "other_slot"


ANSWERS: Mapping[Reason, Answer] = {
    **dict.fromkeys(Reason, Answer.REFUSE),
    Reason.WELCOME: Answer.ADMIT,
    **dict.fromkeys(
        (
            Reason.UNKNOWN_VERSION,
            Reason.UNKNOWN_KEY,
            Reason.CLOCK_UNCONFIRMED,
            Reason.SNAPSHOT_OLD,
            Reason.PAPER_PROOF,
            Reason.NO_BENEFIT,
            Reason.ALREADY_HERE,
            Reason.COMPANIONS_NEEDED,
            Reason.IDENTITY_NEEDED,
            Reason.BOOKING_NEEDED,
            Reason.TYPED_NUMBER,
            Reason.NOT_ON_LIST,
            Reason.EVENT_FULL,
            Reason.OTHER_SLOT,
        ),
        Answer.ASK,
    ),
}
NEAREST = (Reason.COMPANIONS_MISSING, Reason.QUOTA_USED, Reason.NOT_NOW, Reason.NOT_ENTITLED)
"""Of benefits that are all refused: what is nearest to being given, first."""


class Again(StrEnum):
    """What the desk says of a second scan on the same day."""

    ANOTHER_VISIT = "another_visit"
    LET_IN = "let_in"


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the desk has already decided about this scan."""

    identity: bool = False
    again: Again | None = None
    companions: int | None = None
    """Paying companions counted; None: not asked yet."""
    booked: bool = False
    benefit_id: str | None = None
    """The benefit that the desk chose; None: the fitting one."""


UNDECIDED = Decisions()


@dataclass(frozen=True, slots=True)
class BenefitTerms:
    """What the check needs of a benefit. `entitled`: it is for this ambassador."""

    id: str
    version: int
    terms: Terms = PLAIN
    entitled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that the scanner knows at the scan. `now` is corrected by the skew (pass-format §4)."""

    now: float
    zone: str = "UTC"
    """The club's, IANA: days and hours of benefits are there."""
    clock_confirmed: bool
    codes_advance: bool = False
    status: int | None = 0
    """The two bits at the pass's index in the newest list; None: beyond the list (a newer pass)."""
    snapshot_age_s: float | None
    """Since the last news of the server; None: never any."""
    snapshot_limit_s: float
    venue_paused: bool = False
    closures: Sequence[Span] = ()
    benefits: Sequence[BenefitTerms] = ()
    used: Mapping[str, int] = field(default_factory=dict)
    """What each benefit's quota has counted of this ambassador in the present period (docs/benefits.md §3)."""
    previous_at: float | None = None
    """This ambassador's last visit here today."""
    decisions: Decisions = UNDECIDED


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, its reason, and what the screen needs to say it."""

    answer: Answer
    reason: Reason
    benefit_id: str | None = None
    benefit_version: int | None = None
    used: int = 0
    previous_at: float | None = None
    opens: Moment | None = None
    """With `not_now`: when it is given again."""
    closed_until: str | None = None
    """With `venue_closed`: the last day."""
    others: tuple[str, ...] = ()
    """Benefits of the venue that are not refused either."""


def verdict_of(reason: Reason) -> Verdict:
    """The verdict of a reason that comes from parse or verify, before any rule."""
    return Verdict(ANSWERS[reason], reason)


def check(*, exp: int, iat: int | None, context: Context, typed: bool = False) -> Verdict:
    """The verdict on a genuine pass: signatures are already verified. First reason of the table wins.

    `exp` and `iat` (None for a paper pass) are the signed claims, in seconds. `typed`: its number was typed (pass-format §9),
    and `exp` is what the server says of it.
    """
    reason = _pass_reason(exp, iat, context, typed=typed)
    if reason:
        return verdict_of(reason)
    return _benefit_verdict(context, is_paper=iat is None)


def _pass_reason(exp: int, iat: int | None, context: Context, *, typed: bool) -> Reason | None:
    if context.status == 1:
        return Reason.REVOKED
    if context.status in {2, 3}:
        return Reason.SUSPENDED
    if context.now > exp:
        return Reason.EXPIRED
    looked = context.decisions.identity
    if iat is not None:
        if context.clock_confirmed:
            if not AGE_MIN_S <= context.now - iat <= AGE_MAX_S:
                return Reason.STALE_PROOF
        elif not (context.codes_advance or looked):
            return Reason.CLOCK_UNCONFIRMED
    if typed and not looked:
        return Reason.TYPED_NUMBER
    age = context.snapshot_age_s
    # News from the future: the clock has gone back, and nobody knows how old they are.
    if not looked and (age is None or not AGE_MIN_S <= age <= context.snapshot_limit_s):
        return Reason.SNAPSHOT_OLD
    return None


def _benefit_verdict(context: Context, *, is_paper: bool) -> Verdict:
    decided, local = context.decisions, opening.local_of(context.now, context.zone)
    if context.venue_paused:
        return verdict_of(Reason.VENUE_PAUSED)
    if (until := opening.closed_until(context.closures, local.day)) is not None:
        return Verdict(ANSWERS[Reason.VENUE_CLOSED], Reason.VENUE_CLOSED, closed_until=until)
    if not context.benefits and not decided.identity:
        return verdict_of(Reason.NO_BENEFIT)
    if context.previous_at is not None and decided.again is None:
        return Verdict(Answer.ASK, Reason.ALREADY_HERE, previous_at=context.previous_at)
    if not context.benefits:
        return Verdict(Answer.ADMIT, Reason.WELCOME, previous_at=context.previous_at)

    reasons = {one.id: _terms_reason(one, context, local, is_paper=is_paper) for one in context.benefits}
    benefit = _fitting(context.benefits, reasons, decided.benefit_id)
    reason = reasons[benefit.id]
    return Verdict(
        answer=ANSWERS[reason],
        reason=reason,
        benefit_id=benefit.id,
        benefit_version=benefit.version,
        used=context.used.get(benefit.id, 0),
        previous_at=context.previous_at,
        opens=opening.next_opening(benefit.terms, context.closures, local) if reason is Reason.NOT_NOW else None,
        others=tuple(
            one.id for one in context.benefits if one is not benefit and ANSWERS[reasons[one.id]] is not Answer.REFUSE
        ),
    )


def _terms_reason(benefit: BenefitTerms, context: Context, local: Local, *, is_paper: bool) -> Reason:
    """What this benefit says by itself; the first reason of docs/benefits.md §4 wins."""
    terms, decided = benefit.terms, context.decisions
    return (
        _rule_reason(benefit, context, local)
        or (Reason.COMPANIONS_MISSING if _lacks(terms, decided.companions) else None)
        or _proof_reason(terms, decided, is_paper=is_paper)
        or (Reason.BOOKING_NEEDED if terms.booking is Booking.REQUIRED and not decided.booked else None)
        or (Reason.COMPANIONS_NEEDED if terms.min_paying_companions and decided.companions is None else None)
        or Reason.WELCOME
    )


def _rule_reason(benefit: BenefitTerms, context: Context, local: Local) -> Reason | None:
    """What *let in anyway* passes over."""
    if context.decisions.again is Again.LET_IN:
        return None
    if not benefit.entitled:
        return Reason.NOT_ENTITLED
    if not opening.is_open(benefit.terms, local):
        return Reason.NOT_NOW
    quota = benefit.terms.quota
    return Reason.QUOTA_USED if quota is not None and context.used.get(benefit.id, 0) >= quota.n else None


def _lacks(terms: Terms, companions: int | None) -> bool:
    return companions is not None and companions < terms.min_paying_companions


def _proof_reason(terms: Terms, decided: Decisions, *, is_paper: bool) -> Reason | None:
    if decided.identity:
        return None
    if is_paper and terms.least_proof is not Proof.PAPER:
        return Reason.PAPER_PROOF
    return Reason.IDENTITY_NEEDED if terms.least_proof is Proof.IDENTITY else None


def _fitting(benefits: Sequence[BenefitTerms], reasons: Mapping[str, Reason], chosen: str | None) -> BenefitTerms:
    """The benefit that the desk chose; else the first that is not refused; else the one nearest to being given."""

    def rank(benefit: BenefitTerms) -> tuple[bool, int]:
        reason = reasons[benefit.id]
        return benefit.id != chosen, NEAREST.index(reason) + 1 if reason in NEAREST else 0

    return min(benefits, key=rank)


def codes_advance(*, first_iat: int, first_mono_s: float, second_iat: int, second_mono_s: float) -> bool:
    """Whether two proofs of one pass show a living phone to a scanner whose clock is not confirmed (pass-format §4)."""
    apart = second_iat - first_iat
    return apart >= CODES_APART_S and abs(apart - (second_mono_s - first_mono_s)) <= CODES_DRIFT_S
