"""Letters about events: one for everything, at the club's hour, and never what has become pointless."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.actor import SYSTEM
from estran.club import service as club
from estran.club.tables import House
from estran.events import links, news, planning, replies, rules
from estran.events import service as events
from estran.events.rules import Reply, Stage, Told, Topic
from estran.events.tables import Event, News
from estran.history import service as history
from estran.mail import service as mail
from estran.mail.tables import Letter
from estran.passes.keys import Issuer
from tests.access.letters import HEAD
from tests.conftest import MONDAY, ORIGIN, FrozenClock
from tests.events.cast import FIRST_SLOT, OFFICER, REPLY_BY, as_drafts, draft, opened, people, person, says, slot

pytestmark = pytest.mark.anyio
DIGEST = datetime(2026, 6, 16, 8, tzinfo=UTC)
"""The first Tuesday at ten in Paris after the instant at which tests begin."""
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(ORIGIN, tmp_path / "keys")


async def letters() -> list[Letter]:
    """Oldest first."""
    return list(reversed(await mail.letters()))


async def moved(event: Event, clock: FrozenClock, **by: float) -> None:
    """The officer puts the first slot off."""
    [first, *_] = await events.slots_of(event.id)
    later = timedelta(**by)
    times = await as_drafts(event, starts_at=first.starts_at + later, ends_at=first.ends_at + later)
    await planning.edit_event(OFFICER, event.id, draft(title=event.title, reply_by=event.reply_by), times, now=clock())


# --- when -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("engine")
async def test_invitations_wait_for_the_clubs_hour_and_make_one_letter(clock: FrozenClock, issuer: Issuer) -> None:
    await people(2, clock)
    await opened(clock, title="Pêche à pied")
    await opened(clock, title="Visite du phare", place="Phare")
    assert await news.next_digest(now=clock()) == DIGEST
    assert await news.send_due(issuer, HEAD, now=DIGEST - timedelta(seconds=1)) == 0
    assert await news.send_due(issuer, HEAD, now=DIGEST) == 2
    assert await news.send_due(issuer, HEAD, now=DIGEST) == 0  # again after a crash: nobody gets it twice
    first, second = await letters()
    assert {first.to_email, second.to_email} == {"ami00@example.org", "ami01@example.org"}
    assert first.subject == "Invitation : Pêche à pied, et une autre nouvelle · Club des ambassadeurs".replace(
        " :", "\u00a0:"
    )
    for form in (first.text, first.html):
        assert "Pêche à pied" in form
        assert "Visite du phare" in form
    assert await News.count().where(News.sent_at.is_null()) == 0


@pytest.mark.usefixtures("engine")
async def test_two_servers_at_the_same_minute_write_to_nobody_twice(clock: FrozenClock, issuer: Issuer) -> None:
    await people(4, clock)
    await opened(clock)
    assert sum(await asyncio.gather(*[news.send_due(issuer, HEAD, now=DIGEST) for _ in range(3)])) == 4
    assert sorted(one.to_email for one in await letters()) == [f"ami0{n}@example.org" for n in range(4)]


@pytest.mark.usefixtures("engine")
async def test_nothing_leaves_at_night(clock: FrozenClock, issuer: Issuer) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    await says(event, camille, clock())
    clock.now = datetime(2026, 6, 16, 20, 30, tzinfo=UTC)  # half past ten in the evening
    await planning.cancel_event(OFFICER, event.id, "Coup de vent", now=clock())
    sent = []
    for _ in range(24):
        if await news.send_due(issuer, HEAD, now=clock()):
            sent.append(clock().astimezone(PARIS))
        clock.advance(minutes=30)
    assert [at.strftime("%d %H:%M") for at in sent] == ["17 08:00"]


@pytest.mark.usefixtures("engine")
async def test_a_server_that_was_down_by_day_does_not_make_up_for_it_at_night(
    clock: FrozenClock, issuer: Issuer
) -> None:
    await people(1, clock)
    await opened(clock)
    assert await news.send_due(issuer, HEAD, now=datetime(2026, 6, 16, 22, tzinfo=UTC)) == 0
    assert await news.send_due(issuer, HEAD, now=datetime(2026, 6, 17, 6, tzinfo=UTC)) == 1


@pytest.mark.parametrize(
    ("now", "digest"),
    [
        (
            datetime(2026, 10, 24, 7, 59, tzinfo=UTC),
            datetime(2026, 10, 25, 9, tzinfo=UTC),
        ),  # the clocks go back at night
        (datetime(2026, 10, 18, 8, 0, tzinfo=UTC), datetime(2026, 10, 25, 9, tzinfo=UTC)),
        (datetime(2026, 10, 18, 7, 59, tzinfo=UTC), datetime(2026, 10, 18, 8, tzinfo=UTC)),
        (datetime(2027, 3, 22, 12, tzinfo=UTC), datetime(2027, 3, 28, 8, tzinfo=UTC)),  # and forward
    ],
)
def test_the_hour_is_the_clubs_clock_through_a_change_of_it(now: datetime, digest: datetime) -> None:
    assert rules.digest_at(now, 7, 10, PARIS) == digest


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants it so
    st.sampled_from(["Europe/Paris", "Pacific/Noumea", "America/Miquelon", "UTC"]),
)
def test_by_day_is_by_day_and_not_long_after(now: datetime, zone: str) -> None:
    at = rules.daytime(now, ZoneInfo(zone))
    assert rules.DAY_BEGINS <= at.astimezone(ZoneInfo(zone)).hour < rules.DAY_ENDS
    assert timedelta() <= at - now <= timedelta(hours=13)
    assert rules.daytime(at, ZoneInfo(zone)) == at


@pytest.mark.usefixtures("engine")
async def test_an_invitation_that_would_come_too_late_leaves_by_day_at_once(clock: FrozenClock, issuer: Issuer) -> None:
    await people(1, clock)
    clock.now = DIGEST  # the next one is in a week, the replies end in six days
    await opened(clock)
    assert await news.send_due(issuer, HEAD, now=clock()) == 1


@pytest.mark.usefixtures("engine")
async def test_what_waits_follows_the_digest_when_its_day_is_changed(clock: FrozenClock, issuer: Issuer) -> None:
    await people(1, clock)
    await opened(clock, title="Pêche à pied")
    urgent = await opened(clock, slot(1), title="Phare", reply_by=FIRST_SLOT)
    await planning.cancel_event(OFFICER, urgent.id, "Coup de vent", now=clock())

    async def digest_is(weekday: int, hour: int) -> None:
        before = await club.house()
        await House.update({House.digest_weekday: weekday, House.digest_hour: hour}, force=True)
        await news.move_digest(before, now=clock())

    async def due() -> list[datetime]:
        return await News.select(News.due_at).where(News.kind == Told.INVITED.value).output(as_list=True)

    await digest_is(5, 9)
    friday = datetime(2026, 6, 19, 7, tzinfo=UTC)
    assert await due() == [friday] == [await news.next_digest(now=clock())]
    await digest_is(3, 18)
    assert await due() == [datetime(2026, 6, 17, 16, tzinfo=UTC)]
    await digest_is(7, 10)  # the day before the replies end: too late for an invitation, which leaves at once
    assert await due() == [clock()]
    assert await news.send_due(issuer, HEAD, now=clock()) == 1
    await digest_is(2, 10)
    assert await due() == [clock()]  # what has left has left


@pytest.mark.usefixtures("engine")
async def test_a_reminder_is_never_put_off_by_another_digest(clock: FrozenClock) -> None:
    await club.house()
    await House.update({House.digest_weekday: 7}, force=True)
    await people(1, clock)
    await opened(clock, reply_by=REPLY_BY)
    await News.update({News.sent_at: clock()}, force=True)
    clock.now = REPLY_BY - timedelta(days=2)
    await news.remind(now=clock())
    for weekday, hour, day in ((7, 9, 21), (6, 19, 20), (5, 9, 20)):
        before = await club.house()
        await House.update({House.digest_weekday: weekday, House.digest_hour: hour}, force=True)
        await news.move_digest(before, now=clock())
        [due_at] = await News.select(News.due_at).where(News.sent_at.is_null()).output(as_list=True)
        assert due_at.astimezone(PARIS).day == day


# --- what -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("engine")
async def test_an_invitation_says_all_that_one_must_know_to_reply(clock: FrozenClock, issuer: Issuer) -> None:
    [camille] = await people(1, clock)
    event = await opened(
        clock,
        slot(capacity=12, note="Basse mer à 12 h 40"),
        slot(1, hours=30),
        title_en="Shore fishing",
        about="On gratte, on trie.\nOn goûte.",
        about_en="We dig, we taste.",
        guests_max=2,
        place_en="The beach by the sea wall",
        bring="Des bottes",
        access="300 m sur le sable",
        access_en="300 m across the sand",
    )
    await news.send_due(issuer, HEAD, now=DIGEST)
    [letter] = await letters()
    plain = letter.text.replace("\u00a0", " ").replace("\u202f", " ")
    html = re.sub(r"<[^>]+>", "", letter.html).replace("\u00a0", " ").replace("\u202f", " ")
    for form in (plain, html):
        for said in (
            "Bonjour Ami00",
            "jeudi 25 juin 2026, de 12 h à 14 h · Basse mer à 12 h 40 · 12 places",
            "du vendredi 26 juin 2026 à 12 h au samedi 27 juin 2026 à 18 h",
            "Où : Plage de la Digue",
            "À apporter : Des bottes",
            "Accessibilité du lieu : 300 m sur le sable",
            "Vous pouvez venir avec 2 personnes au plus, gratuitement.",
            "Réponse souhaitée avant le lundi 22 juin 2026 à 12 h.",
            "Shore fishing",
            "Thursday 25 June 2026, from 12:00 to 14:00 · Basse mer à 12 h 40 · 12 places",
            "We dig, we taste.",
            "Where: The beach by the sea wall",
            "To bring: Des bottes",
            "300 m across the sand",
            "Please reply before Monday 22 June 2026 at 12:00.",
        ):
            assert said in form, said
    assert "\n\n\n" not in letter.text
    assert letter.kind == "news"
    assert letter.expires_at == REPLY_BY
    found = re.search(rf"{re.escape(ORIGIN)}/reply/(\S+)", letter.text)
    assert found is not None
    invitee = await replies.invitee(event.id, camille)
    assert await links.invitee_of(issuer, found[1], now=FIRST_SLOT + timedelta(days=2)) == invitee.id
    assert await history.entries_about(camille) != []


@pytest.mark.usefixtures("engine")
async def test_what_cannot_wait_takes_along_what_could(clock: FrozenClock, issuer: Issuer) -> None:
    camille, _ = await people(2, clock)
    told = await opened(clock, title="Pêche à pied")
    await news.send_due(issuer, HEAD, now=DIGEST)
    await says(told, camille, DIGEST)
    clock.now = DIGEST + timedelta(hours=1)
    await opened(clock, slot(20), title="Visite du phare", reply_by=REPLY_BY + timedelta(days=20))
    await planning.cancel_event(OFFICER, told.id, "Coup de vent <b>", now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 2
    _, _, *last = await letters()
    for letter in last:
        assert letter.subject.startswith("Annulé\u00a0: Pêche à pied, et une autre nouvelle")
        assert "Le mot de l’office\u00a0: Coup de vent <b>" in letter.text
        assert "Coup de vent &lt;b&gt;" in letter.html
        assert "Visite du phare" in letter.text
        assert "/reply/" in letter.text
    clock.advance(days=7)
    assert await news.send_due(issuer, HEAD, now=clock()) == 0  # the digest has nothing left


@pytest.mark.usefixtures("engine")
async def test_a_change_says_what_changed_and_what_holds_now(clock: FrozenClock, issuer: Issuer) -> None:
    camille, _ = await people(2, clock)
    event = await opened(clock, slot(note="Basse mer à midi"), bring="Des bottes")
    await news.send_due(issuer, HEAD, now=DIGEST)
    clock.now = DIGEST + timedelta(hours=1)
    await says(event, camille, clock())
    [first] = await as_drafts(event, starts_at=FIRST_SLOT + timedelta(hours=1))
    await planning.edit_event(OFFICER, event.id, draft(place="Cale", bring="Des bottes"), [first], now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 2
    of_camille = next(one for one in (await letters())[2:] if one.to_email == "ami00@example.org")
    text = of_camille.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert of_camille.subject.startswith("Changement")
    assert "Ce qui a changé : les horaires et le lieu." in text
    assert "What has changed: the times and the place." in text
    assert "jeudi 25 juin 2026, de 13 h à 14 h · Basse mer à midi" in text
    assert "Où : Cale" in text
    assert "Vous ne pouvez plus venir" in text
    assert "Réponse souhaitée" not in text
    of_odile = next(one for one in (await letters())[2:] if one.to_email == "ami01@example.org")
    assert "Réponse souhaitée" in of_odile.text


@pytest.mark.usefixtures("engine")
async def test_whose_slot_goes_hears_at_once_what_does_not_take_place_and_what_is_left(
    clock: FrozenClock, issuer: Issuer
) -> None:
    camille, odile, yann = await people(3, clock)
    event = await opened(clock, slot(note="Basse mer à midi"), slot(1), slot(2, capacity=5))
    first, *others = await as_drafts(event)
    await says(event, camille, clock(), slot_id=first.id)  # in the app, before any letter
    await news.send_due(issuer, HEAD, now=DIGEST)
    clock.now = DIGEST + timedelta(hours=1)
    await says(event, odile, clock(), slot_id=others[0].id)
    await says(event, yann, clock(), coming=False)
    await news.set_topics(SYSTEM, camille, set(), now=clock())
    await planning.edit_event(OFFICER, event.id, draft(), others, releases=1, now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 2
    assert await news.send_due(issuer, HEAD, now=clock()) == 0
    of_camille, of_odile = sorted((await letters())[2:], key=lambda one: one.to_email)
    text = of_camille.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert of_camille.subject.replace("\u00a0", " ").startswith("Votre créneau est annulé : Pêche à pied")
    assert "N’a pas lieu : jeudi 25 juin 2026, de 12 h à 14 h · Basse mer à midi" in text
    assert "Does not take place: Thursday" in text
    assert "- vendredi 26 juin 2026" in text
    assert "- samedi 27 juin 2026, de 12 h à 14 h · 5 places" in text
    assert "choisissez-le" in text
    assert "Réponse souhaitée" in text
    assert len(re.findall(r"/reply/", text)) == 1
    assert "/reply/" in of_camille.html
    calendar = (of_camille.calendar or "").replace("\r\n ", "")
    entries = calendar.split("BEGIN:VEVENT")[1:]
    assert [f"UID:{one.id}@" in entry for one, entry in zip([*others, first], entries, strict=True)] == [True] * 3
    assert ["STATUS:CANCELLED" in entry for entry in entries] == [False, False, True]
    assert all("SEQUENCE:1" in entry for entry in entries)
    assert of_odile.subject.startswith("Changement")
    assert "CANCELLED" not in (of_odile.calendar or "")


@pytest.mark.usefixtures("engine")
async def test_whose_slot_goes_hears_of_it_when_the_replies_are_over_and_when_no_other_is_left(
    clock: FrozenClock, issuer: Issuer
) -> None:
    camille, _ = await people(2, clock)
    event = await opened(clock, slot(), slot(1), slot(2))
    past, last, storm = await as_drafts(event)
    await news.send_due(issuer, HEAD, now=DIGEST)
    await says(event, camille, DIGEST, slot_id=storm.id)
    clock.now = REPLY_BY + timedelta(hours=1)
    await planning.edit_event(OFFICER, event.id, draft(), [past, last], releases=1, now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 1  # who has not replied is asked no more
    [letter, *_] = await mail.letters()
    assert "Les réponses sont closes" in letter.text
    assert "jeudi 25 juin" in letter.text
    assert "Réponse souhaitée" not in letter.text
    assert "/reply/" not in letter.text + letter.html
    await says(event, camille, clock(), slot_id=last.id, by_hand=True)
    clock.now = past.ends_at + timedelta(hours=1)
    await planning.edit_event(OFFICER, event.id, draft(), [past], releases=1, now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 1
    [letter, *_] = await mail.letters()
    assert letter.expires_at == last.ends_at
    assert "vendredi 26 juin" in letter.text
    assert "Il n’y a pas d’autre créneau" in letter.text
    assert "jeudi 25 juin" not in letter.text


@pytest.mark.parametrize("is_cancelled", [False, True])
@pytest.mark.usefixtures("engine")
async def test_whose_slot_goes_before_their_invitation_has_left_hears_of_it_at_once_and_once(
    is_cancelled: bool,  # noqa: FBT001 - a case
    clock: FrozenClock,
    issuer: Issuer,
) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock, slot(), slot(1))
    first, second = await as_drafts(event)
    await says(event, camille, clock(), slot_id=first.id)  # in the app
    clock.advance(minutes=1)
    await planning.edit_event(OFFICER, event.id, draft(), [second], releases=1, now=clock())
    if is_cancelled:
        await planning.cancel_event(OFFICER, event.id, "Coup de vent", now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 1
    assert await news.send_due(issuer, HEAD, now=DIGEST) == 0
    [letter] = await letters()
    assert letter.subject.startswith("Annulé" if is_cancelled else "Votre créneau est annulé")


@pytest.mark.usefixtures("engine")
async def test_nobody_is_told_that_something_they_never_heard_of_has_changed_or_is_cancelled(
    clock: FrozenClock, issuer: Issuer
) -> None:
    camille, *_ = await people(3, clock)
    event = await opened(clock)
    await says(event, camille, clock())  # in the app, before any letter
    await moved(event, clock, hours=1)
    await planning.cancel_event(OFFICER, event.id, "Coup de vent", now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 1
    assert await news.send_due(issuer, HEAD, now=DIGEST) == 0
    [letter] = await letters()
    assert letter.to_email == "ami00@example.org"
    assert letter.subject.startswith("Annulé")


@pytest.mark.usefixtures("engine")
async def test_a_change_before_the_invitation_is_in_the_invitation(clock: FrozenClock, issuer: Issuer) -> None:
    await people(1, clock)
    event = await opened(clock)
    await moved(event, clock, hours=1)
    assert await news.send_due(issuer, HEAD, now=clock()) == 0
    assert await news.send_due(issuer, HEAD, now=DIGEST) == 1
    [letter] = await letters()
    assert letter.subject.startswith("Invitation")
    assert "de 13\u202fh à" in letter.text


@pytest.mark.usefixtures("engine")
async def test_a_place_that_became_free_is_told_at_once(clock: FrozenClock, issuer: Issuer) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock, slot(capacity=1))
    await says(event, camille, clock())
    assert await says(event, odile, clock()) is Reply.WAITING
    await says(event, camille, clock(), coming=False)
    assert await news.send_due(issuer, HEAD, now=clock()) == 1
    [letter] = await letters()
    assert letter.to_email == "ami01@example.org"
    assert letter.subject.startswith("Une place pour vous")
    assert "STATUS:CONFIRMED" in letter.calendar


@pytest.mark.usefixtures("engine")
async def test_what_the_officer_notes_on_the_telephone_is_confirmed_once(clock: FrozenClock, issuer: Issuer) -> None:
    camille, odile, yann, marin = await people(4, clock)
    event = await opened(clock, slot(capacity=3), guests_max=2)
    await news.set_topics(SYSTEM, camille, set(), now=clock())  # a confirmation is nothing that one can do without

    async def noted(who: UUID, *, coming: bool = True, guests: int = 0) -> None:
        await replies.reply(OFFICER, event.id, who, coming=coming, guests=guests, by_hand=True, now=clock())

    await noted(camille, guests=1)
    await noted(yann)
    clock.advance(minutes=8)
    await noted(yann, coming=False)
    await noted(camille, guests=2)
    await noted(odile)
    await noted(marin)
    await says(event, marin, clock(), guests=1)  # by himself meanwhile: he knows
    clock.advance(minutes=9)
    assert await news.send_due(issuer, HEAD, now=clock()) == 0
    clock.advance(minutes=1)
    assert await news.send_due(issuer, HEAD, now=clock()) == 2
    of_camille, of_odile = sorted(await letters(), key=lambda one: one.to_email)
    assert [one.to_email for one in (of_camille, of_odile)] == ["ami00@example.org", "ami01@example.org"]
    text = of_camille.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert of_camille.subject.startswith("C’est noté")
    for part in (
        "Votre place est réservée",
        "jeudi 25 juin 2026, de 12 h à 14 h",
        "Avec vous : 2 personnes.",
        f"{ORIGIN}/reply/",
        "Your place is reserved",
    ):
        assert part in text
    assert "STATUS:CONFIRMED" in of_camille.calendar
    assert of_camille.unsubscribe == ""
    assert "Vous êtes sur la liste d’attente" in of_odile.text
    assert "Votre place est réservée" not in of_odile.text
    assert "STATUS:TENTATIVE" in of_odile.calendar
    assert await news.send_due(issuer, HEAD, now=DIGEST) == 0  # no invitation for who has answered it


@pytest.mark.usefixtures("engine")
async def test_a_place_found_while_a_reply_is_being_noted_makes_one_letter(clock: FrozenClock, issuer: Issuer) -> None:
    camille, odile = await people(2, clock)
    event = await opened(clock, slot(capacity=1))
    await says(event, camille, clock())
    await replies.reply(OFFICER, event.id, odile, coming=True, by_hand=True, now=clock())
    await says(event, camille, clock(), coming=False)
    assert await news.send_due(issuer, HEAD, now=clock()) == 1
    clock.advance(minutes=10)
    assert await news.send_due(issuer, HEAD, now=clock()) == 0
    [letter] = await letters()
    assert letter.subject.startswith("Une place pour vous")


@pytest.mark.usefixtures("engine")
async def test_who_came_is_thanked_in_the_officers_words(clock: FrozenClock, issuer: Issuer) -> None:
    camille, _ = await people(2, clock)
    event = await opened(clock)
    await says(event, camille, clock())
    await news.send_due(issuer, HEAD, now=DIGEST)  # Odile's invitation
    clock.now = FIRST_SLOT + timedelta(hours=3)
    await planning.sum_up(OFFICER, event.id, {camille: 0}, "La dune vous remercie.", now=clock())
    assert await news.send_due(issuer, HEAD, now=clock()) == 0
    assert await news.send_due(issuer, HEAD, now=await news.next_digest(now=clock())) == 1
    letter = (await letters())[-1]
    assert (letter.to_email, letter.calendar) == ("ami00@example.org", "")
    assert letter.expires_at is None
    assert letter.subject.startswith("Merci")
    assert "La dune vous remercie." in letter.text


# --- what is not told any more ----------------------------------------------------------------------------------------


async def replied(event: Event, camille: UUID, clock: FrozenClock) -> None:
    await says(event, camille, clock(), coming=False)


async def closed(event: Event, camille: UUID, clock: FrozenClock) -> None:
    await planning.close_event(OFFICER, event.id, now=clock())


async def paused(event: Event, camille: UUID, clock: FrozenClock) -> None:
    await club.pause(SYSTEM, camille, "Voyage", now=clock())


async def erased(event: Event, camille: UUID, clock: FrozenClock) -> None:
    await planning.forget(camille, now=clock())
    await club.forget(camille, now=clock())


async def quiet(event: Event, camille: UUID, clock: FrozenClock) -> None:
    await news.set_topics(SYSTEM, camille, {Topic.REMINDERS, Topic.THANKS}, now=clock())


async def ended(event: Event, camille: UUID, clock: FrozenClock) -> None:
    [mandate] = await club.mandates_of(camille)
    await club.edit_mandate(SYSTEM, mandate.id, mandate.begins_on, MONDAY.date(), now=clock())


@pytest.mark.parametrize("what", [replied, closed, paused, erased, quiet, ended], ids=lambda one: one.__name__)
@pytest.mark.usefixtures("engine")
async def test_an_invitation_that_became_pointless_is_forgotten(what: Any, clock: FrozenClock, issuer: Issuer) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    await what(event, camille, clock)
    assert await news.send_due(issuer, HEAD, now=DIGEST) == 0
    assert await News.count() == 0
    assert await letters() == []


def test_only_a_cancellation_is_told_of_what_is_cancelled_and_only_thanks_afterwards() -> None:
    for kind, stage, reply in product(Told, Stage, Reply):
        if rules.is_news(kind, stage, reply, is_past=False, is_member=True):
            expected = {Told.CANCELLED: {Stage.CANCELLED}, Told.THANKS: {Stage.SUMMED}}
            expected[Told.REMOVED] = {Stage.OPEN, Stage.CLOSED, Stage.HELD}
            assert stage in expected.get(kind, {Stage.OPEN, Stage.CLOSED})
            assert reply is not Reply.DECLINED or kind is Told.THANKS
        assert kind is Told.THANKS or not rules.is_news(kind, stage, reply, is_past=True, is_member=False)


def test_who_left_the_club_is_asked_nothing_but_still_told_of_what_they_come_to() -> None:
    def told(kind: Told, reply: Reply, stage: Stage = Stage.OPEN) -> bool:
        return rules.is_news(kind, stage, reply, is_past=False, is_member=False)

    assert not told(Told.INVITED, Reply.AWAITED)
    assert not told(Told.REMINDER, Reply.COMING)
    assert not told(Told.CANCELLED, Reply.AWAITED, Stage.CANCELLED)
    assert told(Told.CANCELLED, Reply.COMING, Stage.CANCELLED)
    assert told(Told.CHANGED, Reply.WAITING)


# --- reminders --------------------------------------------------------------------------------------------------------


async def chores(issuer: Issuer, clock: FrozenClock, *, days: int) -> list[tuple[str, str, str]]:
    """What leaves within these days, as the server does it: to whom, when, which."""
    seen = {letter.id for letter in await letters()}
    for _ in range(days * 12):
        await news.remind(now=clock())
        await news.send_due(issuer, HEAD, now=clock())
        clock.advance(hours=2)
    return [
        (
            one.to_email.partition("@")[0],
            one.created_at.astimezone(PARIS).strftime("%d %H:%M"),
            one.subject.split("\u00a0:")[0],
        )
        for one in await letters()
        if one.id not in seen
    ]


@pytest.mark.usefixtures("engine")
async def test_who_has_not_replied_and_who_comes_are_reminded_once(clock: FrozenClock, issuer: Issuer) -> None:
    camille, odile, yann = await people(3, clock)
    event = await opened(clock)
    await news.send_due(issuer, HEAD, now=DIGEST)
    await says(event, camille, DIGEST)
    await says(event, yann, DIGEST, coming=False)
    clock.now = DIGEST
    assert await chores(issuer, clock, days=14) == [
        ("ami01", "20 12:00", "Votre réponse"),  # two days before Monday the 22nd, at noon
        ("ami00", "23 12:00", "C’est bientôt"),  # two days before Thursday the 25th, at noon
    ]
    rows = {one.ambassador_id: one.reminded_at for one in await events.invitees(event.id)}
    assert rows[yann] is None
    assert rows[odile] == datetime(2026, 6, 20, 10, tzinfo=UTC)


@pytest.mark.usefixtures("engine")
async def test_a_reminder_waits_for_a_digest_that_is_near(clock: FrozenClock, issuer: Issuer) -> None:
    await club.house()
    await House.update({House.digest_weekday: 7}, force=True)  # Sunday the 21st at ten, a day before the replies end
    await people(1, clock)
    await opened(clock, reply_by=REPLY_BY + timedelta(hours=1))
    await News.update({News.sent_at: clock()}, force=True)
    clock.now = REPLY_BY - timedelta(days=2)
    assert await chores(issuer, clock, days=2) == [("ami00", "21 10:00", "Votre réponse")]


@pytest.mark.usefixtures("engine")
async def test_nobody_is_reminded_of_what_a_letter_has_just_said(clock: FrozenClock, issuer: Issuer) -> None:
    [camille] = await people(1, clock)
    clock.now = REPLY_BY - timedelta(days=1)
    event = await opened(clock)
    assert await chores(issuer, clock, days=1) == [("ami00", "21 12:00", "Invitation")]
    event = await opened(clock, slot(2), reply_by=FIRST_SLOT)
    await says(event, camille, clock())
    clock.now = FIRST_SLOT + timedelta(hours=1)  # within two days of the slot
    await moved(event, clock, hours=1)
    assert await chores(issuer, clock, days=4) == [("ami00", "25 13:00", "Changement")]


@pytest.mark.usefixtures("engine")
async def test_an_event_that_is_put_off_is_reminded_of_anew(clock: FrozenClock, issuer: Issuer) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    await says(event, camille, clock())
    clock.now = FIRST_SLOT - timedelta(days=1)
    assert [what for _, _, what in await chores(issuer, clock, days=1)] == ["C’est bientôt"]
    await moved(await events.event(event.id), clock, days=10)
    assert [what for _, _, what in await chores(issuer, clock, days=1)] == ["Changement"]
    clock.advance(days=8)
    assert [what for _, _, what in await chores(issuer, clock, days=2)] == ["C’est bientôt"]


@pytest.mark.usefixtures("engine")
async def test_who_wants_no_reminders_has_none_and_is_still_told_of_changes(clock: FrozenClock, issuer: Issuer) -> None:
    [camille] = await people(1, clock)
    await news.set_topics(SYSTEM, camille, set(), now=clock())
    event = await opened(clock)
    await says(event, camille, clock())
    clock.now = FIRST_SLOT - timedelta(days=2)
    assert await chores(issuer, clock, days=1) == []
    await moved(event, clock, hours=1)
    assert [what for _, _, what in await chores(issuer, clock, days=1)] == ["Changement"]


# --- topics -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("engine")
async def test_topics_are_chosen_kept_and_noted_once(clock: FrozenClock) -> None:
    camille = (await person("Camille", clock)).id
    assert await news.topics_of(camille) == set(Topic)
    for _ in range(2):
        await news.set_topics(SYSTEM, camille, {Topic.THANKS}, now=clock())
    assert await news.topics_of(camille) == {Topic.THANKS}
    noted = [one for one in await history.entries_about(camille) if one.action == "events.topics"]
    assert [one.details for one in noted] == [{"quiet": ["invitations", "reminders"]}]
    await news.set_topics(SYSTEM, camille, set(Topic), now=clock())
    assert await news.topics_of(camille) == set(Topic)


@pytest.mark.usefixtures("engine")
async def test_only_letters_one_may_do_without_have_a_button_to_stop_them(clock: FrozenClock, issuer: Issuer) -> None:
    [camille] = await people(1, clock)
    event = await opened(clock)
    await news.send_due(issuer, HEAD, now=DIGEST)
    clock.now = DIGEST + timedelta(minutes=5)
    await says(event, camille, clock())
    await moved(event, clock, hours=1)
    await news.send_due(issuer, HEAD, now=clock())
    invited, changed = await letters()
    assert invited.unsubscribe.startswith(f"{ORIGIN}/letters/")
    assert invited.unsubscribe in invited.text
    assert await links.quiet_of(issuer, invited.unsubscribe.rpartition("/")[2], now=clock()) == (
        camille,
        Topic.INVITATIONS,
    )
    assert changed.unsubscribe == ""
    assert f"{ORIGIN}/letters/" in changed.text


@pytest.mark.usefixtures("engine")
async def test_one_letter_that_cannot_be_written_keeps_no_other_waiting(
    clock: FrozenClock, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(3, clock)
    await opened(clock)
    post, n = mail.post, 0

    async def sometimes(*given: Any, **more: Any) -> Letter:
        nonlocal n
        n += 1
        if n == 1:
            raise OSError("no room")
        return await post(*given, **more)

    monkeypatch.setattr(mail, "post", sometimes)
    with pytest.raises(OSError, match="no room"):
        await news.send_due(issuer, HEAD, now=DIGEST)
    assert len(await letters()) == 2
    assert await news.send_due(issuer, HEAD, now=DIGEST) == 1
    assert len({one.to_email for one in await letters()}) == 3
