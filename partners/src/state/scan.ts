/**
 * One scan, from the text to the line in the book: parse → verify → check → log, never blurred.
 * Everything the scan knew is frozen with it (clock, news, list), so that the same proof gives the same answer again and
 * the server can judge the visit as of the scan.
 */
import { b64, unb64 } from '@estran/kit/rules/bytes';
import { check, UNDECIDED, verdictOf, type Context, type Decisions, type Verdict } from '@estran/kit/rules/check';
import { DIGITS_MAX } from '@estran/kit/rules/digits';
import type { Reason } from '@estran/kit/rules/reasons';
import { statusAt, type StatusList } from '@estran/kit/rules/status';
import { PAPER, parse, type Fields } from '@estran/kit/rules/token';
import { verify } from '@estran/kit/rules/verify';
import { welcome, type Door } from '@estran/kit/rules/welcome';
import type { Benefit, Numbered, Outcome, Slot, Snapshot } from '../net/wire';
import { arrivalsAt, doorOf } from './arrivals';
import { localDay, ZONE } from './day';
import { previousVisit, usesOf, type Book, type Previous } from './uses';
import type { Device, NewEntry, NewVisit } from './vault';

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
  readonly device: Pick<Device, 'deviceId' | 'venue' | 'label'>;
  readonly news: News | null;
  readonly book: Book;
  readonly clock: ClockNow;
  /** The slot of an event at whose door this scanner is; without one: entries as usual. */
  readonly slotId?: string | null;
  /** The club's origin where there are no news yet. */
  readonly origin: string;
  /** Whether two codes of this pass were seen to advance (asked only when the clock is not confirmed). */
  readonly advance: (fields: Fields, monoMs: number) => boolean;
}

export interface Scan {
  /** The future visit's id: made here, before anything is shown. */
  readonly id: string;
  readonly digits: string;
  /** The pass number that was typed where nothing was scanned (§9). */
  readonly number?: string;
  /** Verified fields, or what the office says of a typed number; null when parse or verify said no. */
  readonly fields: Fields | null;
  readonly proofKey: string | null;
  /** The reason of parse or verify; null when the rules decide. */
  readonly failed: Reason | null;
  readonly context: Context | null;
  /** What is given here, in words, too. */
  readonly benefits: readonly Benefit[];
  readonly at: Place;
  /** The visit that `already_here` speaks of. */
  readonly previous: Previous | null;
  readonly day: string;
  readonly clock: ClockNow;
  readonly codesAdvance: boolean;
  readonly statusVersion: number | null;
  readonly newsAtMs: number | null;
  readonly venueId: string;
}

/** Where the pass is shown: at an event's door, or for an entry as usual. */
export interface Place {
  readonly slot: Slot | null;
  readonly door: Door | null;
  /** Another slot of this event, at which its holder is expected. */
  readonly elsewhere: Slot | null;
}

export const AS_USUAL: Place = { slot: null, door: null, elsewhere: null };

/** Reasons whose scans are no business of the server: not a pass of this club at all. */
const UNSENT: ReadonlySet<Reason> = new Set<Reason>(['not_a_pass', 'other_club']);

/** Who comes in free with the ambassador: counted for the record, never part of the answer. */
export interface Party {
  readonly guests: number;
  readonly children: number;
}

export const ALONE: Party = { guests: 0, children: 0 };

export async function scan(text: string, id: string, known: Known): Promise<Scan> {
  const { news, clock } = known;
  const iss = news?.snapshot.iss ?? known.origin;
  const nowMs = clock.wallMs + clock.appliedMs;
  const parsed = parse(text, iss);
  const verified = typeof parsed === 'string' ? parsed : await verify(parsed, iss, news?.snapshot.keys ?? []);
  const fields = typeof verified === 'string' ? null : verified;
  const codesAdvance = fields !== null && !clock.confirmed && known.advance(fields, clock.monoMs);
  const day = localDay(nowMs, news?.snapshot.zone ?? ZONE);
  const { at, previous } = placeOf(fields && b64(fields.sub), known, day);
  return {
    ...sceneOf(known),
    id,
    digits: digitsIn(text),
    fields,
    proofKey: fields && proofKeyOf(fields, iss),
    failed: typeof verified === 'string' ? verified : null,
    context: fields && contextOf(fields, known, codesAdvance, day, previous),
    at,
    previous,
    day,
    codesAdvance,
  };
}

/** The same for a number that was typed: what the office says of it stands in for a code; `found` is null when it cannot be asked. */
export function scanNumber(number: string, id: string, known: Known, found: Numbered | null): Scan {
  const { news, clock } = known;
  const fields = found && saidOf(found);
  const day = localDay(clock.wallMs + clock.appliedMs, news?.snapshot.zone ?? ZONE);
  const { at, previous } = placeOf(found?.sub ?? null, known, day);
  const context = found && fields && { ...contextOf(fields, known, false, day, previous), status: found.status };
  return {
    ...sceneOf(known),
    ...{ id, number, fields, context, at, previous, day },
    digits: '',
    proofKey: null,
    failed: found ? null : 'typed_number',
    codesAdvance: false,
  };
}

/** What every scan keeps of the scanner it was made on. */
function sceneOf({
  news,
  clock,
  device,
}: Known): Pick<Scan, 'benefits' | 'clock' | 'statusVersion' | 'newsAtMs' | 'venueId'> {
  return {
    benefits: news?.snapshot.benefits ?? [],
    clock,
    statusVersion: news?.list.version ?? null,
    newsAtMs: news?.newsAtMs ?? null,
    venueId: device.venue.id,
  };
}

/** The fields of a pass of which only this is known. */
function saidOf({ sub, name, exp }: Numbered): Fields {
  const none = new Uint8Array();
  const nothing = { kid: none, jti: none, idx: 0, key: null, signature: none, proof: null };
  return { type: PAPER, sub: unb64(sub) ?? none, name, exp, ...nothing };
}

/** Asked anew after each of the staff's decisions; `guests` who come in along are looked at where places are counted. */
export function judge(scanned: Scan, decisions: Decisions, guests = 0): Verdict {
  const { fields, context, failed, at } = scanned;
  if (failed || !fields || !context) return verdictOf(failed ?? 'malformed');
  const claims = { exp: fields.exp, iat: fields.proof?.iat ?? null, typed: scanned.number !== undefined };
  if (at.door) return welcome(claims, { ...context, decisions }, at.door, guests);
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

/** Refusals that a decision of the staff may change. */
const OPEN: ReadonlySet<Reason> = new Set<Reason>(['quota_used', 'companions_missing', 'not_now', 'not_entitled']);

/** Nothing the staff can say changes these: they are logged as they are shown. */
export function isFinal({ answer, reason }: Verdict): boolean {
  return answer === 'refuse' && !OPEN.has(reason);
}

export function visitOf(
  scanned: Scan,
  verdict: Verdict,
  decisions: Decisions,
  outcome: Outcome,
  why: string | null,
  party: Party = ALONE,
): NewVisit {
  const { id, clock, codesAdvance, digits, number, statusVersion, newsAtMs } = scanned;
  const { answer, reason, benefitId, benefitVersion } = verdict;
  const { identity, again, booked } = decisions;
  return {
    kind: 'visit',
    id,
    scannedAtMs: clock.wallMs,
    skewMs: clock.skewMs === null ? null : clock.appliedMs,
    clockConfirmed: clock.confirmed,
    ...(number === undefined ? {} : { number }),
    ...{ codesAdvance, digits, statusVersion, newsAtMs, answer, reason, outcome, benefitId, benefitVersion },
    companions: decisions.companions ?? 0,
    ...(scanned.at.slot ? { slotId: scanned.at.slot.id } : {}),
    ...(outcome === 'admitted' ? partyOf(scanned, verdict, party) : {}),
    decisions: { identity, again, why, ...(booked ? { booked } : {}) },
  };
}

/** Nobody comes in free beyond what the benefit says, whatever was counted before another one was chosen. None: not said. */
function partyOf({ benefits, at }: Scan, { benefitId }: Verdict, { guests, children }: Party): Partial<Party> {
  if (at.slot) return guests > 0 ? { guests } : {};
  const terms = benefits.find(({ id }) => id === benefitId)?.terms;
  const invited = Math.min(guests, terms?.guestsMax ?? 0);
  return {
    ...(invited > 0 ? { guests: invited } : {}),
    ...(children > 0 && terms?.childrenUnder ? { children } : {}),
  };
}

/** Where this pass is shown, and when its holder was seen there before. */
function placeOf(sub: string | null, known: Known, day: string): Pick<Scan, 'at' | 'previous'> {
  const { news, slotId, device, book, clock } = known;
  const slots = news?.snapshot.slots ?? [];
  const slot = slots.find(({ id }) => id === slotId);
  if (!slot) return { at: AS_USUAL, previous: sub === null ? null : previousVisit(sub, known, day) };
  const came = arrivalsAt(slot, { device, entries: book.entries, appliedMs: clock.appliedMs });
  const isOther = (one: Slot): boolean => one.eventId === slot.eventId && one !== slot && (sub ?? '') in one.expected;
  const elsewhere = slots.find(isOther) ?? null;
  const at = { slot, door: doorOf(slot, sub, came, elsewhere), elsewhere };
  return { at, previous: came.get(sub ?? '') ?? null };
}

/** What the venue's own list shows of it. */
export function lineOf({ day, fields, proofKey }: Scan): NewEntry {
  return { day, sub: fields && b64(fields.sub), name: fields?.name ?? null, proofKey };
}

function contextOf(
  fields: Fields,
  known: Known,
  codesAdvance: boolean,
  day: string,
  previous: Previous | null,
): Context {
  const { news, clock, book, device } = known;
  const sub = b64(fields.sub);
  const benefits = (news?.snapshot.benefits ?? []).map(({ id, version, terms, entitled }) => ({
    ...{ id, version, terms },
    entitled: entitled === null || entitled.includes(sub),
  }));
  return {
    now: Math.floor((clock.wallMs + clock.appliedMs) / 1000),
    zone: news?.snapshot.zone ?? ZONE,
    clockConfirmed: clock.confirmed,
    codesAdvance,
    status: news ? statusAt(news.list, fields.idx) : null,
    snapshotAgeS: news ? Math.floor((clock.wallMs - news.newsAtMs) / 1000) : null,
    snapshotLimitS: news?.snapshot.snapshotLimitS ?? 0,
    venuePaused: news?.snapshot.venue.paused ?? false,
    closures: news?.snapshot.venue.closures ?? [],
    benefits,
    used: news ? usesOf(sub, news.snapshot, book, device, day) : {},
    previousAt: previous && Math.floor(previous.atMs / 1000),
    decisions: UNDECIDED,
  };
}

/** What is sent of a text: its digits, bounded, whatever shape it has. */
function digitsIn(text: string): string {
  return (/[0-9]*$/.exec(text.trim())?.[0] ?? '').slice(0, DIGITS_MAX);
}
