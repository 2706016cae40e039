import { Api } from '@estran/kit/net/api';
import { describe, expect, it, vi } from 'vitest';
import { clubApi, type ClubApi } from '../src/club/api';
import { blocksOf } from '../src/club/blocks';
import { onDay, when } from '../src/club/instants';
import { readManifesto, readMyData, type ManifestoPage, type MyData } from '../src/club/types';
import type { Outcome } from '../src/pass/api';
import { particulars, sectionsOf, type Line, type Tongue } from '../src/screens/personal/sections';
import { INTERESTS_MAX, ManifestoState, REMARK_MAX } from '../src/state/manifesto.svelte';
import { MyDataState } from '../src/state/my-data.svelte';
import type { ClubKey } from '../src/text/personal';
import { personalFr } from '../src/text/personal-fr';

const PAGE = {
  current: {
    id: 'm2',
    version: '2.0',
    title: 'Le manifeste',
    body: 'Bonjour',
    publishedOn: '2026-06-01',
    effectiveOn: '2026-07-01',
    isMajor: true,
  },
  signed: { version: '1.0', on: '2025-05-03', interests: '' },
  need: 'sign',
  by: '2026-06-30',
  draft: {
    id: 'm3',
    version: '2.1',
    title: 'Projet',
    body: 'Bonsoir',
    comments: [{ name: 'Odile P.', on: '2026-06-02', text: 'Bien dit.', isMine: false }],
  },
};
const page = (changes: object = {}): ManifestoPage => readManifesto({ ...PAGE, ...changes })!;
const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });
const refused = (status: number, code = 'x'): Outcome<never> => ({ ok: false, code, status });

function makeApi(changes: Partial<ClubApi> = {}): ClubApi {
  const same = (): Promise<Outcome<ManifestoPage>> => Promise.resolve(ok(page()));
  const yes = (): Promise<Outcome<unknown>> => Promise.resolve(ok(true));
  return {
    manifesto: same,
    sign: same,
    read: same,
    comment: same,
    data: () => Promise.resolve(ok(readMyData({ person: {} })!)),
    request: yes,
    leave: yes,
    ...changes,
  };
}

describe('the manifesto’s text', () => {
  it('becomes headings, lists and paragraphs', () => {
    expect(blocksOf('Un mot.\nDeux lignes.\n\n## Accueillir\nAvec soin.\n- ici\n- là\nPuis voilà.')).toEqual([
      { kind: 'paragraph', text: 'Un mot.\nDeux lignes.' },
      { kind: 'heading', text: 'Accueillir' },
      { kind: 'paragraph', text: 'Avec soin.' },
      { kind: 'list', items: ['ici', 'là'] },
      { kind: 'paragraph', text: 'Puis voilà.' },
    ]);
  });

  it('keeps two lists apart, and takes a lonely dash for what it is', () => {
    expect(blocksOf('- un\n\n- deux\r\n\r\n-\n\n##\n')).toEqual([
      { kind: 'list', items: ['un'] },
      { kind: 'list', items: ['deux'] },
      { kind: 'paragraph', text: '-' },
      { kind: 'paragraph', text: '##' },
    ]);
    expect(blocksOf('')).toEqual([]);
  });
});

describe('what the server says', () => {
  it('is narrowed: a version without an id is none', () => {
    expect(page()).toMatchObject({ need: 'sign', by: '2026-06-30', signed: { version: '1.0', interests: '' } });
    const signed = { version: '1.0', on: '2025-05-03', interests: 'Un gîte.' };
    expect(page({ signed }).signed).toEqual(signed);
    expect(page({ current: {}, draft: null, signed: null, need: 'dance' })).toEqual({
      current: null,
      signed: null,
      need: null,
      by: '2026-06-30',
      draft: null,
    });
    expect(readManifesto('x')).toBeNull();
    expect(readMyData({})).toBeNull();
    expect(readMyData({ person: {}, visits: [1, { venue: 'Abbaye' }, null] })?.visits).toEqual([{ venue: 'Abbaye' }]);
  });

  it('is asked for at the agreed addresses', async () => {
    const asked: string[] = [];
    const net = new Api(undefined, (path, init) => {
      asked.push(`${init?.method} ${String(path)} ${String(init?.body ?? '')}`);
      return Promise.resolve(new Response('{"person":{}}'));
    });
    const api = clubApi(net);
    await api.manifesto();
    await api.sign('a/b', 'gîte');
    await api.read('m2');
    await api.comment('m3', 'Bien.');
    await api.data('en');
    await api.request('object', 'Non.');
    await api.leave();
    expect(asked).toEqual([
      'GET /api/v1/me/manifesto ',
      'POST /api/v1/me/manifesto/a%2Fb/sign {"interests":"gîte"}',
      'POST /api/v1/me/manifesto/m2/read {}',
      'POST /api/v1/me/manifesto/m3/comments {"text":"Bien."}',
      'GET /api/v1/me/data?lang=en ',
      'POST /api/v1/me/requests {"kind":"object","text":"Non."}',
      'POST /api/v1/me/leave {}',
    ]);
  });
});

describe('signing', () => {
  it('asks for the tick first, then signs what was shown', async () => {
    const sign = vi.fn(() => Promise.resolve(ok(page({ need: null, by: null }))));
    const state = new ManifestoState(makeApi({ sign }));
    await state.load();
    expect(await state.sign(false, '')).toBe(false);
    expect(state.error).toBe('sign.tickFirst');
    expect(await state.sign(true, 'é'.repeat(INTERESTS_MAX + 1))).toBe(false);
    expect(state.error).toBe('sign.interestsLong');
    expect(sign).not.toHaveBeenCalled();
    expect(await state.sign(true, ' gîte ')).toBe(true);
    expect(sign).toHaveBeenCalledExactlyOnceWith('m2', 'gîte');
    expect([state.page?.need, state.error]).toEqual([null, null]);
  });

  it('shows the newer version when one has come meanwhile, and says so', async () => {
    let newest = 'm2';
    const state = new ManifestoState(
      makeApi({
        manifesto: () => Promise.resolve(ok(page({ current: { ...PAGE.current, id: newest } }))),
        sign: (id) => Promise.resolve(id === newest ? ok(page({ need: null })) : refused(409, 'manifesto_replaced')),
      }),
    );
    await state.load();
    newest = 'm4';
    expect(await state.sign(true, '')).toBe(false);
    expect([state.isReplaced, state.page?.current?.id, state.error]).toEqual([true, 'm4', null]);
    expect(await state.sign(true, '')).toBe(true);
    expect(state.isReplaced).toBe(false);
  });

  it.each([
    [0, 'error.network', 'here'],
    [429, 'error.tooFast', 'here'],
    [422, 'error.other', 'here'],
    [401, 'error.signedOut', 'closed'],
  ])('keeps the page when it fails with %i', async (status, error, phase) => {
    const state = new ManifestoState(makeApi({ sign: () => Promise.resolve(refused(status)) }));
    await state.load();
    expect(await state.sign(true, '')).toBe(false);
    expect([state.error, state.phase, state.busy]).toEqual([error, phase, false]);
    expect(state.page).not.toBeNull();
    await state.load(); // as after signing in again
    expect([state.error, state.phase]).toEqual([null, 'here']);
  });

  it('is sent once, however often the button is pressed', async () => {
    const sign = vi.fn(() => Promise.resolve(ok(page())));
    const state = new ManifestoState(makeApi({ sign }));
    await state.load();
    expect(await Promise.all([state.sign(true, ''), state.sign(true, '')])).toEqual([true, false]);
    expect(sign).toHaveBeenCalledOnce();
  });
});

describe('what was declared', () => {
  const signed = { version: '2.0', on: '2026-06-02', interests: 'Un gîte.' };

  it('may be changed by signing the same version again, or taken back', async () => {
    const sign = vi.fn((_id: string, interests: string) =>
      Promise.resolve(ok(page({ need: null, by: null, signed: { ...signed, interests } }))),
    );
    const manifesto = (): Promise<Outcome<ManifestoPage>> =>
      Promise.resolve(ok(page({ need: null, by: null, signed })));
    const state = new ManifestoState(makeApi({ manifesto, sign }));
    expect(state.canDeclare).toBe(false);
    await state.load();
    expect(state.canDeclare).toBe(true);
    expect(await state.declare('é'.repeat(INTERESTS_MAX + 1))).toBe(false);
    expect([state.error, state.page?.signed?.interests]).toEqual(['sign.interestsLong', 'Un gîte.']);
    expect(await state.declare(' Deux gîtes. ')).toBe(true);
    expect(sign).toHaveBeenCalledExactlyOnceWith('m2', 'Deux gîtes.');
    expect(state.page?.signed?.interests).toBe('Deux gîtes.');
    expect(await state.declare(' ')).toBe(true);
    expect(state.page?.signed?.interests).toBe('');
  });

  it.each([
    ['another version was signed', { need: null, signed: { ...signed, version: '1.0' } }],
    ['this one is only to be read', { need: 'read', signed }],
    ['it is to be signed first', { need: 'sign', signed }],
    ['nothing was signed', { need: null, signed: null }],
    ['nothing is published', { need: null, signed, current: null }],
  ])('stays as it is when %s', async (_why, changes) => {
    const sign = vi.fn(() => Promise.resolve(ok(page())));
    const state = new ManifestoState(makeApi({ manifesto: () => Promise.resolve(ok(page(changes))), sign }));
    await state.load();
    expect([state.canDeclare, await state.declare('Un gîte.')]).toEqual([false, false]);
    expect(sign).not.toHaveBeenCalled();
  });

  it('gives way to a newer version that has come meanwhile', async () => {
    let answer = page({ need: null, by: null, signed });
    const state = new ManifestoState(
      makeApi({
        manifesto: () => Promise.resolve(ok(answer)),
        sign: () => Promise.resolve(refused(409, 'manifesto_replaced')),
      }),
    );
    await state.load();
    answer = page({ signed, current: { ...PAGE.current, id: 'm4', version: '3.0' } });
    expect(await state.declare('Deux gîtes.')).toBe(false);
    expect([state.isReplaced, state.canDeclare, state.page?.need]).toEqual([true, false, 'sign']);
  });
});

describe('reading without network', () => {
  it('says so the first time, and keeps what is there later', async () => {
    let answer: Outcome<ManifestoPage> = refused(0);
    const state = new ManifestoState(makeApi({ manifesto: () => Promise.resolve(answer) }));
    await state.load();
    expect(state.phase).toBe('offline');
    answer = ok(page());
    await state.load();
    answer = refused(0);
    await state.load();
    expect([state.phase, state.page?.current?.version]).toEqual(['here', '2.0']);
  });
});

describe('a remark on the draft', () => {
  it('has words, and not too many', async () => {
    const comment = vi.fn(() => Promise.resolve(ok(page())));
    const state = new ManifestoState(makeApi({ comment }));
    await state.load();
    await state.comment('  ');
    expect(state.error).toBe('draft.empty');
    await state.comment('é'.repeat(REMARK_MAX + 1));
    expect(state.error).toBe('draft.long');
    state.typed();
    expect(state.error).toBeNull();
    expect(await state.comment(' Bien. ')).toBe(true);
    expect(comment).toHaveBeenCalledExactlyOnceWith('m3', 'Bien.');
  });

  it('is not sent where there is no draft', async () => {
    const state = new ManifestoState(makeApi({ manifesto: () => Promise.resolve(ok(page({ draft: null }))) }));
    await state.load();
    expect(await state.comment('Bien.')).toBe(false);
  });
});

describe('my rights', () => {
  it('send a request only with words', async () => {
    const request = vi.fn(() => Promise.resolve(ok(true)));
    const state = new MyDataState(makeApi({ request }));
    expect(await state.request('correct', ' ')).toBe(false);
    expect(state.error).toBe('request.empty');
    expect(await state.request('object', ' Non. ')).toBe(true);
    expect(request).toHaveBeenCalledExactlyOnceWith('object', 'Non.');
  });

  it('say when too many wait already, rather than « too fast »', async () => {
    const state = new MyDataState(makeApi({ request: () => Promise.resolve(refused(429, 'too_many_asked')) }));
    expect(await state.request('object', 'Non.')).toBe(false);
    expect(state.error).toBe('request.tooMany');
  });

  it('are read in the language of the reader, and stay in sight without network', async () => {
    const data = vi.fn(() => Promise.resolve<Outcome<MyData>>(ok(readMyData({ person: {} })!)));
    const state = new MyDataState(makeApi({ data }));
    await state.load('en');
    expect(data).toHaveBeenCalledExactlyOnceWith('en');
    data.mockResolvedValue(refused(0));
    await state.load('en');
    expect(state.phase).toBe('here');
  });

  it('know which requests wait for an answer', async () => {
    const requests = [{ at: '2026-06-15' }, { at: '2026-06-14', answeredAt: '2026-06-20', answer: 'Soit.' }];
    const state = new MyDataState(
      makeApi({
        data: () => Promise.resolve(ok(readMyData({ person: {}, requests: [...requests, { answeredAt: null }] })!)),
      }),
    );
    expect(state.awaited).toBe(0);
    await state.load('fr');
    expect(state.awaited).toBe(2);
  });

  it('end the membership, also when the answer was lost on the way', async () => {
    const answers = [refused(0), refused(401)];
    const state = new MyDataState(makeApi({ leave: () => Promise.resolve(answers.shift()!) }));
    expect(await state.leave()).toBe(false);
    expect(state.error).toBe('error.network');
    expect(await state.leave()).toBe(true);
  });

  it('never take a closed door alone for a departure', async () => {
    const state = new MyDataState(makeApi({ leave: () => Promise.resolve(refused(401)) }));
    expect(await state.leave()).toBe(false);
    expect(state.phase).toBe('closed');
  });
});

describe('my data in words', () => {
  const t = (key: ClubKey, values: Readonly<Record<string, string | number>> = {}): string =>
    Object.entries(values).reduce(
      (sentence, [name, value]) => sentence.replace(`{${name}}`, String(value)),
      (personalFr as Readonly<Record<string, string>>)[key] ?? key,
    );
  const tongue: Tongue = { t, lang: 'fr', zone: 'Europe/Paris' };
  const whole = (parts: object): MyData => readMyData({ person: {}, ...parts })!;
  const records = (title: ClubKey, parts: object): readonly (readonly Line[])[] | undefined =>
    sectionsOf(whole(parts), tongue).find((section) => section.title === title)?.records;

  it('tells instants in the club’s zone, whatever their shape', () => {
    expect(when('2026-07-14T22:05:00Z', 'fr', 'Europe/Paris')).toBe('15 juillet 2026, 0 h 05');
    expect(when(Date.UTC(2026, 6, 14, 7, 30), 'en', 'Europe/Paris')).toBe('14 July 2026, 9:30');
    expect(when('2026-07-01', 'fr', 'Europe/Paris')).toBe('1er juillet 2026');
    expect([when('soon', 'fr', 'Europe/Paris'), when(null, 'fr', 'nowhere')]).toEqual(['', '']);
    expect(onDay('2026-07-14T22:05:00Z', 'fr', 'Europe/Paris')).toBe('15 juillet 2026');
  });

  it('names who I am, without what is empty', () => {
    const person = { firstName: 'Camille', lastName: 'Varech', email: '', certifiedOn: '2026-05-02', odd: 3 };
    expect(particulars(person, tongue)).toEqual([
      ['Prénom', 'Camille'],
      ['Nom', 'Varech'],
      ['Certificat du', '2 mai 2026'],
    ]);
  });

  it('tells an entry: day, hour, venue, what', () => {
    const at = '2026-06-15T10:00:00Z';
    expect(
      records('data.visits', {
        visits: [
          { at, venue: 'Musée de la Laisse de mer', state: 'counted', companions: 1 },
          { at, venue: 'Abbaye', state: 'of tomorrow', companions: 2 },
        ],
      }),
    ).toEqual([
      ['15 juin 2026, 12 h 00', 'Musée de la Laisse de mer', 'Entrée comptée', 'Avec une personne payante'],
      ['15 juin 2026, 12 h 00', 'Abbaye', 'Avec 2 personnes payantes'],
    ]);
  });

  it('tells a request and its answer, the newest first', () => {
    const older = { kind: 'object', text: 'Non.', at: '2026-06-15T23:30:00+02:00' };
    const newer = { kind: 'correct', text: 'Deux « r ».', at: '2026-06-15T22:00:00Z' };
    expect(
      records('data.requests', { requests: [{ ...older, answer: 'Soit.', answeredAt: '2026-06-20' }, newer] }),
    ).toEqual([
      ['Correction demandée le 16 juin 2026', ['', 'Deux « r ».'], 'L’office répond dans le mois.'],
      ['Opposition du 15 juin 2026', ['', 'Non.'], ['Réponse du 20 juin 2026 :', 'Soit.']],
    ]);
  });

  it('opens by itself what holds an answer', () => {
    const open = (requests: readonly object[]): readonly ClubKey[] =>
      sectionsOf(whole({ requests, visits: [{}] }), tongue)
        .filter((section) => section.isOpen)
        .map((section) => section.title);
    expect(open([])).toEqual([]);
    expect(open([{ text: 'Non.', answeredAt: null, answer: null }])).toEqual([]);
    expect(open([{ text: 'Non.' }, { text: 'Si.', answeredAt: '2026-06-20', answer: 'Soit.' }])).toEqual([
      'data.requests',
    ]);
  });

  it('says nothing where nothing is', () => {
    expect(sectionsOf(whole({}), tongue).every((section) => section.records.length === 0)).toBe(true);
  });
});
