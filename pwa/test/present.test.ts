import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { normalNumber, numberOf } from '@estran/kit/rules/number';
import { parse } from '@estran/kit/rules/token';
import { verify } from '@estran/kit/rules/verify';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeDeviceKey, type DeviceKey } from '../src/pass/device-key';
import { fieldsOf, lastSecond, passNumber, present } from '../src/pass/present';
import { drawPass, passAddress, qrVersion, QUIET_ZONE, type QrDrawing } from '../src/pass/qr';
import { EXP_S, ISS, makeIssuer, NOW_MS, type Issuer } from './issuer';

let issuer: Issuer;
let key: DeviceKey;

beforeAll(async () => {
  issuer = await makeIssuer();
  key = await makeDeviceKey();
});

describe('a presentation', () => {
  it('holds both signatures and the time it was given', async () => {
    const credential = await issuer.issue(key);
    const digits = await present({ key, iss: ISS, credential }, NOW_MS + 999);
    const fields = parse(passAddress(ISS, digits), ISS);
    if (typeof fields === 'string') throw new Error(fields);
    expect(await verify(fields, ISS, [issuer.key])).toMatchObject({ verified: true });
    expect(fields.proof?.iat).toBe(NOW_MS / 1000);
    expect(fields.name).toBe('Camille V.');
  });

  it('has a number that a phone without network knows, too', async () => {
    const credential = await issuer.issue(key);
    expect(normalNumber(passNumber(credential) ?? '')).toBe(numberOf(fieldsOf(credential).jti));
    expect(passNumber('nonsense')).toBeNull();
  });

  it('is never the same twice', async () => {
    const credential = await issuer.issue(key);
    const pass = { key, iss: ISS, credential };
    expect(await present(pass, NOW_MS)).not.toBe(await present(pass, NOW_MS));
  });

  it('does not pass for another phone', async () => {
    const credential = await issuer.issue(await makeDeviceKey());
    const fields = parse(await present({ key, iss: ISS, credential }, NOW_MS), ISS);
    if (typeof fields === 'string') throw new Error(fields);
    expect(await verify(fields, ISS, [issuer.key])).toBe('bad_proof');
  });

  it('is not made from something else than a live pass', async () => {
    await expect(present({ key, iss: ISS, credential: 'AQID' }, NOW_MS)).rejects.toThrow('not a live pass');
    expect(() => fieldsOf('not base64url!')).toThrow('not a live pass');
    expect(lastSecond('AQID')).toBe(0);
  });

  it('tells its last second', async () => {
    expect(lastSecond(await issuer.issue(key))).toBe(EXP_S);
  });
});

describe('the phone’s key', () => {
  it('cannot be taken out', async () => {
    await expect(crypto.subtle.exportKey('jwk', key.privateKey)).rejects.toThrow();
    expect(key.x).toHaveLength(43);
  });
});

describe('the drawn code', () => {
  const longestHost = `https://${'a'.repeat(33)}.fr`;

  it('stays at version 11 for a 36-character host and a 30-byte name', async () => {
    const name = 'Maëlle-Élisabeth-Anne-Lou O.';
    expect(new TextEncoder().encode(name)).toHaveLength(30);
    const credential = await issuer.issue(key, { iss: longestHost, name });
    const digits = await present({ key, iss: longestHost, credential }, NOW_MS);
    expect(digits).toHaveLength(640);
    expect(qrVersion(drawPass(longestHost, digits).size)).toBe(11);
  });

  it('is read back, to the digit, by the decoder that venues use', async () => {
    const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
    prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(wasm)).buffer } });
    const credential = await issuer.issue(key);
    const digits = await present({ key, iss: ISS, credential }, NOW_MS);
    const [found] = await readBarcodes(pixels(drawPass(ISS, digits), 3), { formats: ['QRCode'] });
    expect(found?.text).toBe(passAddress(ISS, digits));
  });
});

/** The drawing painted by hand: it is made of rectangles, one module high. */
function pixels({ path, size }: QrDrawing, scale: number): ImageData {
  const side = (size + 2 * QUIET_ZONE) * scale;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = 0; row < scale; row += 1) {
      const from = ((Number(y) + QUIET_ZONE) * scale + row) * side + (Number(x) + QUIET_ZONE) * scale;
      for (let dot = from; dot < from + Number(width) * scale; dot += 1) data.fill(0, dot * 4, dot * 4 + 3);
    }
  }
  return { data, width: side, height: side, colorSpace: 'srgb' } as ImageData;
}
