"""What the ambassador's phone asks and does about the manifesto (docs/sync.md §2); signing brings a suspended pass back."""

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from estran import clock
from estran.access import guards
from estran.actor import Actor
from estran.club import manifesto
from estran.club import rules as club_rules
from estran.club import service as club
from estran.club.tables import Manifesto
from estran.passes import service
from estran.web.faults import BODY, problems


class VersionOut(msgspec.Struct, rename="camel"):
    """A published version; `body`: paragraphs, `## ` headings, `- ` lists."""

    id: UUID
    version: str
    title: str
    body: str
    published_on: date
    effective_on: date | None
    is_major: bool


class SignedOut(msgspec.Struct, rename="camel"):
    """The newest version this person has signed, and what they declared with it."""

    version: str
    on: date
    interests: str


class CommentOut(msgspec.Struct, rename="camel"):
    """What somebody said about the draft, under first name and initial."""

    name: str
    on: date
    text: str
    is_mine: bool


class DraftOut(msgspec.Struct, rename="camel"):
    """The draft that is open to comments."""

    id: UUID
    version: str
    title: str
    body: str
    comments: list[CommentOut]


class ManifestoOut(msgspec.Struct, rename="camel"):
    """The manifesto as this person meets it."""

    current: VersionOut | None
    signed: SignedOut | None
    need: str | None
    by: date | None
    draft: DraftOut | None


class SignatureIn(msgspec.Struct, rename="camel"):
    """Interests that the signer declares; may be empty."""

    interests: str = ""


class CommentIn(msgspec.Struct, rename="camel"):
    """A comment on the draft."""

    text: str


@get("/", operation_id="manifesto", responses=problems(401, 404))
async def read_manifesto(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> ManifestoOut:
    """The newest version, what is asked of the reader, and the draft that is open to comments."""
    return await _manifesto(guards.ambassador_of(actor), now)


@post(
    "/{manifesto_id:uuid}/sign", operation_id="signManifesto", status_code=200, responses=problems(*BODY, 401, 404, 409)
)
async def sign(
    manifesto_id: FromPath[UUID],
    data: JSONBody[SignatureIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> ManifestoOut:
    """Sign the newest version."""
    person_id = guards.ambassador_of(actor)
    await club.ambassador(person_id)
    await manifesto.sign(actor, person_id, manifesto_id, data.interests, now=now)
    await service.publish_status(now=now)
    return await _manifesto(person_id, now)


@post(
    "/{manifesto_id:uuid}/read",
    operation_id="markManifestoRead",
    status_code=200,
    responses=problems(400, 403, 401, 404, 409),
)
async def mark_read(
    manifesto_id: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> ManifestoOut:
    """Say that the newest version was read."""
    person_id = guards.ambassador_of(actor)
    await club.ambassador(person_id)
    await manifesto.mark_read(actor, person_id, manifesto_id, now=now)
    return await _manifesto(person_id, now)


@post(
    "/{manifesto_id:uuid}/comments",
    operation_id="commentManifesto",
    status_code=200,
    responses=problems(*BODY, 401, 404, 409),
)
async def comment(
    manifesto_id: FromPath[UUID],
    data: JSONBody[CommentIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> ManifestoOut:
    """Comment on the draft."""
    person_id = guards.ambassador_of(actor)
    await club.ambassador(person_id)
    await manifesto.comment(actor, person_id, manifesto_id, data.text, now=now)
    return await _manifesto(person_id, now)


async def _manifesto(person_id: UUID, now: datetime) -> ManifestoOut:
    zone = await club.zone()
    versions = {row.id: row for row in await manifesto.versions()}
    current = await manifesto.current()
    call = await club.call_of(person_id, now=now, is_newcomer=bool(await service.newcomers([person_id])))
    mine = [one for one in await manifesto.signatures(ambassador_id=person_id) if one.kind == "signed"]
    signed = mine[0] if mine else None
    return ManifestoOut(
        current=_version(current, clock.local_day(current.published_at, zone))
        if current and current.published_at
        else None,
        signed=SignedOut(
            manifesto.edition_of(versions[signed.manifesto_id]).number,
            clock.local_day(signed.at, zone),
            signed.interests,
        )
        if signed
        else None,
        need=call.need,
        by=call.by,
        draft=await _draft(person_id),
    )


def _version(row: Manifesto, published_on: date) -> VersionOut:
    return VersionOut(
        id=row.id,
        version=manifesto.edition_of(row).number,
        title=row.title,
        body=row.body,
        published_on=published_on,
        effective_on=row.effective_on,
        is_major=not row.minor,
    )


async def _draft(person_id: UUID) -> DraftOut | None:
    row = await manifesto.draft()
    if row is None:
        return None
    zone = await club.zone()
    names = {
        person.id: club_rules.display_name(person.first_name, person.last_name) for person in await club.ambassadors()
    }
    return DraftOut(
        id=row.id,
        version=manifesto.edition_of(row).number,
        title=row.title,
        body=row.body,
        comments=[
            CommentOut(
                name=names.get(one.ambassador_id, ""),
                on=clock.local_day(one.at, zone),
                text=one.text,
                is_mine=one.ambassador_id == person_id,
            )
            for one in await manifesto.comments_on(row.id)
        ],
    )


routers = [
    Router(
        "/api/v1/me/manifesto",
        route_handlers=[read_manifesto, sign, mark_read, comment],
        guards=[guards.pass_actor],
        tags=["manifesto"],
    )
]
