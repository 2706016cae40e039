/**
 * One scan, from the text to the line in the book: parse → verify → check → log, never blurred.
 * Everything the scan knew is frozen with it (clock, news, list), so that the same proof gives the same answer again and
 * the server can judge the visit as of the scan.
 */
import { b64, unb64 } from '@estran/kit/rules/bytes';
import { check, verdictOf, type Context, type Decisions, type Verdict } from '@estran/kit/rules/check';
import { DIGITS_MAX } from '@estran/kit/rules/digits';
import type { Reason } from '@estran/kit/rules/reasons';
import { statusAt, type StatusList } from '@estran/kit/rules/status';
import { PAPER, parse, type Fields } from '@estran/kit/rules/token';
import { verify } from '@estran/kit/rules/verify';
import type { Numbered, Outcome, Snapshot } from '../net/wire';
import { localDay } from './day';
import { previousVisit, usesOf } from './uses';
import type { Device, Entry, NewEntry, NewVisit } from './vault';

/** What the office has told, its status list already verified. */
export interface News {
  readonly snapshot: Snapshot;
  readonly list: StatusList;
  /** This device's clock when it came. */
  readonly newsAtMs: number;
}

/** What the device's clock is worth at the scan. */
export interface ClockNow {
  readonly wallMs: number;
  readonly monoMs: number;
  /** The measured difference to the server, when there is one that still holds. */
  readonly skewMs: number | null;
  /** The part of it that is applied. */
  readonly appliedMs: number;
  readonly confirmed: boolean;
}

/** All a scan looks at besides its text. */
export interface Known {
  readonly device: Pick<Device, 'deviceId' | 'venue'>;
  readonly news: News | null;
  readonly entries: readonly Entry[];
  readonly clock: ClockNow;
  /** The club's origin where there are no news yet. */
  readonly origin: string;
  /** Whether two codes of this pass were seen to advance (asked only when the clock is not confirmed). */
  readonly advance: (fields: Fields, monoMs: number) => boolean;
}

export interface Scan {
  /** The future visit's id: made here, before anything is shown. */
  readonly id: string;
  readonly digits: string;
  /** The pass number that was typed instead (§9); null: something was scanned. */
  readonly number: string | null;
  /** Verified fields, or what the office says of a typed number; null when parse or verify said no. */
  readonly fields: Fields | null;
  readonly proofKey: string | null;
  /** The reason of parse or verify; null when the rules decide. */
  readonly failed: Reason | null;
  readonly context: Context | null;
  readonly day: string;
  readonly clock: ClockNow;
  readonly codesAdvance: boolean;
  readonly statusVersion: number | null;
  readonly newsAtMs: number | null;
  readonly venueId: string;
}

/** Reasons whose scans are no business of the server: not a pass of this club at all. */
const UNSENT: ReadonlySet<Reason> = new Set<Reason>(['not_a_pass', 'other_club']);

export async function scan(text: string, id: string, known: Known): Promise<Scan> {
  const { news, clock } = known;
  const iss = news?.snapshot.iss ?? known.origin;
  const nowMs = clock.wallMs + clock.appliedMs;
  const parsed = parse(text, iss);
  const verified = typeof parsed === 'string' ? parsed : await verify(parsed, iss, news?.snapshot.keys ?? []);
  const fields = typeof verified === 'string' ? null : verified;
  const codesAdvance = fields !== null && !clock.confirmed && known.advance(fields, clock.monoMs);
  const day = localDay(nowMs, news?.snapshot.zone ?? 'Europe/Paris');
  return {
    id,
    digits: digitsIn(text),
    number: null,
    fields,
    proofKey: fields && proofKeyOf(fields, iss),
    failed: typeof verified === 'string' ? verified : null,
    context: fields && contextOf(fields, known, codesAdvance, day),
    day,
    clock,
    codesAdvance,
    statusVersion: news?.list.version ?? null,
    newsAtMs: news?.newsAtMs ?? null,
    venueId: known.device.venue.id,
  };
}

/** The same for a number that was typed: what the office says of it stands in for a code; `found` is null when it cannot be asked. */
export function scanNumber(number: string, id: string, known: Known, found: Numbered | null): Scan {
  const { news, clock } = known;
  const fields = found && saidOf(found);
  const day = localDay(clock.wallMs + clock.appliedMs, news?.snapshot.zone ?? 'Europe/Paris');
  const context = found && fields && { ...contextOf(fields, known, false, day), status: found.status };
  return {
    ...{ id, number, fields, context, day, clock },
    digits: '',
    proofKey: null,
    failed: found ? null : 'typed_number',
    codesAdvance: false,
    statusVersion: news?.list.version ?? null,
    newsAtMs: news?.newsAtMs ?? null,
    venueId: known.device.venue.id,
  };
}

/** The fields of a pass of which only this is known. */
function saidOf({ sub, name, exp }: Numbered): Fields {
  const none = new Uint8Array();
  const nothing = { kid: none, jti: none, idx: 0, key: null, signature: none, proof: null };
  return { type: PAPER, sub: unb64(sub) ?? none, name, exp, ...nothing };
}

/** Asked anew after each of the staff's decisions. */
export function judge(scanned: Scan, decisions: Decisions): Verdict {
  const { fields, context, failed } = scanned;
  if (failed || !fields || !context) return verdictOf(failed ?? 'malformed');
  const claims = { exp: fields.exp, iat: fields.proof?.iat ?? null, typed: scanned.number !== null };
  return check(claims, { ...context, decisions });
}

/** Replay is keyed on signed fields, never on the signature or the text (§4). A paper pass has no proof to replay. */
export function proofKeyOf(fields: Fields, iss: string): string | null {
  const { proof } = fields;
  return proof && [iss, b64(fields.jti), proof.iat, b64(proof.nonce)].join(' ');
}

/** Whether this answer is written in the book, and sent. */
export function isLogged(reason: Reason): boolean {
  return !UNSENT.has(reason);
}

/** Nothing the staff can say changes these: they are logged as they are shown. */
export function isFinal({ answer, reason }: Verdict): boolean {
  return answer === 'refuse' && reason !== 'quota_used' && reason !== 'companions_missing';
}

export function visitOf(
  scanned: Scan,
  verdict: Verdict,
  decisions: Decisions,
  outcome: Outcome,
  why: string | null,
): NewVisit {
  const { id, clock, codesAdvance, digits, number, statusVersion, newsAtMs } = scanned;
  const { answer, reason, benefitId, benefitVersion } = verdict;
  return {
    kind: 'visit',
    id,
    scannedAtMs: clock.wallMs,
    skewMs: clock.skewMs === null ? null : clock.appliedMs,
    clockConfirmed: clock.confirmed,
    ...(number === null ? {} : { number }),
    ...{ codesAdvance, digits, statusVersion, newsAtMs, answer, reason, outcome, benefitId, benefitVersion },
    companions: decisions.companions ?? 0,
    decisions: { identity: decisions.identity, again: decisions.again, why },
  };
}

/** What the venue's own list shows of it. */
export function lineOf({ day, fields, proofKey }: Scan): NewEntry {
  return { day, sub: fields && b64(fields.sub), name: fields?.name ?? null, proofKey };
}

function contextOf(fields: Fields, known: Known, codesAdvance: boolean, day: string): Context {
  const { news, clock, entries, device } = known;
  const sub = b64(fields.sub);
  const previous = previousVisit(sub, entries, device.venue.id, day);
  return {
    now: Math.floor((clock.wallMs + clock.appliedMs) / 1000),
    clockConfirmed: clock.confirmed,
    codesAdvance,
    status: news ? statusAt(news.list, fields.idx) : null,
    snapshotAgeS: news ? Math.floor((clock.wallMs - news.newsAtMs) / 1000) : null,
    snapshotLimitS: news?.snapshot.snapshotLimitS ?? 0,
    venuePaused: news?.snapshot.venue.paused ?? false,
    benefits: news?.snapshot.benefits ?? [],
    used: news ? usesOf(sub, news.snapshot, entries, device, day) : {},
    previousAt: previous && Math.floor((previous.atMs + clock.appliedMs) / 1000),
    decisions: { identity: false, again: null, companions: null },
  };
}

/** What is sent of a text: its digits, bounded, whatever shape it has. */
function digitsIn(text: string): string {
  return (/[0-9]*$/.exec(text.trim())?.[0] ?? '').slice(0, DIGITS_MAX);
}
