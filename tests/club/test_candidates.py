import asyncio
from datetime import date, datetime
from uuid import uuid4

import pytest

from estran.access import service as access
from estran.actor import SYSTEM, Role
from estran.club import candidates
from estran.club import service as club
from estran.club.tables import Candidate
from estran.errors import Invalid, NotFound, TooMany
from estran.history import service as history
from estran.inbox import service as inbox
from tests.conftest import FrozenClock

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]
TERM = (date(2026, 6, 15), date(2027, 6, 14))


async def apply(now: datetime, **changes: str) -> Candidate:
    said = {"first_name": "Noé", "last_name": "Cabestan", "email": "noe@example.org", "message": "J’aime la mer."}
    await candidates.apply(**(said | changes), now=now)
    return next(one for one in await candidates.candidates() if one.email == (said | changes)["email"].strip())


async def actions(row: Candidate) -> list[str]:
    return [entry.action for entry in await history.entries_about(row.id)]


async def test_who_asks_waits_and_the_officer_is_told_without_a_name(now: datetime) -> None:
    row = await apply(now)
    assert (row.source, row.message) == ("form", "J’aime la mer.")
    assert row.contacted_at is None
    [item] = await inbox.open_items()
    assert (item.kind, item.subject_kind, item.subject_id) == ("candidate", "candidate", row.id)
    assert item.details == {}
    [entry] = await history.entries_about(row.id)
    assert (entry.action, entry.details, entry.why) == ("club.apply", {}, None)


async def test_the_same_address_waits_once_with_its_newest_words(clock: FrozenClock) -> None:
    first = await apply(clock())
    await apply(clock())  # an impatient finger
    assert await actions(first) == ["club.apply"]
    await candidates.mark_contacted(SYSTEM, first.id, now=clock())
    again = clock.advance(days=3)
    await candidates.apply(
        first_name="Noé", last_name="Cabestan", email=" NOE@example.org", message="Toujours partant.", now=again
    )
    [row] = await candidates.candidates()
    assert (row.id, row.message, row.created_at) == (first.id, f"{first.message}\n\nToujours partant.", again)
    await candidates.apply(first_name="Noé", last_name="Cabestan", email="noe@example.org", message="", now=again)
    assert (await candidates.candidate(first.id)).message == row.message, "an empty message takes nothing away"
    assert row.contacted_at is None
    assert len(await inbox.open_items()) == 1
    await candidates.apply(first_name="Un", last_name="Autre", email="noe@example.org", message="Moi !", now=again)
    assert len(await candidates.candidates()) == 2, "anybody can type anybody's address: nobody's words are replaced"


async def test_fifty_may_wait_from_the_form_and_no_more(now: datetime) -> None:
    for index in range(candidates.FORM_MOST):
        await apply(now, email=f"a{index}@example.org")
    with pytest.raises(TooMany, match="too_many_candidates"):
        await apply(now)
    await apply(now, email="a7@example.org", message="Un mot de plus")  # who waits already may add to it
    await candidates.note(SYSTEM, first_name="Lison", last_name="Goémon", now=now)
    assert len(await candidates.candidates()) == candidates.FORM_MOST + 1


@pytest.mark.parametrize(
    "changes", [{"first_name": " "}, {"last_name": "x" * 61}, {"email": "noe"}, {"email": ""}, {"message": "x" * 1001}]
)
async def test_what_cannot_be_used_is_refused(now: datetime, changes: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        await apply(now, **changes)
    assert await candidates.candidates() == []
    assert await inbox.count_open() == 0


async def test_the_officer_notes_somebody_even_without_an_address_and_twice_is_once(now: datetime) -> None:
    row = await candidates.note(SYSTEM, first_name="Lison", last_name="Goémon", message="Vue au marché", now=now)
    assert (row.source, row.email) == ("officer", "")
    assert (await candidates.note(SYSTEM, first_name=" Lison", last_name="Goémon ", now=now)).id == row.id
    assert await inbox.count_open() == 0
    with pytest.raises(Invalid, match="bad_email"):
        await candidates.note(SYSTEM, first_name="Lison", last_name="Goémon", email="lison", now=now)
    with pytest.raises(Invalid, match="too_long"):
        await candidates.note(SYSTEM, first_name="Lison", last_name="Goémon", message="x" * 1001, now=now)


async def test_contacting_settles_the_item_once(clock: FrozenClock) -> None:
    row = await apply(clock())
    await candidates.mark_contacted(SYSTEM, row.id, now=clock.advance(hours=1))
    await candidates.mark_contacted(SYSTEM, row.id, now=clock.advance(hours=1))
    assert (await actions(row)).count("club.contact_candidate") == 1
    assert await inbox.count_open() == 0


async def test_who_is_declined_is_deleted_and_the_history_has_no_name(now: datetime) -> None:
    row = await apply(now)
    await candidates.decline(SYSTEM, row.id, "Habite trop loin", now=now)
    assert await candidates.candidates() == []
    assert await inbox.count_open() == 0
    [entry] = [entry for entry in await history.entries_about(row.id) if entry.action == "club.decline"]
    assert (entry.why, entry.details) == ("Habite trop loin", {})
    assert await candidates.became(row.id) is None
    with pytest.raises(NotFound):
        await candidates.decline(SYSTEM, row.id, "Encore", now=now)


async def test_who_is_admitted_is_an_ambassador_in_one_step(now: datetime) -> None:
    row = await apply(now)
    person = await candidates.admit(SYSTEM, row.id, *TERM, now=now)
    assert (person.first_name, person.last_name) == ("Noé", "Cabestan")
    assert (await access.account(person.account_id)).email == "noe@example.org"
    assert [holder.id for holder in await access.holders(Role.AMBASSADOR, person.id)] == [person.account_id]
    [mandate] = await club.mandates_of(person.id)
    assert (mandate.begins_on, mandate.ends_on) == TERM
    assert await candidates.candidates() == []
    assert await inbox.count_open() == 0
    assert await candidates.became(row.id) == person.id


async def test_admitting_wants_an_address_that_no_other_ambassador_has(now: datetime) -> None:
    row = await candidates.note(SYSTEM, first_name="Lison", last_name="Goémon", now=now)
    with pytest.raises(Invalid, match="bad_email"):
        await candidates.admit(SYSTEM, row.id, *TERM, now=now)
    await candidates.admit(SYSTEM, (await apply(now)).id, *TERM, now=now)
    with pytest.raises(Invalid, match="email_in_use"):
        await candidates.admit(SYSTEM, row.id, *TERM, email="noe@example.org", now=now)
    with pytest.raises(Invalid, match="bad_term"):
        await candidates.admit(SYSTEM, row.id, TERM[1], TERM[0], email="lison@example.org", now=now)
    assert [one.id for one in await candidates.candidates()] == [row.id]
    assert await access.account_of("lison@example.org") is None
    await candidates.admit(SYSTEM, row.id, *TERM, email="lison@example.org", now=now)


async def test_admitted_twice_at_once_is_one_ambassador(now: datetime) -> None:
    row = await apply(now)
    done = await asyncio.gather(
        *(candidates.admit(SYSTEM, row.id, *TERM, now=now) for _ in range(3)), return_exceptions=True
    )
    assert sum(not isinstance(one, Exception) for one in done) == 1
    assert len(await club.ambassadors()) == 1


async def test_nobody_is_not_found(now: datetime) -> None:
    for act in (
        candidates.candidate(uuid4()),
        candidates.mark_contacted(SYSTEM, uuid4(), now=now),
        candidates.decline(SYSTEM, uuid4(), "x", now=now),
        candidates.admit(SYSTEM, uuid4(), *TERM, now=now),
        candidates.became(uuid4()),
    ):
        with pytest.raises(NotFound, match="unknown_candidate"):
            await act
