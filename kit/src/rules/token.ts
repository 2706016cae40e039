/**
 * The pass format: parse, and rebuild the exact JWT text. docs/pass-format.md §2-§3 is the law; pure.
 * Twin of passes/token.py; both run tests/vectors/pass-v1.json.
 */

import { b64 } from './base64url';
import { bytesOf } from './digits';
import type { Reason } from './check';

export const LIVE = 1;
export const PAPER = 2;
const HEAD = 26;
const NAME_MAX_BYTES = 32;
const BARE_DIGITS_MIN = 225;

/** What a credential carries, unverified. Binary fields are raw bytes, `exp` is seconds. */
export interface Credential {
  type: typeof LIVE | typeof PAPER;
  kid: Uint8Array<ArrayBuffer>;
  sub: Uint8Array<ArrayBuffer>;
  jti: Uint8Array<ArrayBuffer>;
  exp: number;
  idx: number;
  name: string;
  /** The phone's public key; empty on paper. */
  x: Uint8Array<ArrayBuffer>;
  y: Uint8Array<ArrayBuffer>;
  signature: Uint8Array<ArrayBuffer>;
  /** The credential bytes themselves (§2.1). */
  bytes: Uint8Array<ArrayBuffer>;
}

/** What the phone adds every 15 s; `iat` is seconds. */
export interface Proof {
  iat: number;
  nonce: Uint8Array<ArrayBuffer>;
  signature: Uint8Array<ArrayBuffer>;
}

/** A credential with its proof; `proof` is null on paper. */
export interface Presentation {
  credential: Credential;
  proof: Proof | null;
}

/** The presentation in a QR's text or in bare digits, for the club at `iss`; or why it is none. Nothing is verified yet. */
export function parse(text: string, iss: string): Presentation | Reason {
  const trimmed = text.trim();
  if (/^[0-9]+$/.test(trimmed)) {
    return trimmed.length >= BARE_DIGITS_MIN ? parseDigits(trimmed) : 'not_a_pass';
  }
  const address = `${iss}/scan/#`;
  if (trimmed.startsWith(address)) {
    const digits = trimmed.slice(address.length);
    return /^[0-9]+$/.test(digits) ? parseDigits(digits) : 'not_a_pass';
  }
  return /^https?:\/\/[^/#?\s]+\/scan\/#[0-9]+$/.test(trimmed) ? 'other_club' : 'not_a_pass';
}

/** The presentation that `digits` spell, or malformed, or unknown_version. */
export function parseDigits(digits: string): Presentation | Reason {
  const bytes = bytesOf(digits);
  return bytes ? parseBytes(bytes) : 'malformed';
}

/** The presentation in these bytes; their length must be exact. */
export function parseBytes(bytes: Uint8Array<ArrayBuffer>): Presentation | Reason {
  const type = bytes[0];
  if (type !== LIVE && type !== PAPER) return 'unknown_version';
  const size = credentialSize(bytes);
  if (size === null || bytes.length !== size + (type === LIVE ? 72 : 0)) return 'malformed';
  const credential = readCredential(bytes.slice(0, size));
  if (credential === null) return 'malformed';
  if (type === PAPER) return { credential, proof: null };
  return {
    credential,
    proof: {
      iat: uint(bytes, size, 4),
      nonce: bytes.slice(size + 4, size + 8),
      signature: bytes.slice(size + 8),
    },
  };
}

/** The credential in these bytes, without a proof: what the server gives to a phone. Null when malformed. */
export function parseCredential(bytes: Uint8Array<ArrayBuffer>): Credential | null {
  if (bytes[0] !== LIVE && bytes[0] !== PAPER) return null;
  return credentialSize(bytes) === bytes.length ? readCredential(bytes) : null;
}

function credentialSize(bytes: Uint8Array): number | null {
  if (bytes.length < HEAD) return null;
  return HEAD + (bytes[HEAD - 1] ?? 0) + 64 + (bytes[0] === LIVE ? 64 : 0);
}

function readCredential(bytes: Uint8Array<ArrayBuffer>): Credential | null {
  const type = bytes[0] === LIVE ? LIVE : PAPER;
  const nameEnd = HEAD + (bytes[HEAD - 1] ?? 0);
  const name = readName(bytes.slice(HEAD, nameEnd));
  if (name === null) return null;
  const keyEnd = nameEnd + (type === LIVE ? 64 : 0);
  return {
    type,
    kid: bytes.slice(1, 4),
    sub: bytes.slice(4, 12),
    jti: bytes.slice(12, 18),
    exp: uint(bytes, 18, 4),
    idx: uint(bytes, 22, 3),
    name,
    x: bytes.slice(nameEnd, type === LIVE ? nameEnd + 32 : nameEnd),
    y: bytes.slice(type === LIVE ? nameEnd + 32 : nameEnd, keyEnd),
    signature: bytes.slice(keyEnd, keyEnd + 64),
    bytes,
  };
}

function uint(bytes: Uint8Array, start: number, size: number): number {
  return bytes.subarray(start, start + size).reduce((sum, byte) => sum * 256 + byte, 0);
}

/** §2.3, a fixed list: Unicode tables differ between browsers. */
// eslint-disable-next-line no-control-regex, no-misleading-character-class
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

function readName(bytes: Uint8Array): string | null {
  if (bytes.length < 1 || bytes.length > NAME_MAX_BYTES) return null;
  try {
    // ignoreBOM: a byte order mark must be seen and refused, not dropped.
    const name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return FORBIDDEN.test(name) ? null : name;
  } catch {
    return null;
  }
}

/** `name` inside a JSON string by the one rule of §3: ASCII only, lower-case \uXXXX. */
export function escapeName(name: string): string {
  return name
    .replace(/["\\]/g, '\\$&')
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const encoder = new TextEncoder();

function jwtInput(header: string, payload: string): string {
  return `${b64(encoder.encode(header))}.${b64(encoder.encode(payload))}`;
}

/** The JWS signing input of the credential (header.payload), rebuilt from its fields. */
export function credentialInput(c: Credential, iss: string): string {
  const typ = c.type === LIVE ? 'pass+sd-jwt' : 'paper-pass+sd-jwt';
  const cnf =
    c.type === LIVE ? `,"cnf":{"jwk":{"kty":"EC","crv":"P-256","x":"${b64(c.x)}","y":"${b64(c.y)}"}}` : '';
  return jwtInput(
    `{"alg":"ES256","kid":"${b64(c.kid)}","typ":"${typ}"}`,
    `{"iss":"${iss}","sub":"${b64(c.sub)}","jti":"${b64(c.jti)}","exp":${c.exp},"name":"${escapeName(c.name)}",` +
      `"status":{"status_list":{"idx":${c.idx},"uri":"${iss}/status"}}${cnf}}`,
  );
}

/** The issuer-signed JWT. */
export function credentialText(c: Credential, iss: string): string {
  return `${credentialInput(c, iss)}.${b64(c.signature)}`;
}

/** The JWS signing input of a key-binding JWT over this credential (RFC 9901 §4.3). */
export async function proofInput(
  c: Credential,
  iss: string,
  proof: Pick<Proof, 'iat' | 'nonce'>,
): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', encoder.encode(`${credentialText(c, iss)}~`));
  return jwtInput(
    '{"alg":"ES256","typ":"kb+jwt"}',
    `{"iat":${proof.iat},"aud":"${iss}","nonce":"${b64(proof.nonce)}","sd_hash":"${b64(new Uint8Array(digest))}"}`,
  );
}

/** `<issuer-signed JWT>~<KB-JWT>`, what an RFC 9901 library takes; a paper pass ends with `~`. */
export async function presentationText(p: Presentation, iss: string): Promise<string> {
  const text = `${credentialText(p.credential, iss)}~`;
  if (!p.proof) return text;
  return `${text}${await proofInput(p.credential, iss, p.proof)}.${b64(p.proof.signature)}`;
}

/** A presentation of this second: `credential` proved by the phone's private key. `iat` is seconds, `nonce` 4 bytes. */
export async function prove(
  credential: Credential,
  iss: string,
  key: CryptoKey,
  iat: number,
  nonce: Uint8Array<ArrayBuffer>,
): Promise<Presentation> {
  const input = encoder.encode(await proofInput(credential, iss, { iat, nonce }));
  const signature = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, input));
  return { credential, proof: { iat, nonce, signature } };
}

/** All the bytes of a presentation, as the QR carries them. */
export function presentationBytes(p: Presentation): Uint8Array<ArrayBuffer> {
  if (!p.proof) return p.credential.bytes;
  const size = p.credential.bytes.length;
  const bytes = new Uint8Array(size + 72);
  bytes.set(p.credential.bytes);
  new DataView(bytes.buffer).setUint32(size, p.proof.iat);
  bytes.set(p.proof.nonce, size + 4);
  bytes.set(p.proof.signature, size + 8);
  return bytes;
}
