"""The whole club as one file, to keep (a backup) or to move to another installation, of either database.

A zip: `archive.json` says what it is and holds a hash of each part; `tables/<table>.jsonl` has one JSON object per row, `keys/`
the private signing keys, where they were asked for. What lives for an hour stays behind: sessions, ways in, letters.
"""

import json
import lzma
import os
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, BinaryIO
from uuid import UUID

import asyncpg
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.tables import Migration
from piccolo.columns import Column
from piccolo.table import Table, sort_table_classes

from estran import __version__, piccolo_conf
from estran.db import Duplicate, migrate, snapshot_of, writes
from estran.errors import Conflict, Invalid

FORMAT = 1
LEFT_BEHIND = {"access_session", "access_sign_in", "mail_letter"}
"""Secrets with a short life, and letters that may hold one."""
AT_ONCE = 1000
PART_MAX_BYTES = 2 << 30
"""Of one table, unpacked: more is no archive of ours."""

ABOUT_MAX_BYTES = 4 << 20
KEY_MAX_BYTES = 64 << 10
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    OverflowError,
    OSError,
    RuntimeError,
)
"""What reading a damaged zip, or one that is none of ours, raises."""
UNFIT = (
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    OverflowError,
    Duplicate,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
)
"""What rows raise that are none of ours."""
KEY = re.compile(r"keys/[^/]+\.pem")

CLOCK_SLACK = timedelta(minutes=5)

Show = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive says of itself."""

    origin: str
    made_at: datetime
    has_keys: bool
    rows: dict[str, int]


def tables() -> list[type[Table]]:
    """The tables of the archive, each after those it points at."""
    every = [table for app in piccolo_conf.APP_REGISTRY.app_configs.values() for table in app.table_classes]
    ours = [table for table in every if table is not Migration]
    return [table for table in sort_table_classes(ours) if _name(table) not in LEFT_BEHIND]


def _name(table: type[Table]) -> str:
    return table._meta.tablename  # noqa: SLF001 - Piccolo has no public name for it


def _columns(table: type[Table]) -> dict[str, Column]:
    return {column._meta.db_column_name: column for column in table._meta.columns}  # noqa: SLF001


# --- writing ----------------------------------------------------------------------------------------------------------


async def write(
    out: IO[bytes], origin: str, keys: Path | None, *, now: datetime, show: Show = lambda _, __: None
) -> Contents:
    """The club as it is at this instant, into `out`; `keys`: the folder of private keys, to take them along.

    `show` hears each table and its rows. Holds every name and address: keep it as you would keep the database.
    """
    names = [_name(table) for table in tables()]
    rows, hashes = dict.fromkeys(names, 0), dict[str, str]()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, digest in await _write_tables(packed, rows, show):
            hashes[f"tables/{name}.jsonl"] = digest
        for path in _files(keys) if keys else []:
            packed.write(path, f"keys/{path.name}")
            hashes[f"keys/{path.name}"] = sha256(path.read_bytes()).hexdigest()
        contents = Contents(origin, now.replace(microsecond=0), keys is not None, rows)
        about = {
            "format": FORMAT,
            "estran": __version__,
            "origin": contents.origin,
            "madeAt": contents.made_at.isoformat(),
            "hasKeys": contents.has_keys,
            "migrations": await _migrations(),
            "rows": rows,
            "sha256": hashes,
        }
        packed.writestr("archive.json", json.dumps(about, indent=2))
    return contents


async def _write_tables(packed: zipfile.ZipFile, rows: dict[str, int], show: Show) -> list[tuple[str, str]]:
    """Each table as a part, and the part's hash; all as of one instant."""
    found = snapshot_of([_select(table) for table in tables()], AT_ONCE)
    waiting = await anext(found, None)
    hashes = []
    for place, name in enumerate(rows):
        digest = sha256()
        with packed.open(f"tables/{name}.jsonl", "w", force_zip64=True) as sink:
            while waiting is not None and waiting[0] == place:
                for row in waiting[1]:
                    plain = {column: _plain(value) for column, value in row.items()}
                    line = (json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
                    digest.update(line)
                    sink.write(line)
                rows[name] += len(waiting[1])
                waiting = await anext(found, None)
        hashes.append((name, digest.hexdigest()))
        show(name, rows[name])
    return hashes


def _select(table: type[Table]) -> str:
    columns = ", ".join(f'"{name}"' for name in _columns(table))
    return f"SELECT {columns} FROM {_name(table)} ORDER BY id"  # noqa: S608 - names of our own tables


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime | date) else value


async def _migrations() -> list[str]:
    """Those that the database has seen; of a bare one those that it would see."""
    if await _is_bare():
        apps = [app for app in piccolo_conf.APP_REGISTRY.app_configs.values() if app.app_name != "migrations"]
        ids = BaseMigrationManager().get_migration_modules
        return sorted(f"{app.app_name}: {name}" for app in apps for name in ids(app.resolved_migrations_folder_path))
    rows = await Migration.select(Migration.app_name, Migration.name)
    return sorted(f"{row['app_name']}: {row['name']}" for row in rows)


async def _is_bare() -> bool:
    """Whether nothing was ever made in this database."""
    return not await Migration.table_exists() or not await Migration.exists()


# --- reading ----------------------------------------------------------------------------------------------------------


async def _nothing_more(_: Contents) -> None:
    pass


async def read(
    source: BinaryIO,
    keys: Path,
    *,
    now: datetime,
    show: Show = lambda _, __: None,
    then: Callable[[Contents], Awaitable[None]] = _nothing_more,
) -> Contents:
    """Put the club of an archive into this empty installation, whole or not at all, and its keys into `keys` if it has them.

    Everything is looked through before anything is written; a bare database gets its tables first. `then` writes in the same
    transaction as the rows. Raises Invalid `bad_archive` (not one of ours, damaged), Conflict `other_version`, `not_empty`, or
    `clock_behind` when the archive is from the future.
    """
    try:
        packed, about = _opened(source)
        hashes, contents, migrations = dict(about["sha256"]), _contents(about), list(about["migrations"])
        is_known = about["format"] == FORMAT
        if is_known:
            _check_parts(packed, hashes)
    except UNREADABLE as error:
        raise Invalid("bad_archive", f"this is not a whole archive of Estran ({type(error).__name__})") from error
    if not is_known:
        raise Conflict("other_version", f"this archive has the format {about['format']}: use the Estran that made it")
    with packed:
        if migrations != await _migrations():
            made_by = about.get("estran", "of another version")
            raise Conflict("other_version", f"made by Estran {made_by}: install that version, restore, then update")
        private = {name.removeprefix("keys/"): packed.read(name) for name in hashes if name.startswith("keys/")}
        kept = {path.name: path.read_bytes() for path in _files(keys)}
        if private and any(private.get(name) != content for name, content in kept.items()):
            raise Conflict(
                "not_empty", f"{keys} holds keys already: restore into a new installation, or move them away"
            )
        if contents.made_at > now + CLOCK_SLACK:
            raise Conflict(
                "clock_behind",
                f"this was made at {contents.made_at}, and here it is {now}: set this machine's clock first",
            )
        if await _is_bare():
            await migrate()
        await _refuse_if_used()
        # Those of this archive are there already when an earlier attempt was killed.
        written = _write_keys(keys, {name: content for name, content in private.items() if name not in kept})
        try:
            await _put_back(packed, contents, show, then)
        except BaseException:
            for path in written:
                path.unlink()
            raise
    return contents


def _opened(source: BinaryIO) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    packed = zipfile.ZipFile(source)
    if packed.getinfo("archive.json").file_size > ABOUT_MAX_BYTES:
        raise ValueError("archive.json")
    return packed, dict(json.loads(packed.read("archive.json")))


def _contents(about: dict[str, Any]) -> Contents:
    made_at = datetime.fromisoformat(about["madeAt"]).astimezone(UTC)
    return Contents(about["origin"], made_at, bool(about["hasKeys"]), dict(about["rows"]))


def _check_parts(packed: zipfile.ZipFile, hashes: dict[str, str]) -> None:
    """Raises ValueError unless the parts are those that `archive.json` names, unchanged."""
    names = {info.filename: info for info in packed.infolist()}
    if set(names) - {"archive.json"} != set(hashes):
        raise ValueError("parts")
    if {name for name in hashes if name.startswith("tables/")} != {
        f"tables/{_name(table)}.jsonl" for table in tables()
    }:
        raise ValueError("tables")
    for name, wanted in hashes.items():
        if not name.startswith("tables/") and not KEY.fullmatch(name):
            raise ValueError(name)
        if names[name].file_size > (PART_MAX_BYTES if name.startswith("tables/") else KEY_MAX_BYTES):
            raise ValueError(name)
        digest = sha256()
        with packed.open(name) as part:
            while chunk := part.read(1 << 20):
                digest.update(chunk)
        if digest.hexdigest() != wanted:
            raise ValueError(name)


@writes
async def _put_back(
    packed: zipfile.ZipFile, contents: Contents, show: Show, then: Callable[[Contents], Awaitable[None]]
) -> None:
    await _refuse_if_used()
    for table in tables():
        count = 0
        try:
            for rows in _parsed(packed, table):
                await table.insert(*rows)
                count += len(rows)
        except UNFIT as error:
            words = f"a row of {_name(table)} is none of Estran's ({type(error).__name__})"
            raise Invalid("bad_archive", words) from error
        show(_name(table), count)
    await then(contents)


async def _refuse_if_used() -> None:
    for table in tables():
        if await table.exists():
            raise Conflict(
                "not_empty", "this installation is in use already: restore into a new database and a new folder"
            )


def _parsed(packed: zipfile.ZipFile, table: type[Table]) -> Iterator[list[Table]]:
    """The rows of a table's part, some at a time: an INSERT takes a limited number of values."""
    columns = _columns(table)
    at_once = max(1, 900 // len(columns))
    made: list[Table] = []
    with packed.open(f"tables/{_name(table)}.jsonl") as part:
        for line in part:
            row = json.loads(line)
            if set(row) != set(columns):
                raise Invalid("bad_archive", f"a row of {_name(table)} has other columns")
            values = {column._meta.name: _valued(column, row[name]) for name, column in columns.items()}  # noqa: SLF001
            made.append(table(_exists_in_db=False, **values))
            if len(made) == at_once:
                yield made
                made = []
    if made:
        yield made


def _valued(column: Column, value: Any) -> Any:  # noqa: ANN401 - as `_plain`
    if value is None:
        return None
    kind = column.value_type
    if kind in {int, float, bool}:
        if isinstance(value, kind):
            return value
    elif isinstance(value, str):
        if kind is UUID:
            return UUID(value)
        if kind is datetime:
            return datetime.fromisoformat(value)
        return date.fromisoformat(value) if kind is date else value
    raise TypeError(kind)


def _files(keys: Path) -> list[Path]:
    return sorted(keys.glob("*.pem"))


def _write_keys(folder: Path, private: dict[str, bytes]) -> list[Path]:
    """The files made: all of them, or none."""
    written: list[Path] = []
    if private:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    try:
        for name, content in private.items():
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                written.append(folder / name)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
    except OSError:
        for path in written:
            path.unlink()
        raise
    return written
