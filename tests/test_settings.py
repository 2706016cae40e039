"""What an installation is told from outside: everything wrong is named at once, before anything starts."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from estran.settings import Settings, SettingsError, read_settings

GOOD = {
    "ESTRAN_ORIGIN": "https://pass.example.org",
    "ESTRAN_DATA": "/var/lib/estran",
    "ESTRAN_MAIL": "smtps://pass:secret@mail.example.org:465",
    "ESTRAN_MAIL_FROM": "pass@example.org",
}


def faults_of(**changes: str | None) -> str:
    environ = GOOD | {key: value for key, value in changes.items() if value is not None}
    environ = {key: value for key, value in environ.items() if changes.get(key, "") is not None}
    with pytest.raises(SettingsError) as caught:
        read_settings(environ)
    return str(caught.value)


def test_four_settings_are_enough() -> None:
    assert read_settings(GOOD) == Settings(
        origin="https://pass.example.org",
        data=Path("/var/lib/estran"),
        database="sqlite:////var/lib/estran/estran.sqlite",
        mail="smtps://pass:secret@mail.example.org:465",
        mail_from="pass@example.org",
        demo=False,
        trusted_proxies="127.0.0.1",
        log_level="info",
    )


def test_all_settings_are_taken() -> None:
    found = read_settings(
        GOOD
        | {
            "ESTRAN_DATABASE": "postgresql://estran@db.example.org/club",
            "ESTRAN_TRUSTED_PROXIES": "10.0.0.1",
            "ESTRAN_LOG_LEVEL": "warning",
        }
    )
    assert (found.database, found.trusted_proxies, found.log_level) == (
        "postgresql://estran@db.example.org/club",
        "10.0.0.1",
        "warning",
    )


def test_other_people_s_variables_are_left_alone() -> None:
    assert read_settings(GOOD | {"PATH": "/bin", "LANG": "fr_FR.UTF-8"}) == read_settings(GOOD)


def test_nothing_can_be_changed_afterwards() -> None:
    with pytest.raises(FrozenInstanceError):
        read_settings(GOOD).origin = "https://elsewhere.example.org"  # type: ignore[misc]


def test_everything_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({})
    for name in GOOD:
        assert name in str(caught.value)


def test_a_misspelt_name_is_a_fault_not_a_default() -> None:
    assert "ESTRAN_ORIGINE: unknown setting" in faults_of(ESTRAN_ORIGINE="https://pass.example.org")


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("https://pass.example.org", id="plain"),
        pytest.param("https://pass.example.org:8443", id="port"),
        pytest.param("https://xn--pass-caf-i1a.example.org", id="international name, as xn--"),
        pytest.param("http://localhost:8000", id="localhost"),
        pytest.param("http://127.0.0.1:8000", id="loopback"),
    ],
)
def test_an_origin_that_phones_accept(origin: str) -> None:
    found = read_settings(GOOD | {"ESTRAN_ORIGIN": origin})
    assert found.origin == origin
    assert found.is_https == origin.startswith("https")


def test_the_last_slash_of_the_origin_is_dropped() -> None:
    assert read_settings(GOOD | {"ESTRAN_ORIGIN": "https://pass.example.org/"}).origin == "https://pass.example.org"


@pytest.mark.parametrize(
    ("origin", "hint"),
    [
        pytest.param("http://pass.example.org", "must be https", id="no TLS"),
        pytest.param("https://pass.example.org/club", "scheme, host and port only", id="path"),
        pytest.param("https://pass.example.org?x=1", "scheme, host and port only", id="query"),
        pytest.param("https://pass.example.org/#x", "scheme, host and port only", id="fragment"),
        pytest.param("https://user@pass.example.org", "scheme, host and port only", id="user"),
        pytest.param("pass.example.org", "scheme, host and port only", id="no scheme"),
        pytest.param("ftp://pass.example.org", "https://", id="another scheme"),
        pytest.param("https://Pass.Example.org", "lower-case ASCII", id="capitals"),
        pytest.param("https://pass-café.example.org", "lower-case ASCII", id="accents"),
        pytest.param('https://pass".example.org', "lower-case ASCII", id="a quote would break the template"),
        pytest.param("https://pass.example.org:https", "scheme, host and port only", id="a port that is no number"),
        pytest.param("https://[pass.example.org", "scheme, host and port only", id="half a bracket"),
        pytest.param("", "ESTRAN_ORIGIN is missing", id="empty"),
    ],
)
def test_an_origin_that_cannot_be_an_issuer(origin: str, hint: str) -> None:
    assert hint in faults_of(ESTRAN_ORIGIN=origin)


@pytest.mark.parametrize("mail", ["", "mail.example.org", "http://mail.example.org", "sendmail:"])
def test_a_mail_address_nobody_can_use(mail: str) -> None:
    assert "ESTRAN_MAIL is missing or malformed" in faults_of(ESTRAN_MAIL=mail)


def test_letters_are_never_shown_on_a_page_outside_the_demonstration() -> None:
    assert "only with ESTRAN_DEMO=1" in faults_of(ESTRAN_MAIL="mailbox:")
    assert read_settings(GOOD | {"ESTRAN_MAIL": "mailbox:", "ESTRAN_DEMO": "1"}).demo


@pytest.mark.parametrize(("text", "demo"), [("1", True), ("true", True), ("yes", True), ("0", False), ("", False)])
def test_the_demonstration_is_off_unless_asked_for(text: str, *, demo: bool) -> None:
    assert read_settings(GOOD | {"ESTRAN_DEMO": text}).demo is demo


def test_a_word_that_is_neither_yes_nor_no() -> None:
    assert "ESTRAN_DEMO must be 1 or 0" in faults_of(ESTRAN_DEMO="maybe")


def test_a_log_level_that_does_not_exist() -> None:
    assert "ESTRAN_LOG_LEVEL must be one of critical, error" in faults_of(ESTRAN_LOG_LEVEL="loud")
    assert read_settings(GOOD | {"ESTRAN_LOG_LEVEL": "Debug"}).log_level == "debug"


def test_a_database_of_another_kind() -> None:
    assert "ESTRAN_DATABASE must start with" in faults_of(ESTRAN_DATABASE="mysql://localhost/club")


def test_a_sender_without_an_at() -> None:
    assert "ESTRAN_MAIL_FROM" in faults_of(ESTRAN_MAIL_FROM="the office")


@pytest.mark.parametrize("password", ["half/other", "half#other", "half?other", "99999999"])
def test_a_password_that_breaks_its_address_is_told_and_not_shown(password: str) -> None:
    """Else the server would start, and fail at the first letter."""
    address = f"//pass:{password}@example.org" if password.startswith("half") else f"//example.org:{password}"
    said = faults_of(ESTRAN_MAIL=f"smtps:{address}", ESTRAN_DATABASE=f"postgresql:{address}/club")
    assert "ESTRAN_MAIL is missing or malformed" in said
    assert "ESTRAN_DATABASE must start with" in said
    assert password not in said


# --- from files -------------------------------------------------------------------------------------------------------


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "mail"
    secret.write_text("smtps://pass:from-a-file@mail.example.org:465\n", encoding="utf-8")
    environ = {key: value for key, value in GOOD.items() if key != "ESTRAN_MAIL"}
    found = read_settings(environ | {"ESTRAN_MAIL_FILE": str(secret)})
    assert found.mail == "smtps://pass:from-a-file@mail.example.org:465"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    faults = faults_of(ESTRAN_MAIL=None, ESTRAN_MAIL_FILE=str(tmp_path / "nothing"))
    assert "ESTRAN_MAIL_FILE: cannot read" in faults


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in faults_of(ESTRAN_MAIL=None, ESTRAN_MAIL_FILE=str(tmp_path / "noise"))


def test_no_fault_repeats_a_secret() -> None:
    assert "hunter2" not in faults_of(
        ESTRAN_MAIL="sntp://pass:hunter2@mail.example.org", ESTRAN_DATABASE="pg://u:hunter2@h/n"
    )
