/** A club's key and passes made here, for tests that need a real signature. Not the server: only what the format says. */
import { ascii, b64, unb64 } from '@estran/kit/rules/bytes';
import { credentialBytes, credentialInput, LIVE, type Fields } from '@estran/kit/rules/token';
import type { IssuerKey } from '@estran/kit/rules/verify';
import type { DeviceKey } from '../src/pass/device-key';
import type { PassNews } from '../src/pass/types';

export const ISS = 'https://pass.example.org';
export const NOW_MS = Date.UTC(2026, 5, 15, 10);
export const EXP_S = Date.UTC(2027, 11, 31, 22, 59, 59) / 1000;

export interface Issuer {
  readonly key: IssuerKey;
  issue(phone: DeviceKey, about?: { iss?: string; name?: string; exp?: number; jti?: number }): Promise<string>;
}

export async function makeIssuer(): Promise<Issuer> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  const kid = new Uint8Array([1, 2, 3]);
  return {
    key: { kid: b64(kid), kty: 'EC', crv: 'P-256', x, y },
    async issue(phone, { iss = ISS, name = 'Camille V.', exp = EXP_S, jti = 9 } = {}) {
      const fields: Fields = {
        type: LIVE,
        kid,
        sub: new Uint8Array(8).fill(7),
        jti: new Uint8Array(6).fill(jti),
        exp,
        idx: 123,
        name,
        key: { x: bytes(phone.x), y: bytes(phone.y) },
        signature: new Uint8Array(64),
        proof: null,
      };
      const input = ascii(credentialInput(fields, iss));
      const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, input);
      return b64(credentialBytes({ ...fields, signature: new Uint8Array(signature) }));
    },
  };
}

export function news(credential: string | null, about: Partial<PassNews> = {}): PassNews {
  return {
    credential,
    status: 'valid',
    until: '2027-12-31',
    club: 'Club des ambassadeurs',
    name: 'Camille V.',
    zone: 'Europe/Paris',
    benefits: [],
    newsAtMs: NOW_MS,
    ...about,
  };
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const found = unb64(text);
  if (!found) throw new Error('not base64url');
  return found;
}
