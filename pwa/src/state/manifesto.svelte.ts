/** The manifesto as this person stands to it: to be signed, to be read, signed, or a draft to speak about. */
import type { ClubApi } from '../club/api';
import type { ManifestoPage } from '../club/types';
import type { Outcome } from '../pass/api';
import type { ClubKey } from '../text/personal';
import { failure } from './failure';
import type { Loading } from './loading';

export const INTERESTS_MAX = 1000;
export const REMARK_MAX = 2000;

export class ManifestoState {
  #page = $state.raw<ManifestoPage | null>(null);
  #phase = $state<Loading>('loading');
  #busy = $state(false);
  #error = $state<ClubKey | null>(null);
  #isReplaced = $state(false);
  readonly #api: ClubApi;

  constructor(api: ClubApi) {
    this.#api = api;
  }

  get page(): ManifestoPage | null {
    return this.#page;
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
  /** A newer version came while this person was reading: it is the one on the screen now. */
  get isReplaced(): boolean {
    return this.#isReplaced;
  }

  /** What was declared may be changed: the newest version is the one that was signed. */
  get canDeclare(): boolean {
    const { current, signed, need } = this.#page ?? { current: null, signed: null, need: null };
    return need === null && current !== null && current.version === signed?.version;
  }

  async load(): Promise<void> {
    if (this.#page === null) this.#phase = 'loading';
    this.#heard(await this.#api.manifesto());
  }

  /** True once this version is signed. The text is signed as it was shown here: another one is refused by the office. */
  async sign(hasAgreed: boolean, interests: string): Promise<boolean> {
    if (!hasAgreed) return this.#fail('sign.tickFirst');
    if (interests.trim().length > INTERESTS_MAX) return this.#fail('sign.interestsLong');
    return this.#act((id) => this.#api.sign(id, interests.trim()), this.#page?.current?.id);
  }

  /** True once the signature carries these interests: signed again, the same version only changes them. */
  async declare(interests: string): Promise<boolean> {
    return this.canDeclare && this.sign(true, interests);
  }

  /** True once it is noted that this version was read. */
  read(): Promise<boolean> {
    return this.#act((id) => this.#api.read(id), this.#page?.current?.id);
  }

  /** True once the remark stands under the draft. */
  async comment(remark: string): Promise<boolean> {
    const words = remark.trim();
    if (words === '') return this.#fail('draft.empty');
    if (words.length > REMARK_MAX) return this.#fail('draft.long');
    return this.#act((id) => this.#api.comment(id, words), this.#page?.draft?.id);
  }

  /** A fresh field has no fault yet. */
  typed(): void {
    this.#error = null;
  }

  async #act(ask: (id: string) => Promise<Outcome<ManifestoPage>>, id: string | undefined): Promise<boolean> {
    if (this.#busy || id === undefined) return false;
    this.#busy = true;
    this.#error = null;
    this.#isReplaced = false;
    try {
      const answer = await ask(id);
      if (answer.ok) this.#page = answer.value;
      else await this.#refused(answer.code, answer.status);
      return answer.ok;
    } finally {
      this.#busy = false;
    }
  }

  async #refused(code: string, status: number): Promise<void> {
    if (status === 401 || status === 403) this.#close();
    else if (status === 404 || code === 'manifesto_replaced') {
      this.#heard(await this.#api.manifesto());
      this.#isReplaced = true;
    } else this.#error = failure(status);
  }

  #heard(answer: Outcome<ManifestoPage>): void {
    if (answer.ok) {
      this.#page = answer.value;
      this.#phase = 'here';
    } else if (answer.status === 401 || answer.status === 403) this.#phase = 'closed';
    else if (this.#page === null) this.#phase = 'offline';
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
