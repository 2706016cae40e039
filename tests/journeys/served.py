"""`estran …` in a process of its own that need not import anything: a second of work for each start, of a hundred.

A process with everything imported and built stands by and divides itself. `estran run` from nothing is tests/test_cli.py's.
"""

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

STANDS_BY = multiprocessing.get_context("forkserver")
STANDS_BY.set_forkserver_preload(
    ["estran.cli", "estran.demo.service", "uvicorn.loops.uvloop", "tests.journeys.standing"]
)


def start(command: Sequence[str], environ: Mapping[str, str], log: Path) -> BaseProcess:
    """`estran` with this command and the environment's ESTRAN_ variables; what it says goes to `log`."""
    process = STANDS_BY.Process(target=_become, args=([*command], dict(environ), str(log)), daemon=True)
    process.start()
    return process


def _become(command: list[str], environ: dict[str, str], log: str) -> None:
    from estran import app, cli  # noqa: PLC0415 - they are there already

    from . import standing  # noqa: PLC0415 - it, too

    app.build = standing.ready
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(said, stream)
    os.environ.clear()
    os.environ.update(environ)
    cli.main(command, prog_name="estran")
