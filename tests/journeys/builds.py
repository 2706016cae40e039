"""Yesterday's, today's and tomorrow's build of both apps, each in a folder of its own."""

import json
import os
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path

HOUSE = Path(__file__).parents[2]
TODAY = HOUSE / "server" / "estran" / "static"
KEPT = HOUSE / "tests" / "fixtures" / "build-f01b223.tar.xz"
SCHEMA = "const MIGRATIONS: readonly Migration[] = ["
"""What the vaults of both apps say; tomorrow's have one migration more."""


def kept(folder: Path) -> Path:
    """The earlier build of tests/fixtures; decoder and icons, which it lacks, are today's."""
    with tarfile.open(KEPT) as archive:
        archive.extractall(folder, filter="data")
    for app in ("pass", "scan"):
        for icon in (TODAY / app).glob("*.png"):
            shutil.copy(icon, folder / app)
    (decoder,) = (TODAY / "scan" / "assets").glob("*.wasm")
    for name in {part for part in (folder / "scan" / "sw.js").read_text().split('"') if part.endswith(".wasm")}:
        shutil.copy(decoder, folder / "scan" / name)
    return folder


def news_of_then(body: bytes) -> bytes:
    """The scanner's news as the kept build's own server told them: before benefits had terms."""
    news = json.loads(body)
    del news["venue"]["closures"], news["today"], news["uses"]
    news["benefits"] = [
        {
            "id": one["id"],
            "version": one["version"],
            "kind": "free_entry",
            "minPayingCompanions": 0,
            "quotaPerYear": None,
            "sentence": one["desk"],
        }
        for one in news["benefits"]
    ]
    return json.dumps(news | {"used": {}, "usedYear": datetime.now(UTC).year}).encode()


def tomorrow(folder: Path) -> Path:
    """Today's sources with a further version of both databases: one more store, one more index. Takes ten seconds."""
    for app, change in (
        ("pwa", "(db) => void db.createObjectStore('tomorrow')"),
        ("partners", "(_, upgrade) => void upgrade.objectStore('log').createIndex('tomorrow', 'day')"),
    ):
        shutil.copytree(HOUSE / app, folder / app, ignore=shutil.ignore_patterns("node_modules", "test"))
        (vault,) = (folder / app / "src").rglob("vault.ts")
        before, mark, rest = vault.read_text(encoding="utf-8").partition(SCHEMA)
        assert mark, f"{vault} no longer says: {SCHEMA}"
        earlier, end, rest = rest.partition("];")
        vault.write_text(f"{before}{mark}{earlier.rstrip().rstrip(',')}, {change}{end}{rest}", encoding="utf-8")
    for name in ("kit", "node_modules", "tsconfig.base.json"):
        (folder / name).symlink_to(HOUSE / name)
    node = os.environ.get("PLAYWRIGHT_NODEJS_PATH") or shutil.which("node")
    assert node, "no Node.js found: run the tests with `make test-all`"
    for app in ("pwa", "partners"):
        command = [node, "node_modules/vite/bin/vite.js", "build", app, "--logLevel", "warn"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "server" / "estran" / "static"
