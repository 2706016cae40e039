/** The club's logo on the pass: kept on the device, so that it is there without network. Fetched once per picture. */
import type { Logo } from '../pass/types';
import type { Vault } from '../pass/vault';

export class LogoState {
  #picture = $state.raw<string | null>(null);
  readonly #vault: Pick<Vault, 'logo' | 'keepLogo'>;
  readonly #fetch: typeof fetch;

  constructor(vault: Pick<Vault, 'logo' | 'keepLogo'>, fetcher: typeof fetch = (...asked) => fetch(...asked)) {
    this.#vault = vault;
    this.#fetch = fetcher;
  }

  /** The picture as an address that a page may show; null while there is none. */
  get picture(): string | null {
    return this.#picture;
  }

  async show(logo: Logo | null): Promise<void> {
    const kept = await this.#vault.logo().catch(() => null);
    if (kept && kept.src === logo?.src) this.#picture = kept.data;
    else if (logo)
      await this.#learn(logo.src).catch(() => undefined); // without it the pass is as good
    else this.#picture = null;
  }

  async #learn(src: string): Promise<void> {
    const answer = await this.#fetch(src);
    if (!answer.ok) return;
    const data = await addressOf(answer);
    this.#picture = data;
    await this.#vault.keepLogo({ src, data });
  }
}

async function addressOf(answer: Response): Promise<string> {
  let text = '';
  for (const byte of new Uint8Array(await answer.arrayBuffer())) text += String.fromCharCode(byte);
  return `data:${answer.headers.get('content-type') ?? ''};base64,${btoa(text)}`;
}
