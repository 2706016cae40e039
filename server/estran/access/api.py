"""Signing in from the pass app: docs/sync.md §1."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from estran.access import cookies, service
from estran.access.rules import EMAIL_MAX, Realm
from estran.mail.letters import Letterhead
from estran.settings import Settings
from estran.web.faults import BODY, answer, problems
from estran.web.limits import per_address


class EmailIn(msgspec.Struct, rename="camel"):
    """An address that may or may not be known."""

    email: Annotated[str, msgspec.Meta(min_length=1, max_length=EMAIL_MAX)]


class CodeIn(msgspec.Struct, rename="camel"):
    """The six digits, as typed."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class AskedOut(msgspec.Struct, rename="camel"):
    """`withheld`: several letters have left within the hour, and no new one; `sent` says nothing of who is known."""

    letter: Literal["sent", "withheld"]


class Nothing(msgspec.Struct):
    """An empty object."""


# A meeting of the club shares one address (NAT): 15 people, two calls each, some twice.
ASK_LIMIT = per_address("ask", "minute", 30)
CODE_LIMIT = per_address("code", "minute", 60)


@post(
    "/sign-in",
    operation_id="askForLetter",
    status_code=202,
    middleware=[ASK_LIMIT],
    responses=problems(*BODY, 429),
)
async def ask(
    data: JSONBody[EmailIn],
    request: Request[Any, Any, Any],
    settings: NamedDependency[Settings],
    letterhead: NamedDependency[Letterhead],
    now: NamedDependency[datetime],
) -> Response[AskedOut]:
    """Have a letter sent with a code and a link. The answer is the same for addresses nobody knows."""
    asking = cookies.asking(request)
    asked = await service.ask_letter(data.email, Realm.PASS, head=letterhead, now=now, asking=asking)
    response = Response(AskedOut("withheld" if asked.is_withheld else "sent"), status_code=202)
    cookies.set_asking(response, settings, asked.asking)
    return response


@post(
    "/sign-in/code",
    operation_id="enterCode",
    status_code=200,
    middleware=[CODE_LIMIT],
    responses=problems(*BODY, 410, 429),
)
async def enter_code(
    data: JSONBody[CodeIn],
    request: Request[Any, Any, Any],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Nothing]:
    """Open the session with the letter's code, in the browser that asked for it."""
    asking = cookies.asking(request)
    token = await service.enter_code(asking, data.code, realm=Realm.PASS, now=now)
    response = Response(Nothing(), status_code=200)
    cookies.set_session(response, settings, Realm.PASS, token)
    return response


@post(
    "/sign-out", operation_id="signOut", status_code=204, responses={204: answer(None, of="Signed out")} | problems(403)
)
async def sign_out(
    request: Request[Any, Any, Any], settings: NamedDependency[Settings], now: NamedDependency[datetime]
) -> Response[None]:
    """End this browser's session. The stored pass stays; signed out already: nothing happens."""
    await service.end_session(cookies.session(request, Realm.PASS), now=now)
    response = Response(None, status_code=204)
    cookies.drop_session(response, settings, Realm.PASS)
    return response


routers = [Router("/api/v1", route_handlers=[ask, enter_code, sign_out], tags=["sign-in"])]
