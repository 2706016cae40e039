import { b64 } from '@estran/kit/rules/bytes';
import { UNDECIDED } from '@estran/kit/rules/check';
import { readStatusList } from '@estran/kit/rules/status';
import { beforeAll, describe, expect, test } from 'vitest';

import type { Snapshot } from '../src/net/wire';
import { isFinal, judge, lineOf, scan, visitOf, type ClockNow, type Known } from '../src/state/scan';
import { previousVisit, usesOf } from '../src/state/uses';
import type { Entry } from '../src/state/vault';
import { BENEFIT, club, ISS, NOON_MS, phone, snapshot, statusList, VENUE, type Club, type Phone } from './cast';

const NOON_S = NOON_MS / 1000;
const DEVICE = { deviceId: 'd1', venue: VENUE };
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
  return { device: DEVICE, news, entries: [], clock: clock(), origin: ISS, advance: () => false, ...rest };
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
    expect(await reasonOf(text, await known({ venue: { ...VENUE, paused: true } }))).toBe('venue_paused');
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
    const sentence = { fr: 'a', en: 'a' };
    const benefits = [{ id: BENEFIT, version: 3, minPayingCompanions: 1, quotaPerYear: null, sentence }];
    const scanned = await scan(await paper.show(0), 'id', await known({ benefits }));
    expect(judge(scanned, UNDECIDED).reason).toBe('paper_proof');
    expect(judge(scanned, { ...UNDECIDED, identity: true }).reason).toBe('companions_needed');
    const none = judge(scanned, { ...UNDECIDED, identity: true, companions: 0 });
    expect([none.reason, isFinal(none)]).toEqual(['companions_missing', false]);
    expect(judge(scanned, { ...UNDECIDED, identity: true, companions: 1 }).reason).toBe('welcome');
  });

  test('the same holder again today is asked, kindly, with the time', async () => {
    const again = await scan(await camille.show(NOON_S), 'id', await known({}, { entries: [entry()] }));
    expect(judge(again, UNDECIDED)).toMatchObject({ reason: 'already_here', previousAt: NOON_S - 60 });
    const undone = entry({ undone: { atMs: NOON_MS, seq: 2, sent: false } });
    const refused = entry({ id: 'f', outcome: 'refused' });
    const yesterday = entry({ id: 'g', day: '2026-11-17' });
    const free = await known({}, { entries: [undone, refused, yesterday] });
    expect(await reasonOf(await camille.show(NOON_S), free)).toBe('welcome');
  });
});

describe('what the own list adds to the office’s count', () => {
  const uses = async (entries: Entry[], change: Partial<Snapshot> = {}, day = '2026-11-18'): Promise<number> =>
    usesOf(b64(camille.fields.sub), await snapshot(ours, change), entries, DEVICE, day)[BENEFIT] ?? NaN;
  const told = (n: number): Partial<Snapshot> => ({ used: { [BENEFIT]: { [b64(camille.fields.sub)]: n } } });

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

  test('a new year begins at nothing, whatever the old news say', async () => {
    expect(await uses([entry({ seq: 5 })], { ...told(9), lastSeq: 9 }, '2027-01-01')).toBe(0);
    expect(await uses([entry({ seq: 5, day: '2027-01-01' })], { ...told(9), lastSeq: 4 }, '2027-01-01')).toBe(1);
  });

  test('an earlier pairing counts what it has not handed in', async () => {
    expect(await uses([entry({ deviceId: 'old', seq: 50 })], { ...told(1), lastSeq: 99 })).toBe(2);
    expect(await uses([entry({ deviceId: 'old', seq: 50, sent: 'stored' })], { ...told(1), lastSeq: 0 })).toBe(1);
  });

  test('another venue’s visits are nobody’s business here', async () => {
    expect(await uses([entry({ venueId: 'other' })])).toBe(0);
    expect(previousVisit(b64(camille.fields.sub), [entry({ venueId: 'other' })], VENUE.id, '2026-11-18')).toBeNull();
  });
});
