"""The first page: what waits, and what was used. Numbers and drawings come from the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get

from estran.access.guards import manager_or_officer, officer_only
from estran.actor import Role
from estran.club import renewals
from estran.club import service as club
from estran.club.rules import Eligibility
from estran.desk import charts, events_view, first_hour, people_csv, words
from estran.desk.charts import Point
from estran.desk.screen import AnyRequest, Now, Say, Who, attachment, go, say_to, screen
from estran.events.rules import Stage
from estran.passes import service as passes
from estran.venues import service as venues
from estran.venues.tables import Venue
from estran.visits import queries

PERIODS = (13, 26, 52)
"""Weeks: a season, half a year, a year."""
NEXT_EVENTS = 3


@get("/", include_in_schema=False)
async def dashboard(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What waits and what was used; a manager is taken to their venue's page."""
    if Role.OFFICER not in actor.roles:
        return go("/venue")
    say = await say_to(request, actor, now=now)
    asked = await _asked(say, request.query_params)
    return await screen(
        request,
        actor,
        "dashboard",
        now=now,
        here="dashboard",
        asked=asked,
        periods=PERIODS,
        months=words.months_before(say.today),
        **await _waiting(say, asked.places),
        **await _events(say),
        **await _figures(say, asked),
    )


@get("/figures.csv", include_in_schema=False)
async def export(request: AnyRequest, actor: Who, now: Now) -> Response[bytes]:
    """The period's figures by venue, for a spreadsheet; without names, hence a mere link."""
    say = await say_to(request, actor, now=now)
    asked = await _asked(say, request.query_params)
    found = [
        row
        for row in await queries.per_venue(asked.first, asked.last)
        if asked.venue is None or row.venue_id == asked.venue.id
    ]
    rows = [[say.t(f"desk.figures.{column}") for column in ("venue", "visits", "companions", "refused")]]
    rows += [[row.venue, str(row.visits), str(row.companions), str(row.refused)] for row in found]
    sums = (sum(getattr(row, column) for row in found) for column in ("visits", "companions", "refused"))
    rows.append([say.t("desk.chart.total"), *map(str, sums)])
    return attachment(people_csv.write(rows), f"entrees-{asked.first}-{asked.last}.csv", "text/csv")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figures are asked for: of some weeks or of one month, everywhere or at one venue."""

    n_weeks: int
    month: date | None
    venue: Venue | None
    places: list[Venue]
    first: date
    last: date

    def address(self, path: str, **changed: str | int) -> str:
        """The page at `path` with the same choice, but for what is changed."""
        values: dict[str, str | int] = {"venue": str(self.venue.id) if self.venue else ""}
        values |= {"month": f"{self.month:%Y-%m}"} if self.month else {"weeks": self.n_weeks}
        return f"{path}?{urlencode({name: value for name, value in (changed or values).items() if value})}"


async def _asked(say: Say, params: Mapping[str, str]) -> Asked:
    """What the address asks for; anything else is the usual period, and everywhere."""
    places = await venues.venues()
    month = next((one for one in words.months_before(say.today) if f"{one:%Y-%m}" == params.get("month")), None)
    n_weeks = 0 if month else _period(params.get("weeks", ""))
    venue = next((place for place in places if str(place.id) == params.get("venue")), None)
    first, last = _of_month(say, month) if month else _of_weeks(say, n_weeks)
    return Asked(n_weeks, month, venue, places, first, last)


def _period(asked: str) -> int:
    return next((weeks for weeks in PERIODS if str(weeks) == asked), PERIODS[1])


def _of_weeks(say: Say, n_weeks: int) -> tuple[date, date]:
    """From a Monday to today."""
    return say.today - timedelta(days=say.today.weekday(), weeks=n_weeks - 1), say.today


def _of_month(say: Say, month: date) -> tuple[date, date]:
    """A month's days, as far as they have come."""
    following = (month + timedelta(days=31)).replace(day=1)
    return month, min(following - timedelta(days=1), say.today)


async def _waiting(say: Say, venues_open: list[Venue]) -> dict[str, Any]:
    """What is left to fill in, who is waiting, and how many people may enter today."""
    places = {venue.id: venue for venue in venues_open}
    people = await club.ambassadors()
    standings = await passes.standings([person.id for person in people], now=say.now)
    devices = [device for device in await venues.devices() if device.venue_id in places]
    steps = await first_hour.steps(venues_open, people, devices)
    return {
        "steps": [] if all(step.is_done for step in steps) else steps,
        "pending": [(device, places[device.venue_id]) for device in devices if device.state == "pending"],
        "n_stale": sum(device.state == "active" and say.is_stale(device.snapshot_at) for device in devices),
        "n_renewals": sum(ending.is_due for ending in await renewals.endings(now=say.now)),
        "n_able": sum(found.eligibility is Eligibility.ELIGIBLE for found in standings.values()),
    }


async def _events(say: Say) -> dict[str, Any]:
    """The next events, and two years of them in figures; a year without any is left out."""
    found = await events_view.lines(now=say.now)
    ahead = [line for line in found if line.stage in {Stage.OPEN, Stage.CLOSED} and line.begins_at]
    seasons = [await events_view.season(say.today.year - back, found, say.zone) for back in (0, 1)]
    return {
        "next_events": sorted(ahead, key=lambda line: (line.begins_at, line.event.id))[:NEXT_EVENTS],
        "seasons": [season for season in seasons if season.held],
    }


async def _figures(say: Say, asked: Asked) -> dict[str, Any]:
    period = (asked.first, asked.last, asked.venue.id if asked.venue else None)
    totals = await queries.totals(*period)
    weeks = _weeks(say, await queries.per_week(*period))
    by_venue = [] if asked.venue else await queries.per_venue(asked.first, asked.last)
    venue_points = [Point(row.venue, row.visits) for row in by_venue]
    refused = [Point(say.reason(reason), n) for reason, n in await queries.refused_by_reason(*period)]
    return {
        "n_visits": totals.visits,
        "n_companions": totals.companions,
        "n_refused": totals.refused,
        "weeks": weeks,
        "weeks_chart": charts.columns("weeks", say.t("desk.chart.weeks"), _summary(say, "weeks", weeks), weeks),
        "by_venue": by_venue,
        "venues_chart": charts.bars(
            "venues", say.t("desk.chart.venues"), _summary(say, "venues", venue_points), venue_points
        ),
        "refused": refused,
        "refused_chart": charts.bars(
            "refused", say.t("desk.chart.refused"), _summary(say, "refused", refused), refused
        ),
        "latest": await queries.latest_days(*period),
    }


def _weeks(say: Say, rows: list[tuple[date, int]]) -> list[Point]:
    """A point per week; the first week of a month bears its name, as many as there is room for."""
    every = 1 if len(rows) <= PERIODS[0] else 2 if len(rows) <= PERIODS[1] else 3
    points, shown = [], -1
    for monday, n in rows:
        month = monday.year * 12 + monday.month
        is_first = monday.day <= 7 and month % every == 0 and month != shown  # noqa: PLR2004 - days of a week
        shown = month if is_first else shown
        mark = words.short_month_words(monday, say.lang) if is_first else ""
        points.append(Point(say.t("desk.chart.week_of", day=say.day(monday)), n, mark))
    return points


def _summary(say: Say, chart: str, points: list[Point]) -> str:
    """One sentence for those who cannot see the drawing; the table beside it has the rest."""
    best = max(points, key=lambda point: point.value, default=None)
    if best is None or not best.value:
        return say.t("desk.chart.none")
    return say.t(f"desk.chart.{chart}.said", n=best.value, label=best.label, total=sum(p.value for p in points))


routers = [
    Router("/desk", guards=[manager_or_officer], route_handlers=[dashboard]),
    Router("/desk", guards=[officer_only], route_handlers=[export]),
]
