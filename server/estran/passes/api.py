"""What the ambassador's phone asks (docs/sync.md §2), and what anybody may fetch: the keys and the status list."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from estran import clock
from estran.access import guards
from estran.actor import Actor
from estran.club import manifesto, renewals
from estran.club import rules as club_rules
from estran.club import service as club
from estran.club.rules import Call
from estran.passes import entitlement, service
from estran.passes.keys import Issuer
from estran.passes.service import PassState
from estran.texts import LANGS
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.opening import Period
from estran.venues.sentences import Reader, sentence
from estran.venues.service import Given
from estran.venues.terms import Span, Terms, Who, Words
from estran.web.faults import BODY, answer, problems
from estran.web.limits import per_address


class BenefitOut(msgspec.Struct, rename="camel"):
    """A benefit as it is for this ambassador, who has `used` it from `first` to `last`.

    Null for both: in the mandate, or there is no period now.
    """

    id: UUID
    version: int
    terms: Terms
    sentence: Words
    entitled: bool
    used: int
    first: str | None
    last: str | None


class VenueBenefits(msgspec.Struct, rename="camel"):
    """A venue and what it opens. `sentences` are those of `benefits`, for apps from before docs/benefits.md."""

    id: UUID
    venue: str
    commune: str
    address: str
    url: str
    paused: bool
    closures: list[Span]
    sentences: list[Words]
    benefits: list[BenefitOut]


class CallOut(msgspec.Struct, rename="camel"):
    """What the manifesto still asks of somebody. `by`: the last day before the pass is suspended; null: now, or nothing.

    `has_draft`: a draft is open to comments.
    """

    need: str | None
    by: date | None
    has_draft: bool


class PassNews(msgspec.Struct, rename="camel"):
    """What a phone should hold and show from now on: docs/sync.md §2."""

    credential: str | None
    status: str
    until: date
    club: str
    name: str
    zone: str
    benefits: list[VenueBenefits]
    issued_at_ms: int
    news_at_ms: int
    begins_on: date | None
    ends_on: date | None
    eligibility: str
    manifesto: CallOut


class Uses(Protocol):
    """How often somebody has used a benefit, in which period."""

    @property
    def period(self) -> Period:
        """Both ends None: as long as the mandate."""

    @property
    def counts(self) -> Mapping[UUID, int]:
        """By ambassador."""


OwnUses = Callable[..., Awaitable[Mapping[UUID, Uses]]]
"""What one ambassador has used: the room of visits is above this one, the application hands its look-up down."""


class PhoneOut(msgspec.Struct, rename="camel"):
    """The phone that holds the pass now."""

    label: str
    since: date


class RenewalOut(msgspec.Struct, rename="camel"):
    """A mandate that ends within 60 days, and whether its ambassador goes on: `yes`, `no`, or not said."""

    ends_on: date
    wish: str | None


class Me(msgspec.Struct, rename="camel"):
    """Who is signed in, and whether a pass may be put on this phone."""

    first_name: str
    name: str
    club: str
    eligibility: str
    begins_on: date | None
    ends_on: date | None
    device: PhoneOut | None
    manifesto: CallOut
    renewal: RenewalOut | None


class PublicKeyIn(msgspec.Struct, rename="camel"):
    """The phone's public key: base64url of 32 bytes each."""

    x: str
    y: str


class PresentationIn(msgspec.Struct, rename="camel"):
    """A fresh presentation, as in the QR."""

    digits: str


JWK_SET, STATUS_LIST = "application/jwk-set+json", "application/statuslist+jwt"
PHONES = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")


def phone_of(user_agent: str) -> str:
    """The coarse kind of a phone, to say which one loses its pass; nothing finer is kept."""
    found = next((phone for phone in PHONES if phone in user_agent), "")
    return {"Macintosh": "Mac"}.get(found, found)


@get("/me", operation_id="me", responses=problems(401, 404))
async def me(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Me:
    """The signed-in ambassador."""
    person = await club.ambassador(guards.ambassador_of(actor))
    is_newcomer = bool(await service.newcomers([person.id]))
    standing = await club.standing(person.id, now=now, is_newcomer=is_newcomer)
    house = await club.house()
    held = await service.pass_of(person.id, now=now)
    ending = await renewals.open_for(person.id, now=now)
    return Me(
        first_name=person.first_name,
        name=club_rules.display_name(person.first_name, person.last_name),
        club=house.name,
        eligibility=standing.eligibility,
        begins_on=standing.term.begins_on if standing.term else None,
        ends_on=standing.term.ends_on if standing.term else None,
        device=PhoneOut(held.phone, clock.local_day(held.issued_at, await club.zone())) if held else None,
        manifesto=await _call(await club.call_of(person.id, now=now, is_newcomer=is_newcomer)),
        renewal=RenewalOut(ending.ends_on, ending.wish) if ending else None,
    )


async def _call(call: Call) -> CallOut:
    return CallOut(call.need, call.by, await manifesto.draft() is not None)


@post("/me/pass", operation_id="putPassOnThisPhone", responses=problems(*BODY, 401, 404, 409))
async def put_pass(
    data: JSONBody[PublicKeyIn],
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    issuer: NamedDependency[Issuer],
    now: NamedDependency[datetime],
) -> PassNews:
    """*Mettre mon pass sur cet appareil*: a pass for this phone's key; the one on another phone will end."""
    person = await club.ambassador(guards.ambassador_of(actor))
    phone = phone_of(request.headers.get("user-agent", ""))
    row = await service.issue(issuer, person.id, data.x, data.y, phone, now=now)
    standing = await club.standing(person.id, now=now)
    return await _news(PassState(row.credential, "valid", row, standing), request.app.state.own_uses, now)


@post("/pass/refresh", operation_id="refreshPass", status_code=200, responses=problems(*BODY, 401))
async def refresh(
    data: JSONBody[PresentationIn],
    request: Request[Any, Any, Any],
    issuer: NamedDependency[Issuer],
    now: NamedDependency[datetime],
) -> PassNews:
    """What the phone that shows this presentation should hold now. No session: the proof is enough."""
    return await _news(await service.refresh(issuer, data.digits, now=now), request.app.state.own_uses, now)


async def _news(state: PassState, own_uses: OwnUses, now: datetime) -> PassNews:
    house = await club.house()
    term = state.standing.term
    return PassNews(
        credential=state.credential,
        status=state.status,
        until=clock.local_day(state.pass_.exp_at, await club.zone()),
        club=house.name,
        name=state.pass_.name,
        zone=house.zone,
        benefits=await _benefits(state, own_uses, now),
        issued_at_ms=clock.to_ms(state.pass_.issued_at),
        news_at_ms=clock.to_ms(now),
        begins_on=term.begins_on if term else None,
        ends_on=term.ends_on if term else None,
        eligibility=state.standing.eligibility,
        manifesto=await _call(await club.call_of(state.pass_.ambassador_id, now=now)),
    )


async def _benefits(state: PassState, own_uses: OwnUses, now: datetime) -> list[VenueBenefits]:
    given = await venues.benefits()
    closed = await closures.closures(since=clock.local_day(now, await club.zone()))
    by_venue: dict[UUID, list[BenefitOut]] = defaultdict(list)
    for venue_id, benefit in await _own(given, state, own_uses, now):
        by_venue[venue_id].append(benefit)
    return [
        VenueBenefits(
            id=venue.id,
            venue=venue.name,
            commune=venue.commune,
            address=venue.address,
            url=venue.url,
            paused=venue.paused_at is not None,
            closures=closures.spans(closed.get(venue.id, [])),
            sentences=[benefit.sentence for benefit in by_venue[venue.id]],
            benefits=by_venue[venue.id],
        )
        for venue in await venues.venues()
        if by_venue[venue.id]
    ]


async def _own(
    given: Collection[Given], state: PassState, own_uses: OwnUses, now: datetime
) -> list[tuple[UUID, BenefitOut]]:
    """The benefits as they are for the holder, each with its venue. Nobody is told of what only others are invited to."""
    person = state.pass_.ambassador_id
    people = await entitlement.entitled({one.id: one.terms for one in given}, now=now)
    # Whoever holds a phone whose pass was ended learns nothing more of its ambassador: neither counts nor what they belong to.
    is_theirs = state.status not in {"revoked", "replaced"}
    uses = await own_uses(given, person, now=now) if state.status == "valid" else {}
    names = await entitlement.names()
    found = []
    for one in given:
        named = people[one.id]
        entitled = named is None or (is_theirs and person in named)
        if entitled or one.terms.who is not Who.INVITED:
            used = uses.get(one.id)
            first, last = used.period if used else (None, None)
            words = Words(*(sentence(one.terms, Reader.AMBASSADOR, lang, names) for lang in LANGS))
            count = used.counts.get(person, 0) if used else 0
            told = BenefitOut(one.id, one.version, one.terms, words, entitled, count, first, last)
            found.append((one.venue_id, told))
    return found


@get("/.well-known/jwks.json", operation_id="jwks", responses={200: answer(dict[str, list[dict[str, str]]], JWK_SET)})
async def jwks(issuer: NamedDependency[Issuer], now: NamedDependency[datetime]) -> Response[dict[str, object]]:
    """The issuer's public keys (RFC 7517)."""
    keys = await service.jwks(issuer, now=now)
    return Response({"keys": keys}, media_type=JWK_SET, headers={"Cache-Control": "max-age=3600"})


@get(
    "/status",
    operation_id="statusList",
    responses={200: answer(str, STATUS_LIST), 304: answer(None, of="The caller has it already")},
    middleware=[per_address("status", "minute", 60)],
)
async def status(
    request: Request[Any, Any, Any], issuer: NamedDependency[Issuer], now: NamedDependency[datetime]
) -> Response[str]:
    """The signed status list (docs/pass-format.md §6); 304 when the caller has it already.

    Whether a new version is due is looked up in everybody's mandates, and anybody may ask: hence the limit.
    """
    text, etag = await service.status_token(issuer, now=now)
    headers = {"ETag": f'"{etag}"', "Cache-Control": f"max-age={service.STATUS_TTL_S}, must-revalidate"}
    if f'"{etag}"' in request.headers.get("if-none-match", ""):
        return Response("", status_code=304, headers=headers, media_type=MediaType.TEXT)
    return Response(text, headers=headers, media_type=STATUS_LIST)


routers = [
    Router("/api/v1", route_handlers=[me, put_pass], guards=[guards.pass_actor], tags=["pass"]),
    Router("/api/v1", route_handlers=[refresh], tags=["pass"]),
    Router("/", route_handlers=[jwks, status], tags=["public"]),
]
