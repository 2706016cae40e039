"""A club with a museum, its scanners and two ambassadors with phones: what the tests of visits play with."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key

from estran import clock as clocks
from estran.actor import SYSTEM, Actor, Role
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.encoding import unb64
from estran.events import planning, replies
from estran.events import service as events
from estran.events.planning import Draft, SlotDraft
from estran.events.tables import Event, Slot
from estran.inbox import service as inbox
from estran.passes import service as passes
from estran.passes import token
from estran.passes.keys import Issuer
from estran.passes.token import Fields
from estran.venues import service as venues
from estran.venues.service import Given
from estran.venues.tables import Device, Venue
from estran.venues.terms import PLAIN, Quota, Terms
from estran.visits import arrivals, service
from estran.visits.arrivals import Arrival
from estran.visits.items import BatchIn, BatchOut
from estran.visits.tables import Visit
from tests.conftest import ORIGIN, FrozenClock

Item = dict[str, Any]
OFFICER = Actor(kind="account", id=UUID(int=7), roles=frozenset({Role.OFFICER}))


@dataclass
class Phone:
    """An ambassador's phone."""

    issuer: Issuer
    owner: Ambassador
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    credential: str = ""
    nonces: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def put(self, now: datetime) -> None:
        jwk = token.jwk_of(self.key.public_key())
        self.credential = (
            await passes.issue(self.issuer, self.owner.id, jwk["x"], jwk["y"], "Android", now=now)
        ).credential

    def fields(self) -> Fields:
        found = token.parse_credential(unb64(self.credential))
        assert isinstance(found, Fields)
        return found

    def show(self, now: datetime, *, nonce: int | None = None, key: EllipticCurvePrivateKey | None = None) -> str:
        """The digits of a living code; another one each time."""
        stamp = (next(self.nonces) if nonce is None else nonce).to_bytes(4, "big")
        shown = token.sign_proof(self.fields(), ORIGIN, key or self.key, iat=int(now.timestamp()), nonce=stamp)
        return token.digits_of(shown.raw)


@dataclass
class Scanner:
    """A paired scanner: numbers its items, and hands them in as JSON."""

    issuer: Issuer
    device: Device
    clock: FrozenClock
    benefit: Given
    seq: int = 0
    token: str = ""

    def scan(self, digits: str, **changes: Any) -> Item:
        """An honest visit, seen just now and admitted; `changes` overrides members, `decisions` is merged."""
        self.seq += 1
        decisions = {"identity": False, "again": None, "why": None} | changes.pop("decisions", {})
        now_ms = clocks.to_ms(self.clock())
        return {
            "kind": "visit",
            "id": str(uuid4()),
            "seq": self.seq,
            "scannedAtMs": now_ms,
            "skewMs": 0,
            "clockConfirmed": True,
            "codesAdvance": False,
            "digits": digits,
            "statusVersion": 1,
            "newsAtMs": now_ms - 3_600_000,
            "answer": "admit",
            "reason": "welcome",
            "outcome": "admitted",
            "benefitId": str(self.benefit.id),
            "benefitVersion": self.benefit.version,
            "companions": 0,
            "decisions": decisions,
        } | changes

    def undo(self, visit: Item, **changes: Any) -> Item:
        self.seq += 1
        undone = {"kind": "undo", "id": str(uuid4()), "seq": self.seq, "visitId": visit["id"]}
        return undone | {"undoneAtMs": clocks.to_ms(self.clock())} | changes

    async def hand_in(self, *items: Any, **changes: Any) -> BatchOut:
        body = {
            "sentAtMs": clocks.to_ms(self.clock()),
            "queueLength": len(items),
            "appVersion": "1.0",
            "statusVersion": None,
            "items": list(items),
        } | changes
        batch = msgspec.json.decode(msgspec.json.encode(body), type=BatchIn)
        return await service.intake(self.issuer, self.device.id, batch, now=self.clock())

    async def state_of(self, item: Item, **changes: Any) -> str | None:
        """The state that the server gives this one item."""
        (result,) = (await self.hand_in(item, **changes)).results
        assert result.result == "stored", result
        return result.state

    async def reload(self) -> Device:
        self.device = await venues.device(self.device.id)
        return self.device


@dataclass
class Town:
    """Everything at once."""

    issuer: Issuer
    clock: FrozenClock
    museum: Venue
    benefit: Given

    async def scanner(self, venue: Venue | None = None) -> Scanner:
        venue = venue or self.museum
        secret = await venues.make_pairing(
            SYSTEM, venue.id, reusable=False, lifetime=timedelta(hours=1), now=self.clock()
        )
        paired = await venues.pair(secret, "Caisse", "goéland", now=self.clock())
        return Scanner(self.issuer, paired.device, self.clock, self.benefit, token=paired.token)

    async def terms(self, *, companions: int = 0, quota: int | None = None, **more: Any) -> Given:
        """The museum's benefit with other terms."""
        self.benefit = await venues.set_benefit(
            SYSTEM,
            self.museum.id,
            self.benefit.id,
            Terms(min_paying_companions=companions, quota=None if quota is None else Quota(quota), **more),
            now=self.clock(),
        )
        return self.benefit

    async def ambassador(self, first: str, last: str) -> Phone:
        person = await club.add_ambassador(
            SYSTEM,
            first_name=first,
            last_name=last,
            email=f"{first}.{last}@example.org".lower(),
            begins_on=date(2026, 1, 1),
            ends_on=date(2027, 12, 31),
            now=self.clock(),
        )
        phone = Phone(self.issuer, person)
        await phone.put(self.clock())
        return phone


@dataclass
class Evening:
    """An event at the museum that begins in an hour, to which everybody was invited."""

    event: Event
    slot: Slot

    async def reply(self, phone: Phone, guests: int, clock: FrozenClock) -> None:
        await replies.reply(SYSTEM, self.event.id, phone.owner.id, coming=True, guests=guests, now=clock())

    def arrive(self, scanner: Scanner, phone: Phone, guests: int = 0, **changes: Any) -> Item:
        digits = changes.pop("digits", None)
        arrival = {"slotId": str(self.slot.id), "benefitId": None, "benefitVersion": None, "guests": guests}
        return scanner.scan(phone.show(scanner.clock()) if digits is None else digits, **arrival | changes)

    async def here(self) -> dict[UUID, Arrival]:
        """Who has arrived."""
        return (await arrivals.arrivals([self.slot.id]))[self.slot.id]


async def plan(venue: Venue, clock: FrozenClock, *, is_open: bool = True, in_hours: int = 1, **changes: Any) -> Evening:
    starts_at = clock() + timedelta(hours=in_hours)
    words: dict[str, Any] = {
        "title": "Nocturne",
        "venue_id": venue.id,
        "guests_max": 4,
        "reply_by": starts_at,
    } | changes
    times = [SlotDraft(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), note="marée basse", capacity=20)]
    event = await planning.add_event(OFFICER, Draft(**words), times, now=clock())
    if is_open:
        await planning.open_event(OFFICER, event.id, now=clock())
    [slot] = await events.slots_of(event.id)
    return Evening(await events.event(event.id), slot)


async def flags() -> list[str]:
    """The kinds of what waits for the officer."""
    return sorted(item.kind for item in await inbox.open_items())


async def stored(item: Item) -> Visit:
    return await service.visit(UUID(item["id"]))


@pytest.fixture
def issuer(tmp_path: Path, engine: Any) -> Issuer:
    return Issuer(ORIGIN, tmp_path / "data" / "keys")  # where the application of the tests looks, too


@pytest.fixture
async def town(issuer: Issuer, clock: FrozenClock) -> Town:
    museum = await venues.add_venue(
        SYSTEM, name="Musée", commune="Granville", address="", url="", contact_email="", now=clock()
    )
    benefit = await venues.set_benefit(
        SYSTEM,
        museum.id,
        None,
        PLAIN,
        now=clock(),
    )
    return Town(issuer, clock, museum, benefit)


@pytest.fixture
async def camille(town: Town) -> Phone:
    return await town.ambassador("Camille", "Varech")


@pytest.fixture
async def till(town: Town) -> Scanner:
    return await town.scanner()


@pytest.fixture
async def other_till(town: Town) -> Scanner:
    return await town.scanner()
