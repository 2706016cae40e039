"""A number typed at a scanner, where nothing can be scanned: whose it is. docs/sync.md §5. Not logged: it is no visit."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from estran.errors import Forbidden, NotFound, TooMany
from estran.passes import service as passes
from estran.passes.number import normal_number
from estran.venues import service as venues
from estran.web.limits import Allowance

PER_DEVICE = Allowance(20, timedelta(minutes=1))
PER_VENUE = Allowance(200, timedelta(hours=1))
"""A desk types a number in ten seconds. At this pace who tries blindly finds one of a hundred passes in a century."""


class NumberOut(msgspec.Struct, rename="camel"):
    """What the pass with this number says, and its two status bits now."""

    sub: str
    name: str
    exp: int
    status: int


async def look_up(device_id: UUID, typed: str, *, now: datetime) -> NumberOut:
    """The pass with the number that was typed at this scanner.

    Raises NotFound `unknown_number`, TooMany `too_many_numbers`, Forbidden `device_pending` or `device_cut`.
    """
    device = await venues.device(device_id)
    if device.state != "active":
        raise Forbidden(f"device_{device.state}", "this scanner waits for the office's approval, or was cut")
    if not (PER_DEVICE.take(device_id, now=now) and PER_VENUE.take(device.venue_id, now=now)):
        raise TooMany("too_many_numbers", "many numbers were typed here just now: go on without the look-up")
    number = normal_number(typed)
    found = await passes.find_number(number, now=now) if number else None
    if found is None:
        raise NotFound("unknown_number", "no pass has this number")
    return NumberOut(found.sub, found.name, found.exp, found.status)
