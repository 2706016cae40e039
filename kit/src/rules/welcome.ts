/** The door of an event: who is welcomed there, questioned or turned away. docs/events.md §4. Pure; instants are seconds. */
import { passReason, verdictOf, type Claims, type Context, type Verdict } from './check';
import type { Reason } from './reasons';

/** What a scanner knows of one slot, and of the ambassador who is at its door. Heads count guests, too. */
export interface Door {
  /** In heads; null: as many as come. */
  readonly capacity: number | null;
  /** Whom an ambassador may bring along. */
  readonly guestsMax: number;
  /** Whoever comes is welcome while there is room. */
  readonly walkIns: boolean;
  /** The guests that this ambassador announced; null: not on the list. */
  readonly expected: number | null;
  /** The guests that this ambassador announced for another slot of the same event; null: at none. */
  readonly elsewhere: number | null;
  /** On the waiting list. */
  readonly waits: boolean;
  readonly headsIn: number;
  /** Still to come, this ambassador's party left out. */
  readonly headsExpected: number;
  /** When this ambassador arrived, at whichever scanner. */
  readonly previousAt: number | null;
}

/** The verdict on a genuine pass whose holder comes in with `guests`. The first reason wins; benefits are not looked at. */
export function welcome(claims: Claims, context: Context, door: Door, guests: number): Verdict {
  const pass = passReason(claims, context);
  if (pass) return verdictOf(pass);
  const reason = context.decisions.again === 'let_in' ? 'welcome' : doorReason(door, guests);
  return verdictOf(reason, door.previousAt);
}

/** Whether who is on no list comes in with `guests` and leaves a place for everybody who is still expected. */
export function hasRoom(door: Door, guests: number): boolean {
  return freeAfter(door, guests) >= door.headsExpected;
}

/** Places, once this party is in. */
function freeAfter({ capacity, headsIn }: Door, guests: number): number {
  return (capacity ?? Infinity) - headsIn - 1 - guests;
}

function doorReason(door: Door, guests: number): Reason {
  const { walkIns, expected, elsewhere, previousAt } = door;
  if (previousAt !== null) return 'already_here';
  if (expected === null && !(walkIns && hasRoom(door, guests)))
    return elsewhere === null ? 'not_on_list' : 'other_slot';
  return freeAfter(door, guests) < 0 ? 'event_full' : 'welcome';
}
