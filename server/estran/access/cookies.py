"""The three cookies: who asked for a letter, and the sessions of the two doors. Never read by scripts."""

from datetime import timedelta
from typing import Any

from litestar import Response
from litestar.connection import ASGIConnection

from estran.access import rules
from estran.access.rules import Realm
from estran.settings import Settings

ASKING = "estran_asking"
SESSIONS = {Realm.PASS: "estran_pass", Realm.DESK: "estran_desk"}
OF_THIS_HOST = "__Host-"
"""Browsers take such a cookie only over HTTPS and from this very host: no other machine of the same domain, and nobody on an
unencrypted line, can slip theirs in (RFC 6265bis). It asks for Path=/: names keep pass and desk apart; a path would keep nobody
out on one origin."""

# The server decides when a session ends; the cookie only has to live longer. 400 days is the most browsers keep.
AGE = {Realm.PASS: timedelta(days=400), Realm.DESK: rules.DESK_SESSION_LONGEST}


def full_name(settings: Settings, name: str) -> str:
    """The cookie's name as browsers know it; without the prefix on http://localhost, where they would refuse it."""
    return OF_THIS_HOST + name if settings.is_https else name


def asking(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The secret of a browser that asked for a letter, or None."""
    return _read(connection, ASKING)


def session(connection: ASGIConnection[Any, Any, Any, Any], realm: Realm) -> str:
    """The token of this browser's session in `realm`, or an empty text."""
    return _read(connection, SESSIONS[realm]) or ""


def set_asking(response: Response[Any], settings: Settings, secret: str) -> None:
    """Remember in this browser that it asked for a letter."""
    _set(response, settings, ASKING, secret, rules.SIGN_IN_LIFETIME)


def set_session(response: Response[Any], settings: Settings, realm: Realm, token: str) -> None:
    """Open `realm` in this browser; what it asked for is done."""
    _set(response, settings, SESSIONS[realm], token, AGE[realm])
    _drop(response, settings, ASKING)


def drop_session(response: Response[Any], settings: Settings, realm: Realm) -> None:
    """Close `realm` in this browser, and leave the other one alone."""
    _drop(response, settings, SESSIONS[realm])


def _read(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str | None:
    return connection.cookies.get(full_name(connection.app.state.settings, name))


def _set(response: Response[Any], settings: Settings, name: str, value: str, age: timedelta) -> None:
    response.set_cookie(
        full_name(settings, name),
        value,
        max_age=int(age.total_seconds()),
        path="/",
        httponly=True,
        secure=settings.is_https,
        samesite="lax",  # `strict` would forget people who come by the letter's link
    )


def _drop(response: Response[Any], settings: Settings, name: str) -> None:
    # Not Response.delete_cookie: it sends neither Secure nor HttpOnly, and browsers may then keep the old one.
    _set(response, settings, name, "", timedelta(0))
