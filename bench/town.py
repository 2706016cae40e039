"""A club to measure on: sixteen venues with a scanner each, fifteen ambassadors, and visits that their phones have signed."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from tests.journeys.world import free_port

from estran import clock, db
from estran.actor import SYSTEM
from estran.club import service as club
from estran.encoding import unb64
from estran.passes import service as passes
from estran.passes import token
from estran.passes.keys import Issuer
from estran.venues import service as venues
from estran.venues.tables import Device
from estran.venues.terms import PLAIN

AMBASSADORS = 15
VENUES = 16
START_LIMIT_S = 30


@dataclass
class Door:
    """A venue's scanner, and the number of its last item."""

    device: Device
    token: str
    benefit: str
    seq: int = 0


class Town:
    """A migrated database (SQLite in `folder` unless told otherwise) and the people of a club."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.folder = folder
        self.path = folder / "estran.sqlite"
        self.database = database or f"sqlite:///{self.path}"
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.issuer = Issuer(self.origin, folder / "keys")
        self.doors: list[Door] = []
        self.holders: list[tuple[token.Fields, EllipticCurvePrivateKey]] = []
        self.status_version = 0
        self.nonce = 0
        self.n_failed = 0

    async def open(self) -> None:
        """Bind this process to the database."""
        db.bind(db.make_engine(self.database))
        await db.open_engine()

    async def build(self) -> None:
        """Migrate and fill; leaves the database open."""
        now = datetime.now(UTC)
        await self.open()
        await db.migrate()
        for number in range(VENUES):
            self.doors.append(await self._door(number, now))
        for number in range(AMBASSADORS):
            self.holders.append(await self._holder(number, now))
        self.status_version = (await passes.publish_status(now=now)).version

    async def _door(self, number: int, now: datetime) -> Door:
        venue = await venues.add_venue(
            SYSTEM, name=f"Musée {number}", commune="", address="", url="", contact_email="", now=now
        )
        benefit = await venues.set_benefit(SYSTEM, venue.id, None, PLAIN, now=now)
        secret = await venues.make_pairing(SYSTEM, venue.id, reusable=False, lifetime=timedelta(hours=1), now=now)
        paired = await venues.pair(secret, "Caisse", "goéland", now=now)
        return Door(paired.device, paired.token, str(benefit.id))

    async def _holder(self, number: int, now: datetime) -> tuple[token.Fields, EllipticCurvePrivateKey]:
        person = await club.add_ambassador(
            SYSTEM,
            first_name="Camille",
            last_name="Varech",
            email=f"camille{number}@example.org",
            begins_on=date(now.year, 1, 1),
            ends_on=date(now.year + 1, 12, 31),
            now=now,
        )
        key = generate_private_key(SECP256R1())
        jwk = token.jwk_of(key.public_key())
        row = await passes.issue(self.issuer, person.id, jwk["x"], jwk["y"], "Android", now=now)
        fields = token.parse_credential(unb64(row.credential))
        if not isinstance(fields, token.Fields):
            raise TypeError(fields)
        return fields, key

    def bodies(self, door: Door, count: int, size: int) -> list[bytes]:
        """`count` visits at one door, in its order, as request bodies of `size` items each."""
        items = [self._item(door) for _ in range(count)]
        batches = [items[start : start + size] for start in range(0, count, size)]
        return [
            json.dumps(
                {
                    "sentAtMs": clock.to_ms(datetime.now(UTC)),
                    "queueLength": len(batch),
                    "appVersion": "bench",
                    "statusVersion": self.status_version,
                    "items": batch,
                }
            ).encode()
            for batch in batches
        ]

    def _item(self, door: Door) -> dict[str, Any]:
        """An honest visit of just now with a fresh presentation."""
        self.nonce += 1
        door.seq += 1
        fields, key = self.holders[self.nonce % AMBASSADORS]
        now_ms = clock.to_ms(datetime.now(UTC))
        nonce = self.nonce.to_bytes(4, "big")
        shown = token.sign_proof(fields, self.origin, key, iat=now_ms // 1000, nonce=nonce)
        return {
            "kind": "visit",
            "id": str(uuid4()),
            "seq": door.seq,
            "scannedAtMs": now_ms,
            "skewMs": 0,
            "clockConfirmed": True,
            "codesAdvance": False,
            "digits": token.digits_of(shown.raw),
            "statusVersion": self.status_version,
            "newsAtMs": now_ms,
            "answer": "admit",
            "reason": "welcome",
            "outcome": "admitted",
            "benefitId": door.benefit,
            "benefitVersion": 1,
            "companions": 1,
            "decisions": {"identity": False, "again": None, "why": None},
        }


class Server:
    """`estran run` as a process of its own on an installation; inside `with`, it answers."""

    def __init__(self, folder: Path, port: int, database: str) -> None:
        self.port = port
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("ESTRAN_")} | {
            "ESTRAN_ORIGIN": f"http://127.0.0.1:{port}",
            "ESTRAN_DATA": str(folder),
            "ESTRAN_DATABASE": database,
            "ESTRAN_MAIL": "smtp://127.0.0.1:9",
            "ESTRAN_MAIL_FROM": "bench@example.org",
            "ESTRAN_LOG_LEVEL": "warning",
        }
        self.ready_s = 0.0

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "estran.cli", "run", "--port", str(self.port)]
        started = time.perf_counter()
        self.process = subprocess.Popen(command, env=self.environ)  # noqa: S603 - our own programs
        wait_for_health(self.process, self.port)
        self.ready_s = time.perf_counter() - started
        return self

    def __exit__(self, *_: object) -> None:
        end(self.process)

    def cpu_s(self) -> float:
        """Seconds of CPU that the process has used (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self, *, peak: bool = False) -> float:
        """Memory it holds now, or the most it ever held (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        name = "VmHWM:" if peak else "VmRSS:"
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(name))


def wait_for_health(process: subprocess.Popen[bytes], port: int) -> None:
    """Return once /healthz answers 200."""
    end_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end_s:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.005)
    raise SystemExit(f"the server does not answer within {START_LIMIT_S} s")


def end(process: subprocess.Popen[bytes]) -> None:
    """A polite end."""
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
