/** One visitor after another at the desk: decisions, writing, the same proof again, late answers. */
import { b64, concat } from '@estran/kit/rules/bytes';
import { digitsOf } from '@estran/kit/rules/digits';
import { parse, presentationBytes, scanAddress, type Fields } from '@estran/kit/rules/token';
import { readStatusList } from '@estran/kit/rules/status';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { Result } from '@estran/kit/net/api';
import type { Numbered, Snapshot } from '../src/net/wire';
import { Desk, type Case, type Keeper } from '../src/state/desk.svelte';
import type { Known } from '../src/state/scan';
import { Book as List } from '../src/state/uses';
import { sentenceOf } from '../src/state/words';
import type { Entry, NewEntry, NewVisit } from '../src/state/vault';
import { BENEFIT, benefit, club, ISS, NOON_MS, phone, snapshot, VENUE, type Club } from './cast';

const NOON_S = NOON_MS / 1000;

/** The scanner as the desk sees it, with a book in memory. */
class Book implements Keeper {
  readonly entries: Entry[] = [];
  readonly sent: NewVisit[] = [];
  readonly device = { deviceId: 'd1', venue: VENUE, label: 'Accueil' };
  nowMs = NOON_MS;
  confirmed = true;
  broken = false;
  change: Partial<Snapshot> = {};
  gate: Promise<void> = Promise.resolve();
  readonly #club: Club;

  constructor(ours: Club) {
    this.#club = ours;
  }

  async known(): Promise<Known> {
    await this.gate;
    const value = await snapshot(this.#club, this.change);
    const list = await readStatusList(value.statusList, ISS, value.keys);
    if (typeof list === 'string') throw new Error(list);
    const clock = { wallMs: this.nowMs, monoMs: 0, skewMs: 0, appliedMs: 0, confirmed: this.confirmed };
    const news = { snapshot: value, list, newsAtMs: NOON_MS };
    return { device: this.device, news, book: new List(this.entries), clock, origin: ISS, advance: () => false };
  }

  undo(): Promise<boolean> {
    return Promise.resolve(true);
  }

  record(visit: NewVisit, line: NewEntry): Promise<Entry> {
    if (this.broken) return Promise.reject(new Error('disk full'));
    this.sent.push(visit);
    const { id, benefitId, companions, answer, reason, outcome } = visit;
    const place = { deviceId: 'd1', venueId: VENUE.id, seq: this.sent.length, atMs: visit.scannedAtMs };
    const entry = { id, benefitId, companions, answer, reason, outcome, ...line, ...place, sent: null, undone: null };
    this.entries.push(entry);
    return Promise.resolve(entry);
  }
}

let ours: Club;
let book: Book;
let desk: Desk;

beforeEach(async () => {
  ours = await club();
  book = new Book(ours);
  desk = new Desk(book);
});

describe('a visitor', () => {
  test('is shown, admitted, written once however often the button is tapped', async () => {
    await desk.read(await (await phone(ours)).show(NOON_S));
    expect([desk.case?.verdict.reason, desk.mayAdmit, book.sent.length]).toEqual(['welcome', true, 0]);
    desk.decide({ companions: 3 });
    await Promise.all([desk.conclude('admitted'), desk.conclude('admitted'), desk.conclude('refused')]);
    expect(book.sent.map(({ outcome, companions }) => [outcome, companions])).toEqual([['admitted', 3]]);
    expect(desk.case).toMatchObject({ concluded: true, entry: { name: 'Camille V.' } });
  });

  test('whose visit cannot be written is not said to be', async () => {
    await desk.read(await (await phone(ours)).show(NOON_S));
    book.broken = true;
    await desk.conclude('admitted');
    expect([desk.failed, desk.case?.entry]).toEqual([true, null]);
    book.broken = false;
    await desk.conclude('admitted');
    expect([desk.failed, book.sent.length]).toEqual([false, 1]);
  });

  test('who is refused for good is in the book as it is shown; who shows a shop’s code is not', async () => {
    await desk.read(await (await phone(ours)).show(NOON_S - 3600));
    expect(desk.case).toMatchObject({ verdict: { reason: 'stale_proof' }, concluded: false });
    expect(book.sent.map(({ outcome, reason }) => [outcome, reason])).toEqual([['refused', 'stale_proof']]);
    desk.next();
    await desk.read('3760000000000');
    expect(desk.case?.verdict.reason).toBe('not_a_pass');
    await desk.conclude('admitted');
    expect(book.sent).toHaveLength(1);
  });

  test('with a forged pass is never admitted, identity document or not', async () => {
    const stranger = await phone(await club(), 'Faux P.');
    await desk.read(await stranger.show(NOON_S));
    expect([desk.case?.verdict.reason, desk.mayAdmit]).toEqual(['bad_signature', false]);
    desk.decide({ identity: true });
    await desk.conclude('admitted');
    expect(book.sent.map(({ outcome }) => outcome)).toEqual(['refused']);
  });

  test('with a pass from the future: identity looked at, the office will tell', async () => {
    const text = await (await phone(ours)).show(NOON_S);
    const digits = text.split('#')[1]!;
    // the first group with the type byte 3 instead of 1
    const first = String(Number(digits.slice(0, 15)) + 2 * 2 ** 40).padStart(15, '0');
    await desk.read(`${ISS}/scan/#${first}${digits.slice(15)}`);
    expect([desk.case?.verdict.reason, desk.case?.scan.fields, desk.mayAdmit]).toEqual([
      'unknown_version',
      null,
      false,
    ]);
    desk.decide({ identity: true });
    expect(desk.mayAdmit).toBe(true);
    await desk.conclude('admitted');
    expect(book.sent[0]).toMatchObject({ answer: 'ask', outcome: 'admitted', decisions: { identity: true } });
  });
});

describe('the same proof again', () => {
  test('gives the first answer again, a minute later, too; and writes nothing', async () => {
    const text = await (await phone(ours)).show(NOON_S);
    await desk.read(text);
    await desk.conclude('admitted');
    desk.next();
    book.nowMs += 600_000;
    await desk.read(text);
    expect(desk.case).toMatchObject({ repeated: true, verdict: { answer: 'admit' }, entry: { outcome: 'admitted' } });
    await desk.conclude('admitted');
    expect(book.sent).toHaveLength(1);
  });

  test('also when nobody had decided yet', async () => {
    const text = await (await phone(ours)).show(NOON_S);
    await desk.read(text);
    desk.next();
    book.nowMs += 61_000;
    await desk.read(text);
    expect(desk.case?.verdict.reason).toBe('welcome');
  });

  test('also after the page was opened anew: the book knows it', async () => {
    const text = await (await phone(ours)).show(NOON_S);
    await desk.read(text);
    await desk.conclude('admitted');
    const later = new Desk(book);
    await later.read(text);
    expect(later.case).toMatchObject({ repeated: true, verdict: { reason: 'welcome', benefitId: BENEFIT } });
  });

  test('and says after that only what the book has kept: no numbers', async () => {
    const text = await (await phone(ours)).show(NOON_S);
    const sub = b64(parseWhole(text).sub);
    book.change = {
      benefits: [benefit({ quota: { n: 2, per: 'year', scope: 'benefit', groupId: null } })],
      uses: { [BENEFIT]: { first: '2026-01-01', last: '2026-12-31', counts: { [sub]: 2 } } },
    };
    await desk.read(text);
    expect(desk.case && said(desk.case)).toBe('reason.quota_used');
    await desk.conclude('refused');
    const later = new Desk(book);
    await later.read(text);
    expect(later.case?.repeated && said(later.case)).toBe('reason.quota_used.unknown');
  });

  test('is asked anew when it was this scanner that had been unsure', async () => {
    const text = await (await phone(ours)).show(NOON_S);
    book.confirmed = false;
    await desk.read(text);
    expect(desk.case?.verdict.reason).toBe('clock_unconfirmed');
    book.confirmed = true;
    await desk.read(text);
    expect(desk.case?.verdict.reason).toBe('welcome');
  });

  test('a signature spelt the other way round (r, n−s) is the same proof', async () => {
    const text = await (await phone(ours)).show(NOON_S);
    await desk.read(text);
    await desk.conclude('admitted');
    desk.next();
    const twin = otherSpelling(text);
    expect(twin).not.toBe(text);
    await desk.read(twin);
    expect(desk.case).toMatchObject({ repeated: true, verdict: { reason: 'welcome' } });
    expect(book.sent).toHaveLength(1);
  });
});

function parseWhole(text: string): Fields {
  const fields = parse(text, ISS);
  if (typeof fields === 'string') throw new Error(fields);
  return fields;
}

/** The sentence on the screen, whose scan knows the terms of the benefit. */
function said({ verdict, scan }: Case): string {
  const terms = scan.benefits.find(({ id }) => id === verdict.benefitId)?.terms ?? null;
  return sentenceOf(verdict, { terms, place: null, today: scan.day });
}

/** The same presentation with the holder's signature (r, n−s), which verifies as well. */
function otherSpelling(text: string): string {
  const fields = parseWhole(text);
  if (!fields.proof) throw new Error('no proof');
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const { signature } = fields.proof;
  const hex = Array.from(signature.slice(32), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const flipped = (order - BigInt(`0x${hex}`)).toString(16).padStart(64, '0');
  const s = Uint8Array.from(flipped.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const proof = { ...fields.proof, signature: concat([signature.slice(0, 32), s]) };
  return scanAddress(ISS) + digitsOf(presentationBytes({ ...fields, proof }));
}

test('an answer that comes late never takes the place of the next visitor’s', async () => {
  const [slow, quick] = await Promise.all([phone(ours, 'Lente A.'), phone(ours, 'Vite B.')]);
  const [first, second] = await Promise.all([slow.show(NOON_S), quick.show(NOON_S)]);
  let open: () => void = () => undefined;
  book.gate = new Promise((resolve) => (open = resolve));
  const late = desk.read(first);
  book.gate = Promise.resolve();
  await desk.read(second);
  expect(desk.case?.scan.fields?.name).toBe('Vite B.');
  open();
  await late;
  await vi.waitFor(() => expect(desk.case?.scan.fields?.name).toBe('Vite B.'));
  expect(desk.busy).toBe(false);
});

describe('a typed number', () => {
  const NUMBER = '7HQEDQP4';
  const heard = { sub: 'c3ViMDAwMDA', name: 'Camille V.', exp: 1_830_297_599, status: 0 };
  const said = (change: object = {}): Promise<Result<Numbered>> =>
    Promise.resolve({ ok: true, value: { ...heard, ...change }, status: 200, etag: null });
  const failed = (code: string): Promise<Result<Numbered>> =>
    Promise.resolve({ ok: false, code, status: 0, problem: null });

  test('asks for a document, then goes by the same rules as a pass', async () => {
    expect(await desk.readNumber(NUMBER, said())).toBe(true);
    expect([desk.case?.verdict.reason, desk.mayAdmit]).toEqual(['typed_number', false]);
    desk.decide({ identity: true });
    expect([desk.case?.verdict.reason, desk.mayAdmit]).toEqual(['welcome', true]);
    await desk.conclude('admitted');
    expect(book.sent[0]).toMatchObject({
      number: NUMBER,
      digits: '',
      reason: 'welcome',
      decisions: { identity: true },
    });
    expect(book.entries[0]).toMatchObject({ name: 'Camille V.', sub: heard.sub, proofKey: null });
    // the same ambassador once more today, by whatever way
    await desk.readNumber(NUMBER, said());
    desk.decide({ identity: true });
    expect(desk.case?.verdict.reason).toBe('already_here');
  });

  test('of a pass that has ended is refused as the office says, whatever this scanner’s list holds', async () => {
    await desk.readNumber(NUMBER, said({ status: 1 }));
    expect(desk.case).toMatchObject({ verdict: { reason: 'revoked' }, entry: { outcome: 'refused' } });
    expect(book.sent[0]).toMatchObject({ number: NUMBER, digits: '' });
  });

  test('that the office cannot be asked about goes on blind, on a document', async () => {
    for (const code of ['network', 'timeout', 'too_many_numbers']) {
      expect(await desk.readNumber(NUMBER, failed(code))).toBe(true);
      expect([desk.case?.verdict.reason, desk.mayAdmit]).toEqual(['typed_number', false]);
      desk.decide({ identity: true });
      expect([desk.case?.verdict.answer, desk.mayAdmit]).toEqual(['ask', true]);
    }
    await desk.conclude('admitted');
    expect(book.sent[0]).toMatchObject({ number: NUMBER, reason: 'typed_number', benefitId: null });
    expect(book.entries[0]).toMatchObject({ sub: null, name: null });
  });

  test('that nobody has shows no answer at all', async () => {
    expect(await desk.readNumber(NUMBER, failed('unknown_number'))).toBe(false);
    expect([desk.case, desk.busy]).toEqual([null, false]);
  });

  test('is forgotten when somebody else’s code was read meanwhile', async () => {
    let answer: (result: Result<Numbered>) => void = () => undefined;
    const slow = desk.readNumber(NUMBER, new Promise((resolve) => (answer = resolve)));
    await desk.read(await (await phone(ours)).show(NOON_S));
    answer(await said());
    expect(await slow).toBe(true);
    expect(desk.case?.scan.number).toBeUndefined();
  });
});

test('a paper pass asks for a document, and may be shown again', async () => {
  const paper = await phone(ours, 'Camille V.', true);
  await desk.read(await paper.show(0));
  expect([desk.case?.verdict.reason, desk.mayAdmit]).toEqual(['paper_proof', false]);
  desk.decide({ identity: true });
  await desk.conclude('admitted');
  expect(book.sent[0]?.digits).toHaveLength(250);
  await desk.read(await paper.show(0));
  expect(desk.case?.repeated).toBe(false);
  desk.decide({ identity: true });
  expect(desk.case?.verdict.reason).toBe('already_here');
});
