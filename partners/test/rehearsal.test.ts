/** Practice: the very answers, and nothing of it anywhere. */
import { readStatusList } from '@estran/kit/rules/status';
import { beforeEach, describe, expect, test } from 'vitest';

import { broughtBy } from '../src/address';
import { CASES, LASTS_MS, Rehearsal, type Exercise, type Stage } from '../src/state/rehearsal';
import { Desk, type Keeper } from '../src/state/desk.svelte';
import { trainingAddress, trainingIn } from '../src/state/training';
import { Book } from '../src/state/uses';
import type { Device } from '../src/state/vault';
import { practiceEn, practiceFr } from '../src/text/practice';
import { club, ISS, NOON_MS, phone, snapshot, VENUE, type Club } from './cast';

const DEVICE: Device = {
  deviceId: 'd1',
  token: 't',
  state: 'active',
  venue: VENUE,
  label: 'Accueil',
  word: 'phare',
  seq: 7,
};
const ANSWERS: Record<Exercise, string> = {
  valid: 'welcome',
  companions: 'companions_needed',
  already: 'already_here',
  quota: 'quota_used',
  later: 'not_now',
  several: 'welcome',
  booking: 'booking_needed',
  paper: 'paper_proof',
  paused: 'suspended',
  old: 'stale_proof',
  expected: 'welcome',
  elsewhere: 'other_slot',
  unlisted: 'not_on_list',
};

let ours: Club;
let stage: Stage & Keeper;
let rehearsal: Rehearsal;

beforeEach(async () => {
  ours = await club();
  const value = await snapshot(ours);
  const list = await readStatusList(value.statusList, ISS, value.keys);
  if (typeof list === 'string') throw new Error(list);
  const clock = { wallMs: NOON_MS, monoMs: 0, skewMs: null, appliedMs: 0, confirmed: false };
  const refused = (): Promise<never> => Promise.reject(new Error('practice may keep nothing'));
  stage = {
    ...{ device: DEVICE, nowMs: NOON_MS, record: refused, undo: refused },
    known: () =>
      Promise.resolve({
        ...{ device: DEVICE, book: new Book([]), clock, origin: ISS, advance: () => true },
        news: { snapshot: value, list, newsAtMs: NOON_MS },
      }),
  };
  rehearsal = new Rehearsal(stage);
});

const show = (one: string): Promise<void> => rehearsal.desk.read(trainingAddress(ISS, one));

describe('a case', () => {
  test.each(CASES)('%s gets its answer, by the rules, for somebody who plainly does not exist', async (one) => {
    await show(one);
    expect(rehearsal.desk.case?.verdict.reason).toBe(ANSWERS[one]);
    expect(rehearsal.desk.case?.scan.fields?.name).toMatch(/^Camille V\., /);
  });

  test('is decided and concluded as always, and undone', async () => {
    await show('companions');
    rehearsal.desk.decide({ companions: 2 });
    rehearsal.desk.bring({ guests: 1, children: 3 });
    await rehearsal.desk.conclude('admitted');
    const done = rehearsal.desk.case?.entry;
    expect([rehearsal.desk.failed, done?.companions, done?.guests, done?.children]).toEqual([false, 2, 1, 3]);
    expect(done && rehearsal.desk.mayUndo(done)).toBe(true);
    await rehearsal.desk.undo();
    expect(rehearsal.desk.case?.entry?.undone).not.toBeNull();
  });

  test('says when it is given again, and what else there is', async () => {
    await show('later');
    expect(rehearsal.desk.case?.verdict.opens).toEqual({ day: '2026-11-19', minute: 600 });
    await show('several');
    const [other] = rehearsal.desk.case?.verdict.others ?? [];
    rehearsal.desk.decide({ benefitId: other ?? '' });
    expect(rehearsal.desk.case?.verdict).toMatchObject({ benefitId: other, reason: 'welcome' });
  });

  test('at a door brings a guest along, may be let in, and the next one meets an empty room', async () => {
    await show('expected');
    expect([rehearsal.desk.case?.party.guests, rehearsal.desk.mayAdmit]).toEqual([1, true]);
    await rehearsal.desk.conclude('admitted');
    await show('elsewhere');
    await rehearsal.desk.letIn('Erreur de créneau');
    expect(rehearsal.desk.case?.entry).toMatchObject({ outcome: 'admitted', slotId: 'practice-slot' });
    await show('expected');
    expect(rehearsal.desk.case?.verdict.reason).toBe('welcome');
    expect([(await stage.known()).book.entries, rehearsal.desk.doors]).toEqual([[], null]);
  });

  test('nobody knows is no pass', async () => {
    await show('nonsense');
    expect(rehearsal.desk.case?.verdict.reason).toBe('not_a_pass');
  });
});

test('a real pass is judged, and kept by nobody: the keeper that would is never asked', async () => {
  const camille = await phone(ours);
  await rehearsal.desk.read(await camille.show(NOON_MS / 1000));
  expect(rehearsal.desk.case?.verdict.reason).toBe('welcome');
  await rehearsal.desk.conclude('admitted');
  expect([rehearsal.desk.failed, rehearsal.desk.case?.entry?.name]).toEqual([false, 'Camille V.']);
  rehearsal.desk.next();
  await rehearsal.desk.read(await camille.show(NOON_MS / 1000 + 1));
  expect(rehearsal.desk.case?.verdict.reason).toBe('already_here');
  // at work, nobody has heard of it
  const work = new Desk(stage);
  await work.read(await camille.show(NOON_MS / 1000 + 2));
  expect(work.case?.verdict.reason).toBe('welcome');
});

test('outside practice a training code is no pass, and never green', async () => {
  const work = new Desk(stage);
  for (const one of CASES) {
    await work.read(trainingAddress(ISS, one));
    expect([work.case?.verdict.answer, work.case?.verdict.reason]).toEqual(['refuse', 'not_a_pass']);
    expect(trainingIn(work.case?.text ?? '')).toBe(one);
  }
});

test('an address with a training code is not taken for a pass', () => {
  const href = trainingAddress(ISS, 'valid');
  expect(broughtBy('#train=valid', href)).toEqual({ kind: 'training', text: href });
});

test('it is over after a quarter of an hour', () => {
  expect(rehearsal.endsAtMs).toBe(NOON_MS + LASTS_MS);
  expect(LASTS_MS).toBe(900_000);
});

test('its words exist twice, with French signs', () => {
  expect(Object.keys(practiceEn)).toEqual(Object.keys(practiceFr));
  for (const sentence of Object.values(practiceFr)) expect(sentence).not.toMatch(/'|\.\.\./);
});
