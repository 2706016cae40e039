/** The two signatures of a presentation: docs/pass-format.md §3. ES256 and nothing else (RFC 8725 §3.1). */

import { b64 } from './base64url';
import type { Reason } from './check';
import { credentialInput, proofInput, type Credential, type Presentation } from './token';

/** An issuer's public key as the server publishes it (RFC 7517), with its 3-byte `kid`. */
export interface IssuerKey {
  kty: string;
  crv: string;
  x: string;
  y: string;
  kid: string;
}

const ES256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const encoder = new TextEncoder();

/** Null when both signatures hold; else unknown_key, bad_signature or bad_proof. */
export async function verify(
  p: Presentation,
  iss: string,
  keys: readonly IssuerKey[],
): Promise<Reason | null> {
  return (await verifyCredential(p.credential, iss, keys)) ?? (await verifyProof(p, iss));
}

/** Null when one of `keys` with this `kid` signed the credential; else unknown_key or bad_signature. */
export async function verifyCredential(
  credential: Credential,
  iss: string,
  keys: readonly IssuerKey[],
): Promise<Reason | null> {
  const kid = b64(credential.kid);
  const candidates = keys.filter((key) => key.kid === kid);
  if (candidates.length === 0) return 'unknown_key';
  const input = credentialInput(credential, iss);
  for (const key of candidates) {
    if (await isSigned(input, credential.signature, key.x, key.y)) return null;
  }
  return 'bad_signature';
}

/** Null when the phone's key, named in the credential, signed the proof (always on paper); else bad_proof. */
export async function verifyProof(p: Presentation, iss: string): Promise<Reason | null> {
  if (!p.proof) return null;
  const { credential, proof } = p;
  const input = await proofInput(credential, iss, proof);
  return (await isSigned(input, proof.signature, b64(credential.x), b64(credential.y))) ? null : 'bad_proof';
}

/** Whether the P-256 key at (x, y) signed `input` with ES256; false for a point that is not on the curve. */
export async function isSigned(
  input: string,
  signature: Uint8Array<ArrayBuffer>,
  x: string,
  y: string,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y }, ES256, false, [
      'verify',
    ]);
    return await crypto.subtle.verify(
      { name: 'ECDSA', hash: 'SHA-256' },
      key,
      signature,
      encoder.encode(input),
    );
  } catch {
    return false;
  }
}
