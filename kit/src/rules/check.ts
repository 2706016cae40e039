/**
 * Why a scan is welcomed, questioned or turned away: docs/pass-format.md §4-§5. Pure.
 * Twin of passes/rules.py; both run tests/vectors/check-v1.json. All instants and durations are seconds.
 */

export const AGE_MIN_S = -30;
export const AGE_MAX_S = 60;
export const CODES_APART_S = 15;
export const CODES_DRIFT_S = 5;

export type Answer = 'admit' | 'ask' | 'refuse';

/** Every reason with its answer. Append-only: the table of docs/pass-format.md §5. */
export const ANSWERS = {
  not_a_pass: 'refuse',
  other_club: 'refuse',
  malformed: 'refuse',
  unknown_version: 'ask',
  unknown_key: 'ask',
  bad_signature: 'refuse',
  bad_proof: 'refuse',
  revoked: 'refuse',
  suspended: 'refuse',
  expired: 'refuse',
  stale_proof: 'refuse',
  clock_unconfirmed: 'ask',
  snapshot_old: 'ask',
  paper_proof: 'ask',
  venue_paused: 'refuse',
  no_benefit: 'ask',
  already_here: 'ask',
  quota_used: 'refuse',
  companions_needed: 'ask',
  companions_missing: 'refuse',
  welcome: 'admit',
} as const satisfies Record<string, Answer>;

export type Reason = keyof typeof ANSWERS;

/** What the desk has already decided about this scan. `companions`: paying ones; null: not asked yet. */
export interface Decisions {
  identity: boolean;
  again: 'another_visit' | 'let_in' | null;
  companions: number | null;
}

export const UNDECIDED: Decisions = { identity: false, again: null, companions: null };

/** What the check needs of a benefit. */
export interface BenefitTerms {
  id: string;
  version: number;
  kind: 'free_entry';
  minPayingCompanions: number;
  quotaPerYear: number | null;
}

/** All that the scanner knows at the scan. */
export interface Context {
  /** Corrected by the skew (pass-format §4). */
  now: number;
  clockConfirmed: boolean;
  codesAdvance: boolean;
  /** The two bits at the pass's index in the newest list; null: beyond the list (a newer pass). */
  status: number | null;
  /** Since the last news of the server; null: never any. */
  snapshotAgeS: number | null;
  snapshotLimitS: number;
  venuePaused: boolean;
  benefits: readonly BenefitTerms[];
  /** Visits of this ambassador this calendar year at this venue, by benefit. */
  used: Readonly<Record<string, number>>;
  /** This ambassador's last visit here today. */
  previousAt: number | null;
  decisions: Decisions;
}

/** The answer, its reason, and what the screen needs to say it. */
export interface Verdict {
  answer: Answer;
  reason: Reason;
  benefitId: string | null;
  benefitVersion: number | null;
  minPayingCompanions: number;
  quota: number | null;
  used: number;
  previousAt: number | null;
}

/** The verdict of a reason that comes from parse or verify, before any rule. */
export function verdictOf(reason: Reason, previousAt: number | null = null): Verdict {
  return {
    answer: ANSWERS[reason],
    reason,
    benefitId: null,
    benefitVersion: null,
    minPayingCompanions: 0,
    quota: null,
    used: 0,
    previousAt,
  };
}

/** The verdict on a genuine pass: signatures are already verified. First reason of the table wins. `iat` null: paper. */
export function check(claims: { exp: number; iat: number | null }, context: Context): Verdict {
  const reason = passReason(claims.exp, claims.iat, context);
  return reason ? verdictOf(reason) : benefitVerdict(context);
}

function passReason(exp: number, iat: number | null, context: Context): Reason | null {
  if (context.status === 1) return 'revoked';
  if (context.status === 2 || context.status === 3) return 'suspended';
  if (context.now > exp) return 'expired';
  const looked = context.decisions.identity;
  if (iat !== null) {
    const age = context.now - iat;
    if (context.clockConfirmed) {
      if (age < AGE_MIN_S || age > AGE_MAX_S) return 'stale_proof';
    } else if (!context.codesAdvance && !looked) {
      return 'clock_unconfirmed';
    }
  }
  if (looked) return null;
  if (context.snapshotAgeS === null || context.snapshotAgeS > context.snapshotLimitS) return 'snapshot_old';
  return iat === null ? 'paper_proof' : null;
}

function benefitVerdict(context: Context): Verdict {
  const { benefits, decisions, previousAt, used } = context;
  if (context.venuePaused) return verdictOf('venue_paused');
  if (benefits.length === 0 && !decisions.identity) return verdictOf('no_benefit');
  if (previousAt !== null && decisions.again === null) return verdictOf('already_here', previousAt);
  const benefit = benefits.find((one) => !isUsedUp(one, used)) ?? benefits[0];
  if (!benefit) return verdictOf('welcome', previousAt);

  let reason: Reason = 'welcome';
  if (isUsedUp(benefit, used) && decisions.again !== 'let_in') reason = 'quota_used';
  else if (benefit.minPayingCompanions > 0 && decisions.companions === null) reason = 'companions_needed';
  else if (benefit.minPayingCompanions > (decisions.companions ?? 0)) reason = 'companions_missing';
  return {
    answer: ANSWERS[reason],
    reason,
    benefitId: benefit.id,
    benefitVersion: benefit.version,
    minPayingCompanions: benefit.minPayingCompanions,
    quota: benefit.quotaPerYear,
    used: used[benefit.id] ?? 0,
    previousAt,
  };
}

function isUsedUp(benefit: BenefitTerms, used: Readonly<Record<string, number>>): boolean {
  return benefit.quotaPerYear !== null && (used[benefit.id] ?? 0) >= benefit.quotaPerYear;
}

/** A proof as the scanner saw it: `iat` in seconds, `mono` in seconds of its monotonic clock. */
export interface SeenCode {
  iat: number;
  mono: number;
}

/** Whether two proofs of one pass show a living phone to a scanner whose clock is not confirmed (pass-format §4). */
export function codesAdvance(first: SeenCode, second: SeenCode): boolean {
  const apart = second.iat - first.iat;
  return apart >= CODES_APART_S && Math.abs(apart - (second.mono - first.mono)) <= CODES_DRIFT_S;
}
