"""What the server makes of a scan, case by case and as laws: docs/sync.md §6."""

# ruff: noqa: E501 - a table is read line by line

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.passes.rules import Again, Answer, Reason
from estran.venues.terms import Booking, Proof, Quota, Terms
from estran.visits import rules
from estran.visits.rules import Facts, Flag, Judgement, Scan, Slot, State

NOW = 1_795_000_000.0
DAY = 86400
WEEK = 7 * DAY
HONEST = Scan(
    at=NOW,
    answer=Answer.ADMIT,
    reason="welcome",
    is_admitted=True,
    clock_confirmed=True,
    codes_advance=False,
    identity=False,
    again=None,
    companions=0,
    news_at=NOW - 3600,
)
GENUINE = Facts(
    exp=int(NOW) + 30 * DAY,
    iat=int(NOW) - 5,
    status_known=0,
    invalid_since=None,
    proof_used=False,
    issued_at=NOW - 30 * DAY,
    news_limit_s=WEEK,
)
SLOT = Slot(is_here=True, opens_at=NOW - 7200, closes_at=NOW + 7200, cancelled_since=None)
Case = tuple[str, dict[str, Any], dict[str, Any], State, str, set[Flag]]

CASES: list[Case] = [
    ("an honest scan", {}, {}, State.COUNTED, "welcome", set()),
    ("refused for too few companions", {"is_admitted": False, "answer": Answer.REFUSE, "reason": "companions_missing"}, {}, State.REFUSED, "companions_missing", set()),
    ("refused although it could enter", {"is_admitted": False}, {}, State.REFUSED, "welcome", set()),
    ("refused as forged, but genuine", {"is_admitted": False, "answer": Answer.REFUSE, "reason": "bad_signature"}, {}, State.REFUSED, "bad_signature", {Flag.VERDICT_MISMATCH}),
    ("the proof was used before", {}, {"proof_used": True}, State.REJECTED, "replayed", {Flag.REPLAYED}),
    ("the proof was used before, refused now", {"is_admitted": False, "answer": Answer.REFUSE, "reason": "stale_proof"}, {"proof_used": True}, State.REFUSED, "stale_proof", set()),
    ("revoked in its own list", {}, {"status_known": 1}, State.REJECTED, "revoked", {Flag.VERDICT_MISMATCH}),
    ("suspended in its own list", {}, {"status_known": 2}, State.REJECTED, "suspended", {Flag.VERDICT_MISMATCH}),
    ("status 3 counts as suspended", {}, {"status_known": 3}, State.REJECTED, "suspended", {Flag.VERDICT_MISMATCH}),
    ("revoked in its own list, identity looked at", {"identity": True}, {"status_known": 1}, State.REJECTED, "revoked", {Flag.VERDICT_MISMATCH}),
    ("revoked in its own list and refused", {"is_admitted": False, "answer": Answer.REFUSE, "reason": "revoked"}, {"status_known": 1}, State.REFUSED, "revoked", set()),
    ("revoked yesterday, the scanner could not know", {}, {"invalid_since": NOW - DAY}, State.COUNTED, "revoked", {Flag.REVOKED_ADMITTED}),
    ("revoked nine days ago: its news were too old", {}, {"invalid_since": NOW - 9 * DAY}, State.TO_CONFIRM, "snapshot_old", {Flag.REVOKED_ADMITTED}),
    ("revoked nine days ago, identity looked at", {"identity": True}, {"invalid_since": NOW - 9 * DAY}, State.COUNTED, "revoked", {Flag.REVOKED_ADMITTED}),
    ("expired, and its clock was sure", {}, {"exp": int(NOW) - 60}, State.REJECTED, "expired", {Flag.VERDICT_MISMATCH}),
    ("expired, its clock was not sure", {"clock_confirmed": False, "codes_advance": True}, {"exp": int(NOW) - 60}, State.TO_CONFIRM, "expired", {Flag.VERDICT_MISMATCH}),
    ("expires this second", {}, {"exp": int(NOW)}, State.COUNTED, "welcome", set()),
    ("a pass issued after the backup that was put back", {}, {"issued_at": None}, State.COUNTED, "welcome", {Flag.UNKNOWN_PASS}),
    ("over quota", {}, {"terms": Terms(quota=Quota(3)), "used": 3}, State.COUNTED, "quota_used", {Flag.OVER_QUOTA}),
    ("over quota, let in anyway", {"again": Again.LET_IN}, {"terms": Terms(quota=Quota(3)), "used": 4}, State.COUNTED, "quota_used", {Flag.OVER_QUOTA}),
    ("the last of its quota", {}, {"terms": Terms(quota=Quota(3)), "used": 2}, State.COUNTED, "welcome", set()),
    ("a proof of two minutes, clock sure", {}, {"iat": int(NOW) - 120}, State.TO_CONFIRM, "stale_proof", {Flag.STALE_PROOF_ADMITTED}),
    ("a proof from the future, clock sure", {}, {"iat": int(NOW) + 90}, State.TO_CONFIRM, "stale_proof", {Flag.STALE_PROOF_ADMITTED}),
    ("a proof that aged while companions were counted", {}, {"iat": int(NOW) - 63}, State.COUNTED, "welcome", set()),
    ("two codes, clock not sure, phone half an hour off", {"clock_confirmed": False, "codes_advance": True}, {"iat": int(NOW) - 1800}, State.COUNTED, "welcome", set()),
    ("two codes, clock not sure, a proof of yesterday", {"clock_confirmed": False, "codes_advance": True}, {"iat": int(NOW) - DAY}, State.TO_CONFIRM, "stale_proof", {Flag.STALE_PROOF_ADMITTED}),
    ("clock not sure, identity looked at", {"clock_confirmed": False, "identity": True}, {}, State.COUNTED, "welcome", set()),
    ("clock not sure, nothing looked at", {"clock_confirmed": False}, {}, State.TO_CONFIRM, "clock_unconfirmed", {Flag.VERDICT_MISMATCH}),
    ("paper, identity looked at", {"identity": True}, {"iat": None}, State.COUNTED, "welcome", set()),
    ("paper, nothing looked at", {}, {"iat": None}, State.TO_CONFIRM, "paper_proof", {Flag.VERDICT_MISMATCH}),
    ("a typed number, identity looked at", {"typed": True, "identity": True}, {"iat": None}, State.TO_CONFIRM, "typed_number", set()),
    ("a typed number, nothing looked at", {"typed": True}, {"iat": None}, State.TO_CONFIRM, "typed_number", {Flag.VERDICT_MISMATCH}),
    ("a typed number where paper is enough", {"typed": True}, {"iat": None, "terms": Terms(least_proof=Proof.PAPER)}, State.TO_CONFIRM, "typed_number", {Flag.VERDICT_MISMATCH}),
    ("a typed number without an answer, identity looked at", {"typed": True, "identity": True, "answer": Answer.ASK, "reason": "typed_number"}, {"iat": None}, State.TO_CONFIRM, "typed_number", set()),
    ("a typed number of a pass revoked in its own list", {"typed": True, "identity": True}, {"iat": None, "status_known": 1}, State.REJECTED, "revoked", {Flag.VERDICT_MISMATCH}),
    ("a typed number, refused", {"typed": True, "is_admitted": False, "answer": Answer.ASK, "reason": "typed_number"}, {"iat": None}, State.REFUSED, "typed_number", set()),
    ("old news", {"news_at": NOW - 8 * DAY}, {}, State.COUNTED, "welcome", {Flag.STALE_SCANNER}),
    ("never any news", {"news_at": None}, {}, State.COUNTED, "welcome", {Flag.STALE_SCANNER}),
    ("news exactly at the limit", {"news_at": NOW - WEEK}, {}, State.COUNTED, "welcome", set()),
    ("too few companions", {"companions": 1}, {"terms": Terms(min_paying_companions=2)}, State.TO_CONFIRM, "companions_missing", {Flag.VERDICT_MISMATCH}),
    ("enough companions", {"companions": 2}, {"terms": Terms(min_paying_companions=2)}, State.COUNTED, "welcome", set()),
    ("a key unknown there, verified here, identity looked at", {"answer": Answer.ASK, "reason": "unknown_key", "identity": True}, {}, State.COUNTED, "welcome", set()),
    ("a key unknown there, nothing looked at", {"answer": Answer.ASK, "reason": "unknown_key"}, {}, State.TO_CONFIRM, "unknown_key", {Flag.VERDICT_MISMATCH}),
    ("no benefit, identity looked at", {"answer": Answer.ASK, "reason": "no_benefit", "identity": True}, {}, State.COUNTED, "welcome", set()),
    ("no benefit, nothing looked at", {"answer": Answer.ASK, "reason": "no_benefit"}, {}, State.TO_CONFIRM, "no_benefit", {Flag.VERDICT_MISMATCH}),
    ("already here, another visit", {"answer": Answer.ASK, "reason": "already_here", "again": Again.ANOTHER_VISIT}, {}, State.COUNTED, "welcome", set()),
    ("already here, nothing said", {"answer": Answer.ASK, "reason": "already_here"}, {}, State.TO_CONFIRM, "already_here", {Flag.VERDICT_MISMATCH}),
    ("admitted against a refusal", {"answer": Answer.REFUSE, "reason": "venue_paused"}, {}, State.TO_CONFIRM, "venue_paused", {Flag.VERDICT_MISMATCH}),
    ("admits for another reason than welcome", {"reason": "revoked"}, {}, State.TO_CONFIRM, "revoked", {Flag.VERDICT_MISMATCH}),
    ("asks for no reason of the table", {"answer": Answer.ASK, "reason": "welcome"}, {}, State.TO_CONFIRM, "welcome", {Flag.VERDICT_MISMATCH}),
    ("a cut scanner's earlier visit", {"device_is_cut": True}, {}, State.COUNTED, "welcome", {Flag.CUT_DEVICE}),
    ("a cut scanner's replay", {"device_is_cut": True}, {"proof_used": True}, State.REJECTED, "replayed", {Flag.REPLAYED, Flag.CUT_DEVICE}),
    ("a cut scanner's refusal", {"device_is_cut": True, "is_admitted": False, "answer": Answer.REFUSE, "reason": "expired"}, {}, State.REFUSED, "expired", set()),
    ("a proof a minute older than its pass", {}, {"issued_at": NOW + 55}, State.COUNTED, "welcome", set()),
    ("a proof two minutes older than its pass", {}, {"issued_at": NOW + 115}, State.TO_CONFIRM, "stale_proof", {Flag.STALE_PROOF_ADMITTED}),
    ("closed, and its news said so", {}, {"rested_since": NOW - 7200}, State.TO_CONFIRM, "venue_paused", {Flag.VERDICT_MISMATCH}),
    ("closed since its news", {}, {"rested_since": NOW - 600}, State.COUNTED, "venue_paused", {Flag.BENEFIT_RESTED}),
    ("closed for longer than news may be old", {"news_at": None}, {"rested_since": NOW - 8 * DAY}, State.TO_CONFIRM, "venue_paused", {Flag.VERDICT_MISMATCH, Flag.STALE_SCANNER}),
    ("closed, and refused for it", {"is_admitted": False, "answer": Answer.REFUSE, "reason": "venue_paused"}, {"rested_since": NOW - 7200}, State.REFUSED, "venue_paused", set()),
    ("an arrival by a paper pass", {"is_arrival": True}, {"iat": None, "slot": SLOT}, State.COUNTED, "welcome", set()),
    ("not on the list, let in", {"is_arrival": True, "answer": Answer.ASK, "reason": "not_on_list", "again": Again.LET_IN}, {"slot": SLOT}, State.COUNTED, "welcome", set()),
    ("not on the list, nothing said", {"is_arrival": True, "answer": Answer.ASK, "reason": "not_on_list", "identity": True}, {"slot": SLOT}, State.TO_CONFIRM, "not_on_list", {Flag.VERDICT_MISMATCH}),
    ("an event that is full, let in", {"is_arrival": True, "answer": Answer.ASK, "reason": "event_full", "again": Again.LET_IN}, {"slot": SLOT}, State.COUNTED, "welcome", set()),
    ("an event that is full, said to be another visit", {"is_arrival": True, "answer": Answer.ASK, "reason": "event_full", "again": Again.ANOTHER_VISIT}, {"slot": SLOT}, State.TO_CONFIRM, "event_full", {Flag.VERDICT_MISMATCH}),
    ("expected at another slot, let in", {"is_arrival": True, "answer": Answer.ASK, "reason": "other_slot", "again": Again.LET_IN}, {"slot": SLOT}, State.COUNTED, "welcome", set()),
    ("expected at another slot, nothing said", {"is_arrival": True, "answer": Answer.ASK, "reason": "other_slot"}, {"slot": SLOT}, State.TO_CONFIRM, "other_slot", {Flag.VERDICT_MISMATCH}),
    ("an entry that is not on a list", {"answer": Answer.ASK, "reason": "not_on_list", "again": Again.LET_IN}, {}, State.TO_CONFIRM, "not_on_list", {Flag.VERDICT_MISMATCH}),
    ("an arrival elsewhere", {"is_arrival": True}, {"slot": replace(SLOT, is_here=False)}, State.TO_CONFIRM, "slot_elsewhere", {Flag.ARRIVAL_DOUBTFUL}),
    ("an arrival before the door opens", {"is_arrival": True}, {"slot": replace(SLOT, opens_at=NOW + 60)}, State.TO_CONFIRM, "door_shut", {Flag.ARRIVAL_DOUBTFUL}),
    ("an arrival after the door has closed", {"is_arrival": True}, {"slot": replace(SLOT, closes_at=NOW - 60)}, State.TO_CONFIRM, "door_shut", {Flag.ARRIVAL_DOUBTFUL}),
    ("an arrival after the door has closed, as an unsure clock says", {"is_arrival": True, "clock_confirmed": False, "codes_advance": True}, {"slot": replace(SLOT, closes_at=NOW - 60)}, State.COUNTED, "welcome", set()),
    ("a cancelled event, and its news said so", {"is_arrival": True}, {"slot": replace(SLOT, cancelled_since=NOW - 7200)}, State.TO_CONFIRM, "event_cancelled", {Flag.ARRIVAL_DOUBTFUL}),
    ("an event cancelled since its news", {"is_arrival": True}, {"slot": replace(SLOT, cancelled_since=NOW - 600)}, State.COUNTED, "event_cancelled", {Flag.ARRIVAL_DOUBTFUL}),
    ("an arrival with a pass revoked in its own list", {"is_arrival": True}, {"slot": SLOT, "status_known": 1}, State.REJECTED, "revoked", {Flag.VERDICT_MISMATCH}),
    ("everything at once", {"news_at": None}, {"invalid_since": NOW - DAY, "terms": Terms(quota=Quota(1)), "used": 1}, State.COUNTED, "revoked", {Flag.REVOKED_ADMITTED, Flag.OVER_QUOTA, Flag.STALE_SCANNER}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scan", "facts", "state", "reason", "flags"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_verified_scan_is_judged(
    scan: dict[str, Any], facts: dict[str, Any], state: State, reason: str, flags: set[Flag]
) -> None:
    judged = rules.judge(replace(HONEST, **scan), replace(GENUINE, **facts))
    assert (judged.state, str(judged.reason), set(judged.flags)) == (state, reason, flags)


@pytest.mark.parametrize(
    "reason", [Reason.MALFORMED, Reason.UNKNOWN_VERSION, Reason.UNKNOWN_KEY, Reason.BAD_SIGNATURE, Reason.BAD_PROOF]
)
@pytest.mark.parametrize("is_admitted", [True, False], ids=["admitted", "refused"])
def test_an_unverified_scan_is_quarantined(reason: Reason, *, is_admitted: bool) -> None:
    judged = rules.judge_unverified(replace(HONEST, is_admitted=is_admitted), reason)
    assert judged == Judgement(State.QUARANTINED, reason, (Flag.UNVERIFIABLE,) if is_admitted else ())


# --- laws -------------------------------------------------------------------------------------------------------------

instants = st.floats(NOW - 400 * DAY, NOW + 400 * DAY)
scans = st.builds(
    Scan,
    at=instants,
    answer=st.sampled_from(Answer),
    reason=st.sampled_from([*map(str, Reason), "a_reason_of_tomorrow"]),
    is_admitted=st.booleans(),
    clock_confirmed=st.booleans(),
    codes_advance=st.booleans(),
    identity=st.booleans(),
    again=st.none() | st.sampled_from(Again),
    companions=st.integers(0, 100),
    is_arrival=st.booleans(),
    news_at=st.none() | instants,
    device_is_cut=st.booleans(),
)
facts_ = st.builds(
    Facts,
    exp=st.integers(0, 2**32 - 1),
    iat=st.none() | st.integers(0, 2**32 - 1),
    status_known=st.integers(0, 3),
    invalid_since=st.none() | instants,
    proof_used=st.booleans(),
    issued_at=st.none() | instants,
    rested_since=st.none() | instants,
    terms=st.builds(
        Terms,
        min_paying_companions=st.integers(0, 5),
        quota=st.none() | st.builds(Quota, st.integers(1, 5)),
        least_proof=st.sampled_from(Proof),
        booking=st.sampled_from(Booking),
    ),
    entitled=st.booleans(),
    used=st.integers(0, 10),
    news_limit_s=st.sampled_from([DAY, WEEK, 30 * DAY]),
)


@given(scans, st.sampled_from(Reason))
def test_what_cannot_be_verified_never_counts(scan: Scan, reason: Reason) -> None:
    judged = rules.judge_unverified(scan, reason)
    assert judged.state is State.QUARANTINED
    assert (Flag.UNVERIFIABLE in judged.flags) == scan.is_admitted


@given(scans, facts_)
def test_what_counts_was_admitted_and_could_honestly_be(scan: Scan, facts: Facts) -> None:
    if rules.judge(scan, facts).state is State.COUNTED:
        assert scan.is_admitted
        assert scan.answer is not Answer.REFUSE
        assert not facts.proof_used
        assert facts.status_known == 0
        assert scan.at <= facts.exp + rules.SLACK_S
        assert scan.companions >= facts.terms.min_paying_companions
        assert facts.iat is not None or scan.identity or scan.is_arrival or facts.terms.least_proof is Proof.PAPER
        assert scan.identity or facts.terms.least_proof is not Proof.IDENTITY
        assert facts.iat is None or abs(scan.at - facts.iat) <= rules.UNSURE_S + 65
        assert facts.iat is None or facts.iat >= (facts.issued_at or 0) - rules.ISSUE_SLACK_S
        assert facts.rested_since is None or facts.rested_since > scan.at - facts.news_limit_s


@given(scans, facts_)
def test_what_the_venue_refused_stays_refused(scan: Scan, facts: Facts) -> None:
    judged = rules.judge(replace(scan, is_admitted=False), facts)
    assert (judged.state, judged.reason) == (State.REFUSED, scan.reason)


@given(scans, facts_)
def test_what_does_not_count_although_admitted_is_shown_to_the_officer(scan: Scan, facts: Facts) -> None:
    judged = rules.judge(replace(scan, is_admitted=True), facts)
    assert judged.state in {State.COUNTED, State.TO_CONFIRM, State.REJECTED}
    if judged.state is not State.COUNTED:
        assert set(judged.flags) - {Flag.CUT_DEVICE, Flag.STALE_SCANNER, Flag.OVER_QUOTA, Flag.BENEFIT_RESTED}
    assert len(set(judged.flags)) == len(judged.flags)


@given(scans, facts_)
def test_more_knowledge_at_the_scanner_never_helps_a_visit_to_count(scan: Scan, facts: Facts) -> None:
    if rules.judge(scan, facts).state is not State.COUNTED:
        assert rules.judge(scan, replace(facts, status_known=1)).state is not State.COUNTED
        assert rules.judge(scan, replace(facts, proof_used=True)).state is not State.COUNTED


@pytest.mark.parametrize(("after_ms", "in_time"), [(-1000, True), (0, True), (600_000, True), (600_001, False)])
def test_ten_minutes_to_undo_by_the_devices_clock(after_ms: int, *, in_time: bool) -> None:
    assert rules.is_undo_in_time(1_000_000, 1_000_000 + after_ms) == in_time
