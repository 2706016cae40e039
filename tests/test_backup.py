"""The server is lost, and comes back on a blank machine: in a new folder, with a new database of the other kind."""

import asyncio
import io
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from anyio import to_thread
from piccolo.engine.base import Engine

from estran import backup, db
from estran import clock as clocks
from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM, Role
from estran.app import create_app
from estran.club import service as club
from estran.errors import Conflict
from estran.inbox import service as inbox
from estran.passes import service as passes
from estran.passes import status
from estran.passes import token as tokens
from estran.passes.keys import Issuer
from estran.settings import Settings
from estran.venues import service as venues
from estran.venues.service import Given, Paired
from estran.venues.tables import Device, Venue
from estran.visits import tally
from estran.visits.tables import Change, Tally, Visit
from tests.conftest import MONDAY, ORIGIN, Databases, FrozenClock, PostgresServer, SqliteFiles
from tests.desk.conftest import read
from tests.visits.conftest import OFFICER, Item, Phone, Scanner, Town, camille, issuer, stored, till, town

__all__ = ["camille", "issuer", "till", "town"]

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]  # one of the two machines has it

BACK_UP = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from estran import backup, db

async def main(url, folder, origin, keys, now):
    db.bind(db.make_engine(url))
    await db.open_engine()
    print(await backup.make(Path(folder), origin, Path(keys), now=datetime.fromisoformat(now), show=lambda *_: None))
    await db.close_engine()

asyncio.run(main(*sys.argv[1:]))
"""
PUT_BACK = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from estran import backup, db

async def main(url, file, keys, now):
    db.bind(db.make_engine(url))
    await db.open_engine()
    with open(file, "rb") as source:
        done = await backup.put_back(source, Path(keys), now=datetime.fromisoformat(now), show=lambda *_: None)
    await db.close_engine()

asyncio.run(main(*sys.argv[1:]))
"""


async def process(script: str, *words: object) -> list[str]:
    """What a new Python process says of it."""

    def run() -> list[str]:
        command = [sys.executable, "-c", script, *map(str, words)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout.splitlines()

    return await to_thread.run_sync(run)


@pytest.fixture
async def blank(
    engine_name: str, sqlite_files: SqliteFiles, postgres_server: PostgresServer, tmp_path: Path, engine: Engine[Any]
) -> AsyncIterator[Settings]:
    """A machine on which nothing was ever made, with a database of the other kind."""
    databases: Databases = postgres_server if engine_name == "sqlite" else sqlite_files
    url = await databases.make(empty=True)
    yield Settings(
        origin=ORIGIN, data=tmp_path / "blank", database=url, mail="smtp://127.0.0.1:9", mail_from="pass@example.org"
    )
    db.bind(engine)
    await databases.remove(url)


async def made(folder: Path, issuer: Issuer, now: datetime) -> Path:
    return await backup.make(folder, ORIGIN, issuer.folder, now=now, show=lambda *_: None)


# --- the server is lost -----------------------------------------------------------------------------------------------


async def pair(museum: Venue, clock: FrozenClock) -> Paired:
    secret = await venues.make_pairing(SYSTEM, museum.id, reusable=False, lifetime=timedelta(hours=1), now=clock())
    return await venues.pair(secret, "Caisse", "goéland", now=clock())


async def last_version(now: datetime) -> int:
    return (await passes.publish_status(now=now)).version


@dataclass
class Lost:
    """What people hold in their hands when the server is gone."""

    file: Path
    camille: Phone
    paired: Paired
    till: Scanner
    in_backup: Item
    newcomer: Phone
    """Of a person and a pass that the backup does not know."""
    moved: Phone
    """Camille's other phone: a pass that the backup does not know, of a person whom it knows."""
    late: Paired
    late_till: Scanner
    version: int


@pytest.fixture
async def lost(town: Town, camille: Phone, tmp_path: Path, clock: FrozenClock) -> Lost:
    """A club that was backed up, and went on for two hours."""
    paired = await pair(town.museum, clock)
    till = Scanner(town.issuer, paired.device, clock, town.benefit)
    in_backup = till.scan(camille.show(clock()))
    await till.hand_in(in_backup)
    benoit = await town.ambassador("Benoît", "Amarre")
    await club.pause(OFFICER, benoit.owner.id, "absent", now=clock())
    file = await made(tmp_path / "backups", town.issuer, clock())

    clock.advance(hours=2)
    await till.hand_in(*(till.scan(camille.show(clock(), nonce=100 + n)) for n in range(3)))
    newcomer = await town.ambassador("Solène", "Dune")
    moved = Phone(town.issuer, camille.owner)
    await moved.put(clock())
    late = await pair(town.museum, clock)
    for _ in range(5):
        await club.resume(OFFICER, benoit.owner.id, now=clock())
        await last_version(clock())
        await club.pause(OFFICER, benoit.owner.id, "absent", now=clock())
        version = await last_version(clock())
    return Lost(
        file,
        camille,
        paired,
        till,
        in_backup,
        newcomer,
        moved,
        late,
        Scanner(town.issuer, late.device, clock, town.benefit),
        version,
    )


@dataclass
class Back:
    """The club on its new machine."""

    browser: httpx.AsyncClient
    settings: Settings
    version: int
    to_recheck: list[str]


@pytest.fixture
async def back(lost: Lost, blank: Settings, clock: FrozenClock) -> AsyncIterator[Back]:
    clock.advance(minutes=30)
    db.bind(db.make_engine(blank.database))
    await db.open_engine()
    with lost.file.open("rb") as source:
        done = await backup.put_back(source, blank.data / "keys", now=clock(), show=lambda *_: None)
    app: Any = create_app(blank, clock=clock)
    async with (
        app.lifespan(),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url=ORIGIN,
            headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"},
        ) as browser,
    ):
        yield Back(browser, blank, done.version, [one.name for one in done.to_recheck])
    await db.close_engine()


def by(paired: Paired) -> dict[str, str]:
    return {"Authorization": f"Device {paired.token}"}


async def hand_in(back: Back, paired: Paired, clock: FrozenClock, *items: Item) -> httpx.Response:
    body = {"sentAtMs": clocks.to_ms(clock()), "queueLength": len(items), "appVersion": "1", "items": items}
    return await back.browser.post("/api/v1/visits", json=body, headers=by(paired))


# --- and comes back ---------------------------------------------------------------------------------------------------


async def test_scanners_and_passes_go_on(lost: Lost, back: Back, clock: FrozenClock) -> None:
    """With token, key and pass of before; and a list that even a scanner takes which has had five more than are known."""
    headers = by(lost.paired) | {"Estran-Status-Version": str(lost.version + 5)}
    answer = await back.browser.get("/api/v1/snapshot", headers=headers)
    assert answer.status_code == 200
    news = answer.json()
    key = jwt.PyJWK(news["keys"][0])
    claims = jwt.decode(news["statusList"], key, ["ES256"], options={"verify_exp": False, "verify_iat": False})
    assert claims["version"] == back.version > lost.version + 5, "a scanner never goes back to an older list"
    assert news["lastSeq"] == 1

    item = lost.till.scan(lost.camille.show(clock()), statusVersion=lost.version)
    answer = await hand_in(back, lost.paired, clock, item, lost.in_backup)
    results = [(one["result"], one["state"]) for one in answer.json()["results"]]
    assert results == [("stored", "counted"), ("duplicate", "counted")]
    kinds = Counter(one.kind for one in await inbox.open_items())
    assert kinds == {"restored": 1, "sequence_gap": 1}, "that three visits are lost is told"
    answer = await back.browser.post("/api/v1/pass/refresh", json={"digits": lost.camille.show(clock())})
    assert answer.json()["credential"] == lost.camille.credential

    folder = back.settings.data / "keys"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]


async def test_what_is_to_be_rechecked_is_told_once(lost: Lost, back: Back, clock: FrozenClock) -> None:
    assert back.to_recheck == ["Camille V."], "Benoît is paused, and Solène is not known any more"
    account = await access.ensure_account("helene@example.org", now=clock())
    await access.grant(account.id, Role.OFFICER)
    session = await access.use_link(await access.invite(account.id, Realm.DESK, now=clock()), now=clock())
    back.browser.cookies.set("__Host-estran_desk", session.token)
    page = read(await back.browser.get("/desk/inbox/?lang=fr"))
    assert "remis en place d’après sa sauvegarde du 15" in page
    assert "1 pass est valable" in page
    assert "/desk/people?state=eligible" in page
    [item] = await inbox.open_items()
    await back.browser.post(f"/desk/inbox/{item.id}/seen")
    assert await inbox.open_items() == []
    assert "remis en place" in read(await back.browser.get("/desk/history?lang=fr"))


async def test_a_pass_of_after_is_let_in_told_and_put_on_its_phone_again(
    lost: Lost, back: Back, clock: FrozenClock
) -> None:
    camille = await club.ambassador(UUID(str(lost.camille.owner.id)))
    owners = {"newcomer": None, "moved": camille.id}
    for who, owner in owners.items():
        item = lost.till.scan(getattr(lost, who).show(clock()))
        answer = await hand_in(back, lost.paired, clock, item)
        assert (answer.status_code, answer.json()["results"][0]["state"]) == (200, "counted")
        assert (await stored(item)).ambassador_id == owner
        assert item["id"] in {str(one.subject_id) for one in await inbox.open_items() if one.kind == "unknown_pass"}

    # The phone hears that its pass is not known, its person signs in, and puts it there anew: on the same key.
    answer = await back.browser.post("/api/v1/pass/refresh", json={"digits": lost.moved.show(clock())})
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_pass")
    session = await access.use_link(await access.invite(camille.account_id, Realm.PASS, now=clock()), now=clock())
    back.browser.cookies.set("__Host-estran_pass", session.token)
    assert (await back.browser.get("/api/v1/me")).json()["eligibility"] == "eligible"
    jwk = tokens.jwk_of(lost.moved.key.public_key())
    answer = await back.browser.post("/api/v1/me/pass", json={"x": jwk["x"], "y": jwk["y"]})
    assert answer.status_code == 201
    lost_ids = {lost.moved.fields().idx, lost.newcomer.fields().idx}
    lost.moved.credential = answer.json()["credential"]
    assert lost.moved.fields().idx > max(lost_ids), "an index is never used again"
    back.browser.cookies.clear()
    answer = await back.browser.post("/api/v1/pass/refresh", json={"digits": lost.moved.show(clock())})
    assert (answer.status_code, answer.json()["status"]) == (200, "valid")


async def test_a_scanner_of_after_pairs_again_and_hands_in_what_it_holds(
    lost: Lost, back: Back, clock: FrozenClock
) -> None:
    item = lost.late_till.scan(lost.camille.show(clock()))
    answer = await hand_in(back, lost.late, clock, item)
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_device"), "the scanner keeps everything"
    answer = await hand_in(back, await pair((await museum())[0], clock), clock, item)
    assert [one["result"] for one in answer.json()["results"]] == ["stored"]


async def test_numbers_go_on_above_all_that_may_have_been_given(lost: Lost, back: Back, clock: FrozenClock) -> None:
    """The list never gets shorter, its version never goes back, a pass has a place of its own: and then all is as ever."""
    before = await passes.publish_status(now=clock())
    assert before.version == back.version
    ada = await Town(Issuer(ORIGIN, back.settings.data / "keys"), clock, *(await museum())).ambassador("Ada", "Flot")
    eve = await Town(Issuer(ORIGIN, back.settings.data / "keys"), clock, *(await museum())).ambassador("Eve", "Flot")
    assert eve.fields().idx == ada.fields().idx + 1 > (MONDAY - passes.EPOCH) // timedelta(minutes=1)
    first = await passes.publish_status(now=clock())
    await passes.revoke(OFFICER, ada.owner.id, "lost", now=clock())
    second = await passes.publish_status(now=clock())
    assert second.version == first.version + 1
    assert status.room(second.lst) >= status.room(before.lst)
    assert status.status_at(second.lst, ada.fields().idx) == status.REVOKED


async def test_the_right_file_after_a_wrong_one(
    town: Town, camille: Phone, blank: Settings, tmp_path: Path, clock: FrozenClock
) -> None:
    """Scanners meet the server that was put back from an old backup, then the one from a newer backup: they go on with both."""
    old = await made(tmp_path / "backups", town.issuer, clock())
    clock.advance(days=3)
    for n in range(4):
        await town.ambassador("Ada", f"Flot{n}")
    new = await made(tmp_path / "backups", town.issuer, clock())
    clock.advance(hours=1)

    async def put_back(file: Path, database: str, folder: str) -> tuple[int, int]:
        """The last version that scanners had of this server, and the place of its newest pass."""
        db.bind(db.make_engine(database))
        await db.open_engine()
        try:
            with file.open("rb") as source:
                await backup.put_back(source, tmp_path / folder, now=clock(), show=lambda *_: None)
            issuer = Issuer(ORIGIN, tmp_path / folder)
            phone = await Town(issuer, clock, *(await museum())).ambassador("Eve", "Flot")
            await passes.revoke(OFFICER, phone.owner.id, "lost", now=clock())
            return (await passes.publish_status(now=clock())).version, phone.fields().idx
        finally:
            await db.close_engine()

    first = await put_back(old, blank.database, "first")
    clock.advance(minutes=10)
    second = await put_back(new, f"sqlite:///{tmp_path}/second.sqlite", "second")
    assert second[0] > first[0]
    assert second[1] > first[1]


async def museum() -> tuple[Venue, Given]:
    [place] = await venues.venues()
    [benefit] = await venues.benefits_of(place.id)
    return place, benefit


# --- while the server runs --------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_a_backup_is_of_one_instant_whoever_writes(
    town: Town, camille: Phone, issuer: Issuer, blank: Settings, tmp_path: Path, database_url: str, clock: FrozenClock
) -> None:
    """Writers go on; each hand-in is in the copy whole or not at all, and the figures are those of its visits."""
    tills = [await town.scanner() for _ in range(4)]
    making = asyncio.create_task(
        process(BACK_UP, database_url, tmp_path / "backups", ORIGIN, issuer.folder, clock().isoformat())
    )

    async def write(till: Scanner) -> None:
        while not making.done():
            pair = [till.scan(camille.show(clock())) for _ in range(2)]
            await till.hand_in(*pair, till.undo(pair[1]) if till.seq % 4 else till.scan(camille.show(clock())))
            await asyncio.sleep(0)

    await asyncio.gather(*(write(till) for till in tills))
    written = await Visit.count()
    [file] = await making
    await process(PUT_BACK, blank.database, file, blank.data / "keys", clock().isoformat())
    db.bind(db.make_engine(blank.database))
    await db.open_engine()
    try:
        assert await Visit.count() < written, "nobody wrote meanwhile: this would prove nothing"
        last = {row.id: row.last_seq for row in await Device.objects()}
        seqs = Counter(await Visit.select(Visit.device_id).output(as_list=True))

        seqs.update(await Change.select(Change.device_id).output(as_list=True))
        assert {one: n for one, n in last.items() if n} == dict(seqs), "a part of a hand-in"
        assert all(n % 3 == 0 for n in seqs.values())
        before = await figures()
        await tally.rebuild()
        assert await figures() == before
    finally:
        await db.close_engine()


async def figures() -> set[tuple[Any, ...]]:
    rows = await Tally.select(Tally.on_day, Tally.venue_id, Tally.state, Tally.reason, Tally.n, Tally.companions)
    return {tuple(row.values()) for row in rows if row["n"]}


# --- files ------------------------------------------------------------------------------------------------------------


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_backup_is_one_file_for_its_owner_alone(camille: Phone, issuer: Issuer, tmp_path: Path) -> None:
    file = await made(tmp_path / "backups", issuer, MONDAY)
    assert file.name == "estran-2026-06-15T100000Z.zip"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert names_in(file.parent) == {file.name}
    with zipfile.ZipFile(file) as packed:
        assert sum(name.startswith("keys/") for name in packed.namelist()) == 1
        assert json.loads(packed.read("archive.json"))["hasKeys"]


async def test_a_backup_that_fails_leaves_nothing_and_takes_nothing(
    camille: Phone, issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    first = await made(folder, issuer, MONDAY)

    async def full(*_: Any, **__: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("estran.archive.write", full)
    with pytest.raises(OSError, match="no space left"):
        await made(folder, issuer, MONDAY + timedelta(days=1))
    assert names_in(folder) == {first.name}


def test_only_old_backups_of_ours_go(tmp_path: Path) -> None:
    names = [f"estran-2026-06-{day:02}T100000Z.zip" for day in range(1, 10)]
    others = [
        "estran-2026-06-15.zip",
        "estran-2026-06-01T100000Z.zip.age",
        "notes.txt",
        ".estran-writing_",
        ".estran-notes.txt",
    ]
    for name in [*names, *others, ".estran-killed00"]:
        (tmp_path / name).touch()
    two_days_ago = datetime.now().timestamp() - 2 * 86400  # noqa: DTZ005
    for name in (".estran-killed00", ".estran-notes.txt"):
        os.utime(tmp_path / name, (two_days_ago, two_days_ago))
    gone = backup.prune(tmp_path, 3, now=datetime.now().astimezone())
    assert [path.name for path in gone] == names[:-3]
    assert names_in(tmp_path) == {*names[-3:], *others}
    assert backup.prune(tmp_path, 3, now=datetime.now().astimezone()) == []


def test_the_new_backup_stays_though_others_are_from_the_future(tmp_path: Path) -> None:
    """They were made while the clock was wrong."""
    names = [f"estran-2026-06-{day:02}T100000Z.zip" for day in (14, 15)]
    future = [f"estran-2099-01-0{day}T100000Z.zip" for day in (1, 2, 3)]
    for name in [*names, *future]:
        (tmp_path / name).touch()
    assert [path.name for path in backup.prune(tmp_path, 3, now=MONDAY)] == future[:2]
    assert [path.name for path in backup.prune(tmp_path, 1, now=MONDAY)] == [future[2], names[0]]
    assert names_in(tmp_path) == {names[1]}


async def test_a_machine_that_is_behind_is_told_so(
    camille: Phone, issuer: Issuer, blank: Settings, tmp_path: Path
) -> None:
    """Its list would be older than what scanners have."""
    file = await made(tmp_path / "backups", issuer, MONDAY)
    db.bind(db.make_engine(blank.database))
    await db.open_engine()
    try:
        with pytest.raises(Conflict, match="set this machine's clock") as refused:
            await backup.put_back(
                io.BytesIO(file.read_bytes()),
                blank.data / "keys",
                now=MONDAY - timedelta(days=1),
                show=lambda *_: None,
            )
    finally:
        await db.close_engine()
    assert refused.value.code == "clock_behind"
    assert not (blank.data / "keys").exists()
