/** Instants and days of my data, as people read them: « 12 mai 2026, 8 h 05 ». */
import { longDay } from '@estran/kit/text/dates';
import type { Lang } from '@estran/kit/text/lang';

/** A day, an ISO instant or milliseconds since 1970, in words and in the club's zone; '' when it is none of them. */
export function when(value: unknown, lang: Lang, zone: string): string {
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) return longDay(value, lang);
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : NaN;
  if (!Number.isFinite(ms)) return '';
  const [day] = partsOf(new Date(ms), zone);
  return `${longDay(day, lang)}, ${hourOf(ms, lang, zone)}`;
}

/** The hour alone: « 8 h 05 ». */
export function hourOf(ms: number, lang: Lang, zone: string): string {
  const [, hour, minute] = partsOf(new Date(ms), zone);
  return `${Number(hour)}${lang === 'fr' ? ' h ' : ':'}${minute}`;
}

/** The day of such a value alone. */
export function onDay(value: unknown, lang: Lang, zone: string): string {
  return when(value, lang, zone).replace(/, .*$/, '');
}

function partsOf(at: Date, zone: string): [day: string, hour: string, minute: string] {
  const options = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  } as const;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
  } catch {
    format = new Intl.DateTimeFormat('en-GB', options); // a zone this browser does not know
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return [`${parts.year}-${parts.month}-${parts.day}`, parts.hour ?? '', parts.minute ?? ''];
}
