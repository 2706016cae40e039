/** Which letters about events this person wants, and whether a calendar follows the events they come to. */
import type { LettersApi, Topic } from '../events/api';
import type { Outcome } from '../pass/api';
import type { ClubKey } from '../text/personal';
import { failure } from './failure';
import type { Loading } from './loading';

export class LettersState {
  #wanted = $state.raw<readonly Topic[]>([]);
  #hasCalendar = $state(false);
  #address = $state<string | null>(null);
  #phase = $state<Loading>('loading');
  #busy = $state(false);
  #error = $state<ClubKey | null>(null);
  readonly #api: LettersApi;

  constructor(api: LettersApi) {
    this.#api = api;
  }

  get wanted(): readonly Topic[] {
    return this.#wanted;
  }
  /** Some address of their calendar is in use. */
  get hasCalendar(): boolean {
    return this.#hasCalendar;
  }
  /** The one made just now: the office tells it once. */
  get address(): string | null {
    return this.#address;
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

  async load(): Promise<void> {
    this.#phase = 'loading';
    this.#address = null;
    const [letters, calendar] = await Promise.all([this.#api.letters(), this.#api.calendar()]);
    if (letters.ok && calendar.ok) {
      this.#wanted = letters.value;
      this.#hasCalendar = calendar.value;
      this.#phase = 'here';
    } else if (isClosed(letters) || isClosed(calendar)) this.#phase = 'closed';
    else this.#phase = 'offline';
  }

  /** True once letters of this topic come, or come no more. */
  choose(topic: Topic, isWanted: boolean): Promise<boolean> {
    const wanted = [...this.#wanted.filter((one) => one !== topic), ...(isWanted ? [topic] : [])];
    return this.#ask(
      () => this.#api.choose(wanted),
      (now) => (this.#wanted = now),
    );
  }

  /** True once there is an address: `address`. */
  follow(): Promise<boolean> {
    return this.#ask(
      () => this.#api.makeCalendar(),
      (address) => {
        this.#address = address;
        this.#hasCalendar = true;
      },
    );
  }

  /** True once no calendar hears anything more. */
  stop(): Promise<boolean> {
    return this.#ask(
      () => this.#api.endCalendar(),
      () => {
        this.#address = null;
        this.#hasCalendar = false;
      },
    );
  }

  async #ask<T>(act: () => Promise<Outcome<T>>, done: (value: T) => void): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    this.#error = null;
    const answer = await act();
    this.#busy = false;
    if (answer.ok) done(answer.value);
    else if (isClosed(answer)) this.#phase = 'closed';
    else this.#error = failure(answer.status);
    return answer.ok;
  }
}

function isClosed(answer: Outcome<unknown>): boolean {
  return !answer.ok && (answer.status === 401 || answer.status === 403);
}
