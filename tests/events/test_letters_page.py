"""The page behind a letter's last link: opening it changes nothing, a button does; so does the mail program's own."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from estran.club import service as club
from estran.events import links, news, planning
from estran.events.rules import Topic
from estran.history import service as history
from tests.conftest import FrozenClock
from tests.events.cast import people

pytestmark = pytest.mark.anyio


async def link(app: Any, ambassador_id: UUID, clock: FrozenClock, topic: Topic = Topic.INVITATIONS) -> str:
    token = await links.quiet_token(
        app.state.issuer, ambassador_id, topic, expires_at=clock() + timedelta(days=365), now=clock()
    )
    return f"/letters/{token}"


def ticked(page: str) -> set[str]:
    return {name for name in Topic if re.search(rf'<input type="checkbox" name="{name}"[^>]* checked', page)}


async def test_opening_changes_nothing_and_one_button_stops_a_topic(
    app: Any, client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    [camille] = await people(1, clock)
    address = await link(app, camille, clock)
    page = (await client.get(address)).text
    assert await news.topics_of(camille) == set(Topic)
    assert ticked(page) == set(Topic)
    assert "Ne plus recevoir d’invitations" in page
    assert "Ami00" not in page  # whoever finds the link learns nothing of the person
    answer = await client.post(address, data={"act": "stop"})
    assert answer.status_code == 303
    assert await news.topics_of(camille) == {Topic.REMINDERS, Topic.THANKS}
    page = (await client.get(answer.headers["location"])).text
    assert 'role="status"' in page
    assert ticked(page) == {Topic.REMINDERS, Topic.THANKS}
    assert "Ne plus recevoir" not in page
    [entry] = [one for one in await history.entries_about(camille) if one.action == "events.topics"]
    assert entry.actor_id == (await club.ambassador(camille)).account_id


async def test_each_topic_may_be_chosen(app: Any, client: httpx.AsyncClient, clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    address = await link(app, camille, clock)
    await client.post(address, data={"act": "choose", "thanks": "yes", "x": "yes"})
    assert await news.topics_of(camille) == {Topic.THANKS}
    await client.post(address, data={"act": "choose"} | dict.fromkeys(Topic, "yes"))
    assert await news.topics_of(camille) == set(Topic)


async def test_the_mail_programs_own_button_needs_no_page_and_no_session(
    app: Any, client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    """RFC 8058: a POST from somebody else's server, without a cookie, that follows no redirection."""
    [camille] = await people(1, clock)
    address = await link(app, camille, clock, Topic.THANKS)
    for _ in range(2):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=str(client.base_url)) as robot:
            answer = await robot.post(address, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert await news.topics_of(camille) == {Topic.INVITATIONS, Topic.REMINDERS}


async def test_a_link_that_is_not_one_any_more_says_where_to_go(
    app: Any, client: httpx.AsyncClient, clock: FrozenClock
) -> None:
    camille, odile = await people(2, clock)
    address, erased = await link(app, camille, clock), await link(app, odile, clock)
    await planning.forget(odile, now=clock())
    await club.forget(odile, now=clock())
    clock.advance(days=364)
    bad = [erased, f"{address[:-4]}AAAA", "/letters/x", f"/letters/{'x' * 5000}"]
    for path in bad:
        for answer in (await client.get(path), await client.post(path, data={"act": "stop"})):
            assert answer.status_code == 404
            assert "Ce lien n’est plus valable" in answer.text
    clock.advance(days=1)
    assert (await client.get(address)).status_code == 404
    assert await news.topics_of(camille) == set(Topic)


async def test_what_cannot_be_read_is_no_fault_of_ours(app: Any, client: httpx.AsyncClient, clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    address = await link(app, camille, clock)
    for kind in ("application/x-www-form-urlencoded; charset=no-such", "multipart/form-data", "application/json", "x"):
        answer = await client.post(address, content=b"\xff=%ff&act=%00", headers={"content-type": kind})
        assert 400 <= answer.status_code < 500, kind
    assert await news.topics_of(camille) == set(Topic)


async def test_it_is_there_in_english(app: Any, client: httpx.AsyncClient, clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    page = (await client.get(f"{await link(app, camille, clock)}?lang=en")).text
    assert "Receive no more invitations" in page
