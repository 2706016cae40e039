/**
 * What the very first screen, that of a browser which is no scanner yet, does not need: fetched apart. All of it is
 * fetched as soon as somebody begins to pair, and at each start of a paired scanner: on its first visit a page has no
 * service worker behind it yet, and must be whole before it goes where there is no network.
 */
export const later = {
  CodeCamera: () => import('../parts/CodeCamera.svelte'),
  Cut: () => import('./Cut.svelte'),
  Help: () => import('./Help.svelte'),
  Pair: () => import('./Pair.svelte'),
  State: () => import('./State.svelte'),
  Today: () => import('./Today.svelte'),
  Venue: () => import('./Venue.svelte'),
  rehearsing: () => import('./rehearsing'),
  visitor: () => import('./visitor'),
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
