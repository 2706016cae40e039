"""What goes wrong at the worst moment: letters that come too late, people who move while somebody looks, words that grow."""

from datetime import timedelta
from pathlib import Path

import pytest

from estran.actor import Actor
from estran.club import service as club
from estran.errors import Invalid
from estran.events import news, planning, replies, sums
from estran.events import service as events
from estran.events.rules import NOTE_MAX, Reply, Who
from estran.history import service as history
from estran.mail import service as mail
from estran.passes.keys import Issuer
from tests.access.letters import HEAD
from tests.conftest import ORIGIN, FrozenClock
from tests.events.cast import OFFICER, REPLY_BY, as_drafts, draft, opened, people, row_of, says, slot

pytestmark = pytest.mark.anyio


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
