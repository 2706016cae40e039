/** What must be kept on this device before it may be taken where there is no network. */
import type { Decoder } from '../camera/decoder.svelte';
import type { Scanner } from './scanner.svelte';

export class Ready {
  #app = $state(false);
  readonly #scanner: Scanner;
  readonly #decoder: Decoder;
  readonly #fetchScreens: () => Promise<boolean>;

  constructor(scanner: Scanner, decoder: Decoder, fetchScreens: () => Promise<boolean>) {
    this.#fetchScreens = fetchScreens;
    this.#scanner = scanner;
    this.#decoder = decoder;
  }

  /** Fetches what is still missing, and watches it come. */
  prepare(): void {
    this.#decoder.start();
    void this.#fetchApp();
  }

  /** The worker is active only once every file is kept; the page itself is whole once its later screens are here. */
  async #fetchApp(): Promise<void> {
    const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    if (!container || !(await this.#fetchScreens())) return;
    await container.ready;
    this.#app = true;
  }

  get parts(): { readonly key: 'app' | 'decoder' | 'keys' | 'snapshot'; readonly kept: boolean }[] {
    const { news } = this.#scanner;
    return [
      { key: 'app', kept: this.#app },
      { key: 'decoder', kept: this.#app && this.#decoder.state === 'ready' },
      { key: 'keys', kept: (news?.snapshot.keys.length ?? 0) > 0 },
      { key: 'snapshot', kept: news !== null },
    ];
  }

  get all(): boolean {
    return this.parts.every(({ kept }) => kept);
  }
}
