/** The literals of docs/benefits.md: the same file as tests/passes/test_benefit_vectors.py. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { check, UNDECIDED, type BenefitTerms, type Context } from '../../src/rules/check';
import {
  closedUntil,
  isClosed,
  isOpen,
  localOf,
  nextOpening,
  periodOf,
  type Local,
  type Moment,
  type Period,
} from '../../src/rules/opening';
import { PLAIN, readTerms, type Quota, type Span, type Terms } from '../../src/rules/terms';

type Instant = string | number;

interface Case {
  name: string;
  now: Instant;
  claims?: { exp?: number; iat?: number | null };
  context?: Partial<Context> & { previousAt?: Instant | null };
  expect: Record<string, unknown>;
}

const VECTORS = JSON.parse(
  readFileSync(new URL('../../../tests/vectors/benefits-v1.json', import.meta.url), 'utf8'),
) as {
  defaults: Context;
  cases: Case[];
  periods: { name: string; quota: Quota; seasons: Span[]; day: string; expect: Period | null }[];
  openings: {
    name: string;
    terms: unknown;
    closures: Span[];
    local: Local;
    open: boolean;
    closed: boolean;
    closedUntil?: string;
    next?: Moment | null;
  }[];
  locals: (Local & { at: string; zone: string })[];
};

const seconds = (instant: Instant): number => (typeof instant === 'number' ? instant : Date.parse(instant) / 1000);

function termsIn(json: unknown): Terms {
  const terms = readTerms(json);
  if (!terms) throw new Error(`not terms: ${JSON.stringify(json)}`);
  return terms;
}

function contextIn({ now, context }: Case): Context {
  const all = { ...VECTORS.defaults, ...context };
  const previous = all.previousAt as Instant | null;
  return {
    ...all,
    now: seconds(now),
    previousAt: previous === null ? null : seconds(previous),
    decisions: { ...UNDECIDED, ...context?.decisions },
    benefits: all.benefits.map((one: Partial<BenefitTerms>) => ({
      ...{ id: '', version: 1, entitled: true },
      ...one,
      terms: termsIn(one.terms),
    })),
  };
}

describe('benefits-v1.json', () => {
  test.each(VECTORS.cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const context = contextIn(one);
    const verdict = check({ exp: 2145916799, iat: context.now - 5, ...one.claims }, context);
    const { answer, reason, benefitId, opens, closedUntil, others } = verdict;
    const silent = { benefitId: null, opens: null, closedUntil: null, others: [] };
    expect({ answer, reason, benefitId, opens, closedUntil, others }).toEqual({ ...silent, ...one.expect });
    expect(verdict.used).toBe(benefitId === null ? 0 : (context.used[benefitId] ?? 0));
  });

  test.each(VECTORS.periods)('period: $name', ({ quota, seasons, day, expect: wanted }) => {
    expect(periodOf(quota, seasons, day)).toEqual(wanted);
  });

  test.each(VECTORS.openings)('opening: $name', (one) => {
    const terms = termsIn(one.terms);
    expect(isOpen(terms, one.local)).toBe(one.open);
    expect(isClosed(one.closures, one.local.day)).toBe(one.closed);
    expect(closedUntil(one.closures, one.local.day)).toBe(one.closedUntil ?? null);
    if (one.next !== undefined) expect(nextOpening(terms, one.closures, one.local)).toEqual(one.next);
  });

  test.each(VECTORS.locals)('$at in $zone', ({ at, zone, ...local }) => {
    expect(localOf(seconds(at), zone)).toEqual(local);
  });
});

describe('readTerms', () => {
  test('nothing said is free entry for everybody, always', () => {
    expect(readTerms({})).toEqual(PLAIN);
  });

  test('fills what is missing, inside too, and drops what it does not know', () => {
    const read = readTerms({ quota: { n: 2 }, gift: { fr: 'Une affiche' }, kind: 'gift', later: true });
    expect(read?.quota).toEqual({ n: 2, per: 'year', scope: 'benefit', groupId: null });
    expect(read?.gift).toEqual({ fr: 'Une affiche', en: '' });
    expect(read && 'later' in read).toBe(false);
  });

  test.each([
    null,
    [],
    'free_entry',
    { kind: 'lottery' },
    { booking: 'perhaps' },
    { who: 'nobody' },
    { leastProof: 'face' },
    { quota: { n: 1, per: 'fortnight' } },
    { quota: { n: 1, scope: 'planet' } },
    { quota: { per: 'year' } },
    { quota: 3 },
    { minPayingCompanions: -1 },
    { minPayingCompanions: '1' },
    { percent: '10' },
    { circleId: 4 },
    { seasons: {} },
    { seasons: [{ first: '04-01' }] },
    { hours: [['10:00', '12:00']] },
    { weekdays: ['monday'] },
    { line: 'Bonjour' },
    { line: { fr: 1 } },
  ])('%j is not what this build knows', (json) => {
    expect(readTerms(json)).toBeNull();
  });
});
