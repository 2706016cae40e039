/** What a person asks and says about events, over HTTP (docs/sync.md §2). Nothing is thrown. */
import type { Api } from '@estran/kit/net/api';
import { fields, list, oneOf, text } from '../narrow';
import type { Outcome } from '../pass/api';
import { readInvitation, readInvitations, type Invitation, type Invitations, type Words } from './types';

export interface EventsApi {
  invitations(): Promise<Outcome<Invitations>>;
  /** The event as it stands afterwards. The same again changes nothing. */
  reply(eventId: string, words: Words): Promise<Outcome<Invitation>>;
}

export function eventsApi(api: Api): EventsApi {
  return {
    invitations: () => api.call({ path: '/api/v1/pass/events', read: readInvitations }),
    reply: (eventId, { coming, slotId, guests }) =>
      api.call({
        method: 'POST',
        path: `/api/v1/pass/events/${encodeURIComponent(eventId)}/reply`,
        body: { coming, slotId, guests },
        read: readInvitation,
      }),
  };
}

/** What somebody may do without. */
export const TOPICS = ['invitations', 'reminders', 'thanks'] as const;
export type Topic = (typeof TOPICS)[number];

export interface LettersApi {
  letters(): Promise<Outcome<readonly Topic[]>>;
  choose(wanted: readonly Topic[]): Promise<Outcome<readonly Topic[]>>;
  /** Whether some address of one's calendar is in use. */
  calendar(): Promise<Outcome<boolean>>;
  /** A new address, told this once. */
  makeCalendar(): Promise<Outcome<string>>;
  endCalendar(): Promise<Outcome<unknown>>;
}

export function lettersApi(api: Api): LettersApi {
  const letters = '/api/v1/pass/letters';
  const calendar = '/api/v1/pass/calendar';
  return {
    letters: () => api.call({ path: letters, read: readTopics }),
    choose: (wanted) => api.call({ method: 'POST', path: letters, body: { wanted }, read: readTopics }),
    calendar: () => api.call({ path: calendar, read: (body) => fields(body)?.has === true }),
    makeCalendar: () => api.call({ method: 'POST', path: calendar, read: (body) => text(fields(body)?.url) || null }),
    endCalendar: () => api.call({ method: 'DELETE', path: calendar, read: () => true }),
  };
}

function readTopics(body: unknown): readonly Topic[] | null {
  const from = fields(body);
  return (
    from &&
    list(from.wanted)
      .map((one) => oneOf(TOPICS, one))
      .filter((one) => one !== null)
  );
}
