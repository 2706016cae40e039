/** Joins this app to the world: the network, and the clock that it corrects. */
import { Api } from '@estran/kit/net/api';
import type { PassApi } from './pass/api';
import { passApi } from './pass/http-api';
import type { PhoneClock } from './state/phone-clock';

export function connect(clock: PhoneClock): PassApi {
  document.addEventListener('visibilitychange', () => clock.slept());
  return passApi(new Api((seen) => clock.heard(seen)));
}
