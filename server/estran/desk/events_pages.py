"""Events at the desk: the list, the form, whom the invitations go to, and each event's page while it is ahead."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from estran.access.guards import officer_only
from estran.actor import Actor
from estran.club import circles
from estran.club import service as club
from estran.desk import event_form, events_acts, events_view, queries
from estran.desk.event_form import Choices
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Say, Who, go, say_to, screen, typed
from estran.errors import Conflict, Invalid
from estran.events import planning, replies, rules
from estran.events import service as events
from estran.events.rules import Stage
from estran.events.rules import Who as ForWhom
from estran.events.tables import Event, Slot
from estran.history import service as history
from estran.venues import service as venues
from estran.venues.tables import Venue
from estran.visits import arrivals

AHEAD = {Stage.OPEN, Stage.CLOSED}
NO_MORE = {Stage.HELD, Stage.SUMMED, Stage.CANCELLED}
HISTORY = 50


def page_of(event_id: UUID) -> str:
    """The address of an event's page."""
    return f"/desk/events/{event_id}"


# --- the list ---------------------------------------------------------------------------------------------------------


@get("/", include_in_schema=False)
async def events_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What waits first, by date; then what is ahead, drafts, and what is past."""
    lines = sorted(await events_view.lines(now=now), key=lambda line: (line.due_at, line.event.id))

    def those(*stages: Stage) -> list[events_view.Line]:
        return [line for line in lines if line.stage in stages]

    return await screen(
        request,
        actor,
        "events",
        now=now,
        here="events",
        parts=[
            ("waiting", those(Stage.OPEN, Stage.HELD)),
            ("ahead", those(Stage.CLOSED)),
            ("drafts", those(Stage.DRAFT)),
            ("past", those(Stage.SUMMED, Stage.CANCELLED)[::-1]),
        ],
        has_any=bool(lines),
    )


# --- the form ---------------------------------------------------------------------------------------------------------


@get("/new", include_in_schema=False)
async def new_event_form(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """An empty form; or with `copy` what another event said, but for its days."""
    copied = Form(request.query_params).uuid("copy")
    if copied is None:
        return await _form(request, actor, now, Form({"who": ForWhom.ALL.value, "guests_max": "0"}), None)
    values = event_form.as_new(await _values(await events.event(copied)))
    return await _form(request, actor, now, Form(values), None)


@post("/new", include_in_schema=False, status_code=200)
async def new_event(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """A draft that nobody is told of yet."""
    return await _keep(request, actor, now, None)


@get("/{event_id:uuid}/edit", include_in_schema=False)
async def edit_event_form(request: AnyRequest, event_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What the event says."""
    row = await events.event(event_id)
    if await _stage(row, now) in NO_MORE:
        return go(page_of(event_id), "event_over")
    return await _form(request, actor, now, Form(await _values(row)), row)


@post("/{event_id:uuid}/edit", include_in_schema=False, status_code=200)
async def edit_event(request: AnyRequest, event_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Something else; who is concerned is told."""
    return await _keep(request, actor, now, await events.event(event_id))


def _guests(say: Say, most: int) -> list[tuple[str, str]]:
    """How many people somebody may bring along, as a form offers it."""
    return [
        (str(n), say.t("desk.event.guests", n=n) if n else say.t("desk.event.guests.none")) for n in range(most + 1)
    ]


async def _stage(row: Event, now: datetime) -> Stage:
    return events.stage_of(row, await events.slots_of(row.id), now=now)


async def _places(row: Event | None) -> list[Venue]:
    """The club's venues, and the event's own once that is archived."""
    own = row.venue_id if row else None
    return [venue for venue in await venues.venues(archived=True) if venue.archived_at is None or venue.id == own]


def _own_circle(row: Event | None) -> set[str]:
    """That of an event that was sent: it stays as it was, though the circle may be no more."""
    return {str(row.circle_id)} if row and row.opened_at and row.circle_id else set()


async def _values(row: Event) -> dict[str, str]:
    picked = [one.ambassador_id for one in await events.invitees(row.id)] if row.who == ForWhom.PICKED else []
    return event_form.values_of(row, await events.slots_of(row.id), picked, await club.zone())


async def _keep(request: AnyRequest, actor: Actor, now: datetime, row: Event | None) -> Response[Any]:
    form = await typed(request)
    if act := form.get("act"):
        grown, n_rows = event_form.grown(form, act)
        return await _form(request, actor, now, grown, row, n_rows=n_rows, is_grown=act == "more")
    choices = Choices(
        venues={str(venue.id) for venue in await _places(row)},
        circles={str(circle.id) for circle in await circles.circles()} | _own_circle(row),
        people=[one for one, _ in await queries.people_to_choose()],
        zone=await club.zone(),
        now=now,
        is_sent=row is not None and row.opened_at is not None,
        reply_by=row.reply_by if row else None,
    )
    found = event_form.read(form, choices)
    if not form.faults:
        try:
            kept = await events_acts.save_event(
                actor,
                row.id if row else None,
                found.draft,
                found.times,
                found.picked,
                releases=found.releases,
                now=now,
            )
        except Invalid as problem:
            event_form.blame(form, found, problem.extra["fields"])
        except Conflict as problem:
            if problem.code == "slot_replied":
                form.fault("releases", "form.fault.event.slot_replied", **problem.extra)
            elif problem.code == "slot_taken":
                form.fault("slot.0.day", "form.fault.event.slot_taken")
            else:
                return go(page_of(row.id) if row else "/desk/events", problem.code)
        else:
            if kept.opened_at is not None:
                return go(page_of(kept.id), "event-changed")
            return go(page_of(kept.id), "saved") if form.get("later") else go(f"{page_of(kept.id)}/send")
    return await _form(request, actor, now, form, row)


async def _form(
    request: AnyRequest,
    actor: Actor,
    now: datetime,
    form: Form,
    row: Event | None,
    *,
    n_rows: int = 0,
    is_grown: bool = False,
) -> Response[Any]:
    say = await say_to(request, actor, now=now)
    filled = [at + 1 for at in range(rules.SLOTS_MAX) if event_form.is_filled(form, at)]
    return await screen(
        request,
        actor,
        "event_form",
        now=now,
        within="events",
        form=form,
        event=row,
        is_sent=row is not None and row.opened_at is not None,
        n_rows=n_rows or max(filled, default=1),
        n_rows_most=rules.SLOTS_MAX,
        is_grown=is_grown,
        venues=[("", say.t("desk.event.elsewhere")), *((str(venue.id), venue.name) for venue in await _places(row))],
        circles=[(str(circle.id), circle.name) for circle in await circles.circles()],
        people=await queries.people_to_choose(),
        whos=[who.value for who in ForWhom],
        guests=_guests(say, rules.GUESTS_MAX),
    )


# --- sending ----------------------------------------------------------------------------------------------------------


@get("/{event_id:uuid}/send", include_in_schema=False)
async def send_form(request: AnyRequest, event_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Exactly whom the invitations go to, who is left out and why, and when they leave."""
    return await _send_form(request, actor, now, await events.event(event_id))


@post("/{event_id:uuid}/send", include_in_schema=False, status_code=200)
async def send(request: AnyRequest, event_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The invitations are on their way. Twice is once: nobody is invited twice."""
    form, row = await typed(request), await events.event(event_id)
    slots, reply_by = await events.slots_of(event_id), None
    if _lacks(row, slots, now) == "deadline":
        choices = Choices(venues=(), circles=(), people=(), zone=await club.zone(), now=now)
        reply_by = event_form.read_deadline(form, slots, choices)
        if form.faults:
            return await _send_form(request, actor, now, row, form)
    at_once = form.get("when") == "now" or (await events_view.leaving(row, now=now)).is_forced
    try:
        n = await events_acts.send(actor, event_id, reply_by, at_once=at_once, now=now)
    except Conflict as problem:
        return go(f"{page_of(event_id)}/send", problem.code)
    return go(page_of(event_id), "event-sent" if n else "event-reopened")


def _lacks(row: Event, slots: Sequence[Slot], now: datetime) -> str:
    """What is still to be said before invitations may go."""
    if not slots:
        return "slot"
    return "deadline" if row.reply_by is None or row.reply_by <= now else ""


async def _send_form(
    request: AnyRequest, actor: Actor, now: datetime, row: Event, form: Form | None = None
) -> Response[Any]:
    if await _stage(row, now) in NO_MORE:
        return go(page_of(row.id), "event_over")
    slots = await events.slots_of(row.id)
    lacks, zone = _lacks(row, slots, now), await club.zone()
    if form is None and lacks == "deadline":
        usual = event_form.usual_deadline(slots[0].starts_at, zone)
        form = Form(event_form.deadline_values(usual, zone) if usual > now else {})
    return await screen(
        request,
        actor,
        "event_send",
        now=now,
        within="events",
        form=form,
        event=row,
        slots=slots,
        plan=await events_view.plan(row, now=now),
        leaving=await events_view.leaving(row, now=now),
        lacks=lacks,
    )


# --- one event --------------------------------------------------------------------------------------------------------


@get("/{event_id:uuid}", include_in_schema=False)
async def event_page(request: AnyRequest, event_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Where the event stands, what to do next, and what everybody said."""
    view = await events_view.view(event_id, now=now)
    entries = await history.entries_about(event_id, HISTORY)
    may_invite = view.stage in AHEAD and view.event.reply_by is not None and view.event.reply_by > now
    return await screen(
        request,
        actor,
        "event",
        now=now,
        within="events",
        entries=entries,
        view=view,
        event=view.event,
        stage=view.stage.value,
        n_joined=len((await events_view.plan(view.event, now=now)).invited) if may_invite else 0,
        may_note=view.may_note(now),
        may_reopen=may_invite and view.event.closed_at is not None,
        sums=await arrivals.attendance(event_id) if view.stage is Stage.SUMMED else None,
    )


@post("/{event_id:uuid}/close", include_in_schema=False, status_code=303)
async def close(event_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """Nobody may say any more that they come. Twice is once."""
    await planning.close_event(actor, event_id, now=now)
    return go(page_of(event_id), "event-closed")


@post("/{event_id:uuid}/remove", include_in_schema=False, status_code=303)
async def remove(event_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """The draft is no more."""
    try:
        await planning.remove_event(actor, event_id, now=now)
    except Conflict as problem:
        return go(page_of(event_id), problem.code)
    return go("/desk/events", "event-removed")


@get("/{event_id:uuid}/cancel", include_in_schema=False)
async def cancel_form(request: AnyRequest, event_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """How many would be told, and why it is cancelled."""
    return await _cancel_form(request, actor, now, Form(), event_id)


@post("/{event_id:uuid}/cancel", include_in_schema=False, status_code=200)
async def cancel(request: AnyRequest, event_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """It does not take place; everybody concerned is told why. Twice is once."""
    form = await typed(request)
    why = form.why()
    if form.faults:
        return await _cancel_form(request, actor, now, form, event_id)
    try:
        await planning.cancel_event(actor, event_id, why, now=now)
    except Conflict as problem:
        return go(page_of(event_id), problem.code)
    return go(page_of(event_id), "event-cancelled")


async def _cancel_form(request: AnyRequest, actor: Actor, now: datetime, form: Form, event_id: UUID) -> Response[Any]:
    view = await events_view.view(event_id, now=now)
    if view.stage not in AHEAD:
        return go(page_of(event_id), "event_over")
    n_told = len(view.invited) - len(view.declined)
    return await screen(
        request, actor, "event_cancel", now=now, within="events", form=form, event=view.event, n_told=n_told
    )


# --- what somebody says by telephone ----------------------------------------------------------------------------------


@get("/{event_id:uuid}/people/{person_id:uuid}", include_in_schema=False)
async def reply_form(
    request: AnyRequest, event_id: FromPath[UUID], person_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """What this person said so far."""
    one = await replies.invitee(event_id, person_id)
    values = {"guests": str(one.guests)} | ({"said": str(one.slot_id)} if one.slot_id else {})
    if one.reply == rules.Reply.DECLINED:
        values["said"] = "no"
    return await _reply_form(request, actor, now, Form(values), event_id, person_id)


@post("/{event_id:uuid}/people/{person_id:uuid}", include_in_schema=False, status_code=200)
async def reply_for(
    request: AnyRequest, event_id: FromPath[UUID], person_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """What this person says, typed in by the officer."""
    await replies.invitee(event_id, person_id)
    row, form = await events.event(event_id), await typed(request)
    slots = {str(one.id): one.id for one in await events.slots_of(event_id)}
    answer = form.choice("said", ["no", *slots])
    guests = form.number("guests", least=0, most=row.guests_max, required=False) or 0
    if not form.faults:
        slot_id = slots.get(answer)
        try:
            said = await replies.reply(
                actor,
                event_id,
                person_id,
                coming=slot_id is not None,
                slot_id=slot_id,
                guests=guests if slot_id else 0,
                by_hand=True,
                now=now,
            )
        except Conflict as problem:
            form.fault("guests" if problem.code == "no_place_left" else "said", f"form.fault.event.{problem.code}")
        else:
            return go(page_of(event_id), "event-waiting" if said.reply == rules.Reply.WAITING else "event-replied")
    return await _reply_form(request, actor, now, form, event_id, person_id)


async def _reply_form(
    request: AnyRequest, actor: Actor, now: datetime, form: Form, event_id: UUID, person_id: UUID
) -> Response[Any]:
    row, person = await events.event(event_id), await club.ambassador(person_id)
    say = await say_to(request, actor, now=now)
    slots = await events.slots_of(event_id)
    return await screen(
        request,
        actor,
        "event_reply",
        now=now,
        within="events",
        form=form,
        event=row,
        is_closed=events.stage_of(row, slots, now=now) is Stage.CLOSED,
        person=person,
        slots=[one for one in slots if one.ends_at > now or form.get("said") == str(one.id)],
        places=await replies.places(slots),
        guests=_guests(say, row.guests_max),
    )


@post("/{event_id:uuid}/people/{person_id:uuid}/place", include_in_schema=False, status_code=303)
async def give_place(event_id: FromPath[UUID], person_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """Somebody who waits has a place, over the capacity where the officer wishes. Twice is once."""
    try:
        await replies.give_place(actor, event_id, person_id, now=now)
    except Conflict as problem:
        if problem.code != "not_waiting":
            return go(page_of(event_id), problem.code)
    return go(page_of(event_id), "event-place")


routers = [
    Router(
        "/desk/events",
        guards=[officer_only],
        route_handlers=[
            events_page,
            new_event_form,
            new_event,
            edit_event_form,
            edit_event,
            send_form,
            send,
            event_page,
            close,
            remove,
            cancel_form,
            cancel,
            reply_form,
            reply_for,
            give_place,
        ],
    )
]
