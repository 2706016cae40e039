/** Zero lost, zero doubled: lost replies, double sends, two windows, a crash between any two steps. */
import 'fake-indexeddb/auto';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { names } from '../src/names';
import { alone } from '../src/state/alone';
import { handIn } from '../src/state/outbox';
import { meet, newsOf } from '../src/state/sync';
import { uuid } from '@estran/kit/store/uuid';
import { Vault, type Entry, type NewEntry, type NewVisit } from '../src/state/vault';
import { BENEFIT, club, FakeServer, NOON_MS, snapshot, statusList, VENUE, type Club } from './cast';

const META = { appVersion: 'test', statusVersion: null };
const PAIRED = { deviceId: 'd1', token: 't1', state: 'active', venue: VENUE } as const;
const LINE: NewEntry = { day: '2026-11-18', sub: 'AAAAAAAAAAA', name: 'Camille V.', proofKey: 'p1' };

let vault: Vault;
let server: FakeServer;
let ours: Club;
let name = '';

beforeEach(async () => {
  name = `test-${uuid()}`;
  vault = new Vault(name);
  server = new FakeServer();
  ours = await club();
  await vault.pair(PAIRED, 'Tablette', 'Phare');
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function visit(id = uuid(), at = NOON_MS): NewVisit {
  return {
    ...{ kind: 'visit', id, scannedAtMs: at, skewMs: 0, clockConfirmed: true, codesAdvance: false, digits: '123' },
    ...{ statusVersion: 1, newsAtMs: at, answer: 'admit', reason: 'welcome', outcome: 'admitted', companions: 0 },
    ...{ benefitId: BENEFIT, benefitVersion: 1, decisions: { identity: false, again: null, why: null } },
  };
}

const visits = (count: number): Promise<Entry[]> =>
  Promise.all(Array.from({ length: count }, () => vault.record(visit(), LINE)));
const queued = async (): Promise<number> => (await vault.read()).queued;

describe('writing a visit', () => {
  test('numbers from 1 without gaps, whatever comes at the same time', async () => {
    const other = new Vault(name); // a second window
    const entries = await Promise.all([...Array(20)].map((_, at) => (at % 2 ? vault : other).record(visit(), LINE)));
    expect(entries.map(({ seq }) => seq).sort((one, two) => one - two)).toEqual([...Array(20)].map((_, at) => at + 1));
  });

  test('a double tap, or a second window, writes it once', async () => {
    const other = new Vault(name);
    const one = visit();
    const [first, second] = await Promise.all([vault.record(one, LINE), other.record(one, LINE)]);
    expect(second).toEqual(first);
    expect(await queued()).toBe(1);
    expect((await vault.read()).device?.seq).toBe(1);
  });

  test('survives the page: another one finds it and its number', async () => {
    await visits(3);
    await vault.close();
    const again = new Vault(name);
    expect((await again.record(visit(), LINE)).seq).toBe(4);
    expect((await again.read()).entries).toHaveLength(4);
  });

  test('is undone within ten minutes, once, with its own number', async () => {
    const { id } = await vault.record(visit(), LINE);
    expect(await vault.undo(id, uuid(), NOON_MS + 600_001)).toBe(false);
    expect(await vault.undo(id, uuid(), NOON_MS + 600_000)).toBe(true);
    expect(await vault.undo(id, uuid(), NOON_MS + 1)).toBe(false);
    const [queue] = await vault.queues();
    expect(queue?.items.map(({ kind, seq }) => [kind, seq])).toEqual([
      ['visit', 1],
      ['undo', 2],
    ]);
  });
});

describe('handing in', () => {
  test('empties the queue in order, at most 100 at a time, and keeps the list', async () => {
    await visits(250);
    expect(await handIn(vault, server, META)).toMatchObject({ done: true, device: 'active' });
    expect(server.deliveries.map(({ items, queueLength }) => [items.length, queueLength])).toEqual([
      [100, 250],
      [100, 150],
      [50, 50],
    ]);
    expect([...server.stored.values()].map(({ seq }) => seq)).toEqual([...Array(250)].map((_, at) => at + 1));
    const { entries, queued: left } = await vault.read();
    expect(left).toBe(0);
    expect(entries.every(({ sent }) => sent === 'stored')).toBe(true);
    expect(JSON.stringify(entries)).not.toContain('digits');
  });

  test('a lost reply: sent again, to the letter, and only then dropped', async () => {
    await visits(3);
    server.trouble.push('lost');
    expect(await handIn(vault, server, META)).toMatchObject({ done: false, code: 'network' });
    expect(await queued()).toBe(3);
    expect(await handIn(vault, server, META)).toMatchObject({ done: true });
    expect(server.stored.size).toBe(3);
    expect(server.deliveries[1]?.items).toEqual(server.deliveries[0]?.items);
    expect((await vault.read()).entries.map(({ sent }) => sent)).toEqual(['duplicate', 'duplicate', 'duplicate']);
  });

  test.each([['down' as const], [500], [401], [429], [503]])('after %s everything stays', async (trouble) => {
    await visits(2);
    server.trouble.push(trouble);
    expect((await handIn(vault, server, META)).done).toBe(false);
    expect(await queued()).toBe(2);
    expect(await handIn(vault, server, META)).toMatchObject({ done: true });
    expect(server.stored.size).toBe(2);
  });

  test('a crash after the server stored and before the queue forgot doubles nothing', async () => {
    await visits(5);
    const crashing = new Vault(name);
    crashing.acknowledge = () => Promise.reject(new Error('the battery died'));
    await expect(handIn(crashing, server, META)).rejects.toThrow('battery');
    expect(server.stored.size).toBe(5);
    expect(await queued()).toBe(5);
    expect(await handIn(new Vault(name), server, META)).toMatchObject({ done: true });
    expect(server.stored.size).toBe(5);
    expect(await queued()).toBe(0);
  });

  test('one item the server chokes on lets all others through, stays, and is not lost', async () => {
    const entries = await visits(9);
    server.poison.add(entries[4]!.id);
    expect(await handIn(vault, server, META)).toMatchObject({ done: false, code: 'kept_back' });
    expect(server.stored.size).toBe(8);
    const [queue] = await vault.queues();
    expect(queue?.items.map(({ id }) => id)).toEqual([entries[4]!.id]);
  });

  test('two windows at once send nothing twice (Web Locks)', async () => {
    const held = new Set<string>();
    vi.stubGlobal('navigator', {
      locks: {
        async request(lock: string, _: unknown, work: (got: object | null) => Promise<unknown>) {
          if (held.has(lock)) return work(null);
          held.add(lock);
          try {
            return await work({});
          } finally {
            held.delete(lock);
          }
        },
      },
    });
    await visits(10);
    const windows = [vault, new Vault(name)].map((one) => alone('x', one, () => handIn(one, server, META)));
    const outcomes = await Promise.all(windows);
    expect(outcomes.filter((outcome) => outcome === null)).toHaveLength(1);
    expect(server.deliveries).toHaveLength(1);
  });

  test('without Web Locks a lease does it, and ends with a window that died', async () => {
    expect(await vault.takeLease('dead', NOON_MS, NOON_MS + 90_000)).toBe(true);
    expect(await vault.takeLease('me', NOON_MS + 1000, NOON_MS + 91_000)).toBe(false);
    expect(await vault.takeLease('me', NOON_MS + 90_001, NOON_MS + 180_001)).toBe(true);
    await vault.giveLease('dead'); // not its own any more
    expect(await vault.takeLease('other', NOON_MS + 100_000, NOON_MS + 190_000)).toBe(false);
    await vault.giveLease('me');
    expect(await vault.takeLease('other', NOON_MS + 100_000, NOON_MS + 190_000)).toBe(true);
  });
});

describe('pairing again', () => {
  test('hands in the old queue with the old token and numbers, then the new', async () => {
    await visits(2);
    await vault.pair({ ...PAIRED, deviceId: 'd2', token: 't2' }, 'Tablette', 'Phare');
    expect((await vault.record(visit(), LINE)).seq).toBe(1);
    expect(await handIn(vault, server, META)).toMatchObject({ done: true });
    expect(server.deliveries.map(({ token, items }) => [token, items.map(({ seq }) => seq)])).toEqual([
      ['t1', [1, 2]],
      ['t2', [1]],
    ]);
    await vault.tidy('2026-11-18');
    expect(await vault.queues()).toEqual([]);
  });

  test('an old token that is dead: the same venue’s new pairing takes the queue over', async () => {
    const [first] = await visits(2);
    await vault.pair({ ...PAIRED, deviceId: 'd2', token: 't2' }, 'Tablette', 'Phare');
    await vault.record(visit(), LINE);
    server.unknown.add('t1');
    await handIn(vault, server, META);
    expect(await handIn(vault, server, META)).toMatchObject({ done: true });
    expect(server.stored.size).toBe(3);
    expect(server.stored.get(first!.id)?.seq).toBeGreaterThan(1);
    expect(await queued()).toBe(0);
  });

  test('another venue never takes it over', async () => {
    await visits(1);
    await vault.pair({ ...PAIRED, deviceId: 'd2', token: 't2', venue: { id: 'v2', name: 'Autre' } }, 'T', 'Phare');
    server.unknown.add('t1');
    await handIn(vault, server, META);
    await handIn(vault, server, META);
    expect(server.stored.size).toBe(0);
    expect(await queued()).toBe(1);
  });
});

describe('meeting the office', () => {
  test('brings news; a 304 makes them fresh without a word', async () => {
    server.news = await snapshot(ours);
    expect(await meet(vault, server, 'test')).toBe('done');
    const first = (await vault.read()).snapshot;
    expect((await newsOf(first))?.list.version).toBe(1);
    vi.useFakeTimers({ toFake: ['Date'], now: NOON_MS * 2 });
    expect(await meet(vault, server, 'test')).toBe('done');
    vi.useRealTimers();
    expect((await vault.read()).snapshot).toMatchObject({ newsAtMs: NOON_MS * 2, value: first?.value });
  });

  test('never goes back to an older list', async () => {
    server.news = await snapshot(ours, { statusList: await statusList(ours, 5) });
    await meet(vault, server, 'test');
    server.news = await snapshot(ours, { statusList: await statusList(ours, 4) });
    server.etag = '"2"';
    expect(await meet(vault, server, 'test')).toBe('refused');
    expect((await newsOf((await vault.read()).snapshot))?.list.version).toBe(5);
  });

  test('a list signed by somebody else changes nothing', async () => {
    server.news = await snapshot(ours, { statusList: await statusList(await club()) });
    expect(await meet(vault, server, 'test')).toBe('refused');
    expect((await vault.read()).snapshot).toBeNull();
  });

  test('a scanner that waits for approval says so, then works', async () => {
    server.device = 'pending';
    expect(await meet(vault, server, 'test')).toBe('pending');
    expect((await vault.read()).device?.state).toBe('pending');
    server.device = 'active';
    server.news = await snapshot(ours);
    expect(await meet(vault, server, 'test')).toBe('done');
    expect((await vault.read()).device?.state).toBe('active');
  });

  test('a cut scanner hands in first; only then may it forget itself', async () => {
    await visits(2);
    server.device = 'cut';
    server.trouble.push('down', 'down');
    expect(await meet(vault, server, 'test')).toBe('cutting');
    expect((await vault.read()).device?.state).toBe('cut');
    expect(await meet(vault, server, 'test')).toBe('cut');
    expect(server.stored.size).toBe(2);
    await vault.wipe();
    expect(await new Vault(name).read()).toMatchObject({ device: null, entries: [], queued: 0 });
  });

  test('a cut scanner whose network came back between the delivery and the news is done in one meeting', async () => {
    await visits(2);
    server.device = 'cut';
    server.trouble.push('down');
    expect(await meet(vault, server, 'test')).toBe('cut');
    expect(server.stored.size).toBe(2);
  });

  test('a visit written while the scanner learns that it is cut is handed in, too', async () => {
    server.device = 'cut';
    const told = server.snapshot.bind(server);
    server.snapshot = async (...asked) => {
      await visits(1);
      return told(...asked);
    };
    expect(await meet(vault, server, 'test')).toBe('cut');
    expect(server.stored.size).toBe(1);
    await expect(vault.record(visit(), LINE)).rejects.toThrow('not paired');
  });

  test('a scanner that was paired anew while it learned that it is cut forgets nothing', async () => {
    server.device = 'cut';
    const told = server.snapshot.bind(server);
    server.snapshot = async (...asked) => {
      await vault.pair({ ...PAIRED, deviceId: 'd2', token: 't2' }, 'Tablette', 'Phare');
      return told(...asked);
    };
    expect(await meet(vault, server, 'test')).toBe('cutting');
    expect((await vault.read()).device).toMatchObject({ deviceId: 'd2', state: 'active' });
  });

  test('each delivery says how long the queue is and which list is known', async () => {
    server.news = await snapshot(ours, { statusList: await statusList(ours, 7) });
    await meet(vault, server, 'test');
    await visits(1);
    await meet(vault, server, 'test');
    expect(server.deliveries[0]).toMatchObject({ queueLength: 1, statusVersion: 7, appVersion: 'test' });
  });
});

describe('midnight', () => {
  test('names and proofs go; what the count still needs stays without them; the rest goes, too', async () => {
    const [kept, , today] = [
      await vault.record(visit(), LINE),
      0,
      await vault.record(visit(), { ...LINE, day: '2026-11-19' }),
    ];
    await vault.tidy('2026-11-19');
    const byId = new Map((await vault.read()).entries.map((entry) => [entry.id, entry]));
    expect(byId.get(kept.id)).toMatchObject({ name: null, proofKey: null, sub: LINE.sub });
    expect(byId.get(today.id)).toMatchObject({ name: 'Camille V.' });
    await handIn(vault, server, META);
    await vault.keepSnapshot('d1', { value: await snapshot(ours, { lastSeq: 2 }), etag: null, newsAtMs: NOON_MS });
    await vault.tidy('2026-11-20');
    expect((await vault.read()).entries).toEqual([]);
  });
});

test('names are this app’s own', () => {
  expect([names.database, names.channel, names.of('sync')]).toEqual(['estran-scan', 'estran-scan', 'estran-scan-sync']);
});
