/**
 * TypeScript's side of test_twins.py: one case a line comes in, what kit/src/rules says of it goes out.
 * Vite reads the sources; nothing has to be built.
 */
import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { runnerImport } from 'vite';

const rules = new URL('../../kit/src/rules/', import.meta.url).pathname;
const modules = ['check', 'opening', 'terms'].map(async (name) => (await runnerImport(`${rules}${name}.ts`)).module);
const [{ check }, opening, { readTerms }] = await Promise.all(modules);

function judge({ claims, context }) {
  const { closures, now, zone } = context;
  const benefits = context.benefits.map((one) => ({ ...one, terms: readTerms(one.terms) }));
  const local = opening.localOf(now, zone);
  return {
    verdict: check(claims, { ...context, benefits }),
    local,
    closedUntil: opening.closedUntil(closures, local.day),
    benefits: benefits.map(({ terms }) => ({
      terms,
      next: !opening.isOpen(terms, local) && opening.nextOpening(terms, closures, local),
      period: terms.quota && opening.periodOf(terms.quota, terms.seasons, local.day),
    })),
  };
}

for await (const line of createInterface({ input: stdin })) {
  stdout.write(`${JSON.stringify(judge(JSON.parse(line)))}\n`);
}
