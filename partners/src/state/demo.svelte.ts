/** Whether this is the demonstration: asked once there is network, remembered, so that it is said without network, too. */
import { Api } from '@estran/kit/net/api';
import { names } from '../names';

const KEY = names.of('demo');

export class Demo {
  #on = $state(remembered());

  get on(): boolean {
    return this.#on;
  }

  async ask(api = new Api()): Promise<void> {
    const answer = await api.call({ path: '/api/v1/club', read: readDemo });
    if (!answer.ok) return;
    this.#on = answer.value.demo;
    try {
      localStorage.setItem(KEY, String(this.#on));
    } catch {
      // storage is refused: asked again next time
    }
  }
}

function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) === 'true';
  } catch {
    return false;
  }
}

function readDemo(json: unknown): { demo: boolean } | null {
  if (typeof json !== 'object' || json === null || !('demo' in json) || typeof json.demo !== 'boolean') return null;
  return { demo: json.demo };
}
