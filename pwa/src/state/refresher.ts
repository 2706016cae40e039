/**
 * When to ask the office again: at once, when the page is seen again, when a network appears, and every 5 minutes while
 * it is seen; sooner after a failure, then less and less. `navigator.onLine` is not trusted: trying is the only test.
 */
import { refreshDelayMs } from '../pass/view';

/** Calls `ask` (true = answered) until the returned function is called. Never twice at once. */
export function keepRefreshing(ask: () => Promise<boolean>): () => void {
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let stopped = false;

  async function now(): Promise<void> {
    clearTimeout(timer);
    if (stopped || asking || document.visibilityState !== 'visible') return;
    asking = true;
    const answered = await ask().catch(() => false);
    asking = false;
    failures = answered ? 0 : failures + 1;
    if (!stopped) timer = setTimeout(again, refreshDelayMs(failures));
  }

  const again = (): void => void now();
  document.addEventListener('visibilitychange', again);
  window.addEventListener('online', again);
  again();
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', again);
    window.removeEventListener('online', again);
  };
}
