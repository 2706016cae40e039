/** What the server says to this app (docs/sync.md §2), narrowed once from what arrives. */
import { isSpan, readTerms, type Span, type Terms } from '@estran/kit/rules/terms';
import { readColours, type Colours } from '@estran/kit/ui/colours';
import { day, fields, list, oneOf, text } from '../narrow';

export type PassStatus = 'valid' | 'suspended' | 'revoked' | 'expired' | 'replaced';
export type Eligibility = 'eligible' | 'not_begun' | 'ended' | 'paused' | 'unsigned' | 'uncertified';
export type Wish = 'yes' | 'no';

/** What the club waits for from this person about its manifesto. */
export interface ManifestoNeed {
  readonly need: 'sign' | 'read' | null;
  /** Last day before the pass is put on hold; null when nothing is to be signed, or at once. */
  readonly by: string | null;
}

/** The same, as it is told with every piece of news. */
export interface ManifestoCall extends ManifestoNeed {
  /** A draft is open to remarks. Absent from news that an older version of this app has kept. */
  readonly hasDraft?: boolean;
}

/** The end of the mandate is near, and the office would like to know. */
export interface Renewal {
  readonly endsOn: string;
  readonly wish: Wish | null;
}

export interface Club {
  readonly club: string;
  readonly demo: boolean;
  readonly iss: string;
  readonly zone: string;
  /** Its own colours and logo, if any. Absent from what an older version of this app has kept. */
  readonly colours?: Colours | null;
  readonly logo?: Logo | null;
}

export interface Logo {
  /** A path on our own origin; another one for another picture. */
  readonly src: string;
  readonly alt: string;
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
  readonly manifesto: ManifestoCall;
  readonly renewal: Renewal | null;
}

export interface Sentence {
  readonly fr: string;
  readonly en: string;
}

/** One benefit of a place, as it is for this ambassador. */
export interface OwnBenefit {
  readonly id: string;
  /** Null when they say what this build does not know. */
  readonly terms: Terms | null;
  readonly sentence: Sentence;
  readonly entitled: boolean;
  /** Visits of this ambassador from `first` to `last`; both null: in the mandate, or there is no period. */
  readonly used: number;
  readonly first: string | null;
  readonly last: string | null;
}

export interface VenueBenefits {
  readonly venue: string;
  readonly commune: string;
  readonly address: string;
  readonly url: string;
  readonly paused: boolean;
  readonly sentences: readonly Sentence[];
  /** These are absent from news that an older version of this app has kept. */
  readonly id?: string;
  readonly closures?: readonly Span[];
  readonly benefits?: readonly OwnBenefit[];
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
  /** Absent from news that an older version of this app has kept; null when it is a word we do not know. */
  readonly eligibility?: Eligibility | null;
  /** Absent likewise. */
  readonly manifesto?: ManifestoCall;
}

const STATUSES: readonly PassStatus[] = ['valid', 'suspended', 'revoked', 'expired', 'replaced'];
const ELIGIBILITIES: readonly Eligibility[] = ['eligible', 'not_begun', 'ended', 'paused', 'unsigned', 'uncertified'];

export function readClub(body: unknown): Club | null {
  const from = fields(body);
  if (!from || typeof from.iss !== 'string') return null;
  return {
    club: text(from.club),
    demo: from.demo === true,
    iss: from.iss,
    zone: text(from.zone),
    colours: readColours(from.colours),
    logo: readLogo(from.logo),
  };
}

function readLogo(body: unknown): Logo | null {
  const from = fields(body);
  const src = text(from?.src);
  return /^\/[^/\\]/.test(src) ? { src, alt: text(from?.alt) } : null;
}

export function readAsked(body: unknown): Asked {
  return { isWithheld: fields(body)?.letter === 'withheld' };
}

export function readMe(body: unknown): Me | null {
  const from = fields(body);
  const eligibility = oneOf(ELIGIBILITIES, from?.eligibility);
  if (!from || !eligibility) return null;
  const device = fields(from.device);
  return {
    firstName: text(from.firstName),
    name: text(from.name),
    club: text(from.club),
    eligibility,
    device: device ? { label: text(device.label), since: text(device.since) } : null,
    beginsOn: day(from.beginsOn),
    manifesto: readCall(from.manifesto),
    renewal: readRenewal(from.renewal),
  };
}

/** No need when there is none, or none that this app knows how to meet. */
export function readNeed(body: unknown): ManifestoNeed {
  const from = fields(body);
  return { need: oneOf(['sign', 'read'] as const, from?.need), by: day(from?.by) };
}

function readCall(body: unknown): ManifestoCall {
  return { ...readNeed(body), hasDraft: fields(body)?.hasDraft === true };
}

function readRenewal(body: unknown): Renewal | null {
  const from = fields(body);
  const endsOn = day(from?.endsOn);
  return endsOn === null ? null : { endsOn, wish: oneOf(['yes', 'no'] as const, from?.wish) };
}

export function readNews(body: unknown): PassNews | null {
  const from = fields(body);
  const status = oneOf(STATUSES, from?.status);
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
    eligibility: oneOf(ELIGIBILITIES, from.eligibility),
    manifesto: readCall(from.manifesto),
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
    sentences: list(from.sentences).map(readSentence),
    id: text(from.id),
    closures: list(from.closures).filter(isSpan),
    benefits: Array.isArray(from.benefits) ? from.benefits.map(readBenefit) : undefined,
  };
}

function readBenefit(body: unknown): OwnBenefit {
  const from = fields(body) ?? {};
  return {
    id: text(from.id),
    terms: readTerms(from.terms),
    sentence: readSentence(from.sentence),
    entitled: from.entitled !== false,
    used: typeof from.used === 'number' ? from.used : 0,
    first: day(from.first),
    last: day(from.last),
  };
}

function readSentence(body: unknown): Sentence {
  const from = fields(body);
  return { fr: text(from?.fr), en: text(from?.en) };
}
