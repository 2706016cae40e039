"""Pages about people: who is in, since when, on which phone, and what was done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from estran import clock
from estran.access import service as access
from estran.access.guards import officer_only
from estran.club import candidates, manifesto, renewals
from estran.club import rules as club_rules
from estran.club import service as club
from estran.club.rules import Eligibility, Standing, Term
from estran.club.tables import Ambassador
from estran.desk import queries, service
from estran.desk.forms import Form
from estran.desk.lists import asked, folded, holds
from estran.desk.screen import AnyRequest, Now, Who, go, screen, typed
from estran.errors import Invalid, NotFound
from estran.history import service as history
from estran.history.service import Entry
from estran.mail.letters import Letterhead
from estran.passes import service as passes
from estran.passes.service import Medium
from estran.passes.tables import Pass
from estran.privacy import rules as privacy_rules
from estran.privacy import service as privacy
from estran.venues import service as venues
from estran.venues.tables import Device
from estran.web.pages import page_lang

NAME_MAX = 60
CERTIFICATE_MONTHS = 12
"""What the form proposes; the paper says the day."""
LOOKS = {
    "eligible": ("good", "good"),
    "newcomer": ("good", "person"),
    "unsigned": ("care", "letter"),
    "uncertified": ("care", "care"),
    "not_begun": ("quiet", "clock"),
    "ended": ("quiet", "stop"),
    "paused": ("care", "pause"),
    "no_mandate": ("care", "care"),
}
"""Tone and icon of each state; the list is filtered by them in this order."""
NEWCOMERS = {Eligibility.ELIGIBLE}
"""Where somebody may stand who is called new until the first pass."""


@dataclass(frozen=True, slots=True)
class Line:
    """One person in the list."""

    id: UUID
    first_name: str
    last_name: str
    email: str
    state: str
    until: date | None
    step: str

    @property
    def tone(self) -> str:
        """Colour of the state's tag."""
        return LOOKS[self.state][0]

    @property
    def icon(self) -> str:
        """Icon of the state's tag."""
        return LOOKS[self.state][1]


STEPS = ("not_invited", "invited", "signed_in", "paper", "pass")
SORTS: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: folded(f"{line.last_name} {line.first_name}"),
    "state": lambda line: list(LOOKS).index(line.state),
    "until": lambda line: line.until or date.max,
    "pass": lambda line: STEPS.index(line.step),
}
"""What the list is sorted by; who is furthest from a pass comes first."""


@dataclass(frozen=True, slots=True)
class Knowing:
    """A scanner, and whether it knows of a revocation."""

    device: Device
    venue: str
    knows: bool


def state_of(person: Ambassador, standing: Standing, *, had_pass: bool) -> str:
    """The state as the desk says it: a key of LOOKS.

    A pause is always shown, nobody without mandate is called former, and who never had a pass yet is new.
    """
    if person.paused_at is not None:
        return Eligibility.PAUSED
    if standing.term is None:
        return "no_mandate"
    return "newcomer" if standing.eligibility in NEWCOMERS and not had_pass else standing.eligibility


# --- the list -----------------------------------------------------------------------------------


@get("/", include_in_schema=False)
async def people_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Everybody, or those whose name or address holds the words searched for."""
    order = asked("/desk/people", request.query_params, SORTS, "name", others=["state"])
    lines, state = await list_lines(now), order.others["state"]
    found = [
        line
        for line in lines
        if (state not in LOOKS or line.state == state)
        and holds(f"{line.first_name} {line.last_name} {line.email}", order.query)
    ]
    return await screen(
        request,
        actor,
        "people",
        now=now,
        here="people",
        people=order.sorted(found, SORTS),
        asked=order,
        n_all=len(lines),
        n_new=sum(line.state == "newcomer" for line in lines),
        n_uninvited=len(await queries.uninvited(now=now)),
        has_manifesto=await manifesto.current() is not None,
        seats=await queries.seats(now=now, coming=0),
        n_candidates=len(await candidates.candidates()),
        n_due=sum(ending.is_due for ending in await renewals.endings(now=now)),
        state=state,
        states=["", *LOOKS],
    )


async def list_lines(now: datetime) -> list[Line]:
    """Everybody as the list shows them."""
    people = sorted(await club.ambassadors(), key=lambda person: folded(f"{person.last_name} {person.first_name}"))
    standings = await passes.standings([person.id for person in people], now=now)
    holders, seen = await queries.pass_holders(now=now), await queries.accounts_seen()
    had_pass, emails = await queries.ever_holders(), await queries.emails(people)
    return [
        Line(
            id=person.id,
            first_name=person.first_name,
            last_name=person.last_name,
            email=emails[person.id],
            state=state_of(person, standings[person.id], had_pass=person.id in had_pass),
            until=term.ends_on if (term := standings[person.id].term) else None,
            step=_step(person, holders, seen),
        )
        for person in people
    ]


def _step(person: Ambassador, holders: Mapping[Medium, set[UUID]], seen: set[UUID]) -> str:
    """How far this person has come on the way to a pass on the phone."""
    if person.id in holders[Medium.LIVE]:
        return "pass"
    if person.id in holders[Medium.PAPER]:
        return "paper"
    if person.account_id in seen:
        return "signed_in"
    return "invited" if person.invited_at is not None else "not_invited"


# --- one person ---------------------------------------------------------------------------------


@get("/{person_id:uuid}", include_in_schema=False)
async def person_page(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """All about somebody, their visits apart."""
    person = await club.ambassador(person_id)
    account = await access.account(person.account_id)
    standing = await passes.standing_of(person_id, now=now)
    held = await passes.passes_of(person_id)
    state = state_of(person, standing, had_pass=bool(held))
    revoked = sorted((row for row in held if row.revoked_at is not None), key=lambda row: row.revoked_at)
    knowing = await _knowing(revoked[-1]) if revoked else None
    lost_phones = [row.revoked_at for row in revoked if row.medium == Medium.LIVE]
    return await screen(
        request,
        actor,
        "person",
        now=now,
        within="people",
        entries=await _entries(person),
        person=person,
        email=account.email,
        signed_in_at=account.seen_at,
        state=state,
        tone=LOOKS[state][0],
        tone_icon=LOOKS[state][1],
        term=standing.term,
        mandates=await club.mandates_of(person_id),
        manifesto_asked=await manifesto.current() is not None,
        signed=await _signed(person_id),
        erased_on=await _erased_on(standing),
        pass_=await passes.pass_of(person_id, now=now),
        phone_revoked_at=lost_phones[-1] if lost_phones else None,
        paper=await passes.paper_of(person_id, now=now),
        may_have_pass=standing.eligibility is Eligibility.ELIGIBLE,
        knowing=knowing,
        n_knowing=sum(row.knows for row in knowing or []),
        revoked_at=revoked[-1].revoked_at if revoked else None,
        certificate_over=person.certified_until is not None
        and person.certified_until < clock.local_day(now, await club.zone()),
    )


async def _erased_on(standing: Standing) -> date | None:
    """The day on which retention will erase somebody whose mandate is over; None while it is not."""
    if standing.eligibility is not Eligibility.ENDED or standing.term is None:
        return None
    zone = await club.zone()
    over = clock.start_of_day(standing.term.ends_on + timedelta(days=1), zone)
    kept = (await privacy.kept())["person"]
    return clock.local_day(privacy_rules.due_at(privacy_rules.PERIODS["person"], kept, over), zone)


async def _signed(person_id: UUID) -> tuple[str, datetime] | None:
    """The newest version of the manifesto this person has signed, and when."""
    mine = [one for one in await manifesto.signatures(ambassador_id=person_id) if one.kind == "signed"]
    if not mine:
        return None
    return manifesto.edition_of(await manifesto.version(mine[0].manifesto_id)).number, mine[0].at


async def _entries(person: Ambassador) -> list[Entry]:
    """What was done about the person or their account, newest first."""
    found = [*await history.entries_about(person.id), *await history.entries_about(person.account_id)]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


async def _knowing(revoked: Pass) -> list[Knowing]:
    """Each working scanner of the club, and whether it has shown to hold a list with this revocation."""
    version = await passes.revoked_in(revoked)
    names = {venue.id: venue.name for venue in await venues.venues()}
    return [
        Knowing(device, names[device.venue_id], knows=_has(device, version))
        for device in await venues.devices()
        if device.state == "active" and device.venue_id in names
    ]


def _has(device: Device, version: int | None) -> bool:
    return version is not None and device.status_version is not None and device.status_version >= version


# --- adding and editing -------------------------------------------------------------------------


@get("/new", include_in_schema=False)
async def new_person_form(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """A form with the days of a first mandate from today."""
    return await _person_form(request, actor, now, Form(await proposed_term(now)))


@post("/new", include_in_schema=False, status_code=200)
async def new_person(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Add somebody with a first mandate."""
    form = await typed(request)
    names, email = _names(form), form.email("email")
    begins_on, ends_on = form.term()
    if not form.faults and begins_on and ends_on:
        try:
            person, is_new = await service.add_person(
                actor, **names, email=email, begins_on=begins_on, ends_on=ends_on, now=now
            )
        except Invalid as problem:
            _blame(form, problem)
        else:
            return go(f"/desk/people/{person.id}", "added" if is_new else "already")
    return await _person_form(request, actor, now, form)


@get("/{person_id:uuid}/edit", include_in_schema=False)
async def edit_person_form(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The form with what is known."""
    person = await club.ambassador(person_id)
    account = await access.account(person.account_id)
    values = {"first_name": person.first_name, "last_name": person.last_name, "email": account.email}
    return await _person_form(request, actor, now, Form(values), person)


@post("/{person_id:uuid}/edit", include_in_schema=False, status_code=200)
async def edit_person(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Correct a name or move to another address."""
    person = await club.ambassador(person_id)
    form = await typed(request)
    names, email = _names(form), form.email("email")
    if not form.faults:
        try:
            await club.edit_ambassador(actor, person_id, **names, email=email, now=now)
        except Invalid as problem:
            _blame(form, problem)
        else:
            return go(f"/desk/people/{person_id}", "saved")
    return await _person_form(request, actor, now, form, person)


async def _person_form(
    request: AnyRequest, actor: Who, now: datetime, form: Form, person: Ambassador | None = None
) -> Response[Any]:
    return await screen(
        request,
        actor,
        "person_form",
        now=now,
        within="people",
        form=form,
        person_id=person.id if person else None,
        about=_name(person) if person else "",
        seats=None if person else await queries.seats(now=now),
    )


async def proposed_term(now: datetime, *, after: Term | None = None) -> dict[str, str]:
    """Days for a mandate's form: from today, or from the day after a mandate that is not over; as long as the rules say."""
    house = await club.house()
    begins_on = clock.local_day(now, await club.zone())
    if after is not None:
        begins_on = max(begins_on, after.ends_on + timedelta(days=1))
    ends_on = club_rules.last_day(begins_on, house.mandate_months)
    return {"begins_on": begins_on.isoformat(), "ends_on": ends_on.isoformat()}


def _names(form: Form) -> dict[str, str]:
    return {name: form.text(name, most=NAME_MAX) for name in ("first_name", "last_name")}


def _name(person: Ambassador) -> str:
    return f"{person.first_name} {person.last_name}"


def _blame(form: Form, problem: Invalid) -> None:
    """What a service found, beside its fields."""
    known = {"email_in_use": "form.fault.email_in_use", "bad_email": "form.fault.email"}
    form.blame(problem.extra.get("fields", ["email"]), known.get(problem.code, "form.fault.refused"))


# --- mandates -----------------------------------------------------------------------------------


@get("/{person_id:uuid}/mandates/new", include_in_schema=False)
async def new_mandate_form(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """A form with the days of the mandate that would follow."""
    person = await club.ambassador(person_id)
    form = Form(await proposed_term(now, after=(await club.standing(person_id, now=now)).term))
    return await _mandate_form(request, actor, now, form, person)


@post("/{person_id:uuid}/mandates/new", include_in_schema=False, status_code=200)
async def new_mandate(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """A further mandate."""
    person = await club.ambassador(person_id)
    form = await typed(request)
    begins_on, ends_on = form.term()
    if form.faults or not begins_on or not ends_on:
        return await _mandate_form(request, actor, now, form, person)
    await service.add_mandate(actor, person_id, begins_on, ends_on, now=now)
    return go(f"/desk/people/{person_id}", "mandate")


@get("/{person_id:uuid}/mandates/{mandate_id:uuid}", include_in_schema=False)
async def edit_mandate_form(
    request: AnyRequest, person_id: FromPath[UUID], mandate_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """The mandate's days."""
    person = await club.ambassador(person_id)
    begins_on, ends_on = await _days_of(person_id, mandate_id)
    form = Form({"begins_on": begins_on.isoformat(), "ends_on": ends_on.isoformat()})
    return await _mandate_form(request, actor, now, form, person, mandate_id)


@post("/{person_id:uuid}/mandates/{mandate_id:uuid}", include_in_schema=False, status_code=200)
async def edit_mandate(
    request: AnyRequest, person_id: FromPath[UUID], mandate_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """Other days for the mandate; an earlier last day ends it."""
    person = await club.ambassador(person_id)
    await _days_of(person_id, mandate_id)
    form = await typed(request)
    begins_on, ends_on = form.term()
    if form.faults or not begins_on or not ends_on:
        return await _mandate_form(request, actor, now, form, person, mandate_id)
    await service.edit_mandate(actor, mandate_id, begins_on, ends_on, now=now)
    return go(f"/desk/people/{person_id}", "mandate")


async def _days_of(person_id: UUID, mandate_id: UUID) -> tuple[date, date]:
    for mandate in await club.mandates_of(person_id):
        if mandate.id == mandate_id:
            return mandate.begins_on, mandate.ends_on
    raise NotFound("unknown_mandate", "no such mandate of this person")


async def _mandate_form(
    request: AnyRequest,
    actor: Who,
    now: datetime,
    form: Form,
    person: Ambassador,
    mandate_id: UUID | None = None,
) -> Response[Any]:
    return await screen(
        request,
        actor,
        "mandate_form",
        now=now,
        within="people",
        form=form,
        person_id=person.id,
        mandate_id=mandate_id,
        about=_name(person),
    )


# --- the certificate ----------------------------------------------------------------------------


@get("/{person_id:uuid}/certificate", include_in_schema=False)
async def certificate_form(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What is noted, or the days of one that was made today."""
    person = await club.ambassador(person_id)
    today = clock.local_day(now, await club.zone())
    on, until = person.certified_on or today, person.certified_until or club_rules.last_day(today, CERTIFICATE_MONTHS)
    form = Form({"certified_on": on.isoformat(), "certified_until": until.isoformat()})
    return await _certificate_form(request, actor, now, form, person)


@post("/{person_id:uuid}/certificate", include_in_schema=False, status_code=200)
async def certify(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Note a certificate."""
    person = await club.ambassador(person_id)
    form = await typed(request)
    on, until = form.day("certified_on"), form.day("certified_until")
    if on and until and until < on:
        form.fault("certified_until", "form.fault.order")
    if form.faults or not on or not until:
        return await _certificate_form(request, actor, now, form, person)
    await service.certify(actor, person_id, on, until, now=now)
    return go(f"/desk/people/{person_id}", "certified")


@post("/{person_id:uuid}/uncertify", include_in_schema=False, status_code=303)
async def uncertify(person_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """What was noted was a mistake."""
    await service.uncertify(actor, person_id, now=now)
    return go(f"/desk/people/{person_id}", "uncertified")


async def _certificate_form(
    request: AnyRequest, actor: Who, now: datetime, form: Form, person: Ambassador
) -> Response[Any]:
    return await screen(
        request,
        actor,
        "certificate_form",
        now=now,
        within="people",
        form=form,
        person_id=person.id,
        about=_name(person),
        is_noted=person.certified_until is not None,
    )


# --- acts ---------------------------------------------------------------------------------------


@post("/{person_id:uuid}/invite", include_in_schema=False, status_code=303)
async def invite(person_id: FromPath[UUID], letterhead: NamedDependency[Letterhead], actor: Who, now: Now) -> Redirect:
    """A letter with a link, valid seven days."""
    has_left = await service.invite_person(actor, person_id, letterhead, now=now)
    return go(f"/desk/people/{person_id}", "invited" if has_left else "invited-just-now")


@get("/{person_id:uuid}/pause", include_in_schema=False)
async def pause_form(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What pausing does, and why it is done."""
    return await act_form(request, actor, now, Form(), await club.ambassador(person_id), "pause")


@post("/{person_id:uuid}/pause", include_in_schema=False, status_code=200)
async def pause(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Pause somebody, with a reason."""
    form = await typed(request)
    why = form.why()
    if form.faults:
        return await act_form(request, actor, now, form, await club.ambassador(person_id), "pause")
    await service.pause_person(actor, person_id, why, now=now)
    return go(f"/desk/people/{person_id}", "paused")


@post("/{person_id:uuid}/resume", include_in_schema=False, status_code=303)
async def resume(person_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """The pause is over."""
    await service.resume_person(actor, person_id, now=now)
    return go(f"/desk/people/{person_id}", "resumed")


@get("/{person_id:uuid}/revoke", include_in_schema=False)
async def revoke_form(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What revoking does, and why it is done."""
    return await act_form(request, actor, now, Form(), await club.ambassador(person_id), "revoke")


@post("/{person_id:uuid}/revoke", include_in_schema=False, status_code=200)
async def revoke(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Revoke the pass, with a reason. Twice is once."""
    person = await club.ambassador(person_id)
    form = await typed(request)
    why = form.why()
    if form.faults:
        return await act_form(request, actor, now, form, person, "revoke")
    if await passes.pass_of(person_id, now=now):
        await passes.revoke(actor, person_id, why, now=now)
    return go(f"/desk/people/{person_id}", "revoked")


async def act_form(
    request: AnyRequest, actor: Who, now: datetime, form: Form, person: Ambassador, act: str
) -> Response[Any]:
    """The form of an act about somebody that wants a reason."""
    return await screen(
        request,
        actor,
        "reason_form",
        now=now,
        within="people",
        form=form,
        act=f"person.{act}",
        about=_name(person),
        back=f"/desk/people/{person.id}",
        back_words=_name(person),
        is_hard=act in {"revoke", "revoke_paper", "erase"},
    )


@get("/{person_id:uuid}/code", include_in_schema=False)
async def code_page(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """How to help somebody in by telephone."""
    return await _code_page(request, person_id, actor, now, code="")


@post("/{person_id:uuid}/code", include_in_schema=False, status_code=200)
async def code(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The six digits, on this page only: an address with a code in it would be kept by the browser."""
    digits = await service.read_out(actor, person_id, now=now)
    return await _code_page(request, person_id, actor, now, code=digits)


async def _code_page(request: AnyRequest, person_id: UUID, actor: Who, now: datetime, code: str) -> Response[Any]:
    person = await club.ambassador(person_id)
    return await screen(
        request,
        actor,
        "person_code",
        now=now,
        within="people",
        person_id=person_id,
        about=_name(person),
        email=(await access.account(person.account_id)).email,
        code=code,
    )


@get("/{person_id:uuid}/visits", include_in_schema=False)
async def visits_door(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The deliberate button before somebody's visits."""
    return await _visits_page(request, person_id, actor, now, found=None)


@post("/{person_id:uuid}/visits", include_in_schema=False, status_code=200)
async def open_visits(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Somebody's visits, after their opening was recorded."""
    await service.open_visits(actor, person_id, now=now)
    return await _visits_page(
        request, person_id, actor, now, found=await queries.visits_of(person_id, page_lang(request))
    )


async def _visits_page(request: AnyRequest, person_id: UUID, actor: Who, now: datetime, found: object) -> Response[Any]:
    person = await club.ambassador(person_id)
    return await screen(
        request,
        actor,
        "person_visits",
        now=now,
        within="people",
        person_id=person_id,
        about=_name(person),
        visits=found,
    )


routers = [
    Router(
        "/desk/people",
        guards=[officer_only],
        route_handlers=[
            people_page,
            new_person_form,
            new_person,
            person_page,
            edit_person_form,
            edit_person,
            new_mandate_form,
            new_mandate,
            edit_mandate_form,
            edit_mandate,
            certificate_form,
            certify,
            uncertify,
            invite,
            pause_form,
            pause,
            resume,
            revoke_form,
            revoke,
            code_page,
            code,
            visits_door,
            open_visits,
        ],
    )
]
