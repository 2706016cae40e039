"""One box for everything that has a name: people, candidates, venues and their scanners."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Response, Router, get

from estran.access.guards import officer_only
from estran.club import candidates
from estran.desk.lists import QUERY_MAX, holds
from estran.desk.people import Line, list_lines
from estran.desk.screen import AnyRequest, Now, Who, go, screen
from estran.events import service as events
from estran.venues import service as venues
from estran.venues.tables import Venue


@dataclass(frozen=True, slots=True)
class Place:
    """A venue that was found, by its own name or by that of a scanner."""

    venue: Venue
    scanners: list[str]


@get("/", include_in_schema=False)
async def search_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Who and what bears these words. The only one is opened at once."""
    query = request.query_params.get("q", "")[:QUERY_MAX].strip()
    people = await _people(query, now) if query else []
    waiting = [row for row in await candidates.candidates() if query and _bears(row, query)]
    places = await _places(query) if query else []
    found_events = [row for row in await events.events() if query and holds(f"{row.title} {row.title_en}", query)]
    found = [f"/desk/people/{line.id}" for line in people]
    found += [f"/desk/candidates/{row.id}" for row in waiting]
    found += [f"/desk/venues/{place.venue.id}" for place in places]
    found += [f"/desk/events/{row.id}" for row in found_events]
    if len(found) == 1:
        return go(found[0])
    return await screen(
        request,
        actor,
        "search",
        now=now,
        query=query,
        people=people,
        waiting=waiting,
        places=places,
        events=found_events,
        n_found=len(found),
    )


def _bears(row: Any, query: str) -> bool:  # noqa: ANN401 - a person of the list, or a candidate
    return holds(f"{row.first_name} {row.last_name} {row.email}", query)


async def _people(query: str, now: datetime) -> list[Line]:
    return [line for line in await list_lines(now) if _bears(line, query)]


async def _places(query: str) -> list[Place]:
    devices = await venues.devices()
    found = []
    for venue in await venues.venues(archived=True):
        scanners = [
            one.label for one in devices if one.venue_id == venue.id and holds(f"{one.label} {one.word}", query)
        ]
        if scanners or holds(f"{venue.name} {venue.commune}", query):
            found.append(Place(venue, scanners))
    return found


routers = [Router("/desk/search", guards=[officer_only], route_handlers=[search_page])]
