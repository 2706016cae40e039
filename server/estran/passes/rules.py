"""Why a scan is welcomed, questioned or turned away: the check of docs/pass-format.md §4-§5. Pure.

Twin of kit/src/rules/check.ts; both run tests/vectors/check-v1.json. All instants and durations are seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

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
        ),
        Answer.ASK,
    ),
}


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


@dataclass(frozen=True, slots=True)
class BenefitTerms:
    """What the check needs of a benefit."""

    id: str
    version: int
    min_paying_companions: int = 0
    quota_per_year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that the scanner knows at the scan. `now` is corrected by the skew (pass-format §4)."""

    now: float
    clock_confirmed: bool
    codes_advance: bool = False
    status: int | None = 0
    """The two bits at the pass's index in the newest list; None: beyond the list (a newer pass)."""
    snapshot_age_s: float | None
    """Since the last news of the server; None: never any."""
    snapshot_limit_s: float
    venue_paused: bool = False
    benefits: Sequence[BenefitTerms] = ()
    used: Mapping[str, int] = field(default_factory=dict)
    """Visits of this ambassador this calendar year at this venue, by benefit."""
    previous_at: float | None = None
    """This ambassador's last visit here today."""
    decisions: Decisions = Decisions()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, its reason, and what the screen needs to say it."""

    answer: Answer
    reason: Reason
    benefit_id: str | None = None
    benefit_version: int | None = None
    min_paying_companions: int = 0
    quota: int | None = None
    used: int = 0
    previous_at: float | None = None


def verdict_of(reason: Reason) -> Verdict:
    """The verdict of a reason that comes from parse or verify, before any rule."""
    return Verdict(ANSWERS[reason], reason)


def check(*, exp: int, iat: int | None, context: Context) -> Verdict:
    """The verdict on a genuine pass: signatures are already verified. First reason of the table wins.

    `exp` and `iat` (None for a paper pass) are the signed claims, in seconds.
    """
    reason = _pass_reason(exp, iat, context)
    if reason:
        return verdict_of(reason)
    return _benefit_verdict(context)


def _pass_reason(exp: int, iat: int | None, context: Context) -> Reason | None:
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
    age = context.snapshot_age_s
    # News from the future: the clock has gone back, and nobody knows how old they are.
    if not looked and (age is None or not AGE_MIN_S <= age <= context.snapshot_limit_s):
        return Reason.SNAPSHOT_OLD
    if not looked and iat is None:
        return Reason.PAPER_PROOF
    return None


def _benefit_verdict(context: Context) -> Verdict:
    decided = context.decisions
    if context.venue_paused:
        return verdict_of(Reason.VENUE_PAUSED)
    if not context.benefits and not decided.identity:
        return verdict_of(Reason.NO_BENEFIT)
    if context.previous_at is not None and decided.again is None:
        return Verdict(Answer.ASK, Reason.ALREADY_HERE, previous_at=context.previous_at)
    if not context.benefits:
        return Verdict(Answer.ADMIT, Reason.WELCOME, previous_at=context.previous_at)

    benefit = _fitting(context)
    used = context.used.get(benefit.id, 0)
    reason = Reason.WELCOME
    if _is_used_up(benefit, used) and decided.again is not Again.LET_IN:
        reason = Reason.QUOTA_USED
    elif benefit.min_paying_companions > 0 and decided.companions is None:
        reason = Reason.COMPANIONS_NEEDED
    elif benefit.min_paying_companions > (decided.companions or 0):
        reason = Reason.COMPANIONS_MISSING
    return Verdict(
        answer=ANSWERS[reason],
        reason=reason,
        benefit_id=benefit.id,
        benefit_version=benefit.version,
        min_paying_companions=benefit.min_paying_companions,
        quota=benefit.quota_per_year,
        used=used,
        previous_at=context.previous_at,
    )


def _fitting(context: Context) -> BenefitTerms:
    """The first benefit whose quota is not used; when all are, the first (it will say so)."""
    for benefit in context.benefits:
        if not _is_used_up(benefit, context.used.get(benefit.id, 0)):
            return benefit
    return context.benefits[0]


def _is_used_up(benefit: BenefitTerms, used: int) -> bool:
    return benefit.quota_per_year is not None and used >= benefit.quota_per_year


def codes_advance(*, first_iat: int, first_mono_s: float, second_iat: int, second_mono_s: float) -> bool:
    """Whether two proofs of one pass show a living phone to a scanner whose clock is not confirmed (pass-format §4)."""
    apart = second_iat - first_iat
    return apart >= CODES_APART_S and abs(apart - (second_mono_s - first_mono_s)) <= CODES_DRIFT_S
