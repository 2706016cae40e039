"""The demo's mailbox: there in the demo, and nowhere else."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from estran.app import create_app
from estran.mail import service as mail
from estran.settings import Settings
from tests.access.letters import ambassador, code_in, newest
from tests.conftest import FrozenClock

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]

TO = "camille@example.org"
NOT_THERE = "/demo/mailbox/00000000-0000-0000-0000-000000000000"


async def test_outside_the_demo_nobody_reaches_the_mailbox(client: httpx.AsyncClient, clock: FrozenClock) -> None:
    letter = await mail.write("sign_in", TO, "x", "the code", "x", now=clock())
    for path in ("/demo/mailbox", "/demo/mailbox/", f"/demo/mailbox/{letter.id}", NOT_THERE):
        for method in ("GET", "HEAD", "POST"):
            answer = await client.request(method, path)
            assert answer.status_code == 404
            assert "the code" not in answer.text


async def test_the_demos_mailbox_shows_each_letter_with_its_code(settings: Settings, clock: FrozenClock) -> None:
    app: Any = create_app(replace(settings, demo=True, mail="mailbox:"), clock=clock)
    transport = httpx.ASGITransport(app=app)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=settings.origin) as client:
        assert "Aucun e-mail" in (await client.get("/demo/mailbox")).text
        await ambassador(TO)
        await client.post("/api/v1/sign-in", json={"email": TO})
        for _ in range(300):
            letter = await newest(TO)
            if letter.sent_at is not None:
                break
            await asyncio.sleep(0.01)
        assert letter.sent_at == clock()
        box = await client.get("/demo/mailbox")
        assert TO in box.text
        assert f"/demo/mailbox/{letter.id}" in box.text
        shown = await client.get(f"/demo/mailbox/{letter.id}")
        assert code_in(letter) in shown.text
        assert "Démonstration\u00a0: avantages fictifs" in shown.text
        assert (await client.get(NOT_THERE)).status_code == 404
        assert (await client.get("/demo/mailbox/nonsense")).status_code == 404
