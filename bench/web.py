"""The front ends' own modules, bundled to be measured alone."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent


def bundle(code: str, folder: Path, form: str) -> Path:
    """`code` (TypeScript; `@/` is the repository) and all it imports as one file."""
    entry, out = folder / "entry.ts", folder / "bundle.mjs"
    entry.write_text(code.replace("@/", f"{ROOT}/"), encoding="utf-8")
    _run([str(ROOT / "node_modules" / ".bin" / "rolldown"), str(entry), "--format", form, "--file", str(out)])
    return out


def node(*arguments: str) -> str:
    """What the build's Node.js prints."""
    return _run(["node", *arguments])


def _run(command: list[str]) -> str:
    folder = subprocess.run([ROOT / "tools" / "find-node"], check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - our own programs
    environ = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own programs
