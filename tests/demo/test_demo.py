"""The demonstration: real keys and real intake, invented people, and never a doubt about that."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from piccolo.engine.base import Engine

from estran import db
from estran.access.tables import Account
from estran.club import candidates, manifesto
from estran.club import service as club
from estran.club.rules import Eligibility
from estran.club.tables import Ambassador
from estran.demo import data, service, story
from estran.demo.service import NotADemonstration
from estran.events import replies, rules
from estran.events import service as events
from estran.events.rules import Reply, Stage
from estran.events.tables import News
from estran.history.tables import Entry
from estran.inbox import service as inbox
from estran.mail.tables import Letter
from estran.passes import service as passes
from estran.privacy import retention
from estran.settings import Settings
from estran.venues import service as venues
from estran.visits import arrivals, queries, tally
from estran.visits.rules import State
from estran.visits.tables import Visit

DAYS = [
    pytest.param(datetime(2026, 6, 15, 10, 0, tzinfo=UTC), id="in summer"),
    pytest.param(datetime(2027, 1, 7, 6, 0, tzinfo=UTC), id="just after the new year"),
    pytest.param(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="in the night of 25 hours"),
]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, origin="http://127.0.0.1:8000", mail="mailbox:", demo=True)


# --- what is made -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", DAYS)
async def test_the_club_is_as_told(engine: Engine[Any], settings: Settings, now: datetime) -> None:
    await story.fill(settings, now=now)
    await look_at_people(now)
    await look_at_scans(now)
    await look_at_inbox()
    await look_at_events(now)
    await look_at_tally(now)


async def look_at_people(now: datetime) -> None:
    people = await club.ambassadors()
    standings = await passes.standings([person.id for person in people], now=now)
    counts = Counter(standing.eligibility for standing in standings.values())
    assert counts == {
        Eligibility.ELIGIBLE: 13,
        Eligibility.PAUSED: 1,
        Eligibility.UNSIGNED: 1,
        Eligibility.NOT_BEGUN: 1,
        Eligibility.ENDED: 3,
    }
    assert len(await candidates.candidates()) == 2
    assert len(await venues.venues()) == len(data.PLACES)
    assert [version.minor for version in await manifesto.versions()] == [0, 0, 1]
    for email in await Account.select(Account.email).output(as_list=True):
        assert email.isascii()
        assert email.endswith("@example.org"), "an address that belongs to nobody"


async def look_at_scans(now: datetime) -> None:
    """Each was really verified; what did not happen yet is not there."""
    states = Counter(await Visit.select(Visit.state).output(as_list=True))
    assert states[State.COUNTED] > 400
    assert states[State.REFUSED] > 20
    assert {state: n for state, n in states.items() if state not in {State.COUNTED, State.REFUSED}} == {
        State.TO_CONFIRM: 1,
        State.CANCELLED: 1,
        State.REJECTED: 1,
    }
    reasons = set(await Visit.select(Visit.reason).where(Visit.state == State.REFUSED).output(as_list=True))
    assert reasons == {"companions_missing", "quota_used", *(reason for _, _, _, reason in data.REFUSALS)}
    assert await Visit.count().where(Visit.proof != "live") == 0
    assert await Visit.count().where((Visit.at > now) | (Visit.received_at > now)) == 0
    assert await Entry.count().where(Entry.at > now) == 0


async def look_at_inbox() -> None:
    """Something of each kind waits for the officer, and nothing that was not meant to."""
    kinds = Counter(item.kind for item in await inbox.open_items())
    told = (
        "benefit_proposed",
        "candidate",
        "device_pending",
        "late_undo",
        "letter_bounced",
        "over_quota",
        "possible_double",
        "replayed",
        "revoked_admitted",
        "rights_request",
        "sequence_gap",
        "silent_scanner",
        "verdict_mismatch",
    )
    assert kinds == Counter(dict.fromkeys(told, 1) | {"renewal_wish": len(data.WISHES)})


async def look_at_events(now: datetime) -> None:
    """One in each stage that can be tried, and a door that is open at this very minute."""
    found = {row.title: row for row in await events.events()}
    assert all("(démonstration)" in title and data.FICTION in row.about for title, row in found.items())
    times = await events.slots([row.id for row in found.values()])
    stages = {title: events.stage_of(row, times[row.id], now=now) for title, row in found.items()}
    crossing, preview, breakfast = (found[one.title] for one in (data.CROSSING, data.PREVIEW, data.BREAKFAST))
    assert stages == {
        data.CROSSING.title: Stage.SUMMED,
        data.PREVIEW.title: Stage.CLOSED,
        data.BREAKFAST.title: Stage.OPEN,
        data.SHEDS.title: Stage.DRAFT,
    }
    went = await arrivals.attendance(crossing.id)
    assert (went.present, went.absent, went.walk_ins, went.guests) == (5, 1, 1, 3)
    assert len(await arrivals.present(preview.id)) == len(data.PREVIEW_CAME)
    today = times[preview.id][0]
    assert today.starts_at - rules.DOOR_OPENS < now < today.ends_at + rules.DOOR_CLOSES
    full, _ = (await replies.places(times[breakfast.id])).values()
    assert (full.left, full.waiting) == (0, 1)
    camille = next(one for one in await club.ambassadors() if one.first_name == data.PEOPLE[0].first_name)
    said = [(await replies.invitee(row.id, camille.id)).reply for row in (preview, breakfast)]
    assert said == [Reply.COMING, Reply.AWAITED]
    assert await News.count().where(News.sent_at.is_null(), News.due_at <= now - timedelta(days=1)) == 0
    assert await Letter.count().where(Letter.next_try_at.is_not_null()) == 0


async def look_at_tally(now: datetime) -> None:
    whole = (now.date() - timedelta(days=800), now.date())
    before = await figures(*whole)
    await tally.rebuild()
    assert await figures(*whole) == before


async def figures(first: date, last: date) -> tuple[Any, ...]:
    """What the first page is drawn from."""
    return (
        await queries.totals(first, last),
        await queries.per_week(first, last),
        await queries.refused_by_reason(first, last),
    )


async def test_the_same_instant_tells_the_same_story(tmp_path: Path, now: datetime) -> None:
    settings = service.settings_for(tmp_path, 8000)
    stories = []
    for name in ("one", "two"):
        made = db.make_engine(f"sqlite:///{tmp_path}/{name}.sqlite")
        db.bind(made)
        await db.migrate()
        await story.fill(replace(settings, data=tmp_path / name), now=now)
        visits = Visit.select(
            Visit.id, Visit.at, Visit.venue_id.name, Visit.ambassador_id.last_name, Visit.companions, Visit.state
        )
        acts = Entry.select(Entry.at, Entry.action, Entry.why)
        stories.append(
            [
                [tuple(row.values()) for row in await visits.order_by(Visit.at).order_by(Visit.id)],
                sorted(str(tuple(row.values())) for row in await acts),
            ]
        )
        await db.close_engine()
    assert stories[0] == stories[1]


async def test_an_interrupted_beginning_leaves_nothing(engine: Engine[Any], settings: Settings, now: datetime) -> None:
    def interrupt(said: str) -> None:
        if "#" in said:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await story.fill(settings, now=now, show=interrupt)
    assert await Ambassador.count() == 0
    assert await Visit.count() == 0


async def test_two_seasons_are_told_and_their_figures_stay(
    engine: Engine[Any], settings: Settings, now: datetime
) -> None:
    await story.fill(settings, now=now)
    today = now.date()
    year_ago = today - timedelta(days=364)
    for first, last in ((year_ago, today), (today - timedelta(days=story.DAYS), year_ago)):
        months = Counter[int]()
        for day, n in await queries.per_week(first, last):
            months[day.month] += n
        assert months[7] + months[8] > 3 * (months[1] + months[2]), "summers are full and winters quiet"
        assert (await queries.totals(first, last)).visits > 200
    whole = (today - timedelta(days=800), today)
    before = await figures(*whole)
    n_named = await Visit.count().where(Visit.state == State.COUNTED)
    await retention.run(now=now)
    assert await Visit.count().where(Visit.state == State.COUNTED) == n_named
    assert await Ambassador.count().where(Ambassador.erased_at.is_not_null()) == 1
    await retention.run(now=now + timedelta(days=365))
    assert 0 < await Visit.count().where(Visit.state == State.COUNTED) < n_named
    assert await figures(*whole) == before
    assert not await retention.due(now=now + timedelta(days=365))


# --- where it lives ---------------------------------------------------------------------------------------------------


async def test_it_is_made_once_and_kept(tmp_path: Path) -> None:
    settings = service.settings_for(tmp_path / "demo", 8123)
    said: list[str] = []
    lines = await service.prepare(settings, show=said.append)
    assert said
    assert any("http://127.0.0.1:8123/demo/" in line for line in lines)
    said.clear()
    assert await service.prepare(settings, show=said.append) == lines
    assert said == []
    assert service.wipe(settings)
    assert not (tmp_path / "demo").exists()
    assert not service.wipe(settings)


async def test_it_never_touches_a_real_installation(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "estran.sqlite").write_bytes(b"")
    settings = service.settings_for(tmp_path, 8000)
    with pytest.raises(NotADemonstration):
        await service.prepare(settings, show=lambda _: None)
    with pytest.raises(NotADemonstration):
        service.wipe(settings)
    with pytest.raises(NotADemonstration):
        service.wipe(replace(settings, data=tmp_path / "estran.sqlite"))
    assert (tmp_path / "keys").is_dir()
    assert (tmp_path / "estran.sqlite").is_file()
