/** What travels between scanner and server, as docs/sync.md spells it. */
import type { Again } from '@estran/kit/rules/check';
import type { Answer, Reason } from '@estran/kit/rules/reasons';
import type { Span, Terms, Words } from '@estran/kit/rules/terms';
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

export interface Benefit {
  readonly id: string;
  readonly version: number;
  readonly terms: Terms;
  /** The `sub` of those whom it is for; null: everybody. */
  readonly entitled: readonly string[] | null;
  /** What to hand over and what to look at, in a sentence; what to hand over, in a few words. */
  readonly desk: Words;
  readonly give: Words;
}

/** Counted visits in the quota's period as the news were made; both ends null: that of the mandate. */
export interface Uses {
  readonly first: string | null;
  readonly last: string | null;
  readonly counts: Readonly<Record<string, number>>;
}

/** The latest visit of each ambassador that another scanner of this venue has sent. */
export interface Today {
  readonly day: string;
  readonly visits: Readonly<Record<string, { readonly atMs: number; readonly label: string }>>;
}

/** One of the times of an event that takes place at this venue. People are opaque ids (`sub`). */
export interface Slot {
  readonly id: string;
  readonly eventId: string;
  readonly title: Words;
  /** Such as the tide it is bound to; may be empty. */
  readonly note: string;
  readonly startsMs: number;
  readonly endsMs: number;
  /** Between these two the scanner offers to welcome for it. */
  readonly opensMs: number;
  readonly closesMs: number;
  /** In heads; null: as many as come. */
  readonly capacity: number | null;
  readonly guestsMax: number;
  readonly walkIns: boolean;
  /** Who said that they come, arrived or not, with how many guests. */
  readonly expected: Readonly<Record<string, number>>;
  readonly waiting: readonly string[];
  /** Who has arrived at another scanner of this venue. */
  readonly arrived: Readonly<Record<string, Arrived>>;
}

export interface Arrived {
  readonly atMs: number;
  readonly guests: number;
  /** That scanner's name. */
  readonly label: string;
}

export interface Snapshot {
  readonly iss: string;
  readonly club: string;
  readonly zone: string;
  readonly snapshotLimitS: number;
  readonly keys: readonly IssuerKey[];
  readonly statusList: string;
  readonly venue: VenueName & { readonly paused: boolean; readonly closures: readonly Span[] };
  readonly benefits: readonly Benefit[];
  /** By benefit, for those with a quota. */
  readonly uses: Readonly<Record<string, Uses>>;
  readonly today: Today;
  /** From some hours ago to days ahead. */
  readonly slots: readonly Slot[];
  /** The last item of this device that `uses` already hold. */
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
  /** An arrival at this slot of an event; absent: an entry as usual. */
  readonly slotId?: string;
  /** Absent: none. */
  readonly guests?: number;
  readonly children?: number;
  readonly decisions: {
    readonly identity: boolean;
    readonly again: Again | null;
    readonly why: string | null;
    readonly booked?: boolean;
  };
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
