"""Scanners of which nothing is heard although their venue is open: told to the officer, once per silence."""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from estran import clock
from estran.club import service as club
from estran.db import writes
from estran.inbox import service as inbox
from estran.venues import service as venues
from estran.venues.tables import Closure, Device
from estran.visits import rules

KIND = "silent_scanner"


@writes
async def watch(*, now: datetime) -> None:
    """A line for each scanner that has been silent for longer than the club waits, on days on which its venue was open.

    It closes by itself when the scanner is heard of again, or is cut. While the venue rests nothing new is said.
    """
    house = await club.house()
    zone = ZoneInfo(house.zone)
    today = clock.local_day(now, zone)
    scanners = {device.id: device for device in await venues.devices() if device.state == "active"}
    for item in await inbox.open_items():
        device = scanners.get(item.subject_id) if item.kind == KIND and item.subject_id else None
        if item.kind == KIND and (device is None or item.details["since"] != _heard(device).isoformat()):
            await inbox.close(_key(item.subject_id, item.details["since"]), now=now)
    resting = await _resting(today)
    open_venues = {venue.id for venue in await venues.venues() if venue.paused_at is None}
    for device in scanners.values():
        closures = resting[device.venue_id]
        if device.venue_id not in open_venues or any(first <= today <= last for first, last in closures):
            continue
        since = _heard(device)
        if rules.open_days(clock.local_day(since, zone), today, closures) >= house.silent_days:
            await inbox.drop(
                KIND,
                key=_key(device.id, since.isoformat()),
                now=now,
                subject_kind="device",
                subject_id=device.id,
                venue_id=device.venue_id,
                details={"since": since.isoformat()},
            )


def _key(device_id: UUID | None, since: str) -> str:
    return f"{KIND}:{device_id}:{since}"


def _heard(device: Device) -> datetime:
    """When something was last heard of a scanner, its approval included."""
    return max(at for at in (device.created_at, device.approved_at, device.seen_at) if at is not None)


async def _resting(today: date) -> dict[UUID, list[tuple[date, date]]]:
    """When each venue was or is closed, until today."""
    found: dict[UUID, list[tuple[date, date]]] = defaultdict(list)
    for row in await Closure.objects().where(Closure.first_on <= today):
        found[row.venue_id].append((row.first_on, row.last_on))
    return found
