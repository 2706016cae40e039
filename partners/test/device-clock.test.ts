import { NO_CLOCK, type ClockMemory } from '@estran/kit/rules/clock';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { DeviceClock } from '../src/state/device-clock';
import { club, NOON_MS, phone, ISS } from './cast';
import { parse, type Fields } from '@estran/kit/rules/token';

const LIMIT_S = 604_800;
let written: ClockMemory[];
let clock: DeviceClock;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: NOON_MS });
  written = [];
  clock = new DeviceClock((memory) => written.push(memory));
});
afterEach(() => {
  vi.useRealTimers();
});

const met = (aheadMs = 0, roundTripMs = 100): void =>
  clock.met({ serverMs: Date.now() + aheadMs - roundTripMs / 2, wallMs: Date.now(), roundTripMs });

test('is confirmed by the server, for the limit, and remembers it', () => {
  expect(clock.now(LIMIT_S).confirmed).toBe(false);
  met();
  expect(clock.now(LIMIT_S)).toMatchObject({ confirmed: true, appliedMs: 0 });
  const reopened = new DeviceClock(() => undefined);
  reopened.recall(written[written.length - 1] ?? NO_CLOCK);
  expect(reopened.now(LIMIT_S).confirmed).toBe(true);
  vi.advanceTimersByTime(LIMIT_S * 1000 + 1);
  expect(clock.now(LIMIT_S).confirmed).toBe(false);
});

test('a slow answer tells nothing', () => {
  met(0, 5_001);
  expect(clock.now(LIMIT_S).confirmed).toBe(false);
});

test('two hours wrong: corrected; moved by hand afterwards: not sure any more, and not corrected', () => {
  met(7_200_000);
  expect(clock.now(LIMIT_S)).toMatchObject({ confirmed: true, appliedMs: 7_200_000 });
  vi.setSystemTime(Date.now() + 7_200_000); // somebody sets the clock right; the monotonic one did not move
  expect(clock.now(LIMIT_S)).toMatchObject({ confirmed: false, skewMs: null, appliedMs: 0 });
  met(0);
  expect(clock.now(LIMIT_S)).toMatchObject({ confirmed: true, appliedMs: 0 });
});

test('a phone that slept wakes up sure', () => {
  met();
  clock.look();
  vi.setSystemTime(Date.now() + 3_600_000); // wall time went on, the monotonic clock slept
  clock.woke();
  expect(clock.now(LIMIT_S).confirmed).toBe(true);
});

test('a tablet that half wakes in a pocket, its page out of sight, stays sure; behind is behind even there', () => {
  let seen = true;
  clock = new DeviceClock(
    (memory) => written.push(memory),
    () => seen,
  );
  met();
  clock.look();
  seen = false;
  for (let naps = 0; naps < 3; naps += 1) {
    vi.setSystemTime(Date.now() + 3_600_000);
    clock.look(); // a timer that was due, before the page is told that it is seen again
  }
  expect(clock.now(LIMIT_S).confirmed).toBe(true);
  seen = true;
  clock.woke();
  expect(clock.now(LIMIT_S).confirmed).toBe(true);
  seen = false;
  vi.setSystemTime(Date.now() - 60_000);
  expect(clock.now(LIMIT_S).confirmed).toBe(false);
});

test('a clock that is known to be wrong, set right while the page is out of sight: not sure, and not corrected', () => {
  clock = new DeviceClock(
    (memory) => written.push(memory),
    () => false,
  );
  met(7_200_000);
  vi.setSystemTime(Date.now() + 7_200_000);
  clock.look(); // a timer, while somebody is in the settings
  clock.woke();
  expect(clock.now(LIMIT_S)).toMatchObject({ confirmed: false, appliedMs: 0 });
});

test('two codes of one pass that advance with time show a living phone', async () => {
  vi.useRealTimers();
  const ours = await club();
  const camille = await phone(ours);
  const other = await phone(ours);
  const at = async (who: typeof camille, iat: number): Promise<Fields> => {
    const fields = parse(await who.show(iat), ISS);
    if (typeof fields === 'string') throw new Error(fields);
    return fields;
  };
  expect(clock.advance(await at(camille, 1000), 0)).toBe(false);
  expect(clock.advance(await at(other, 1015), 15_000)).toBe(false); // another pass proves nothing
  expect(clock.advance(await at(camille, 1000), 16_000)).toBe(false); // a picture of the first
  expect(clock.advance(await at(camille, 1014), 14_000)).toBe(false); // too soon
  expect(clock.advance(await at(camille, 1015), 17_000)).toBe(true);
  expect(clock.advance(await at(other, 2000), 18_000)).toBe(false); // leaps ahead of time
  expect(clock.advance(await at(other, 2015), 33_000)).toBe(true); // but begins anew from there
});
