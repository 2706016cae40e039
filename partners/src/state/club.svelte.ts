/**
 * What the scanner's screens need to know of the club: whether this is the demonstration, its colours and its logo. Asked once
 * there is network, remembered, so that it is there without network, and before the first paint.
 */
import { Api } from '@estran/kit/net/api';
import { readColours, type Colours } from '@estran/kit/ui/colours';
import { names } from '../names';

const KEY = names.of('club');

export interface Card {
  readonly name: string;
  readonly demo: boolean;
  readonly colours: Colours | null;
  readonly logo: { readonly src: string; readonly alt: string } | null;
}

const UNKNOWN: Card = { name: '', demo: false, colours: null, logo: null };

export class Club {
  #card = $state.raw<Card>(remembered());

  get card(): Card {
    return this.#card;
  }

  async ask(api = new Api()): Promise<void> {
    const answer = await api.call({ path: '/api/v1/club', read: readCard });
    if (!answer.ok) return;
    this.#card = answer.value;
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...this.#card, club: this.#card.name }));
    } catch {
      // storage is refused: asked again next time
    }
  }
}

function remembered(): Card {
  try {
    return readCard(JSON.parse(localStorage.getItem(KEY) ?? 'null')) ?? UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}

function readCard(json: unknown): Card | null {
  if (typeof json !== 'object' || json === null) return null;
  const { club, demo, colours, logo } = json as Record<string, unknown>;
  if (typeof demo !== 'boolean') return null;
  return { name: typeof club === 'string' ? club : '', demo, colours: readColours(colours), logo: readLogo(logo) };
}

/** Nothing but a path on our own origin becomes a picture. */
function readLogo(json: unknown): Card['logo'] {
  if (typeof json !== 'object' || json === null) return null;
  const { src, alt } = json as Record<string, unknown>;
  return typeof src === 'string' && /^\/[^/\\]/.test(src) ? { src, alt: typeof alt === 'string' ? alt : '' } : null;
}
