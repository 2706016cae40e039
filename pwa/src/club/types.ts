/** What the server says of the manifesto and of my data (docs/sync.md §2), narrowed once from what arrives. */
import { day, fields, list, text, type Fields } from '../narrow';
import { readNeed } from '../pass/types';

/** One published version. */
export interface Version {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly body: string;
  readonly publishedOn: string | null;
  readonly effectiveOn: string | null;
}

export interface Remark {
  readonly name: string;
  readonly on: string;
  readonly text: string;
  readonly isMine: boolean;
}

/** A version in the making, open to remarks. */
export interface Draft {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly body: string;
  readonly comments: readonly Remark[];
}

export interface ManifestoPage {
  readonly current: Version | null;
  /** The newest version that was signed, with what was declared. */
  readonly signed: { readonly version: string; readonly on: string; readonly interests: string } | null;
  readonly need: 'sign' | 'read' | null;
  /** Last day before the pass is put on hold; null when nothing is to be signed, or at once. */
  readonly by: string | null;
  readonly draft: Draft | null;
}

/** Everything that the club holds about me: read here where it is shown, kept whole for the file. */
export interface MyData {
  readonly whole: Fields;
  readonly person: Fields;
  readonly mandates: readonly Fields[];
  readonly circles: readonly Fields[];
  readonly invitations: readonly Fields[];
  readonly manifesto: readonly Fields[];
  readonly comments: readonly Fields[];
  readonly passes: readonly Fields[];
  readonly visits: readonly Fields[];
  readonly events: readonly Fields[];
  readonly quiet: readonly Fields[];
  readonly calendars: readonly Fields[];
  readonly letters: readonly Fields[];
  readonly signIns: readonly Fields[];
  readonly history: readonly Fields[];
  readonly requests: readonly Fields[];
  readonly keeping: readonly { readonly what: string; readonly kept: string }[];
}

export function readManifesto(body: unknown): ManifestoPage | null {
  const from = fields(body);
  if (!from) return null;
  const signed = fields(from.signed);
  return {
    current: readVersion(from.current),
    signed: signed ? { version: text(signed.version), on: text(signed.on), interests: text(signed.interests) } : null,
    ...readNeed(from),
    draft: readDraft(from.draft),
  };
}

function readVersion(body: unknown): Version | null {
  const from = fields(body);
  if (!from || typeof from.id !== 'string') return null;
  return { ...readWords(from), publishedOn: day(from.publishedOn), effectiveOn: day(from.effectiveOn) };
}

function readDraft(body: unknown): Draft | null {
  const from = fields(body);
  if (!from || typeof from.id !== 'string') return null;
  return { ...readWords(from), comments: list(from.comments).map(readRemark) };
}

function readWords(from: Fields): Pick<Version, 'id' | 'version' | 'title' | 'body'> {
  return { id: text(from.id), version: text(from.version), title: text(from.title), body: text(from.body) };
}

function readRemark(body: unknown): Remark {
  const from = fields(body) ?? {};
  return { name: text(from.name), on: text(from.on), text: text(from.text), isMine: from.isMine === true };
}

/** The request waits for the office's answer. */
export function isAwaited(request: Fields): boolean {
  return text(request.answeredAt) === '';
}

export function readMyData(body: unknown): MyData | null {
  const whole = fields(body);
  const person = fields(whole?.person);
  if (!whole || !person) return null;
  const records = (name: string): readonly Fields[] =>
    list(whole[name])
      .map(fields)
      .filter((one) => one !== null);
  return {
    whole,
    person,
    mandates: records('mandates'),
    circles: records('circles'),
    invitations: records('invitations'),
    manifesto: records('manifesto'),
    comments: records('comments'),
    passes: records('passes'),
    visits: records('visits'),
    events: records('events'),
    quiet: records('quiet'),
    calendars: records('calendars'),
    letters: records('letters'),
    signIns: records('signIns'),
    history: records('history'),
    requests: records('requests'),
    keeping: records('keeping').map((one) => ({ what: text(one.what), kept: text(one.kept) })),
  };
}
