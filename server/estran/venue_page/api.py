"""The venue's figures, for its own scanners: counts only, nobody's name. docs/sync.md §7."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency

from estran import clock
from estran.access import guards
from estran.club import service as club
from estran.texts import LANGS
from estran.venue_page import queries, rules
from estran.venues import service as venues
from estran.venues.terms import Words
from estran.web.faults import problems


class VenueOut(msgspec.Struct, rename="camel"):
    """The scanner's own venue."""

    id: UUID
    name: str


class UsedOut(msgspec.Struct, rename="camel"):
    """How often a benefit was used."""

    id: UUID
    n: int
    give: Words


class FiguresOut(msgspec.Struct, rename="camel"):
    """What a period adds up to, both days included; a visit is one that counts."""

    first: date
    last: date
    visits: int
    companions: int
    guests: int
    refused: int
    benefits: list[UsedOut]


class VenueFiguresOut(msgspec.Struct, rename="camel"):
    """The venue's day, month, and the same month a year earlier, as of `at_ms`."""

    venue: VenueOut
    at_ms: int
    today: FiguresOut
    month: FiguresOut
    year_before: FiguresOut


@get("/venue", operation_id="venueFigures", responses=problems(401, 403))
async def venue_figures(caller_id: NamedDependency[UUID], now: NamedDependency[datetime]) -> VenueFiguresOut:
    """The figures of the scanner's own venue: today, this month, and the same month a year earlier."""
    device = await venues.working_device(caller_id)
    venue = await venues.venue(device.venue_id)
    today = clock.local_day(now, ZoneInfo((await club.house()).zone))
    month = today.replace(day=1)
    before = rules.year_before(month)
    words = {lang: (await queries.gifts(venue.id, lang)).newest for lang in LANGS}

    async def figures(first: date, last: date) -> FiguresOut:
        found = await queries.figures(venue.id, first, last)
        return FiguresOut(
            first=first,
            last=last,
            visits=found.totals.visits,
            companions=found.totals.companions,
            guests=found.guests,
            refused=found.totals.refused,
            benefits=[
                UsedOut(
                    id=row.benefit_id,
                    n=row.n,
                    give=Words(*(words[lang].get(row.benefit_id, "") for lang in LANGS)),
                )
                for row in found.used
            ],
        )

    return VenueFiguresOut(
        venue=VenueOut(venue.id, venue.name),
        at_ms=clock.to_ms(now),
        today=await figures(today, today),
        month=await figures(month, rules.month_end(month)),
        year_before=await figures(before, rules.month_end(before)),
    )


routers = [Router("/api/v1", route_handlers=[venue_figures], guards=[guards.device], tags=["scanner"])]
