"""What goes wrong at the worst moment: letters that come too late, people who move while somebody looks, words that grow."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from estran.access import service as access
from estran.actor import SYSTEM, Actor, Role
from estran.club import service as club
from estran.errors import Conflict, Invalid
from estran.events import news, planning, replies, sums, watch, words
from estran.events import service as events
from estran.events.rules import NOTE_MAX, Reply, Who
from estran.events.tables import Slot
from estran.history import service as history
from estran.mail import service as mail
from estran.passes.keys import Issuer
from estran.privacy import erasure
from estran.visits import arrivals
from tests.access.letters import HEAD
from tests.conftest import ORIGIN, FrozenClock
from tests.events.cast import (
    FIRST_SLOT,
    OFFICER,
    REPLY_BY,
    as_drafts,
    draft,
    opened,
    people,
    person,
    reply_of,
    row_of,
    says,
    slot,
)

pytestmark = pytest.mark.anyio
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(ORIGIN, tmp_path / "keys")


@pytest.mark.usefixtures("engine")
async def test_a_cancellation_after_the_deadline_still_reaches_who_never_replied(
    clock: FrozenClock, issuer: Issuer
) -> None:
    await people(1, clock)
    event = await opened(clock)
    clock.now = await news.next_digest(now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 1
    clock.now = REPLY_BY + timedelta(hours=1)
    await planning.cancel_event(OFFICER, event.id, "Coup de vent", now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 1
    letter = (await mail.letters())[0]
    assert letter.subject.startswith("Annulé")
    assert letter.expires_at is None or letter.expires_at > clock()


@pytest.mark.usefixtures("engine")
async def test_who_is_given_a_place_while_their_page_is_made_has_no_rank_any_more(clock: FrozenClock) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock, slot(capacity=1))
    await says(event, camille, clock())
    assert await says(event, odile, clock()) is Reply.WAITING
    as_read = await row_of(event, odile)
    await says(event, camille, clock(), coming=False)
    assert await replies.rank(as_read, event, now=clock()) is None


@pytest.mark.usefixtures("engine")
async def test_a_slots_note_that_grows_by_its_spelling_is_refused_and_not_broken(clock: FrozenClock) -> None:
    grows = "\u0958" * NOTE_MAX  # NFC makes two letters of it
    with pytest.raises(Invalid) as fault:
        await planning.add_event(OFFICER, draft(), [slot(note=grows)], now=clock())
    assert fault.value.extra["fields"] == ["slot_0_note"]


@pytest.mark.usefixtures("engine")
async def test_a_draft_that_lay_too_long_counts_like_any_other_once_it_is_sent(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await planning.add_event(OFFICER, draft(who=Who.PICKED), [slot()], now=clock())
    await planning.pick(OFFICER, event.id, [camille], now=clock())
    await sums.forget_people(event.id, {}, now=clock())  # whom it was for is not kept for ever
    await planning.pick(OFFICER, event.id, [camille], now=clock())
    await planning.open_event(OFFICER, event.id, now=clock())
    await says(event, camille, clock())
    await sums.forget_people(event.id, {camille: 2}, now=clock())
    row = await events.event(event.id)
    assert (row.gone_invited, row.gone_coming, row.gone_present, row.gone_guests) == (1, 1, 1, 2)


@pytest.mark.usefixtures("engine")
async def test_fewer_guests_are_welcome_where_fewer_are_allowed_by_now(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock, guests_max=4)
    await says(event, camille, clock(), guests=4)
    await planning.edit_event(OFFICER, event.id, draft(guests_max=1), await as_drafts(event), now=clock())
    assert await says(event, camille, clock(), guests=3) is Reply.COMING
    assert (await row_of(event, camille)).guests == 3
    for guests in (4, -1):
        with pytest.raises(Invalid):
            await says(event, camille, clock(), guests=guests)


@pytest.mark.usefixtures("engine")
async def test_the_history_says_no_longer_who_replied_than_the_event_does(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    account = (await club.ambassador(camille)).account_id
    await replies.reply(Actor("account", account), event.id, camille, coming=True, now=clock())
    await planning.close_event(OFFICER, event.id, now=clock())
    assert account in {entry.actor_id for entry in await history.entries_about(event.id)}
    await sums.forget_people(event.id, {}, now=clock())
    entries = {entry.action: entry for entry in await history.entries_about(event.id)}
    assert (entries["events.reply"].actor_id, entries["events.reply"].details) == (None, {})
    assert entries["events.close"].actor_id == OFFICER.id


@pytest.mark.usefixtures("engine")
async def test_a_place_is_not_given_to_who_is_paused_and_not_released_yet(clock: FrozenClock) -> None:
    camille, odile, marin = await people(3, clock)
    event = await opened(clock, slot(capacity=1))
    for who in (camille, odile, marin):
        await says(event, who, clock())
    await club.pause(OFFICER, odile, "Voyage", now=clock())
    await says(event, camille, clock(), coming=False)
    assert [await reply_of(event, who) for who in (odile, marin)] == [Reply.WAITING, Reply.COMING]


@pytest.mark.usefixtures("engine")
async def test_invitations_that_wait_for_the_digest_do_not_miss_a_deadline_that_was_brought_forward(
    clock: FrozenClock, issuer: Issuer
) -> None:
    await people(1, clock)
    clock.now = await news.next_digest(now=clock())  # the next one is in a week
    event = await opened(clock, reply_by=clock() + timedelta(days=8))
    sooner = clock() + timedelta(days=4)
    times = await as_drafts(event, starts_at=sooner, ends_at=sooner + timedelta(hours=2))
    await planning.edit_event(OFFICER, event.id, draft(reply_by=clock() + timedelta(days=3)), times, now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 1
    [letter] = await mail.letters()
    assert letter.subject.startswith("Invitation")


@pytest.mark.usefixtures("engine")
async def test_no_reply_and_no_letter_leads_to_an_officer_who_is_no_ambassador_any_more(
    clock: FrozenClock, issuer: Issuer
) -> None:
    officer = await person("Helene", clock)
    await access.grant(officer.account_id, Role.OFFICER, None)
    event = await opened(clock)
    clock.now = await news.next_digest(now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 1  # the mail server has not taken it yet
    herself = Actor("account", officer.account_id, frozenset({Role.OFFICER}), ambassador_id=officer.id)
    await replies.reply(herself, event.id, officer.id, coming=True, now=clock())
    await erasure.erase(SYSTEM, officer.id, by="officer", now=clock())
    [entry] = [one for one in await history.entries_about(event.id) if one.action == "events.reply"]
    assert (entry.actor_id, dict(entry.details)) == (None, {})
    assert await mail.letters() == []


@pytest.mark.usefixtures("engine")
async def test_who_is_erased_after_their_own_slot_is_still_counted_when_the_others_are_over(clock: FrozenClock) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock, slot(), slot(3))
    first, second = await events.slots_of(event.id)
    await says(event, camille, clock(), slot_id=first.id)
    await says(event, odile, clock(), slot_id=second.id)
    clock.now = FIRST_SLOT + timedelta(days=1)
    await erasure.erase(SYSTEM, camille, by="officer", now=clock())
    clock.advance(days=3)
    found = await arrivals.attendance(event.id)
    assert (found.invited, found.coming, found.absent) == (2, 2, 2)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (datetime(2026, 6, 27, 22, tzinfo=UTC), "samedi 27 juin 2026, de 20 h à minuit"),
        (datetime(2026, 6, 27, 22, 30, tzinfo=UTC), "du samedi 27 juin 2026 à 20 h au dimanche 28 juin 2026 à 0 h 30"),
    ],
)
def test_an_evening_that_ends_at_midnight_ends_on_its_own_day(ends: datetime, said: str) -> None:
    evening = Slot(event_id=UUID(int=1), starts_at=datetime(2026, 6, 27, 18, tzinfo=UTC), ends_at=ends)
    assert " ".join(words.when(evening, PARIS, "fr").split()) == said


def test_a_deadline_at_midnight_names_the_day_that_ends() -> None:
    assert words.deadline(datetime(2026, 6, 27, 22, tzinfo=UTC), PARIS, "fr") == "samedi 27 juin 2026 à minuit"
    assert words.deadline(datetime(2026, 6, 27, 21, 59, tzinfo=UTC), PARIS, "en") == "Saturday 27 June 2026 at midnight"


@pytest.mark.usefixtures("engine")
async def test_replies_that_open_again_invite_whom_no_letter_reached_while_they_were_closed(
    clock: FrozenClock, issuer: Issuer
) -> None:
    await people(2, clock)
    event = await opened(clock)
    await planning.close_event(OFFICER, event.id, now=clock())
    clock.now = await news.next_digest(now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 0
    for _ in range(2):
        assert await planning.open_event(OFFICER, event.id, at_once=True, now=clock()) == 0
    assert await news.send_due(issuer, HEAD, now=clock()) == 2
    assert await planning.open_event(OFFICER, event.id, at_once=True, now=clock()) == 0
    assert await news.send_due(issuer, HEAD, now=clock()) == 0


@pytest.mark.usefixtures("engine")
async def test_who_is_paused_has_no_place_by_asking_for_less_nor_from_the_inbox_in_the_last_day(
    clock: FrozenClock,
) -> None:
    camille, odile, marin = await people(3, clock)
    event = await opened(clock, slot(capacity=2), guests_max=1, reply_by=FIRST_SLOT)
    await says(event, camille, clock())
    for who in (odile, marin):
        await says(event, who, clock(), guests=1)
    await club.pause(OFFICER, odile, "Voyage", now=clock())
    with pytest.raises(Conflict):
        await says(event, odile, clock())
    clock.now = FIRST_SLOT - timedelta(hours=5)
    await says(event, camille, clock(), coming=False)
    waiting = await watch.to_serve(event, await events.slots_of(event.id), now=clock())
    assert [one.ambassador_id for one in waiting] == [marin]


@pytest.mark.usefixtures("engine")
async def test_who_says_it_now_has_the_last_word_though_the_clock_went_back(clock: FrozenClock) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    await says(event, camille, clock())
    assert await says(event, camille, clock.advance(seconds=-2), coming=False) is Reply.DECLINED
    with pytest.raises(Conflict):
        await says(event, camille, clock(), said_at=clock() - timedelta(seconds=1))
