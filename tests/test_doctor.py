"""What an installation lacks is said in words: every check, well and failing; and what the server itself says at /readyz."""

import json
import os
import re
import shutil
import socket
import ssl
import threading
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from piccolo.apps.migrations.tables import Migration

from estran import doctor
from estran.access import service as access
from estran.actor import SYSTEM, Role
from estran.club import identity
from estran.club import service as club
from estran.doctor import CHECKS, Finding, Place, State
from estran.mail import service as mail
from estran.mail.tables import Letter
from estran.passes import keys
from estran.passes.keys import Issuer
from estran.settings import Settings
from tests.conftest import MONDAY, NOWHERE, FrozenClock
from tests.postoffice import Postman, PostOffice, free_port

pytestmark = pytest.mark.anyio

TO = "helene.semaphore@example.org"


@pytest.fixture
def alone(tmp_path: Path, clock: FrozenClock) -> Place:
    """An installation as the guide leaves it, before its database is looked at."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    settings = Settings(
        origin="https://pass.example.org",
        data=data,
        database=f"sqlite:///{data}/estran.sqlite",
        mail=NOWHERE,
        mail_from="pass@example.org",
    )
    return Place(settings, Issuer(settings.origin, data / "keys"), clock, secret_files=[])


@pytest.fixture
def place(settings: Settings, engine: Any, clock: FrozenClock) -> Place:
    """One with a database of this run's engine."""
    settings.data.mkdir(mode=0o700)
    return Place(settings, Issuer(settings.origin, settings.data / "keys"), clock, secret_files=[])


def with_settings(place: Place, **changed: Any) -> Place:
    return replace(place, settings=replace(place.settings, **changed))


async def look(name: str, place: Place) -> Finding:
    found = await CHECKS[name](place)
    assert (found.state is State.OK) != bool(found.remedy), "what is not well has a remedy"
    return found


async def is_well(name: str, place: Place) -> None:
    assert (await look(name, place)).state is State.OK


async def is_faulty(name: str, place: Place, words: str) -> None:
    found = await look(name, place)
    assert found.state is State.FAULT
    assert re.search(words, found.said), found.said


async def is_warned_of(name: str, place: Place, words: str) -> None:
    found = await look(name, place)
    assert found.state is State.WARNING
    assert re.search(words, found.said), found.said


# --- this machine -----------------------------------------------------------------------------------------------------


async def test_settings(alone: Place) -> None:
    await is_well("settings", alone)
    await is_faulty("settings", with_settings(alone, demo=True), "demonstration")
    await is_faulty("settings", with_settings(alone, trusted_proxies="*"), "limits against guessing")


async def test_front_ends(alone: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FRONT_ENDS", tmp_path)
    for name in ("pass", "scan"):
        await is_faulty("front_ends", alone, "packed without its apps")
        (tmp_path / name).mkdir()
        (tmp_path / name / "sw.js").touch()
    await is_well("front_ends", alone)


async def test_user(alone: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await is_well("user", alone)
    monkeypatch.setattr(os, "geteuid", lambda: alone.settings.data.stat().st_uid + 1)
    await is_faulty("user", alone, "belongs to user")
    await is_faulty("user", with_settings(alone, data=alone.settings.data / "no"), "no folder")


async def test_secrets(alone: Place, tmp_path: Path) -> None:
    key = alone.issuer.folder / "a.pem"
    key.parent.mkdir(mode=0o700)
    key.touch(mode=0o600)
    password = tmp_path / "mail"
    password.touch(mode=0o640)
    database = tmp_path / "elsewhere" / "club.sqlite"
    database.parent.mkdir()
    database.touch(mode=0o600)
    whole = with_settings(replace(alone, secret_files=[password]), database=f"sqlite:///{database}")
    await is_well("secrets", whole)
    for path, mode, words in (
        (key, 0o640, r"signing keys.*a\.pem"),
        (key.parent, 0o750, "signing keys"),
        (alone.settings.data, 0o755, "everybody on this machine"),
        (database, 0o644, r"club\.sqlite"),
        (password, 0o644, "mail"),
    ):
        before = path.stat().st_mode
        path.chmod(mode)
        await is_faulty("secrets", whole, words)
        path.chmod(before)
    await is_well("secrets", whole)


Usage = namedtuple("Usage", "free")  # noqa: PYI024 - what shutil gives, as far as it is read


async def test_secrets_in_a_folder_that_keeps_even_the_server_out(
    alone: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden, stat = tmp_path / "hidden" / "estran.env", Path.stat

    def kept_out(path: Path, **how: Any) -> os.stat_result:
        if path == hidden:
            raise PermissionError
        return stat(path, **how)

    monkeypatch.setattr(doctor, "ENVIRONMENT_FILE", hidden)
    monkeypatch.setattr(Path, "stat", kept_out)
    await is_well("secrets", alone)


async def test_disk(alone: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await is_faulty("disk", with_settings(alone, data=alone.settings.data / "no"), "nothing can be written")
    for mib, expected in ((5000, State.OK), (1000, State.WARNING), (99, State.FAULT)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, mib=mib: Usage(mib << 20))
        found = await look("disk", alone)
        assert found.state is expected
        assert str(mib) in found.said


# --- other machines ---------------------------------------------------------------------------------------------------


@dataclass
class Site:
    """A web server on this machine: one answer for whatever is asked."""

    status: int = 200
    body: bytes = b"{}"
    date: datetime = MONDAY
    origin: str = ""

    @contextmanager
    def open(self, tls: ssl.SSLContext | None = None) -> Iterator[str]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response_only(site.status)
                self.send_header("date", format_datetime(site.date, usegmt=True))
                self.send_header("Content-Length", str(len(site.body)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(site.body)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            server.handle_error = lambda *_: None  # type: ignore[method-assign] # a caller that refuses the certificate
            if tls is not None:
                server.socket = tls.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield f"{'https' if tls else 'http'}://localhost:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()


def certificate(folder: Path, *, until: datetime, name: str = "localhost") -> Path:
    """Key and certificate in one file, made out for `name`."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1))  # noqa: DTZ001 - UTC there
        .not_valid_after(until.replace(tzinfo=None))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = folder / f"{name}-{until:%Y%m%d}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


def tls_of(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def test_clock(alone: Place, clock: FrozenClock) -> None:
    with Site().open() as url:
        here = replace(alone, time_from=f"{url}/")
        await is_well("clock", here)
        clock.advance(seconds=20)
        await is_warned_of("clock", here, "20 s off")
        clock.advance(seconds=-80)
        await is_faulty("clock", here, "60 s off")
    await is_warned_of("clock", here, "does not tell the time")


FAR = datetime(2099, 1, 1)  # noqa: DTZ001


async def test_origin(place: Place, clock: FrozenClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def at(origin: str) -> Place:
        return with_settings(place, origin=origin)

    row = await keys.current(place.issuer, now=clock())
    ours = Site(body=json.dumps({"keys": [keys.jwk(row)]}).encode())
    good = certificate(tmp_path, until=FAR)
    with ours.open(tls_of(good)) as origin:
        await is_faulty("origin", await at(origin), "certificate .* not valid: self-signed")
        monkeypatch.setenv("SSL_CERT_FILE", str(good))  # from now on it is known here
        await is_well("origin", await at(origin))
        await is_faulty("origin", await at(origin.replace("localhost", "127.0.0.1")), "certificate .* not valid")
        clock.now = FAR.replace(tzinfo=MONDAY.tzinfo) - timedelta(days=13)
        await is_warned_of("origin", await at(origin), "ends on 2099-01-01")
        clock.now = MONDAY
        for status in (500, 502):
            ours.status = status
            await is_faulty("origin", await at(origin), "nobody behind it")
        ours.status = 200
        for body in (b"<html>", b"[]", b'{"keys":[{"kid":"AAAA"}]}', b'{"keys":[]}', b"{}"):
            ours.body = body
            await is_faulty("origin", await at(origin), "somebody else")
    await is_faulty("origin", await at(origin), "nobody answers at localhost, port")
    with ours.open() as plain:
        await is_faulty("origin", await at(plain.replace("http:", "https:")), "speaks no HTTPS")
        await is_warned_of("origin", await at(plain), "no HTTPS")
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    await is_faulty("origin", await at("https://pass.example.org"), "nobody knows the name pass.example.org")


def _unknown(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(-2, "Name or service not known")


async def test_mail_without_a_letter(alone: Place, office: PostOffice) -> None:
    here = with_settings(alone, mail=office.url)
    await is_faulty("mail", here, "nobody answers at 127.0.0.1, port")
    office.open()
    await is_well("mail", here)
    assert office.postman.letters == []
    office.postman.sender = "550 5.7.1 you may not"
    await is_faulty("mail", here, "takes no letters from ESTRAN_MAIL_FROM")


async def test_mail_with_a_letter(alone: Place, postman: Postman, office: PostOffice) -> None:
    here = replace(with_settings(alone, mail=office.url), letter_to=TO)
    found = await look("mail", here)
    assert found.state is State.OK
    [(to, letter)] = postman.letters
    assert to == [TO]
    assert "https://pass.example.org" in letter.as_string()
    postman.rcpt[TO] = f"550 5.1.1 {TO} is nobody"
    await is_faulty("mail", here, "does not take the test letter")
    assert "helene" not in (await look("mail", here)).said
    postman.rcpt.clear()
    postman.data = "554 5.7.1 no"
    await is_faulty("mail", here, "takes no letter: 554")


async def test_mail_through_a_port_that_is_blocked(alone: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_way(*_: Any, **__: Any) -> Any:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", no_way)
    await is_faulty("mail", with_settings(alone, mail="smtp://mail.example.org"), "^port 25 blocked")
    await is_faulty("mail", with_settings(alone, mail="smtps://mail.example.org"), "nobody answers .* port 465")
    monkeypatch.setattr(socket, "create_connection", _unknown)
    await is_faulty("mail", with_settings(alone, mail="smtps://mail.example.org"), "nobody knows the mail server")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # a test on this machine
async def test_mail_with_a_wrong_password(alone: Place) -> None:
    server = Controller(
        Postman(),
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=lambda *_: AuthResult(success=False, handled=False),
        auth_required=True,
        auth_require_tls=False,
    )
    server.start()
    try:
        here = with_settings(alone, mail=f"smtp://club:secret@127.0.0.1:{server.port}")
        await is_faulty("mail", here, "refuses the name or the password")
        assert "secret" not in str(await look("mail", here))
    finally:
        server.stop()


async def test_mail_with_a_certificate_nobody_knows(
    alone: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path, until=FAR)
    server = Controller(Postman(), hostname="127.0.0.1", port=free_port(), tls_context=tls_of(path))
    server.start()
    try:
        here = with_settings(alone, mail=f"smtp+starttls://localhost:{server.port}")
        await is_faulty("mail", here, "no encrypted connection with localhost: self-signed")
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        await is_well("mail", here)
    finally:
        server.stop()


async def test_mail_that_travels_in_the_open(
    alone: Place, postman: Postman, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda _, *rest: connect(("127.0.0.1", office.port), *rest))
    await is_warned_of("mail", with_settings(alone, mail="smtp://mail.example.org"), "unencrypted")
    await is_warned_of("mail", with_settings(alone, mail="mailbox:", demo=True), "demonstration")


# --- the database -----------------------------------------------------------------------------------------------------


async def test_what_is_in_a_new_database(place: Place, clock: FrozenClock) -> None:
    await is_well("database", place)
    await is_well("migrations", place)
    await is_faulty("officer", place, "nobody can open the desk")
    account = await access.ensure_account(TO, now=clock())
    await access.grant(account.id, Role.OFFICER)
    await is_well("officer", place)
    await is_warned_of("legal", place, "10 entries: legal name, .*data protection officer")
    said = dict.fromkeys(set(identity.NEEDED) - {"contact_email"}, "dit")
    await identity.edit_identity(SYSTEM, said, now=clock())
    house = await club.house()
    house.contact_email = "club@example.org"
    await house.save()
    await is_well("legal", place)


async def test_keys(place: Place, clock: FrozenClock) -> None:
    await is_well("keys", place)
    row = await keys.current(place.issuer, now=clock())
    await is_well("keys", place)
    file = place.issuer.folder / f"{row.id}.pem"
    kept = file.read_bytes()
    other = await keys.announce(place.issuer, SYSTEM, now=clock())
    file.write_bytes((place.issuer.folder / f"{other.id}.pem").read_bytes())
    await is_faulty("keys", place, "another key")
    file.write_bytes(b"-----BEGIN")
    await is_faulty("keys", place, "cannot be read")
    file.unlink()
    await is_faulty("keys", place, "is not in")
    file.write_bytes(kept)
    await is_well("keys", place)
    (place.issuer.folder / f"{other.id}.pem").unlink()  # it would be missed in a fortnight only
    await is_faulty("keys", place, other.kid)


async def write(clock: FrozenClock, minutes: int | None = None) -> Letter:
    expires_at = None if minutes is None else clock() + timedelta(minutes=minutes)
    return await mail.write("sign_in", TO, "s", "t", "h", now=clock(), expires_at=expires_at)


async def test_outbox(place: Place, clock: FrozenClock) -> None:
    await is_well("outbox", place)
    first = await write(clock)
    clock.advance(minutes=59)
    await is_well("outbox", place)
    clock.advance(minutes=1)
    await is_faulty("outbox", place, "letters wait since 2026-06-15 10:00 UTC")
    await mail.mark_sent(first.id, now=clock(), keep_body=False)
    await is_well("outbox", place)
    # a wrong address is that address's affair
    refused = await write(clock)
    await mail.mark_failed(refused.id, "550 5.1.1", now=clock())
    clock.advance(hours=2)
    await is_well("outbox", place)
    # codes that nobody received are given up, and still tell that nothing leaves
    code = await write(clock, minutes=15)
    clock.advance(minutes=16)
    await mail.mark_failed(code.id, "no connection", now=clock())
    await is_well("outbox", place)
    clock.advance(minutes=44)
    await is_faulty("outbox", place, "none leaves")


async def test_migrations(place: Place) -> None:
    await Migration.insert(Migration(name="2099", app_name="visits"))
    await is_faulty("migrations", place, "newer than this program")
    await Migration.delete().where(Migration.app_name == "visits")
    await is_faulty("migrations", place, "lacks [1-9]")


async def test_a_database_that_is_not_there(alone: Place) -> None:
    await is_faulty("database", alone, "there is no database at")
    assert list(alone.settings.data.iterdir()) == [], "looking must not make one"


async def test_a_database_that_cannot_be_reached(alone: Place) -> None:
    away = with_settings(
        replace(alone, time_from="http://127.0.0.1:9/"), database="postgresql://estran@127.0.0.1:9/club"
    )
    found = await doctor.examine(away)
    assert list(found)[-1] == "database"
    assert found["database"].state is State.FAULT
    assert "does not open" in found["database"].said


async def test_a_database_whose_folder_cannot_be_made(alone: Place) -> None:
    (alone.settings.data / "file").touch()
    away = with_settings(
        replace(alone, time_from="http://127.0.0.1:9/"),
        database=f"sqlite:///{alone.settings.data}/file/estran.sqlite",
    )
    found = await doctor.examine(away)
    assert list(found)[-1] == "database"
    assert found["database"].state is State.FAULT


# --- all of it --------------------------------------------------------------------------------------------------------


async def test_what_stands_on_something_faulty_is_left_out(alone: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "TIME_FROM", "http://127.0.0.1:9/")
    found = await doctor.examine(replace(alone, time_from="http://127.0.0.1:9/"))
    assert list(found) == [*doctor.ALONE, "database"]
    monkeypatch.setattr(os, "geteuid", lambda: -1)
    assert list(await doctor.examine(replace(alone, time_from="http://127.0.0.1:9/"))) == list(doctor.ALONE)


async def test_a_check_that_breaks_keeps_no_other_from_speaking(alone: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(_: Place) -> Finding:
        raise RuntimeError(TO)

    monkeypatch.setitem(doctor.ALONE, "settings", breaks)
    found = await doctor.examine(replace(alone, time_from="http://127.0.0.1:9/"))
    assert found["settings"].state is State.FAULT
    assert "RuntimeError" in found["settings"].said
    assert TO not in str(found)
    assert "database" in found


# --- /readyz and /healthz ---------------------------------------------------------------------------------------------


async def test_a_server_says_whether_it_is_ready(
    client: httpx.AsyncClient, settings: Settings, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.data.mkdir(exist_ok=True)

    async def lacks(name: str | None) -> None:
        answer = await client.get("/readyz")
        assert answer.status_code == (200 if name is None else 503)
        lacking = answer.json()["lacking"]
        assert list(lacking) == ([] if name is None else [name])
        assert str(settings.data) not in answer.text
        assert TO not in answer.text

    await lacks(None)
    row = await keys.current(Issuer(settings.origin, settings.data / "keys"), now=clock())
    await lacks(None)
    (settings.data / "keys").rename(settings.data / "gone")
    await lacks("keys")
    (settings.data / "gone").rename(settings.data / "keys")
    assert row.kid not in (await client.get("/readyz")).text
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(0))
        await lacks("disk")
    letter = await write(clock)
    await mail.postpone(letter.id, until=clock() + timedelta(days=1), tries=1)
    clock.advance(hours=2)
    await lacks("outbox")
    await mail.mark_sent(letter.id, now=clock(), keep_body=False)
    await lacks(None)
    await Migration.delete().where(Migration.app_name == "visits")
    await lacks("migrations")
    monkeypatch.setattr("estran.db.fetch", _away)
    await lacks("database")


async def _away(*_: Any) -> Any:
    raise OSError(TO)


async def test_a_server_without_its_database_is_not_healthy(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/healthz")).json()["status"] == "ok"
    monkeypatch.setattr(club, "house", _away)
    answer = await client.get("/healthz")
    assert answer.status_code == 500
    assert TO not in answer.text
