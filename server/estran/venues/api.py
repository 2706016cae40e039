"""What an unpaired scanner asks: to be paired (docs/sync.md §3)."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from estran.venues import service
from estran.web.faults import BODY, problems
from estran.web.limits import per_address


class PairingIn(msgspec.Struct, rename="camel"):
    """The code of a pairing, scanned or typed, and how the device calls itself."""

    secret: str
    label: str
    word: str


class PairedVenue(msgspec.Struct, rename="camel"):
    """The venue the device now works for."""

    id: UUID
    name: str


class PairedOut(msgspec.Struct, rename="camel"):
    """The new device. `token` is told this once."""

    device_id: UUID
    token: str
    state: str
    venue: PairedVenue


@post(
    "/pairing",
    operation_id="pair",
    middleware=[per_address("pairing", "minute", 10)],
    responses=problems(*BODY, 404, 409, 410, 429),
)
async def pairing(data: JSONBody[PairingIn], now: NamedDependency[datetime]) -> PairedOut:
    """A device paired with a venue: 40 bits of code, a few guesses a minute, an hour."""
    paired = await service.pair(data.secret, data.label, data.word, now=now)
    return PairedOut(
        device_id=paired.device.id,
        token=paired.token,
        state=paired.device.state,
        venue=PairedVenue(paired.venue.id, paired.venue.name),
    )


routers = [Router("/api/v1", route_handlers=[pairing], tags=["scanner"])]
