"""Pairing a scanner: docs/sync.md §3."""

from datetime import datetime

import msgspec
from litestar import Router, post
from litestar.params import JSONBody

from estran.venues import service
from estran.web.limits import per_address


class PairingIn(msgspec.Struct, rename="camel"):
    """What the scanner's holder types or scans, and how the scanner shall be called."""

    secret: str
    label: str
    word: str


class PairedVenue(msgspec.Struct, rename="camel"):
    """The venue this scanner belongs to."""

    id: str
    name: str


class PairedOut(msgspec.Struct, rename="camel"):
    """The paired scanner; the token is told once."""

    device_id: str
    token: str
    state: str
    venue: PairedVenue


@post("/pairing", operation_id="pairScanner", middleware=[per_address("pairing", "minute", 10)])
async def pairing(data: JSONBody[PairingIn], now: datetime) -> PairedOut:
    """A scanner for the venue whose code this is."""
    paired = await service.pair(data.secret, data.label, data.word, now=now)
    return PairedOut(
        device_id=str(paired.device.id),
        token=paired.token,
        state=paired.device.state,
        venue=PairedVenue(str(paired.venue.id), paired.venue.name),
    )


routers = [Router("/api/v1", route_handlers=[pairing], tags=["scanner"])]
