"""What a phone fetches, and how dense the worst code is."""

import gzip
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bench import web
from bench.report import Report

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "server" / "estran" / "static"
SENT_PACKED = {".html", ".css", ".js", ".webmanifest"}
WORST = """
import { drawPass, qrVersion } from '@/pwa/src/pass/qr.ts';
const iss = 'https://' + 'pass.'.padEnd(36, 'x');
console.log(qrVersion(drawPass(iss, '1'.repeat(640)).size));
"""


def measure(report: Report) -> None:
    """Sizes of both apps as built, and the version of the largest QR."""
    for name in ("pass", "scan"):
        own = [path for path in _files(STATIC / name) if path.suffix in SENT_PACKED and not is_decoder(path)]
        images = sum(path.stat().st_size for path in _files(STATIC / name) if path.suffix == ".png") / 1000
        report.tell_one(f"{name}_app_whole_gzip_kb", packed_kb(own), f"with every screen; icons {images:.0f} more")
    decoder = [path for path in _files(STATIC / "scan") if is_decoder(path)]
    report.tell_one("decoder_gzip_kb", packed_kb(decoder), "fetched apart, after the first screen")
    report.tell_one("qr_version", _worst_version(), "36-character host, 30-byte name")


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def is_decoder(path: Path) -> bool:
    """Whether it belongs to what reads codes."""
    return path.suffix == ".wasm" or path.name.startswith("decode.worker")


def packed_kb(paths: Iterable[Path]) -> float:
    """Kilobytes as the server sends them."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths) / 1000


def _worst_version() -> float:
    """Drawn by the app's own code."""
    with tempfile.TemporaryDirectory() as name:
        code = web.bundle(WORST, Path(name), "esm")
        return float(web.node(str(code)))
