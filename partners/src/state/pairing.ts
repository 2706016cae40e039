/** What is asked of a pairing before the server is. Pure. */
import type { Key } from '../text';

export function badSecret(code: string): boolean {
  return !/^[0-9A-Z]{8,64}$/i.test(code.replace(/[\s-]/g, ''));
}

export function badLabel(label: string): boolean {
  const length = label.trim().length;
  return length < 1 || length > 40;
}

/** Letters at both ends; apostrophes, dashes and spaces between. */
export function badWord(word: string): boolean {
  const said = word.trim();
  return said.length < 3 || said.length > 20 || !/^\p{L}[\p{L}'’ -]*\p{L}$/u.test(said);
}

export function errorOf(code: string, status: number): Key {
  if (code === 'unknown_pairing') return 'pair.error.unknown';
  if (code === 'pairing_ended') return 'pair.error.ended';
  if (code === 'too_many_devices') return 'pair.error.rooms';
  if (code === 'too_many_pending') return 'pair.error.waiting';
  if (code === 'bad_label') return 'pair.error.label';
  if (code === 'bad_word') return 'pair.error.word';
  if (code === 'no_storage') return 'error.storage';
  if (status === 429) return 'pair.error.many';
  return status === 0 ? 'pair.error.network' : 'pair.error.other';
}
