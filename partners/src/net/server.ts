/** The four calls of a scanner (docs/sync.md §3-§5). */
import type { Api, Result } from '@estran/kit/net/api';
import { readNumbered, readPaired, readReceived, readSnapshot } from './read';
import type { Delivery, Numbered, Paired, Received, Snapshot } from './wire';

export interface Server {
  pair(secret: string, label: string, word: string): Promise<Result<Paired>>;
  /** The value is null when nothing has changed since `etag`. */
  snapshot(token: string, etag: string | null, statusVersion: number | null): Promise<Result<Snapshot | null>>;
  deliver(token: string, delivery: Delivery): Promise<Result<Received>>;
  /** Whose pass has this number. Somebody waits at the desk: soon, or not at all. */
  lookUp(token: string, number: string): Promise<Result<Numbered>>;
}

export function serverAt(api: Api): Server {
  return {
    pair: (secret, label, word) =>
      api.call({ method: 'POST', path: '/api/v1/pairing', body: { secret, label, word }, read: readPaired }),
    snapshot: (token, etag, statusVersion) =>
      api.call<Snapshot | null>({
        path: '/api/v1/snapshot',
        token,
        ...(etag === null ? {} : { etag }),
        // so that the office knows which scanners know of a revocation
        headers: statusVersion === null ? {} : { 'Estran-Status-Version': String(statusVersion) },
        read: readSnapshot,
      }),
    deliver: (token, delivery) =>
      api.call({
        method: 'POST',
        path: '/api/v1/visits',
        token,
        body: delivery,
        timeoutMs: 30_000,
        read: readReceived,
      }),
    lookUp: (token, number) =>
      api.call({
        method: 'POST',
        path: '/api/v1/numbers',
        token,
        body: { number },
        timeoutMs: 4_000,
        read: readNumbered,
      }),
  };
}
