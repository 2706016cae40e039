"""People who might join: who waits since when, and the three ends of waiting. Reached from the people's page."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from estran import clock
from estran.access.guards import officer_only
from estran.club import candidates
from estran.club import service as club
from estran.club.candidates import MESSAGE_MAX
from estran.club.tables import Candidate
from estran.desk import queries
from estran.desk.forms import Form
from estran.desk.lists import asked, folded, holds
from estran.desk.people import NAME_MAX, proposed_term
from estran.desk.screen import AnyRequest, Now, Who, go, screen, typed
from estran.errors import Invalid, NotFound, TooMany
from estran.privacy import rules as privacy_rules
from estran.privacy import service as privacy
from estran.web.limits import per_address

# A library or a meeting of the club shares one address (NAT).
JOIN_LIMIT = per_address("join", "hour", 20)
"""For the public form."""


SORTS: dict[str, Callable[[Candidate], Any]] = {
    "name": lambda row: folded(f"{row.last_name} {row.first_name}"),
    "since": lambda row: row.created_at,
    "answer": lambda row: row.contacted_at is not None,
    "erased": lambda row: row.created_at,  # everybody is kept for as long
}


# --- the public form ----------------------------------------------------------------------------


async def read_application(form: Form, *, now: datetime) -> bool:
    """Whether what somebody typed at the public form was taken; otherwise the form holds the faults to be shown.

    The same for addresses that the club knows: nothing is learnt by asking.
    """
    said = {name: form.text(name, most=NAME_MAX) for name in ("first_name", "last_name")}
    email, message = form.email("email"), form.long_text("message", most=MESSAGE_MAX, required=False)
    if form.faults:
        return False
    try:
        await candidates.apply(**said, email=email, message=message, now=now)
    except Invalid as problem:
        _blame(form, problem)
    except TooMany:
        form.fault("message", "form.fault.too_many_candidates")
    return not form.faults


def _blame(form: Form, problem: Invalid) -> None:
    known = {"email_in_use": "form.fault.email_in_use", "bad_email": "form.fault.email"}
    form.blame(problem.extra.get("fields", ["email"]), known.get(problem.code, "form.fault.refused"))


# --- the list -----------------------------------------------------------------------------------


@get("/", include_in_schema=False)
async def candidates_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Who waits, the first to come first, and until when they are kept; or those whose words hold what is searched for."""
    order = asked("/desk/candidates", request.query_params, SORTS, "since")
    rows = await candidates.candidates()
    kept, zone = (await privacy.kept())["candidates"], await club.zone()
    found = [row for row in rows if holds(f"{row.first_name} {row.last_name} {row.email} {row.message}", order.query)]
    return await screen(
        request,
        actor,
        "candidates",
        now=now,
        within="people",
        rows=[(row, erased_on(row.created_at, kept, zone)) for row in order.sorted(found, SORTS)],
        asked=order,
        n_all=len(rows),
        months=kept,
    )


def erased_on(created_at: datetime, kept: int, zone: ZoneInfo) -> date:
    """The day on which a candidate's keeping time is over, as retention counts it."""
    return clock.local_day(privacy_rules.due_at(privacy_rules.PERIODS["candidates"], kept, created_at), zone)


@get("/new", include_in_schema=False)
async def note_form(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """An empty form."""
    return await screen(request, actor, "candidate_form", now=now, within="people", message_max=MESSAGE_MAX)


@post("/new", include_in_schema=False, status_code=200)
async def note(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Remember somebody the officer met."""
    form = await typed(request)
    said = {name: form.text(name, most=NAME_MAX) for name in ("first_name", "last_name")}
    email = form.email("email", required=False)
    message = form.long_text("message", most=MESSAGE_MAX, required=False)
    if not form.faults:
        try:
            row = await candidates.note(actor, **said, email=email, message=message, now=now)
        except Invalid as problem:
            _blame(form, problem)
        else:
            return go(f"/desk/candidates/{row.id}", "candidate-noted")
    return await screen(request, actor, "candidate_form", now=now, within="people", form=form, message_max=MESSAGE_MAX)


# --- one candidate ------------------------------------------------------------------------------


@get("/{candidate_id:uuid}", include_in_schema=False)
async def candidate_page(request: AnyRequest, candidate_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What is known of somebody, and what may be done."""
    row = await candidates.candidate(candidate_id)
    kept = (await privacy.kept())["candidates"]
    erased = erased_on(row.created_at, kept, await club.zone())
    return await screen(request, actor, "candidate", now=now, within="people", row=row, erased_on=erased)


@post("/{candidate_id:uuid}/contacted", include_in_schema=False, status_code=303)
async def contacted(candidate_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """The office has answered."""
    await candidates.mark_contacted(actor, candidate_id, now=now)
    return go(f"/desk/candidates/{candidate_id}", "contacted")


@get("/{candidate_id:uuid}/admit", include_in_schema=False)
async def admit_form(request: AnyRequest, candidate_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The days of a first mandate."""
    row = await candidates.candidate(candidate_id)
    form = Form({"email": row.email} | await proposed_term(now))
    return await _admit_form(request, actor, now, form, row)


@post("/{candidate_id:uuid}/admit", include_in_schema=False, status_code=200)
async def admit(request: AnyRequest, candidate_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The candidate becomes an ambassador. Twice is once."""
    try:
        row = await candidates.candidate(candidate_id)
    except NotFound:
        return await _already(candidate_id)
    form = await typed(request)
    email = form.email("email")
    begins_on, ends_on = form.term()
    if not form.faults and begins_on and ends_on:
        try:
            person = await candidates.admit(actor, candidate_id, begins_on, ends_on, email=email, now=now)
        except Invalid as problem:
            _blame(form, problem)
        else:
            return go(f"/desk/people/{person.id}", "admitted")
    return await _admit_form(request, actor, now, form, row)


async def _already(candidate_id: UUID) -> Redirect:
    """Where the first of two clicks led. Raises NotFound for somebody who never waited."""
    person_id = await candidates.became(candidate_id)
    return go(f"/desk/people/{person_id}" if person_id else "/desk/candidates", "already")


async def _admit_form(request: AnyRequest, actor: Who, now: datetime, form: Form, row: Candidate) -> Response[Any]:
    return await screen(
        request,
        actor,
        "candidate_admit",
        now=now,
        within="people",
        form=form,
        row=row,
        about=_name(row),
        seats=await queries.seats(now=now),
    )


@get("/{candidate_id:uuid}/decline", include_in_schema=False)
async def decline_form(request: AnyRequest, candidate_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What declining does, and why it is done."""
    return await _decline_form(request, actor, now, Form(), await candidates.candidate(candidate_id))


@post("/{candidate_id:uuid}/decline", include_in_schema=False, status_code=200)
async def decline(request: AnyRequest, candidate_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Not this time, with a reason. Twice is once."""
    try:
        row = await candidates.candidate(candidate_id)
    except NotFound:
        return await _already(candidate_id)
    form = await typed(request)
    why = form.why()
    if form.faults:
        return await _decline_form(request, actor, now, form, row)
    await candidates.decline(actor, candidate_id, why, now=now)
    return go("/desk/candidates", "declined")


async def _decline_form(request: AnyRequest, actor: Who, now: datetime, form: Form, row: Candidate) -> Response[Any]:
    return await screen(
        request,
        actor,
        "reason_form",
        now=now,
        within="people",
        form=form,
        act="candidate.decline",
        about=_name(row),
        back=f"/desk/candidates/{row.id}",
        back_words=_name(row),
        is_hard=True,
    )


def _name(row: Candidate) -> str:
    return f"{row.first_name} {row.last_name}"


routers = [
    Router(
        "/desk/candidates",
        guards=[officer_only],
        route_handlers=[
            candidates_page,
            note_form,
            note,
            candidate_page,
            contacted,
            admit_form,
            admit,
            decline_form,
            decline,
        ],
    )
]
