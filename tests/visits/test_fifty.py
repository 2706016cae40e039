"""Fifty writers at once, on either database, two processes on PostgreSQL: counts, quotas and places in the list hold."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import httpx
import pytest
from anyio import to_thread

from estran import clock as clocks
from estran.actor import SYSTEM
from estran.inbox import service as inbox
from estran.passes import service as passes
from estran.passes import status
from estran.passes.tables import Pass, StatusList
from estran.visits import tally
from estran.visits.tables import Tally, Visit
from tests.conftest import FrozenClock
from tests.visits.conftest import Item, Phone, Scanner, Town

pytestmark = pytest.mark.anyio

QUOTA = 2
N = 50
TILLS = 10
"""As many scanners as a venue may have."""


async def visits_of_fifty(town: Town, camille: Phone, clock: FrozenClock) -> list[tuple[Scanner, Item]]:
    """Half of them with a code of their own, half with one and the same, at ten scanners that know nothing of each other."""
    await town.terms(quota=QUOTA)
    tills = [await town.scanner() for _ in range(TILLS)]
    same = camille.show(clock())
    codes = [camille.show(clock()) if number % 2 else same for number in range(N)]
    return [(tills[n % TILLS], tills[n % TILLS].scan(code, companions=n % 3)) for n, code in enumerate(codes)]


def by(till: Scanner) -> dict[str, str]:
    return {"Authorization": f"Device {till.token}"}


async def assert_it_adds_up() -> None:
    """What counts beyond the quota is before the officer, a code counts once, and the figures are those of the visits."""
    rows = await Visit.objects()
    states = Counter(row.state for row in rows)
    assert states == {"counted": N // 2 + 1, "rejected": N // 2 - 1}
    counted = [row for row in rows if row.state == "counted"]
    assert len({(row.jti, row.iat, row.nonce) for row in counted}) == len(counted)
    waiting = Counter(item.kind for item in await inbox.open_items())
    assert waiting["over_quota"] == len(counted) - QUOTA
    figures = [(row.n, row.companions) for row in await Tally.objects()]
    assert figures == [(len(counted), sum(row.companions for row in counted))]
    await tally.rebuild()
    assert [(row.n, row.companions) for row in await Tally.objects()] == figures


async def assert_places_are_unique(count: int) -> None:
    """Every pass has a place of its own, without gaps, and every published list a version of its own."""
    assert sorted(await Pass.select(Pass.idx).output(as_list=True)) == list(range(count))
    versions = sorted(await StatusList.select(StatusList.version).output(as_list=True))
    assert versions == list(range(1, len(versions) + 1))


async def test_fifty_visits_at_once(client: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock) -> None:
    """Over HTTP, while others ask for their news: nobody gets an error."""
    scans = await visits_of_fifty(town, camille, clock)

    async def hand_in(till: Scanner, item: Item) -> httpx.Response:
        batch = {"sentAtMs": clocks.to_ms(clock()), "queueLength": 1, "appVersion": "1", "items": [item]}
        return await client.post("/api/v1/visits", json=batch, headers=by(till))

    answers = await asyncio.gather(
        *(hand_in(till, item) for till, item in scans),
        *(client.get("/api/v1/snapshot", headers=by(till)) for till, _ in scans),
        *(client.get("/status") for _ in range(10)),
    )
    assert {answer.status_code for answer in answers} == {200}
    await assert_it_adds_up()


async def test_fifty_passes_at_once(town: Town, camille: Phone, clock: FrozenClock) -> None:
    """While some are revoked, and everybody publishes the list."""
    people = [(await town.ambassador("Ada", f"Flot{n}")).owner for n in range(N)]
    before = await Pass.count()
    phones = [Phone(town.issuer, person) for person in people]
    await asyncio.gather(
        *(phone.put(clock()) for phone in phones),
        *(passes.publish_status(now=clock()) for _ in range(10)),
        *(passes.revoke(SYSTEM, person.id, "lost", now=clock()) for person in people[:10]),
    )
    await assert_places_are_unique(before + N)
    newest = await passes.publish_status(now=clock())
    for row in await Pass.objects():
        wanted = status.REVOKED if row.revoked_at is not None else status.VALID
        assert status.status_at(newest.lst, row.idx) == wanted


# --- two processes ----------------------------------------------------------------------------------------------------

PROCESS = """
import asyncio, json, sys
from datetime import datetime
from pathlib import Path
from uuid import UUID
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from estran import db
from estran.errors import Unavailable
from estran.passes import service as passes, token
from estran.passes.keys import Issuer
from estran.visits import service
from estran.visits.items import BatchIn

async def hand_in(issuer, now, device, batch):
    body = msgspec.json.decode(msgspec.json.encode(batch), type=BatchIn)
    while True:  # as a scanner does (docs/sync.md 5)
        try:
            await service.intake(issuer, UUID(device), body, now=now)
            return
        except Unavailable:
            pass

async def put(issuer, now, person):
    jwk = token.jwk_of(generate_private_key(SECP256R1()).public_key())
    await passes.issue(issuer, UUID(person), jwk["x"], jwk["y"], "Android", now=now)

async def main(url, origin, keys, now, work):
    issuer, now, work = Issuer(origin, Path(keys)), datetime.fromisoformat(now), json.loads(Path(work).read_text())
    db.bind(db.make_engine(url))
    await db.open_engine()
    print("ready", flush=True)
    sys.stdin.readline()
    await asyncio.gather(
        *(hand_in(issuer, now, device, batch) for device, batch in work["visits"]),
        *(service.snapshot(issuer, UUID(device), now=now) for device, _ in work["visits"]),
        *(put(issuer, now, person) for person in work["people"]),
    )
    await db.close_engine()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("engine_name", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_two_processes_with_twenty_five_writers_each(
    town: Town, camille: Phone, clock: FrozenClock, database_url: str, tmp_path: Path
) -> None:
    """Nobody coordinates them but the database: visits and new passes, all at once."""
    scans = await visits_of_fifty(town, camille, clock)
    people = [str((await town.ambassador("Ada", f"Flot{n}")).owner.id) for n in range(N)]
    before = await Pass.count()
    works = []
    for half in (0, 1):
        visits = [
            (str(till.device.id), {"sentAtMs": clocks.to_ms(clock()), "queueLength": 1, "items": [item]})
            for till, item in scans[half::2]
        ]
        works.append(tmp_path / f"work-{half}.json")
        works[-1].write_text(json.dumps({"visits": visits, "people": people[half::2]}))
    await to_thread.run_sync(together, database_url, town, clock, works)
    await assert_it_adds_up()
    await assert_places_are_unique(before + N)


def together(url: str, town: Town, clock: FrozenClock, works: list[Path]) -> None:
    words = [url, town.issuer.iss, str(town.issuer.folder), clock().isoformat()]
    running: list[subprocess.Popen[str]] = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, *words, str(work)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for work in works
    ]
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in running:
        _, error = one.communicate(timeout=120)
        assert one.returncode == 0, error
