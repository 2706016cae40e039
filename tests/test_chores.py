"""What the server does by itself every hour."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest

from estran import app as application
from estran.access import service as access
from estran.access.rules import Realm
from estran.access.tables import SignIn
from estran.actor import SYSTEM
from estran.app import do_chores
from estran.events import news
from estran.mail.letters import Letterhead
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.settings import Settings
from estran.venues import service as venues
from tests.access.letters import HEAD
from tests.conftest import FrozenClock

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]


async def test_one_chore_that_fails_keeps_no_other_from_its_work(
    settings: Settings, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(**_: Any) -> None:
        raise OSError("somebody's data")

    museum = await venues.add_venue(SYSTEM, name="Musée", commune="", address="", url="", contact_email="", now=clock())
    poster = await venues.make_pairing(SYSTEM, museum.id, reusable=True, lifetime=timedelta(days=365), now=clock())
    waiting = await venues.pair(poster, "Tablette", "goéland", now=clock())
    await access.ask_letter("nobody@example.org", Realm.PASS, head=HEAD, now=clock())
    clock.advance(days=7)
    monkeypatch.setattr(passes, "publish_status", fail)
    with caplog.at_level(logging.ERROR, logger="estran"):
        await do_chores(settings, now=clock())
    assert (await venues.device(waiting.device.id)).state == "cut"
    assert await SignIn.count() == 0
    [record] = caplog.records
    assert f"event=chore_failed chore={fail.__module__}.fail type=OSError" in record.getMessage()
    assert "somebody" not in caplog.text


async def test_what_is_told_about_events_leaves_within_the_minute(
    settings: Settings, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []
    heard = asyncio.Event()

    async def send_due(issuer: Issuer, head: Letterhead, *, now: datetime) -> int:
        assert (issuer.iss, head.origin) == (settings.origin, settings.origin)
        asked.append(now)
        if len(asked) == 1:
            raise OSError("tried again")
        heard.set()
        return 0

    monkeypatch.setattr(application, "NEWS_EVERY_S", 0.001)
    monkeypatch.setattr(news, "send_due", send_due)
    async with application.create_app(settings, clock=clock).lifespan(), asyncio.timeout(10):
        await heard.wait()
    assert asked[:2] == [clock(), clock()]
