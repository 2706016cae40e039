/** What a person asks and says about events, over HTTP (docs/sync.md §2). Nothing is thrown. */
import type { Api, Call, Result } from '@estran/kit/net/api';
import { fields, list, oneOf, text } from '../narrow';
import type { Outcome } from '../pass/api';
import type { KeptPass } from '../pass/vault';
import { readInvitation, readInvitations, type Invitation, type Invitations, type Said } from './types';

export interface EventsApi {
  invitations(): Promise<Outcome<Invitations>>;
  /** The event as it stands afterwards. The same again changes nothing. */
  reply(said: Said): Promise<Outcome<Invitation>>;
}

/** The pass of this phone, which says who asks. */
export interface Holder {
  readonly pass: KeptPass | null;
  present(pass: KeptPass, audience: string): Promise<string>;
}

/** The pass has left this phone since it was told the list. */
const NOBODY = { ok: false, code: 'unknown_pass', status: 401, problem: null } as const;

export function eventsApi(api: Api, holder: Holder): EventsApi {
  /** Who was told the list. A reply is theirs: it never goes out in the name of whose session is open here meanwhile. */
  let isBySession = false;

  /** By the pass, which no session's end stops; where there is none, or the office takes it no more, by the session. */
  async function ask<T>(call: Call<T>): Promise<Result<T>> {
    const answer = await askByPass(call);
    isBySession = answer === null || answer.status === 401;
    return answer === null || answer.status === 401 ? api.call(call) : answer;
  }

  async function askByPass<T>(call: Call<T>): Promise<Result<T> | null> {
    const answer = await prove(call);
    return answer?.ok === false && answer.code === 'stale_proof' ? prove(call) : answer; // the reply has set our clock right
  }

  async function say<T>(call: Call<T>): Promise<Result<T>> {
    return isBySession ? api.call(call) : ((await askByPass(call)) ?? NOBODY);
  }

  async function prove<T>(call: Call<T>): Promise<Result<T> | null> {
    const { pass } = holder;
    const digits = pass && (await holder.present(pass, `${pass.iss}/own`).catch(() => null));
    return digits ? api.call({ ...call, headers: { Authorization: `Pass ${digits}` } }) : null;
  }

  return {
    invitations: () => ask({ path: '/api/v1/pass/events', read: readInvitations }),
    reply: ({ eventId, coming, slotId, guests, saidAtMs }) =>
      say({
        method: 'POST',
        path: `/api/v1/pass/events/${encodeURIComponent(eventId)}/reply`,
        body: { coming, slotId, guests, saidAtMs },
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
