/** The literals of docs/pass-format.md §9: the same file as tests/passes/test_number.py. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { normalNumber, numberOf, spacedNumber } from '../../src/rules/number';

interface Vectors {
  numbers: { name: string; jti: string; number: string }[];
  typed: { name: string; text: string; number: string | null }[];
}

const VECTORS = JSON.parse(
  readFileSync(new URL('../../../tests/vectors/number-v1.json', import.meta.url), 'utf-8'),
) as Vectors;

describe('the pass number', () => {
  test.each(VECTORS.numbers)('$name', ({ jti, number }) => {
    expect(numberOf(Uint8Array.from(Buffer.from(jti, 'hex')))).toBe(number);
    expect(normalNumber(spacedNumber(number))).toBe(number);
  });

  test.each(VECTORS.typed)('typed: $name', ({ text, number }) => {
    expect(normalNumber(text)).toBe(number);
  });
});
