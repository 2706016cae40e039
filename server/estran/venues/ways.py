"""A venue's ways in without a scanner: its PIN, and the devices that stand for a poster and for a paper list."""

import secrets
from datetime import datetime
from uuid import UUID, uuid4

from estran.actor import Actor
from estran.db import writes
from estran.errors import NotFound
from estran.history import service as history
from estran.venues import service
from estran.venues.tables import Device, Venue

PIN_DIGITS = 6
POSTER, SHEET = "poster", "sheet"
"""`Device.kind` of visits that an ambassador tells with their own phone, and of those that the office copies from a list."""


def new_pin() -> str:
    """Six digits."""
    return f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"


@writes
async def pin_of(venue_id: UUID) -> str:
    """The venue's PIN; a venue of before there were PINs is given one. Raises NotFound."""
    row = await service.venue(venue_id)
    if not row.pin:
        row.pin = new_pin()
        await row.save([Venue.pin])
    return str(row.pin)


@writes
async def renew_pin(actor: Actor, venue_id: UUID, *, now: datetime) -> str:
    """Another PIN: posters and notes that show the old one open nothing any more. Raises NotFound."""
    row = await service.venue(venue_id)
    before, row.pin = row.pin, new_pin()
    while row.pin == before:
        row.pin = new_pin()
    await row.save([Venue.pin])
    await history.record(actor, "venues.renew_pin", "venue", venue_id, now=now)
    return str(row.pin)


@writes
async def way_in(venue_id: UUID, kind: str, *, now: datetime) -> Device:
    """The venue's device of this kind, made when it is first needed. No token opens it: its hash is none."""
    row = Device(
        id=uuid4(),
        venue_id=venue_id,
        token_hash=f"{kind}:{venue_id}",
        label=kind,
        word="",
        state="active",
        created_at=now,
        approved_at=now,
        kind=kind,
    )
    await Device.insert(row).on_conflict(target=Device.token_hash, action="DO NOTHING")
    [found] = await Device.objects().where(Device.token_hash == row.token_hash)
    return found


async def device_or_way(device_id: UUID) -> Device:
    """That scanner, or that way in without one; raises NotFound."""
    row = await Device.objects().where(Device.id == device_id).first()
    if row is None:
        raise NotFound("unknown_device", "no such scanner")
    return row


@writes
async def take_numbers(device_id: UUID, n: int) -> int:
    """The first of the next `n` numbers of what comes in this way."""
    row = await device_or_way(device_id)
    row.last_seq += n
    await row.save([Device.last_seq])
    return int(row.last_seq) - n + 1
