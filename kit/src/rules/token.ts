/**
 * The pass format: a QR's text ↔ bytes ↔ fields ↔ JWT text. docs/pass-format.md §2-§3 is the law. Pure.
 * Twin of server/estran/passes/token.py; both run tests/vectors/pass-v1.json.
 */
import { ascii, b64, bigEndian, concat, toNumber, type Bytes } from './bytes';
import { bytesOf } from './digits';
import type { ParseReason } from './reasons';

export const LIVE = 1;
export const PAPER = 2;
export const NAME_MAX_BYTES = 32;

/** Below this many digits a bare number is a grocery barcode or a typing slip, not a damaged pass. */
const BARE_DIGITS_MIN = 225;
const HEAD = 1 + 3 + 8 + 6 + 4 + 3 + 1;
const PROOF = 4 + 4 + 64;

/** What a pass carries, unverified. `exp` and `iat` are seconds; `key` and `proof` are null on a paper pass. */
export interface Fields {
  readonly type: typeof LIVE | typeof PAPER;
  readonly kid: Bytes;
  readonly sub: Bytes;
  readonly jti: Bytes;
  readonly exp: number;
  readonly idx: number;
  readonly name: string;
  readonly key: { readonly x: Bytes; readonly y: Bytes } | null;
  readonly signature: Bytes;
  readonly proof: Proof | null;
}

/** The holder's proof of this moment. */
export interface Proof {
  readonly iat: number;
  readonly nonce: Bytes;
  readonly signature: Bytes;
}

/** The fields of a QR's text, or of bare digits, for the club at `iss`; a reason when it is no pass of this club. */
export function parse(text: string, iss: string): Fields | ParseReason {
  const said = text.trim();
  if (/^[0-9]+$/.test(said)) return said.length >= BARE_DIGITS_MIN ? parseDigits(said) : 'not_a_pass';
  const address = scanAddress(iss);
  if (said.startsWith(address)) {
    const digits = said.slice(address.length);
    return /^[0-9]+$/.test(digits) ? parseDigits(digits) : 'not_a_pass';
  }
  return /^https?:\/\/[^/#?\s]+\/scan\/#[0-9]+$/.test(said) ? 'other_club' : 'not_a_pass';
}

/** What stands before the digits in a QR of the club at `iss`. */
export function scanAddress(iss: string): string {
  return `${iss}/scan/#`;
}

export function parseDigits(digits: string): Fields | 'malformed' | 'unknown_version' {
  const bytes = bytesOf(digits);
  return bytes && bytes.length > 0 ? parseBytes(bytes) : 'malformed';
}

/** The fields of a whole presentation (live) or credential (paper). */
export function parseBytes(bytes: Bytes): Fields | 'malformed' | 'unknown_version' {
  if (bytes[0] !== LIVE) return parseCredential(bytes);
  if (bytes.length <= PROOF) return 'malformed';
  const at = bytes.length - PROOF;
  const fields = parseCredential(bytes.slice(0, at));
  if (typeof fields === 'string') return fields;
  const proof = {
    iat: toNumber(bytes.subarray(at, at + 4)),
    nonce: bytes.slice(at + 4, at + 8),
    signature: bytes.slice(at + 8),
  };
  return { ...fields, proof };
}

/** The fields of credential bytes, live or paper, without a proof. Their length must be exact. */
export function parseCredential(bytes: Bytes): Fields | 'malformed' | 'unknown_version' {
  const type = bytes[0];
  if (type !== LIVE && type !== PAPER) return 'unknown_version';
  const nameEnd = HEAD + (bytes[HEAD - 1] ?? 0);
  const keyEnd = nameEnd + (type === LIVE ? 64 : 0);
  if (bytes.length !== keyEnd + 64) return 'malformed';
  const name = parseName(bytes.subarray(HEAD, nameEnd));
  if (name === null) return 'malformed';
  return {
    type,
    kid: bytes.slice(1, 4),
    sub: bytes.slice(4, 12),
    jti: bytes.slice(12, 18),
    exp: toNumber(bytes.subarray(18, 22)),
    idx: toNumber(bytes.subarray(22, 25)),
    name,
    key: type === LIVE ? { x: bytes.slice(nameEnd, nameEnd + 32), y: bytes.slice(nameEnd + 32, keyEnd) } : null,
    signature: bytes.slice(keyEnd),
    proof: null,
  };
}

function parseName(bytes: Uint8Array): string | null {
  try {
    // ignoreBOM keeps a leading U+FEFF, so that it is refused like everywhere else
    const name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return isGoodName(name) ? name : null;
  } catch {
    return null;
  }
}

/** Whether `name` may stand in a pass: 1 to 32 bytes, no character of §2.3. */
export function isGoodName(name: string): boolean {
  const size = ascii(name).length;
  return size >= 1 && size <= NAME_MAX_BYTES && ![...name].some((char) => isForbidden(char.codePointAt(0) ?? 0));
}

/** The fixed list of §2.3. Lone surrogates included: iteration by code points leaves them alone. */
function isForbidden(code: number): boolean {
  return FORBIDDEN.some(([first, last]) => code >= first && code <= last);
}

const FORBIDDEN: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x2069],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
];

/** The credential bytes: everything up to and including the issuer's signature. */
export function credentialBytes(fields: Fields): Bytes {
  const name = ascii(fields.name);
  return concat([
    bigEndian(fields.type, 1),
    fields.kid,
    fields.sub,
    fields.jti,
    bigEndian(fields.exp, 4),
    bigEndian(fields.idx, 3),
    bigEndian(name.length, 1),
    name,
    ...(fields.key ? [fields.key.x, fields.key.y] : []),
    fields.signature,
  ]);
}

/** All the bytes, proof included. */
export function presentationBytes(fields: Fields): Bytes {
  const { proof } = fields;
  if (!proof) return credentialBytes(fields);
  return concat([credentialBytes(fields), bigEndian(proof.iat, 4), proof.nonce, proof.signature]);
}

/** `name` inside a JSON string by the one rule of §3: ASCII only, lower-case \uXXXX. */
export function escapeName(name: string): string {
  return name.replace(/["\\]|[^\x20-\x7e]/g, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function jwtInput(header: string, payload: string): string {
  return `${b64(ascii(header))}.${b64(ascii(payload))}`;
}

/** The JWS signing input (header.payload) of the credential, rebuilt from its fields. */
export function credentialInput(fields: Fields, iss: string): string {
  const { key } = fields;
  const typ = fields.type === LIVE ? 'pass+sd-jwt' : 'paper-pass+sd-jwt';
  const cnf = key ? `,"cnf":{"jwk":{"kty":"EC","crv":"P-256","x":"${b64(key.x)}","y":"${b64(key.y)}"}}` : '';
  return jwtInput(
    `{"alg":"ES256","kid":"${b64(fields.kid)}","typ":"${typ}"}`,
    `{"iss":"${iss}","sub":"${b64(fields.sub)}","jti":"${b64(fields.jti)}","exp":${fields.exp},` +
      `"name":"${escapeName(fields.name)}",` +
      `"status":{"status_list":{"idx":${fields.idx},"uri":"${statusAddress(iss)}"}}${cnf}}`,
  );
}

/** The issuer-signed JWT. */
export function credentialText(fields: Fields, iss: string): string {
  return `${credentialInput(fields, iss)}.${b64(fields.signature)}`;
}

/** The JWS signing input of the key-binding JWT; `sdHash` is the SHA-256 of `<issuer-signed JWT>~`. */
export function proofInput(proof: Pick<Proof, 'iat' | 'nonce'>, audience: string, sdHash: Uint8Array): string {
  return jwtInput(
    '{"alg":"ES256","typ":"kb+jwt"}',
    `{"iat":${proof.iat},"aud":"${audience}","nonce":"${b64(proof.nonce)}","sd_hash":"${b64(sdHash)}"}`,
  );
}

/** Where the club publishes its status list: the `uri` of every pass and the `sub` of the list. */
export function statusAddress(iss: string): string {
  return `${iss}/status`;
}
