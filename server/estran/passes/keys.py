"""The issuer's keys: made, announced, current, retired, revoked (docs/pass-format.md §7).

Public parts and dates are rows; private parts are files of mode 0600 in `<data>/keys`, one for each row.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from estran.actor import SYSTEM, Actor
from estran.db import fetch, writes
from estran.encoding import unb64
from estran.errors import Conflict, NotFound
from estran.history import service as history
from estran.passes import token
from estran.passes.tables import Pass, SigningKey

ANNOUNCED = timedelta(days=14)
"""A key is published this long before it signs: twice the default limit of a scanner's news."""
KEPT = timedelta(days=60)
"""A retired key stays published this long after its last pass has expired: late visits must still verify."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs: the club's origin and the folder that holds its private keys."""

    iss: str
    folder: Path

    async def private(self, row: SigningKey) -> EllipticCurvePrivateKey:
        """The private part of `row`; raises Conflict `key_missing` when its file is not there."""
        try:
            return _load(str(self.folder / f"{row.id}.pem"))
        except FileNotFoundError as error:
            raise Conflict(
                "key_missing",
                f"the private key {row.kid} is not in {self.folder}: restore it, or run estran keys revoke",
            ) from error


@lru_cache(maxsize=16)
def _load(path: str) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(Path(path).read_bytes(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        msg = f"{path} is not an EC key"
        raise TypeError(msg)
    return key


async def current(issuer: Issuer, *, now: datetime) -> SigningKey:
    """The key that signs at `now`; the very first one is made here."""
    row = await _newest_started(now)
    return row if row is not None else await make(issuer, SYSTEM, starts_at=now, now=now)


async def _newest_started(now: datetime) -> SigningKey | None:
    return (
        await SigningKey.objects()
        .where(SigningKey.starts_at <= now, SigningKey.revoked_at.is_null())
        .order_by(SigningKey.starts_at, ascending=False)
        .first()
    )


async def fault(issuer: Issuer, *, now: datetime) -> str | None:
    """Why a key that signs at `now` or is announced cannot; None when all can, or when the first pass has still to make one."""
    signing = await _newest_started(now)
    announced = await SigningKey.objects().where(SigningKey.starts_at > now, SigningKey.revoked_at.is_null())
    found = [_fault_of(issuer, row) for row in [*([signing] if signing else []), *announced]]
    return next((fault for fault in found if fault), None)


def _fault_of(issuer: Issuer, row: SigningKey) -> str | None:
    path = issuer.folder / f"{row.id}.pem"
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        return f"the private key {row.kid} is not in {issuer.folder}"
    except (OSError, TypeError, ValueError) as error:
        return f"the private key {row.kid} cannot be read ({type(error).__name__})"
    public = key.public_key() if isinstance(key, EllipticCurvePrivateKey) else None
    if public is None or token.jwk_of(public)["kid"] != row.kid:
        return f"{path.name} in {issuer.folder} is another key than {row.kid}"
    return None


async def make(issuer: Issuer, actor: Actor, *, starts_at: datetime, now: datetime) -> SigningKey:
    """A new key that signs from `starts_at` on; published at once."""
    key = generate_private_key(SECP256R1())
    key_id = uuid4()
    _save(issuer.folder / f"{key_id}.pem", key)  # before the row: a row without its file could not sign
    return await _add(actor, key_id, token.jwk_of(key.public_key()), starts_at=starts_at, now=now)


@writes
async def _add(actor: Actor, key_id: UUID, jwk: dict[str, str], *, starts_at: datetime, now: datetime) -> SigningKey:
    row = SigningKey(id=key_id, kid=jwk["kid"], jwk=json.dumps(jwk), created_at=now, starts_at=starts_at)
    await row.save()
    await history.record(actor, "keys.make", "key", row.id, now=now, details={"starts_at": starts_at.isoformat()})
    return row


def _save(path: Path, key: EllipticCurvePrivateKey) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())


async def announce(issuer: Issuer, actor: Actor, *, now: datetime) -> SigningKey:
    """The next key, published now, signing in 14 days. Raises Conflict when one is already announced."""
    if await SigningKey.exists().where(SigningKey.starts_at > now, SigningKey.revoked_at.is_null()):
        raise Conflict("key_announced", "a next key is already announced: see estran keys list")
    return await make(issuer, actor, starts_at=now + ANNOUNCED, now=now)


async def revoke(issuer: Issuer, actor: Actor, kid: str, why: str, *, now: datetime) -> SigningKey:
    """The key that signs after `kid` was declared compromised. Its passes become `unknown_key`; phones renew by themselves.

    When the compromised key was the signing one, a new key signs at once, without the 14 days. Raises NotFound.
    """
    rows = await SigningKey.objects().where(SigningKey.kid == kid, SigningKey.revoked_at.is_null())
    if not rows:
        raise NotFound("unknown_signing_key", f"no published key has the kid {kid}: see estran keys list")
    await _mark_revoked(actor, [row.id for row in rows], why, now=now)
    for row in rows:
        (issuer.folder / f"{row.id}.pem").unlink(missing_ok=True)
    _load.cache_clear()
    return await current(issuer, now=now)


@writes
async def _mark_revoked(actor: Actor, key_ids: list[UUID], why: str, *, now: datetime) -> None:
    await SigningKey.update({SigningKey.revoked_at: now}).where(SigningKey.id.is_in(key_ids))
    for key_id in key_ids:
        await history.record(actor, "keys.revoke", "key", key_id, now=now, why=why)


async def published(*, now: datetime) -> list[SigningKey]:
    """Keys that may verify something: current, announced, and retired ones whose passes are not long expired."""
    rows = await SigningKey.objects().where(SigningKey.revoked_at.is_null()).order_by(SigningKey.starts_at)
    signing = await _newest_started(now)
    needed = set(await Pass.select(Pass.signing_key_id).where(Pass.exp_at > now - KEPT).output(as_list=True))
    return [row for row in rows if row.starts_at > now or (signing and row.id == signing.id) or row.id in needed]


async def verifying() -> list[token.PublicKey]:
    """Every public key that is not revoked, announced and long retired ones too: what late visits are verified with."""
    rows = await fetch("SELECT jwk FROM passes_signing_key WHERE revoked_at IS NULL ORDER BY starts_at")
    return [_public_key(row["jwk"]) for row in rows]


def jwk(row: SigningKey) -> dict[str, Any]:
    """The public JWK of a row (RFC 7517)."""
    return dict(json.loads(row.jwk))


def public_key(row: SigningKey) -> token.PublicKey:
    """The row as the verifier takes it."""
    return _public_key(row.jwk)


@lru_cache(maxsize=64)
def _public_key(text: str) -> token.PublicKey:
    values = json.loads(text)
    key = token.point(unb64(values["x"]), unb64(values["y"]))
    if key is None:
        msg = "a stored public key is not on its curve"
        raise ValueError(msg)
    return token.PublicKey(unb64(values["kid"]), key)
