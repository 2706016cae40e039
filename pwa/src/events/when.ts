/** When an event takes place, as one says it: « samedi 5 décembre 2026, de 10 h à 12 h ». In the club's zone. */
import { localOf } from '@estran/kit/rules/opening';
import { clockWords, longDay } from '@estran/kit/text/dates';
import type { Lang } from '@estran/kit/text/lang';
import { timeWords } from '@estran/kit/text/moments';

const LAST_MINUTE = 1439;

/** Day and hour of an instant, each in words. */
export function dayAndTime(atMs: number, lang: Lang, zone: string): { day: string; time: string } {
  const { day, minute } = localOf(Math.floor(atMs / 1000), zone);
  const [weekday = ''] = clockWords(atMs, lang, zone).day.split(/[ ,]/);
  return { day: `${weekday} ${longDay(day, lang)}`, time: timeWords(minute, lang) };
}

/** The same for the end of something: midnight is that of the day that ends, not the first hour of another one. */
export function untilWords(atMs: number, lang: Lang, zone: string): { day: string; time: string } {
  const { minute } = localOf(Math.floor(atMs / 1000), zone);
  if (minute !== 0 && minute !== LAST_MINUTE) return dayAndTime(atMs, lang, zone);
  return { ...dayAndTime(atMs - 1, lang, zone), time: timeWords(1440, lang) };
}

/** What fills the places of « {day}, de {from} à {to} »; `lastDay` is empty unless it ends on another one. */
export function spanWords(
  { startsAtMs, endsAtMs }: { readonly startsAtMs: number; readonly endsAtMs: number },
  lang: Lang,
  zone: string,
): { day: string; from: string; to: string; lastDay: string } {
  const [first, last] = [dayAndTime(startsAtMs, lang, zone), untilWords(endsAtMs, lang, zone)];
  return { day: first.day, from: first.time, to: last.time, lastDay: last.day === first.day ? '' : last.day };
}
