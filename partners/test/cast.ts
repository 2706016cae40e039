/** A club, a phone and a server for tests. Keys are made anew: what is tested is the journey, the literals are elsewhere. */
import { ascii, b64, type Bytes } from '@estran/kit/rules/bytes';
import { digitsOf } from '@estran/kit/rules/digits';
import { zlibSync } from 'fflate';
import {
  credentialInput,
  LIVE,
  PAPER,
  presentationBytes,
  proofInput,
  scanAddress,
  type Fields,
} from '@estran/kit/rules/token';
import { sdHash, type IssuerKey } from '@estran/kit/rules/verify';
import type { Result } from '@estran/kit/net/api';
import type { Server } from '../src/net/server';
import { PLAIN, type Terms } from '@estran/kit/rules/terms';
import type { Benefit, Delivery, Item, Received, Receipt, Slot, Snapshot } from '../src/net/wire';

export const ISS = 'https://pass.example.org';
export const VENUE = { id: '00000000-0000-4000-8000-00000000aaaa', name: 'Musée' };
export const BENEFIT = '11111111-1111-4111-8111-111111111111';
/** 2026-11-18, 12:06:40 in Paris. */
export const NOON_MS = 1_795_000_000_000;

const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;

async function keyPair(): Promise<{ sign: (text: string) => Promise<Bytes>; x: Bytes; y: Bytes }> {
  const pair = await crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const sign = async (text: string): Promise<Bytes> =>
    new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, ascii(text)));
  return { sign, x: raw.slice(1, 33), y: raw.slice(33) };
}

export interface Club {
  readonly key: IssuerKey;
  readonly kid: Bytes;
  readonly sign: (text: string) => Promise<Bytes>;
}

export async function club(): Promise<Club> {
  const { sign, x, y } = await keyPair();
  const kid = new Uint8Array([1, 2, 3]);
  return { sign, kid, key: { kid: b64(kid), kty: 'EC', crv: 'P-256', x: b64(x), y: b64(y) } };
}

export interface Phone {
  readonly fields: Fields;
  /** The QR's text as of this second. */
  show(atS: number): Promise<string>;
}

export async function phone(of: Club, name = 'Camille V.', paper = false, idx = 0): Promise<Phone> {
  const { sign, x, y } = await keyPair();
  const random = (size: number): Bytes => crypto.getRandomValues(new Uint8Array(size));
  const unsigned: Fields = {
    type: paper ? PAPER : LIVE,
    kid: of.kid,
    sub: random(8),
    jti: random(6),
    exp: 1_830_297_599,
    idx,
    name,
    key: paper ? null : { x, y },
    signature: new Uint8Array(64),
    proof: null,
  };
  const fields = { ...unsigned, signature: await of.sign(credentialInput(unsigned, ISS)) };
  const show = async (iat: number): Promise<string> => {
    const nonce = random(4);
    const proof = paper
      ? null
      : { iat, nonce, signature: await sign(proofInput({ iat, nonce }, ISS, await sdHash(fields, ISS))) };
    return scanAddress(ISS) + digitsOf(presentationBytes({ ...fields, proof }));
  };
  return { fields, show };
}

/** `bits`: two bits a pass, as in the list. */
export async function statusList(of: Club, version = 1, bits = [0, 0]): Promise<string> {
  const part = (value: object): string => b64(ascii(JSON.stringify(value)));
  const head = part({ alg: 'ES256', kid: of.key.kid, typ: 'statuslist+jwt' });
  const lst = b64(zlibSync(new Uint8Array(bits)));
  const body = part({ sub: `${ISS}/status`, iat: 1, exp: 2, ttl: 3, version, status_list: { bits: 2, lst } });
  return `${head}.${body}.${b64(await of.sign(`${head}.${body}`))}`;
}

export function benefit(terms: Partial<Terms> = {}, change: Partial<Benefit> = {}): Benefit {
  const words = { fr: 'Entrée gratuite', en: 'Free entry' };
  const plain = { id: BENEFIT, version: 1, entitled: null, desk: words, give: words };
  return { ...plain, terms: { ...PLAIN, ...terms }, ...change };
}

export async function snapshot(of: Club, change: Partial<Snapshot> = {}): Promise<Snapshot> {
  return {
    iss: ISS,
    club: 'Club',
    zone: 'Europe/Paris',
    snapshotLimitS: 604_800,
    keys: [of.key],
    statusList: await statusList(of),
    venue: { ...VENUE, paused: false, closures: [] },
    benefits: [benefit()],
    uses: {},
    today: { day: '', visits: {} },
    slots: [],
    lastSeq: 0,
    ...change,
  };
}

export const SLOT = '22222222-2222-4222-8222-222222222222';

/** An evening that begins in an hour: its door is open at noon. */
export function slot(change: Partial<Slot> = {}): Slot {
  const hour = 3_600_000;
  const when = {
    startsMs: NOON_MS + hour,
    endsMs: NOON_MS + 3 * hour,
    opensMs: NOON_MS - hour,
    closesMs: NOON_MS + 5 * hour,
  };
  const who = { capacity: 20, guestsMax: 2, walkIns: false, expected: {}, waiting: [], arrived: {} };
  return { id: SLOT, eventId: 'e1', title: { fr: 'Vernissage', en: 'Opening' }, note: '', ...when, ...who, ...change };
}

/** A server that stores by id, as docs/sync.md says, and fails on demand. */
export class FakeServer implements Server {
  readonly stored = new Map<string, Item>();
  readonly deliveries: (Delivery & { token: string })[] = [];
  device: Received['device'] = 'active';
  /** What becomes of the next calls: `lost` stores and then loses the reply. */
  readonly trouble: ('lost' | 'down' | number)[] = [];
  /** Tokens that this server does not know. */
  readonly unknown = new Set<string>();
  /** Items that make it refuse a whole batch. */
  readonly poison = new Set<string>();
  news: Snapshot | null = null;
  etag = '"1"';

  pair(): Promise<never> {
    return Promise.reject(new Error('not asked here'));
  }

  lookUp(): Promise<never> {
    return Promise.reject(new Error('not asked here'));
  }

  snapshot(_token: string, etag: string | null): Promise<Result<Snapshot | null>> {
    if (this.device === 'cut') return Promise.resolve(failed('device_cut', 403));
    if (this.device === 'pending') return Promise.resolve(failed('device_pending', 403));
    if (!this.news) return Promise.resolve(failed('network', 0));
    const value = etag === this.etag ? null : this.news;
    return Promise.resolve({ ok: true, value, status: value ? 200 : 304, etag: this.etag });
  }

  deliver(token: string, delivery: Delivery): Promise<Result<Received>> {
    this.deliveries.push({ ...delivery, token });
    const trouble = this.trouble.shift();
    if (trouble === 'down') return Promise.resolve(failed('network', 0));
    if (typeof trouble === 'number') return Promise.resolve(failed(`http_${trouble}`, trouble));
    if (this.unknown.has(token)) return Promise.resolve(failed('unknown_device', 401));
    if (delivery.items.some(({ id }) => this.poison.has(id))) return Promise.resolve(failed('invalid', 422));
    const results = delivery.items.map((item) => ({ id: item.id, result: this.#store(item) }));
    if (trouble === 'lost') return Promise.resolve(failed('network', 0));
    return Promise.resolve({ ok: true, value: { results, device: this.device }, status: 200, etag: null });
  }

  #store(item: Item): Receipt {
    const known = this.stored.get(item.id);
    if (known) return JSON.stringify(known) === JSON.stringify(item) ? 'duplicate' : 'parked';
    this.stored.set(item.id, item);
    return 'stored';
  }
}

function failed(code: string, status: number): Result<never> {
  return { ok: false, code, status, problem: null };
}
