/** One window at a time: Web Locks where the browser has them, else a lease in the database. */
import type { Vault } from './vault';
import { uuid } from '@estran/kit/store/uuid';

const LEASE_MS = 90_000;
const me = uuid();

/** Runs `work` unless another window is at it; null when one is. */
export async function alone<T>(name: string, vault: Vault, work: () => Promise<T>): Promise<T | null> {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  if (locks) {
    return (await locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : null))) as T | null;
  }
  if (!(await vault.takeLease(me, Date.now(), Date.now() + LEASE_MS))) return null;
  try {
    return await work();
  } finally {
    await vault.giveLease(me);
  }
}
