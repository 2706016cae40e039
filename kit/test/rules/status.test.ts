import { zlibSync } from 'fflate';
import { CompactSign, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';

import { b64 } from '../../src/rules/bytes';
import { readStatusList, statusAt } from '../../src/rules/status';
import type { IssuerKey } from '../../src/rules/verify';

const ISS = 'https://pass.example.org';
let privateKey: CryptoKey;
let key: IssuerKey;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  privateKey = pair.privateKey;
  key = named(await exportJWK(pair.publicKey));
});

function named(jwk: JWK): IssuerKey {
  return { kid: 'AAAA', kty: 'EC', crv: 'P-256', x: jwk.x ?? '', y: jwk.y ?? '' };
}

const LIST = { bits: 2, lst: b64(zlibSync(new Uint8Array([0b11_10_01_00, 0b00_00_00_01]))) };

/** A token signed by jose, the independent library; `claims` and `header` say what differs from a good one. */
function token(claims: object = {}, header: object = {}): Promise<string> {
  const payload = { sub: `${ISS}/status`, iat: 1, exp: 2, ttl: 3, version: 7, status_list: LIST, ...claims };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'ES256', kid: 'AAAA', typ: 'statuslist+jwt', ...header })
    .sign(privateKey);
}

describe('a status list', () => {
  test('gives the two bits of each index, lowest first, and null beyond its end', async () => {
    const list = await readStatusList(await token(), ISS, [key]);
    if (typeof list === 'string') throw new Error(list);
    expect(list.version).toBe(7);
    expect([0, 1, 2, 3, 4, 5, 7, 8, 16_777_215].map((idx) => statusAt(list, idx))).toEqual([
      ...[0, 1, 2, 3, 1, 0, 0],
      ...[null, null],
    ]);
  });

  test('is refused when older than the one already here, taken when the same', async () => {
    expect(await readStatusList(await token(), ISS, [key], 8)).toBe('older');
    expect(await readStatusList(await token(), ISS, [key], 7)).toMatchObject({ version: 7 });
  });

  test('is refused from another club, or signed by nobody known', async () => {
    expect(await readStatusList(await token({ sub: 'https://other.example/status' }), ISS, [key])).toBe('other_club');
    expect(await readStatusList(await token(), ISS, [])).toBe('bad_signature');
    expect(await readStatusList(await token({}, { kid: 'BBBB' }), ISS, [key])).toBe('bad_signature');
    const [head, , signature] = (await token()).split('.');
    const [, body] = (await token({ version: 9 })).split('.');
    expect(await readStatusList(`${head}.${body}.${signature}`, ISS, [key])).toBe('bad_signature');
  });

  test.each([
    ['another typ', {}, { typ: 'JWT' }],
    ['another width', { status_list: { ...LIST, bits: 1 } }, {}],
    ['bits that are no zlib', { status_list: { bits: 2, lst: 'AAAA' } }, {}],
    ['no version', { version: null }, {}],
  ])('is refused with %s', async (_, claims, header) => {
    expect(await readStatusList(await token(claims, header), ISS, [key])).toBe('malformed');
  });

  test.each(['', 'a', 'a.b', 'a.b.c', 'a.b.c.d', '....'])('is refused when it is %j', async (text) => {
    expect(await readStatusList(text, ISS, [key])).toBe('malformed');
  });
});
