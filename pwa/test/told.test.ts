import 'fake-indexeddb/auto';
import type { Result } from '@estran/kit/net/api';
import { NO_CLOCK } from '@estran/kit/rules/clock';
import { parseDigits, proofInput } from '@estran/kit/rules/token';
import { sdHash } from '@estran/kit/rules/verify';
import { ascii } from '@estran/kit/rules/bytes';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeDeviceKey } from '../src/pass/device-key';
import { present } from '../src/pass/present';
import { Vault, type KeptPass } from '../src/pass/vault';
import { hereOf, routeOf } from '../src/route';
import { Told, type ToldWords } from '../src/state/told.svelte';
import type { Noted, ToldVisit } from '../src/told/types';
import { ISS, makeIssuer, news, NOW_MS } from './issuer';

const VENUE = '11111111-2222-4333-8444-555555555555';
const WORDS: ToldWords = {
  venueId: VENUE,
  venue: 'Musée',
  pin: '482913',
  benefitId: null,
  companions: 1,
  guests: 0,
  children: 0,
  again: false,
};
const noted: Result<Noted> = { ok: true, value: { venue: 'Musée', atMs: NOW_MS }, status: 200, etag: null };
const no = (code: string, status: number, problem: unknown = null): Result<Noted> => ({
  ok: false,
  code,
  status,
  problem,
});
const silence = no('network', 0);

let names = 0;
let vault: Vault;
let asked: ToldVisit[];
let answers: Result<Noted>[];
let nowMs: number;
let pass: KeptPass;

beforeEach(async () => {
  vault = new Vault(`told-${(names += 1)}`);
  asked = [];
  answers = [];
  nowMs = NOW_MS;
  const key = await makeDeviceKey();
  const credential = await (await makeIssuer()).issue(key);
  pass = { key, iss: ISS, credential, news: news(credential), heardAtMs: NOW_MS, clock: NO_CLOCK };
});

/** A window of the app; the office gives the next of `answers`, then silence. */
function open(kept: KeptPass | null = pass): Told {
  return new Told({
    vault,
    tell: (visit) => {
      asked.push(visit);
      return Promise.resolve(answers.shift() ?? silence);
    },
    pass: { pass: kept, present: (one, audience) => present(one, nowMs, audience) },
    nowMs: () => nowMs,
  });
}

describe('the address on the poster', () => {
  it('is a place of the app', () => {
    expect(routeOf(`#/here/${VENUE}/482913`)).toBe('here');
    expect(hereOf(`#/here/${VENUE}/482913`)).toEqual({ venueId: VENUE, pin: '482913' });
    expect(hereOf(`#/here/${VENUE}`)).toEqual({ venueId: VENUE, pin: '' });
    expect(hereOf(`#/here/${VENUE}/48291`)?.pin).toBe('');
    for (const hash of ['#/here', '#/here/x/482913', `#/benefits/${VENUE}`]) expect(hereOf(hash)).toBeNull();
    expect(routeOf('#/here')).toBe('here');
  });
});

describe('telling a visit', () => {
  it('signs it for this venue, and for nobody else', async () => {
    answers = [noted];
    const visit = await open().tell(WORDS);
    expect(visit?.state).toBe('noted');
    expect(visit?.digits).toBe('');
    const fields = parseDigits(asked[0]?.digits ?? '');
    if (typeof fields === 'string' || !fields.proof || !fields.key) throw new Error('not a live pass');
    expect(fields.proof.iat).toBe(Math.floor(NOW_MS / 1000));
    const holder = await crypto.subtle.importKey(
      'jwk',
      { kty: 'EC', crv: 'P-256', x: pass.key.x, y: pass.key.y },
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['verify'],
    );
    const holds = async (audience: string): Promise<boolean> =>
      crypto.subtle.verify(
        { name: 'ECDSA', hash: 'SHA-256' },
        holder,
        fields.proof?.signature ?? new Uint8Array(),
        ascii(proofInput(fields.proof ?? { iat: 0, nonce: new Uint8Array(4) }, audience, await sdHash(fields, ISS))),
      );
    expect(await holds(`${ISS}/here/${VENUE}`)).toBe(true);
    expect(await holds(ISS)).toBe(false);
  });

  it('keeps what could not be sent, over a restart, and sends the same later', async () => {
    const first = await open().tell(WORDS);
    expect(first?.state).toBe('waiting');
    nowMs += 86_400_000;
    const later = open();
    answers = [silence, noted];
    expect(await later.send()).toBe(false);
    expect(later.waiting).toHaveLength(1);
    expect(await later.send()).toBe(true);
    expect(asked.map(({ id, digits }) => [id, digits])).toEqual(Array(3).fill([first?.id, first?.digits]));
    expect(await later.send()).toBe(true);
    expect(asked).toHaveLength(3);
  });

  it('knows without network what was told here today, and forgets it tomorrow', async () => {
    answers = [noted];
    await open().tell(WORDS);
    const again = open();
    await again.send();
    expect(again.todayAt(VENUE, 'Europe/Paris')).toHaveLength(1);
    expect(again.todayAt(VENUE.replace('1', '2'), 'Europe/Paris')).toEqual([]);
    nowMs += 86_400_000;
    await again.load();
    expect(again.visits).toEqual([]);
    expect(await vault.told()).toEqual([]);
  });

  it('asks for another code, and sends the same visit with it', async () => {
    answers = [no('wrong_pin', 422)];
    const told = open();
    const visit = await told.tell(WORDS);
    expect([visit?.state, told.asking]).toEqual(['wrong_pin', 1]);
    expect(await told.send()).toBe(true); // it waits for the ambassador, and is not sent again meanwhile
    expect(asked).toHaveLength(1);
    answers = [noted];
    expect((await told.mend(visit?.id ?? '', { pin: '111111' }))?.state).toBe('noted');
    expect(asked.map(({ id, pin }) => [id, pin])).toEqual([
      [visit?.id, '482913'],
      [visit?.id, '111111'],
    ]);
  });

  it('asks whether it is the same visit', async () => {
    answers = [no('already_here', 409, { at_ms: NOW_MS - 1, is_told: false })];
    const told = open();
    const visit = await told.tell(WORDS);
    expect(visit?.other).toEqual({ atMs: NOW_MS - 1, isTold: false });
    answers = [noted];
    await told.mend(visit?.id ?? '', { again: true });
    expect(asked[1]?.again).toBe(true);
    answers = [no('already_here', 409, { at_ms: NOW_MS, is_told: true })];
    const other = await told.tell(WORDS);
    await told.forget(other?.id ?? '');
    expect(told.visits.map(({ state }) => state)).toEqual(['noted']);
  });

  it('signs anew when the clock was ahead', async () => {
    answers = [no('stale_proof', 401), noted];
    const told = open();
    await told.tell(WORDS);
    expect(asked[0]?.digits).not.toBe(asked[1]?.digits);
    expect(asked[0]?.id).toBe(asked[1]?.id);
  });

  it.each([
    ['too_many_tries', 429],
    ['internal', 500],
    ['busy', 503],
  ])('waits when the office cannot answer now (%s)', async (code, status) => {
    answers = [no(code, status)];
    const told = open();
    expect((await told.tell(WORDS))?.state).toBe('waiting');
    expect(told.tooMany).toBe(code === 'too_many_tries');
  });

  it('never drops what the office cannot take: the ambassador does', async () => {
    answers = [no('unknown_pass', 401)];
    const told = open();
    expect(await told.tell(WORDS)).toMatchObject({ state: 'refused', code: 'unknown_pass' });
    expect(await vault.told()).toHaveLength(1);
    await vault.forgetPass();
    expect(await vault.told()).toEqual([]);
  });

  it('needs a pass', async () => {
    expect(await open(null).tell(WORDS)).toBeNull();
    expect(asked).toEqual([]);
  });
});
