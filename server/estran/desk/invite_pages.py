"""Many invitations at once: a pasted list looked at before anything is done, and those in the club who never had one."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from estran.access.guards import officer_only
from estran.desk import invitations, queries, service
from estran.desk.forms import Fault, Form
from estran.desk.invitations import Guest
from estran.desk.lists_pages import list_sent
from estran.desk.people import proposed_term
from estran.desk.people_csv import MAX_BYTES, MAX_LINES
from estran.desk.screen import AnyRequest, Now, Who, go, screen
from estran.errors import Invalid
from estran.mail.letters import Letterhead


@get("/", include_in_schema=False)
async def invite_form(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Where to paste the list, with the days of a first mandate; and who in the club still waits."""
    return await _page(request, actor, now, Form(await proposed_term(now)))


@post("/", include_in_schema=False, status_code=200)
async def preview(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What the list would do, line by line; nothing is done yet."""
    form, text = await list_sent(request)
    guests, *_ = _read(form, text)
    return await _page(request, actor, now, form, text, guests)


@post("/send", include_in_schema=False, status_code=200)
async def send(request: AnyRequest, letterhead: NamedDependency[Letterhead], actor: Who, now: Now) -> Response[Any]:
    """Add and invite those of the list who are not invited yet. Twice is once."""
    form, text = await list_sent(request)
    guests, begins_on, ends_on = _read(form, text)
    if form.faults or not begins_on or not ends_on:
        return await _page(request, actor, now, form, text, guests)
    try:
        n_sent = await service.invite_people(actor, guests, begins_on, ends_on, letterhead, now=now)
    except Invalid:
        form.fault("list", "form.fault.list_refused")
        return await _page(request, actor, now, form, text)
    return go("/desk/people", "invited-all" if n_sent else "already")


@post("/waiting", include_in_schema=False, status_code=303)
async def send_to_waiting(letterhead: NamedDependency[Letterhead], actor: Who, now: Now) -> Redirect:
    """Everybody in the club who never had an invitation has one now. Twice is once."""
    n_sent = await service.invite_uninvited(actor, letterhead, now=now)
    return go("/desk/people", "invited-all" if n_sent else "already")


def _read(form: Form, text: str) -> tuple[list[Guest], date | None, date | None]:
    """The people and the days; faults are in the form."""
    begins_on, ends_on = form.term()
    if "sheet" in form.faults:
        return [], begins_on, ends_on
    guests = invitations.read(text)
    if isinstance(guests, Fault):
        form.faults["list"] = guests
        return [], begins_on, ends_on
    return guests, begins_on, ends_on


async def _page(
    request: AnyRequest, actor: Who, now: datetime, form: Form, text: str = "", guests: list[Guest] | None = None
) -> Response[Any]:
    judged = await service.judge_guests(guests or [], now=now)
    counts = Counter(one.verdict for one in judged)
    return await screen(
        request,
        actor,
        "people_invite",
        now=now,
        within="people",
        form=form,
        judged=judged,
        text=text or form.get("list"),
        counts=counts,
        n_to_invite=counts["new"] + counts["waits"],
        waiting=await queries.uninvited(now=now),
        seats=await queries.seats(now=now, coming=counts["new"]),
        most_lines=MAX_LINES,
        most_bytes=MAX_BYTES // 1024,
    )


routers = [
    Router(
        "/desk/people/invite",
        guards=[officer_only],
        route_handlers=[invite_form, preview, send, send_to_waiting],
    )
]
