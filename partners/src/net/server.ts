/** The three calls of a scanner (docs/sync.md §3-§5). */
import type { Api, Result } from '@estran/kit/net/api';
import { readPaired, readReceived, readSnapshot } from './read';
import type { Delivery, Paired, Received, Snapshot } from './wire';

export interface Server {
  pair(secret: string, label: string, word: string): Promise<Result<Paired>>;
  /** The value is null when nothing has changed since `etag`. */
  snapshot(token: string, etag: string | null, statusVersion: number | null): Promise<Result<Snapshot | null>>;
  deliver(token: string, delivery: Delivery): Promise<Result<Received>>;
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
  };
}
