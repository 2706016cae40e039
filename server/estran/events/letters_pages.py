"""What a letter's last link opens, and the calendar that a phone reads by itself. No session: whoever has the address."""

from datetime import datetime

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from estran.errors import NotFound
from estran.events import feeds
from estran.mail.letters import Letterhead
from estran.web.limits import per_address

CALENDAR_LIMIT = per_address("calendar", "minute", 60)
ENDING = ".ics"


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
        media_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, no-store", "Content-Disposition": 'inline; filename="estran.ics"'},
    )


routers = [
    Router("/calendar", route_handlers=[calendar], middleware=[CALENDAR_LIMIT]),
]
