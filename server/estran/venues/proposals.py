"""What a venue's manager would like a benefit to say, and the officer's answer. Every act leaves an entry in the history."""

from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from estran.actor import Actor
from estran.db import writes
from estran.errors import Conflict, Invalid, NotFound
from estran.history import service as history
from estran.inbox import service as inbox
from estran.venues import rules, service
from estran.venues.service import Given
from estran.venues.tables import Proposal
from estran.venues.terms import Terms
from estran.venues.terms import faults as terms_faults
from estran.venues.terms import read as read_terms
from estran.venues.terms import written as written_terms

NOTE_MAX = 200
OPEN_MAX = 10
"""Proposals of one venue that wait: more than anybody means, and still a list that somebody can read."""


async def proposals_of(venue_id: UUID) -> list[Proposal]:
    """The venue's proposals, newest first."""
    return await Proposal.objects().where(Proposal.venue_id == venue_id).order_by(Proposal.created_at, ascending=False)


async def proposal(proposal_id: UUID) -> Proposal:
    """That proposal, answered or not; raises NotFound."""
    row = await Proposal.objects().where(Proposal.id == proposal_id).first()
    if row is None:
        raise NotFound("unknown_proposal", "no such proposal")
    return row


async def wished() -> list[Terms]:
    """The terms of every proposal that waits for an answer."""
    rows = await Proposal.select(Proposal.terms).where(Proposal.answered_at.is_null()).output(as_list=True)
    return [terms for text in rows if (terms := read_terms(text)) is not None]


def granted(row: Proposal, present: Given | None) -> Terms | None:
    """What the benefit will say if it is granted; None: nobody here can read it.

    For whom a benefit is stays the office's own matter, also since the venue wrote its wish.
    """
    terms = read_terms(row.terms)
    if terms is None or present is None:
        return terms
    return msgspec.structs.replace(terms, who=present.terms.who, circle_id=present.terms.circle_id)


async def words_of(venue_id: UUID) -> dict[UUID, str]:
    """The word with which each of the venue's proposals was declined, where the history still has it."""
    entries = await history.entries_about(venue_id, 500)
    return {
        UUID(entry.details["proposal"]): entry.why or ""
        for entry in entries
        if entry.action == "venues.decline_proposal" and "proposal" in entry.details
    }


@writes
async def propose(
    actor: Actor, venue_id: UUID, benefit_id: UUID | None, terms: Terms, note: str, *, now: datetime
) -> Proposal:
    """The proposal, which waits for the officer; a benefit has one at a time, and the last wish holds.

    Raises NotFound, Invalid `bad_terms`, Conflict `too_many_proposals`.
    """
    if found := terms_faults(terms):
        raise Invalid("bad_terms", "these terms contradict themselves", fields=[one.field for one in found])
    await service.venue(venue_id)
    if benefit_id is not None and (await service.benefit(venue_id, benefit_id)).ended_at is not None:
        raise NotFound("unknown_benefit", "no such benefit at this venue")
    text, note = written_terms(terms), rules.clean_line(note)[:NOTE_MAX]
    waiting = [row for row in await proposals_of(venue_id) if row.answered_at is None]
    for row in waiting:
        if (row.benefit_id, row.terms, row.note) == (benefit_id, text, note):
            return row
    if len(waiting) >= OPEN_MAX:
        raise Conflict("too_many_proposals", "10 proposals of this venue wait already: withdraw one first")
    for row in waiting:
        if benefit_id is not None and row.benefit_id == benefit_id:
            await _answer(actor, row, "withdrawn", "venues.withdraw_proposal", now=now)
    made = Proposal(
        id=uuid4(),
        venue_id=venue_id,
        benefit_id=benefit_id,
        terms=text,
        note=note,
        account_id=actor.id,
        created_at=now,
    )
    await made.save()
    await inbox.drop(
        "benefit_proposed",
        key=_key(made.id),
        now=now,
        subject_kind="proposal",
        subject_id=made.id,
        venue_id=venue_id,
    )
    await history.record(actor, "venues.propose", "venue", venue_id, now=now, details={"proposal": str(made.id)})
    return made


@writes
async def accept(actor: Actor, proposal_id: UUID, *, now: datetime) -> Given:
    """The benefit says from now on what was proposed. Raises NotFound, Conflict `proposal_answered` or `benefit_ended`."""
    row = await _waiting(proposal_id)
    present = await service.benefit(row.venue_id, row.benefit_id) if row.benefit_id else None
    if present is not None and present.ended_at is not None:
        raise Conflict("benefit_ended", "this benefit has been withdrawn meanwhile")
    terms = granted(row, present)
    if terms is None:
        raise NotFound("unknown_proposal", "a newer Estran wrote this proposal")
    made = await service.set_benefit(actor, row.venue_id, row.benefit_id, terms, now=now)
    await _answer(actor, row, "approved", "venues.accept_proposal", now=now)
    return made


@writes
async def decline(actor: Actor, proposal_id: UUID, why: str, *, now: datetime) -> None:
    """Not this time, with a word for the manager. Raises NotFound, Conflict `proposal_answered`."""
    await _answer(actor, await _waiting(proposal_id), "declined", "venues.decline_proposal", why=why, now=now)


@writes
async def withdraw(actor: Actor, proposal_id: UUID, *, now: datetime) -> None:
    """The manager no longer wishes it. Raises NotFound, Conflict `proposal_answered`."""
    await _answer(actor, await _waiting(proposal_id), "withdrawn", "venues.withdraw_proposal", now=now)


async def _waiting(proposal_id: UUID) -> Proposal:
    row = await proposal(proposal_id)
    if row.answered_at is not None:
        raise Conflict("proposal_answered", "this proposal has its answer already")
    return row


async def _answer(
    actor: Actor, row: Proposal, answer: str, action: str, *, now: datetime, why: str | None = None
) -> None:
    row.answered_at, row.answer = now, answer
    await row.save()
    await inbox.close(_key(row.id), now=now, by=actor, answer="accepted" if answer == "approved" else answer)
    await history.record(actor, action, "venue", row.venue_id, now=now, why=why, details={"proposal": str(row.id)})


def _key(proposal_id: UUID) -> str:
    return f"benefit_proposed:{proposal_id}"
