/**
 * Who is asking: from « we do not know yet » to « signed in ». It never touches the pass or its key: signing in or out
 * changes nothing of what this phone shows.
 */
import type { Outcome, PassApi } from '../pass/api';
import type { Me, Wish } from '../pass/types';
import type { Key } from '../text';
import { failure } from './failure';
import { forgetAsked, readAsked, rememberAsked, type AskedFor } from './asked';

/** `unknown`: being asked; `offline`: no answer; `out`: to sign in; `asked`: a code is awaited; `in`: signed in;
 *  `stranger`: signed in, but not as an ambassador (the officer's own address). */
export type Phase = 'unknown' | 'offline' | 'out' | 'asked' | 'in' | 'stranger';

const CODE_ERRORS: Readonly<Record<string, Key>> = {
  wrong_code: 'code.wrong',
  code_ended: 'code.ended',
  too_many_tries: 'code.tooMany',
};

export class Member {
  #phase = $state<Phase>('unknown');
  #me = $state.raw<Me | null>(null);
  #asked = $state.raw<AskedFor | null>(null);
  #error = $state<Key | null>(null);
  #notice = $state<Key | null>(null);
  #busy = $state(false);
  #isUnheard = $state(false);
  /** How often somebody signed in or out: an answer asked for before that tells of who was there then. */
  #turn = 0;
  readonly #api: PassApi;

  constructor(api: PassApi) {
    this.#api = api;
  }

  get phase(): Phase {
    return this.#phase;
  }
  get me(): Me | null {
    return this.#me;
  }
  /** The address the letter went to. */
  get email(): string {
    return this.#asked?.email ?? '';
  }
  /** No new letter left for it: several had within the hour. */
  get isWithheld(): boolean {
    return this.#asked?.isWithheld ?? false;
  }
  get error(): Key | null {
    return this.#error;
  }
  get notice(): Key | null {
    return this.#notice;
  }
  get busy(): boolean {
    return this.#busy;
  }
  /** Nobody answered the last time we asked: there is no network, whatever the browser says. */
  get isUnheard(): boolean {
    return this.#isUnheard;
  }

  /** Asks the server who we are. A session opened elsewhere (the letter's link) counts. */
  async check(): Promise<void> {
    const turn = this.#turn;
    const answer = await this.#ask();
    if (turn === this.#turn) this.#heard(answer);
  }

  /** Asks whether anybody answers, and changes nothing else. */
  async reach(): Promise<void> {
    await this.#ask();
  }

  /** Asks again, where the screen has something to show already: it stays when nobody answers. */
  async checkAnew(): Promise<void> {
    const turn = this.#turn;
    const answer = await this.#ask();
    if (turn !== this.#turn) return;
    const isAnswer = answer.ok || [401, 403, 404].includes(answer.status);
    if (isAnswer || this.#phase !== 'in') this.#heard(answer);
  }

  async #ask(): Promise<Outcome<Me>> {
    const answer = await this.#api.me();
    this.#isUnheard = !answer.ok && answer.status === 0;
    return answer;
  }

  #heard(answer: Outcome<Me>): void {
    if (answer.ok) {
      this.#me = answer.value;
      this.#phase = 'in';
      forgetAsked();
    } else if (answer.status === 401 || answer.status === 403) {
      this.#me = null;
      this.#asked = readAsked();
      this.#phase = this.#asked === null ? 'out' : 'asked';
    } else if (answer.status === 404) {
      this.#me = null;
      this.#phase = 'stranger';
    } else {
      this.#phase = 'offline';
    }
  }

  /** Says whether this person wants to go on after the mandate. Null when it is noted, else what went wrong. */
  async wish(wish: Wish): Promise<Key | null> {
    const answer = await this.#api.wish(wish);
    if (!answer.ok && answer.status === 409) await this.checkAnew(); // another mandate follows meanwhile
    if (!answer.ok) return answer.status === 401 ? 'error.signedOut' : failure(answer.status);
    if (this.#me?.renewal) this.#me = { ...this.#me, renewal: { ...this.#me.renewal, wish } };
    return null;
  }

  /** The person is no longer known: nothing of the session is left here. */
  gone(): void {
    this.#turn += 1;
    forgetAsked();
    this.#clear();
    this.#me = null;
    this.#phase = 'out';
  }

  /** Sends the letter. The answer is the same whether the address is known or not. */
  async askCode(email: string): Promise<void> {
    const address = email.trim();
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address)) return this.#fail('signIn.emailWrong');
    const again = this.#phase === 'asked';
    await this.#alone(async () => {
      const answer = await this.#api.askCode(address);
      if (!answer.ok) return this.#fail(askFailure(answer.status));
      const { isWithheld } = answer.value;
      this.#asked = { email: address, isWithheld };
      rememberAsked(this.#asked);
      this.#phase = 'asked';
      if (again) this.#notice = isWithheld ? 'code.notResent' : 'code.resent';
    });
  }

  /** Enters the code as typed or pasted: spaces and dashes do not matter. */
  async enterCode(typed: string): Promise<void> {
    const code = typed.replace(/\D/g, '');
    if (code.length !== 6) return this.#fail('code.short');
    await this.#alone(async () => {
      const answer = await this.#api.enterCode(code);
      if (!answer.ok) return this.#fail(CODE_ERRORS[answer.code] ?? failure(answer.status));
      this.#turn += 1;
      forgetAsked();
      await this.check();
    });
  }

  /** Back to the address: another one was meant. */
  changeAddress(): void {
    forgetAsked();
    this.#clear();
    this.#phase = 'out';
  }

  async signOut(): Promise<void> {
    await this.#alone(async () => {
      const answer = await this.#api.signOut();
      if (!answer.ok && answer.status !== 401) return this.#fail(failure(answer.status));
      this.#turn += 1;
      this.#me = null;
      this.#phase = 'out';
      this.#notice = 'account.signedOut';
    });
  }

  /** A fresh field has no fault yet. */
  typed(): void {
    this.#clear();
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.#busy) return;
    this.#clear();
    this.#busy = true;
    try {
      await work();
    } finally {
      this.#busy = false;
    }
  }

  #clear(): void {
    this.#error = null;
    this.#notice = null;
  }

  #fail(error: Key): void {
    this.#notice = null;
    this.#error = error;
  }
}

function askFailure(status: number): Key {
  return status === 400 || status === 422 ? 'signIn.emailWrong' : failure(status);
}
