"""The whole club as a dated file, made while the server runs, and what the club needs once such a file was put back.

Both are an archive (`archive.py`) with the private keys: docs/decisions/0009-one-file-backup.md says why, docs/backup.md how.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, BinaryIO

from estran import archive, clock
from estran.actor import SYSTEM
from estran.archive import Contents, Show
from estran.club import service as club
from estran.history import service as history
from estran.inbox import service as inbox
from estran.passes import keys as ring
from estran.passes import service as passes
from estran.passes.tables import Pass

NAME = "estran-%Y-%m-%dT%H%M%SZ.zip"
OURS = re.compile(r"estran-\d{4}-\d\d-\d\dT\d{6}Z\.zip")
"""Files that a backup may remove: nobody else's."""
UNFINISHED = ".estran-"
HALF = re.compile(rf"{re.escape(UNFINISHED)}[a-z0-9_]{{8}}")
UNFINISHED_FOR = timedelta(days=1)


# --- making one -------------------------------------------------------------------------------------------------------


async def make(folder: Path, origin: str, keys: Path, *, now: datetime, show: Show) -> Path:
    """A new backup in `folder`, whole or not there at all; for its owner's eyes only. Raises OSError."""
    done = folder / now.strftime(NAME)
    with _whole_or_nothing(done) as out:
        await archive.write(out, origin, keys, now=now, show=show)
    return done


@contextlib.contextmanager
def _whole_or_nothing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, that bears its name once it is complete and on the disk."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)  # of mode 0600
    try:
        with os.fdopen(descriptor, "w+b") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()  # half a backup is none, and full of names
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """The new name, too, survives a power cut; not every file system of a network can promise it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def prune(folder: Path, keep: int, *, now: datetime) -> list[Path]:
    """Remove all backups of this folder but the newest `keep`, and what a killed one left; which backups went.

    Those from the future were made while the clock was wrong, and go first: else every new one would go at once.
    """
    newest = now.strftime(NAME)
    ours = [path for path in folder.iterdir() if OURS.fullmatch(path.name)]
    gone = sorted(ours, key=lambda path: (path.name <= newest, path.name))[:-keep]
    for path in gone:
        path.unlink()
    for path in folder.iterdir():
        if HALF.fullmatch(path.name) and path.stat().st_mtime < (now - UNFINISHED_FOR).timestamp():
            path.unlink()
    return gone


# --- putting one back -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and what a human has to look at."""

    contents: Contents
    version: int
    """Of the status list with which scanners go on."""
    to_recheck: list[Pass]
    """Every pass that is valid now: nobody has looked at it since the backup."""
    keys_missing: list[str]
    """Keys that are to sign, and whose private part is not here."""


async def put_back(source: BinaryIO, keys: Path, *, now: datetime, show: Show) -> Restored:
    """Put the club of a backup (or of an archive from the desk) into this empty installation.

    In the same transaction the status list goes on above all that the lost server can have published, and the officer's inbox
    says what to look at. Raises as `archive.read`.
    """
    found: list[Restored] = []

    async def go_on(contents: Contents) -> None:
        found.append(await _go_on(contents, keys, now=now))

    await archive.read(source, keys, now=now, show=show, then=go_on)
    return found[-1]


async def _go_on(contents: Contents, keys: Path, *, now: datetime) -> Restored:
    published = await passes.publish_anew(now=now)
    valid = await passes.valid_passes(now=now)
    made_on = clock.local_day(contents.made_at, await club.zone()).isoformat()
    await inbox.drop(
        "restored",
        key=f"restored:{now.isoformat()}",
        now=now,
        subject_kind="club",
        subject_id=None,
        details={"made_on": made_on, "n": len(valid)},
    )
    details = {"made_at": contents.made_at.isoformat(), "version": published.version}
    await history.record(SYSTEM, "archive.restore", "club", None, now=now, details=details)
    return Restored(contents, published.version, valid, await _keys_missing(keys, now=now))


async def _keys_missing(folder: Path, *, now: datetime) -> list[str]:
    rows = await ring.published(now=now)
    signing = [row for row in rows if row.starts_at <= now][-1:] + [row for row in rows if row.starts_at > now]
    return [row.kid for row in signing if not (folder / f"{row.id}.pem").exists()]
