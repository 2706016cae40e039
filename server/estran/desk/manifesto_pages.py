"""The manifesto at the desk: write a draft, read what ambassadors say of it, publish it, see who signed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from estran import clock
from estran.access.guards import officer_only
from estran.club import manifesto
from estran.club import service as club
from estran.club.rules import Eligibility, Need
from estran.club.tables import Ambassador, Manifesto
from estran.desk import people_csv, service
from estran.desk.forms import Form
from estran.desk.lists import folded
from estran.desk.screen import AnyRequest, Now, Who, attachment, go, screen, typed
from estran.errors import NotFound
from estran.mail.letters import Letterhead
from estran.passes import service as passes
from estran.web.markup import blocks


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody, and what they did about a version; `at` None: nothing yet."""

    id: UUID
    name: str
    at: datetime | None
    kind: str
    interests: str


@dataclass(frozen=True, slots=True)
class Said:
    """A comment on a draft, and who wrote it."""

    person_id: UUID
    name: str
    at: datetime
    text: str


@get("/", include_in_schema=False)
async def manifesto_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The newest version and who lacks its signature, the draft, and the versions before."""
    published = await manifesto.versions()
    current = published[-1] if published else None
    draft = await manifesto.draft()
    signed_last = next((row for row in reversed(published) if not row.minor), None)
    waiting = await _to_sign(now)
    return await screen(
        request,
        actor,
        "manifesto",
        now=now,
        within="people",
        current=current,
        number=_number(current),
        text=blocks(current.body) if current else [],
        draft=draft,
        draft_number=_number(draft),
        draft_text=blocks(draft.body) if draft else [],
        comments=await _comments(draft.id) if draft else [],
        versions=[(row, _number(row)) for row in reversed(published)],
        signed_last=signed_last,
        signed_number=_number(signed_last),
        n_to_sign=len(waiting),
        by=min((by for by in waiting.values() if by is not None), default=None),
    )


async def _to_sign(now: datetime) -> dict[UUID, date | None]:
    """Those within or before a mandate who have still to sign, and the last day to do so (None: their pass waits for it)."""
    people = [person.id for person in await club.ambassadors()]
    newcomers = await passes.newcomers(people)
    today = clock.local_day(now, await club.zone())
    calls = await manifesto.calls(people, newcomers, today=today)
    standings = await club.standings(people, now=now)
    return {
        person: calls[person].by
        for person in people
        if calls[person].need is Need.SIGN and standings[person].eligibility is not Eligibility.ENDED
    }


def _number(row: Manifesto | None) -> str:
    return manifesto.edition_of(row).number if row else ""


async def _comments(manifesto_id: UUID) -> list[Said]:
    names = {person.id: f"{person.first_name} {person.last_name}" for person in await club.ambassadors()}
    return [
        Said(one.ambassador_id, names.get(one.ambassador_id, ""), one.at, one.text)
        for one in await manifesto.comments_on(manifesto_id)
    ]


async def _signers(row: Manifesto, now: datetime) -> list[Signer]:
    """Everybody who signed or read this version, newest first, then those in the club who did neither, by name."""
    found = {one.ambassador_id: one for one in reversed(await manifesto.signatures(manifesto_id=row.id))}
    people = {person.id: person for person in await club.ambassadors()}
    standings = await club.standings(list(people), now=now)
    done = [
        Signer(key, _name(people[key]), one.at, one.kind, one.interests)
        for key, one in sorted(found.items(), key=lambda item: item[1].at, reverse=True)
        if key in people
    ]
    others = [
        person
        for person in people.values()
        if person.id not in found and standings[person.id].eligibility is not Eligibility.ENDED
    ]
    others.sort(key=lambda person: folded(f"{person.last_name} {person.first_name}"))
    return done + [Signer(person.id, _name(person), None, "", "") for person in others]


def _name(person: Ambassador) -> str:
    return f"{person.first_name} {person.last_name}"


# --- the draft ----------------------------------------------------------------------------------


@get("/draft", include_in_schema=False)
async def draft_form(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The draft as it is, or the newest version to begin from."""
    row = await manifesto.draft() or await manifesto.current()
    form = Form({"title": row.title, "body": row.body} if row else {})
    if row is not None and row.published_at is None:
        form = Form({**form.values, "weight": "minor" if row.minor else "major"})
    return await _draft_form(request, actor, now, form)


@post("/draft", include_in_schema=False, status_code=200)
async def save_draft(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The draft with what was typed; ambassadors read it on their phones at once."""
    form = await typed(request)
    title, body = form.text("title", most=manifesto.TITLE_MAX), form.long_text("body", most=manifesto.BODY_MAX)
    is_first = await manifesto.current() is None
    weight = "major" if is_first else form.choice("weight", ("major", "minor"))
    if form.faults:
        return await _draft_form(request, actor, now, form)
    await manifesto.save_draft(actor, title=title, body=body, is_major=weight == "major", now=now)
    return go("/desk/manifesto", "saved")


async def _draft_form(request: AnyRequest, actor: Who, now: datetime, form: Form) -> Response[Any]:
    is_first = await manifesto.current() is None
    return await screen(
        request,
        actor,
        "manifesto_draft",
        now=now,
        within="people",
        form=form,
        is_first=is_first,
        days=(await club.house()).notice_days,
    )


@get("/draft/drop", include_in_schema=False)
async def drop_form(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What dropping the draft loses."""
    await _draft()
    return await screen(request, actor, "manifesto_drop", now=now, within="people")


@post("/draft/drop", include_in_schema=False, status_code=303)
async def drop_draft(actor: Who, now: Now) -> Response[Any]:
    """The draft and its comments are gone."""
    await manifesto.drop_draft(actor, now=now)
    return go("/desk/manifesto", "saved")


async def _draft() -> Manifesto:
    row = await manifesto.draft()
    if row is None:
        raise NotFound("unknown_manifesto", "there is no draft")
    return row


@get("/draft/publish", include_in_schema=False)
async def publish_form(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What publishing does, and from which day on it must be signed."""
    row = await _draft()
    house = await club.house()
    day = clock.local_day(now, await club.zone()) + timedelta(days=house.notice_days)
    return await _publish_form(request, actor, now, Form({"effective_on": day.isoformat()}), row)


@post("/draft/publish", include_in_schema=False, status_code=200)
async def publish(request: AnyRequest, letterhead: NamedDependency[Letterhead], actor: Who, now: Now) -> Response[Any]:
    """The draft becomes a version for good, and every ambassador is told by letter."""
    form = await typed(request)
    found = await manifesto.draft()
    if found is None:
        return go("/desk/manifesto", "already")
    row = found
    if form.get("text") != manifesto.text_hash(row):  # somebody else saved another text since this page was opened
        form.fault("text", "form.fault.changed")
    effective_on: date | None = None if row.minor else form.day("effective_on")
    if effective_on and effective_on < clock.local_day(now, await club.zone()):
        form.fault("effective_on", "form.fault.past")
    if form.faults:
        return await _publish_form(request, actor, now, form, row)
    await service.publish_manifesto(actor, row.id, effective_on, letterhead, now=now)
    return go("/desk/manifesto", "published")


async def _publish_form(request: AnyRequest, actor: Who, now: datetime, form: Form, row: Manifesto) -> Response[Any]:
    return await screen(
        request,
        actor,
        "manifesto_publish",
        now=now,
        within="people",
        form=form,
        is_major=not row.minor,
        number=_number(row),
        title=row.title,
        text=blocks(row.body),
        text_hash=manifesto.text_hash(row),
    )


# --- one version, and who signed it -------------------------------------------------------------


@get("/versions/{manifesto_id:uuid}", include_in_schema=False)
async def version_page(request: AnyRequest, manifesto_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """A published version as it was signed, and who did."""
    row = await manifesto.version(manifesto_id)
    if row.published_at is None:
        raise NotFound("unknown_manifesto", "this one is a draft")
    return await screen(
        request,
        actor,
        "manifesto_version",
        now=now,
        within="people",
        row=row,
        number=_number(row),
        text=blocks(row.body),
        signers=await _signers(row, now),
        comments=await _comments(row.id),
    )


@post("/signatures.csv", include_in_schema=False, status_code=200)
async def signatures_file(actor: Who, now: Now) -> Response[bytes]:
    """Who signed what and when, with the declared interests, for a spreadsheet. An act that is recorded: hence no mere link."""
    await service.export_signatures(actor, now=now)
    versions = {row.id: row for row in await manifesto.versions()}
    people = {person.id: person for person in await club.ambassadors()}
    zone = await club.zone()
    rows = [["version", "titre", "acte", "date", "prénom", "nom", "intérêts déclarés", "empreinte du texte (SHA-256)"]]
    for one in await manifesto.signatures():
        if one.ambassador_id not in people:
            continue  # left in this very moment
        person, row = people[one.ambassador_id], versions[one.manifesto_id]
        at = one.at.astimezone(zone).isoformat(sep=" ", timespec="seconds")
        act = "signé" if one.kind == "signed" else "lu"
        names = [person.first_name, person.last_name]
        rows.append([_number(row), row.title, act, at, *names, one.interests, one.text_hash])
    return attachment(people_csv.write(rows), "signatures.csv", "text/csv")


routers = [
    Router(
        "/desk/manifesto",
        guards=[officer_only],
        route_handlers=[
            manifesto_page,
            draft_form,
            save_draft,
            drop_form,
            drop_draft,
            publish_form,
            publish,
            version_page,
            signatures_file,
        ],
    )
]
