"""The files of deploy/ work as they are, as far as their own programs can tell."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from estran.app import BODY_MAX_BYTES
from estran.desk import settings_pages
from estran.settings import read_settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("estran*.*") if path.suffix in {".service", ".timer"})


def program(name: str, package: str) -> str:
    """Its path. Where it could have been installed (as root) it must be there; elsewhere its tests are skipped."""
    done = subprocess.run(
        [str(ROOT / "tools" / "find-program"), name, package], capture_output=True, text=True, check=False
    )
    if done.returncode and os.geteuid():
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def verify(unit: Path) -> subprocess.CompletedProcess[str]:
    analyze = program("systemd-analyze", "systemd")
    return subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units, with the program where this machine has it: systemd looks whether it is there."""
    for name in UNITS:
        text = (DEPLOY / name).read_text().replace("/opt/estran/bin/estran", f"{Path(sys.executable).parent}/estran")
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_to_say_about_a_unit(installed: Path, name: str) -> None:
    done = verify(installed / name)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "estran" in line]) == (0, [])


@pytest.mark.slow
def test_systemd_would_have_something_to_say(installed: Path) -> None:
    unit = installed / "estran.service"
    unit.write_text(unit.read_text().replace("ProtectHome=yes", "ProtectHomes=yes"))
    assert "ProtectHomes" in verify(unit).stderr


@pytest.mark.slow
def test_caddy_takes_the_caddyfile(tmp_path: Path) -> None:
    caddy = program("caddy", "caddy")
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}

    def validate(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "Caddyfile").write_text(text)
        command = [caddy, "validate", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    text = (DEPLOY / "Caddyfile").read_text()
    done = validate(text)
    assert done.returncode == 0, done.stderr
    assert "not formatted" not in done.stderr
    assert validate(text.replace("reverse_proxy", "reverse_proxies")).returncode != 0


def test_the_web_server_lets_through_what_estran_reads() -> None:
    """What it stops itself, it answers without words: a logo that is too big has to reach the desk."""
    [megabytes] = re.findall(r"max_size (\d+)MB\n", (DEPLOY / "Caddyfile").read_text())
    assert int(megabytes) * 1_000_000 == max(settings_pages.UPLOAD_MAX_BYTES, BODY_MAX_BYTES)


def test_the_settings_are_whole_and_all_of_them_known() -> None:
    lines = re.findall(r"^(\w+)='([^']*)'$", (DEPLOY / "estran.env").read_text(), re.MULTILINE)
    settings = read_settings(dict(lines))
    assert settings.origin == "https://pass.example.org"
    assert settings.origin.removeprefix("https://") in (DEPLOY / "Caddyfile").read_text()


def test_the_units_speak_of_the_same_folders_and_the_command_exists() -> None:
    units = {name: (DEPLOY / name).read_text() for name in UNITS}
    for name, text in units.items():
        for command in re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE):
            assert command.startswith("/opt/estran/bin/estran "), name
            assert "EnvironmentFile=/etc/estran/estran.env" in text, name
            assert "User=estran" in text, name
    assert "estran backup --keep 30 /var/backups/estran" in units["estran-backup.service"]
    assert "ReadWritePaths=/var/backups/estran" in units["estran-backup.service"]


def test_the_command_for_root_is_a_shell_script_without_fault() -> None:
    subprocess.run([shutil.which("sh") or "sh", "-n", DEPLOY / "estran"], check=True, timeout=10)
    assert os.access(DEPLOY / "estran", os.X_OK)
