/** Which words, sign and choices belong to a verdict. Pure; the sentences are `reason.…` in the catalogues. */
import { verdictOf, type Verdict } from '@estran/kit/rules/check';
import type { Reason } from '@estran/kit/rules/reasons';
import type { Terms } from '@estran/kit/rules/terms';
import type { Sign } from '../icons';
import type { Key } from '../text/work';
import type { Entry } from './vault';

const OTHER_SIGNS: Partial<Record<Reason, Sign>> = {
  stale_proof: 'clock',
  venue_closed: 'clock',
  not_now: 'clock',
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

/** What is known besides a verdict: the terms of its benefit, which scanner saw the visit before, the day. */
export interface Told {
  readonly terms: Terms | null;
  readonly place: string | null;
  readonly today: string | null;
}

const NOTHING: Told = { terms: null, place: null, today: null };

/**
 * The sentence of a verdict. Entry without a recorded benefit is not free: it must not be promised. Nor is a number, a day
 * or an hour said that is not known.
 */
export function sentenceOf(verdict: Verdict, { terms, place, today }: Told = NOTHING): Key {
  const { reason, used, previousAt, closedUntil } = verdict;
  switch (reason) {
    case 'companions_missing':
      if (!terms?.minPayingCompanions) return 'reason.companions_missing.unknown';
      return terms.minPayingCompanions === 1 ? 'reason.companions_missing.one' : 'reason.companions_missing';
    case 'quota_used':
      if (!terms?.quota || used === 0) return 'reason.quota_used.unknown';
      return used === 1 ? 'reason.quota_used.one' : 'reason.quota_used';
    case 'already_here':
      if (previousAt === null) return 'reason.already_here.unknown';
      return place === null ? 'reason.already_here' : 'reason.already_here.place';
    case 'venue_closed':
      return closedUntil === null || closedUntil === today ? 'reason.venue_closed.unknown' : 'reason.venue_closed';
    case 'not_now':
      return verdict.opens === null ? 'reason.not_now.unknown' : 'reason.not_now';
    case 'welcome':
      if (verdict.benefitId === null) return 'welcome.nothing';
      return terms === null ? 'welcome.unknown' : 'reason.welcome';
    default:
      return `reason.${reason}`;
  }
}

/** Over which time a quota counts, in words. */
export function periodIn(terms: Terms | null): Key {
  return `period.${terms?.quota?.per ?? 'year'}`;
}

/** Who pays and comes along. */
export function peopleOf(companions: number): Key {
  if (companions === 0) return 'done.companions.none';
  return companions === 1 ? 'done.companions.one' : 'done.companions';
}

/** Who came in free besides the ambassador, each with its number. */
export function partyIn({ guests = 0, children = 0 }: Pick<Entry, 'guests' | 'children'>): { key: Key; n: number }[] {
  const said: { key: Key; n: number }[] = [];
  if (guests > 0) said.push({ key: guests === 1 ? 'done.guests.one' : 'done.guests', n: guests });
  if (children > 0) said.push({ key: children === 1 ? 'done.children.one' : 'done.children', n: children });
  return said;
}

/** The question an identity document answers. */
export function asksIdentity(reason: Reason): boolean {
  const asked: readonly Reason[] = [
    'clock_unconfirmed',
    'snapshot_old',
    'paper_proof',
    'identity_needed',
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
  return ['already_here', 'quota_used', 'not_now', 'not_entitled'].includes(reason);
}
