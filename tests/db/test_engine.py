"""The laws of the ground floor (db.py): one writer, safe ends, retries, round trips. Both engines unless a name says which."""

import asyncio
import json
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from piccolo.engine.base import Engine

from estran import db
from estran.access.tables import Account
from estran.club.tables import Ambassador, House, Mandate
from estran.errors import Unavailable
from estran.history.tables import Entry
from estran.inbox.tables import Item

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


def entry(subject_id: UUID, **values: Any) -> Entry:
    row: dict[str, Any] = {
        "id": uuid4(),
        "at": NOON,
        "actor_kind": "system",
        "action": "test.write",
        "subject_kind": "test",
    }
    return Entry(**(row | {"subject_id": subject_id} | values))


def account(email: str) -> Account:
    return Account(id=uuid4(), email=email, email_folded=email.casefold(), created_at=NOON)


async def count(subject_id: UUID) -> int:
    return int(await Entry.count().where(Entry.subject_id == subject_id))


@db.writes
async def write_one(subject_id: UUID) -> None:
    await entry(subject_id).save()


@db.writes
async def claim(subject_id: UUID, limit: int) -> bool:
    """Reads, then writes what the reading allowed: the shape of every quota."""
    if await count(subject_id) >= limit:
        return False
    await asyncio.sleep(0)
    await entry(subject_id).save()
    return True


async def assert_at_rest(engine: Engine[Any]) -> None:
    """No transaction lingers, every connection is back, and the next write works at once."""
    assert engine.current_transaction.get() is None
    if isinstance(engine, db.PooledPostgresEngine):
        assert engine.pool is not None
        assert engine.pool.get_idle_size() == engine.pool.get_size()
        assert not engine.turn.locked()
    else:
        assert isinstance(engine, db.LoopSQLiteEngine)
        assert not engine.writer.in_transaction
        assert not engine._lock.locked()
    subject = uuid4()
    async with asyncio.timeout(5):
        await write_one(subject)
    assert await count(subject) == 1


# --- durability -------------------------------------------------------------------------------------------------------


def pragma(connection: sqlite3.Connection, name: str) -> Any:
    return next(iter(connection.execute(f"PRAGMA {name}").fetchone().values()))


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_sqlite_survives_a_power_cut_by_its_pragmas(engine: db.LoopSQLiteEngine) -> None:
    for connection in (engine.writer, engine.reader):
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "synchronous") == 2
        assert pragma(connection, "foreign_keys") == 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_the_reader_cannot_write(engine: db.LoopSQLiteEngine) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        engine.reader.execute("DELETE FROM club_house")


async def test_foreign_keys_hold(engine: Engine[Any]) -> None:
    orphan = Mandate(
        id=uuid4(), ambassador_id=uuid4(), begins_on=date(2026, 1, 1), ends_on=date(2026, 1, 2), created_at=NOON
    )
    with pytest.raises((sqlite3.IntegrityError, asyncpg.ForeignKeyViolationError)):
        await orphan.save()
    await assert_at_rest(engine)


# --- one writer, many askers ------------------------------------------------------------------------------------------


async def test_sixty_at_once_who_read_then_write_all_succeed(engine: Engine[Any]) -> None:
    subjects = [uuid4() for _ in range(60)]
    assert all(await asyncio.gather(*(claim(subject, 1) for subject in subjects)))
    assert [await count(subject) for subject in subjects] == [1] * 60
    await assert_at_rest(engine)


async def test_a_limit_of_two_holds_against_thirty_at_once(engine: Engine[Any]) -> None:
    await assert_two_of_thirty(engine)


@pytest.mark.parametrize("engine_name", ["postgres"])
async def test_processes_that_know_nothing_of_each_other_keep_the_limit_too(
    engine: db.PooledPostgresEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "turn", asyncio.Semaphore(30))  # as if each were a process of its own
    monkeypatch.setattr(db, "WRITE_TRIES", 100)
    await assert_two_of_thirty(engine)


@pytest.mark.parametrize("engine_name", ["postgres"])
async def test_writers_of_one_process_wait_for_each_other_instead_of_beginning_again(
    engine: db.PooledPostgresEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "WRITE_TRIES", 1)
    await assert_two_of_thirty(engine)


async def assert_two_of_thirty(engine: Engine[Any]) -> None:
    """Thirty claim at once what two may have."""
    subject = uuid4()
    granted = await asyncio.gather(*(claim(subject, 2) for _ in range(30)))
    assert sum(granted) == 2
    assert await count(subject) == 2
    await assert_at_rest(engine)


async def test_nobody_reads_what_is_not_committed(engine: Engine[Any]) -> None:
    subject, written, seen = uuid4(), asyncio.Event(), asyncio.Event()

    @db.writes
    async def write_slowly() -> None:
        await entry(subject).save()
        assert await count(subject) == 1  # the writer sees its own row
        written.set()
        await seen.wait()

    writer = asyncio.create_task(write_slowly())
    async with asyncio.timeout(5):
        await written.wait()
        assert await count(subject) == 0
        seen.set()
        await writer
    assert await count(subject) == 1


async def test_a_report_does_not_wait_for_an_open_write(engine: Engine[Any]) -> None:
    subject, written, reported = uuid4(), asyncio.Event(), asyncio.Event()
    await write_one(subject)
    query = Entry.select(Entry.id, Entry.at).where(Entry.subject_id == subject)

    @db.writes
    async def write_slowly() -> None:
        await entry(subject).save()
        written.set()
        await reported.wait()

    writer = asyncio.create_task(write_slowly())
    async with asyncio.timeout(5):
        await written.wait()
        assert len(await db.report(query)) == 1
        reported.set()
        await writer
    rows = await db.report(query)
    assert [row["at"] for row in rows] == [NOON, NOON]
    assert all(type(row) is dict and isinstance(row["id"], UUID) for row in rows)


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_report_leaves_the_loop_free(engine: db.LoopSQLiteEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    connect = engine._connect

    def noted() -> sqlite3.Connection:
        threads.append(threading.get_ident())
        return connect()

    monkeypatch.setattr(engine, "_connect", noted)
    await db.report(Entry.select(Entry.id))
    assert threads
    assert threading.get_ident() not in threads


# --- one COMMIT for all who are ready (SQLite) ------------------------------------------------------------------------

sqlite_only = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture
def said(engine: db.LoopSQLiteEngine) -> Iterator[list[str]]:
    """The first word of every statement that the writer runs."""
    words: list[str] = []
    engine.writer.set_trace_callback(lambda sql: words.append(sql.split(maxsplit=1)[0]))
    yield words
    engine.writer.set_trace_callback(None)


@sqlite_only
async def test_callers_who_are_ready_together_wait_for_the_disk_once(
    engine: db.LoopSQLiteEngine, said: list[str]
) -> None:
    subjects = [uuid4() for _ in range(16)]
    await asyncio.gather(*(write_one(subject) for subject in subjects))
    assert said.count("COMMIT") == 1
    assert [await count(subject) for subject in subjects] == [1] * 16
    await assert_at_rest(engine)


@sqlite_only
async def test_a_lone_caller_waits_for_nobody(engine: db.LoopSQLiteEngine, said: list[str]) -> None:
    for done in range(1, 4):
        await write_one(uuid4())
        assert said.count("COMMIT") == done


@sqlite_only
async def test_nobody_is_answered_before_it_is_stored(engine: db.LoopSQLiteEngine, said: list[str]) -> None:
    async def write_and_look() -> tuple[bool, int]:
        subject = uuid4()
        await write_one(subject)
        return "COMMIT" in said, await count(subject)  # the reader sees only what is committed

    assert set(await asyncio.gather(*(write_and_look() for _ in range(8)))) == {(True, 1)}


@sqlite_only
@pytest.mark.parametrize("place", [0, 3, 7], ids=["first", "in the middle", "last"])
async def test_one_who_fails_takes_nobody_along(engine: db.LoopSQLiteEngine, place: int) -> None:
    @db.writes
    async def fail(subject: UUID) -> None:
        await entry(subject).save()
        raise RuntimeError("alone")

    subjects = [uuid4() for _ in range(8)]
    calls = [fail(subject) if number == place else write_one(subject) for number, subject in enumerate(subjects)]
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end) for end in ends if end is not None] == [RuntimeError]
    assert [await count(subject) for subject in subjects] == [int(number != place) for number in range(8)]
    await assert_at_rest(engine)


@sqlite_only
async def test_who_is_cancelled_while_waiting_for_the_disk_takes_nobody_along(engine: db.LoopSQLiteEngine) -> None:
    subjects = [uuid4() for _ in range(6)]
    tasks = [asyncio.create_task(write_one(subject)) for subject in subjects]
    await asyncio.sleep(0)  # all have written, nobody has the disk's word
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    # A caller that went away may find its work done, as with a reply lost on its way.
    assert [await count(subject) for subject in subjects] == [1] * 6
    await assert_at_rest(engine)


@sqlite_only
async def test_when_all_have_gone_what_they_wrote_is_not_left_open(engine: db.LoopSQLiteEngine) -> None:
    @db.writes
    async def fail_after(all_gone: asyncio.Event) -> None:
        await all_gone.wait()
        raise RuntimeError("last")

    for stays in (False, True):
        gone = asyncio.Event()
        writer = asyncio.create_task(write_one(uuid4()))
        others = [asyncio.create_task(fail_after(gone))] if stays else []
        await asyncio.sleep(0)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        gone.set()
        await asyncio.gather(*others, return_exceptions=True)
        await assert_at_rest(engine)


@sqlite_only
async def test_a_commit_that_fails_is_told_to_every_member(engine: db.LoopSQLiteEngine) -> None:
    late, subjects = await fail_at_commit(engine), [uuid4() for _ in range(5)]
    ends = await asyncio.gather(
        *(late(subject) if number == 2 else write_one(subject) for number, subject in enumerate(subjects)),
        return_exceptions=True,
    )
    assert [type(end) for end in ends] == [sqlite3.IntegrityError] * 5
    assert [await count(subject) for subject in subjects] == [0] * 5
    await assert_at_rest(engine)


@sqlite_only
async def test_a_refusal_that_rests_on_what_was_not_stored_is_none(engine: db.LoopSQLiteEngine) -> None:
    """Else somebody would hear that a code is used, by a visit that there is not."""
    late, subject = await fail_at_commit(engine), uuid4()

    @db.writes
    async def refuse_a_second() -> None:
        if await Entry.exists().where(Entry.subject_id == subject):
            raise RuntimeError("used already")

    ends = await asyncio.gather(late(subject), refuse_a_second(), return_exceptions=True)
    assert [type(end) for end in ends] == [sqlite3.IntegrityError] * 2
    assert await count(subject) == 0
    await assert_at_rest(engine)


@sqlite_only
async def test_a_round_that_the_database_undid_is_told_to_every_member(engine: db.LoopSQLiteEngine) -> None:
    """A full disk makes SQLite roll everything back by itself (sqlite.org/lang_transaction.html)."""

    @db.writes
    async def undone(subject: UUID) -> None:
        await entry(subject).save()
        await Entry.raw("ROLLBACK")

    subjects = [uuid4() for _ in range(4)]
    ends = await asyncio.gather(
        *(undone(subject) if number == 2 else write_one(subject) for number, subject in enumerate(subjects)),
        return_exceptions=True,
    )
    told = [end is None for end in ends]
    assert told == [bool(await count(subject)) for subject in subjects], "an answer that is not true"
    assert not told[2]
    await assert_at_rest(engine)


@sqlite_only
async def test_a_write_outside_every_transaction_is_stored_at_once(engine: db.LoopSQLiteEngine) -> None:
    first, second = uuid4(), uuid4()
    waiting = asyncio.create_task(write_one(first))
    await asyncio.sleep(0)
    await entry(second).save()
    assert await count(second) == 1
    await waiting
    assert await count(first) == 1
    await assert_at_rest(engine)


# --- all or nothing ---------------------------------------------------------------------------------------------------


async def test_what_raises_leaves_nothing(engine: Engine[Any]) -> None:
    subject = uuid4()

    @db.writes
    async def fail() -> None:
        await entry(subject).save()
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        await fail()
    assert await count(subject) == 0
    await assert_at_rest(engine)


async def test_nested_writes_are_one_transaction(engine: Engine[Any]) -> None:
    subject = uuid4()

    @db.writes
    async def outer(*, fail: bool) -> None:
        await write_one(subject)
        await asyncio.gather(write_one(subject))  # tasks begun inside belong to it, too
        if fail:
            raise RuntimeError("after the nested ones")

    with pytest.raises(RuntimeError, match="after the nested ones"):
        await outer(fail=True)
    assert await count(subject) == 0
    await outer(fail=False)
    assert await count(subject) == 2
    await assert_at_rest(engine)


async def test_the_answer_comes_out_and_the_name_stays(engine: Engine[Any]) -> None:
    @db.writes
    async def answer(value: int, *, more: int = 0) -> int:
        """What it says."""
        return value + more

    assert await answer(40, more=2) == 42
    assert (answer.__name__, answer.__doc__) == ("answer", "What it says.")


# --- ends that fail ---------------------------------------------------------------------------------------------------


async def fail_at_commit(engine: Engine[Any]) -> Callable[[UUID], Awaitable[None]]:
    """A writing function whose statements all succeed and whose COMMIT raises."""
    if isinstance(engine, db.PooledPostgresEngine):
        await Entry.raw(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE EXCEPTION 'refused at commit'; END $$"
        )
        await Entry.raw(
            "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON history_entry DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW WHEN (NEW.action = 'test.late') EXECUTE FUNCTION refuse()"
        )

    @db.writes
    async def late(subject: UUID) -> None:
        await entry(subject, action="test.late").save()
        if isinstance(engine, db.LoopSQLiteEngine):
            await Entry.raw("PRAGMA defer_foreign_keys = ON")
            await Mandate(
                id=uuid4(), ambassador_id=uuid4(), begins_on=NOON.date(), ends_on=NOON.date(), created_at=NOON
            ).save()

    return late


async def test_a_commit_that_fails_leaves_nothing_and_frees_everything(engine: Engine[Any]) -> None:
    late, subject = await fail_at_commit(engine), uuid4()
    for _ in range(15):  # more often than the pool has connections
        with pytest.raises((sqlite3.IntegrityError, asyncpg.RaiseError)):
            await late(subject)
        assert engine.current_transaction.get() is None
    assert await count(subject) == 0
    await assert_at_rest(engine)


async def test_after_a_failed_commit_the_next_write_stands_on_its_own(engine: Engine[Any]) -> None:
    late, subject = await fail_at_commit(engine), uuid4()
    with pytest.raises((sqlite3.IntegrityError, asyncpg.RaiseError)):
        await late(subject)

    @db.writes
    async def fail() -> None:
        await entry(subject).save()
        raise RuntimeError("rolled back, not committed row by row")

    with pytest.raises(RuntimeError):
        await fail()
    assert await count(subject) == 0


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_begin_that_fails_frees_the_writer(engine: db.LoopSQLiteEngine) -> None:
    engine.writer.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(engine.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await write_one(uuid4())
    other.execute("ROLLBACK")
    other.close()
    await assert_at_rest(engine)


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_rollback_that_fails_frees_the_writer(engine: db.LoopSQLiteEngine) -> None:
    @db.writes
    async def end_it_yourself() -> None:
        await entry(uuid4()).save()
        await Entry.raw("ROLLBACK")
        raise RuntimeError("now there is nothing to roll back")

    with pytest.raises(sqlite3.OperationalError, match="no transaction"):
        await end_it_yourself()
    await assert_at_rest(engine)


@pytest.mark.parametrize("engine_name", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a_connection_that_dies_is_replaced(engine: db.PooledPostgresEngine) -> None:
    @db.writes
    async def cut_the_branch() -> None:
        await entry(uuid4()).save()
        await Entry.raw("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await cut_the_branch()
    assert engine.current_transaction.get() is None
    subject = uuid4()
    await write_one(subject)
    assert await count(subject) == 1


async def test_cancelled_inside_it_leaves_nothing_and_frees_the_writer(engine: Engine[Any]) -> None:
    subject, inside = uuid4(), asyncio.Event()

    @db.writes
    async def wait_inside() -> None:
        await entry(subject).save()
        inside.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(wait_inside())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await count(subject) == 0
    await assert_at_rest(engine)


async def test_cancelled_while_queueing_it_does_not_take_the_lock_along(engine: Engine[Any]) -> None:
    subject, inside, go_on = uuid4(), asyncio.Event(), asyncio.Event()

    @db.writes
    async def hold() -> None:
        inside.set()
        await go_on.wait()

    holders = [asyncio.create_task(hold()) for _ in range(10)]  # the whole pool, or the one writer
    await inside.wait()
    waiting = [asyncio.create_task(write_one(subject)) for _ in range(3)]
    await asyncio.sleep(0.01)
    for task in waiting:
        task.cancel()
    go_on.set()
    await asyncio.gather(*holders)
    assert [type(end) for end in await asyncio.gather(*waiting, return_exceptions=True)] == [asyncio.CancelledError] * 3
    assert await count(subject) == 0
    await assert_at_rest(engine)


# --- doubles and retries ----------------------------------------------------------------------------------------------


async def test_a_double_has_one_name(engine: Engine[Any]) -> None:
    await account("camille@example.org").save()
    with pytest.raises(db.Duplicate):
        await account("Camille@example.org").save()
    twin = uuid4()
    await entry(twin, id=twin).save()
    with pytest.raises(db.Duplicate):
        await Entry.insert(entry(twin, id=twin))
    await assert_at_rest(engine)


async def test_a_double_inside_a_write_undoes_it_all(engine: Engine[Any]) -> None:
    await account("camille@example.org").save()
    subject = uuid4()

    @db.writes
    async def add_again() -> None:
        await entry(subject).save()
        await account("camille@example.org").save()

    with pytest.raises(db.Duplicate):
        await add_again()
    assert await count(subject) == 0
    await assert_at_rest(engine)


async def test_an_empty_mandatory_column_is_not_called_a_double(engine: Engine[Any]) -> None:
    with pytest.raises((sqlite3.IntegrityError, asyncpg.NotNullViolationError)):
        await Account(id=uuid4(), email="odile@example.org", email_folded=None, created_at=NOON).save()


class Restless:
    """A body that raises `error` the first `times` times it runs, after having written."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.runs, self.subject = error, times, 0, uuid4()
        self.run = db.writes(self._body)

    async def _body(self) -> str:
        self.runs += 1
        await entry(self.subject).save()
        if self.runs <= self.times:
            raise self.error
        return "done"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "RETRY_BASE_S", 0)


CONFLICTS = [
    pytest.param(asyncpg.SerializationError("conflict"), id="40001"),
    pytest.param(asyncpg.DeadlockDetectedError("deadlock"), id="40P01"),
]


@pytest.mark.parametrize("error", CONFLICTS)
async def test_a_conflict_is_tried_again_from_the_beginning(
    engine: Engine[Any], impatient: None, error: Exception
) -> None:
    body = Restless(error, times=3)
    assert await body.run() == "done"
    assert body.runs == 4
    assert await count(body.subject) == 1
    await assert_at_rest(engine)


@pytest.mark.parametrize("error", CONFLICTS)
async def test_retries_have_an_end(engine: Engine[Any], impatient: None, error: Exception) -> None:
    body = Restless(error, times=1000)
    with pytest.raises(Unavailable) as refused:
        await body.run()
    assert (refused.value.code, refused.value.extra) == ("busy", {"retry_after_s": db.BUSY_RETRY_S})
    assert body.runs == db.WRITE_TRIES
    assert await count(body.subject) == 0
    await assert_at_rest(engine)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("ours"),
        db.Duplicate("twice"),
        asyncpg.NotNullViolationError("empty"),
        asyncpg.QueryCanceledError("slow"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_any_other_error_is_not_tried_again(engine: Engine[Any], impatient: None, error: Exception) -> None:
    body = Restless(error, times=1)
    with pytest.raises(type(error)):
        await body.run()
    assert body.runs == 1
    assert await count(body.subject) == 0


# --- what goes in comes out -------------------------------------------------------------------------------------------


async def test_an_instant_comes_back_as_the_same_instant_in_utc(engine: Engine[Any]) -> None:
    subject = uuid4()
    instants = [
        datetime(2026, 6, 15, 14, 0, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 6, 15, 12, 0, 0, 123456, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # one of the two 2:30 of a Paris night
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
    ]
    for at in instants:
        await entry(subject, at=at).save()
    back = [row.at for row in await Entry.objects().where(Entry.subject_id == subject)]
    assert sorted(back) == sorted(instants)
    assert {at.utcoffset() for at in back} == {timedelta(0)}


async def test_instants_are_compared_as_instants(engine: Engine[Any]) -> None:
    subject = uuid4()
    await entry(subject, at=datetime(2026, 6, 15, 14, 0, tzinfo=timezone(timedelta(hours=2)))).save()
    at_noon = Entry.exists().where(Entry.subject_id == subject, Entry.at == NOON)
    after = Entry.exists().where(Entry.subject_id == subject, Entry.at > NOON)
    just_before = Entry.exists().where(Entry.subject_id == subject, Entry.at > NOON - timedelta(microseconds=1))
    assert (await at_noon, await after, await just_before) == (True, False, True)


async def test_a_uuid_a_day_and_null_come_back_as_they_were(engine: Engine[Any]) -> None:
    person = account("gaspard@example.org")
    await person.save()
    ambassador = Ambassador(
        id=uuid4(), sub="AAAAAAAAAAA", account_id=person.id, first_name="Gaspard", last_name="Étoc", created_at=NOON
    )
    await ambassador.save()
    mandate = Mandate(
        id=uuid4(),
        ambassador_id=ambassador.id,
        begins_on=date(2024, 2, 29),
        ends_on=date(9999, 12, 31),
        created_at=NOON,
    )
    await mandate.save()
    back = await Mandate.objects().get(Mandate.id == mandate.id)
    assert back is not None
    assert (back.id, back.ambassador_id) == (mandate.id, ambassador.id)
    assert (back.begins_on, back.ends_on) == (date(2024, 2, 29), date(9999, 12, 31))
    found = await Ambassador.objects().get(Ambassador.id == ambassador.id)
    assert found is not None
    assert found.last_name == "Étoc"
    assert found.to_dict()["invited_at"] is None
    assert found.to_dict()["paused_why"] is None


async def test_days_are_compared_as_days(engine: Engine[Any]) -> None:
    person = account("gaspard@example.org")
    await person.save()
    ambassador = Ambassador(
        id=uuid4(), sub="A" * 11, account_id=person.id, first_name="G", last_name="É", created_at=NOON
    )
    await ambassador.save()
    for day in (9, 10, 30):
        await Mandate(
            id=uuid4(),
            ambassador_id=ambassador.id,
            begins_on=date(2026, 9, day),
            ends_on=date(2026, 12, 1),
            created_at=NOON,
        ).save()
    assert await Mandate.count().where(Mandate.begins_on >= date(2026, 9, 10)) == 2


async def test_json_comes_back_as_text_that_says_the_same(engine: Engine[Any]) -> None:
    details = {"name": ["é", "☕", "\u2028"], "n": 3, "none": None, "nested": {"yes": True}}
    row = Item(
        id=uuid4(),
        key="k",
        kind="over_quota",
        at=NOON,
        subject_kind="visit",
        subject_id=uuid4(),
        details=json.dumps(details),
    )
    await row.save()
    back = await Item.objects().get(Item.key == "k")
    assert back is not None
    assert json.loads(back.details) == details


async def test_an_upsert_keeps_the_first(engine: Engine[Any]) -> None:
    def item() -> Item:
        return Item(id=uuid4(), key="twice", kind="over_quota", at=NOON, subject_kind="visit", subject_id=None)

    first = item()
    await Item.insert(first).on_conflict(target=Item.key, action="DO NOTHING")
    await Item.insert(item()).on_conflict(target=Item.key, action="DO NOTHING")
    assert await Item.select(Item.id).output(as_list=True) == [first.id]


# --- opening, closing, addresses --------------------------------------------------------------------------------------


async def test_a_closed_engine_opens_again(engine: Engine[Any]) -> None:
    subject = uuid4()
    await write_one(subject)
    await db.close_engine()
    await db.open_engine()
    assert await count(subject) == 1
    await assert_at_rest(engine)


async def test_a_second_process_may_read(engine: Engine[Any], database_url: str) -> None:
    """`estran keys list` runs beside the server."""
    subject = uuid4()
    await write_one(subject)
    other = db.make_engine(database_url)
    db.bind(other)
    await db.open_engine()
    try:
        assert await count(subject) == 1
    finally:
        await db.close_engine()
        db.bind(engine)


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    made = db.make_engine(f"sqlite:///{tmp_path}/new/estran.sqlite")
    assert isinstance(made, db.LoopSQLiteEngine)
    assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize(
    ("url", "config"),
    [
        pytest.param(
            "postgresql://estran:s%40cret@db.example.org:5433/club",
            {"database": "club", "host": "db.example.org", "port": 5433, "user": "estran", "password": "s@cret"},
            id="all of it",
        ),
        pytest.param("postgresql:///club", {"database": "club"}, id="the machine's own"),
        pytest.param(
            "postgresql://postgres:@/club?host=/run/post%20gres",
            {"database": "club", "host": "/run/post gres", "user": "postgres"},
            id="a socket",
        ),
        pytest.param(
            "postgresql://u@/club?host=/run&port=6000",
            {"database": "club", "host": "/run", "port": 6000, "user": "u"},
            id="a socket with a port",
        ),
    ],
)
def test_an_address_becomes_what_the_driver_wants(url: str, config: dict[str, Any]) -> None:
    assert db._postgres_config(url) == config


async def test_one_house_only(engine: Engine[Any]) -> None:
    def house() -> House:
        return House(id=UUID(int=1), name="Club", office_name="Office", zone="Europe/Paris")

    await House.insert(house())
    with pytest.raises(db.Duplicate):
        await House.insert(house())
