/** The literals of docs/pass-format.md: the same files as tests/passes/test_vectors.py. */

import { readFileSync } from 'node:fs';
import { compactVerify, importJWK } from 'jose';
import { describe, expect, test } from 'vitest';

import { b64, unb64, type Bytes } from '../../src/rules/bytes';
import { check, type Context } from '../../src/rules/check';
import { codesAdvance } from '../../src/rules/clock';
import { bytesOf, digitsOf } from '../../src/rules/digits';
import { ANSWERS, type Reason } from '../../src/rules/reasons';
import { PLAIN } from '../../src/rules/terms';
import {
  credentialBytes,
  credentialText,
  LIVE,
  parse,
  parseCredential,
  presentationBytes,
  proofInput,
  type Fields,
} from '../../src/rules/token';
import { sdHash, verify, type IssuerKey } from '../../src/rules/verify';

interface PassCase {
  name: string;
  text: string;
  keys?: string[];
  expect: {
    reason?: Reason;
    fields?: Record<string, string | number>;
    presentation?: string;
    credential?: string;
  };
}

interface CheckCase {
  name: string;
  claims: { exp: number; iat: number | null };
  context: Context;
  expect: { answer: string; reason: string; benefitId?: string };
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url), 'utf8'));
const PASS = read('pass-v1.json') as {
  iss: string;
  keys: Record<string, IssuerKey>;
  defaultKeys: string[];
  digits: { hex: string; digits: string }[];
  badDigits: string[];
  cases: PassCase[];
};
const CHECK = read('check-v1.json') as {
  cases: CheckCase[];
  codesAdvance: { first: [number, number]; second: [number, number]; advance: boolean }[];
};

const WELCOME = read('welcome-v1.json') as { cases: { expect: [string, string] }[] };

const keysOf = (one: PassCase): IssuerKey[] =>
  (one.keys ?? PASS.defaultKeys).map((name) => PASS.keys[name]).filter((key) => key !== undefined);

const bytesIn = (text = ''): Bytes => unb64(text) ?? new Uint8Array();

/** Fields as the vectors write them. */
function plain(fields: Fields): Record<string, string | number> {
  const { key, proof, kid, sub, jti, type, exp, idx, name } = fields;
  return {
    ...{ type, kid: b64(kid), sub: b64(sub), jti: b64(jti), exp, idx, name },
    ...(key && { x: b64(key.x), y: b64(key.y) }),
    ...(proof && { iat: proof.iat, nonce: b64(proof.nonce) }),
  };
}

/** `<issuer-signed JWT>~<KB-JWT>`: what an RFC 9901 library takes. */
async function presentationText(fields: Fields): Promise<string> {
  const { proof } = fields;
  const credential = `${credentialText(fields, PASS.iss)}~`;
  if (!proof) return credential;
  return `${credential}${proofInput(proof, PASS.iss, await sdHash(fields, PASS.iss))}.${b64(proof.signature)}`;
}

describe('pass-v1.json', () => {
  test.each(PASS.cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const parsed = parse(one.text, PASS.iss);
    const verified = typeof parsed === 'string' ? parsed : await verify(parsed, PASS.iss, keysOf(one));
    expect(typeof verified === 'string' ? verified : undefined).toBe(one.expect.reason);
    if (typeof parsed === 'string' || typeof verified === 'string') return;

    expect(plain(parsed)).toEqual(one.expect.fields);
    expect(b64(credentialBytes(parsed))).toBe(one.expect.credential);
    expect(parseCredential(bytesIn(one.expect.credential))).toEqual({ ...parsed, proof: null });
    expect(one.text).toContain(digitsOf(presentationBytes(parsed)));
    expect(await presentationText(parsed)).toBe(one.expect.presentation);
  });

  test('jose, an independent library, accepts what is rebuilt', async () => {
    for (const one of PASS.cases.filter((each) => each.expect.fields?.['type'] === LIVE)) {
      const [jwt = '', proof = ''] = (one.expect.presentation ?? '').split('~');
      const { x, y, kid } = one.expect.fields as { x: string; y: string; kid: string };
      const issuers = keysOf(one).filter((key) => key.kid === kid);
      const outcomes = await Promise.allSettled(
        issuers.map(async (key) => compactVerify(jwt, await importJWK({ ...key }, 'ES256'), { algorithms: ['ES256'] })),
      );
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
      const holder = await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256');
      const bound = await compactVerify(proof, holder, { algorithms: ['ES256'] });
      expect(bound.protectedHeader.typ).toBe('kb+jwt');
    }
  });

  test.each(PASS.digits)('bytes $hex have one spelling', ({ hex, digits }) => {
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    expect(digitsOf(bytes)).toBe(digits);
    expect(bytesOf(digits)).toEqual(bytes);
  });

  test.each(PASS.badDigits)('digits %j are refused', (digits) => {
    expect(bytesOf(digits)?.length ?? 0).toBe(0);
    expect(parse(`${PASS.iss}/scan/#${digits}`, PASS.iss)).toBeTypeOf('string');
  });
});

describe('check-v1.json', () => {
  test.each(CHECK.cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const benefits = one.context.benefits.map((benefit) => ({ ...benefit, terms: { ...PLAIN, ...benefit.terms } }));
    const verdict = check(one.claims, { ...one.context, benefits });
    expect([verdict.answer, verdict.reason]).toEqual([one.expect.answer, one.expect.reason]);
    expect(verdict.benefitId ?? undefined).toBe(one.expect.benefitId);
  });

  test.each(CHECK.codesAdvance)('two codes $first $second', ({ first, second, advance }) => {
    expect(codesAdvance({ iat: first[0], monoS: first[1] }, { iat: second[0], monoS: second[1] })).toBe(advance);
  });

  test('every reason has a vector', () => {
    const seen = new Set([...PASS.cases, ...CHECK.cases].map((one) => one.expect.reason));
    for (const { expect: said } of WELCOME.cases) seen.add(said[1]);
    expect(Object.keys(ANSWERS).filter((reason) => !seen.has(reason as Reason))).toEqual([]);
  });
});

describe('any input', () => {
  test('random bytes survive digits, random digits give bytes or null', () => {
    for (let round = 0; round < 500; round++) {
      const bytes = crypto.getRandomValues(new Uint8Array(1 + (round % 280)));
      expect(bytesOf(digitsOf(bytes))).toEqual(bytes);
      const digits = Array.from(bytes, (byte) => byte % 10).join('');
      const read = bytesOf(digits);
      if (read) expect(digitsOf(read)).toBe(digits);
      const parsed = parse(digits, PASS.iss);
      if (typeof parsed !== 'string') expect(digitsOf(presentationBytes(parsed))).toBe(digits);
    }
  });

  test('no single bit of a pass can change unnoticed', async () => {
    const plain = PASS.cases[0];
    const bytes = bytesOf(plain?.text.split('#')[1] ?? '') ?? new Uint8Array();
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const parsed = parse(digitsOf(changed), PASS.iss);
      const verified = typeof parsed === 'string' ? parsed : await verify(parsed, PASS.iss, keysOf(PASS.cases[0]!));
      expect(verified, `bit ${bit}`).toBeTypeOf('string');
    }
  });
});
