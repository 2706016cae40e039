/**
 * Practice at the desk: the very screens and the very rules, on invented cases or on somebody's own pass, and nothing of it is
 * kept or sent. It lives in this page alone: whoever closes it ends it.
 */
import { b64 } from '@estran/kit/rules/bytes';
import { UNDECIDED, type Context } from '@estran/kit/rules/check';
import { dayAfter } from '@estran/kit/rules/opening';
import { LIVE, PAPER, type Fields } from '@estran/kit/rules/token';
import { PLAIN, type Terms, type Words } from '@estran/kit/rules/terms';
import type { Benefit, Slot } from '../net/wire';
import { t } from '../text/practice';
import { doorOf } from './arrivals';
import { localDay, ZONE } from './day';
import { Desk, type Keeper } from './desk.svelte';
import { AS_USUAL, type ClockNow, type Known, type Place, type Scan } from './scan';
import { trainingIn } from './training';
import { Book } from './uses';
import { entryOf, type Device, type Entry, type NewEntry, type NewVisit } from './vault';

export const LASTS_MS = 15 * 60_000;

/** What may be practised of entries. */
export const ENTRIES = [
  'valid',
  'companions',
  'already',
  'quota',
  'later',
  'several',
  'booking',
  'paper',
  'paused',
  'old',
] as const;

/** What may be practised at the door of an event. */
export const ARRIVALS = ['expected', 'elsewhere', 'unlisted'] as const;

/** All of them; a training code names one. */
export const CASES = [...ENTRIES, ...ARRIVALS] as const;

export type Exercise = (typeof CASES)[number];

/** What stands behind a rehearsal: the scanner, of which it only asks. */
export type Stage = Pick<Keeper, 'known' | 'nowMs'> & { readonly device: Device | null };

export class Rehearsal implements Keeper {
  readonly desk: Desk;
  readonly endsAtMs: number;
  readonly #stage: Stage;
  readonly #entries: Entry[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
    this.endsAtMs = stage.nowMs + LASTS_MS;
    this.desk = new Desk(this);
  }

  get device(): Device | null {
    return this.#stage.device;
  }

  get nowMs(): number {
    return this.#stage.nowMs;
  }

  async known(): Promise<Known> {
    const known = await this.#stage.known();
    return { ...known, book: new Book([...known.book.entries, ...this.#entries]) };
  }

  scanOf(text: string, id: string, known: Known): Scan | null {
    const one = CASES.find((name) => name === trainingIn(text));
    return one ? exercise(one, id, known) : null;
  }

  record(visit: NewVisit, line: NewEntry): Promise<Entry> {
    if (!this.device) return Promise.reject(new Error('this scanner is not paired'));
    const entry = entryOf({ ...visit, seq: this.#entries.length + 1 }, line, this.device);
    this.#entries.push(entry);
    return Promise.resolve(entry);
  }

  undo(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

/** A scan as if this had happened to somebody who does not exist. */
export function exercise(
  one: Exercise,
  id: string,
  { clock, device, news }: Pick<Known, 'clock' | 'device' | 'news'>,
): Scan {
  const nowMs = clock.wallMs + clock.appliedMs;
  const zone = news?.snapshot.zone ?? ZONE;
  const day = localDay(nowMs, zone);
  const benefits = benefitsOf(one, day);
  const previous = one === 'already' ? { atMs: nowMs - 2 * 3_600_000, place: device.label } : null;
  const fields = holder(one, Math.floor(nowMs / 1000));
  const context: Context = {
    ...{
      now: Math.floor(nowMs / 1000),
      zone,
      clockConfirmed: true,
      codesAdvance: false,
      status: one === 'paused' ? 2 : 0,
    },
    ...{ snapshotAgeS: 0, snapshotLimitS: 1, venuePaused: false, closures: [], decisions: UNDECIDED },
    benefits: benefits.map(({ id: benefitId, version, terms }) => ({ id: benefitId, version, terms, entitled: true })),
    used: one === 'quota' ? { [FREE]: 2 } : {},
    previousAt: previous && Math.floor(previous.atMs / 1000),
  };
  const unsent = { digits: '', proofKey: null, failed: null, statusVersion: null, newsAtMs: null, codesAdvance: false };
  const sure: ClockNow = { ...clock, confirmed: true };
  return {
    ...unsent,
    id,
    fields,
    context,
    benefits,
    at: placeOf(one, b64(fields.sub), nowMs),
    previous,
    day,
    clock: sure,
    venueId: device.venue.id,
  };
}

const HOUR_MS = 3_600_000;

/** Where this happens: an evening that begins soon, and its other one, tomorrow. */
function placeOf(one: Exercise, sub: string, nowMs: number): Place {
  if (!ARRIVALS.some((name) => name === one)) return AS_USUAL;
  const slot = evening('practice-slot', nowMs + HOUR_MS, one === 'expected' ? { [sub]: 1 } : {});
  const elsewhere = one === 'elsewhere' ? evening('practice-other', slot.startsMs + 24 * HOUR_MS, { [sub]: 0 }) : null;
  return { slot, door: doorOf(slot, sub, new Map(), elsewhere), elsewhere };
}

function evening(id: string, startsMs: number, expected: Slot['expected']): Slot {
  const endsMs = startsMs + 2 * HOUR_MS;
  const when = { startsMs, endsMs, opensMs: startsMs - 2 * HOUR_MS, closesMs: endsMs + 2 * HOUR_MS };
  const who = { capacity: 20, guestsMax: 2, walkIns: false, expected, waiting: [], arrived: {} };
  return { id, eventId: 'practice-event', title: EVENING, note: '', ...when, ...who };
}

const FREE = 'practice-free';
const ENTRY: Words = { fr: 'Entrée gratuite', en: 'Free entry' };
const EVENING: Words = { fr: 'Soirée', en: 'Evening' };
const COFFEE: Words = { fr: 'Un café offert', en: 'A free coffee' };

function benefitsOf(one: Exercise, today: string): Benefit[] {
  const free = benefit(FREE, ENTRY, TERMS[one] ?? (one === 'later' ? laterThan(today) : {}));
  return one === 'several' ? [free, benefit('practice-coffee', COFFEE, {})] : [free];
}

const TERMS: Partial<Record<Exercise, Partial<Terms>>> = {
  companions: { minPayingCompanions: 1, guestsMax: 1, childrenUnder: 12 },
  quota: { quota: { n: 2, per: 'year', scope: 'benefit', groupId: null } },
  booking: { booking: 'required' },
};

/** Not today, and from ten o'clock tomorrow. */
function laterThan(today: string): Partial<Terms> {
  return {
    seasons: [{ first: dayAfter(today), last: dayAfter(today, 30) }],
    hours: [{ first: '10:00', last: '18:00' }],
  };
}

function benefit(id: string, words: Words, terms: Partial<Terms>): Benefit {
  return { id, version: 1, terms: { ...PLAIN, ...terms }, entitled: null, desk: words, give: words };
}

function holder(one: Exercise, nowS: number): Fields {
  const [isPaper, iat] = [one === 'paper', one === 'old' ? nowS - 600 : nowS];
  const none = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(size);
  return {
    ...{ type: isPaper ? PAPER : LIVE, kid: none(3), sub: none(8), jti: none(6), exp: nowS + 86_400, idx: 0 },
    ...{ name: t('practice.holder'), signature: none(64), key: isPaper ? null : { x: none(32), y: none(32) } },
    proof: isPaper ? null : { iat, nonce: none(4), signature: none(64) },
  };
}
