/** What the server says to this app (docs/sync.md §2), narrowed once from what arrives. */

export type PassStatus = 'valid' | 'suspended' | 'revoked' | 'expired' | 'replaced';
export type Eligibility = 'eligible' | 'not_begun' | 'ended' | 'paused';

export interface Club {
  readonly club: string;
  readonly demo: boolean;
  readonly iss: string;
  readonly zone: string;
}

/** Never whether the address is known. */
export interface Asked {
  /** Several letters were asked for within the hour: no new one leaves. */
  readonly isWithheld: boolean;
}

export interface Me {
  readonly firstName: string;
  readonly name: string;
  readonly club: string;
  readonly eligibility: Eligibility;
  /** The device that holds the pass now: the one that would lose it. */
  readonly device: { readonly label: string; readonly since: string } | null;
  readonly beginsOn: string | null;
}

export interface VenueBenefits {
  readonly venue: string;
  readonly commune: string;
  readonly address: string;
  readonly url: string;
  readonly paused: boolean;
  readonly sentences: readonly { readonly fr: string; readonly en: string }[];
}

export interface PassNews {
  /** base64url of the credential bytes; null unless `status` is `valid`. */
  readonly credential: string | null;
  readonly status: PassStatus;
  /** Last day of validity. */
  readonly until: string;
  readonly club: string;
  readonly name: string;
  readonly zone: string;
  readonly benefits: readonly VenueBenefits[];
  readonly newsAtMs: number;
}

const STATUSES: readonly PassStatus[] = ['valid', 'suspended', 'revoked', 'expired', 'replaced'];
const ELIGIBILITIES: readonly Eligibility[] = ['eligible', 'not_begun', 'ended', 'paused'];

export function readClub(body: unknown): Club | null {
  const from = fields(body);
  if (!from || typeof from.iss !== 'string') return null;
  return { club: text(from.club), demo: from.demo === true, iss: from.iss, zone: text(from.zone) };
}

export function readAsked(body: unknown): Asked {
  return { isWithheld: fields(body)?.letter === 'withheld' };
}

export function readMe(body: unknown): Me | null {
  const from = fields(body);
  const eligibility = ELIGIBILITIES.find((known) => known === from?.eligibility);
  if (!from || !eligibility) return null;
  const device = fields(from.device);
  return {
    firstName: text(from.firstName),
    name: text(from.name),
    club: text(from.club),
    eligibility,
    device: device ? { label: text(device.label), since: text(device.since) } : null,
    beginsOn: typeof from.beginsOn === 'string' ? from.beginsOn : null,
  };
}

export function readNews(body: unknown): PassNews | null {
  const from = fields(body);
  const status = STATUSES.find((known) => known === from?.status);
  if (!from || !status) return null;
  const credential = typeof from.credential === 'string' ? from.credential : null;
  if (status === 'valid' && credential === null) return null;
  return {
    credential,
    status,
    until: text(from.until),
    club: text(from.club),
    name: text(from.name),
    zone: text(from.zone),
    benefits: list(from.benefits).map(readVenue),
    newsAtMs: typeof from.newsAtMs === 'number' ? from.newsAtMs : 0,
  };
}

function readVenue(body: unknown): VenueBenefits {
  const from = fields(body) ?? {};
  return {
    venue: text(from.venue),
    commune: text(from.commune),
    address: text(from.address),
    url: /^https?:\/\//.test(text(from.url)) ? text(from.url) : '', // nothing but a web address becomes a link
    paused: from.paused === true,
    sentences: list(from.sentences).map((sentence) => ({
      fr: text(fields(sentence)?.fr),
      en: text(fields(sentence)?.en),
    })),
  };
}

function fields(body: unknown): Readonly<Record<string, unknown>> | null {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : null;
}

function list(body: unknown): readonly unknown[] {
  return Array.isArray(body) ? body : [];
}

function text(body: unknown): string {
  return typeof body === 'string' ? body : '';
}
