import { Api } from '@estran/kit/net/api';
import { beforeEach, expect, test, vi } from 'vitest';
import { Demo } from '../src/state/demo.svelte';

const answering = (body: unknown): Api =>
  new Api(
    () => undefined,
    () => Promise.resolve(new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })),
  );
const silent = new Api(
  () => undefined,
  () => Promise.reject(new TypeError('no network')),
);

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});

test('the demonstration says so without network once it was met', async () => {
  const demo = new Demo();
  expect(demo.on).toBe(false);
  await demo.ask(answering({ club: 'Club', demo: true }));
  expect(demo.on).toBe(true);
  const relaunched = new Demo();
  await relaunched.ask(silent);
  expect(relaunched.on).toBe(true);
});

test('a real club is never called a demonstration', async () => {
  const demo = new Demo();
  for (const body of [{ demo: false }, { demo: 'yes' }, {}, [], null]) await demo.ask(answering(body));
  expect(demo.on).toBe(false);
});
