/** What this person is invited to (docs/sync.md §2), as the office says it and as this device keeps it. */
import { fields, list, oneOf, text } from '../narrow';
import type { Sentence } from '../pass/types';

export type Reply = 'awaited' | 'coming' | 'waiting' | 'declined';
export type Stage = 'open' | 'closed' | 'held' | 'summed' | 'cancelled';

/** One of the times at which an event takes place. */
export interface Slot {
  readonly id: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** Such as the tide it is bound to. */
  readonly note: string;
  /** Free places; null: as many as come. */
  readonly left: number | null;
  /** People on its waiting list. */
  readonly waiting: number;
}

export interface Mine {
  readonly reply: Reply;
  readonly slotId: string | null;
  readonly guests: number;
  /** When that was said, wherever it was. */
  readonly saidAtMs: number | null;
  /** On the waiting list, from 1. */
  readonly rank: number | null;
  /** Null while nobody has said so. */
  readonly came: boolean | null;
}

export interface Invitation {
  readonly id: string;
  /** As the office saw it when it told; `stageAt` says where it stands now. */
  readonly stage: Stage;
  readonly title: Sentence;
  readonly about: Sentence;
  readonly venue: string;
  readonly address: string;
  readonly commune: string;
  /** Where exactly, or where at all without a venue. */
  readonly place: string;
  /** This and the other two: empty where it is not said in English, absent in what an earlier version kept. */
  readonly placeEn?: string;
  readonly access: string;
  readonly accessEn?: string;
  readonly bring: string;
  readonly bringEn?: string;
  readonly guestsMax: number;
  /** Who has never been to an event is served first from the waiting list. */
  readonly newcomersFirst: boolean;
  readonly replyByMs: number | null;
  readonly cancelledWhy: string;
  /** In their order; never none. */
  readonly slots: readonly Slot[];
  readonly mine: Mine;
}

export interface Invitations {
  /** Whose invitations these are: nobody else's reply is sent. */
  readonly whose: string;
  readonly zone: string;
  readonly toldAtMs: number;
  readonly events: readonly Invitation[];
}

/** What somebody chooses. */
export interface Words {
  readonly coming: boolean;
  readonly slotId: string | null;
  readonly guests: number;
}

/** A reply that was given here and that the office has not taken: `waiting` to be sent, or `refused` with the office's code. */
export interface Said extends Words {
  readonly id: string;
  readonly eventId: string;
  readonly whose: string;
  /** By the corrected clock, and later than what was known then. */
  readonly saidAtMs: number;
  readonly state: 'waiting' | 'refused';
  readonly code?: string;
}

/** Everything about events that this device keeps. */
export interface KeptEvents {
  readonly page: Invitations | null;
  /** At most one for each event and person: the last word. */
  readonly said: readonly Said[];
}

const REPLIES: readonly Reply[] = ['awaited', 'coming', 'waiting', 'declined'];
const STAGES: readonly Stage[] = ['open', 'closed', 'held', 'summed', 'cancelled'];

export function readInvitations(body: unknown): Invitations | null {
  const from = fields(body);
  const whose = text(from?.whose);
  if (!from || whose === '') return null;
  return {
    whose,
    zone: text(from.zone) || 'Europe/Paris',
    toldAtMs: number(from.toldAtMs) ?? 0,
    events: list(from.events)
      .map(readInvitation)
      .filter((one) => one !== null),
  };
}

/** Null when it says what this version of the app cannot show. */
export function readInvitation(body: unknown): Invitation | null {
  const from = fields(body);
  const stage = oneOf(STAGES, from?.stage);
  const mine = readMine(from?.mine);
  const slots = list(from?.slots)
    .map(readSlot)
    .filter((one) => one !== null);
  if (!from || typeof from.id !== 'string' || !stage || !mine || slots.length === 0) return null;
  return {
    id: from.id,
    stage,
    title: readSentence(from.title),
    about: readSentence(from.about),
    venue: text(from.venue),
    address: text(from.address),
    commune: text(from.commune),
    place: text(from.place),
    placeEn: text(from.placeEn),
    access: text(from.access),
    accessEn: text(from.accessEn),
    bring: text(from.bring),
    bringEn: text(from.bringEn),
    guestsMax: number(from.guestsMax) ?? 0,
    newcomersFirst: from.newcomersFirst === true,
    replyByMs: number(from.replyByMs),
    cancelledWhy: text(from.cancelledWhy),
    slots,
    mine,
  };
}

function readSlot(body: unknown): Slot | null {
  const from = fields(body);
  const [startsAtMs, endsAtMs] = [number(from?.startsAtMs), number(from?.endsAtMs)];
  if (!from || typeof from.id !== 'string' || startsAtMs === null || endsAtMs === null) return null;
  const [left, waiting] = [number(from.left), number(from.waiting) ?? 0];
  return { id: from.id, startsAtMs, endsAtMs, note: text(from.note), left, waiting };
}

function readMine(body: unknown): Mine | null {
  const from = fields(body);
  const reply = oneOf(REPLIES, from?.reply);
  if (!from || !reply) return null;
  return {
    reply,
    slotId: typeof from.slotId === 'string' ? from.slotId : null,
    guests: number(from.guests) ?? 0,
    saidAtMs: number(from.saidAtMs),
    rank: number(from.rank),
    came: typeof from.came === 'boolean' ? from.came : null,
  };
}

function readSentence(body: unknown): Sentence {
  const from = fields(body);
  return { fr: text(from?.fr), en: text(from?.en) };
}

function number(body: unknown): number | null {
  return typeof body === 'number' ? body : null;
}
