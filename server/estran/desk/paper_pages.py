"""A pass on paper, for somebody without a smartphone: print it, print it anew, say that it is lost."""

from typing import Any
from uuid import UUID

from anyio import to_thread
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from estran.access.guards import officer_only
from estran.club import service as club
from estran.desk.forms import Form
from estran.desk.paper import Card, card_of
from estran.desk.people import act_form
from estran.desk.screen import AnyRequest, Now, Who, attachment, go, screen, typed
from estran.desk.venues_pages import qr_svg
from estran.errors import Conflict, NotFound
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.passes.service import PaperPass


@post("/{person_id:uuid}/paper", include_in_schema=False, status_code=303)
async def print_pass(person_id: FromPath[UUID], issuer: NamedDependency[Issuer], actor: Who, now: Now) -> Redirect:
    """A pass on paper: the one there is while it is right, else a new one. Twice is once."""
    await club.ambassador(person_id)
    try:
        await passes.print_pass(actor, issuer, person_id, now=now)
    except Conflict:
        return go(f"/desk/people/{person_id}", "no_paper")
    return go(f"/desk/people/{person_id}/paper")


@get("/{person_id:uuid}/paper", include_in_schema=False)
async def paper_page(
    request: AnyRequest, person_id: FromPath[UUID], issuer: NamedDependency[Issuer], actor: Who, now: Now
) -> Response[Any]:
    """The pass as it will be printed."""
    person, held = await club.ambassador(person_id), await _held(person_id, now)
    card = await card_of(held.pass_, issuer.iss)
    answer = await screen(
        request,
        actor,
        "paper",
        now=now,
        within="people",
        person_id=person_id,
        about=f"{person.first_name} {person.last_name}",
        card=card,
        is_outdated=held.is_outdated,
        qr=await to_thread.run_sync(qr_svg, card.code),
    )
    answer.headers["Cache-Control"] = "no-store"  # a pass that works: no copy of it on the way
    return answer


@get("/{person_id:uuid}/paper.pdf", include_in_schema=False)
async def paper_pdf(person_id: FromPath[UUID], issuer: NamedDependency[Issuer], now: Now) -> Response[bytes]:
    """The same as a file of A6."""
    held = await _held(person_id, now)
    card = await card_of(held.pass_, issuer.iss)
    return attachment(await to_thread.run_sync(_draw, card), "pass-papier.pdf", "application/pdf")


def _draw(card: Card) -> bytes:
    from estran.desk import paper_pdf as drawing  # noqa: PLC0415 - loaded when somebody prints, and in a thread

    return drawing.pdf(card)


async def _held(person_id: UUID, now: Now) -> PaperPass:
    held = await passes.paper_of(person_id, now=now)
    if held is None:
        raise NotFound("no_pass", "this person has no pass on paper")
    return held


@get("/{person_id:uuid}/paper/lost", include_in_schema=False)
async def lost_form(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What saying so does, and what happened."""
    return await act_form(request, actor, now, Form(), await club.ambassador(person_id), "revoke_paper")


@post("/{person_id:uuid}/paper/lost", include_in_schema=False, status_code=200)
async def lost(request: AnyRequest, person_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The paper is lost: it ends, and nothing else does. Twice is once."""
    person = await club.ambassador(person_id)
    form = await typed(request)
    why = form.why()
    if form.faults:
        return await act_form(request, actor, now, form, person, "revoke_paper")
    if await passes.paper_of(person_id, now=now):
        await passes.revoke_paper(actor, person_id, why, now=now)
    return go(f"/desk/people/{person_id}", "paper-lost")


routers = [
    Router(
        "/desk/people",
        guards=[officer_only],
        route_handlers=[print_pass, paper_page, paper_pdf, lost_form, lost],
    )
]
