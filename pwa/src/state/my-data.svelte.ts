/** What the club holds about this person, and the rights over it. Nothing of it is kept on this device. */
import type { Lang } from '@estran/kit/text/lang';
import type { ClubApi, RequestKind } from '../club/api';
import { isAwaited, type MyData } from '../club/types';
import type { ClubKey } from '../text/personal';
import { failure } from './failure';
import type { Loading } from './loading';

export const REQUEST_MAX = 2000;

export class MyDataState {
  #data = $state.raw<MyData | null>(null);
  #phase = $state<Loading>('loading');
  #busy = $state(false);
  #error = $state<ClubKey | null>(null);
  #isUncertain = false;
  readonly #api: ClubApi;

  constructor(api: ClubApi) {
    this.#api = api;
  }

  get data(): MyData | null {
    return this.#data;
  }
  /** How many requests the office has not answered yet, as far as this device knows. */
  get awaited(): number {
    return this.#data?.requests.filter(isAwaited).length ?? 0;
  }
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

  async load(lang: Lang): Promise<void> {
    if (this.#data === null) this.#phase = 'loading';
    const answer = await this.#api.data(lang);
    if (answer.ok) {
      this.#data = answer.value;
      this.#phase = 'here';
    } else if (answer.status === 401 || answer.status === 403) this.#phase = 'closed';
    else if (this.#data === null) this.#phase = 'offline';
  }

  /** True once the office has it. What is kept is then to be loaded anew. */
  async request(kind: RequestKind, words: string): Promise<boolean> {
    const asked = words.trim();
    if (asked === '') return this.#fail('request.empty');
    if (asked.length > REQUEST_MAX) return this.#fail('request.long');
    return this.#alone(async () => {
      const answer = await this.#api.request(kind, asked);
      if (!answer.ok && answer.code === 'too_many_asked') return this.#fail('request.tooMany');
      if (!answer.ok) this.#refused(answer.status);
      return answer.ok;
    });
  }

  /** True once the person has left. An answer was lost, and now the door is closed: it was done the first time. */
  leave(): Promise<boolean> {
    return this.#alone(async () => {
      const answer = await this.#api.leave();
      if (answer.ok || (this.#isUncertain && answer.status === 401)) return true;
      this.#isUncertain = answer.status === 0;
      this.#refused(answer.status);
      return false;
    });
  }

  /** A fresh field has no fault yet. */
  typed(): void {
    this.#error = null;
  }

  async #alone(work: () => Promise<boolean>): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    this.#error = null;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  #refused(status: number): void {
    if (status === 401 || status === 403) this.#close();
    else this.#error = failure(status);
  }

  #close(): void {
    this.#phase = 'closed';
    this.#error = 'error.signedOut';
  }

  #fail(error: ClubKey): false {
    this.#error = error;
    return false;
  }
}
