/** What travels between scanner and server, as docs/sync.md spells it. */
import type { Again, BenefitTerms } from '@estran/kit/rules/check';
import type { Answer, Reason } from '@estran/kit/rules/reasons';
import type { IssuerKey } from '@estran/kit/rules/verify';

export interface VenueName {
  readonly id: string;
  readonly name: string;
}

export interface Paired {
  readonly deviceId: string;
  readonly token: string;
  readonly state: 'active' | 'pending';
  readonly venue: VenueName;
}

export interface Benefit extends BenefitTerms {
  readonly sentence: { readonly fr: string; readonly en: string };
}

export interface Snapshot {
  readonly iss: string;
  readonly club: string;
  readonly zone: string;
  readonly snapshotLimitS: number;
  readonly keys: readonly IssuerKey[];
  readonly statusList: string;
  readonly venue: VenueName & { readonly paused: boolean };
  readonly benefits: readonly Benefit[];
  /** By benefit, then by `sub`: visits of this calendar year at this venue. */
  readonly used: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly usedYear: number;
  /** The last item of this device that `used` already holds. */
  readonly lastSeq: number;
}

/** What the office says of a typed pass number. Nothing of it is signed. */
export interface Numbered {
  readonly sub: string;
  readonly name: string;
  readonly exp: number;
  /** The two bits of the pass, at this moment. */
  readonly status: number;
}

/** One scan and what the staff did. Stored as it will be sent; sent again it must be the same to the letter. */
export interface Visit {
  readonly kind: 'visit';
  readonly id: string;
  readonly seq: number;
  readonly scannedAtMs: number;
  readonly skewMs: number | null;
  readonly clockConfirmed: boolean;
  readonly codesAdvance: boolean;
  readonly digits: string;
  /** The pass number that was typed where nothing could be scanned: `digits` is empty then. */
  readonly number?: string;
  readonly statusVersion: number | null;
  readonly newsAtMs: number | null;
  readonly answer: Answer;
  readonly reason: Reason;
  readonly outcome: Outcome;
  readonly benefitId: string | null;
  readonly benefitVersion: number | null;
  readonly companions: number;
  readonly decisions: { readonly identity: boolean; readonly again: Again | null; readonly why: string | null };
}

export type Outcome = 'admitted' | 'refused';

export interface Undo {
  readonly kind: 'undo';
  readonly id: string;
  readonly seq: number;
  readonly visitId: string;
  readonly undoneAtMs: number;
}

export type Item = Visit | Undo;

export interface Delivery {
  readonly sentAtMs: number;
  readonly queueLength: number;
  readonly appVersion: string;
  readonly statusVersion: number | null;
  readonly items: readonly Item[];
}

/** All three mean: the server has it, drop it from the queue. */
export type Receipt = 'stored' | 'duplicate' | 'parked';

export interface Received {
  /** In the order of the items; `id` is null where the server could not read one. */
  readonly results: readonly { readonly id: string | null; readonly result: Receipt }[];
  readonly device: 'active' | 'pending' | 'cut';
}
