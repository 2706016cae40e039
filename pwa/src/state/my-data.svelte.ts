/** What the club holds about this person, and the rights over it. Nothing of it is kept on this device. */
import type { Lang } from '@estran/kit/text/lang';
import type { ClubApi, RequestKind } from '../club/api';
import { isAwaited, type MyData } from '../club/types';
import { Served, type Refusal } from './served.svelte';

export const REQUEST_MAX = 2000;

export class MyDataState extends Served {
  #data = $state.raw<MyData | null>(null);
  #isUncertain = false;
  readonly #api: ClubApi;

  constructor(api: ClubApi) {
    super();
    this.#api = api;
  }

  get data(): MyData | null {
    return this.#data;
  }
  /** How many requests the office has not answered yet, as far as this device knows. */
  get awaited(): number {
    return this.#data?.requests.filter(isAwaited).length ?? 0;
  }

  load(lang: Lang): Promise<void> {
    return this.ask(
      this.#data !== null,
      () => this.#api.data(lang),
      (data) => (this.#data = data),
    );
  }

  /** True once the office has it. What is kept is then to be loaded anew. */
  async request(kind: RequestKind, words: string): Promise<boolean> {
    const asked = words.trim();
    if (asked === '') return this.fail('request.empty');
    if (asked.length > REQUEST_MAX) return this.fail('request.long');
    return this.act(() => this.#api.request(kind, asked));
  }

  /** True once the person has left. An answer was lost, and now the door is closed: it was done the first time. */
  leave(): Promise<boolean> {
    return this.act(async () => {
      const answer = await this.#api.leave();
      if (this.#isUncertain && !answer.ok && answer.status === 401) return { ok: true, value: null };
      this.#isUncertain = !answer.ok && answer.status === 0;
      return answer;
    });
  }

  protected override refused(answer: Refusal): void | Promise<void> {
    if (answer.code === 'too_many_asked') this.fail('request.tooMany');
    else return super.refused(answer);
  }
}
