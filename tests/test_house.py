"""The house's own order: who imports whom, what a lock file holds, what a tracked file must not name."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCKS = sorted(ROOT.glob("requirements*.lock"))

# Addresses and folders of whoever built it. Written so as not to match itself, for this file is tracked too.
PRIVATE = re.compile(
    r"(?<![\w.~-])/(?:work|root)[/]"  # a folder of the machine
    r"|registry[.]npmjs|python[h]osted|/simple[/]?\s"  # a package registry
)


def tracked_files() -> list[Path]:
    """Every file under version control that still exists; skips the test outside a checkout."""
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    return [path for path in files if path.is_file()]


def test_imports_only_go_down_the_stairs() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_tracked_file_names_a_registry_or_a_machine() -> None:
    named = []
    for path in tracked_files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        named += [f"{path.relative_to(ROOT)}: {found[0]!r}" for found in PRIVATE.finditer(text)]
    assert named == []


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_each_locked_python_package_has_its_hashes(lock: Path) -> None:
    text = lock.read_text("utf-8")
    entries = re.findall(r"^[^\s#].*(?:\n[ \t].*)*", text, re.MULTILINE)
    assert entries
    assert [entry for entry in entries if not re.match(r"[\w.\[\]-]+==\S+.*\n\s+--hash=sha256:", entry)] == []
    assert "://" not in text


def test_each_locked_web_package_has_its_hash_and_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    fetched = {name: entry for name, entry in packages.items() if "node_modules/" in name and not entry.get("link")}
    assert fetched
    assert [name for name, entry in fetched.items() if "integrity" not in entry and not entry.get("inBundle")] == []
    assert [name for name, entry in fetched.items() if "resolved" in entry] == []


def test_what_the_server_needs_is_the_same_in_both_locks() -> None:
    runtime, everything = (
        set(re.findall(r"^[\w.\[\]-]+==[^\s;]+", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime <= everything


def test_each_make_target_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^\.PHONY: ([a-z-]+)$", makefile, re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert targets == explained
    assert {"demo", "test", "build", "bench", "clean"} <= targets
