"""Every route of the application × every role. A route without a row fails, and so does a row without a route."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM, Role
from estran.app import create_app
from estran.club import candidates
from estran.club import service as club
from estran.inbox import service as inbox
from estran.settings import Settings
from estran.venues import service as venues
from estran.venues.terms import PLAIN
from tests.conftest import ORIGIN, FrozenClock

pytestmark = pytest.mark.anyio

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROLES = ("anonymous", "ambassador", "manager", "officer", "device")

# What a role meets. "in": the handler ran (a bare request may still lack something: 400, 404, 409, 410, 415, 422);
# "door": sent to the desk's sign-in; otherwise the status.
In, Door = "in", "door"
Row = Mapping[str, str]


def row(anonymous: str, ambassador: str, manager: str, officer: str, device: str) -> Row:
    return dict(zip(ROLES, (anonymous, ambassador, manager, officer, device), strict=True))


EVERYBODY = row(In, In, In, In, In)
THE_PASS = row("401", In, "401", "401", "401")
SCANNERS = row("401", "401", "401", "401", In)
VENUE_GET = row(Door, Door, In, In, Door)
VENUE_POST = row("401", "401", In, In, "401")
OFFICERS_GET = row(Door, Door, "403", In, Door)
OFFICERS_POST = row("401", "401", "403", In, "401")


def officers(*paths: str) -> dict[str, Row]:
    return {
        f"{method} {path}": rights
        for path in paths
        for method, rights in (("GET", OFFICERS_GET), ("POST", OFFICERS_POST))
    }


PERSON = "/desk/people/{person_id:uuid}"
CANDIDATE = "/desk/candidates/{candidate_id:uuid}"
VENUE = "/desk/venues/{venue_id:uuid}"
ITEM = "/desk/inbox/{item_id:uuid}"
DEVICE = "/desk/devices/{device_id:uuid}"
VISIT = "/desk/visits/{visit_id:uuid}"
BENEFIT = f"{VENUE}/benefits/{{benefit_id:uuid}}"
EVENT = "/desk/events/{event_id:uuid}"
OWN = "/venue/{venue_id:uuid}"
OWN_DEVICE = f"{OWN}/devices/{{device_id:uuid}}"
OWN_ENTRY = f"{OWN}/entries/{{visit_id:uuid}}"

EXPECTED: dict[str, Row] = {
    # public
    **{
        f"GET /{page}": EVERYBODY
        for page in (
            "",
            "accessibility",
            "accessibility/criteria",
            "club.css",
            "join",
            "join/thanks",
            "legal",
            "logo",
            "manifesto",
            "partners",
            "press",
            "privacy",
            "sitemap",
        )
    },
    "POST /join": EVERYBODY,
    "GET /healthz": EVERYBODY,
    "GET /status": EVERYBODY,
    "GET /.well-known/jwks.json": EVERYBODY,
    "GET /readyz": EVERYBODY,  # after the line above: it makes the first key and its folder
    "GET /assets/{name:path}": EVERYBODY,
    "GET /pass": EVERYBODY,
    "GET /pass/{name:path}": EVERYBODY,
    "GET /scan": EVERYBODY,
    "GET /scan/{name:path}": EVERYBODY,
    "GET /api/v1/club": EVERYBODY,
    "GET /api/v1/openapi.json": EVERYBODY,
    "GET /api/v1/openapi.json/openapi.json": EVERYBODY,
    "GET /api/v1/openapi.json/{path:str}": EVERYBODY,
    # ways in and out: whoever holds the code, the link or the pairing
    "POST /api/v1/sign-in": EVERYBODY,
    "POST /api/v1/sign-in/code": EVERYBODY,
    "POST /api/v1/sign-out": EVERYBODY,
    "GET /sign-in/{token:str}": EVERYBODY,
    "POST /sign-in/{token:str}": EVERYBODY,
    **{f"{method} /reply/{{token:str}}": EVERYBODY for method in ("GET", "POST")},
    "GET /desk/sign-in": EVERYBODY,
    "POST /desk/sign-in": EVERYBODY,
    "GET /desk/sign-in/code": EVERYBODY,
    "POST /desk/sign-in/code": EVERYBODY,
    "POST /desk/sign-out": EVERYBODY,
    "POST /api/v1/pairing": EVERYBODY,
    # whoever holds a letter's link, or the address of a calendar
    "GET /calendar/{name:str}": EVERYBODY,
    "GET /letters/{token:str}": EVERYBODY,
    "POST /letters/{token:str}": EVERYBODY,
    # the pass; a refresh proves itself by its signature
    "GET /api/v1/me": THE_PASS,
    "POST /api/v1/me/pass": THE_PASS,
    "POST /api/v1/me/renewal": THE_PASS,
    "POST /api/v1/pass/refresh": EVERYBODY,
    "POST /api/v1/pass/visits": EVERYBODY,  # the same, and the venue's PIN
    "GET /api/v1/me/manifesto": THE_PASS,
    "GET /api/v1/me/data": THE_PASS,
    "POST /api/v1/me/requests": THE_PASS,
    "POST /api/v1/me/leave": THE_PASS,
    **{f"POST /api/v1/me/manifesto/{{manifesto_id:uuid}}/{act}": THE_PASS for act in ("sign", "read", "comments")},
    # the pass: events
    "GET /api/v1/pass/events": THE_PASS,  # or the phone's own proof: tests/events/test_proofs.py
    "POST /api/v1/pass/events/{event_id:uuid}/reply": THE_PASS,
    **{f"{method} /api/v1/pass/letters": THE_PASS for method in ("GET", "POST")},
    **{f"{method} /api/v1/pass/calendar": THE_PASS for method in ("GET", "POST", "DELETE")},
    # scanners
    "GET /api/v1/snapshot": SCANNERS,
    "POST /api/v1/visits": SCANNERS,
    "GET /api/v1/venue": SCANNERS,
    "POST /api/v1/numbers": SCANNERS,
    # a venue's page: managers, for their own venues
    "GET /venue": VENUE_GET,
    f"GET {OWN}": VENUE_GET,
    **{
        f"GET {OWN}/{part}": VENUE_GET
        for part in (
            "month",
            "benefits",
            "events",
            "scanners",
            "sheet",
            "training-sheet",
            "poster",
            "paper-list",
            "pairing",
        )
    },
    f"POST {OWN}/entries.csv": VENUE_POST,
    f"GET {OWN_ENTRY}/undo": VENUE_GET,
    f"POST {OWN_ENTRY}/undo": VENUE_POST,
    f"POST {OWN}/pairing": VENUE_POST,
    f"POST {OWN}/pin": VENUE_POST,
    f"POST {OWN}/pairings/{{pairing_id:uuid}}/end": VENUE_POST,
    f"GET {OWN}/closures": VENUE_GET,
    f"POST {OWN}/closures": VENUE_POST,
    f"POST {OWN}/closures/{{closure_id:uuid}}/remove": VENUE_POST,
    f"POST {OWN_DEVICE}/approve": VENUE_POST,
    f"GET {OWN_DEVICE}/cut": VENUE_GET,
    f"POST {OWN_DEVICE}/cut": VENUE_POST,
    # the desk: officers; a manager who comes by its door is taken to the venue's page
    "GET /desk": VENUE_GET,
    "GET /desk/venues": OFFICERS_GET,
    f"GET {VENUE}": OFFICERS_GET,
    **officers(f"{VENUE}/pairing", f"{DEVICE}/cut"),
    f"GET {VENUE}/sheet": OFFICERS_GET,
    f"GET {VENUE}/poster": OFFICERS_GET,
    f"GET {VENUE}/paper-list": OFFICERS_GET,
    f"POST {VENUE}/pin": OFFICERS_POST,
    f"GET {VENUE}/training-sheet": OFFICERS_GET,
    f"POST {VENUE}/pairings/{{pairing_id:uuid}}/end": OFFICERS_POST,
    f"POST {DEVICE}/approve": OFFICERS_POST,
    **officers("/desk/settings", "/desk/people/new", "/desk/venues/new", "/desk/inbox/queue-file"),
    **officers("/desk/people/import", "/desk/people/invite", "/desk/candidates/new", "/desk/renewals"),
    **officers(f"{VENUE}/managers/{{account_id:uuid}}/remove"),
    **officers(f"{CANDIDATE}/admit", f"{CANDIDATE}/decline"),
    **officers(
        *(f"{PERSON}/{act}" for act in ("certificate", "code", "edit", "mandates/new", "pause", "revoke", "visits"))
    ),
    **officers(f"{PERSON}/mandates/{{mandate_id:uuid}}"),
    **officers(f"{PERSON}/paper", f"{PERSON}/paper/lost"),
    f"GET {PERSON}/paper.pdf": OFFICERS_GET,
    **officers(*(f"/desk/manifesto/draft{act}" for act in ("", "/drop", "/publish"))),
    **officers("/desk/requests/{request_id:uuid}", "/desk/retention", "/desk/officers"),
    **officers("/desk/officers/{account_id:uuid}/remove", f"{PERSON}/erase"),
    "GET /desk/manifesto": OFFICERS_GET,
    "GET /desk/manifesto/versions/{manifesto_id:uuid}": OFFICERS_GET,
    "POST /desk/manifesto/signatures.csv": OFFICERS_POST,
    "GET /desk/handover": OFFICERS_GET,
    "POST /desk/handover/archive": OFFICERS_POST,
    f"POST {PERSON}/data": OFFICERS_POST,
    **officers(*(f"/desk/settings/{part}" for part in ("membership", "identity", "looks", "privacy"))),
    "POST /desk/settings/logo": OFFICERS_POST,
    "POST /desk/settings/logo/remove": OFFICERS_POST,
    "GET /desk/register": OFFICERS_GET,
    "GET /desk/people": OFFICERS_GET,
    f"GET {PERSON}": OFFICERS_GET,
    f"POST {PERSON}/invite": OFFICERS_POST,
    f"POST {PERSON}/resume": OFFICERS_POST,
    f"POST {PERSON}/uncertify": OFFICERS_POST,
    "POST /desk/people/import/add": OFFICERS_POST,
    "POST /desk/people.csv": OFFICERS_POST,
    "GET /desk/people/years": OFFICERS_GET,
    "GET /desk/figures.csv": OFFICERS_GET,
    "GET /desk/scanners": OFFICERS_GET,
    "GET /desk/search": OFFICERS_GET,
    "GET /desk/visits": OFFICERS_GET,
    "POST /desk/people/invite/send": OFFICERS_POST,
    "POST /desk/people/invite/waiting": OFFICERS_POST,
    "GET /desk/candidates": OFFICERS_GET,
    f"GET {CANDIDATE}": OFFICERS_GET,
    f"POST {CANDIDATE}/contacted": OFFICERS_POST,
    **officers(*(f"{VENUE}/{act}" for act in ("archive", "benefits/new", "edit", "managers", "pause"))),
    **officers(f"{VENUE}/list"),
    f"GET {VENUE}/list/{{form_id:uuid}}": OFFICERS_GET,
    f"POST {VENUE}/list/{{form_id:uuid}}/confirm": OFFICERS_POST,
    f"POST {ITEM}/confirm_all": OFFICERS_POST,
    **officers(*(f"{BENEFIT}{act}" for act in ("", "/end", "/copy"))),
    f"POST {VENUE}/benefits/preview": OFFICERS_POST,
    f"GET {BENEFIT}/versions": OFFICERS_GET,
    **{f"POST {BENEFIT}/{way}": OFFICERS_POST for way in ("up", "down")},
    f"GET {VENUE}/try": OFFICERS_GET,
    **officers(f"{VENUE}/closures"),
    f"POST {VENUE}/closures/{{closure_id:uuid}}/remove": OFFICERS_POST,
    # a manager's wishes, and the officer's answer
    **{f"GET {OWN}/benefits/{page}": VENUE_GET for page in ("new", "{benefit_id:uuid}")},
    **{f"POST {OWN}/benefits/{page}": VENUE_POST for page in ("new", "preview", "{benefit_id:uuid}")},
    f"POST {OWN}/proposals/{{proposal_id:uuid}}/withdraw": VENUE_POST,
    "GET /desk/proposals/{proposal_id:uuid}": OFFICERS_GET,
    **{f"POST /desk/proposals/{{proposal_id:uuid}}/{answer}": OFFICERS_POST for answer in ("accept", "decline")},
    # events
    "GET /desk/events": OFFICERS_GET,
    **officers(
        "/desk/events/new", *(f"{EVENT}/{act}" for act in ("edit", "send", "cancel", "came", "people/{person_id:uuid}"))
    ),
    **{f"GET {EVENT}{page}": OFFICERS_GET for page in ("", "/door-list")},
    **{
        f"POST {EVENT}/{act}": OFFICERS_POST
        for act in ("close", "remove", "people.csv", "people/{person_id:uuid}/place")
    },
    # circles of ambassadors, groups of venues
    **{f"GET /desk/{sets}": OFFICERS_GET for sets in ("circles", "groups")},
    **officers(*(f"/desk/{sets}/{page}" for sets in ("circles", "groups") for page in ("new", "{set_id:uuid}"))),
    **{f"POST /desk/{sets}/{{set_id:uuid}}/remove": OFFICERS_POST for sets in ("circles", "groups")},
    f"POST {VENUE}/resume": OFFICERS_POST,
    f"POST {VENUE}/restore": OFFICERS_POST,
    f"GET {VENUE}/days/{{day:date}}": OFFICERS_GET,
    **officers(f"{VISIT}/correct", f"{VISIT}/cancel"),
    f"GET {VISIT}": OFFICERS_GET,
    f"POST {VISIT}/confirm": OFFICERS_POST,
    f"POST {VISIT}/reinstate": OFFICERS_POST,
    "GET /desk/history": OFFICERS_GET,
    "GET /desk/inbox": OFFICERS_GET,
    "GET /desk/inbox/past": OFFICERS_GET,
    **officers(f"{ITEM}/cancel"),
    **{f"POST {ITEM}/{answer}": OFFICERS_POST for answer in ("accept", "approve", "serve", "sum_up")},
    f"POST {ITEM}/confirm": OFFICERS_POST,
    f"POST {ITEM}/same": OFFICERS_POST,
    f"POST {ITEM}/seen": OFFICERS_POST,
    f"POST {ITEM}/two": OFFICERS_POST,
}

DEMO_ONLY: dict[str, Row] = {
    "GET /demo": EVERYBODY,
    "GET /demo/desk": EVERYBODY,
    "GET /demo/scanner": EVERYBODY,
    "GET /demo/venue": EVERYBODY,
    "GET /demo/mailbox": EVERYBODY,
    "GET /demo/mailbox/{letter_id:uuid}": EVERYBODY,
}


def routes_of(app: Any) -> set[str]:
    """`METHOD /path` of everything the application answers; OPTIONS is Litestar's own, HEAD is GET."""
    return {
        f"{method} {route.path}"
        for route in app.routes
        for method in route.methods
        if method not in {"OPTIONS", "HEAD"}
    }


# --- completeness -----------------------------------------------------------------------------------------------------


def test_each_route_has_a_row_and_each_row_a_route(settings: Settings) -> None:
    assert routes_of(create_app(settings)) == set(EXPECTED)


def test_the_demonstration_adds_its_own_routes_and_no_other(settings: Settings) -> None:
    demo = create_app(replace(settings, demo=True, mail="mailbox:"))
    assert routes_of(demo) == set(EXPECTED) | set(DEMO_ONLY)


# --- who gets in ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """One of each thing; `values` fills the places of a path."""

    values: Mapping[str, str]
    venue_id: UUID


async def world(clock: FrozenClock) -> World:
    """A fresh venue, scanner, person and question, so that what one request changes is nobody else's matter."""
    now = clock()
    tag = uuid4().hex
    person = await club.add_ambassador(
        SYSTEM,
        first_name="Camille",
        last_name="Vasseur",
        email=f"camille-{tag}@example.org",
        begins_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        now=now,
    )
    [mandate] = await club.mandates_of(person.id)
    candidate = await candidates.note(SYSTEM, first_name="Noé", last_name=tag, now=now)
    venue = await venues.add_venue(
        SYSTEM, name=f"Phare {tag}", commune="", address="", url="", contact_email="", now=now
    )
    benefit = await venues.set_benefit(SYSTEM, venue.id, None, PLAIN, now=now)
    paired = await venues.pair(
        await venues.make_pairing(SYSTEM, venue.id, reusable=True, lifetime=timedelta(hours=1), now=now),
        "Accueil",
        "phare",
        now=now,
    )
    account = await access.ensure_account(f"manager-{tag}@example.org", now=now)
    await access.grant(account.id, Role.MANAGER, venue.id)
    await inbox.drop("device_pending", key=tag, now=now, subject_kind="device", subject_id=paired.device.id)
    item = next(item for item in await inbox.open_items() if item.subject_id == paired.device.id)
    return World(
        venue_id=venue.id,
        values={
            "person_id": str(person.id),
            "candidate_id": str(candidate.id),
            "mandate_id": str(mandate.id),
            "manifesto_id": str(uuid4()),
            "request_id": str(uuid4()),
            "event_id": str(uuid4()),
            "venue_id": str(venue.id),
            "benefit_id": str(benefit.id),
            "account_id": str(account.id),
            "device_id": str(paired.device.id),
            "item_id": str(item.id),
            "visit_id": str(uuid4()),
            "day": "2026-06-15",
            "pairing_id": str(uuid4()),
            "form_id": str(uuid4()),
            "closure_id": str(uuid4()),
            "proposal_id": str(uuid4()),
            "set_id": str(uuid4()),
            "token": await access.invite(account.id, Realm.DESK, now=now),
            "name": "site.css",
            "path": "x",
        },
    )


async def credentials(role: str, venue_id: UUID, clock: FrozenClock) -> dict[str, str]:
    """The headers that this role's browser or scanner sends."""
    now = clock()
    if role == "anonymous":
        return {}
    if role == "device":
        secret = await venues.make_pairing(SYSTEM, venue_id, reusable=False, lifetime=timedelta(hours=1), now=now)
        return {"authorization": f"Device {(await venues.pair(secret, 'Caisse', 'phare', now=now)).token}"}
    account = await access.ensure_account(f"{role}-{uuid4().hex}@example.org", now=now)
    await access.grant(account.id, Role(role), {"manager": venue_id, "ambassador": uuid4()}.get(role))
    realm = Realm.PASS if role == "ambassador" else Realm.DESK
    opened = await access.use_link(await access.invite(account.id, realm, now=now), now=now)
    return {"cookie": f"__Host-estran_{realm}={opened.token}"}


def filled(path: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+):\w+\}", lambda place: values[place[1]], path)


def met(answer: httpx.Response) -> str:
    if answer.status_code >= 500:
        # The front ends may not have been built yet; everything else that breaks is a fault.
        return In if answer.status_code == 503 and "make build" in answer.text else str(answer.status_code)
    if answer.headers.get("location", "").startswith("/desk/sign-in?next="):
        return Door
    return str(answer.status_code) if answer.status_code in {401, 403, 405, 429} else In


def browser(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN, headers={"origin": ORIGIN})


@pytest.mark.parametrize(
    "engine_name",
    # The door is the same before either database: a minute of asking PostgreSQL, too, is left to `make test-all`.
    ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])],
)
@pytest.mark.parametrize("role", ROLES)
async def test_who_gets_in_where(app: Any, clock: FrozenClock, role: str) -> None:
    wrong = []
    here: World | None = None
    async with browser(app) as client:
        for route, expected in EXPECTED.items():
            method, _, path = route.partition(" ")
            if here is None:
                here = await world(clock)
                headers = await credentials(role, here.venue_id, clock)
            answer = await client.request(method, filled(path, here.values), headers=headers)
            client.cookies.clear()
            if met(answer) != expected[role]:
                wrong.append(f"{route}: {met(answer)}, expected {expected[role]}")
            if method != "GET" and met(answer) == In:
                here = None  # who knows what it changed
    assert wrong == []


async def test_a_manager_finds_nothing_of_another_venue(app: Any, clock: FrozenClock) -> None:
    wrong = []
    own, other = await world(clock), await world(clock)
    headers = await credentials("manager", own.venue_id, clock)
    async with browser(app) as client:
        for route, expected in EXPECTED.items():
            method, _, path = route.partition(" ")
            if expected["manager"] != In or not re.search(r"\{(venue|device)_id", path):
                continue
            theirs = await client.request(method, filled(path, other.values), headers=headers)
            nobodys = {key: str(uuid4()) for key in other.values}
            missing = await client.request(method, filled(path, nobodys), headers=headers)
            # Not yours and not there: the same answer, so that nothing is learnt by asking.
            if (theirs.status_code, theirs.text) != (404, missing.text):
                wrong.append(f"{route}: {theirs.status_code}, and {missing.status_code} for nobody's")
    assert wrong == []


async def test_every_other_method_is_refused_and_says_which_are_taken(app: Any, clock: FrozenClock) -> None:
    here = await world(clock)
    headers = await credentials("officer", here.venue_id, clock)
    wrong = []
    async with browser(app) as client:
        for route in app.routes:
            for method in set(METHODS) - set(route.methods):
                answer = await client.request(method, filled(route.path, here.values), headers=headers)
                allowed = set(re.split(r",\s*", answer.headers.get("allow", "")))
                if answer.status_code != 405 or not set(route.methods) <= allowed:
                    wrong.append(f"{method} {route.path}: {answer.status_code}, allow {sorted(allowed)}")
    assert wrong == []


async def test_head_answers_as_get_without_a_body(app: Any, clock: FrozenClock) -> None:
    here = await world(clock)
    headers = await credentials("officer", here.venue_id, clock)
    async with browser(app) as client:
        for route in EXPECTED:
            method, _, path = route.partition(" ")
            if method == "GET":
                got = await client.get(filled(path, here.values), headers=headers)
                answer = await client.head(filled(path, here.values), headers=headers)
                assert (answer.status_code, answer.content) == (got.status_code, b""), path


@pytest.mark.parametrize("route", DEMO_ONLY)
async def test_the_demonstrations_routes_are_not_there_otherwise(client: httpx.AsyncClient, route: str) -> None:
    method, _, path = route.partition(" ")
    answer = await client.request(method, filled(path, {"letter_id": str(uuid4())}))
    assert answer.status_code == 404
