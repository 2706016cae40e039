import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { broughtBy, pairingSecretIn } from '../src/address';
import { localDay } from '../src/state/day';
import { badSecret, badWord } from '../src/state/pairing';
import { isWhole, untyped } from '../src/state/typed';
import { Typing } from '../src/state/typing';
import { uuid } from '@estran/kit/store/uuid';
import { club, ISS, phone } from './cast';

const PASS = JSON.parse(readFileSync(new URL('../../tests/vectors/pass-v1.json', import.meta.url), 'utf8')) as {
  iss: string;
  cases: { name: string; text: string }[];
};
const text = PASS.cases[0]!.text;
const digits = text.split('#')[1]!;

/** What a French keyboard makes of the keys that an English one would press. */
function azerty(typed: string): string {
  const from = '1234567890qwazm;:/.?#QWAZM-';
  const to = '&é"\'(-è_çàazqw,mM!:§3AZQW?)';
  return [...typed].map((char) => to[from.indexOf(char)] ?? char).join('');
}

describe('a hand scanner', () => {
  test('well set, it types the text itself', () => {
    expect(untyped(`${text}\n`, PASS.iss)).toBe(text);
    expect(untyped(digits, PASS.iss)).toBe(digits);
  });

  test('on a French machine its digits are read back, the whole address or the digits alone', () => {
    expect(azerty('#12')).toBe('3&é');
    expect(untyped(azerty(text), PASS.iss)).toBe(digits);
    expect(untyped(azerty(digits), PASS.iss)).toBe(digits);
  });

  test('every pass of the vectors survives a French keyboard', () => {
    const whole = PASS.cases.filter((one) => isWhole(one.text.trim(), PASS.iss) && one.text.includes('#'));
    expect(whole.length).toBeGreaterThan(10);
    for (const one of whole) expect(untyped(azerty(one.text.trim()), PASS.iss)).toBe(one.text.trim().split('#')[1]);
  });

  test('so do a paper pass, which is shorter, and the shortest of all', async () => {
    const ours = await club();
    for (const name of ['Camille V.', 'Ö']) {
      const paper = await (await phone(ours, name, true)).show(0);
      const bare = paper.split('#')[1]!;
      for (const typed of [azerty(paper), azerty(bare), bare]) expect(untyped(typed, ISS)).toBe(bare);
      expect(isWhole(bare, ISS)).toBe(true);
    }
    expect((await (await phone(ours, 'Z', true)).show(0)).split('#')[1]).toHaveLength(228);
  });

  test('what is no pass stays as it was typed', () => {
    expect(untyped('3760000000000', PASS.iss)).toBe('3760000000000');
    expect(untyped(' bonjour ', PASS.iss)).toBe('bonjour');
    const other = text.replace(PASS.iss, 'https://other.example');
    expect(untyped(other, PASS.iss)).toBe(other);
  });
});

describe('the address', () => {
  test('brings a pass or a pairing, or nothing', () => {
    expect(broughtBy(`#${digits}`, text)).toEqual({ kind: 'pass', text });
    expect(broughtBy('#pair=ABCD2345', '')).toEqual({ kind: 'pairing', secret: 'ABCD2345' });
    expect(broughtBy('#today', '')).toBeNull();
  });

  test('a pairing QR of another site is not taken', () => {
    expect(pairingSecretIn(`${PASS.iss}/scan/#pair=ABCD2345`, PASS.iss)).toBe('ABCD2345');
    expect(pairingSecretIn('https://evil.example/scan/#pair=ABCD2345', PASS.iss)).toBeNull();
    expect(pairingSecretIn(text, PASS.iss)).toBeNull();
  });
});

test('what is asked of a pairing', () => {
  expect(['ABCD-2345', 'abcd2345', 'ABCD 2345', ''].map(badSecret)).toEqual([false, false, false, true]);
  expect(['Phare', 'Île', "L'Ancre", 'ab', 'mot2', ' Grande-Île '].map(badWord)).toEqual([
    ...[false, false, false],
    ...[true, true, false],
  ]);
});

test('days are the club’s, on both sides of a change of hour', () => {
  expect(localDay(Date.UTC(2026, 11, 31, 23, 0), 'Europe/Paris')).toBe('2027-01-01');
  expect(localDay(Date.UTC(2026, 9, 24, 22, 30), 'Europe/Paris')).toBe('2026-10-25');
  expect(localDay(Date.UTC(2026, 9, 25, 22, 30), 'Europe/Paris')).toBe('2026-10-25');
});

test('an id is a random UUID, also where the browser makes none', () => {
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(uuid()).toMatch(shape);
  const made = crypto.randomUUID;
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
  expect(uuid()).toMatch(shape);
  Object.defineProperty(crypto, 'randomUUID', { value: made, configurable: true });
});

describe('whose typing it is', () => {
  const press = (typing: Typing, keys: string, apartMs: number, more: object = {}): boolean[] =>
    [...keys].map((key, at) =>
      typing.isMachine({
        key,
        timeStamp: 1000 + at * apartMs,
        ctrlKey: false,
        metaKey: false,
        altKey: false,
        target: null,
        repeat: false,
        ...more,
      }),
    );

  test('is a hand scanner that types so many keys so fast', () => {
    expect(press(new Typing(), 'https:', 15)).toEqual([false, false, false, false, true, true]);
    expect(press(new Typing(), 'https:', Typing.APART_MS)).toContain(true);
  });

  test('is never one of a single key, nor of somebody who types', () => {
    for (const key of 'aé1#') expect(press(new Typing(), key, 0)).toEqual([false]);
    expect(press(new Typing(), 'bonjour madame', 120)).not.toContain(true);
    expect(press(new Typing(), 'aaaaaaaa', 5, { ctrlKey: true })).not.toContain(true);
    expect(press(new Typing(), 'aaaaaaaa', 30, { repeat: true })).not.toContain(true); // held down
  });

  test('starts over after a key that writes nothing', () => {
    const typing = new Typing();
    press(typing, 'abcd', 10);
    typing.isMachine({
      key: 'Enter',
      timeStamp: 1035,
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      target: null,
      repeat: false,
    });
    expect(press(typing, 'abcd', 10)).not.toContain(true);
  });
});
