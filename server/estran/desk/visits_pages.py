"""Pages about visits: a venue's day without names, and one visit with what an officer may mend about it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from estran.access.guards import officer_only
from estran.desk import queries
from estran.desk.forms import Form
from estran.desk.lists import asked, folded, holds
from estran.desk.queries import Scan
from estran.desk.screen import AnyRequest, Now, Say, Who, go, say_to, screen, typed
from estran.desk.words import months_before
from estran.errors import Conflict
from estran.events import service as events
from estran.events.tables import Event
from estran.history import service as history
from estran.passes import entitlement
from estran.venues import service as venues
from estran.venues import ways
from estran.venues.sentences import Reader, sentence
from estran.visits import service as visits
from estran.visits.items import COMPANIONS_MAX
from estran.visits.rules import STANDING, State
from estran.visits.tables import Visit
from estran.web.pages import page_lang

MOST = 500
SORTS: dict[str, Callable[[Scan], Any]] = {
    "at": lambda scan: scan.at,
    "venue": lambda scan: folded(scan.venue),
    "state": lambda scan: scan.state,
    "companions": lambda scan: scan.companions,
}


@get("/visits", include_in_schema=False)
async def visits_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The scans of a month, of all venues or of one, without names: refused ones and those that wait, too."""
    order = asked("/desk/visits", request.query_params, SORTS, "-at", others=["month", "venue", "state"])
    say = await say_to(request, actor, now=now)
    places = await venues.venues(archived=True)
    months = months_before(say.today)
    month = next((one for one in months if f"{one:%Y-%m}" == order.others["month"]), months[0])
    place = next((one for one in places if str(one.id) == order.others["venue"]), None)
    state = order.others["state"] if order.others["state"] in list(State) else ""
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    rows = await queries.visits_between(
        month, last, say.zone, say.lang, venue_id=place.id if place else None, state=state, limit=MOST
    )
    found = [
        row
        for row in rows
        if holds(f"{row.venue} {row.event} {say.t(f'desk.visit.{row.state}')} {_why(row, say)}", order.query)
    ]
    return await screen(
        request,
        actor,
        "visits",
        now=now,
        within="dashboard",
        visits=order.sorted(found, SORTS),
        asked=order,
        month=month,
        months=months,
        places=places,
        place=place,
        state=state,
        states=list(State),
        is_cut=len(rows) == MOST,
        most=MOST,
    )


def _why(row: Scan, say: Say) -> str:
    """Why a scan was refused; nothing of others."""
    return say.reason(row.reason) if row.state == State.REFUSED else ""


@get("/venues/{venue_id:uuid}/days/{day:date}", include_in_schema=False)
async def day_page(
    request: AnyRequest, venue_id: FromPath[UUID], day: FromPath[date], actor: Who, now: Now
) -> Response[Any]:
    """Every scan of one day at one venue, without names: where to look when the venue says that a number is wrong."""
    venue, found = await venues.venue(venue_id), await queries.visits_on(venue_id, day, page_lang(request))
    return await screen(request, actor, "visits_day", now=now, within="venues", venue=venue, day=day, visits=found)


@get("/visits/{visit_id:uuid}", include_in_schema=False)
async def visit_page(request: AnyRequest, visit_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """One visit: what the scanner said, what became of it, who changed it and why. Whose it was stays unsaid."""
    visit = await visits.visit(visit_id)
    return await screen(
        request,
        actor,
        "visit",
        now=now,
        within="venues",
        entries=await history.entries_about(visit_id),
        visit=visit,
        venue=await venues.venue(visit.venue_id),
        device=await ways.device_or_way(visit.device_id),
        undone_at=await queries.undone_at(visit),
        benefit=await _benefit(visit, page_lang(request)),
        event=await _event(visit),
        is_standing=visit.state in STANDING,
    )


async def _benefit(visit: Visit, lang: str) -> str:
    """What the benefit said when the visit was judged; empty when it named none."""
    terms = await venues.terms_of(visit.benefit_id, visit.benefit_version) if visit.benefit_id else None
    return sentence(terms, Reader.DESK, lang, await entitlement.names()) if terms else ""


async def _event(visit: Visit) -> Event | None:
    """The event at which somebody arrived; None: an entry of the venue."""
    return await events.event((await events.slot(visit.slot_id)).event_id) if visit.slot_id else None


# --- the number of companions -------------------------------------------------------------------


@get("/visits/{visit_id:uuid}/correct", include_in_schema=False)
async def correct_form(request: AnyRequest, visit_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The number as it stands, and why it should be another; at an event nobody pays: whom one brought is said there."""
    visit = await visits.visit(visit_id)
    if visit.slot_id is not None:
        return go(f"/desk/visits/{visit_id}")
    return await _correct_form(request, actor, now, Form({"companions": str(visit.companions)}), visit)


@post("/visits/{visit_id:uuid}/correct", include_in_schema=False, status_code=200)
async def correct(request: AnyRequest, visit_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Another number of companions, with a reason. Twice is once."""
    visit, form = await visits.visit(visit_id), await typed(request)
    if visit.slot_id is not None:
        return go(f"/desk/visits/{visit_id}")
    companions = form.number("companions", least=0, most=COMPANIONS_MAX)
    why = form.why()
    if form.faults or companions is None:
        return await _correct_form(request, actor, now, form, visit)
    if companions != visit.companions:
        await visits.correct_companions(actor, visit_id, companions, why, now=now)
    return go(f"/desk/visits/{visit_id}", "corrected")


async def _correct_form(request: AnyRequest, actor: Who, now: datetime, form: Form, visit: Visit) -> Response[Any]:
    return await screen(
        request, actor, "visit_correct", now=now, within="venues", form=form, visit=visit, most=COMPANIONS_MAX
    )


# --- whether it counts --------------------------------------------------------------------------


@post("/visits/{visit_id:uuid}/confirm", include_in_schema=False, status_code=303)
async def confirm(visit_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """A visit that waited counts from now on; what the inbox asked about it is settled."""
    try:
        await visits.confirm_visit(actor, visit_id, None, now=now)
    except Conflict as problem:
        return go(f"/desk/visits/{visit_id}", problem.code)
    return go(f"/desk/visits/{visit_id}", "confirmed")


@post("/visits/{visit_id:uuid}/reinstate", include_in_schema=False, status_code=303)
async def reinstate(visit_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """A visit that was cancelled by mistake counts again."""
    try:
        await visits.reinstate_visit(actor, visit_id, now=now)
    except Conflict as problem:
        return go(f"/desk/visits/{visit_id}", problem.code)
    return go(f"/desk/visits/{visit_id}", "confirmed")


@get("/visits/{visit_id:uuid}/cancel", include_in_schema=False)
async def cancel_form(request: AnyRequest, visit_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What cancelling does, and why it is done."""
    return await _cancel_form(request, actor, now, Form(), await visits.visit(visit_id))


@post("/visits/{visit_id:uuid}/cancel", include_in_schema=False, status_code=200)
async def cancel(request: AnyRequest, visit_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The visit counts no more, with a reason. Twice is once."""
    visit, form = await visits.visit(visit_id), await typed(request)
    why = form.why()
    if form.faults:
        return await _cancel_form(request, actor, now, form, visit)
    try:
        await visits.cancel_visit(actor, visit_id, why, now=now)
    except Conflict as problem:
        return go(f"/desk/visits/{visit_id}", problem.code)
    return go(f"/desk/visits/{visit_id}", "cancelled")


async def _cancel_form(request: AnyRequest, actor: Who, now: datetime, form: Form, visit: Visit) -> Response[Any]:
    say = await say_to(request, actor, now=now)
    title = "desk.visit.title" if visit.slot_id is None else "desk.visit.title.arrival"
    back = (f"/desk/visits/{visit.id}", say.t(title, at=say.at(visit.at)))
    return await cancel_visit_form(request, actor, say, form, visit, within="venues", back=back)


async def cancel_visit_form(
    request: AnyRequest, actor: Who, say: Say, form: Form, visit: Visit, *, within: str, back: tuple[str, str]
) -> Response[Any]:
    """What cancelling does, and why it is done; `back` is the address and the words of the way out."""
    address, words = back
    return await screen(
        request,
        actor,
        "reason_form",
        now=say.now,
        within=within,
        form=form,
        act="visit.cancel" if visit.slot_id is None else "arrival.cancel",
        about=say.at(visit.at),
        back=address,
        back_words=words,
        is_hard=True,
    )


routers = [
    Router(
        "/desk",
        guards=[officer_only],
        route_handlers=[
            visits_page,
            day_page,
            visit_page,
            correct_form,
            correct,
            confirm,
            reinstate,
            cancel_form,
            cancel,
        ],
    )
]
