"""`/demo/`: three doors, each open. Registered only in the demonstration."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.response import Redirect

from estran.demo import data, service
from estran.settings import Settings
from estran.web.pages import page


@get("/", include_in_schema=False)
async def doors(request: Request[Any, Any, Any]) -> Response[Any]:
    """Where each of three people goes."""
    person = data.PEOPLE[0]
    return page(
        request,
        "demo_doors.html",
        ambassador=f"{person.first_name} {person.last_name}",
        ambassador_email=data.email_of(person.first_name, person.last_name),
        officer=data.OFFICER[0],
        officer_email=data.OFFICER[1],
        manager=data.MANAGER[0],
        manager_email=data.MANAGER[1],
        place=data.PLACES[0].name,
    )


@get("/scanner", include_in_schema=False)
async def scanner(settings: NamedDependency[Settings], now: NamedDependency[datetime]) -> Redirect:
    """Pairs this browser with the first place."""
    return Redirect(await service.scanner_address(settings, now=now), status_code=303)


@get("/desk", include_in_schema=False)
async def desk(settings: NamedDependency[Settings], now: NamedDependency[datetime]) -> Redirect:
    """Opens the desk without a letter."""
    return Redirect(await service.address_for(settings, data.OFFICER[1], now=now), status_code=303)


@get("/venue", include_in_schema=False)
async def venue(settings: NamedDependency[Settings], now: NamedDependency[datetime]) -> Redirect:
    """Opens the first place's own page without a letter."""
    return Redirect(await service.address_for(settings, data.MANAGER[1], now=now), status_code=303)


routers = [Router("/demo", route_handlers=[doors, scanner, desk, venue])]
