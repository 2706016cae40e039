"""Visits without a scanner: told by a phone with the venue's PIN, or copied from a paper list (docs/sync.md §8)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from estran import clock as clocks
from estran.actor import SYSTEM
from estran.club import service as club
from estran.errors import NotFound
from estran.history import service as history
from estran.inbox import service as inbox
from estran.passes import service as passes
from estran.passes import token
from estran.privacy import erasure, retention
from estran.venues import closures, ways
from estran.venues import service as venues
from estran.venues.terms import Hours, Who
from estran.visits import queries, service, told, waiting
from estran.visits.told import Line
from tests.conftest import ORIGIN, FrozenClock
from tests.visits.conftest import OFFICER, Phone, Scanner, Town, flags

pytestmark = pytest.mark.anyio
TELL = "/api/v1/pass/visits"
Item = dict[str, Any]


def show_here(phone: Phone, venue_id: UUID, at: datetime) -> str:
    """What the phone signs for a visit at this venue: not the code that its screen shows."""
    stamp = next(phone.nonces).to_bytes(4, "big")
    aud = f"{ORIGIN}/here/{venue_id}"
    shown = token.sign_proof(phone.fields(), ORIGIN, phone.key, iat=int(at.timestamp()), nonce=stamp, aud=aud)
    return token.digits_of(shown.raw)


async def visit_at(town: Town, phone: Phone, at: datetime | None = None, **changes: Any) -> Item:
    """An honest visit, told just now or at `at`."""
    at = at or town.clock()
    return {
        "id": str(uuid4()),
        "digits": show_here(phone, town.museum.id, at),
        "venueId": str(town.museum.id),
        "pin": await ways.pin_of(town.museum.id),
        "benefitId": str(town.benefit.id),
        "companions": 0,
        "guests": 0,
        "children": 0,
        "toldAtMs": clocks.to_ms(at),
    } | changes


async def stored(item: Item) -> Any:
    return await service.visit(UUID(item["id"]))


async def refused(client: httpx.AsyncClient, item: Item, status: int, code: str) -> dict[str, Any]:
    answer = await client.post(TELL, json=item)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return dict(answer.json())


# --- told by a phone --------------------------------------------------------------------------------------------------


async def test_a_told_visit_waits_and_counts_once_it_is_confirmed(
    client: httpx.AsyncClient, town: Town, camille: Phone
) -> None:
    item = await visit_at(town, camille, companions=2, guests=1, children=1)
    answer = await client.post(TELL, json=item)
    at_ms = clocks.to_ms(town.clock())
    assert (answer.status_code, answer.json()) == (200, {"venue": "Musée", "atMs": at_ms, "state": "to_confirm"})
    visit = await stored(item)
    assert (visit.companions, visit.guests, visit.children, visit.seq) == (2, 1, 1, 1)
    assert (visit.proof, visit.reason, visit.server_reason) == ("live", "told", "welcome")
    assert visit.benefit_id == town.benefit.id
    today = date(2026, 6, 15)
    assert (await queries.totals(today, today)).visits == 0
    assert await flags() == ["waiting_entries"]

    assert await service.confirm_visits(OFFICER, [visit.id], now=town.clock()) == 1
    assert (await queries.totals(today, today)).companions == 2
    assert await flags() == []


async def test_the_same_again_is_once(client: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    item = await visit_at(town, camille)
    first, again = await client.post(TELL, json=item), await client.post(TELL, json=item)
    assert first.json() == again.json()
    assert len(await waiting.visits_waiting(town.museum.id, "2026-06-15")) == 1
    await refused(client, item | {"companions": 1}, 409, "told_otherwise")
    await refused(client, item | {"id": str(uuid4()), "again": True}, 409, "proof_used")


async def test_it_is_dated_by_its_proof_however_late_it_comes(
    client: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock
) -> None:
    clock.advance(days=3)
    item = await visit_at(town, camille, clock() - timedelta(days=2), toldAtMs=0)
    assert (await client.post(TELL, json=item)).status_code == 200
    visit = await stored(item)
    assert (visit.at, visit.on_day, visit.device_ms) == (clock() - timedelta(days=2), "2026-06-16", 0)
    await refused(client, await visit_at(town, camille, clock() + timedelta(seconds=31)), 401, "stale_proof")
    # a little ahead is this instant: nothing happens after it has arrived
    item = await visit_at(town, camille, clock() + timedelta(seconds=20))
    assert (await client.post(TELL, json=item)).status_code == 200
    assert (await stored(item)).at == clock()


async def test_only_a_proof_for_this_venue_will_do(
    client: httpx.AsyncClient, town: Town, camille: Phone, till: Scanner
) -> None:
    item = await visit_at(town, camille)
    await refused(client, item | {"digits": camille.show(town.clock())}, 401, "bad_proof")  # a photographed code
    await refused(client, item | {"digits": show_here(camille, uuid4(), town.clock())}, 401, "bad_proof")
    await refused(client, item | {"digits": "0" * 230}, 401, "unknown_pass")
    await refused(client, item | {"digits": ""}, 401, "unknown_pass")
    fields = token.parse_digits(str(item["digits"]))
    assert isinstance(fields, token.Fields)
    forged = token.digits_of(fields._replace(name="Camilla V.").raw)
    await refused(client, item | {"digits": forged}, 401, "bad_signature")
    # and what is told is no code for a scanner
    assert await till.state_of(till.scan(str(item["digits"]))) == "quarantined"


async def test_who_guesses_the_pin_waits_an_hour(
    client: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock
) -> None:
    item = await visit_at(town, camille)
    wrong = item | {"pin": "000000" if item["pin"] != "000000" else "000001"}
    for left in (4, 3, 2, 1, 0):
        assert (await refused(client, wrong, 422, "wrong_pin"))["tries_left"] == left
    await refused(client, item, 429, "too_many_tries")
    robin = await town.ambassador("Robin", "Estran")
    assert (await client.post(TELL, json=await visit_at(town, robin))).status_code == 200
    clock.advance(hours=1)
    assert (await client.post(TELL, json=item)).status_code == 200
    acts = [entry.action for entry in await history.entries_about(camille.owner.id)]
    assert acts.count("visits.wrong_pin") == 5


async def test_a_new_pin_ends_the_old_one(client: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    item = await visit_at(town, camille)
    assert await ways.renew_pin(OFFICER, town.museum.id, now=town.clock()) != item["pin"]
    await refused(client, item, 422, "wrong_pin")


async def test_an_unknown_or_archived_venue(client: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    nowhere = uuid4()
    item = await visit_at(town, camille, venueId=str(nowhere), digits=show_here(camille, nowhere, town.clock()))
    await refused(client, item, 404, "unknown_venue")
    await venues.archive_venue(OFFICER, town.museum.id, "Fermé", now=town.clock())
    await refused(client, await visit_at(town, camille), 404, "unknown_venue")


@pytest.mark.parametrize(
    "changes",
    [
        {"pin": "12345"},
        {"pin": "１２３４５６"},
        {"companions": 101},
        {"guests": -1},
        {"children": 21},
        {"toldAtMs": -1},
        {"id": "x"},
        {"venueId": None},
        {"digits": "1" * 2001},
    ],
)
async def test_what_cannot_be_is_said(client: httpx.AsyncClient, town: Town, camille: Phone, changes: Item) -> None:
    await refused(client, await visit_at(town, camille, **changes), 422, "invalid")


async def test_a_second_visit_of_the_day_is_asked_about(
    client: httpx.AsyncClient, town: Town, camille: Phone, till: Scanner, clock: FrozenClock
) -> None:
    assert await till.state_of(till.scan(camille.show(clock()))) == "counted"
    scanned = clocks.to_ms(clock())
    clock.advance(hours=2)
    item = await visit_at(town, camille)
    told_already = await refused(client, item, 409, "already_here")
    assert (told_already["at_ms"], told_already["is_told"]) == (scanned, False)
    assert (await client.post(TELL, json=item | {"again": True})).status_code == 200
    visit = await stored(item)
    assert (visit.again, visit.server_reason) == ("another_visit", "welcome")
    told_already = await refused(client, await visit_at(town, camille), 409, "already_here")
    assert (told_already["at_ms"], told_already["is_told"]) == (clocks.to_ms(clock()), True)


async def test_a_revoked_pass_is_stored_and_shown_by_itself(
    client: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock
) -> None:
    clock.advance(hours=1)
    before = await visit_at(town, camille)
    clock.advance(hours=1)
    await passes.revoke(OFFICER, camille.owner.id, "perdu", now=clock())
    clock.advance(hours=1)
    after = await visit_at(town, camille, again=True)
    for item in (before, after):
        assert (await client.post(TELL, json=item)).json()["state"] == "to_confirm"
    assert [(await stored(item)).server_reason for item in (before, after)] == ["welcome", "revoked"]
    assert await flags() == ["told_doubtful", "waiting_entries"]
    # what needs a thought is not swept up with the others
    assert await waiting.visits_waiting(town.museum.id, "2026-06-15") == [UUID(before["id"])]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("quota", "quota_used"),
        ("companions", "companions_missing"),
        ("pause", "venue_paused"),
        ("mandate", "expired"),
        ("closure", "venue_closed"),
        ("weekday", "not_now"),
        ("people", "not_entitled"),
    ],
)
async def test_the_rules_of_the_door_are_looked_at(
    client: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock, what: str, reason: str
) -> None:
    if what == "quota":
        await town.terms(quota=1)
        item = await visit_at(town, camille)
        await client.post(TELL, json=item)
        await service.confirm_visit(OFFICER, UUID(item["id"]), None, now=clock())
        clock.advance(days=1)
    elif what == "companions":
        await town.terms(companions=1)
    elif what == "pause":
        await venues.pause_venue(OFFICER, town.museum.id, "travaux", now=clock())
    elif what == "closure":
        await closures.add_closure(OFFICER, town.museum.id, date(2026, 6, 1), date(2026, 6, 30), "travaux", now=clock())
    elif what == "weekday":
        await town.terms(weekdays=(2,))
    elif what == "people":
        await town.terms(who=Who.CERTIFIED)
    else:
        clock.now = datetime(2028, 1, 2, 12, tzinfo=UTC)
    item = await visit_at(town, camille)
    assert (await client.post(TELL, json=item)).json()["state"] == "to_confirm"
    assert (await stored(item)).server_reason == reason
    assert await flags() == ["told_doubtful"]
    await service.cancel_visit(OFFICER, UUID(item["id"]), "non", now=clock())
    assert await flags() == []


async def test_a_benefit_of_elsewhere_is_none(client: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    item = await visit_at(town, camille, benefitId=str(uuid4()))
    assert (await client.post(TELL, json=item)).status_code == 200
    assert (await stored(item)).benefit_id == town.benefit.id  # what the venue gives, as at its own desk


async def test_whoever_was_erased_tells_nothing_and_what_they_told_is_nobodys(
    client: httpx.AsyncClient, town: Town, camille: Phone
) -> None:
    item = await visit_at(town, camille)
    await client.post(TELL, json=item)
    await refused(
        client, await visit_at(town, camille, pin="999999" if item["pin"] != "999999" else "1" * 6), 422, "wrong_pin"
    )
    later = await visit_at(town, camille)
    await erasure.erase(OFFICER, camille.owner.id, by="officer", now=town.clock())
    visit = await stored(item)
    assert (visit.ambassador_id, visit.jti, visit.state) == (None, None, "to_confirm")
    await refused(client, later, 401, "unknown_pass")


async def test_its_device_is_no_scanner(client: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    for phone in (camille, await town.ambassador("Robin", "Estran")):
        assert (await client.post(TELL, json=await visit_at(town, phone))).status_code == 200
    assert await venues.devices() == []
    assert await venues.devices_of(town.museum.id) == []
    way = await ways.way_in(town.museum.id, ways.POSTER, now=town.clock())
    assert (way.last_seq, way.kind) == (2, "poster")
    assert await venues.device_by_token(f"poster:{town.museum.id}") is None
    with pytest.raises(NotFound):
        await venues.device(way.id)
    for _ in range(10):
        await town.scanner()  # ten scanners are ten


# --- all at once ------------------------------------------------------------------------------------------------------


async def test_one_line_for_each_venue_and_day(
    client: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock
) -> None:
    robin = await town.ambassador("Robin", "Estran")
    mine = [await visit_at(town, phone) for phone in (camille, robin)]
    for item in mine:
        await client.post(TELL, json=item)
    clock.advance(days=1)
    await client.post(TELL, json=await visit_at(town, camille))
    items = await inbox.open_items()
    assert sorted((item.kind, item.details["day"]) for item in items) == [
        ("waiting_entries", "2026-06-15"),
        ("waiting_entries", "2026-06-16"),
    ]
    await service.confirm_visit(OFFICER, UUID(mine[0]["id"]), None, now=clock())
    assert len(await inbox.open_items()) == 2
    await service.cancel_visit(OFFICER, UUID(mine[1]["id"]), "en double", now=clock())
    [left] = await inbox.open_items()
    assert left.details["day"] == "2026-06-16"
    # a phone that was without network brings one more of the day that was done with
    odile = await town.ambassador("Odile", "Praire")
    await client.post(TELL, json=await visit_at(town, odile, clock() - timedelta(days=1)))
    assert len(await inbox.open_items()) == 2


# --- copied from a list -----------------------------------------------------------------------------------------------


def line(town: Town, person_id: UUID, *, hour: int = 10, companions: int = 0, guests: int = 0) -> Line:
    at = town.clock().replace(hour=hour) - timedelta(days=1)
    return Line(at, person_id, companions, guests, town.benefit.id)


async def test_a_list_is_stored_once_however_often_it_is_sent(town: Town, camille: Phone) -> None:
    robin = await town.ambassador("Robin", "Estran")
    form, now = uuid4(), town.clock()
    lines = {0: line(town, camille.owner.id, companions=2), 3: line(town, robin.owner.id, hour=9, guests=1)}
    for _ in range(2):
        copied = await told.copy_list(OFFICER, town.museum.id, form, lines, now=now)
        assert (copied.n, copied.n_doubtful, copied.clashes) == (2, 0, ())
    rows = await told.form_visits(form)
    assert [(row.seq, row.companions, row.guests) for row in rows] == [(1, 0, 1), (2, 2, 0)]
    assert {(row.proof, row.reason, row.state) for row in rows} == {("none", "listed", "to_confirm")}
    assert await flags() == ["waiting_entries"]
    acts = [entry for entry in await history.entries_about(town.museum.id) if entry.action == "visits.copy_list"]
    assert [entry.details for entry in acts] == [{"n_items": 2}]
    # sent again with another number in a line that stands already, and one more line
    changed = lines | {3: line(town, robin.owner.id, hour=9, guests=2), 4: line(town, camille.owner.id, hour=12)}
    assert (await told.copy_list(OFFICER, town.museum.id, form, changed, now=now)).clashes == (3,)
    assert len(await told.form_visits(form)) == 2
    assert await service.confirm_visits(OFFICER, await told.form_waiting(form), now=now) == 2
    assert await flags() == []


async def test_a_line_that_needs_a_thought_is_not_confirmed_with_the_others(
    client: httpx.AsyncClient, town: Town, camille: Phone
) -> None:
    await client.post(TELL, json=await visit_at(town, camille, town.clock() - timedelta(days=1)))
    past = await club.add_ambassador(
        SYSTEM,
        first_name="Noé",
        last_name="Cabestan",
        email="noe@example.org",
        begins_on=date(2024, 1, 1),
        ends_on=date(2025, 12, 31),
        now=town.clock(),
    )
    form = uuid4()
    lines = {0: line(town, camille.owner.id, hour=16), 1: line(town, past.id)}
    copied = await told.copy_list(OFFICER, town.museum.id, form, lines, now=town.clock())
    assert (copied.n, copied.n_doubtful) == (2, 2)
    assert sorted(row.server_reason for row in await told.form_visits(form)) == ["already_here", "expired"]
    assert await told.form_waiting(form) == []


async def test_where_nobody_wrote_the_hour_no_hours_are_looked_at(town: Town, camille: Phone) -> None:
    await town.terms(hours=(Hours("14:00", "18:00"),))
    at = town.clock()
    for has_hour, reason in ((False, "welcome"), (True, "not_now")):
        form = uuid4()
        person = camille if has_hour else await town.ambassador("Odile", "Praire")
        one = Line(at, person.owner.id, 0, 0, town.benefit.id, has_hour)
        await told.copy_list(OFFICER, town.museum.id, form, {0: one}, now=at)
        assert [row.server_reason for row in await told.form_visits(form)] == [reason]


async def test_a_told_visit_keeps_the_version_of_its_day(
    client: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock
) -> None:
    clock.advance(hours=1)
    item = await visit_at(town, camille)
    clock.advance(hours=1)
    await town.terms(companions=2)
    assert (await client.post(TELL, json=item)).status_code == 200
    visit = await stored(item)
    assert (visit.benefit_version, visit.server_reason) == (1, "welcome")


async def test_a_line_about_visits_that_retention_took_answers_itself(
    client: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock
) -> None:
    await client.post(TELL, json=await visit_at(town, camille))
    clock.advance(days=5 * 366)
    await retention.run(now=clock())
    assert "waiting_entries" not in await flags()
