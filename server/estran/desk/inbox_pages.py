"""The officer's one inbox: a sentence each, a button or two, nobody blamed. And queues saved on a scanner."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from estran.access.guards import officer_only
from estran.actor import Actor
from estran.desk import events_acts, service
from estran.desk.forms import Form
from estran.desk.inbox_lines import CANCEL, CONFIRM, SAME, TWO, Act, acts, by_day, lines, visit_of
from estran.desk.lists import asked, holds
from estran.desk.screen import AnyRequest, Now, Who, go, say_to, screen, sent, typed
from estran.desk.visits_pages import cancel_visit_form
from estran.desk.words import month_span, months_before
from estran.errors import Conflict, Invalid, NotFound
from estran.events import watch
from estran.inbox import service as inbox
from estran.inbox.service import Item
from estran.passes.keys import Issuer
from estran.visits import intake
from estran.visits.items import BatchOut
from estran.visits.tables import Visit

FILE_MAX_BYTES = 900_000
"""About 700 visits; the server takes 1 MiB at once."""
MANY = 8
"""From so many lines on, the page offers to search them."""
PAST = 100
PAST_MONTH = 500


# --- the list -----------------------------------------------------------------------------------


@get("/", include_in_schema=False)
async def inbox_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What waits, by day, newest first; or what holds the words searched for."""
    order = asked("/desk/inbox", request.query_params, {"at"}, "-at")
    say = await say_to(request, actor, now=now)
    waiting = await lines(await inbox.open_items(), say)
    found = [line for line in waiting if holds(line.words, order.query)]
    return await screen(
        request,
        actor,
        "inbox",
        now=now,
        here="inbox",
        days=by_day(found, say, is_past=False),
        n_found=len(found),
        asked=order,
        is_long=len(waiting) >= MANY or order.is_narrowed,
    )


@get("/past", include_in_schema=False)
async def past_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What was answered, when and by whom: the last answers, or those of a month."""
    order = asked("/desk/inbox/past", request.query_params, {"at"}, "-at", others=["month"])
    say = await say_to(request, actor, now=now)
    months = months_before(say.today)
    month = next((one for one in months if f"{one:%Y-%m}" == order.others["month"]), None)
    since, until = month_span(month, say.zone) if month else (None, None)
    items = await inbox.answered_items(since=since, until=until, limit=PAST_MONTH if month else PAST)
    found = [line for line in await lines(items, say) if holds(line.words, order.query)]
    return await screen(
        request,
        actor,
        "inbox_past",
        now=now,
        within="inbox",
        days=by_day(found, say, is_past=True),
        n_found=len(found),
        asked=order,
        months=months,
        month=month,
    )


# --- answers ------------------------------------------------------------------------------------


@post("/{item_id:uuid}/seen", include_in_schema=False, status_code=303)
async def seen(item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Looked at; nothing else to do."""
    await inbox.answer(actor, item_id, "seen", now=now)
    return await _back(actor, item_id, "seen", "answered")


@post("/{item_id:uuid}/confirm", include_in_schema=False, status_code=303)
async def confirm(item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The visit counts."""
    if visit := await _visit_to(CONFIRM, item_id):
        await service.confirm_visit(actor, item_id, visit.id, now=now)
    return await _back(actor, item_id, "confirmed", "confirmed")


@post("/{item_id:uuid}/two", include_in_schema=False, status_code=303)
async def two(item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """They are two visits: both count."""
    if await _visit_to(TWO, item_id):
        await inbox.answer(actor, item_id, "two", now=now)
    return await _back(actor, item_id, "two", "answered")


@post("/{item_id:uuid}/same", include_in_schema=False, status_code=303)
async def same(request: AnyRequest, item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """It is one visit: the later of the two no longer counts."""
    if visit := await _visit_to(SAME, item_id):
        why = (await say_to(request, actor, now=now)).t("desk.inbox.same.why")
        await service.cancel_visit(actor, item_id, visit.id, why, answer="same", now=now)
    return await _back(actor, item_id, "same", "cancelled")


@get("/{item_id:uuid}/cancel", include_in_schema=False)
async def cancel_form(request: AnyRequest, item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What cancelling does, and why it is done."""
    return await _cancel_form(request, actor, now, Form(), await inbox.item(item_id))


@post("/{item_id:uuid}/cancel", include_in_schema=False, status_code=200)
async def cancel(request: AnyRequest, item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The visit no longer counts, with a reason. Twice is once."""
    item, form = await inbox.item(item_id), await typed(request)
    why = form.why()
    if form.faults:
        return await _cancel_form(request, actor, now, form, item)
    if visit := await _visit_to(CANCEL, item_id):
        await service.cancel_visit(actor, item_id, visit.id, why, now=now)
    return await _back(actor, item_id, "cancelled", "cancelled")


async def _visit_to(act: Act, item_id: UUID) -> Visit | None:
    """The visit that this answer is about; None when the item has its answer already, or this one no longer fits."""
    item = await inbox.item(item_id)
    visit = await visit_of(item)
    return visit if item.answered_at is None and visit is not None and act in acts(item.kind, visit.state) else None


async def _back(actor: Actor, item_id: UUID, answer: str, done: str) -> Redirect:
    """To the list, which says what was done; or, kindly, that somebody else came first and that this answer stays."""
    item = await inbox.item(item_id)
    is_ours = item.answer == answer and item.answered_by == actor.id
    return go("/desk/inbox", done if is_ours else "answered-before")


async def _cancel_form(request: AnyRequest, actor: Who, now: datetime, form: Form, item: Item) -> Response[Any]:
    visit = await visit_of(item)
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
    return await _back(actor, item_id, "approved", "approved")


@post("/{item_id:uuid}/accept", include_in_schema=False, status_code=303)
async def accept(item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The benefit says from now on what its venue proposed."""
    item = await inbox.item(item_id)
    if item.kind != "benefit_proposed" or item.subject_id is None:
        raise NotFound("unknown_page", "nothing is here")
    try:
        await service.accept_proposal(actor, item_id, item.subject_id, now=now)
    except Conflict as problem:
        return go(f"/desk/proposals/{item.subject_id}", problem.code)
    return await _back(actor, item_id, "accepted", "accepted")


@post("/{item_id:uuid}/serve", include_in_schema=False, status_code=303)
async def serve(item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Whoever waits for the event and fits has a place."""
    await _of_kind(item_id, watch.UNANSWERED)
    await events_acts.serve(actor, item_id, now=now)
    return await _back(actor, item_id, "served", "event-served")


@post("/{item_id:uuid}/sum_up", include_in_schema=False, status_code=303)
async def sum_up(item_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Who was seen at the event's door is who came."""
    item = await _of_kind(item_id, watch.TO_SUM_UP)
    try:
        await events_acts.sum_up_as_seen(actor, item_id, now=now)
    except Conflict as problem:
        return go(f"/desk/events/{item.subject_id}/came", problem.code)
    return await _back(actor, item_id, "summed", "event-summed")


async def _of_kind(item_id: UUID, kind: str) -> Item:
    item = await inbox.item(item_id)
    if item.kind != kind or item.subject_id is None:
        raise NotFound("unknown_page", "nothing is here")
    return item


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
            two,
            same,
            cancel_form,
            cancel,
            approve,
            accept,
            serve,
            sum_up,
            queue_form,
            load_queue,
        ],
    )
]
