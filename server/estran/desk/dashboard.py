"""The first page: what waits, and what was used. Numbers and drawings come from the same rows."""

from datetime import date, timedelta
from typing import Any

from litestar import Response, Router, get

from estran.access.guards import manager_or_officer
from estran.club import identity, manifesto, renewals
from estran.club import service as club
from estran.club.rules import Eligibility
from estran.desk import charts, words
from estran.desk.charts import Point
from estran.desk.screen import AnyRequest, Now, Say, Who, go, say_to, screen
from estran.desk.venues_pages import is_officer
from estran.passes import service as passes
from estran.venues import service as venues
from estran.visits import queries

PERIODS = (13, 26, 52)
"""Weeks: a season, half a year, a year."""
N_MONTHS = 24
"""Months that can be asked for by name: this summer beside the last one."""


@get("/", include_in_schema=False)
async def dashboard(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What waits and what was used; a manager is taken to their venue."""
    if not is_officer(actor):
        own = list(actor.venue_ids)
        return go(f"/desk/venues/{own[0]}" if len(own) == 1 else "/desk/venues")
    say = await say_to(request, actor, now=now)
    months = _months(say)
    month = next((one for one in months if f"{one:%Y-%m}" == request.query_params.get("month")), None)
    n_weeks = 0 if month else _period(request.query_params.get("weeks", ""))
    first, last = _of_month(say, month) if month else _of_weeks(say, n_weeks)
    return await screen(
        request,
        actor,
        "dashboard",
        now=now,
        here="dashboard",
        n_weeks=n_weeks,
        periods=PERIODS,
        month=month,
        months=months,
        first_day=first,
        last_day=last,
        **await _waiting(say),
        **await _figures(say, first, last),
    )


def _period(asked: str) -> int:
    return next((weeks for weeks in PERIODS if str(weeks) == asked), PERIODS[1])


def _of_weeks(say: Say, n_weeks: int) -> tuple[date, date]:
    """From a Monday to today."""
    return say.today - timedelta(days=say.today.weekday(), weeks=n_weeks - 1), say.today


def _months(say: Say) -> list[date]:
    """The first days of the last months, this one first."""
    months = [say.today.replace(day=1)]
    while len(months) < N_MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def _of_month(say: Say, month: date) -> tuple[date, date]:
    """A month's days, as far as they have come."""
    following = (month + timedelta(days=31)).replace(day=1)
    return month, min(following - timedelta(days=1), say.today)


async def _waiting(say: Say) -> dict[str, Any]:
    """What is left to fill in, who is waiting, and how many people may enter today."""
    places = {venue.id: venue for venue in await venues.venues()}
    people = [person.id for person in await club.ambassadors()]
    standings = await passes.standings(people, now=say.now)
    devices = await venues.devices()
    only = f"/desk/venues/{next(iter(places))}/" if len(places) == 1 else None
    steps = [
        ("settings", "/desk/settings", bool((await club.house()).contact_email)),
        ("venue", "/desk/venues/new", bool(places)),
        ("benefit", f"{only}benefits/new" if only else "/desk/venues", bool(await venues.benefits())),
        ("device", f"{only}pairing" if only else "/desk/venues", bool(devices)),
        ("person", "/desk/people/new", bool(people)),
        ("manifesto", "/desk/manifesto", await manifesto.current() is not None),
    ]
    first_steps = [(step, address) for step, address, is_done in steps if not is_done]
    unsaid = [name for name in await identity.missing() if name != "contact_email"]  # the first step asks for that
    return {
        "first_steps": first_steps,
        "unsaid": unsaid,
        "n_to_fill": len(first_steps) + len(unsaid),
        "pending": [
            (device, places[device.venue_id])
            for device in devices
            if device.state == "pending" and device.venue_id in places
        ],
        "n_renewals": sum(ending.is_due for ending in await renewals.endings(now=say.now)),
        "n_able": sum(found.eligibility is Eligibility.ELIGIBLE for found in standings.values()),
    }


async def _figures(say: Say, first: date, last: date) -> dict[str, Any]:
    totals = await queries.totals(first, last)
    weeks = _weeks(say, await queries.per_week(first, last))
    by_venue = await queries.per_venue(first, last)
    venue_points = [Point(row.venue, row.visits) for row in by_venue]
    refused = [Point(say.reason(reason), n) for reason, n in await queries.refused_by_reason(first, last)]
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
        "latest": await queries.latest_days(first, last),
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


routers = [Router("/desk", guards=[manager_or_officer], route_handlers=[dashboard])]
