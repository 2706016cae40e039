"""`make bench`: every figure of docs/benchmarks.md, a table at the end, and build/bench.json."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.report import Report

RESULT = Path("build/bench.json")
QUICK = ("sizes", "visits", "start", "browser")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="within a minute: fewer and smaller rounds, no long parts")
    parser.add_argument("--only", nargs="+", metavar="PART", help="of: " + ", ".join(_parts(Report(), 1, quick=True)))
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median is told (5)")
    parser.add_argument("--folder", default=None, help="where databases are made: on the disk that matters")
    args = parser.parse_args()
    report = Report()
    parts = _parts(report, 2 if args.quick else args.rounds, quick=args.quick)
    wanted = args.only or (QUICK if args.quick else parts)
    if unknown := set(wanted) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    for name in wanted:
        report.section(name)
        with tempfile.TemporaryDirectory(prefix="estran-bench-", dir=args.folder, ignore_cleanup_errors=True) as folder:
            parts[name](Path(folder))
    sys.exit(1 if report.close(RESULT) else 0)


def _parts(report: Report, rounds: int, *, quick: bool) -> dict[str, Callable[[Path], None]]:
    """What can be measured, each in an empty folder. Imports are inside: help is quick."""

    def sizes(_: Path) -> None:
        from bench import sizes  # noqa: PLC0415

        sizes.measure(report)

    def start(folder: Path) -> None:
        from bench import server  # noqa: PLC0415

        server.measure_start(report, folder, rounds)

    def visits(folder: Path) -> None:
        from bench import intake  # noqa: PLC0415

        intake.measure(report, folder, rounds, 800 if quick else 3200)

    def postgres(folder: Path) -> None:
        from bench import intake  # noqa: PLC0415

        intake.measure_postgres(report, folder, rounds, 800 if quick else 3200)

    def browser(folder: Path) -> None:
        from bench import browser  # noqa: PLC0415

        browser.measure(report, folder, 6 if quick else 25)

    def dashboard(folder: Path) -> None:
        from bench import server  # noqa: PLC0415

        server.measure_dashboard(report, folder)

    def demo(folder: Path) -> None:
        from bench import server  # noqa: PLC0415

        server.measure_demo(report, folder, rounds)

    return {part.__name__: part for part in (sizes, start, visits, postgres, browser, dashboard, demo)}


if __name__ == "__main__":
    main()
