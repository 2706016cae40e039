"""Erasure (RGPD art. 17): a person is anonymised in place, their visits are cut from them, and scanners are told.

One transaction over every room that holds something about people. What is left of somebody: the days of their mandates, the
places of their passes in the status list, and visits that nothing ties together any more.
"""

import re
import unicodedata
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
from estran.events import planning, sums
from estran.events.tables import Event, Slot
from estran.history import service as history
from estran.history.tables import Entry
from estran.inbox import service as inbox
from estran.mail import service as mail
from estran.passes import service as passes
from estran.passes.tables import Pass
from estran.privacy.tables import Request
from estran.venues import invited
from estran.venues.tables import BenefitVersion, Closure, Proposal, Venue
from estran.venues.terms import read as read_terms
from estran.visits import arrivals, intake
from estran.visits import service as visits
from estran.visits.tables import Change, ParkedItem, Visit

OWN_WORDS: tuple[tuple[type[Table], Column], ...] = (
    (Candidate, Candidate.message),
    (Comment, Comment.text),
    (Request, Request.text),
    (BenefitVersion, BenefitVersion.terms),
    (Proposal, Proposal.terms),
    (Event, Event.title),
    (Event, Event.title_en),
    (Event, Event.about),
    (Event, Event.about_en),
    (Event, Event.place),
    (Event, Event.place_en),
    (Event, Event.access),
    (Event, Event.access_en),
    (Event, Event.bring),
    (Event, Event.bring_en),
    (Slot, Slot.note),
)
"""What somebody else wrote for themselves, or for everybody to read: only a whole name or the address is taken out of it."""
STAFF_WORDS: tuple[tuple[type[Table], Column], ...] = (
    (Entry, Entry.why),
    (Ambassador, Ambassador.paused_why),
    (Pass, Pass.revoked_why),
    (Venue, Venue.paused_why),
    (Visit, Visit.why),
    (Change, Change.why),
    (ParkedItem, ParkedItem.body),
    (Request, Request.answer),
    (Proposal, Proposal.note),
    (Closure, Closure.why),
    (Event, Event.cancelled_why),
    (Event, Event.thanks),
)
"""Reasons and answers, in which people are called by one of their names: a lone one is taken out, too."""
FREE_TEXTS = (*OWN_WORDS, *STAFF_WORDS)
"""Where people write what they like, and thus perhaps a name. Every other text column has a meaning of its own."""
TAKEN_OUT = "[…]"
LONE_NAME_LEAST = 4
"""A shorter name ("An", "Le") is an ordinary word too often."""


async def erase(actor: Actor, ambassador_id: UUID, *, by: str, why: str | None = None, now: datetime) -> None:
    """This person is erased and their pass is dead; `by`: self, officer or retention. Raises NotFound.

    What scanners know of them ends with their next news; names leave a scanner at midnight anyway.
    """
    await erase_rows(actor, ambassador_id, by=by, why=why, now=now)
    await tell(now=now)


async def tell(*, now: datetime) -> None:
    """What follows an erasure: scanners are told, and neither memory nor the database's files hold what was deleted."""
    await passes.publish_status(now=now)
    intake.forget_credentials()
    read_terms.cache_clear()
    await db.scrub()


@db.writes
async def erase_rows(actor: Actor, ambassador_id: UUID, *, by: str, why: str | None = None, now: datetime) -> None:
    """The rows alone, in one transaction; `tell` afterwards. Raises NotFound."""
    person = await club.ambassador(ambassador_id)
    account = await access.account(person.account_id)
    await sums.keep_of(ambassador_id, await arrivals.presences_of(ambassador_id), now=now)
    await planning.forget(ambassador_id, now=now)
    theirs = await visits.forget(ambassador_id)
    await passes.forget(ambassador_id, now=now)
    await club.forget(ambassador_id, now=now)
    await invited.forget(ambassador_id)
    is_gone = await access.forget(account.id, ambassador_id)
    await mail.forget([account.id, ambassador_id], account.email, left_only=not is_gone)
    asked = await Request.select(Request.id).where(Request.ambassador_id == ambassador_id).output(as_list=True)
    subjects = [ambassador_id, *theirs, *([account.id] if is_gone else [])]
    await history.forget(subjects, account.id, everywhere=is_gone)
    await inbox.forget(ambassador_id, [ambassador_id, *asked, *([account.id] if is_gone else [])])
    await Request.delete().where(Request.ambassador_id == ambassador_id)
    await _forget_candidates(account.email_folded)
    names = _Names(person.first_name, person.last_name, account.email)
    await _take_out(names)
    author = Actor(kind=actor.kind, id=None) if actor.id == account.id else actor
    why = names.taken_out_of(why, lone=True) if why else None
    await history.record(author, "privacy.erase", "ambassador", ambassador_id, now=now, why=why, details={"by": by})


async def _forget_candidates(email_folded: str) -> None:
    """Whatever the same address had asked for before it was admitted, or noted of it."""
    rows = await Candidate.select(Candidate.id, Candidate.email)
    ids = [row["id"] for row in rows if access_rules.fold_email(row["email"]) == email_folded]
    if ids:
        await Candidate.delete().where(Candidate.id.is_in(ids))
        await inbox.forget_subjects(ids)


class _Names:
    """Finds somebody's names in what others wrote, however they were typed: without accents, in capitals."""

    def __init__(self, first: str, last: str, email: str) -> None:
        whole = [f"{first} {last}", f"{last} {first}", email]
        lone = [name for name in (first, last) if len(name) >= LONE_NAME_LEAST]
        self._whole = _pattern(whole)
        self._lone = _pattern([*whole, *lone])

    def taken_out_of(self, text: str, *, lone: bool) -> str:
        """The text with the whole name and the address replaced; with `lone`, each name by itself where it begins as a name."""
        folded, places = _folded(text)
        cleaned, done = "", 0
        for found in (self._lone if lone else self._whole).finditer(folded):
            first, last = places[found.start()], places[found.end() - 1] + 1
            if lone and not text[first].isupper() and "@" not in found[0]:
                continue  # "une rose" is no Rose
            while last < len(text) and unicodedata.combining(text[last]):
                last += 1
            cleaned, done = cleaned + text[done:first] + TAKEN_OUT, last
        return cleaned + text[done:]


def _pattern(names: list[str]) -> re.Pattern[str]:
    """Any of these names as whole words, the longest first; a hyphen belongs to its word."""
    known = sorted({_folded(name)[0] for name in names if name.strip()}, key=len, reverse=True)
    return re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in known) or r"(?!)")


def _folded(text: str) -> tuple[str, list[int]]:
    """The text in small letters without accents, and where in the text each of its characters stood."""
    folded, places = [], []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFD", character.casefold()):
            if not unicodedata.combining(part):
                folded.append(part)
                places.append(place)
    return "".join(folded), places


async def _take_out(names: _Names) -> None:
    """Take these names out of everything that was written freely."""
    for table, column in FREE_TEXTS:
        lone = (table, column) in STAFF_WORDS
        key = table._meta.primary_key  # noqa: SLF001 - Piccolo has no public name for it
        for row in await table.select(key, column).where(column.is_not_null(), column != ""):
            text = row[column._meta.name]  # noqa: SLF001
            cleaned = names.taken_out_of(text, lone=lone)
            if cleaned != text:
                await table.update({column: cleaned}).where(key == row["id"])
