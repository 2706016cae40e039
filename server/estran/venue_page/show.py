"""One page of a venue: whose it may be, and the desk's frame with the venue's own ways in it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response

from estran.actor import Actor, Role
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, say_to
from estran.errors import NotFound
from estran.venues import service as venues
from estran.venues.tables import Device, Venue
from estran.web.pages import page

FRAME = "venue_page/frame.html"


async def own_venue(actor: Actor, venue_id: UUID) -> Venue:
    """The venue, when the reader runs it or is an officer. NotFound for an unknown one, another's, and one that left alike."""
    if venue_id in actor.venue_ids or Role.OFFICER in actor.roles:
        found = await venues.venue(venue_id)
        if found.archived_at is None:
            return found
    raise NotFound("unknown_venue", "no such venue")


async def own_device(actor: Actor, venue_id: UUID, device_id: UUID) -> tuple[Venue, Device]:
    """The venue and one of its scanners; NotFound for another's."""
    venue = await own_venue(actor, venue_id)
    device = await venues.device(device_id)
    if device.venue_id != venue_id:
        raise NotFound("unknown_device", "no such scanner")
    return venue, device


def home(venue_id: UUID) -> str:
    """The address of the venue's first page."""
    return f"/venue/{venue_id}"


async def show(
    request: AnyRequest,
    actor: Actor,
    venue: Venue | None,
    template: str,
    /,
    *,
    now: datetime,
    here: str = "",
    within: str = "",
    form: Form | None = None,
    **values: object,
) -> Response[Any]:
    """A page of the venue, by any room's template that lets its frame be chosen; a form with faults makes it 422."""
    return page(
        request,
        f"{template}.html",
        status_code=422 if form is not None and form.faults else 200,
        say=await say_to(request, actor, now=now),
        frame=FRAME,
        venue=venue,
        here=here,
        within=within or here,
        has_choice=len(actor.venue_ids) > 1,
        form=form or Form(),
        **values,
    )
