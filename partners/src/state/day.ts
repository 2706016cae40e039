/** Days and hours in the club's time zone. Pure. */
import { localOf } from '@estran/kit/rules/opening';
import type { Lang } from '@estran/kit/text/lang';
import { timeWords } from '@estran/kit/text/moments';

/** Until the first news say. */
export const ZONE = 'Europe/Paris';

/** The local day `YYYY-MM-DD` of an instant. */
export function localDay(atMs: number, zone: string): string {
  return localOf(Math.floor(atMs / 1000), zone).day;
}

/** "8 h 05", "08:05" for an instant, in the zone, as the desk writes it. */
export function hourOf(atMs: number, zone: string, lang: Lang): string {
  const said = timeWords(localOf(Math.floor(atMs / 1000), zone).minute, lang);
  return said.replace(/h$/, 'h\u202f00');
}
