/**
 * One visitor at the desk: a text comes in, an answer is shown, the staff decide, the visit is written, and on to the
 * next. What is written is on the disk before the screen says so.
 */
import { UNDECIDED, type Decisions, type Verdict } from '@estran/kit/rules/check';
import type { Outcome } from '../net/wire';
import { isFinal, isLogged, judge, lineOf, scan, visitOf, type Scan } from './scan';
import type { Scanner } from './scanner.svelte';
import { untyped } from './typed';
import { uuid } from '@estran/kit/store/uuid';
import { mayUndo, type Entry } from './vault';
import { verdictIn } from './words';

/** One scan as it stands. `entry` is set once it is in the book. */
export interface Case {
  /** As it came in, to be read again after an update. Never stored. */
  readonly text: string;
  readonly scan: Scan;
  readonly decisions: Decisions;
  readonly verdict: Verdict;
  readonly why: string | null;
  readonly entry: Entry | null;
  /** The staff said what they did; false when a plain refusal wrote itself. */
  readonly concluded: boolean;
  /** The same proof was read before: nothing new happens. */
  readonly repeated: boolean;
}

export class Desk {
  readonly #scanner: Scanner;
  #case = $state.raw<Case | null>(null);
  #busy = $state(false);
  #failed = $state(false);
  #turn = 0;
  /** First answers by proof, as long as this page lives. The book knows the logged ones for the day. */
  readonly #first: Record<string, Case> = {};

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
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
    const blind = verdict.reason === 'unknown_key' || verdict.reason === 'unknown_version';
    return verdict.answer === 'admit' || (blind && decisions.identity);
  });

  /** A text from the camera or the keyboard. A later one makes it worthless, however late it ends. */
  async read(text: string): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.#busy = true;
    this.#failed = false;
    try {
      const known = await this.#scanner.known();
      const iss = known.news?.snapshot.iss ?? known.origin;
      const scanned = await scan(untyped(text, iss), uuid(), known);
      if (turn !== this.#turn) return;
      await this.#show(this.#firstCase(text, scanned, known.entries) ?? fresh(text, scanned));
    } catch {
      if (turn === this.#turn) this.#failed = true;
    } finally {
      if (turn === this.#turn) this.#busy = false;
    }
  }

  /** Something the staff said: the same rules are asked again. */
  decide(said: Partial<Decisions>, why: string | null = this.#case?.why ?? null): void {
    const open = this.#case;
    if (!open || open.entry) return;
    const decisions = { ...open.decisions, ...said };
    this.#case = { ...open, decisions, why, verdict: judge(open.scan, decisions) };
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
      const { scan: scanned, verdict, decisions, why } = open;
      const entry = await this.#scanner.record(visitOf(scanned, verdict, decisions, outcome, why), lineOf(scanned));
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
    if (await this.#scanner.undo(open.entry.id)) {
      const seq = open.entry.seq;
      this.#keep({ ...open, entry: { ...open.entry, undone: { atMs: Date.now(), seq, sent: false } } });
    }
  }

  mayUndo(entry: Entry): boolean {
    return entry.deviceId === this.#scanner.device?.deviceId && mayUndo(entry, this.#scanner.nowMs);
  }

  /** On to the next visitor; what was not concluded is forgotten. */
  next(): void {
    this.#turn += 1;
    this.#case = null;
    this.#busy = false;
    this.#failed = false;
  }

  async #show(shown: Case): Promise<void> {
    this.#case = shown;
    if (shown.scan.proofKey && !shown.repeated) this.#first[shown.scan.proofKey] = shown;
    if (shown.entry || shown.repeated || !isFinal(shown.verdict) || !isLogged(shown.verdict.reason)) return;
    this.#busy = false;
    await this.#write('refused', false);
  }

  /** The answer this very proof had before, if it had one: from this page, else from the book of the day. */
  #firstCase(text: string, scanned: Scan, entries: readonly Entry[]): Case | null {
    const key = scanned.proofKey;
    if (key === null) return null;
    const first = this.#first[key];
    const entry = entries.find(({ proofKey }) => proofKey === key);
    if (entry) {
      const verdict = first?.verdict ?? verdictIn(entry);
      const decisions = first?.decisions ?? { ...UNDECIDED, companions: entry.companions };
      const again = { text, concluded: false, repeated: true, why: null };
      return { ...again, scan: first?.scan ?? scanned, decisions, verdict, entry };
    }
    // asked because of this scanner's own state, which may have changed: then it is asked again
    if (!first || ['clock_unconfirmed', 'snapshot_old'].includes(judge(first.scan, UNDECIDED).reason)) return null;
    return fresh(text, first.scan);
  }

  #keep(done: Case): void {
    if (this.#case?.scan.id === done.scan.id) this.#case = done;
    if (done.scan.proofKey) this.#first[done.scan.proofKey] = done;
  }
}

function fresh(text: string, scanned: Scan): Case {
  const verdict = judge(scanned, UNDECIDED);
  const first = { why: null, entry: null, concluded: false, repeated: false };
  return { ...first, text, scan: scanned, decisions: UNDECIDED, verdict };
}
