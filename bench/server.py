"""How soon the server is there, how soon the demonstration is back, and how fast the desk's first page is after years."""

import http.client
import sqlite3
import subprocess
import sys
import time
import urllib.parse
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.journeys.world import World, free_port

from bench.report import Report
from bench.town import Server, end, wait_for_health
from estran.visits import tally

ROOT = Path(__file__).parent.parent
VISITS = 1_000_000
DAYS = 3 * 365
VENUES = 40
PEOPLE = 200
LOOKS = 100


def measure_start(report: Report, folder: Path, rounds: int) -> None:
    """Process start to the first 200 of /healthz, and what the imports alone take, in turn."""
    world = World(folder)
    ready, bare = [], []
    try:
        for _ in range(rounds):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", "import uvicorn, estran.app"], check=True)
            bare.append(time.perf_counter() - started)
            with Server(folder, world.port, world.database) as server:
                ready.append(server.ready_s)
    finally:
        world.close()
    report.median("server_ready_s", ready, "process start to /healthz 200")
    report.median("server_import_s", bare, "python -c 'import uvicorn, estran.app'")


def measure_demo(report: Report, folder: Path, rounds: int) -> None:
    """What `make demo` does the second time: nothing to build, nothing to fill."""
    port = free_port()
    command = [sys.executable, "-m", "estran.cli", "demo", "--port", str(port), "--data", str(folder / "demo")]
    seconds = []
    for number in range(rounds + 1):
        started = time.perf_counter()
        subprocess.run(["make", "-s", "setup", "build"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own programs
        wait_for_health(process, port)
        if number == 0:
            report.step(f"first start, with its two seasons of visits: {time.perf_counter() - started:.1f} s")
        else:
            seconds.append(time.perf_counter() - started)
        end(process)
    report.median("demo_second_start_s", seconds, "make, then process start to /healthz 200")


def measure_dashboard(report: Report, folder: Path) -> None:
    """An officer looks at a year in a club with a million visits."""
    world = World(folder)
    try:
        venues = [str(world.add_venue(f"Musée {number}").id) for number in range(VENUES)]
        people = [
            str(world.add_ambassador("Camille", "Varech", f"camille{number}@example.org").id)
            for number in range(PEOPLE)
        ]
        started = time.perf_counter()
        _fill(folder / "estran.sqlite", venues, people)
        world.do(tally.rebuild)
        report.step(f"{VISITS} visits written in {time.perf_counter() - started:.0f} s")
        world.start()
        officer = _Officer(world)
        for _ in range(5):
            officer.look()
        for weeks in (26, 52):
            samples = [officer.look(weeks) for _ in range(LOOKS)]
            name = "dashboard_ms_p95" if weeks == 52 else "dashboard_half_year_ms_p95"
            report.p95(name, samples, f"{weeks} weeks, {VENUES} venues, {PEOPLE} people")
    finally:
        world.close()


def _fill(path: Path, venues: list[str], people: list[str]) -> None:
    """A million counted and refused visits of three years, straight into the table; its indices are kept up."""
    now = datetime.now(UTC)
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript("CREATE TEMP TABLE places (n INTEGER PRIMARY KEY, id TEXT);")
    connection.executescript("CREATE TEMP TABLE holders (n INTEGER PRIMARY KEY, id TEXT);")
    connection.executemany("INSERT INTO places VALUES (?, ?)", enumerate(venues))
    connection.executemany("INSERT INTO holders VALUES (?, ?)", enumerate(people))
    first = date.today() - timedelta(days=DAYS - 1)  # noqa: DTZ011 - any day will do
    epoch = datetime.combine(first, datetime.min.time(), UTC).timestamp()
    connection.execute("BEGIN")
    connection.execute(
        """
        WITH RECURSIVE numbers(nr) AS (SELECT 0 UNION ALL SELECT nr + 1 FROM numbers WHERE nr + 1 < :visits),
        days AS (SELECT nr, :epoch + (nr * :days / :visits) * 86400 AS at FROM numbers)
        INSERT INTO visits_visit (id, device_id, venue_id, seq, body_hash, at, on_day, device_ms, received_at,
            ambassador_id, jti, iat, nonce, proof, answer, reason, server_reason, state, companions, identity)
        SELECT printf('%08x-0000-4000-8000-%012x', nr, nr), places.id, places.id, nr, printf('%064x', nr),
            strftime('%Y-%m-%d %H:%M:%S+00:00', at + 36000 + nr % 28800, 'unixepoch'), date(at, 'unixepoch'), at * 1000,
            :now, holders.id, printf('%08x', nr), nr, 'AAAA', 'live', 'admit',
            CASE WHEN nr % 20 = 0 THEN 'expired' ELSE 'welcome' END, 'welcome',
            CASE WHEN nr % 20 = 0 THEN 'refused' ELSE 'counted' END, nr % 3, 0
        FROM days JOIN places ON places.n = (days.nr * 7919) % :venues
            JOIN holders ON holders.n = (days.nr * 104729) % :people
        """,
        {
            "visits": VISITS,
            "days": DAYS,
            "epoch": int(epoch),
            "now": now.isoformat(sep=" "),
            "venues": len(venues),
            "people": len(people),
        },
    )
    connection.execute("COMMIT")
    connection.close()


class _Officer:
    """A signed-in officer on one keep-alive connection."""

    def __init__(self, world: World) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", world.port)
        path = urllib.parse.urlsplit(world.officer_link()).path
        headers = {"Origin": world.origin, "Sec-Fetch-Site": "same-origin"}
        self.connection.request("POST", path, headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        cookies = answer.headers.get_all("Set-Cookie") or []
        self.headers = {"Cookie": "; ".join(cookie.split(";")[0] for cookie in cookies)}

    def look(self, weeks: int = 52) -> float:
        """Milliseconds from asking for the page to its last byte."""
        started = time.perf_counter()
        self.connection.request("GET", f"/desk/?weeks={weeks}", headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200 or b"<svg" not in body:
            raise SystemExit(f"the desk answers {answer.status}: {body[:200]!r}")
        return (time.perf_counter() - started) * 1000
