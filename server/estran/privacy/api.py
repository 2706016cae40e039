"""My data, as the ambassador's phone asks for it: docs/sync.md §2."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from estran.access import guards
from estran.actor import Actor
from estran.club import service as club
from estran.privacy import erasure, my_data, service
from estran.web.faults import BODY, problems
from estran.web.pages import page_lang


class RequestIn(msgspec.Struct, rename="camel"):
    """What somebody asks for: `correct` or `object`, in their own words."""

    kind: str
    text: str


@get("/data", operation_id="myData", responses=problems(401, 404))
async def data(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> dict[str, Any]:
    """Everything that is known about the reader."""
    return await my_data.my_data(guards.ambassador_of(actor), now=now, lang=page_lang(request))


@post("/requests", operation_id="askByRight", responses=problems(*BODY, 401, 404, 429))
async def ask(
    data: JSONBody[RequestIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> dict[str, str]:
    """Ask for a correction, or object; answered by the office within a month."""
    person = await club.ambassador(guards.ambassador_of(actor))
    await service.ask(actor, person.id, data.kind, data.text, now=now)
    return {}


@post("/leave", operation_id="leaveTheClub", status_code=200, responses=problems(400, 403, 401, 404))
async def leave(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> dict[str, str]:
    """Leave for good: the pass is dead, the person erased, every session over."""
    await erasure.erase(actor, guards.ambassador_of(actor), by="self", now=now)
    return {}


routers = [Router("/api/v1/me", route_handlers=[data, ask, leave], guards=[guards.pass_actor], tags=["my data"])]
