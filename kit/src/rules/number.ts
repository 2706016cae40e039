/**
 * The pass number: eight characters that can be read out and typed, made of the pass's `jti`. docs/pass-format.md §9. Pure.
 * Twin of server/estran/passes/number.py; both run tests/vectors/number-v1.json.
 */
import { toNumber } from './bytes';

/** No 0, O, 1, I, L, which look alike. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const BASE = ALPHABET.length;
const LENGTH = 8;

/** The number of the pass with this `jti` (6 bytes): seven digits of base 31, and a check character. */
export function numberOf(jti: Uint8Array): string {
  const digits: number[] = [];
  let rest = toNumber(jti);
  for (let place = 0; place < LENGTH - 1; place += 1) {
    digits.unshift(rest % BASE);
    rest = Math.floor(rest / BASE);
  }
  return [...digits, checkOf(digits)].map((digit) => ALPHABET.charAt(digit)).join('');
}

/** Of seven digits. 31 is a prime: no single wrong character and no two exchanged neighbours give the same. */
function checkOf(digits: readonly number[]): number {
  return digits.reduce((sum, digit, place) => sum + (place + 1) * digit, 0) % BASE;
}

/** A number as it was typed or spoken, in its one spelling; null when it is none. */
export function normalNumber(typed: string): string | null {
  const said = typed.replace(/[ \u00a0\u202f-]/g, '');
  if (!/^[0-9A-Za-z]{8}$/.test(said)) return null;
  const text = said.toUpperCase();
  const digits = [...text].map((char) => ALPHABET.indexOf(char));
  if (digits.includes(-1)) return null;
  return checkOf(digits.slice(0, -1)) === digits[LENGTH - 1] ? text : null;
}

/** A number as it is shown: XXXX XXXX. */
export function spacedNumber(number: string): string {
  return `${number.slice(0, 4)} ${number.slice(4)}`;
}
