/** The Status List Token: docs/pass-format.md §6 (draft-ietf-oauth-status-list-21, two bits a pass). */

import { unzlibSync } from 'fflate';
import { unb64 } from './base64url';
import { isSigned, type IssuerKey } from './verify';

/** A verified status list. */
export interface StatusList {
  version: number;
  /** Two bits a pass, index 0 in the lowest bits of the first byte. */
  bits: Uint8Array;
}

/**
 * The list in `token`, or null: not signed by one of `keys`, another club's, another format, or older than `least` (a
 * scanner never goes back to an older list than it has).
 */
export async function readStatusList(
  token: string,
  iss: string,
  keys: readonly IssuerKey[],
  least = 0,
): Promise<StatusList | null> {
  const [head = '', body = '', signature = '', ...rest] = token.split('.');
  const header = readJson(head);
  const payload = readJson(body);
  const signed = unb64(signature);
  if (rest.length > 0 || !header || !payload || !signed) return null;
  if (header['alg'] !== 'ES256' || header['typ'] !== 'statuslist+jwt') return null;
  const candidates = keys.filter((key) => key.kid === header['kid']);
  let genuine = false;
  for (const key of candidates) genuine ||= await isSigned(`${head}.${body}`, signed, key.x, key.y);
  const list = payload['status_list'] as Record<string, unknown> | undefined;
  const version = payload['version'];
  if (!genuine || payload['sub'] !== `${iss}/status` || list?.['bits'] !== 2) return null;
  if (typeof version !== 'number' || version < least || typeof list['lst'] !== 'string') return null;
  const packed = unb64(list['lst']);
  if (!packed) return null;
  try {
    return { version, bits: unzlibSync(packed) };
  } catch {
    return null;
  }
}

/** 0 valid, 1 revoked, 2 or 3 suspended; null beyond the end of the list (a pass newer than it). */
export function statusAt(bits: Uint8Array, idx: number): number | null {
  const byte = bits[Math.floor(idx / 4)];
  return byte === undefined ? null : (byte >> ((idx % 4) * 2)) & 3;
}

function readJson(part: string): Record<string, unknown> | null {
  const bytes = unb64(part);
  if (!bytes) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
