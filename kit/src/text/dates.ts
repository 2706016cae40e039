/** Days and hours as people read them, in the club's zone. */
import type { Lang } from './lang';

const LOCALE: Record<Lang, string> = { fr: 'fr-FR', en: 'en-GB' };

const MONTHS: Record<Lang, readonly string[]> = {
  fr: 'janvier février mars avril mai juin juillet août septembre octobre novembre décembre'.split(' '),
  en: 'January February March April May June July August September October November December'.split(' '),
};

/**
 * "31 décembre 2026" for a local day `YYYY-MM-DD`; the text itself when it is not a day. Without `Intl`: the first
 * formatter costs an old phone tens of milliseconds, and the pass must be on screen before that.
 */
export function longDay(day: string, lang: Lang): string {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  const name = MONTHS[lang][Number(month) - 1];
  if (name === undefined) return day;
  return `${lang === 'fr' && date === '01' ? '1er' : Number(date)} ${name} ${year}`;
}

/** "décembre 2026" for a local day `YYYY-MM-DD`; the text itself when it is not a day. */
export function monthWords(day: string, lang: Lang): string {
  const words = longDay(day, lang);
  return words === day ? day : words.slice(words.indexOf(' ') + 1);
}

/** "mar. 24 nov., 14:32:07" for an instant, in the zone `zone`. */
export function clockWords(atMs: number, lang: Lang, zone: string): { day: string; time: string } {
  const at = new Date(atMs);
  return {
    day: format(at, lang, zone, { weekday: 'long', day: 'numeric', month: 'long' }),
    time: format(at, lang, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
  };
}

function format(at: Date, lang: Lang, zone: string, options: Intl.DateTimeFormatOptions): string {
  return formatter(lang, zone, options).format(at);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs milliseconds on an old phone and the clock asks every second: each is made once. */
function formatter(lang: Lang, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${lang} ${zone} ${Object.keys(options).join()}`;
  let made = formatters.get(key);
  if (!made) {
    try {
      made = new Intl.DateTimeFormat(LOCALE[lang], { ...options, timeZone: zone });
    } catch {
      made = new Intl.DateTimeFormat(LOCALE[lang], options); // a zone this browser does not know
    }
    formatters.set(key, made);
  }
  return made;
}
