/**
 * The club's status list: which passes are revoked or suspended. docs/pass-format.md §6.
 * A list's own `exp` is not looked at: how old news may be is the snapshot's rule (§5, `snapshot_old`), asked of the
 * staff and never a reason to forget a revocation.
 */
import { unzlibSync } from 'fflate';

import { unb64 } from './bytes';
import { statusAddress } from './token';
import { isSignedByAny, type IssuerKey } from './verify';

/** A list whose signature holds. */
export interface StatusList {
  readonly version: number;
  readonly bits: Uint8Array;
}

export type StatusRefusal = 'malformed' | 'bad_signature' | 'other_club' | 'older';

/** The list in `token`, or why it is not taken; `known` is the version already here. */
export async function readStatusList(
  token: string,
  iss: string,
  keys: readonly IssuerKey[],
  known: number | null = null,
): Promise<StatusList | StatusRefusal> {
  const [header, payload, signature, ...more] = token.split('.');
  if (!header || !payload || !signature || more.length > 0) return 'malformed';
  const head = readJson(header);
  const claims = readJson(payload);
  const signed = unb64(signature);
  if (!head || !claims || !signed || head['typ'] !== 'statuslist+jwt' || head['alg'] !== 'ES256') return 'malformed';
  const candidates = keys.filter((key) => key.kid === head['kid']);
  if (!(await isSignedByAny(`${header}.${payload}`, signed, candidates))) return 'bad_signature';
  if (claims['sub'] !== statusAddress(iss)) return 'other_club';
  const { version } = claims;
  const bits = unpack(claims['status_list']);
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || !bits) return 'malformed';
  return known !== null && version < known ? 'older' : { version, bits };
}

/** The two bits at `idx` (lowest bits first, as the draft has it); null beyond the list: a newer pass. */
export function statusAt(list: StatusList, idx: number): number | null {
  const byte = list.bits[idx >> 2];
  return byte === undefined ? null : (byte >> ((idx & 3) * 2)) & 3;
}

function unpack(statusList: unknown): Uint8Array | null {
  if (!isRecord(statusList) || statusList['bits'] !== 2 || typeof statusList['lst'] !== 'string') return null;
  const packed = unb64(statusList['lst']);
  try {
    return packed && unzlibSync(packed);
  } catch {
    return null;
  }
}

function readJson(part: string): Record<string, unknown> | null {
  const bytes = unb64(part);
  if (!bytes) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
