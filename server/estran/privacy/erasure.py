"""Erasure (RGPD art. 17): a person is anonymised in place, their visits are cut from them, and scanners are told.

One transaction over every room that holds something about people. What is left of somebody: the days of their mandates, the
places of their passes in the status list, and visits that nothing ties together any more.
"""

import re
from datetime import datetime
from uuid import UUID

from piccolo.columns import Column
from piccolo.table import Table

from estran import db
from estran.access import rules as access_rules
from estran.access import service as access
from estran.actor import Actor
from estran.club import service as club
from estran.club.tables import Ambassador, Candidate, Comment
from estran.history import service as history
from estran.history.tables import Entry
from estran.inbox import service as inbox
from estran.mail import service as mail
from estran.passes import service as passes
from estran.passes.tables import Pass
from estran.privacy.tables import Request
from estran.venues.tables import Venue
from estran.visits import service as visits
from estran.visits.tables import Change, ParkedItem, Visit

FREE_TEXTS: tuple[tuple[type[Table], Column], ...] = (
    (Entry, Entry.why),
    (Ambassador, Ambassador.paused_why),
    (Candidate, Candidate.message),
    (Comment, Comment.text),
    (Pass, Pass.revoked_why),
    (Venue, Venue.paused_why),
    (Visit, Visit.why),
    (Change, Change.why),
    (ParkedItem, ParkedItem.body),
    (Request, Request.text),
    (Request, Request.answer),
)
"""Where people write what they like, and thus perhaps a name. Every other text column has a meaning of its own."""
TAKEN_OUT = "[…]"


async def erase(actor: Actor, ambassador_id: UUID, *, by: str, why: str | None = None, now: datetime) -> None:
    """This person is erased and their pass is dead; `by`: self, officer or retention. Raises NotFound.

    What scanners know of them ends with their next news; names leave a scanner at midnight anyway.
    """
    await _erase(actor, ambassador_id, by=by, why=why, now=now)
    await passes.publish_status(now=now)
    await db.scrub()


@db.writes
async def _erase(actor: Actor, ambassador_id: UUID, *, by: str, why: str | None, now: datetime) -> None:
    person = await club.ambassador(ambassador_id)
    account = await access.account(person.account_id)
    names = (f"{person.first_name} {person.last_name}", person.last_name, person.first_name, account.email)
    theirs = await visits.forget(ambassador_id)
    await passes.forget(ambassador_id, now=now)
    await club.forget(ambassador_id, now=now)
    await mail.forget([account.id, ambassador_id], account.email)
    is_gone = await access.forget(account.id, ambassador_id)
    subjects = [ambassador_id, *theirs]
    await history.forget([*subjects, account.id] if is_gone else subjects, [account.id] if is_gone else [])
    await inbox.forget(ambassador_id, [ambassador_id, account.id] if is_gone else [ambassador_id])
    await Request.delete().where(Request.ambassador_id == ambassador_id)
    for candidate in await Candidate.select(Candidate.id, Candidate.email):
        if access_rules.fold_email(candidate["email"]) == account.email_folded:
            await Candidate.delete().where(Candidate.id == candidate["id"])
    pattern = _pattern(names)
    await _take_out(pattern)
    author = Actor(kind=actor.kind, id=None) if is_gone and actor.id == account.id else actor
    why = pattern.sub(TAKEN_OUT, why) if why else None
    await history.record(author, "privacy.erase", "ambassador", ambassador_id, now=now, why=why, details={"by": by})


def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these names as whole words, the longest first."""
    known = sorted({name for name in names if name.strip()}, key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in known), re.IGNORECASE)


async def _take_out(pattern: re.Pattern[str]) -> None:
    """Take these names out of everything that was written freely."""
    for table, column in FREE_TEXTS:
        key = table._meta.primary_key  # noqa: SLF001 - Piccolo has no public name for it
        for row in await table.select(key, column).where(column.is_not_null(), column != ""):
            text = row[column._meta.name]  # noqa: SLF001
            cleaned = pattern.sub(TAKEN_OUT, text)
            if cleaned != text:
                await table.update({column: cleaned}).where(key == row["id"])
