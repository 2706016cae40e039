from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM
from estran.clock import local_day
from estran.club import queries, renewals
from estran.club import service as club
from estran.club.tables import Ambassador, Mandate
from estran.errors import Conflict, Invalid, NotFound
from estran.history import service as history
from estran.inbox import service as inbox
from estran.mail import service as mail
from tests.access.letters import HEAD
from tests.conftest import ORIGIN, FrozenClock

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]
TODAY = date(2026, 6, 15)
DAY = timedelta(days=1)


async def person(left: int, now: datetime, name: str = "Camille") -> Ambassador:
    """Somebody whose mandate ends in so many days."""
    return await club.add_ambassador(
        SYSTEM,
        first_name=name,
        last_name="Varech",
        email=f"{name.lower()}@example.org",
        begins_on=TODAY - 300 * DAY,
        ends_on=TODAY + left * DAY,
        now=now,
    )


async def mandate_of(somebody: Ambassador) -> Mandate:
    [mandate] = await club.mandates_of(somebody.id)
    return mandate


# --- letters ----------------------------------------------------------------------------------------------------------


async def test_two_letters_leave_before_the_end_and_none_after_it(clock: FrozenClock) -> None:
    camille = await person(40, clock())
    days = []
    for _ in range(45 * 4):
        if await renewals.remind(HEAD, now=clock()):
            days.append((TODAY + 40 * DAY - local_day(clock(), await club.zone())).days)
        clock.advance(hours=6)
    assert days == [30, 15]
    second, first = await mail.letters()
    assert {first.to_email, second.to_email} == {"camille@example.org"}
    assert first.kind == "renewal"
    assert first.subject == "Votre mandat se termine le 25 juillet 2026 · Club des ambassadeurs"
    assert "dans 30 jours, le 25 juillet 2026" in first.text
    assert "in 15 days, on 25 July 2026" in second.text
    assert f"{ORIGIN}/pass/#/account" in first.text
    mandate = await mandate_of(camille)
    assert mandate.warned_30_at is not None
    assert mandate.warned_15_at is not None
    reminded = [entry for entry in await history.entries_about(camille.id) if entry.action == "club.remind"]
    assert [entry.details for entry in reminded] == [{"days": 15}, {"days": 30}]


async def test_a_mandate_found_late_has_one_letter(clock: FrozenClock) -> None:
    await person(12, clock())
    for _ in range(20):
        await renewals.remind(HEAD, now=clock())
        clock.advance(days=1)
    assert len(await mail.letters()) == 1


async def test_nobody_is_written_to_who_is_paused_erased_followed_or_away(now: datetime) -> None:
    paused = await person(10, now, "Ulysse")
    await club.pause(SYSTEM, paused.id, "Voyage", now=now)
    erased = await person(10, now, "Firmin")
    await Ambassador.update({Ambassador.erased_at: now}).where(Ambassador.id == erased.id)
    followed = await person(10, now, "Odile")
    await club.add_mandate(SYSTEM, followed.id, TODAY + 11 * DAY, TODAY + 300 * DAY, now=now)
    await person(-1, now, "Achille")
    await person(31, now, "Noé")
    assert await renewals.remind(HEAD, now=now) == 0
    later = await person(10, now, "Lison")
    await club.add_mandate(SYSTEM, later.id, TODAY + 12 * DAY, TODAY + 300 * DAY, now=now)  # a day's gap: the pass ends
    assert await renewals.remind(HEAD, now=now) == 1


async def test_a_mandate_that_now_ends_much_later_has_its_letters_anew(clock: FrozenClock) -> None:
    camille = await person(30, clock())
    assert await renewals.remind(HEAD, now=clock()) == 1
    mandate = await mandate_of(camille)
    await club.edit_mandate(SYSTEM, mandate.id, mandate.begins_on, mandate.ends_on + DAY, now=clock())
    assert (await mandate_of(camille)).warned_30_at is None
    assert await renewals.remind(HEAD, now=clock.advance(days=1)) == 1
    # a few days more or less: the letter has been read
    await club.edit_mandate(SYSTEM, mandate.id, mandate.begins_on, mandate.ends_on - 2 * DAY, now=clock())
    assert await renewals.remind(HEAD, now=clock()) == 0


async def test_the_second_letter_knows_that_an_answer_came(clock: FrozenClock) -> None:
    camille = await person(15, clock())
    await renewals.wish(SYSTEM, camille.id, "no", now=clock())
    await renewals.remind(HEAD, now=clock())
    [letter] = await mail.letters()
    assert "Vous nous avez déjà dit" in letter.text
    assert "Souhaitez-vous continuer" not in letter.text


# --- wishes -----------------------------------------------------------------------------------------------------------


async def test_a_wish_is_kept_on_the_mandate_and_the_officer_told_once(clock: FrozenClock) -> None:
    camille = await person(40, clock())
    await renewals.wish(SYSTEM, camille.id, "yes", now=clock())
    await renewals.wish(SYSTEM, camille.id, "yes", now=clock.advance(days=1))
    [item] = await inbox.open_items()
    assert (item.kind, item.ambassador_id, item.details) == ("renewal_wish", camille.id, {"wish": "yes"})
    await inbox.answer(SYSTEM, item.id, "seen", now=clock())
    await renewals.wish(SYSTEM, camille.id, "no", now=clock.advance(days=1))
    await renewals.wish(SYSTEM, camille.id, "yes", now=clock.advance(days=1))
    [item] = await inbox.open_items()
    assert item.details == {"wish": "yes"}
    mandate = await mandate_of(camille)
    assert (mandate.wish, mandate.wish_at) == ("yes", clock())


async def test_the_wish_belongs_to_the_mandate_that_ends_last(now: datetime) -> None:
    camille = await person(10, now)
    second = await club.add_mandate(SYSTEM, camille.id, TODAY - 5 * DAY, TODAY + 50 * DAY, now=now)
    await renewals.wish(SYSTEM, camille.id, "yes", now=now)
    assert {row.id: row.wish for row in await club.mandates_of(camille.id)}[second.id] == "yes"


@pytest.mark.parametrize("left", [61, -1])
async def test_there_is_a_time_for_wishes(now: datetime, left: int) -> None:
    camille = await person(left, now)
    with pytest.raises(Conflict, match="no_renewal"):
        await renewals.wish(SYSTEM, camille.id, "yes", now=now)
    assert await inbox.count_open() == 0


async def test_a_wish_is_yes_or_no(now: datetime) -> None:
    camille = await person(40, now)
    with pytest.raises(Invalid, match="bad_wish"):
        await renewals.wish(SYSTEM, camille.id, "maybe", now=now)


# --- the mandate that follows -----------------------------------------------------------------------------------------


async def test_renewing_follows_without_a_gap_and_twice_is_once(now: datetime) -> None:
    camille = await person(20, now)
    await renewals.wish(SYSTEM, camille.id, "yes", now=now)
    made = await renewals.renew(SYSTEM, (await mandate_of(camille)).id, now=now)
    assert made is not None
    assert (made.begins_on, made.ends_on) == (date(2026, 7, 6), date(2027, 7, 5))
    first, _ = await club.mandates_of(camille.id)
    assert await renewals.renew(SYSTEM, first.id, now=now) is None
    assert len(await club.mandates_of(camille.id)) == 2
    assert await inbox.count_open() == 0
    assert await renewals.open_for(camille.id, now=now) is None
    assert await renewals.endings(now=now) == []


async def test_only_what_is_there_is_renewed(now: datetime) -> None:
    erased = await person(10, now, "Firmin")
    await Ambassador.update({Ambassador.erased_at: now}).where(Ambassador.id == erased.id)
    for mandate_id in (uuid4(), (await mandate_of(erased)).id):
        with pytest.raises(NotFound, match=r"unknown_(mandate|ambassador)"):
            await renewals.renew(SYSTEM, mandate_id, now=now)


async def test_endings_are_those_of_two_months_before_and_after(now: datetime) -> None:
    lefts = {"Anselme": -61, "Odile": -60, "Gaspard": -1, "Firmin": 0, "Lison": 60, "Basile": 61}
    for name, left in lefts.items():
        await person(left, now, name)
    back = await person(-20, now, "Achille")
    await club.add_mandate(SYSTEM, back.id, TODAY + 30 * DAY, TODAY + 300 * DAY, now=now)
    found = await renewals.endings(now=now)
    assert [(one.person.first_name, one.days_left) for one in found] == [
        ("Odile", -60),
        ("Gaspard", -1),
        ("Firmin", 0),
        ("Lison", 60),
    ]
    assert [one.is_due for one in found] == [False, False, True, False]


# --- certificates, years, the erased ----------------------------------------------------------------------------------


async def test_a_certificate_is_noted_replaced_and_taken_back(now: datetime) -> None:
    camille = await person(100, now)
    for until in (date(2027, 1, 31), date(2027, 1, 31), date(2028, 1, 31)):
        await club.certify(SYSTEM, camille.id, date(2026, 2, 1), until, now=now)
    row = await club.ambassador(camille.id)
    assert (row.certified_on, row.certified_until) == (date(2026, 2, 1), date(2028, 1, 31))
    with pytest.raises(Invalid, match="bad_certificate"):
        await club.certify(SYSTEM, camille.id, date(2026, 2, 1), date(2026, 1, 31), now=now)
    await club.uncertify(SYSTEM, camille.id, now=now)
    await club.uncertify(SYSTEM, camille.id, now=now)
    assert (await club.ambassador(camille.id)).certified_until is None
    acts = [entry.action for entry in await history.entries_about(camille.id)]
    assert (acts.count("club.certify"), acts.count("club.uncertify")) == (2, 1)


async def test_who_was_erased_counts_in_the_years_and_is_in_no_list(now: datetime) -> None:
    erased = await person(-100, now)
    await Ambassador.update({Ambassador.erased_at: now}).where(Ambassador.id == erased.id)
    assert await club.ambassadors() == []
    [this_year, last_year] = await queries.years(TODAY)
    assert (this_year.active, this_year.departures) == (1, 1)
    assert (last_year.year, last_year.arrivals) == (2025, 1)


# --- from the phone ---------------------------------------------------------------------------------------------------


async def signed_in(somebody: Ambassador, app: Any, now: datetime) -> httpx.AsyncClient:
    opened = await access.use_link(await access.invite(somebody.account_id, Realm.PASS, now=now), now=now)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url=ORIGIN,
        headers={"origin": ORIGIN},
        cookies={"__Host-estran_pass": opened.token},
    )


async def test_the_phone_asks_and_answers(app: Any, clock: FrozenClock) -> None:
    camille = await person(61, clock())
    async with await signed_in(camille, app, clock()) as phone:
        assert (await phone.get("/api/v1/me")).json()["renewal"] is None
        early = await phone.post("/api/v1/me/renewal", json={"wish": "yes"})
        assert (early.status_code, early.json()["code"]) == (409, "no_renewal")
        clock.advance(days=1)
        assert (await phone.get("/api/v1/me")).json()["renewal"] == {"endsOn": "2026-08-15", "wish": None}
        for wish in ("yes", "yes", "no"):
            answer = await phone.post("/api/v1/me/renewal", json={"wish": wish})
            assert (answer.status_code, answer.content) == (204, b"")
        assert (await phone.get("/api/v1/me")).json()["renewal"]["wish"] == "no"


@pytest.mark.parametrize("body", [{}, {"wish": None}, {"wish": "maybe"}, {"wish": 1}, [], "yes"])
async def test_a_strange_answer_is_refused(app: Any, now: datetime, body: object) -> None:
    async with await signed_in(await person(40, now), app, now) as phone:
        answer = await phone.post("/api/v1/me/renewal", json=body)
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == "application/problem+json"
