/** Keeps the screen on while somebody scans, where the browser can. Returns what lets it sleep again. */
export function keepAwake(): () => void {
  const lock = (navigator as Partial<Navigator>).wakeLock?.request('screen').catch(() => null);
  return () => void lock?.then((held) => held?.release()).catch(() => undefined);
}
