"""What a paired scanner asks: its news and a place for its visits. docs/sync.md §4-§5."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.params import JSONBody

from estran.access import guards
from estran.passes.keys import Issuer
from estran.visits import intake, items, numbers
from estran.visits import snapshot as news
from estran.visits.items import BatchOut
from estran.visits.numbers import NumberOut
from estran.visits.snapshot import Snapshot
from estran.web.faults import BODY, answer, problems


@get(
    "/snapshot",
    operation_id="snapshot",
    responses={200: answer(Snapshot), 304: answer(None, of="The scanner has it already")} | problems(401, 403),
)
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


@dataclass
class HandIn(Operation):
    """The operation with the shape of its body, which nobody can tell from a handler that reads bytes."""

    def __post_init__(self) -> None:
        """Puts it there."""
        body = OpenAPIMediaType(schema=cast("Schema", batch_schema()))
        self.request_body = RequestBody(content={MediaType.JSON: body}, required=True)


def batch_schema() -> dict[str, Any]:
    """JSON Schema of what a scanner hands in, whole: without references, for there is no place to refer to."""
    _, parts = msgspec.json.schema_components([items.BatchIn, items.VisitIn, items.UndoIn], ref_template="{name}")
    batch: dict[str, Any] = _whole(parts["BatchIn"], parts)
    batch["properties"]["items"]["items"] = {"oneOf": [_whole(parts[name], parts) for name in ("VisitIn", "UndoIn")]}
    return batch


def _whole(part: Any, parts: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """The schema with what it refers to put in its place, and patterns as JSON Schema (ECMA 262) writes them."""
    if isinstance(part, dict):
        if "$ref" in part:
            return _whole(parts[part["$ref"]], parts)
        whole = {key: _whole(value, parts) for key, value in part.items()}
        if isinstance(pattern := whole.get("pattern"), str):
            whole["pattern"] = pattern.replace(r"\A", "^").replace(r"\Z", "$")
        return whole
    return [_whole(one, parts) for one in part] if isinstance(part, list) else part


@post(
    "/visits",
    operation_id="handInVisits",
    status_code=200,
    operation_class=HandIn,
    responses=problems(*BODY, 401),
)
async def visits(request: Request[Any, Any, Any]) -> BatchOut:
    """A result per item, in order; whatever has a result is stored for good."""
    # Read from the bytes: items stay raw until each is read alone, so that a bad one spoils only itself.
    batch = items.read_batch(await request.body())
    # From the state: Litestar starts a task for each of several dependencies, a tenth of the time of a visit.
    state, device_id = request.app.state, guards.caller_id(request.scope)
    return await intake.intake(state.issuer, device_id, batch, now=state.clock())


class NumberIn(msgspec.Struct):
    """A pass number as it was typed."""

    number: Annotated[str, msgspec.Meta(max_length=40)]


@post("/numbers", operation_id="lookUpNumber", status_code=200, responses=problems(*BODY, 401, 403, 404, 429))
async def look_up_number(
    data: JSONBody[NumberIn], caller_id: NamedDependency[UUID], now: NamedDependency[datetime]
) -> NumberOut:
    """Whose pass has this number: for a desk where nothing can be scanned. It proves nothing (docs/pass-format.md §9)."""
    return await numbers.look_up(caller_id, data.number, now=now)


def _int(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004


routers = [
    Router("/api/v1", route_handlers=[snapshot, visits, look_up_number], guards=[guards.device], tags=["scanner"])
]
