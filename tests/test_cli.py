"""The administrator's command line: what it prints, what it refuses, and with which words."""

import json
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from estran import __version__
from estran.cli import main
from estran.doctor import CHECKS, Finding, Place, State

ENVIRONMENT = {
    "ESTRAN_ORIGIN": "https://pass.example.org",
    "ESTRAN_MAIL": "smtp://127.0.0.1:9",
    "ESTRAN_MAIL_FROM": "pass@example.org",
}
COMMANDS = [
    "run",
    "migrate",
    "doctor",
    "officer add",
    "officer list",
    "officer remove",
    "keys list",
    "keys rotate",
    "keys revoke",
    "mail bounce",
    "retention run",
    "retention report",
    "backup",
    "restore",
    "demo",
]


class Admin:
    """Somebody at the server's prompt, with one installation's environment."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.environment: dict[str, str | None] = {**ENVIRONMENT, "ESTRAN_DATA": str(data)}

    def types(self, line: str, answer: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, line.split(), input=answer, env=self.environment)

    def says(self, line: str, answer: str | bytes | None = None) -> str:
        result = self.types(line, answer)
        assert result.exit_code == 0, result.output
        return result.stdout

    def is_refused(self, line: str) -> str:
        """The one sentence of a refusal."""
        result = self.types(line)
        assert result.exit_code == 2, (result.exit_code, result.output, result.exception)
        assert "Traceback" not in result.output
        return result.output

    def query(self, sql: str) -> list[Any]:
        with sqlite3.connect(self.data / "estran.sqlite") as connection:
            found = connection.execute(sql).fetchall()
        connection.close()
        return found


@pytest.fixture
def new(tmp_path: Path) -> Admin:
    """An installation in which nothing was done yet."""
    return Admin(tmp_path / "data")


@pytest.fixture
def admin(new: Admin) -> Admin:
    new.says("migrate")
    return new


# --- help and settings ------------------------------------------------------------------------------------------------


def test_the_version() -> None:
    assert __version__ in CliRunner().invoke(main, ["--version"]).output


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_enough(new: Admin, command: str) -> None:
    for option in ("--help", "-h"):
        text = new.says(f"{command} {option}".strip())
        assert "Usage:" in text
        assert len(text.splitlines()) > 4


def test_help_lists_every_command(new: Admin) -> None:
    for command in COMMANDS:
        *group, name = command.split()
        assert name in new.says(" ".join([*group, "--help"]))


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "migrate",
        "officer add a@example.org",
        "officer list",
        "officer remove a@example.org",
        "keys list",
        "keys rotate",
    ],
)
def test_without_settings_all_that_is_missing_is_named(new: Admin, command: str) -> None:
    new.environment = dict.fromkeys(new.environment)  # None: not set
    said = new.is_refused(command)
    for name in (*ENVIRONMENT, "ESTRAN_DATA"):
        assert name in said


# --- backup -----------------------------------------------------------------------------------------------------------


def test_a_club_comes_back_on_a_blank_machine(admin: Admin, tmp_path: Path) -> None:
    admin.says("officer add helene@example.org")
    kid = admin.says("keys list").split()[0]
    said = admin.says(f"backup {tmp_path}/kept")
    assert re.search(r"access_account +1\b", said)
    [file] = (tmp_path / "kept").iterdir()
    assert f"{file} holds the club" in said
    assert file.stat().st_mode & 0o777 == 0o600
    blank = Admin(tmp_path / "blank")
    said = blank.says(f"restore {file}")
    for words in ("as it was at", "status list", "erase them again", "Passes to recheck", "estran run"):
        assert words in said
    assert blank.says("officer list") == "helene@example.org\n"
    assert blank.says("keys list").split()[0] == kid
    assert "restore into a new" in blank.is_refused(f"restore {file}")


def test_so_many_backups_are_kept(admin: Admin, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    for year in (2001, 2002):
        (tmp_path / "kept" / f"estran-{year}-01-01T000000Z.zip").touch()
    (tmp_path / "kept" / "mine.zip").touch()
    said = admin.says(f"backup --keep 2 {tmp_path}/kept")
    assert "estran-2001-01-01T000000Z.zip is removed" in said
    assert len(list((tmp_path / "kept").glob("estran-*"))) == 2
    assert (tmp_path / "kept" / "mine.zip").exists()
    assert "Invalid value" in admin.is_refused(f"backup --keep 0 {tmp_path}/kept")


def test_a_backup_that_cannot_be_written(admin: Admin, tmp_path: Path) -> None:
    assert "cannot be written" in admin.is_refused(f"backup {tmp_path}/no/such")
    assert "restore" not in admin.is_refused(f"backup {admin.data}/estran.sqlite")


def test_a_backup_that_finds_no_place_is_told_so(admin: Admin, tmp_path: Path) -> None:
    admin.says("keys list")
    admin.says(f"backup {tmp_path}/kept")
    [file] = (tmp_path / "kept").iterdir()
    blank = Admin(tmp_path / "blank")
    blank.data.mkdir()
    (blank.data / "keys").touch()
    assert "nothing was restored" in blank.is_refused(f"restore {file}")
    (blank.data / "keys").unlink()
    assert "goes on with version" in blank.says(f"restore {file}")


def test_what_is_no_backup_is_refused(new: Admin, tmp_path: Path) -> None:
    (tmp_path / "not.zip").write_text("x")
    assert "not a whole archive" in new.is_refused(f"restore {tmp_path}/not.zip")
    assert "does not exist" in new.is_refused(f"restore {tmp_path}/nothing.zip")
    assert "migrate first" in new.is_refused(f"backup {tmp_path}/kept")
    assert list((tmp_path / "kept").iterdir()) == []


def test_without_its_keys_it_says_what_to_do(admin: Admin, tmp_path: Path) -> None:
    kid = admin.says("keys list").split()[0]
    for key in (admin.data / "keys").iterdir():
        key.unlink()
    admin.says(f"backup {tmp_path}/kept")
    [file] = (tmp_path / "kept").iterdir()
    other = Admin(tmp_path / "other")
    other.environment["ESTRAN_ORIGIN"] = "https://other.example.org"
    said = other.says(f"restore {file}")
    assert f"{kid}. Copy them" in said
    assert "estran keys revoke" in said
    assert "https://pass.example.org" in said


# --- the database -----------------------------------------------------------------------------------------------------


def test_migrating_twice_is_harmless(new: Admin) -> None:
    first = new.says("migrate")
    assert "visits" in first
    assert "migrations run" in first
    assert "up to date" in new.says("migrate")


@pytest.mark.parametrize("command", ["run", "officer list", "officer add a@example.org", "keys list"])
def test_before_the_migration_it_is_said_what_to_do(new: Admin, command: str) -> None:
    assert "estran migrate" in new.is_refused(command)


def test_a_database_of_a_newer_program_is_not_served(admin: Admin) -> None:
    with sqlite3.connect(admin.data / "estran.sqlite") as connection:
        connection.execute("INSERT INTO migration (name, app_name, ran_on) VALUES ('2099', 'visits', '2099-01-01')")
    connection.close()
    assert "newer" in admin.is_refused("run")


def test_a_database_that_cannot_be_reached(admin: Admin) -> None:
    admin.environment["ESTRAN_DATABASE"] = "postgresql://estran@127.0.0.1:9/club"
    assert "does not open" in admin.is_refused("officer list")


def test_a_port_that_is_taken(admin: Admin) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = admin.is_refused(f"run --port {taken.getsockname()[1]}")
    assert "choose another --port" in said


# --- officers ---------------------------------------------------------------------------------------------------------


def test_an_officer_is_added_with_a_link_listed_and_removed(admin: Admin) -> None:
    link = admin.says("officer add helene.semaphore@example.org").strip()
    assert re.fullmatch(r"https://pass\.example\.org/sign-in/[\w-]{43}", link)
    assert admin.says("officer list").split() == ["helene.semaphore@example.org"]
    admin.says("officer remove Helene.Semaphore@example.org")
    assert admin.says("officer list") == ""


def test_adding_again_prints_another_link(admin: Admin) -> None:
    links = {admin.says("officer add helene.semaphore@example.org").strip() for _ in range(2)}
    assert len(links) == 2
    assert len(admin.says("officer list").split()) == 1


def test_the_link_is_kept_as_a_hash_only(admin: Admin) -> None:
    secret = admin.says("officer add helene.semaphore@example.org").strip().rsplit("/", 1)[-1]
    assert secret not in str(admin.query("SELECT * FROM access_sign_in"))


def test_what_was_done_is_in_the_history(admin: Admin) -> None:
    admin.says("officer add helene.semaphore@example.org")
    admin.says("officer remove helene.semaphore@example.org")
    assert admin.query("SELECT action, actor_kind FROM history_entry ORDER BY at") == [
        ("access.grant", "system"),
        ("access.withdraw", "system"),
    ]


def test_an_address_that_is_none(admin: Admin) -> None:
    assert "e-mail" in admin.is_refused("officer add helene")


def test_somebody_unknown_cannot_be_removed(admin: Admin) -> None:
    assert "not known" in admin.is_refused("officer remove nobody@example.org")


# --- keys -------------------------------------------------------------------------------------------------------------


def test_the_first_key_makes_itself(admin: Admin) -> None:
    [line] = admin.says("keys list").splitlines()
    assert line.endswith("signs now")
    [file] = (admin.data / "keys").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert (admin.data / "keys").stat().st_mode & 0o777 == 0o700


def test_a_next_key_is_announced_once(admin: Admin) -> None:
    admin.says("keys list")
    assert "will sign from" in admin.says("keys rotate")
    assert [line.rsplit("  ", 1)[-1] for line in admin.says("keys list").splitlines()] == ["signs now", "announced"]
    assert "already announced" in admin.is_refused("keys rotate")


def test_a_compromised_key_is_replaced_at_once(admin: Admin) -> None:
    old = admin.says("keys list").split()[0]
    said = admin.says(f"keys revoke {old} --why stolen --yes")
    assert f"{old} is revoked" in said
    assert old not in admin.says("keys list")
    assert admin.query("SELECT why FROM history_entry WHERE action = 'keys.revoke'") == [("stolen",)]


def test_revoking_asks_first(admin: Admin) -> None:
    old = admin.says("keys list").split()[0]
    assert admin.types(f"keys revoke {old} --why stolen", "n\n").exit_code == 1
    assert old in admin.says("keys list")


@pytest.mark.parametrize("kid", ["AAAA", "-R2c", "--h_"])
def test_a_key_that_does_not_exist(admin: Admin, kid: str) -> None:
    assert f"the kid {kid}: see estran keys list" in admin.is_refused(f"keys revoke {kid} --why test --yes")


# --- the doctor -------------------------------------------------------------------------------------------------------

NOBODY = "--time-from http://127.0.0.1:9/"


def test_the_doctor_names_every_missing_setting(new: Admin) -> None:
    new.environment = dict.fromkeys(new.environment)
    result = new.types("doctor")
    assert result.exit_code == 1
    assert result.stdout.startswith("fault    settings")
    for name in (*ENVIRONMENT, "ESTRAN_DATA"):
        assert name in result.stdout


def test_the_doctor_says_what_is_wrong_and_what_helps(admin: Admin) -> None:
    admin.environment["ESTRAN_ORIGIN"] = "http://127.0.0.1:9"
    result = admin.types(f"doctor {NOBODY}")
    assert result.exit_code == 1
    said = re.findall(r"^(ok|warning|fault) +(\w+) ", result.stdout, re.MULTILINE)
    assert [name for _, name in said] == list(CHECKS)
    assert {("ok", "database"), ("fault", "officer"), ("warning", "legal"), ("fault", "mail")} <= set(said)
    assert "-> Run estran officer add EMAIL" in result.stdout
    found = json.loads(admin.types(f"doctor {NOBODY} --json").stdout)
    assert [(one["state"], name) for name, one in found.items()] == said


def test_the_doctor_is_content_with_warnings(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    async def examine(_: Place) -> dict[str, Finding]:
        return {"legal": Finding(State.WARNING, "the legal pages still lack 2 entries", "Fill them in.")}

    monkeypatch.setattr("estran.doctor.examine", examine)
    assert "-> Fill them in." in admin.says("doctor")


# --- letters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "letter", [b"", b"\xff\xfe", b"Subject: hello\n\nI am on holiday.\n"], ids=["empty", "noise", "reply"]
)
def test_a_letter_that_is_no_report_is_let_go(admin: Admin, letter: bytes) -> None:
    assert "Not a failure report" in admin.says("mail bounce", letter)


# --- really served ----------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_server_starts_answers_and_stops(admin: Admin) -> None:
    port = free_port()
    environment = {key: value for key, value in admin.environment.items() if value is not None}
    environment |= {"PATH": "/usr/bin:/bin", "ESTRAN_ORIGIN": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "estran.cli", "run", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as server:
        try:
            answer = wait_for(f"http://127.0.0.1:{port}/healthz", server)
            with socket.create_connection(("127.0.0.1", port)) as noise:
                noise.sendall(b"helene@example.org\r\n\r\n")
                noise.recv(1000)
        finally:
            server.terminate()
        assert server.stdout is not None
        said = server.stdout.read().decode()
    assert answer == {"status": "ok", "version": __version__}
    assert server.returncode in {0, -15}, said
    lines = said.splitlines()
    assert [line for line in lines if not re.match(r"at=\S+Z level=\w+ from=[\w.]+ event=\w+", line)] == []
    assert f"event=server_started version={__version__} database=sqlite" in lines[0]
    assert 'from=uvicorn.error event=foreign text="Invalid HTTP request received."' in said
    assert "event=server_stopping" in lines[-1]
    assert "helene" not in said


def wait_for(url: str, server: subprocess.Popen[bytes]) -> Any:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not answer within a minute")


def test_only_a_demonstration_is_wiped(admin: Admin, tmp_path: Path) -> None:
    assert "was not made by estran demo" in admin.is_refused(f"demo --wipe --data {admin.data}")
    assert (admin.data / "estran.sqlite").exists()
    made = tmp_path / "demo"
    assert "Nothing to delete" in admin.says(f"demo --wipe --data {made}")
    made.mkdir()
    (made / "demonstration").touch()
    assert "is gone" in admin.says(f"demo --wipe --data {made}")
    assert not made.exists()


def test_asking_for_help_does_not_load_the_house() -> None:
    heavy = "[name for name in ('litestar', 'piccolo', 'cryptography', 'uvicorn') if name in sys.modules]"
    code = f"import sys, estran.cli; assert not {heavy}, {heavy}"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
