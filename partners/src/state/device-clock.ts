/** This device's clock and what may be believed of it, remembered over reloads. The rules are `kit/rules/clock`. */
import {
  appliedSkew,
  CODES_APART_S,
  codesAdvance,
  isConfirmed,
  looked,
  metServer,
  NO_CLOCK,
  skewOf,
  type ClockMemory,
  type Look,
  type SeenCode,
} from '@estran/kit/rules/clock';
import { b64 } from '@estran/kit/rules/bytes';
import type { Fields } from '@estran/kit/rules/token';
import type { TimeSeen } from '@estran/kit/net/api';
import type { ClockNow } from './scan';

/** The latest wall time is written down at most this often: each write costs a flush. */
const WRITE_EVERY_MS = 60_000;

export class DeviceClock {
  #memory: ClockMemory = NO_CLOCK;
  #writtenHighMs = 0;
  #anchor: Look | null = null;
  readonly #first = new Map<string, SeenCode>();
  readonly #keep: (memory: ClockMemory) => void;
  readonly #isSeen: () => boolean;

  /** `keep` writes the memory down; it is called only when there is something worth it. `isSeen`: the page is in sight. */
  constructor(keep: (memory: ClockMemory) => void, isSeen: () => boolean = () => true) {
    this.#keep = keep;
    this.#isSeen = isSeen;
  }

  recall(memory: ClockMemory | null): void {
    if (!memory || (this.#memory.metAtMs ?? 0) > (memory.metAtMs ?? 0)) return; // the server was met meanwhile
    this.#memory = memory;
    this.#writtenHighMs = memory.highWallMs;
  }

  /** The server showed its time: with a usable measure, all earlier doubts are over. */
  met({ serverMs, wallMs, roundTripMs }: TimeSeen): void {
    const skewMs = skewOf(serverMs, wallMs, roundTripMs);
    if (skewMs === null) return;
    this.#anchor = here();
    this.#remember(metServer(wallMs, skewMs), true);
  }

  /** The device may have slept: both clocks are compared from now on. */
  woke(): void {
    this.#anchor = null;
    this.look();
  }

  look(): void {
    // Out of sight the device sleeps and half wakes as it likes, and its monotonic clock with it. A clock that is known
    // to be wrong may also be set right meanwhile: rather asked too often, than refused with a correction that is over.
    if (!this.#isSeen() && appliedSkew(this.#memory.skewMs) === 0) this.#anchor = null;
    const look = here();
    const before = this.#memory;
    const after = looked(before, look, this.#anchor);
    this.#anchor ??= look;
    if (after.jumped && !before.jumped) this.#anchor = look;
    this.#remember(after, after.jumped !== before.jumped);
  }

  now(limitS: number): ClockNow {
    this.look();
    const { wallMs, monoMs } = here();
    const { skewMs } = this.#memory;
    const confirmed = isConfirmed(this.#memory, wallMs, limitS * 1000);
    return { wallMs, monoMs, skewMs, appliedMs: appliedSkew(skewMs), confirmed };
  }

  /** Whether this code of a pass, with an earlier one, shows a living phone; the first of a pair is kept meanwhile. */
  advance = (fields: Fields, monoMs: number): boolean => {
    if (!fields.proof) return false;
    const pass = b64(fields.jti);
    const code: SeenCode = { iat: fields.proof.iat, monoS: monoMs / 1000 };
    const first = this.#first.get(pass);
    if (first && codesAdvance(first, code)) return true;
    // a code that came too soon changes nothing; one that does not fit begins anew
    const tooSoon = first && code.iat >= first.iat && code.iat - first.iat < CODES_APART_S;
    if (!tooSoon) this.#first.set(pass, code);
    return false;
  };

  #remember(memory: ClockMemory, atOnce: boolean): void {
    this.#memory = memory;
    if (!atOnce && memory.highWallMs - this.#writtenHighMs < WRITE_EVERY_MS) return;
    this.#writtenHighMs = memory.highWallMs;
    this.#keep(memory);
  }
}

function here(): Look {
  return { wallMs: Date.now(), monoMs: performance.now() };
}
