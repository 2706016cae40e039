/** Bytes as decimal digits, the QR's numeric mode: docs/pass-format.md §2.2. Pure. */
import { bigEndian, concat, toNumber, type Bytes } from './bytes';

export const DIGITS_MAX = 700;

const GROUP_DIGITS = [0, 3, 5, 8, 10, 13, 15] as const;

/** The one decimal spelling of `bytes`: 6 bytes as 15 digits, a shorter last group as 3, 5, 8, 10 or 13. */
export function digitsOf(bytes: Uint8Array): string {
  let digits = '';
  for (let start = 0; start < bytes.length; start += 6) {
    const group = bytes.subarray(start, start + 6);
    digits += String(toNumber(group)).padStart(GROUP_DIGITS[group.length] ?? 15, '0');
  }
  return digits;
}

/** The bytes that `digits` spell, or null: too long, wrong character, wrong length, overflow. */
export function bytesOf(digits: string): Bytes | null {
  if (digits.length > DIGITS_MAX || !/^[0-9]*$/.test(digits)) return null;
  const groups: Bytes[] = [];
  for (let start = 0; start < digits.length; start += 15) {
    const text = digits.slice(start, start + 15);
    const size = GROUP_DIGITS.findIndex((length) => length === text.length);
    const value = Number(text);
    if (size < 1 || value >= 256 ** size) return null;
    groups.push(bigEndian(value, size));
  }
  return concat(groups);
}
