/** Which words, sign and choices belong to a verdict. Pure; the sentences are `reason.…` in the catalogues. */
import { verdictOf, type Verdict } from '@estran/kit/rules/check';
import { localOf } from '@estran/kit/rules/opening';
import type { Reason } from '@estran/kit/rules/reasons';
import type { Terms } from '@estran/kit/rules/terms';
import { hasRoom, type Door } from '@estran/kit/rules/welcome';
import type { Lang } from '@estran/kit/text/lang';
import { timeWords } from '@estran/kit/text/moments';
import type { Sign } from '../icons';
import type { Slot } from '../net/wire';
import type { Key } from '../text/work';
import type { Tally } from './arrivals';
import type { Place } from './scan';
import type { Entry } from './vault';

const OTHER_SIGNS: Partial<Record<Reason, Sign>> = {
  stale_proof: 'clock',
  venue_closed: 'clock',
  not_now: 'clock',
  other_slot: 'clock',
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
    case 'event_full':
      return 'reason.event_full.unknown';
    case 'other_slot':
      return 'reason.other_slot.unknown';
    case 'welcome':
      if (verdict.benefitId === null) return 'welcome.nothing';
      return terms === null ? 'welcome.unknown' : 'reason.welcome';
    default:
      return `reason.${reason}`;
  }
}

/**
 * The same at the door of an event, where nothing is handed over. `at` says nothing of this slot where the answer is the book's;
 * `overruled`: the staff let in against what was asked; `guests` come in along.
 */
export function doorSentenceOf(
  verdict: Verdict,
  { door, elsewhere }: Place,
  place: string | null,
  overruled: boolean,
  guests = 0,
): Key {
  const { reason, previousAt } = verdict;
  switch (reason) {
    case 'welcome':
      if (overruled) return 'door.let_in';
      if (!door) return 'door.welcome';
      if (door.expected === null && elsewhere) return 'door.walk_in.elsewhere';
      if (door.expected === null) return door.waits ? 'door.walk_in.waits' : 'door.walk_in';
      if (door.expected === 0) return 'door.expected.none';
      return door.expected === 1 ? 'door.expected.one' : 'door.expected';
    case 'already_here':
      if (previousAt === null) return 'door.already.unknown';
      return place === null ? 'door.already' : 'door.already.place';
    case 'other_slot':
      if (!door || !elsewhere) return sentenceOf(verdict);
      return hasRoom(door, guests) ? 'reason.other_slot' : 'door.other_slot.full';
    case 'not_on_list':
      if (door?.waits) return 'door.waits';
      return door?.walkIns ? 'door.no_room' : 'reason.not_on_list';
    case 'event_full':
      return door ? 'reason.event_full' : sentenceOf(verdict);
    default:
      return sentenceOf(verdict);
  }
}

/** Why somebody is let in all the same, in one tap: that there is room only where there is. `guests` come along. */
export function usualWhys(reason: Reason, door: Door | null, guests: number): readonly Key[] {
  if (reason === 'already_here') return ['verdict.why.manager', 'door.why.back'];
  if (door && hasRoom(door, guests)) return ['verdict.why.manager', 'door.why.room'];
  return reason === 'other_slot' ? ['verdict.why.manager', 'door.why.slot'] : ['verdict.why.manager'];
}

/** « Vernissage, 18 h »: which slot, by the club's clock. */
export function titleOf({ title, startsMs }: Slot, zone: string, lang: Lang): string {
  return `${title[lang]}, ${timeWords(localOf(Math.floor(startsMs / 1000), zone).minute, lang)}`;
}

/** « 12 arrivés · 8 places libres »: each with its number. Where as many may come as like, who is still expected. */
export function tallyIn({ isIn, expected, left }: Tally): { key: Key; n: number }[] {
  const come = { key: isIn < 2 ? 'door.in.one' : 'door.in', n: isIn } as const;
  if (left === null) return [come, { key: 'door.to_come', n: expected }];
  return [come, { key: left === 0 ? 'door.left.none' : left === 1 ? 'door.left.one' : 'door.left', n: left }];
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
  const helped: readonly Reason[] = ['other_slot', 'not_on_list', 'snapshot_old', 'clock_unconfirmed'];
  return isUnread(reason) || helped.includes(reason);
}

/** Of the list of an event and its places. */
export function isOfList(reason: Reason): boolean {
  return ['other_slot', 'not_on_list', 'event_full'].includes(reason);
}

/** « Let in anyway » passes over these. */
export function mayOverrule(reason: Reason): boolean {
  return isOfList(reason) || ['already_here', 'quota_used', 'not_now', 'not_entitled'].includes(reason);
}
