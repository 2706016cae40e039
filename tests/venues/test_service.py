"""Venues, benefits, pairing, scanners: every act, on both databases."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from estran.actor import SYSTEM, Actor, Role
from estran.errors import Conflict, Gone, Invalid, NotFound
from estran.history import service as history
from estran.inbox import service as inbox
from estran.venues import rules, service
from estran.venues.service import Paired
from estran.venues.tables import Benefit, Device, Pairing, Venue
from estran.venues.terms import PLAIN, Quota, Terms
from tests.conftest import FrozenClock

pytestmark = pytest.mark.anyio

OFFICER = Actor(kind="account", id=UUID(int=7), roles=frozenset({Role.OFFICER}))
HOUR = timedelta(hours=1)
TERMS = PLAIN
MUSEUM: dict[str, str] = {
    "name": "Musée",
    "commune": "Granville",
    "address": "1 rue du Roc",
    "url": "https://musee.example.org",
    "contact_email": "accueil@musee.example.org",
}


@pytest.fixture
async def museum(engine: Any, clock: FrozenClock) -> Venue:
    return await service.add_venue(OFFICER, **MUSEUM, now=clock())


async def code(venue: Venue, clock: FrozenClock, *, reusable: bool = False) -> str:
    return await service.make_pairing(OFFICER, venue.id, reusable=reusable, lifetime=HOUR, now=clock())


async def pair(venue: Venue, clock: FrozenClock, *, reusable: bool = False) -> Paired:
    return await service.pair(await code(venue, clock, reusable=reusable), "Caisse", "goéland", now=clock())


async def acts(subject: UUID) -> list[str]:
    return sorted(entry.action for entry in await history.entries_about(subject))


# --- venues and benefits ----------------------------------------------------------------------------------------------


async def test_a_venue_lives_and_every_act_is_kept(museum: Venue, clock: FrozenClock) -> None:
    await service.edit_venue(OFFICER, museum.id, **(MUSEUM | {"name": "  Musée   d’Art "}), now=clock())
    assert (await service.venue(museum.id)).name == "Musée d’Art"
    await service.pause_venue(OFFICER, museum.id, "travaux", now=clock())
    await service.pause_venue(OFFICER, museum.id, "encore", now=clock())
    assert (await service.venue(museum.id)).paused_why == "travaux"
    await service.resume_venue(OFFICER, museum.id, now=clock())
    assert (await service.venue(museum.id)).paused_at is None
    assert await acts(museum.id) == ["venues.add", "venues.edit", "venues.pause", "venues.resume"]


async def test_an_edit_that_changes_nothing_leaves_no_trace(museum: Venue, clock: FrozenClock) -> None:
    await service.edit_venue(OFFICER, museum.id, **MUSEUM, now=clock())
    assert await acts(museum.id) == ["venues.add"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " \u200b "),
        ("name", "x" * 121),
        ("commune", "x" * 81),
        ("url", "javascript:alert(1)"),
        ("url", "musee.example.org"),
    ],
)
async def test_a_venue_that_cannot_be_shown_is_refused(
    museum: Venue, clock: FrozenClock, field: str, value: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await service.edit_venue(OFFICER, museum.id, **(MUSEUM | {field: value}), now=clock())
    assert caught.value.extra["fields"] == [field]


async def test_an_archived_venue_leaves_the_lists_and_its_scanners_are_cut(museum: Venue, clock: FrozenClock) -> None:
    paired, open_code = await pair(museum, clock), await code(museum, clock)
    await service.archive_venue(OFFICER, museum.id, "fermé", now=clock())
    assert await service.venues() == []
    assert [row.id for row in await service.venues(archived=True)] == [museum.id]
    assert (await service.device(paired.device.id)).state == "cut"
    with pytest.raises(Gone, match="pairing_ended"):
        await service.pair(open_code, "Caisse", "goéland", now=clock())
    with pytest.raises(Conflict, match="venue_archived"):
        await code(museum, clock)


async def test_a_venue_that_comes_back_has_its_benefits_but_no_scanner(museum: Venue, clock: FrozenClock) -> None:
    paired, open_code = await pair(museum, clock), await code(museum, clock)
    benefit = await service.set_benefit(OFFICER, museum.id, None, TERMS, now=clock())
    await service.archive_venue(OFFICER, museum.id, "fermé", now=clock())
    for _ in range(2):
        await service.restore_venue(OFFICER, museum.id, now=clock())
    assert [row.id for row in await service.venues()] == [museum.id]
    assert [row.id for row in await service.benefits_of(museum.id)] == [benefit.id]
    assert (await service.device(paired.device.id)).state == "cut"
    with pytest.raises(Gone, match="pairing_ended"):
        await service.pair(open_code, "Caisse", "goéland", now=clock())
    assert await code(museum, clock)


async def test_a_benefit_keeps_its_id_and_raises_its_version(museum: Venue, clock: FrozenClock) -> None:
    first = await service.set_benefit(OFFICER, museum.id, None, TERMS, now=clock())
    same = await service.set_benefit(OFFICER, museum.id, first.id, TERMS, now=clock())
    assert same.version == 1
    changed = await service.set_benefit(OFFICER, museum.id, first.id, Terms(quota=Quota(3)), now=clock())
    assert (changed.id, changed.version) == (first.id, 2)
    (edit,) = [one for one in await history.entries_about(museum.id) if one.action == "venues.edit_benefit"]
    assert edit.details == {"benefit": str(first.id), "version": 2, "kind": "free_entry"}
    await service.end_benefit(OFFICER, museum.id, first.id, now=clock())
    assert await service.benefits_of(museum.id) == []
    assert await Benefit.count() == 1
    with pytest.raises(NotFound):
        await service.end_benefit(OFFICER, museum.id, first.id, now=clock())


async def test_contradictory_terms_are_refused(museum: Venue, clock: FrozenClock) -> None:
    with pytest.raises(Invalid) as caught:
        await service.set_benefit(OFFICER, museum.id, None, Terms(percent=20, min_paying_companions=21), now=clock())
    assert caught.value.extra["fields"] == ["percent", "min_paying_companions"]


async def test_every_version_is_kept(museum: Venue, clock: FrozenClock) -> None:
    first = await service.set_benefit(OFFICER, museum.id, None, TERMS, now=clock())
    then = clock()
    clock.advance(days=1)
    await service.set_benefit(OFFICER, museum.id, first.id, Terms(quota=Quota(3)), now=clock())
    newest, oldest = await service.versions_of(first.id)
    assert (newest.version, newest.since, newest.account_id) == (2, clock(), OFFICER.id)
    assert (oldest.version, oldest.since) == (1, then)
    assert await service.terms_of(first.id, 1) == TERMS
    assert await service.terms_of(first.id, 2) == Terms(quota=Quota(3))
    assert await service.terms_of(first.id, 3) is None
    assert await service.terms_of(first.id, None) is None


async def test_a_scan_tries_benefits_in_the_order_the_officer_gave(museum: Venue, clock: FrozenClock) -> None:
    one, two, three = [
        (await service.set_benefit(OFFICER, museum.id, None, Terms(quota=Quota(n)), now=clock())).id for n in (1, 2, 3)
    ]
    assert [row.id for row in await service.benefits_of(museum.id)] == [one, two, three]
    for _ in range(2):
        await service.order_benefits(OFFICER, museum.id, [three, one], now=clock())
    assert [row.id for row in await service.benefits_of(museum.id)] == [three, one, two]
    assert len([row for row in await history.entries_about(museum.id) if row.action == "venues.order_benefits"]) == 1
    with pytest.raises(NotFound):
        await service.order_benefits(OFFICER, museum.id, [uuid4()], now=clock())


async def test_another_venues_benefit_is_not_found(museum: Venue, clock: FrozenClock) -> None:
    benefit = await service.set_benefit(OFFICER, museum.id, None, TERMS, now=clock())
    zoo = await service.add_venue(OFFICER, **(MUSEUM | {"name": "Zoo"}), now=clock())
    with pytest.raises(NotFound):
        await service.set_benefit(OFFICER, zoo.id, benefit.id, Terms(quota=Quota(1)), now=clock())


# --- pairing ----------------------------------------------------------------------------------------------------------


async def test_a_code_pairs_once_and_no_secret_is_kept(museum: Venue, clock: FrozenClock) -> None:
    secret = await code(museum, clock)
    typed = f" {secret[:4]}-{secret[4:]} ".lower()
    paired = await service.pair(typed, " Caisse  1 ", "goéland", now=clock())
    assert (paired.device.state, paired.device.label, paired.venue.id) == ("active", "Caisse 1", museum.id)
    assert await service.device_by_token(paired.token) == (paired.device.id, museum.id)
    kept = str([row.to_dict() for row in await Device.objects()] + [row.to_dict() for row in await Pairing.objects()])
    assert secret not in kept
    assert paired.token not in kept
    with pytest.raises(Gone, match="pairing_ended"):
        await service.pair(secret, "Caisse 2", "varech", now=clock())


async def test_a_code_ends_after_its_hour(museum: Venue, clock: FrozenClock) -> None:
    secret = await code(museum, clock)
    clock.advance(hours=1)
    with pytest.raises(Gone, match="pairing_ended"):
        await service.pair(secret, "Caisse", "goéland", now=clock())


@pytest.mark.parametrize("secret", ["", "ABCD-EFGH", "x" * 10_000, "\ud800", "0000-0000"])
async def test_an_unknown_code_is_not_found(museum: Venue, clock: FrozenClock, secret: str) -> None:
    with pytest.raises(NotFound, match="unknown_pairing"):
        await service.pair(secret, "Caisse", "goéland", now=clock())


@pytest.mark.parametrize(("label", "word"), [("", "goéland"), ("x" * 41, "goéland"), ("Caisse", "g1"), ("Caisse", "")])
async def test_a_scanner_needs_a_label_and_a_word(museum: Venue, clock: FrozenClock, label: str, word: str) -> None:
    secret = await code(museum, clock)
    with pytest.raises(Invalid):
        await service.pair(secret, label, word, now=clock())
    assert (await service.pair(secret, "Caisse", "goéland", now=clock())).device.state == "active"


async def test_a_posters_scanners_wait_for_approval(museum: Venue, clock: FrozenClock) -> None:
    secret = await code(museum, clock, reusable=True)
    first = await service.pair(secret, "Tablette", "goéland", now=clock())
    second = await service.pair(secret, "Téléphone", "varech", now=clock())
    assert (first.device.state, second.device.state) == ("pending", "pending")
    assert [item.kind for item in await inbox.open_items()] == ["device_pending"] * 2
    await service.approve_device(OFFICER, first.device.id, now=clock())
    await service.approve_device(OFFICER, first.device.id, now=clock())
    await service.cut_device(OFFICER, second.device.id, "inconnu", now=clock())
    assert await inbox.open_items() == []
    assert (await service.device(first.device.id)).approved_at == clock()
    with pytest.raises(Conflict, match="device_cut"):
        await service.approve_device(OFFICER, second.device.id, now=clock())


async def test_pending_scanners_do_not_use_the_cap(museum: Venue, clock: FrozenClock) -> None:
    waiting = await pair(museum, clock, reusable=True)
    for _ in range(rules.ACTIVE_DEVICES_MAX):
        last = await pair(museum, clock)
    secret = await code(museum, clock)
    with pytest.raises(Conflict, match="too_many_devices"):
        await service.pair(secret, "Caisse", "goéland", now=clock())
    with pytest.raises(Conflict, match="too_many_devices"):
        await service.approve_device(OFFICER, waiting.device.id, now=clock())
    assert (await pair(museum, clock, reusable=True)).device.state == "pending"
    await service.cut_device(OFFICER, last.device.id, "remplacé", now=clock())
    await service.approve_device(OFFICER, waiting.device.id, now=clock())
    assert await Device.count().where(Device.state == "active") == rules.ACTIVE_DEVICES_MAX


async def test_a_leaked_poster_fills_no_inbox(museum: Venue, clock: FrozenClock) -> None:
    secret = await code(museum, clock, reusable=True)
    waiting = [await service.pair(secret, "Tablette", "goéland", now=clock()) for _ in range(rules.PENDING_DEVICES_MAX)]
    with pytest.raises(Conflict, match="too_many_pending"):
        await service.pair(secret, "Tablette", "goéland", now=clock())
    assert await inbox.count_open() == rules.PENDING_DEVICES_MAX
    assert (await pair(museum, clock)).device.state == "active"  # by a one-time code
    lighthouse = await service.add_venue(OFFICER, **MUSEUM | {"name": "Phare"}, now=clock())
    assert (await pair(lighthouse, clock, reusable=True)).device.state == "pending"
    await service.cut_device(OFFICER, waiting[0].device.id, "inconnu", now=clock())
    await service.approve_device(OFFICER, waiting[1].device.id, now=clock())
    for _ in range(2):
        assert (await service.pair(secret, "Tablette", "goéland", now=clock())).device.state == "pending"


async def test_a_poster_used_by_many_at_once_keeps_to_the_limit(museum: Venue, clock: FrozenClock) -> None:
    secret = await code(museum, clock, reusable=True)
    for _ in range(rules.PENDING_DEVICES_MAX - 1):
        await service.pair(secret, "Tablette", "goéland", now=clock())
    tries = [service.pair(secret, "Tablette", "goéland", now=clock()) for _ in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, Paired) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 3


async def test_a_scanner_that_nobody_approves_is_cut_after_a_week(museum: Venue, clock: FrozenClock) -> None:
    forgotten = await pair(museum, clock, reusable=True)
    clock.advance(days=1)
    active, waiting = await pair(museum, clock), await pair(museum, clock, reusable=True)
    clock.advance(days=5, hours=23)
    await service.cut_forgotten(now=clock())
    assert await inbox.count_open() == 2
    clock.advance(hours=1)
    for _ in range(2):
        await service.cut_forgotten(now=clock())
    states = [(await service.device(one.device.id)).state for one in (forgotten, active, waiting)]
    assert states == ["cut", "active", "pending"]
    assert [item.subject_id for item in await inbox.open_items()] == [waiting.device.id]
    assert await acts(forgotten.device.id) == ["venues.cut_forgotten", "venues.pair"]


async def test_a_code_used_by_two_at_once_pairs_one(museum: Venue, clock: FrozenClock) -> None:
    secret = await code(museum, clock)
    tries = [service.pair(secret, f"Caisse {n}", "goéland", now=clock()) for n in range(6)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, Paired) for result in results) == 1
    assert sum(isinstance(result, Gone) for result in results) == 5


async def test_a_withdrawn_poster_pairs_nothing_more(museum: Venue, clock: FrozenClock) -> None:
    secret = await code(museum, clock, reusable=True)
    (poster,) = await service.open_pairings(museum.id, now=clock())
    await service.end_pairing(OFFICER, museum.id, poster.id, now=clock())
    with pytest.raises(Gone, match="pairing_ended"):
        await service.pair(secret, "Tablette", "goéland", now=clock())
    assert await service.open_pairings(museum.id, now=clock()) == []
    with pytest.raises(NotFound):
        await service.end_pairing(OFFICER, museum.id, poster.id, now=clock())


async def test_a_cut_scanner_is_still_known_by_its_token(museum: Venue, clock: FrozenClock) -> None:
    paired = await pair(museum, clock)
    for why in ("perdu", "encore"):
        await service.cut_device(OFFICER, paired.device.id, why, now=clock())
    assert await service.device_by_token(paired.token) == (paired.device.id, museum.id)
    found = await service.device(paired.device.id)
    assert (found.state, found.cut_at) == ("cut", clock())
    assert await acts(paired.device.id) == ["venues.cut_device", "venues.pair"]
    assert await service.device_by_token("x") is None
    assert await service.devices() == []


async def test_what_an_older_server_wrote_is_still_given(museum: Venue, clock: FrozenClock) -> None:
    """An update is taken back, the officer changes a benefit and adds one, the update comes again."""
    grown = await service.set_benefit(OFFICER, museum.id, None, Terms(guests_max=1, quota=Quota(4)), now=clock())
    await Benefit.update({Benefit.version: 2, Benefit.quota_per_year: 2}).where(Benefit.id == grown.id)
    older: dict[str, Any] = {
        "version": 1,
        "kind": "free_entry",
        "min_paying_companions": 1,
        "created_at": clock.advance(days=1),
    }
    added = Benefit(id=uuid4(), venue_id=museum.id, place=9, **older)
    await added.save()
    found = {one.id: (one.version, one.terms) for one in await service.benefits_of(museum.id)}
    assert found == {grown.id: (2, Terms(quota=Quota(2))), added.id: (1, Terms(min_paying_companions=1))}
    changed = await service.set_benefit(OFFICER, museum.id, added.id, Terms(guests_max=2), now=clock())
    assert (changed.version, changed.terms) == (2, Terms(guests_max=2))


async def test_nobody_is_found_who_is_not_there(engine: Any, clock: FrozenClock) -> None:
    nobody = UUID(int=9)
    for act in (
        service.venue(nobody),
        service.device(nobody),
        service.pause_venue(SYSTEM, nobody, "?", now=clock()),
        service.make_pairing(SYSTEM, nobody, reusable=False, lifetime=HOUR, now=clock()),
        service.set_benefit(SYSTEM, nobody, None, TERMS, now=clock()),
        service.approve_device(SYSTEM, nobody, now=clock()),
        service.cut_device(SYSTEM, nobody, "?", now=clock()),
    ):
        with pytest.raises(NotFound):
            await act
