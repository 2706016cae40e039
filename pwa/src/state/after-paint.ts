/**
 * Calls `work` once what is on its way to the screen is there, unless the returned function is called first. One frame
 * is drawn after its callback: only the second callback knows that the first frame is through.
 */
export function afterPaint(work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame = requestAnimationFrame(() => {
    frame = requestAnimationFrame(() => {
      timer = setTimeout(work);
    });
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
