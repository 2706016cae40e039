"""The pass format: digits ↔ bytes ↔ JWT text, and the two signatures. docs/pass-format.md §2-§3 is the law. No IO.

Twin of kit/src/rules/{digits,token,verify}.ts; both run tests/vectors/pass-v1.json.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from jwt.algorithms import ECAlgorithm
from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from estran.club.rules import FORBIDDEN_IN_NAMES, NAME_MAX_BYTES
from estran.encoding import b64
from estran.passes.rules import Reason

LIVE, PAPER = 1, 2
KID_BYTES, SUB_BYTES, JTI_BYTES, NONCE_BYTES = 3, 8, 6, 4
DIGITS_MAX = 700
BARE_DIGITS_MIN = 225
POINTS_CACHED = 4096
GROUP_DIGITS = {1: 3, 2: 5, 3: 8, 4: 10, 5: 13, 6: 15}
GROUP_BYTES = {digits: size for size, digits in GROUP_DIGITS.items()}

_HEAD = 1 + KID_BYTES + SUB_BYTES + JTI_BYTES + 4 + 3 + 1
# ECMAScript's white space: Python's own lacks the byte order mark and has six controls more.
_SPACE = "\t\n\v\f\r \xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
_OTHER = re.compile(rf"https?://[^/#?{_SPACE}]+/scan/#[0-9]+")
_DIGITS = re.compile(r"[0-9]+")
_JWS = PyJWS(algorithms=["ES256"])
_ES256 = ECAlgorithm(ECAlgorithm.SHA256, SECP256R1)


class Fields(NamedTuple):
    """What a pass carries, unverified. Binary fields are raw bytes; `exp` and `iat` are seconds."""

    type: int
    kid: bytes
    sub: bytes
    jti: bytes
    exp: int
    idx: int
    name: str
    x: bytes
    y: bytes
    signature: bytes
    iat: int | None = None
    nonce: bytes = b""
    proof: bytes = b""

    @property
    def credential(self) -> bytes:
        """The credential bytes (pass-format §2.1): everything but the proof."""
        name = self.name.encode()
        return b"".join(
            (
                bytes([self.type]),
                self.kid,
                self.sub,
                self.jti,
                self.exp.to_bytes(4, "big"),
                self.idx.to_bytes(3, "big"),
                bytes([len(name)]),
                name,
                self.x,
                self.y,
                self.signature,
            )
        )

    @property
    def raw(self) -> bytes:
        """All the bytes, proof included."""
        if self.iat is None:
            return self.credential
        return self.credential + self.iat.to_bytes(4, "big") + self.nonce + self.proof


@dataclass(frozen=True, slots=True, eq=False)
class PublicKey:
    """An issuer's public key with the `kid` passes name it by. Compared and hashed by identity."""

    kid: bytes
    key: EllipticCurvePublicKey


# --- digits (§2.2) ----------------------------------------------------------------------------------------------------


def digits_of(raw: bytes) -> str:
    """The one decimal spelling of `raw`: 6 bytes as 15 digits, a shorter last group as 3, 5, 8, 10 or 13."""
    groups = (raw[start : start + 6] for start in range(0, len(raw), 6))
    return "".join(str(int.from_bytes(group, "big")).zfill(GROUP_DIGITS[len(group)]) for group in groups)


def bytes_of(digits: str) -> bytes | None:
    """The bytes that `digits` spell, or None: wrong character, wrong length, overflow, or longer than 700."""
    if len(digits) > DIGITS_MAX or not digits.isascii() or not digits.isdigit():
        return None
    raw = b""
    for start in range(0, len(digits), 15):
        group = digits[start : start + 15]
        size = GROUP_BYTES.get(len(group))
        if size is None:
            return None
        number = int(group)
        if number >> (8 * size):
            return None
        raw += number.to_bytes(size, "big")
    return raw


# --- parse (§2) -------------------------------------------------------------------------------------------------------


def parse(text: str, iss: str) -> Fields | Reason:
    """The fields of a QR's text or of bare digits, for the club at `iss`; nothing is verified yet.

    A Reason when it is not a pass: not_a_pass, other_club, malformed, unknown_version.
    """
    text = text.strip(_SPACE)
    if _DIGITS.fullmatch(text) and text.isascii():
        return parse_digits(text) if len(text) >= BARE_DIGITS_MIN else Reason.NOT_A_PASS
    address = iss + "/scan/#"
    if text.startswith(address):
        digits = text[len(address) :]
        return parse_digits(digits) if digits and _DIGITS.fullmatch(digits) else Reason.NOT_A_PASS
    return Reason.OTHER_CLUB if _OTHER.fullmatch(text) else Reason.NOT_A_PASS


def parse_digits(digits: str) -> Fields | Reason:
    """The fields that `digits` spell, or malformed, or unknown_version."""
    raw = bytes_of(digits)
    if not raw:
        return Reason.MALFORMED
    return parse_bytes(raw)


def parse_bytes(raw: bytes) -> Fields | Reason:
    """The fields of a whole presentation (live) or credential (paper); its length must be exact."""
    if raw[0] not in {LIVE, PAPER}:
        return Reason.UNKNOWN_VERSION
    live = raw[0] == LIVE
    size = _HEAD + raw[_HEAD - 1] + 64 + (64 + 72 if live else 0) if len(raw) >= _HEAD else -1
    if len(raw) != size:
        return Reason.MALFORMED
    fields = _credential_fields(raw)
    if not live or isinstance(fields, Reason):
        return fields
    return fields._replace(iat=int.from_bytes(raw[-72:-68], "big"), nonce=raw[-68:-64], proof=raw[-64:])


def parse_credential(raw: bytes) -> Fields | Reason:
    """The fields of credential bytes, live or paper, without a proof."""
    if not raw or raw[0] not in {LIVE, PAPER}:
        return Reason.UNKNOWN_VERSION
    size = _HEAD + raw[_HEAD - 1] + 64 + (64 if raw[0] == LIVE else 0) if len(raw) >= _HEAD else -1
    return _credential_fields(raw) if len(raw) == size else Reason.MALFORMED


def _credential_fields(raw: bytes) -> Fields | Reason:
    name_end = _HEAD + raw[_HEAD - 1]
    name = _parse_name(raw[_HEAD:name_end])
    if name is None:
        return Reason.MALFORMED
    key_end = name_end + (64 if raw[0] == LIVE else 0)
    return Fields(
        type=raw[0],
        kid=raw[1:4],
        sub=raw[4:12],
        jti=raw[12:18],
        exp=int.from_bytes(raw[18:22], "big"),
        idx=int.from_bytes(raw[22:25], "big"),
        name=name,
        x=raw[name_end : name_end + 32] if raw[0] == LIVE else b"",
        y=raw[name_end + 32 : key_end] if raw[0] == LIVE else b"",
        signature=raw[key_end : key_end + 64],
    )


def _parse_name(raw: bytes) -> str | None:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return name if is_good_name(name) else None


def is_good_name(name: str) -> bool:
    """Whether `name` may stand in a pass: 1 to 32 bytes, none of the characters of pass-format §2.3."""
    return not FORBIDDEN_IN_NAMES.search(name) and 1 <= len(name.encode()) <= NAME_MAX_BYTES


# --- templates (§3) ---------------------------------------------------------------------------------------------------


def escape(name: str) -> str:
    r"""`name` inside a JSON string by the one rule of §3: ASCII only, lower-case \uXXXX."""
    return json.dumps(name)[1:-1]


def _jwt_input(header: str, payload: str) -> str:
    return f"{b64(header.encode())}.{b64(payload.encode())}"


def credential_input(fields: Fields, iss: str) -> str:
    """The JWS signing input of the credential (header.payload), rebuilt from its fields."""
    typ = "pass+sd-jwt" if fields.type == LIVE else "paper-pass+sd-jwt"
    cnf = (
        f',"cnf":{{"jwk":{{"kty":"EC","crv":"P-256","x":"{b64(fields.x)}","y":"{b64(fields.y)}"}}}}'
        if fields.type == LIVE
        else ""
    )
    return _jwt_input(
        f'{{"alg":"ES256","kid":"{b64(fields.kid)}","typ":"{typ}"}}',
        f'{{"iss":"{iss}","sub":"{b64(fields.sub)}","jti":"{b64(fields.jti)}","exp":{fields.exp},'
        f'"name":"{escape(fields.name)}",'
        f'"status":{{"status_list":{{"idx":{fields.idx},"uri":"{iss}/status"}}}}{cnf}}}',
    )


def credential_text(fields: Fields, iss: str) -> str:
    """The issuer-signed JWT."""
    return f"{credential_input(fields, iss)}.{b64(fields.signature)}"


def proof_input(fields: Fields, iss: str, aud: str = "") -> str:
    """The JWS signing input of the key-binding JWT over this credential (RFC 9901 §4.3), for `iss` or another receiver."""
    sd_hash = b64(hashlib.sha256(f"{credential_text(fields, iss)}~".encode()).digest())
    return _jwt_input(
        '{"alg":"ES256","typ":"kb+jwt"}',
        f'{{"iat":{fields.iat},"aud":"{aud or iss}","nonce":"{b64(fields.nonce)}","sd_hash":"{sd_hash}"}}',
    )


def presentation_text(fields: Fields, iss: str) -> str:
    """`<issuer-signed JWT>~<KB-JWT>`, what an RFC 9901 library takes; a paper pass ends with `~`."""
    if fields.iat is None:
        return f"{credential_text(fields, iss)}~"
    return f"{credential_text(fields, iss)}~{proof_input(fields, iss)}.{b64(fields.proof)}"


# --- sign and verify --------------------------------------------------------------------------------------------------


def sign_credential(fields: Fields, iss: str, key: EllipticCurvePrivateKey) -> Fields:
    """The same fields with the issuer's signature. Raises ValueError for a name that may not stand in a pass."""
    if not is_good_name(fields.name) or unicodedata.normalize("NFC", fields.name) != fields.name:
        msg = "the name cannot stand in a pass"
        raise ValueError(msg)
    return fields._replace(signature=_ES256.sign(credential_input(fields, iss).encode(), key))


def sign_proof(
    fields: Fields, iss: str, key: EllipticCurvePrivateKey, *, iat: int, nonce: bytes, aud: str = ""
) -> Fields:
    """The same fields with the holder's proof of this second; what a phone does, for tests and the demo."""
    proved = fields._replace(iat=iat, nonce=nonce)
    return proved._replace(proof=_ES256.sign(proof_input(proved, iss, aud).encode(), key))


def verify_credential(fields: Fields, iss: str, keys: Iterable[PublicKey]) -> Reason | None:
    """None when one of `keys` with this `kid` signed the credential; else unknown_key or bad_signature."""
    candidates = [known.key for known in keys if known.kid == fields.kid]
    if not candidates:
        return Reason.UNKNOWN_KEY
    text = credential_text(fields, iss)
    return None if any(_is_signed(text, key) for key in candidates) else Reason.BAD_SIGNATURE


def verify_proof(fields: Fields, iss: str, aud: str = "") -> Reason | None:
    """None when the holder's key, named in the credential, signed the proof (always for a paper pass); else bad_proof.

    `aud`: whom the proof is for, when that is not `iss` itself.
    """
    if fields.iat is None:
        return None
    key = point(fields.x, fields.y)
    text = f"{proof_input(fields, iss, aud)}.{b64(fields.proof)}"
    return None if key is not None and _is_signed(text, key) else Reason.BAD_PROOF


def verify(fields: Fields, iss: str, keys: Iterable[PublicKey]) -> Reason | None:
    """None when both signatures hold; else unknown_key, bad_signature or bad_proof."""
    return verify_credential(fields, iss, keys) or verify_proof(fields, iss)


@lru_cache(maxsize=POINTS_CACHED)
def point(x: bytes, y: bytes) -> EllipticCurvePublicKey | None:
    """The P-256 public key at these coordinates, or None when they are not on the curve."""
    try:
        return EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), SECP256R1()).public_key()
    except ValueError:
        return None


def _is_signed(text: str, key: EllipticCurvePublicKey) -> bool:
    """Whether `text` is a JWS that `key` signed with ES256, and nothing else (RFC 8725 §3.1)."""
    try:
        _JWS.decode(text, key, algorithms=["ES256"])
    except PyJWTError:
        return False
    return True


def thumbprint(jwk: Mapping[str, str]) -> bytes:
    """The RFC 7638 SHA-256 thumbprint of an EC key; its first 3 bytes are the `kid`."""
    text = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).digest()


def jwk_of(key: EllipticCurvePublicKey) -> dict[str, str]:
    """The public JWK (RFC 7517) of a P-256 key, with its 3-byte `kid`, `alg` and `use`."""
    numbers = key.public_numbers()
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": b64(numbers.x.to_bytes(32, "big")),
        "y": b64(numbers.y.to_bytes(32, "big")),
    }
    return {**jwk, "kid": b64(thumbprint(jwk)[:KID_BYTES]), "alg": "ES256", "use": "sig"}
