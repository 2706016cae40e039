"""Printed pages for a venue's desk: how to scan a pass within a minute, and codes to practise with."""

from typing import Any
from uuid import UUID

from anyio import to_thread
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from estran.access.guards import officer_only
from estran.club import identity
from estran.club import service as club
from estran.desk.screen import AnyRequest, Now, Who, screen
from estran.desk.venues_pages import qr_svg
from estran.passes import entitlement
from estran.settings import Settings
from estran.venues import service as venues
from estran.venues.sentences import Reader, sentence
from estran.venues.tables import Venue
from estran.web.pages import page_lang


@get("/{venue_id:uuid}/sheet", include_in_schema=False)
async def sheet(
    request: AnyRequest, venue_id: FromPath[UUID], settings: NamedDependency[Settings], actor: Who, now: Now
) -> Response[Any]:
    """The venue's sheet in the reader's language; nothing on it is secret."""
    venue = await venues.venue(venue_id)
    values = await sheet_values(settings, venue, page_lang(request))
    back = f"/desk/venues/{venue.id}"
    return await screen(request, actor, "sheet", now=now, within="venues", venue=venue, back=back, **values)


async def sheet_values(settings: Settings, venue: Venue, lang: str) -> dict[str, Any]:
    """What the sheet says of the venue, of the office and of the scanner's address."""
    house, address = await club.house(), f"{settings.origin}/scan/"
    names = await entitlement.names()
    return {
        "sentences": [
            sentence(benefit.terms, Reader.DESK, lang, names) for benefit in await venues.benefits_of(venue.id)
        ],
        "days": house.snapshot_limit_days,
        "contacts": await identity.contacts(),
        "scan_address": address.removeprefix("https://"),
        "qr": await to_thread.run_sync(qr_svg, address),
    }


EXERCISES = ("valid", "companions", "already", "quota", "paused", "old")
"""Cases that the scanner's practice mode knows by these names: `partners/src/state/rehearsal.ts`."""


@get("/{venue_id:uuid}/training-sheet", include_in_schema=False)
async def training_sheet(
    request: AnyRequest, venue_id: FromPath[UUID], settings: NamedDependency[Settings], actor: Who, now: Now
) -> Response[Any]:
    """Training codes for the scanner's practice mode: they give nothing, whoever shows them."""
    venue = await venues.venue(venue_id)
    exercises = await training_exercises(settings)
    back = f"/desk/venues/{venue.id}"
    return await screen(
        request, actor, "training_sheet", now=now, within="venues", venue=venue, exercises=exercises, back=back
    )


async def training_exercises(settings: Settings) -> list[tuple[str, Markup]]:
    """The name of each case to practise, and its code."""
    codes = [f"{settings.origin}/scan/#train={case}" for case in EXERCISES]
    return list(zip(EXERCISES, await to_thread.run_sync(_drawn, codes), strict=True))


def _drawn(codes: list[str]) -> list[Markup]:
    return [qr_svg(code) for code in codes]


routers = [Router("/desk/venues", guards=[officer_only], route_handlers=[sheet, training_sheet])]
