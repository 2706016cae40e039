/** The literals of docs/events.md §4. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import type { Claims, Context, Decisions } from '../../src/rules/check';
import { welcome, type Door } from '../../src/rules/welcome';

interface Whole {
  claims: Claims;
  context: Context;
  door: Door;
  guests: number;
}

interface Case {
  name: string;
  claims?: Partial<Claims>;
  context?: Partial<Omit<Context, 'decisions'>> & { decisions?: Partial<Decisions> };
  door?: Partial<Door>;
  guests?: number;
  expect: [answer: string, reason: string];
}

const FILE = new URL('../../../tests/vectors/welcome-v1.json', import.meta.url);
const { base, cases } = JSON.parse(readFileSync(FILE, 'utf8')) as { base: Whole; cases: Case[] };

test.each(cases.map((one) => [one.name, one] as const))('%s', (_, { claims, context, door, guests, expect: said }) => {
  const decisions = { ...base.context.decisions, ...context?.decisions };
  const verdict = welcome(
    { ...base.claims, ...claims },
    { ...base.context, ...context, decisions },
    { ...base.door, ...door },
    guests ?? base.guests,
  );
  expect([verdict.answer, verdict.reason]).toEqual(said);
  expect([verdict.benefitId, verdict.benefitVersion]).toEqual([null, null]);
  if (said[1] === 'already_here') expect(verdict.previousAt).toBe(door?.previousAt);
});
