/** Whether the browser promised to keep what is stored here. Asked once there is a pass worth keeping. */
import { askPersistence } from '@estran/kit/offline/persist';

export class Lasting {
  #kept = $state(false);
  #asked = false;

  get kept(): boolean {
    return this.#kept;
  }

  async ask(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    this.#kept = await askPersistence();
  }
}
