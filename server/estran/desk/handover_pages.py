"""One officer must be replaceable: who runs the club, what a successor should know, and the whole club as one file."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from estran import archive, clock
from estran.access import service as access
from estran.access.guards import officer_only
from estran.access.rules import Realm
from estran.actor import Role
from estran.club import manifesto, renewals
from estran.club import service as club
from estran.desk import events_view, service
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Who, go, screen, typed
from estran.errors import Conflict, Invalid
from estran.events.rules import Stage
from estran.history import service as history
from estran.inbox import service as inbox
from estran.mail.letters import Letterhead
from estran.passes import keys
from estran.privacy import retention
from estran.settings import Settings
from estran.venues import service as venues

PART_BYTES = 1 << 18
AHEAD = {Stage.OPEN, Stage.CLOSED}


# --- officers -----------------------------------------------------------------------------------


@get("/officers", include_in_schema=False)
async def officers_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Who has all rights here, and a form for a deputy."""
    return await _officers_page(request, actor, now, Form())


@post("/officers", include_in_schema=False, status_code=200)
async def add_officer(
    request: AnyRequest, letterhead: NamedDependency[Letterhead], actor: Who, now: Now
) -> Response[Any]:
    """Another officer, told by letter. Twice is once."""
    form = await typed(request)
    email = form.email("email")
    if not form.faults:
        try:
            is_new = await service.add_officer(actor, email, letterhead, now=now)
        except Invalid:
            form.fault("email", "form.fault.email")
        else:
            return go("/desk/officers", "officer" if is_new else "already")
    return await _officers_page(request, actor, now, form)


async def _officers_page(request: AnyRequest, actor: Who, now: datetime, form: Form) -> Response[Any]:
    return await screen(
        request,
        actor,
        "officers",
        now=now,
        within="settings",
        form=form,
        section="officers",
        officers=[(one, await _last_here(one.id)) for one in await access.holders(Role.OFFICER)],
        me=actor.id,
    )


async def _last_here(account_id: UUID) -> datetime | None:
    """When this account was last at the desk; it may be an ambassador's, too, and seen with the pass."""
    return max((one.seen_at for one in await access.sessions_of(account_id) if one.realm == Realm.DESK), default=None)


@get("/officers/{account_id:uuid}/remove", include_in_schema=False)
async def remove_form(request: AnyRequest, account_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What taking the rights does, and why it is done."""
    return await _remove_form(request, actor, now, Form(), account_id)


@post("/officers/{account_id:uuid}/remove", include_in_schema=False, status_code=200)
async def remove_officer(request: AnyRequest, account_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """This account is no officer any more, with a reason."""
    form = await typed(request)
    why = form.why()
    if form.faults:
        return await _remove_form(request, actor, now, form, account_id)
    try:
        await service.remove_officer(actor, account_id, why, now=now)
    except Conflict as problem:
        return go("/desk/officers", problem.code)
    return go("/desk/officers", "officer-gone")


async def _remove_form(request: AnyRequest, actor: Who, now: datetime, form: Form, account_id: UUID) -> Response[Any]:
    account = await access.account(account_id)
    return await screen(
        request,
        actor,
        "reason_form",
        now=now,
        within="settings",
        form=form,
        act="officer.remove",
        about=account.email,
        back="/desk/officers",
        back_words=account.email,
        is_hard=True,
    )


# --- handing over -------------------------------------------------------------------------------


@get("/handover", include_in_schema=False)
async def handover_page(
    request: AnyRequest, settings: NamedDependency[Settings], actor: Who, now: Now
) -> Response[Any]:
    """The club's state on one page, for whoever takes over."""
    people = await club.ambassadors()
    places = await venues.venues()
    zone = await club.zone()
    endings = await renewals.endings(now=now)
    due = await retention.due(now=now)
    current = await manifesto.current()
    published = await keys.published(now=now)
    happening = await events_view.lines(now=now)
    return await screen(
        request,
        actor,
        "handover",
        now=now,
        within="settings",
        section="handover",
        n_people=len(people),
        n_venues=len(places),
        n_devices=sum(device.state == "active" for device in await venues.devices()),
        officers=await access.holders(Role.OFFICER),
        n_waiting=await inbox.count_open(),
        n_endings=sum(ending.is_due for ending in endings),
        n_due=sum(one.n for one in due),
        n_events=sum(line.stage in AHEAD for line in happening),
        number=manifesto.edition_of(current).number if current else "",
        data=settings.data,
        origin=settings.origin,
        database=settings.database.partition(":")[0],
        key_since=clock.local_day(published[-1].starts_at, zone) if published else None,
    )


@post("/handover/archive", include_in_schema=False, status_code=200)
async def take_archive(settings: NamedDependency[Settings], actor: Who, now: Now) -> Stream:
    """The whole club as one file, without its signing keys. An act that is recorded: hence no mere link."""
    await history.record(actor, "archive.export", "club", None, now=now, details={"keys": False})
    # Without a name in any folder: it is gone when the last byte has left, or nobody waits for it any more.
    out = tempfile.TemporaryFile(prefix="estran-")  # noqa: SIM115 - closed by the stream
    try:
        await archive.write(out, settings.origin, None, now=now)
    except BaseException:
        out.close()
        raise
    day = clock.local_day(now, await club.zone())
    headers = {"Content-Disposition": f'attachment; filename="estran-{day}.zip"', "Cache-Control": "no-store"}
    return Stream(_parts(out), media_type="application/zip", headers=headers)


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while part := file.read(PART_BYTES):
            yield part


routers = [
    Router(
        "/desk",
        guards=[officer_only],
        route_handlers=[
            officers_page,
            add_officer,
            remove_form,
            remove_officer,
            handover_page,
            take_archive,
        ],
    )
]
