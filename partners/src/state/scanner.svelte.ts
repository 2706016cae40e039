/**
 * What this scanner is and knows, for the screens: its pairing, its news, its list of the day, what waits to be sent.
 * It meets the office on start, when the page comes back, every minute, and right after each visit.
 */
import { Api, type Result } from '@estran/kit/net/api';
import { askPersistence } from '@estran/kit/offline/persist';
import { isFromNewer } from '@estran/kit/store/db';
import { version } from '../../package.json';
import { names } from '../names';
import { askFigures, type Figures } from '../net/figures';
import { serverAt, type Server } from '../net/server';
import type { Numbered, Paired } from '../net/wire';
import { localDay, ZONE } from './day';
import { DeviceClock } from './device-clock';
import type { ClockNow, Known, News } from './scan';
import { meet, newsOf, type Met } from './sync';
import { Book } from './uses';
import { uuid } from '@estran/kit/store/uuid';
import { FIRST_SETTINGS, Vault, type Device, type Entry, type Kept, type Settings } from './vault';

export type Phase = 'loading' | 'broken' | 'newer' | 'unpaired' | 'pending' | 'active' | 'cutting' | 'wiped';

const SOON_MS = 300;
/** Another window is at it; it may have left before what was written here. */
const BUSY_MS = 2_000;
const EVERY_MS = 60_000;
/** The office's word is awaited (`pending`), or the last entries of a scanner that was cut. */
const WAITING_EVERY_MS = 10_000;
const SLOWEST_MS = 15 * 60_000;
const LOOK_EVERY_MS = 10_000;
/** What the club's default is; only until the first news say. */
const LIMIT_S = 7 * 86_400;

export class Scanner {
  readonly version = version;
  readonly clock: DeviceClock;
  readonly #vault = new Vault(names.database);
  readonly #api: Api;
  readonly #server: Server;
  readonly #channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(names.channel) : null;

  #kept = $state.raw<Kept | null>(null);
  #book = new Book([]);
  #news = $state.raw<News | null>(null);
  #phase = $state<Phase>('loading');
  #met = $state<Met | null>(null);
  #meeting = $state(false);
  #nowMs = $state(Date.now());
  #clockSure = $state(false);
  /** The correction that scans are dated with. */
  #appliedMs = $state(0);
  #persistent = $state(true);
  /** Somebody asked for a meeting during the last one: something may have come too late for it. */
  #again = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The day as scans have it: by the corrected clock. */
  readonly #today = $derived(localDay(this.#nowMs + this.#appliedMs, this.zone));

  constructor() {
    this.clock = new DeviceClock(
      (memory) => void this.#vault.keepClock(memory).catch(() => undefined),
      () => document.visibilityState === 'visible',
    );
    this.#api = new Api((seen) => this.clock.met(seen));
    this.#server = serverAt(this.#api);
  }

  get phase(): Phase {
    return this.#phase;
  }
  get device(): Device | null {
    return this.#kept?.device ?? null;
  }
  get news(): News | null {
    return this.#news;
  }
  get zone(): string {
    return this.#news?.snapshot.zone ?? ZONE;
  }
  get nowMs(): number {
    return this.#nowMs;
  }
  get queued(): number {
    return this.#kept?.queued ?? 0;
  }
  get syncedAtMs(): number | null {
    return this.#kept?.syncedAtMs ?? null;
  }
  get settings(): Settings {
    return this.#kept?.settings ?? FIRST_SETTINGS;
  }
  get meeting(): boolean {
    return this.#meeting;
  }
  /** How the last meeting with the office ended. */
  get met(): Met | null {
    return this.#met;
  }
  get clockSure(): boolean {
    return this.#clockSure;
  }
  /** Whether the browser promised to keep what this scanner stores. */
  get persistent(): boolean {
    return this.#persistent;
  }

  /** The whole book, arrivals at events, too. */
  get entries(): readonly Entry[] {
    return this.#kept?.entries ?? [];
  }
  /** What corrects this device's clock. */
  get appliedMs(): number {
    return this.#appliedMs;
  }

  isToday({ day }: Pick<Entry, 'day'>): boolean {
    return day === this.#today;
  }

  /** Today's entries at this venue that were written in the book, latest first; arrivals at an event are none. */
  readonly today: readonly Entry[] = $derived(
    this.entries
      .filter((entry) => this.isToday(entry) && entry.venueId === this.device?.venue.id && !entry.slotId)
      .sort((one, other) => other.atMs - one.atMs || other.seq - one.seq),
  );

  readonly admittedToday: number = $derived(
    this.today.filter(({ outcome, undone }) => outcome === 'admitted' && !undone).length,
  );

  readonly newsOld: boolean = $derived.by(() => {
    const news = this.#news;
    return news !== null && this.#nowMs - news.newsAtMs > news.snapshot.snapshotLimitS * 1000;
  });

  async start(): Promise<void> {
    try {
      await this.#reload();
    } catch (reason) {
      this.#phase = isFromNewer(reason) ? 'newer' : 'broken';
      return;
    }
    this.clock.recall(this.#kept?.clock ?? null);
    if (this.#channel) this.#channel.onmessage = () => void this.#reload();
    document.addEventListener('visibilitychange', () => this.#onVisible());
    globalThis.addEventListener('online', () => void this.meetOffice());
    setInterval(() => this.#tick(), LOOK_EVERY_MS);
    this.#tick();
    if (this.device) void askPersistence().then((kept) => (this.#persistent = kept));
    void this.meetOffice();
  }

  async pair(secret: string, label: string, word: string): Promise<Result<Paired>> {
    try {
      await this.#vault.keepSettings(this.settings); // a code works once: first see whether anything can be kept here
    } catch {
      return { ok: false, code: 'no_storage', status: 0, problem: null };
    }
    const result = await this.#server.pair(secret, label, word);
    if (result.ok) {
      await this.#vault.pair(result.value, label, word);
      this.#phase = 'loading';
      await this.#changed();
      void askPersistence().then((kept) => (this.#persistent = kept));
      void this.meetOffice();
    }
    return result;
  }

  /** Whose pass has this number, as the office says now. */
  lookUp(number: string): Promise<Result<Numbered>> {
    return this.#server.lookUp(this.device?.token ?? '', number);
  }

  /** Hands in and asks for news. Never throws, never runs twice at once in this window. */
  async meetOffice(): Promise<Met> {
    if (!this.device) return 'busy';
    this.#again = this.#meeting;
    if (this.#meeting) return 'busy';
    this.#meeting = true;
    let met: Met = 'refused';
    try {
      met = await meet(this.#vault, this.#server, version);
      if (met === 'cut') await this.#forget();
      else await this.#afterMeeting(met);
    } catch {
      met = 'refused';
    } finally {
      if (met !== 'busy') this.#met = met;
      this.#meeting = false;
      this.#planNext(met);
    }
    return met;
  }

  /** All a scan needs to know at this moment. */
  async known(): Promise<Known> {
    await this.#catchUp();
    const { device } = this;
    if (!device) throw new Error('not paired');
    const [book, news, clock] = [this.#book, this.#news, this.clockNow()];
    return { device, book, news, clock, origin: location.origin, advance: this.clock.advance };
  }

  clockNow(): ClockNow {
    return this.clock.now(this.#news?.snapshot.snapshotLimitS ?? LIMIT_S);
  }

  async record(...args: Parameters<Vault['record']>): Promise<Entry> {
    const entry = await this.#vault.record(...args);
    await this.#changed();
    this.#sendSoon();
    return entry;
  }

  async undo(visitId: string): Promise<boolean> {
    const undone = await this.#vault.undo(visitId, uuid(), Date.now());
    await this.#changed();
    this.#sendSoon();
    return undone;
  }

  /** The venue's figures as they were last told to this pairing; null: never. */
  async keptFigures(): Promise<Figures | null> {
    return this.#vault.figures().catch(() => null);
  }

  /** The venue's figures as the office counts them now, kept for later; null when it does not answer. */
  async askFigures(): Promise<Figures | null> {
    const { device } = this;
    if (!device) return null;
    const asked = await askFigures(this.#api, device.token);
    if (!asked.ok) return null;
    await this.#vault.keepFigures(device.deviceId, asked.value).catch(() => undefined); // shown all the same
    return asked.value;
  }

  async keepSettings(settings: Settings): Promise<void> {
    await this.#vault.keepSettings(settings);
    await this.#changed();
  }

  /** The queue as files (docs/sync.md §5): one for each pairing that still has something. */
  async savedQueues(): Promise<{ name: string; text: string }[]> {
    return (await this.#vault.queues()).map(({ device, items }) => ({
      name: `estran-${this.#today}-${device.deviceId.slice(0, 8)}.json`,
      text: JSON.stringify({
        estran: 'outbox',
        deviceId: device.deviceId,
        venue: device.venue,
        savedAtMs: Date.now(),
        items,
      }),
    }));
  }

  /** A cut scanner that cannot hand in any more: its user chose to erase it all the same. */
  async eraseAnyway(): Promise<void> {
    await this.#forget();
  }

  async #afterMeeting(met: Met): Promise<void> {
    this.#failures = met === 'offline' || met === 'refused' ? this.#failures + 1 : 0;
    this.#look();
    await this.#vault.tidy(this.#today);
    await this.#changed();
    if (this.queued > 0) void askBackgroundSync();
  }

  async #forget(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#vault.wipe();
    this.#kept = null;
    this.#news = null;
    this.#phase = 'wiped';
    this.#channel?.postMessage('changed');
  }

  async #changed(): Promise<void> {
    await this.#reload();
    this.#channel?.postMessage('changed');
  }

  async #reload(): Promise<void> {
    const kept = await this.#vault.read();
    const [before, after] = [this.#kept?.snapshot, kept.snapshot];
    if (before?.newsAtMs !== after?.newsAtMs || before?.etag !== after?.etag) this.#news = await newsOf(after);
    this.#kept = kept;
    this.#book = new Book(kept.entries);
    this.#nowMs = Date.now();
    if (kept.device) this.#phase = kept.device.state === 'cut' ? 'cutting' : kept.device.state;
    else if (this.#phase !== 'wiped') this.#phase = 'unpaired';
  }

  /**
   * Whatever another window has written has its number: where the last number is still ours, nothing was written that a
   * scan must know. Asking for it is quick; reading a long list is not.
   */
  async #catchUp(): Promise<void> {
    const [ours, last] = [this.device, await this.#vault.device()];
    if (last?.deviceId !== ours?.deviceId || last?.seq !== ours?.seq) await this.#reload();
  }

  #sendSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.meetOffice(), SOON_MS);
  }

  #planNext(met: Met): void {
    clearTimeout(this.#timer);
    if (!this.device) return;
    this.#timer = setTimeout(() => void this.meetOffice(), this.#waitMs(met));
  }

  #waitMs(met: Met): number {
    if (this.#again) return SOON_MS;
    if (met === 'busy') return BUSY_MS;
    const calm = this.#phase === 'pending' || this.#phase === 'cutting' ? WAITING_EVERY_MS : EVERY_MS;
    return Math.min(SLOWEST_MS, calm * 2 ** Math.min(this.#failures, 5));
  }

  #onVisible(): void {
    if (document.visibilityState !== 'visible') return;
    this.clock.woke();
    this.#tick();
    void this.meetOffice();
  }

  #tick(): void {
    const before = this.#today;
    this.#look();
    // names leave at midnight, whether or not the office answers
    if (this.#today !== before) void this.#vault.tidy(this.#today).then(() => this.#changed());
  }

  #look(): void {
    const { wallMs, appliedMs, confirmed } = this.clockNow();
    this.#nowMs = wallMs;
    this.#appliedMs = appliedMs;
    this.#clockSure = confirmed;
  }
}

/** Where the browser has it, what waits is sent even after the page is closed. */
async function askBackgroundSync(): Promise<void> {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  const registration = await container?.getRegistration();
  const sync = (registration as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync;
  await sync?.register(names.of('outbox')).catch(() => undefined);
}
