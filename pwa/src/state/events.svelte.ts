/**
 * What this person is invited to, and what they answer. The list is kept on the device; a reply is kept before anything is
 * said of it, and sent until the office has answered. The last word about an event takes the place of the one before.
 */
import { uuid } from '@estran/kit/store/uuid';
import type { EventsApi } from '../events/api';
import { groupsOf } from '../events/standing';
import type { Invitation, Invitations, KeptEvents, Said, Words } from '../events/types';
import { names } from '../names';
import { alone } from '../pass/lock';
import type { Vault } from '../pass/vault';

export interface EventsParts {
  readonly vault: Pick<Vault, 'events' | 'changeEvents'>;
  readonly api: EventsApi;
  /** Corrected, as of the last tick. */
  readonly nowMs: () => number;
}

const NONE: KeptEvents = { page: null, said: [] };
const PATIENCE_MS = 3000;

export class EventsState {
  #kept = $state.raw<KeptEvents>(NONE);
  #isLoaded = $state(false);
  #isSignedOut = $state(false);
  #isUnheard = $state(false);
  #isSending = $state(false);
  readonly #parts: EventsParts;

  constructor(parts: EventsParts) {
    this.#parts = parts;
  }

  /** Whether this device has said what it keeps. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }
  /** What the office told last; null while it never did. */
  get page(): Invitations | null {
    return this.#kept.page;
  }
  /** Neither the pass nor a session says who asks: replies wait for signing in. */
  get isSignedOut(): boolean {
    return this.#isSignedOut;
  }
  /** The office did not answer the last time. */
  get isUnheard(): boolean {
    return this.#isUnheard;
  }
  /** What this person said here and the office has not taken. What another person said on this device waits for them. */
  readonly said: readonly Said[] = $derived(this.#kept.said.filter(({ whose }) => whose === this.#kept.page?.whose));
  /** The first moments, in which nobody needs to hear that a reply waits. */
  get isSending(): boolean {
    return this.#isSending;
  }
  /** How many invitations wait for a reply. */
  readonly asked = $derived.by(() => groupsOf(this.page?.events ?? [], this.said, this.#parts.nowMs()).asked.length);

  saidOf(eventId: string): Said | null {
    return this.said.find((one) => one.eventId === eventId) ?? null;
  }

  /** Reads what this device keeps. */
  async load(): Promise<void> {
    await this.#parts.vault.events().then(
      (kept) => (this.#kept = kept ?? NONE),
      () => undefined, // no storage: what is known lasts for this visit
    );
    this.#isLoaded = true;
  }

  /** Keeps what somebody says: from here on it cannot be lost. It is sent by `send`, or later by itself. */
  async keep(event: Invitation, words: Words): Promise<void> {
    const whose = this.page?.whose;
    if (whose === undefined) return;
    // Whatever the clocks say, it comes after what was on the screen when it was said.
    const after = Math.max(event.mine.saidAtMs ?? 0, this.saidOf(event.id)?.saidAtMs ?? 0);
    const saidAtMs = Math.max(this.#parts.nowMs(), after + 1);
    const said: Said = { ...words, id: uuid(), eventId: event.id, whose, saidAtMs, state: 'waiting' };
    await this.#change(({ page, said: before }) => ({ page, said: [...before.filter(otherThan(said)), said] }));
  }

  /** Tries to send what waits. A weak network must not keep anybody before the screen. */
  async send(): Promise<void> {
    this.#isSending = true;
    await Promise.race([this.exchange(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    this.#isSending = false;
  }

  /** The refusal was read. */
  async forget(eventId: string): Promise<void> {
    const said = this.saidOf(eventId);
    if (said) await this.#change((kept) => without(kept, said));
  }

  /**
   * Hears what is new, then sends what waits: only to whom it is from. False: try again soon. One window at a time.
   */
  exchange(): Promise<boolean> {
    return alone(names.of('events'), async () => {
      await this.load(); // another window may have sent it
      if (!(await this.#hear())) return this.#isSignedOut;
      for (const one of this.said) {
        if (one.state === 'waiting' && !(await this.#send(one))) return false;
      }
      return true;
    });
  }

  async #hear(): Promise<boolean> {
    const answer = await this.#parts.api.invitations();
    if (answer.ok) await this.#change(({ said }) => ({ page: answer.value, said }));
    this.#isSignedOut = !answer.ok && isNobody(answer.status);
    this.#isUnheard = !answer.ok && !this.#isSignedOut;
    return answer.ok;
  }

  /** False: try again soon. Who is signed out may take their time: asking again at once would help nobody. */
  async #send(said: Said): Promise<boolean> {
    const answer = await this.#parts.api.reply(said);
    if (answer.ok) await this.#change((kept) => renewed(without(kept, said), answer.value));
    else if (answer.status === 404) await this.#change((kept) => gone(without(kept, said), said.eventId));
    else if (isAnswer(answer.status)) {
      await this.#change((kept) => refused(kept, said, answer.code));
      if (answer.code === 'replied_since') await this.#hear(); // what stands may have come just now
    } else {
      this.#isSignedOut = isNobody(answer.status);
      this.#isUnheard = !this.#isSignedOut;
      return this.#isSignedOut;
    }
    return true;
  }

  /** Writes first, shows after: what is on screen is also on the device. */
  async #change(change: (kept: KeptEvents) => KeptEvents): Promise<void> {
    this.#kept = await this.#parts.vault.changeEvents((kept) => change(kept ?? NONE)).catch(() => change(this.#kept)); // no storage: for this visit
  }
}

/** Nobody known asks. */
function isNobody(status: number): boolean {
  return status === 401 || status === 403 || status === 404;
}

/** A word about the reply itself; anything else may be another one later. */
function isAnswer(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status);
}

function otherThan({ eventId, whose }: Said): (one: Said) => boolean {
  return (one) => one.eventId !== eventId || one.whose !== whose;
}

/** Another word, said meanwhile, stays. */
function without({ page, said }: KeptEvents, { id }: Said): KeptEvents {
  return { page, said: said.filter((one) => one.id !== id) };
}

function refused({ page, said }: KeptEvents, { id }: Said, code: string): KeptEvents {
  return { page, said: said.map((one) => (one.id === id ? { ...one, state: 'refused', code } : one)) };
}

function renewed({ page, said }: KeptEvents, event: Invitation): KeptEvents {
  return { page: page && { ...page, events: page.events.map((one) => (one.id === event.id ? event : one)) }, said };
}

function gone({ page, said }: KeptEvents, eventId: string): KeptEvents {
  return { page: page && { ...page, events: page.events.filter(({ id }) => id !== eventId) }, said };
}
