/**
 * The pass of this phone: read from the device first, then brought up to date by the office, never the other way round.
 * The network adds news; only the office's word or the pass's own last second takes the code off the screen.
 */
import type { ClockMemory } from '@estran/kit/rules/clock';
import { isFromNewer } from '@estran/kit/store/db';
import type { PassApi } from '../pass/api';
import { makeDeviceKey, type DeviceKey } from '../pass/device-key';
import { alone } from '../pass/lock';
import type { Club, PassNews } from '../pass/types';
import type { Kept, KeptPass, Vault } from '../pass/vault';
import { showing, type Showing } from '../pass/view';
import { names } from '../names';
import type { Key } from '../text';

/** The corrected time of this phone (docs/pass-format.md §4). */
export interface Clock {
  nowMs(): number;
  /** The correction in use: 0 while the clock is right within a minute. */
  skewMs(): number;
  readonly memory: ClockMemory;
  /** Takes over what the last visit learnt of this phone's clock, until the server is heard again. */
  resume(memory: ClockMemory): void;
}

export interface PassParts {
  readonly vault: Vault;
  readonly api: PassApi;
  readonly clock: Clock;
  /** A fresh presentation, as digits. */
  readonly present: (pass: KeptPass, nowMs: number, audience?: string) => Promise<string>;
  /** The last second of a credential. */
  readonly lastSecond: (credential: string) => number;
  readonly makeKey?: () => Promise<DeviceKey>;
}

export class PassState {
  #pass = $state.raw<KeptPass | null>(null);
  #club = $state.raw<Club | null>(null);
  #loaded = $state(false);
  #nowMs = $state(0);
  #skewMs = $state(0);
  #unknown = $state(false);
  #fromNewer = $state(false);
  #busy = $state(false);
  #error = $state<Key | null>(null);
  #refreshing: Promise<boolean> | null = null;
  readonly #parts: PassParts;
  readonly #channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(names.channel) : null;

  constructor(parts: PassParts) {
    this.#parts = parts;
    this.#nowMs = parts.clock.nowMs();
    this.#channel?.addEventListener('message', () => void this.load());
  }

  get pass(): KeptPass | null {
    return this.#pass;
  }
  get club(): Club | null {
    return this.#club;
  }
  get loaded(): boolean {
    return this.#loaded;
  }
  /** Corrected now, as of the last tick. */
  get nowMs(): number {
    return this.#nowMs;
  }
  /** Server time minus this phone's, when large enough to be corrected; else 0. */
  get skewMs(): number {
    return this.#skewMs;
  }
  /** The office answered that it does not know this pass. */
  get unknown(): boolean {
    return this.#unknown;
  }
  /** This device keeps something, but a newer version of the app has written it. */
  get fromNewer(): boolean {
    return this.#fromNewer;
  }
  get busy(): boolean {
    return this.#busy;
  }
  get error(): Key | null {
    return this.#error;
  }
  readonly lastSecond = $derived.by(() => (this.#pass ? this.#parts.lastSecond(this.#pass.credential) : 0));
  readonly showing: Showing | null = $derived.by(() =>
    this.#pass ? showing(this.#pass.news, this.lastSecond, Math.floor(this.#nowMs / 1000)) : null,
  );

  /** Reads what the device keeps, or takes over a reading that is under way. No network. */
  async load(reading?: Promise<Kept>): Promise<void> {
    try {
      const kept = await (reading ?? this.#parts.vault.read());
      this.#pass = kept.pass;
      this.#club = kept.club ?? this.#club;
      if (kept.pass) this.#parts.clock.resume(kept.pass.clock);
    } catch (reason) {
      this.#pass = null; // no database: this browser can sign in and read, but not hold a pass
      this.#fromNewer = isFromNewer(reason);
    }
    this.tick();
    this.#loaded = true;
  }

  /** The time has moved: called every second while something shows it. */
  tick(): void {
    this.#nowMs = this.#parts.clock.nowMs();
    this.#skewMs = this.#parts.clock.skewMs();
  }

  /** A fresh proof for the scanner, or for whoever else it is meant. */
  present(pass: KeptPass, audience?: string): Promise<string> {
    return this.#parts.present(pass, this.#parts.clock.nowMs(), audience);
  }

  async learnClub(): Promise<Club | null> {
    const answer = await this.#parts.api.club();
    if (answer.ok) {
      this.#club = answer.value;
      await this.#parts.vault.keepClub(answer.value).catch(() => undefined);
    }
    return this.#club;
  }

  /** Asks the office for news of the kept pass. False when no usable answer came. One question at a time. */
  refresh(): Promise<boolean> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  get refreshing(): boolean {
    return this.#refreshing !== null;
  }

  /** Lets go of the other windows; for tests, as a page is simply closed. */
  close(): void {
    this.#channel?.close();
  }

  async #refresh(): Promise<boolean> {
    const asked = this.#pass;
    if (!asked) return true;
    let answer = await this.#ask(asked);
    if (!answer.ok && answer.code === 'stale_proof') answer = await this.#ask(asked); // the reply has set our clock right
    if (!answer.ok) {
      const isUnknown = answer.status === 401 && answer.code !== 'stale_proof';
      if (this.#pass?.key.x === asked.key.x) this.#unknown = isUnknown;
      return false;
    }
    this.#unknown = false;
    await this.#keep(this.#renewed(asked, answer.value));
    return true;
  }

  /** « Mettre mon pass sur cet appareil »: the only act that makes a key. True when the pass is here. */
  async put(): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    this.#error = null;
    const before = this.#pass?.key.x;
    try {
      const done = await alone(names.of('put'), () => this.#put(before));
      if (done) void this.refreshAnew(); // the first proof ends the pass on the previous phone
      return done;
    } catch {
      this.#error = 'put.unsupported';
      return false;
    } finally {
      this.#busy = false;
    }
  }

  /** News after an act: a question that is under way here was asked before it, and its answer may not know. */
  async refreshAnew(): Promise<boolean> {
    await this.#refreshing?.catch(() => false);
    return this.refresh().catch(() => false);
  }

  /** Takes the pass and its key off this device. The office's record is not touched. */
  async forget(): Promise<void> {
    await this.#parts.vault.forgetPass();
    this.#pass = null;
    this.#unknown = false;
    this.#tell();
  }

  async #put(before: string | undefined): Promise<boolean> {
    const { vault, api, clock } = this.#parts;
    const club = await this.learnClub();
    const key = await vault.claimKey(await (this.#parts.makeKey ?? makeDeviceKey)(), before);
    if (!key) {
      await this.load(); // another window was quicker
      return this.#pass !== null;
    }
    const answer = await api.putPass(key.x, key.y);
    if (!answer.ok || answer.value.credential === null) {
      this.#error = !answer.ok && answer.status === 0 ? 'error.network' : 'error.other';
      return false;
    }
    const pass: KeptPass = {
      key,
      iss: club?.iss ?? location.origin,
      credential: answer.value.credential,
      news: answer.value,
      heardAtMs: clock.nowMs(),
      clock: clock.memory,
    };
    await vault.settle(pass);
    this.#pass = pass;
    this.#unknown = false;
    this.tick();
    this.#tell();
    return true;
  }

  async #ask(pass: KeptPass): ReturnType<PassApi['refresh']> {
    return this.#parts.api.refresh(await this.present(pass));
  }

  #renewed(pass: KeptPass, news: PassNews): KeptPass {
    const { clock } = this.#parts;
    const moved = news.credential !== null && news.credential !== pass.credential;
    return {
      key: pass.key,
      iss: moved ? (this.#club?.iss ?? pass.iss) : pass.iss,
      credential: news.credential ?? pass.credential,
      news,
      heardAtMs: clock.nowMs(),
      clock: clock.memory,
    };
  }

  /** Writes first, shows after: what is on screen is also on the device. */
  async #keep(pass: KeptPass): Promise<void> {
    try {
      if (!(await this.#parts.vault.refresh(pass))) return void (await this.load());
      this.#tell();
    } catch {
      // the disk refused: the news still counts for this visit
    }
    this.#pass = pass;
    this.tick();
  }

  #tell(): void {
    this.#channel?.postMessage('changed');
  }
}
