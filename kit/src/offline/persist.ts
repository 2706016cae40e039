/**
 * Asks the browser not to evict what this app keeps. True when it promised; false when it did not, or cannot
 * (WebKitGTK has no `persist`, an insecure page has no `storage`): the app works all the same.
 */
export async function askPersistence(): Promise<boolean> {
  const storage = globalThis.navigator?.storage as Partial<StorageManager> | undefined;
  if (typeof storage?.persist !== 'function') return false;
  try {
    return (await storage.persisted?.()) === true || (await storage.persist());
  } catch {
    return false;
  }
}
