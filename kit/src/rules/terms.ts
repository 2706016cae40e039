/**
 * What a benefit says: docs/benefits.md §1. Pure. Twin of server/estran/venues/terms.py.
 * Days are `YYYY-MM-DD` in the club's zone, or `MM-DD` of every year; times are `HH:MM` on the wall, `24:00` ends a day.
 */

/** Words of the venue's own. */
export interface Words {
  readonly fr: string;
  readonly en: string;
}

/** Days, both included (two dates, or two days of every year); of `hours`: from `first` on, until just before `last`. */
export interface Span {
  readonly first: string;
  readonly last: string;
}

const PER = ['day', 'month', 'season', 'year', 'validity'] as const;
const SCOPE = ['benefit', 'venue', 'group'] as const;
const KIND = ['free_entry', 'percentage', 'fixed_price', 'one_for_one', 'gift', 'event'] as const;
const BOOKING = ['none', 'advised', 'required', 'availability'] as const;
const WHO = ['all', 'certified', 'circle', 'invited'] as const;
const PROOF = ['paper', 'live', 'identity'] as const;

export interface Quota {
  readonly n: number;
  readonly per: (typeof PER)[number];
  readonly scope: (typeof SCOPE)[number];
  readonly groupId: string | null;
}

export interface Terms {
  readonly kind: (typeof KIND)[number];
  readonly percent: number | null;
  readonly priceCents: number | null;
  readonly gift: Words;
  readonly minPayingCompanions: number;
  readonly guestsMax: number;
  readonly childrenUnder: number | null;
  readonly quota: Quota | null;
  readonly seasons: readonly Span[];
  readonly weekdays: readonly number[];
  readonly hours: readonly Span[];
  readonly excluded: readonly Span[];
  readonly what: Words;
  readonly excludes: Words;
  readonly booking: (typeof BOOKING)[number];
  readonly bookingContact: string;
  readonly bookingNoticeDays: number;
  readonly who: (typeof WHO)[number];
  readonly circleId: string | null;
  readonly leastProof: (typeof PROOF)[number];
  readonly faceValueCents: number | null;
  readonly faceValueOn: string | null;
  readonly agreedBy: string;
  readonly agreedOn: string | null;
  readonly line: Words;
}

const SILENT: Words = { fr: '', en: '' };

/** Free entry, for every ambassador, always. */
export const PLAIN: Terms = {
  kind: 'free_entry',
  percent: null,
  priceCents: null,
  gift: SILENT,
  minPayingCompanions: 0,
  guestsMax: 0,
  childrenUnder: null,
  quota: null,
  seasons: [],
  weekdays: [],
  hours: [],
  excluded: [],
  what: SILENT,
  excludes: SILENT,
  booking: 'none',
  bookingContact: '',
  bookingNoticeDays: 0,
  who: 'all',
  circleId: null,
  leastProof: 'live',
  faceValueCents: null,
  faceValueOn: null,
  agreedBy: '',
  agreedOn: null,
  line: SILENT,
};

const YEARLY: Quota = { n: -1, per: 'year', scope: 'benefit', groupId: null };
const LISTS: Readonly<Record<string, readonly unknown[]>> = {
  ...{ kind: KIND, booking: BOOKING, who: WHO, leastProof: PROOF, per: PER, scope: SCOPE },
};
const NUMBERS = ['percent', 'priceCents', 'childrenUnder', 'faceValueCents'];

/** The terms as the server tells them, defaults filled in; null when they say what this build does not know. */
export function readTerms(json: unknown): Terms | null {
  const terms = filled(json, PLAIN);
  if (!terms) return null;
  const quota = terms.quota && filled(terms.quota, YEARLY);
  return terms.quota && !quota ? null : { ...terms, quota };
}

/** `json` over `plain`, of the same shape in every field of `plain`, or null. */
function filled<T extends object>(json: unknown, plain: T): T | null {
  if (!isObject(json)) return null;
  const whole: Record<string, unknown> = {};
  for (const [key, usual] of Object.entries(plain)) {
    const value = json[key] ?? usual;
    if (!isLike(key, value, usual)) return null;
    whole[key] = isObject(usual) ? { ...usual, ...(value as object) } : value;
  }
  return whole as T;
}

function isLike(key: string, value: unknown, usual: unknown): boolean {
  if (LISTS[key]) return LISTS[key].includes(value);
  if (Array.isArray(usual)) return Array.isArray(value) && value.every(key === 'weekdays' ? isCount : isSpan);
  if (isObject(usual)) return isObject(value) && Object.values(value).every((text) => typeof text === 'string');
  if (value === null) return usual === null;
  if (key === 'quota') return isObject(value);
  return typeof usual === 'number' || NUMBERS.includes(key) ? isCount(value) : typeof value === 'string';
}

export function isSpan(value: unknown): value is Span {
  return isObject(value) && typeof value['first'] === 'string' && typeof value['last'] === 'string';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
