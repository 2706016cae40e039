"""What a paired scanner asks: its news and a place for its visits. docs/sync.md §4-§5."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.di import NamedDependency

from estran.access import guards
from estran.passes.keys import Issuer
from estran.visits import intake, items
from estran.visits import snapshot as news
from estran.visits.items import BatchOut


@get("/snapshot", operation_id="snapshot")
async def snapshot(
    request: Request[Any, Any, Any],
    caller_id: NamedDependency[UUID],
    issuer: NamedDependency[Issuer],
    now: NamedDependency[datetime],
) -> Response[bytes | None]:
    """The scanner's news; 304 when it has them already (`If-None-Match`), which is news of their freshness, too."""
    made = await news.snapshot(issuer, caller_id, now=now)
    headers = {"ETag": f'"{made.version}"'}
    await news.note_snapshot(caller_id, _int(request.headers.get("estran-status-version")), now=now)
    if f'"{made.version}"' in request.headers.get("if-none-match", ""):
        return Response(None, status_code=304, headers=headers)
    return Response(msgspec.json.encode(made), headers=headers, media_type=MediaType.JSON)


@post("/visits", operation_id="handInVisits", status_code=200)
async def visits(request: Request[Any, Any, Any]) -> BatchOut:
    """A result per item, in order; whatever has a result is stored for good."""
    # Read from the bytes: items stay raw until each is read alone, so that a bad one spoils only itself.
    batch = items.read_batch(await request.body())
    # From the state: Litestar starts a task for each of several dependencies, a tenth of the time of a visit.
    state, device_id = request.app.state, guards.caller_id(request.scope)
    return await intake.intake(state.issuer, device_id, batch, now=state.clock())


def _int(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004


routers = [Router("/api/v1", route_handlers=[snapshot, visits], guards=[guards.device], tags=["scanner"])]
