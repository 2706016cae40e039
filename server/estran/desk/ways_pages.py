"""A venue without a scanner: its PIN and poster, its paper list, and the page where the officer types the list in."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from anyio import to_thread
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from estran.access.guards import officer_only
from estran.club import identity
from estran.club import rules as club_rules
from estran.club import service as club
from estran.desk import paper_list, queries, service
from estran.desk.forms import Form
from estran.desk.paper_list import Roll
from estran.desk.screen import AnyRequest, Now, Who, go, screen, typed
from estran.desk.venues_pages import qr_svg
from estran.errors import NotFound
from estran.settings import Settings
from estran.texts import t
from estran.venues import service as venues
from estran.venues import ways
from estran.venues.sentences import give
from estran.venues.tables import Venue
from estran.visits import service as visits
from estran.visits import told
from estran.web.pages import page_lang

PAPER_ROWS = 20
"""What fits on one A4 page with room to write."""


def spaced_pin(pin: str) -> str:
    """A PIN as it is shown: 482 913."""
    return f"{pin[:3]} {pin[3:]}"


# --- the PIN and what is printed --------------------------------------------------------------------------------------


@post("/{venue_id:uuid}/pin", include_in_schema=False, status_code=303)
async def renew_pin(venue_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """Another PIN; the poster is to be printed anew."""
    await ways.renew_pin(actor, venue_id, now=now)
    return go(f"/desk/venues/{venue_id}", "pin")


@get("/{venue_id:uuid}/poster", include_in_schema=False)
async def poster(
    request: AnyRequest, venue_id: FromPath[UUID], settings: NamedDependency[Settings], actor: Who, now: Now
) -> Response[Any]:
    """What hangs at the entrance of a venue without a scanner: French first, English below."""
    venue = await venues.venue(venue_id)
    values, back = await poster_values(settings, venue), f"/desk/venues/{venue_id}"
    return await screen(request, actor, "poster", now=now, within="venues", venue=venue, back=back, **values)


async def poster_values(settings: Settings, venue: Venue) -> dict[str, Any]:
    """What the poster says, on whosever page."""
    pin = await ways.pin_of(venue.id)
    address = f"{settings.origin}/pass/#/here/{venue.id}/{pin}"
    return {
        "pin": spaced_pin(pin),
        "said": t,
        "pass_address": f"{settings.origin}/pass/".removeprefix("https://"),
        "qr": await to_thread.run_sync(qr_svg, address),
    }


@get("/{venue_id:uuid}/paper-list", include_in_schema=False)
async def printed_list(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """One page to fill by hand, for the venue's desk."""
    venue, back = await venues.venue(venue_id), f"/desk/venues/{venue_id}"
    values = await paper_values()
    return await screen(request, actor, "paper_list", now=now, within="venues", venue=venue, back=back, **values)


async def paper_values() -> dict[str, Any]:
    """What the page to fill says beside the venue's name."""
    return {"n_rows": PAPER_ROWS, "contacts": await identity.contacts()}


# --- typing it in -----------------------------------------------------------------------------------------------------


@get("/{venue_id:uuid}/list", include_in_schema=False)
async def list_form(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Empty rows."""
    form = Form({"form": str(uuid4())})
    return await _list_form(request, actor, now, form, await venues.venue(venue_id), await _roll())


@post("/{venue_id:uuid}/list", include_in_schema=False, status_code=200)
async def copy_list(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Note every row, or say beside the rows what is wrong and note none. Twice is once."""
    venue, form, people = await venues.venue(venue_id), await typed(request), await _roll()
    if form.get("act") == "more":
        more = {"rows": str(paper_list.n_rows(form) + paper_list.ROWS)}
        return await _list_form(request, actor, now, Form({**form.values, **more}), venue, people)
    given = {benefit.id for benefit in await venues.benefits_of(venue_id)}
    lines = paper_list.lines(form, people, given, now=now, zone=await club.zone())
    form_id = form.uuid("form")
    if not lines and not form.faults:
        form.fault("day-0", "form.fault.no_rows")
    if not form.faults and form_id is not None:
        copied = await told.copy_list(actor, venue_id, form_id, lines, now=now)
        for row in copied.clashes:
            form.fault(f"who-{row}", "form.fault.row_noted")
        if not copied.clashes:
            return go(f"/desk/venues/{venue_id}/list/{form_id}")
    return await _list_form(request, actor, now, form, venue, people)


async def _list_form(
    request: AnyRequest, actor: Who, now: datetime, form: Form, venue: Venue, people: Roll
) -> Response[Any]:
    if form.uuid("form") is None:
        form = Form({**form.values, "form": str(uuid4())}, form.faults)
    lang = page_lang(request)
    return await screen(
        request,
        actor,
        "list_form",
        now=now,
        within="venues",
        form=form,
        venue=venue,
        n_rows=paper_list.n_rows(form),
        has_room=paper_list.n_rows(form) < told.LINES_MAX,
        people=people.options,
        benefits=[(str(one.id), give(one.terms, lang)) for one in await venues.benefits_of(venue.id)],
    )


async def _roll() -> Roll:
    people = [
        (one.id, one.first_name, one.last_name, club_rules.display_name(one.first_name, one.last_name))
        for one in await club.ambassadors()
    ]
    return paper_list.roll(people, await queries.pass_numbers())


@get("/{venue_id:uuid}/list/{form_id:uuid}", include_in_schema=False)
async def copied_list(
    request: AnyRequest, venue_id: FromPath[UUID], form_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """What was noted, and one button to have it count."""
    venue = await venues.venue(venue_id)
    rows = [row for row in await told.form_visits(form_id) if row.venue_id == venue_id]
    if not rows:
        raise NotFound("unknown_page", "nothing is here")
    return await screen(
        request,
        actor,
        "list_done",
        now=now,
        within="venues",
        venue=venue,
        form_id=form_id,
        visits=[queries.scan_of(row, venue.name) for row in rows],
        n_waiting=len(await told.form_waiting(form_id)),
        n_open=sum(row.state == "to_confirm" for row in rows),
    )


@post("/{venue_id:uuid}/list/{form_id:uuid}/confirm", include_in_schema=False, status_code=303)
async def confirm_list(venue_id: FromPath[UUID], form_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """All of it counts, but what the inbox asks about."""
    await venues.venue(venue_id)
    await visits.confirm_visits(actor, await told.form_waiting(form_id), now=now)
    return go(f"/desk/venues/{venue_id}/list/{form_id}", "all-confirmed")


# --- all that waits of a venue's day ----------------------------------------------------------------------------------


@post("/desk/inbox/{item_id:uuid}/confirm_all", include_in_schema=False, status_code=303)
async def confirm_all(item_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """Everything that the line speaks of counts. Twice is once."""
    await service.confirm_waiting(actor, item_id, now=now)
    return go("/desk/inbox", "all-confirmed")


routers = [
    Router(
        "/desk/venues",
        guards=[officer_only],
        route_handlers=[renew_pin, poster, printed_list, list_form, copy_list, copied_list, confirm_list],
    ),
    Router("/", guards=[officer_only], route_handlers=[confirm_all]),
]
