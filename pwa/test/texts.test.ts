import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en as appEn } from '../src/text/en';
import { fr as appFr } from '../src/text/fr';
import type { EventsWord } from '../src/text/events';
import { eventsEn } from '../src/text/events-en';
import { eventsFr } from '../src/text/events-fr';
import type { HereWord } from '../src/text/here';
import { hereEn } from '../src/text/here-en';
import { hereFr } from '../src/text/here-fr';
import type { ClubKey } from '../src/text/personal';
import { personalEn } from '../src/text/personal-en';
import { personalFr } from '../src/text/personal-fr';

type Key = ClubKey | HereWord | EventsWord;
const fr = { ...appFr, ...personalFr, ...hereFr, ...eventsFr };
const en = { ...appEn, ...personalEn, ...hereEn, ...eventsEn };
const keys = Object.keys(fr) as Key[];
const places = (sentence: string): string[] => [...sentence.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

describe('the words fetched later', () => {
  it('never say again what the app says already', () => {
    const all = [appFr, personalFr, hereFr, eventsFr].flatMap((words) => Object.keys(words));
    expect(all.filter((key, at) => all.indexOf(key) !== at)).toEqual([]);
  });
});

describe('the two languages', () => {
  it('say the same things', () => {
    expect(Object.keys(en).sort()).toEqual([...keys].sort());
  });

  it('leave the same places to fill', () => {
    for (const key of keys) expect(places(en[key]), key).toEqual(places(fr[key]));
  });

  it('leave nothing empty', () => {
    for (const key of keys) expect(fr[key].trim() && en[key].trim(), key).not.toBe('');
  });
});

describe('French typography', () => {
  it('uses the curly apostrophe and the single-character ellipsis', () => {
    for (const key of keys) expect(fr[key], key).not.toMatch(/'|\.\.\./);
  });
});

describe('the screens', () => {
  const sources = join(import.meta.dirname, '../src');
  const code = readdirSync(sources, { recursive: true, encoding: 'utf-8' })
    .filter((name) => /\.(svelte|ts)$/.test(name) && !name.startsWith('text'))
    .map((name) => readFileSync(join(sources, name), 'utf-8'))
    .join('\n');

  it('use every sentence', () => {
    expect(keys.filter((key) => !key.startsWith('kit.') && !code.includes(`'${key}'`))).toEqual([]);
  });

  it('write no style into the page: the content security policy would drop it', () => {
    expect(code).not.toMatch(/\sstyle=/);
  });
});
