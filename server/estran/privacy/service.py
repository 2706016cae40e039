"""What the data protection officer has chosen, and what people ask for by right."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from estran.access import service as access
from estran.actor import Actor
from estran.club import service as club
from estran.club.rules import clean_words
from estran.db import writes
from estran.errors import Invalid, NotFound, TooMany
from estran.history import service as history
from estran.inbox import service as inbox
from estran.mail import letters
from estran.mail import service as mail
from estran.mail.letters import Letterhead
from estran.privacy.rules import PERIODS, TREATMENTS, Basis, Period
from estran.privacy.tables import Choice, Request
from estran.texts import t

KINDS = ("correct", "object")
TEXT_MAX = 2000
OPEN_MAX = 10
"""Of one person at a time: more would only bury the first."""


# --- choices ----------------------------------------------------------------------------------------------------------


async def kept() -> dict[str, int]:
    """How long each period's data is kept now, in the period's own unit, by key."""
    chosen = await _chosen("keep.")
    return {key: int(chosen.get(key, period.default)) for key, period in PERIODS.items()}


def kept_words(period: Period, n: int, lang: str) -> str:
    """A keeping time in words, `n` of the period's units: `24 mois`, `30 days`."""
    return t(lang, f"privacy.kept.{period.unit}", n=n) if n else t(lang, "privacy.kept.none")


async def bases() -> dict[str, Basis]:
    """The legal basis of each treatment now, by key."""
    chosen = await _chosen("basis.")
    return {one.key: Basis(chosen.get(one.key, one.basis)) for one in TREATMENTS}


async def _chosen(prefix: str) -> dict[str, str]:
    rows = await Choice.objects().where(Choice.key.like(f"{prefix}%"))
    return {row.key.removeprefix(prefix): row.value for row in rows}


@writes
async def choose(actor: Actor, *, kept: Mapping[str, int], bases: Mapping[str, Basis], now: datetime) -> None:
    """Keep these times and bases from now on. Raises Invalid outside a period's bounds or a treatment's bases."""
    bad = [key for key, value in kept.items() if not PERIODS[key].least <= value <= PERIODS[key].most]
    bad += [one.key for one in TREATMENTS if one.key in bases and bases[one.key] not in one.bases]
    if bad:
        raise Invalid("bad_choice", "outside what may be chosen", fields=bad)
    wanted = {f"keep.{key}": str(value) for key, value in kept.items()}
    wanted |= {f"basis.{key}": basis.value for key, basis in bases.items()}
    known = {row.key: row for row in await Choice.objects()}
    defaults = {f"keep.{key}": str(period.default) for key, period in PERIODS.items()}
    defaults |= {f"basis.{one.key}": one.basis.value for one in TREATMENTS}
    changed: dict[str, list[str]] = {}
    for key, value in wanted.items():
        before = known[key].value if key in known else defaults[key]
        if before == value:
            continue
        changed[key] = [before, value]
        row = known.get(key) or Choice(id=uuid4(), key=key, value=value)
        row.value = value
        await row.save()
    if changed:
        await history.record(actor, "privacy.choose", "club", None, now=now, details=changed)


# --- requests ---------------------------------------------------------------------------------------------------------


async def requests_of(ambassador_id: UUID) -> list[Request]:
    """What this person has asked for, newest first."""
    return await Request.objects().where(Request.ambassador_id == ambassador_id).order_by(Request.at, ascending=False)


async def request(request_id: UUID) -> Request:
    """That request; raises NotFound."""
    row = await Request.objects().where(Request.id == request_id).first()
    if row is None:
        raise NotFound("unknown_request", "no such request")
    return row


@writes
async def ask(actor: Actor, ambassador_id: UUID, kind: str, text: str, *, now: datetime) -> Request:
    """Ask for a correction (`correct`) or object (`object`); the office finds it in its inbox.

    The same words while the first wait are one request. Raises Invalid, TooMany beyond ten that wait.
    """
    text = clean_words(text)
    await club.ambassador(ambassador_id)  # in the same transaction: they may be leaving
    bad = [field for field, is_good in (("kind", kind in KINDS), ("text", 1 <= len(text) <= TEXT_MAX)) if not is_good]
    if bad:
        raise Invalid("bad_request_text", "say in 1 to 2000 characters what you ask for", fields=bad)
    waiting = [row for row in await requests_of(ambassador_id) if row.answered_at is None]
    for row in waiting:
        if (row.kind, row.text) == (kind, text):
            return row
    if len(waiting) >= OPEN_MAX:
        raise TooMany("too_many_asked", "ten of your requests wait already: speak to the office")
    made = Request(id=uuid4(), ambassador_id=ambassador_id, kind=kind, text=text, at=now)
    await made.save()
    await history.record(actor, "privacy.ask", "ambassador", ambassador_id, now=now, details={"kind": kind})
    await inbox.drop(
        "rights_request",
        key=f"rights_request:{made.id}",
        now=now,
        subject_kind="request",
        subject_id=made.id,
        ambassador_id=ambassador_id,
        details={"kind": kind},
    )
    return made


@writes
async def answer(actor: Actor, request_id: UUID, text: str, head: Letterhead, *, now: datetime) -> Request:
    """The request with the office's answer, which its author reads among their data, as a letter tells them.

    The first answer stays. Raises NotFound.
    """
    row = await request(request_id)
    if row.answered_at is None:
        row.answered_at, row.answer = now, text
        await row.save()
        await history.record(actor, "privacy.answer", "ambassador", row.ambassador_id, now=now)
        await inbox.close(f"rights_request:{row.id}", now=now, by=actor)
        person = await club.ambassador(row.ambassador_id)
        account = await access.account(person.account_id)
        letter = letters.answered(head, first_name=person.first_name)
        await mail.post(letter, account.email, now=now, subject_id=account.id)
    return row
