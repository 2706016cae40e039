/**
 * Hands in what is queued: at least once, in order, in batches. An item leaves the queue only when the server said it
 * has it; a reply that was lost makes the server say `duplicate` next time. Used by the page and by the service worker.
 */
import type { Result } from '@estran/kit/net/api';
import type { Server } from '../net/server';
import type { Item, Receipt, Received } from '../net/wire';
import type { Device, Vault } from './vault';

export const BATCH = 100;

export interface Handed {
  /** Whether everything that was queued is now with the server. */
  readonly done: boolean;
  /** Why not, when it is not: the problem's code. */
  readonly code: string | null;
  /** What the server says of the present pairing, when it said something. */
  readonly device: Received['device'] | null;
}

export async function handIn(vault: Vault, server: Server, meta: Meta): Promise<Handed> {
  const present = (await vault.read()).device?.deviceId;
  let handed: Handed = { done: true, code: null, device: null };
  for (const { device, items } of await vault.queues()) {
    const outcome = await handInAll(vault, server, meta, device, items);
    if (outcome.code === 'unknown_device' && device.deviceId !== present) await vault.adopt(device);
    handed = {
      done: handed.done && outcome.done,
      code: handed.code ?? outcome.code,
      device: device.deviceId === present ? outcome.device : handed.device,
    };
  }
  return handed;
}

/** What accompanies each delivery. */
export interface Meta {
  readonly appVersion: string;
  readonly statusVersion: number | null;
}

async function handInAll(
  vault: Vault,
  server: Server,
  meta: Meta,
  device: Device,
  items: readonly Item[],
): Promise<Handed> {
  let size = BATCH;
  let left = items;
  let skipped = 0;
  let said: Received['device'] | null = null;
  while (left.length > 0) {
    const batch = left.slice(0, size);
    const result = await deliver(server, meta, device, batch, left.length + skipped);
    if (result.ok) {
      await vault.acknowledge(namedBy(batch, result.value));
      said = result.value.device;
      skipped += batch.length - result.value.results.length;
    } else if (!isRefused(result.status)) {
      return { done: false, code: result.status === 401 ? 'unknown_device' : result.code, device: said };
    } else if (batch.length > 1) {
      size = Math.ceil(batch.length / 2); // one of them is in the way: find it, let the others through
      continue;
    } else {
      skipped += 1; // it stays in the queue, where it is counted and can be saved as a file
    }
    left = left.slice(batch.length);
  }
  return { done: skipped === 0, code: skipped === 0 ? null : 'kept_back', device: said };
}

/** Where the server could not read an item's id, its place in the batch tells. */
function namedBy(batch: readonly Item[], { results }: Received): { id: string; result: Receipt }[] {
  return results.flatMap(({ id, result }, place) => {
    const named = id ?? batch[place]?.id;
    return named === undefined ? [] : [{ id: named, result }];
  });
}

function deliver(
  server: Server,
  meta: Meta,
  device: Device,
  items: readonly Item[],
  queueLength: number,
): Promise<Result<Received>> {
  return server.deliver(device.token, { sentAtMs: Date.now(), queueLength, ...meta, items });
}

/** The server understood the call and will not take this body: trying the same again would block all others. */
function isRefused(status: number): boolean {
  return status === 400 || status === 413 || status === 422;
}
