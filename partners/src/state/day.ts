/** Days in the club's time zone. Pure. */
import type { Lang } from '@estran/kit/text/lang';

/** The local day `YYYY-MM-DD` of an instant. */
export function localDay(atMs: number, zone: string): string {
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(new Date(atMs))
      .map((part) => [part.type, part.value]),
  );
  return `${parts.get('year') ?? ''}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
}

export function yearOf(day: string): number {
  return Number(day.slice(0, 4));
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  let made = formatters.get(zone);
  if (!made) {
    const options = { year: 'numeric', month: '2-digit', day: '2-digit', calendar: 'gregory' } as const;
    try {
      made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
    } catch {
      made = new Intl.DateTimeFormat('en-GB', options); // a zone this browser does not know
    }
    formatters.set(zone, made);
  }
  return made;
}

/** "8 h 05", "08:05" for an instant, in the zone, as the desk writes it. */
export function hourOf(atMs: number, zone: string, lang: Lang): string {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const digits = (timeZone?: string): string =>
    new Intl.DateTimeFormat('en-GB', { ...options, timeZone }).format(new Date(atMs));
  let said: string;
  try {
    said = digits(zone);
  } catch {
    said = digits(); // a zone this browser does not know
  }
  return lang === 'fr' ? said.replace(/^0/, '').replace(':', '\u202fh\u202f') : said;
}
