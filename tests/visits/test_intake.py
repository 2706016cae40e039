"""From the scanner's outbox to the table, on both databases: docs/sync.md §5-§6."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from estran import clock as clocks
from estran.actor import SYSTEM
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.encoding import b64
from estran.errors import Forbidden, Invalid, NotFound
from estran.inbox import service as inbox
from estran.passes import keys, token
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.passes.tables import Pass
from estran.venues import service as venues
from estran.venues.tables import Device
from estran.venues.terms import PLAIN
from estran.visits import service
from estran.visits.items import BatchIn
from estran.visits.tables import Change, ParkedItem, Visit
from tests.conftest import FrozenClock
from tests.visits.conftest import OFFICER, Phone, Scanner, Town, flags, stored

pytestmark = pytest.mark.anyio

DAY_MS = 86_400_000


# --- what is kept -----------------------------------------------------------------------------------------------------


async def test_an_honest_visit_is_counted_and_only_claims_are_kept(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    digits = camille.show(clock())
    item = till.scan(digits, companions=2)
    (result,) = (await till.hand_in(item)).results
    assert (result.id, result.result, result.state, result.code) == (item["id"], "stored", "counted", None)
    row = await stored(item)
    assert (row.ambassador_id, row.venue_id, row.benefit_id) == (
        camille.owner.id,
        till.device.venue_id,
        till.benefit.id,
    )
    assert (row.at, row.on_day, row.received_at) == (clock(), "2026-06-15", clock())
    assert (row.companions, row.proof, row.server_reason, row.iat) == (2, "live", "welcome", int(clock().timestamp()))
    assert row.jti == b64(camille.fields().jti)
    kept = json.dumps(row.to_dict(), default=str)
    assert digits not in kept
    assert digits[-60:] not in kept
    assert await flags() == []


async def test_the_venue_comes_from_the_token(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    item = till.scan(camille.show(clock())) | {"venueId": str(uuid4()), "venue": str(uuid4())}
    assert await till.state_of(item) == "counted"
    assert (await stored(item)).venue_id == till.device.venue_id


async def test_another_venues_benefit_is_not_taken(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    zoo = await venues.add_venue(SYSTEM, name="Zoo", commune="", address="", url="", contact_email="", now=clock())
    elsewhere = await venues.set_benefit(SYSTEM, zoo.id, None, PLAIN, now=clock())
    item = till.scan(camille.show(clock()), benefitId=str(elsewhere.id))
    await till.state_of(item)
    assert (await stored(item)).benefit_id is None


async def test_items_are_judged_in_their_order_and_results_keep_it(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    items = [till.scan(camille.show(clock())) for _ in range(5)]
    answer = await till.hand_in(*items)
    assert [result.id for result in answer.results] == [item["id"] for item in items]
    assert {result.state for result in answer.results} == {"counted"}
    assert answer.device == "active"


async def test_a_hundred_items_at_once(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    answer = await till.hand_in(*[till.scan(camille.show(clock())) for _ in range(100)])
    assert [result.state for result in answer.results] == ["counted"] * 100
    assert await Visit.count() == 100


async def test_an_empty_call_only_says_how_the_scanner_is(till: Scanner, clock: FrozenClock) -> None:
    await till.hand_in(queueLength=0)
    device = await till.reload()
    assert (device.synced_at, device.app_version, device.queue_length) == (clock(), "1.0", 0)


# --- at least once becomes exactly once -------------------------------------------------------------------------------


async def test_the_same_item_again_is_a_duplicate(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    item = till.scan(camille.show(clock()))
    await till.hand_in(item)
    shuffled = dict(reversed(item.items()))
    for again in (item, shuffled):
        (result,) = (await till.hand_in(again)).results
        assert (result.result, result.state) == ("duplicate", "counted")
    assert await Visit.count() == 1


async def test_the_same_item_twice_in_one_call_is_stored_once(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    item = till.scan(camille.show(clock()))
    results = (await till.hand_in(item, item)).results
    assert [result.result for result in results] == ["stored", "duplicate"]
    assert await Visit.count() == 1


async def test_the_same_id_with_another_body_is_parked(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    item = till.scan(camille.show(clock()))
    await till.hand_in(item)
    for _ in range(2):
        (result,) = (await till.hand_in(item | {"companions": 9})).results
        assert (result.id, result.result) == (item["id"], "parked")
    assert (await stored(item)).companions == 0
    assert await ParkedItem.count() == 1
    assert await flags() == ["parked_item"]


async def test_the_same_id_from_another_scanner_is_parked(
    till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    item = till.scan(camille.show(clock()))
    await till.hand_in(item)
    (result,) = (await other_till.hand_in(item)).results
    assert result.result == "parked"
    assert (await stored(item)).device_id == till.device.id


POISON: list[Any] = [
    None,
    17,
    "visit",
    [],
    {},
    {"kind": "visit"},
    {"kind": "sale", "id": "1"},
    {"kind": "undo", "id": "not a uuid", "seq": 1, "visitId": "x", "undoneAtMs": 0},
    {"kind": "visit", "id": {"a": 1}},
    {"kind": "visit\x00"},
]
WRONG: list[dict[str, Any]] = [
    {"scannedAtMs": -1},
    {"scannedAtMs": 10**18},
    {"scannedAtMs": "1795000000000"},
    {"scannedAtMs": 1.5},
    {"skewMs": 10**18},
    {"seq": 0},
    {"seq": 2**31},
    {"companions": -1},
    {"companions": 10**9},
    {"answer": "maybe"},
    {"reason": "no\x00reason"},
    {"reason": "x" * 25},
    {"outcome": "sold"},
    {"decisions": None},
    {"decisions": {"identity": "yes", "again": None, "why": None}},
    {"decisions": {"identity": False, "again": "always", "why": None}},
    {"decisions": {"identity": False, "again": None, "why": "x" * 201}},
    {"benefitId": "museum"},
    {"digits": None},
    {"digits": "1" * 2001},
    {"id": "00000000"},
]


@pytest.mark.parametrize("poison", POISON, ids=repr)
async def test_a_poison_item_parks_itself_and_spares_the_others(
    till: Scanner, camille: Phone, clock: FrozenClock, poison: Any
) -> None:
    good, late = till.scan(camille.show(clock())), till.scan(camille.show(clock()))
    results = (await till.hand_in(good, poison, late)).results
    assert [result.result for result in results] == ["stored", "parked", "stored"]
    assert await flags() == ["parked_item"]
    assert [result.result for result in (await till.hand_in(poison)).results] == ["parked"]
    assert await ParkedItem.count() == 1


async def test_every_wrong_member_parks_its_item_only(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    spoiled = [till.scan(camille.show(clock())) | wrong for wrong in WRONG]
    good = till.scan(camille.show(clock()))
    results = (await till.hand_in(*spoiled, good)).results
    assert [result.result for result in results] == ["parked"] * len(WRONG) + ["stored"]
    for result, item, wrong in zip(results, spoiled, WRONG, strict=False):
        assert "id" in wrong or result.id == item["id"]
    assert (await flags()).count("sequence_gap") == 1  # the two without a usable `seq`


async def test_a_parked_item_keeps_no_presentation(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    digits = camille.show(clock())
    await till.hand_in(till.scan(digits, companions=-1))
    row = await ParkedItem.objects().first()
    assert row is not None
    assert "companions" in row.body
    assert digits[:60] not in row.body
    assert digits[-60:] not in row.body


async def test_free_text_is_kept_on_one_line_without_control_characters(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    item = till.scan(camille.show(clock()), decisions={"again": "let_in", "why": " fête\x00 du\n musée\u202e "})
    await till.hand_in(item, appVersion="1.0\x00\x1b")
    assert (await stored(item)).why == "fête du musée"
    assert (await till.reload()).app_version == "1.0"


@pytest.mark.parametrize(
    "body",
    [
        b'{"kind":"visit","why":"\\ud800"}',
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b'{"kind":"undo","id":"\xff"}',
        b'{"kind":"undo","id":"00000000-0000-4000-8000-000000000001","seq":1,"visitId":"\xff"}',
    ],
    ids=["surrogate", "deep", "id not UTF-8", "member not UTF-8"],
)
async def test_strange_json_is_parked(till: Scanner, body: bytes, clock: FrozenClock) -> None:
    batch = BatchIn(sent_at_ms=clocks.to_ms(clock()), queue_length=1, items=[msgspec.Raw(body)])
    (result,) = (await service.intake(till.issuer, till.device.id, batch, now=clock())).results
    assert result.result == "parked"


# --- lying scanners, other people's passes ----------------------------------------------------------------------------


async def test_a_forged_pass_never_counts(till: Scanner, camille: Phone, clock: FrozenClock, issuer: Issuer) -> None:
    mallory = generate_private_key(SECP256R1())
    forged = token.sign_credential(camille.fields()._replace(name="Mallory M."), issuer.iss, mallory)
    shown = token.sign_proof(forged, issuer.iss, camille.key, iat=int(clock().timestamp()), nonce=b"\0\0\0\1")
    item = till.scan(token.digits_of(shown.raw))
    assert await till.state_of(item) == "quarantined"
    row = (await stored(item)).to_dict()
    kept = [row[name] for name in ("server_reason", "ambassador_id", "jti", "iat", "proof")]
    assert kept == ["bad_signature", None, None, None, "none"]
    assert await flags() == ["unverifiable"]


@pytest.mark.parametrize(
    ("digits", "reason"),
    [
        ("", "malformed"),
        ("12", "malformed"),
        ("9" * 225, "malformed"),
        ("abc", "malformed"),
        ("200", "unknown_version"),
    ],
)
async def test_what_is_no_pass_is_quarantined(till: Scanner, digits: str, reason: str) -> None:
    item = till.scan(digits)
    assert await till.state_of(item) == "quarantined"
    assert (await stored(item)).server_reason == reason


async def test_a_proof_by_another_phone_never_counts(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    item = till.scan(camille.show(clock(), key=generate_private_key(SECP256R1())))
    assert await till.state_of(item) == "quarantined"
    assert (await stored(item)).server_reason == "bad_proof"


async def test_a_forgery_that_the_venue_refused_does_not_bother_the_officer(till: Scanner) -> None:
    item = till.scan("9" * 240, outcome="refused", answer="refuse", reason="malformed")
    assert await till.state_of(item) == "quarantined"
    assert await flags() == []


async def test_the_same_proof_counts_once(
    till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    digits = camille.show(clock())
    assert await till.state_of(till.scan(digits)) == "counted"
    again = other_till.scan(digits)
    assert await other_till.state_of(again) == "rejected"
    assert (await stored(again)).server_reason == "replayed"
    assert await till.state_of(till.scan(digits)) == "rejected"
    assert await flags() == ["replayed", "replayed"]


async def test_the_same_proof_counts_once_within_one_call(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    digits = camille.show(clock())
    answer = await till.hand_in(till.scan(digits), till.scan(digits))
    assert [result.state for result in answer.results] == ["counted", "rejected"]


async def test_the_malleable_signature_is_the_same_proof(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    digits = camille.show(clock())
    fields = token.parse_digits(digits)
    assert isinstance(fields, token.Fields)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    flipped = (order - int.from_bytes(fields.proof[32:], "big")).to_bytes(32, "big")
    other = token.digits_of(fields._replace(proof=fields.proof[:32] + flipped).raw)
    assert other != digits
    answer = await till.hand_in(till.scan(digits), till.scan(other))
    assert [result.state for result in answer.results] == ["counted", "rejected"]


async def test_a_refused_scan_does_not_use_up_the_proof(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    digits = camille.show(clock())
    refused = till.scan(digits, outcome="refused", answer="refuse", reason="companions_missing")
    answer = await till.hand_in(refused, till.scan(digits, companions=2))
    assert [result.state for result in answer.results] == ["refused", "counted"]


async def test_a_scan_undone_gives_the_proof_back(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    digits = camille.show(clock())
    first = till.scan(digits)
    answer = await till.hand_in(first, till.undo(first), till.scan(digits))
    assert [result.state for result in answer.results] == ["counted", None, "counted"]
    assert (await stored(first)).state == "cancelled"


async def test_a_pass_revoked_in_the_list_it_names_is_rejected(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    await passes.revoke(OFFICER, camille.owner.id, "téléphone perdu", now=clock())
    version = (await passes.publish_status(now=clock())).version
    item = till.scan(camille.show(clock.advance(hours=1)), statusVersion=version)
    assert await till.state_of(item) == "rejected"
    assert (await stored(item)).server_reason == "revoked"
    assert await flags() == ["verdict_mismatch"]


async def test_a_scanner_cannot_forget_a_list_it_showed_to_have(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    await passes.revoke(OFFICER, camille.owner.id, "téléphone perdu", now=clock())
    version = (await passes.publish_status(now=clock())).version
    await till.hand_in(statusVersion=version)
    clock.advance(hours=1)
    for claimed in (1, None, 10**6):
        assert await till.state_of(till.scan(camille.show(clock()), statusVersion=claimed)) == "rejected"


async def test_a_scan_made_before_the_scanner_had_the_list_counts(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    await passes.revoke(OFFICER, camille.owner.id, "téléphone perdu", now=clock.advance(hours=1))
    version = (await passes.publish_status(now=clock())).version
    item = till.scan(camille.show(clock.advance(hours=1)), statusVersion=1)
    clock.advance(hours=1)
    await till.hand_in(statusVersion=version)
    clock.advance(hours=1)
    assert await till.state_of(item) == "counted"
    assert (await stored(item)).server_reason == "revoked"
    assert await flags() == ["revoked_admitted"]


async def test_a_visit_before_the_revocation_is_not_even_flagged(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    item = till.scan(camille.show(clock()))
    await passes.revoke(OFFICER, camille.owner.id, "téléphone perdu", now=clock.advance(hours=1))
    assert await till.state_of(item) == "counted"
    assert await flags() == []


async def test_a_pause_that_is_over_by_now_is_remembered_by_the_list_of_that_day(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    await club.pause(OFFICER, camille.owner.id, "congé", now=clock.advance(hours=1))
    paused = (await passes.publish_status(now=clock())).version
    item = till.scan(camille.show(clock.advance(hours=1)))
    knowing = till.scan(camille.show(clock()), statusVersion=paused)
    await club.resume(OFFICER, camille.owner.id, now=clock.advance(hours=1))
    await passes.publish_status(now=clock())
    answer = await till.hand_in(item, knowing)
    assert [result.state for result in answer.results] == ["counted", "rejected"]
    assert await flags() == ["revoked_admitted", "verdict_mismatch"]


async def test_after_the_pause_a_newer_list_excuses_the_older_one(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    await club.pause(OFFICER, camille.owner.id, "congé", now=clock())
    await till.hand_in(statusVersion=(await passes.publish_status(now=clock())).version)
    await club.resume(OFFICER, camille.owner.id, now=clock.advance(hours=1))
    back = (await passes.publish_status(now=clock())).version
    item = till.scan(camille.show(clock.advance(hours=1)), statusVersion=back)
    assert await till.state_of(item) == "counted"
    assert await flags() == []


async def test_a_list_that_was_never_published_is_not_believed(till: Scanner, clock: FrozenClock) -> None:
    await till.hand_in(statusVersion=10**6)
    assert (await till.reload()).status_version is None


async def test_an_emergency_revocation_makes_the_key_unknown(
    till: Scanner, camille: Phone, clock: FrozenClock, issuer: Issuer
) -> None:
    item = till.scan(camille.show(clock()))
    signing = await keys.current(issuer, now=clock())
    await keys.revoke(issuer, OFFICER, signing.kid, "fuite", now=clock())
    assert await till.state_of(item) == "quarantined"
    assert (await stored(item)).server_reason == "unknown_key"


async def test_a_pass_whose_row_is_gone_is_still_somebodys(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    await Pass.delete(force=True)
    item = till.scan(camille.show(clock()))
    assert await till.state_of(item) == "counted"
    row = await stored(item)
    assert (row.pass_id, row.ambassador_id) == (None, camille.owner.id)


async def test_a_genuine_pass_of_nobody_any_more_still_counts_for_the_venue(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    await Pass.delete(force=True)
    await Ambassador.update({Ambassador.sub: "AAAAAAAAAAA"}).where(Ambassador.id == camille.owner.id)
    item = till.scan(camille.show(clock()))
    assert await till.state_of(item) == "counted"
    assert (await stored(item)).ambassador_id is None


# --- quotas -----------------------------------------------------------------------------------------------------------


async def test_visits_beyond_the_quota_count_and_are_shown(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    till.benefit = await town.terms(quota=2)
    first = await till.hand_in(*[till.scan(camille.show(clock())) for _ in range(3)])
    assert [result.state for result in first.results] == ["counted"] * 3
    assert await flags() == ["over_quota"]
    await till.hand_in(till.scan(camille.show(clock())))
    assert await flags() == ["over_quota", "over_quota"]


async def test_quotas_are_by_person_and_calendar_year_in_the_clubs_zone(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    till.benefit = await town.terms(quota=1)
    malo = await town.ambassador("Malo", "Ajonc")
    clock.now = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)  # 23:59 in Paris
    old, other = till.scan(camille.show(clock())), till.scan(malo.show(clock()))
    clock.advance(minutes=2)
    new = till.scan(camille.show(clock()))
    await till.hand_in(old, other, new)
    assert (await stored(old)).on_day == "2026-12-31"
    assert (await stored(new)).on_day == "2027-01-01"
    assert await flags() == []


async def test_an_undone_visit_gives_the_quota_back(
    town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    till.benefit = await town.terms(quota=1)
    first = till.scan(camille.show(clock()))
    await till.hand_in(first)
    await till.hand_in(till.undo(first), till.scan(camille.show(clock())))
    assert await flags() == []


# --- clocks -----------------------------------------------------------------------------------------------------------


async def test_a_confirmed_clock_is_corrected_by_the_skew_of_the_scan(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    scanned = clock()
    item = till.scan(
        camille.show(scanned), scannedAtMs=clocks.to_ms(scanned) - 2 * DAY_MS, skewMs=2 * DAY_MS, newsAtMs=None
    )
    clock.advance(hours=5)
    assert await till.state_of(item, sentAtMs=clocks.to_ms(clock())) == "counted"
    row = await stored(item)
    assert (row.at, row.device_ms, row.skew_scan_ms, row.skew_sync_ms) == (
        scanned,
        clocks.to_ms(scanned) - 2 * DAY_MS,
        2 * DAY_MS,
        0,
    )


async def test_an_unconfirmed_clock_is_corrected_by_the_skew_at_sync(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    """A tablet with a dead battery wakes up in 1970, scans two codes, and meets the server the day after."""
    scanned, wrong_by = clock(), clocks.to_ms(clock()) - 3_600_000
    item = till.scan(
        camille.show(scanned),
        scannedAtMs=3_600_000,
        skewMs=None,
        clockConfirmed=False,
        codesAdvance=True,
        newsAtMs=None,
    )
    clock.advance(days=1)
    assert await till.state_of(item, sentAtMs=clocks.to_ms(clock()) - wrong_by) == "counted"
    row = await stored(item)
    assert (row.at, row.device_ms, row.skew_sync_ms) == (scanned, 3_600_000, wrong_by)


async def test_half_a_century_of_skew_is_an_ordinary_correction(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    wrong_by = clocks.to_ms(clock())
    item = till.scan(camille.show(clock()), scannedAtMs=0, skewMs=wrong_by, newsAtMs=None)
    assert await till.state_of(item) == "counted"
    assert (await stored(item)).at == clock()


@pytest.mark.parametrize("sent", [0, 253_402_300_799_000], ids=["1970", "9999"])
@pytest.mark.parametrize("scanned", [0, 253_402_300_799_000], ids=["1970", "9999"])
@pytest.mark.parametrize("skew", [None, 0, 253_402_300_799_000, -253_402_300_799_000])
async def test_absurd_clocks_are_stored_and_never_reach_the_future(
    till: Scanner, camille: Phone, clock: FrozenClock, sent: int, scanned: int, skew: int | None
) -> None:
    item = till.scan(camille.show(clock()), scannedAtMs=scanned, skewMs=skew, newsAtMs=scanned)
    undo = till.undo(item, undoneAtMs=scanned)
    answer = await till.hand_in(item, undo, sentAtMs=sent)
    assert [result.result for result in answer.results] == ["stored", "stored"]
    assert (await stored(item)).at <= clock()


async def test_a_stale_proof_waits_for_the_officer(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    digits = camille.show(clock())
    clock.advance(minutes=5)
    assert await till.state_of(till.scan(digits)) == "to_confirm"
    assert await flags() == ["stale_proof_admitted"]


# --- undo -------------------------------------------------------------------------------------------------------------


async def test_an_undo_cancels_a_stored_visit(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    item = till.scan(camille.show(clock()))
    await till.hand_in(item)
    clock.advance(minutes=9)
    undo = till.undo(item)
    clock.advance(days=3)
    for result in ("stored", "duplicate"):
        assert [one.result for one in (await till.hand_in(undo)).results] == [result]
    assert (await stored(item)).state == "cancelled"
    assert await Change.count() == 1


async def test_an_undo_may_come_before_its_visit(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    item = till.scan(camille.show(clock()))
    await till.hand_in(till.undo(item))
    assert await till.state_of(item) == "cancelled"
    assert await flags() == []


async def test_a_late_undo_is_kept_but_not_applied(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    item = till.scan(camille.show(clock()))
    await till.hand_in(item)
    clock.advance(minutes=11)
    (result,) = (await till.hand_in(till.undo(item))).results
    assert (result.result, result.code) == ("stored", "late_undo")
    assert (await stored(item)).state == "counted"
    assert await flags() == ["late_undo"]


async def test_a_late_undo_that_comes_first_is_not_applied_either(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    item = till.scan(camille.show(clock()))
    clock.advance(minutes=11)
    await till.hand_in(till.undo(item))
    assert await till.state_of(item) == "counted"
    assert "late_undo" in await flags()


async def test_nobody_undoes_another_scanners_visit(
    till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    item = till.scan(camille.show(clock()))
    early = other_till.undo(item)
    await other_till.hand_in(early)
    assert await till.state_of(item) == "counted"
    assert [one.result for one in (await other_till.hand_in(other_till.undo(item))).results] == ["parked"]
    assert (await stored(item)).state == "counted"


async def test_an_undone_visit_bothers_nobody_any_more(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    digits = camille.show(clock())
    clock.advance(minutes=5)
    item = till.scan(digits)
    await till.hand_in(item)
    assert await flags() == ["stale_proof_admitted"]
    await till.hand_in(till.undo(item))
    assert await flags() == []


# --- the scanner itself -----------------------------------------------------------------------------------------------


async def test_a_pending_scanner_hands_in_nothing(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    await Device.update({Device.state: "pending"}).where(Device.id == till.device.id)
    with pytest.raises(Forbidden, match="device_pending"):
        await till.hand_in(till.scan(camille.show(clock())))
    assert await Visit.count() == 0


async def test_a_cut_scanner_hands_in_what_it_holds_and_the_officer_hears_it_once(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    items = [till.scan(camille.show(clock())) for _ in range(3)]
    await venues.cut_device(OFFICER, till.device.id, "volé", now=clock())
    await till.reload()
    answer = await till.hand_in(*items)
    assert answer.device == "cut"
    assert [result.state for result in answer.results] == ["counted"] * 3
    assert await flags() == ["cut_device"]


async def test_old_news_are_said_once_a_day(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    for _ in range(3):
        await till.hand_in(till.scan(camille.show(clock()), newsAtMs=clocks.to_ms(clock()) - 8 * DAY_MS))
    assert await flags() == ["stale_scanner"]


async def test_the_queue_and_the_news_of_a_scanner_are_known(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    items = [till.scan(camille.show(clock())) for _ in range(2)]
    await till.hand_in(*items, queueLength=40, statusVersion=1, appVersion="0.9")
    device = await till.reload()
    assert (device.queue_length, device.last_seq, device.app_version) == (38, 2, "0.9")
    assert (device.status_version, device.status_known_at, device.synced_at) == (1, clock(), clock())


async def test_a_gap_is_shown_and_closes_itself(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    items = [till.scan(camille.show(clock())) for _ in range(6)]
    await till.hand_in(items[0], items[4], items[5])
    (gap,) = await inbox.open_items()
    assert (gap.kind, gap.details) == ("sequence_gap", {"from": 2, "to": 4})
    await till.hand_in(items[1], items[3])
    assert await flags() == ["sequence_gap"]
    await till.hand_in(items[2])
    assert await flags() == []


async def test_a_parked_item_is_not_a_gap(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    items = [till.scan(camille.show(clock())) for _ in range(3)]
    await till.hand_in(items[0])
    await till.hand_in(items[1] | {"companions": -1})
    await till.hand_in(items[2])
    assert await flags() == ["parked_item"]


async def test_a_first_proof_ends_the_older_pass(till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    older = camille.fields().idx
    new_phone = Phone(camille.issuer, camille.owner)
    await new_phone.put(clock.advance(hours=1))
    await till.hand_in(till.scan(new_phone.show(clock())))
    row = await Pass.objects().where(Pass.idx == older).first()
    assert row is not None
    assert row.ends_at == clock()
    assert (await passes.publish_status(now=clock())).version == 2


# --- a saved queue ----------------------------------------------------------------------------------------------------


def saved(till: Scanner, items: list[Any], **changes: Any) -> bytes:
    body = {"estran": "outbox", "deviceId": str(till.device.id), "venue": "Musée", "savedAtMs": 0, "items": items}
    return json.dumps(body | changes).encode()


async def test_a_saved_queue_is_taken_in_like_any_other(
    till: Scanner, camille: Phone, clock: FrozenClock, issuer: Issuer
) -> None:
    items = [till.scan(camille.show(clock())) for _ in range(150)]
    clock.advance(days=2)
    before = await till.reload()
    answer = await service.intake_saved(issuer, OFFICER, saved(till, items), now=clock())
    assert [result.state for result in answer.results] == ["counted"] * 150
    device = await till.reload()
    assert (device.synced_at, device.queue_length, device.seen_at) == (before.synced_at, 0, before.seen_at)
    assert device.last_seq == 150
    again = await till.hand_in(*items[:100])
    assert {result.result for result in again.results} == {"duplicate"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"estran":"outbox"}',
        b'{"estran":"backup","deviceId":"x","items":[]}',
        b'{"estran":"\xff","deviceId":"x","items":[]}',
    ],
)
async def test_what_is_no_saved_queue_is_refused(issuer: Issuer, data: bytes, now: datetime) -> None:
    with pytest.raises(Invalid, match="bad_queue_file"):
        await service.intake_saved(issuer, OFFICER, data, now=now)


async def test_a_queue_of_an_unknown_scanner_is_not_found(till: Scanner, issuer: Issuer, now: datetime) -> None:
    with pytest.raises(NotFound):
        await service.intake_saved(issuer, OFFICER, saved(till, [], deviceId=str(UUID(int=9))), now=now)


# --- many at once -----------------------------------------------------------------------------------------------------


async def test_thirty_at_once_with_the_same_proof_count_one(
    till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    digits = camille.show(clock())
    calls = [(one, one.scan(digits)) for _ in range(15) for one in (till, other_till)]
    await asyncio.gather(*(one.hand_in(item) for one, item in calls))
    states = await Visit.select(Visit.state).output(as_list=True)
    assert sorted(states) == ["counted"] + ["rejected"] * 29


async def test_the_same_visit_sent_ten_times_at_once_is_stored_once(
    till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    item = till.scan(camille.show(clock()))
    answers = await asyncio.gather(*(till.hand_in(item) for _ in range(10)))
    assert sorted(answer.results[0].result for answer in answers) == ["duplicate"] * 9 + ["stored"]
    assert await Visit.count() == 1


async def test_two_tills_at_once_lose_and_double_nothing(
    till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    batches = [[one.scan(camille.show(clock())) for _ in range(10)] for _ in range(4) for one in (till, other_till)]
    owners = [one for _ in range(4) for one in (till, other_till)]
    twice = [(one, items) for one, items in zip(owners, batches, strict=True) for _ in range(2)]
    await asyncio.gather(*(one.hand_in(*items) for one, items in twice))
    assert await Visit.count() == 80
    assert set(await Visit.select(Visit.state).output(as_list=True)) == {"counted"}
    assert (await till.reload()).synced_at == clock()
