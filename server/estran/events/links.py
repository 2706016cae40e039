"""Links in letters about events: JWTs signed by the club's key, each good for one thing and for a time.

Whoever holds one needs no session. What its page allows is the event's stage to say: let a link last some weeks beyond the last
slot, so that the letter of an event that was put off still leads somewhere.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import jwt
from jwt.types import Options

from estran import clock
from estran.encoding import b64, unb64
from estran.events.rules import Topic
from estran.passes import keys
from estran.passes.keys import Issuer

ALGORITHM = "ES256"
REPLY, QUIET = "reply+jwt", "quiet+jwt"
LINK_MAX = 700
"""Characters of a whole link's token, with an origin of a hundred; a longer one is not read at all."""
SHORT = 22
"""Characters of a UUID's sixteen bytes."""
_CHECKED: Options = {
    "require": ["exp", "sub"],
    "verify_exp": False,  # by the given clock, not by the machine's
    "verify_iat": False,
    "verify_nbf": False,
}


async def reply_token(
    issuer: Issuer, invitee_id: UUID, *, to: str | None = None, expires_at: datetime, now: datetime
) -> str:
    """What follows `/reply/` in an invitation; `to`: the folded address it goes to, the only one that it is good for."""
    more = {} if to is None else {"to": _mark(to)}
    return await _sign(issuer, REPLY, invitee_id, more, expires_at=expires_at, now=now)


async def is_to(issuer: Issuer, token: str, address: str) -> bool:
    """Whether this link of ours went to that folded address. One made before links said so is believed."""
    claims = await _claims(issuer, REPLY, token)
    return claims is not None and claims.get("to", _mark(address)) == _mark(address)


async def invitee_of(issuer: Issuer, token: str, *, now: datetime) -> UUID | None:
    """The invitee whose link this is; None when it is not one of ours, is for something else, or its time is over."""
    claims = await _claims(issuer, REPLY, token)
    return _uuid(claims["sub"]) if claims is not None and _lasts(claims, now) else None


async def has_ended(issuer: Issuer, token: str, *, now: datetime) -> bool:
    """Whether this link into an invitation was ours, and its time is over."""
    claims = await _claims(issuer, REPLY, token)
    return claims is not None and not _lasts(claims, now)


async def quiet_token(issuer: Issuer, ambassador_id: UUID, topic: Topic, *, expires_at: datetime, now: datetime) -> str:
    """What follows `/letters/` in a letter: no more letters of this topic for this person."""
    return await _sign(issuer, QUIET, ambassador_id, {"topic": topic.value}, expires_at=expires_at, now=now)


async def quiet_of(issuer: Issuer, token: str, *, now: datetime) -> tuple[UUID, Topic] | None:
    """The person, and the topic that the letter was of; None as for `invitee_of`."""
    claims = await _claims(issuer, QUIET, token)
    person = _uuid(claims["sub"]) if claims is not None and _lasts(claims, now) else None
    topic = claims.get("topic") if claims is not None else None
    return (person, Topic(topic)) if person is not None and topic in list(Topic) else None


async def _sign(
    issuer: Issuer, typ: str, sub: UUID, more: dict[str, str], *, expires_at: datetime, now: datetime
) -> str:
    row = await keys.current(issuer, now=now)
    # As few characters as may be: a letter's plain text shows all of them. Whose it is the club's own key says.
    claims = {"sub": b64(sub.bytes), "exp": int(expires_at.timestamp()), **more}
    return jwt.encode(claims, await issuer.private(row), algorithm=ALGORITHM, headers={"typ": typ, "kid": row.kid})


async def _claims(issuer: Issuer, typ: str, token: str) -> dict[str, Any] | None:
    """The claims of a token of this type that one of the club's keys signed, whatever its time; else None."""
    if len(token) > LINK_MAX or not token.isascii():
        return None
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, RecursionError):
        return None
    if header.get("typ") != typ:
        return None
    for known in await keys.verifying():
        if b64(known.kid) == header.get("kid"):
            try:
                # RFC 8725 §3.1: the algorithm is ours to say, never the token's.
                claims = jwt.decode(token, known.key, algorithms=[ALGORITHM], options=_CHECKED)
            except (jwt.PyJWTError, RecursionError):
                continue  # two keys may share the three bytes of their kid
            is_ours = claims.get("iss", issuer.iss) == issuer.iss
            return claims if is_ours and isinstance(claims["exp"], int) else None
    return None


def _mark(address: str) -> str:
    """Four characters: enough to tell two addresses apart, too few to find out which one it is."""
    return b64(sha256(address.encode()).digest()[:3])


def _lasts(claims: dict[str, Any], now: datetime) -> bool:
    return clock.to_ms(now) < int(claims["exp"]) * 1000


def _uuid(sub: object) -> UUID | None:
    """Of the 22 characters of its bytes, or of a UUID as usually written."""
    if not isinstance(sub, str):
        return None
    try:
        return UUID(bytes=unb64(sub)) if len(sub) == SHORT else UUID(sub)
    except ValueError:
        return None
