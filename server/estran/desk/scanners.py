"""How fresh each scanner is, in words: heard of when, knows of the newest revocation, holds how much, told what time it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, Router, get

from estran.access.guards import officer_only
from estran.desk import queries
from estran.desk.lists import asked, folded, holds
from estran.desk.screen import AnyRequest, Now, Say, Who, say_to, screen
from estran.venues import service as venues
from estran.venues.tables import Device, Venue

CARES = ("pending", "news", "revocation", "clock", "queue")
"""What may need somebody, the most urgent first: waits for an agreement, has old news, does not know who is revoked, is told
another time than ours, holds what it should have sent."""
CLOCK_MS = 60_000
"""A clock that is this far off is corrected (pass-format §4), and shown."""
QUEUE_AFTER = timedelta(days=1)
DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000


@dataclass(frozen=True, slots=True)
class Fresh:
    """One scanner and what the server knows of its news, its queue and its clock."""

    device: Device
    venue: Venue
    knows: bool | None
    """Whether it has shown to know of the newest revocation; None: there is none to know of."""
    clock: str
    cares: tuple[str, ...]

    @property
    def rank(self) -> int:
        """Where it stands when what needs care comes first."""
        return min((CARES.index(care) for care in self.cares), default=len(CARES))


SORTS: dict[str, Callable[[Fresh], Any]] = {
    "care": lambda row: (row.rank, folded(row.venue.name), folded(row.device.label)),
    "name": lambda row: (folded(row.venue.name), folded(row.device.label)),
    "seen": lambda row: row.device.seen_at or row.device.created_at,
    "queue": lambda row: row.device.queue_length,
    "version": lambda row: row.device.app_version,
}


@get("/", include_in_schema=False)
async def scanners_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Every scanner of the club, what needs care first; or those whose name, venue or word is searched for."""
    order = asked("/desk/scanners", request.query_params, SORTS, "care")
    places = {venue.id: venue for venue in await venues.venues()}
    say = await say_to(request, actor, now=now)
    rows = await freshness([one for one in await venues.devices() if one.venue_id in places], places, say)
    found = [row for row in rows if holds(f"{row.venue.name} {row.device.label} {row.device.word}", order.query)]
    return await screen(
        request,
        actor,
        "scanners",
        now=now,
        within="venues",
        rows=order.sorted(found, SORTS),
        asked=order,
        n_all=len(rows),
        n_care=sum(bool(row.cares) for row in rows),
        n_places=len(places),
    )


async def freshness(devices: Iterable[Device], places: Mapping[UUID, Venue], say: Say) -> list[Fresh]:
    """What is known of these scanners; those that need somebody come first."""
    newest, skews = await queries.newest_revocation(now=say.now), await queries.skews(devices)
    rows = [_fresh(device, places[device.venue_id], newest, skews.get(device.id), say) for device in devices]
    return sorted(rows, key=lambda row: row.rank)


def _fresh(device: Device, venue: Venue, newest: int | None, skew_ms: int | None, say: Say) -> Fresh:
    knows = None if newest is None else device.status_version is not None and device.status_version >= newest
    is_active = device.state == "active"
    found = {
        "pending": device.state == "pending",
        "news": is_active and say.is_stale(device.snapshot_at),
        "revocation": is_active and knows is False,
        "clock": skew_ms is not None and abs(skew_ms) >= CLOCK_MS,
        "queue": device.queue_length > 0 and (device.seen_at is None or say.now - device.seen_at > QUEUE_AFTER),
    }
    cares = tuple(care for care in CARES if found[care])
    return Fresh(device, venue, knows=knows, clock=clock_words(skew_ms, say), cares=cares)


def clock_words(skew_ms: int | None, say: Say) -> str:
    """How far a scanner's clock is from ours, by its last exchange: `skew_ms` is ours minus its own."""
    if skew_ms is None:
        return say.t("desk.device.clock.unknown")
    if abs(skew_ms) < CLOCK_MS:
        return say.t("desk.device.clock.good")
    unit, size = next(
        (name, ms) for name, ms in (("days", DAY_MS), ("hours", HOUR_MS), ("minutes", MINUTE_MS)) if abs(skew_ms) >= ms
    )
    span = say.t(f"desk.device.clock.{unit}", n=abs(skew_ms) // size)
    return say.t(f"desk.device.clock.{'late' if skew_ms > 0 else 'early'}", span=span)


routers = [Router("/desk/scanners", guards=[officer_only], route_handlers=[scanners_page])]
