"""What the phone hears and says of events over HTTP: one's own invitations, one's reply, letters and calendar."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.events import planning
from estran.events import service as events
from estran.events.mine import SHOWN_FOR
from estran.events.planning import Draft, SlotDraft
from estran.events.rules import Who
from estran.events.tables import Event
from estran.venues import service as venues
from tests.conftest import MONDAY, ORIGIN, FrozenClock

pytestmark = pytest.mark.anyio
EVENTS, LETTERS, CALENDAR = (f"/api/v1/pass/{name}" for name in ("events", "letters", "calendar"))
STARTS_AT = MONDAY + timedelta(days=10)
SLOT = SlotDraft(starts_at=STARTS_AT, ends_at=STARTS_AT + timedelta(hours=2), note="Basse mer à 11 h", capacity=2)
WALK = Draft(
    title="Sortie à pied", place="Cale du port", guests_max=1, reply_by=MONDAY + timedelta(days=3), bring="Des bottes"
)


async def ambassador(name: str, clock: FrozenClock) -> Ambassador:
    return await club.add_ambassador(
        SYSTEM,
        first_name=name,
        last_name="Varech",
        email=f"{name.lower()}@example.org",
        begins_on=date(2026, 1, 1),
        ends_on=date(2027, 12, 31),
        now=clock(),
    )


@asynccontextmanager
async def phone(app: Any, person: Ambassador, clock: FrozenClock) -> AsyncIterator[httpx.AsyncClient]:
    """This person's browser, signed in."""
    session = await access.use_link(await access.invite(person.account_id, Realm.PASS, now=clock()), now=clock())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url=ORIGIN,
        headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"},
        cookies={"__Host-estran_pass": session.token},
    ) as opened:
        yield opened


async def opened_event(clock: FrozenClock, draft: Draft = WALK, *times: SlotDraft) -> Event:
    event = await planning.add_event(SYSTEM, draft, times or [SLOT], now=clock())
    await planning.open_event(SYSTEM, event.id, now=clock())
    return event


async def heard(browser: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await browser.get(EVENTS)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


async def says(browser: httpx.AsyncClient, event_id: UUID, **words: Any) -> httpx.Response:
    return await browser.post(f"{EVENTS}/{event_id}/reply", json=words)


async def test_an_invitation_is_told_with_all_one_needs_to_come(app: Any, clock: FrozenClock) -> None:
    camille = await ambassador("Camille", clock)
    venue = await venues.add_venue(
        SYSTEM, name="Musée", commune="Granville", address="1 quai", url="", contact_email="", now=clock()
    )
    draft = Draft(
        title="Visite",
        title_en="Tour",
        venue_id=venue.id,
        access="De plain-pied",
        access_en="Step-free",
        reply_by=WALK.reply_by,
    )
    event = await opened_event(clock, draft)
    [slot] = await events.slots_of(event.id)
    async with phone(app, camille, clock) as browser:
        body = (await browser.get(EVENTS)).json()
    assert (body["whose"], body["zone"]) == (str(camille.id), "Europe/Paris")
    assert body["events"] == [
        {
            "id": str(event.id),
            "stage": "open",
            "title": {"fr": "Visite", "en": "Tour"},
            "about": {"fr": "", "en": ""},
            "venue": "Musée",
            "address": "1 quai",
            "commune": "Granville",
            "place": "",
            "placeEn": "",
            "access": "De plain-pied",
            "accessEn": "Step-free",
            "bring": "",
            "bringEn": "",
            "guestsMax": 0,
            "newcomersFirst": False,
            "replyByMs": int(draft.reply_by.timestamp() * 1000) if draft.reply_by else None,
            "cancelledWhy": "",
            "slots": [
                {
                    "id": str(slot.id),
                    "startsAtMs": int(SLOT.starts_at.timestamp() * 1000),
                    "endsAtMs": int(SLOT.ends_at.timestamp() * 1000),
                    "note": "Basse mer à 11 h",
                    "left": 2,
                    "waiting": 0,
                }
            ],
            "mine": {"reply": "awaited", "slotId": None, "guests": 0, "saidAtMs": None, "rank": None, "came": None},
        }
    ]


async def test_a_reply_may_be_repeated_and_changed_and_says_what_became_of_it(app: Any, clock: FrozenClock) -> None:
    camille, odile = await ambassador("Camille", clock), await ambassador("Odile", clock)
    event = await opened_event(clock)
    async with phone(app, camille, clock) as hers, phone(app, odile, clock) as odiles:
        for _ in range(2):
            answer = await says(hers, event.id, coming=True, guests=1)
            assert (answer.status_code, answer.json()["mine"]["reply"]) == (200, "coming")
        assert answer.json()["slots"][0]["left"] == 0
        waiting = (await says(odiles, event.id, coming=True)).json()
        assert (waiting["mine"]["reply"], waiting["mine"]["rank"]) == ("waiting", 1)
        assert (await says(hers, event.id, coming=False)).json()["mine"]["slotId"] is None
        [promoted] = await heard(odiles)
        assert (promoted["mine"]["reply"], promoted["mine"]["rank"], promoted["slots"][0]["left"]) == (
            "coming",
            None,
            1,
        )


async def test_what_is_no_invitation_of_ones_own_is_not_there(app: Any, clock: FrozenClock) -> None:
    camille, odile = await ambassador("Camille", clock), await ambassador("Odile", clock)
    draft = await planning.add_event(SYSTEM, WALK, [SLOT], now=clock())
    await planning.pick(SYSTEM, draft.id, [camille.id], now=clock())
    others = await planning.add_event(
        SYSTEM, Draft(title="À part", place="Ailleurs", who=Who.PICKED), [SLOT], now=clock()
    )
    await planning.pick(SYSTEM, others.id, [odile.id], now=clock())
    others_draft = Draft(title="À part", place="Ailleurs", who=Who.PICKED, reply_by=WALK.reply_by)
    times = [
        SlotDraft(id=one.id, starts_at=one.starts_at, ends_at=one.ends_at) for one in await events.slots_of(others.id)
    ]
    await planning.edit_event(SYSTEM, others.id, others_draft, times, now=clock())
    await planning.open_event(SYSTEM, others.id, now=clock())
    async with phone(app, camille, clock) as browser:
        assert await heard(browser) == []
        answers = [await says(browser, event_id, coming=True) for event_id in (draft.id, others.id, uuid4())]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert answers[0].json()["code"] == "unknown_event"


async def test_each_refusal_has_its_code(app: Any, clock: FrozenClock) -> None:
    camille = await ambassador("Camille", clock)
    other = SlotDraft(starts_at=STARTS_AT + timedelta(days=1), ends_at=STARTS_AT + timedelta(days=1, hours=1))
    event = await opened_event(clock, WALK, SLOT, other)
    first, _ = await events.slots_of(event.id)
    async with phone(app, camille, clock) as browser:
        for words, code in (
            ({"coming": True}, "bad_slot"),
            ({"coming": True, "slotId": str(uuid4())}, "bad_slot"),
            ({"coming": True, "slotId": str(first.id), "guests": 2}, "bad_guests"),
            ({"coming": True, "slotId": str(first.id), "guests": 5}, "invalid"),
            ({"slotId": str(first.id)}, "invalid"),
        ):
            answer = await says(browser, event.id, **words)
            assert (answer.status_code, answer.json()["code"]) == (422, code), words
        clock.advance(days=4)
        answer = await says(browser, event.id, coming=True, slotId=str(first.id))
        assert (answer.status_code, answer.json()["code"]) == (409, "replies_closed")
        browser.cookies.clear()
        for answer in (await browser.get(EVENTS), await says(browser, event.id, coming=False)):
            assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


async def test_a_cancelled_event_says_why_and_what_is_long_past_is_left_out(app: Any, clock: FrozenClock) -> None:
    camille = await ambassador("Camille", clock)
    event = await opened_event(clock)
    async with phone(app, camille, clock) as browser:
        await says(browser, event.id, coming=True)
        await planning.cancel_event(SYSTEM, event.id, "Avis de tempête", now=clock())
        [told] = await heard(browser)
        assert (told["stage"], told["cancelledWhy"], told["mine"]["reply"]) == (
            "cancelled",
            "Avis de tempête",
            "coming",
        )
        assert (await says(browser, event.id, coming=False)).json()["code"] == "replies_closed"
    clock.now = SLOT.ends_at + SHOWN_FOR - timedelta(seconds=1)
    async with phone(app, camille, clock) as browser:
        assert len(await heard(browser)) == 1
        clock.advance(seconds=1)
        assert await heard(browser) == []


async def test_letters_are_chosen_by_topic(app: Any, clock: FrozenClock) -> None:
    camille = await ambassador("Camille", clock)
    async with phone(app, camille, clock) as browser:
        assert (await browser.get(LETTERS)).json() == {"wanted": ["invitations", "reminders", "thanks"]}
        for wanted in (["thanks", "invitations"], [], ["reminders"]):
            answer = await browser.post(LETTERS, json={"wanted": wanted})
            assert (answer.status_code, set(answer.json()["wanted"])) == (200, set(wanted))
            assert (await browser.get(LETTERS)).json() == answer.json()
        answer = await browser.post(LETTERS, json={"wanted": ["advertising"]})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_a_calendar_has_an_address_until_it_is_ended(app: Any, clock: FrozenClock) -> None:
    camille = await ambassador("Camille", clock)
    event = await opened_event(clock)
    async with phone(app, camille, clock) as browser, phone(app, await ambassador("Odile", clock), clock) as odiles:
        await says(browser, event.id, coming=True)
        assert (await browser.get(CALENDAR)).json() == {"has": False}
        made = await browser.post(CALENDAR)
        assert made.status_code == 201
        url = made.json()["url"]
        assert url.startswith(f"{ORIGIN}/calendar/")
        assert "Sortie à pied" in (await odiles.get(url)).text, "an address needs no session"
        assert ((await browser.get(CALENDAR)).json(), (await odiles.get(CALENDAR)).json()) == (
            {"has": True},
            {"has": False},
        )
        assert (await odiles.delete(CALENDAR)).status_code == 204
        assert (await browser.get(url)).status_code == 200
        assert [(await browser.delete(CALENDAR)).status_code for _ in range(2)] == [204, 204]
        assert (await browser.get(url)).status_code == 404
