"""When a venue is closed: days noted in advance, by the office, or by the venue on its own page."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from estran.access.guards import officer_only
from estran.actor import Actor
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Who, go, say_to, screen, typed
from estran.errors import Conflict, NotFound
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.tables import Venue


@get("/", include_in_schema=False)
async def closures_page(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What is ahead, and a form for one more."""
    return await _page(request, actor, now, Form(), await venues.venue(venue_id))


@post("/", include_in_schema=False, status_code=200)
async def add_closure(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Closed on these days. Twice is once."""
    venue, form = await venues.venue(venue_id), await typed(request)
    if not await note_closure(actor, venue_id, form, now=now):
        return await _page(request, actor, now, form, venue)
    return go(f"/desk/venues/{venue_id}/closures", "closure")


async def note_closure(actor: Actor, venue_id: UUID, form: Form, *, now: datetime) -> bool:
    """Whether the days that were typed are noted; the form then says what is wrong with them."""
    first_on, last_on = form.day("first_on"), form.day("last_on")
    why = form.text("closed_why", most=closures.WHY_MAX, required=False)
    if first_on and last_on and last_on < first_on:
        form.fault("last_on", "form.fault.order")
    if form.faults or first_on is None or last_on is None:
        return False
    try:
        await closures.add_closure(actor, venue_id, first_on, last_on, why, now=now)
    except Conflict:
        form.fault("first_on", "form.fault.closures.full")
        return False
    return True


@post("/{closure_id:uuid}/remove", include_in_schema=False, status_code=303)
async def remove_closure(venue_id: FromPath[UUID], closure_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """Open after all. Twice is once."""
    await venues.venue(venue_id)
    with suppress(NotFound):  # removed already
        await closures.remove_closure(actor, venue_id, closure_id, now=now)
    return go(f"/desk/venues/{venue_id}/closures", "closure-gone")


async def _page(request: AnyRequest, actor: Who, now: datetime, form: Form, venue: Venue) -> Response[Any]:
    say = await say_to(request, actor, now=now)
    return await screen(
        request,
        actor,
        "closures",
        now=now,
        within="venues",
        form=form,
        venue=venue,
        back=f"/desk/venues/{venue.id}",
        base=f"/desk/venues/{venue.id}/closures",
        closures=await closures.closures_of(venue.id, since=say.today),
    )


routers = [
    Router(
        "/desk/venues/{venue_id:uuid}/closures",
        guards=[officer_only],
        route_handlers=[closures_page, add_closure, remove_closure],
    )
]
