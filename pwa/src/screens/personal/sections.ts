/** My data as sections of records, each a few short lines: what people understand. The file has the rest. */
import type { Lang } from '@estran/kit/text/lang';
import type { Values } from '@estran/kit/text/lang';
import { onDay, when } from '../../club/instants';
import { isAwaited, type MyData } from '../../club/types';
import { text, type Fields } from '../../narrow';
import type { ClubKey } from '../../text/personal';

/** Words of this app; or what introduces words that somebody typed, and those: French, whatever the app speaks. */
export type Line = string | readonly [said: string, typed: string];

export interface Section {
  readonly title: ClubKey;
  /** The first line of a record says which it is: when, or what. */
  readonly records: readonly (readonly Line[])[];
  /** Something in it was waited for: shown without being asked. */
  readonly isOpen?: boolean;
}

/** How to say it: the words, the language, the club's zone. */
export interface Tongue {
  readonly t: (key: ClubKey, values?: Values) => string;
  readonly lang: Lang;
  readonly zone: string;
}

const PERSON: readonly (readonly [field: string, label: ClubKey])[] = [
  ['firstName', 'data.firstName'],
  ['lastName', 'data.lastName'],
  ['email', 'data.email'],
  ['shownAs', 'data.shownAs'],
  ['addedAt', 'data.since'],
  ['lastSeenAt', 'data.lastSeen'],
  ['certifiedOn', 'data.certifiedOn'],
  ['certifiedUntil', 'data.certifiedUntil'],
  ['pausedWhy', 'data.paused'],
];

const STATES = {
  counted: 'data.visit.counted',
  to_confirm: 'data.visit.to_confirm',
  refused: 'data.visit.refused',
  rejected: 'data.visit.rejected',
  quarantined: 'data.visit.quarantined',
  cancelled: 'data.visit.cancelled',
} as const satisfies Readonly<Record<string, ClubKey>>;

const REPLIES = {
  awaited: 'data.reply.awaited',
  coming: 'data.reply.coming',
  waiting: 'data.reply.waiting',
  declined: 'data.reply.declined',
} as const satisfies Readonly<Record<string, ClubKey>>;

const TOPICS = {
  invitations: 'data.quiet.invitations',
  reminders: 'data.quiet.reminders',
  thanks: 'data.quiet.thanks',
} as const satisfies Readonly<Record<string, ClubKey>>;

/** Who the person is: label and value, without what is empty. */
export function particulars(person: Fields, { t, lang, zone }: Tongue): readonly (readonly [string, Line])[] {
  return PERSON.flatMap(([field, label]) => {
    const value = field.endsWith('At') ? onDay(person[field], lang, zone) : dayOrText(person[field], lang, zone);
    return value === '' ? [] : [[t(label), field === 'pausedWhy' ? typed(value) : value] as const];
  });
}

function typed(words: string, said = ''): Line {
  return words && [said, words];
}

function dayOrText(value: unknown, lang: Lang, zone: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text(value)) ? when(value, lang, zone) : text(value);
}

export function sectionsOf(data: MyData, tongue: Tongue): readonly Section[] {
  const said = (records: readonly Fields[], say: (record: Fields, tongue: Tongue) => readonly Line[]) =>
    records.map((record) => say(record, tongue).filter(Boolean));
  return [
    { title: 'data.mandates', records: said(data.mandates, mandate) },
    { title: 'data.circles', records: data.circles.map(({ name }) => [text(name)]) },
    { title: 'data.invitations', records: data.invitations.map((one) => [text(one.venue), text(one.benefit)]) },
    { title: 'data.manifesto', records: said(data.manifesto, signature) },
    { title: 'data.comments', records: said(data.comments, remark) },
    { title: 'data.visits', records: said(data.visits, visit) },
    { title: 'data.events', records: said(data.events, invitation) },
    { title: 'data.quiet', records: said(data.quiet, quiet) },
    { title: 'data.calendars', records: said(data.calendars, calendar) },
    { title: 'data.passes', records: said(data.passes, device) },
    { title: 'data.letters', records: said(data.letters, letter) },
    { title: 'data.signIns', records: said(data.signIns, signIn) },
    {
      title: 'data.requests',
      records: said([...data.requests].sort(newestFirst), request),
      isOpen: data.requests.some((one) => !isAwaited(one)),
    },
    { title: 'data.keeping', records: data.keeping.map(({ what, kept }) => [what, kept]) },
  ];
}

function mandate(from: Fields, { t, lang, zone }: Tongue): readonly string[] {
  const term = t('data.mandate', { from: when(from.beginsOn, lang, zone), to: when(from.endsOn, lang, zone) });
  return [term, from.wish === 'yes' ? t('data.wishYes') : from.wish === 'no' ? t('data.wishNo') : ''];
}

function signature(from: Fields, { t, lang, zone }: Tongue): readonly Line[] {
  const key = from.kind === 'read' ? 'data.read' : 'data.signed';
  return [
    t(key, { version: text(from.version), day: onDay(from.at, lang, zone) }),
    typed(text(from.interests), t('data.interests')),
  ];
}

function remark(from: Fields, { lang, zone }: Tongue): readonly Line[] {
  return [onDay(from.at, lang, zone), typed(text(from.text))];
}

function visit(from: Fields, { t, lang, zone }: Tongue): readonly string[] {
  const state = STATES[text(from.state) as keyof typeof STATES] as ClubKey | undefined;
  const n = typeof from.companions === 'number' ? from.companions : 0;
  return [
    when(from.at, lang, zone),
    text(from.venue),
    text(from.benefit) || text(from.event),
    state ? t(state) : '',
    n > 0 ? t(n === 1 ? 'data.companions.one' : 'data.companions', { n }) : '',
  ];
}

function invitation(from: Fields, { t, lang, zone }: Tongue): readonly string[] {
  const reply = REPLIES[text(from.reply) as keyof typeof REPLIES] as ClubKey | undefined;
  const n = typeof from.guests === 'number' ? from.guests : 0;
  return [
    text(from.title),
    when(from.startsAt, lang, zone),
    reply ? t(reply) : '',
    n > 0 ? t(n === 1 ? 'data.guests.one' : 'data.guests', { n }) : '',
    from.came === true ? t('data.came') : from.came === false ? t('data.notCame') : '',
  ];
}

function quiet(from: Fields, { t }: Tongue): readonly string[] {
  const topic = TOPICS[text(from.topic) as keyof typeof TOPICS] as ClubKey | undefined;
  return [topic ? t(topic) : text(from.topic)];
}

function calendar(from: Fields, { t, lang, zone }: Tongue): readonly string[] {
  const end = onDay(from.endedAt, lang, zone);
  return [t('data.calendar', { day: onDay(from.at, lang, zone) }), end && t('data.calendarEnded', { day: end })];
}

function device(from: Fields, { t, lang, zone }: Tongue): readonly string[] {
  const end = onDay(from.revokedAt ?? from.endedAt, lang, zone);
  const day = onDay(from.issuedAt, lang, zone);
  return [
    from.medium === 'paper'
      ? t('data.passPrinted', { day })
      : t('data.passSince', { device: text(from.phone) || t('data.device'), day }),
    end ? t('data.passEnded', { day: end }) : t('data.passNow'),
  ];
}

function letter(from: Fields, { lang, zone }: Tongue): readonly Line[] {
  return [when(from.sentAt ?? from.at, lang, zone), typed(text(from.subject))];
}

function signIn(from: Fields, { lang, zone }: Tongue): readonly string[] {
  return [when(from.at, lang, zone)];
}

function newestFirst(one: Fields, other: Fields): number {
  return instant(other) - instant(one);
}

function instant({ at }: Fields): number {
  return Date.parse(text(at)) || 0;
}

function request(from: Fields, { t, lang, zone }: Tongue): readonly Line[] {
  const key = from.kind === 'object' ? 'data.requestObject' : 'data.requestCorrect';
  return [
    t(key, { day: onDay(from.at, lang, zone) }),
    typed(text(from.text)),
    isAwaited(from)
      ? t('data.awaited')
      : typed(text(from.answer), t('data.answered', { day: onDay(from.answeredAt, lang, zone) })),
  ];
}
