/** Which letters about events this person wants, and whether a calendar follows the events they come to. */
import type { LettersApi, Topic } from '../events/api';
import type { Outcome } from '../pass/api';
import { Served } from './served.svelte';

interface Kept {
  readonly wanted: readonly Topic[];
  readonly hasCalendar: boolean;
}

export class LettersState extends Served {
  #kept = $state.raw<Kept>({ wanted: [], hasCalendar: false });
  #address = $state<string | null>(null);
  readonly #api: LettersApi;

  constructor(api: LettersApi) {
    super();
    this.#api = api;
  }

  get wanted(): readonly Topic[] {
    return this.#kept.wanted;
  }
  /** Some address of their calendar is in use. */
  get hasCalendar(): boolean {
    return this.#kept.hasCalendar;
  }
  /** The one made just now: the office tells it once. */
  get address(): string | null {
    return this.#address;
  }

  load(): Promise<void> {
    this.#address = null;
    return this.ask(
      false,
      () => this.#both(),
      (kept) => (this.#kept = kept),
    );
  }

  /** True once letters of this topic come, or come no more. */
  choose(topic: Topic, isWanted: boolean): Promise<boolean> {
    const wanted = [...this.wanted.filter((one) => one !== topic), ...(isWanted ? [topic] : [])];
    return this.act(
      () => this.#api.choose(wanted),
      (now) => (this.#kept = { ...this.#kept, wanted: now }),
    );
  }

  /** True once there is an address: `address`. */
  follow(): Promise<boolean> {
    return this.act(
      () => this.#api.makeCalendar(),
      (address) => this.#follows(address),
    );
  }

  /** True once no calendar hears anything more. */
  stop(): Promise<boolean> {
    return this.act(
      () => this.#api.endCalendar(),
      () => this.#follows(null),
    );
  }

  async #both(): Promise<Outcome<Kept>> {
    const [letters, calendar] = await Promise.all([this.#api.letters(), this.#api.calendar()]);
    if (!letters.ok) return letters;
    return calendar.ok ? { ok: true, value: { wanted: letters.value, hasCalendar: calendar.value } } : calendar;
  }

  #follows(address: string | null): void {
    this.#address = address;
    this.#kept = { ...this.#kept, hasCalendar: address !== null };
  }
}
