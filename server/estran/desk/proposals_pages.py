"""What a venue's manager would like a benefit to say: the officer reads it, and answers with one click."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from estran.access.guards import officer_only
from estran.actor import Actor
from estran.desk.benefit_words import changes
from estran.desk.benefits_pages import sentences_of
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Who, go, say_to, screen, typed
from estran.errors import Conflict, NotFound
from estran.passes import entitlement
from estran.venues import proposals
from estran.venues import service as venues
from estran.venues.sentences import Reader, sentence
from estran.venues.tables import Proposal


@get("/", include_in_schema=False)
async def proposal_page(request: AnyRequest, proposal_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What it says now, what it would say, and the two answers."""
    return await _proposal(request, actor, now, Form(), await proposals.proposal(proposal_id))


@post("/accept", include_in_schema=False, status_code=303)
async def accept(proposal_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """The benefit says it from now on. Twice is once."""
    row = await proposals.proposal(proposal_id)
    try:
        await proposals.accept(actor, proposal_id, now=now)
    except Conflict as problem:
        return go(f"/desk/proposals/{proposal_id}", problem.code)
    return go(f"/desk/venues/{row.venue_id}", "accepted")


@post("/decline", include_in_schema=False, status_code=200)
async def decline(request: AnyRequest, proposal_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Not this time, with a word that the manager will read. Twice is once."""
    row, form = await proposals.proposal(proposal_id), await typed(request)
    why = form.why("proposal_why")
    if form.faults:
        return await _proposal(request, actor, now, form, row)
    try:
        await proposals.decline(actor, proposal_id, why, now=now)
    except Conflict as problem:
        return go(f"/desk/proposals/{proposal_id}", problem.code)
    return go("/desk/inbox", "proposal-declined")


async def _proposal(request: AnyRequest, actor: Actor, now: datetime, form: Form, row: Proposal) -> Response[Any]:
    say, names = await say_to(request, actor, now=now), await entitlement.names()
    present = await venues.benefit(row.venue_id, row.benefit_id) if row.benefit_id else None
    wished = proposals.granted(row, present)
    if wished is None:
        raise NotFound("unknown_proposal", "a newer Estran wrote this proposal")
    return await screen(
        request,
        actor,
        "proposal",
        now=now,
        within="inbox",
        form=form,
        proposal=row,
        venue=await venues.venue(row.venue_id),
        before=sentence(present.terms, Reader.OFFICER, say.lang, names) if present else "",
        sentences=sentences_of(wished, names),
        changes=changes(present.terms, wished, say.lang, names) if present else [],
        word=(await proposals.words_of(row.venue_id)).get(row.id, ""),
    )


routers = [
    Router(
        "/desk/proposals/{proposal_id:uuid}", guards=[officer_only], route_handlers=[proposal_page, accept, decline]
    ),
]
