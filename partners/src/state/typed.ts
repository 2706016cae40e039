/**
 * Text that came through a keyboard: typed, pasted, or sent by a hand scanner, which types what it reads as if it sat on
 * an English keyboard. On a French (AZERTY) machine its digits come out as `&é"'(-è_çà` and the address as a muddle.
 * Pure.
 */
import { parse } from '@estran/kit/rules/token';

const AZERTY_DIGITS = 'à&é"\'(-è_ç';

/** `text` as the QR had it, as well as can be told. */
export function untyped(text: string, iss: string): string {
  const said = text.trim();
  if (said.startsWith(`${iss}/scan/#`) || /^[0-9]*$/.test(said)) return said;
  const tail = /[0-9&é"'(\-è_çà]*$/.exec(said)?.[0] ?? '';
  if (tail.length < 225 || isAddress(said)) return said;
  const digits = [...tail].map((char) => digitOf(char)).join('');
  // `#` itself comes out as a 3 on such a machine, right before the first digit
  return isWhole(digits, iss) || !isWhole(digits.slice(1), iss) ? digits : digits.slice(1);
}

/** Whether `text` is already a whole pass, so that nobody needs to press Enter. */
export function isWhole(text: string, iss: string): boolean {
  return typeof parse(text, iss) !== 'string';
}

/** An address typed by a well set reader: another club's is to be told as such. */
function isAddress(text: string): boolean {
  return /^https?:\/\/[^/#?\s]+\/scan\/#[0-9]+$/.test(text);
}

function digitOf(char: string): string {
  const place = AZERTY_DIGITS.indexOf(char);
  return place < 0 ? char : String(place);
}
