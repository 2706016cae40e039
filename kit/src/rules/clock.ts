/** What may be believed of a device's clock: docs/pass-format.md §4. Pure; instants in milliseconds. */

export const SKEW_IGNORED_MS = 60_000;
export const ROUND_TRIP_MAX_MS = 5_000;
export const JUMP_MS = 30_000;

/** One reply of the server: its time, and the device's wall clock and round trip when it arrived. */
export interface TimeSample {
  serverMs: number;
  wallMs: number;
  roundTripMs: number;
}

/** Server clock minus wall clock, or null when the round trip was too long to tell. */
export function measureSkew(sample: TimeSample): number | null {
  if (sample.roundTripMs < 0 || sample.roundTripMs > ROUND_TRIP_MAX_MS) return null;
  return Math.round(sample.serverMs + sample.roundTripMs / 2 - sample.wallMs);
}

/** The correction to apply: a skew of at most 60 s is left alone (it may be the network's). */
export function appliedSkew(skewMs: number | null): number {
  return skewMs !== null && Math.abs(skewMs) > SKEW_IGNORED_MS ? skewMs : 0;
}

/** Two readings of wall and monotonic clock on one page. */
export interface Reading {
  wallMs: number;
  monoMs: number;
}

/** Whether the wall clock was moved between two readings of one page (more than 30 s against the monotonic clock). */
export function hasJumped(before: Reading, after: Reading): boolean {
  return Math.abs(after.wallMs - before.wallMs - (after.monoMs - before.monoMs)) > JUMP_MS;
}

/** What a device remembers of its clock. */
export interface ClockState {
  /** Wall time of the last meeting with the server; null: never met. */
  metAtMs: number | null;
  /** The latest wall time ever stored: wall time behind it is a jump. */
  lastWallMs: number;
  /** A jump was seen since the last meeting. */
  jumped: boolean;
}

/** Whether the clock is confirmed: met the server within `limitS`, and no jump since. */
export function isConfirmed(state: ClockState, nowMs: number, limitS: number): boolean {
  if (state.metAtMs === null || state.jumped || nowMs < state.lastWallMs) return false;
  const sinceMs = nowMs - state.metAtMs;
  return sinceMs >= 0 && sinceMs <= limitS * 1000;
}
