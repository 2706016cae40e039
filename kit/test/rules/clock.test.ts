import { describe, expect, test } from 'vitest';

import { appliedSkew, isConfirmed, looked, metServer, NO_CLOCK, skewOf } from '../../src/rules/clock';

const T = 1_795_000_000_000;
const WEEK_MS = 7 * 86_400_000;

describe('skew', () => {
  test('is server time plus half the round trip, less the wall clock', () => {
    expect(skewOf(T + 120_000, T, 400)).toBe(120_200);
    expect(skewOf(T - 3_600_000, T, 0)).toBe(-3_600_000);
  });

  test('is ignored when the answer took longer than 5 s, or no sense', () => {
    expect(skewOf(T, T, 5_000)).toBe(2_500);
    expect(skewOf(T, T, 5_001)).toBeNull();
    expect(skewOf(T, T, -1)).toBeNull();
    expect(skewOf(T, T, NaN)).toBeNull();
  });

  test('is applied above one minute only', () => {
    expect(appliedSkew(60_000)).toBe(0);
    expect(appliedSkew(-60_000)).toBe(0);
    expect(appliedSkew(60_001)).toBe(60_001);
    expect(appliedSkew(-7_200_000)).toBe(-7_200_000);
    expect(appliedSkew(null)).toBe(0);
  });
});

describe('confirmed', () => {
  test('never before the server was met', () => {
    expect(isConfirmed(NO_CLOCK, T, WEEK_MS)).toBe(false);
  });

  test('up to the limit and not beyond', () => {
    const met = metServer(T, 0);
    expect(isConfirmed(met, T + WEEK_MS, WEEK_MS)).toBe(true);
    expect(isConfirmed(met, T + WEEK_MS + 1, WEEK_MS)).toBe(false);
  });

  test('not after the wall clock went back behind what was seen, even over a reload', () => {
    const later = looked(metServer(T, 120_000), { wallMs: T + 600_000, monoMs: 0 }, null);
    const back = looked(later, { wallMs: T + 300_000, monoMs: 10 }, null);
    expect(back).toMatchObject({ jumped: true, skewMs: null });
    expect(isConfirmed(back, T + 700_000, WEEK_MS)).toBe(false);
    expect(isConfirmed(metServer(T, 0), T, WEEK_MS)).toBe(true);
  });

  test('small adjustments of the system clock are no jump, and do not add up', () => {
    let memory = metServer(T, 0);
    memory = looked(memory, { wallMs: T - 20_000, monoMs: 0 }, null);
    expect(memory.jumped).toBe(false);
    memory = looked(memory, { wallMs: T - 40_000, monoMs: 0 }, null);
    expect(memory.jumped).toBe(true);
  });

  test('not when wall and monotonic clocks part while the page is open', () => {
    const anchor = { wallMs: T, monoMs: 1_000 };
    const calm = looked(metServer(T, 0), { wallMs: T + 3_600_000, monoMs: 3_601_000 }, anchor);
    expect(calm.jumped).toBe(false);
    const forward = looked(metServer(T, 0), { wallMs: T + 3_600_000, monoMs: 61_000 }, anchor);
    expect(forward.jumped).toBe(true);
  });

  test('a phone that slept has nothing to compare: only going back is a jump', () => {
    expect(looked(metServer(T, 0), { wallMs: T + 3_600_000, monoMs: 61_000 }, null).jumped).toBe(false);
  });
});
