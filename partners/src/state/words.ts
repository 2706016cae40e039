/** Which words, sign and choices belong to a verdict. Pure; the sentences are `reason.…` in the catalogues. */
import { verdictOf, type Verdict } from '@estran/kit/rules/check';
import type { Reason } from '@estran/kit/rules/reasons';
import type { Sign } from '../icons';
import type { Key } from '../text';
import type { Entry } from './vault';

const OTHER_SIGNS: Partial<Record<Reason, Sign>> = {
  stale_proof: 'clock',
  companions_needed: 'people',
  companions_missing: 'people',
};

export function signOf({ answer, reason }: Verdict): Sign {
  return OTHER_SIGNS[reason] ?? (answer === 'admit' ? 'tick' : answer === 'ask' ? 'question' : 'cross');
}

/** A loyalty card or a smudged code is no answer about its holder: the same visitor tries again. */
export function wordOf({ answer, reason }: Verdict): Key {
  return reason === 'not_a_pass' || reason === 'malformed' ? 'answer.unread' : `answer.${answer}`;
}

/** What the book has kept of an answer: neither numbers nor hours. */
export function verdictIn({ reason, answer, benefitId }: Pick<Entry, 'reason' | 'answer' | 'benefitId'>): Verdict {
  return { ...verdictOf(reason), answer, benefitId };
}

/** Entry without a recorded benefit is not free: the sentence must not promise it. Nor does it say a number it does not know. */
export function sentenceOf({ reason, benefitId, minPayingCompanions, quota, previousAt }: Verdict): Key {
  if (reason === 'companions_missing' && minPayingCompanions === 0) return 'reason.companions_missing.unknown';
  if (reason === 'companions_missing' && minPayingCompanions === 1) return 'reason.companions_missing.one';
  if (reason === 'quota_used' && quota === null) return 'reason.quota_used.unknown';
  if (reason === 'already_here' && previousAt === null) return 'reason.already_here.unknown';
  return reason === 'welcome' && benefitId === null ? 'welcome.nothing' : `reason.${reason}`;
}

/** Who pays and comes along. */
export function peopleOf(companions: number): Key {
  if (companions === 0) return 'done.companions.none';
  return companions === 1 ? 'done.companions.one' : 'done.companions';
}

/** The question an identity document answers. */
export function asksIdentity(reason: Reason): boolean {
  const asked: readonly Reason[] = [
    'clock_unconfirmed',
    'snapshot_old',
    'paper_proof',
    'no_benefit',
    'unknown_key',
    'unknown_version',
    'typed_number',
  ];
  return asked.includes(reason);
}

/** Nothing was verified: the visit waits for the office. Of a typed number this stays true once a document was looked at. */
export function isBlind(reason: Reason): boolean {
  return isUnread(reason) || reason === 'typed_number';
}

function isUnread(reason: Reason): boolean {
  return reason === 'unknown_key' || reason === 'unknown_version';
}

/** What news from the office may settle at once. */
export function newsHelp(reason: Reason): boolean {
  return isUnread(reason) || reason === 'snapshot_old' || reason === 'clock_unconfirmed';
}

/** « Let in anyway » passes over these. */
export function mayOverrule(reason: Reason): boolean {
  return reason === 'already_here' || reason === 'quota_used';
}
