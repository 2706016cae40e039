/** Tells who types, by how fast. Pure; apart from what is made of the text, which the first screen does not need. */
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
