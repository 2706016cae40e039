/** Calls `tick` now and at the start of every second while the page is visible, until the returned function is called. */
export function everySecond(tick: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function beat(): void {
    clearTimeout(timer);
    if (document.visibilityState !== 'visible') return;
    tick();
    timer = setTimeout(beat, 1000 - (Date.now() % 1000) + 5);
  }

  document.addEventListener('visibilitychange', beat);
  beat();
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', beat);
  };
}
