import { describe, expect, it } from 'vitest';
import { clockOffMs, daysLeft, refreshDelayMs, showing } from '../src/pass/view';
import { addressOf, routeOf } from '../src/route';
import { readClub, readMe, readNews } from '../src/pass/types';

const EXP_S = 1_800_000_000;

describe('what a stored pass shows', () => {
  it('shows the code until its very last second', () => {
    expect(showing({ status: 'valid' }, EXP_S, EXP_S)).toBe('live');
    expect(showing({ status: 'valid' }, EXP_S, EXP_S + 1)).toBe('expired');
  });

  it.each(['suspended', 'revoked', 'expired', 'replaced'] as const)('believes the office when it says %s', (status) => {
    expect(showing({ status }, EXP_S, 0)).toBe(status);
  });
});

describe('the last days', () => {
  it('are counted from a fortnight before, the last one being 0', () => {
    expect(daysLeft(EXP_S, EXP_S - 15 * 86_400)).toBeNull();
    expect(daysLeft(EXP_S, EXP_S - 14 * 86_400)).toBe(14);
    expect(daysLeft(EXP_S, EXP_S - 10)).toBe(0);
    expect(daysLeft(EXP_S, EXP_S + 1)).toBeNull();
  });
});

describe('asking the office again', () => {
  it('is soon after a failure, then less and less, never slower than usual', () => {
    expect([0, 1, 2, 3, 9].map((failures) => refreshDelayMs(failures) / 1000)).toEqual([300, 15, 30, 60, 300]);
  });
});

describe('a wrong clock', () => {
  it('is only spoken of above a minute', () => {
    expect(clockOffMs(60_000)).toBeNull();
    expect(clockOffMs(-61_000)).toBe(60_000);
    expect(clockOffMs(-300 * 86_400_000 + 80)).toBe(300 * 86_400_000);
  });
});

describe('what the server says', () => {
  it('is refused when it is not what was agreed', () => {
    expect(readClub({ club: 'x' })).toBeNull();
    expect(readMe({ eligibility: 'perhaps' })).toBeNull();
    expect(readNews({ status: 'valid', credential: null })).toBeNull();
    expect(readNews(null)).toBeNull();
  });

  it('names what the manifesto and the renewal wait for', () => {
    const me = readMe({
      eligibility: 'unsigned',
      manifesto: { need: 'sign', by: '2026-07-01' },
      renewal: { endsOn: '2026-12-31', wish: 'yes' },
    });
    expect(me).toMatchObject({
      eligibility: 'unsigned',
      manifesto: { need: 'sign', by: '2026-07-01' },
      renewal: { endsOn: '2026-12-31', wish: 'yes' },
    });
    const news = readNews({
      status: 'suspended',
      credential: null,
      eligibility: 'unsigned',
      manifesto: { need: 'sign' },
    });
    expect(news).toMatchObject({ eligibility: 'unsigned', manifesto: { need: 'sign', by: null } });
  });

  it('tells of a draft that is open to remarks, to the person and to the pass', () => {
    const manifesto = { need: null, by: null, hasDraft: true };
    expect(readMe({ eligibility: 'eligible', manifesto })?.manifesto).toEqual(manifesto);
    expect(readNews({ status: 'revoked', manifesto })?.manifesto).toEqual(manifesto);
  });

  it('asks nothing when an older server says nothing of it, or a newer one something unknown', () => {
    expect(readMe({ eligibility: 'eligible' })).toMatchObject({
      manifesto: { need: null, by: null, hasDraft: false },
      renewal: null,
    });
    const odd = { need: 'dance', by: 'soon', hasDraft: 'perhaps' };
    expect(readMe({ eligibility: 'eligible', manifesto: odd, renewal: { endsOn: 'soon' } })).toMatchObject({
      manifesto: { need: null, by: null, hasDraft: false },
      renewal: null,
    });
    expect(readNews({ status: 'revoked', eligibility: 'perhaps' })).toMatchObject({ eligibility: null });
  });

  it('turns nothing but web addresses into links', () => {
    const venue = { venue: 'Abbaye', url: 'javascript:alert(1)', sentences: [{ fr: 'Entrée gratuite' }] };
    const news = readNews({ status: 'revoked', credential: null, benefits: [venue] });
    expect(news?.benefits[0]).toMatchObject({ venue: 'Abbaye', url: '', paused: false });
    expect(news?.benefits[0]?.sentences).toEqual([{ fr: 'Entrée gratuite', en: '' }]);
  });
});

describe('the places of the app', () => {
  it.each(['account', 'manifesto', 'draft', 'data', 'leave'] as const)(
    'has one called %s, and the way there',
    (place) => {
      expect(routeOf(`#/${place}`)).toBe(place);
      expect(addressOf(place)).toBe(`#/${place}`);
    },
  );

  it('shows the pass at any other address', () => {
    expect(['', '#/', '#/nowhere', '#/data/x', '#pass'].map(routeOf)).toEqual(Array(5).fill('pass'));
  });
});
