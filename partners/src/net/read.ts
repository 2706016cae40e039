/** The server's answers, narrowed once: what does not have the agreed shape is null, never half a value. */
import { isSpan, readTerms, type Span, type Words } from '@estran/kit/rules/terms';
import type { IssuerKey } from '@estran/kit/rules/verify';
import type { Arrived, Benefit, Numbered, Paired, Received, Slot, Snapshot, Today, Uses, VenueName } from './wire';

type Json = Readonly<Record<string, unknown>>;

export function readPaired(json: unknown): Paired | null {
  if (!isObject(json)) return null;
  const venue = readVenue(json['venue']);
  const { deviceId, token, state } = json;
  if (!isText(deviceId) || !isText(token) || !venue) return null;
  return state === 'active' || state === 'pending' ? { deviceId, token, state, venue } : null;
}

/** Also for what is kept here: news that an earlier version stored, in a shape of its own, are none. */
export function readSnapshot(json: unknown): Snapshot | null {
  if (!isObject(json)) return null;
  const { iss, club, zone, snapshotLimitS, statusList, lastSeq } = json;
  const venue = readOwnVenue(json['venue']);
  const keys = readAll(json['keys'], readKey);
  const benefits = readAll(json['benefits'], readBenefit);
  const uses = readRecord(json['uses'], readUses);
  const today = readToday(json['today']);
  if (!isText(iss) || !isText(club) || !isText(zone) || !isText(statusList)) return null;
  if (!isCount(snapshotLimitS) || !isCount(lastSeq)) return null;
  if (!venue || !keys || !benefits || !uses || !today) return null;
  const told = { iss, club, zone, snapshotLimitS, statusList, lastSeq, venue, keys, uses, today };
  const slots = readSlots(json['slots']);
  return { ...told, slots, benefits: benefits.flatMap((one) => (one === 'unknown' ? [] : [one])) };
}

export function readReceived(json: unknown): Received | null {
  if (!isObject(json)) return null;
  const { device } = json;
  const results = readAll(json['results'], readReceipt);
  if (!results || (device !== 'active' && device !== 'pending' && device !== 'cut')) return null;
  return { results, device };
}

export function readNumbered(json: unknown): Numbered | null {
  if (!isObject(json)) return null;
  const { sub, name, exp, status } = json;
  return isText(sub) && isText(name) && isCount(exp) && isCount(status) ? { sub, name, exp, status } : null;
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

function readOwnVenue(json: unknown): Snapshot['venue'] | null {
  const venue = readVenue(json);
  if (!venue || !isObject(json)) return null;
  const closures = readAll(json['closures'], readSpan);
  return typeof json['paused'] === 'boolean' && closures ? { ...venue, paused: json['paused'], closures } : null;
}

function readSpan(json: unknown): Span | null {
  return isSpan(json) ? { first: json.first, last: json.last } : null;
}

function readKey(json: unknown): IssuerKey | null {
  if (!isObject(json)) return null;
  const { kid, kty, crv, x, y } = json;
  if (!isText(kid) || kty !== 'EC' || crv !== 'P-256' || !isText(x) || !isText(y)) return null;
  return { kid, kty, crv, x, y };
}

/** `unknown`: its terms say what this version does not know yet. It is not given here; the other news are as good as ever. */
function readBenefit(json: unknown): Benefit | 'unknown' | null {
  if (!isObject(json)) return null;
  const { id, version, entitled } = json;
  const [desk, give] = [readWords(json['desk']), readWords(json['give'])];
  if (!isText(id) || !isCount(version) || !desk || !give) return null;
  const who = entitled === null ? null : readAll(entitled, (sub) => (isText(sub) ? sub : null));
  if (entitled !== null && !who) return null;
  const terms = readTerms(json['terms']);
  return terms ? { id, version, terms, entitled: who, desk, give } : 'unknown';
}

/** Absent: none. One that this version cannot read is left out: the door's staff have a list, and the other news are as good as ever. */
function readSlots(json: unknown): Slot[] {
  return Array.isArray(json) ? json.map(readSlot).filter((one) => one !== null) : [];
}

function readSlot(json: unknown): Slot | null {
  if (!isObject(json) || !isObject(json['title'])) return null;
  const { id, eventId, note, startsMs, endsMs, opensMs, closesMs, capacity, guestsMax, walkIns } = json;
  const { fr, en } = json['title'];
  const expected = readRecord(json['expected'], (n) => (isCount(n) ? n : null));
  const waiting = readAll(json['waiting'], (sub) => (isText(sub) ? sub : null));
  const arrived = readRecord(json['arrived'], readArrived);
  if (!isText(id) || !isText(eventId) || !isText(fr) || typeof note !== 'string') return null;
  if (!isCount(startsMs) || !isCount(endsMs) || !isCount(opensMs) || !isCount(closesMs)) return null;
  if ((capacity !== null && !isCount(capacity)) || !isCount(guestsMax) || typeof walkIns !== 'boolean') return null;
  if (!expected || !waiting || !arrived) return null;
  const [title, when] = [
    { fr, en: isText(en) ? en : fr },
    { startsMs, endsMs, opensMs, closesMs },
  ];
  return { id, eventId, title, note, ...when, capacity, guestsMax, walkIns, expected, waiting, arrived };
}

function readArrived(json: unknown): Arrived | null {
  if (!isObject(json)) return null;
  const { atMs, guests, label } = json;
  return isCount(atMs) && isCount(guests) && typeof label === 'string' ? { atMs, guests, label } : null;
}

function readWords(json: unknown): Words | null {
  if (!isObject(json)) return null;
  const { fr, en } = json;
  return isText(fr) && isText(en) ? { fr, en } : null;
}

function readUses(json: unknown): Uses | null {
  if (!isObject(json)) return null;
  const { first, last } = json;
  const counts = readRecord(json['counts'], (n) => (isCount(n) ? n : null));
  if (!counts || (first !== null && !isText(first)) || (last !== null && !isText(last))) return null;
  return { first, last, counts };
}

/** Absent: nobody was here. */
function readToday(json: unknown): Today | null {
  if (json === undefined || json === null) return { day: '', visits: {} };
  if (!isObject(json) || typeof json['day'] !== 'string') return null;
  const visits = readRecord(json['visits'], (visit) => {
    if (!isObject(visit)) return null;
    const { atMs, label } = visit;
    return isCount(atMs) && typeof label === 'string' ? { atMs, label } : null;
  });
  return visits && { day: json['day'], visits };
}

/** All or nothing. */
export function readAll<T>(json: unknown, read: (one: unknown) => T | null): T[] | null {
  if (!Array.isArray(json)) return null;
  const all = json.map(read);
  return all.every((one) => one !== null) ? (all as T[]) : null;
}

function readRecord<T>(json: unknown, read: (one: unknown) => T | null): Record<string, T> | null {
  if (!isObject(json)) return null;
  const all = Object.entries(json).map(([key, one]) => [key, read(one)] as const);
  return all.every(([, one]) => one !== null) ? (Object.fromEntries(all) as Record<string, T>) : null;
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
