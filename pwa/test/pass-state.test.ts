import 'fake-indexeddb/auto';
import { NO_CLOCK } from '@estran/kit/rules/clock';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Outcome, PassApi } from '../src/pass/api';
import { makeDeviceKey } from '../src/pass/device-key';
import { lastSecond, present } from '../src/pass/present';
import type { Asked, Club, Me, PassNews } from '../src/pass/types';
import { Vault } from '../src/pass/vault';
import { PassState, type Clock } from '../src/state/pass.svelte';
import { EXP_S, ISS, makeIssuer, news, NOW_MS, type Issuer } from './issuer';

const refused = (code: string, status: number): Outcome<never> => ({ ok: false, code, status });
const silence = refused('network', 0);
let issuer: Issuer;
let names = 0;

beforeAll(async () => {
  issuer = await makeIssuer();
});

/** A server of one ambassador: what it would answer, and what it was asked. */
class Office implements PassApi {
  keys: string[] = [];
  asked: string[] = [];
  answers: ((credential: string) => Outcome<PassNews>)[] = [];
  credentials = new Map<string, string>();
  isReachable = true;

  club = (): Promise<Outcome<Club>> => this.#or({ club: 'Club', demo: false, iss: ISS, zone: 'Europe/Paris' });
  me = (): Promise<Outcome<Me>> => Promise.resolve(refused('unauthorized', 401));
  askCode = (): Promise<Outcome<Asked>> => this.#or({ isWithheld: false });
  enterCode = (): Promise<Outcome<unknown>> => this.#or(true);
  wish = (): Promise<Outcome<unknown>> => this.#or(true);
  signOut = (): Promise<Outcome<unknown>> => this.#or(true);

  putPass = async (x: string, y: string): Promise<Outcome<PassNews>> => {
    if (!this.isReachable) return silence;
    this.keys.push(x);
    const credential =
      this.credentials.get(x) ?? (await issuer.issue({ x, y, privateKey: {} as CryptoKey }, { jti: this.keys.length }));
    this.credentials.set(x, credential);
    return { ok: true, value: news(credential) };
  };

  refresh = async (digits: string): Promise<Outcome<PassNews>> => {
    this.asked.push(digits);
    const latest = [...this.credentials.values()].pop() ?? '';
    const answer = this.answers.shift();
    return this.isReachable ? (answer?.(latest) ?? { ok: true, value: news(latest) }) : silence;
  };

  #or<T>(value: T): Promise<Outcome<T>> {
    return Promise.resolve(this.isReachable ? { ok: true, value } : silence);
  }
}

class TestClock implements Clock {
  now = NOW_MS;
  skew = 0;
  memory = NO_CLOCK;
  nowMs = (): number => this.now + this.skew;
  skewMs = (): number => this.skew;
  resume = vi.fn();
}

let office: Office;
let clock: TestClock;
let vault: Vault;
let windows: PassState[];

function openWindow(): PassState {
  const state = new PassState({ vault, api: office, clock, present, lastSecond });
  windows.push(state);
  return state;
}

beforeEach(() => {
  office = new Office();
  clock = new TestClock();
  vault = new Vault(`test-${(names += 1)}`);
  windows = [];
});

afterEach(() => windows.forEach((state) => state.close()));

/** Everything asked for has been done, the unawaited refresh included. */
const settled = (): Promise<void> => vi.waitFor(() => expect(office.asked.length).toBeGreaterThan(0));

describe('putting the pass on this device', () => {
  it('makes a key, keeps the pass, and proves it at once so that the older one ends', async () => {
    const state = openWindow();
    await state.load();
    expect(state.showing).toBeNull();
    expect(await state.put()).toBe(true);
    expect(state.showing).toBe('live');
    expect(state.pass?.iss).toBe(ISS);
    await settled();
    expect((await vault.read()).pass?.credential).toBe(state.pass?.credential);
  });

  it('proves the new pass, whatever is still being asked about the one before', async () => {
    const state = openWindow();
    await state.load();
    await state.put();
    await settled();
    const reply = office.refresh;
    const asked: string[] = [];
    let answerAtLast: (answer: Outcome<PassNews>) => void = () => undefined;
    office.refresh = (digits) => {
      asked.push(digits);
      return asked.length > 1 ? reply(digits) : new Promise((resolve) => (answerAtLast = resolve));
    };
    const old = state.refresh();
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(await state.put()).toBe(true);
    answerAtLast(refused('unknown_pass', 401));
    await old;
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    await vi.waitFor(() => expect(state.refreshing).toBe(false));
    expect(asked[1]?.slice(0, 60)).not.toBe(asked[0]?.slice(0, 60));
    expect(state.unknown).toBe(false);
  });

  it('keeps its key over a lost reply, so that trying again asks for the same pass', async () => {
    const state = openWindow();
    await state.load();
    const reply = office.putPass;
    office.putPass = async (x, y) => {
      await reply(x, y);
      return silence;
    };
    expect(await state.put()).toBe(false);
    expect(state.error).toBe('error.network');
    office.putPass = reply;
    expect(await state.put()).toBe(true);
    expect(new Set(office.keys).size).toBe(1);
    await settled();
  });

  it('makes one key in two windows', async () => {
    const [one, two] = [openWindow(), openWindow()];
    await Promise.all([one.load(), two.load()]);
    expect(await Promise.all([one.put(), two.put()])).toEqual([true, true]);
    expect(new Set(office.keys).size).toBe(1);
    await vi.waitFor(() => expect(two.pass?.key.x).toBe(one.pass?.key.x));
    await settled();
  });

  it('says so when the browser has no place for it', async () => {
    const state = openWindow();
    vault.claimKey = () => Promise.reject(new Error('private window'));
    expect(await state.put()).toBe(false);
    expect(state.error).toBe('put.unsupported');
  });
});

describe('news from the office', () => {
  async function withPass(): Promise<PassState> {
    const state = openWindow();
    await state.load();
    await state.put();
    await settled();
    await vi.waitFor(() => expect(state.refreshing).toBe(false));
    office.asked = [];
    return state;
  }

  it.each(['suspended', 'revoked', 'replaced'] as const)(
    'hide the code when it is %s, and can bring it back',
    async (status) => {
      const state = await withPass();
      office.answers = [() => ({ ok: true, value: news(null, { status }) })];
      expect(await state.refresh()).toBe(true);
      expect(state.showing).toBe(status);
      expect((await vault.read()).pass?.news.status).toBe(status);
      expect(await state.refresh()).toBe(true);
      expect(state.showing).toBe('live');
    },
  );

  it('replace the credential silently, with the same key', async () => {
    const state = await withPass();
    const key = state.pass?.key;
    if (!key) throw new Error('no pass');
    const renewed = await issuer.issue(key, { exp: EXP_S + 86_400, jti: 77 });
    office.answers = [() => ({ ok: true, value: news(renewed) })];
    await state.refresh();
    expect(state.pass?.credential).toBe(renewed);
    expect(state.lastSecond).toBe(EXP_S + 86_400);
    expect(state.pass?.key.x).toBe(key.x);
  });

  it('are asked for once more when the first answer has set a wrong clock right', async () => {
    const state = await withPass();
    office.answers = [
      () => {
        clock.skew = 600_000;
        return refused('stale_proof', 401);
      },
    ];
    expect(await state.refresh()).toBe(true);
    expect(office.asked).toHaveLength(2);
    expect(state.skewMs).toBe(600_000);
    expect(state.unknown).toBe(false);
  });

  it('never take the pass away because nobody answers, or because the pass is not known', async () => {
    const state = await withPass();
    office.answers = [() => refused('unknown_pass', 401)];
    expect(await state.refresh()).toBe(false);
    expect(state.unknown).toBe(true);
    expect(state.showing).toBe('live');
    office.isReachable = false;
    expect(await state.refresh()).toBe(false);
    expect(state.showing).toBe('live');
  });

  it('are asked for anew after an act, when an older question is still under way', async () => {
    const state = await withPass();
    const reply = office.refresh;
    let answerAtLast: (answer: Outcome<PassNews>) => void = () => undefined;
    office.refresh = () => new Promise((resolve) => (answerAtLast = resolve));
    const older = state.refresh();
    await vi.waitFor(() => expect(state.refreshing).toBe(true));
    await vi.waitFor(() => expect(answerAtLast.length).toBe(1));
    office.refresh = reply;
    const anew = state.refreshAnew();
    answerAtLast({ ok: true, value: news(null, { status: 'suspended', eligibility: 'unsigned' }) });
    await older;
    expect(await anew).toBe(true);
    expect(state.showing).toBe('live');
  });

  it('do not overwrite a pass that another window has put here meanwhile', async () => {
    const state = await withPass();
    const other = await makeDeviceKey();
    const kept = state.pass;
    if (!kept) throw new Error('no pass');
    const newer = { ...kept, key: other, credential: await issuer.issue(other) };
    await vault.settle(newer);
    await state.refresh();
    expect((await vault.read()).pass?.key.x).toBe(other.x);
    expect(state.pass?.key.x).toBe(other.x);
  });
});

describe('time passing', () => {
  it('ends the pass by itself, without network', async () => {
    const state = openWindow();
    await state.load();
    await state.put();
    await settled();
    clock.now = EXP_S * 1000 + 1000;
    state.tick();
    expect(state.showing).toBe('expired');
  });
});

describe('the next visit', () => {
  it('finds everything on the device, without network', async () => {
    const first = openWindow();
    await first.load();
    await first.put();
    await settled();
    office.isReachable = false;
    const next = openWindow();
    await next.load();
    expect(next.showing).toBe('live');
    expect(next.club?.club).toBe('Club');
    expect(clock.resume).toHaveBeenCalled();
    const pass = next.pass;
    if (!pass) throw new Error('no pass');
    expect(await next.present(pass)).toMatch(/^[0-9]+$/);
  });

  it('finds nothing once the pass was taken off', async () => {
    const state = openWindow();
    await state.load();
    await state.put();
    await settled();
    await state.forget();
    expect((await vault.read()).pass).toBeNull();
    expect(state.showing).toBeNull();
  });
});
