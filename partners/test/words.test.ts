import { verdictOf } from '@estran/kit/rules/check';
import { describe, expect, it } from 'vitest';
import { peopleOf, sentenceOf } from '../src/state/words';

describe('words for numbers of people', () => {
  it.each([
    [1, 'reason.companions_missing.one'],
    [2, 'reason.companions_missing'],
  ])('ask for %i in the right number', (minPayingCompanions, sentence) => {
    expect(sentenceOf({ ...verdictOf('companions_missing'), minPayingCompanions })).toBe(sentence);
  });

  it.each([
    [0, 'done.companions.none'],
    [1, 'done.companions.one'],
    [7, 'done.companions'],
  ])('tell %i', (companions, sentence) => {
    expect(peopleOf(companions)).toBe(sentence);
  });
});
