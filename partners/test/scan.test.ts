import { b64 } from '@estran/kit/rules/bytes';
import { UNDECIDED, verdictOf } from '@estran/kit/rules/check';
import { readStatusList } from '@estran/kit/rules/status';
import type { Quota, Terms } from '@estran/kit/rules/terms';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import type { Snapshot } from '../src/net/wire';
import { isFinal, judge, lineOf, scan, visitOf, type ClockNow, type Known } from '../src/state/scan';
import { Book, previousVisit, usesOf } from '../src/state/uses';
import type { Entry } from '../src/state/vault';
import {
  BENEFIT,
  benefit,
  club,
  ISS,
  NOON_MS,
  phone,
  snapshot,
  statusList,
  VENUE,
  type Club,
  type Phone,
} from './cast';

const NOON_S = NOON_MS / 1000;
const DEVICE = { deviceId: 'd1', venue: VENUE, label: 'Accueil' };
let ours: Club;
let camille: Phone;

beforeAll(async () => {
  ours = await club();
  camille = await phone(ours);
});

const clock = (change: Partial<ClockNow> = {}): ClockNow => ({
  ...{ wallMs: NOON_MS, monoMs: 1000, skewMs: 0, appliedMs: 0, confirmed: true },
  ...change,
});

async function known(change: Partial<Snapshot> = {}, rest: Partial<Known> = {}): Promise<Known> {
  const value = await snapshot(ours, change);
  const list = await readStatusList(value.statusList, ISS, value.keys);
  if (typeof list === 'string') throw new Error(list);
  const news = { snapshot: value, list, newsAtMs: NOON_MS - 3_600_000 };
  return { device: DEVICE, news, book: new Book([]), clock: clock(), origin: ISS, advance: () => false, ...rest };
}

function entry(change: Partial<Entry> = {}): Entry {
  return {
    ...{ id: 'e', deviceId: 'd1', venueId: VENUE.id, seq: 1, atMs: NOON_MS - 60_000, day: '2026-11-18' },
    ...{ sub: b64(camille.fields.sub), name: 'Camille V.', proofKey: null, benefitId: BENEFIT, companions: 0 },
    ...{ answer: 'admit', reason: 'welcome', outcome: 'admitted', sent: null, undone: null },
    ...change,
  };
}

const reasonOf = async (text: string, from: Known): Promise<string> =>
  judge(await scan(text, 'id', from), UNDECIDED).reason;

describe('one scan', () => {
  test('from a genuine pass to the line in the book', async () => {
    const scanned = await scan(await camille.show(NOON_S - 5), 'visit-1', await known());
    const verdict = judge(scanned, UNDECIDED);
    expect(verdict).toMatchObject({ answer: 'admit', reason: 'welcome', benefitId: BENEFIT });
    const visit = visitOf(scanned, verdict, { ...UNDECIDED, companions: 2 }, 'admitted', null);
    expect(visit).toMatchObject({
      ...{ kind: 'visit', id: 'visit-1', scannedAtMs: NOON_MS, skewMs: 0, clockConfirmed: true, companions: 2 },
      ...{ statusVersion: 1, newsAtMs: NOON_MS - 3_600_000, benefitVersion: 1, outcome: 'admitted' },
      decisions: { identity: false, again: null, why: null },
    });
    expect(visit.digits).toMatch(/^[0-9]+$/);
    expect(lineOf(scanned)).toMatchObject({ day: '2026-11-18', name: 'Camille V.', sub: b64(camille.fields.sub) });
  });

  test('without news: the key is unknown, asked and never refused', async () => {
    expect(await reasonOf(await camille.show(NOON_S), await known({}, { news: null }))).toBe('unknown_key');
  });

  test('revoked, old, paused, from another club, no pass at all', async () => {
    const text = await camille.show(NOON_S);
    expect(await reasonOf(text, await known({ statusList: await statusList(ours, 2, [1]) }))).toBe('revoked');
    expect(await reasonOf(await camille.show(NOON_S - 61), await known())).toBe('stale_proof');
    expect(await reasonOf(text, await known({ venue: { ...VENUE, paused: true, closures: [] } }))).toBe('venue_paused');
    expect(await reasonOf(text.replace('pass.', 'club.'), await known())).toBe('other_club');
    expect(await reasonOf('3760000000000', await known())).toBe('not_a_pass');
    expect(await reasonOf(text, await known({}, { clock: clock({ confirmed: false }) }))).toBe('clock_unconfirmed');
  });

  test('a skew is applied to the age of the proof and told to the server', async () => {
    const slow = clock({ wallMs: NOON_MS - 7_200_000, skewMs: 7_200_000, appliedMs: 7_200_000 });
    const usual = await known({}, { clock: slow });
    const news = usual.news && { ...usual.news, newsAtMs: slow.wallMs - 3_600_000 }; // by the same slow clock
    const scanned = await scan(await camille.show(NOON_S), 'id', { ...usual, news });
    expect(judge(scanned, UNDECIDED).reason).toBe('welcome');
    const visit = visitOf(scanned, judge(scanned, UNDECIDED), UNDECIDED, 'admitted', null);
    expect(visit).toMatchObject({ scannedAtMs: NOON_MS - 7_200_000, skewMs: 7_200_000 });
  });

  test('the day is the club’s, not the device’s', async () => {
    const late = clock({ wallMs: Date.UTC(2026, 11, 31, 23, 30) });
    const scanned = await scan(await camille.show(late.wallMs / 1000), 'id', await known({}, { clock: late }));
    expect(scanned.day).toBe('2027-01-01');
  });

  test('each decision asks the same rules again', async () => {
    const paper = await phone(ours, 'Paul D.', true);
    const benefits = [benefit({ minPayingCompanions: 1 }, { version: 3 })];
    const scanned = await scan(await paper.show(0), 'id', await known({ benefits }));
    expect(judge(scanned, UNDECIDED).reason).toBe('paper_proof');
    expect(judge(scanned, { ...UNDECIDED, identity: true }).reason).toBe('companions_needed');
    const none = judge(scanned, { ...UNDECIDED, identity: true, companions: 0 });
    expect([none.reason, isFinal(none)]).toEqual(['companions_missing', false]);
    expect(judge(scanned, { ...UNDECIDED, identity: true, companions: 1 }).reason).toBe('welcome');
  });

  test('the same holder again today is asked, kindly, with the time', async () => {
    const again = await scan(await camille.show(NOON_S), 'id', await known({}, { book: new Book([entry()]) }));
    expect(judge(again, UNDECIDED)).toMatchObject({ reason: 'already_here', previousAt: NOON_S - 60 });
    expect(again.previous?.place).toBe('Accueil');
    const undone = entry({ undone: { atMs: NOON_MS, seq: 2, sent: false } });
    const refused = entry({ id: 'f', outcome: 'refused' });
    const yesterday = entry({ id: 'g', day: '2026-11-17' });
    const free = await known({}, { book: new Book([undone, refused, yesterday]) });
    expect(await reasonOf(await camille.show(NOON_S), free)).toBe('welcome');
  });
});

describe('who was here already, on another scanner', () => {
  const AT_MS = NOON_MS - 7_200_000;
  const told = (day: string, atMs = AT_MS): Partial<Snapshot> => ({
    today: { day, visits: { [b64(camille.fields.sub)]: { atMs, label: 'Boutique' } } },
  });
  const previous = async (change: Partial<Snapshot>, entries: Entry[] = [], at = clock()): Promise<unknown> =>
    (await scan(await camille.show(NOON_S), 'id', await known(change, { book: new Book(entries), clock: at })))
      .previous;

  test('is told by the news, with that scanner’s name, today only', async () => {
    expect(await previous(told('2026-11-18'))).toEqual({ atMs: AT_MS, place: 'Boutique' });
    expect(await previous(told('2026-11-17'))).toBeNull();
    expect(await reasonOf(await camille.show(NOON_S), await known(told('2026-11-18')))).toBe('already_here');
  });

  test('and the later of the two is said', async () => {
    expect(await previous(told('2026-11-18'), [entry()])).toEqual({ atMs: NOON_MS - 60_000, place: 'Accueil' });
    expect(await previous(told('2026-11-18', NOON_MS - 30_000), [entry()])).toMatchObject({ place: 'Boutique' });
  });

  test('by the corrected clock; of an earlier pairing nobody knows the name', async () => {
    const slow = clock({ wallMs: NOON_MS - 600_000, skewMs: 600_000, appliedMs: 600_000 });
    const own = entry({ atMs: NOON_MS - 660_000, deviceId: 'd0' });
    expect(await previous({}, [own], slow)).toEqual({ atMs: NOON_MS - 60_000, place: null });
  });
});

describe('what the own list adds to the office’s count', () => {
  const yearly: Quota = { n: 3, per: 'year', scope: 'benefit', groupId: null };
  const sub = (): string => b64(camille.fields.sub);
  const uses = async (
    entries: Entry[],
    change: Partial<Snapshot> = {},
    day = '2026-11-18',
    terms: Partial<Terms> = {},
  ): Promise<number> => {
    const benefits = [benefit({ quota: yearly, ...terms })];
    return usesOf(sub(), await snapshot(ours, { benefits, ...change }), new Book(entries), DEVICE, day)[BENEFIT] ?? NaN;
  };
  const told = (
    n: number,
    first: string | null = '2026-01-01',
    last: string | null = '2026-12-31',
  ): Partial<Snapshot> => ({
    uses: { [BENEFIT]: { first, last, counts: { [sub()]: n } } },
  });

  test('visits with a greater number, admitted and not undone', async () => {
    expect(await uses([])).toBe(0);
    expect(await uses([entry({ seq: 5 })], { ...told(2), lastSeq: 4 })).toBe(3);
    expect(await uses([entry({ seq: 4 })], { ...told(2), lastSeq: 4 })).toBe(2);
    expect(await uses([entry({ seq: 5, outcome: 'refused' })], { ...told(2), lastSeq: 4 })).toBe(2);
    expect(await uses([entry({ seq: 5, undone: { atMs: 0, seq: 6, sent: false } })], { ...told(2), lastSeq: 4 })).toBe(
      2,
    );
  });

  test('a counted visit undone since is taken off', async () => {
    const undone = entry({ seq: 4, sent: 'stored', undone: { atMs: 0, seq: 5, sent: false } });
    expect(await uses([undone], { ...told(2), lastSeq: 4 })).toBe(1);
    expect(await uses([undone], { ...told(1), lastSeq: 5 })).toBe(1);
  });

  test('a new period begins with the own visits alone, whatever the old news say', async () => {
    expect(await uses([entry({ seq: 5 })], { ...told(9), lastSeq: 9 }, '2027-01-01')).toBe(0);
    expect(await uses([entry({ seq: 5, day: '2027-01-01' })], { ...told(9), lastSeq: 4 }, '2027-01-01')).toBe(1);
    // the office had it before the turn of the year that its news are older than
    const settled = entry({ seq: 3, day: '2027-01-01', deviceId: 'old', sent: 'stored' });
    expect(await uses([settled], { ...told(9), lastSeq: 4 }, '2027-01-01')).toBe(1);
  });

  test.each([
    ['day', '2026-11-18', '2026-11-18', 1],
    ['month', '2026-11-01', '2026-11-31', 2],
    ['season', '2026-10-01', '2027-03-31', 3],
    ['validity', null, null, 4],
  ] as const)('per %s', async (per, first, last, n) => {
    const terms = { quota: { ...yearly, per }, seasons: [{ first: '10-01', last: '03-31' }] };
    const entries = ['2026-09-01', '2026-10-10', '2026-11-02', '2026-11-18'].map((day, at) =>
      entry({ id: `e${at}`, seq: 5 + at, day }),
    );
    expect(await uses(entries, {}, '2026-11-18', terms)).toBe(per === 'validity' ? 4 : n);
    expect(await uses(entries, { ...told(10, first, last), lastSeq: 4 }, '2026-11-18', terms)).toBe(10 + n);
  });

  test('outside every season nothing is counted', async () => {
    const terms: Partial<Terms> = { quota: { ...yearly, per: 'season' }, seasons: [{ first: '05-01', last: '09-30' }] };
    expect(await uses([entry()], {}, '2026-11-18', terms)).toBeNaN();
  });

  test('one quota for the whole venue, or a group of venues, counts every benefit', async () => {
    const entries = [entry({ seq: 5, benefitId: 'another' }), entry({ id: 'f', seq: 6, benefitId: null })];
    for (const scope of ['venue', 'group'] as const) {
      expect(await uses(entries, told(1), '2026-11-18', { quota: { ...yearly, scope, groupId: 'g' } })).toBe(3);
    }
    expect(await uses(entries, told(1))).toBe(1);
  });

  test('an earlier pairing counts what it has not handed in', async () => {
    expect(await uses([entry({ deviceId: 'old', seq: 50 })], { ...told(1), lastSeq: 99 })).toBe(2);
    expect(await uses([entry({ deviceId: 'old', seq: 50, sent: 'stored' })], { ...told(1), lastSeq: 0 })).toBe(1);
  });

  test('another venue’s visits are nobody’s business here', async () => {
    expect(await uses([entry({ venueId: 'other' })])).toBe(0);
    const rest = await known({}, { book: new Book([entry({ venueId: 'other' })]) });
    expect(previousVisit(sub(), rest, '2026-11-18')).toBeNull();
  });

  test('fifty benefits and ten thousand lines take a moment', async () => {
    const benefits = Array.from({ length: 50 }, (_, at) => benefit({ quota: yearly }, { id: `b${at}` }));
    const lines = Array.from({ length: 10_000 }, (_, at) =>
      entry({ id: `e${at}`, seq: at + 1, sub: `someone ${at % 400}`, benefitId: `b${at % 50}` }),
    );
    const all = await snapshot(ours, { benefits });
    const book = new Book(lines);
    const looked = vi.spyOn(book, 'of');
    expect(Object.values(usesOf('someone 7', all, book, DEVICE, '2026-11-18'))).toContain(25);
    expect(looked).toHaveBeenCalledTimes(1);
    expect(book.of('someone 7')).toHaveLength(25);
  });
});

describe('what is written of a visit', () => {
  test('guests and children, no more than the benefit says; what was not said is not sent', async () => {
    const many = { guests: 4, children: 3 };
    const visitWith = async (terms: Partial<Terms>, party = many): Promise<object> => {
      const scanned = await scan(await camille.show(NOON_S), 'id', await known({ benefits: [benefit(terms)] }));
      const decisions = { ...UNDECIDED, booked: true };
      return visitOf(scanned, judge(scanned, decisions), decisions, 'admitted', null, party);
    };
    expect(await visitWith({ guestsMax: 2, childrenUnder: 12 })).toMatchObject({ guests: 2, children: 3 });
    const alone = await visitWith({});
    expect(alone).not.toHaveProperty('guests');
    expect(alone).not.toHaveProperty('children');
    expect(alone).toMatchObject({ decisions: { booked: true } });
  });

  test('an item without anything new is what it was before, to the letter', async () => {
    const scanned = await scan(await camille.show(NOON_S), 'id', await known());
    const visit = visitOf(scanned, judge(scanned, UNDECIDED), UNDECIDED, 'admitted', null);
    expect(Object.keys(visit).sort()).toEqual(
      'answer benefitId benefitVersion clockConfirmed codesAdvance companions decisions digits id kind newsAtMs outcome reason scannedAtMs skewMs statusVersion'.split(
        ' ',
      ),
    );
    expect(visit.decisions).toEqual({ identity: false, again: null, why: null });
  });

  test.each(['quota_used', 'companions_missing', 'not_now', 'not_entitled'] as const)(
    'a refusal for %s waits for the desk',
    (reason) => expect(isFinal(verdictOf(reason))).toBe(false),
  );

  test.each(['venue_closed', 'venue_paused', 'revoked'] as const)('one for %s does not', (reason) =>
    expect(isFinal(verdictOf(reason))).toBe(true),
  );
});
