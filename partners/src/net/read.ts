/** The server's answers, narrowed once: what does not have the agreed shape is null, never half a value. */
import type { IssuerKey } from '@estran/kit/rules/verify';
import type { Benefit, Paired, Received, Snapshot, VenueName } from './wire';

type Json = Readonly<Record<string, unknown>>;

export function readPaired(json: unknown): Paired | null {
  if (!isObject(json)) return null;
  const venue = readVenue(json['venue']);
  const { deviceId, token, state } = json;
  if (!isText(deviceId) || !isText(token) || !venue) return null;
  return state === 'active' || state === 'pending' ? { deviceId, token, state, venue } : null;
}

export function readSnapshot(json: unknown): Snapshot | null {
  if (!isObject(json)) return null;
  const { iss, club, zone, snapshotLimitS, statusList, usedYear, lastSeq } = json;
  const venue = readVenue(json['venue']);
  const paused = isObject(json['venue']) ? json['venue']['paused'] : null;
  const keys = readAll(json['keys'], readKey);
  const benefits = readAll(json['benefits'], readBenefit);
  const used = readUsed(json['used']);
  if (!isText(iss) || !isText(club) || !isText(zone) || !isText(statusList)) return null;
  if (!isCount(snapshotLimitS) || !isCount(usedYear) || !isCount(lastSeq)) return null;
  if (!venue || typeof paused !== 'boolean' || !keys || !benefits || !used) return null;
  const told = { iss, club, zone, snapshotLimitS, statusList, usedYear, lastSeq };
  return { ...told, keys, benefits, used, venue: { ...venue, paused } };
}

export function readReceived(json: unknown): Received | null {
  if (!isObject(json)) return null;
  const { device } = json;
  const results = readAll(json['results'], readReceipt);
  if (!results || (device !== 'active' && device !== 'pending' && device !== 'cut')) return null;
  return { results, device };
}

function readReceipt(json: unknown): Received['results'][number] | null {
  if (!isObject(json)) return null;
  const { result } = json;
  const id = isText(json['id']) ? json['id'] : null;
  return result === 'stored' || result === 'duplicate' || result === 'parked' ? { id, result } : null;
}

export function readVenue(json: unknown): VenueName | null {
  if (!isObject(json) || !isText(json['id']) || !isText(json['name'])) return null;
  return { id: json['id'], name: json['name'] };
}

function readKey(json: unknown): IssuerKey | null {
  if (!isObject(json)) return null;
  const { kid, kty, crv, x, y } = json;
  if (!isText(kid) || kty !== 'EC' || crv !== 'P-256' || !isText(x) || !isText(y)) return null;
  return { kid, kty, crv, x, y };
}

function readBenefit(json: unknown): Benefit | null {
  if (!isObject(json) || !isObject(json['sentence'])) return null;
  const { id, version, minPayingCompanions, quotaPerYear } = json;
  const { fr, en } = json['sentence'];
  if (!isText(id) || !isCount(version) || !isCount(minPayingCompanions) || !isText(fr) || !isText(en)) return null;
  if (quotaPerYear !== null && !isCount(quotaPerYear)) return null;
  return { id, version, minPayingCompanions, quotaPerYear, sentence: { fr, en } };
}

function readUsed(json: unknown): Snapshot['used'] | null {
  if (!isObject(json)) return null;
  const counts = Object.values(json);
  const good = counts.every((bySub) => isObject(bySub) && Object.values(bySub).every(isCount));
  return good ? (json as Snapshot['used']) : null;
}

/** All or nothing. */
export function readAll<T>(json: unknown, read: (one: unknown) => T | null): T[] | null {
  if (!Array.isArray(json)) return null;
  const all = json.map(read);
  return all.every((one) => one !== null) ? (all as T[]) : null;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
