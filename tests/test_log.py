"""One line per event on standard error, and nobody's name, address or token in any of them."""

import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from litestar import get
from litestar.params import FromPath

from estran import db
from estran.app import create_app, do_chores
from estran.club import service as club
from estran.log import Event, Line, broke
from estran.mail.sender import Sender
from estran.settings import Settings
from tests.access.letters import ambassador, code_in, newest, token_in
from tests.conftest import ORIGIN, FrozenClock

EMAIL = "camille.vidal@example.org"
NAMES = ("camille", "vidal", "example.org", "203.0.113.7", "telephone")


def line(record: logging.LogRecord) -> str:
    return Line().format(record)


def record_of(name: str, message: Any, *values: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord(name, logging.WARNING, __file__, 1, message, values, info)
    made.created = 1_781_517_600.0
    return made


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


# --- the form ---------------------------------------------------------------------------------------------------------


def test_an_event_is_one_line_of_pairs() -> None:
    said = line(record_of("estran.mail", Event("letters", sent=3, why='two\nlines and a "quote"')))
    assert said == (
        "at=2026-06-15T10:00:00Z level=warning from=estran.mail event=letters sent=3 "
        r'why="two\nlines and a \"quote\""'
    )


def test_the_journal_is_told_how_grave_it_is() -> None:
    record = record_of("estran", Event("letters"))
    assert Line(for_journal=True).format(record) == f"<4>{line(record)}"


def test_an_exception_brings_its_type_and_place_only() -> None:
    said = line(record_of("estran", broke("chore_failed", raised(ValueError(EMAIL)), chore="x.y")))
    assert re.search(r'event=chore_failed chore=x\.y type=ValueError place="?test_log\.py:\d+"?$', said)


@pytest.mark.parametrize(
    ("name", "message", "kept"),
    [
        ("uvicorn.error", "Invalid HTTP request received.", 'event=foreign text="Invalid HTTP request received."'),
        ("uvicorn.error", "%s is odd", 'event=foreign text="%s is odd"'),
        ("uvicorn.error", "Exception in ASGI application\n" + EMAIL, 'text="Exception in ASGI application"'),
        ("uvicorn.error", OSError(EMAIL), "event=foreign"),
        ("asyncio", f"Exception in callback greet('{EMAIL}')", "event=foreign"),
    ],
)
def test_of_others_messages_no_value_is_kept(name: str, message: Any, kept: str) -> None:
    values = (EMAIL,) if "%s" in str(message) else ()
    said = line(record_of(name, message, *values, error=raised(RuntimeError(EMAIL))))
    assert kept in said
    assert "type=RuntimeError place=" in said
    assert "camille" not in said
    assert "\n" not in said


# --- nobody in it -----------------------------------------------------------------------------------------------------


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the server's process would write at its most talkative level."""
    before = caplog.handler.formatter
    caplog.handler.setFormatter(Line())
    with caplog.at_level(logging.DEBUG):
        yield caplog
    caplog.handler.setFormatter(before)


@get("/breaks/{name:str}", include_in_schema=False)
async def breaks(name: FromPath[str]) -> None:
    """Fails with somebody's data in the message."""
    raise ValueError(f"cannot read {name}")


@pytest.mark.anyio
async def test_no_line_names_anybody(
    settings: Settings,
    clock: FrozenClock,
    engine: Any,
    logged: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(**_: Any) -> None:
        raise OSError(EMAIL)

    app: Any = create_app(settings, clock=clock)
    app.register(breaks)
    secrets = []
    async with (
        app.lifespan(),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, client=("203.0.113.7", 4321), raise_app_exceptions=False),
            base_url=ORIGIN,
            headers={"origin": ORIGIN, "user-agent": "Telephone of Camille"},
        ) as client,
    ):
        await ambassador(EMAIL)
        await client.post("/api/v1/sign-in", json={"email": EMAIL})
        letter = await newest(EMAIL)
        secrets += [code_in(letter), token_in(letter)]
        await client.get(f"/sign-in/{token_in(letter)}")
        await client.post("/api/v1/sign-in/code", json={"code": code_in(letter)})
        secrets += client.cookies.values()
        assert (await client.get("/api/v1/me")).status_code < 500
        await client.post("/api/v1/pass/refresh", json={"digits": "12", "name": "Camille Vidal"})
        await client.post("/join", data={"first_name": "Camille", "last_name": "Vidal", "email": EMAIL})
        assert (await client.get("/breaks/Camille%20Vidal")).status_code == 500
        monkeypatch.setattr("estran.app.access.clear_askings", fail)
        await do_chores(settings, now=clock())
    # the application's own sender may have tried the letter or not: now it is this one's turn
    db.bind(engine)
    clock.advance(minutes=5)
    assert await Sender(settings, clock, _club_name, _daytime).send_due() == 0
    text = logged.text
    events = set(re.findall(r"event=(\w+)", text))
    assert {"server_started", "unexpected", "letters", "chore_failed", "chores", "server_stopping"} <= events
    assert [word for word in (*NAMES, *secrets) if word.lower() in text.lower()] == []


async def _club_name() -> str:
    return (await club.house()).name


async def _daytime(now: datetime) -> datetime:
    return now
