/** Telling a visit over HTTP (docs/sync.md §8). Every outcome is a value. */
import type { Api, Result } from '@estran/kit/net/api';
import { readNoted, type Noted, type ToldVisit } from './types';

export type Tell = (visit: ToldVisit) => Promise<Result<Noted>>;

export function tellVia(api: Api): Tell {
  return ({ id, digits, venueId, pin, benefitId, companions, guests, children, toldAtMs, again }) =>
    api.call({
      method: 'POST',
      path: '/api/v1/pass/visits',
      body: { id, digits, venueId, pin, benefitId, companions, guests, children, toldAtMs, again },
      read: readNoted,
    });
}
