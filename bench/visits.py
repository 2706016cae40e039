"""How many visits one process takes in. `.venv/bin/python bench/visits.py --help`

Everything runs on one machine, so read ratios within one run; figures and their bars are in docs/benchmarks.md.
Presentations are signed before the clock starts: phones do that.
"""

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from estran import clock, db
from estran.actor import SYSTEM
from estran.club import service as club
from estran.encoding import unb64
from estran.passes import service as passes
from estran.passes import token
from estran.passes.keys import Issuer
from estran.venues import service as venues
from estran.venues.tables import Device
from estran.visits import intake as visits
from estran.visits.items import BatchIn

ORIGIN = "http://localhost:8999"
AMBASSADORS = 15
PORT = 8999


class Town:
    """A migrated database with a venue, a scanner and fifteen ambassadors, on the disk of `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "estran.sqlite"
        self.issuer = Issuer(ORIGIN, folder / "keys")
        self.device: Device
        self.token = ""
        self.benefit = ""
        self.holders: list[tuple[token.Fields, Any]] = []
        self.version = 0
        self.nonce = 0
        self.seq = 0

    async def build(self) -> None:
        """Make it, and leave it bound."""
        now = datetime.now(UTC)
        db.bind(db.make_engine(f"sqlite:///{self.path}"))
        await db.migrate()
        venue = await venues.add_venue(SYSTEM, name="Musée", commune="", address="", url="", contact_email="", now=now)
        benefit = await venues.set_benefit(
            SYSTEM, venue.id, None, kind="free_entry", min_paying_companions=0, quota_per_year=None, now=now
        )
        self.benefit = str(benefit.id)
        secret = await venues.make_pairing(SYSTEM, venue.id, reusable=False, lifetime=timedelta(hours=1), now=now)
        paired = await venues.pair(secret, "Caisse", "goéland", now=now)
        self.device, self.token = paired.device, paired.token
        for number in range(AMBASSADORS):
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
            self.holders.append((fields, key))
        self.version = (await passes.publish_status(now=now)).version

    def items(self, count: int) -> list[dict[str, Any]]:
        """Honest visits of just now, each with a fresh presentation."""
        made = []
        for _ in range(count):
            self.nonce += 1
            self.seq += 1
            fields, key = self.holders[self.nonce % AMBASSADORS]
            now_ms = clock.to_ms(datetime.now(UTC))
            shown = token.sign_proof(fields, ORIGIN, key, iat=now_ms // 1000, nonce=self.nonce.to_bytes(4, "big"))
            made.append(
                {
                    "kind": "visit",
                    "id": str(uuid4()),
                    "seq": self.seq,
                    "scannedAtMs": now_ms,
                    "skewMs": 0,
                    "clockConfirmed": True,
                    "codesAdvance": False,
                    "digits": token.digits_of(shown.raw),
                    "statusVersion": self.version,
                    "newsAtMs": now_ms,
                    "answer": "admit",
                    "reason": "welcome",
                    "outcome": "admitted",
                    "benefitId": self.benefit,
                    "benefitVersion": 1,
                    "companions": 1,
                    "decisions": {"identity": False, "again": None, "why": None},
                }
            )
        return made

    def bodies(self, count: int, size: int) -> list[bytes]:
        """`count` visits as request bodies of `size` items each."""
        items = self.items(count)
        return [
            json.dumps(
                {
                    "sentAtMs": clock.to_ms(datetime.now(UTC)),
                    "queueLength": size,
                    "appVersion": "bench",
                    "statusVersion": self.version,
                    "items": items[start : start + size],
                }
            ).encode()
            for start in range(0, count, size)
        ]


# --- the service alone ------------------------------------------------------------------------------------------------


async def service_rate(town: Town, count: int, size: int) -> tuple[float, float]:
    """Visits a second through `intake` in calls of `size`, and CPU milliseconds per visit."""
    batches = [msgspec.json.decode(body, type=BatchIn) for body in town.bodies(count, size)]
    before, started = time.process_time(), time.perf_counter()
    for batch in batches:
        answer = await visits.intake(town.issuer, town.device, batch, now=datetime.now(UTC))
        if any(result.state != "counted" for result in answer.results):
            sys.exit(f"not counted: {answer.results[:3]}")
    seconds, cpu = time.perf_counter() - started, time.process_time() - before
    return count / seconds, cpu / count * 1000


class NoSignatures:
    """Inside, the holder's signature is taken as good: what is left is the service's own work."""

    def __enter__(self) -> None:
        self._kept = token.verify_proof
        token.verify_proof = lambda fields, iss: None  # noqa: ARG005 - the very signature

    def __exit__(self, *_: object) -> None:
        token.verify_proof = self._kept


def raw_rate(town: Town, count: int, size: int) -> float:
    """The same rows into the same table by the standard library alone, same durability, `size` rows a transaction."""
    connection = sqlite3.connect(town.path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    names = [row[1] for row in connection.execute("PRAGMA table_info(visits_visit)")]
    model = dict(zip(names, connection.execute("SELECT * FROM visits_visit LIMIT 1").fetchone(), strict=True))
    iat = names.index("iat")
    rows = [list((model | {"id": str(uuid4())}).values()) for _ in range(count)]
    for number, row in enumerate(rows):
        row[iat] = number
    sql = f"INSERT INTO visits_visit VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - marks only
    started = time.perf_counter()
    for start in range(0, count, size):
        with connection:
            connection.executemany(sql, rows[start : start + size])
    seconds = time.perf_counter() - started
    with connection:
        connection.executemany("DELETE FROM visits_visit WHERE id = ?", [(row[0],) for row in rows])
    connection.close()
    return count / seconds


# --- over HTTP --------------------------------------------------------------------------------------------------------


async def http_rate(
    town: Town, server: subprocess.Popen[bytes], count: int, size: int, connections: int
) -> tuple[float, float]:
    """Visits a second over keep-alive connections, and the server's CPU milliseconds per visit."""
    waiting = iter(town.bodies(count, size))
    before, started = cpu_of(server.pid), time.perf_counter()
    await asyncio.gather(*(_client(town, waiting) for _ in range(connections)))
    return count / (time.perf_counter() - started), (cpu_of(server.pid) - before) / count * 1000


async def _client(town: Town, waiting: Iterator[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    head = (
        f"POST /api/v1/visits HTTP/1.1\r\nHost: localhost:{PORT}\r\nAuthorization: Device {town.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    ).encode()
    for body in waiting:
        writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        content = await reader.readexactly(length)
        if b" 200 " not in answer[:20] or content.count(b'"counted"') != body.count(b'"kind"'):
            sys.exit(f"{answer[:60]!r} {content[:300]!r}")
    writer.close()


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def serve(folder: Path) -> subprocess.Popen[bytes]:
    """The real server as a process of its own."""
    environ = os.environ | {
        "ESTRAN_ORIGIN": ORIGIN,
        "ESTRAN_DATA": str(folder),
        "ESTRAN_MAIL": "smtp://127.0.0.1:9",
        "ESTRAN_MAIL_FROM": "bench@example.org",
        "ESTRAN_LOG_LEVEL": "warning",
    }
    code = (
        "import uvicorn; from estran.app import create_app; from estran.settings import read_settings;"
        f"uvicorn.run(create_app(read_settings()), host='127.0.0.1', port={PORT}, log_level='warning', access_log=False)"
    )
    return subprocess.Popen([sys.executable, "-c", code], env=environ)  # noqa: S603 - ourselves


async def wait_for(port: int) -> None:
    """Return once somebody listens."""
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    sys.exit("the server does not listen")


# --- the run ----------------------------------------------------------------------------------------------------------


def line(name: str, rate: float, more: str = "") -> None:
    """One result."""
    print(f"{name:<58} {rate:>9.0f} visits/s  {more}")


async def run(args: argparse.Namespace) -> None:
    """Everything that was asked for, medians of `--rounds`."""
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        town = Town(Path(name))
        await town.build()
        if args.profile:
            await profile(town, args.count)
            return
        await rates_of_service(town, args)
        await db.close_engine()
        if not args.no_http:
            await rates_of_http(town, args)
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


async def rates_of_service(town: Town, args: argparse.Namespace) -> None:
    """`intake` called directly, beside the same rows by hand."""
    await service_rate(town, 200, 1)  # warm up
    for size in (1, 100):
        rounds = [await service_rate(town, args.count, size) for _ in range(args.rounds)]
        rate, cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
        with NoSignatures():
            bare = statistics.median([(await service_rate(town, args.count, size))[0] for _ in range(args.rounds)])
        raw = statistics.median([raw_rate(town, args.count, size) for _ in range(args.rounds)])
        line(f"service, {size} a call, every proof verified", rate, f"{cpu:.3f} ms CPU per visit")
        line(f"service, {size} a call, proofs taken as good", bare, f"{bare / raw:.2f} of raw sqlite3")
        line(f"raw sqlite3, {size} a transaction, same rows and durability", raw)


async def rates_of_http(town: Town, args: argparse.Namespace) -> None:
    """The real server in a process of its own, on the same database."""
    server = serve(town.folder)
    try:
        await wait_for(PORT)
        await http_rate(town, server, 200, 1, args.connections)  # warm up
        for size in (1, 100):
            rounds = [
                await http_rate(town, server, args.count * (1 if size == 1 else 4), size, args.connections)
                for _ in range(args.rounds)
            ]
            rate, cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
            name = f"HTTP, {size} a call, {args.connections} connections, every proof verified"
            line(name, rate, f"{cpu:.3f} ms CPU per visit")
    finally:
        server.terminate()
        server.wait()


async def profile(town: Town, count: int) -> None:
    """Where the time goes, one visit a call."""
    await service_rate(town, 200, 1)
    profiler = cProfile.Profile()
    bodies = [msgspec.json.decode(body, type=BatchIn) for body in town.bodies(count, 1)]
    profiler.enable()
    for batch in bodies:
        await visits.intake(town.issuer, town.device, batch, now=datetime.now(UTC))
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(35)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="visits a round (1000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median is told (5)")
    parser.add_argument("--connections", type=int, default=16, help="keep-alive connections (16)")
    parser.add_argument("--folder", default=None, help="where the database is made: on the disk that matters")
    parser.add_argument("--no-http", action="store_true", help="only the service")
    parser.add_argument("--profile", action="store_true", help="where the time goes instead")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
