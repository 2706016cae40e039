"""What a letter's last link opens, and the calendar that a phone reads by itself. No session: whoever has the address."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from estran.access import service as access
from estran.actor import Actor, Role
from estran.club import service as club
from estran.errors import Invalid, NotFound
from estran.events import feeds, links, news
from estran.events.rules import Topic
from estran.mail.letters import Letterhead
from estran.passes.keys import Issuer
from estran.web.limits import per_address
from estran.web.pages import page

LETTERS_LIMIT = per_address("letters", "minute", 60)
CALENDAR_LIMIT = per_address("calendar", "minute", 60)
ENDING = ".ics"


ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What a mail program sends by itself when its own button is pressed (RFC 8058); it follows no redirection."""


# --- which letters one gets -------------------------------------------------------------------------------------------


@get("/{token:str}", include_in_schema=False)
async def letters(
    token: FromPath[str],
    request: Request[Any, Any, Any],
    issuer: NamedDependency[Issuer],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What this person gets, and the buttons. Changes nothing: mail scanners and previews open links, too."""
    found = await _found(issuer, token, now=now)
    return _ended(request) if found is None else await _shown(request, token, *found)


@post("/{token:str}", include_in_schema=False, status_code=200)
async def choose_letters(
    token: FromPath[str],
    request: Request[Any, Any, Any],
    issuer: NamedDependency[Issuer],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """No more letters of the link's topic, or exactly those that were ticked."""
    found = await _found(issuer, token, now=now)
    if found is None:
        return _ended(request)
    ambassador_id, topic = found
    data = await _typed(request)
    name, value = ONE_CLICK
    is_one_click = data.get(name) == value
    if is_one_click or data.get("act") == "stop":
        wanted = await news.topics_of(ambassador_id) - {topic}
    elif data.get("act") == "choose":
        wanted = {one for one in Topic if data.get(one) == "yes"}
    else:
        raise Invalid("bad_request", "press one of the page's buttons", fields=["act"])
    await news.set_topics(await _actor(ambassador_id), ambassador_id, wanted, now=now)
    if is_one_click:
        return await _shown(request, token, ambassador_id, topic)
    return Redirect(f"/letters/{token}?done=saved", status_code=303)


async def _typed(request: Request[Any, Any, Any]) -> Mapping[str, object]:
    try:
        return await request.form()
    except LookupError as error:
        raise Invalid("bad_request", "the form cannot be read: send it as UTF-8") from error


async def _found(issuer: Issuer, token: str, *, now: datetime) -> tuple[UUID, Topic] | None:
    found = await links.quiet_of(issuer, token, now=now)
    if found is None:
        return None
    try:
        await club.ambassador(found[0])
    except NotFound:  # erased since
        return None
    return found


async def _actor(ambassador_id: UUID) -> Actor:
    """Whoever was sent the link."""
    account = await access.account((await club.ambassador(ambassador_id)).account_id)
    return Actor("account", account.id, frozenset({Role.AMBASSADOR}), ambassador_id=ambassador_id)


async def _shown(request: Request[Any, Any, Any], token: str, ambassador_id: UUID, topic: Topic) -> Response[Any]:
    return page(
        request,
        "event_letters.html",
        token=token,
        topic=topic,
        topics=list(Topic),
        wanted=await news.topics_of(ambassador_id),
        is_done=request.method == "POST" or request.query_params.get("done") == "saved",
    )


def _ended(request: Request[Any, Any, Any]) -> Response[Any]:
    return page(request, "event_letters_ended.html", status_code=404)


# --- a calendar to subscribe to ---------------------------------------------------------------------------------------


@get("/{name:str}", include_in_schema=False)
async def calendar(
    name: FromPath[str], letterhead: NamedDependency[Letterhead], now: NamedDependency[datetime]
) -> Response[bytes]:
    """One person's calendar, as other calendars read it; 404 where there is none."""
    if not name.endswith(ENDING):
        raise NotFound("unknown_calendar", "no calendar is at this address, or it was ended")
    found = await feeds.read(name.removesuffix(ENDING), letterhead, now=now)
    return Response(
        found.encode(),
        media_type="text/calendar",
        headers={"Cache-Control": "private, no-store", "Content-Disposition": 'inline; filename="estran.ics"'},
    )


routers = [
    Router("/letters", route_handlers=[letters, choose_letters], middleware=[LETTERS_LIMIT]),
    Router("/calendar", route_handlers=[calendar], middleware=[CALENDAR_LIMIT]),
]
