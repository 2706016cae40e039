"""An event's day at the desk: the list for the door, who came, and its people as a file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath

from estran.access.guards import officer_only
from estran.actor import Actor
from estran.desk import events_acts, events_view, inbox_lines, people_csv
from estran.desk.events_pages import page_of
from estran.desk.events_view import Person, View
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Who, attachment, go, say_to, screen, typed
from estran.events import rules
from estran.events.rules import Stage
from estran.venues.tables import Device
from estran.visits import arrivals, late
from estran.visits.arrivals import Arrival

BLANKS = 6
"""Rows of the printed list for whoever comes without being on it."""
COLUMNS = ("name", "reply", "slot", "guests", "came", "guests_came")
BEGUN = {Stage.HELD, Stage.SUMMED}


@get("/{event_id:uuid}/door-list", include_in_schema=False)
async def door_list(request: AnyRequest, event_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Who comes to which slot, to be printed and ticked by hand."""
    view = await events_view.view(event_id, now=now)
    return await screen(
        request, actor, "event_door_list", now=now, within="events", view=view, event=view.event, n_blank=BLANKS
    )


# --- who came ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the presence list."""

    person: Person
    arrival: Arrival | None
    """What a scanner saw."""


@get("/{event_id:uuid}/came", include_in_schema=False)
async def came_form(request: AnyRequest, event_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Everybody, those who are known to have come ticked."""
    view = await events_view.view(event_id, now=now)
    if not view.may_note(now):
        return go(page_of(event_id), "event_not_held")
    present = await arrivals.present(event_id)
    values = {f"{name}-{person}": "yes" for person in present for name in ("came", "known")}
    values["thanks"] = view.event.thanks
    values |= {f"guests-{person.id}": str(person.guests) for person in view.coming}
    values |= {f"guests-{person}": str(guests) for person, guests in present.items()}
    return await _form(request, actor, now, Form(values), view)


@post("/{event_id:uuid}/came", include_in_schema=False, status_code=200)
async def came(request: AnyRequest, event_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Who came, as the officer says; with the other button the event is summed up, too."""
    view, form = await events_view.view(event_id, now=now), await typed(request)
    if not view.may_note(now):
        return go(page_of(event_id), "event_not_held")
    if whole := next((one for one in view.times if form.get("act") == f"all-{one.slot.id}"), None):
        everybody = {f"came-{person.id}": "yes" for person in whole.coming}
        return await _form(request, actor, now, Form({**form.values, **everybody}), view)
    people = await events_view.names_of()
    ticked = {
        person: form.number(f"guests-{person}", least=0, most=rules.GUESTS_MAX, required=False) or 0
        for person in people
        if form.get(f"came-{person}") == "yes"
    }
    thanks = form.long_text("thanks", most=rules.TEXT_MAX, required=False)
    if form.faults:
        return await _form(request, actor, now, form, view)
    unticked = [person for person in people if person not in ticked and form.get(f"known-{person}") == "yes"]
    await events_acts.note_presence(actor, event_id, ticked, unticked, now=now)
    if form.get("act") == "note" or view.stage not in BEGUN:
        return go(f"{page_of(event_id)}/came", "event-presence")
    await events_acts.sum_up(actor, event_id, thanks, now=now)
    return go(page_of(event_id), "event-summed")


async def _form(request: AnyRequest, actor: Actor, now: datetime, form: Form, view: View) -> Response[Any]:
    seen: dict[UUID, Arrival] = {}
    for there in (await arrivals.arrivals([one.slot.id for one in view.times])).values():
        seen |= there
    asked = {person.id: person for person in view.invited}
    others = [asked.get(one) or Person(one, name) for one, name in (await events_view.names_of()).items()]

    def rows(people: list[Person]) -> list[Row]:
        return [Row(person, seen.get(person.id)) for person in people]

    first = {person.id for person in view.coming}
    came_too = [one for one in others if one.id not in first and form.get(f"came-{one.id}") == "yes"]
    first |= {one.id for one in came_too}
    return await screen(
        request,
        actor,
        "event_came",
        now=now,
        within="events",
        form=form,
        view=view,
        event=view.event,
        expected=[(one.slot, rows(one.coming)) for one in view.times if one.coming],
        came_too=rows(came_too),
        others=rows([one for one in others if one.id not in first]),
        is_held=view.stage in BEGUN,
        unheard=inbox_lines.unheard_words(await _unheard(view), await say_to(request, actor, now=now)),
        guests=[str(n) for n in range(rules.GUESTS_MAX + 1)],
    )


async def _unheard(view: View) -> list[Device]:
    """Before the sum, once there may be one: the scanners that may still hold arrivals."""
    return await late.unheard(view.event, [one.slot for one in view.times]) if view.stage is Stage.HELD else []


# --- a file -----------------------------------------------------------------------------------------------------------


@post("/{event_id:uuid}/people.csv", include_in_schema=False, status_code=200)
async def export(request: AnyRequest, event_id: FromPath[UUID], actor: Who, now: Now) -> Response[bytes]:
    """Everybody who was invited or came, for a spreadsheet. An act that is recorded: hence no mere link."""
    view, say = await events_view.view(event_id, now=now), await say_to(request, actor, now=now)
    await events_acts.open_list(actor, event_id, now=now)
    present, slots = await arrivals.present(event_id), {one.slot.id: one.slot for one in view.times}
    asked = {person.id: person for person in view.invited}
    rows = [[say.t(f"desk.event.csv.{column}") for column in COLUMNS]]
    for person_id, name in (await events_view.names_of()).items():
        if person_id not in asked and person_id not in present:
            continue
        person = asked.get(person_id)
        slot = slots.get(person.slot_id) if person and person.slot_id else None
        rows.append(
            [
                name,
                say.t(f"desk.event.reply.{person.reply}") if person else "",
                say.at(slot.starts_at) if slot else "",
                str(person.guests) if person else "0",
                say.t("desk.yes") if person_id in present else "",
                str(present.get(person_id, "")),
            ]
        )
    return attachment(people_csv.write(rows), f"evenement-{say.today}.csv", "text/csv")


routers = [Router("/desk/events", guards=[officer_only], route_handlers=[door_list, came_form, came, export])]
