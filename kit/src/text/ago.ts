/**
 * Durations in words, the way one says them at a desk: no seconds, no decimals.
 * Pure: the caller brings both instants.
 */
import type { Lang } from './lang';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "il y a 3 h": how long before `nowMs` the instant `thenMs` was. An instant to come counts as now. */
export function ago(thenMs: number, nowMs: number, lang: Lang): string {
  const elapsedMs = nowMs - thenMs;
  if (elapsedMs < MINUTE_MS) return lang === 'fr' ? 'à l’instant' : 'just now';
  const words = span(elapsedMs, lang);
  return lang === 'fr' ? `il y a ${words}` : `${words} ago`;
}

/** "3 h", "2 jours": a length of time rounded down to its largest unit, at least one minute. */
export function span(lengthMs: number, lang: Lang): string {
  if (lengthMs < HOUR_MS) return `${Math.max(1, Math.floor(lengthMs / MINUTE_MS))} min`;
  if (lengthMs < DAY_MS) return `${Math.floor(lengthMs / HOUR_MS)} h`;
  const days = Math.floor(lengthMs / DAY_MS);
  if (lang === 'fr') return days === 1 ? '1 jour' : `${days} jours`;
  return days === 1 ? '1 day' : `${days} days`;
}
