/** A visit that an ambassador tells where there is no scanner (docs/sync.md §8), as this device keeps it. */
import { fields, text } from '../narrow';

/**
 * `waiting`: to be sent, whenever there is network. `wrong_pin`, `already_here`, `refused`: the office has answered, and the
 * ambassador is asked. `noted`: the office has it; kept for the day, so that the phone knows without network.
 */
export type ToldState = 'waiting' | 'wrong_pin' | 'already_here' | 'refused' | 'noted';

export interface ToldVisit {
  readonly id: string;
  readonly venueId: string;
  /** Its name as it was known here; empty when it was not. */
  readonly venue: string;
  readonly pin: string;
  readonly benefitId: string | null;
  readonly companions: number;
  readonly guests: number;
  readonly children: number;
  /** This phone's own clock. */
  readonly toldAtMs: number;
  /** The same, corrected; then what the office says. */
  readonly atMs: number;
  /** The presentation signed at that moment; dropped once the office has it. */
  readonly digits: string;
  /** Another visit of the same day, and not the same again. */
  readonly again: boolean;
  readonly state: ToldState;
  /** With `already_here`: when the other visit was, and whether it was told or scanned. */
  readonly other?: { readonly atMs: number; readonly isTold: boolean };
  /** With `refused`: the office's code. */
  readonly code?: string;
}

/** What the office has stored. */
export interface Noted {
  readonly venue: string;
  readonly atMs: number;
}

export function readNoted(body: unknown): Noted | null {
  const from = fields(body);
  return typeof from?.atMs === 'number' ? { venue: text(from.venue), atMs: from.atMs } : null;
}

/** Whom the proof of a visit told at this venue is for: no code from the pass's screen will do. */
export function audienceAt(iss: string, venueId: string): string {
  return `${iss}/here/${venueId}`;
}
