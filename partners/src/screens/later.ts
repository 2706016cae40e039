/**
 * The screens that are not needed at once, fetched apart. All are fetched soon after the start: on its very first visit
 * a page has no service worker behind it yet, and must be whole before it goes where there is no network.
 */
export const later = {
  Cut: () => import('./Cut.svelte'),
  Help: () => import('./Help.svelte'),
  Pair: () => import('./Pair.svelte'),
  State: () => import('./State.svelte'),
  Today: () => import('./Today.svelte'),
};

/** True once all are here. */
export async function fetchAll(): Promise<boolean> {
  try {
    await Promise.all(Object.values(later).map((fetchOne) => fetchOne()));
    return true;
  } catch {
    return false;
  }
}
