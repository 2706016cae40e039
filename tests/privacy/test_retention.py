"""What is due goes, what is not stays, with odd rows among them; through every entry that runs it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from piccolo.engine.base import Engine
from piccolo.table import Table

from estran import app as application
from estran import clock as clocks
from estran.access import service as access
from estran.access.tables import Account, Session, SignIn
from estran.actor import Role
from estran.cli import main
from estran.club import service as club
from estran.club.tables import Ambassador, Candidate, Comment, Mandate, Manifesto
from estran.events import sums
from estran.events.tables import Event, Feed, Invitee, News, Slot
from estran.history import service as history
from estran.history.tables import Entry
from estran.inbox import service as inbox
from estran.inbox.tables import Item
from estran.mail.tables import Letter
from estran.privacy import retention, rules, service
from estran.privacy.rules import PERIODS, TREATMENTS, Unit, months_before
from estran.privacy.tables import Request
from estran.settings import Settings
from estran.visits.rules import State
from estran.visits.tables import Change, ParkedItem, Visit
from tests.conftest import FrozenClock
from tests.privacy.conftest import OFFICER
from tests.visits.conftest import Phone, Scanner, Town, camille, issuer, till, town

__all__ = ["camille", "issuer", "till", "town"]

pytestmark = pytest.mark.anyio
Age = Callable[[timedelta], datetime]


# --- the table --------------------------------------------------------------------------------------------------------


def test_each_period_has_one_job_and_one_place_in_the_register() -> None:
    assert sorted(job.period for job in retention.JOBS) == sorted(PERIODS)
    assert {key for one in TREATMENTS for key in one.periods} == set(PERIODS)
    for period in PERIODS.values():
        assert period.least <= period.default <= period.most
    for one in TREATMENTS:
        assert one.basis in one.bases


INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS, st.integers(0, 60))
def test_months_are_calendar_months(instant: datetime, months: int) -> None:
    earlier = months_before(instant, months)
    assert (instant.year * 12 + instant.month) - (earlier.year * 12 + earlier.month) == months
    assert earlier.day == instant.day or (earlier.day < instant.day and (earlier + timedelta(days=1)).day == 1)
    assert earlier.timetz() == instant.timetz()


@given(INSTANTS, INSTANTS, st.integers(0, 60), st.sampled_from(Unit))
def test_a_limit_never_runs_backwards(one: datetime, other: datetime, kept: int, unit: Unit) -> None:
    period = rules.Period("x", unit, 1, 0, 60)
    first, second = sorted([one, other])
    assert rules.limit(period, kept, first) <= rules.limit(period, kept, second)
    assert rules.limit(period, kept, first) <= first


# --- each kind of row, just before and just after its time ------------------------------------------------------------


async def _candidate(at: datetime) -> Any:
    return Candidate(id=uuid4(), first_name="A", last_name="B", source="form", created_at=at)


async def _letter(at: datetime) -> Any:
    return Letter(id=uuid4(), kind="x", to_email="a@b.c", message_id=str(uuid4()), subject="x", created_at=at)


async def _waiting_letter(at: datetime) -> Any:
    return Letter(
        id=uuid4(), kind="x", to_email="a@b.c", message_id=str(uuid4()), subject="x", created_at=at, next_try_at=at
    )


async def _way_in(at: datetime) -> Any:
    return SignIn(id=uuid4(), kind="letter", realm="pass", created_at=at, expires_at=at)


async def _session(at: datetime, *, ended: bool = False) -> Any:
    account = await access.ensure_account("kept@example.org", now=at)
    await access.grant(account.id, Role.OFFICER)
    far = at + timedelta(days=900) if ended else at
    return Session(
        id=uuid4(),
        token_hash=str(uuid4()),
        account_id=account.id,
        realm="pass",
        created_at=at,
        seen_at=at,
        expires_at=far,
        ended_at=at if ended else None,
    )


async def _ended_session(at: datetime) -> Any:
    return await _session(at, ended=True)


async def _entry(at: datetime) -> Any:
    return Entry(id=uuid4(), at=at, actor_kind="system", action="x.y", subject_kind="club")


async def _answered(at: datetime) -> Any:
    return Item(id=uuid4(), key=str(uuid4()), kind="x", at=at, subject_kind="x", answered_at=at)


async def _open(at: datetime) -> Any:
    return Item(id=uuid4(), key=str(uuid4()), kind="x", at=at, subject_kind="x")


async def _request(at: datetime) -> Any:
    return Request(id=uuid4(), ambassador_id=uuid4(), kind="object", text="x", at=at, answered_at=at)


async def _open_request(at: datetime) -> Any:
    return Request(id=uuid4(), ambassador_id=uuid4(), kind="object", text="x", at=at)


async def _account(at: datetime) -> Any:
    return Account(id=uuid4(), email=f"{uuid4()}@b.c", email_folded=f"{uuid4()}@b.c", created_at=at, seen_at=at)


async def _unseen_account(at: datetime) -> Any:
    return Account(id=uuid4(), email=f"{uuid4()}@b.c", email_folded=f"{uuid4()}@b.c", created_at=at)


async def _ambassador() -> Ambassador:
    return await club.add_ambassador(
        OFFICER, first_name="A", last_name="B", email=f"{uuid4()}@b.c",
        begins_on=date(2000, 1, 1), ends_on=date(2099, 12, 31), now=datetime(2026, 6, 1, tzinfo=UTC),
    )  # fmt: skip


async def _feed(at: datetime) -> Any:
    owner = await _ambassador()
    return Feed(id=uuid4(), ambassador_id=owner.id, token_hash=str(uuid4()), created_at=at, ended_at=at)


async def _living_feed(at: datetime) -> Any:
    return Feed(id=uuid4(), ambassador_id=(await _ambassador()).id, token_hash=str(uuid4()), created_at=at)


async def _invitee(at: datetime) -> Any:
    """Of an event whose last slot ended then."""
    event = Event(id=uuid4(), title="x", created_at=at - timedelta(days=90), opened_at=at - timedelta(days=80))
    await event.save()
    for end in (at - timedelta(days=1), at):
        await Slot(id=uuid4(), event_id=event.id, starts_at=end - timedelta(hours=1), ends_at=end).save()
    return Invitee(id=uuid4(), event_id=event.id, ambassador_id=(await _ambassador()).id, invited_at=event.opened_at)


async def _picked(at: datetime) -> Any:
    """For a draft that never got a slot."""
    event = Event(id=uuid4(), title="x", created_at=at)
    await event.save()
    return Invitee(id=uuid4(), event_id=event.id, ambassador_id=(await _ambassador()).id)


async def _news(at: datetime) -> Any:
    """To somebody who was not asked, as thanks are to whoever just came."""
    asked = await _invitee(at)
    return News(
        id=uuid4(), event_id=asked.event_id, ambassador_id=asked.ambassador_id, kind="thanks",
        created_at=at, due_at=at, sent_at=at,
    )  # fmt: skip


ROWS = [
    pytest.param("candidates", _candidate, True, id="candidate"),
    pytest.param("letters", _letter, True, id="letter"),
    pytest.param("letters", _waiting_letter, False, id="letter that waits"),
    pytest.param("sign_ins", _way_in, True, id="way in"),
    pytest.param("sign_ins", _session, True, id="session that ran out"),
    pytest.param("sign_ins", _ended_session, True, id="session that was ended"),
    pytest.param("sign_ins", _feed, True, id="address of a calendar that was ended"),
    pytest.param("sign_ins", _living_feed, False, id="address of a calendar"),
    pytest.param("events", _invitee, True, id="invitee"),
    pytest.param("events", _picked, True, id="picked for a draft"),
    pytest.param("events", _news, True, id="told about an event"),
    pytest.param("history", _entry, True, id="history"),
    pytest.param("inbox", _answered, True, id="item, answered"),
    pytest.param("inbox", _open, False, id="item that waits"),
    pytest.param("requests", _request, True, id="request, answered"),
    pytest.param("requests", _open_request, False, id="request that waits"),
    pytest.param("accounts", _account, True, id="account"),
    pytest.param("accounts", _unseen_account, True, id="account nobody ever used"),
]


@pytest.mark.parametrize(("period", "make", "goes"), ROWS)
async def test_a_row_goes_when_its_time_is_over_and_not_before(
    engine: Engine[Any], clock: FrozenClock, period: str, make: Any, *, goes: bool
) -> None:
    limit = rules.limit(PERIODS[period], PERIODS[period].default, clock())
    old, young = await make(limit - timedelta(seconds=1)), await make(limit + timedelta(seconds=1))
    await old.save()
    await young.save()
    due = [(one.period, one.n) for one in await retention.due(now=clock())]
    assert due == ([(period, 1)] if goes else [])
    gone = await retention.run(now=clock())
    assert gone[period] == int(goes)
    table: type[Table] = type(old)
    assert await table.exists().where(table.id == young.id)  # type: ignore[attr-defined]
    assert await table.exists().where(table.id == old.id) is not goes  # type: ignore[attr-defined]
    assert await retention.due(now=clock()) == []


# --- visits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "period"),
    [("counted", "visits"), ("to_confirm", "visits"), ("cancelled", "visits"), ("rejected", "visits"),
     ("refused", "refused"), ("quarantined", "quarantine")],
)  # fmt: skip
async def test_visits_go_by_their_state_with_all_that_was_said_of_them(
    till: Scanner, camille: Phone, clock: FrozenClock, state: str, period: str
) -> None:
    items = [till.scan(camille.show(clock())) for _ in range(2)]
    await till.hand_in(*items)
    limit = rules.limit(PERIODS[period], PERIODS[period].default, clock())
    for item, at in zip(items, (limit - timedelta(seconds=1), limit + timedelta(seconds=1)), strict=True):
        # A scanner whose clock stands in 1970 handed it in: what counts is when it arrived.
        odd = {Visit.state: state, Visit.received_at: at, Visit.at: datetime(1970, 1, 1, tzinfo=UTC)}
        await Visit.update(odd).where(Visit.id == UUID(item["id"]))  # type: ignore[arg-type]
        change = Change(id=uuid4(), visit_id=UUID(item["id"]), kind="cancel", at=at, received_at=at, why="Camille ?")
        await change.save()
        await inbox.drop("over_quota", key=str(uuid4()), now=clock(), subject_kind="visit", subject_id=change.visit_id)
        await history.record(OFFICER, "visits.cancel", "visit", change.visit_id, now=clock(), why="Camille ?")
    totals = await _tally()
    assert await retention.run(now=clock()) == dict.fromkeys(PERIODS, 0) | {period: 1}
    left = UUID(items[1]["id"])
    assert await Visit.select(Visit.id).output(as_list=True) == [left]
    assert await Change.select(Change.visit_id).output(as_list=True) == [left]
    assert [item.subject_id for item in await inbox.open_items()] == [left]
    whys = {str(entry.subject_id): entry.why for entry in await history.latest(100) if entry.action == "visits.cancel"}
    assert whys == {items[0]["id"]: None, items[1]["id"]: "Camille ?"}
    assert await _tally() == totals, "what counts by day and venue is not forgotten"


async def _tally() -> Any:
    from estran.visits.tables import Tally  # noqa: PLC0415

    return await Tally.select(Tally.on_day, Tally.state, Tally.n).order_by(Tally.on_day).order_by(Tally.state)


def test_no_state_of_a_visit_is_kept_for_ever() -> None:
    assert {*retention.NAMED, State.REFUSED.value, State.QUARANTINED.value} == {state.value for state in State}


async def test_more_than_one_batch_goes(till: Scanner, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    for _ in range(8):
        await (await _entry(clock() - timedelta(days=500))).save()
    seen: dict[str, int] = {}
    await retention.run(now=clock(), show=seen.__setitem__)
    assert seen == dict.fromkeys(PERIODS, 0) | {"history": 8}


async def test_parked_items_and_comments_go(town: Town, till: Scanner, camille: Phone, clock: FrozenClock) -> None:
    await till.hand_in({"kind": "visit", "id": "?", "seq": 4})
    published = Manifesto(id=uuid4(), major=1, title="x", body="x", created_at=clock(), published_at=clock())
    draft = Manifesto(id=uuid4(), major=2, title="x", body="x", created_at=clock())
    for row in (published, draft):
        await row.save()
        said = Comment(id=uuid4(), manifesto_id=row.id, ambassador_id=camille.owner.id, at=clock(), text="oui")
        await said.save()
    gone = await retention.run(now=clock.advance(days=366))
    assert (gone["parked"], gone["comments"]) == (1, 1)
    assert await ParkedItem.count() == 0
    assert await Comment.select(Comment.manifesto_id).output(as_list=True) == [draft.id]


# --- people -----------------------------------------------------------------------------------------------------------


async def person(clock: FrozenClock, *terms: tuple[int, int], name: str = "Nacre") -> Ambassador:
    """Somebody with these mandates, in days from today; without any when there are none."""
    today = clock().date()
    row = await club.add_ambassador(
        OFFICER, first_name=name, last_name="Delavague", email=f"{uuid4()}@example.org",
        begins_on=today, ends_on=today, now=clock(),
    )  # fmt: skip
    await Mandate.delete().where(Mandate.ambassador_id == row.id)
    for first, last in terms:
        await Mandate(
            id=uuid4(), ambassador_id=row.id, begins_on=today + timedelta(days=first), ends_on=today + timedelta(days=last),
            created_at=clock(),
        ).save()  # fmt: skip
    return row


@pytest.mark.parametrize(
    ("terms", "added_days_ago", "goes"),
    [
        ([(-800, -366)], 800, True),
        ([(-800, -365)], 800, False),  # a year has 365 days here, both days included
        ([(-800, -400), (-30, 200)], 800, False),
        ([(-30, 200), (-800, -400)], 800, False),
        ([(-800, -400), (50, 90)], 800, False),
        ([(-300, -400), (-500, -600)], 800, True),  # mandates that end before they begin
        ([], 366, True),
        ([], 364, False),
        ([(20_000, 20_001)], 800, False),
    ],
)
async def test_people_are_erased_a_year_after_their_last_mandate(
    engine: Engine[Any], clock: FrozenClock, terms: list[tuple[int, int]], added_days_ago: int, *, goes: bool
) -> None:
    row = await person(clock, *terms)
    await Ambassador.update({Ambassador.created_at: clock() - timedelta(days=added_days_ago)}).where(
        Ambassador.id == row.id
    )
    assert (await retention.run(now=clock()))["person"] == int(goes)
    assert [one.id for one in await club.ambassadors()] == ([] if goes else [row.id])
    assert (await retention.run(now=clock()))["person"] == 0, "once"
    assert await retention.due(now=clock()) == []


async def test_the_account_behind_an_erased_person_stays(engine: Engine[Any], clock: FrozenClock) -> None:
    await person(clock, (-800, -400))
    await retention.run(now=clock())
    assert (await retention.run(now=clock.advance(days=2000)))["accounts"] == 0
    assert await Account.count() == 1


async def test_other_times_may_be_chosen(engine: Engine[Any], clock: FrozenClock) -> None:
    await person(clock, (-50, -1))
    assert (await retention.run(now=clock()))["person"] == 0
    await service.choose(OFFICER, kept={"person": 0}, bases={}, now=clock())
    assert (await retention.run(now=clock()))["person"] == 1
    for key, value in (("person", 37), ("visits", 11), ("history", 13)):
        with pytest.raises(Exception, match="may be chosen"):
            await service.choose(OFFICER, kept={key: value}, bases={}, now=clock())


# --- through the doors that run it ------------------------------------------------------------------------------------


async def test_the_servers_timer_runs_it(engine: Engine[Any], settings: Settings, clock: FrozenClock) -> None:
    await (await _candidate(clock() - timedelta(days=300))).save()
    await application.do_chores(settings, now=clock())
    assert await Candidate.count() == 0
    [entry] = [one for one in await history.latest() if one.action == "privacy.purge"]
    assert entry.details == {"candidates": 1}
    await application.do_chores(settings, now=clock())
    assert len([one for one in await history.latest() if one.action == "privacy.purge"]) == 1, (
        "nothing went: nothing said"
    )


async def test_what_fails_is_said_and_keeps_nobody_else_from_their_end(
    engine: Engine[Any], settings: Settings, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("no room on the disk")

    jobs = tuple(
        retention.Job(job.period, job.find, job.count, broken) if job.period == "candidates" else job
        for job in retention.JOBS
    )
    monkeypatch.setattr(retention, "JOBS", jobs)
    await (await _candidate(clock() - timedelta(days=300))).save()
    await (await _entry(clock() - timedelta(days=500))).save()
    for _ in range(2):
        await application.do_chores(settings, now=clock())
    assert await Candidate.count() == 1
    assert not await Entry.exists().where(Entry.action == "x.y")
    [item] = await inbox.open_items()
    assert (item.kind, item.details) == ("retention_late", {"candidates": 1})


async def test_an_event_that_cannot_be_forgotten_keeps_no_other(
    engine: Engine[Any], clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = sorted([await _invitee(clock() - timedelta(days=500)) for _ in range(2)], key=lambda one: one.event_id)
    for one in asked:
        await one.save()
    forget = sums.forget_people

    async def broken(event_id: UUID, *more: Any, **named: Any) -> None:
        if event_id == stuck:
            raise RuntimeError("no room on the disk")
        await forget(event_id, *more, **named)

    monkeypatch.setattr(sums, "forget_people", broken)
    for stuck in [one.event_id for one in asked]:  # whichever comes first
        await retention.run(now=clock())
        assert stuck in await Invitee.select(Invitee.event_id).output(as_list=True)
        assert await Invitee.count() == 1
        await Invitee.delete(force=True)
        for one in asked:
            await Invitee(id=uuid4(), event_id=one.event_id, ambassador_id=one.ambassador_id).save()


async def test_the_command_line_runs_and_reports_it(
    engine: Engine[Any], settings: Settings, clock: FrozenClock
) -> None:
    from anyio import to_thread  # noqa: PLC0415

    environment = {
        "ESTRAN_ORIGIN": settings.origin, "ESTRAN_DATA": str(settings.data), "ESTRAN_DATABASE": settings.database,
        "ESTRAN_MAIL": settings.mail, "ESTRAN_MAIL_FROM": settings.mail_from,
    }  # fmt: skip

    async def run(line: str) -> tuple[int, str]:
        # In a thread of its own: the command opens its own loop.
        done = await to_thread.run_sync(lambda: CliRunner().invoke(main, line.split(), env=environment))
        from estran import db  # noqa: PLC0415

        db.bind(engine)
        return done.exit_code, done.output

    assert await run("retention report") == (0, "Nothing is due.\n")
    await (await _candidate(datetime(2020, 1, 1, tzinfo=UTC))).save()
    code, said = await run("retention report")
    assert (code, said.split()) == (1, ["Due,", "and", "not", "done:", "candidates", "1"])
    code, said = await run("retention run")
    assert code == 0
    assert {line.split()[0]: line.split()[1] for line in said.splitlines()}["candidates"] == "1"
    assert await run("retention report") == (0, "Nothing is due.\n")
    assert await Candidate.count() == 0


# --- by chance --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_the_rows_none_due_is_left_and_none_else_goes(
    engine: Engine[Any], clock: FrozenClock, seed: int
) -> None:
    import random  # noqa: PLC0415

    chance = random.Random(seed)
    await access.grant((await access.ensure_account("kept@example.org", now=clock())).id, Role.OFFICER)
    stays: dict[type[Table], set[UUID]] = {}
    for _ in range(60):
        period, make, goes = chance.choice(ROWS).values
        kept = rules.limit(PERIODS[period], PERIODS[period].default, clock())  # type: ignore[index]
        at = clock() - (clock() - kept) * chance.uniform(0, 2)
        row = await make(at)  # type: ignore[operator]
        await row.save()
        if at >= kept or not goes:
            stays.setdefault(type(row), set()).add(row.id)
    await retention.run(now=clock())
    assert await retention.due(now=clock()) == []
    for table, ids in stays.items():
        found = set(await table.select(table.id).output(as_list=True))  # type: ignore[attr-defined]
        assert ids <= found
        if table is not Account and table is not Entry:
            assert ids == found


@pytest.mark.parametrize("ends_days_ago", [1, 10, 200, 364])
async def test_the_day_that_the_desk_tells_is_the_day_on_which_it_happens(
    engine: Engine[Any], clock: FrozenClock, ends_days_ago: int
) -> None:
    from estran.desk.people import _erased_on  # noqa: PLC0415

    row = await person(clock, (-800, -ends_days_ago))
    told = await _erased_on(await club.standing(row.id, now=clock()))
    assert told is not None
    paris = await club.zone()
    assert clocks.local_day(clock(), paris) < told
    clock.now = clocks.end_of_day(told - timedelta(days=1), paris)
    assert (await retention.run(now=clock()))["person"] == 0
    assert (await retention.run(now=clock.advance(seconds=1)))["person"] == 1


@given(INSTANTS, st.integers(0, 24), st.sampled_from(Unit))
def test_due_is_the_first_day_past_the_limit(since: datetime, kept: int, unit: Unit) -> None:
    period = rules.Period("x", unit, 1, 0, 60)
    due = rules.due_at(period, kept, since)
    assert rules.limit(period, kept, due) >= since
    assert due == since or rules.limit(period, kept, due - timedelta(days=1)) < since
