/** Days and hours in the club's time zone. Pure. */
import { dayAfter, localOf, type Moment } from '@estran/kit/rules/opening';
import { longDay } from '@estran/kit/text/dates';
import type { Lang } from '@estran/kit/text/lang';

/** Until the first news say. */
export const ZONE = 'Europe/Paris';

const WORDS: Readonly<Record<Lang, readonly [today: string, tomorrow: string, on: string, at: string]>> = {
  fr: ['aujourd’hui', 'demain', 'le ', ' à '],
  en: ['today', 'tomorrow', 'on ', ' at '],
};
const WEEKDAYS: Readonly<Record<Lang, readonly string[]>> = {
  fr: 'dimanche lundi mardi mercredi jeudi vendredi samedi'.split(' '),
  en: 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' '),
};

/** The local day `YYYY-MM-DD` of an instant. */
export function localDay(atMs: number, zone: string): string {
  return localOf(Math.floor(atMs / 1000), zone).day;
}

/** "8 h 05", "08:05" for an instant, in the zone, as the desk writes it. */
export function hourOf(atMs: number, zone: string, lang: Lang): string {
  return timeWords(localOf(Math.floor(atMs / 1000), zone).minute, lang);
}

/** The same for minutes since midnight. */
function timeWords(minute: number, lang: Lang): string {
  const [hour, rest] = [String(Math.floor(minute / 60)), String(minute % 60).padStart(2, '0')];
  return lang === 'fr' ? `${hour}\u202fh\u202f${rest}` : `${hour.padStart(2, '0')}:${rest}`;
}

/** "samedi à 10 h", "demain", "le 5 décembre 2026": when something opens again, as it is said on the day `today`. */
export function momentWords({ day, minute }: Moment, today: string, lang: Lang): string {
  const [now, tomorrow, on, at] = WORDS[lang];
  const hour = minute > 0 ? at + timeWords(minute, lang).replace(/\u202f00$/, '') : '';
  if (day === today) return now + hour;
  if (day === dayAfter(today)) return tomorrow + hour;
  const weekday = WEEKDAYS[lang][new Date(day).getUTCDay()] ?? '';
  if (day <= dayAfter(today, 6)) return (lang === 'fr' ? '' : on) + weekday + hour;
  return on + longDay(day, lang) + hour;
}
