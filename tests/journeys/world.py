"""A real installation for a journey: its own folder, database, mail server and server process, all on this machine."""

import asyncio
import functools
import os
import signal
import socket
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar, cast

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from estran import db
from estran.access import service as access
from estran.actor import SYSTEM, Role
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.venues import service as venues
from estran.venues.tables import Venue
from estran.venues.terms import Quota, Terms
from estran.visits.tables import Visit

from . import served

T = TypeVar("T")
START_LIMIT_S = 60


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Letterbox(Message):
    """Where a real SMTP server puts the letters it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[EmailMessage] = []

    def handle_message(self, message: Any) -> None:
        letter = message_from_bytes(message.as_bytes(), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if address in str(letter["To"])]


def eventually(question: Callable[[], T | None], what: str, limit_s: float = 20) -> T:
    """The first answer that is not empty, asked again and again; fails with `what` after `limit_s`."""
    end = time.monotonic() + limit_s
    while True:
        found = question()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit_s} s: {what}")
        time.sleep(0.05)  # polling another process, not waiting for luck


@dataclass
class World:
    """The installation and what a journey does to it from outside."""

    folder: Path
    port: int = field(default_factory=free_port)
    letterbox: Letterbox = field(default_factory=Letterbox)
    process: BaseProcess | None = None

    def __post_init__(self) -> None:
        self.origin = f"http://127.0.0.1:{self.port}"
        self.smtp = Controller(self.letterbox, hostname="127.0.0.1", port=free_port())
        self.smtp.start()
        self.database = f"sqlite:///{self.folder / 'estran.sqlite'}"
        (self.folder / "estran.sqlite").write_bytes(_migrated())

    # --- the server process

    def start(self) -> None:
        """The server as an administrator starts it; returns once it answers."""
        assert self.process is None
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ESTRAN_")} | {
            "ESTRAN_ORIGIN": self.origin,
            "ESTRAN_DATA": str(self.folder),
            "ESTRAN_DATABASE": self.database,
            "ESTRAN_MAIL": f"smtp://127.0.0.1:{self.smtp.port}",
            "ESTRAN_MAIL_FROM": "pass@example.org",
        }
        self.process = served.start(["run", "--port", str(self.port)], environment, self.folder / "server.log")
        eventually(self._is_up, f"the server answers; its log is {self.folder / 'server.log'}", START_LIMIT_S)

    def _is_up(self) -> bool:
        assert self.process is not None
        assert self.process.is_alive(), (self.folder / "server.log").read_text(encoding="utf-8")[-3000:]
        try:
            with urllib.request.urlopen(f"{self.origin}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        """A polite end; afterwards nobody listens."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9: no goodbye, no flush."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            os.kill(cast("int", self.process.pid), how)
            self.process.join(20)
            assert not self.process.is_alive(), "the server does not end"
            self.process = None

    def close(self) -> None:
        self.stop()
        self.smtp.stop()

    # --- the database, from a second process as the command line does

    def do(self, act: Callable[[], Awaitable[T]]) -> T:
        """Run `act` with the installation's database bound."""

        return _do(self.database, act)

    def add_ambassador(self, first_name: str, last_name: str, email: str, days: int = 200) -> Ambassador:
        now = datetime.now(UTC)

        async def act() -> Ambassador:
            return await club.add_ambassador(
                SYSTEM,
                first_name=first_name,
                last_name=last_name,
                email=email,
                begins_on=now.date() - timedelta(days=30),
                ends_on=now.date() + timedelta(days=days),
                now=now,
            )

        return self.do(act)

    def add_venue(self, name: str, *, companions: int = 0, quota: int | None = None) -> Venue:
        now = datetime.now(UTC)

        async def act() -> Venue:
            venue = await venues.add_venue(
                SYSTEM, name=name, commune="Granville", address="", url="", contact_email="", now=now
            )
            await venues.set_benefit(
                SYSTEM,
                venue.id,
                None,
                Terms(min_paying_companions=companions, quota=None if quota is None else Quota(quota)),
                now=now,
            )
            return venue

        return self.do(act)

    def pairing_address(self, venue: Venue, *, reusable: bool = False) -> str:
        now = datetime.now(UTC)

        async def act() -> str:
            return await venues.make_pairing(SYSTEM, venue.id, reusable=reusable, lifetime=timedelta(hours=1), now=now)

        return f"{self.origin}/scan/#pair={self.do(act)}"

    def officer_link(self, email: str = "officer@example.org") -> str:
        """A one-time link that opens the desk, as `estran officer add` prints it."""
        now = datetime.now(UTC)

        async def act() -> str:
            account = await access.ensure_account(email, now=now)
            await access.grant(account.id, Role.OFFICER)
            return await access.invite(account.id, "desk", now=now, lifetime=timedelta(hours=1))

        return f"{self.origin}/sign-in/{self.do(act)}"

    def visits(self) -> list[dict[str, Any]]:
        """Every visit the server has, oldest first."""

        async def act() -> list[dict[str, Any]]:
            return list(await Visit.select().order_by(Visit.at))

        return self.do(act)

    def letter_to(self, address: str, after: int = 0) -> EmailMessage:
        """The newest letter to `address`, once more than `after` have arrived."""
        letters = eventually(lambda: self.letterbox.to(address)[after:], f"a letter to {address}")
        return letters[-1]


def _do(database: str, act: Callable[[], Awaitable[T]]) -> T:
    async def run() -> T:
        db.bind(db.make_engine(database))
        await db.open_engine()
        try:
            return await act()
        finally:
            await db.close_engine()

    with ThreadPoolExecutor(1) as thread:  # Playwright's own event loop holds this one
        return thread.submit(lambda: asyncio.run(run())).result()


@functools.cache
def _migrated() -> bytes:
    """The database as `estran migrate` leaves it: a second of work, and the same for every installation."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "estran.sqlite"
        _do(f"sqlite:///{path}", db.migrate)
        return path.read_bytes()
