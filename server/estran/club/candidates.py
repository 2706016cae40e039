"""People who might join: from the public form, or noted by the officer, until they are admitted, declined or forgotten."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from estran import clock
from estran.access import rules as access_rules
from estran.actor import SYSTEM, Actor
from estran.club import service
from estran.club.tables import Ambassador, Candidate
from estran.db import writes
from estran.errors import Invalid, NotFound, TooMany
from estran.history import service as history
from estran.inbox import service as inbox

FORM_MOST = 50
"""So many may wait from the public form; more is a flood, or an officer who is away."""
MESSAGE_MAX = 1000


async def candidates() -> list[Candidate]:
    """Everybody who waits, the first to come first."""
    return await Candidate.objects().order_by(Candidate.created_at).order_by(Candidate.id)


async def candidate(candidate_id: UUID) -> Candidate:
    """That candidate; raises NotFound."""
    row = await Candidate.objects().where(Candidate.id == candidate_id).first()
    if row is None:
        raise NotFound("unknown_candidate", "no such candidate")
    return row


@writes
async def apply(*, first_name: str, last_name: str, email: str, message: str, now: datetime) -> None:
    """Somebody asks to join, from the public form; the officer finds it in the inbox.

    Whoever asks again with the same name and e-mail waits once, since now, with all their words; another name is another
    candidate, for anybody can type anybody's address. The answer never tells whether the address is known.

    Raises Invalid, and TooMany `too_many_candidates` when 50 wait already.
    """
    service.check_names(first_name, last_name)
    _check_message(message)
    email = _checked(email)
    said: dict[str, Any] = {
        "first_name": first_name.strip(),
        "last_name": last_name.strip(),
        "email": email,
        "message": message.strip(),
    }
    waiting = await Candidate.objects().where(Candidate.source == "form")
    row = next((one for one in waiting if _is_same(one, said)), None)
    if row is not None and said["message"] in row.message:
        return  # one impatient finger, or nothing new
    if row is None:
        if len(waiting) >= FORM_MOST:
            raise TooMany("too_many_candidates", "many people wait for an answer already: write to the office")
        row = Candidate(id=uuid4(), source="form", created_at=now, **said)
    else:
        await _close_item(row, now=now)
        both = f"{row.message}\n\n{said['message']}"
        row.message = both if len(both) <= MESSAGE_MAX else said["message"]
        row.created_at, row.contacted_at = now, None
    await row.save()
    await history.record(SYSTEM, "club.apply", "candidate", row.id, now=now)
    await inbox.drop("candidate", key=_key(row), now=now, subject_kind="candidate", subject_id=row.id)


def _is_same(row: Candidate, said: dict[str, Any]) -> bool:
    names = (row.first_name.casefold(), row.last_name.casefold())
    return names == (said["first_name"].casefold(), said["last_name"].casefold()) and (
        access_rules.fold_email(row.email) == access_rules.fold_email(said["email"])
    )


@writes
async def note(
    actor: Actor, *, first_name: str, last_name: str, email: str = "", message: str = "", now: datetime
) -> Candidate:
    """Somebody the officer met and wants to remember; the same person noted twice waits once. Raises Invalid."""
    service.check_names(first_name, last_name)
    _check_message(message)
    email = _checked(email) if email.strip() else ""
    first_name, last_name = first_name.strip(), last_name.strip()
    for known in await Candidate.objects().where(Candidate.source == "officer"):
        if (known.first_name, known.last_name, known.email) == (first_name, last_name, email):
            return known
    row = Candidate(
        id=uuid4(),
        first_name=first_name,
        last_name=last_name,
        email=email,
        source="officer",
        message=message.strip(),
        created_at=now,
    )
    await row.save()
    await history.record(actor, "club.note_candidate", "candidate", row.id, now=now)
    return row


@writes
async def mark_contacted(actor: Actor, candidate_id: UUID, *, now: datetime) -> None:
    """The office has written or called; already so: nothing changes. Raises NotFound."""
    row = await candidate(candidate_id)
    if row.contacted_at is None:
        row.contacted_at = now
        await row.save()
        await _close_item(row, by=actor, now=now)
        await history.record(actor, "club.contact_candidate", "candidate", row.id, now=now)


@writes
async def decline(actor: Actor, candidate_id: UUID, why: str, *, now: datetime) -> None:
    """Not this time: the candidate is deleted; the history keeps that, without a name. Raises NotFound."""
    row = await candidate(candidate_id)
    await _close_item(row, by=actor, now=now)
    await Candidate.delete().where(Candidate.id == row.id)
    await history.record(actor, "club.decline", "candidate", row.id, now=now, why=why)


@writes
async def admit(
    actor: Actor, candidate_id: UUID, begins_on: date, ends_on: date, *, email: str = "", now: datetime
) -> Ambassador:
    """The candidate is an ambassador with a first mandate, and waits no more.

    `email`: another address than the one noted, or the missing one. Raises NotFound, and Invalid as `add_ambassador`.
    """
    row = await candidate(candidate_id)
    person = await service.add_ambassador(
        actor,
        first_name=row.first_name,
        last_name=row.last_name,
        email=email.strip() or row.email,
        begins_on=begins_on,
        ends_on=ends_on,
        now=now,
    )
    await _close_item(row, by=actor, now=now)
    await Candidate.delete().where(Candidate.id == row.id)
    await history.record(actor, "club.admit", "candidate", row.id, now=now, details={"ambassador": str(person.id)})
    return person


async def became(candidate_id: UUID) -> UUID | None:
    """The ambassador whom somebody became who waits no more; None when declined or forgotten. Raises NotFound."""
    for entry in await history.entries_about(candidate_id):
        if entry.action == "club.admit":
            return UUID(entry.details["ambassador"])
        if entry.action == "club.decline":
            return None
    raise NotFound("unknown_candidate", "no such candidate")


def _checked(email: str) -> str:
    cleaned = access_rules.clean_email(email)
    if not access_rules.is_email(cleaned):
        raise Invalid("bad_email", "an e-mail address looks like name@example.org", fields=["email"])
    return cleaned


def _check_message(message: str) -> None:
    if len(message.strip()) > MESSAGE_MAX:
        raise Invalid("too_long", f"a message has {MESSAGE_MAX} characters at most", fields=["message"])


def _key(row: Candidate) -> str:
    """Each time somebody asks is one item; the answered ones stay."""
    return f"candidate:{row.id}:{clock.to_ms(row.created_at)}"


async def _close_item(row: Candidate, *, by: Actor | None = None, now: datetime) -> None:
    await inbox.close(_key(row), now=now, by=by)
