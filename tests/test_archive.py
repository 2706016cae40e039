"""A club moves house: out of either database, into either, and its passes and scanners go on as before."""

import io
import json
import shutil
import zipfile
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from piccolo.engine.base import Engine

from estran import archive, db
from estran.actor import SYSTEM
from estran.errors import Conflict, Invalid, Problem
from estran.history.tables import Entry
from estran.passes import keys as ring
from estran.passes.keys import Issuer
from estran.venues import service as venues
from tests.conftest import MONDAY, ORIGIN, Databases, FrozenClock
from tests.privacy.conftest import Somebody, dump, somebody
from tests.visits.conftest import Phone, Scanner, camille, issuer, other_till, till, town

__all__ = ["camille", "issuer", "other_till", "somebody", "till", "town"]

pytestmark = pytest.mark.anyio
Archive = tuple[bytes, dict[str, list[dict[str, Any]]]]


@pytest.fixture
async def packed(
    camille: Phone, somebody: Somebody, issuer: Issuer, engine: Engine[Any], clock: FrozenClock
) -> Archive:
    """An archive with keys of a club that has lived, and what was in its database."""
    out = io.BytesIO()
    seen: dict[str, int] = {}
    contents = await archive.write(out, ORIGIN, issuer.folder, now=clock(), show=seen.__setitem__)
    assert seen == contents.rows
    return out.getvalue(), await dump(engine)


@pytest.fixture(params=["sqlite", "postgres"])
def other_databases(request: pytest.FixtureRequest) -> Databases:
    found: Databases = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgres_server")
    return found


@pytest.fixture
async def new_house(other_databases: Databases, engine: Engine[Any]) -> AsyncIterator[Engine[Any]]:
    """An empty, migrated database of either kind beside the old one, bound."""
    url = await other_databases.make()
    made = db.make_engine(url)
    db.bind(made)
    await db.open_engine()
    yield made
    db.bind(made)
    await db.close_engine()
    db.bind(engine)
    await other_databases.remove(url)


async def test_everything_that_lasts_moves(packed: Archive, new_house: Engine[Any], tmp_path: Path) -> None:
    content, before = packed
    await archive.read(io.BytesIO(content), tmp_path / "new-keys", now=MONDAY)
    after = await dump(new_house)
    left = archive.LEFT_BEHIND
    assert {name: len(rows) for name, rows in before.items() if name in left and rows} != {}, "nothing would be proven"
    for name in before:
        wanted = [] if name in left else sorted(map(str, before[name]))
        assert sorted(map(str, after[name])) == wanted, name
    assert sum(len(rows) for rows in after.values()) > 50


async def test_passes_and_scanners_go_on(
    packed: Archive, new_house: Engine[Any], tmp_path: Path, camille: Phone, till: Scanner, clock: FrozenClock
) -> None:
    folder = tmp_path / "new-keys"
    await archive.read(io.BytesIO(packed[0]), folder, now=MONDAY)
    moved = Issuer(ORIGIN, folder)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    await moved.private(await ring.current(moved, now=clock()))
    [till.device] = [one for one in await venues.devices() if str(one.id) == str(till.device.id)]
    till.issuer = moved
    await venues.resume_venue(SYSTEM, till.device.venue_id, now=clock())
    clock.advance(hours=1)
    item = till.scan(camille.show(clock()))
    assert await till.state_of(item) == "counted"
    (again,) = (await till.hand_in(item)).results
    assert again.result == "duplicate"


async def test_only_into_an_empty_house(packed: Archive, new_house: Engine[Any], tmp_path: Path) -> None:
    await archive.read(io.BytesIO(packed[0]), tmp_path / "new-keys", now=MONDAY)
    rows = await Entry.count()
    for folder in (tmp_path / "new-keys", tmp_path / "other-keys"):
        with pytest.raises(Conflict) as refused:
            await archive.read(io.BytesIO(packed[0]), folder, now=MONDAY)
        assert refused.value.code == "not_empty"
    assert await Entry.count() == rows
    assert not (tmp_path / "other-keys").exists()


def changed(content: bytes, **parts: bytes | None) -> bytes:
    """The archive with parts replaced, added or (None) left out; `/` is written `__`, `.` as `_dot_`."""
    wanted = {name.replace("__", "/").replace("_dot_", "."): value for name, value in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in [*old.namelist(), *(name for name in wanted if name not in old.namelist())]:
            value = wanted.get(name, old.read(name) if name in old.namelist() else None)
            if value is not None:
                new.writestr(name, value)
    return out.getvalue()


def about(content: bytes, **changes: Any) -> bytes:
    """What the archive says of itself, changed; `...`: no word of it."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        said = json.loads(old.read("archive.json")) | changes
    return json.dumps({name: value for name, value in said.items() if value is not ...}).encode()


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*")}


CLUB = "tables/club_house.jsonl"


def resealed(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The archive with other parts, by somebody who knows how to make its hashes."""
    hashes = json.loads(about(content))["sha256"] | {name: sha256(part).hexdigest() for name, part in parts.items()}
    return changed(content, archive_dot_json=about(content, sha256=hashes), **parts)


def odd_row(content: bytes, **values: Any) -> bytes:
    """The archive with something else in the club's own row."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        row = json.loads(old.read(CLUB)) | values
    return resealed(content, {CLUB: json.dumps(row).encode() + b"\n"})


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(lambda _: b"", "bad_archive", id="nothing"),
        pytest.param(lambda content: content[: len(content) // 2], "bad_archive", id="half"),
        pytest.param(lambda _: b"not a zip" * 99, "bad_archive", id="something else"),
        pytest.param(lambda content: changed(content, archive_dot_json=b"[]"), "bad_archive", id="no contents"),
        pytest.param(lambda content: changed(content, archive_dot_json=b"{"), "bad_archive", id="broken contents"),
        pytest.param(
            lambda content: changed(content, tables__club_house_dot_jsonl=b""), "bad_archive", id="a table changed"
        ),
        pytest.param(
            lambda content: changed(content, tables__club_house_dot_jsonl=None), "bad_archive", id="a table missing"
        ),
        pytest.param(lambda content: changed(content, more=b"x"), "bad_archive", id="a part too many"),
        pytest.param(
            lambda content: changed(content, archive_dot_json=about(content, format=2)), "other_version", id="format"
        ),
        pytest.param(
            lambda content: changed(content, archive_dot_json=about(content, migrations=[])),
            "other_version",
            id="older",
        ),
        pytest.param(
            lambda content: changed(content, archive_dot_json=about(content, madeAt="2026-06-16T10:00:00+00:00")),
            "clock_behind",
            id="tomorrow's",
        ),
        pytest.param(
            lambda content: changed(content, archive_dot_json=about(content, madeAt="yesterday")),
            "bad_archive",
            id="no date",
        ),
        pytest.param(
            lambda content: changed(content, archive_dot_json=about(content, madeAt="0001-01-01T00:00:00+14:00")),
            "bad_archive",
            id="before all time",
        ),
        pytest.param(
            lambda content: changed(content, archive_dot_json=about(content, migrations=...)),
            "bad_archive",
            id="no migrations",
        ),
        pytest.param(lambda content: resealed(content, {"keys/": b""}), "bad_archive", id="a key without a name"),
        pytest.param(lambda content: resealed(content, {"keys/.pem.so": b"x"}), "bad_archive", id="no key of ours"),
        pytest.param(lambda content: resealed(content, {CLUB: b"[]\n"}), "bad_archive", id="a row that is none"),
        pytest.param(lambda content: resealed(content, {CLUB: b"x" * 99}), "bad_archive", id="no JSON"),
        pytest.param(lambda content: odd_row(content, id="1"), "bad_archive", id="an id that is none"),
        pytest.param(lambda content: odd_row(content, name={"fr": "x"}), "bad_archive", id="a name that is no text"),
        pytest.param(lambda content: odd_row(content, name=None), "bad_archive", id="a name that is missing"),
        pytest.param(lambda content: odd_row(content, snapshot_limit_days=1 << 99), "bad_archive", id="a huge number"),
        pytest.param(lambda content: odd_row(content, id=None), "bad_archive", id="no id"),
    ],
)
async def test_what_is_not_whole_is_refused_and_leaves_nothing(
    packed: Archive, new_house: Engine[Any], tmp_path: Path, spoil: Any, code: str
) -> None:
    with pytest.raises((Invalid, Conflict)) as refused:
        await archive.read(io.BytesIO(spoil(packed[0])), tmp_path / "new-keys", now=MONDAY)
    problem: Problem = refused.value
    assert problem.code == code
    assert {name: rows for name, rows in (await dump(new_house)).items() if rows} == {}
    assert names_in(tmp_path / "new-keys") == set()


async def test_an_attempt_that_was_killed_may_be_made_again(
    packed: Archive, new_house: Engine[Any], issuer: Issuer, tmp_path: Path
) -> None:
    """Keys come before rows, and nothing takes them away again when the process is killed."""
    keys, other = tmp_path / "new-keys", tmp_path / "new-keys" / "other.pem"
    shutil.copytree(issuer.folder, keys)
    other.write_text("of another club")
    with pytest.raises(Conflict, match="holds keys already"):
        await archive.read(io.BytesIO(packed[0]), keys, now=MONDAY)
    other.unlink()
    await archive.read(io.BytesIO(packed[0]), keys, now=MONDAY)
    assert len((await dump(new_house))["club_ambassador"]) == len(packed[1]["club_ambassador"]) > 0
    assert names_in(keys) == names_in(issuer.folder)


async def test_keys_stay_unless_asked_for(camille: Phone, engine: Engine[Any], clock: FrozenClock) -> None:
    out = io.BytesIO()
    contents = await archive.write(out, ORIGIN, None, now=clock())
    assert not contents.has_keys
    with zipfile.ZipFile(out) as made:
        assert not [name for name in made.namelist() if name.startswith("keys/")]
        assert not any(b"PRIVATE KEY" in made.read(name) for name in made.namelist())


def test_what_stays_behind_is_named_rightly() -> None:
    names = {table._meta.tablename for table in archive.tables()}
    assert not names & archive.LEFT_BEHIND
    assert {"club_ambassador", "visits_visit", "passes_signing_key", "privacy_choice"} <= names
