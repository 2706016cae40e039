"""What anybody may know of the club (`GET /api/v1/club`), and what an ambassador says to it (docs/sync.md §2)."""

from datetime import datetime
from typing import Literal

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from estran.access import guards
from estran.actor import Actor
from estran.club import identity, renewals, rules, service
from estran.errors import NotFound
from estran.settings import Settings
from estran.web.faults import BODY, problems


class ColoursOut(msgspec.Struct):
    """The club's colour: of links and buttons on light and on dark pages, and of a deep ground in both."""

    light: str
    dark: str
    deep: str


class LogoOut(msgspec.Struct):
    """The address of the club's logo, another one for another picture, and its words."""

    src: str
    alt: str


class ClubOut(msgspec.Struct, rename="camel"):
    """The club's name, whether this is the demonstration, the issuer's origin, the zone, the first language, and its looks."""

    club: str
    demo: bool
    iss: str
    zone: str
    lang: str
    colours: ColoursOut | None
    logo: LogoOut | None


class WishIn(msgspec.Struct, rename="camel"):
    """Whether the ambassador goes on after the mandate."""

    wish: Literal["yes", "no"]


@get("/club", operation_id="club", exclude_from_auth=True)
async def club(settings: NamedDependency[Settings]) -> ClubOut:
    """Public facts that both apps need before anybody signs in."""
    house, looks = await service.house(), await identity.identity()
    pair = rules.accent(looks.accent)
    picture = await identity.logo() if looks.logo_type else None
    return ClubOut(
        club=house.name,
        demo=settings.demo,
        iss=settings.origin,
        zone=house.zone,
        lang="fr",
        colours=ColoursOut(pair.light, pair.dark, pair.deep) if pair else None,
        logo=LogoOut(f"/logo?v={picture.version}", picture.alt) if picture else None,
    )


@post("/me/renewal", operation_id="sayRenewalWish", status_code=204, responses=problems(*BODY, 401, 404, 409))
async def say_wish(data: JSONBody[WishIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> None:
    """*Je souhaite continuer*, or not: told to the officer; the last answer counts."""
    if actor.ambassador_id is None:
        raise NotFound("not_an_ambassador", "no ambassador has this e-mail address")
    await renewals.wish(actor, actor.ambassador_id, data.wish, now=now)


routers = [
    Router("/api/v1", route_handlers=[club], tags=["club"]),
    Router("/api/v1", route_handlers=[say_wish], guards=[guards.pass_actor], tags=["pass"]),
]
