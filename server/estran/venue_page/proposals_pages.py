"""A manager's wishes: what a benefit of their venue should say. Nothing changes before the officer accepts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from estran.actor import Actor
from estran.desk import benefit_form
from estran.desk.benefit_examples import EXAMPLES
from estran.desk.benefits_pages import Editor, Values, benefit_of
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Say, Who, go, typed
from estran.errors import Conflict, NotFound
from estran.passes import entitlement
from estran.venue_page.show import home, own_venue, show
from estran.venues import proposals
from estran.venues.sentences import Reader, sentence
from estran.venues.tables import Proposal
from estran.venues.terms import PLAIN
from estran.venues.terms import Who as ForWhom
from estran.venues.terms import read as read_terms


async def told(venue_id: UUID, say: Say) -> list[tuple[Proposal, str, str]]:
    """What became of the venue's wishes, newest first: each with its sentence, and the word with which it was declined."""
    names, words = await entitlement.names(), await proposals.words_of(venue_id)
    return [
        (row, sentence(terms, Reader.DESK, say.lang, names), words.get(row.id, ""))
        for row in await proposals.proposals_of(venue_id)
        if (terms := read_terms(row.terms)) is not None
    ]


async def _editor(actor: Actor, venue_id: UUID, benefit_id: UUID | None = None) -> Editor:
    return Editor(
        venue=await own_venue(actor, venue_id),
        benefit=await benefit_of(venue_id, benefit_id) if benefit_id else None,
        back=f"{home(venue_id)}/benefits",
        preview=f"{home(venue_id)}/benefits/preview" + (f"?of={benefit_id}" if benefit_id else ""),
        mode="manager",
        draw=_draw,
    )


async def _draw(
    request: AnyRequest, actor: Actor, editor: Editor, now: datetime, form: Form, values: Values
) -> Response[Any]:
    return await show(
        request, actor, editor.venue, "desk/benefit_form", now=now, within="benefits", form=form, **values
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
    terms = (read_terms(open_.terms) if open_ else None) or editor.present
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
    """The sentences of what is typed so far; `of`: a change of that benefit."""
    benefit_id = Form({"of": request.query_params.get("of", "")}).uuid("of")
    return await (await _editor(actor, venue_id, benefit_id)).live(request, actor, now)


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
        return go(f"{home(venue_id)}/benefits", problem.code)
    return go(f"{home(venue_id)}/benefits", "withdrawn")


handlers = [propose_new_form, propose_new, preview_proposal, propose_change_form, propose_change, withdraw]
