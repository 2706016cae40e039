"""How the literals of `tests/vectors/` are read into Python; kit/test/rules/ does the same in TypeScript."""

import json
from pathlib import Path
from typing import Any

import msgspec

from estran.passes.rules import Again, BenefitTerms, Context, Decisions, Verdict
from estran.venues.terms import Span, Terms

FOLDER = Path(__file__).parent.parent / "vectors"


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def terms(given: dict[str, Any]) -> Terms:
    return msgspec.convert(given, Terms)


def context(given: dict[str, Any]) -> Context:
    decided = given["decisions"]
    return Context(
        now=given["now"],
        zone=given["zone"],
        clock_confirmed=given["clockConfirmed"],
        codes_advance=given["codesAdvance"],
        status=given["status"],
        snapshot_age_s=given["snapshotAgeS"],
        snapshot_limit_s=given["snapshotLimitS"],
        venue_paused=given["venuePaused"],
        closures=[Span(**span) for span in given["closures"]],
        benefits=[
            BenefitTerms(one["id"], one.get("version", 1), terms(one["terms"]), one.get("entitled", True))
            for one in given["benefits"]
        ],
        used=given["used"],
        previous_at=given["previousAt"],
        decisions=Decisions(
            identity=decided.get("identity", False),
            again=Again(decided["again"]) if decided.get("again") else None,
            companions=decided.get("companions"),
            booked=decided.get("booked", False),
            benefit_id=decided.get("benefitId"),
        ),
    )


def plain(verdict: Verdict) -> dict[str, Any]:
    """The verdict as the vectors and TypeScript write it."""
    return {
        "answer": verdict.answer,
        "reason": verdict.reason,
        "benefitId": verdict.benefit_id,
        "benefitVersion": verdict.benefit_version,
        "used": verdict.used,
        "previousAt": verdict.previous_at,
        "opens": None if verdict.opens is None else verdict.opens._asdict(),
        "closedUntil": verdict.closed_until,
        "others": list(verdict.others),
    }
