/**
 * One visitor at the desk: a text comes in, an answer is shown, the staff decide, the visit is written, and on to the
 * next. What is written is on the disk before the screen says so.
 */
import { UNDECIDED, type Decisions, type Verdict } from '@estran/kit/rules/check';
import type { Result } from '@estran/kit/net/api';
import type { Numbered, Outcome } from '../net/wire';
import type { Doors } from './doors.svelte';
import {
  ALONE,
  isFinal,
  isLogged,
  judge,
  lineOf,
  scan,
  scanNumber,
  visitOf,
  type Known,
  type Party,
  type Scan,
} from './scan';
import { untyped } from './typed';
import { uuid } from '@estran/kit/store/uuid';
import type { Book } from './uses';
import { mayUndo, type Device, type Entry, type NewEntry, type NewVisit } from './vault';
import { isBlind, verdictIn } from './words';

/** What a desk works with: the scanner, or what stands for it while somebody practises. */
export interface Keeper {
  readonly device: Pick<Device, 'deviceId'> | null;
  readonly nowMs: number;
  known(): Promise<Known>;
  /** On the disk once this resolves. */
  record(visit: NewVisit, line: NewEntry): Promise<Entry>;
  undo(visitId: string): Promise<boolean>;
  /** What stands for the scan of a text, where it is no scan at all: a training code, in practice. */
  scanOf?(text: string, id: string, known: Known): Scan | null;
}

/** One scan as it stands. `entry` is set once it is in the book. */
export interface Case {
  /** As it came in, to be read again after an update. Never stored. */
  readonly text: string;
  readonly scan: Scan;
  readonly decisions: Decisions;
  readonly party: Party;
  readonly verdict: Verdict;
  readonly why: string | null;
  readonly entry: Entry | null;
  /** The staff said what they did; false when a plain refusal wrote itself. */
  readonly concluded: boolean;
  /** The same proof was read before: nothing new happens. */
  readonly repeated: boolean;
}

export class Desk {
  /** Null while somebody practises: entries as usual. */
  readonly doors: Doors | null;
  readonly #keeper: Keeper;
  #case = $state.raw<Case | null>(null);
  #busy = $state(false);
  #failed = $state(false);
  #turn = 0;
  /** First answers by proof, as long as this page lives. The book knows the logged ones for the day. */
  readonly #first: Record<string, Case> = {};

  constructor(keeper: Keeper, doors: Doors | null = null) {
    this.#keeper = keeper;
    this.doors = doors;
  }

  get case(): Case | null {
    return this.#case;
  }
  get busy(): boolean {
    return this.#busy;
  }
  /** The last scan or the last writing did not work. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Whether entry may be given on what is known and decided so far. */
  readonly mayAdmit: boolean = $derived.by(() => {
    if (!this.#case || this.#case.entry) return false;
    const { verdict, decisions } = this.#case;
    return verdict.answer === 'admit' || (isBlind(verdict.reason) && decisions.identity);
  });

  /** A text from the camera or the keyboard. A later one makes it worthless, however late it ends. */
  async read(text: string): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.#busy = true;
    this.#failed = false;
    try {
      const known = await this.#known();
      const iss = known.news?.snapshot.iss ?? known.origin;
      const id = uuid();
      const scanned = this.#keeper.scanOf?.(text, id, known) ?? (await scan(untyped(text, iss), id, known));
      if (turn !== this.#turn) return;
      await this.#show(this.#firstCase(text, scanned, known.book) ?? fresh(text, scanned));
    } catch {
      if (turn === this.#turn) this.#failed = true;
    } finally {
      if (turn === this.#turn) this.#busy = false;
    }
  }

  /**
   * A pass number that was typed, its shape is right, and what the office says of it. False when it knows no such number:
   * nothing is shown then. Without an answer nothing is known, and the staff look at a document.
   */
  async readNumber(number: string, asked: Promise<Result<Numbered>>): Promise<boolean> {
    this.#turn += 1;
    const turn = this.#turn;
    this.#busy = true;
    this.#failed = false;
    try {
      const said = await asked;
      if (turn !== this.#turn) return true;
      if (!said.ok && said.code === 'unknown_number') return false;
      const scanned = scanNumber(number, uuid(), await this.#known(), said.ok ? said.value : null);
      if (turn === this.#turn) await this.#show(fresh(number, scanned));
    } catch {
      if (turn === this.#turn) this.#failed = true;
    } finally {
      if (turn === this.#turn) this.#busy = false;
    }
    return true;
  }

  /** Something the staff said: the same rules are asked again. */
  decide(said: Partial<Decisions>, why: string | null = this.#case?.why ?? null): void {
    const open = this.#case;
    if (!open || open.entry) return;
    const decisions = { ...open.decisions, ...said };
    this.#case = { ...open, decisions, why, verdict: judge(open.scan, decisions, open.party.guests) };
  }

  /** Who comes in free along with the ambassador; at an event's door they take places. */
  bring(said: Partial<Party>): void {
    const open = this.#case;
    if (!open || open.entry) return;
    const party = { ...open.party, ...said };
    this.#case = { ...open, party, verdict: judge(open.scan, open.decisions, party.guests) };
  }

  /** Let in against what was asked, with its reason, in one go. */
  async letIn(why: string): Promise<void> {
    this.decide({ again: 'let_in' }, why);
    await this.conclude('admitted');
  }

  /** Writes what the staff did. The screen may say so only once this resolved. */
  async conclude(outcome: Outcome): Promise<void> {
    await this.#write(outcome, true);
  }

  async #write(outcome: Outcome, concluded: boolean): Promise<void> {
    const open = this.#case;
    if (!open || open.entry || this.#busy || (outcome === 'admitted' && !this.mayAdmit)) return;
    this.#busy = true;
    this.#failed = false;
    try {
      const { scan: scanned, verdict, decisions, party, why } = open;
      const visit = visitOf(scanned, verdict, decisions, outcome, why, party);
      const entry = await this.#keeper.record(visit, lineOf(scanned));
      this.#keep({ ...open, entry, concluded });
    } catch {
      this.#failed = true;
    } finally {
      this.#busy = false;
    }
  }

  async undo(): Promise<void> {
    const open = this.#case;
    if (!open?.entry) return;
    if (await this.#keeper.undo(open.entry.id)) {
      const seq = open.entry.seq;
      this.#keep({ ...open, entry: { ...open.entry, undone: { atMs: Date.now(), seq, sent: false } } });
    }
  }

  mayUndo(entry: Entry): boolean {
    return entry.deviceId === this.#keeper.device?.deviceId && mayUndo(entry, this.#keeper.nowMs);
  }

  /** On to the next visitor; what was not concluded is forgotten. */
  next(): void {
    this.#turn += 1;
    this.#case = null;
    this.#busy = false;
    this.#failed = false;
  }

  async #known(): Promise<Known> {
    return { ...(await this.#keeper.known()), slotId: this.doors?.slot?.id ?? null };
  }

  async #show(shown: Case): Promise<void> {
    this.#case = shown;
    if (shown.scan.proofKey && !shown.repeated) this.#first[shown.scan.proofKey] = shown;
    if (shown.entry || shown.repeated || !isFinal(shown.verdict) || !isLogged(shown.verdict.reason)) return;
    this.#busy = false;
    await this.#write('refused', false);
  }

  /** The answer this very proof had before, if it had one: from this page, else from the book of the day. */
  #firstCase(text: string, scanned: Scan, book: Book): Case | null {
    const key = scanned.proofKey;
    if (key === null) return null;
    const first = this.#first[key];
    const entry = book.withProof(key);
    if (entry) {
      const verdict = first?.verdict ?? verdictIn(entry);
      const decisions = first?.decisions ?? { ...UNDECIDED, companions: entry.companions };
      const again = { text, concluded: false, repeated: true, why: null, party: ALONE };
      return { ...again, scan: first?.scan ?? scanned, decisions, verdict, entry };
    }
    // asked because of this scanner's own state, which may have changed: then it is asked again
    if (!first || ['clock_unconfirmed', 'snapshot_old'].includes(judge(first.scan, UNDECIDED).reason)) return null;
    // at another door it is another question; at the same one, who is expected and who is in may have changed
    const { at, previous } = scanned;
    if (first.scan.at.slot?.id !== at.slot?.id) return null;
    return fresh(text, at.slot ? { ...first.scan, at, previous } : first.scan);
  }

  #keep(done: Case): void {
    if (this.#case?.scan.id === done.scan.id) this.#case = done;
    if (done.scan.proofKey) this.#first[done.scan.proofKey] = done;
  }
}

function fresh(text: string, scanned: Scan): Case {
  const { door } = scanned.at;
  const party = { ...ALONE, guests: door?.expected ?? door?.elsewhere ?? 0 };
  const verdict = judge(scanned, UNDECIDED, party.guests);
  const first = { why: null, entry: null, concluded: false, repeated: false, party };
  return { ...first, text, scan: scanned, decisions: UNDECIDED, verdict };
}
