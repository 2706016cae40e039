"""kill -9 in the middle of writing: what was acknowledged is there, what was not is there whole or not at all."""

import signal
import subprocess
import sys
from typing import Any
from uuid import UUID

import pytest
from anyio import to_thread
from piccolo.engine.base import Engine

from estran.history.tables import Entry

WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from uuid import uuid4
from estran import db
from estran.history.tables import Entry

@db.writes
async def write_pair(subject):
    for _ in range(2):
        await Entry(id=uuid4(), at=datetime.now(UTC), actor_kind="system", action="test.write",
                    subject_kind="test", subject_id=subject).save()

async def main():
    db.bind(db.make_engine(sys.argv[1]))
    await db.open_engine()
    while True:
        subject = uuid4()
        await write_pair(subject)
        print(subject, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 100], ids=lambda n: f"after {n}")
async def test_kill_9_loses_nothing_acknowledged(engine: Engine[Any], database_url: str, acknowledged: int) -> None:
    said = await to_thread.run_sync(write_until_killed, database_url, acknowledged)
    subjects = await Entry.select(Entry.subject_id).output(as_list=True)
    assert len(said) >= acknowledged
    assert {subject: subjects.count(subject) for subject in said} == dict.fromkeys(said, 2)
    assert len(subjects) % 2 == 0, "half of a transaction survived"
    assert len(subjects) // 2 - len(said) in {0, 1}, "more than the one that was not yet acknowledged"


def write_until_killed(url: str, acknowledged: int) -> list[UUID]:
    """Every line the writer printed, until it was killed after `acknowledged` of them."""
    with subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [UUID(writer.stdout.readline().strip()) for _ in range(acknowledged)]
        writer.send_signal(signal.SIGKILL)
        said += [UUID(line.strip()) for line in writer.stdout if line.endswith("\n")]
    return said
