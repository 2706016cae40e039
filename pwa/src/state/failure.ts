import type { Key } from '../text';

/** What to say of a failure that has no words of its own. */
export function failure(status: number): Key {
  if (status === 0) return 'error.network';
  return status === 429 ? 'error.tooFast' : 'error.other';
}
