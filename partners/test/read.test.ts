/** The office's news as they arrive, and as an earlier version had kept them. */
import 'fake-indexeddb/auto';

import { PLAIN } from '@estran/kit/rules/terms';
import { beforeAll, describe, expect, test } from 'vitest';

import { readSnapshot } from '../src/net/read';
import { meet } from '../src/state/sync';
import { uuid } from '@estran/kit/store/uuid';
import { Vault, type KeptSnapshot } from '../src/state/vault';
import { BENEFIT, benefit, club as newClub, FakeServer, NOON_MS, SLOT, slot, snapshot, VENUE, type Club } from './cast';

type Json = Record<string, unknown>;

let ours: Club;

beforeAll(async () => {
  ours = await newClub();
});

async function told(change: Json = {}): Promise<Json> {
  const words = { fr: 'Entrée gratuite', en: 'Free entry' };
  const plain = { id: BENEFIT, version: 1, terms: {}, entitled: null, desk: words, give: words };
  const whole: Json = { ...(await snapshot(ours)), version: 'abc', benefits: [plain], ...change };
  return JSON.parse(JSON.stringify(whole)) as Json;
}

describe('news', () => {
  test('are taken with what the terms leave out filled in', async () => {
    expect(readSnapshot(await told())?.benefits).toEqual([benefit()]);
  });

  test('without a word of today: nobody was on the other scanners', async () => {
    expect(readSnapshot(await told({ today: undefined }))?.today).toEqual({ day: '', visits: {} });
    const today = { day: '2026-11-18', visits: { AAAA: { atMs: 1, label: 'Boutique' } } };
    expect(readSnapshot(await told({ today }))?.today).toEqual(today);
  });

  test('of a benefit that this version does not know leave it out, and nothing else', async () => {
    const [plain] = (await told())['benefits'] as Json[];
    const newer = { ...plain, id: 'newer', terms: { kind: 'teleport' } };
    expect(readSnapshot(await told({ benefits: [newer, plain] }))?.benefits.map(({ id }) => id)).toEqual([BENEFIT]);
  });

  test('of events: their slots, none where the server says nothing of them', async () => {
    const arrived = { AAAA: { atMs: NOON_MS, guests: 1, label: 'Boutique' } };
    const whole = slot({
      capacity: null,
      note: 'Basse mer 18 h 12',
      expected: { AAAA: 2, BBBB: 0 },
      waiting: ['CCCC'],
      arrived,
    });
    expect(readSnapshot(await told({ slots: [whole] }))?.slots).toEqual([whole]);
    expect(readSnapshot(await told({ slots: undefined }))?.slots).toEqual([]);
    expect(readSnapshot(await told({ slots: 'soon' }))?.slots).toEqual([]);
  });

  test('of an event without an English title: the French one', async () => {
    const slots = [{ ...slot(), title: { fr: 'Vernissage', en: '' } }];
    expect(readSnapshot(await told({ slots }))?.slots[0]?.title).toEqual({ fr: 'Vernissage', en: 'Vernissage' });
  });

  test.each([
    ['id', ''],
    ['title', { fr: '', en: 'Opening' }],
    ['note', null],
    ['opensMs', '2026-11-18'],
    ['capacity', -1],
    ['capacity', undefined],
    ['guestsMax', null],
    ['walkIns', 'yes'],
    ['expected', { AAAA: -1 }],
    ['expected', ['AAAA']],
    ['waiting', [1]],
    ['arrived', { AAAA: { atMs: 1, guests: 0 } }],
  ])('of a slot whose %s cannot be read (%o) leave it out, and nothing else', async (key, value) => {
    const slots = [{ ...slot({ id: 'other' }), [key]: value }, slot()];
    const read = readSnapshot(await told({ slots }));
    expect(read?.slots.map(({ id }) => id)).toEqual([SLOT]);
    expect(read?.benefits).toHaveLength(1);
  });

  test.each([
    ['venue', { ...VENUE, paused: false }],
    ['venue', { ...VENUE, paused: false, closures: [{ first: 1 }] }],
    ['uses', { [BENEFIT]: { first: '2026-01-01', last: '2026-12-31', counts: { AAAA: -1 } } }],
    ['uses', undefined],
    ['today', { day: '2026-11-18', visits: { AAAA: 5 } }],
    ['benefits', [{ id: BENEFIT, version: 1, terms: PLAIN, entitled: null, give: { fr: 'a', en: 'b' } }]],
    ['benefits', [{ ...benefit(), entitled: [1] }]],
    ['lastSeq', null],
  ])('whose %s is not as agreed are none: %o', async (key, value) => {
    expect(readSnapshot(await told())).not.toBeNull();
    expect(readSnapshot(await told({ [key]: value }))).toBeNull();
  });
});

describe('news that another version has kept', () => {
  /** The shape before benefits had terms. */
  async function old(): Promise<Json> {
    const { club, zone, iss, snapshotLimitS, keys, statusList, lastSeq } = await snapshot(ours);
    const sentence = { fr: 'Entrée gratuite', en: 'Free entry' };
    const benefits = [
      { id: BENEFIT, version: 4, kind: 'free_entry', minPayingCompanions: 2, quotaPerYear: 3, sentence },
    ];
    const rest = { venue: { ...VENUE, paused: false }, used: { [BENEFIT]: { AAAA: 2 } }, usedYear: 2026 };
    return { club, zone, iss, snapshotLimitS, keys, statusList, lastSeq, benefits, ...rest };
  }

  /** A scanner with these news, an ETag that the server still gives, and one visit to hand in. */
  async function scannerWith(value: Json): Promise<{ vault: Vault; id: string }> {
    const vault = new Vault(`test-${uuid()}`);
    await vault.pair({ deviceId: 'd1', token: 't1', state: 'active', venue: VENUE }, 'Tablette', 'Phare');
    await vault.keepSnapshot('d1', { value, etag: '"1"', newsAtMs: NOON_MS } as unknown as KeptSnapshot);
    const id = uuid();
    await vault.record(
      {
        ...{
          kind: 'visit',
          id,
          scannedAtMs: NOON_MS,
          skewMs: 0,
          clockConfirmed: true,
          codesAdvance: false,
          digits: '1',
        },
        ...{ statusVersion: 1, newsAtMs: NOON_MS, answer: 'admit', reason: 'welcome', outcome: 'admitted' },
        ...{ benefitId: BENEFIT, benefitVersion: 4, companions: 2 },
        decisions: { identity: false, again: null, why: null },
      },
      { day: '2026-11-18', sub: 'AAAAAAAAAAA', name: 'Camille V.', proofKey: 'p1' },
    );
    return { vault, id };
  }

  test('before this one: a renewed scanner goes on by them without network, and hears anew as soon as it can', async () => {
    const { vault, id } = await scannerWith(await old());
    const { snapshot: kept, queued } = await vault.read();
    const quota = { n: 3, per: 'year', scope: 'benefit', groupId: null } as const;
    expect(kept?.value.benefits).toEqual([benefit({ minPayingCompanions: 2, quota }, { version: 4 })]);
    const counted = { first: '2026-01-01', last: '2026-12-31', counts: { AAAA: 2 } };
    expect([kept?.value.uses, kept?.etag, queued]).toEqual([{ [BENEFIT]: counted }, null, 1]);

    const server = new FakeServer();
    server.news = await snapshot(ours);
    expect(await meet(vault, server, 'test')).toBe('done');
    expect(server.stored.has(id)).toBe(true);
    expect((await vault.read()).snapshot).toMatchObject({ etag: '"1"', value: { benefits: [{ version: 1 }] } });
  });

  test('before events: what it left out is asked for anew, though nothing has changed since', async () => {
    const { slots, ...value } = await snapshot(ours, { slots: [slot()] });
    const { vault } = await scannerWith(value);
    expect((await vault.read()).snapshot).toMatchObject({ etag: null, value: { slots: [], benefits: [benefit()] } });
    const server = new FakeServer();
    server.news = { ...value, slots };
    expect(await meet(vault, server, 'test')).toBe('done');
    expect((await vault.read()).snapshot).toMatchObject({ etag: '"1"', value: { slots } });
  });

  test.each([
    ['a later version’s', { news: 'in another shape' }],
    ['broken', { benefits: [null], used: null, venue: 5 }],
  ])('%s are none until they are fetched anew; what waits is handed in', async (_, value) => {
    const { vault, id } = await scannerWith(value);
    expect(await vault.read()).toMatchObject({ snapshot: null, queued: 1, entries: [{ id }] });
    const server = new FakeServer();
    expect(await meet(vault, server, 'test')).toBe('offline');
    expect([(await vault.read()).snapshot, server.stored.has(id)]).toEqual([null, true]);
    server.news = await snapshot(ours);
    expect(await meet(vault, server, 'test')).toBe('done');
    expect((await vault.read()).snapshot?.value.benefits).toHaveLength(1);
  });
});
