/**
 * What this scanner keeps: who it is, the office's last news, what was scanned, what still has to be sent.
 *
 * Several windows may run at once. Numbers and queue are kept right by single read-write transactions here, which the
 * browser runs one after the other whatever window asks, and not by the windows' good manners.
 */
import type { ClockMemory } from '@estran/kit/rules/clock';
import type { Answer, Reason } from '@estran/kit/rules/reasons';
import { Db, deleteDatabase, type Migration, type Tx } from '@estran/kit/store/db';
import { inTodaysShape } from '../net/earlier';
import type { Figures } from '../net/figures';
import { readSnapshot } from '../net/read';
import type { Item, Outcome, Paired, Receipt, Snapshot, Undo, Visit } from '../net/wire';

/** One pairing. `seq` is the last number it has given. */
export interface Device extends Omit<Paired, 'state'> {
  /** `cut`: the office has removed it; it only hands in what is left. */
  readonly state: 'pending' | 'active' | 'cut';
  readonly label: string;
  readonly word: string;
  readonly seq: number;
}

export interface KeptSnapshot {
  readonly value: Snapshot;
  readonly etag: string | null;
  /** This device's clock when the server last said so (a 304 says so too). */
  readonly newsAtMs: number;
}

/** What the venue may look at of one scan. It outlives the sending: today's list and yearly counts hang on it. */
export interface Entry {
  readonly id: string;
  readonly deviceId: string;
  readonly venueId: string;
  readonly seq: number;
  readonly atMs: number;
  /** Local day in the club's zone. */
  readonly day: string;
  /** base64url, null when nothing was verified. */
  readonly sub: string | null;
  /** First name and initial; null after midnight. */
  readonly name: string | null;
  /** The signed fields that make a proof the same; null after midnight. */
  readonly proofKey: string | null;
  readonly benefitId: string | null;
  readonly companions: number;
  /** Of an event, at which this is an arrival; absent: an entry as usual. */
  readonly slotId?: string;
  /** Absent: none. */
  readonly guests?: number;
  readonly children?: number;
  readonly answer: Answer;
  readonly reason: Reason;
  readonly outcome: Outcome;
  readonly sent: Receipt | null;
  readonly undone: { readonly atMs: number; readonly seq: number; readonly sent: boolean } | null;
}

export interface Settings {
  readonly sound: boolean;
  readonly vibration: boolean;
  /** After an entry was given, go back to scanning without a tap. */
  readonly goOn: boolean;
  /** Which door the staff chose; absent: they never did. */
  readonly door?: DoorChoice;
}

/** What was chosen, and among which slots that were open then. */
export interface DoorChoice {
  /** Null: entries as usual. */
  readonly slotId: string | null;
  readonly among: readonly string[];
}

export const FIRST_SETTINGS: Settings = { sound: true, vibration: true, goOn: true };

export interface Kept {
  readonly device: Device | null;
  readonly snapshot: KeptSnapshot | null;
  readonly clock: ClockMemory | null;
  readonly settings: Settings;
  /** When the server last took or answered everything. */
  readonly syncedAtMs: number | null;
  readonly entries: readonly Entry[];
  readonly queued: number;
}

interface Queued {
  readonly id: string;
  readonly deviceId: string;
  readonly seq: number;
  readonly item: Item;
}

export type NewVisit = Omit<Visit, 'seq'>;
export type NewEntry = Pick<Entry, 'day' | 'sub' | 'name' | 'proofKey'>;

/** The office cannot undo later either: after this the officer corrects. */
export const UNDO_WITHIN_MS = 10 * 60_000;

const MIGRATIONS: readonly Migration[] = [
  (db) => {
    db.createObjectStore('meta');
    db.createObjectStore('outbox', { keyPath: 'id' }).createIndex('turn', ['deviceId', 'seq'], { unique: true });
    db.createObjectStore('log', { keyPath: 'id' });
  },
];

const ALL = ['meta', 'outbox', 'log'] as const;

export class Vault {
  readonly #name: string;
  readonly #db: Db;

  constructor(name: string) {
    this.#name = name;
    this.#db = new Db(name, MIGRATIONS);
  }

  read(): Promise<Kept> {
    return this.#db.read(ALL, async (tx) => ({
      device: (await tx.get<Device>('meta', 'device')) ?? null,
      snapshot: readable(await tx.get<KeptSnapshot>('meta', 'snapshot')),
      clock: (await tx.get<ClockMemory>('meta', 'clock')) ?? null,
      settings: { ...FIRST_SETTINGS, ...(await tx.get<Settings>('meta', 'settings')) },
      syncedAtMs: (await tx.get<number>('meta', 'syncedAtMs')) ?? null,
      entries: await tx.all<Entry>('log'),
      queued: await tx.count('outbox'),
    }));
  }

  /** The present pairing alone, and the last number it has given. */
  device(): Promise<Device | null> {
    return this.#db.read(['meta'], async (tx) => (await tx.get<Device>('meta', 'device')) ?? null);
  }

  /** A new pairing. What an earlier one still has to hand in stays, with its own token and numbers. */
  async pair(paired: Paired, label: string, word: string): Promise<void> {
    await this.#db.write(ALL, async (tx) => {
      const before = await tx.get<Device>('meta', 'device');
      if (before && before.deviceId !== paired.deviceId) tx.put('meta', [before, ...(await past(tx))], 'past');
      tx.put('meta', { ...paired, label, word, seq: 0 } satisfies Device, 'device');
      tx.remove('meta', 'snapshot');
      tx.remove('meta', 'figures');
    });
  }

  async setState(deviceId: string, state: Device['state']): Promise<void> {
    await this.#db.write(['meta'], async (tx) => {
      const device = await tx.get<Device>('meta', 'device');
      if (device?.deviceId === deviceId && device.state !== state) tx.put('meta', { ...device, state }, 'device');
    });
  }

  /** Kept only for the pairing that asked: another window may have paired anew meanwhile. */
  async keepSnapshot(deviceId: string, snapshot: KeptSnapshot): Promise<void> {
    await this.#db.write(['meta'], async (tx) => {
      if ((await tx.get<Device>('meta', 'device'))?.deviceId === deviceId) tx.put('meta', snapshot, 'snapshot');
    });
  }

  /** The venue's figures as they were last told. */
  figures(): Promise<Figures | null> {
    return this.#db.read(['meta'], async (tx) => (await tx.get<Figures>('meta', 'figures')) ?? null);
  }

  /** Kept only for the pairing that asked, as news are. */
  async keepFigures(deviceId: string, figures: Figures): Promise<void> {
    await this.#db.write(['meta'], async (tx) => {
      if ((await tx.get<Device>('meta', 'device'))?.deviceId === deviceId) tx.put('meta', figures, 'figures');
    });
  }

  async keepClock(clock: ClockMemory): Promise<void> {
    await this.#db.write(['meta'], (tx) => tx.put('meta', clock, 'clock'));
  }

  async keepSettings(settings: Settings): Promise<void> {
    await this.#db.write(['meta'], (tx) => tx.put('meta', settings, 'settings'));
  }

  async keepSynced(atMs: number): Promise<void> {
    await this.#db.write(['meta'], (tx) => tx.put('meta', atMs, 'syncedAtMs'));
  }

  /** Numbers and queues a visit; when it is here already (a double tap, a second window) the first one stands. */
  record(visit: NewVisit, shown: NewEntry): Promise<Entry> {
    return this.#db.write(ALL, async (tx) => {
      const known = await tx.get<Entry>('log', visit.id);
      if (known) return known;
      const device = await this.#nextNumber(tx);
      const numbered = { ...visit, seq: device.seq };
      const entry = entryOf(numbered, shown, device);
      enqueue(tx, device, numbered);
      tx.add('log', entry);
      return entry;
    });
  }

  /** Takes a visit back. False when it is unknown, undone already, too old, or of a pairing that is gone. */
  undo(visitId: string, id: string, nowMs: number): Promise<boolean> {
    return this.#db.write(ALL, async (tx) => {
      const entry = await tx.get<Entry>('log', visitId);
      const device = await tx.get<Device>('meta', 'device');
      if (!entry || entry.undone || entry.deviceId !== device?.deviceId) return false;
      if (!mayUndo(entry, nowMs)) return false;
      const { seq } = await this.#nextNumber(tx);
      enqueue(tx, device, { kind: 'undo', id, seq, visitId, undoneAtMs: nowMs } satisfies Undo);
      tx.put('log', { ...entry, undone: { atMs: nowMs, seq, sent: false } } satisfies Entry);
      return true;
    });
  }

  /** The pairings that have something to hand in, earlier ones first, with what they have. */
  queues(): Promise<{ device: Device; items: Item[] }[]> {
    return this.#db.read(['meta', 'outbox'], async (tx) => {
      const device = await tx.get<Device>('meta', 'device');
      const devices = [...(await past(tx)).reverse(), ...(device ? [device] : [])];
      const queued = await tx.all<Queued>('outbox', { index: 'turn' });
      return devices
        .map((one) => ({
          device: one,
          items: queued.filter(({ deviceId }) => deviceId === one.deviceId).map(({ item }) => item),
        }))
        .filter(({ items }) => items.length > 0);
    });
  }

  /** The server has these: the proofs go, the list remembers that they were sent. */
  async acknowledge(results: readonly { id: string; result: Receipt }[]): Promise<void> {
    await this.#db.write(ALL, async (tx) => {
      for (const { id, result } of results) {
        const queued = await tx.get<Queued>('outbox', id);
        if (!queued) continue;
        tx.remove('outbox', id);
        const { item } = queued;
        const entry = await tx.get<Entry>('log', item.kind === 'undo' ? item.visitId : id);
        if (entry && item.kind === 'visit') tx.put('log', { ...entry, sent: result } satisfies Entry);
        if (entry?.undone && item.kind === 'undo') {
          tx.put('log', { ...entry, undone: { ...entry.undone, sent: true } } satisfies Entry);
        }
      }
    });
  }

  /**
   * An earlier pairing that the server no longer knows: what it could not hand in goes over to the present one of the
   * same venue, with new numbers. Without one it stays, to be saved as a file.
   */
  async adopt(from: Device): Promise<void> {
    await this.#db.write(ALL, async (tx) => {
      const device = await tx.get<Device>('meta', 'device');
      if (!device || device.deviceId === from.deviceId || device.venue.id !== from.venue.id) return;
      for (const queued of await tx.all<Queued>('outbox', { index: 'turn' })) {
        if (queued.deviceId !== from.deviceId) continue;
        const { seq } = await this.#nextNumber(tx);
        enqueue(tx, device, { ...queued.item, seq });
        const { item } = queued;
        const entry = await tx.get<Entry>('log', item.kind === 'undo' ? item.visitId : item.id);
        if (!entry) continue;
        const moved = item.kind === 'visit' ? { ...entry, seq } : withUndoSeq(entry, seq);
        tx.put('log', { ...moved, deviceId: device.deviceId } satisfies Entry);
      }
    });
  }

  /**
   * Forgets what is no longer needed: names and proofs after midnight, counted visits that the news hold, idle pairings.
   * Arrivals stay as long as the office tells of their slot, which may go on past midnight: of this scanner's own it tells nothing.
   */
  async tidy(today: string): Promise<void> {
    await this.#db.write(ALL, async (tx) => {
      const device = await tx.get<Device>('meta', 'device');
      const news = readable(await tx.get<KeptSnapshot>('meta', 'snapshot'))?.value;
      const lastSeq = news?.lastSeq ?? 0;
      const told = new Set(news?.slots.map(({ id }) => id));
      for (const entry of await tx.all<Entry>('log')) {
        if (entry.day === today) continue;
        const isTold = entry.slotId !== undefined && told.has(entry.slotId);
        if (!isTold && isSettled(entry, entry.deviceId === device?.deviceId ? lastSeq : Infinity))
          tx.remove('log', entry.id);
        else if (entry.name !== null || entry.proofKey !== null)
          tx.put('log', { ...entry, name: null, proofKey: null });
      }
      const waiting = new Set((await tx.all<Queued>('outbox')).map(({ deviceId }) => deviceId));
      const earlier = await past(tx);
      const kept = earlier.filter(({ deviceId }) => waiting.has(deviceId));
      if (kept.length < earlier.length) tx.put('meta', kept, 'past');
    });
  }

  /** One window at a time, where the browser has no locks: true when `holder` may work until `untilMs`. */
  takeLease(holder: string, nowMs: number, untilMs: number): Promise<boolean> {
    return this.#db.write(['meta'], async (tx) => {
      const lease = await tx.get<{ holder: string; untilMs: number }>('meta', 'lease');
      // a lease further ahead than any we give was written by a clock that has since gone back
      const held = lease && lease.holder !== holder && lease.untilMs > nowMs && lease.untilMs <= untilMs;
      if (held) return false;
      tx.put('meta', { holder, untilMs }, 'lease');
      return true;
    });
  }

  async giveLease(holder: string): Promise<void> {
    await this.#db.write(['meta'], async (tx) => {
      if ((await tx.get<{ holder: string }>('meta', 'lease'))?.holder === holder) tx.remove('meta', 'lease');
    });
  }

  /**
   * Forgets all, provided that `deviceId` is still the pairing and nothing waits. What is written later fails loudly: a
   * visit is either handed in before, or its screen never says that it was kept.
   */
  clear(deviceId: string): Promise<boolean> {
    return this.#db.write(ALL, async (tx) => {
      const device = await tx.get<Device>('meta', 'device');
      if (device?.deviceId !== deviceId || (await tx.count('outbox')) > 0) return false;
      for (const store of ALL) tx.clear(store);
      return true;
    });
  }

  /** Deletes the database, whatever it holds. */
  async wipe(): Promise<void> {
    await this.#db.close();
    await deleteDatabase(this.#name);
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  async #nextNumber(tx: Tx): Promise<Device> {
    const device = await tx.get<Device>('meta', 'device');
    if (!device) throw new Error('this scanner is not paired');
    const next: Device = { ...device, seq: device.seq + 1 };
    tx.put('meta', next, 'device');
    return next;
  }
}

/** The line in the book for a visit. */
export function entryOf(visit: Visit, shown: NewEntry, { deviceId, venue }: Pick<Device, 'deviceId' | 'venue'>): Entry {
  const { id, seq, benefitId, companions, slotId, guests, children, answer, reason, outcome } = visit;
  return {
    ...{ id, seq, benefitId, companions, answer, reason, outcome, ...shown },
    ...(slotId ? { slotId } : {}),
    ...(guests ? { guests } : {}),
    ...(children ? { children } : {}),
    ...{ deviceId, venueId: venue.id, atMs: visit.scannedAtMs, sent: null, undone: null },
  };
}

export function mayUndo(entry: Entry, nowMs: number): boolean {
  return entry.outcome === 'admitted' && !entry.undone && Math.abs(nowMs - entry.atMs) <= UNDO_WITHIN_MS;
}

/** What an earlier version has kept is fetched anew all the same; news in the shape of a later one, put back since, are none. */
function readable(kept: KeptSnapshot | undefined): KeptSnapshot | null {
  if (!kept) return null;
  const value = readSnapshot(kept.value);
  // kept by a version that knew of no slots: what it left out is asked for anew
  if (value) return { ...kept, value, etag: 'slots' in kept.value ? kept.etag : null };
  const earlier = readSnapshot(inTodaysShape(kept.value));
  return earlier && { ...kept, value: earlier, etag: null };
}

async function past(tx: Tx): Promise<Device[]> {
  return (await tx.get<Device[]>('meta', 'past')) ?? [];
}

function enqueue(tx: Tx, device: Device, item: Item): void {
  tx.put('outbox', { id: item.id, deviceId: device.deviceId, seq: item.seq, item } satisfies Queued);
}

function withUndoSeq(entry: Entry, seq: number): Entry {
  return entry.undone ? { ...entry, undone: { ...entry.undone, seq } } : entry;
}

/** Sent, and within what the news already count. */
function isSettled(entry: Entry, lastSeq: number): boolean {
  const visitSettled = entry.sent !== null && entry.seq <= lastSeq;
  return visitSettled && (entry.undone === null || (entry.undone.sent && entry.undone.seq <= lastSeq));
}
