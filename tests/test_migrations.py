"""Both engines come from nothing to the newest tables, with rows in them, and no table says what no migration did."""

import ast
import contextlib
import io
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from piccolo import columns
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.apps.migrations.tables import Migration
from piccolo.columns import Column, ForeignKey
from piccolo.conf.apps import AppConfig
from piccolo.engine.base import Engine
from piccolo.table import Table, sort_table_classes

import estran
from estran import clock as clocks
from estran import db, piccolo_conf
from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM, Role
from estran.app import create_app
from estran.events.tables import Invitee
from estran.settings import Settings
from estran.venues import service as venues
from estran.venues.tables import BenefitVersion
from tests.conftest import Databases, FrozenClock
from tests.visits.conftest import Phone, Scanner, Town, camille, issuer, town

__all__ = ["camille", "issuer", "town"]

SERVER = Path(estran.__file__).parent
MIGRATIONS = sorted(SERVER.glob("*/piccolo_migrations/[!_]*.py"))
TABLE_FILES = sorted(SERVER.glob("*/tables.py"))
NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


def rooms() -> list[AppConfig]:
    configs = piccolo_conf.APP_REGISTRY.app_configs
    return [config for name, config in configs.items() if name != "migrations"]


def tables() -> list[type[Table]]:
    return sort_table_classes([table for room in rooms() for table in room.table_classes])


@pytest.fixture
async def empty_engine(databases: Databases, anyio_backend: str) -> AsyncIterator[Engine[Any]]:
    """An engine on a database in which nothing was ever made."""
    url = await databases.make(empty=True)
    made = db.make_engine(url)
    db.bind(made)
    await db.open_engine()
    yield made
    await db.close_engine()
    await databases.remove(url)


# --- from nothing to the newest ---------------------------------------------------------------------------------------


async def test_an_empty_database_gets_every_migration_once(empty_engine: Engine[Any]) -> None:
    steps: list[str] = []
    assert await db.pending() == len(MIGRATIONS)
    assert await db.migrate(steps.append) == len(MIGRATIONS)
    assert await db.pending() == 0
    assert steps == [room.app_name for room in rooms()]
    assert await db.migrate() == 0
    assert await Migration.count() == len(MIGRATIONS)
    for table in tables():
        assert await table.count() == 0


async def test_migrating_says_nothing_by_itself(empty_engine: Engine[Any], capsys: pytest.CaptureFixture[str]) -> None:
    await db.migrate()
    assert capsys.readouterr() == ("", "")


async def test_a_failed_migration_is_told(empty_engine: Engine[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: object) -> object:
        raise RuntimeError("no room on the disk")

    monkeypatch.setattr(ForwardsMigrationManager, "run", broken)
    with pytest.raises(RuntimeError, match="no room on the disk"):
        await db.migrate()


# --- with rows --------------------------------------------------------------------------------------------------------


def value(column: Column, number: int) -> Any:
    """A value this column takes, different for every `number`."""
    match column:
        case columns.UUID():
            return UUID(int=number)
        case columns.Timestamptz():
            return NOON
        case columns.Date():
            return date(2026, 6, 15)
        case columns.Boolean():
            return True
        case columns.JSON():
            return json.dumps({"n": number})
        case columns.Integer():  # BigInt, too
            return number
        case columns.Varchar():
            return f"{number:x}"[: column.length]
        case columns.Text():
            return f"text {number}"
    raise NotImplementedError(f"teach this test about {type(column).__name__}")


def row_of(
    table: type[Table], present: set[str], number: int, ids: dict[type[Table], UUID], *, bare: bool
) -> dict[str, Any]:
    """A row for the columns of `table` that the database has by now; `bare`: what may be null is null."""
    row: dict[str, Any] = {}
    for column in table._meta.columns:
        name = column._meta.db_column_name
        if name not in present:
            continue
        if column._meta.primary_key:
            row[name] = ids[table] if bare else uuid4()
        elif bare and column._meta.null:
            row[name] = None
        elif isinstance(column, ForeignKey):
            row[name] = ids[column._foreign_key_meta.resolved_references]
        else:
            row[name] = value(column, number)
    return row


async def present_columns(engine: Engine[Any], tablename: str) -> set[str]:
    if isinstance(engine, db.LoopSQLiteEngine):
        return {row["name"] for row in engine.reader.execute(f"PRAGMA table_info({tablename})")}
    rows = await Migration.raw("SELECT column_name FROM information_schema.columns WHERE table_name = {}", tablename)
    return {row["column_name"] for row in rows}


async def insert(table: type[Table], row: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join("{}" for _ in row)
    await table.raw(f'INSERT INTO "{table._meta.tablename}" ({names}) VALUES ({places})', *row.values())


def name_of(path: Path) -> str:
    """The migration's own id, by which Piccolo puts them in order: when it was made."""
    return str(next(ast.literal_eval(node.value) for node in ast.parse(path.read_text()).body if _is_id(node)))  # type: ignore[attr-defined]


def _is_id(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ID"


MADE = sorted((name_of(path), path.parent.parent.name) for path in MIGRATIONS)
STEPS = range(1, len(MIGRATIONS))
"""After how many migrations, of whatever room, somebody may have stopped to update."""
NEWEST_STEPS = STEPS[-2:]


async def migrate_to(step: int) -> None:
    """Run the first so many migrations, as they were made: the database of a house that was updated last back then."""
    await Migration.create_table(if_not_exists=True)
    for room in rooms():
        last = [name for name, owner in MADE[:step] if owner == room.app_name][-1:]
        for name in last:
            with contextlib.redirect_stdout(io.StringIO()):
                done = await ForwardsMigrationManager(app_name=room.app_name, migration_id=name).run()
            assert done.success, done.message
    assert await Migration.count() == step


async def rows_of(table: type[Table], columns: set[str]) -> list[dict[str, Any]]:
    names = ", ".join(f'"{name}"' for name in sorted(columns))
    return await db.fetch(f"SELECT {names} FROM {table._meta.tablename} ORDER BY id")


GROWN: set[type[Table]] = {BenefitVersion}
"""Tables to which a later migration adds rows for what is elsewhere."""
ONCE: set[type[Table]] = {Invitee}
"""Tables that have at most one row for the same parents."""


@pytest.mark.parametrize(
    "step", [pytest.param(step, marks=() if step in NEWEST_STEPS else pytest.mark.slow) for step in STEPS]
)
async def test_every_row_survives_the_way_from_any_step_to_the_newest(empty_engine: Engine[Any], step: int) -> None:
    """Two rows in every table that was there (one as empty as it may be), then all the other migrations."""
    await migrate_to(step)
    ids: dict[type[Table], UUID] = {}
    before: dict[type[Table], tuple[set[str], list[dict[str, Any]]]] = {}
    for number, table in enumerate(tables(), start=1):
        present = await present_columns(empty_engine, table._meta.tablename)
        if not present:
            continue  # a table of a later migration
        ids[table] = uuid4()
        await insert(table, row_of(table, present, 2 * number, ids, bare=True))
        if table not in ONCE:
            await insert(table, row_of(table, present, 2 * number + 1, ids, bare=False))
        before[table] = present, await rows_of(table, present)

    assert await db.migrate() == len(MIGRATIONS) - step
    assert before
    for table, (present, rows) in before.items():
        assert len(rows) == (1 if table in ONCE else 2)
        after = await rows_of(table, present)
        assert after == rows or (table in GROWN and all(row in after for row in rows)), table
        await table.objects()  # and is read by today's program


# --- a club is updated ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", NEWEST_STEPS)
async def test_a_club_of_the_version_before_is_served(
    town: Town, camille: Phone, databases: Databases, settings: Settings, clock: FrozenClock, step: int
) -> None:
    """Its rows, as far as that version had them, in that version's tables; then estran migrate, and everybody goes on."""
    secret = await venues.make_pairing(SYSTEM, town.museum.id, reusable=False, lifetime=timedelta(hours=1), now=clock())
    paired = await venues.pair(secret, "Caisse", "goéland", now=clock())
    till = Scanner(town.issuer, paired.device, clock, town.benefit)
    await till.hand_in(till.scan(camille.show(clock()), companions=2))
    account = await access.ensure_account("helene@example.org", now=clock())
    await access.grant(account.id, Role.OFFICER)
    session = await access.use_link(await access.invite(account.id, Realm.DESK, now=clock()), now=clock())
    filled = [
        (table, rows)
        for table in tables()
        if (rows := await rows_of(table, {column._meta.db_column_name for column in table._meta.columns}))
    ]

    url = await databases.make(empty=True)
    before = db.engine()
    made = db.make_engine(url)
    db.bind(made)
    await db.open_engine()
    try:
        await migrate_to(step)
        for table, rows in filled:
            present = await present_columns(made, table._meta.tablename)
            for row in rows:
                if present:
                    await insert(table, {name: value for name, value in row.items() if name in present})
        await db.migrate()
        clock.advance(hours=1)
        app: Any = create_app(replace(settings, database=url), clock=clock)
        browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url=settings.origin,
            headers={"origin": settings.origin, "sec-fetch-site": "same-origin"},
        )
        async with app.lifespan(), browser:
            token = {"Authorization": f"Device {paired.token}"}
            news = (await browser.get("/api/v1/snapshot", headers=token)).json()
            assert (news["venue"]["name"], news["lastSeq"]) == ("Musée", 1)
            answer = await browser.post("/api/v1/pass/refresh", json={"digits": camille.show(clock())})
            assert answer.json()["credential"] == camille.credential
            batch = {"sentAtMs": clocks.to_ms(clock()), "queueLength": 1, "items": [till.scan(camille.show(clock()))]}
            answer = await browser.post("/api/v1/visits", json=batch, headers=token)
            assert answer.json()["results"][0]["state"] == "counted"
            browser.cookies.set("__Host-estran_desk", session.token)
            for address, words in {"/desk/": "", "/desk/people": "Varech", "/desk/venues": "Musée"}.items():
                page = await browser.get(address, follow_redirects=True)
                assert page.status_code == 200, address
                assert words in page.text
    finally:
        db.bind(made)
        await db.close_engine()
        db.bind(before)
        await databases.remove(url)


# --- tables and migrations say the same -------------------------------------------------------------------------------


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.app_name)
async def test_no_change_of_a_table_waits_for_its_migration(room: AppConfig) -> None:
    pending = [
        statement
        for statements in await AutoMigrationManager(auto_input="y").get_alter_statements(room)
        for statement in statements.statements
    ]
    assert pending == []


def calls_of(path: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


@pytest.mark.parametrize("path", TABLE_FILES, ids=lambda path: path.parent.name)
def test_every_foreign_key_says_what_happens_at_a_deletion(path: Path) -> None:
    """Piccolo's own defaults are nullable and ON DELETE CASCADE: a deleted venue would take its visits along."""
    for call in calls_of(path, "ForeignKey"):
        said = {keyword.arg: keyword.value for keyword in call.keywords}
        assert {"null", "default", "on_delete", "db_column_name"} <= said.keys(), f"{path}:{call.lineno}"
        assert str(ast.literal_eval(said["db_column_name"])).endswith("_id"), f"{path}:{call.lineno}"


@pytest.mark.parametrize("path", TABLE_FILES, ids=lambda path: path.parent.name)
def test_every_table_and_column_speaks_for_itself(path: Path) -> None:
    """A name that says its room, and no column whose missing default Piccolo would replace by an empty text."""
    room = path.parent.name
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ClassDef) or "Table" not in {ast.unparse(base) for base in node.bases}:
            continue
        assert ast.get_docstring(node), f"{path}:{node.lineno}"
        names = [ast.literal_eval(keyword.value) for keyword in node.keywords if keyword.arg == "tablename"]
        assert [name.split("_")[0] for name in names] == [room], f"{path}:{node.lineno}"
        for line in node.body:
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Call):
                said = {keyword.arg for keyword in line.value.keywords}
                assert said & {"default"}, f"{path}:{line.lineno} has no default"
                assert said & {"null", "primary_key"}, f"{path}:{line.lineno} does not say null"


@pytest.mark.parametrize("path", TABLE_FILES, ids=lambda path: path.parent.name)
def test_no_table_uses_what_only_one_engine_has(path: Path) -> None:
    """A table-level Unique breaks SQLite's migration; arrays and JSONB operators are PostgreSQL's alone."""
    forbidden = {"Unique", "Check", "Array", "JSONB", "Interval", "Serial"}
    imported = {
        alias.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert imported & forbidden == set()


@pytest.mark.parametrize("table", tables(), ids=lambda table: table._meta.tablename)
def test_no_table_has_a_constraint_of_its_own(table: type[Table]) -> None:
    assert table._meta.constraints == []


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem[:40])
def test_a_migration_needs_nothing_of_the_house(path: Path) -> None:
    """It must still run when the code it was written for is long gone."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert "estran" not in {alias.name.split(".")[0] for alias in node.names}, f"{path}:{node.lineno}"
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{path}:{node.lineno}"
            assert node.module.split(".")[0] != "estran", f"{path}:{node.lineno}"


def test_every_room_with_tables_is_registered() -> None:
    registered = {room.app_name for room in rooms()}
    assert {path.parent.name for path in TABLE_FILES} == registered
    assert {path.parent.parent.name for path in MIGRATIONS} == registered


async def test_the_engine_keeps_what_the_foreign_keys_say(engine: Engine[Any]) -> None:
    """What tables.py says is what the database does: nobody can be deleted from under a mandate."""
    ids: dict[type[Table], UUID] = {}
    for number, table in enumerate(tables(), start=1):
        ids[table] = uuid4()
        present = await present_columns(engine, table._meta.tablename)
        row = row_of(table, present, number, ids, bare=False)
        await insert(table, row | {"id": ids[table]})
    for table in tables():
        for key in table._meta.foreign_key_columns:
            if key._foreign_key_meta.on_delete != columns.OnDelete.restrict:
                continue
            parent = key._foreign_key_meta.resolved_references
            with pytest.raises((sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)):
                await parent.delete().where(parent._meta.primary_key == ids[parent])
