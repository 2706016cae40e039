"""Python and TypeScript judge alike: thousands of random benefits, histories and instants through both rules.

A difference is cut down to the smallest case that still shows it, and printed as a vector for benefits-v1.json.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from estran.passes import rules
from estran.venues import opening
from estran.venues.terms import Booking, Kind, Proof, Who, faults
from tests.passes import vectors

ROOT = Path(__file__).parent.parent.parent
CASES = 6_000
ZONES = (
    *["Europe/Paris"] * 2,
    *("UTC", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Australia/Lord_Howe"),
)
TURNS = (
    *("2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-09-27"),
    *("2026-12-31", "2027-01-01", "2028-02-29"),
)
"""Days on which clocks or years change in one of the zones, and the leap day."""

Json = dict[str, Any]


# --- what is judged ---------------------------------------------------------------------------------------------------


def some_case(chance: Random) -> Json:
    zone = chance.choice(ZONES)
    local = some_wall(chance)
    now = int(local.replace(tzinfo=ZoneInfo(zone), fold=chance.randrange(2)).timestamp())
    benefits = [
        {
            "id": name,
            "version": chance.randint(1, 9),
            "terms": some_terms(chance, local),
            "entitled": chance.random() < 0.8,
        }
        for name in "abcd"[: chance.choice((0, 1, 1, 2, 2, 3, 4))]
    ]
    return {
        "claims": {
            "exp": now + chance.choice((0, -1, *[10**7] * 18)),
            "iat": None if chance.random() < 0.3 else now - chance.choice((61, 60, -30, -31, *[5] * 16)),
            "typed": chance.random() < 0.1,
        },
        "context": {
            "now": now,
            "zone": zone,
            "clockConfirmed": chance.random() < 0.9,
            "codesAdvance": chance.random() < 0.5,
            "status": chance.choice((1, 2, 3, None, *[0] * 26)),
            "snapshotAgeS": chance.choice((None, 604801, 604800, -30, -31, *[3600] * 25)),
            "snapshotLimitS": 604800,
            "venuePaused": chance.random() < 0.04,
            "closures": some_closures(chance, local.date()) if chance.random() < 0.3 else [],
            "benefits": benefits,
            "used": {one["id"]: chance.choice((0, 1, 1, 2, 3)) for one in benefits if chance.random() < 0.5},
            "previousAt": now - 600 if chance.random() < 0.15 else None,
            "decisions": {
                "identity": chance.random() < 0.35,
                "again": chance.choice((None, None, None, "another_visit", "let_in")),
                "companions": chance.choice((None, None, 0, 1, 2, 3)),
                "booked": chance.random() < 0.4,
                "benefitId": chance.choice((None, None, None, "a", "b", "z")),
            },
        },
    }


def some_wall(chance: Random) -> datetime:
    """A moment that often lies at an edge: midnight, the small hours of a day on which clocks change."""
    if chance.random() < 0.5:
        day = date.fromisoformat(chance.choice(TURNS)) + timedelta(days=chance.choice((-1, 0, 0, 0, 1)))
    else:
        day = date(2026, 1, 1) + timedelta(days=chance.randrange(1200))
    second = chance.choice((0, 86399, 3600 * chance.randrange(24), chance.randrange(4 * 3600), chance.randrange(86400)))
    return datetime(day.year, day.month, day.day) + timedelta(seconds=second)  # noqa: DTZ001 - the zone is put to it


def some_terms(chance: Random, local: datetime) -> Json:
    """Terms that may be kept, often near an edge on that day; each field is left out as often as not."""
    while True:
        terms = {name: make(chance, local) for name, make in FIELDS.items() if chance.random() < 0.35}
        for word in [value for value in terms.values() if isinstance(value, str)]:
            terms |= GOES_WITH.get(word, {})
        if not faults(vectors.terms(terms)):
            return terms


def some_spans(chance: Random, local: datetime) -> list[Json]:
    spans = []
    for _ in range(chance.choice((1, 1, 2, 3))):
        first = local.date() + timedelta(days=chance.choice((-1, 0, 1, chance.randint(-400, 400))))
        last = first + timedelta(days=chance.choice((0, 1, chance.randrange(40), chance.randrange(300))))
        cut = 5 if chance.random() < 0.5 else 0
        spans.append({"first": first.isoformat()[cut:], "last": last.isoformat()[cut:]})
    return spans


def some_closures(chance: Random, today: date) -> list[Json]:
    closures = []
    last = today - timedelta(days=chance.randrange(4))
    for _ in range(chance.choice((1, 2, 3))):
        first = last + timedelta(days=chance.choice((0, 1, 1, 2)))
        last = first + timedelta(days=chance.choice((0, 1, 5, 500)))
        closures.append({"first": first.isoformat(), "last": last.isoformat()})
    chance.shuffle(closures)
    return closures


def some_hours(chance: Random, local: datetime) -> list[Json]:
    now = local.hour * 60 + local.minute
    edges = {
        chance.choice((now, now + 1, 0, 1440, 60 * chance.randrange(24), chance.randrange(1440))) for _ in range(6)
    }
    sure = sorted(edge for edge in edges if edge <= 1440)
    pairs = [{"first": clock(first), "last": clock(last)} for first, last in zip(sure[::2], sure[1::2], strict=False)]
    chance.shuffle(pairs)
    return pairs


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def some_quota(chance: Random, _: datetime) -> Json:
    scope = chance.choice(("benefit", "venue", "group"))
    group = "44444444-4444-4444-8444-444444444444" if scope == "group" else None
    per = chance.choice(("day", "month", "season", "season", "year", "validity"))
    return {"n": chance.choice((1, 1, 2, 3)), "per": per, "scope": scope, "groupId": group}


FIELDS: dict[str, Callable[[Random, datetime], Any]] = {
    "kind": lambda chance, _: chance.choice(list(Kind)).value,
    "minPayingCompanions": lambda chance, _: chance.randint(0, 3),
    "guestsMax": lambda chance, _: chance.randint(0, 4),
    "childrenUnder": lambda chance, _: chance.randint(1, 18),
    "quota": some_quota,
    "seasons": some_spans,
    "weekdays": lambda chance, _: chance.sample(range(1, 8), chance.randint(1, 6)),
    "hours": some_hours,
    "excluded": some_spans,
    "booking": lambda chance, _: chance.choice(list(Booking)).value,
    "who": lambda chance, _: chance.choice(list(Who)).value,
    "leastProof": lambda chance, _: chance.choice(list(Proof)).value,
    "what": lambda _, __: {"fr": "Collections permanentes", "en": "Permanent collections"},
    "line": lambda _, __: {"fr": "Demandez à l’accueil", "en": ""},
}
GOES_WITH: dict[str, Json] = {
    "percentage": {"percent": 20},
    "fixed_price": {"priceCents": 400, "faceValueCents": 700, "faceValueOn": "2026-01-05"},
    "gift": {"gift": {"fr": "Une affiche", "en": ""}},
    "event": {
        "gift": {"fr": "Avant-première", "en": "Preview"},
        "agreedBy": "Conseil municipal",
        "agreedOn": "2026-02-01",
    },
    "circle": {"circleId": "33333333-3333-4333-8333-333333333333"},
    "required": {"bookingContact": "accueil@example.org", "bookingNoticeDays": 2},
}
"""What a word of the terms asks for besides."""


# --- both judges ------------------------------------------------------------------------------------------------------


def python(case: Json) -> Json:
    context = vectors.context(case["context"])
    local = opening.local_of(context.now, context.zone)
    return {
        "verdict": vectors.plain(rules.check(**case["claims"], context=context)),
        "local": asdict(local),
        "closedUntil": opening.closed_until(context.closures, local.day),
        "benefits": [
            {
                "terms": msgspec.to_builtins(terms),
                "next": not opening.is_open(terms, local) and opening.next_opening(terms, context.closures, local),
                "period": terms.quota and opening.period_of(terms.quota, terms.seasons, local.day),
            }
            for terms in (one.terms for one in context.benefits)
        ],
    }


def like_json(said: Json) -> Json:
    """With tuples that have names as objects, as TypeScript writes them."""
    for one in said["benefits"]:
        for name in ("next", "period"):
            one[name] = one[name] and one[name]._asdict()
    return json.loads(json.dumps(said))  # type: ignore[no-any-return]


class Node:
    """kit/src/rules in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def judge(self, case: Json) -> Json:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        assert said, "the judge has fallen over: see its words above"
        return json.loads(said)  # type: ignore[no-any-return]


@contextmanager
def running_node() -> Iterator[Node]:
    folder = subprocess.run([ROOT / "tools" / "find-node"], capture_output=True, text=True, check=True).stdout.strip()
    command = [Path(folder) / "node", Path(__file__).with_name("judge.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield Node(process)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running_node() as judge:
        yield judge


def differ(case: Json, node: Node) -> bool:
    return like_json(python(case)) != node.judge(case)


def smallest(case: Json, node: Node) -> Json:
    """The case without everything that the difference does not need."""
    while smaller := next((one for one in cuts(case) if differ(one, node)), None):
        case = smaller
    return case


def cuts(case: Json) -> Iterator[Json]:
    """The case with one thing less, in every way."""
    context = case["context"]
    for name in ("benefits", "closures"):
        for place in range(len(context[name])):
            yield case | {"context": context | {name: context[name][:place] + context[name][place + 1 :]}}
    for name, plain in PLAIN.items():
        if context[name] != plain:
            yield case | {"context": context | {name: plain}}
    for name, plain in PLAIN["decisions"].items():
        if context["decisions"][name] != plain:
            yield case | {"context": context | {"decisions": context["decisions"] | {name: plain}}}
    for place, benefit in enumerate(context["benefits"]):
        for less in cut_terms(benefit["terms"]):
            benefits = context["benefits"].copy()
            benefits[place] = benefit | {"terms": less}
            yield case | {"context": context | {"benefits": benefits}}


def cut_terms(terms: Json) -> Iterator[Json]:
    for name, value in terms.items():
        yield {key: kept for key, kept in terms.items() if key != name}
        if isinstance(value, list):
            yield from (terms | {name: value[:at] + value[at + 1 :]} for at in range(len(value)) if len(value) > 1)


PLAIN: Json = vectors.read("benefits-v1.json")["defaults"] | {"benefits": []}


# --- the comparison ---------------------------------------------------------------------------------------------------


def test_python_and_typescript_judge_alike(node: Node) -> None:
    chance = Random(20261126)
    reasons = set()
    for number in range(CASES):
        case = some_case(chance)
        ours, theirs = like_json(python(case)), node.judge(case)
        reasons.add(ours["verdict"]["reason"])
        if ours != theirs:
            least = smallest(case, node)
            now = datetime.fromtimestamp(least["context"]["now"], UTC).isoformat()
            pytest.fail(
                f"case {number}, at {now}\n{json.dumps(least, ensure_ascii=False)}\n"
                f"Python:     {json.dumps(like_json(python(least)))}\nTypeScript: {json.dumps(node.judge(least))}"
            )
    asked = {case["expect"]["reason"] for case in vectors.read("benefits-v1.json")["cases"]}
    assert asked <= reasons, "the random cases never come to some answers"


def test_a_difference_would_be_found_and_cut_down() -> None:
    """Against a judge with a fault: it takes 24:00 for midnight in the morning."""

    class Wrong(Node):
        def __init__(self) -> None:
            pass

        def judge(self, case: Json) -> Json:
            return like_json(python(json.loads(json.dumps(case).replace('"24:00"', '"00:00"'))))

    chance = Random(24)
    found = next(case for case in (some_case(chance) for _ in range(CASES)) if differ(case, Wrong()))
    least = smallest(found, Wrong())
    assert differ(least, Wrong())
    (benefit,) = least["context"]["benefits"]
    (hours,) = benefit["terms"]["hours"]
    assert set(benefit["terms"]) == {"hours"}
    assert hours["last"] == "24:00"
