/**
 * The code on the screen: a fresh proof every 15 seconds while the page is visible, and at once when it comes back.
 * The old code stays until the new one is drawn: nothing flickers, and an unread code lives a minute anyway.
 */
import type { FirstCode } from '../first-code';
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
  #madeAtMs = 0;
  #credential: string | null = null;
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

  /** Takes over the code that was on the screen before the app. */
  goOnFrom({ pass, digits, drawing, madeAtMs }: FirstCode): void {
    this.#turnTo(pass);
    this.#turn += 1;
    this.#shown = { ...drawing, digits, turn: this.#turn };
    this.#madeAtMs = madeAtMs;
  }

  /** Keeps a fresh code of `pass` on screen until the returned function is called. */
  run(pass: KeptPass): () => void {
    this.#turnTo(pass);
    const seen = (): void => this.#continue(pass);
    document.addEventListener('visibilitychange', seen);
    seen();
    return () => {
      document.removeEventListener('visibilitychange', seen);
      clearTimeout(this.#timer);
      this.#turn += 1; // a late signature no longer counts
    };
  }

  /** A code of another pass is worth nothing. */
  #turnTo(pass: KeptPass): void {
    if (this.#credential === pass.credential) return;
    this.#credential = pass.credential;
    this.#shown = null;
    this.#failed = false;
  }

  /** Makes the next code now, or when the one on screen is due. Wall time: other clocks may sleep with the phone. */
  #continue(pass: KeptPass): void {
    clearTimeout(this.#timer);
    if (document.visibilityState !== 'visible') return;
    const ageMs = Date.now() - this.#madeAtMs;
    const isDue = (this.#shown === null && !this.#failed) || ageMs < 0 || ageMs >= PROOF_EVERY_MS;
    if (isDue) void this.#make(pass).then((isStillAsked) => isStillAsked && this.#continue(pass));
    else this.#timer = setTimeout(() => this.#continue(pass), PROOF_EVERY_MS - ageMs);
  }

  /** False when something else was asked meanwhile: the result is then thrown away. */
  async #make(pass: KeptPass): Promise<boolean> {
    const turn = (this.#turn += 1);
    const startedMs = Date.now();
    const shown = await this.#present(pass)
      .then((digits) => ({ ...drawPass(pass.iss, digits), digits, turn }))
      .catch(() => null);
    if (turn !== this.#turn) return false;
    this.#failed = shown === null;
    this.#shown = shown ?? this.#shown;
    this.#madeAtMs = startedMs;
    return true;
  }
}
