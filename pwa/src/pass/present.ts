/** A presentation: the credential and a proof signed at this moment by the phone's key (docs/pass-format.md §1-§3). */
import { ascii, unb64 } from '@estran/kit/rules/bytes';
import { digitsOf } from '@estran/kit/rules/digits';
import { numberOf } from '@estran/kit/rules/number';
import { parseCredential, presentationBytes, proofInput, type Fields } from '@estran/kit/rules/token';
import { sdHash } from '@estran/kit/rules/verify';
import type { KeptPass } from './vault';

/** The fields of a stored credential. @throws when it is not one: nothing can be shown then. */
export function fieldsOf(credential: string): Fields {
  const bytes = unb64(credential);
  const fields = bytes ? parseCredential(bytes) : 'malformed';
  if (typeof fields === 'string' || !fields.key) throw new Error('the stored credential is not a live pass');
  return fields;
}

/** The last second of a stored credential, in seconds since 1970; 0 when unreadable. */
export function lastSecond(credential: string): number {
  try {
    return fieldsOf(credential).exp;
  } catch {
    return 0;
  }
}

/** The number of a stored credential (docs/pass-format.md §9), to be typed where nothing can be scanned; null when unreadable. */
export function passNumber(credential: string): string | null {
  try {
    return numberOf(fieldsOf(credential).jti);
  } catch {
    return null;
  }
}

/**
 * The digits of a fresh presentation, its time being `nowMs`: corrected by the caller. `audience`: whom it is for, when that
 * is not every scanner of the club.
 */
export async function present(
  pass: Pick<KeptPass, 'key' | 'iss' | 'credential'>,
  nowMs: number,
  audience = pass.iss,
): Promise<string> {
  const fields = fieldsOf(pass.credential);
  const unsigned = { iat: Math.floor(nowMs / 1000), nonce: crypto.getRandomValues(new Uint8Array(4)) };
  const input = proofInput(unsigned, audience, await sdHash(fields, pass.iss));
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pass.key.privateKey, ascii(input));
  return digitsOf(presentationBytes({ ...fields, proof: { ...unsigned, signature: new Uint8Array(signature) } }));
}
