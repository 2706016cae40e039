import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Api } from '@estran/kit/net/api';
import { eventsApi, type EventsApi, type Holder } from '../src/events/api';
import { groupOf, groupsOf, stageAt } from '../src/events/standing';
import { readInvitations, type Invitation, type Invitations, type Mine, type Words } from '../src/events/types';
import { dayAndTime, spanWords, untilWords } from '../src/events/when';
import type { Outcome } from '../src/pass/api';
import { Vault, type KeptPass } from '../src/pass/vault';
import { EventsState } from '../src/state/events.svelte';
import { NOW_MS } from './issuer';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const COME: Words = { coming: true, slotId: 'morning', guests: 1 };
const NOT: Words = { coming: false, slotId: null, guests: 0 };
const silence = { ok: false, code: 'network', status: 0 } as const;
const no = (code: string, status: number) => ({ ok: false, code, status }) as const;

const AWAITED: Mine = { reply: 'awaited', slotId: null, guests: 0, saidAtMs: null, rank: null, came: null };

function invitation(id: string, mine: Partial<Mine> = {}, more: Partial<Invitation> = {}): Invitation {
  const startsAtMs = NOW_MS + 10 * DAY_MS;
  return {
    id,
    stage: 'open',
    title: { fr: 'Sortie à pied', en: '' },
    about: { fr: '', en: '' },
    venue: 'Observatoire',
    address: '',
    commune: 'Granville',
    place: '',
    placeEn: 'The slipway',
    access: '',
    accessEn: '',
    bring: '',
    bringEn: 'Boots',
    guestsMax: 2,
    newcomersFirst: false,
    replyByMs: NOW_MS + 3 * DAY_MS,
    cancelledWhy: '',
    slots: [{ id: 'morning', startsAtMs, endsAtMs: startsAtMs + 2 * HOUR_MS, note: '', left: 4, waiting: 0 }],
    mine: { ...AWAITED, ...mine },
    ...more,
  };
}

let names = 0;
let vault: Vault;
let sent: [string, Words][];
let page: Outcome<Invitations>;
let answers: Outcome<Invitation>[];
let api: EventsApi;

function list(...events: Invitation[]): Outcome<Invitations> {
  return { ok: true, value: { whose: 'camille', zone: 'Europe/Paris', toldAtMs: NOW_MS, events } };
}

beforeEach(() => {
  vault = new Vault(`events-${(names += 1)}`);
  sent = [];
  answers = [];
  page = list(invitation('walk'));
  api = {
    invitations: () => Promise.resolve(page),
    reply: ({ eventId, coming, slotId, guests }) => {
      sent.push([eventId, { coming, slotId, guests }]);
      return Promise.resolve(answers.shift() ?? silence);
    },
  };
});

function open(nowMs = NOW_MS): EventsState {
  return new EventsState({ vault, api, nowMs: () => nowMs });
}

async function told(): Promise<EventsState> {
  const events = open();
  await events.exchange();
  return events;
}

async function reply(events: EventsState, words: Words, id = 'walk'): Promise<void> {
  const event = events.page?.events.find((one) => one.id === id);
  if (!event) throw new Error('no such event');
  await events.keep(event, words);
  await events.send();
}

describe('what the office says', () => {
  it('is narrowed once: what cannot be shown is left out', () => {
    const good = invitation('walk');
    const read = readInvitations({
      whose: 'camille',
      zone: 'Europe/Paris',
      toldAtMs: 5,
      events: [good, { ...good, slots: [] }, { ...good, stage: 'dreamt' }, { ...good, mine: null }, 7, null],
    });
    expect(read?.events).toEqual([good]);
    for (const body of [null, [], 'x', {}, { whose: '' }, { whose: 3 }]) expect(readInvitations(body)).toBeNull();
    expect(readInvitations({ whose: 'camille', events: 'none' })?.events).toEqual([]);
  });
});

describe('where an event stands', () => {
  it('moves on with the clock, without the office', () => {
    const event = invitation('walk');
    expect(stageAt(event, NOW_MS + 3 * DAY_MS)).toBe('open');
    expect(stageAt(event, NOW_MS + 3 * DAY_MS + 1)).toBe('closed');
    expect(stageAt(event, NOW_MS + 10 * DAY_MS + 2 * HOUR_MS)).toBe('held');
    const cancelled = invitation('walk', {}, { stage: 'cancelled' });
    expect(stageAt(cancelled, NOW_MS + 99 * DAY_MS)).toBe('cancelled');
  });

  it('groups: what waits for a reply first, by its deadline; what is past last, newest first', () => {
    const soon = { replyByMs: NOW_MS + DAY_MS };
    const past = (id: string, days: number) => {
      const endsAtMs = NOW_MS - days * DAY_MS;
      const slots = [{ id: 's', startsAtMs: endsAtMs - HOUR_MS, endsAtMs, note: '', left: null, waiting: 0 }];
      return invitation(id, {}, { slots, stage: 'summed' });
    };
    const events = [
      past('old', 9),
      past('newer', 2),
      invitation('late'),
      invitation('soon', {}, soon),
      invitation('coming', { reply: 'coming', slotId: 'morning' }),
      invitation('waiting', { reply: 'waiting', slotId: 'morning' }),
      invitation('no', { reply: 'declined' }),
      invitation('missed', {}, { replyByMs: NOW_MS - 1 }),
      invitation('off', {}, { stage: 'cancelled' }),
    ];
    const groups = groupsOf(events, [], NOW_MS);
    const ids = Object.fromEntries(Object.entries(groups).map(([group, found]) => [group, found.map(({ id }) => id)]));
    expect(ids).toEqual({
      asked: ['soon', 'late'],
      mine: ['coming', 'waiting'],
      other: ['no', 'missed', 'off'],
      past: ['newer', 'old'],
    });
  });

  it('counts as past once the slot one came to is over', () => {
    const two = [
      { id: 'a', startsAtMs: NOW_MS - 2 * HOUR_MS, endsAtMs: NOW_MS - HOUR_MS, note: '', left: 1, waiting: 0 },
      { id: 'b', startsAtMs: NOW_MS + HOUR_MS, endsAtMs: NOW_MS + 2 * HOUR_MS, note: '', left: 1, waiting: 0 },
    ];
    expect(groupOf(invitation('walk', { reply: 'coming', slotId: 'a' }, { slots: two }), null, NOW_MS)).toBe('past');
    expect(groupOf(invitation('walk', { reply: 'coming', slotId: 'b' }, { slots: two }), null, NOW_MS)).toBe('mine');
  });

  it('is said in the zone of the club', () => {
    expect(dayAndTime(Date.UTC(2026, 11, 5, 17, 30), 'fr', 'Europe/Paris')).toEqual({
      day: 'samedi 5 décembre 2026',
      time: '18\u202fh\u202f30',
    });
    const night = { startsAtMs: Date.UTC(2026, 4, 1, 20), endsAtMs: Date.UTC(2026, 4, 2, 0) };
    expect(spanWords(night, 'en', 'Europe/Paris')).toEqual({
      day: 'Friday 1 May 2026',
      from: '22:00',
      to: '02:00',
      lastDay: 'Saturday 2 May 2026',
    });
    expect(spanWords({ ...night, endsAtMs: night.startsAtMs + HOUR_MS }, 'fr', 'Europe/Paris').lastDay).toBe('');
    const evening = { ...night, endsAtMs: Date.UTC(2026, 4, 1, 22) };
    expect(spanWords(evening, 'fr', 'Europe/Paris')).toMatchObject({ to: 'minuit', lastDay: '' });
    expect(untilWords(evening.endsAtMs, 'fr', 'Europe/Paris')).toEqual({
      day: 'vendredi 1er mai 2026',
      time: 'minuit',
    });
  });
});

describe('a reply', () => {
  it('is sent at once, and what the office made of it is shown', async () => {
    const events = await told();
    expect(events.asked).toBe(1);
    answers = [{ ok: true, value: invitation('walk', { reply: 'waiting', slotId: 'morning', guests: 1, rank: 2 }) }];
    await reply(events, COME);
    expect(sent).toEqual([['walk', COME]]);
    expect(events.page?.events[0]?.mine).toMatchObject({ reply: 'waiting', rank: 2 });
    expect([events.said, events.asked]).toEqual([[], 0]);
  });

  it('given without network is kept over a restart, and leaves when there is some', async () => {
    await reply(await told(), COME);
    sent = [];
    const later = open();
    page = silence;
    expect(await later.exchange()).toBe(false);
    expect(later.saidOf('walk')).toMatchObject({ ...COME, state: 'waiting' });
    expect([later.asked, later.isUnheard, sent]).toEqual([0, true, []]);
    page = list(invitation('walk'));
    answers = [{ ok: true, value: invitation('walk', { reply: 'coming', slotId: 'morning', guests: 1 }) }];
    expect(await later.exchange()).toBe(true);
    expect(sent).toEqual([['walk', COME]]);
    expect([later.said, later.isUnheard]).toEqual([[], false]);
    expect((await vault.events())?.said).toEqual([]);
  });

  it('is replaced by a later one: only the last word is sent', async () => {
    const events = await told();
    page = silence;
    await reply(events, COME);
    await reply(events, NOT);
    expect(events.said).toHaveLength(1);
    page = list(invitation('walk'));
    answers = [{ ok: true, value: invitation('walk', { reply: 'declined' }) }];
    await events.exchange();
    expect(sent).toEqual([['walk', NOT]]);
  });

  it('said while another one is on its way stays, and is sent after it', async () => {
    const events = await told();
    let arrive: (answer: Outcome<Invitation>) => void = () => undefined;
    vi.spyOn(api, 'reply').mockImplementationOnce((said) => {
      sent.push([said.eventId, said]);
      return new Promise((resolve) => (arrive = resolve));
    });
    const event = events.page?.events[0];
    if (!event) throw new Error('no event');
    await events.keep(event, COME);
    const sending = events.send();
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    await events.keep(event, NOT);
    arrive({ ok: true, value: invitation('walk', { reply: 'coming', slotId: 'morning' }) });
    await sending;
    expect(events.saidOf('walk')).toMatchObject(NOT);
    answers = [{ ok: true, value: invitation('walk', { reply: 'declined' }) }];
    await events.exchange();
    expect(sent.map(([, { coming }]) => coming)).toEqual([true, false]);
    expect(events.page?.events[0]?.mine.reply).toBe('declined');
  });

  it('says when it was given: after what was on the screen, and after the one it replaces, whatever the clock', async () => {
    page = list(invitation('walk', { reply: 'declined', saidAtMs: NOW_MS + 500 }));
    const events = await told();
    page = silence;
    await reply(events, COME);
    expect(events.saidOf('walk')?.saidAtMs).toBe(NOW_MS + 501);
    await reply(events, NOT);
    expect(events.saidOf('walk')?.saidAtMs).toBe(NOW_MS + 502);
  });

  it('gives way to one that was given later elsewhere, which is shown then', async () => {
    const events = await told();
    answers = [no('replied_since', 409)];
    const since = list(invitation('walk', { reply: 'declined', saidAtMs: NOW_MS + DAY_MS }));
    vi.spyOn(api, 'invitations').mockResolvedValueOnce(page).mockResolvedValueOnce(since);
    await reply(events, COME);
    expect(events.saidOf('walk')).toMatchObject({ state: 'refused', code: 'replied_since', coming: true });
    expect(events.page?.events[0]?.mine).toMatchObject({ reply: 'declined', saidAtMs: NOW_MS + DAY_MS });
  });

  it('waits for signing in, and the list stays', async () => {
    const events = await told();
    page = no('signed_out', 401);
    await reply(events, COME);
    expect([events.isSignedOut, sent]).toEqual([true, []]);
    expect(events.page?.events).toHaveLength(1);
    expect(await events.exchange()).toBe(true); // nobody is asked again and again
    page = list(invitation('walk'));
    answers = [{ ok: true, value: invitation('walk', { reply: 'coming', slotId: 'morning' }) }];
    await events.exchange();
    expect([events.isSignedOut, sent.length]).toEqual([false, 1]);
  });

  it.each([
    ['replies_closed', 409],
    ['no_place_left', 409],
    ['bad_slot', 422],
  ])(
    'that the office refuses (%s) is not sent again, and the refusal stays until it was read',
    async (code, status) => {
      const events = await told();
      answers = [no(code, status)];
      await reply(events, COME);
      expect(events.saidOf('walk')).toMatchObject({ state: 'refused', code });
      await events.exchange();
      expect(sent).toHaveLength(1);
      expect(events.asked).toBe(1); // what the office has counts
      await events.forget('walk');
      expect((await vault.events())?.said).toEqual([]);
    },
  );

  it.each([429, 500, 503])('waits when the office cannot answer now (%s)', async (status) => {
    const events = await told();
    answers = [no('busy', status)];
    await reply(events, COME);
    expect(events.saidOf('walk')?.state).toBe('waiting');
  });

  it('to an invitation that is no more goes with it', async () => {
    const events = await told();
    answers = [no('unknown_event', 404)];
    await reply(events, COME);
    expect([events.page?.events, events.said]).toEqual([[], []]);
  });

  it('is never sent as another person’s', async () => {
    const events = await told();
    page = silence;
    await reply(events, COME);
    page = {
      ok: true,
      value: { whose: 'odile', zone: 'Europe/Paris', toldAtMs: NOW_MS, events: [invitation('walk')] },
    };
    await events.exchange();
    expect([sent, events.said, events.asked]).toEqual([[], [], 1]);
    page = list(invitation('walk'));
    answers = [{ ok: true, value: invitation('walk', { reply: 'coming', slotId: 'morning' }) }];
    await events.exchange();
    expect(sent).toHaveLength(1);
  });

  it('goes with the pass that is taken off the device', async () => {
    const events = await told();
    page = silence;
    await reply(events, COME);
    await vault.forgetPass();
    await events.load();
    expect([events.page, events.said]).toEqual([null, []]);
  });

  it('is given even where the browser keeps nothing', async () => {
    vi.spyOn(vault, 'events').mockRejectedValue(new Error('no storage'));
    vi.spyOn(vault, 'changeEvents').mockRejectedValue(new Error('no storage'));
    const events = await told();
    answers = [{ ok: true, value: invitation('walk', { reply: 'coming', slotId: 'morning' }) }];
    await reply(events, COME);
    expect(events.page?.events[0]?.mine.reply).toBe('coming');
  });
});

describe('who asks', () => {
  const kept = { iss: 'https://pass.example.org' } as KeptPass;
  const body = { whose: 'camille', zone: 'Europe/Paris', toldAtMs: 5, events: [] };
  const yes = (): Response => Response.json(body);
  const refusal = (code: string): Response => Response.json({ code }, { status: 401 });
  let asked: (string | null)[];
  let signed: string[];

  function asking(pass: KeptPass | null, ...replies: Response[]): EventsApi {
    asked = [];
    signed = [];
    const holder: Holder = {
      pass,
      present: (_, audience) => Promise.resolve(`${signed.push(audience)}`),
    };
    const net = new Api(undefined, (_, init) => {
      asked.push(new Headers(init?.headers).get('authorization'));
      return Promise.resolve(replies.shift() ?? Response.error());
    });
    return eventsApi(net, holder);
  }

  it('is said by the pass, with a proof that is for nobody else', async () => {
    expect((await asking(kept, yes()).invitations()).ok).toBe(true);
    expect([asked, signed]).toEqual([['Pass 1'], ['https://pass.example.org/own']]);
  });

  it('is proved anew when the clock was wrong', async () => {
    expect((await asking(kept, refusal('stale_proof'), yes()).invitations()).ok).toBe(true);
    expect(asked).toEqual(['Pass 1', 'Pass 2']);
  });

  it('is said by the session where the pass has ended, and where there is none', async () => {
    expect((await asking(kept, refusal('unknown_pass'), yes()).invitations()).ok).toBe(true);
    expect(asked).toEqual(['Pass 1', null]);
    expect((await asking(null, refusal('signed_out')).invitations()).ok).toBe(false);
    expect(asked).toEqual([null]);
  });

  it('is whoever was told the list: a pass that has ended meanwhile says nothing by a session, which may be another’s', async () => {
    const said = { ...COME, id: 'one', eventId: 'walk', whose: 'camille', saidAtMs: 5, state: 'waiting' } as const;
    const byPass = asking(kept, yes(), refusal('unknown_pass'), yes());
    await byPass.invitations();
    expect(await byPass.reply(said)).toMatchObject({ ok: false, status: 401 });
    expect(asked).toEqual(['Pass 1', 'Pass 2']);
    const bySession = asking(kept, refusal('unknown_pass'), yes(), yes());
    await bySession.invitations();
    await bySession.reply(said);
    expect(asked).toEqual(['Pass 1', null, null]);
  });

  it('is asked once where nobody answers', async () => {
    expect(await asking(kept).invitations()).toMatchObject({ ok: false, status: 0 });
    expect(asked).toHaveLength(1);
  });
});
