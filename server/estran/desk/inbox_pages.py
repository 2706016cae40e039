"""The officer's one inbox: a sentence each, a button or two, nobody blamed. And queues saved on a scanner."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from estran.access.guards import officer_only
from estran.actor import Actor
from estran.club import candidates
from estran.club import service as club
from estran.desk import queries, service
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Say, Who, go, say_to, screen, sent, typed
from estran.desk.visits_pages import cancel_visit_form
from estran.errors import Conflict, Invalid, NotFound
from estran.inbox import service as inbox
from estran.inbox.service import Item
from estran.passes.keys import Issuer
from estran.texts import MissingText
from estran.venues import service as venues
from estran.visits import intake
from estran.visits import service as visits
from estran.visits.items import BatchOut
from estran.visits.rules import State
from estran.visits.waiting import WAITING, day_of, visits_waiting

WHY_MAX = 200
FILE_MAX_BYTES = 900_000
"""About 700 visits; the server takes 1 MiB at once."""


@dataclass(frozen=True, slots=True)
class Act:
    """One answer: its name in addresses and texts, and whether a reason is asked first."""

    name: str
    needs_why: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One item, said."""

    item: Any
    sentence: str
    advice: str
    links: list[tuple[str, str]]
    acts: list[Act]


SEEN, CONFIRM, APPROVE = Act("seen"), Act("confirm"), Act("approve")
CANCEL = Act("cancel", needs_why=True)
CONFIRM_ALL = Act("confirm_all")


# --- the list -----------------------------------------------------------------------------------


@get("/", include_in_schema=False)
async def inbox_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What waits, newest first."""
    return await _list(request, actor, now, await inbox.open_items(), is_past=False)


@get("/past", include_in_schema=False)
async def past_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What was answered, newest first."""
    return await _list(request, actor, now, await queries.answered_items(), is_past=True)


async def _list(request: AnyRequest, actor: Who, now: datetime, found: list[Item], *, is_past: bool) -> Response[Any]:
    say = await say_to(request, actor, now=now)
    names = {venue.id: venue.name for venue in await venues.venues(archived=True)}
    people = {person.account_id: person.id for person in await club.ambassadors()}
    waiting = {row.id for row in await candidates.candidates()}
    lines = [await _line(item, say, names, people, waiting) for item in found]
    here = "" if is_past else "inbox"
    return await screen(request, actor, "inbox", now=now, here=here, within="inbox", items=lines, is_past=is_past)


async def _line(
    item: Item, say: Say, names: dict[UUID, str], people: dict[UUID, UUID], waiting: Collection[UUID]
) -> Line:
    """An item as the page says it. Names of people stay behind a link."""
    links = []
    if item.venue_id in names:
        links.append((f"/desk/venues/{item.venue_id}", names[item.venue_id]))
    visit = await _visit_of(item)
    person_id = item.ambassador_id or (visit and visit.ambassador_id) or people.get(item.subject_id or UUID(int=0))
    if person_id:
        links.append((f"/desk/people/{person_id}", say.t("desk.inbox.person")))
    if visit:
        links.append((f"/desk/visits/{visit.id}", say.t("desk.inbox.visit")))
    if item.subject_kind == "candidate" and item.subject_id in waiting:
        links.insert(0, (f"/desk/candidates/{item.subject_id}/admit", say.t("desk.inbox.admit")))
        links.insert(0, (f"/desk/candidates/{item.subject_id}", say.t("desk.inbox.request")))
    if item.kind == "renewal_wish":
        links.append(("/desk/renewals", say.t("desk.renewals.title")))
    if item.kind == "rights_request":
        links.insert(0, (f"/desk/requests/{item.subject_id}", say.t("desk.inbox.request")))
    if item.kind == "retention_late":
        links.append(("/desk/retention", say.t("desk.inbox.retention")))
    if item.kind == "restored":
        links.append(("/desk/people?state=eligible", say.t("desk.inbox.recheck")))
    day = say.day_of(visit.at if visit else item.at)
    n = item.details.get("n", 0)
    if item.kind == WAITING and item.venue_id is not None:
        on_day = day_of(item)
        n, day = len(await visits_waiting(item.venue_id, on_day)), say.day(date.fromisoformat(on_day))
        address = f"/desk/visits?month={on_day[:7]}&venue={item.venue_id}&state={State.TO_CONFIRM}"
        links.append((address, say.t("desk.inbox.one_by_one")))
    # What was answered has no number any more.
    kind = f"{item.kind}.past" if item.kind == WAITING and item.answered_at is not None else item.kind
    wish, made_on = item.details.get("wish"), item.details.get("made_on")
    values = {
        "venue": names.get(item.venue_id or UUID(int=0), say.t("desk.inbox.a_venue")),
        "day": day,
        "wish": say.t(f"desk.wish.{wish}") if wish in {"yes", "no"} else "",
        "made": say.day(date.fromisoformat(made_on)) if made_on else "",
        "n": n,
        "reason": say.reason(str(item.details.get("reason", ""))),
    }
    return Line(
        item=item,
        sentence=_said(say, f"desk.inbox.{kind}", item.kind, **values),
        advice=_advice(say, item.kind, visit.state if visit else str(wish or ""), **values),
        links=links,
        acts=_acts(item, visit.state if visit else ""),
    )


def _advice(say: Say, kind: str, state: str, **values: object) -> str:
    """What to think of it; of a visit that can no longer count and of a wish to stop, something else."""
    general = _said(say, f"desk.inbox.{kind}.advice", "", **values)
    return _said(say, f"desk.inbox.{kind}.{state}.advice", general, **values)


def _said(say: Say, key: str, otherwise: str, **values: object) -> str:
    try:
        return say.t(key, **values)
    except MissingText:  # a kind that is newer than this page
        return otherwise


async def _visit_of(item: Item) -> Any:  # noqa: ANN401 - a Visit or None
    """The visit an item is about, when it is still there (quarantined ones go after 30 days)."""
    visit_id = _visit_id(item)
    try:
        return await visits.visit(visit_id) if visit_id else None
    except NotFound:
        return None


def _visit_id(item: Item) -> UUID | None:
    if item.subject_kind == "visit":
        return item.subject_id
    named = item.details.get("visit") if isinstance(item.details, dict) else None
    return UUID(named) if isinstance(named, str) else None


def _acts(item: Item, state: str) -> list[Act]:
    """The answers that fit, the likeliest first. A request about data and a candidate are answered on pages of their own."""
    if item.kind in {"rights_request", "candidate"}:
        return []
    if item.kind == WAITING:
        return [CONFIRM_ALL]
    if item.kind == "device_pending":
        return [APPROVE, SEEN]
    if state == State.TO_CONFIRM:
        return [CONFIRM, CANCEL]
    if state == State.COUNTED:
        return [SEEN, CANCEL]
    return [SEEN]


# --- answers ------------------------------------------------------------------------------------


@post("/{item_id:uuid}/seen", include_in_schema=False, status_code=303)
async def seen(item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Looked at; nothing else to do."""
    await inbox.answer(actor, item_id, "seen", now=now)
    return go("/desk/inbox", "answered")


@post("/{item_id:uuid}/confirm", include_in_schema=False, status_code=303)
async def confirm(item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The visit counts."""
    item = await inbox.item(item_id)
    visit = await _visit_of(item)
    if item.answered_at is None and visit is not None and CONFIRM in _acts(item, visit.state):
        await service.confirm_visit(actor, item_id, visit.id, now=now)
    return go("/desk/inbox", "confirmed")


@get("/{item_id:uuid}/cancel", include_in_schema=False)
async def cancel_form(request: AnyRequest, item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What cancelling does, and why it is done."""
    return await _cancel_form(request, actor, now, Form(), await inbox.item(item_id))


@post("/{item_id:uuid}/cancel", include_in_schema=False, status_code=200)
async def cancel(request: AnyRequest, item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The visit no longer counts, with a reason. Twice is once."""
    item, form = await inbox.item(item_id), await typed(request)
    why = form.text("why", most=WHY_MAX)
    if form.faults:
        return await _cancel_form(request, actor, now, form, item)
    visit = await _visit_of(item)
    if item.answered_at is None and visit is not None and CANCEL in _acts(item, visit.state):
        await service.cancel_visit(actor, item_id, visit.id, why, now=now)
    return go("/desk/inbox", "cancelled")


async def _cancel_form(request: AnyRequest, actor: Who, now: datetime, form: Form, item: Item) -> Response[Any]:
    visit = await _visit_of(item)
    if visit is None:
        raise NotFound("unknown_visit", "no such visit")
    say = await say_to(request, actor, now=now)
    back = ("/desk/inbox", say.t("desk.inbox.title"))
    return await cancel_visit_form(request, actor, say, form, visit, within="inbox", back=back)


@post("/{item_id:uuid}/approve", include_in_schema=False, status_code=303)
async def approve(item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The waiting scanner may work; approving answers the item."""
    item = await inbox.item(item_id)
    if item.kind != "device_pending" or item.subject_id is None:
        raise NotFound("unknown_page", "nothing is here")
    try:
        await service.approve_device(actor, item_id, item.subject_id, now=now)
    except Conflict as problem:
        return go(f"/desk/venues/{item.venue_id}", problem.code)
    return go("/desk/inbox", "approved")


# --- a queue saved on a scanner -----------------------------------------------------------------


@get("/queue-file", include_in_schema=False)
async def queue_form(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Where to put the file."""
    return await screen(request, actor, "queue_file", now=now, within="inbox", result=None)


@post("/queue-file", include_in_schema=False, status_code=200)
async def load_queue(request: AnyRequest, issuer: NamedDependency[Issuer], actor: Who, now: Now) -> Response[Any]:
    """Take in a saved queue. The same file twice adds nothing."""
    form, result = Form(), None
    data = await _file(request, form)
    if not form.faults:
        try:
            result = await _load(issuer, actor, data, now)
        except (Invalid, NotFound) as problem:
            form.fault("file", f"form.fault.{problem.code}")
    return await screen(request, actor, "queue_file", now=now, within="inbox", form=form, result=result)


async def _file(request: AnyRequest, form: Form) -> bytes:
    found = (await sent(request)).get("file")
    if not isinstance(found, UploadFile) or not found.filename:
        form.fault("file", "form.fault.no_file")
        return b""
    data = await found.read(FILE_MAX_BYTES + 1)
    if len(data) > FILE_MAX_BYTES:
        form.fault("file", "form.fault.big_file")
    return data


async def _load(issuer: Issuer, actor: Actor, data: bytes, now: datetime) -> dict[str, Any]:
    out: BatchOut = await intake.intake_saved(issuer, actor, data, now=now)
    counts = Counter(result.result for result in out.results)
    return {"stored": counts["stored"], "duplicate": counts["duplicate"], "parked": counts["parked"]}


routers = [
    Router(
        "/desk/inbox",
        guards=[officer_only],
        route_handlers=[
            inbox_page,
            past_page,
            seen,
            confirm,
            cancel_form,
            cancel,
            approve,
            queue_form,
            load_queue,
        ],
    )
]
