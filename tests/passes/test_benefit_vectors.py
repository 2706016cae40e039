"""The literals of docs/benefits.md: the same file as kit/test/rules/benefits.test.ts."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest

from estran.passes import rules
from estran.venues import opening
from estran.venues.opening import Local
from estran.venues.terms import Span
from tests.passes import vectors

BENEFITS = vectors.read("benefits-v1.json")


def seconds(instant: str | int) -> int:
    return instant if isinstance(instant, int) else int(datetime.fromisoformat(instant).timestamp())


def spans(case: list[dict[str, str]]) -> list[Span]:
    return [Span(**one) for one in case]


@pytest.mark.parametrize("case", BENEFITS["cases"], ids=lambda case: case["name"])
def test_the_check_answers_as_the_vectors_say(case: dict[str, Any]) -> None:
    given = BENEFITS["defaults"] | case.get("context", {})
    given["now"] = seconds(case["now"])
    given["previousAt"] = None if given["previousAt"] is None else seconds(given["previousAt"])
    claims = {"exp": 2145916799, "iat": given["now"] - 5} | case.get("claims", {})
    verdict = vectors.plain(rules.check(**claims, context=vectors.context(given)))
    silent: dict[str, Any] = {"benefitId": None, "opens": None, "closedUntil": None, "others": []}
    assert {key: verdict[key] for key in ("answer", "reason", *silent)} == silent | case["expect"]
    assert verdict["used"] == given["used"].get(verdict["benefitId"], 0)


@pytest.mark.parametrize("case", BENEFITS["periods"], ids=lambda case: case["name"])
def test_a_quota_counts_over_the_period_of_the_vectors(case: dict[str, Any]) -> None:
    quota = vectors.terms({"quota": case["quota"]}).quota
    assert quota is not None
    period = opening.period_of(quota, spans(case["seasons"]), case["day"])
    assert (None if period is None else period._asdict()) == case["expect"]


@pytest.mark.parametrize("case", BENEFITS["openings"], ids=lambda case: case["name"])
def test_a_benefit_opens_when_the_vectors_say(case: dict[str, Any]) -> None:
    terms, closures, local = vectors.terms(case["terms"]), spans(case["closures"]), Local(**case["local"])
    assert opening.is_open(terms, local) == case["open"]
    assert opening.is_closed(closures, local.day) == case["closed"]
    assert opening.closed_until(closures, local.day) == case.get("closedUntil")
    if "next" in case:
        moment = opening.next_opening(terms, closures, local)
        assert (None if moment is None else moment._asdict()) == case["next"]


@pytest.mark.parametrize("case", BENEFITS["locals"], ids=lambda case: f"{case['at']} in {case['zone']}")
def test_a_wall_shows_what_the_vectors_say(case: dict[str, Any]) -> None:
    wanted = {key: case[key] for key in ("day", "weekday", "minute")}
    assert asdict(opening.local_of(seconds(case["at"]), case["zone"])) == wanted
