/** Which of the venue's doors this scanner is at: an event's that is open now, or that of entries as usual. */
import type { Slot } from '../net/wire';
import { arrivalsAt, eveningsIn, tallyOf, type Evening, type Tally } from './arrivals';
import type { Scanner } from './scanner.svelte';
import type { Entry } from './vault';

type Keeper = Pick<
  Scanner,
  'device' | 'news' | 'zone' | 'entries' | 'appliedMs' | 'nowMs' | 'settings' | 'keepSettings' | 'isToday'
>;

export class Doors {
  readonly #keeper: Keeper;
  /** Of which open doors it was said that there is a choice. */
  #told: readonly string[] = [];

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  /** The slots that are welcomed for now. */
  readonly open: readonly Slot[] = $derived.by(() => {
    const now = this.#keeper.nowMs + this.#keeper.appliedMs;
    return this.#all.filter(({ opensMs, closesMs }) => opensMs <= now && now < closesMs);
  });

  /** The door at which this scanner is; null: entries as usual. The only one that is open, unless the staff chose. */
  readonly slot: Slot | null = $derived.by(() => {
    const { door } = this.#keeper.settings;
    const chosen = this.open.find(({ id }) => id === door?.slotId);
    const [only] = this.open;
    if (chosen || !only || this.open.length > 1) return chosen ?? null;
    return door?.slotId === null && door.among.includes(only.id) ? null : only;
  });

  /** Several are open, and the staff have not said yet which of these is theirs. */
  readonly isUndecided: boolean = $derived.by(() => {
    const among = this.#keeper.settings.door?.among ?? [];
    return this.open.length > 1 && !this.open.every(({ id }) => among.includes(id));
  });

  get zone(): string {
    return this.#keeper.zone;
  }

  get #all(): readonly Slot[] {
    return this.#keeper.news?.snapshot.slots ?? [];
  }

  slotOf(id: string | undefined): Slot | null {
    return this.#all.find((one) => one.id === id) ?? null;
  }

  /** Whoever is at the only door that is open stays there when others open. */
  stay(): void {
    if (this.slot && this.slot.id !== this.#keeper.settings.door?.slotId) this.choose(this.slot.id);
  }

  /** Whether the staff have heard that there is a choice among those that are open. */
  get isTold(): boolean {
    return this.open.every(({ id }) => this.#told.includes(id));
  }

  tell(): void {
    this.#told = this.open.map(({ id }) => id);
  }

  choose(slotId: string | null): void {
    const door = { slotId, among: this.open.map(({ id }) => id) };
    void this.#keeper.keepSettings({ ...this.#keeper.settings, door });
  }

  tally(slot: Slot): Tally {
    const { device, entries, appliedMs } = this.#keeper;
    return device ? tallyOf(slot, arrivalsAt(slot, { device, entries, appliedMs })) : tallyOf(slot);
  }

  /** Today's arrivals, and those at what is still open, by slot; the latest first. */
  readonly evenings: readonly Evening[] = $derived.by(() => {
    const { entries, device } = this.#keeper;
    const isOpen = ({ slotId }: Entry): boolean => this.open.some(({ id }) => id === slotId);
    return eveningsIn(
      entries.filter((one) => one.venueId === device?.venue.id && (this.#keeper.isToday(one) || isOpen(one))),
    );
  });
}
