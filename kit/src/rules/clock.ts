/**
 * What a device may believe of its own clock: docs/pass-format.md §4. Pure: the caller brings wall and monotonic time.
 * The same functions serve the phone (its proofs carry a time) and the scanner (it judges their age).
 */

export const AGE_MIN_S = -30;
export const AGE_MAX_S = 60;
export const CODES_APART_S = 15;
export const CODES_DRIFT_S = 5;
/** Wall time may differ from the monotonic clock, or fall behind what was stored, by this much: clocks are adjusted. */
export const JUMP_MS = 30_000;
/** A slower answer tells too little of the time. */
export const ROUND_TRIP_MAX_MS = 5_000;
/** A smaller skew is not applied: both clocks are good enough, and the proof's window allows for it. */
export const SKEW_MIN_MS = 60_000;

/** Server time against this device's clock, or null when the answer took too long to tell. */
export function skewOf(serverMs: number, wallMs: number, roundTripMs: number): number | null {
  if (!(roundTripMs >= 0 && roundTripMs <= ROUND_TRIP_MAX_MS)) return null;
  return Math.round(serverMs + roundTripMs / 2 - wallMs);
}

/** The part of a measured skew that is applied. */
export function appliedSkew(measuredMs: number | null): number {
  return measuredMs !== null && Math.abs(measuredMs) > SKEW_MIN_MS ? measuredMs : 0;
}

/** What is remembered of the clock over reloads. `highWallMs` is the latest wall time seen since the server was met. */
export interface ClockMemory {
  readonly metAtMs: number | null;
  readonly skewMs: number | null;
  readonly highWallMs: number;
  readonly jumped: boolean;
}

export const NO_CLOCK: ClockMemory = { metAtMs: null, skewMs: null, highWallMs: 0, jumped: false };

/** One look at both clocks while the page stays open; they are compared with the look before. */
export interface Look {
  readonly wallMs: number;
  readonly monoMs: number;
}

/** After the server was met with a usable measure: everything before is forgotten. */
export function metServer(wallMs: number, skewMs: number): ClockMemory {
  return { metAtMs: wallMs, skewMs, highWallMs: wallMs, jumped: false };
}

/**
 * After a look at the clock. `anchor` is the first look of this stretch, or null when there is none to compare with
 * (just opened, or back from sleep: monotonic clocks stand still in sleep on some systems).
 * Against a jump the skew is dropped: nobody knows what it corrects any more.
 */
export function looked(memory: ClockMemory, look: Look, anchor: Look | null): ClockMemory {
  const behind = look.wallMs < memory.highWallMs - JUMP_MS;
  const apart = anchor !== null && Math.abs(look.wallMs - anchor.wallMs - (look.monoMs - anchor.monoMs)) > JUMP_MS;
  if (behind || apart) return { ...memory, skewMs: null, jumped: true };
  return { ...memory, highWallMs: Math.max(memory.highWallMs, look.wallMs) };
}

/** Whether a proof's age may be judged by this clock. */
export function isConfirmed(memory: ClockMemory, wallMs: number, limitMs: number): boolean {
  return memory.metAtMs !== null && !memory.jumped && wallMs - memory.metAtMs <= limitMs;
}

/** One proof of a pass as an unconfirmed scanner saw it. */
export interface SeenCode {
  readonly iat: number;
  readonly monoS: number;
}

/** Whether two proofs of one pass show a living phone to a scanner whose clock is not confirmed. */
export function codesAdvance(first: SeenCode, second: SeenCode): boolean {
  const apartS = second.iat - first.iat;
  return apartS >= CODES_APART_S && Math.abs(apartS - (second.monoS - first.monoS)) <= CODES_DRIFT_S;
}
