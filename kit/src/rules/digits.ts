/** Bytes ↔ digits: docs/pass-format.md §2.2. Twin of `bytes_of` and `digits_of` in passes/token.py. */

export const DIGITS_MAX = 700;
const DIGITS_OF_SIZE = [0, 3, 5, 8, 10, 13, 15] as const;

/** The one decimal spelling of `bytes`: 6 bytes as 15 digits, a shorter last group as 3, 5, 8, 10 or 13. */
export function digitsOf(bytes: Uint8Array): string {
  let digits = '';
  for (let start = 0; start < bytes.length; start += 6) {
    const group = bytes.subarray(start, start + 6);
    // 48 bits at most: exact in a double.
    const value = group.reduce((sum, byte) => sum * 256 + byte, 0);
    digits += String(value).padStart(DIGITS_OF_SIZE[group.length] ?? 0, '0');
  }
  return digits;
}

/** The bytes that `digits` spell, or null: wrong character, wrong length, overflow, or longer than 700. */
export function bytesOf(digits: string): Uint8Array<ArrayBuffer> | null {
  if (digits.length > DIGITS_MAX || !/^[0-9]+$/.test(digits)) return null;
  const bytes: number[] = [];
  for (let start = 0; start < digits.length; start += 15) {
    const group = digits.slice(start, start + 15);
    const size = (DIGITS_OF_SIZE as readonly number[]).indexOf(group.length);
    const value = Number(group);
    if (size < 1 || value >= 256 ** size) return null;
    for (let place = size - 1; place >= 0; place--) bytes.push(Math.floor(value / 256 ** place) % 256);
  }
  return Uint8Array.from(bytes);
}
