/** Runs `work` while no other window of this app does, where the browser can promise that; else simply runs it. */
export function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks as LockManager | undefined; // iOS before 15.4 has none
  return locks ? (locks.request(name, work) as Promise<T>) : work();
}
