/**
 * What a stored pass lets this phone show. Pure: the caller brings the time.
 *
 * Only the office's news and the pass's own last second decide. An ended session, a missing network or old news never
 * hide a pass.
 */
import type { PassNews } from './types';

export type Showing = 'live' | 'expired' | 'suspended' | 'revoked' | 'replaced';

const DAY_S = 86_400;

/** `expS`: the last second of the stored credential. `nowS`: corrected now, in seconds. */
export function showing(news: Pick<PassNews, 'status'>, expS: number, nowS: number): Showing {
  if (news.status !== 'valid') return news.status;
  return nowS > expS ? 'expired' : 'live';
}

/** Whole days left after today when at most `withinDays` remain, else null. 0 is the last day. */
export function daysLeft(expS: number, nowS: number, withinDays = 14): number | null {
  const days = Math.floor((expS - nowS) / DAY_S);
  return days >= 0 && days <= withinDays ? days : null;
}

/** How long to wait before asking the office again, after `failures` failed tries in a row. */
export function refreshDelayMs(failures: number): number {
  const EVERY_MS = 5 * 60_000;
  const FIRST_RETRY_MS = 15_000;
  return failures === 0 ? EVERY_MS : Math.min(EVERY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
}

/** By how much this phone's clock is off, to the minute, or null while nobody would notice (60 s and below). */
export function clockOffMs(skewMs: number): number | null {
  const off = Math.abs(skewMs);
  return off > 60_000 ? Math.round(off / 60_000) * 60_000 : null;
}
