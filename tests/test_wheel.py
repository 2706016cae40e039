"""The wheel alone is enough: installed where there is no source tree, it migrates, names an officer, serves and stops."""

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.world import free_port
from tests.test_house import tracked_files

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
UV = str(Path(sys.executable).with_name("uv"))
BUILT = ROOT / "server" / "estran" / "static"


def build(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [UV, "build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", str(out)]
    return subprocess.run([*command, str(source)], capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    done = build(ROOT, out)
    assert done.returncode == 0, done.stderr
    [made] = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def venv(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with the locked libraries and the wheel in it, and nothing else."""
    made = tmp_path_factory.mktemp("opt") / "venv"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, str(made)], check=True, timeout=60)
    install = [UV, "pip", "install", "--quiet", "--python", str(made / "bin" / "python")]
    subprocess.run([*install, "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True, timeout=300)
    subprocess.run([*install, "--no-deps", str(wheel)], check=True, timeout=60)
    return made


def test_everything_of_the_package_is_inside(wheel: Path) -> None:
    server = ROOT / "server"
    ours = {path.relative_to(server).as_posix() for path in tracked_files() if path.is_relative_to(server)}
    built = {path.relative_to(server).as_posix() for path in BUILT.rglob("*") if path.is_file()}
    with zipfile.ZipFile(wheel) as packed:
        inside = {name for name in packed.namelist() if name.startswith("estran/")}
    assert inside == ours | built
    for kind in (r"piccolo_migrations/\w+\.py", r"templates/.*\.html", r"texts/fr\.json", r"static/scan/.*\.wasm"):
        assert any(re.search(kind, name) for name in inside), kind


def test_without_the_built_apps_there_is_no_wheel(tmp_path: Path) -> None:
    for path in tracked_files():
        if path.relative_to(ROOT).parts[0] in {"server", "tools", "pyproject.toml", "README.md", "LICENSE"}:
            there = tmp_path / "tree" / path.relative_to(ROOT)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, there)
    for name in ("pass", "scan"):
        done = build(tmp_path / "tree", tmp_path / "dist")
        assert done.returncode != 0
        assert "run `make wheel`" in done.stderr
        assert not list(tmp_path.glob("dist/*.whl"))
        shutil.copytree(BUILT / name, tmp_path / "tree" / "server" / "estran" / "static" / name)
    assert build(tmp_path / "tree", tmp_path / "dist").returncode == 0


class Site:
    """The installed program, with an installation of its own."""

    def __init__(self, venv: Path, folder: Path) -> None:
        self.folder = folder
        self.program = str(venv / "bin" / "estran")
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "ESTRAN_ORIGIN": self.origin,
            "ESTRAN_DATA": str(folder / "data"),
            "ESTRAN_MAIL": "smtp://127.0.0.1:9",
            "ESTRAN_MAIL_FROM": "pass@example.org",
        }

    def says(self, *words: str) -> str:
        done = subprocess.run(
            [self.program, *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def serve(self) -> subprocess.Popen[str]:
        command = [self.program, "run", "--port", str(self.port)]
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def get(self, path: str) -> tuple[int, str, bytes]:
        """Status, media type and body; redirects are followed."""
        with urllib.request.urlopen(self.origin + path, timeout=10) as answer:
            return answer.status, str(answer.headers.get_content_type()), answer.read()

    def wait(self, server: subprocess.Popen[str]) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and server.poll() is None:
            try:
                self.get("/healthz")
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
            else:
                return
        server.kill()
        raise AssertionError(server.communicate()[0])


@pytest.fixture
def site(venv: Path, tmp_path: Path) -> Site:
    return Site(venv, tmp_path)


@pytest.fixture
def served(site: Site) -> Iterator[Site]:
    assert "visits" in site.says("migrate")
    with site.serve() as server:
        try:
            site.wait(server)
            yield site
        finally:
            server.terminate()
            said = server.communicate(timeout=20)[0]
    assert server.returncode in {0, -15}, said
    assert "event=server_stopping" in said
    assert "Traceback" not in said


def test_it_runs_where_there_is_no_source_tree(served: Site, venv: Path) -> None:
    python = str(venv / "bin" / "python")
    where = [python, "-c", "import estran, piccolo; print(estran.__file__)"]
    file = subprocess.run(where, cwd=served.folder, capture_output=True, text=True, check=True, env={}).stdout
    assert file.startswith(str(venv))
    link = served.says("officer", "add", "helene.semaphore@example.org").strip()

    assert json.loads(served.get("/healthz")[2])["status"] == "ok"
    assert len(json.loads(served.get("/.well-known/jwks.json")[2])["keys"]) == 1
    assert json.loads(served.get("/readyz")[2]) == {"ready": True, "lacking": {}}
    for path in ("/", "/pass/", "/scan/", "/desk/", "/privacy", "/legal", link.removeprefix(served.origin)):
        status, media_type, body = served.get(path)
        assert (status, media_type) == (200, "text/html"), path
        for address in re.findall(rb'(?:src|href)="(/[^"]+\.(?:js|css|svg|png)[^"]*)"', body):
            assert served.get(address.decode())[0] == 200, address
    assert b'type="email"' in served.get("/desk/")[2], "the desk's door"
    for path in ("/pass/sw.js", "/scan/sw.js"):
        assert served.get(path)[1] == "text/javascript"
    wasm = next(BUILT.glob("scan/assets/*.wasm"))
    assert served.get(f"/scan/assets/{wasm.name}")[1:] == ("application/wasm", wasm.read_bytes())


def test_the_doctor_finds_both_apps_in_it(site: Site) -> None:
    done = subprocess.run(
        [site.program, "doctor", "--json", "--time-from", "http://127.0.0.1:9/"],
        cwd=site.folder,
        env=site.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == 1
    assert found["front_ends"]["state"] == "ok"
