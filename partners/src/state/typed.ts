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

type Stroke = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target' | 'timeStamp' | 'repeat'>;

/**
 * Tells a hand scanner's typing from somebody's: so many keys so fast after each other. A single key never does anything, or a
 * slip of the finger, and what somebody dictates to a computer, would act. The keys it takes to tell are lost, which does no
 * harm: they are of the address, and the digits at the end are the pass. A key that is held down, by an elbow or a
 * handbag, repeats itself as fast: it counts once.
 */
export class Typing {
  static readonly KEYS = 5;
  static readonly APART_MS = 80;
  #keys = 0;
  #lastMs = 0;

  /** Whether this key, which no field takes, comes from a machine. */
  isMachine({ key, ctrlKey, metaKey, altKey, target, timeStamp, repeat }: Stroke): boolean {
    if (repeat) return false;
    const writes = key.length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey;
    if (!writes || isField(target)) {
      if (key !== 'Shift' && key !== 'AltGraph') this.#keys = 0; // capitals are two keys
      return false;
    }
    this.#keys = timeStamp - this.#lastMs <= Typing.APART_MS ? this.#keys + 1 : 1;
    this.#lastMs = timeStamp;
    return this.#keys >= Typing.KEYS;
  }
}

function isField(target: EventTarget | null): boolean {
  return 'HTMLInputElement' in globalThis && target instanceof HTMLInputElement;
}
