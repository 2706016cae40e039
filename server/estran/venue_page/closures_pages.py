"""When the venue is closed: days that it notes itself."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from estran.desk.closures_pages import note_closure
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Who, go, say_to, typed
from estran.errors import NotFound
from estran.venue_page.show import home, own_venue, show
from estran.venues import closures as days
from estran.venues.tables import Venue


def _base(venue_id: UUID) -> str:
    return f"{home(venue_id)}/closures"


@get("/{venue_id:uuid}/closures", include_in_schema=False)
async def closures(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What is ahead, and a form for one more."""
    return await _page(request, actor, now, Form(), await own_venue(actor, venue_id))


@post("/{venue_id:uuid}/closures", include_in_schema=False, status_code=200)
async def add_closure(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Closed on these days. Twice is once."""
    venue, form = await own_venue(actor, venue_id), await typed(request)
    if not await note_closure(actor, venue_id, form, now=now):
        return await _page(request, actor, now, form, venue)
    return go(_base(venue_id), "closure")


@post("/{venue_id:uuid}/closures/{closure_id:uuid}/remove", include_in_schema=False, status_code=303)
async def remove_closure(venue_id: FromPath[UUID], closure_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """Open after all. Twice is once."""
    await own_venue(actor, venue_id)
    with suppress(NotFound):  # removed already
        await days.remove_closure(actor, venue_id, closure_id, now=now)
    return go(_base(venue_id), "closure-gone")


async def _page(request: AnyRequest, actor: Who, now: datetime, form: Form, venue: Venue) -> Response[Any]:
    say = await say_to(request, actor, now=now)
    ahead = await days.closures_of(venue.id, since=say.today)
    return await show(
        request,
        actor,
        venue,
        "desk/closures",
        now=now,
        within="benefits",
        form=form,
        closures=ahead,
        back=f"{home(venue.id)}/benefits",
        base=_base(venue.id),
    )


handlers = [closures, add_closure, remove_closure]
