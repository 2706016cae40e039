/**
 * The code on the screen: a fresh proof every 15 seconds while the page is visible, and at once when it becomes so.
 * The old code stays until the new one is drawn: nothing flickers, and an unread code lives a minute anyway.
 */
import { drawPass, type QrDrawing } from '../pass/qr';
import type { KeptPass } from '../pass/vault';

export const PROOF_EVERY_MS = 15_000;

export interface Shown extends QrDrawing {
  readonly digits: string;
  /** Counts the codes of this visit: a new number restarts the tide gauge. */
  readonly turn: number;
}

export class Proofs {
  #shown = $state.raw<Shown | null>(null);
  #failed = $state(false);
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #present: (pass: KeptPass) => Promise<string>;

  constructor(present: (pass: KeptPass) => Promise<string>) {
    this.#present = present;
  }

  get shown(): Shown | null {
    return this.#shown;
  }
  /** No code could be made: the key or the credential is unusable. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Keeps a fresh code of `pass` on screen until the returned function is called. */
  run(pass: KeptPass): () => void {
    const visible = (): void => {
      clearTimeout(this.#timer);
      if (document.visibilityState === 'visible') void this.#next(pass);
    };
    document.addEventListener('visibilitychange', visible);
    visible();
    return () => {
      document.removeEventListener('visibilitychange', visible);
      clearTimeout(this.#timer);
      this.#turn += 1; // a late signature no longer counts
      this.#shown = null;
      this.#failed = false;
    };
  }

  async #next(pass: KeptPass): Promise<void> {
    const turn = (this.#turn += 1);
    try {
      const digits = await this.#present(pass);
      if (turn !== this.#turn) return;
      this.#shown = { ...drawPass(pass.iss, digits), digits, turn };
      this.#failed = false;
    } catch {
      if (turn !== this.#turn) return;
      this.#failed = true;
    }
    this.#timer = setTimeout(() => void this.#next(pass), PROOF_EVERY_MS);
  }
}
