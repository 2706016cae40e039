"""What an installation still lacks, in words: `estran doctor` asks everything, `/readyz` what a server needs to serve.

Every check has a stable name, listed in docs/administrator.md, and comes to one finding. A finding may name folders and the
installation's own addresses, never a person.
"""

import http.client
import os
import shutil
import smtplib
import socket
import ssl
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr, parsedate_to_datetime
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
from anyio import to_thread

from estran import db
from estran.access import service as access
from estran.actor import Role
from estran.clock import Clock, system_clock
from estran.club import identity
from estran.mail import service as mail
from estran.mail import transport
from estran.mail.transport import NotSent
from estran.passes import keys
from estran.passes.keys import Issuer
from estran.settings import PREFIX, Settings
from estran.texts import t

FRONT_ENDS = Path(__file__).parent / "static"
ENVIRONMENT_FILE = Path("/etc/estran/estran.env")
"""Where deploy/ puts the settings."""
TIME_FROM = "http://www.debian.org/"
"""Only the answer's Date is looked at. Not HTTPS: with a wrong clock no certificate would seem valid."""
PATIENCE_S = 10
SMTP_PORT = 25
HTTPS_PORT = 443
MIB = 1 << 20
DISK_LEAST_MIB = 100
DISK_SCANT_MIB = 1024
CERTIFICATE_SCANT = timedelta(days=14)
"""Caddy renews a month before the end: with two weeks left something is wrong."""
CLOCK_WRONG = timedelta(seconds=30)
"""A proof from the future is refused beyond this (docs/pass-format.md §4)."""
CLOCK_OFF = timedelta(seconds=5)


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says, and what helps."""

    state: State
    said: str
    remedy: str = ""


_ok = partial(Finding, State.OK)
_warning = partial(Finding, State.WARNING)
_fault = partial(Finding, State.FAULT)


@dataclass(frozen=True, slots=True)
class Place:
    """The installation that is looked at."""

    settings: Settings
    issuer: Issuer
    clock: Clock = system_clock
    letter_to: str = ""
    time_from: str = TIME_FROM
    secret_files: Sequence[Path] = field(
        default_factory=lambda: [Path(file) for name, file in os.environ.items() if _names_a_file(name)]
    )

    @property
    def sqlite(self) -> Path | None:
        """The database's file; None with PostgreSQL."""
        url = self.settings.database
        return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _names_a_file(name: str) -> bool:
    return name.startswith(PREFIX) and name.endswith("_FILE")


# --- this machine -----------------------------------------------------------------------------------------------------


async def _settings(place: Place) -> Finding:
    settings = place.settings
    if settings.demo:
        return _fault("this is a demonstration: anybody may enter the desk", "Take ESTRAN_DEMO away.")
    if "*" in settings.trusted_proxies:
        return _fault(
            "everybody is believed who says for whom they ask: the limits against guessing count nothing",
            "Set ESTRAN_TRUSTED_PROXIES to the address of your own web server.",
        )
    return _ok(f"complete; the public address is {settings.origin}")


async def _front_ends(_: Place) -> Finding:
    lacking = [name for name in ("pass", "scan") if not (FRONT_ENDS / name / "sw.js").is_file()]
    if lacking:
        return _fault(
            f"this program was packed without its apps ({', '.join(lacking)})",
            "Install a wheel made by `make wheel`; in a source tree run `make build`.",
        )
    return _ok("both apps are there")


async def _user(place: Place) -> Finding:
    """What root writes into the folder, even by looking, the server cannot write any more."""
    data, me = place.settings.data, os.geteuid()
    if not data.is_dir():
        return _fault(f"{data} is no folder", "Make it, for the server's user alone, then run estran migrate.")
    owner = data.stat().st_uid
    if owner != me:
        return _fault(f"{data} belongs to user {owner}, this is user {me}", f"Run estran as user {owner}.")
    return _ok(f"{data} belongs to this user")


async def _secrets(place: Place) -> Finding:
    data, folder = place.settings.data, place.issuer.folder
    private = [path for path in (folder, *folder.glob("*.pem")) if _mode(path) & 0o077]
    if private:
        return _fault(
            f"others than the server may read the signing keys ({', '.join(map(str, private))}): "
            "who has them can make passes",
            f"chmod 700 {folder} && chmod 600 {folder}/*.pem; if somebody may have looked: estran keys revoke.",
        )
    kept = [data, *place.secret_files, ENVIRONMENT_FILE]
    if place.sqlite is not None and place.sqlite.parent != data:
        kept.append(place.sqlite)
    if seen := [path for path in kept if _mode(path) & 0o007]:
        names = " ".join(map(str, seen))
        return _fault(f"everybody on this machine may read {names}", f"chmod o= {names}")
    return _ok("keys, database and passwords are for the server alone")


def _mode(path: Path) -> int:
    """Who may do what with it; nobody anything when it is not there, or in a folder that keeps even us out."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


async def _disk(place: Place) -> Finding:
    free: dict[Path, int] = {}
    for folder in [place.settings.data, *([place.sqlite.parent] if place.sqlite else [])]:
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"." * 4096)
                file.flush()
            free[folder] = shutil.disk_usage(folder).free // MIB
        except OSError as error:
            return _fault(
                f"nothing can be written into {folder} ({error.strerror})", "See df -h, mount, and whose folder it is."
            )
    folder, least = min(free.items(), key=lambda one: one[1])
    if least < DISK_LEAST_MIB:
        return _fault(f"{folder} has {least} MiB left", "Make room: no visit can be kept on a full disk.")
    if least < DISK_SCANT_MIB:
        return _warning(f"{folder} has {least} MiB left", "Make room before it is full.")
    return _ok(f"{least} MiB are free")


async def _clock(place: Place) -> Finding:
    """A wrong clock makes right proofs stale. The time zone does not matter: the club's own is a house rule."""
    try:
        answer = await to_thread.run_sync(partial(_ask, place.time_from, "HEAD"))
        there = parsedate_to_datetime(answer.date)
    except (OSError, http.client.HTTPException, ValueError):
        return _warning(
            f"{urlsplit(place.time_from).hostname} does not tell the time: nothing to compare the clock with",
            "Look at `timedatectl`: it must say that the system clock is synchronised.",
        )
    off = abs(place.clock() - there)
    seconds = round(off.total_seconds())
    remedy = "Let the machine set its clock: apt-get install systemd-timesyncd, then timedatectl set-ntp true."
    if off > CLOCK_WRONG:
        return _fault(f"the clock is {seconds} s off: proofs of phones would be refused", remedy)
    if off > CLOCK_OFF:
        return _warning(f"the clock is {seconds} s off", remedy)
    return _ok("the clock is right")


# --- the database and what is in it -----------------------------------------------------------------------------------


async def _database(place: Place) -> Finding:
    if place.sqlite is not None and not place.sqlite.is_file():  # looking would make an empty one
        return _fault(f"there is no database at {place.sqlite}", "Run estran migrate, or restore a backup.")
    try:
        await db.open_engine()
        await db.fetch("SELECT 1 AS one")
    except Exception as error:  # noqa: BLE001 - two drivers, and whatever the system says
        return _fault(
            f"the database does not open ({type(error).__name__})",
            "Look at ESTRAN_DATABASE, at the file's owner, or at PostgreSQL's own log.",
        )
    return _ok("the database answers")


async def _migrations(_: Place) -> Finding:
    lacking = await db.pending()
    if lacking > 0:
        return _fault(f"the database lacks {lacking} migrations", "Run estran migrate, then restart the server.")
    if lacking < 0:
        return _fault("the database is newer than this program", "Install the newer version.")
    return _ok("the database is up to date")


async def _keys(place: Place) -> Finding:
    fault = await keys.fault(place.issuer, now=place.clock())
    if fault is not None:
        return _fault(fault, "Restore the folder of keys from a backup; if it is lost: estran keys revoke.")
    return _ok("the signing key can sign")


async def _officer(_: Place) -> Finding:
    n = len(await access.holders(Role.OFFICER))
    if not n:
        return _fault("nobody can open the desk", "Run estran officer add EMAIL and open the link that it prints.")
    return _ok(f"{n} may open the desk")


async def _legal(_: Place) -> Finding:
    missing = [t("en", f"desk.changed.{name}") for name in await identity.missing()]
    if missing:
        return _warning(
            f"the legal pages still lack {len(missing)} entries: {', '.join(missing)}",
            "At the desk, Réglages, « Qui répond du club »: a public body must say them.",
        )
    return _ok("the legal pages are complete")


async def _outbox(place: Place) -> Finding:
    since = await mail.stuck_since(now=place.clock())
    if since is not None:
        return _fault(
            f"letters wait since {since:%Y-%m-%d %H:%M} UTC and none leaves", "See the check `mail`, and the log."
        )
    return _ok("no letter is held up")


# --- the world outside ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    date: str
    body: bytes
    certified_until: datetime | None


def _ask(url: str, method: str = "GET") -> _Answer:
    """One request without redirects; raises OSError (of which ssl.SSLError is one) or HTTPException."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with closing(kind(cast("str", parts.hostname), parts.port, timeout=PATIENCE_S)) as connection:
        connection.connect()
        until = None
        if isinstance(connection.sock, ssl.SSLSocket) and (certificate := connection.sock.getpeercert()):
            until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
        connection.request(method, parts.path or "/", headers={"Connection": "close"})
        answer = connection.getresponse()
        return _Answer(answer.status, answer.getheader("Date", ""), answer.read(MIB), until)


async def _origin(place: Place) -> Finding:
    origin = place.settings.origin
    parts = urlsplit(origin)
    if not place.settings.is_https:
        return _warning(
            f"{origin} has no HTTPS: phones elsewhere refuse cameras and keys", "For a trial on this machine only."
        )
    try:
        answer = await to_thread.run_sync(partial(_ask, f"{origin}/.well-known/jwks.json"))
    except ssl.SSLCertVerificationError as error:
        return _fault(
            f"the certificate of {origin} is not valid: {error.verify_message}",
            "Caddy fetches one by itself once the name leads here and ports 80 and 443 are open: journalctl -u caddy.",
        )
    except socket.gaierror:
        return _fault(
            f"nobody knows the name {parts.hostname}", "Have it entered in the DNS, with this machine's address."
        )
    except ssl.SSLError as error:
        return _fault(f"{origin} speaks no HTTPS ({error.reason})", "Look at the web server: journalctl -u caddy.")
    except (OSError, http.client.HTTPException):
        return _fault(
            f"nobody answers at {parts.hostname}, port {parts.port or HTTPS_PORT}",
            "Is the web server running, and does a firewall let ports 80 and 443 through? Some networks do not let a "
            "machine reach its own public address: then try from a phone.",
        )
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _fault(
            f"the web server answers, but nobody behind it ({answer.status})",
            "systemctl status estran; journalctl -u estran.",
        )
    if not await _is_ours(place, answer):
        return _fault(
            f"somebody else answers at {origin}",
            "Look where the DNS leads, and what the web server passes on to Estran.",
        )
    if answer.certified_until is not None and answer.certified_until - place.clock() < CERTIFICATE_SCANT:
        return _warning(
            f"the certificate ends on {answer.certified_until:%Y-%m-%d}",
            "It should have been renewed: journalctl -u caddy.",
        )
    return _ok(f"{origin} is this installation, with a valid certificate")


async def _is_ours(place: Place, answer: _Answer) -> bool:
    """Whether these are the public keys of this very database."""
    try:
        told = {key["kid"] for key in msgspec.json.decode(answer.body)["keys"]}
    except (msgspec.DecodeError, KeyError, TypeError):
        return False
    return bool(told) and told == {row.kid for row in await keys.published(now=place.clock())}


async def _mail(place: Place) -> Finding:
    settings = place.settings
    if settings.mail.startswith("mailbox:"):
        return _warning("letters leave for the demonstration's page only", "Set ESTRAN_MAIL to a mail server.")
    sender = parseaddr(settings.mail_from)[1]
    host, port = transport.place(settings.mail)
    try:
        if place.letter_to:
            await to_thread.run_sync(partial(_send_test, place, sender))
        else:
            await to_thread.run_sync(partial(transport.knock, settings.mail, sender=sender))
    except NotSent as error:
        return _fault(*_mail_fault(error, host, port))
    if settings.mail.startswith("smtp://") and host not in {"localhost", "127.0.0.1", "::1"}:
        return _warning(
            f"{host} takes letters, but sign-in codes and any password travel unencrypted",
            "Use smtp+starttls:// or smtps://.",
        )
    if place.letter_to:
        return _ok(f"{host} took the test letter: look whether it has arrived, and not among the unwanted ones")
    return _ok(f"{host} takes letters from {sender}; estran doctor --letter ADDRESS sends one")


def _send_test(place: Place, sender: str) -> None:
    origin = place.settings.origin
    text = f"This is the test letter of estran doctor at {origin}. If you read it, letters leave from there.\n"
    draft = transport.Draft(
        message_id=f"estran.{uuid4().hex}",
        to_email=place.letter_to,
        subject=f"Test: {origin}",
        text=text,
        html=f"<p>{text}</p>",
        written_at=place.clock(),
    )
    message = transport.build(draft, mail_from=place.settings.mail_from, club_name="Estran")
    transport.send(place.settings.mail, message, sender=sender, recipient=place.letter_to)


def _mail_fault(error: NotSent, host: str, port: int) -> tuple[str, str]:
    """What is wrong with the mail server, and what helps."""
    cause = error.__cause__
    if isinstance(cause, smtplib.SMTPAuthenticationError):
        return (
            f"{host} refuses the name or the password ({error.error})",
            "Write them anew into ESTRAN_MAIL, signs such as @ : / as %40 %3A %2F.",
        )
    if isinstance(cause, smtplib.SMTPSenderRefused):
        return f"{host} takes no letters from ESTRAN_MAIL_FROM ({error.error})", "Use an address of that account."
    if isinstance(cause, smtplib.SMTPRecipientsRefused):
        return f"{host} does not take the test letter ({error.error})", "Try another address."
    if isinstance(cause, ssl.SSLError):
        return (
            f"no encrypted connection with {host}: {getattr(cause, 'verify_message', '') or cause.reason}",
            "smtps:// is for port 465, smtp+starttls:// for 587; the name must be the one of the certificate.",
        )
    if isinstance(cause, socket.gaierror):
        return f"nobody knows the mail server {host}", "Look at ESTRAN_MAIL: is its name right?"
    if isinstance(cause, OSError) and not isinstance(cause, smtplib.SMTPException):
        if port == SMTP_PORT:
            return (
                f"port 25 blocked: {host} cannot be reached there",
                "Nearly every host blocks it: send through your mail provider, smtp+starttls://user:password@host:587.",
            )
        return f"nobody answers at {host}, port {port}", "Look at host and port in ESTRAN_MAIL, and at the firewall."
    return f"{host} takes no letter: {error.error}", "Ask whoever runs the mail server; the log of Estran has no more."


# --- all of it --------------------------------------------------------------------------------------------------------

Check = Callable[[Place], Awaitable[Finding]]

ALONE: dict[str, Check] = {
    "settings": _settings,
    "front_ends": _front_ends,
    "secrets": _secrets,
    "disk": _disk,
    "clock": _clock,
    "mail": _mail,
    "user": _user,
}
"""What can be looked at by itself; `user` last, for without it the database must not be touched."""
IN_TURN: dict[str, Check] = {"database": _database, "migrations": _migrations}
"""Each only when the one before is well."""
INSIDE: dict[str, Check] = {
    "keys": _keys,
    "officer": _officer,
    "outbox": _outbox,
    "origin": _origin,
    "legal": _legal,
}
CHECKS = {**ALONE, **IN_TURN, **INSIDE}

READY = {
    "database": "the database does not answer",
    "migrations": "the database and this program are not of the same version",
    "keys": "the signing key cannot be used",
    "disk": "nothing can be written, or the disk is nearly full",
    "outbox": "letters do not leave",
}
"""What a server needs, and how the world is told that it lacks it: without any path or address."""


async def examine(place: Place) -> dict[str, Finding]:
    """What every check says, by its name. Checks that stand on a faulty one are left out."""
    found = {name: await _one(check, place) for name, check in ALONE.items()}
    if found["user"].state is State.FAULT:
        return found
    try:
        db.bind(db.make_engine(place.settings.database))
    except OSError as error:
        words = f"the folder of the database cannot be made ({error.strerror})"
        return found | {"database": _fault(words, "Look at ESTRAN_DATABASE, and whose folder it is.")}
    try:
        for name, check in IN_TURN.items():
            found[name] = await _one(check, place)
            if found[name].state is State.FAULT:
                return found
        return found | {name: await _one(check, place) for name, check in INSIDE.items()}
    finally:
        await db.close_engine()


async def lacking(place: Place) -> dict[str, str]:
    """What the running server lacks to serve, by the check's name, in words that anybody may read. Empty: it is ready."""
    found = {}
    for name, words in READY.items():
        if (await _one(CHECKS[name], place)).state is State.FAULT:
            found[name] = words
            if name in IN_TURN:
                break
    return found


async def _one(check: Check, place: Place) -> Finding:
    try:
        return await check(place)
    except Exception as error:  # noqa: BLE001 - the others must be heard, too; a message might quote somebody's data
        return _fault(f"the check itself broke ({type(error).__name__})", "Please report this as a fault of Estran.")
