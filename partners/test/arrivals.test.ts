/** Who is in, at an event: two books and what the office tells, each person once. */
import 'fake-indexeddb/auto';

import { describe, expect, test } from 'vitest';

import { uuid } from '@estran/kit/store/uuid';
import type { Arrived, Slot } from '../src/net/wire';
import { arrivalsAt, doorOf, tallyOf, type Gate } from '../src/state/arrivals';
import { Vault, type Entry, type NewVisit } from '../src/state/vault';
import { tallyIn } from '../src/state/words';
import { club, NOON_MS, SLOT, slot, snapshot, VENUE } from './cast';

const DEVICE = { deviceId: 'd1', venue: VENUE, label: 'Accueil' };

function arrival(sub: string | null, change: Partial<Entry> = {}): Entry {
  return {
    ...{ id: `visit of ${sub}`, deviceId: 'd1', venueId: VENUE.id, seq: 1, atMs: NOON_MS, day: '2026-11-18', sub },
    ...{ name: null, proofKey: null, benefitId: null, companions: 0, slotId: SLOT, sent: null, undone: null },
    ...{ answer: 'admit', reason: 'welcome', outcome: 'admitted' },
    ...change,
  };
}

const gate = (...entries: Entry[]): Gate => ({ device: DEVICE, entries, appliedMs: 0 });
const there = (guests = 0, atMs = NOON_MS): Arrived => ({ atMs, guests, label: 'Boutique' });
const heads = (of: Slot, ...entries: Entry[]): number => tallyOf(of, arrivalsAt(of, gate(...entries))).isIn;

describe('heads that are in', () => {
  test('are the ambassadors and whom they brought', () => {
    expect(heads(slot())).toBe(0);
    expect(heads(slot(), arrival('AAAA', { guests: 2 }), arrival('BBBB'))).toBe(4);
  });

  test('of both doors, whoever went through both counted once', () => {
    const arrived = { AAAA: there(), CCCC: there(1) };
    expect(heads(slot({ arrived }), arrival('AAAA'), arrival('BBBB'))).toBe(4);
  });

  test('let in again, counted once, with the most guests', () => {
    const again = arrival('AAAA', { id: 'again', guests: 2, atMs: NOON_MS + 60_000 });
    expect(heads(slot(), arrival('AAAA', { guests: 1 }), again)).toBe(3);
  });

  test.each([
    ['undone', { undone: { atMs: NOON_MS, seq: 2, sent: false } }],
    ['turned away', { outcome: 'refused' }],
    ['an entry as usual', { slotId: undefined }],
    ['at another slot', { slotId: 'other' }],
    ['at another venue', { venueId: 'other' }],
  ] as const)('but not %s', (_, change) => {
    const { slotId, ...entry } = arrival('AAAA');
    const changed = { ...entry, slotId, ...change } as Entry;
    expect(heads(slot(), changed)).toBe(0);
  });

  test('undone here, still in at the other door', () => {
    const undone = arrival('AAAA', { undone: { atMs: NOON_MS, seq: 2, sent: true } });
    expect(heads(slot({ arrived: { AAAA: there() } }), undone)).toBe(1);
  });

  test('whose pass could not be verified count each', () => {
    expect(heads(slot(), arrival(null), arrival(null, { id: 'another', guests: 1 }))).toBe(3);
  });

  test('of an earlier pairing: once the office tells of them, no longer by the own book', () => {
    const earlier = { deviceId: 'd0', sent: 'stored' } as const;
    expect(heads(slot({ arrived: { AAAA: there() } }), arrival(null, earlier))).toBe(1);
    expect(heads(slot(), arrival(null, { ...earlier, sent: null }))).toBe(1);
    expect(heads(slot({ arrived: { AAAA: there() } }), arrival('AAAA', earlier))).toBe(1);
  });
});

describe('places left', () => {
  test.each([
    ['all of them', slot(), { isIn: 0, expected: 0, left: 20 }],
    ['less those expected', slot({ expected: { AAAA: 2, BBBB: 0 } }), { isIn: 0, expected: 4, left: 16 }],
    ['never fewer than none', slot({ capacity: 2, expected: { AAAA: 2 } }), { isIn: 0, expected: 3, left: 0 }],
    ['unlimited', slot({ capacity: null, expected: { AAAA: 2 } }), { isIn: 0, expected: 3, left: null }],
  ])('%s', (_, of, tally) => {
    expect(tallyOf(of, new Map())).toEqual(tally);
  });

  test('who has arrived is expected no more, and those who did not come along have left their places', () => {
    const of = slot({ expected: { AAAA: 2, BBBB: 0 }, arrived: { BBBB: there() } });
    expect(tallyOf(of, arrivalsAt(of, gate(arrival('AAAA'))))).toEqual({ isIn: 2, expected: 0, left: 18 });
  });

  test.each([
    [{ isIn: 0, expected: 9, left: 11 }, ['door.in.one 0', 'door.left 11']],
    [{ isIn: 1, expected: 9, left: 1 }, ['door.in.one 1', 'door.left.one 1']],
    [{ isIn: 12, expected: 0, left: 0 }, ['door.in 12', 'door.left.none 0']],
    [{ isIn: 12, expected: 3, left: null }, ['door.in 12', 'door.to_come 3']],
  ])('said: %o', (tally, words) => {
    expect(tallyIn(tally).map(({ key, n }) => `${key} ${n}`)).toEqual(words);
  });
});

describe('what the rule is asked', () => {
  const of = slot({ walkIns: true, expected: { AAAA: 2, BBBB: 1 }, waiting: ['CCCC'], arrived: { DDDD: there(1) } });
  const asked = (sub: string | null, ...entries: Entry[]): object => doorOf(of, sub, arrivalsAt(of, gate(...entries)));

  test.each([
    ['AAAA', { expected: 2, waits: false, headsIn: 2, headsExpected: 2, previousAt: null }],
    ['CCCC', { expected: null, waits: true, headsIn: 2, headsExpected: 5, previousAt: null }],
    ['DDDD', { expected: null, waits: false, headsIn: 2, headsExpected: 5, previousAt: NOON_MS / 1000 }],
    [null, { expected: null, waits: false, headsIn: 2, headsExpected: 5, previousAt: null }],
  ])('of %s', (sub, door) => {
    expect(asked(sub)).toEqual({ capacity: 20, guestsMax: 2, walkIns: true, elsewhere: null, ...door });
  });

  test.each([
    ['CCCC', 1],
    ['DDDD', null],
    [null, null],
  ])('of %s, whom another slot may expect', (sub, elsewhere) => {
    expect(doorOf(of, sub, new Map(), slot({ id: 'other', expected: { CCCC: 1 } }))).toMatchObject({ elsewhere });
  });

  test('of somebody who is in already: those still expected are the others', () => {
    expect(asked('AAAA', arrival('AAAA', { guests: 2 }))).toMatchObject({ headsIn: 5, headsExpected: 2 });
  });

  test('of the same person at two doors: when they first came, and where', () => {
    const at = (ownMs: number): unknown =>
      arrivalsAt(slot({ arrived: { AAAA: there(1) } }), gate(arrival('AAAA', { atMs: ownMs }))).get('AAAA');
    expect(at(NOON_MS + 60_000)).toEqual({ atMs: NOON_MS, guests: 1, place: 'Boutique' });
    expect(at(NOON_MS - 60_000)).toEqual({ atMs: NOON_MS - 60_000, guests: 1, place: 'Accueil' });
  });

  test('by the corrected clock', () => {
    const slow = { ...gate(arrival('AAAA', { atMs: NOON_MS - 600_000 })), appliedMs: 600_000 };
    expect(arrivalsAt(slot(), slow).get('AAAA')).toEqual({ atMs: NOON_MS, guests: 0, place: 'Accueil' });
  });
});

describe('past midnight', () => {
  const visit = (slotId?: string): NewVisit => ({
    ...{ kind: 'visit', id: uuid(), scannedAtMs: NOON_MS, skewMs: 0, clockConfirmed: true, codesAdvance: false },
    ...{ digits: '1', statusVersion: 1, newsAtMs: NOON_MS, answer: 'admit', reason: 'welcome', outcome: 'admitted' },
    ...{ benefitId: null, benefitVersion: null, companions: 0, ...(slotId ? { slotId, guests: 1 } : {}) },
    decisions: { identity: false, again: null, why: null },
  });

  /** A scanner with an arrival and an entry of the 18th, both handed in and known to the office. */
  async function evening(slots: readonly Slot[]): Promise<Vault> {
    const vault = new Vault(`test-${uuid()}`);
    await vault.pair({ deviceId: 'd1', token: 't1', state: 'active', venue: VENUE }, 'Accueil', 'Phare');
    const line = { day: '2026-11-18', name: 'Camille V.', proofKey: 'p' };
    const there = await vault.record(visit(SLOT), { ...line, sub: 'AAAA' });
    const usual = await vault.record(visit(), { ...line, sub: 'AAAA' });
    await vault.acknowledge([there, usual].map(({ id }) => ({ id, result: 'stored' })));
    const value = await snapshot(await club(), { slots, lastSeq: 2 });
    await vault.keepSnapshot('d1', { value, etag: '"1"', newsAtMs: NOON_MS });
    return vault;
  }

  test('who arrived is still in, without a name, as long as the office tells of that evening', async () => {
    const vault = await evening([slot()]);
    await vault.tidy('2026-11-19');
    const { entries } = await vault.read();
    expect(entries).toMatchObject([{ sub: 'AAAA', slotId: SLOT, guests: 1, name: null, proofKey: null }]);
    expect(heads(slot(), ...entries)).toBe(2);
    await vault.tidy('2026-11-20');
    expect((await vault.read()).entries).toHaveLength(1);
  });

  test('and forgotten with it', async () => {
    const vault = await evening([slot({ id: 'another evening' })]);
    await vault.tidy('2026-11-19');
    expect((await vault.read()).entries).toEqual([]);
  });
});
