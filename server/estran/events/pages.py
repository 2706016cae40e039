"""The page behind the link of an invitation: what is asked, and two buttons. No session, no script.

Opening it answers nothing: mail scanners and previews open links, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from estran.access import service as access
from estran.actor import Actor
from estran.club import identity
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.errors import Conflict, Invalid, NotFound, Problem
from estran.events import links, replies, words
from estran.events import service as events
from estran.events.replies import Places
from estran.events.rules import PLACED, Stage
from estran.events.tables import Event, Invitee, Slot
from estran.passes.keys import Issuer
from estran.venues import service as venues
from estran.web.limits import per_address
from estran.web.pages import page, page_lang

REPLY_LIMIT = per_address("reply", "minute", 60)
GONE, UNKNOWN = 410, 404
OVER = frozenset({Stage.HELD, Stage.SUMMED, Stage.CANCELLED})
FIELDS = {"bad_slot": "slot", "bad_guests": "guests", "no_place_left": "guests"}
"""What is wrong where."""
YES, NO = "yes", "no"

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """One slot as it is offered."""

    id: UUID
    when: str
    note: str
    places: Places
    is_mine: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """Everything about one invitation."""

    invitee: Invitee
    event: Event
    slots: list[Slot]
    stage: Stage
    person: Ambassador


async def _asked(issuer: Issuer, token: str, *, now: datetime) -> _Asked | None:
    """The invitation that this link leads to, if it still leads anywhere."""
    invitee_id = await links.invitee_of(issuer, token, now=now)
    if invitee_id is None:
        return None
    try:
        one = await replies.invitation(invitee_id)
        person = await club.ambassador(one.ambassador_id)
        account = await access.account(person.account_id)
    except NotFound:
        return None
    if not await links.is_to(issuer, token, account.email_folded):
        return None
    event = await events.event(one.event_id)
    times = await events.slots_of(event.id)
    stage = events.stage_of(event, times, now=now)
    return _Asked(one, event, times, stage, person) if person.erased_at is None else None


@get("/{token:str}", include_in_schema=False)
async def look_at_reply(
    token: FromPath[str], request: AnyRequest, issuer: NamedDependency[Issuer], now: NamedDependency[datetime]
) -> Response[Any]:
    """The invitation and its buttons. Answers nothing."""
    asked = await _asked(issuer, token, now=now)
    if asked is None:
        return await _ended(request, issuer, token, now=now)
    return await _show(request, asked, now=now, is_done=request.query_params.get("done") == "1")


@post("/{token:str}", include_in_schema=False, status_code=303)
async def give_reply(
    token: FromPath[str], request: AnyRequest, issuer: NamedDependency[Issuer], now: NamedDependency[datetime]
) -> Response[Any]:
    """One of the buttons; then the page again, which says what is noted."""
    asked = await _asked(issuer, token, now=now)
    if asked is None:
        return await _ended(request, issuer, token, now=now)
    typed = await _typed(request)
    try:
        await _reply(asked, typed, now=now)
    except (Conflict, Invalid) as fault:
        asked = await _asked(issuer, token, now=now) or asked
        return await _show(request, asked, now=now, fault=fault, typed=typed)
    return Redirect(f"/reply/{token}?done=1", status_code=303)


async def _typed(request: AnyRequest) -> dict[str, str]:
    try:
        return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    except LookupError as error:
        raise Invalid("bad_request", "the form cannot be read: send it as UTF-8") from error


async def _reply(asked: _Asked, typed: Mapping[str, str], *, now: datetime) -> None:
    answer, guests = typed.get("answer"), typed.get("guests", "0")
    if answer not in {YES, NO}:
        raise Invalid("bad_request", "say yes or no", fields=["answer"])
    await replies.reply(
        Actor(kind="account", id=asked.person.account_id, ambassador_id=asked.person.id),
        asked.event.id,
        asked.person.id,
        coming=answer == YES,
        slot_id=_uuid(typed.get("slot", "")),
        guests=int(guests) if guests in {"0", "1", "2", "3", "4"} else -1,
        now=now,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# --- what is shown ----------------------------------------------------------------------------------------------------


async def _ended(request: AnyRequest, issuer: Issuer, token: str, *, now: datetime) -> Response[Any]:
    was_ours = await links.has_ended(issuer, token, now=now)
    return page(request, "reply_ended.html", status_code=GONE if was_ours else UNKNOWN)


async def _show(
    request: AnyRequest,
    asked: _Asked,
    *,
    now: datetime,
    is_done: bool = False,
    fault: Problem | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response[Any]:
    lang, house = page_lang(request), await club.house()
    zone = ZoneInfo(house.zone)
    one, event = asked.invitee, asked.event
    venue = await venues.venue(event.venue_id) if event.venue_id is not None else None
    gone = GONE if asked.stage in OVER else 200
    return page(
        request,
        "reply.html",
        status_code=fault.status if fault is not None else gone,
        house=house,
        contacts=await identity.contacts(),
        event=event,
        said=words.said(event, lang),
        where=words.where(event, venue, lang),
        first_name=asked.person.first_name,
        stage=asked.stage.value,
        reply=one.reply,
        guests=one.guests,
        rank=await replies.rank(one, event, now=now),
        by=words.deadline(event.reply_by, zone, lang) if event.reply_by is not None else "",
        choices=await _choices(asked, zone, lang),
        guests_most=_guests_most(asked),
        picked=_picked(asked, typed or {}),
        fault=fault.code if fault is not None else "",
        fault_field=FIELDS.get(fault.code, "") if fault is not None else "",
        is_done=is_done and fault is None,
    )


async def _choices(asked: _Asked, zone: ZoneInfo, lang: str) -> list[Choice]:
    places = await replies.places(asked.slots)
    return [
        Choice(row.id, words.when(row, zone, lang), row.note, places[row.id], row.id == asked.invitee.slot_id)
        for row in asked.slots
    ]


def _guests_most(asked: _Asked) -> int:
    """How many guests may be chosen: what the event allows; once the replies are closed no more than before."""
    before = int(asked.invitee.guests)
    return max(int(asked.event.guests_max), before) if asked.stage is Stage.OPEN else before


def _picked(asked: _Asked, typed: Mapping[str, str]) -> dict[str, str]:
    """What the form begins with: what was typed, else the reply as it stands."""
    one = asked.invitee
    is_in = one.reply in PLACED
    return {
        "slot": typed.get("slot", str(one.slot_id) if is_in else ""),
        "guests": typed.get("guests", str(one.guests)),
    }


routers = [Router("/reply", route_handlers=[look_at_reply, give_reply], middleware=[REPLY_LIMIT])]
