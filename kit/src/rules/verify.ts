/**
 * The two signatures of a pass, with WebCrypto: docs/pass-format.md §3, §7.
 * No clock, no storage; the only thing asked of the world is arithmetic (`crypto.subtle`).
 */
import { ascii, b64, unb64, type Bytes } from './bytes';
import type { VerifyReason } from './reasons';
import { credentialText, proofInput, type Fields } from './token';

/** A public key of the club, as JWKS and the snapshot give it. */
export interface IssuerKey {
  readonly kid: string;
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

/** Fields whose signatures hold. Only `verify` makes one. */
export interface Verified extends Fields {
  readonly verified: true;
}

/** Verified fields, or why not: no key with this `kid`, the issuer's signature, the holder's. */
export async function verify(
  fields: Fields,
  iss: string,
  keys: readonly IssuerKey[],
): Promise<Verified | VerifyReason> {
  const kid = b64(fields.kid);
  const candidates = keys.filter((key) => key.kid === kid);
  if (candidates.length === 0) return 'unknown_key';
  const text = credentialText(fields, iss);
  const end = text.lastIndexOf('.');
  if (!(await isSignedByAny(text.slice(0, end), fields.signature, candidates))) return 'bad_signature';
  return (await isProved(fields, iss)) ? { ...fields, verified: true } : 'bad_proof';
}

/** Whether the holder's key, named in the credential, signed the proof. A paper pass has none to check. */
async function isProved(fields: Fields, iss: string): Promise<boolean> {
  const { key, proof } = fields;
  if (!key || !proof) return !key && !proof;
  const input = proofInput(proof, iss, await sdHash(fields, iss));
  return isSigned(input, proof.signature, { x: b64(key.x), y: b64(key.y) });
}

/** The SHA-256 of `<issuer-signed JWT>~` (RFC 9901 §4.3). */
export async function sdHash(fields: Fields, iss: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', ascii(`${credentialText(fields, iss)}~`)));
}

/** A short `kid` may collide: every key that bears it is tried. */
export async function isSignedByAny(
  input: string,
  signature: Bytes,
  keys: readonly Pick<IssuerKey, 'x' | 'y'>[],
): Promise<boolean> {
  for (const key of keys) {
    if (await isSigned(input, signature, key)) return true;
  }
  return false;
}

/** Whether `signature` (r ‖ s) over the text `input` is this P-256 key's. A point off the curve signs nothing. */
export async function isSigned(
  input: string,
  signature: Bytes,
  key: { readonly x: string; readonly y: string },
): Promise<boolean> {
  if (signature.length !== 64 || unb64(key.x)?.length !== 32 || unb64(key.y)?.length !== 32) return false;
  try {
    const jwk = { kty: 'EC', crv: 'P-256', x: key.x, y: key.y };
    const imported = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'verify',
    ]);
    return await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, signature, ascii(input));
  } catch {
    return false;
  }
}
