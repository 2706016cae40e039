"""Signing in with forms: the letter's link, and the desk's door. Every page works without a script."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from litestar.response import Redirect

from estran.access import cookies, service
from estran.access.api import ASK_LIMIT, CODE_LIMIT
from estran.access.rules import Realm
from estran.errors import Gone, Invalid, TooMany
from estran.mail.letters import Letterhead
from estran.settings import Settings
from estran.web.limits import per_address
from estran.web.pages import page

LINK_LIMIT = per_address("link", "minute", 60)
WITHHELD = "withheld"
HOMES = {Realm.PASS: "/pass/", Realm.DESK: "/desk"}

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


# --- the letter's link ------------------------------------------------------------------------------------------------


@get("/{token:str}", include_in_schema=False)
async def look_at_link(
    token: FromPath[str], request: Request[Any, Any, Any], now: NamedDependency[datetime]
) -> Response[Any]:
    """The code and a button. Uses nothing up: mail scanners and previews open links, too."""
    try:
        view = await service.look_at_link(token, now=now)
    except Gone as ended:
        return await _link_ended(request, ended, now=now)
    return page(request, "link.html", view=view, token=token)


@post("/{token:str}", include_in_schema=False)
async def use_link(
    token: FromPath[str],
    request: Request[Any, Any, Any],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """*Continuer ici*: the session opens in this browser."""
    try:
        opened = await service.use_link(token, now=now)
    except Gone as ended:
        return await _link_ended(request, ended, now=now)
    response = Redirect(HOMES[opened.realm], status_code=303)
    cookies.set_session(response, settings, opened.realm, opened.token)
    return response


async def _link_ended(request: Request[Any, Any, Any], ended: Gone, *, now: datetime) -> Response[Any]:
    """People open their invitation again to get back in: where they are in already they go on, others see both doors.

    Only this browser's own sessions are looked at: nothing is said of the link.
    """
    sessions = {realm: cookies.session(request, realm) for realm in Realm}
    doors = [realm for realm, token in sessions.items() if await service.session_actor(token, realm, now=now)]
    if len(doors) == 1:
        return Redirect(HOMES[doors[0]], status_code=303)
    return page(request, "link_ended.html", status_code=ended.status, code=ended.code)


# --- the desk's door --------------------------------------------------------------------------------------------------


@get("/", include_in_schema=False)
async def desk_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """The form that asks for an address."""
    return page(request, "sign_in.html", email="", fault="", next=_next(request.query_params.get("next", "")))


@post("/", include_in_schema=False, middleware=[ASK_LIMIT], status_code=200)
async def desk_ask(
    request: Request[Any, Any, Any],
    data: Form,
    settings: NamedDependency[Settings],
    letterhead: NamedDependency[Letterhead],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Have a letter sent, then ask for its code. The same page follows for addresses nobody knows."""
    email, after = data.get("email", ""), _next(data.get("next", ""))
    asking = cookies.asking(request)
    try:
        asked = await service.ask_letter(email, Realm.DESK, head=letterhead, now=now, asking=asking)
    except Invalid as fault:
        return page(request, "sign_in.html", status_code=fault.status, email=email, fault=fault.code, next=after)
    letter = f"&letter={WITHHELD}" if asked.is_withheld else ""
    response = Redirect(f"/desk/sign-in/code?next={after}{letter}", status_code=303)
    cookies.set_asking(response, settings, asked.asking)
    return response


@get("/code", include_in_schema=False)
async def desk_code(request: Request[Any, Any, Any]) -> Response[Any]:
    """The form that asks for the code."""
    asked = request.query_params
    return _code_page(request, after=_next(asked.get("next", "")), letter=asked.get("letter", ""))


@post("/code", include_in_schema=False, middleware=[CODE_LIMIT], status_code=200)
async def desk_enter_code(
    request: Request[Any, Any, Any], data: Form, settings: NamedDependency[Settings], now: NamedDependency[datetime]
) -> Response[Any]:
    """Open the desk with the letter's code."""
    after = _next(data.get("next", ""))
    try:
        asking = cookies.asking(request)
        token = await service.enter_code(asking, data.get("code", ""), realm=Realm.DESK, now=now)
    except (Invalid, Gone, TooMany) as fault:
        return _code_page(request, after=after, letter=data.get("letter", ""), fault=fault)
    response = Redirect(after or HOMES[Realm.DESK], status_code=303)
    cookies.set_session(response, settings, Realm.DESK, token)
    return response


def _code_page(
    request: Request[Any, Any, Any], *, after: str, letter: str, fault: Invalid | Gone | TooMany | None = None
) -> Response[Any]:
    """`letter`: whether one has just left, as the address or the form says it; it only chooses the words."""
    code, status = ("", 200) if fault is None else (fault.code, fault.status)
    is_withheld = letter == WITHHELD
    return page(request, "code.html", status_code=status, fault=code, next=after, is_withheld=is_withheld)


@post("/desk/sign-out", include_in_schema=False, status_code=303)
async def desk_sign_out(
    request: Request[Any, Any, Any], settings: NamedDependency[Settings], now: NamedDependency[datetime]
) -> Redirect:
    """Close the desk in this browser; the pass stays open."""
    await service.end_session(cookies.session(request, Realm.DESK), now=now)
    response = Redirect("/desk/sign-in", status_code=303)
    cookies.drop_session(response, settings, Realm.DESK)
    return response


def _next(path: str) -> str:
    """Where to go afterwards: a plain path of the desk or of a venue's page, or nothing. Never another site."""
    plain = path.isascii() and all(char.isalnum() or char in "/-_" for char in path)
    return path if plain and path.startswith(("/desk", "/venue")) and "//" not in path else ""


routers = [
    Router("/sign-in", route_handlers=[look_at_link, use_link], middleware=[LINK_LIMIT]),
    Router("/desk/sign-in", route_handlers=[desk_sign_in, desk_ask, desk_code, desk_enter_code]),
    Router("/", route_handlers=[desk_sign_out]),
]
