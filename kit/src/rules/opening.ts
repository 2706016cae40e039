/**
 * When a benefit is given, and how long its quota counts: docs/benefits.md §2-§3. Pure.
 * Twin of server/estran/venues/opening.py; both run tests/vectors/benefits-v1.json.
 */
import type { Quota, Span, Terms } from './terms';

/** An instant as the club's wall clock shows it. */
export interface Local {
  readonly day: string;
  /** 1 is Monday. */
  readonly weekday: number;
  /** Since midnight, by the wall. */
  readonly minute: number;
}

export type Moment = Pick<Local, 'day' | 'minute'>;

/** Both null: as long as the mandate lasts, which the server alone knows. */
export interface Period {
  readonly first: string | null;
  readonly last: string | null;
}

/** How far ahead the next opening is looked for. */
const HORIZON_DAYS = 366;
const DAY_MS = 86_400_000;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Where and when in the club's zone; `atS` are seconds since 1970. */
export function localOf(atS: number, zone: string): Local {
  const part: Record<string, string> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(atS * 1000)) part[type] = value;
  const day = `${part['year'] ?? ''}-${part['month'] ?? ''}-${part['day'] ?? ''}`;
  return { day, weekday: weekdayOf(day), minute: Number(part['hour']) * 60 + Number(part['minute']) };
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  let made = formatters.get(zone);
  if (!made) {
    const two = '2-digit';
    const options = { year: 'numeric', month: two, day: two, hour: two, minute: two, hourCycle: 'h23' } as const;
    try {
      made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
    } catch {
      made = new Intl.DateTimeFormat('en-GB', options); // a zone this browser does not know
    }
    formatters.set(zone, made);
  }
  return made;
}

function weekdayOf(day: string): number {
  return new Date(day).getUTCDay() || 7;
}

/** The day `n` days after `day`. */
export function dayAfter(day: string, n = 1): string {
  const ofMonth = Number(day.slice(8)) + n;
  // every month has so many days: a calendar is asked only at its end
  if (n > 0 && ofMonth <= 28) return `${day.slice(0, 8)}${ofMonth < 10 ? '0' : ''}${ofMonth}`;
  return new Date(Date.parse(day) + n * DAY_MS).toISOString().slice(0, 10);
}

function holds({ first, last }: Span, day: string): boolean {
  if (first.length > 5) return first <= day && day <= last;
  const ofYear = day.slice(5);
  return first <= last ? first <= ofYear && ofYear <= last : first <= ofYear || ofYear <= last;
}

function isGiven({ seasons, excluded, weekdays }: Terms, day: string, weekday: number): boolean {
  const onDay = (span: Span): boolean => holds(span, day);
  return (
    (!weekdays.length || weekdays.includes(weekday)) &&
    (!seasons.length || seasons.some(onDay)) &&
    !excluded.some(onDay)
  );
}

/** `HH:MM` in minutes. */
export function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

export function isOpen(terms: Terms, { day, weekday, minute }: Local): boolean {
  const { hours } = terms;
  const hour = ({ first, last }: Span): boolean => minuteOf(first) <= minute && minute < minuteOf(last);
  return isGiven(terms, day, weekday) && (!hours.length || hours.some(hour));
}

/** Closures are of one year each: dates, never days of every year. */
export function isClosed(closures: readonly Span[], day: string): boolean {
  return closures.some(({ first, last }) => first <= day && day <= last);
}

/** The last day of the closure that holds `day`, and of those that follow it without an open day between; null: none does. */
export function closedUntil(closures: readonly Span[], day: string): string | null {
  let until: string | null = null;
  for (let next = day; isClosed(closures, next); next = dayAfter(until)) {
    until = closures.reduce((end, { first, last }) => (first <= next && last > end ? last : end), next);
  }
  return until;
}

/** The next moment, by the wall, at which what is shut now is given at a venue that is not closed; null: none within 366 days. */
export function nextOpening(terms: Terms, closures: readonly Span[], local: Local): Moment | null {
  const starts = terms.hours.length ? terms.hours.map(({ first }) => minuteOf(first)) : [0];
  for (let n = 0, day = local.day; n <= HORIZON_DAYS; n += 1, day = dayAfter(day)) {
    if (!isGiven(terms, day, ((local.weekday + n - 1) % 7) + 1) || isClosed(closures, day)) continue;
    const later = n ? starts : starts.filter((minute) => minute > local.minute);
    if (later.length) return { day, minute: Math.min(...later) };
  }
  return null;
}

/** The days over which a quota counts on `day`; null: none, nothing is counted. */
export function periodOf({ per }: Pick<Quota, 'per'>, seasons: readonly Span[], day: string): Period | null {
  const year = day.slice(0, 4);
  if (per === 'validity') return { first: null, last: null };
  if (per === 'day') return { first: day, last: day };
  if (per === 'month') return { first: `${day.slice(0, 8)}01`, last: `${day.slice(0, 8)}31` };
  if (per === 'year') return { first: `${year}-01-01`, last: `${year}-12-31` };
  const season = seasons.find((span) => holds(span, day));
  if (!season || season.first.length > 5) return season ?? null;
  const { first, last } = season;
  // over New Year: the half before it, or the half after
  const before = first > last && day.slice(5) <= last ? 1 : 0;
  const after = first > last ? 1 - before : 0;
  return { first: `${Number(year) - before}-${first}`, last: `${Number(year) + after}-${last}` };
}
