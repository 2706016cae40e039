/**
 * Why a scan is welcomed, questioned or turned away: docs/pass-format.md §4-§5, docs/benefits.md §4. Pure.
 * Twin of server/estran/passes/rules.py; both run the literals of tests/vectors/. Instants and durations are seconds.
 */
import { AGE_MAX_S, AGE_MIN_S } from './clock';
import { closedUntil, isOpen, localOf, nextOpening, type Local, type Moment } from './opening';
import { ANSWERS, type Answer, type Reason } from './reasons';
import type { Span, Terms } from './terms';

/** What the desk says of a second scan on the same day; `let_in` is said of a refusal, too. */
export type Again = 'another_visit' | 'let_in';

/** What the desk has already decided about this scan. */
export interface Decisions {
  readonly identity: boolean;
  readonly again: Again | null;
  /** Null while nobody has counted. */
  readonly companions: number | null;
  /** The ambassador has booked. */
  readonly booked: boolean;
  /** The benefit that was chosen; null: the fitting one. */
  readonly benefitId: string | null;
}

export const UNDECIDED: Decisions = { identity: false, again: null, companions: null, booked: false, benefitId: null };

/** What the check needs of a benefit. */
export interface BenefitTerms {
  readonly id: string;
  readonly version: number;
  readonly terms: Terms;
  /** Whether it is for this ambassador. */
  readonly entitled: boolean;
}

/** The signed claims that the rules look at; `iat` is null for a paper pass. */
export interface Claims {
  readonly exp: number;
  readonly iat: number | null;
  /** A number was typed (§9): the office says what the pass would, and nothing is signed. */
  readonly typed?: boolean;
}

/** All that the scanner knows at the scan. */
export interface Context {
  /** Corrected by the skew (§4). */
  readonly now: number;
  /** Of the club: days and hours are those of its wall clocks. */
  readonly zone: string;
  readonly clockConfirmed: boolean;
  readonly codesAdvance: boolean;
  /** The two bits at the pass's index in the newest list; null beyond it (a newer pass). */
  readonly status: number | null;
  /** Since the last news of the server; null: never any. */
  readonly snapshotAgeS: number | null;
  readonly snapshotLimitS: number;
  readonly venuePaused: boolean;
  /** Days on which the venue is closed. */
  readonly closures: readonly Span[];
  /** In the venue's order. */
  readonly benefits: readonly BenefitTerms[];
  /** Visits of this ambassador in the quota's present period, by benefit. */
  readonly used: Readonly<Record<string, number>>;
  /** This ambassador's last visit here today. */
  readonly previousAt: number | null;
  readonly decisions: Decisions;
}

/** The answer, its reason, and what the screen needs to say it; numbers of the benefit are in its terms. */
export interface Verdict {
  readonly answer: Answer;
  readonly reason: Reason;
  readonly benefitId: string | null;
  readonly benefitVersion: number | null;
  readonly used: number;
  readonly previousAt: number | null;
  /** With `not_now`: when it opens next, if within 366 days. */
  readonly opens: Moment | null;
  /** With `venue_closed`: the last day. */
  readonly closedUntil: string | null;
  /** Benefits that are not refused, besides this one. */
  readonly others: readonly string[];
}

/** The verdict of a reason that needs no benefit: those of parse and verify, of the pass itself and of the venue. */
export function verdictOf(reason: Reason, previousAt: number | null = null, until: string | null = null): Verdict {
  const none = { benefitId: null, benefitVersion: null, used: 0, opens: null, others: [] };
  return { answer: ANSWERS[reason], reason, ...none, previousAt, closedUntil: until };
}

/** The verdict on a genuine pass: its signatures are already verified. The first reason of the table wins. */
export function check(claims: Claims, context: Context): Verdict {
  const reason = passReason(claims, context);
  return reason ? verdictOf(reason) : venueVerdict(claims, context);
}

/** What the pass itself says, whatever it is shown for; null: nothing against it. */
export function passReason({ exp, iat, typed }: Claims, context: Context): Reason | null {
  if (context.status === 1) return 'revoked';
  if (context.status === 2 || context.status === 3) return 'suspended';
  if (context.now > exp) return 'expired';
  if (iat !== null && context.clockConfirmed) {
    const age = context.now - iat;
    if (age < AGE_MIN_S || age > AGE_MAX_S) return 'stale_proof';
  }
  if (context.decisions.identity) return null;
  if (iat !== null && !context.clockConfirmed && !context.codesAdvance) return 'clock_unconfirmed';
  if (typed) return 'typed_number';
  const { snapshotAgeS: age, snapshotLimitS } = context;
  // news from the future: the clock has gone back, and nobody knows how old they are
  return age === null || age < AGE_MIN_S || age > snapshotLimitS ? 'snapshot_old' : null;
}

function venueVerdict({ iat }: Claims, context: Context): Verdict {
  const { benefits, closures, decisions, previousAt } = context;
  if (context.venuePaused) return verdictOf('venue_paused');
  const local = localOf(context.now, context.zone);
  const until = closedUntil(closures, local.day);
  if (until) return verdictOf('venue_closed', null, until);
  if (!benefits.length && !decisions.identity) return verdictOf('no_benefit');
  if (previousAt !== null && !decisions.again) return verdictOf('already_here', previousAt);
  const reasons = benefits.map((benefit) => reasonOf(benefit, iat === null, local, context));
  const at = fitting(
    reasons,
    benefits.findIndex(({ id }) => id === decisions.benefitId),
  );
  const [benefit, reason] = [benefits[at], reasons[at]];
  if (!benefit || !reason) return verdictOf('welcome', previousAt);
  return {
    ...verdictOf(reason, previousAt),
    benefitId: benefit.id,
    benefitVersion: benefit.version,
    used: context.used[benefit.id] ?? 0,
    opens: reason === 'not_now' ? nextOpening(benefit.terms, closures, local) : null,
    others: benefits.filter((_, one) => one !== at && !isRefused(reasons[one])).map(({ id }) => id),
  };
}

/** What one benefit by itself says. */
function reasonOf({ id, terms, entitled }: BenefitTerms, paper: boolean, local: Local, context: Context): Reason {
  const { identity, again, companions, booked } = context.decisions;
  const { quota, minPayingCompanions, leastProof, booking } = terms;
  if (again !== 'let_in') {
    if (!entitled) return 'not_entitled';
    if (!isOpen(terms, local)) return 'not_now';
    if (quota && (context.used[id] ?? 0) >= quota.n) return 'quota_used';
  }
  if (companions !== null && companions < minPayingCompanions) return 'companions_missing';
  if (!identity && paper && leastProof !== 'paper') return 'paper_proof';
  if (!identity && leastProof === 'identity') return 'identity_needed';
  if (!booked && booking === 'required') return 'booking_needed';
  return companions === null && minPayingCompanions > 0 ? 'companions_needed' : 'welcome';
}

/** Refusals, nearest first. */
const NEAREST: readonly Reason[] = ['companions_missing', 'quota_used', 'not_now', 'not_entitled'];

/** The place of the benefit that the desk chose; else of the first that is not refused; else of the one that comes nearest. */
function fitting(reasons: readonly Reason[], chosen: number): number {
  if (chosen >= 0) return chosen;
  const good = reasons.findIndex((reason) => !isRefused(reason));
  const nearest = NEAREST.find((reason) => reasons.includes(reason));
  return good >= 0 || !nearest ? good : reasons.indexOf(nearest);
}

function isRefused(reason: Reason | undefined): boolean {
  return !reason || ANSWERS[reason] === 'refuse';
}
