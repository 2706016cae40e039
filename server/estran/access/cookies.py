"""The three cookies: who asked for a letter, and the sessions of the two doors. Never read by scripts."""

from datetime import timedelta
from typing import Any

from litestar import Response

from estran.access import rules
from estran.access.guards import ASKING_COOKIE, COOKIES
from estran.access.rules import Realm
from estran.settings import Settings

# The server decides when a session ends; the cookie only has to live longer. 400 days is the most browsers keep.
AGE = {Realm.PASS: timedelta(days=400), Realm.DESK: rules.DESK_SESSION_LONGEST}


def set_asking(response: Response[Any], settings: Settings, asking: str) -> None:
    """Remember in this browser that it asked for a letter."""
    _set(response, settings, ASKING_COOKIE, asking, rules.SIGN_IN_LIFETIME)


def set_session(response: Response[Any], settings: Settings, realm: Realm, token: str) -> None:
    """Open `realm` in this browser; what it asked for is done."""
    _set(response, settings, COOKIES[realm], token, AGE[realm])
    _drop(response, settings, ASKING_COOKIE)


def drop_session(response: Response[Any], settings: Settings, realm: Realm) -> None:
    """Close `realm` in this browser, and leave the other one alone."""
    _drop(response, settings, COOKIES[realm])


def _set(response: Response[Any], settings: Settings, name: str, value: str, age: timedelta) -> None:
    response.set_cookie(
        name,
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
