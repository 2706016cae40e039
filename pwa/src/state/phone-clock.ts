/**
 * The phone's time as its proofs use it (docs/pass-format.md §4). The server's time corrects it when the phone is more
 * than a minute off; the correction outlives the page, and is dropped as soon as the phone's clock is seen to jump.
 */
import type { TimeSeen } from '@estran/kit/net/api';
import { appliedSkew, looked, metServer, NO_CLOCK, skewOf, type ClockMemory, type Look } from '@estran/kit/rules/clock';

export class PhoneClock {
  #memory: ClockMemory = NO_CLOCK;
  #anchor: Look | null = null;
  readonly #look: () => Look;

  constructor(look: () => Look = () => ({ wallMs: Date.now(), monoMs: performance.now() })) {
    this.#look = look;
  }

  /** Corrected now, in milliseconds since 1970. */
  nowMs(): number {
    const now = this.#look();
    this.#memory = looked(this.#memory, now, this.#anchor);
    if (this.#memory.jumped) this.#anchor = null;
    this.#anchor ??= now;
    return now.wallMs + this.skewMs();
  }

  /** The correction in use: 0 while the clock is right within a minute, or not known. */
  skewMs(): number {
    return appliedSkew(this.#memory.skewMs);
  }

  /** What to keep for the next visit. */
  get memory(): ClockMemory {
    return this.#memory;
  }

  /** Takes over what an earlier visit learnt. What this visit has learnt itself is newer and stays. */
  resume(memory: ClockMemory): void {
    if (this.#memory.metAtMs === null) this.#memory = memory;
  }

  /** The server told its time. */
  heard({ serverMs, wallMs, roundTripMs }: TimeSeen): void {
    const skewMs = skewOf(serverMs, wallMs, roundTripMs);
    if (skewMs === null) return;
    this.#memory = metServer(wallMs, skewMs);
    this.#anchor = null;
  }

  /** The page slept: the monotonic clock may have slept too, so the next look starts a new comparison. */
  slept(): void {
    this.#anchor = null;
  }
}
