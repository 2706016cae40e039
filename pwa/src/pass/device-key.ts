/** The phone's own key: made here, never leaves here. Nothing, not even this app, can read its private part. */

export interface DeviceKey {
  readonly privateKey: CryptoKey;
  /** Public coordinates, base64url, 43 characters each. */
  readonly x: string;
  readonly y: string;
}

/** Whether this browser can hold such a key (a page without TLS has no WebCrypto, some private windows no database). */
export function canHoldKey(): boolean {
  return typeof globalThis.crypto?.subtle?.generateKey === 'function' && typeof indexedDB === 'object';
}

export async function makeDeviceKey(): Promise<DeviceKey> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const { x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  if (x === undefined || y === undefined) throw new Error('the browser made a key without coordinates');
  return { privateKey: pair.privateKey, x, y };
}
