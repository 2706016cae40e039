"""Mandates that run out: two letters before the end, what the person wishes, and the mandate that follows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from estran import clock
from estran.access import service as access
from estran.actor import SYSTEM, Actor
from estran.club import rules, service
from estran.club.rules import Term
from estran.club.tables import Ambassador, Mandate
from estran.db import writes
from estran.errors import Conflict, Invalid, NotFound
from estran.history import service as history
from estran.inbox import service as inbox
from estran.mail import letters
from estran.mail import service as mail
from estran.mail.letters import Letterhead

WISHES = ("yes", "no")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """A mandate with which somebody's membership ends, soon or not long ago."""

    person: Ambassador
    mandate: Mandate
    days_left: int
    """Negative once it is over."""

    @property
    def is_due(self) -> bool:
        """Whether the officer should do something now: it ends within 30 days, or somebody who wishes to go on may not."""
        if self.days_left < 0:
            return self.mandate.wish == "yes"
        return self.days_left <= rules.REMINDER_DAYS[0] and self.mandate.wish != "no"


async def endings(*, now: datetime) -> list[Ending]:
    """Mandates that end within 60 days or ended within the last 60, and that none follows; the first to end first."""
    today = clock.local_day(now, await service.zone())
    people = {person.id: person for person in await service.ambassadors()}
    found = []
    for person_id, mandates in (await _mandates(people)).items():
        mandate = _running_out(mandates, today) or _lately_over(mandates, today)
        if mandate is not None and abs((mandate.ends_on - today).days) <= rules.RENEWAL_DAYS:
            found.append(Ending(people[person_id], mandate, (mandate.ends_on - today).days))
    return sorted(found, key=lambda ending: (ending.days_left, ending.person.last_name, ending.person.first_name))


async def open_for(ambassador_id: UUID, *, now: datetime) -> Mandate | None:
    """The mandate whose renewal this person may speak of: it runs, and ends within 60 days with nothing after it."""
    today = clock.local_day(now, await service.zone())
    mandate = _running_out(await service.mandates_of(ambassador_id), today)
    return mandate if mandate is not None and (mandate.ends_on - today).days <= rules.RENEWAL_DAYS else None


async def _mandates(people: Iterable[UUID]) -> Mapping[UUID, list[Mandate]]:
    found: dict[UUID, list[Mandate]] = {person_id: [] for person_id in people}
    rows = await Mandate.objects().where(Mandate.ambassador_id.is_in(list(found))) if found else []
    for row in rows:
        found[row.ambassador_id].append(row)
    return found


def _running_out(mandates: Iterable[Mandate], today: date) -> Mandate | None:
    by_term = _by_term(mandates)
    term = rules.running_out(list(by_term), today)
    return by_term[term] if term else None


def _lately_over(mandates: Iterable[Mandate], today: date) -> Mandate | None:
    """The last mandate, when it is over."""
    by_term = _by_term(mandates)
    last = max(by_term, key=lambda term: term.ends_on, default=None)
    return by_term[last] if last and last.ends_on < today else None


def _by_term(mandates: Iterable[Mandate]) -> dict[Term, Mandate]:
    """Of two mandates with the same days the one that was made first."""
    in_order = sorted(mandates, key=lambda row: (row.created_at, row.id), reverse=True)
    return {Term(row.begins_on, row.ends_on): row for row in in_order}


# --- letters ----------------------------------------------------------------------------------------------------------


async def remind(head: Letterhead, *, now: datetime) -> int:
    """Write to those whose mandate runs out: once 30 days before its end and once 15; how many letters were written.

    Nobody paused, nobody with a mandate that follows. Each letter is a transaction of its own.
    """
    today = clock.local_day(now, await service.zone())
    people = [person.id for person in await service.ambassadors() if person.paused_at is None]
    running_out = [_running_out(mandates, today) for mandates in (await _mandates(people)).values()]
    return sum(
        [await _remind(mandate.id, head, now=now) for mandate in running_out if mandate and _due(mandate, today)]
    )


def _due(mandate: Mandate, today: date) -> int | None:
    warned = [days for days in rules.REMINDER_DAYS if getattr(mandate, f"warned_{days}_at") is not None]
    return rules.reminder_due(Term(mandate.begins_on, mandate.ends_on), today, warned=warned)


@writes
async def _remind(mandate_id: UUID, head: Letterhead, *, now: datetime) -> bool:
    """Whether a letter was written: asked again inside the transaction, so that two chores at once write one."""
    zone = await service.zone()
    today = clock.local_day(now, zone)
    mandate = await _mandate(mandate_id)
    days = _due(mandate, today)
    if days is None:
        return False
    person = await service.ambassador(mandate.ambassador_id)
    account = await access.account(person.account_id)
    letter = letters.renewal(
        head,
        first_name=person.first_name,
        last_day=mandate.ends_on,
        days_left=(mandate.ends_on - today).days,
        has_answered=mandate.wish is not None,
    )
    await mail.post(
        letter,
        account.email,
        now=now,
        subject_id=account.id,
        expires_at=clock.end_of_day(mandate.ends_on, zone),
    )
    setattr(mandate, f"warned_{days}_at", now)
    await mandate.save()
    await history.record(SYSTEM, "club.remind", "ambassador", person.id, now=now, details={"days": days})
    return True


async def _mandate(mandate_id: UUID) -> Mandate:
    row = await Mandate.objects().where(Mandate.id == mandate_id).first()
    if row is None:
        raise NotFound("unknown_mandate", "no such mandate")
    return row


# --- wishes, and the mandate that follows -----------------------------------------------------------------------------


@writes
async def wish(actor: Actor, ambassador_id: UUID, wish: str, *, now: datetime) -> None:
    """Whether this person goes on after the mandate, "yes" or "no"; the officer is told. The same again changes nothing.

    Raises Invalid, and Conflict `no_renewal` when no mandate of theirs ends within 60 days.
    """
    if wish not in WISHES:
        raise Invalid("bad_wish", "answer yes or no", fields=["wish"])
    await service.ambassador(ambassador_id)
    mandate = await open_for(ambassador_id, now=now)
    if mandate is None:
        raise Conflict("no_renewal", "no mandate of yours ends within 60 days")
    if mandate.wish == wish:
        return
    await _close_item(mandate, now=now)
    mandate.wish, mandate.wish_at = wish, now
    await mandate.save()
    await history.record(actor, "club.wish", "ambassador", ambassador_id, now=now, details={"wish": wish})
    await inbox.drop(
        "renewal_wish",
        key=_key(mandate, now),
        now=now,
        subject_kind="ambassador",
        subject_id=ambassador_id,
        ambassador_id=ambassador_id,
        details={"wish": wish},
    )


@writes
async def renew(actor: Actor, mandate_id: UUID, *, now: datetime) -> Mandate | None:
    """A mandate that follows this one, as long as the house rules say; None when one does already.

    Without a gap while this one runs; from today on when it is over: nobody was a member in between.

    Raises NotFound. Publish the status list afterwards.
    """
    mandate = await _mandate(mandate_id)
    person = await service.ambassador(mandate.ambassador_id)
    if person.erased_at is not None:
        raise NotFound("unknown_mandate", "no such mandate")
    begins_on = max(mandate.ends_on + DAY, clock.local_day(now, await service.zone()))
    if any(row.begins_on <= begins_on <= row.ends_on for row in await service.mandates_of(person.id)):
        return None
    await _close_item(mandate, by=actor, now=now)
    months = (await service.house()).mandate_months
    return await service.add_mandate(actor, person.id, begins_on, rules.last_day(begins_on, months), now=now)


def _key(mandate: Mandate, at: datetime) -> str:
    """Each answer is one item, and only the last one is open."""
    return f"renewal_wish:{mandate.id}:{clock.to_ms(at)}"


async def _close_item(mandate: Mandate, *, by: Actor | None = None, now: datetime) -> None:
    if mandate.wish_at is not None:
        await inbox.close(_key(mandate, mandate.wish_at), now=now, by=by)
