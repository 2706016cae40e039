/** Hours and days to come, as they are said. Pure. */
import { dayAfter, localOf, type Moment } from '../rules/opening';
import { longDay } from './dates';
import type { Lang } from './lang';

const WORDS: Readonly<Record<Lang, readonly [today: string, tomorrow: string, on: string, at: string]>> = {
  fr: ['aujourd’hui', 'demain', 'le ', ' à '],
  en: ['today', 'tomorrow', 'on ', ' at '],
};
const WEEKDAYS: Readonly<Record<Lang, readonly string[]>> = {
  fr: 'dimanche lundi mardi mercredi jeudi vendredi samedi'.split(' '),
  en: 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' '),
};

/** "8 h", "8 h 05", "minuit"; "08:05", "midnight" for minutes since midnight. */
export function timeWords(minute: number, lang: Lang): string {
  const [hour, rest] = [String(Math.floor(minute / 60)), String(minute % 60).padStart(2, '0')];
  if (hour === '24') return lang === 'fr' ? 'minuit' : 'midnight';
  if (lang === 'en') return `${hour.padStart(2, '0')}:${rest}`;
  return `${hour}\u202fh${rest === '00' ? '' : `\u202f${rest}`}`;
}

/** "samedi à 10 h", "demain", "le 5 décembre 2026": a moment to come, as it is said on the day `today`. */
export function momentWords({ day, minute }: Moment, today: string, lang: Lang): string {
  const [now, tomorrow, on, at] = WORDS[lang];
  const hour = minute > 0 ? at + timeWords(minute, lang) : '';
  if (day === today) return now + hour;
  if (day === dayAfter(today)) return tomorrow + hour;
  const weekday = weekdayOf(day, lang);
  if (day <= dayAfter(today, 6)) return (lang === 'fr' ? '' : on) + weekday + hour;
  return on + longDay(day, lang) + hour;
}

/** "aujourd’hui à 10 h", "le samedi 14 novembre à 10 h": an instant by the clock of `zone`, come or gone, as it is said on the day `today`. */
export function instantWords(atMs: number, today: string, zone: string, lang: Lang): string {
  const [now, , on, at] = WORDS[lang];
  const { day, minute } = localOf(Math.floor(atMs / 1000), zone);
  const hour = at + timeWords(minute, lang);
  if (day === today) return now + hour;
  return `${on}${weekdayOf(day, lang)} ${longDay(day, lang).slice(0, -' 2026'.length)}${hour}`;
}

function weekdayOf(day: string, lang: Lang): string {
  return WEEKDAYS[lang][new Date(day).getUTCDay()] ?? '';
}
