"""SMTP by URL: logins and locks, against real servers."""

import ssl
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from estran.mail import transport
from estran.mail.transport import Draft, Failure, NotSent
from tests.conftest import MONDAY
from tests.postoffice import Postman, free_port

TO = "camille@example.org"


def message() -> EmailMessage:
    draft = Draft("estran.1", TO, "Bonjour", "text", "<p>html</p>", MONDAY)
    return transport.build(draft, mail_from="pass@example.org", club_name="Club")


def send(url: str) -> None:
    transport.send(url, message(), sender="pass@example.org", recipient=TO)


def serve(postman: Postman, **options: Any) -> Controller:
    server = Controller(postman, hostname="127.0.0.1", port=free_port(), **options)
    server.start()
    return server


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # a test on this machine
def test_a_login_is_taken_from_the_url() -> None:
    def check(_: Any, __: Any, ___: Any, ____: Any, given: LoginPassword) -> AuthResult:
        is_right = (given.login, given.password) == (b"club@host", b"p@ss:w/rd")
        return AuthResult(success=is_right, handled=False)  # not handled: the server says 535, and does not just go

    postman = Postman()
    server = serve(postman, authenticator=check, auth_required=True, auth_require_tls=False)
    try:
        send(f"smtp://club%40host:p%40ss%3Aw%2Frd@127.0.0.1:{server.port}")
        assert postman.addresses == [TO]
        with pytest.raises(NotSent) as refusal:
            send(f"smtp://club%40host:wrong@127.0.0.1:{server.port}")
        assert refusal.value.failure is Failure.SERVER
        assert "wrong" not in refusal.value.error
    finally:
        server.stop()


@pytest.mark.parametrize(
    "said",
    [
        "<camille@example.org>: Recipient address rejected",
        "mailbox of Camille@EXAMPLE.org is full",
        "camille... User unknown",
        "no such person 'CAMILLE'",
        "mail from pass@example.org to camille@example.org refused",
    ],
)
def test_what_a_server_says_is_kept_without_anybodys_address(said: str) -> None:
    postman = Postman(rcpt={TO: f"550 5.1.1 {said}"})
    server = serve(postman)
    try:
        with pytest.raises(NotSent) as refusal:
            send(f"smtp://127.0.0.1:{server.port}")
    finally:
        server.stop()
    assert refusal.value.error.startswith("550 5.1.1 ")
    assert "<address>" in refusal.value.error
    assert "camille" not in refusal.value.error.lower()
    assert "@" not in refusal.value.error


def test_a_server_without_starttls_gets_no_letter_that_asks_for_it() -> None:
    postman = Postman()
    server = serve(postman)
    try:
        with pytest.raises(NotSent) as refusal:
            send(f"smtp+starttls://127.0.0.1:{server.port}")
    finally:
        server.stop()
    assert refusal.value.failure is Failure.SERVER
    assert postman.letters == []


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """A server's side with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(MONDAY - timedelta(days=1))
        .not_valid_after(MONDAY + timedelta(days=9999))
        .sign(key, SHA256())
    )
    path = tmp_path / "both.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # aiosmtpd, on a handshake that fails
def test_a_certificate_nobody_vouches_for_is_refused(self_signed: ssl.SSLContext) -> None:
    postman = Postman()
    server = serve(postman, tls_context=self_signed)
    try:
        with pytest.raises(NotSent) as refusal:
            send(f"smtp+starttls://127.0.0.1:{server.port}")
    finally:
        server.stop()
    assert refusal.value.failure is Failure.SERVER
    assert postman.letters == []


def test_nobody_there_is_the_servers_trouble() -> None:
    for scheme in ("smtp", "smtps", "smtp+starttls"):
        with pytest.raises(NotSent) as refusal:
            send(f"{scheme}://127.0.0.1:{free_port()}")
        assert refusal.value.failure is Failure.SERVER


def test_a_calendar_goes_along_and_a_mail_program_may_stop_such_letters() -> None:
    """RFC 8058 §3.1: both headers, and the address as it is: folded into encoded words nobody would find it."""
    link = f"https://pass.example.org/letters/{'x' * 300}"
    entries = "BEGIN:VCALENDAR\r\nSUMMARY:Pêche\r\nEND:VCALENDAR\r\n"
    draft = Draft(
        "estran.1", "zoé@exemple.fr", "Réponse", "text", "<p>é</p>", MONDAY, calendar=entries, unsubscribe=link
    )
    raw = transport.build(draft, mail_from="pass@example.org", club_name="Côte").as_bytes()
    assert f"\r\nList-Unsubscribe: <{link}>\r\n".encode() in raw
    read = message_from_bytes(raw, policy=default)
    assert read["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert isinstance(read, EmailMessage)
    [attached] = read.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("text/calendar", "agenda.ics")
    assert attached["content-type"].params["method"] == "PUBLISH"
    assert attached.get_content() == entries
    assert "List-Unsubscribe" not in message()
    assert [part.get_content_type() for part in message().iter_parts()] == ["text/plain", "text/html"]
