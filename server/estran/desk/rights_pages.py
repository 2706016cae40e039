"""What people ask for by right, answered; somebody's data taken out or erased; and what should be gone by now."""

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from estran import clock
from estran.access.guards import officer_only
from estran.club import service as club
from estran.desk import service
from estran.desk.forms import Form
from estran.desk.people import act_form
from estran.desk.screen import AnyRequest, Now, Who, attachment, go, screen, typed
from estran.history import service as history
from estran.mail.letters import Letterhead
from estran.privacy import erasure, my_data, retention
from estran.privacy import service as privacy
from estran.privacy.rules import PERIODS

ANSWER_DAYS = 30
"""A month (RGPD art. 12.3), as the shortest of them."""
LATEST = 500
SHOWN = 10


# --- requests -----------------------------------------------------------------------------------


@get("/requests/{request_id:uuid}", include_in_schema=False)
async def request_page(request: AnyRequest, request_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What somebody asks for, and the answer they will read among their data."""
    return await _request_page(request, actor, now, request_id, Form())


@post("/requests/{request_id:uuid}", include_in_schema=False, status_code=200)
async def answer(
    request: AnyRequest,
    request_id: FromPath[UUID],
    letterhead: NamedDependency[Letterhead],
    actor: Who,
    now: Now,
) -> Response[Any]:
    """The office's answer; the first one stays."""
    form = await typed(request)
    text = form.long_text("answer", most=privacy.TEXT_MAX)
    if form.faults:
        return await _request_page(request, actor, now, request_id, form)
    await privacy.answer(actor, request_id, text, letterhead, now=now)
    return go("/desk/inbox", "answer")


async def _request_page(request: AnyRequest, actor: Who, now: datetime, request_id: UUID, form: Form) -> Response[Any]:
    row = await privacy.request(request_id)
    person = await club.ambassador(row.ambassador_id)
    asked_on = clock.local_day(row.at, await club.zone())
    return await screen(
        request,
        actor,
        "request",
        now=now,
        within="inbox",
        form=form,
        row=row,
        person=person,
        by=date.fromordinal(asked_on.toordinal() + ANSWER_DAYS),
    )


# --- one person ---------------------------------------------------------------------------------


@post("/people/{person_id:uuid}/data", include_in_schema=False, status_code=200)
async def take_data(person_id: FromPath[UUID], actor: Who, now: Now) -> Response[bytes]:
    """Everything about somebody as a file, for whoever asks on paper. An act that is recorded: hence no mere link."""
    await service.export_person(actor, person_id, now=now)
    found = await my_data.my_data(person_id, now=now)
    content = json.dumps(found, ensure_ascii=False, indent=2, default=str).encode()
    return attachment(content, "donnees-personnelles.json", "application/json")


@get("/people/{person_id:uuid}/erase", include_in_schema=False)
async def erase_form(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What erasing does, and why it is done."""
    return await act_form(request, actor, now, Form(), await club.ambassador(person_id), "erase")


@post("/people/{person_id:uuid}/erase", include_in_schema=False, status_code=200)
async def erase(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Somebody is erased for good, with a reason."""
    person = await club.ambassador(person_id)
    form = await typed(request)
    why = form.why()
    if form.faults:
        return await act_form(request, actor, now, form, person, "erase")
    await erasure.erase(actor, person_id, by="officer", why=why, now=now)
    return go("/desk/people", "erased")


# --- retention ----------------------------------------------------------------------------------


@get("/retention", include_in_schema=False)
async def retention_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What is due and has not gone, the keeping times, and what went lately."""
    kept = await privacy.kept()
    due = {one.period: one.n for one in await retention.due(now=now)}
    purges = [entry for entry in await history.latest(LATEST) if entry.action == "privacy.purge"][:SHOWN]
    return await screen(
        request,
        actor,
        "retention",
        now=now,
        within="settings",
        periods=[(key, kept[key], due.get(key, 0)) for key in PERIODS],
        n_due=sum(due.values()),
        purges=[(entry.at, [(key, n) for key, n in entry.details.items() if key in kept]) for entry in purges],
    )


@post("/retention", include_in_schema=False, status_code=303)
async def purge_now(now: Now) -> Response[Any]:
    """What is due goes now, and not only within the hour."""
    await retention.run(now=now)
    return go("/desk/retention", "saved")


routers = [
    Router(
        "/desk",
        guards=[officer_only],
        route_handlers=[
            request_page,
            answer,
            take_data,
            erase_form,
            erase,
            retention_page,
            purge_now,
        ],
    )
]
