"""What anybody may know of the club: `GET /api/v1/club`."""

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency

from estran.club import service
from estran.settings import Settings


class ClubOut(msgspec.Struct, rename="camel"):
    """The club's name, whether this is the demonstration, the issuer's origin, the zone and the first language."""

    club: str
    demo: bool
    iss: str
    zone: str
    lang: str


@get("/club", operation_id="club", exclude_from_auth=True)
async def club(settings: NamedDependency[Settings]) -> ClubOut:
    """Public facts that both apps need before anybody signs in."""
    house = await service.house()
    return ClubOut(club=house.name, demo=settings.demo, iss=settings.origin, zone=house.zone, lang="fr")


routers = [Router("/api/v1", route_handlers=[club], tags=["club"])]
