"""After an erasure nothing anywhere says who it was; what only counts still counts; others are not touched."""

import base64
import random
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from piccolo.columns import JSON, Text, Varchar
from piccolo.engine.base import Engine

from estran import piccolo_conf
from estran.access import rules as access_rules
from estran.access import service as access
from estran.access.tables import Account
from estran.actor import Role
from estran.club import manifesto, renewals
from estran.club import service as club
from estran.club.tables import Ambassador, CircleMember
from estran.encoding import b64, unb64
from estran.errors import NotFound, Unauthorized
from estran.events.tables import Feed, Invitee, News, Quiet
from estran.history import service as history
from estran.inbox import service as inbox
from estran.mail import service as mail
from estran.passes import service as passes
from estran.passes import status
from estran.passes.tables import Pass
from estran.privacy import erasure, retention
from estran.privacy import service as privacy
from estran.settings import Settings
from estran.venues.tables import Invited
from estran.visits import queries, snapshot
from estran.visits.tables import Visit
from tests.conftest import FrozenClock
from tests.privacy.conftest import EMAIL, FIRST, LAST, OFFICER, Somebody, dump
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def needles(person: Somebody) -> dict[str, bytes]:
    """What must not be found any more, by what it is."""
    return {
        "first name": FIRST.encode(),
        "last name": LAST.encode(),
        "e-mail": EMAIL.encode(),
        "sub": person.sub.encode(),
        "sub, raw": unb64(person.sub),
        "hash of the e-mail": access_rules.hash_of(access_rules.fold_email(EMAIL)).encode(),
        "key": person.phone.credential.encode(),
    }


def found_in(haystack: bytes, person: Somebody) -> set[str]:
    folded = haystack.lower()
    return {what for what, needle in needles(person).items() if needle in haystack or needle.lower() in folded}


def decoded(value: str) -> bytes:
    """A value and whatever its base64 parts hold: credentials, tokens, letters."""
    parts = [value.encode("utf-8", "surrogatepass")]
    for word in re.findall(r"[A-Za-z0-9_+/-]{16,}", value):
        text = word.replace("+", "-").replace("/", "_")
        parts += [base64.urlsafe_b64decode(text[: len(text) - 1 if len(text) % 4 == 1 else None] + "===")]
    return b"\n".join(parts)


async def where(engine: Engine[Any], person: Somebody) -> set[str]:
    return {
        f"{table}.{column}: {what}"
        for table, rows in (await dump(engine)).items()
        for row in rows
        for column, value in row.items()
        for what in found_in(decoded(value), person)
    }


async def test_nothing_is_left_in_any_column_or_file(
    somebody: Somebody, engine: Engine[Any], settings: Settings, clock: FrozenClock
) -> None:
    before = await where(engine, somebody)
    assert {place.split(":")[0] for place in before} >= {
        "access_account.email", "club_ambassador.first_name", "club_ambassador.sub", "club_comment.text",
        "club_signature.interests", "club_candidate.first_name", "passes_pass.credential", "passes_pass.name",
        "passes_pass.revoked_why", "mail_letter.to_email", "mail_letter.subject", "access_sign_in.email_hash",
        "visits_visit.why", "visits_change.why", "visits_parked_item.body", "venues_venue.paused_why",
        "history_entry.why", "privacy_request.text", "venues_closure.why", "venues_proposal.note",
        "venues_benefit_version.terms", "events_event.title", "events_event.about", "events_event.place",
        "events_event.cancelled_why", "events_slot.note",
    }, "the test would prove nothing"  # fmt: skip
    left = await somebody.browser.post("/api/v1/me/leave")
    assert left.status_code == 200, left.text
    assert await where(engine, somebody) == set()
    assert (await CircleMember.count(), await Invited.count()) == (0, 0)
    assert [await table.count() for table in (Invitee, News, Quiet, Feed)] == [0, 0, 0, 0]

    files = [Path(path) for path in settings.data.rglob("*") if path.is_file()]
    if settings.database.startswith("sqlite:///"):
        database = Path(settings.database.removeprefix("sqlite:///"))
        files += [path for path in database.parent.glob(f"{database.name}*") if not path.name.endswith("-shm")]
    assert files
    assert {(path.name, what) for path in files for what in found_in(path.read_bytes(), somebody)} == set()


async def test_what_only_counts_still_counts(
    somebody: Somebody, till: Scanner, clock: FrozenClock, engine: Engine[Any]
) -> None:
    figures, n_visits = await queries.totals(*YEAR), await Visit.count()
    mandates = await club.mandates_of(somebody.row.id)
    clock.advance(minutes=1)
    await erasure.erase(OFFICER, somebody.row.id, by="officer", why=f"{FIRST} l’a demandé", now=clock())
    assert await queries.totals(*YEAR) == figures
    assert await Visit.count() == n_visits
    rows = await Visit.select(Visit.ambassador_id, Visit.pass_id, Visit.jti, Visit.iat, Visit.nonce, Visit.why)
    assert {value for row in rows for value in row.values()} == {None}
    assert [(row.begins_on, row.ends_on) for row in mandates] == [(date(2026, 1, 1), date(2027, 12, 31))]
    left = [(row.begins_on, row.ends_on) for row in await club.mandates_of(somebody.row.id)]
    assert left == [(date(2026, 1, 1), clock().date())], "they left today, as the years will count"
    kept = await Ambassador.objects().where(Ambassador.id == somebody.row.id).first()
    assert kept is not None
    assert (kept.first_name, kept.last_name, kept.erased_at) == ("", "", clock())
    [last, *_] = await history.entries_about(somebody.row.id)
    assert (last.action, last.actor_id, last.why) == ("privacy.erase", OFFICER.id, "[…] l’a demandé")
    assert not any(item.ambassador_id for item in await inbox.open_items())


async def test_the_pass_is_dead_and_scanners_are_told(
    somebody: Somebody, till: Scanner, town: Town, clock: FrozenClock
) -> None:
    await town.terms(quota=12)
    idx = somebody.phone.fields().idx
    told = await snapshot.snapshot(town.issuer, till.device.id, now=clock())
    assert somebody.sub in str(told.uses)
    await somebody.browser.post("/api/v1/me/leave")
    fresh = await snapshot.snapshot(town.issuer, till.device.id, now=clock())
    assert fresh.version != told.version
    assert somebody.sub not in str(fresh.uses)
    assert status.status_at((await passes.publish_status(now=clock())).lst, idx) == status.REVOKED
    with pytest.raises(Unauthorized, match="not known"):
        await passes.refresh(town.issuer, somebody.phone.show(clock()), now=clock())
    assert (await somebody.browser.get("/api/v1/me")).status_code == 401
    for act in (club.ambassador(somebody.row.id), erasure.erase(OFFICER, somebody.row.id, by="officer", now=clock())):
        with pytest.raises(NotFound):
            await act


async def test_a_visit_that_arrives_later_counts_and_leads_nowhere(
    somebody: Somebody, other_till: Scanner, clock: FrozenClock, engine: Engine[Any]
) -> None:
    late = other_till.scan(somebody.phone.show(clock()), decisions={"why": f"{FIRST} encore"})
    again = dict(late)
    clock.advance(minutes=5)
    await erasure.erase(OFFICER, somebody.row.id, by="officer", now=clock())
    clock.advance(hours=3)
    assert await other_till.state_of(late) == "counted"
    (result,) = (await other_till.hand_in(again)).results
    assert result.result == "duplicate"
    assert await where(engine, somebody) == set()
    row = await Visit.objects().where(Visit.id == UUID(late["id"])).first()
    assert row is not None
    assert {row.ambassador_id, row.pass_id, row.jti, row.why} == {None}


async def test_who_is_something_else_too_stays_that(
    somebody: Somebody, clock: FrozenClock, engine: Engine[Any]
) -> None:
    await access.grant(somebody.account_id, Role.OFFICER)
    await somebody.browser.post("/api/v1/me/leave")
    account = await access.account_of(EMAIL)
    assert account is not None
    assert [row.email for row in await access.holders(Role.OFFICER)] == [EMAIL]
    assert await access.holders(Role.AMBASSADOR, somebody.row.id) == []
    places = {place.split(":")[0] for place in await where(engine, somebody)}
    # What waits to leave for the officer still leaves.
    assert places == {"access_account.email", "access_account.email_folded", "mail_letter.to_email"}
    assert (await somebody.browser.get("/api/v1/me")).status_code == 401


@pytest.fixture
async def others(town: Town) -> list[Phone]:
    return [await town.ambassador(name, "Flot") for name in ("Odile", "Nacre", "Lison")]


@pytest.mark.parametrize("seed", range(6))
async def test_nobody_else_is_touched(
    camille: Phone, others: list[Phone], somebody: Somebody, till: Scanner, clock: FrozenClock, engine: Any, seed: int
) -> None:
    """A random club around him: what the others have, they have afterwards, row for row."""
    chance = random.Random(seed)
    for _ in range(12):
        clock.advance(hours=chance.randint(1, 90))
        who = chance.choice([camille, *others, somebody.phone])
        await till.hand_in(till.scan(who.show(clock()), companions=chance.randint(0, 3)))
        if chance.random() < 0.3:
            await club.add_mandate(
                OFFICER,
                who.owner.id,
                clock().date(),
                clock().date() + timedelta(days=chance.randint(0, 99)),
                now=clock(),
            )
    theirs = {str(value) for one in [camille, *others] for value in (one.owner.id, one.owner.account_id)}

    def of_others(rows: dict[str, list[dict[str, Any]]]) -> list[tuple[str, Any]]:
        return sorted(
            (table, tuple(row.items())) for table, found in rows.items() for row in found if theirs & set(row.values())
        )

    before = of_others(await dump(engine))
    assert len(before) > 12
    await erasure.erase(OFFICER, somebody.row.id, by="officer", now=clock())
    assert of_others(await dump(engine)) == before
    assert await where(engine, somebody) == set()


MEANT = {
    "access_account.email", "access_account.email_folded", "access_grant.role", "club_candidate.email",
    "club_identity.photo_credits", "club_identity.photo_reuse", "club_logo.content", "club_manifesto.body",
    "club_signature.interests", "history_entry.details", "inbox_item.details", "mail_letter.calendar",
    "mail_letter.html", "mail_letter.text", "mail_letter.unsubscribe", "passes_pass.credential", "passes_signing_key.jwk",
    "passes_status_list.lst", "visits_change.details",
}  # fmt: skip
"""Long texts that are not written freely about somebody, or go whole with their row."""


def test_every_long_text_is_looked_through_or_known() -> None:
    """A new column in which one may write what one likes must not be forgotten by the erasure."""
    looked_through = {f"{table._meta.tablename}.{column._meta.name}" for table, column in erasure.FREE_TEXTS}
    found = {
        f"{table._meta.tablename}.{column._meta.name}"
        for app in piccolo_conf.APP_REGISTRY.app_configs.values()
        for table in app.table_classes
        for column in table._meta.columns
        if isinstance(column, Text | JSON) and not isinstance(column, Varchar)
    }
    assert found - looked_through - MEANT == set()
    short = {
        "venues_closure.why",
        "events_event.title",
        "events_event.title_en",
        "events_event.place",
        "events_event.place_en",
        "events_slot.note",
    }
    assert looked_through <= found | short, "short, and free all the same"


async def test_an_account_that_is_nobodys_cannot_be_entered(somebody: Somebody, clock: FrozenClock) -> None:
    await erasure.erase(OFFICER, somebody.row.id, by="officer", now=clock())
    [nobody] = await Account.objects().where(Account.email == "")
    assert nobody.email_folded == f"erased:{nobody.id}"
    assert await access.account_of("") is None
    assert await access.account_of(nobody.email_folded) is not None, "but no letter goes there"
    with pytest.raises(Exception, match="e-mail address"):
        await access.ensure_account(nobody.email_folded, now=clock())


# --- what a fresh pair of eyes found ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "text", "left"),
    [
        ("Thi", "Le", "Le musée a mal noté le prénom, dit Thi Le", "Le musée a mal noté le prénom, dit […]"),
        ("Rose", "Petit", "Mme Petit-Varech a offert une rose", "Mme Petit-Varech a offert une rose"),
        ("Rose", "Petit", "Petit Rose, rose.petit@x.fr", "[…], […]"),
        ("A", "-", "Un mot - deux mots", "Un mot - deux mots"),
        ("Théodule", "Lefèvre", "THEODULE LEFEVRE, puis The\u0301odule  Lefe\u0300vre", "[…], puis […]  […]"),
        ("Théodule", "Lefèvre", "M. Lefevre a froid", "M. […] a froid"),
    ],
)
def test_names_are_found_as_they_are_typed_and_words_are_left_alone(
    first: str, last: str, text: str, left: str
) -> None:
    assert erasure._Names(first, last, "rose.petit@x.fr").taken_out_of(text, lone=True) == left


def test_in_somebody_elses_own_words_only_the_whole_name_goes() -> None:
    names = erasure._Names("Rose", "Petit", "rose.petit@x.fr")
    assert names.taken_out_of("Petit mot pour Rose, Rose Petit", lone=False) == "Petit mot pour Rose, […]"


async def test_what_waited_for_an_answer_waits_no_more(somebody: Somebody) -> None:
    assert {"rights_request", "letter_bounced"} <= {item.kind for item in await inbox.open_items()}
    await somebody.browser.post("/api/v1/me/leave")
    assert {item.kind for item in await inbox.open_items()} & {"rights_request", "letter_bounced"} == set()


async def test_a_letter_in_flight_does_not_leave(somebody: Somebody, settings: Settings, clock: FrozenClock) -> None:
    """The sender had read it before the erasure."""
    letter = await mail.write("x", EMAIL, "x", "x", "x", now=clock(), subject_id=somebody.account_id)
    await erasure.erase(OFFICER, somebody.row.id, by="officer", now=clock())
    assert not await mail.postpone(letter.id, until=clock(), tries=1)


async def test_a_former_address_leaves_nothing_behind(
    somebody: Somebody, engine: Engine[Any], clock: FrozenClock
) -> None:
    await club.edit_ambassador(
        OFFICER, somebody.row.id, first_name=FIRST, last_name=LAST, email="new@example.org", now=clock()
    )
    assert not [letter for letter in await mail.letters() if letter.to_email == EMAIL]
    assert not any(item.kind == "letter_bounced" for item in await inbox.open_items())
    tables = {place.split(".")[0] for place in await where(engine, somebody)}
    assert not {table for table in tables if table.startswith(("access_", "mail_", "inbox_"))}


async def test_nothing_is_added_about_somebody_who_is_gone(somebody: Somebody, clock: FrozenClock) -> None:
    await erasure.erase(OFFICER, somebody.row.id, by="officer", now=clock())
    for act in (
        manifesto.sign(OFFICER, somebody.row.id, somebody.manifesto.id, "", now=clock()),
        manifesto.mark_read(OFFICER, somebody.row.id, somebody.manifesto.id, now=clock()),
        privacy.ask(OFFICER, somebody.row.id, "object", "x", now=clock()),
        renewals.wish(OFFICER, somebody.row.id, "yes", now=clock()),
    ):
        with pytest.raises(NotFound):
            await act
    await passes.note_proofs([b64(somebody.phone.fields().jti)], now=clock())
    assert not await Pass.exists().where(Pass.seen_at.is_not_null(), Pass.ambassador_id == somebody.row.id)


@pytest.mark.parametrize("path", ["requests", "manifesto/{id}/sign"])
async def test_what_cannot_be_seen_is_left_out(somebody: Somebody, path: str) -> None:
    body = {"kind": "object", "text": "a\u0000b\u202e", "interests": "a\u0000b"}
    answer = await somebody.browser.post(f"/api/v1/me/{path.format(id=somebody.manifesto.id)}", json=body)
    assert answer.status_code in {200, 201}
    assert "\u0000" not in (await somebody.browser.get("/api/v1/me/data")).text


async def test_one_code_counts_once_in_a_batch_of_somebody_who_is_gone(
    somebody: Somebody, till: Scanner, clock: FrozenClock
) -> None:
    shown = somebody.phone.show(clock())
    await erasure.erase(OFFICER, somebody.row.id, by="officer", now=clock())
    results = (await till.hand_in(till.scan(shown), till.scan(shown))).results
    assert [one.state for one in results] == ["counted", "rejected"]


async def test_the_log_is_not_waited_for(somebody: Somebody, engine: Engine[Any], clock: FrozenClock) -> None:
    """Somebody reads (a backup): the erasure is done, and the next chore empties the log."""
    from estran import db  # noqa: PLC0415

    if not isinstance(engine, db.LoopSQLiteEngine):
        return
    reader = engine._connect()
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM access_account").fetchall()
    await erasure.erase(OFFICER, somebody.row.id, by="officer", now=clock())
    assert not await db.scrub()
    reader.close()
    await retention.run(now=clock())
    assert await db.scrub()


async def test_a_new_mandate_saves_somebody_who_was_due(somebody: Somebody, clock: FrozenClock) -> None:
    limit = clock() + timedelta(days=900)
    assert somebody.row.id in await retention._people_due(limit)
    await club.add_mandate(OFFICER, somebody.row.id, limit.date(), limit.date() + timedelta(days=9), now=clock())
    await retention._erase_people([somebody.row.id], limit, clock())
    assert (await club.ambassador(somebody.row.id)).first_name == FIRST
