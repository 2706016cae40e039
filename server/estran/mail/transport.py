"""SMTP, by URL. Blocking on purpose: it runs in a thread, one letter at a time."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

TIMEOUT_S = 20
REFUSED = 400
PERMANENT = 500
SAID_MAX = 1000
CALENDAR_NAME = "agenda.ics"
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class _Policy(EmailPolicy):
    """Python's own for SMTP, but for an address: folded, a signed link would become words that no mail program decodes."""

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401 - Python's signature
        """The header as it travels."""
        if name.lower() == "list-unsubscribe":
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


SMTP = _Policy(linesep="\r\n")


class Failure(StrEnum):
    """What went wrong, and so what to do."""

    LETTER = "letter"
    """This letter was refused for good."""
    LATER = "later"
    """This letter was put off by the server (a full mailbox, greylisting)."""
    SERVER = "server"
    """No letter can leave now: no connection, no login, no sender."""


class NotSent(Exception):
    """The letter did not leave; `error` has no address in it."""

    def __init__(self, failure: Failure, error: str) -> None:
        super().__init__(error)
        self.failure = failure
        self.error = error


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter as it is handed to the server."""

    message_id: str
    to_email: str
    subject: str
    text: str
    html: str
    written_at: datetime
    calendar: str = ""
    unsubscribe: str = ""


def build(draft: Draft, *, mail_from: str, club_name: str) -> EmailMessage:
    """The message: text and HTML, marked as automatic (RFC 3834), so that absence notes are not sent back.

    With a button of the mail program's own where no more such letters may be wanted (RFC 8058), and a calendar beside it.

    Raises NotSent when an address or the subject cannot stand in a header (a line break, for one).
    """
    sender = parseaddr(mail_from)[1]
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(display_name=club_name, addr_spec=sender)
        message["To"] = _address(draft.to_email)
        message["Subject"] = draft.subject
    except (ValueError, IndexError) as error:  # IndexError: email's own parser, on addresses it does not foresee
        raise NotSent(Failure.LETTER, f"cannot be written as a header ({type(error).__name__})") from error
    message["Date"] = format_datetime(draft.written_at)
    message["Message-ID"] = f"<{draft.message_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if draft.unsubscribe:
        message["List-Unsubscribe"] = f"<{draft.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(draft.text)
    message.add_alternative(draft.html, subtype="html")
    if draft.calendar:
        message.add_attachment(
            draft.calendar.encode(),
            maintype="text",
            subtype="calendar",
            filename=CALENDAR_NAME,
            params={"charset": "utf-8", "method": "PUBLISH"},
        )
    return message


def _address(email: str) -> Address:
    """The address as a header holds it. An accent before the @ (RFC 6531) is more than `addr_spec` takes."""
    if email.isascii():
        return Address(addr_spec=email)
    username, _, domain = email.rpartition("@")
    if not username or not domain:
        raise ValueError(email)
    return Address(username=username, domain=domain)


def send(url: str, message: EmailMessage, *, sender: str, recipient: str) -> None:
    """Hand one message to the server at `url`; raises NotSent. Blocks for up to 20 s a step."""
    with _said_plainly(recipient), _open(url) as server:
        server.send_message(message, from_addr=sender, to_addrs=[recipient])


def knock(url: str, *, sender: str) -> None:
    """Ask the server whether it would take a letter of `sender`'s, without sending one; raises NotSent as `send` does."""
    with _said_plainly(sender), _open(url) as server:
        server.ehlo_or_helo_if_needed()
        code, said = server.mail(sender)
        if code >= REFUSED:
            raise smtplib.SMTPSenderRefused(code, said, sender)
        server.rset()


def place(url: str) -> tuple[str, int]:
    """Host and port of the mail server."""
    parts = urlsplit(url)
    return parts.hostname or "localhost", parts.port or PORTS[parts.scheme]


@contextmanager
def _open(url: str) -> Iterator[smtplib.SMTP]:
    """A connection, logged in where the address has a name for that."""
    parts = urlsplit(url)
    with _connect(parts.scheme, *place(url)) as server:
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


@contextmanager
def _said_plainly(recipient: str) -> Iterator[None]:
    """Whatever SMTP raises, as NotSent, with the original as its cause."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise NotSent(_letters_own(code), _said(code, text, recipient)) from error
    except smtplib.SMTPDataError as error:
        raise NotSent(_letters_own(error.smtp_code), _said(error.smtp_code, error.smtp_error, recipient)) from error
    except smtplib.SMTPNotSupportedError as error:
        # An address with accents, and a server without SMTPUTF8 (RFC 6531); or no STARTTLS where it was asked for.
        failure = Failure.SERVER if recipient.isascii() else Failure.LETTER
        raise NotSent(failure, f"not supported by the mail server: {str(error)[:100]}") from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(Failure.SERVER, _said(error.smtp_code, error.smtp_error, recipient)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(Failure.SERVER, f"no connection to the mail server ({type(error).__name__})") from error


def _connect(scheme: str, host: str, port: int) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
    server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    if scheme == "smtp+starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _letters_own(code: int) -> Failure:
    return Failure.LETTER if code >= PERMANENT else Failure.LATER


def _said(code: int, text: bytes | str, recipient: str) -> str:
    """The server's words, without any address: it may spell the recipient otherwise, name only what is before the @, or us."""
    said = (text.decode("utf-8", "replace") if isinstance(text, bytes) else text)[:SAID_MAX]
    local = re.escape(recipient.rpartition("@")[0])
    nobody = re.sub(rf"<?[^\s<>]+@[^\s<>]+>?|(?<!\w){local}(?!\w)", "<address>", said, flags=re.IGNORECASE)
    return f"{code} {' '.join(nobody.split())}"[:200]
