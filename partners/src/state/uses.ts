/** What this scanner's own list adds to the office's news: uses of the year, visits of today. Pure. */
import type { Snapshot } from '../net/wire';
import { yearOf } from './day';
import type { Device, Entry } from './vault';

/** How often this ambassador has used each benefit here this year: the office's count and what it has not seen yet. */
export function usesOf(
  sub: string,
  snapshot: Snapshot,
  entries: readonly Entry[],
  device: Pick<Device, 'deviceId'>,
  today: string,
): Record<string, number> {
  const year = yearOf(today);
  const sameYear = snapshot.usedYear === year;
  const uses: Record<string, number> = {};
  for (const { id } of snapshot.benefits) uses[id] = (sameYear ? snapshot.used[id]?.[sub] : 0) ?? 0;
  for (const entry of entries) {
    const { benefitId } = entry;
    if (entry.sub !== sub || benefitId === null || entry.venueId !== snapshot.venue.id) continue;
    if (entry.outcome !== 'admitted' || yearOf(entry.day) !== year) continue;
    const known = sameYear ? snapshot.lastSeq : 0;
    uses[benefitId] = (uses[benefitId] ?? 0) + unseen(entry, entry.deviceId === device.deviceId ? known : null);
  }
  return uses;
}

/** +1 for a visit the office has not counted, −1 for a counted one it does not know to be undone, else 0. */
function unseen(entry: Entry, lastSeq: number | null): -1 | 0 | 1 {
  // of an earlier pairing all that is known is whether it was sent
  const counted = lastSeq === null ? entry.sent !== null : entry.seq <= lastSeq;
  if (!entry.undone) return counted ? 0 : 1;
  const undoCounted = lastSeq === null ? entry.undone.sent : entry.undone.seq <= lastSeq;
  return counted && !undoCounted ? -1 : 0;
}

/** This ambassador's last visit here today, or null. */
export function previousVisit(sub: string, entries: readonly Entry[], venueId: string, today: string): Entry | null {
  const visits = entries.filter(
    (entry) =>
      entry.sub === sub &&
      entry.venueId === venueId &&
      entry.day === today &&
      entry.outcome === 'admitted' &&
      !entry.undone,
  );
  return visits.reduce<Entry | null>((last, entry) => (last && last.atMs >= entry.atMs ? last : entry), null);
}
