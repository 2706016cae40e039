import { Api } from '@estran/kit/net/api';
import { beforeEach, expect, test, vi } from 'vitest';
import { Club } from '../src/state/club.svelte';

const answering = (body: unknown): Api =>
  new Api(
    () => undefined,
    () => Promise.resolve(new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })),
  );
const silent = new Api(
  () => undefined,
  () => Promise.reject(new TypeError('no network')),
);
const RED = { light: '#b3261e', dark: '#e35d56', deep: '#6b1712' };

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});

test('what was met once is there without network', async () => {
  const club = new Club();
  expect(club.card).toEqual({ name: '', demo: false, colours: null, logo: null });
  const logo = { src: '/logo?v=1', alt: 'Un phare' };
  await club.ask(answering({ club: 'Club', demo: true, colours: RED, logo }));
  const relaunched = new Club();
  await relaunched.ask(silent);
  expect(relaunched.card).toEqual({ name: 'Club', demo: true, colours: RED, logo });
});

test('a real club is never called a demonstration', async () => {
  const club = new Club();
  for (const body of [{ demo: false }, { demo: 'yes' }, {}, [], null]) await club.ask(answering(body));
  expect(club.card.demo).toBe(false);
});

test('pictures come from here, colours are colours', async () => {
  const club = new Club();
  for (const src of ['//elsewhere.example', 'https://elsewhere.example/logo', 7]) {
    await club.ask(answering({ demo: false, colours: { ...RED, deep: 'url(x)' }, logo: { src, alt: '' } }));
    expect(club.card).toMatchObject({ colours: null, logo: null });
  }
});
