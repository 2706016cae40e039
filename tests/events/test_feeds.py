"""One person's calendar at a secret address: theirs alone, and gone when they say so, or are."""

import logging
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from icalendar import Calendar

from estran.actor import SYSTEM
from estran.club import service as club
from estran.events import feeds, planning
from estran.events.tables import Feed
from estran.history import service as history
from tests.conftest import FrozenClock
from tests.events.cast import OFFICER, opened, people, says, slot

pytestmark = pytest.mark.anyio


async def titles(client: httpx.AsyncClient, token: str) -> list[tuple[str, str]]:
    answer = await client.get(f"/calendar/{token}.ics")
    assert answer.status_code == 200
    return [(str(one["SUMMARY"]), str(one["STATUS"])) for one in read(answer.text).events]


def read(text: str) -> Any:
    return Calendar.from_ical(text)


async def made(ambassador_id: UUID, clock: FrozenClock) -> str:
    return await feeds.make(SYSTEM, ambassador_id, now=clock())


async def test_it_holds_what_one_comes_to_or_waits_for_and_nothing_else(
    client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    camille, odile = await people(2, clock)
    mine = await opened(clock, slot(3), title="Pêche à pied")
    full = await opened(clock, slot(1, capacity=1), title="Phare")
    no = await opened(clock, title="Concert")
    await opened(clock, title="Balade")
    await says(mine, camille, clock())
    await says(full, odile, clock())
    await says(full, camille, clock())
    await says(no, camille, clock(), coming=False)
    token = await made(camille, clock)
    assert await titles(client, token) == [("Liste d’attente\u00a0: Phare", "TENTATIVE"), ("Pêche à pied", "CONFIRMED")]
    await planning.cancel_event(OFFICER, mine.id, "Coup de vent", now=clock())
    await says(full, odile, clock(), coming=False)
    assert await titles(client, token) == [("Phare", "CONFIRMED"), ("Pêche à pied", "CANCELLED")]
    answer = await client.get(f"/calendar/{token}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer.headers["cache-control"]
    assert read(answer.text)["REFRESH-INTERVAL"].dt == timedelta(hours=6)


async def test_an_unknown_address_an_ended_one_and_an_erased_person_are_the_same_404(
    client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    camille, odile = await people(2, clock)
    ended, erased = await made(camille, clock), await made(odile, clock)
    assert await feeds.has(camille)
    for _ in range(2):
        await feeds.end_all(SYSTEM, camille, now=clock())
    assert not await feeds.has(camille)
    await planning.forget(odile, now=clock())
    await club.forget(odile, now=clock())
    answers = [
        await client.get(f"/calendar/{name}")
        for name in (f"{ended}.ics", f"{erased}.ics", "x.ics", ended, ".ics", "é\ud7ff.ics", "[].ics", "%00.ics")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r'href="[^"]*"', "", answer.text) for answer in answers}) == 1
    did = [entry.action for entry in await history.entries_about(camille)]
    assert did.count("events.make_feed") == did.count("events.end_feeds") == 1


async def test_only_its_hash_is_kept_and_one_address_too_many_ends_the_oldest(
    client: httpx.AsyncClient, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    [camille] = await people(1, clock)
    tokens = []
    with caplog.at_level(logging.DEBUG, logger="estran"):
        for _ in range(feeds.MOST + 2):
            tokens.append(await made(camille, clock))
            clock.advance(seconds=1)
        codes = [(await client.get(f"/calendar/{token}.ics")).status_code for token in tokens]
    assert codes == [404, 404, *[200] * feeds.MOST]
    kept = str(await Feed.select())
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("estran")]
    assert not [token for token in tokens if token in kept or token in str(logged)]


async def test_it_is_not_read_without_end(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    codes = [(await client.get("/calendar/x.ics")).status_code for _ in range(61)]
    assert codes == [*[404] * 60, 429]
