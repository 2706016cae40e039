"""The people as a whole: a list brought in, the list taken away, and the years in figures."""

from datetime import datetime
from typing import Any

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile

from estran import clock
from estran.access.guards import officer_only
from estran.club import queries as club_queries
from estran.club import service as club
from estran.desk import people_csv, queries, service
from estran.desk.forms import Fault, Form
from estran.desk.lists import folded
from estran.desk.people import state_of
from estran.desk.people_csv import MAX_BYTES, MAX_LINES, Line
from estran.desk.screen import AnyRequest, Now, Say, Who, attachment, go, say_to, screen, sent
from estran.errors import Invalid
from estran.passes import service as passes

COLUMNS = ("first_name", "last_name", "email", "begins_on", "ends_on", "state")


# --- bringing a list in -------------------------------------------------------------------------


@get("/people/import", include_in_schema=False)
async def import_form(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Where to put the list, and what it must hold."""
    return await _import_page(request, actor, now, Form())


@post("/people/import", include_in_schema=False, status_code=200)
async def preview(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What the list would do, line by line; nothing is done yet."""
    form, text = await list_sent(request)
    return await _import_page(request, actor, now, form, text)


@post("/people/import/add", include_in_schema=False, status_code=200)
async def add_list(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Add those of the list who are new. Twice is once."""
    form, text = await list_sent(request)
    lines = _read(form, text)
    if form.faults:
        return await _import_page(request, actor, now, form, text)
    try:
        n_added = await service.add_people(actor, lines, now=now)
    except Invalid:
        form.fault("list", "form.fault.list_refused")
        return await _import_page(request, actor, now, form, text)
    return go("/desk/people", "imported" if n_added else "already")


async def list_sent(request: AnyRequest) -> tuple[Form, str]:
    """The form, and the list as text: of the file if there is one, else what was pasted."""
    data = await sent(request)
    file = data.get("sheet")
    form = Form({name: value for name, value in data.items() if isinstance(value, str)})
    if not isinstance(file, UploadFile) or not file.filename:
        return form, form.get("list")
    content = await file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        form.fault("sheet", "form.fault.big_list", most=MAX_BYTES // 1024)
        return form, ""
    return form, people_csv.decoded(content)


def _read(form: Form, text: str) -> list[Line]:
    """The lines; none, and a fault in the form, when the list cannot be read."""
    if form.faults:
        return []
    lines = people_csv.read(text) if text.strip() else Fault("form.fault.no_list")
    if isinstance(lines, Fault):
        form.faults["sheet" if not form.get("list") else "list"] = lines
        return []
    return lines


async def _import_page(request: AnyRequest, actor: Who, now: datetime, form: Form, text: str = "") -> Response[Any]:
    is_asked = request.method == "POST"
    judged = await service.judge_people(_read(form, text)) if is_asked else []
    people = {one.line.folded for one in judged if one.verdict == "new"}
    return await screen(
        request,
        actor,
        "people_import",
        now=now,
        within="people",
        form=form,
        judged=judged,
        text=text,
        n={verdict: sum(one.verdict == verdict for one in judged) for verdict in ("new", "known", "fault")},
        n_people=len(people),
        seats=await queries.seats(now=now, coming=len(people)),
        most_lines=MAX_LINES,
        most_bytes=MAX_BYTES // 1024,
    )


# --- taking the list away -----------------------------------------------------------------------


@post("/people.csv", include_in_schema=False, status_code=200)
async def export(request: AnyRequest, actor: Who, now: Now) -> Response[bytes]:
    """Everybody in a spreadsheet's file, a line per mandate. An act that is recorded: hence no mere link."""
    await service.open_list(actor, now=now)
    say = await say_to(request, actor, now=now)
    return attachment(people_csv.write(await _rows(say)), f"ambassadeurs-{say.today}.csv", "text/csv")


async def _rows(say: Say) -> list[list[str]]:
    people = sorted(await club.ambassadors(), key=lambda person: folded(f"{person.last_name} {person.first_name}"))
    standings = await passes.standings([person.id for person in people], now=say.now)
    emails, had_pass = await queries.emails(people), await queries.ever_holders()
    rows = [[say.t(f"desk.csv.{column}") for column in COLUMNS]]
    for person in people:
        state = state_of(person, standings[person.id], had_pass=person.id in had_pass)
        who = [person.first_name, person.last_name, emails[person.id]]
        mandates = [(str(row.begins_on), str(row.ends_on)) for row in await club.mandates_of(person.id)]
        rows += [[*who, *days, say.t(f"desk.state.{state}")] for days in mandates or [("", "")]]
    return rows


# --- years --------------------------------------------------------------------------------------


@get("/people/years", include_in_schema=False)
async def years_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """How many were in, came and left, year by year; without names."""
    today = clock.local_day(now, await club.zone())
    return await screen(request, actor, "people_years", now=now, within="people", years=await club_queries.years(today))


routers = [Router("/desk", guards=[officer_only], route_handlers=[import_form, preview, add_list, export, years_page])]
