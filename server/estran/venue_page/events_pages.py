"""The club's events at the venue: how many are expected, how many came. Counts only: who they are is the office's matter."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from estran.desk.screen import AnyRequest, Now, Who
from estran.events import words
from estran.venue_page.show import own_venue, show
from estran.visits import arrivals

SHOWN_FOR = timedelta(days=365)
"""After an event is over."""


@get("/{venue_id:uuid}/events", include_in_schema=False)
async def events(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What is ahead, and what was within the year."""
    venue = await own_venue(actor, venue_id)
    found = await arrivals.hosted(venue_id, since=now - SHOWN_FOR)
    return await show(
        request,
        actor,
        venue,
        "venue_page/events",
        now=now,
        here="events",
        when=words.when,
        ahead=[one for one in found if one.ends_at > now],
        past=[one for one in reversed(found) if one.ends_at <= now],
    )


handlers = [events]
