import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Outcome, PassApi } from '../src/pass/api';
import type { Me } from '../src/pass/types';
import { readAsked, rememberAsked } from '../src/state/asked';
import { Member } from '../src/state/member.svelte';

const ME: Me = {
  firstName: 'Camille',
  name: 'Camille V.',
  club: '',
  eligibility: 'eligible',
  device: null,
  beginsOn: null,
  manifesto: { need: null, by: null },
  renewal: null,
};
const good = { ok: true, value: true } as const;
const sent = { ok: true, value: { isWithheld: false } } as const;
const withheld = { ok: true, value: { isWithheld: true } } as const;
const refused = (status: number, code = 'x'): Outcome<never> => ({ ok: false, code, status });

function makeApi(changes: Partial<PassApi> = {}): PassApi {
  const no = (): Promise<Outcome<never>> => Promise.resolve(refused(401));
  return {
    club: no,
    me: no,
    askCode: () => Promise.resolve(sent),
    enterCode: () => Promise.resolve(good),
    signOut: () => Promise.resolve(good),
    wish: () => Promise.resolve(good),
    putPass: no,
    refresh: no,
    ...changes,
  };
}

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

describe('signing in', () => {
  it('goes from the address to the code to the session', async () => {
    let isIn = false;
    const member = new Member(
      makeApi({
        me: () => Promise.resolve(isIn ? { ok: true, value: ME } : refused(401)),
        enterCode: (code) => {
          isIn = code === '123456';
          return Promise.resolve(isIn ? good : refused(422, 'wrong_code'));
        },
      }),
    );
    await member.check();
    expect(member.phase).toBe('out');
    await member.askCode(' camille@example.org ');
    expect([member.phase, member.email]).toEqual(['asked', 'camille@example.org']);
    await member.enterCode('000000');
    expect(member.error).toBe('code.wrong');
    await member.enterCode('123 456');
    expect([member.phase, member.me]).toEqual(['in', ME]);
    expect(readAsked()).toBeNull();
  });

  it('remembers over a reload that a letter is on its way', async () => {
    await new Member(makeApi()).askCode('camille@example.org');
    const reloaded = new Member(makeApi());
    await reloaded.check();
    expect([reloaded.phase, reloaded.email]).toEqual(['asked', 'camille@example.org']);
  });

  it('forgets it after a quarter of an hour', () => {
    const asked = { email: 'camille@example.org', isWithheld: true };
    rememberAsked(asked, 0);
    expect(readAsked(15 * 60_000 - 1)).toEqual(asked);
    expect(readAsked(15 * 60_000)).toBeNull();
  });

  it('asks for a code also when no new letter left, and says so, over a reload too', async () => {
    const member = new Member(makeApi({ askCode: () => Promise.resolve(withheld) }));
    await member.askCode('camille@example.org');
    expect([member.phase, member.isWithheld, member.error, member.notice]).toEqual(['asked', true, null, null]);
    await member.askCode('camille@example.org');
    expect([member.isWithheld, member.notice]).toEqual([true, 'code.notResent']);
    const reloaded = new Member(makeApi());
    await reloaded.check();
    expect([reloaded.phase, reloaded.isWithheld]).toEqual(['asked', true]);
    await reloaded.askCode('camille@example.org');
    expect([reloaded.isWithheld, reloaded.notice]).toEqual([false, 'code.resent']);
  });

  it('goes on by itself when the letter’s link has opened a session', async () => {
    rememberAsked({ email: 'camille@example.org', isWithheld: false });
    const member = new Member(makeApi({ me: () => Promise.resolve({ ok: true, value: ME }) }));
    await member.check();
    expect(member.phase).toBe('in');
  });

  it.each([
    ['camille', 'signIn.emailWrong'],
    ['', 'signIn.emailWrong'],
  ])('does not send a letter to « %s »', async (address, error) => {
    const askCode = vi.fn();
    const member = new Member(makeApi({ askCode }));
    await member.askCode(address);
    expect(member.error).toBe(error);
    expect(askCode).not.toHaveBeenCalled();
  });

  it.each([
    [refused(422, 'wrong_code'), 'code.wrong'],
    [refused(410, 'code_ended'), 'code.ended'],
    [refused(429, 'too_many_tries'), 'code.tooMany'],
    [refused(429, 'too_many_requests'), 'error.tooFast'],
    [refused(0, 'network'), 'error.network'],
    [refused(500, 'internal'), 'error.other'],
  ])('says what is wrong with a code: %o', async (outcome, error) => {
    const member = new Member(makeApi({ enterCode: () => Promise.resolve(outcome) }));
    await member.enterCode('123456');
    expect(member.error).toBe(error);
    expect(member.busy).toBe(false);
  });

  it('tells a stranger, a closed door and no network apart', async () => {
    const phases = [];
    for (const status of [404, 401, 0, 503]) {
      const member = new Member(makeApi({ me: () => Promise.resolve(refused(status)) }));
      await member.check();
      phases.push(member.phase);
    }
    expect(phases).toEqual(['stranger', 'out', 'offline', 'offline']);
  });
});

describe('signing out', () => {
  it('is also done when the session had ended', async () => {
    const member = new Member(makeApi({ signOut: () => Promise.resolve(refused(401)) }));
    await member.signOut();
    expect([member.phase, member.notice, member.error]).toEqual(['out', 'account.signedOut', null]);
  });
});

describe('an answer that comes late', () => {
  const slow = (): { api: Partial<PassApi>; hear: (answer: Outcome<Me>) => void } => {
    let hear: (answer: Outcome<Me>) => void = () => undefined;
    const first = new Promise<Outcome<Me>>((resolve) => (hear = resolve));
    const me = vi.fn<() => Promise<Outcome<Me>>>().mockReturnValueOnce(first);
    return { api: { me: me.mockResolvedValue({ ok: true, value: ME }) }, hear: (answer) => hear(answer) };
  };

  it.each(['check', 'checkAnew'] as const)('signs nobody in again who signed out meanwhile (%s)', async (ask) => {
    const { api, hear } = slow();
    const member = new Member(makeApi(api));
    const asking = member[ask]();
    await member.signOut();
    hear({ ok: true, value: ME });
    await asking;
    expect([member.phase, member.me]).toEqual(['out', null]);
  });

  it.each(['check', 'checkAnew'] as const)('signs nobody out again who signed in meanwhile (%s)', async (ask) => {
    const { api, hear } = slow();
    const member = new Member(makeApi(api));
    const asking = member[ask]();
    await member.enterCode('123456');
    hear(refused(401));
    await asking;
    expect([member.phase, member.me]).toEqual(['in', ME]);
  });
});

describe('asking anew', () => {
  it('leaves somebody in when nobody answers, and not when the door is closed', async () => {
    let answer: Outcome<Me> = { ok: true, value: ME };
    const member = new Member(makeApi({ me: () => Promise.resolve(answer) }));
    await member.check();
    answer = refused(0);
    await member.checkAnew();
    expect([member.phase, member.me]).toEqual(['in', ME]);
    answer = refused(401);
    await member.checkAnew();
    expect([member.phase, member.me]).toEqual(['out', null]);
    answer = refused(0);
    await member.checkAnew();
    expect(member.phase).toBe('offline');
  });
});

describe('nobody answering', () => {
  it('is known from the last thing asked, and changes nothing else', async () => {
    let answer: Outcome<Me> = { ok: true, value: ME };
    const member = new Member(makeApi({ me: () => Promise.resolve(answer) }));
    await member.check();
    expect(member.isUnheard).toBe(false);
    answer = refused(0);
    await member.reach();
    expect([member.isUnheard, member.phase, member.me]).toEqual([true, 'in', ME]);
    answer = refused(401);
    await member.reach();
    expect([member.isUnheard, member.phase, member.me]).toEqual([false, 'in', ME]);
    answer = refused(0);
    await member.checkAnew();
    expect([member.isUnheard, member.phase]).toEqual([true, 'in']);
    answer = refused(503);
    await member.reach();
    expect(member.isUnheard).toBe(false);
  });
});

describe('the wish to go on', () => {
  const ending: Me = { ...ME, renewal: { endsOn: '2026-12-31', wish: null } };
  const member = async (changes: Partial<PassApi> = {}): Promise<Member> => {
    const made = new Member(makeApi({ me: () => Promise.resolve({ ok: true, value: ending }), ...changes }));
    await made.check();
    return made;
  };

  it('is kept, and may change', async () => {
    const said: string[] = [];
    const one = await member({
      wish: (wish) => {
        said.push(wish);
        return Promise.resolve(good);
      },
    });
    expect(await one.wish('yes')).toBeNull();
    expect(one.me?.renewal).toEqual({ endsOn: '2026-12-31', wish: 'yes' });
    expect(await one.wish('no')).toBeNull();
    expect(one.me?.renewal?.wish).toBe('no');
    expect(said).toEqual(['yes', 'no']);
  });

  it.each([
    [0, 'error.network'],
    [401, 'error.signedOut'],
    [500, 'error.other'],
  ])('stays what it was when the office does not take it: %i', async (status, error) => {
    const one = await member({ wish: () => Promise.resolve(refused(status)) });
    expect(await one.wish('yes')).toBe(error);
    expect(one.me?.renewal?.wish).toBeNull();
  });
});

describe('leaving', () => {
  it('leaves nothing of the session here', async () => {
    rememberAsked({ email: 'camille@example.org', isWithheld: false });
    const member = new Member(makeApi({ me: () => Promise.resolve({ ok: true, value: ME }) }));
    await member.check();
    member.gone();
    expect([member.phase, member.me, readAsked()]).toEqual(['out', null, null]);
  });
});
