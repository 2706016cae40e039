/**
 * Visits that were told with this phone: signed at that moment, kept on the device first, and sent until the office has
 * answered. What it cannot take as it is stays here until the ambassador has said what to do.
 */
import type { Failed } from '@estran/kit/net/api';
import { uuid } from '@estran/kit/store/uuid';
import { fields } from '../narrow';
import { names } from '../names';
import { alone } from '../pass/lock';
import type { KeptPass, Vault } from '../pass/vault';
import type { Tell } from '../told/api';
import { audienceAt, type ToldVisit } from '../told/types';

export interface ToldParts {
  readonly vault: Pick<Vault, 'told' | 'keepTold' | 'dropTold'>;
  readonly tell: Tell;
  readonly pass: {
    readonly pass: KeptPass | null;
    present(pass: KeptPass, audience: string): Promise<string>;
  };
  /** Corrected. */
  readonly nowMs: () => number;
}

/** What is said on the screen; the rest is this phone's own. */
export type ToldWords = Pick<
  ToldVisit,
  'venueId' | 'venue' | 'pin' | 'benefitId' | 'companions' | 'guests' | 'children' | 'again'
>;

const PATIENCE_MS = 3000;

/** Answers that may be others later: nothing was wrong with what was told. */
const LATER = new Set([0, 408, 413, 425, 429, 500, 502, 503, 504]);

export class Told {
  #visits = $state.raw<readonly ToldVisit[]>([]);
  #isLoaded = false;
  #tooMany = $state(false);
  readonly #parts: ToldParts;

  constructor(parts: ToldParts) {
    this.#parts = parts;
  }

  /** Everything told that still matters, in the order it was told. */
  get visits(): readonly ToldVisit[] {
    return this.#visits;
  }
  readonly waiting = $derived(this.#visits.filter(({ state }) => state === 'waiting'));
  /** How many wait for the ambassador's own answer. */
  readonly asking = $derived(this.#visits.filter(({ state }) => state !== 'waiting' && state !== 'noted').length);
  /** Too many wrong PINs: the office listens again within the hour. */
  get tooMany(): boolean {
    return this.#tooMany;
  }

  /** The visits told at this venue on the day of `nowMs`, that stand or will. */
  todayAt(venueId: string, zone: string): readonly ToldVisit[] {
    const today = dayOf(this.#parts.nowMs(), zone);
    return this.#visits.filter(
      (one) =>
        one.venueId === venueId &&
        (one.state === 'noted' || one.state === 'waiting') &&
        dayOf(one.atMs, zone) === today,
    );
  }

  /** Reads what this device keeps. What the office has had since yesterday is forgotten. */
  async load(): Promise<void> {
    const zone = this.#parts.pass.pass?.news.zone ?? 'Europe/Paris';
    const today = dayOf(this.#parts.nowMs(), zone);
    const kept = await this.#parts.vault.told().catch(() => [] as ToldVisit[]);
    const over = kept.filter((one) => one.state === 'noted' && dayOf(one.atMs, zone) !== today);
    for (const { id } of over) await this.#parts.vault.dropTold(id).catch(() => undefined);
    this.#visits = kept.filter((one) => !over.includes(one)).sort((one, other) => one.toldAtMs - other.toldAtMs);
    this.#isLoaded = true;
  }

  /** Signs a visit, keeps it, and tries to send it. The visit as it stands then; null when this phone cannot sign. */
  async tell(words: ToldWords): Promise<ToldVisit | null> {
    const digits = await this.#sign(words.venueId);
    if (digits === null) return null;
    const visit: ToldVisit = {
      ...words,
      id: uuid(),
      toldAtMs: Date.now(),
      atMs: this.#parts.nowMs(),
      digits,
      state: 'waiting',
    };
    await this.#keep(visit); // before anything is said: from here on it cannot be lost
    await this.#trySending();
    return this.#visits.find(({ id }) => id === visit.id) ?? visit;
  }

  /** Tells a visit anew with another PIN, or as another one of the day. */
  async mend(id: string, change: Partial<Pick<ToldVisit, 'pin' | 'again'>>): Promise<ToldVisit | null> {
    const visit = this.#visits.find((one) => one.id === id);
    if (!visit) return null;
    await this.#keep({ ...visit, ...change, state: 'waiting' });
    await this.#trySending();
    return this.#visits.find((one) => one.id === id) ?? null;
  }

  /** The ambassador says that it is the same visit, or none. */
  async forget(id: string): Promise<void> {
    await this.#parts.vault.dropTold(id);
    this.#visits = this.#visits.filter((one) => one.id !== id);
  }

  /** A weak network must not keep anybody before the screen: the answer is shown when it comes. */
  async #trySending(): Promise<void> {
    await Promise.race([this.send(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  }

  /** Sends what waits. True when nothing waits any more. One window at a time. */
  send(): Promise<boolean> {
    return alone(names.of('told'), async () => {
      if (!this.#isLoaded || this.waiting.length > 0) await this.load(); // another window may have sent it
      for (const visit of this.#visits) {
        if (visit.state === 'waiting' && !(await this.#send(visit))) return false;
      }
      return true;
    });
  }

  /** False: try again later. */
  async #send(visit: ToldVisit): Promise<boolean> {
    let answer = await this.#parts.tell(visit);
    if (!answer.ok && answer.code === 'stale_proof') {
      // This phone's clock was ahead; the answer has set it right.
      const digits = await this.#sign(visit.venueId);
      if (digits !== null) {
        visit = { ...visit, digits, atMs: this.#parts.nowMs() };
        await this.#keep(visit);
        answer = await this.#parts.tell(visit);
      }
    }
    if (answer.ok) {
      const { venue, atMs } = answer.value;
      await this.#keep({ ...visit, venue: venue || visit.venue, atMs, digits: '', state: 'noted' });
      this.#tooMany = false;
      return true;
    }
    this.#tooMany = answer.code === 'too_many_tries';
    if (LATER.has(answer.status)) return false;
    await this.#keep(asked(visit, answer));
    return true;
  }

  async #sign(venueId: string): Promise<string | null> {
    const { pass } = this.#parts.pass;
    if (!pass) return null;
    return this.#parts.pass.present(pass, audienceAt(pass.iss, venueId)).catch(() => null);
  }

  async #keep(visit: ToldVisit): Promise<void> {
    await this.#parts.vault.keepTold(visit);
    const others = this.#visits.filter(({ id }) => id !== visit.id);
    this.#visits = [...others, visit].sort((one, other) => one.toldAtMs - other.toldAtMs);
  }
}

/** What the ambassador is to be asked after this answer. */
function asked(visit: ToldVisit, { code, problem }: Failed): ToldVisit {
  const said = fields(problem);
  if (code === 'wrong_pin') return { ...visit, state: 'wrong_pin' };
  if (code === 'already_here' && typeof said?.at_ms === 'number') {
    return { ...visit, state: 'already_here', other: { atMs: said.at_ms, isTold: said.is_told === true } };
  }
  return { ...visit, state: 'refused', code };
}

/** The day of an instant in the club's zone. */
function dayOf(atMs: number, zone: string): string {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(atMs);
  } catch {
    return new Intl.DateTimeFormat('en-CA').format(atMs);
  }
}
