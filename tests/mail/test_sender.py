"""The outbox and its task, against a real SMTP server: nothing is lost, nobody waits, failures are seen."""

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from piccolo.engine.base import Engine

from estran import db
from estran.app import create_app
from estran.events import rules as event_rules
from estran.inbox import service as inbox
from estran.mail import service as mail
from estran.mail.sender import Sender
from estran.mail.tables import Letter
from estran.privacy import retention
from estran.settings import Settings
from tests.access.letters import ambassador
from tests.conftest import FrozenClock
from tests.postoffice import Postman, PostOffice

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("engine")]

TO = "camille@example.org"
ABOUT = UUID(int=7)
PARIS = ZoneInfo("Europe/Paris")


async def club_name() -> str:
    return "Club « Côte & Mer », ambassadeurs"


async def daytime(now: datetime) -> datetime:
    return event_rules.daytime(now, PARIS)


@pytest.fixture
def sender(settings: Settings, office: PostOffice, clock: FrozenClock) -> Sender:
    """The task's work without the task: tests say when it looks."""
    return Sender(replace(settings, mail=office.url), clock, club_name, daytime)


async def write(clock: FrozenClock, to: str = TO, minutes: int | None = None, subject: str = "Bonjour") -> Letter:
    expires_at = None if minutes is None else clock() + timedelta(minutes=minutes)
    return await mail.write(
        "sign_in",
        to,
        subject,
        "Le code : 123456",
        "<p>123456</p>",
        now=clock(),
        subject_id=ABOUT,
        expires_at=expires_at,
    )


async def until(is_so: Callable[[], Awaitable[bool]], within_s: float = 10) -> None:
    end = time.monotonic() + within_s
    while not await is_so():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


# --- what arrives -----------------------------------------------------------------------------------------------------


async def test_a_letter_arrives_with_its_headers(sender: Sender, postman: Postman, clock: FrozenClock) -> None:
    letter = await write(clock, subject="Votre code · Côte")
    assert await sender.send_due() == 1
    recipients, message = postman.letters[0]
    assert recipients == [TO]
    assert message["to"] == TO
    assert message["from"].addresses[0].addr_spec == "pass@example.org"
    assert message["from"].addresses[0].display_name == "Club « Côte & Mer », ambassadeurs"
    assert message["subject"] == "Votre code · Côte"
    assert message["message-id"] == f"<{letter.message_id}@example.org>"
    assert message["date"].datetime == clock()
    assert message["auto-submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


async def test_what_was_sent_is_emptied_and_not_sent_again(
    sender: Sender, postman: Postman, clock: FrozenClock
) -> None:
    letter = await write(clock)
    await sender.send_due()
    kept = await mail.letter(letter.id)
    assert (kept.text, kept.html, kept.sent_at) == ("", "", clock())
    assert kept.next_try_at is None
    clock.advance(days=1)
    assert await sender.send_due() == 0
    assert len(postman.letters) == 1


async def test_what_goes_along_arrives_and_is_emptied_too(sender: Sender, postman: Postman, clock: FrozenClock) -> None:
    letter = await mail.write(
        "news", TO, "x", "x", "x", calendar="BEGIN:VCALENDAR", unsubscribe="https://x/letters/t", now=clock()
    )
    await sender.send_due()
    [(_, message)] = postman.letters
    assert message["list-unsubscribe"] == "<https://x/letters/t>"
    assert [part.get_content_type() for part in message.iter_attachments()] == ["text/calendar"]
    kept = await mail.letter(letter.id)
    assert (kept.calendar, kept.unsubscribe) == ("", "")


async def test_an_address_with_accents_travels(sender: Sender, postman: Postman, clock: FrozenClock) -> None:
    await write(clock, "zoé@exemple.fr")
    await sender.send_due()
    assert postman.addresses == ["zoé@exemple.fr"]


@pytest.mark.parametrize(
    ("to", "subject"),
    [("a@example.org\r\nBcc: b@example.org", "x"), (TO, "x\r\nBcc: b@example.org"), ("nobody", "x"), ("", "x")],
)
async def test_nothing_can_be_slipped_into_the_headers(
    sender: Sender, postman: Postman, clock: FrozenClock, to: str, subject: str
) -> None:
    letter = await write(clock, to, subject=subject)
    await sender.send_due()
    assert "b@example.org" not in postman.addresses
    assert all(message["bcc"] is None for _, message in postman.letters)
    assert (await mail.letter(letter.id)).failed_at is not None


async def test_a_letter_of_a_transaction_that_failed_does_not_exist(clock: FrozenClock) -> None:
    @db.writes
    async def act() -> None:
        await write(clock)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - our own
        await act()
    assert await mail.letters() == []


# --- what goes wrong --------------------------------------------------------------------------------------------------


async def test_a_dead_server_loses_nothing(sender: Sender, office: PostOffice, clock: FrozenClock) -> None:
    await write(clock)
    await write(clock, "eric@example.org")
    assert await sender.send_due() == 0
    assert await sender.send_due() == 0
    office.open()
    clock.advance(minutes=1)
    assert await sender.send_due() == 2
    assert sorted(office.postman.addresses) == [TO, "eric@example.org"]
    assert await inbox.count_open() == 0


async def test_what_leaves_by_day_only_is_not_tried_again_at_night(
    sender: Sender, office: PostOffice, clock: FrozenClock
) -> None:
    clock.now = datetime(2026, 6, 15, 19, 59, tzinfo=PARIS)
    for kind, to in (("news", "eric@example.org"), ("sign_in", TO)):
        await mail.write(kind, to, "x", "x", "x", now=clock(), expires_at=clock() + timedelta(days=3))
        assert await sender.send_due() == 0
    office.open()
    clock.advance(minutes=3)
    assert await sender.send_due() == 1
    assert office.postman.addresses == [TO]  # somebody is waiting for that one
    clock.advance(minutes=1)
    await mail.write("news", "odile@example.org", "x", "x", "x", now=clock())
    assert await sender.send_due() == 0
    clock.now = datetime(2026, 6, 16, 7, 59, tzinfo=PARIS)
    assert await sender.send_due() == 0
    assert await mail.stuck_since(now=clock()) is None  # waiting for the morning is no trouble
    clock.advance(minutes=1)
    assert await sender.send_due() == 2
    assert {one.tries for one in await mail.letters() if one.to_email == "odile@example.org"} == {1}


async def test_what_is_over_by_the_morning_was_too_late_and_not_waiting(sender: Sender, clock: FrozenClock) -> None:
    clock.now = datetime(2026, 6, 15, 23, tzinfo=PARIS)
    letter = await mail.write("news", TO, "x", "x", "x", now=clock(), expires_at=clock() + timedelta(hours=3))
    for _ in range(2):
        assert await sender.send_due() == 0
        clock.now = datetime(2026, 6, 16, 8, tzinfo=PARIS)
    assert (await mail.letter(letter.id)).error == "too late to be of use"


async def test_the_waits_grow_until_the_letter_is_given_up(sender: Sender, clock: FrozenClock) -> None:
    letter = await write(clock)
    begun, waits = clock(), []
    while (next_at := await mail.next_try_at()) is not None:
        waits.append(next_at - clock())
        clock.now = next_at
        await sender.send_due()
    minutes = [wait // timedelta(minutes=1) for wait in waits]
    assert minutes[:7] == [0, 1, 5, 15, 60, 180, 360]
    assert timedelta(days=1, hours=12) < clock() - begun <= timedelta(days=2)
    kept = await mail.letter(letter.id)
    assert (kept.failed_at, kept.text) == (clock(), "")
    [item] = await inbox.open_items()
    assert (item.kind, item.subject_id, item.details["kind"]) == ("letter_failed", ABOUT, "sign_in")
    assert TO not in str(item)


async def test_a_code_that_is_over_is_not_sent(sender: Sender, office: PostOffice, clock: FrozenClock) -> None:
    letter = await write(clock, minutes=15)
    await sender.send_due()
    clock.advance(minutes=15)
    office.open()
    assert await sender.send_due() == 0
    assert office.postman.letters == []
    assert (await mail.letter(letter.id)).failed_at is not None
    assert [item.kind for item in await inbox.open_items()] == ["letter_failed"]


async def test_a_full_mailbox_is_tried_again(sender: Sender, postman: Postman, clock: FrozenClock) -> None:
    postman.rcpt[TO] = f"452 4.2.2 mailbox of {TO} full"
    letter = await write(clock)
    await write(clock, "eric@example.org")
    assert await sender.send_due() == 1  # the other one is not kept waiting
    kept = await mail.letter(letter.id)
    assert kept.failed_at is None
    assert kept.error == "452 4.2.2 mailbox of <address> full"
    postman.rcpt.clear()
    clock.advance(minutes=1)
    assert await sender.send_due() == 1
    assert (await mail.letter(letter.id)).error is None


@pytest.mark.parametrize("where", ["rcpt", "data"])
async def test_a_refusal_for_good_reaches_the_officer_at_once(
    sender: Sender, postman: Postman, clock: FrozenClock, where: str
) -> None:
    if where == "rcpt":
        postman.rcpt[TO] = "550 5.1.1 no such user"
    else:
        postman.data = "554 5.7.1 looks like spam"
    letter = await write(clock)
    await write(clock)  # twice the same trouble is one line in the inbox
    await sender.send_due()
    assert (await mail.letter(letter.id)).failed_at == clock()
    [item] = await inbox.open_items()
    assert item.kind == "letter_failed"
    assert item.details["error"][:3] in {"550", "554"}
    clock.advance(days=1)
    assert await sender.send_due() == 0


async def test_a_refused_sender_is_our_own_trouble_and_waits(
    sender: Sender, postman: Postman, clock: FrozenClock
) -> None:
    postman.sender = "550 5.7.1 you may not send from here"
    letter = await write(clock)
    assert await sender.send_due() == 0
    assert (await mail.letter(letter.id)).failed_at is None
    postman.sender = "250 OK"
    clock.advance(minutes=1)
    assert await sender.send_due() == 1


async def test_the_log_names_nobody(
    sender: Sender, postman: Postman, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    postman.rcpt[TO] = f"550 5.1.1 {TO} unknown"
    with caplog.at_level(logging.DEBUG, logger="estran"):
        await write(clock)
        await sender.send_due()
    assert caplog.messages
    assert "example.org" not in caplog.text.replace("tests", "")
    assert "123456" not in caplog.text


# --- the running application ------------------------------------------------------------------------------------------


def served(settings: Settings, clock: FrozenClock, office: PostOffice) -> Any:
    return create_app(replace(settings, mail=office.url), clock=clock)


async def test_a_sign_in_letter_leaves_by_itself(
    settings: Settings, clock: FrozenClock, office: PostOffice, postman: Postman
) -> None:
    app = served(settings, clock, office)
    async with app.lifespan(), browser(app, settings) as client:
        await ambassador(TO)
        assert (await client.post("/api/v1/sign-in", json={"email": TO})).status_code == 202
        await until(lambda: arrived(postman, 1))


async def test_a_bell_that_rings_as_the_server_stops_does_not_keep_it_from_stopping(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    rings: list[Callable[[], None]] = []

    async def look() -> int:
        looked.append(1)
        return 0

    def hear(ring: Callable[[], None]) -> Callable[[], None]:
        rings.append(ring)
        return lambda: None

    monkeypatch.setattr(sender, "send_due", look)
    monkeypatch.setattr(mail, "hear", hear)
    async with asyncio.timeout(5) as limit:
        async with sender:
            await until(lambda: has(looked))
            rings[0]()
    assert not limit.expired()


async def has(looked: list[int]) -> bool:
    return bool(looked)


async def test_no_request_waits_for_a_mail_server_that_hangs(settings: Settings, clock: FrozenClock) -> None:
    silent = socket.create_server(("127.0.0.1", 0))  # connects, and never says a word
    app = create_app(replace(settings, mail=f"smtp://127.0.0.1:{silent.getsockname()[1]}"), clock=clock)
    async with app.lifespan(), browser(app, settings) as client:
        await ambassador(TO)
        await client.post("/api/v1/sign-in", json={"email": TO})
        await asyncio.sleep(0.2)  # the sender is in the thread now, waiting for a greeting
        begun = time.monotonic()
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.post("/api/v1/sign-in", json={"email": TO})).status_code == 202
        assert time.monotonic() - begun < 2
    silent.close()


async def test_letters_written_before_a_restart_leave_after_it(
    settings: Settings, clock: FrozenClock, office: PostOffice, engine: Engine[Any]
) -> None:
    app = served(settings, clock, office)
    async with app.lifespan(), browser(app, settings) as client:  # the office is closed
        await ambassador(TO)
        await client.post("/api/v1/sign-in", json={"email": TO})
        await until(tried_once)
    office.open()
    clock.advance(minutes=2)
    async with served(settings, clock, office).lifespan():
        await until(lambda: arrived(office.postman, 1))


async def arrived(postman: Postman, n: int) -> bool:
    return len(postman.letters) >= n


async def tried_once() -> bool:
    return any(letter.tries for letter in await mail.letters())


def browser(app: Any, settings: Settings) -> httpx.AsyncClient:
    headers = {"origin": settings.origin}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=settings.origin, headers=headers)


async def test_old_letters_are_forgotten_and_waiting_ones_are_not(
    sender: Sender, postman: Postman, clock: FrozenClock
) -> None:
    await write(clock)
    await sender.send_due()
    clock.advance(days=91)
    waiting = await write(clock)
    await retention.run(now=clock())
    assert [letter.id for letter in await mail.letters()] == [waiting.id]
