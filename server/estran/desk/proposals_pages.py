"""What a venue's manager would like a benefit to say, and the officer's answer, one click away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from estran.access.guards import manager_or_officer, officer_only
from estran.actor import Actor
from estran.desk import benefit_form
from estran.desk.benefit_examples import EXAMPLES
from estran.desk.benefit_words import changes
from estran.desk.benefits_pages import Editor, benefit_of, sentences_of
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Who, go, say_to, screen, typed
from estran.desk.venues_pages import own_venue
from estran.errors import Conflict, NotFound
from estran.passes import entitlement
from estran.venues import proposals
from estran.venues import service as venues
from estran.venues.sentences import Reader, sentence
from estran.venues.tables import Proposal
from estran.venues.terms import PLAIN
from estran.venues.terms import Who as ForWhom
from estran.venues.terms import read as read_terms

WHY_MAX = 200


# --- the manager's side -----------------------------------------------------------------------------------------------


@get("/{venue_id:uuid}/proposals", include_in_schema=False)
async def proposals_page(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """What the venue gives, each with the way to propose something else; and what became of earlier proposals."""
    venue, names = await own_venue(actor, venue_id), await entitlement.names()
    say = await say_to(request, actor, now=now)
    said = await proposals.words_of(venue_id)
    return await screen(
        request,
        actor,
        "proposals",
        now=now,
        within="venues",
        venue=venue,
        given=[(one, sentence(one.terms, Reader.DESK, say.lang, names)) for one in await venues.benefits_of(venue_id)],
        proposals=[
            (row, sentence(read_terms(row.terms), Reader.DESK, say.lang, names), said.get(row.id, ""))
            for row in await proposals.proposals_of(venue_id)
        ],
    )


async def _editor(actor: Actor, venue_id: UUID, benefit_id: UUID | None = None) -> Editor:
    return Editor(
        venue=await own_venue(actor, venue_id),
        benefit=await benefit_of(venue_id, benefit_id) if benefit_id else None,
        back=f"/venue/{venue_id}/proposals",
        preview=f"/venue/{venue_id}/benefits/preview",
        mode="manager",
    )


@get("/{venue_id:uuid}/benefits/new", include_in_schema=False)
async def propose_new_form(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """Something that the venue does not give yet."""
    editor, example = await _editor(actor, venue_id), request.query_params.get("example", "")
    form = Form(benefit_form.values_of(EXAMPLES.get(example, PLAIN)))
    examples = [key for key, terms in EXAMPLES.items() if terms.who is ForWhom.ALL]
    return await editor.page(request, actor, now, form, examples=examples, example=example)


@post("/{venue_id:uuid}/benefits/new", include_in_schema=False, status_code=200)
async def propose_new(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """It waits for the officer."""
    return await _propose(request, await _editor(actor, venue_id), actor, now)


@get("/{venue_id:uuid}/benefits/{benefit_id:uuid}", include_in_schema=False)
async def propose_change_form(
    request: AnyRequest, venue_id: FromPath[UUID], benefit_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """The benefit as it is; or as it was proposed, while that waits."""
    editor = await _editor(actor, venue_id, benefit_id)
    waiting = [row for row in await proposals.proposals_of(venue_id) if row.benefit_id == benefit_id]
    open_ = next((row for row in waiting if row.answered_at is None), None)
    terms = read_terms(open_.terms) if open_ else editor.present
    return await editor.page(
        request, actor, now, Form(benefit_form.values_of(terms) | {"proposal_note": open_.note if open_ else ""})
    )


@post("/{venue_id:uuid}/benefits/{benefit_id:uuid}", include_in_schema=False, status_code=200)
async def propose_change(
    request: AnyRequest, venue_id: FromPath[UUID], benefit_id: FromPath[UUID], actor: Who, now: Now
) -> Response[Any]:
    """The change waits for the officer; nothing changes before."""
    return await _propose(request, await _editor(actor, venue_id, benefit_id), actor, now)


@post("/{venue_id:uuid}/benefits/preview", include_in_schema=False, status_code=200)
async def preview_proposal(request: AnyRequest, venue_id: FromPath[UUID], actor: Who, now: Now) -> Response[Any]:
    """The sentences of what is typed so far."""
    return await (await _editor(actor, venue_id)).live(request, actor, now)


async def _propose(request: AnyRequest, editor: Editor, actor: Actor, now: datetime) -> Response[Any]:
    form = await typed(request)
    if (grown := await editor.grown(request, actor, now, form)) is not None:
        return grown
    terms = await editor.read(form)
    note = form.text("proposal_note", most=proposals.NOTE_MAX, required=False)
    if form.faults:
        return await editor.page(request, actor, now, form)
    benefit_id = editor.benefit.id if editor.benefit else None
    try:
        await proposals.propose(actor, editor.venue.id, benefit_id, terms, note, now=now)
    except Conflict as problem:
        return go(editor.back, problem.code)
    return go(editor.back, "proposed")


@post("/{venue_id:uuid}/proposals/{proposal_id:uuid}/withdraw", include_in_schema=False, status_code=303)
async def withdraw(venue_id: FromPath[UUID], proposal_id: FromPath[UUID], actor: Who, now: Now) -> Redirect:
    """No longer wished. Twice is once."""
    await own_venue(actor, venue_id)
    if (await proposals.proposal(proposal_id)).venue_id != venue_id:
        raise NotFound("unknown_proposal", "no such proposal")
    try:
        await proposals.withdraw(actor, proposal_id, now=now)
    except Conflict as problem:
        return go(f"/venue/{venue_id}/proposals", problem.code)
    return go(f"/venue/{venue_id}/proposals", "withdrawn")


# --- the officer's side -----------------------------------------------------------------------------------------------


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
    why = form.text("proposal_why", most=WHY_MAX)
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
    wished = read_terms(row.terms)
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
        "/venue",
        guards=[manager_or_officer],
        route_handlers=[
            proposals_page,
            propose_new_form,
            propose_new,
            preview_proposal,
            propose_change_form,
            propose_change,
            withdraw,
        ],
    ),
    Router(
        "/desk/proposals/{proposal_id:uuid}", guards=[officer_only], route_handlers=[proposal_page, accept, decline]
    ),
]
