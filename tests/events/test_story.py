"""One event from its draft to the day on which nobody is named any more, through the services as the doors call them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from estran.actor import SYSTEM
from estran.errors import Conflict
from estran.events import links, news, planning, replies
from estran.events import service as events
from estran.events.planning import Draft, SlotDraft
from estran.events.rules import Attendance, Stage
from estran.events.tables import Invitee, News, Slot
from estran.mail import service as mail
from estran.mail.letters import Letterhead
from estran.mail.tables import Letter
from estran.passes.keys import Issuer
from estran.privacy import erasure, retention
from estran.visits import arrivals, queries
from estran.visits import service as visits
from estran.visits.tables import Visit
from tests.conftest import ORIGIN, FrozenClock
from tests.visits.conftest import OFFICER, Item, Phone, Scanner, Town, issuer, other_till, till, town

__all__ = ["issuer", "other_till", "till", "town"]

pytestmark = pytest.mark.anyio
HEAD = Letterhead(club="Club", origin=ORIGIN, demo=False)
DIGEST = datetime(2026, 6, 16, 8, 0, tzinfo=UTC)  # Tuesday, 10 o'clock in Paris
REPLY_BY = datetime(2026, 6, 26, 16, 0, tzinfo=UTC)
BEGINS = datetime(2026, 7, 3, 16, 0, tzinfo=UTC)
ENDS = BEGINS + timedelta(hours=2)
FIGURES = Attendance(invited=6, coming=3, present=3, absent=1, walk_ins=1, guests=1)
NAMES = ("Anselme", "Odile", "Maëlle", "Lison", "Gaspard", "Camille")


@dataclass
class Evening:
    """The event, who is asked to it, and their letters."""

    issuer: Issuer
    clock: FrozenClock
    phones: dict[str, Phone]
    event_id: UUID
    slot: Slot

    async def stage(self) -> Stage:
        return events.stage_of(await events.event(self.event_id), [self.slot], now=self.clock())

    async def letters(self) -> dict[str, Letter]:
        """What leaves now, by the first name of its reader."""
        before = {one.id for one in await mail.letters()}
        await news.remind(now=self.clock())
        n = await news.send_due(self.issuer, HEAD, now=self.clock())
        fresh = [one for one in await mail.letters() if one.id not in before]
        assert len(fresh) == n
        accounts = {phone.owner.account_id: name for name, phone in self.phones.items()}
        found = {accounts[one.subject_id]: one for one in fresh}
        assert len(found) == n, "one letter each"
        return found

    async def answer(self, letter: Letter, *, coming: bool, guests: int = 0) -> str:
        """The button of the page that the letter's link opens; nobody is signed in."""
        found = re.search(rf"{ORIGIN}/reply/([\w.-]+)", letter.text)
        assert found, letter.text
        invitee_id = await links.invitee_of(self.issuer, found[1], now=self.clock())
        one = await Invitee.objects().where(Invitee.id == invitee_id).first()
        assert one is not None
        said = await replies.reply(
            SYSTEM, one.event_id, one.ambassador_id, coming=coming, guests=guests, now=self.clock()
        )
        return str(said.reply)

    async def reply_of(self, name: str) -> str:
        return str((await replies.invitee(self.event_id, self.phones[name].owner.id)).reply)

    def arrive(self, scanner: Scanner, name: str, guests: int = 0, **changes: Any) -> Item:
        self.clock.advance(minutes=3)
        seen = {"slotId": str(self.slot.id), "benefitId": None, "benefitVersion": None, "guests": guests}
        return scanner.scan(self.phones[name].show(self.clock()), **seen | changes)

    async def figures(self) -> Attendance:
        return await arrivals.attendance(self.event_id)


@pytest.fixture
async def evening(town: Town, issuer: Issuer, clock: FrozenClock) -> Evening:
    """A draft, of four places."""
    phones = {name: await town.ambassador(name, "Flot") for name in NAMES}
    draft = Draft(title="Veillée", venue_id=town.museum.id, guests_max=1, reply_by=REPLY_BY)
    times = [SlotDraft(starts_at=BEGINS, ends_at=ENDS, note="pleine mer à 19 h", capacity=4)]
    event = await planning.add_event(OFFICER, draft, times, now=clock())
    [slot] = await events.slots_of(event.id)
    return Evening(issuer, clock, phones, event.id, slot)


async def test_the_whole_life_of_an_event(
    evening: Evening, till: Scanner, other_till: Scanner, clock: FrozenClock
) -> None:
    await asked_and_answered(evening)
    await one_withdraws_and_who_waits_has_the_places(evening)
    await who_said_nothing_is_reminded_once(evening)
    await welcomed_at_two_doors_without_network(evening, till, other_till)
    await summed_up_and_thanked(evening)
    await nobody_is_named_in_the_end(evening)


async def asked_and_answered(evening: Evening) -> None:
    clock = evening.clock
    assert await evening.stage() is Stage.DRAFT
    assert await News.count() == 0
    assert await planning.open_event(OFFICER, evening.event_id, now=clock()) == len(NAMES)
    assert await evening.letters() == {}, "they wait for the digest"
    clock.now = DIGEST
    letters = await evening.letters()
    assert set(letters) == set(NAMES)
    assert await evening.letters() == {}
    assert [
        await evening.answer(letters["Anselme"], coming=True, guests=1),
        await evening.answer(letters["Odile"], coming=True),
        await evening.answer(letters["Maëlle"], coming=True, guests=1),
        await evening.answer(letters["Lison"], coming=True),
        await evening.answer(letters["Gaspard"], coming=False),
    ] == ["coming", "coming", "waiting", "coming", "declined"], "who needs two places waits, who needs one has it"
    assert (await replies.places([evening.slot]))[evening.slot.id].left == 0


async def one_withdraws_and_who_waits_has_the_places(evening: Evening) -> None:
    evening.clock.advance(days=1, hours=12)  # at night
    anselme = evening.phones["Anselme"].owner.id
    await replies.reply(SYSTEM, evening.event_id, anselme, coming=False, now=evening.clock())
    assert await evening.reply_of("Maëlle") == "coming"
    assert (await replies.places([evening.slot]))[evening.slot.id].left == 0
    assert await evening.letters() == {}, "nobody is woken up"
    evening.clock.advance(hours=12)
    assert set(await evening.letters()) == {"Maëlle"}


async def who_said_nothing_is_reminded_once(evening: Evening) -> None:
    evening.clock.now = REPLY_BY - timedelta(days=1)
    assert set(await evening.letters()) == {"Camille"}
    evening.clock.advance(hours=2)
    assert await evening.letters() == {}
    evening.clock.now = REPLY_BY + timedelta(minutes=1)
    assert await evening.stage() is Stage.CLOSED
    camille = evening.phones["Camille"].owner.id
    with pytest.raises(Conflict, match="office"):
        await replies.reply(SYSTEM, evening.event_id, camille, coming=True, now=evening.clock())


async def welcomed_at_two_doors_without_network(evening: Evening, till: Scanner, other: Scanner) -> None:
    evening.clock.now = BEGINS - timedelta(minutes=20)
    first = [evening.arrive(till, "Maëlle", 1), evening.arrive(till, "Odile")]
    let_in: dict[str, Any] = {
        "answer": "ask",
        "reason": "not_on_list",
        "decisions": {"again": "let_in", "why": "Une place était libre"},
    }
    second = [evening.arrive(other, "Maëlle", 1), evening.arrive(other, "Camille", **let_in)]
    assert await arrivals.present(evening.event_id) == {}
    evening.clock.now = ENDS + timedelta(hours=9)
    for scanner, items in ((other, second), (till, first), (other, second)):
        await scanner.hand_in(*items)
    ids = {name: phone.owner.id for name, phone in evening.phones.items()}
    here = {ids["Maëlle"]: 1, ids["Odile"]: 0, ids["Camille"]: 0}
    assert await arrivals.present(evening.event_id) == here
    await visits.confirm_visit(OFFICER, UUID(second[1]["id"]), None, now=evening.clock())
    assert await arrivals.present(evening.event_id) == here


async def summed_up_and_thanked(evening: Evening) -> None:
    assert await evening.stage() is Stage.HELD
    present = await arrivals.present(evening.event_id)
    await planning.sum_up(OFFICER, evening.event_id, present, "Merci à tous !", now=evening.clock())
    assert await evening.stage() is Stage.SUMMED
    assert await evening.figures() == FIGURES
    assert FIGURES.no_show_rate == pytest.approx(1 / 3)
    assert await events.been(before=evening.clock()) == set(present)
    evening.clock.now = await news.next_digest(now=evening.clock())
    thanked = await evening.letters()
    assert set(thanked) == {"Maëlle", "Odile", "Camille"}
    assert all("Merci à tous !" in one.text.replace("\u00a0", " ") for one in thanked.values())
    assert (await queries.totals(date(2026, 1, 1), date(2026, 12, 31))).visits == 0, "an arrival is no entry"


async def nobody_is_named_in_the_end(evening: Evening) -> None:
    odile = evening.phones["Odile"].owner.id
    await erasure.erase(OFFICER, odile, by="officer", now=evening.clock.advance(days=1))
    assert odile not in await arrivals.present(evening.event_id)
    assert await evening.figures() == FIGURES, "who is forgotten still counts"

    evening.clock.now = ENDS.replace(year=2027)
    assert (await retention.run(now=evening.clock()))["events"] == 0
    assert await evening.figures() == FIGURES
    assert (await retention.run(now=evening.clock.advance(seconds=1)))["events"] == 1
    for _ in range(2):
        assert await evening.figures() == FIGURES
        assert (await Invitee.count(), await News.count()) == (0, 0)
        assert await Visit.count().where(Visit.slot_id.is_not_null(), Visit.ambassador_id.is_not_null()) == 0
        assert (await retention.run(now=evening.clock()))["events"] == 0
    assert await retention.due(now=evening.clock()) == []
    assert await evening.stage() is Stage.SUMMED


async def test_an_event_that_nobody_summed_up_keeps_its_figures_too(
    evening: Evening, till: Scanner, other_till: Scanner
) -> None:
    """Its presences are the scanners' word, and somebody leaves before the officer has looked."""
    await asked_and_answered(evening)
    await one_withdraws_and_who_waits_has_the_places(evening)
    await welcomed_at_two_doors_without_network(evening, till, other_till)
    assert await evening.stage() is Stage.HELD
    assert await evening.figures() == FIGURES
    for name in ("Maëlle", "Camille", "Lison"):
        await erasure.erase(OFFICER, evening.phones[name].owner.id, by="officer", now=evening.clock())
        assert await evening.figures() == FIGURES
    assert (await retention.run(now=ENDS + timedelta(days=400)))["events"] == 1
    assert await evening.figures() == FIGURES


async def test_who_leaves_before_an_event_leaves_their_place(evening: Evening) -> None:
    await asked_and_answered(evening)
    await erasure.erase(OFFICER, evening.phones["Anselme"].owner.id, by="self", now=evening.clock())
    assert await evening.reply_of("Maëlle") == "coming"
    assert await evening.figures() == Attendance(5, 3, 0, 3, 0, 0), "an event to come counts who is there"
