"""The club in public: what it is, its manifesto, its partners, the press, and what the law asks it to say."""

from collections import defaultdict
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, Router, get

from estran import clock
from estran.club import identity, manifesto, rules
from estran.club import service as club
from estran.desk.screen import AnyRequest, Now
from estran.errors import NotFound
from estran.passes import entitlement
from estran.privacy import service as privacy
from estran.privacy.rules import TREATMENTS, Basis
from estran.public import accessibility, join
from estran.public.show import show
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.sentences import Reader, sentence
from estran.venues.tables import Venue
from estran.venues.terms import Who
from estran.web.markup import blocks
from estran.web.pages import page_lang
from estran.web.static import IMMUTABLE, REVALIDATE, has_already

MAP = "https://www.openstreetmap.org/search?"
"""A search on a map of the commons: a link out, so that no map is loaded from elsewhere and nobody is told who looks."""


# --- the club ---------------------------------------------------------------------------------------------------------


@get("/", include_in_schema=False)
async def home(request: AnyRequest, now: Now) -> Response[Any]:
    """The club in a few lines, the three doors, and the way to the rest."""
    return await show(
        request,
        "home",
        now=now,
        manifesto=await manifesto.current(),
        venues=[venue for venue in await venues.venues() if venue.paused_at is None],
    )


@get("/manifesto", include_in_schema=False)
async def manifesto_page(request: AnyRequest, now: Now) -> Response[Any]:
    """The manifesto that was published last."""
    found = await manifesto.current()
    return await show(request, "manifesto", now=now, manifesto=found, blocks=blocks(found.body) if found else [])


@get("/partners", include_in_schema=False)
async def partners(request: AnyRequest, now: Now) -> Response[Any]:
    """Where ambassadors are welcome, and what they find there; not what only some are invited to."""
    lang = page_lang(request)
    sentences: dict[UUID, list[str]] = defaultdict(list)
    names = await entitlement.names()
    for benefit in await venues.benefits():
        if benefit.terms.who is not Who.INVITED:
            sentences[benefit.venue_id].append(sentence(benefit.terms, Reader.AMBASSADOR, lang, names))
    today = clock.local_day(now, await club.zone())
    shut = await closures.closures(since=today)
    found = [
        (venue, sentences[venue.id], closures.closed_until(shut.get(venue.id, []), today), _map_of(venue))
        for venue in await venues.venues()
    ]
    return await show(request, "partners", now=now, venues=found)


def _map_of(venue: Venue) -> str:
    """The address of a search for this place."""
    words = [part for part in (venue.name, venue.address, venue.commune) if part]
    return MAP + urlencode({"query": ", ".join(words)})


@get("/press", include_in_schema=False)
async def press(request: AnyRequest, now: Now) -> Response[Any]:
    """Whom the press asks, and which pictures it may take."""
    return await show(request, "press", now=now)


@get("/sitemap", include_in_schema=False)
async def sitemap(request: AnyRequest, now: Now) -> Response[Any]:
    """Every page that can be reached without being led there."""
    return await show(request, "sitemap", now=now)


# --- the law ----------------------------------------------------------------------------------------------------------


@get("/legal", include_in_schema=False)
async def legal(request: AnyRequest, now: Now) -> Response[Any]:
    """Who publishes this site and who hosts it (LCEN)."""
    return await show(request, "legal", now=now)


@get("/privacy", include_in_schema=False)
async def privacy_notice(request: AnyRequest, now: Now) -> Response[Any]:
    """What the club does with personal data (RGPD art. 13), from the table that also does the forgetting."""
    bases = await privacy.bases()
    return await show(
        request,
        "privacy",
        now=now,
        treatments=TREATMENTS,
        kept=await privacy.kept(),
        bases=bases,
        may_object=[one.key for one in TREATMENTS if bases[one.key] is Basis.PUBLIC_MISSION],
        may_carry=[one.key for one in TREATMENTS if bases[one.key] is Basis.CONTRACT],
    )


# --- how it looks -----------------------------------------------------------------------------------------------------


@get("/logo", include_in_schema=False)
async def logo(request: AnyRequest) -> Response[bytes]:
    """The club's logo; 404 when it has none."""
    picture = await identity.logo()
    etag = f'"{picture.version}"'
    is_this = request.query_params.get("v") == picture.version
    headers = {"ETag": etag, "Cache-Control": IMMUTABLE if is_this else REVALIDATE}
    if has_already(request.headers.get("if-none-match", ""), etag):
        return Response(b"", status_code=304, headers=headers, media_type=picture.media_type)
    return Response(picture.body, headers=headers, media_type=picture.media_type)


@get("/club.css", include_in_schema=False)
async def club_css(request: AnyRequest) -> Response[bytes]:
    """The club's colour over those of colours.css, for light and for dark pages; nothing when it has none.

    Both apps wear the same, from `GET /api/v1/club` (kit/src/ui/colours.ts).
    """
    colour = (await identity.identity()).accent
    pair = rules.accent(colour)
    if pair is None:
        raise NotFound("unknown_page", "nothing is here")
    sheet = (
        f":root {{ --accent: {pair.light}; --deep: {pair.deep}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --accent: {pair.dark}; --deep: {pair.deep}; }} }}\n"
    )
    is_this = request.query_params.get("v") == colour.removeprefix("#")
    headers = {"Cache-Control": IMMUTABLE if is_this else REVALIDATE}
    return Response(sheet.encode(), headers=headers, media_type="text/css")


routers = [
    Router("/", route_handlers=[home, manifesto_page, partners, press, sitemap, legal, privacy_notice, logo, club_css]),
    *join.routers,
    *accessibility.routers,
]
