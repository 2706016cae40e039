import { localOf } from '@estran/kit/rules/opening';
import { readTerms } from '@estran/kit/rules/terms';
import { describe, expect, it } from 'vitest';
import { placesAt, type Line } from '../src/pass/opens';
import { readNews, type OwnBenefit, type VenueBenefits } from '../src/pass/types';

/** A Tuesday. */
const TUESDAY = '2026-07-14T15:00:00+02:00';

const at = (iso: string) => localOf(Date.parse(iso) / 1000, 'Europe/Paris');

function benefit(terms: object, more: Partial<OwnBenefit> = {}): OwnBenefit {
  const sentence = { fr: 'Entrée gratuite', en: 'Free entry' };
  return { id: 'b', terms: readTerms(terms), sentence, entitled: true, used: 0, first: null, last: null, ...more };
}

function venue(benefits: readonly OwnBenefit[] | undefined, more: Partial<VenueBenefits> = {}): VenueBenefits {
  const sentences = [{ fr: 'Entrée gratuite', en: '' }];
  return {
    ...{ venue: 'Abbaye', commune: '', address: '', url: '', paused: false, sentences, id: 'v', closures: [] },
    ...{ benefits, ...more },
  };
}

function line(one: OwnBenefit, iso = TUESDAY, closures: VenueBenefits['closures'] = []): Line | undefined {
  return placesAt([venue([one], { closures })], at(iso))[0]?.places[0]?.lines[0];
}

const YEAR = { first: '2026-01-01', last: '2026-12-31' };

describe('a benefit now', () => {
  it('without hours follows those of the place', () => {
    expect(line(benefit({}))?.state).toEqual({ is: 'open', until: null, last: null, days: 0 });
  });

  it('says until when it is open; openings that touch are one', () => {
    const hours = [
      { first: '15:30', last: '17:30' },
      { first: '10:00', last: '12:00' },
      { first: '14:00', last: '15:30' },
    ];
    expect(line(benefit({ hours }))?.state).toMatchObject({ is: 'open', until: 17 * 60 + 30 });
    expect(line(benefit({ hours: [{ first: '14:00', last: '24:00' }] }))?.state).toMatchObject({ until: 1440 });
  });

  it.each([
    ['2026-07-15', '2026-07-15', 2],
    ['2026-07-14', '2026-07-14', 1],
    ['2026-07-27', '2026-07-27', 14],
    ['2026-07-28', null, 0],
  ])('near the end of its season: %s', (last, told, days) => {
    const seasons = [{ first: '2026-04-01', last }];
    expect(line(benefit({ seasons }))?.state).toMatchObject({ is: 'open', last: told, days });
  });

  it('goes on when another season follows without a gap, and ends with a closure', () => {
    const seasons = [
      { first: '06-01', last: '07-15' },
      { first: '07-16', last: '08-31' },
    ];
    expect(line(benefit({ seasons }))?.state).toMatchObject({ last: null });
    const closures = [{ first: '2026-07-17', last: '2026-07-20' }];
    expect(line(benefit({ seasons }), TUESDAY, closures)?.state).toMatchObject({ last: '2026-07-16', days: 3 });
  });

  it('that is shut says when it opens next, or that nobody knows', () => {
    expect(line(benefit({ weekdays: [7] }))?.state).toEqual({ is: 'later', opens: { day: '2026-07-19', minute: 0 } });
    expect(line(benefit({ seasons: [{ first: '2025-01-01', last: '2025-12-31' }] }))?.state).toEqual({ is: 'over' });
  });

  it('that is for others says why', () => {
    expect(line(benefit({ who: 'certified' }, { entitled: false }))?.state).toEqual({
      is: 'reserved',
      who: 'certified',
    });
  });

  it('whose terms this app cannot read says its sentence alone', () => {
    expect(line(benefit({ kind: 'lottery' }))).toMatchObject({ state: { is: 'unknown' }, uses: null });
  });
});

describe('what is used, and what remains', () => {
  const quota = { n: 2, per: 'year' };

  it.each([
    [0, { used: 0, left: 2, per: 'year' }, 'open'],
    [1, { used: 1, left: 1, per: 'year' }, 'open'],
    [2, { used: 2, left: 0, per: 'year' }, 'used'],
    [5, { used: 5, left: 0, per: 'year' }, 'used'],
  ])('%i of 2', (used, uses, is) => {
    expect(line(benefit({ quota }, { used, ...YEAR }))).toMatchObject({ uses, state: { is } });
  });

  it('is nothing again once the year is over', () => {
    const one = benefit({ quota }, { used: 2, ...YEAR });
    expect(line(one, '2026-12-31T23:59:59+01:00')?.state.is).toBe('used');
    expect(line(one, '2027-01-01T00:00:00+01:00')).toMatchObject({ uses: { used: 0, left: 2 }, state: { is: 'open' } });
  });

  it('is for the mandate whatever the year', () => {
    const one = benefit({ quota: { n: 2, per: 'validity' } }, { used: 1 });
    expect(line(one, '2027-05-01T12:00:00+02:00')?.uses).toEqual({ used: 1, left: 1, per: 'validity' });
  });

  it('is not told outside the season it is counted in, nor where nothing was counted', () => {
    const seasons = [{ first: '10-01', last: '10-31' }];
    expect(line(benefit({ seasons, quota: { n: 1, per: 'season' } }))?.uses).toBeNull();
    expect(line(benefit({}))?.uses).toBeNull();
    expect(line(benefit({}, { used: 3, ...YEAR }))?.uses).toEqual({ used: 3, left: null, per: 'year' });
  });
});

describe('the places', () => {
  const open = venue([benefit({})], { venue: 'Ouvert' });
  const evening = venue([benefit({ hours: [{ first: '18:00', last: '20:00' }] })], { venue: 'Ce soir' });
  const sunday = venue([benefit({ weekdays: [7] })], { venue: 'Dimanche' });
  const friday = venue([benefit({ weekdays: [5] })], { venue: 'Vendredi' });
  const closed = venue([benefit({})], { venue: 'Fermé', closures: [{ first: '2026-07-01', last: '2026-07-20' }] });
  const paused = venue([benefit({})], { venue: 'Pause', paused: true });
  const used = venue([benefit({ quota: { n: 1 } }, { used: 1, ...YEAR })], { venue: 'Utilisé' });

  it('are in groups, what opens first before what opens later', () => {
    const groups = placesAt([used, sunday, evening, paused, closed, friday, open], at(TUESDAY));
    expect(groups.map(({ group, places }) => [group, places.map((one) => one.venue.venue)])).toEqual([
      ['today', ['Ouvert', 'Ce soir']],
      ['soon', ['Vendredi', 'Dimanche']],
      ['closed', ['Pause', 'Fermé']],
      ['rest', ['Utilisé']],
    ]);
  });

  it('say until when they are closed', () => {
    const [group] = placesAt([closed], at(TUESDAY));
    expect(group?.places[0]).toMatchObject({ until: '2026-07-20', lines: [{ state: { is: 'closed' } }] });
    expect(placesAt([closed], at('2026-07-21T00:00:00+02:00'))[0]?.group).toBe('today');
  });

  it('stand where their best benefit is', () => {
    const both = venue([benefit({ weekdays: [7] }), benefit({})]);
    expect(placesAt([both], at(TUESDAY))[0]).toMatchObject({
      group: 'today',
      places: [{ lines: [{ state: { is: 'later' } }, { state: { is: 'open' } }] }],
    });
  });

  it('of news that an older version of this app has kept are shown with their sentences', () => {
    const old: VenueBenefits = { ...venue(undefined), closures: undefined, id: undefined };
    expect(placesAt([old], at(TUESDAY))).toMatchObject([
      { group: 'rest', places: [{ lines: [{ sentence: { fr: 'Entrée gratuite' }, state: { is: 'unknown' } }] }] },
    ]);
  });
});

describe('news', () => {
  const base = { status: 'revoked', credential: null };
  const place = { venue: 'Abbaye', sentences: [] };

  it('tell terms, closures and counts', () => {
    const told = {
      ...place,
      id: 'v1',
      closures: [{ first: '2026-07-01', last: '2026-07-20' }, 'rubbish'],
      benefits: [
        { id: 'b1', terms: { quota: { n: 1 } }, sentence: { fr: 'Oui' }, entitled: false, used: 1, ...YEAR },
        'rubbish',
      ],
    };
    const read = readNews({ ...base, benefits: [told] })?.benefits[0];
    expect(read).toMatchObject({ id: 'v1', closures: [{ first: '2026-07-01', last: '2026-07-20' }] });
    expect(read?.benefits?.[0]).toMatchObject({ id: 'b1', entitled: false, used: 1, ...YEAR });
    expect(read?.benefits?.[0]?.terms?.quota).toMatchObject({ n: 1, per: 'year' });
    expect(read?.benefits?.[1]).toMatchObject({ terms: null, entitled: true, used: 0 });
  });

  it('of an older server have none of it', () => {
    expect(readNews({ ...base, benefits: [place] })?.benefits[0]?.benefits).toBeUndefined();
  });
});
