"""How the inbox says a thing: one sentence, what to think of it, where it leads, and the answers that fit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from estran import clock
from estran.access import service as access
from estran.club import candidates
from estran.club import service as club
from estran.desk import queries
from estran.desk.screen import Say
from estran.errors import NotFound
from estran.events import service as events
from estran.events import watch
from estran.events.tables import Event
from estran.inbox.service import Item
from estran.passes import entitlement
from estran.texts import MissingText
from estran.venues import proposals
from estran.venues import service as venues
from estran.venues.sentences import Reader, listed, sentence
from estran.venues.tables import Device
from estran.visits import arrivals, doubles, late
from estran.visits.rules import STANDING, Flag, State
from estran.visits.tables import Visit
from estran.visits.waiting import WAITING, day_of, visits_waiting


@dataclass(frozen=True, slots=True)
class Act:
    """One answer: its name in addresses and texts, whether a reason is asked first, and whether it is the likeliest."""

    name: str
    needs_why: bool = False
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One item, said."""

    item: Item
    sentence: str
    advice: str
    quote: str
    """What the desk wrote when it let somebody in; empty: nothing."""
    links: list[tuple[str, str]]
    acts: list[Act]
    answered: str
    """The answer it got, when, and from whom; empty while it waits."""

    @property
    def words(self) -> str:
        """What a search looks through."""
        return f"{self.sentence} {self.quote} {self.answered}"


SEEN, TWO, SAME = Act("seen"), Act("two"), Act("same")
CONFIRM, APPROVE = Act("confirm", is_main=True), Act("approve", is_main=True)
ACCEPT = Act("accept", is_main=True)
CANCEL = Act("cancel", needs_why=True)
CONFIRM_ALL = Act("confirm_all", is_main=True)
SERVE, SUM_UP = Act("serve", is_main=True), Act("sum_up", is_main=True)
ANSWERED_ELSEWHERE = {"rights_request", "candidate"}
"""They have a page of their own, on which they are answered."""
OF_EVENTS = {watch.UNANSWERED, watch.TO_SUM_UP}
ARRIVED = "arrived"
"""Of an event to be summed up: scanners saw somebody."""
UNHEARD = "unheard"
"""Of an event to be summed up: a scanner may still hold arrivals."""
NOBODY = UUID(int=0)


def acts(kind: str, state: str) -> list[Act]:
    """The answers that fit an item of this kind about a visit or event in this state (or about none), the likeliest first."""
    if kind in ANSWERED_ELSEWHERE:
        return []
    if kind == "benefit_proposed":
        return [ACCEPT]
    if kind == WAITING:
        return [CONFIRM_ALL]
    if kind == watch.UNANSWERED:
        return [SERVE, SEEN] if state == watch.PLACES else [SEEN]
    if kind == watch.TO_SUM_UP:
        return [SUM_UP] if state == ARRIVED else []
    if kind == "device_pending":
        return [APPROVE, SEEN]
    if kind == Flag.POSSIBLE_DOUBLE and state in STANDING:
        return [TWO, SAME]
    if state == State.TO_CONFIRM:
        return [CONFIRM, CANCEL]
    return [SEEN, CANCEL] if state == State.COUNTED else [SEEN]


async def visit_of(item: Item) -> Visit | None:
    """The visit an item is about, when it is still there (quarantined ones go after 30 days)."""
    return (await queries.visits_by_id([item])).get(item.id)


async def lines(items: Sequence[Item], say: Say) -> list[Line]:
    """These items as the page says them. Names of people stay behind a link."""
    visits = await queries.visits_by_id(items)
    known = _Known(
        venues={venue.id: venue.name for venue in await venues.venues(archived=True)},
        devices=await queries.device_labels(),
        people={person.account_id: person.id for person in await club.ambassadors()},
        candidates={row.id for row in await candidates.candidates()},
        visits=visits,
        titles=await arrivals.titles({visit.slot_id for visit in visits.values()}, say.lang),
        accounts=await _accounts(items),
        events={row.id: row for row in await events.events()},
        now=say.now,
    )
    return [await _line(item, say, known) for item in items]


def unheard_words(devices: Sequence[Device], say: Say) -> str:
    """These scanners by name, each with the instant since which nothing was heard of it."""
    said = [say.t("desk.event.unheard.since", device=one.label, at=say.at(one.seen_at)) for one in devices]
    return listed(said, say.lang)


def by_day(found: Sequence[Line], say: Say, *, is_past: bool) -> list[tuple[str, list[Line]]]:
    """The lines under their days, in their order: of what happened or, of the past, of the answers."""
    days = groupby(found, key=lambda line: clock.local_day(_when(line.item, is_past=is_past), say.zone))
    return [(_day_words(day, say), list(those)) for day, those in days]


def _when(item: Item, *, is_past: bool) -> datetime:
    return item.answered_at if is_past and item.answered_at is not None else item.at


def _day_words(day: date, say: Say) -> str:
    near = {0: "desk.inbox.today", 1: "desk.inbox.yesterday"}.get((say.today - day).days)
    words = say.t(near) if near else say.long_day(day)
    return words[0].upper() + words[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is read once for all lines."""

    venues: dict[UUID, str]
    devices: dict[UUID, str]
    people: dict[UUID, UUID]
    candidates: Collection[UUID]
    visits: dict[UUID, Visit]
    titles: dict[UUID, str]
    """Of the events at which people arrived, by slot."""
    accounts: dict[UUID, str]
    events: dict[UUID, Event]
    now: datetime


async def _accounts(items: Sequence[Item]) -> dict[UUID, str]:
    """The addresses of those who answered."""
    found: dict[UUID, str] = {}
    for account_id in {item.answered_by for item in items if item.answered_by is not None}:
        try:
            found[account_id] = (await access.account(account_id)).email
        except NotFound:
            continue
    return found


async def _line(item: Item, say: Say, known: _Known) -> Line:
    visit = known.visits.get(item.id)
    state = visit.state if visit else await _state_of_event(item, known)
    values = await _values(item, visit, say, known)
    key = f"desk.inbox.{item.kind}"
    if item.kind == Flag.POSSIBLE_DOUBLE and not values["first"]:
        key += ".alone"
    if item.kind == WAITING and item.answered_at is not None:
        key += ".past"  # how many they were is no longer known
    if item.kind == watch.UNANSWERED and state == watch.PLACES:
        key += ".places"
    if item.kind == watch.UNANSWERED and item.answered_at is not None:
        key += ".past"  # how many they were is no longer known
    advice = _advice(say, item, state, values)
    if visit and visit.slot_id in known.titles:
        advice += f" {say.t('desk.inbox.arrival', event=known.titles[visit.slot_id])}"
    return Line(
        item=item,
        sentence=_said(say, key, item.kind, values),
        advice=advice.strip(),
        quote=visit.why or "" if visit else "",
        links=_links(item, visit, say, known),
        acts=acts(item.kind, state),
        answered=_answered(item, say, known),
    )


async def _state_of_event(item: Item, known: _Known) -> str:
    """What an item about an event is about; of one to be summed up, whether scanners saw somebody, or may have."""
    if item.kind == watch.TO_SUM_UP and item.subject_id is not None:
        if await _unheard(item, known):
            return UNHEARD
        return ARRIVED if await arrivals.present(item.subject_id) else ""
    return str(item.details.get("about", "")) if item.kind == watch.UNANSWERED else ""


async def _unheard(item: Item, known: _Known) -> list[Device]:
    """The scanners that may still hold arrivals at the event that an item asks to sum up."""
    row = known.events.get(item.subject_id or NOBODY)
    if item.kind != watch.TO_SUM_UP or item.answered_at is not None or row is None:
        return []
    return await late.unheard(row, await events.slots_of(row.id))


async def _n_of_event(item: Item, known: _Known) -> int:
    """How many people an item about an event speaks of: silent, waiting for places that there are, or seen at the door."""
    row = known.events.get(item.subject_id or NOBODY)
    if row is None:
        return 0
    if item.kind == watch.TO_SUM_UP:
        return len(await arrivals.present(row.id))
    if item.details.get("about") == watch.PLACES:
        return len(await watch.to_serve(row, await events.slots_of(row.id), now=known.now))
    return await watch.n_silent(row.id)


async def _values(item: Item, visit: Visit | None, say: Say, known: _Known) -> dict[str, Any]:
    """What may stand in a sentence."""
    wish, made_on, since = (item.details.get(name) for name in ("wish", "made_on", "since"))
    device_id = visit.device_id if visit else item.subject_id if item.subject_kind == "device" else None
    before = await doubles.first_of(visit) if visit and item.kind == Flag.POSSIBLE_DOUBLE else None
    missing = int(item.details.get("to", 0)) - int(item.details.get("from", 1)) + 1
    today, wished = await _wish(item, say) if item.kind == "benefit_proposed" else ("", "")
    n, day = item.details.get("n", 0), say.day_of(visit.at if visit else item.at)
    if item.kind == Flag.SEQUENCE_GAP:
        n = missing
    row = known.events.get(item.subject_id or NOBODY)
    if item.kind in OF_EVENTS:
        n = await _n_of_event(item, known)
    if item.kind == WAITING and item.venue_id is not None and (on_day := day_of(item)):
        n, day = len(await visits_waiting(item.venue_id, on_day)), say.day(date.fromisoformat(on_day))
    return {
        "scanners": unheard_words(await _unheard(item, known), say),
        "reason": say.reason(str(item.details.get("reason", ""))),
        "today": today,
        "wished": wished,
        "venue": known.venues.get(item.venue_id or NOBODY, say.t("desk.inbox.a_venue")),
        "device": known.devices.get(device_id or NOBODY, say.t("desk.inbox.a_device")),
        "day": day,
        "hour": say.hour(visit.at if visit else item.at),
        "first": say.t("desk.inbox.by", hour=say.hour(before.at), device=known.devices[before.device_id])
        if before
        else "",
        "since": say.day_of(datetime.fromisoformat(since)) if since else "",
        "wish": say.t(f"desk.wish.{wish}") if wish in {"yes", "no"} else "",
        "made": say.day(date.fromisoformat(made_on)) if made_on else "",
        "n": n,
        "event": row.title if row else say.t("desk.inbox.an_event"),
    }


async def _wish(item: Item, say: Say) -> tuple[str, str]:
    """What a benefit says today, and what its venue would like it to say; `…` where nobody here can tell."""
    try:
        row = await proposals.proposal(item.subject_id or NOBODY)
        present = await venues.benefit(row.venue_id, row.benefit_id) if row.benefit_id else None
    except NotFound:
        return "…", "…"
    names = await entitlement.names()
    today, wished = (
        sentence(terms, Reader.OFFICER, say.lang, names).removesuffix(".") if terms else "…"
        for terms in (present.terms if present else None, proposals.granted(row, present))
    )
    return today if row.benefit_id else say.t("desk.benefit.none"), wished


def _links(item: Item, visit: Visit | None, say: Say, known: _Known) -> list[tuple[str, str]]:
    """Where it leads; where it is answered comes first."""
    found = []
    if item.subject_kind == "candidate" and item.subject_id in known.candidates:
        found.append((f"/desk/candidates/{item.subject_id}", say.t("desk.inbox.request")))
        found.append((f"/desk/candidates/{item.subject_id}/admit", say.t("desk.inbox.admit")))
    if item.kind == "benefit_proposed":
        found.append((f"/desk/proposals/{item.subject_id}", say.t("desk.inbox.proposal")))
    if item.kind == "rights_request":
        found.append((f"/desk/requests/{item.subject_id}", say.t("desk.inbox.request")))
    if item.kind in OF_EVENTS:
        page = f"/desk/events/{item.subject_id}" if item.subject_id in known.events else "/desk/events"
        is_over = item.kind == watch.TO_SUM_UP and item.subject_id in known.events
        found.append((f"{page}/came" if is_over else page, say.t("desk.inbox.came" if is_over else "desk.inbox.event")))
    if item.venue_id in known.venues:
        found.append((f"/desk/venues/{item.venue_id}", known.venues[item.venue_id]))
    person_id = item.ambassador_id or (visit and visit.ambassador_id) or known.people.get(item.subject_id or NOBODY)
    if person_id:
        found.append((f"/desk/people/{person_id}", say.t("desk.inbox.person")))
    if visit:
        found.append((f"/desk/visits/{visit.id}", say.t("desk.inbox.visit")))
    if item.kind == WAITING:
        asked = f"month={day_of(item)[:7]}&venue={item.venue_id}&state={State.TO_CONFIRM}"
        found.append((f"/desk/visits?{asked}", say.t("desk.inbox.one_by_one")))
    if item.kind in _PAGES:
        address, words = _PAGES[item.kind]
        found.append((address, say.t(words)))
    return found


_PAGES = {
    "renewal_wish": ("/desk/renewals", "desk.renewals.title"),
    "retention_late": ("/desk/retention", "desk.inbox.retention"),
    "restored": ("/desk/people?state=eligible", "desk.inbox.recheck"),
    "silent_scanner": ("/desk/scanners", "desk.inbox.scanners"),
}


def _advice(say: Say, item: Item, state: str, values: dict[str, Any]) -> str:
    """What to think of it, and whether the visit counts; of one that no longer can and of a wish to stop, something else."""
    key = f"desk.inbox.{item.kind}"
    general = _said(say, f"{key}.advice", "", values)
    advice = _said(say, f"{key}.{state or item.details.get('wish', '')}.advice", general, values)
    counts = "" if item.kind == Flag.POSSIBLE_DOUBLE else _said(say, f"desk.inbox.state.{state}", "", values)
    return f"{advice} {counts}".strip()


def _answered(item: Item, say: Say, known: _Known) -> str:
    if item.answered_at is None:
        return ""
    values = {"answer": _said(say, f"desk.answer.{item.answer}", item.answer or "", {}), "at": say.at(item.answered_at)}
    who = known.accounts.get(item.answered_by or NOBODY)
    return say.t("desk.inbox.answered.by", who=who, **values) if who else say.t("desk.inbox.answered", **values)


def _said(say: Say, key: str, otherwise: str, values: dict[str, Any]) -> str:
    try:
        return say.t(key, **values)
    except MissingText:  # a kind that is newer than this page
        return otherwise
