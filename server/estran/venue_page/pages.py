"""The venue's day and month, what it gives, and its own file of entries. Every address names the venue."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from estran import clock
from estran.access.guards import manager_or_officer
from estran.actor import Role
from estran.club import identity
from estran.desk import people_csv
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Say, Who, attachment, go, say_to, typed
from estran.desk.sheet_page import sheet_values, training_exercises
from estran.desk.words import months_before
from estran.errors import Conflict, NotFound
from estran.passes import entitlement
from estran.settings import Settings
from estran.venue_page import closures_pages, events_pages, proposals_pages, queries, rules, scanners_pages, service
from estran.venue_page.queries import Entry, Gifts
from estran.venue_page.show import home, own_venue, show
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.sentences import Reader, sentence
from estran.visits import queries as counted
from estran.visits import service as visits
from estran.visits.rules import STANDING, is_undo_in_time
from estran.visits.tables import Visit
from estran.web.pages import page_lang

MOST = 500
"""Entries on one page; a file has them all."""
FILE_MOST = 20_000


@get("/", include_in_schema=False)
async def chooser(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The venues of whoever runs several, every venue for an officer; who runs one is taken there."""
    found = [one for one in await venues.venues() if Role.OFFICER in actor.roles or one.id in actor.venue_ids]
    if len(found) == 1:
        return go(home(found[0].id))
    return await show(request, actor, None, "venue_page/venues", now=now, venues=found)


# --- what came in -------------------------------------------------------------------------------


@get("/{venue_id:uuid}", include_in_schema=False)
async def today(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Today's entries, each with who it was, and the way to take one back."""
    venue, say = await own_venue(actor, venue_id), await say_to(request, actor, now=now)
    found = await queries.entries(venue_id, say.today, say.today, say.zone, say.today, MOST)
    return await show(
        request,
        actor,
        venue,
        "venue_page/today",
        now=now,
        here="today",
        entries=found,
        undoable={entry.id for entry in found if _may_undo(entry, now)},
        gifts=await queries.gifts(venue_id, say.lang),
        figures=await queries.figures(venue_id, say.today, say.today),
        n_pending=sum(device.state == "pending" for device in await venues.devices_of(venue_id)),
    )


def _may_undo(entry: Entry | Visit, now: datetime) -> bool:
    return entry.state in STANDING and is_undo_in_time(clock.to_ms(entry.at), clock.to_ms(now))


@get("/{venue_id:uuid}/month", include_in_schema=False)
async def month(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """A month beside the same month of the year before, and each of its entries."""
    venue, say = await own_venue(actor, venue_id), await say_to(request, actor, now=now)
    chosen = _month(request.query_params.get("month", ""), say)
    last, before = rules.month_end(chosen), rules.year_before(chosen)
    found = await queries.entries(venue_id, chosen, last, say.zone, say.today, MOST)
    return await show(
        request,
        actor,
        venue,
        "venue_page/month",
        now=now,
        here="month",
        month=chosen,
        before=before,
        months=months_before(say.today),
        entries=found,
        is_cut=len(found) == MOST,
        most=MOST,
        gifts=await queries.gifts(venue_id, say.lang),
        figures=await queries.figures(venue_id, chosen, last),
        past=await queries.figures(venue_id, before, rules.month_end(before)),
        refused=await counted.refused_by_reason(chosen, last, venue_id),
        named_days=rules.NAMED_FOR.days,
    )


def _month(asked: str, say: Say) -> date:
    """The first day of the month asked for; of this one when it is none of the last two years."""
    months = months_before(say.today)
    return next((one for one in months if f"{one:%Y-%m}" == asked), months[0])


@post("/{venue_id:uuid}/entries.csv", include_in_schema=False, status_code=200)
async def export(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[bytes]:
    """A month's entries for a spreadsheet, names as the page has them. An act that is recorded: hence no mere link."""
    await own_venue(actor, venue_id)
    say = await say_to(request, actor, now=now)
    chosen = _month((await typed(request)).get("month"), say)
    await service.save_entries(actor, venue_id, f"{chosen:%Y-%m}", now=now)
    last = rules.month_end(chosen)
    found = await queries.entries(venue_id, chosen, last, say.zone, say.today, FILE_MOST)
    gifts = await queries.gifts(venue_id, say.lang)
    columns = ("day", "hour", "name", "benefit", "companions", "guests", "state", "reason")
    rows = [[say.t(f"venue_page.column.{column}") for column in columns]]
    rows += [_line(entry, gifts, say) for entry in reversed(found)]
    return attachment(people_csv.write(rows), f"entrees-{chosen:%Y-%m}.csv", "text/csv")


def _line(entry: Entry, gifts: Gifts, say: Say) -> list[str]:
    local = entry.at.astimezone(say.zone)
    return [
        f"{local:%Y-%m-%d}",
        f"{local:%H:%M}",
        entry.name,
        gifts.of(entry),
        str(entry.companions),
        str(entry.guests),
        say.t(f"desk.visit.{entry.state}"),
        say.reason(entry.reason) if entry.state == "refused" else "",
    ]


# --- taking one back ----------------------------------------------------------------------------


@get("/{venue_id:uuid}/entries/{visit_id:uuid}/undo", include_in_schema=False)
async def undo_form(
    request: AnyRequest, venue_id: FromPath[UUID], visit_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """What taking back does, and why it is done; too late, the page says who may still correct."""
    await own_venue(actor, venue_id)
    visit = await _own_visit(venue_id, visit_id)
    if not _may_undo(visit, now):
        words = {"cancelled": "undone"} | dict.fromkeys(STANDING, "too_late_to_undo")
        return go(home(venue_id), words.get(visit.state, "not_counted"))
    return await _undo_form(request, actor, now, Form(), visit)


@post("/{venue_id:uuid}/entries/{visit_id:uuid}/undo", include_in_schema=False, status_code=200)
async def undo(
    request: AnyRequest, venue_id: FromPath[UUID], visit_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """The entry counts no more. Twice is once, and so is the scanner's own undo."""
    await own_venue(actor, venue_id)
    visit, form = await _own_visit(venue_id, visit_id), await typed(request)
    why = form.why()
    if form.faults:
        return await _undo_form(request, actor, now, form, visit)
    try:
        await visits.undo_visit(actor, venue_id, visit_id, why, now=now)
    except Conflict as problem:
        return go(home(venue_id), problem.code)
    return go(home(venue_id), "undone")


async def _own_visit(venue_id: UUID, visit_id: UUID) -> Visit:
    visit = await visits.visit(visit_id)
    if visit.venue_id != venue_id:
        raise NotFound("unknown_visit", "no such visit")
    return visit


async def _undo_form(request: AnyRequest, actor: Who, now: datetime, form: Form, visit: Visit) -> Response[Any]:
    say = await say_to(request, actor, now=now)
    return await show(
        request,
        actor,
        await venues.venue(visit.venue_id),
        "desk/reason_form",
        now=now,
        within="today",
        form=form,
        act="visit.undo",
        about=say.hour(visit.at),
        back=home(visit.venue_id),
        back_words=say.t("venue_page.nav.today"),
        keep=say.t("venue_page.keep"),
        is_hard=True,
    )


# --- what it gives ------------------------------------------------------------------------------


@get("/{venue_id:uuid}/benefits", include_in_schema=False)
async def benefits(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What the venue gives, in words, when it is closed, and how to wish for something else."""
    venue, say = await own_venue(actor, venue_id), await say_to(request, actor, now=now)
    names = await entitlement.names()
    return await show(
        request,
        actor,
        venue,
        "venue_page/benefits",
        now=now,
        here="benefits",
        given=[
            (benefit, sentence(benefit.terms, Reader.DESK, say.lang, names))
            for benefit in await venues.benefits_of(venue_id)
        ],
        proposals=await proposals_pages.told(venue_id, say),
        closures=await closures.closures_of(venue_id, since=say.today),
        contacts=await identity.contacts(),
    )


@get("/{venue_id:uuid}/sheet", include_in_schema=False)
async def sheet(
    request: AnyRequest, venue_id: FromPath[UUID], settings: NamedDependency[Settings], actor: Who, now: Now
) -> Response[Any]:
    """The printed page by the till: what is given, how to scan, whom to call."""
    venue = await own_venue(actor, venue_id)
    values = await sheet_values(settings, venue, page_lang(request))
    return await show(
        request, actor, venue, "desk/sheet", now=now, within="benefits", back=f"{home(venue_id)}/benefits", **values
    )


@get("/{venue_id:uuid}/training-sheet", include_in_schema=False)
async def training_sheet(
    request: AnyRequest, venue_id: FromPath[UUID], settings: NamedDependency[Settings], actor: Who, now: Now
) -> Response[Any]:
    """Codes for the scanner's practice mode, to print."""
    venue, exercises = await own_venue(actor, venue_id), await training_exercises(settings)
    back = f"{home(venue_id)}/scanners"
    return await show(
        request, actor, venue, "desk/training_sheet", now=now, within="scanners", exercises=exercises, back=back
    )


routers = [
    Router(
        "/venue",
        guards=[manager_or_officer],
        route_handlers=[
            chooser,
            today,
            month,
            export,
            undo_form,
            undo,
            benefits,
            *proposals_pages.handlers,
            sheet,
            training_sheet,
            *closures_pages.handlers,
            *events_pages.handlers,
            *scanners_pages.handlers,
        ],
    )
]
