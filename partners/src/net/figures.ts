/** The venue's own figures, as docs/sync.md §7 spells them. */
import type { Api, Result } from '@estran/kit/net/api';
import { isCount, isObject, isText, readAll, readVenue } from './read';
import type { VenueName } from './wire';

export interface Used {
  readonly id: string;
  readonly n: number;
  readonly give: { readonly fr: string; readonly en: string };
}

/** Both days included; a visit is one that counts. */
export interface Period {
  readonly first: string;
  readonly last: string;
  readonly visits: number;
  readonly companions: number;
  readonly guests: number;
  readonly refused: number;
  readonly benefits: readonly Used[];
}

export interface Figures {
  readonly venue: VenueName;
  /** When the server counted, by its clock. */
  readonly atMs: number;
  readonly today: Period;
  readonly month: Period;
  readonly yearBefore: Period;
}

export function askFigures(api: Api, token: string): Promise<Result<Figures>> {
  return api.call({ path: '/api/v1/venue', token, read: readFigures });
}

export function readFigures(json: unknown): Figures | null {
  if (!isObject(json)) return null;
  const { atMs } = json;
  const venue = readVenue(json['venue']);
  const today = readPeriod(json['today']);
  const month = readPeriod(json['month']);
  const yearBefore = readPeriod(json['yearBefore']);
  if (!venue || !isCount(atMs) || !today || !month || !yearBefore) return null;
  return { venue, atMs, today, month, yearBefore };
}

function readPeriod(json: unknown): Period | null {
  if (!isObject(json)) return null;
  const { first, last, visits, companions, guests, refused } = json;
  const benefits = readAll(json['benefits'], readUsed);
  if (!isText(first) || !isText(last) || !isCount(visits) || !isCount(companions)) return null;
  if (!isCount(guests) || !isCount(refused) || !benefits) return null;
  return { first, last, visits, companions, guests, refused, benefits };
}

function readUsed(json: unknown): Used | null {
  if (!isObject(json) || !isObject(json['give'])) return null;
  const { id, n } = json;
  const { fr, en } = json['give'];
  return isText(id) && isCount(n) && isText(fr) && isText(en) ? { id, n, give: { fr, en } } : null;
}
