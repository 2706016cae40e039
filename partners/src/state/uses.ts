/** What this scanner's own list adds to the office's news: uses in a quota's period, visits of today. Pure. */
import { periodOf, type Period } from '@estran/kit/rules/opening';
import type { Snapshot } from '../net/wire';
import type { Known } from './scan';
import type { Device, Entry } from './vault';

/** The own list, by ambassador and by proof: put in order once, asked at every scan. */
export class Book {
  readonly entries: readonly Entry[];
  readonly #bySub = new Map<string, Entry[]>();
  readonly #byProof = new Map<string, Entry>();

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
    for (const entry of entries) {
      const { sub, proofKey } = entry;
      if (proofKey !== null && !this.#byProof.has(proofKey)) this.#byProof.set(proofKey, entry);
      if (sub === null) continue;
      const theirs = this.#bySub.get(sub);
      if (theirs) theirs.push(entry);
      else this.#bySub.set(sub, [entry]);
    }
  }

  of(sub: string): readonly Entry[] {
    return this.#bySub.get(sub) ?? [];
  }

  withProof(key: string): Entry | undefined {
    return this.#byProof.get(key);
  }
}

/** How often this ambassador has used each benefit in its quota's period: the office's count and what it has not seen yet. */
export function usesOf(
  sub: string,
  snapshot: Snapshot,
  book: Book,
  device: Pick<Device, 'deviceId'>,
  today: string,
): Record<string, number> {
  const mine = book.of(sub).filter((entry) => entry.venueId === snapshot.venue.id && entry.outcome === 'admitted');
  const counted = new Map<string, Own>();
  const used: Record<string, number> = {};
  for (const { id, terms } of snapshot.benefits) {
    const period = terms.quota && periodOf(terms.quota, terms.seasons, today);
    if (!period) continue;
    const benefitId = terms.quota?.scope === 'benefit' ? id : null;
    const key = [benefitId, period.first, period.last].join();
    const own = counted.get(key) ?? ownUses(mine, benefitId, period, device, snapshot.lastSeq);
    counted.set(key, own);
    const told = snapshot.uses[id];
    // of another period the office has told nothing: the own visits alone are counted
    const isSame = told?.first === period.first && told.last === period.last;
    used[id] = isSame ? (told.counts[sub] ?? 0) + own.unseen : own.all;
  }
  return used;
}

/** What the own list holds of a period: `unseen` is the difference to what the office has counted. */
interface Own {
  readonly all: number;
  readonly unseen: number;
}

/** What several benefits count together is counted once for all of them: `benefitId` is null then. */
function ownUses(
  mine: readonly Entry[],
  benefitId: string | null,
  { first, last }: Period,
  device: Pick<Device, 'deviceId'>,
  lastSeqHere: number,
): Own {
  const own = { all: 0, unseen: 0 };
  for (const entry of mine) {
    if (benefitId !== null && entry.benefitId !== benefitId) continue;
    if (first !== null && (entry.day < first || entry.day > (last ?? ''))) continue;
    own.all += Number(!entry.undone);
    own.unseen += unseen(entry, entry.deviceId === device.deviceId ? lastSeqHere : null);
  }
  return own;
}

/** +1 for a visit the office has not counted, −1 for a counted one it does not know to be undone, else 0. */
function unseen(entry: Entry, lastSeq: number | null): -1 | 0 | 1 {
  // of an earlier pairing all that is known is whether it was sent
  const counted = lastSeq === null ? entry.sent !== null : entry.seq <= lastSeq;
  if (!entry.undone) return counted ? 0 : 1;
  const undoCounted = lastSeq === null ? entry.undone.sent : entry.undone.seq <= lastSeq;
  return counted && !undoCounted ? -1 : 0;
}

/** A visit of today at this venue. */
export interface Previous {
  /** By the corrected clock. */
  readonly atMs: number;
  /** Which scanner saw it, when that is known. */
  readonly place: string | null;
}

/** This ambassador's last visit here today, on whichever scanner; of the others, what the news tell. */
export function previousVisit(
  sub: string,
  { device, news, book, clock }: Pick<Known, 'device' | 'news' | 'book' | 'clock'>,
  today: string,
): Previous | null {
  let last: Previous | null = null;
  const told = news?.snapshot.today;
  const elsewhere = told?.day === today ? told.visits[sub] : undefined;
  if (elsewhere) last = { atMs: elsewhere.atMs, place: elsewhere.label || null };
  for (const { venueId, day, outcome, undone, atMs, deviceId } of book.of(sub)) {
    if (venueId !== device.venue.id || day !== today || outcome !== 'admitted' || undone) continue;
    const at = atMs + clock.appliedMs;
    if (!last || at > last.atMs) last = { atMs: at, place: deviceId === device.deviceId ? device.label : null };
  }
  return last;
}
