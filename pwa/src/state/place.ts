/**
 * Where the code stands on this screen: the first code, which comes before the words above it, is painted there at once.
 * A hint and no more: another width, or a storage that is refused, means the usual place.
 */
import { names } from '../names';

const KEY = names.of('place');

export interface Place {
  /** From the top of the page to the card, and from there to the code: CSS pixels. */
  readonly card: number;
  readonly band: number;
}

export function rememberPlace(card: HTMLElement, code: HTMLElement): void {
  const top = card.getBoundingClientRect().top;
  const place = [innerWidth, top + scrollY, code.getBoundingClientRect().top - top];
  try {
    localStorage.setItem(KEY, place.join(' '));
  } catch {
    // the usual place will do
  }
}

export function lastPlace(): Place | null {
  try {
    const [width, card = NaN, band = NaN] = (localStorage.getItem(KEY) ?? '').split(' ').map(Number);
    return width === innerWidth && card >= 0 && band >= 0 ? { card, band } : null;
  } catch {
    return null;
  }
}
