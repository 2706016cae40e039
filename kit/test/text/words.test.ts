import { describe, expect, it } from 'vitest';
import { ago, span } from '../../src/text/ago';
import { clockWords, longDay } from '../../src/text/dates';
import { kitEn, kitFr } from '../../src/text/kit-texts';
import { instantWords, momentWords, timeWords } from '../../src/text/moments';
import { fill, firstLang, typeset } from '../../src/text/lang';
import { Texts } from '../../src/text/texts.svelte';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('how long ago', () => {
  it.each([
    [0, 'à l’instant', 'just now'],
    [MINUTE - 1, 'à l’instant', 'just now'],
    [-HOUR, 'à l’instant', 'just now'],
    [MINUTE, 'il y a 1 min', '1 min ago'],
    [HOUR - 1, 'il y a 59 min', '59 min ago'],
    [3 * HOUR, 'il y a 3 h', '3 h ago'],
    [DAY, 'il y a 1 jour', '1 day ago'],
    [9.9 * DAY, 'il y a 9 jours', '9 days ago'],
  ])('%d ms is « %s »', (elapsed, inFrench, inEnglish) => {
    expect(ago(0, elapsed, 'fr')).toBe(inFrench);
    expect(ago(0, elapsed, 'en')).toBe(inEnglish);
  });

  it('is never shorter than a minute', () => {
    expect(span(5, 'fr')).toBe('1 min');
  });
});

describe('a moment to come', () => {
  it.each([
    ['2026-07-14', 0, 'aujourd’hui', 'today'],
    ['2026-07-14', 1080, 'aujourd’hui à 18 h', 'today at 18:00'],
    ['2026-07-15', 600, 'demain à 10 h', 'tomorrow at 10:00'],
    ['2026-07-20', 0, 'lundi', 'on Monday'],
    ['2026-07-19', 845, 'dimanche à 14 h 05', 'on Sunday at 14:05'],
    ['2026-07-21', 0, 'le 21 juillet 2026', 'on 21 July 2026'],
    ['2027-04-01', 570, 'le 1er avril 2027 à 9 h 30', 'on 1 April 2027 at 09:30'],
  ])('%s at minute %i', (day, minute, inFrench, inEnglish) => {
    expect(momentWords({ day, minute }, '2026-07-14', 'fr').replaceAll('\u202f', ' ')).toBe(inFrench);
    expect(momentWords({ day, minute }, '2026-07-14', 'en')).toBe(inEnglish);
  });

  it.each([
    ['2026-07-14T16:00Z', 'aujourd’hui à 18 h', 'today at 18:00'],
    ['2026-07-14T22:30Z', 'le mercredi 15 juillet à 0 h 30', 'on Wednesday 15 July at 00:30'],
    ['2026-07-11T08:00Z', 'le samedi 11 juillet à 10 h', 'on Saturday 11 July at 10:00'],
    ['2026-12-01T09:05Z', 'le mardi 1er décembre à 10 h 05', 'on Tuesday 1 December at 10:05'],
  ])('%s is an instant, come or gone', (at, inFrench, inEnglish) => {
    const said = (lang: 'fr' | 'en'): string => instantWords(Date.parse(at), '2026-07-14', 'Europe/Paris', lang);
    expect([said('fr').replaceAll('\u202f', ' '), said('en')]).toEqual([inFrench, inEnglish]);
  });

  it('midnight has a name', () => {
    expect([timeWords(1440, 'fr'), timeWords(1440, 'en')]).toEqual(['minuit', 'midnight']);
  });
});

describe('days and hours', () => {
  it('are said in full, in the club’s zone', () => {
    expect(longDay('2026-12-31', 'fr')).toBe('31 décembre 2026');
    expect(longDay('2026-12-31', 'en')).toBe('31 December 2026');
    expect(longDay('2027-08-01', 'fr')).toBe('1er août 2027');
    expect(longDay('2027-08-01', 'en')).toBe('1 August 2027');
    expect(clockWords(Date.UTC(2026, 10, 23, 23, 30, 5), 'fr', 'Europe/Paris')).toEqual({
      day: 'mardi 24 novembre',
      time: '00:30:05',
    });
  });

  it('survive a day that is none and a zone nobody knows', () => {
    expect(longDay('', 'fr')).toBe('');
    expect(longDay('2027-13-01', 'fr')).toBe('2027-13-01');
    expect(clockWords(0, 'fr', 'Mars/Olympus').time).toMatch(/^\d\d:\d\d:\d\d$/);
  });
});

describe('sentences', () => {
  it('are filled, and an empty place stays visible', () => {
    expect(fill('{n} lieux, {what}', { n: 3 })).toBe('3 lieux, {what}');
  });

  it('get the no-break spaces of French', () => {
    expect(typeset('Quoi ? « Oui » : non !', 'fr')).toBe('Quoi\u00a0? «\u00a0Oui\u00a0»\u00a0: non\u00a0!');
    expect(typeset('What ? no', 'en')).toBe('What ? no');
  });

  it('follow the language', () => {
    const texts = new Texts({ fr: { hello: 'Bonjour {who} !' }, en: { hello: 'Hello {who}!' } }, 'test-lang');
    texts.choose('fr');
    expect(texts.t('hello', { who: 'Camille' })).toBe('Bonjour Camille\u00a0!');
    texts.choose('en');
    expect(texts.t('hello', { who: 'Camille' })).toBe('Hello Camille!');
  });

  it('of the kit exist in both languages', () => {
    expect(Object.keys(kitEn).sort()).toEqual(Object.keys(kitFr).sort());
  });
});

describe('sentences that come later', () => {
  it('stand beside the first ones, in the language of the moment', () => {
    const texts = new Texts({ fr: { hello: 'Bonjour' }, en: { hello: 'Hello' } }, 'test-later');
    const t = texts.also({ fr: { more: 'Encore {n} !' }, en: { more: '{n} more!' } });
    texts.choose('fr');
    expect([t('hello'), t('more', { n: 2 })]).toEqual(['Bonjour', 'Encore 2\u00a0!']);
    texts.choose('en');
    expect([t('hello'), t('more', { n: 2 })]).toEqual(['Hello', '2 more!']);
  });
});

describe('the first language', () => {
  it.each([
    ['en', ['fr-FR'], 'en'],
    [null, ['en-GB', 'fr'], 'en'],
    [null, ['fr-FR'], 'fr'],
    [null, ['de-DE', 'en'], 'fr'],
    ['tlh', [], 'fr'],
  ] as const)('stored %s, browser %s: %s', (stored, preferred, lang) => {
    expect(firstLang(stored, preferred)).toBe(lang);
  });
});
