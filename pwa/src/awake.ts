/**
 * Keeps the screen lit until the returned function is called. The browser takes the lock away whenever the page is
 * hidden: it is asked for again on return. Where there is no wake lock the phone's own delay applies.
 */
export function keepAwake(): () => void {
  const wakeLock = globalThis.navigator?.wakeLock as WakeLock | undefined;
  if (!wakeLock) return () => undefined;
  let held: WakeLockSentinel | null = null;
  let wanted = true;

  async function ask(lock: WakeLock): Promise<void> {
    if (!wanted || document.visibilityState !== 'visible' || (held && !held.released)) return;
    try {
      const sentinel = await lock.request('screen');
      if (wanted) held = sentinel;
      else await sentinel.release();
    } catch {
      // low battery or a refusal: the pass is shown all the same
    }
  }

  const again = (): void => void ask(wakeLock);
  document.addEventListener('visibilitychange', again);
  again();
  return () => {
    wanted = false;
    document.removeEventListener('visibilitychange', again);
    held?.release().catch(() => undefined);
  };
}
