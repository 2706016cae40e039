/** At the door of an event: which door this is, one visitor after another, and what is written of it. */
import { b64 } from '@estran/kit/rules/bytes';
import { UNDECIDED } from '@estran/kit/rules/check';
import { readStatusList } from '@estran/kit/rules/status';
import { beforeEach, describe, expect, test } from 'vitest';

import type { Slot, Snapshot } from '../src/net/wire';
import { Desk, type Keeper } from '../src/state/desk.svelte';
import { Doors } from '../src/state/doors.svelte';
import { AS_USUAL, type Known } from '../src/state/scan';
import { Book as List, previousVisit, usesOf } from '../src/state/uses';
import { entryOf, FIRST_SETTINGS, type Entry, type NewEntry, type NewVisit, type Settings } from '../src/state/vault';
import { doorSentenceOf, titleOf, usualWhys, verdictIn } from '../src/state/words';
import {
  BENEFIT,
  benefit,
  club,
  ISS,
  NOON_MS,
  phone,
  SLOT,
  slot,
  snapshot,
  VENUE,
  type Club,
  type Phone,
} from './cast';

const NOON_S = NOON_MS / 1000;
const HOUR_MS = 3_600_000;

/** The scanner as desk and doors see it, with a book in memory. */
class Tablet implements Keeper {
  readonly entries: Entry[] = [];
  readonly sent: NewVisit[] = [];
  readonly device = {
    deviceId: 'd1',
    venue: VENUE,
    label: 'Accueil',
    token: 't',
    state: 'active',
    word: 'x',
    seq: 0,
  } as const;
  readonly zone = 'Europe/Paris';
  readonly appliedMs = 0;
  nowMs = NOON_MS;
  settings: Settings = FIRST_SETTINGS;
  slots: Slot[] = [slot()];
  today: Snapshot['today'] = { day: '', visits: {} };
  news: Known['news'] = null;
  readonly #club: Club;

  constructor(ours: Club) {
    this.#club = ours;
  }

  async known(): Promise<Known> {
    const value = await snapshot(this.#club, { slots: this.slots, today: this.today });
    const list = await readStatusList(value.statusList, ISS, value.keys);
    if (typeof list === 'string') throw new Error(list);
    this.news = { snapshot: value, list, newsAtMs: NOON_MS };
    const clock = { wallMs: this.nowMs, monoMs: 0, skewMs: 0, appliedMs: 0, confirmed: true };
    const { device, news, entries } = this;
    return { device, news, book: new List(entries), clock, origin: ISS, advance: () => false };
  }

  isToday({ day }: Pick<Entry, 'day'>): boolean {
    return day === '2026-11-18';
  }

  keepSettings(settings: Settings): Promise<void> {
    this.settings = settings;
    return Promise.resolve();
  }

  undo(id: string): Promise<boolean> {
    const at = this.entries.findIndex((entry) => entry.id === id);
    this.entries[at] = { ...this.entries[at]!, undone: { atMs: this.nowMs, seq: 99, sent: false } };
    return Promise.resolve(true);
  }

  record(visit: NewVisit, line: NewEntry): Promise<Entry> {
    this.sent.push(visit);
    const entry = entryOf({ ...visit, seq: this.sent.length }, line, this.device);
    this.entries.push(entry);
    return Promise.resolve(entry);
  }
}

let ours: Club;
let camille: Phone;
let sub: string;
let tablet: Tablet;

beforeEach(async () => {
  ours = await club();
  camille = await phone(ours);
  sub = b64(camille.fields.sub);
  tablet = new Tablet(ours);
  await tablet.known();
});

/** Somebody shows a pass to the scanner as it is now; `age` tells one code from the next. */
async function shown(age = 0, who = camille): Promise<Desk> {
  await tablet.known();
  const desk = new Desk(tablet, new Doors(tablet));
  await desk.read(await who.show(NOON_S - age));
  return desk;
}

async function letIn(age = 0, who = camille): Promise<void> {
  const desk = await shown(age, who);
  await desk.conclude('admitted');
}

const reasonOf = (desk: Desk): unknown => desk.case?.verdict.reason;

describe('which door it is', () => {
  const door = (): string | null => new Doors(tablet).slot?.id ?? null;

  test.each([
    ['before it opens', -HOUR_MS - 1, null],
    ['as it opens', -HOUR_MS, SLOT],
    ['just before it closes', 5 * HOUR_MS - 1, SLOT],
    ['as it closes', 5 * HOUR_MS, null],
  ])('%s', (_, laterMs, expected) => {
    tablet.nowMs = NOON_MS + laterMs;
    expect(door()).toBe(expected);
  });

  test('the staff choose the other, and go back', () => {
    new Doors(tablet).choose(null);
    expect(door()).toBeNull();
    new Doors(tablet).choose(SLOT);
    expect(door()).toBe(SLOT);
  });

  test('entries as usual were chosen for this evening, not for the next', async () => {
    new Doors(tablet).choose(null);
    tablet.slots = [slot({ id: 'next' })];
    await tablet.known();
    expect(door()).toBe('next');
  });

  test('of two that are open none chooses itself; a choice holds', async () => {
    tablet.slots = [slot(), slot({ id: 'other' })];
    await tablet.known();
    expect(door()).toBeNull();
    new Doors(tablet).choose('other');
    expect(door()).toBe('other');
    tablet.slots = [slot()];
    await tablet.known();
    expect(door()).toBe(SLOT);
  });

  test('whoever is at the only one stays there when another opens, and hears that there is a choice', async () => {
    const doors = new Doors(tablet);
    doors.stay();
    expect([door(), doors.isUndecided]).toEqual([SLOT, false]);
    tablet.slots = [slot({ id: 'other' }), slot()];
    await tablet.known();
    const later = new Doors(tablet);
    later.stay();
    expect([door(), later.isUndecided]).toEqual([SLOT, true]);
    later.choose(SLOT);
    expect([door(), new Doors(tablet).isUndecided]).toEqual([SLOT, false]);
  });

  test('entries as usual are a choice, until one more opens', async () => {
    tablet.slots = [slot(), slot({ id: 'other' })];
    await tablet.known();
    const doors = new Doors(tablet);
    doors.stay();
    expect([door(), doors.isUndecided]).toEqual([null, true]);
    doors.choose(null);
    expect([door(), new Doors(tablet).isUndecided]).toEqual([null, false]);
    tablet.slots = [slot(), slot({ id: 'other' }), slot({ id: 'third' })];
    await tablet.known();
    expect([door(), new Doors(tablet).isUndecided]).toEqual([null, true]);
  });

  test('that there is a choice is told once', async () => {
    tablet.slots = [slot(), slot({ id: 'other' })];
    await tablet.known();
    const doors = new Doors(tablet);
    expect(doors.isTold).toBe(false);
    doors.tell();
    expect(doors.isTold).toBe(true);
  });

  test('has a name with its hour, by the club’s clock', () => {
    expect(titleOf(slot(), 'Europe/Paris', 'fr').replaceAll('\u202f', ' ')).toBe('Vernissage, 13 h 06');
    expect(titleOf(slot(), 'Europe/Paris', 'en')).toBe('Opening, 13:06');
  });
});

describe('a visitor at the door', () => {
  test('who is expected comes in with those announced, in one tap', async () => {
    tablet.slots = [slot({ expected: { [sub]: 2 } })];
    const desk = await shown();
    expect([reasonOf(desk), desk.mayAdmit, desk.case?.party.guests]).toEqual(['welcome', true, 2]);
    await desk.conclude('admitted');
    expect(tablet.sent).toMatchObject([
      { slotId: SLOT, guests: 2, companions: 0, benefitId: null, benefitVersion: null, outcome: 'admitted' },
    ]);
    expect(tablet.entries).toMatchObject([{ slotId: SLOT, guests: 2, sub }]);
  });

  test('with fewer than announced: those who came are counted', async () => {
    tablet.slots = [slot({ expected: { [sub]: 2 } })];
    const desk = await shown();
    desk.bring({ guests: 0 });
    await desk.conclude('admitted');
    expect(tablet.sent[0]).not.toHaveProperty('guests');
    const { isIn, expected } = new Doors(tablet).tally(tablet.slots[0]!);
    expect([isIn, expected]).toEqual([1, 0]);
  });

  test('with one more than there is room for: asked anew at each count', async () => {
    tablet.slots = [slot({ capacity: 2, expected: { [sub]: 1 } })];
    const desk = await shown();
    expect(reasonOf(desk)).toBe('welcome');
    desk.bring({ guests: 2 });
    expect([reasonOf(desk), desk.mayAdmit]).toEqual(['event_full', false]);
    desk.bring({ guests: 1 });
    expect([reasonOf(desk), desk.mayAdmit]).toEqual(['welcome', true]);
  });

  test('who is not on the list is let in with a reason, or not', async () => {
    const desk = await shown();
    expect([reasonOf(desk), desk.mayAdmit]).toEqual(['not_on_list', false]);
    desk.decide({ again: 'let_in' }, 'Il reste de la place');
    await desk.conclude('admitted');
    expect(tablet.sent).toMatchObject([
      { slotId: SLOT, reason: 'welcome', decisions: { again: 'let_in', why: 'Il reste de la place' } },
    ]);
    const other = await shown(0, await phone(ours, 'Anaïs B.'));
    await other.conclude('refused');
    expect(tablet.sent[1]).toMatchObject({ slotId: SLOT, reason: 'not_on_list', outcome: 'refused' });
    expect(new Doors(tablet).tally(tablet.slots[0]!).isIn).toBe(1);
  });

  test('who is expected at another slot comes in with those announced, in one tap, and the office reads why', async () => {
    tablet.slots = [slot(), slot({ id: 'later', opensMs: NOON_MS + HOUR_MS, expected: { [sub]: 1 } })];
    const desk = await shown();
    expect([reasonOf(desk), desk.mayAdmit, desk.case?.party.guests]).toEqual(['other_slot', false, 1]);
    await desk.letIn('Erreur de créneau');
    expect(tablet.sent).toMatchObject([{ slotId: SLOT, guests: 1, reason: 'welcome', outcome: 'admitted' }]);
    expect(tablet.sent[0]?.decisions).toMatchObject({ again: 'let_in', why: 'Erreur de créneau' });
    const [entry] = tablet.entries;
    expect(desk.case?.entry).toBe(entry);
  });

  test('who is expected at another slot and sent there is noted so', async () => {
    tablet.slots = [slot(), slot({ id: 'later', opensMs: NOON_MS + HOUR_MS, expected: { [sub]: 0 } })];
    const desk = await shown();
    await desk.conclude('refused');
    expect(tablet.sent).toMatchObject([{ slotId: SLOT, answer: 'ask', reason: 'other_slot', outcome: 'refused' }]);
  });

  test('that there is room is a reason only where there is', async () => {
    const whys = async () => {
      const { case: one } = await shown();
      return usualWhys(one!.verdict.reason, one!.scan.at.door, one!.party.guests);
    };
    tablet.slots = [slot({ capacity: 1 })];
    expect(await whys()).toEqual(['verdict.why.manager', 'door.why.room']);
    tablet.slots = [slot({ capacity: 1, expected: { other: 0 } })];
    expect(await whys()).toEqual(['verdict.why.manager']);
    tablet.slots = [slot({ capacity: null, expected: { other: 3 } })];
    expect(await whys()).toContain('door.why.room');
  });

  test('who was here is told so, with the hour and the door', async () => {
    tablet.slots = [slot({ expected: { [sub]: 0 } })];
    await letIn(1);
    expect((await shown()).case).toMatchObject({
      verdict: { reason: 'already_here', previousAt: NOON_S },
      scan: { previous: { place: 'Accueil' } },
    });
    tablet.entries.length = 0;
    tablet.slots = [slot({ arrived: { [sub]: { atMs: NOON_MS - 60_000, guests: 0, label: 'Boutique' } } })];
    const desk = await shown();
    expect(desk.case).toMatchObject({
      verdict: { reason: 'already_here', previousAt: NOON_S - 60 },
      scan: { previous: { place: 'Boutique' } },
    });
  });

  test('whose arrival was undone may arrive', async () => {
    tablet.slots = [slot({ expected: { [sub]: 0 } })];
    await letIn(1);
    expect(tablet.entries).toHaveLength(1);
    await tablet.undo(tablet.entries[0]!.id);
    expect(reasonOf(await shown())).toBe('welcome');
  });

  test('with a typed number: a document, then the list', async () => {
    tablet.slots = [slot({ expected: { [sub]: 1 } })];
    await tablet.known();
    const desk = new Desk(tablet, new Doors(tablet));
    const value = { sub, name: 'Camille V.', exp: 1_830_297_599, status: 0 };
    await desk.readNumber('7HQEDQP4', Promise.resolve({ ok: true, value, status: 200, etag: null }));
    expect([reasonOf(desk), desk.mayAdmit]).toEqual(['typed_number', false]);
    desk.decide({ identity: true });
    expect([reasonOf(desk), desk.case?.party.guests]).toEqual(['welcome', 1]);
    await desk.conclude('admitted');
    expect(tablet.sent[0]).toMatchObject({ slotId: SLOT, number: '7HQEDQP4', guests: 1 });
  });

  test('with a number that the office could not be asked about: noted, and counted', async () => {
    const desk = new Desk(tablet, new Doors(tablet));
    await desk.readNumber('7HQEDQP4', Promise.resolve({ ok: false, code: 'network', status: 0, problem: null }));
    desk.decide({ identity: true });
    desk.bring({ guests: 1 });
    await desk.conclude('admitted');
    expect(tablet.sent[0]).toMatchObject({ slotId: SLOT, reason: 'typed_number', guests: 1, outcome: 'admitted' });
    expect(new Doors(tablet).tally(slot()).isIn).toBe(2);
  });

  test('with a paper pass comes in as with any other', async () => {
    const paper = await phone(ours, 'Paul D.', true);
    tablet.slots = [slot({ expected: { [b64(paper.fields.sub)]: 0 } })];
    expect(reasonOf(await shown(0, paper))).toBe('welcome');
  });
});

describe('arrivals and entries', () => {
  test('are strangers to each other: who came in by day may arrive in the evening, and the other way round', async () => {
    tablet.slots = [slot({ expected: { [sub]: 0 } })];
    new Doors(tablet).choose(null);
    await letIn(30);
    expect(tablet.sent[0]).toMatchObject({ benefitId: BENEFIT });
    expect(tablet.sent[0]).not.toHaveProperty('slotId');
    new Doors(tablet).choose(SLOT);
    expect(reasonOf(await shown(15))).toBe('welcome');
    await letIn(14);
    new Doors(tablet).choose(null);
    tablet.entries.splice(0, 1);
    expect(reasonOf(await shown(0))).toBe('welcome');
  });

  test('an arrival uses no benefit and is no entry of the day', async () => {
    tablet.slots = [slot({ expected: { [sub]: 0 } })];
    await letIn();
    expect(tablet.entries).toMatchObject([{ sub, outcome: 'admitted' }]);
    const known = await tablet.known();
    const quota = { n: 1, per: 'day', scope: 'venue', groupId: null } as const;
    const benefits = [benefit({ quota })];
    const used = usesOf(sub, { ...known.news!.snapshot, benefits }, known.book, known.device, '2026-11-18');
    expect([used[BENEFIT], previousVisit(sub, known, '2026-11-18')]).toEqual([0, null]);
  });

  test('are listed apart, by evening, also past midnight while the door is open', async () => {
    tablet.slots = [slot({ expected: { [sub]: 0 } })];
    await letIn();
    const evenings = (): unknown => new Doors(tablet).evenings.map(({ slotId, entries }) => [slotId, entries.length]);
    expect(evenings()).toEqual([[SLOT, 1]]);
    tablet.entries[0] = { ...tablet.entries[0]!, day: '2026-11-17' };
    expect(evenings()).toEqual([[SLOT, 1]]);
    tablet.nowMs = NOON_MS + 6 * HOUR_MS;
    expect(evenings()).toEqual([]);
  });
});

describe('the same code again', () => {
  test('at another door is another question', async () => {
    tablet.slots = [slot({ expected: { [sub]: 0 } })];
    await tablet.known();
    const text = await camille.show(NOON_S);
    new Doors(tablet).choose(null);
    const desk = new Desk(tablet, { slot: null } as unknown as Doors);
    await desk.read(text);
    expect(desk.case?.verdict.benefitId).toBe(BENEFIT);
    Object.assign(desk.doors!, { slot: tablet.slots[0] });
    await desk.read(text);
    expect(desk.case).toMatchObject({ scan: { at: { slot: { id: SLOT } } }, verdict: { benefitId: null } });
  });

  test('after the office has told more is judged by the new list', async () => {
    const text = await camille.show(NOON_S);
    const desk = new Desk(tablet, new Doors(tablet));
    await desk.read(text);
    expect(reasonOf(desk)).toBe('not_on_list');
    tablet.slots = [slot({ expected: { [sub]: 1 } })];
    tablet.nowMs += 90_000;
    await desk.read(text);
    expect([reasonOf(desk), desk.case?.party.guests]).toEqual(['welcome', 1]);
  });

  test('whose arrival is noted: the answer it had', async () => {
    tablet.slots = [slot({ expected: { [sub]: 0 } })];
    const text = await camille.show(NOON_S);
    await tablet.known();
    const desk = new Desk(tablet, new Doors(tablet));
    await desk.read(text);
    await desk.conclude('admitted');
    await desk.read(text);
    expect(desk.case).toMatchObject({ repeated: true, verdict: { reason: 'welcome' }, entry: { slotId: SLOT } });
    expect(tablet.sent).toHaveLength(1);
  });
});

describe('what is said', () => {
  const said = async (place: string | null = null): Promise<string> => {
    const { case: one } = await shown();
    return doorSentenceOf(one!.verdict, one!.scan.at, place, one!.decisions.again === 'let_in', one!.party.guests);
  };

  test.each([
    ['on the list', () => ({ expected: { [sub]: 0 } }), 'door.expected.none'],
    ['with one', () => ({ expected: { [sub]: 1 } }), 'door.expected.one'],
    ['with two', () => ({ expected: { [sub]: 2 } }), 'door.expected'],
    ['whoever comes', () => ({ walkIns: true }), 'door.walk_in'],
    ['whoever comes, from the waiting list', () => ({ walkIns: true, waiting: [sub] }), 'door.walk_in.waits'],
    ['not on the list', () => ({}), 'reason.not_on_list'],
    ['on the waiting list', () => ({ waiting: [sub] }), 'door.waits'],
    ['no room for whoever comes', () => ({ walkIns: true, capacity: 1, expected: { AAAA: 0 } }), 'door.no_room'],
    ['full', () => ({ capacity: 0, expected: { [sub]: 0 } }), 'reason.event_full'],
  ])('%s', async (_, change: () => Partial<Slot>, key) => {
    tablet.slots = [slot(change())];
    expect(await said()).toBe(key);
  });

  test.each([
    ['by invitation only', {}, 'reason.other_slot'],
    ['no place but for those expected', { capacity: 3, expected: { AAAA: 1 } }, 'door.other_slot.full'],
    ['whoever comes', { walkIns: true }, 'door.walk_in.elsewhere'],
    ['whoever comes, no room for both', { walkIns: true, capacity: 1 }, 'door.other_slot.full'],
  ] as const)('of somebody on the list of another slot, %s', async (_, change, key) => {
    const later = slot({ id: 'later', opensMs: NOON_MS + HOUR_MS, expected: { [sub]: 1 } });
    tablet.slots = [slot(change), later];
    expect(await said()).toBe(key);
    tablet.slots = [slot(), { ...later, eventId: 'e2' }];
    expect(await said()).toBe('reason.not_on_list');
  });

  test('of another slot, where the book no longer knows which', () => {
    const kept = verdictIn({ reason: 'other_slot', answer: 'ask', benefitId: null });
    expect(doorSentenceOf(kept, AS_USUAL, null, false)).toBe('reason.other_slot.unknown');
  });

  test('of somebody who was here', async () => {
    tablet.slots = [slot({ expected: { [sub]: 0 } })];
    await letIn(1);
    expect([await said(), await said('Accueil')]).toEqual(['door.already', 'door.already.place']);
    const { case: one } = await shown();
    const [entry] = tablet.entries;
    const kept = verdictIn({ ...entry!, reason: 'already_here', answer: 'ask' });
    expect(doorSentenceOf(kept, one!.scan.at, null, false)).toBe('door.already.unknown');
  });

  test('of somebody who is let in all the same', async () => {
    const desk = await shown();
    desk.decide({ ...UNDECIDED, again: 'let_in' }, 'Accord');
    expect(doorSentenceOf(desk.case!.verdict, desk.case!.scan.at, null, true)).toBe('door.let_in');
  });
});
