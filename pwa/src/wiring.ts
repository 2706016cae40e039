/** Joins this app to the world: network and clocks. */
import { Api } from '@estran/kit/net/api';
import type { PassApi } from './pass/api';
import { passApi } from './pass/http-api';
import { PhoneClock } from './state/phone-clock';

export function connect(): { api: PassApi; clock: PhoneClock } {
  const clock = new PhoneClock();
  document.addEventListener('visibilitychange', () => clock.slept());
  return { api: passApi(new Api((seen) => clock.heard(seen))), clock };
}
