/** Who has arrived at a slot of an event: this scanner's own book and what the office tells of the others, each person once. Pure. */
import type { Door } from '@estran/kit/rules/welcome';
import type { Slot } from '../net/wire';
import type { Device, Entry } from './vault';

export interface Arrival {
  /** By the corrected clock. */
  readonly atMs: number;
  readonly guests: number;
  /** Which scanner saw it, when that is known. */
  readonly place: string | null;
}

/** What is looked at besides the slot. */
export interface Gate {
  readonly device: Pick<Device, 'deviceId' | 'venue' | 'label'>;
  /** The own book. */
  readonly entries: readonly Entry[];
  readonly appliedMs: number;
}

/**
 * Everybody who is in, by `sub`; whose pass could not be verified, by their visit. Who is in twice (at two doors, or let in again) is
 * counted once: since the first time, with the most guests.
 */
export function arrivalsAt(slot: Slot, { device, entries, appliedMs }: Gate): ReadonlyMap<string, Arrival> {
  const found = new Map<string, Arrival>();
  const add = (who: string, one: Arrival): void => {
    const there = found.get(who);
    const first = there && there.atMs <= one.atMs ? there : one;
    found.set(who, { ...first, guests: Math.max(one.guests, there?.guests ?? 0) });
  };
  for (const [sub, { atMs, guests, label }] of Object.entries(slot.arrived))
    add(sub, { atMs, guests, place: label || null });
  for (const { id, sub, slotId, venueId, outcome, undone, deviceId, sent, atMs, guests = 0 } of entries) {
    if (slotId !== slot.id || venueId !== device.venue.id || outcome !== 'admitted' || undone) continue;
    const isOwn = deviceId === device.deviceId;
    // an earlier pairing is another scanner to the office: once handed in, it tells who that was
    if (sub === null && !isOwn && sent !== null) continue;
    add(sub ?? id, { atMs: atMs + appliedMs, guests, place: isOwn ? device.label : null });
  }
  return found;
}

/** Of one slot, in heads. */
export interface Tally {
  readonly isIn: number;
  /** Still to come. */
  readonly expected: number;
  /** Neither in nor expected; null: as many as come. */
  readonly left: number | null;
}

export function tallyOf({ capacity, expected }: Slot, came: ReadonlyMap<string, Arrival> = new Map()): Tally {
  let [isIn, toCome] = [0, 0];
  for (const { guests } of came.values()) isIn += 1 + guests;
  for (const [sub, guests] of Object.entries(expected)) if (!came.has(sub)) toCome += 1 + guests;
  return { isIn, expected: toCome, left: capacity === null ? null : Math.max(0, capacity - isIn - toCome) };
}

/** What the rule asks of this slot for this ambassador; `sub` null: nobody knows who it is. `elsewhere`: where else they are expected. */
export function doorOf(
  slot: Slot,
  sub: string | null,
  came: ReadonlyMap<string, Arrival>,
  elsewhere: Slot | null = null,
): Door {
  const { capacity, guestsMax, walkIns } = slot;
  const { isIn, expected } = tallyOf(slot, came);
  const announced = sub === null ? null : (slot.expected[sub] ?? null);
  const previous = sub === null ? undefined : came.get(sub);
  return {
    ...{ capacity, guestsMax, walkIns, expected: announced, headsIn: isIn },
    elsewhere: elsewhere?.expected[sub ?? ''] ?? null,
    waits: sub !== null && slot.waiting.includes(sub),
    headsExpected: announced === null || previous ? expected : expected - 1 - announced,
    previousAt: previous ? Math.floor(previous.atMs / 1000) : null,
  };
}

/** Lines of the own book that are arrivals at one slot. */
export interface Evening {
  readonly slotId: string;
  readonly entries: readonly Entry[];
}

/** The arrivals among `entries`, by slot, the latest first. */
export function eveningsIn(entries: readonly Entry[]): Evening[] {
  const found = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (entry.slotId) found.set(entry.slotId, [...(found.get(entry.slotId) ?? []), entry]);
  }
  const latest = (one: Entry, other: Entry): number => other.atMs - one.atMs || other.seq - one.seq;
  return [...found].map(([slotId, theirs]) => ({ slotId, entries: theirs.sort(latest) }));
}
