/**
 * What the club's places give to this ambassador today, soon, or not now: docs/benefits.md, with the very rules of the
 * door. Pure: the caller brings the moment.
 */
import { closedUntil, dayAfter, isClosed, isOpen, minuteOf, nextOpening, periodOf } from '@estran/kit/rules/opening';
import type { Local, Moment } from '@estran/kit/rules/opening';
import type { Quota, Span, Terms } from '@estran/kit/rules/terms';
import type { OwnBenefit, Sentence, VenueBenefits } from './types';

/** How many days before its end one is told of it. */
const NEAR_DAYS = 14;

export type State =
  /** `until`: the minute at which it shuts today; null: it follows the place's own hours. `last`: its last day, if near. */
  | { readonly is: 'open'; readonly until: number | null; readonly last: string | null; readonly days: number }
  | { readonly is: 'later'; readonly opens: Moment }
  | { readonly is: 'over' | 'used' | 'closed' }
  | { readonly is: 'reserved'; readonly who: Terms['who'] }
  /** This app does not know what it asks: only its sentence can be said. */
  | { readonly is: 'unknown' };

/** How often in the present period; `left` is null where there is no limit. */
export interface Uses {
  readonly used: number;
  readonly left: number | null;
  readonly per: Quota['per'];
}

export interface Line {
  readonly sentence: Sentence;
  readonly state: State;
  readonly uses: Uses | null;
  /** Whom to ask before coming. */
  readonly contact: string;
}

export type Group = 'today' | 'soon' | 'closed' | 'rest';

export interface Place {
  readonly venue: VenueBenefits;
  readonly group: Group;
  /** Last day of the closure, when the place is closed. */
  readonly until: string | null;
  readonly lines: readonly Line[];
}

/** The places by group, in the order in which they are shown; groups without a place are left out. */
export function placesAt(venues: readonly VenueBenefits[], now: Local): { group: Group; places: Place[] }[] {
  const places = venues.map((venue) => placeAt(venue, now));
  const groups: readonly Group[] = ['today', 'soon', 'closed', 'rest'];
  return groups
    .map((group) => ({ group, places: places.filter((one) => one.group === group).sort((a, b) => rank(a) - rank(b)) }))
    .filter((one) => one.places.length > 0);
}

function placeAt(venue: VenueBenefits, now: Local): Place {
  const closures = venue.closures ?? [];
  const until = closedUntil(closures, now.day);
  const shut = venue.paused || until !== null;
  const lines = venue.benefits
    ? venue.benefits.map((benefit) => lineAt(benefit, closures, shut, now))
    : venue.sentences.map((sentence): Line => ({ sentence, state: { is: 'unknown' }, uses: null, contact: '' }));
  return { venue, group: shut ? 'closed' : groupOf(lines, now.day), until, lines };
}

function groupOf(lines: readonly Line[], today: string): Group {
  const open = lines.some(({ state }) => state.is === 'open' || (state.is === 'later' && state.opens.day === today));
  if (open) return 'today';
  return lines.some(({ state }) => state.is === 'later') ? 'soon' : 'rest';
}

/** What is open comes first, then what opens next. */
function rank({ lines }: Place): number {
  const ranks = lines.map(({ state }) =>
    state.is === 'open'
      ? 0
      : state.is === 'later'
        ? Date.parse(state.opens.day) / 60_000 + state.opens.minute
        : Infinity,
  );
  const first = Math.min(...ranks);
  return first === Infinity ? Number.MAX_SAFE_INTEGER : first;
}

function lineAt(benefit: OwnBenefit, closures: readonly Span[], shut: boolean, now: Local): Line {
  const { terms, sentence } = benefit;
  if (!terms) return { sentence, state: { is: 'unknown' }, uses: null, contact: '' };
  const uses = usesOf(benefit, terms, now.day);
  const state = shut ? ({ is: 'closed' } as const) : stateOf(benefit, terms, uses, closures, now);
  return { sentence, state, uses, contact: terms.booking === 'none' ? '' : terms.bookingContact };
}

function stateOf(
  { entitled }: OwnBenefit,
  terms: Terms,
  uses: Uses | null,
  closures: readonly Span[],
  now: Local,
): State {
  if (!entitled) return { is: 'reserved', who: terms.who };
  if (uses?.left === 0) return { is: 'used' };
  if (isOpen(terms, now))
    return { is: 'open', until: shutsAt(terms.hours, now.minute), ...endOf(terms, closures, now.day) };
  const opens = nextOpening(terms, closures, now);
  return opens ? { is: 'later', opens } : { is: 'over' };
}

/** When what is open now shuts: openings that touch are one. */
function shutsAt(hours: readonly Span[], minute: number): number | null {
  const now = hours.find(({ first, last }) => minuteOf(first) <= minute && minute < minuteOf(last));
  return now ? shutsAt(hours, minuteOf(now.last)) : hours.length > 0 ? minute : null;
}

/** The last day before its season ends or the place closes, when that is near; `days` counts today, too. */
function endOf(terms: Terms, closures: readonly Span[], today: string): { last: string | null; days: number } {
  const seasons = { ...terms, weekdays: [], hours: [], excluded: [] };
  for (let days = 1; days <= NEAR_DAYS; days += 1) {
    const day = dayAfter(today, days);
    const goesOn = isOpen(seasons, { day, weekday: 1, minute: 0 }) && !isClosed(closures, day);
    if (!goesOn) return { last: dayAfter(today, days - 1), days };
  }
  return { last: null, days: 0 };
}

/** What the office has counted; nothing yet when a new period has begun since. Null where there is nothing to tell. */
function usesOf({ used, first, last }: OwnBenefit, { quota, seasons }: Terms, today: string): Uses | null {
  const per = quota?.per ?? 'year';
  const period = periodOf({ per }, seasons, today);
  if (!period) return null;
  const now = per === 'validity' || (period.first === first && period.last === last) ? used : 0;
  if (!quota) return now > 0 ? { used: now, left: null, per } : null;
  return { used: now, left: Math.max(0, quota.n - now), per };
}
