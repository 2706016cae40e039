/** The scanner whole, without a screen: what it takes for today. */
import 'fake-indexeddb/auto';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { UNDECIDED } from '@estran/kit/rules/check';
import type { Slot } from '../src/net/wire';
import { Doors } from '../src/state/doors.svelte';
import { judge, lineOf, scan, visitOf } from '../src/state/scan';
import { Scanner } from '../src/state/scanner.svelte';
import { names } from '../src/names';
import { errorOf } from '../src/state/pairing';
import { uuid } from '@estran/kit/store/uuid';
import { Vault } from '../src/state/vault';
import { club, ISS, NOON_MS, phone, SLOT, slot, snapshot, VENUE, type Club } from './cast';

const DAY_MS = 86_400_000;
let ours: Club;
let lastSeq = 0;
let slots: Slot[] = [];
/** By the office's clock, which is right. */
let officeMs = NOON_MS;

async function answer(path: string, init?: RequestInit): Promise<Response> {
  const headers = { 'Estran-Time': String(officeMs), ETag: `"${lastSeq}"` };
  const json = (value: unknown, status = 200): Response => new Response(JSON.stringify(value), { status, headers });
  if (path === '/api/v1/pairing') return json({ deviceId: 'd1', token: 't1', state: 'active', venue: VENUE }, 201);
  if (path === '/api/v1/snapshot') return json(await snapshot(ours, { lastSeq, slots }));
  const { items } = JSON.parse(String(init?.body)) as { items: { id: string; seq: number }[] };
  lastSeq += items.length;
  return json({ results: items.map(({ id }) => ({ id, result: 'stored' })), device: 'active' });
}

beforeEach(async () => {
  ours = await club();
  lastSeq = 0;
  slots = [];
  officeMs = NOON_MS;
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval'], now: NOON_MS });
  vi.stubGlobal('fetch', answer);
  vi.stubGlobal('document', { visibilityState: 'visible', addEventListener: () => undefined });
  vi.stubGlobal('location', { origin: ISS });
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('addEventListener', () => undefined);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('a tablet that is a day behind keeps the day’s list, and knows who was here', async () => {
  vi.setSystemTime(NOON_MS - DAY_MS);
  const scanner = new Scanner();
  await scanner.pair('ABCDEFGH', 'Tablette', 'Phare');
  await vi.waitFor(() => expect(scanner.met).toBe('done'));
  const camille = await phone(ours);
  const read = async (): ReturnType<typeof scan> =>
    scan(await camille.show(NOON_MS / 1000), uuid(), await scanner.known());
  const first = await read();
  const verdict = judge(first, UNDECIDED);
  expect(verdict.reason).toBe('welcome');
  await scanner.record(visitOf(first, verdict, UNDECIDED, 'admitted', null), lineOf(first));
  expect(scanner.admittedToday).toBe(1);
  await vi.waitFor(async () => expect(await scanner.meetOffice()).toBe('done'));
  expect([scanner.queued, scanner.admittedToday]).toEqual([0, 1]);
  expect(judge(await read(), UNDECIDED).reason).toBe('already_here');
});

test('a browser that keeps nothing says so before it uses up the code', async () => {
  const asked = vi.fn(answer);
  vi.stubGlobal('fetch', asked);
  vi.spyOn(Vault.prototype, 'keepSettings').mockRejectedValueOnce(new DOMException('full', 'QuotaExceededError'));
  const paired = await new Scanner().pair('ABCDEFGH', 'Tablette', 'Phare');
  expect(paired.ok ? null : errorOf(paired.code, paired.status)).toBe('error.storage');
  expect(asked).not.toHaveBeenCalled();
});

test('what another window has written is known at the next scan, though nobody said so', async () => {
  vi.stubGlobal('BroadcastChannel', undefined);
  const [one, other] = [new Scanner(), new Scanner()];
  await one.pair('ABCDEFGH', 'Tablette', 'Phare');
  await vi.waitFor(() => expect(one.met).toBe('done'));
  await other.start();
  await vi.waitFor(() => expect(other.met).toBe('done'));
  const camille = await phone(ours);
  const read = async (scanner: Scanner): ReturnType<typeof scan> =>
    scan(await camille.show(NOON_MS / 1000), uuid(), await scanner.known());
  const first = await read(other);
  const verdict = judge(first, UNDECIDED);
  const entry = await other.record(visitOf(first, verdict, UNDECIDED, 'admitted', null), lineOf(first));
  expect(judge(await read(one), UNDECIDED).reason).toBe('already_here');
  await other.undo(entry.id);
  expect(judge(await read(one), UNDECIDED).reason).toBe('welcome');
});

test('a scan reads no long list: only whether something was written', async () => {
  const scanner = new Scanner();
  await scanner.pair('ABCDEFGH', 'Tablette', 'Phare');
  await vi.waitFor(() => expect(scanner.met).toBe('done'));
  const whole = vi.spyOn(Vault.prototype, 'read');
  await scanner.known();
  expect(whole).not.toHaveBeenCalled();
});

test('where another window was at it, the office is asked again in a moment', async () => {
  const scanner = new Scanner();
  const vault = new Vault(names.database);
  await vault.takeLease('another window', Date.now(), Date.now() + 60_000);
  await scanner.pair('ABCDEFGH', 'Tablette', 'Phare');
  await vi.waitFor(() => expect(scanner.meeting).toBe(false));
  expect(scanner.news).toBe(null);
  await vault.giveLease('another window');
  await vi.advanceTimersByTimeAsync(2_000);
  await vi.waitFor(() => expect(scanner.news).not.toBe(null));
});

test('an evening that goes on past midnight loses nobody, and is no entry of either day', async () => {
  const midnight = NOON_MS + 12 * 3_600_000; // six minutes past it
  slots = [slot({ opensMs: NOON_MS, closesMs: midnight + 3_600_000 })];
  const scanner = new Scanner();
  await scanner.pair('ABCDEFGH', 'Tablette', 'Phare');
  await vi.waitFor(() => expect(scanner.met).toBe('done'));
  const camille = await phone(ours);
  const read = async (): ReturnType<typeof scan> =>
    scan(await camille.show(officeMs / 1000), uuid(), { ...(await scanner.known()), slotId: SLOT });
  const first = await read();
  const entries = scanner.admittedToday; // of the stories above
  const letIn = { ...UNDECIDED, again: 'let_in' } as const;
  const visit = visitOf(first, judge(first, letIn), letIn, 'admitted', 'Accord', { guests: 2, children: 0 });
  await scanner.record(visit, lineOf(first));
  const said = (): unknown => {
    const [tally, list] = [new Doors(scanner).tally(slots[0]!), new Doors(scanner).evenings];
    return [tally.isIn, list.map((one) => one.entries.map(({ name }) => name)), scanner.admittedToday];
  };
  expect(said()).toEqual([3, [['Camille V.']], entries]);

  await vi.waitFor(async () => expect(await scanner.meetOffice()).toBe('done'));
  officeMs = midnight;
  vi.setSystemTime(midnight);
  await vi.waitFor(async () => expect(await scanner.meetOffice()).toBe('done'));
  await scanner.meetOffice(); // the day is over as of the meeting before
  expect([scanner.queued, said()]).toEqual([0, [3, [[null]], 0]]);
  expect(judge(await read(), UNDECIDED).reason).toBe('already_here');
});
