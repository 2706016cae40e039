"""The database: one engine, one way to write, one way to read reports.

Piccolo's stock SQLite engine opens a thread and a connection per query and starts transactions DEFERRED, which fails under
contention (docs/decisions/0002-in-loop-sqlite.md). Here SQLite is called on the event loop: one writer behind a lock, one
reader, and one for long reports in a thread; WAL, `synchronous=FULL`, IMMEDIATE transactions. PostgreSQL uses Piccolo's
pool; its writing transactions are SERIALIZABLE, one at a time in each process, and retried when another process was quicker.
Both leave a transaction safely when COMMIT itself fails.
"""

import asyncio
import contextlib
import functools
import io
import itertools
import os
import random
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import unquote, urlsplit

import asyncpg
from anyio import to_thread
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.apps.migrations.tables import Migration
from piccolo.engine.base import Engine
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.engine.sqlite import (
    SQLiteEngine,
    SQLiteTransaction,
    TransactionType,
    dict_factory,
)
from piccolo.query.base import Query

from estran import piccolo_conf
from estran.errors import Unavailable

os.environ.setdefault("PICCOLO_CONF", "estran.piccolo_conf")

P = ParamSpec("P")
R = TypeVar("R")

BUSY_TIMEOUT_S = 10
WRITE_TRIES = 10
RETRY_BASE_S = 0.005
BUSY_RETRY_S = 5
RETRIED_SQLSTATES = {"40001", "40P01"}  # serialization_failure, deadlock_detected (PostgreSQL, appendix A)


class Duplicate(Exception):
    """A unique index already holds this value; both engines' own errors are translated to this one."""


# --- SQLite -----------------------------------------------------------------------------------------------------------


class _Writer:
    """What SQLiteTransaction takes for a connection: the one writer; closing it gives the lock back."""

    def __init__(self, connection: sqlite3.Connection, lock: asyncio.Lock) -> None:
        self.connection = connection
        self._lock = lock

    async def execute(self, sql: str, args: Any = ()) -> sqlite3.Cursor:  # noqa: ANN401
        return self.connection.execute(sql, args)

    async def close(self) -> None:
        self._lock.release()


class _Round:
    """Transactions that share one COMMIT: its members are done with their statements and wait for it."""

    def __init__(self) -> None:
        self.n_members = 0
        self.is_over = False
        self.error: sqlite3.Error | None = None


class SafeSQLiteTransaction(SQLiteTransaction):
    """One caller's part of a round: a savepoint that holds or vanishes by itself, and a COMMIT shared with whoever is ready.

    Leaving it means that the COMMIT is done. The writer is given back even when BEGIN, COMMIT or ROLLBACK raise.
    """

    engine: "LoopSQLiteEngine"

    async def __aenter__(self) -> "SQLiteTransaction":
        if self._parent is not None:
            return self._parent
        self.connection = await self.get_connection()
        try:
            self.round = self.engine.enter_round(self.transaction_type)
        except BaseException:
            await self.connection.close()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if self._parent:
            return exception is None
        try:
            self.engine.leave_round(self.round, is_kept=exception is None)
        finally:
            await self.connection.close()
            self.engine.current_transaction.reset(self.context)
        if exception is None:
            await self.engine.commit_round(self.round)
        elif self.round.error is not None and isinstance(exception, Exception):
            raise self.round.error from exception  # what it saw of the others has never been
        return exception is None


class LoopSQLiteEngine(SQLiteEngine):
    """SQLite on the event loop's own thread. One process only; no foreign await inside a transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(path=str(path), timeout=BUSY_TIMEOUT_S)
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._reporter: sqlite3.Connection | None = None
        self._lock = asyncio.Lock()
        self._round: _Round | None = None
        self._report_turn = asyncio.Lock()

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(**self.connection_kwargs, check_same_thread=False)
        connection.row_factory = dict_factory
        # secure_delete: what is erased is overwritten, and not only forgotten where it stands (RGPD art. 17).
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    @property
    def writer(self) -> sqlite3.Connection:
        """The one connection that writes, opened at first use."""
        if self._writer is None:
            self._writer = self._connect()
        return self._writer

    @property
    def reader(self) -> sqlite3.Connection:
        """The connection of reads outside transactions, opened at first use."""
        if self._reader is None:
            self._reader = self._connect()
            self._reader.execute("PRAGMA query_only=ON")
        return self._reader

    def close(self) -> None:
        """Close every connection; a later use opens them again."""
        for connection in (self._writer, self._reader, self._reporter):
            if connection is not None:
                connection.close()
        self._writer = self._reader = self._reporter = None

    async def get_connection(self) -> Any:  # noqa: ANN401
        """The writer, once its turn has come."""
        await self._lock.acquire()
        try:
            return _Writer(self.writer, self._lock)
        except BaseException:
            self._lock.release()
            raise

    def enter_round(self, transaction_type: TransactionType) -> _Round:
        """The round that is open, or a new one, with a savepoint for the caller, whose turn it is to write."""
        if self._round is not None and not self.writer.in_transaction:  # the database rolled it back by itself
            self._end(self._round)
        if self._round is None:
            self.writer.execute(f"BEGIN {transaction_type.value}")
            self._round = _Round()
        self.writer.execute("SAVEPOINT one")
        return self._round

    def leave_round(self, joined: _Round, *, is_kept: bool) -> None:
        """Keep what the caller wrote for the COMMIT to come, or undo it alone."""
        if is_kept:
            self.writer.execute("RELEASE one")
            joined.n_members += 1
        elif joined.n_members:
            self.writer.execute("ROLLBACK TO one")
            self._end(joined)  # its members may all have been cancelled: nobody else would end it
        else:
            self._round = None
            self.writer.execute("ROLLBACK")

    async def commit_round(self, joined: _Round) -> None:
        """Wait until the round is stored for good; raises what COMMIT raises.

        Whoever is ready to write does so first: with many callers, one wait for the disk serves them all, and a lone caller
        waits for nobody.
        """
        try:
            await asyncio.sleep(0)
            await self._lock.acquire()
        except asyncio.CancelledError:
            if not self._lock.locked():  # else the one who writes now ends it
                self._end(joined)
            raise
        try:
            self._end(joined)
        finally:
            self._lock.release()
        if joined.error is not None:
            raise joined.error

    def _end(self, joined: _Round) -> None:
        """COMMIT, once; what it raises is for all members."""
        if joined.is_over:
            return
        joined.is_over, self._round = True, None
        try:
            self.writer.execute("COMMIT")
        except sqlite3.Error as error:
            joined.error = error
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[sqlite3.Connection]:
        """The writer outside every transaction."""
        async with self._lock:
            if self._round is not None:
                self._end(self._round)
            yield self.writer

    async def _run_in_existing_connection(
        self,
        connection: Any,  # noqa: ANN401
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",  # noqa: ARG002
        table: Any = None,  # noqa: ANN401, ARG002
    ) -> list[dict[str, Any]]:
        return _translated(connection.connection, query, args or [])

    async def _run_in_new_connection(
        self,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",  # noqa: ARG002
        table: Any = None,  # noqa: ANN401, ARG002
    ) -> list[dict[str, Any]]:
        if query.lstrip()[:6].upper() == "SELECT":
            return _translated(self.reader, query, args or [])
        async with self._alone() as writer:
            return _translated(writer, query, args or [])

    def transaction(
        self,
        transaction_type: TransactionType = TransactionType.immediate,
        allow_nested: bool = True,  # noqa: FBT001, FBT002 - Piccolo's signature
    ) -> SafeSQLiteTransaction:
        """A transaction, IMMEDIATE unless told otherwise."""
        return SafeSQLiteTransaction(engine=self, transaction_type=transaction_type, allow_nested=allow_nested)

    async def fetch(self, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        """Rows of SQL with `{}` for values, in the open transaction or on the reader."""
        open_ = cast("SafeSQLiteTransaction | None", self.current_transaction.get())
        connection = open_.connection.connection if open_ else self.reader
        return _translated(connection, sql.replace("{}", "?"), args)

    async def empty_log(self) -> bool:
        """Everything is in the database's own file, and the write-ahead log is an empty one; False while somebody still reads.

        Without waiting for that reader: nobody would be served meanwhile.
        """
        async with self._alone() as writer:
            writer.execute("PRAGMA busy_timeout=0")
            try:
                [found] = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                writer.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")
        return not found["busy"]

    async def snapshot_of(
        self, selects: Sequence[str], at_once: int
    ) -> AsyncIterator[tuple[int, list[dict[str, Any]]]]:
        """The rows of these queries as of one instant, some at a time: from a connection and a thread of its own."""
        connection = await to_thread.run_sync(self._connect)
        try:
            connection.execute("BEGIN")
            for place, sql in enumerate(selects):
                cursor = connection.execute(sql)
                while rows := await to_thread.run_sync(cursor.fetchmany, at_once):
                    yield place, rows
        finally:
            connection.close()

    async def run_off_loop(self, sql: str, args: list[Any]) -> list[dict[str, Any]]:
        """Rows of a long read, from a thread with a connection of its own, so that scans are not kept waiting.

        The connection is kept, and with it the pages it has read: a dashboard asks for much the same again and again.
        """

        def read() -> list[dict[str, Any]]:
            if self._reporter is None:
                self._reporter = self._connect()
                self._reporter.execute("PRAGMA query_only=ON")
            return cast("list[dict[str, Any]]", self._reporter.execute(sql, args).fetchall())

        async with self._report_turn:
            return await to_thread.run_sync(read)


def _translated(connection: sqlite3.Connection, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
    try:
        return cast("list[dict[str, Any]]", connection.execute(sql, args).fetchall())
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode in {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}:
            raise Duplicate(str(error)) from error
        raise


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


class SafePostgresTransaction(PostgresTransaction):
    """SERIALIZABLE, in its turn, and the connection always goes back to the pool, even when COMMIT raises (40001).

    Sixteen scanners at once read and write the same small tables: begun together, nearly all would have to begin again
    (docs/decisions/0006-serializable-writes.md).
    """

    engine: "PooledPostgresEngine"

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            return self._parent
        await self.engine.turn.acquire()
        try:
            self.connection = await self.get_connection()
        except BaseException:
            self.engine.turn.release()
            raise
        try:
            self.transaction = self.connection.transaction(isolation="serializable")
            await self.begin()
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def _give_back(self) -> None:
        try:
            if self.engine.pool:
                await self.engine.pool.release(self.connection)
            else:
                await self.connection.close()
        finally:
            self.engine.turn.release()

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if self._parent:
            return exception is None
        try:
            if exception:
                if not self._rolled_back:
                    await self.rollback()
            elif not (self._committed or self._rolled_back):
                await self.commit()
        finally:
            try:
                await self._give_back()
            finally:
                self.engine.current_transaction.reset(self.context)
        return exception is None


class PooledPostgresEngine(PostgresEngine):
    """Piccolo's PostgreSQL engine with safe SERIALIZABLE transactions and translated duplicates."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config=config)
        self.turn = asyncio.Lock()

    async def check_version(self) -> None:
        """Nothing: Piccolo would connect in its constructor and, when that fails, only print a warning."""

    def transaction(self, allow_nested: bool = True) -> SafePostgresTransaction:  # noqa: FBT001, FBT002
        """A SERIALIZABLE transaction."""
        return SafePostgresTransaction(engine=self, allow_nested=allow_nested)

    async def run_querystring(self, querystring: Any, in_pool: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002
        """The rows of a query; raises Duplicate where PostgreSQL says unique violation."""
        try:
            return await super().run_querystring(querystring, in_pool)
        except asyncpg.UniqueViolationError as error:
            raise Duplicate(str(error)) from error

    async def snapshot_of(
        self, selects: Sequence[str], at_once: int
    ) -> AsyncIterator[tuple[int, list[dict[str, Any]]]]:
        """The rows of these queries as of one instant, some at a time; nobody's turn to write is taken."""
        connection = await self.get_new_connection()
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                for place, sql in enumerate(selects):
                    cursor = await connection.cursor(sql)
                    while rows := await cursor.fetch(at_once):
                        yield place, [dict(row) for row in rows]
        finally:
            await connection.close()

    async def fetch(self, sql: str, args: Sequence[Any]) -> list[dict[str, Any]]:
        """Rows of SQL with `{}` for values, in the open transaction or on a connection of the pool."""
        open_ = cast("SafePostgresTransaction | None", self.current_transaction.get())
        run = open_.connection.fetch(_numbered(sql), *args) if open_ else self._run_in_pool(_numbered(sql), args)
        try:
            found = await run
        except asyncpg.UniqueViolationError as error:
            raise Duplicate(str(error)) from error
        return [dict(row) for row in found]


@functools.lru_cache(maxsize=512)
def _numbered(sql: str) -> str:
    """The same with `$1`, `$2` … for the values."""
    numbers = itertools.count(1)
    return re.sub(r"\{\}", lambda _: f"${next(numbers)}", sql)


def _postgres_config(url: str) -> dict[str, Any]:
    """Keyword arguments of asyncpg.connect from a URL; a socket folder may be given as `?host=/path`."""
    parts = urlsplit(url)
    query = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    config: dict[str, Any] = {"database": unquote(parts.path.lstrip("/"))}
    host = unquote(query.get("host", "")) or parts.hostname
    if host:
        config["host"] = host
    port = query.get("port") or parts.port
    if port:
        config["port"] = int(port)
    if parts.username:
        config["user"] = unquote(parts.username)
    if parts.password:
        config["password"] = unquote(parts.password)
    return config


# --- what the rooms use -----------------------------------------------------------------------------------------------


def make_engine(url: str) -> Engine[Any]:
    """The engine for `sqlite:///path` or `postgresql://…`; nothing is opened yet."""
    if url.startswith("sqlite:///"):
        return LoopSQLiteEngine(Path(url.removeprefix("sqlite:///")))
    return PooledPostgresEngine(config=_postgres_config(url))


def bind(engine: Engine[Any]) -> None:
    """Make `engine` the one that every table and every migration uses, in this process."""
    piccolo_conf.DB = engine
    for app in piccolo_conf.APP_REGISTRY.app_configs.values():
        for table in app.table_classes:
            table._meta._db = engine  # noqa: SLF001 - Piccolo has no public switch for a bound table
    Migration._meta._db = engine  # noqa: SLF001


def engine() -> Engine[Any]:
    """The bound engine."""
    return cast("Engine[Any]", piccolo_conf.DB)


async def open_engine() -> None:
    """Start the pool where there is one. SQLite opens by itself."""
    bound = engine()
    if isinstance(bound, PostgresEngine) and bound.pool is None:
        await bound.start_connection_pool(min_size=1, max_size=10)


async def close_engine() -> None:
    """Give back every connection of the bound engine."""
    bound = engine()
    if isinstance(bound, PostgresEngine):
        if bound.pool is not None:
            await bound.close_connection_pool()
    elif isinstance(bound, LoopSQLiteEngine):
        bound.close()


def writes(body: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Run a service function in one writing transaction, joined by nested ones; retried on serialization failure.

    The body may run several times: no mail, no network and no other side effect inside, and its ids come from the caller or
    are made anew each time. Raises what the body raises, after a rollback.
    """

    @functools.wraps(body)
    async def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        bound = cast("Any", engine())
        if bound.current_transaction.get() is not None:
            return await body(*args, **kwargs)
        for attempt in range(WRITE_TRIES):
            try:
                async with bound.transaction():
                    return await body(*args, **kwargs)
            except asyncpg.PostgresError as error:
                if error.sqlstate not in RETRIED_SQLSTATES:
                    raise
                if attempt == WRITE_TRIES - 1:
                    raise Unavailable(
                        "busy", "too many write at once: try again", retry_after_s=BUSY_RETRY_S
                    ) from error
                await asyncio.sleep(RETRY_BASE_S * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
        raise AssertionError  # unreachable: the last attempt returns or raises

    return wrapped


async def snapshot_of(selects: Sequence[str], at_once: int) -> AsyncIterator[tuple[int, list[dict[str, Any]]]]:
    """The rows of these queries as of one instant, with the query's place, some at a time; writers need not wait."""
    async for part in cast("Any", engine()).snapshot_of(selects, at_once):
        yield part


async def fetch(sql: str, *args: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Rows of SQL written by hand, with `{}` for each value: where building a query costs more than its answer.

    Inside a write it is part of it; outside only SELECT works on SQLite. Raises Duplicate.
    """
    return cast("list[dict[str, Any]]", await cast("Any", engine()).fetch(sql, args))


async def scrub() -> bool:
    """What was deleted is gone from the database's files too: SQLite overwrites it, and its log is emptied here.

    False while a backup or another reader holds the log: try again later. PostgreSQL gives the room free and overwrites it in
    its own time (docs/decisions/0008-privacy-above-the-rooms.md).
    """
    bound = engine()
    return await bound.empty_log() if isinstance(bound, LoopSQLiteEngine) else True


async def report(query: Query[Any, Any]) -> list[dict[str, Any]]:
    """Rows of a long read-only query, off the event loop on SQLite; plain dicts."""
    bound = engine()
    if isinstance(bound, LoopSQLiteEngine):
        sql, args = query.querystrings[0].compile_string(engine_type="sqlite")
        return await bound.run_off_loop(sql, args)
    return [dict(row) for row in await query.run()]


async def migrate(on_step: Callable[[str], None] = lambda _: None) -> int:
    """Bring the bound database to the newest migration of every room; returns how many were run.

    `on_step` hears the name of each room that is looked at, in order of dependency.
    """
    if not await Migration.table_exists():
        await Migration.create_table(if_not_exists=True)
    before = await Migration.count()
    for app in piccolo_conf.APP_REGISTRY.app_configs.values():
        if app.app_name == "migrations":
            continue
        on_step(app.app_name)
        with contextlib.redirect_stdout(io.StringIO()):  # Piccolo prints; our callers show progress themselves
            response = await ForwardsMigrationManager(app_name=app.app_name, migration_id="all").run()
        if not response.success:
            raise RuntimeError(response.message)
    return int(await Migration.count()) - int(before)


async def pending() -> int:
    """How many migrations the bound database still lacks; nothing is run. Negative: it is newer than this program."""
    return _count_known() - (int(await Migration.count()) if await Migration.table_exists() else 0)


def _count_known() -> int:
    rooms = [app for app in piccolo_conf.APP_REGISTRY.app_configs.values() if app.app_name != "migrations"]
    return sum(len(list(Path(app.resolved_migrations_folder_path).glob("[!_]*.py"))) for app in rooms)
