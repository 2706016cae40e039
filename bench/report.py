"""What a figure is, its bar, and how a run is told and kept."""

import json
import math
import os
import platform
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Bar:
    """The limit a figure must keep; None: it is only told."""

    most: float | None = None
    least: float | None = None

    def holds(self, value: float) -> bool:
        """Whether `value` keeps it."""
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)

    def __str__(self) -> str:
        if self.most is not None:
            return f"<= {self.most:g}"
        return "" if self.least is None else f">= {self.least:g}"


BARS = {
    "visits_single_per_s": Bar(least=1000),
    "visits_batch_per_s": Bar(least=3000),
    "visits_cpu_ms": Bar(most=1),
    "raw_sqlite_ratio": Bar(least=0.25),
    "dashboard_ms_p95": Bar(most=100),
    "server_ready_s": Bar(most=2.5),
    "server_rss_mb": Bar(most=120),
    "pass_app_gzip_kb": Bar(most=60),
    "scan_app_gzip_kb": Bar(most=60),
    "qr_version": Bar(most=11),
    "pass_cold_offline_ms_p95": Bar(most=500),
    "scan_to_verdict_ms_p95": Bar(most=250),
    "verify_check_ms_p95": Bar(most=10),
}
"""docs/benchmarks.md explains each."""


@dataclass(slots=True)
class Figure:
    """One measured number, with the rounds it is the median of."""

    name: str
    value: float
    rounds: list[float]
    note: str = ""

    @property
    def bar(self) -> Bar:
        """Its limit."""
        return BARS.get(self.name, Bar())


@dataclass
class Report:
    """One run: prints each figure as it comes, the table at the end, and keeps it as JSON."""

    figures: list[Figure] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def section(self, name: str) -> None:
        """Say what is measured now, and how busy the machine is before it."""
        self.loads.append(os.getloadavg()[0])
        print(f"\n{name} (load of the last minute {self.loads[-1]:.1f})", flush=True)

    def step(self, text: str) -> None:
        """Progress."""
        print(f"  ... {text}", flush=True)

    def median(self, name: str, rounds: Sequence[float], note: str = "") -> None:
        """A figure that is the median of its rounds."""
        self.tell(Figure(name, statistics.median(rounds), list(rounds), note))

    def p95(self, name: str, samples: Sequence[float], note: str = "") -> None:
        """A figure that 95 % of the samples keep; the median is in the note."""
        middle = f"median {statistics.median(samples):.3g} of {len(samples)}"
        self.tell(Figure(name, p95(samples), list(samples), f"{middle}; {note}" if note else middle))

    def tell_one(self, name: str, value: float, note: str = "") -> None:
        """A figure that was measured once."""
        self.tell(Figure(name, value, [value], note))

    def tell(self, figure: Figure) -> None:
        """Add a figure."""
        self.figures.append(figure)
        print("  " + _line(figure), flush=True)

    def close(self, path: Path) -> int:
        """Print the table, write the JSON; the number of bars missed."""
        missed = [figure for figure in self.figures if not figure.bar.holds(figure.value)]
        print("\n" + "\n".join(_line(figure) for figure in self.figures))
        print(f"\n{len(missed)} bars missed{': ' if missed else ''}{', '.join(figure.name for figure in missed)}")
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(self._record(), indent=1) + "\n", encoding="utf-8")
        print(f"written: {path}")
        return len(missed)

    def _record(self) -> dict[str, Any]:
        return {
            "at": self.began.isoformat(timespec="seconds"),
            "machine": {
                "cores": os.cpu_count(),
                "system": platform.platform(),
                "python": platform.python_version(),
                "sqlite": sqlite3.sqlite_version,
                "load_min": min(self.loads, default=math.nan),
                "load_max": max(self.loads, default=math.nan),
            },
            "figures": [asdict(figure) | {"bar": str(figure.bar)} for figure in self.figures],
        }


def p95(samples: Sequence[float]) -> float:
    """The smallest sample that at least 95 % do not exceed."""
    return sorted(samples)[math.ceil(len(samples) * 0.95) - 1]


def _line(figure: Figure) -> str:
    low, high = min(figure.rounds), max(figure.rounds)
    spread = f"{low:.4g}-{high:.4g}" if len(figure.rounds) > 1 else ""
    verdict = "" if not str(figure.bar) else "ok" if figure.bar.holds(figure.value) else "MISSED"
    return f"{figure.name:<30} {figure.value:>9.4g}  {figure.bar!s:<8} {verdict:<7} {spread:<18} {figure.note}".rstrip()
