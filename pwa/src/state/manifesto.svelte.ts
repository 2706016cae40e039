/** The manifesto as this person stands to it: to be signed, to be read, signed, or a draft to speak about. */
import type { ClubApi } from '../club/api';
import type { ManifestoPage } from '../club/types';
import type { Outcome } from '../pass/api';
import { Served, type Refusal } from './served.svelte';

export const INTERESTS_MAX = 1000;
export const REMARK_MAX = 2000;

export class ManifestoState extends Served {
  #page = $state.raw<ManifestoPage | null>(null);
  #isReplaced = $state(false);
  readonly #api: ClubApi;

  constructor(api: ClubApi) {
    super();
    this.#api = api;
  }

  get page(): ManifestoPage | null {
    return this.#page;
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

  load(): Promise<void> {
    return this.ask(
      this.#page !== null,
      () => this.#api.manifesto(),
      (page) => (this.#page = page),
    );
  }

  /** True once this version is signed. The text is signed as it was shown here: another one is refused by the office. */
  async sign(hasAgreed: boolean, interests: string): Promise<boolean> {
    if (!hasAgreed) return this.fail('sign.tickFirst');
    if (interests.trim().length > INTERESTS_MAX) return this.fail('sign.interestsLong');
    return this.#do((id) => this.#api.sign(id, interests.trim()), this.#page?.current?.id);
  }

  /** True once the signature carries these interests: signed again, the same version only changes them. */
  async declare(interests: string): Promise<boolean> {
    return this.canDeclare && this.sign(true, interests);
  }

  /** True once it is noted that this version was read. */
  read(): Promise<boolean> {
    return this.#do((id) => this.#api.read(id), this.#page?.current?.id);
  }

  /** True once the remark stands under the draft. */
  async comment(remark: string): Promise<boolean> {
    const words = remark.trim();
    if (words === '') return this.fail('draft.empty');
    if (words.length > REMARK_MAX) return this.fail('draft.long');
    return this.#do((id) => this.#api.comment(id, words), this.#page?.draft?.id);
  }

  async #do(ask: (id: string) => Promise<Outcome<ManifestoPage>>, id: string | undefined): Promise<boolean> {
    if (this.busy || id === undefined) return false;
    this.#isReplaced = false;
    return this.act(
      () => ask(id),
      (page) => (this.#page = page),
    );
  }

  protected override async refused(answer: Refusal): Promise<void> {
    if (answer.status !== 404 && answer.code !== 'manifesto_replaced') return super.refused(answer);
    await this.load();
    this.#isReplaced = true;
  }
}
