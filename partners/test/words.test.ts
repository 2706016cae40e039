import { verdictOf } from '@estran/kit/rules/check';
import { ANSWERS, type Reason } from '@estran/kit/rules/reasons';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PLAIN, type Terms } from '@estran/kit/rules/terms';
import { hourOf } from '../src/state/day';
import { partyIn, peopleOf, periodIn, sentenceOf, verdictIn, wordOf, type Told } from '../src/state/words';
import { en as firstEn } from '../src/text/en';
import { fr as firstFr } from '../src/text/fr';
import { workEn } from '../src/text/work-en';
import { workFr } from '../src/text/work-fr';

const [fr, en] = [
  { ...firstFr, ...workFr },
  { ...firstEn, ...workEn },
];

const told = (terms: Partial<Terms>): Told => ({ terms: { ...PLAIN, ...terms }, place: null, today: '2026-11-18' });
const REASONS = Object.keys(ANSWERS) as Reason[];

describe('the book of the day keeps no numbers and no hours', () => {
  it.each(REASONS)('%s', (reason) => {
    const kept = { reason, answer: ANSWERS[reason], benefitId: 'b1' };
    for (const said of [fr, en]) expect(said[sentenceOf(verdictIn(kept))]).not.toMatch(/\{(?!name\})/);
  });

  it('but whether there was a benefit', () => {
    const kept = { reason: 'welcome', answer: 'admit', benefitId: 'b1' } as const;
    expect(sentenceOf(verdictIn(kept))).toBe('welcome.unknown');
    expect(sentenceOf(verdictIn({ ...kept, benefitId: null }))).toBe('welcome.nothing');
  });
});

describe('the pass format', () => {
  it('quotes the sentences as they are said', () => {
    const rows = readFileSync(join(import.meta.dirname, '../../docs/pass-format.md'), 'utf-8')
      .split('\n')
      .map((line) => line.split(' | '))
      .filter(([code]) => /^\| `[a-z_]+`$/.test(code ?? '') && code!.slice(3, -1) in ANSWERS);
    const quoted = Object.fromEntries(rows.map(([code, , , , sentence]) => [code!.slice(3, -1), sentence]));
    const said = Object.fromEntries(REASONS.map((reason) => [reason, fr[`reason.${reason}`]]));
    expect(quoted).toEqual(said);
  });
});

describe('the word of an answer', () => {
  it('says nothing of the price to whoever showed something else by mistake', () => {
    const words = REASONS.map((reason) => [reason, fr[wordOf(verdictOf(reason))]]);
    expect(words.filter(([, word]) => word === 'Pas reconnu').map(([reason]) => reason)).toEqual([
      'not_a_pass',
      'malformed',
    ]);
  });
});

describe('words for numbers of people', () => {
  it.each([
    [0, 'reason.companions_missing.unknown'],
    [1, 'reason.companions_missing.one'],
    [2, 'reason.companions_missing'],
  ])('ask for %i in the right number', (minPayingCompanions, sentence) => {
    expect(sentenceOf(verdictOf('companions_missing'), told({ minPayingCompanions }))).toBe(sentence);
  });

  it.each([
    [0, 'reason.quota_used.unknown'],
    [1, 'reason.quota_used.one'],
    [2, 'reason.quota_used'],
  ])('tell %i uses', (used, sentence) => {
    const quota = { n: 2, per: 'month', scope: 'venue', groupId: null } as const;
    expect(sentenceOf({ ...verdictOf('quota_used'), used }, told({ quota }))).toBe(sentence);
    expect(fr[periodIn({ ...PLAIN, quota })]).toBe('ce mois-ci');
  });

  it.each([
    [{ guests: 1, children: 2 }, ['1 personne invitée', '2 enfants']],
    [{ guests: 2 }, ['2 personnes invitées']],
    [{}, []],
  ])('of those who came in free: %o', (party, words) => {
    expect(partyIn(party).map(({ key, n }) => fr[key].replace('{n}', String(n)))).toEqual(words);
  });

  it.each([
    [0, 'done.companions.none'],
    [1, 'done.companions.one'],
    [7, 'done.companions'],
  ])('tell %i', (companions, sentence) => {
    expect(peopleOf(companions)).toBe(sentence);
  });
});

describe('a day', () => {
  it.each([
    ['2026-11-18', 'reason.venue_closed.unknown'],
    ['2026-11-19', 'reason.venue_closed'],
  ])('up to %s', (closedUntil, sentence) => {
    expect(sentenceOf({ ...verdictOf('venue_closed'), closedUntil }, told({}))).toBe(sentence);
  });
});

describe('an hour', () => {
  it.each([
    ['fr', 5, '8 h 05'],
    ['en', 5, '08:05'],
    ['fr', 0, '8 h 00'],
    ['en', 0, '08:00'],
  ] as const)('in %s, minute %i', (lang, minute, words) => {
    expect(hourOf(Date.UTC(2026, 5, 15, 6, minute), 'Europe/Paris', lang).replaceAll('\u202f', ' ')).toBe(words);
  });
});

describe('French typography', () => {
  it('uses the curly apostrophe and the single-character ellipsis', () => {
    for (const [key, sentence] of Object.entries(fr)) expect(sentence, key).not.toMatch(/'|\.\.\./);
  });
});
