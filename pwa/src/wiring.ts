/** Joins this app to the world: the network, and the clock that it corrects. */
import { Api } from '@estran/kit/net/api';
import type { PhoneClock } from './state/phone-clock';

export function connect(clock: PhoneClock): Api {
  document.addEventListener('visibilitychange', () => clock.slept());
  return new Api((seen) => clock.heard(seen));
}
