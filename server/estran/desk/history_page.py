"""Who did what, to whom and why: the club's last acts on one page. Each subject's own page has the rest of its story."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get

from estran.access.guards import officer_only
from estran.club import service as club
from estran.desk.lists import asked, folded, holds
from estran.desk.screen import AnyRequest, Now, Say, Who, say_to, screen
from estran.events import service as events
from estran.history import service as history
from estran.history.service import Entry
from estran.venues import service as venues

LATEST = 500
SORTS: dict[str, Callable[["Act"], Any]] = {
    "at": lambda act: act.at,
    "subject": lambda act: folded(act.subject),
    "act": lambda act: folded(act.words),
    "who": lambda act: folded(act.who),
}


@dataclass(frozen=True, slots=True)
class Act:
    """One act as the page says it."""

    at: datetime
    words: str
    why: str | None
    who: str
    subject: str
    address: str
    """The subject's page; empty when there is none."""


@get("/", include_in_schema=False)
async def history_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The last acts of all, newest first, or those that hold the words searched for."""
    order = asked("/desk/history", request.query_params, SORTS, "-at")
    entries = await history.latest(LATEST)
    say = await say_to(request, actor, now=now, entries=entries)
    subjects = await _subjects()
    acts = [_act(entry, say, subjects) for entry in entries]
    found = [act for act in acts if holds(f"{act.words} {act.why or ''} {act.who} {act.subject}", order.query)]
    return await screen(
        request,
        actor,
        "history",
        now=now,
        within="settings",
        acts=order.sorted(found, SORTS),
        asked=order,
        most=LATEST,
    )


def _act(entry: Entry, say: Say, subjects: dict[UUID, tuple[str, str]]) -> Act:
    subject, address = subjects.get(entry.subject_id or UUID(int=0), ("", ""))
    if entry.subject_kind == "visit" and entry.subject_id:
        subject, address = say.t("desk.history.a_visit"), f"/desk/visits/{entry.subject_id}"
    return Act(
        at=entry.at,
        words=say.act(entry),
        why=entry.why,
        who=say.who(entry),
        subject=subject,
        address=address,
    )


async def _subjects() -> dict[UUID, tuple[str, str]]:
    """The name and the page of each person, venue, scanner and event. Visits have a page, but no name."""
    found = {
        person.id: (f"{person.first_name} {person.last_name}", f"/desk/people/{person.id}")
        for person in await club.ambassadors()
    }
    for venue in await venues.venues(archived=True):
        found[venue.id] = (venue.name, f"/desk/venues/{venue.id}")
        for device in await venues.devices_of(venue.id):
            found[device.id] = (f"{venue.name}, {device.label}", f"/desk/venues/{venue.id}#devices")
    return found | {row.id: (row.title, f"/desk/events/{row.id}") for row in await events.events()}


routers = [Router("/desk/history", guards=[officer_only], route_handlers=[history_page])]
