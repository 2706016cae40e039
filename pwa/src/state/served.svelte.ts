/** A page that lives on the server: it is asked for, and the reader may act on it, one act at a time. */
import type { Outcome } from '../pass/api';
import type { ClubKey } from '../text/personal';
import { failure } from './failure';

/** How far it has come: `closed` when the session has ended meanwhile. */
export type Loading = 'loading' | 'offline' | 'closed' | 'here';

export type Refusal = Extract<Outcome<unknown>, { ok: false }>;

export abstract class Served {
  #phase = $state<Loading>('loading');
  #busy = $state(false);
  #error = $state<ClubKey | null>(null);

  get phase(): Loading {
    return this.#phase;
  }
  get busy(): boolean {
    return this.#busy;
  }
  /** What is wrong with the last act. */
  get error(): ClubKey | null {
    return this.#error;
  }

  /** A fresh field has no fault yet. */
  typed(): void {
    this.#error = null;
  }

  /** Asks for the page. `isHere`: there is one already, which stays when nobody answers. */
  protected async ask<T>(isHere: boolean, ask: () => Promise<Outcome<T>>, take: (page: T) => void): Promise<void> {
    if (!isHere) this.#phase = 'loading';
    const answer = await ask();
    if (answer.ok) {
      take(answer.value);
      this.#phase = 'here';
      this.#error = null; // who has signed in again is not told to
    } else if (isClosed(answer)) this.#phase = 'closed';
    else if (!isHere) this.#phase = 'offline';
  }

  /** True once it is done. Another act that is under way is finished first. */
  protected async act<T>(act: () => Promise<Outcome<T>>, take: (value: T) => void = () => undefined): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    this.#error = null;
    try {
      const answer = await act();
      if (answer.ok) take(answer.value);
      else await this.refused(answer);
      return answer.ok;
    } finally {
      this.#busy = false;
    }
  }

  /** What becomes of an act that was not done. */
  protected refused(answer: Refusal): void | Promise<void> {
    if (isClosed(answer)) this.#phase = 'closed';
    this.fail(isClosed(answer) ? 'error.signedOut' : failure(answer.status));
  }

  protected fail(error: ClubKey): false {
    this.#error = error;
    return false;
  }
}

function isClosed({ status }: Refusal): boolean {
  return status === 401 || status === 403;
}
