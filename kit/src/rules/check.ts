/**
 * Why a scan is welcomed, questioned or turned away: docs/pass-format.md §4-§5. Pure.
 * Twin of server/estran/passes/rules.py; both run tests/vectors/check-v1.json. Instants and durations are seconds.
 */
import { AGE_MAX_S, AGE_MIN_S } from './clock';
import { ANSWERS, type Answer, type Reason } from './reasons';

/** What the desk says of a second scan on the same day. */
export type Again = 'another_visit' | 'let_in';

/** What the desk has already decided about this scan; `companions` is null while nobody has counted. */
export interface Decisions {
  readonly identity: boolean;
  readonly again: Again | null;
  readonly companions: number | null;
}

export const UNDECIDED: Decisions = { identity: false, again: null, companions: null };

/** What the check needs of a benefit. */
export interface BenefitTerms {
  readonly id: string;
  readonly version: number;
  readonly minPayingCompanions: number;
  readonly quotaPerYear: number | null;
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
  readonly clockConfirmed: boolean;
  readonly codesAdvance: boolean;
  /** The two bits at the pass's index in the newest list; null beyond it (a newer pass). */
  readonly status: number | null;
  /** Since the last news of the server; null: never any. */
  readonly snapshotAgeS: number | null;
  readonly snapshotLimitS: number;
  readonly venuePaused: boolean;
  readonly benefits: readonly BenefitTerms[];
  /** Visits of this ambassador this calendar year at this venue, by benefit. */
  readonly used: Readonly<Record<string, number>>;
  /** This ambassador's last visit here today. */
  readonly previousAt: number | null;
  readonly decisions: Decisions;
}

/** The answer, its reason, and what the screen needs to say it. */
export interface Verdict {
  readonly answer: Answer;
  readonly reason: Reason;
  readonly benefitId: string | null;
  readonly benefitVersion: number | null;
  readonly minPayingCompanions: number;
  readonly quota: number | null;
  readonly used: number;
  readonly previousAt: number | null;
}

/** The verdict of a reason that needs no benefit: those of parse and verify, and of the pass itself. */
export function verdictOf(reason: Reason, previousAt: number | null = null): Verdict {
  const none = { benefitId: null, benefitVersion: null, minPayingCompanions: 0, quota: null, used: 0 };
  return { answer: ANSWERS[reason], reason, ...none, previousAt };
}

/** The verdict on a genuine pass: its signatures are already verified. The first reason of the table wins. */
export function check(claims: Claims, context: Context): Verdict {
  const reason = passReason(claims, context);
  return reason ? verdictOf(reason) : benefitVerdict(context);
}

function passReason({ exp, iat, typed }: Claims, context: Context): Reason | null {
  if (context.status === 1) return 'revoked';
  if (context.status === 2 || context.status === 3) return 'suspended';
  if (context.now > exp) return 'expired';
  const looked = context.decisions.identity;
  if (iat !== null && context.clockConfirmed) {
    const age = context.now - iat;
    if (age < AGE_MIN_S || age > AGE_MAX_S) return 'stale_proof';
  }
  if (looked) return null;
  if (iat !== null && !context.clockConfirmed && !context.codesAdvance) return 'clock_unconfirmed';
  if (typed) return 'typed_number';
  const { snapshotAgeS: age, snapshotLimitS } = context;
  // news from the future: the clock has gone back, and nobody knows how old they are
  if (age === null || age < AGE_MIN_S || age > snapshotLimitS) return 'snapshot_old';
  return iat === null ? 'paper_proof' : null;
}

function benefitVerdict(context: Context): Verdict {
  const { decisions, previousAt } = context;
  if (context.venuePaused) return verdictOf('venue_paused');
  const benefit = fitting(context);
  if (!benefit && !decisions.identity) return verdictOf('no_benefit');
  if (previousAt !== null && decisions.again === null) return verdictOf('already_here', previousAt);
  if (!benefit) return verdictOf('welcome', previousAt);
  const reason = termsReason(benefit, context);
  return {
    answer: ANSWERS[reason],
    reason,
    benefitId: benefit.id,
    benefitVersion: benefit.version,
    minPayingCompanions: benefit.minPayingCompanions,
    quota: benefit.quotaPerYear,
    used: context.used[benefit.id] ?? 0,
    previousAt,
  };
}

function termsReason(benefit: BenefitTerms, { used, decisions }: Context): Reason {
  if (isUsedUp(benefit, used) && decisions.again !== 'let_in') return 'quota_used';
  if (benefit.minPayingCompanions > 0 && decisions.companions === null) return 'companions_needed';
  return benefit.minPayingCompanions > (decisions.companions ?? 0) ? 'companions_missing' : 'welcome';
}

/** The first benefit whose quota is not used; when all are, the first (it will say so). */
function fitting({ benefits, used }: Context): BenefitTerms | undefined {
  return benefits.find((benefit) => !isUsedUp(benefit, used)) ?? benefits[0];
}

function isUsedUp(benefit: BenefitTerms, used: Context['used']): boolean {
  return benefit.quotaPerYear !== null && (used[benefit.id] ?? 0) >= benefit.quotaPerYear;
}
