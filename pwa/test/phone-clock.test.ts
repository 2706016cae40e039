import { describe, expect, it } from 'vitest';
import { PhoneClock } from '../src/state/phone-clock';

const HOUR_MS = 3_600_000;

function hands(): { wallMs: number; monoMs: number; pass(ms: number): void } {
  return {
    wallMs: 1_000_000_000_000,
    monoMs: 0,
    pass(ms) {
      this.wallMs += ms;
      this.monoMs += ms;
    },
  };
}

describe('the phone’s time', () => {
  it('is its own until the server is heard', () => {
    const now = hands();
    expect(new PhoneClock(() => ({ ...now })).nowMs()).toBe(now.wallMs);
  });

  it('is corrected above a minute, and left alone below', () => {
    const now = hands();
    const clock = new PhoneClock(() => ({ ...now }));
    clock.heard({ serverMs: now.wallMs + HOUR_MS, wallMs: now.wallMs, roundTripMs: 200 });
    expect(clock.nowMs()).toBe(now.wallMs + HOUR_MS + 100);
    clock.heard({ serverMs: now.wallMs + 50_000, wallMs: now.wallMs, roundTripMs: 0 });
    expect(clock.nowMs()).toBe(now.wallMs);
  });

  it('ignores an answer that took too long to tell the time', () => {
    const now = hands();
    const clock = new PhoneClock(() => ({ ...now }));
    clock.heard({ serverMs: now.wallMs + HOUR_MS, wallMs: now.wallMs, roundTripMs: 5_001 });
    expect(clock.skewMs()).toBe(0);
  });

  it('keeps its correction for the next visit', () => {
    const now = hands();
    const first = new PhoneClock(() => ({ ...now }));
    first.heard({ serverMs: now.wallMs - HOUR_MS, wallMs: now.wallMs, roundTripMs: 0 });
    const next = new PhoneClock(() => ({ ...now, monoMs: 3 }));
    next.resume(first.memory);
    expect(next.nowMs()).toBe(now.wallMs - HOUR_MS);
  });

  it('drops its correction when somebody sets the clock while it is open', () => {
    const now = hands();
    const clock = new PhoneClock(() => ({ ...now }));
    clock.heard({ serverMs: now.wallMs + HOUR_MS, wallMs: now.wallMs, roundTripMs: 0 });
    clock.nowMs();
    now.pass(10_000);
    now.wallMs += HOUR_MS;
    expect(clock.nowMs()).toBe(now.wallMs);
  });

  it('keeps it over a sleep, in which only the wall clock went on', () => {
    const now = hands();
    const clock = new PhoneClock(() => ({ ...now }));
    clock.heard({ serverMs: now.wallMs + HOUR_MS, wallMs: now.wallMs, roundTripMs: 0 });
    clock.nowMs();
    clock.slept();
    now.wallMs += 8 * HOUR_MS;
    expect(clock.nowMs()).toBe(now.wallMs + HOUR_MS);
  });
});
