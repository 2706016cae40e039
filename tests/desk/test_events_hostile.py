"""Events at the desk, with what nobody in their senses sends, and with two things at once."""

import re
from itertools import product

import pytest

from estran.actor import SYSTEM
from estran.club import circles
from estran.events import replies
from estran.events import service as events
from estran.events.tables import Event
from estran.visits import arrivals
from tests.conftest import FrozenClock
from tests.desk.conftest import Open, follow, read
from tests.desk.test_events import Club, troupe
from tests.visits.conftest import Phone, Scanner, Town, plan

__all__ = ["troupe"]

pytestmark = pytest.mark.anyio

NASTY = (
    "\x00", "a\x00b", "x" * 20_000, "\u0958" * 200, "\u0958" * 120, "\u00ad", "\ud7ff\u2028\u202e", "1" + "0" * 30, "-1", "1e5",
    "٣", "0001-01-01", "9999-12-31", "2026-02-30", "2026-03-29", "02:30", "24:00", "99:99", "25 h",
    "{n}", "%s", "a\r\nBcc: x@y.z",
    "00000000-0000-0000-0000-000000000000", "=cmd()", "'; DROP TABLE events_event; --", "<b>", "2099-12-31", "2000-01-01",
)  # fmt: skip
FIELDS = (
    "title", "title_en", "about", "about_en", "venue_id", "place", "place_en", "access", "bring_en", "guests_max", "who",
    "circle_id", "walk_ins", "newcomers_first", "reply_by_day", "reply_by_time", "act", "slot.0.id", "slot.0.day",
    "slot.0.starts", "slot.0.ends",
    "slot.0.note", "slot.0.capacity", "slot.19.day", "slot.20.day", "slot.1.note",
)  # fmt: skip


@pytest.mark.slow
async def test_no_field_of_an_event_breaks_anything(troupe: Club) -> None:
    row = await troupe.opened()
    [slot] = await events.slots_of(row.id)
    pages = ("/desk/events/new", f"/desk/events/{row.id}/edit")
    for page, name, value in product(pages, FIELDS, NASTY):
        typed = troupe.typed(**({"slot.0.id": str(slot.id)} if page != pages[0] else {})) | {name: value}
        answer = await troupe.desk.post(page, data=typed)
        assert answer.status_code < 500, (page, name, value[:40])
        if answer.status_code == 303:
            shown = await troupe.desk.get(answer.headers["location"])
            assert shown.status_code < 500, (page, name, value[:40])
    for more in ("", "/edit", "/send", "/cancel", "/came", "/door-list"):
        assert (await troupe.desk.get(f"/desk/events/{row.id}{more}")).status_code < 500, more
    draft = await troupe.drafted()
    await Event.update({Event.reply_by: None}).where(Event.id == draft.id)
    for name, value in product(("reply_by_day", "reply_by_time"), NASTY):
        answer = await troupe.desk.post(
            f"/desk/events/{draft.id}/send", data={"reply_by_day": "2026-06-24", name: value}
        )
        assert answer.status_code < 500, (name, value[:40])
    for value in NASTY:
        person = troupe.people["Anselme"]
        for page, typed in (
            (f"people/{person}", {"said": value}),
            (f"people/{person}", {"said": str(slot.id), "guests": value}),
            ("send", {"when": value}),
            ("came", {f"came-{person}": "yes", f"guests-{person}": value, "thanks": value}),
            (f"people/{value[:30]!r}", {"said": "no"}),
        ):
            answer = await troupe.desk.post(f"/desk/events/{row.id}/{page}", data=typed)
            assert answer.status_code < 500, (page, value[:40])
        assert (await troupe.desk.get("/desk/events/new", params={"copy": value[:900]})).status_code < 500, value[:40]
        assert (await troupe.desk.get("/desk/search", params={"q": value[:900]})).status_code < 500, value[:40]
    for value in NASTY:
        answer = await troupe.desk.post(f"/desk/events/{row.id}/cancel", data={"why": value})
        assert answer.status_code < 500, value[:40]


async def test_who_arrives_while_the_officer_ticks_is_not_noted_as_absent(
    open_desk: Open, town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    evening = await plan(town.museum, clock)
    marin = await town.ambassador("Marin", "Galet")
    await evening.reply(camille, 0, clock)
    clock.advance(hours=1)
    desk, page = await open_desk(), f"/desk/events/{evening.event.id}/came"
    before = read(await desk.get(page))
    assert f'name="came-{camille.owner.id}" value="yes">' in before
    await till.state_of(evening.arrive(till, camille, 2))
    shown = dict(re.findall(r'type="hidden" name="(known-[^"]+)" value="([^"]+)"', before))
    await follow(desk, await desk.post(page, data=shown | {f"came-{marin.owner.id}": "yes", "act": "note"}))
    assert await arrivals.present(evening.event.id) == {camille.owner.id: 2, marin.owner.id: 0}
    assert (await replies.invitee(evening.event.id, camille.owner.id)).came is None
    after = dict(re.findall(r'type="hidden" name="(known-[^"]+)" value="([^"]+)"', read(await desk.get(page))))
    await follow(desk, await desk.post(page, data=after | {f"came-{marin.owner.id}": "yes", "act": "note"}))
    assert await arrivals.present(evening.event.id) == {marin.owner.id: 0}, "who was ticked, and is not any more"


async def test_a_scanner_that_notes_a_crowd_does_not_keep_the_officer_from_summing_up(
    open_desk: Open, town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    evening = await plan(town.museum, clock)
    await evening.reply(camille, 0, clock)
    clock.advance(hours=1)
    await till.state_of(evening.arrive(till, camille, 20))
    clock.advance(hours=4)
    desk, page = await open_desk(), f"/desk/events/{evening.event.id}/came"
    assert "<option selected>4</option>" in read(await desk.get(page))
    answer = await desk.post(page, data={f"came-{camille.owner.id}": "yes", f"guests-{camille.owner.id}": "4"})
    assert answer.status_code == 303
    assert await arrivals.present(evening.event.id) == {camille.owner.id: 4}


async def test_an_event_for_a_circle_that_is_no_more_can_still_be_changed(troupe: Club) -> None:
    ramblers = await circles.set_circle(SYSTEM, None, "Marcheurs", [troupe.people["Anselme"]], now=troupe.clock())
    row = await troupe.opened(who="circle", circle_id=str(ramblers.id))
    await circles.remove_circle(SYSTEM, ramblers.id, now=troupe.clock())
    shown = read(await troupe.desk.get(f"/desk/events/{row.id}/edit"))
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown))
    typed = troupe.typed(title="Visite du phare, à la lampe") | sent
    await follow(troupe.desk, await troupe.desk.post(f"/desk/events/{row.id}/edit", data=typed))
    assert (await events.event(row.id)).title == "Visite du phare, à la lampe"
