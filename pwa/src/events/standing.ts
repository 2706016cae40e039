/** Where an event stands on this device, at this instant, with what was said here and not yet taken. Pure. */
import type { Invitation, Reply, Said, Slot, Stage } from './types';

/** `asked`: a reply is waited for; `mine`: one comes, or waits for a place; `other`: to come without one; `past`: over. */
export type Group = 'asked' | 'mine' | 'other' | 'past';
export const GROUPS: readonly Group[] = ['asked', 'mine', 'other', 'past'];

/** What one has said, be it sent or not. */
export interface Standing {
  readonly reply: Reply;
  readonly slot: Slot | null;
  readonly guests: number;
}

/** The office's word, and what the clock alone has changed since. */
export function stageAt(event: Invitation, nowMs: number): Stage {
  if (event.stage !== 'open' && event.stage !== 'closed') return event.stage;
  if (nowMs >= Math.max(...event.slots.map(({ endsAtMs }) => endsAtMs))) return 'held';
  return event.replyByMs !== null && nowMs > event.replyByMs ? 'closed' : event.stage;
}

/** `said`: the reply to this event that waits to be sent, if any. */
export function standing(event: Invitation, said: Said | null): Standing {
  const { reply, slotId, guests } = event.mine;
  if (said?.state !== 'waiting') return { reply, slot: slotOf(event, slotId), guests };
  if (!said.coming) return { reply: 'declined', slot: null, guests: 0 };
  return { reply: 'coming', slot: slotOf(event, said.slotId), guests: said.guests };
}

function slotOf({ slots }: Invitation, id: string | null): Slot | null {
  return slots.find((one) => one.id === id) ?? null;
}

export function groupOf(event: Invitation, said: Said | null, nowMs: number): Group {
  const { reply, slot } = standing(event, said);
  const stage = stageAt(event, nowMs);
  const times = slot ? [slot] : event.slots;
  if (stage === 'held' || stage === 'summed' || times.every(({ endsAtMs }) => endsAtMs <= nowMs)) return 'past';
  if (reply === 'coming' || reply === 'waiting') return 'mine';
  return stage === 'open' && reply === 'awaited' ? 'asked' : 'other';
}

/** Each group in its order in time; what is past, newest first. `said`: this person's own. */
export function groupsOf(
  events: readonly Invitation[],
  said: readonly Said[],
  nowMs: number,
): Readonly<Record<Group, readonly Invitation[]>> {
  const groups: Record<Group, Invitation[]> = { asked: [], mine: [], other: [], past: [] };
  for (const event of events) {
    groups[groupOf(event, said.find(({ eventId }) => eventId === event.id) ?? null, nowMs)].push(event);
  }
  groups.asked.sort((one, other) => (one.replyByMs ?? Infinity) - (other.replyByMs ?? Infinity));
  groups.past.reverse();
  return groups;
}
