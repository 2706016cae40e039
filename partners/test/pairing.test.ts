import { describe, expect, it } from 'vitest';
import { errorOf } from '../src/state/pairing';

describe('a pairing that is refused', () => {
  it.each([
    ['unknown_pairing', 404, 'pair.error.unknown'],
    ['pairing_ended', 410, 'pair.error.ended'],
    ['too_many_devices', 409, 'pair.error.rooms'],
    ['too_many_pending', 409, 'pair.error.waiting'],
    ['too_many_requests', 429, 'pair.error.many'],
    ['network', 0, 'pair.error.network'],
    ['internal', 500, 'pair.error.other'],
  ])('is said in its own words: %s', (code, status, key) => {
    expect(errorOf(code, status)).toBe(key);
  });
});
