/** The venue's figures: whole or not at all, only as counts, and of this pairing's venue alone. */
import 'fake-indexeddb/auto';

import { expect, test } from 'vitest';
import { Api } from '@estran/kit/net/api';
import { askFigures, readFigures } from '../src/net/figures';
import { Vault } from '../src/state/vault';
import { NOON_MS, VENUE } from './cast';

const USED = { id: 'b1', n: 2, give: { fr: 'Entrée gratuite', en: 'Free entry' } };
const DAY = { first: '2026-11-18', last: '2026-11-18', visits: 2, companions: 3, guests: 0, refused: 1 };
const TOLD = {
  venue: VENUE,
  atMs: NOON_MS,
  today: { ...DAY, benefits: [USED] },
  month: { ...DAY, first: '2026-11-01', last: '2026-11-30', benefits: [USED] },
  yearBefore: { ...DAY, first: '2025-11-01', last: '2025-11-30', benefits: [] },
};

test('what the server tells is read, and nothing else of it is kept', () => {
  expect(readFigures({ ...TOLD, names: ['Camille V.'] })).toEqual(TOLD);
});

test.each([
  ['a period is missing', { ...TOLD, month: undefined }],
  ['a number is none', { ...TOLD, today: { ...TOLD.today, visits: -1 } }],
  ['a benefit has no words', { ...TOLD, today: { ...TOLD.today, benefits: [{ ...USED, give: { fr: 'x' } }] } }],
  ['the venue has no name', { ...TOLD, venue: { id: 'x' } }],
])('all or nothing: %s', (_, told) => {
  expect(readFigures(told)).toBeNull();
});

test('they are asked for with the scanner’s token', async () => {
  let asked: [string, unknown] | null = null;
  const api = new Api(undefined, (path, init) => {
    asked = [String(path), new Headers(init?.headers).get('Authorization')];
    return Promise.resolve(new Response(JSON.stringify(TOLD)));
  });
  expect(await askFigures(api, 't1')).toMatchObject({ ok: true, value: TOLD });
  expect(asked).toEqual(['/api/v1/venue', 'Device t1']);
});

test('they are kept for the pairing that asked, and go with it', async () => {
  const vault = new Vault('figures');
  const paired = { deviceId: 'd1', token: 't1', state: 'active', venue: VENUE } as const;
  await vault.pair(paired, 'Tablette', 'Phare');
  expect(await vault.figures()).toBeNull();
  await vault.keepFigures('d0', TOLD);
  expect(await vault.figures()).toBeNull();
  await vault.keepFigures('d1', TOLD);
  expect(await vault.figures()).toEqual(TOLD);
  await vault.pair({ ...paired, deviceId: 'd2' }, 'Tablette', 'Phare');
  expect(await vault.figures()).toBeNull();
  await vault.close();
});
