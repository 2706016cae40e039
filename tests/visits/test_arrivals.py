"""Arrivals at events: visits with a slot, beside every figure of entries. docs/events.md §4, docs/sync.md §6."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest

from estran import clock as clocks
from estran.actor import SYSTEM
from estran.db import fetch
from estran.errors import Conflict, NotFound
from estran.events import planning, replies
from estran.events import service as events
from estran.events.planning import Draft, SlotDraft
from estran.events.rules import Reply
from estran.events.tables import Invitee, News, Slot
from estran.history import service as history
from estran.inbox import service as inbox
from estran.passes.keys import Issuer
from estran.passes.number import number_of
from estran.privacy import erasure
from estran.venue_page import queries as venue_page
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.tables import Device
from estran.venues.terms import Per, Quota, Scope
from estran.visits import arrivals, doubles, intake, items, late, queries, quotas, service, tally
from estran.visits import door as doors
from estran.visits.door import Comer
from estran.visits.rules import Flag
from estran.visits.tables import ParkedItem, Tally
from tests.conftest import FrozenClock
from tests.visits.conftest import OFFICER, Evening, Phone, Scanner, Town, flags, plan, stored

pytestmark = pytest.mark.anyio

TODAY = date(2026, 6, 15)


@pytest.fixture
async def evening(town: Town, camille: Phone) -> Evening:
    return await plan(town.museum, town.clock)


# --- taken in ---------------------------------------------------------------------------------------------------------


async def test_an_arrival_is_judged_by_its_pass_alone(
    town: Town, till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock
) -> None:
    await town.terms(companions=2, weekdays=(7,))
    await closures.add_closure(SYSTEM, town.museum.id, TODAY, TODAY, "", now=clock())
    await venues.pause_venue(SYSTEM, town.museum.id, "travaux", now=clock())
    clock.advance(minutes=5)
    item = evening.arrive(till, camille, 3, benefitId=str(till.benefit.id), benefitVersion=1)
    assert await till.state_of(item) == "counted"
    row = await stored(item)
    assert (row.slot_id, row.guests, row.server_reason) == (evening.slot.id, 3, "welcome")
    assert row.benefit_id is row.benefit_version is None
    assert await flags() == []
    assert (await till.hand_in(item)).results[0].result == "duplicate"
    one = (await evening.here())[camille.owner.id]
    assert (one.at, one.guests, one.device_label, one.visit_id, one.state) == (
        clock(),
        3,
        "Caisse",
        UUID(item["id"]),
        "counted",
    )


def test_an_item_without_a_slot_keeps_its_hash() -> None:
    body = {"kind": "visit", "id": str(UUID(int=1)), "seq": 1, "scannedAtMs": 1, "skewMs": 0, "clockConfirmed": True}
    body |= {"codesAdvance": False, "digits": "1", "statusVersion": 1, "newsAtMs": 1, "answer": "admit"}
    body |= {"reason": "welcome", "outcome": "admitted", "benefitId": None, "benefitVersion": None, "companions": 0}
    body |= {"decisions": {"identity": False, "again": None, "why": None}}
    item = items.read(msgspec.Raw(msgspec.json.encode(body)))
    assert not isinstance(item, str)
    assert items.body_hash(item) == "ff2dd4ac084c43dbccc74e50a61ad8eb3b9069f52fcb899be0ab559f20995575"
    with_slot = items.read(msgspec.Raw(msgspec.json.encode(body | {"slotId": str(UUID(int=2))})))
    assert not isinstance(with_slot, str)
    assert items.body_hash(with_slot) != items.body_hash(item)


async def test_what_cannot_be_waits_for_the_officer(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    zoo = await venues.add_venue(SYSTEM, name="Zoo", commune="", address="", url="", contact_email="", now=clock())
    elsewhere, unsent = await plan(zoo, clock), await plan(town.museum, clock, is_open=False)
    later = await plan(town.museum, clock, in_hours=3)
    wrong = [
        elsewhere.arrive(till, camille),
        unsent.arrive(till, camille),
        later.arrive(till, camille),
    ]
    assert [result.state for result in (await till.hand_in(*wrong)).results] == ["to_confirm"] * 3
    reasons = [(await stored(item)).server_reason for item in wrong]
    assert reasons == ["slot_elsewhere", "slot_elsewhere", "door_shut"]
    assert await flags() == ["arrival_doubtful"] * 3
    await service.confirm_visit(OFFICER, UUID(wrong[0]["id"]), None, now=clock())
    await service.cancel_visit(OFFICER, UUID(wrong[1]["id"]), "non", now=clock())
    assert await flags() == ["arrival_doubtful"]
    assert await tallied() == []


@pytest.mark.parametrize(("news_age_m", "state"), [(60, "counted"), (1, "to_confirm")])
async def test_an_event_cancelled_meanwhile(
    till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock, news_age_m: int, state: str
) -> None:
    await planning.cancel_event(OFFICER, evening.event.id, "tempête", now=clock())
    clock.advance(minutes=10)
    news_at = clocks.to_ms(clock() - timedelta(minutes=news_age_m))
    item = evening.arrive(till, camille, newsAtMs=news_at)
    assert await till.state_of(item) == state
    assert (await stored(item)).server_reason == "event_cancelled"
    assert await flags() == ["arrival_doubtful"]


async def test_an_unknown_slot_is_parked_once_and_leaves_no_gap(
    till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock
) -> None:
    unknown = evening.arrive(till, camille, slotId=str(uuid4()))
    known = evening.arrive(till, camille)
    for _ in range(2):
        results = (await till.hand_in(unknown, known)).results
        assert (results[0].id, results[0].result) == (unknown["id"], "parked")
    [kept] = await ParkedItem.objects()
    assert (kept.reason, unknown["digits"] in kept.body) == ("arrival at an unknown slot", False)
    assert await flags() == ["parked_item"]
    nonsense = await till.hand_in(evening.arrive(till, camille, slotId="nocturne"))
    assert nonsense.results[0].result == "parked"


async def test_a_code_serves_once_for_a_door_and_a_till_alike(
    till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock
) -> None:
    entry = till.scan(camille.show(clock()))
    arrival = evening.arrive(till, camille, digits=entry["digits"])
    assert [result.state for result in (await till.hand_in(entry, arrival)).results] == ["counted", "rejected"]
    assert await evening.here() == {}


async def test_a_typed_number_waits_in_the_line_of_its_day(
    till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock
) -> None:
    number = number_of(camille.fields().jti)
    item = evening.arrive(till, camille, digits="", number=number, decisions={"identity": True})
    assert await till.state_of(item) == "to_confirm"
    assert await flags() == ["waiting_entries"]
    assert await arrivals.present(evening.event.id) == {camille.owner.id: 0}  # was let in, whatever the officer finds
    await service.confirm_visit(OFFICER, UUID(item["id"]), None, now=clock())
    assert await flags() == []
    assert await tallied() == []


async def test_a_slot_at_which_somebody_arrived_stays(
    town: Town, till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock
) -> None:
    draft = await plan(town.museum, clock, is_open=False)
    await till.hand_in(evening.arrive(till, camille), draft.arrive(till, camille))
    starts_at = clock() + timedelta(hours=9)
    other = [SlotDraft(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))]
    for one in (evening, draft):
        words = Draft(title="Nocturne", venue_id=town.museum.id, guests_max=4, reply_by=clock() + timedelta(hours=1))
        with pytest.raises(Conflict) as refused:
            await planning.edit_event(OFFICER, one.event.id, words, other, now=clock())
        assert refused.value.code == "slot_taken"
    with pytest.raises(Conflict):
        await planning.remove_event(OFFICER, draft.event.id, now=clock())


# --- several scanners -------------------------------------------------------------------------------------------------


async def test_two_doors_without_network_count_one_arrival(
    till: Scanner, other_till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock
) -> None:
    first = evening.arrive(till, camille, 1)
    clock.advance(minutes=3)
    later = evening.arrive(other_till, camille, 2)
    clock.advance(hours=1)
    for scanner, item in ((other_till, later), (till, first)):
        assert await scanner.state_of(item) == "counted"
    [line] = await inbox.open_items()
    assert (line.kind, line.subject_id) == (Flag.POSSIBLE_DOUBLE, UUID(later["id"]))
    before = await doubles.first_of(await stored(later))
    assert before is not None
    assert before.id == UUID(first["id"])
    one = (await evening.here())[camille.owner.id]
    assert (one.visit_id, one.guests) == (UUID(first["id"]), 2)
    assert await arrivals.present(evening.event.id) == {camille.owner.id: 2}
    await service.cancel_visit(OFFICER, UUID(later["id"]), "la même", now=clock())
    assert await flags() == []
    assert await arrivals.present(evening.event.id) == {camille.owner.id: 1}


async def test_who_comes_in_and_to_the_event_is_no_double(
    town: Town, till: Scanner, other_till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock
) -> None:
    other = await plan(town.museum, clock)
    await till.hand_in(till.scan(camille.show(clock())))
    await other_till.hand_in(evening.arrive(other_till, camille))
    await till.hand_in(other.arrive(till, camille))
    assert await flags() == []
    # entry and arrival do not hide each other: a second entry elsewhere is asked about as ever
    clock.advance(minutes=1)
    entry = other_till.scan(camille.show(clock()))
    await other_till.hand_in(entry)
    [line] = await inbox.open_items()
    assert (line.kind, line.subject_id) == (Flag.POSSIBLE_DOUBLE, UUID(entry["id"]))
    before = await doubles.first_of(await stored(entry))
    assert before is not None
    assert before.slot_id is None


async def test_who_is_let_in_again_is_there_once(
    till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock
) -> None:
    again: dict[str, Any] = {
        "answer": "ask",
        "reason": "already_here",
        "decisions": {"again": "let_in", "why": "sortie"},
    }
    first, second = evening.arrive(till, camille, 1), evening.arrive(till, camille, **again)
    assert [result.state for result in (await till.hand_in(first, second)).results] == ["counted", "counted"]
    assert await flags() == []
    assert await arrivals.present(evening.event.id) == {camille.owner.id: 1}


@pytest.mark.parametrize("order", ["as they happened", "the undo first", "in one call"])
async def test_an_undone_arrival_is_none(
    till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock, order: str
) -> None:
    item = evening.arrive(till, camille)
    clock.advance(minutes=2)
    undo = till.undo(item)
    if order == "in one call":
        await till.hand_in(item, undo)
    else:
        for one in (item, undo) if order == "as they happened" else (undo, item):
            await till.hand_in(one)
    assert (await stored(item)).state == "cancelled"
    assert await evening.here() == {}
    assert await flags() == []
    await service.reinstate_visit(OFFICER, UUID(item["id"]), now=clock())
    assert set(await evening.here()) == {camille.owner.id}
    assert await tallied() == []


async def test_the_venue_takes_an_arrival_back_within_ten_minutes(
    town: Town, till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock
) -> None:
    item = evening.arrive(till, camille)
    await till.hand_in(item)
    clock.advance(minutes=9)
    await service.undo_visit(SYSTEM, town.museum.id, UUID(item["id"]), "erreur", now=clock())
    assert await evening.here() == {}
    assert await tallied() == []


# --- beside the entries -----------------------------------------------------------------------------------------------


async def tallied() -> list[Any]:
    return [row for row in await Tally.select(Tally.on_day, Tally.state, Tally.n) if row["n"]]


async def figures(town: Town, issuer: Issuer, watcher: Scanner, person: Phone) -> list[Any]:
    """Everything that counts entries."""
    now = town.clock()
    news = await service.snapshot(issuer, watcher.device.id, now=now)
    door = await doors.door(town.museum.id, Comer(ambassador_id=person.owner.id), at=now)
    benefits = await venues.benefits_of(town.museum.id)
    return [
        await queries.totals(TODAY, TODAY),
        await queries.per_venue(TODAY, TODAY),
        await queries.refused_by_reason(TODAY, TODAY),
        await queries.latest_days(TODAY, TODAY),
        await quotas.uses(benefits, now=now),
        await quotas.own_uses(benefits, person.owner.id, now=now),
        news.uses,
        news.today,
        door.context.used,
        door.context.previous_at,
        await venue_page.figures(town.museum.id, TODAY, TODAY),
        await venue_page.entries(town.museum.id, TODAY, TODAY, ZoneInfo("Europe/Paris"), TODAY, 500),
    ]


async def test_arrivals_change_no_figure_of_entries(
    town: Town, issuer: Issuer, till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    till.benefit = await town.terms(quota=None)
    quota = Quota(3, Per.DAY, Scope.VENUE)
    till.benefit = await venues.set_benefit(
        SYSTEM, town.museum.id, town.benefit.id, msgspec.structs.replace(town.benefit.terms, quota=quota), now=clock()
    )
    marin, watcher = await town.ambassador("Marin", "Galet"), await town.scanner()
    evening = await plan(town.museum, clock)
    await till.hand_in(till.scan(camille.show(clock()), companions=1))
    clock.advance(minutes=5)
    before = await figures(town, issuer, watcher, camille)
    refused: dict[str, Any] = {"outcome": "refused", "answer": "ask", "reason": "not_on_list"}
    await till.hand_in(evening.arrive(till, camille, 2), evening.arrive(till, marin, **refused))
    await other_till.hand_in(evening.arrive(other_till, marin), evening.arrive(other_till, camille))
    assert await figures(town, issuer, watcher, camille) == before
    await tally.rebuild()
    assert await figures(town, issuer, watcher, camille) == before
    # within one call, too: the third entry is the last of its quota, whatever lies between
    batch = [till.scan(camille.show(clock())), evening.arrive(till, camille), till.scan(camille.show(clock()))]
    await till.hand_in(*batch)
    assert [(await stored(item)).server_reason for item in batch] == ["welcome"] * 3
    last = till.scan(camille.show(clock()))
    await till.hand_in(last)
    assert (await stored(last)).server_reason == "quota_used"


async def test_nothing_more_is_asked_of_the_database_for_entries(
    till: Scanner, camille: Phone, monkeypatch: pytest.MonkeyPatch, clock: FrozenClock
) -> None:
    asked: list[str] = []

    async def listen(sql: str, *args: Any) -> Any:
        asked.append(sql)
        return await fetch(sql, *args)

    monkeypatch.setattr(intake, "fetch", listen)
    await till.hand_in(till.scan(camille.show(clock())))
    assert asked
    assert not [sql for sql in asked if "events_" in sql]


# --- who was there ----------------------------------------------------------------------------------------------------


async def test_the_officers_word_is_above_the_scanners(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    marin, maxime = await town.ambassador("Marin", "Galet"), await town.ambassador("Maxime", "Dune")
    evening = await plan(town.museum, clock)
    for phone in (camille, marin):
        await evening.reply(phone, 1, clock)
    await till.hand_in(evening.arrive(till, camille, 1), evening.arrive(till, maxime, 2))
    event_id = evening.event.id
    assert await arrivals.present(event_id) == {camille.owner.id: 1, maxime.owner.id: 2}
    sums = await arrivals.attendance(event_id)
    assert (sums.invited, sums.coming, sums.present, sums.absent, sums.walk_ins, sums.guests) == (3, 2, 2, 1, 1, 3)
    await planning.note_came(OFFICER, event_id, marin.owner.id, came=True, guests=4, now=clock())
    await planning.note_came(OFFICER, event_id, maxime.owner.id, came=False, guests=0, now=clock())
    assert await arrivals.present(event_id) == {camille.owner.id: 1, marin.owner.id: 4}
    assert (await arrivals.attendance(event_id)).absent == 0
    assert await arrivals.presences_of(marin.owner.id) == {event_id: 4}
    assert await arrivals.presences_of(maxime.owner.id) == {}
    assert await arrivals.titles({evening.slot.id, None}, "en") == {evening.slot.id: "Nocturne"}
    [hosted] = await arrivals.hosted(town.museum.id, since=clock())
    assert (hosted.arrived, hosted.guests) == (2, 5)
    assert [(row.expected, row.arrived) for row in hosted.slots] == [(4, 5)]
    with pytest.raises(NotFound):
        await arrivals.attendance(uuid4())


async def test_nobody_is_there_after_they_were_erased(
    till: Scanner, camille: Phone, evening: Evening, clock: FrozenClock
) -> None:
    early, late = evening.arrive(till, camille), evening.arrive(till, camille)
    await till.hand_in(early)
    await erasure.erase(SYSTEM, camille.owner.id, by="officer", now=clock())
    assert await till.state_of(late) == "counted"
    assert [(await stored(item)).ambassador_id for item in (early, late)] == [None, None]
    assert await arrivals.present(evening.event.id) == {}
    [hosted] = await arrivals.hosted(evening.event.venue_id, since=clock())
    assert (hosted.arrived, hosted.guests) == (1, 0), "no figure changes by forgetting"


# --- told after the sum -----------------------------------------------------------------------------------------------


async def test_what_a_scanner_tells_after_the_sum_is_added_to_it(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    marin, maxime, odile = [await town.ambassador(name, "Galet") for name in ("Marin", "Maxime", "Odile")]
    evening = await plan(town.museum, clock)
    event_id, ids = evening.event.id, [phone.owner.id for phone in (camille, marin, maxime, odile)]
    for phone in (camille, marin, odile):
        await evening.reply(phone, 1, clock)
    clock.advance(hours=1)
    told = evening.arrive(till, camille, 1), evening.arrive(till, odile)
    kept = evening.arrive(till, marin, 2), evening.arrive(till, maxime), evening.arrive(till, odile, 3)
    undone = [evening.arrive(till, await town.ambassador("Brune", "Goëmon"))]
    undone.append(till.undo(undone[0]))
    await till.hand_in(*told)
    clock.advance(hours=2)
    await planning.note_came(OFFICER, event_id, odile.owner.id, came=False, guests=0, now=clock())
    await planning.sum_up(OFFICER, event_id, await arrivals.present(event_id), "Merci !", now=clock())
    sums = await arrivals.attendance(event_id)
    assert (sums.coming, sums.present, sums.absent, sums.walk_ins) == (3, 1, 2, 0)
    assert await events.been(before=clock()) == {ids[0]}, "nobody is taken at their word any more"
    await News.update({News.sent_at: clock()}).where(News.event_id == event_id, News.kind == "thanks")
    for _ in range(2):
        await till.hand_in(*kept, *undone)
    sums = await arrivals.attendance(event_id)
    assert (sums.coming, sums.present, sums.absent, sums.walk_ins, sums.guests) == (3, 3, 1, 1, 3)
    assert await arrivals.present(event_id) == {ids[0]: 1, ids[1]: 2, ids[2]: 0}, "the officer's word stays"
    assert await events.been(before=clock()) == set(ids[:3])
    thanked = await News.select(News.ambassador_id, News.sent_at).where(News.kind == "thanks")
    assert {row["ambassador_id"] for row in thanked if row["sent_at"] is None} == {ids[1], ids[2]}
    assert len(thanked) == 3
    entries = [one for one in await history.entries_about(event_id) if one.action == "events.arrived_late"]
    assert [one.details for one in entries] == [{"n": 2}]


async def test_a_late_arrival_that_is_confirmed_counts_from_then_on(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    evening = await plan(town.museum, clock)
    await evening.reply(camille, 0, clock)
    clock.advance(hours=6)
    await planning.sum_up(OFFICER, evening.event.id, {}, "", now=clock())
    item = evening.arrive(till, camille)
    assert await till.state_of(item) == "to_confirm"
    assert (await replies.invitee(evening.event.id, camille.owner.id)).came is None
    await service.confirm_visit(OFFICER, UUID(item["id"]), None, now=clock())
    assert (await replies.invitee(evening.event.id, camille.owner.id)).came is True
    assert await News.count().where(News.kind == "thanks") == 0, "nobody was thanked"


async def test_a_scanner_that_may_hold_arrivals_is_named(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    evening = await plan(town.museum, clock)
    cut, drawer, never, back = [await town.scanner() for _ in range(4)]
    await venues.cut_device(OFFICER, cut.device.id, "perdu", now=clock())
    await Device.update({Device.seen_at: clock() - timedelta(days=1)}).where(Device.id == drawer.device.id)
    await Device.update({Device.seen_at: None}).where(Device.id == never.device.id)

    async def named() -> set[UUID]:
        return {one.id for one in await late.unheard(evening.event, [evening.slot])}

    assert await named() == {till.device.id, back.device.id}
    clock.advance(hours=3)
    await back.hand_in()
    assert await named() == {till.device.id}


# --- what scanners hear -----------------------------------------------------------------------------------------------


async def test_a_scanner_knows_the_slots_of_its_venue(
    town: Town, issuer: Issuer, till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    zoo = await venues.add_venue(SYSTEM, name="Zoo", commune="", address="", url="", contact_email="", now=clock())
    elsewhere = await town.scanner(zoo)
    marin = await town.ambassador("Marin", "Galet")
    quiet = await service.snapshot(issuer, till.device.id, now=clock())
    assert quiet.slots == []
    evening = await plan(town.museum, clock, title_en="Late opening", walk_ins=True, guests_max=2)
    await plan(town.museum, clock, is_open=False)
    gone = await plan(town.museum, clock)
    await planning.cancel_event(OFFICER, gone.event.id, "tempête", now=clock())
    await evening.reply(camille, 2, clock)
    await other_till.hand_in(evening.arrive(other_till, camille, 1))
    await till.hand_in(evening.arrive(till, marin))
    news = await service.snapshot(issuer, till.device.id, now=clock())
    assert news.version != quiet.version
    [slot] = msgspec.json.decode(msgspec.json.encode(news))["slots"]
    starts_ms, hour_ms = clocks.to_ms(evening.slot.starts_at), 3_600_000
    assert slot == {
        "id": str(evening.slot.id),
        "eventId": str(evening.event.id),
        "title": {"fr": "Nocturne", "en": "Late opening"},
        "note": "marée basse",
        "startsMs": starts_ms,
        "endsMs": starts_ms + 2 * hour_ms,
        "opensMs": starts_ms - 2 * hour_ms,
        "closesMs": starts_ms + 4 * hour_ms,
        "capacity": 20,
        "guestsMax": 2,
        "walkIns": True,
        "expected": {camille.owner.sub: 2},
        "waiting": [],
        "arrived": {camille.owner.sub: {"atMs": clocks.to_ms(clock()), "guests": 1, "label": "Caisse"}},
    }
    assert (await service.snapshot(issuer, till.device.id, now=clock())).version == news.version
    assert (await service.snapshot(issuer, elsewhere.device.id, now=clock())).slots == []
    for hours, n in ((14, 1), (2, 0)):
        clock.advance(hours=hours)
        assert len((await service.snapshot(issuer, till.device.id, now=clock())).slots) == n


async def test_a_scanner_knows_the_other_times_of_an_event_that_is_near(
    town: Town, issuer: Issuer, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    evening = await plan(town.museum, clock)
    await plan(town.museum, clock, in_hours=24 * 16)
    away = {days: clock() + timedelta(days=days) for days in (-16, -14, 40)}
    slots = {
        days: Slot(event_id=evening.event.id, starts_at=at, ends_at=at + timedelta(hours=2))
        for days, at in away.items()
    }
    for slot in slots.values():
        await slot.save()
    said = await Invitee.objects().get(
        (Invitee.event_id == evening.event.id) & (Invitee.ambassador_id == camille.owner.id)
    )
    assert said is not None
    said.reply, said.slot_id, said.guests = Reply.COMING.value, slots[40].id, 1
    await said.save()
    told = (await service.snapshot(issuer, till.device.id, now=clock())).slots
    assert [slot.starts_ms for slot in told] == [
        clocks.to_ms(at) for at in (away[-14], evening.slot.starts_at, away[40])
    ]
    assert [slot.expected for slot in told] == [{}, {}, {camille.owner.sub: 1}]


async def test_who_waits_is_told_to_the_door(
    town: Town, issuer: Issuer, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    marin = await town.ambassador("Marin", "Galet")
    evening = await plan(town.museum, clock)
    evening.slot.capacity = 1
    await evening.slot.save()
    await evening.reply(camille, 0, clock)
    await evening.reply(marin, 1, clock)
    [slot] = (await service.snapshot(issuer, till.device.id, now=clock())).slots
    assert (slot.expected, slot.waiting) == ({camille.owner.sub: 0}, [marin.owner.sub])
