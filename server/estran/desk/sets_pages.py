"""Circles of ambassadors and groups of venues: a name, and who belongs to it. Two subjects, one way of editing them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath

from estran.access.guards import officer_only
from estran.actor import Actor
from estran.club import circles
from estran.desk import queries, service
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Who, go, screen, typed
from estran.errors import Conflict, Invalid, NotFound
from estran.venues import groups
from estran.venues import service as venues


@dataclass(frozen=True, slots=True)
class Sort:
    """One of the two: its name in addresses and texts, and what its room does."""

    name: str
    within: str
    rows: Callable[[], Awaitable[list[Any]]]
    members: Callable[[], Awaitable[Mapping[UUID, set[UUID]]]]
    choices: Callable[[], Awaitable[list[tuple[UUID, str]]]]
    keep: Callable[..., Awaitable[Any]]
    remove: Callable[..., Awaitable[None]]


async def _places() -> list[tuple[UUID, str]]:
    return [(venue.id, venue.name) for venue in await venues.venues()]


CIRCLES = Sort(
    "circles",
    "people",
    circles.circles,
    circles.members,
    queries.people_to_choose,
    circles.set_circle,
    service.remove_circle,
)
GROUPS = Sort("groups", "venues", groups.groups, groups.members, _places, groups.set_group, service.remove_group)


def _router(sort: Sort) -> Router:
    @get("/", include_in_schema=False)
    async def sets_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
        """All of them, and how many belong to each."""
        found = await sort.members()
        lines = [(row, len(found[row.id])) for row in await sort.rows()]
        return await screen(request, actor, "sets", now=now, within=sort.within, sort=sort, lines=lines)

    @get("/new", include_in_schema=False)
    async def new_set_form(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
        """An empty form."""
        return await _form(request, actor, now, sort, Form(), None)

    @post("/new", include_in_schema=False, status_code=200)
    async def new_set(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
        """A further one."""
        return await _keep(request, actor, now, sort, None)

    @get("/{set_id:uuid}", include_in_schema=False)
    async def set_form(request: AnyRequest, set_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
        """Its name and its members."""
        row = await _row(sort, set_id)
        members = (await sort.members())[set_id]
        values = {"name": row.name} | {f"member-{one}": "yes" for one in members}
        return await _form(request, actor, now, sort, Form(values), row)

    @post("/{set_id:uuid}", include_in_schema=False, status_code=200)
    async def edit_set(request: AnyRequest, set_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
        """Another name, other members."""
        return await _keep(request, actor, now, sort, await _row(sort, set_id))

    @post("/{set_id:uuid}/remove", include_in_schema=False, status_code=303)
    async def remove_set(set_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
        """No more of it, unless a benefit depends on it. Twice is once."""
        try:
            await sort.remove(actor, set_id, now=now)
        except Conflict as problem:
            return go(f"/desk/{sort.name}/{set_id}", problem.code)
        except NotFound:
            pass  # gone already
        return go(f"/desk/{sort.name}", "dissolved")

    handlers = [sets_page, new_set_form, new_set, set_form, edit_set, remove_set]
    return Router(f"/desk/{sort.name}", guards=[officer_only], route_handlers=handlers)


async def _row(sort: Sort, set_id: UUID) -> Any:  # noqa: ANN401 - a Circle or a Group
    for row in await sort.rows():
        if row.id == set_id:
            return row
    raise NotFound("unknown_page", "nothing is here")


async def _keep(request: AnyRequest, actor: Actor, now: datetime, sort: Sort, row: Any) -> Response[Any]:  # noqa: ANN401
    form = await typed(request)
    name = form.text("name", most=circles.NAME_MAX)
    shown = [one for one, _ in await sort.choices()]
    members = {one for one in shown if form.get(f"member-{one}") == "yes"}
    if row:  # an archived venue is not on the form: it comes back as what it was
        members |= (await sort.members())[row.id] - set(shown)
    if not form.faults:
        try:
            await sort.keep(actor, row.id if row else None, name, members, now=now)
        except Invalid as problem:
            known = {"name_in_use": "form.fault.name_taken"}
            form.blame(["name"], known.get(problem.code, "form.fault.refused"))
        else:
            return go(f"/desk/{sort.name}", "saved")
    return await _form(request, actor, now, sort, form, row)


async def _form(request: AnyRequest, actor: Actor, now: datetime, sort: Sort, form: Form, row: Any) -> Response[Any]:  # noqa: ANN401
    choices = await sort.choices()
    return await screen(
        request, actor, "set_form", now=now, within=sort.within, form=form, sort=sort, row=row, choices=choices
    )


routers = [_router(CIRCLES), _router(GROUPS)]
