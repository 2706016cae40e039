"""A scanner without a screen: pairs, scans real passes and hands in over HTTP, so that a test decides what gets lost."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from estran.venues.tables import Venue

from .phone import PocketPhone
from .world import World

Item = dict[str, Any]


@dataclass
class PocketScanner:
    """One pairing with its queue; an item leaves the queue only when the server said that it has it."""

    world: World
    venue: Venue
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    queue: list[Item] = field(default_factory=list)
    seq: int = 0
    results: list[str] = field(default_factory=list)
    """What the server made of each item, in the order of its answers."""

    def __post_init__(self) -> None:
        secret = self.world.pairing_address(self.venue).partition("#pair=")[2]
        with self.client() as client:
            body = {"secret": secret, "label": "Accueil", "word": "varech"}
            paired = client.post("/api/v1/pairing", json=body).raise_for_status().json()
            self.device_id = str(paired["deviceId"])
            self.headers = {"Authorization": f"Device {paired['token']}"}
            self.snapshot = client.get("/api/v1/snapshot", headers=self.headers).raise_for_status().json()

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.world.origin, timeout=10)

    def admit(self, phone: PocketPhone) -> Item:
        """A visit in the queue, said to be another one of its day: a long afternoon of the same few people."""
        now_ms = self._now_ms()
        (benefit,) = self.snapshot["benefits"]
        return self._queue(
            kind="visit",
            scannedAtMs=now_ms,
            skewMs=None,
            clockConfirmed=True,
            codesAdvance=False,
            digits=phone.digits(),
            statusVersion=None,
            newsAtMs=now_ms,
            answer="admit",
            reason="welcome",
            outcome="admitted",
            benefitId=benefit["id"],
            benefitVersion=benefit["version"],
            companions=0,
            decisions={"identity": False, "again": "another_visit", "why": None},
        )

    def undo(self, visit: Item) -> Item:
        """An undo in the queue."""
        return self._queue(kind="undo", visitId=visit["id"], undoneAtMs=self._now_ms())

    def some(self) -> list[Item]:
        """A batch of any size, from anywhere in the queue: undoes come before their visits, and gaps open."""
        n_items = min(self.chance.choice([1, 7, 23, 60, 100]), len(self.queue))
        return self.chance.sample(self.queue, n_items)

    def send(self, items: list[Item]) -> list[str]:
        """Hand in these items, which leave the queue; raises httpx.HTTPError when no good answer came."""
        body = {"sentAtMs": self._now_ms(), "queueLength": len(self.queue), "appVersion": "0", "items": items}
        with self.client() as client:
            answer = client.post("/api/v1/visits", headers=self.headers, json=body).raise_for_status().json()
        assert [result["id"] for result in answer["results"]] == [item["id"] for item in items]
        gone = {item["id"] for item in items}
        self.queue = [item for item in self.queue if item["id"] not in gone]
        said = [str(result["result"]) for result in answer["results"]]
        self.results += said
        return said

    def _queue(self, **item: Any) -> Item:
        self.seq += 1
        made = {"id": str(UUID(int=self.chance.getrandbits(128), version=4)), "seq": self.seq} | item
        self.queue.append(made)
        return made

    @staticmethod
    def _now_ms() -> int:
        return int(datetime.now(UTC).timestamp() * 1000)
