/** How this device wants to see the app: without movement, for those who asked here rather than in their system. */
import { names } from '../names';

const KEY = names.of('still');

export class Display {
  #still = $state(read());

  constructor() {
    this.#apply();
  }

  get still(): boolean {
    return this.#still;
  }

  keepStill(still: boolean): void {
    this.#still = still;
    this.#apply();
    try {
      if (still) localStorage.setItem(KEY, '1');
      else localStorage.removeItem(KEY);
    } catch {
      // private browsing: for this visit only
    }
  }

  #apply(): void {
    document.documentElement.toggleAttribute('data-still', this.#still);
  }
}

function read(): boolean {
  try {
    return localStorage.getItem(KEY) === '1';
  } catch {
    return false;
  }
}
