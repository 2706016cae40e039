"""A real SMTP server in this process, that can refuse, put off, or be dead; its fixtures are for all tests (conftest.py)."""

# ruff: noqa: ARG002, N802 - aiosmtpd calls by these names with all of this

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller


@dataclass
class Postman:
    """aiosmtpd's handler: what it was given, and what it says to whom."""

    letters: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    rcpt: dict[str, str] = field(default_factory=dict)
    sender: str = "250 OK"
    data: str = "250 OK"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self.rcpt.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data.startswith("250"):
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.letters.append((envelope.rcpt_tos, message))
        return self.data

    @property
    def addresses(self) -> list[str]:
        return [address for recipients, _ in self.letters for address in recipients]


@dataclass
class PostOffice:
    """Where the postman stands; opens and closes on the same port."""

    postman: Postman
    port: int
    controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def open(self) -> None:
        self.controller = Controller(self.postman, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True)
        self.controller.start()

    def close(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A post office that is still closed."""
    made = PostOffice(Postman(), free_port())
    yield made
    made.close()


@pytest.fixture
def postman(office: PostOffice) -> Postman:
    """The postman of an open office."""
    office.open()
    return office.postman
