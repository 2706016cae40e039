/** iOS keeps what a page stores for about 7 days without a visit, unless it stands on the home screen. */
export function needsHomeScreen(): boolean {
  const { userAgent, maxTouchPoints } = navigator;
  const ios = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  return ios && !matchMedia('(display-mode: standalone)').matches;
}
