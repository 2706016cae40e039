"""Who did what, to whom and why: the club's last acts on one page. Each subject's own page has the rest of its story."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, get

from estran.access.guards import officer_only
from estran.club import service as club
from estran.desk.screen import AnyRequest, Now, Who, screen
from estran.history import service as history
from estran.venues import service as venues

LATEST = 200


@get("/", include_in_schema=False)
async def history_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The last acts of all, newest first."""
    entries = await history.latest(LATEST)
    return await screen(
        request, actor, "history", now=now, within="settings", entries=entries, subjects=await _subjects(), most=LATEST
    )


async def _subjects() -> dict[UUID, tuple[str, str]]:
    """The name and the page of each person, venue and scanner. Visits have a page, but no name."""
    found = {
        person.id: (f"{person.first_name} {person.last_name}", f"/desk/people/{person.id}")
        for person in await club.ambassadors()
    }
    for venue in await venues.venues(archived=True):
        found[venue.id] = (venue.name, f"/desk/venues/{venue.id}")
        for device in await venues.devices_of(venue.id):
            found[device.id] = (f"{venue.name}, {device.label}", f"/desk/venues/{venue.id}#devices")
    return found


routers = [Router("/desk/history", guards=[officer_only], route_handlers=[history_page])]
