"""The page anybody may open: what the club is, and three doors."""

from typing import Any

from litestar import Response, Router, get

from estran.club import service as club
from estran.desk.screen import AnyRequest, Now, screen


@get("/", include_in_schema=False)
async def home(request: AnyRequest, now: Now) -> Response[Any]:
    """The club in a few lines."""
    house = await club.house()
    return await screen(request, None, "home", now=now, contact=house.contact_email)


routers = [Router("/", route_handlers=[home])]
