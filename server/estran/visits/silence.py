"""Scanners of which nothing is heard although their venue is open: told to the officer, once per silence."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from estran.clock import local_day
from estran.club import service as club
from estran.db import writes
from estran.inbox import service as inbox
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.tables import Device
from estran.venues.terms import Span
from estran.visits import rules

KIND = "silent_scanner"


@writes
async def watch(*, now: datetime) -> None:
    """A line for each scanner that has been silent for longer than the club waits, on days on which its venue was open.

    It closes by itself when the scanner is heard of again, or is cut. While the venue rests nothing new is said.
    """
    house = await club.house()
    zone = ZoneInfo(house.zone)
    today = local_day(now, zone)
    scanners = {device.id: device for device in await venues.devices() if device.state == "active"}
    for item in await inbox.open_items():
        device = scanners.get(item.subject_id) if item.kind == KIND and item.subject_id else None
        if item.kind == KIND and (device is None or item.details["since"] != _heard(device).isoformat()):
            await inbox.close(_key(item.subject_id, item.details["since"]), now=now)
    shut = await closures.closures(
        since=min((local_day(_heard(one), zone) for one in scanners.values()), default=today)
    )
    seasons: dict[UUID, list[Sequence[Span]]] = defaultdict(list)
    for benefit in await venues.benefits():
        seasons[benefit.venue_id].append(benefit.terms.seasons)
    welcoming = {venue.id for venue in await venues.venues() if venue.paused_at is None}
    for device in scanners.values():
        since, place = _heard(device), device.venue_id
        n_days = rules.open_days(local_day(since, zone), today, closures.spans(shut.get(place, [])), seasons[place])
        if place in welcoming and n_days >= house.silent_days:
            await inbox.drop(
                KIND,
                key=_key(device.id, since.isoformat()),
                now=now,
                subject_kind="device",
                subject_id=device.id,
                venue_id=place,
                details={"since": since.isoformat()},
            )


def _key(device_id: UUID | None, since: str) -> str:
    return f"{KIND}:{device_id}:{since}"


def _heard(device: Device) -> datetime:
    """When something was last heard of a scanner, its approval included."""
    return max(at for at in (device.created_at, device.approved_at, device.seen_at) if at is not None)
