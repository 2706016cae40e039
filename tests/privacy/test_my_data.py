"""« Mes données »: everything, nobody else's, and the way to ask, to object and to leave."""

from typing import Any

import httpx
import pytest

from estran.history import service as history
from estran.inbox import service as inbox
from estran.privacy import service as privacy
from tests.conftest import FrozenClock
from tests.privacy.conftest import EMAIL, FIRST, HEAD, LAST, OFFICER, Somebody
from tests.visits.conftest import Phone, Scanner

pytestmark = pytest.mark.anyio


async def document(browser: httpx.AsyncClient) -> dict[str, Any]:
    answer = await browser.get("/api/v1/me/data")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_it_is_everything_and_readable(somebody: Somebody, clock: FrozenClock) -> None:
    mine = await document(somebody.browser)
    assert mine["at"] == "2026-06-15T12:00:00+02:00"
    person = mine["person"]
    assert (person["firstName"], person["lastName"], person["email"]) == (FIRST, LAST, EMAIL)
    assert (person["number"], person["pausedWhy"]) == (somebody.sub, f"{FIRST} repart")
    assert [(one["beginsOn"], one["endsOn"]) for one in mine["mandates"]] == [("2026-01-01", "2027-12-31")]
    assert [(one["version"], one["kind"], one["interests"]) for one in mine["manifesto"]] == [
        ("1.0", "signed", "Je tiens la maison Bigorneau")
    ]
    assert [one["text"] for one in mine["comments"]] == [f"Signé : {FIRST}"]
    assert sorted(one["revokedWhy"] or "" for one in mine["passes"]) == [
        "", "", f"{FIRST} a perdu le papier", f"{FIRST} a perdu son téléphone", f"{FIRST} a perdu son téléphone",
    ]  # fmt: skip
    assert {one["credential"] for one in mine["passes"]} > {somebody.phone.credential}
    assert sorted((one["venue"], one["state"], one["companions"], one["why"]) for one in mine["visits"]) == [
        ("Musée", "cancelled", 0, "M. Bigorneau avait froid"),
        ("Musée", "counted", 1, None),
        ("Musée", "refused", 0, None),
    ]
    assert {one["benefit"] for one in mine["visits"]} == {"Entrée gratuite"}
    assert sorted((one["kind"], one["to"]) for one in mine["letters"]) == [("invitation", EMAIL), ("sign_in", EMAIL)]
    assert [one["door"] for one in mine["signIns"]] == ["pass"]
    assert [(one["kind"], one["text"]) for one in mine["requests"]] == [("correct", f"{LAST} avec un seul r")]
    [asked] = mine["events"]
    assert (asked["title"], asked["reply"], asked["guests"]) == (f"Chez {FIRST} {LAST}", "coming", 1)
    assert asked["saidAt"] == asked["repliedAt"]
    assert (asked["startsAt"], asked["came"]) == ("2026-07-05T12:00:00+02:00", None)
    assert [(one["kind"], one["sentAt"]) for one in mine["eventNews"]] == [("invited", None)]
    assert mine["quiet"] == [{"topic": "thanks"}]
    assert [one["endedAt"] for one in mine["calendars"]] == [None]
    acts = {(one["act"], one["why"], one["by"]) for one in mine["history"]}
    assert {("club.pause", f"{FIRST} voyage", "office"), ("desk.open_visits", None, "office")} <= acts
    assert {"what": "Entrées refusées", "kept": "3 mois"} in mine["keeping"]


async def test_it_is_nobody_elses(camille: Phone, somebody: Somebody, till: Scanner, clock: FrozenClock) -> None:
    before = await document(somebody.browser)
    await till.hand_in(till.scan(camille.show(clock())))
    after = await document(somebody.browser)
    assert {key: after[key] for key in before if key != "letters"} == {
        key: before[key]
        for key in before
        if key != "letters"  # the sender is at work
    }
    assert "Camille" not in str(before)


async def test_an_export_after_a_long_life_is_whole(somebody: Somebody, till: Scanner, clock: FrozenClock) -> None:
    for _ in range(60):
        clock.advance(hours=1)
        await history.record(OFFICER, "desk.open_visits", "ambassador", somebody.row.id, now=clock())
    opened = [one for one in (await document(somebody.browser))["history"] if one["act"] == "desk.open_visits"]
    assert len(opened) == 61
    assert opened[0]["at"] > opened[-1]["at"]


@pytest.mark.parametrize("kind", ["correct", "object"])
async def test_what_is_asked_waits_in_the_inbox_and_its_answer_is_read(
    somebody: Somebody, clock: FrozenClock, kind: str
) -> None:
    for _ in range(2):
        asked = await somebody.browser.post("/api/v1/me/requests", json={"kind": kind, "text": " Plus de photos "})
        assert (asked.status_code, asked.json()) == (201, {})
    items = [item for item in await inbox.open_items() if item.kind == "rights_request"]
    assert len(items) == 2, "the fixture's and this one, once"
    assert "photos" not in str(items), "no words of theirs in the inbox's own table"
    newest = next(row for row in await privacy.requests_of(somebody.row.id) if row.text == "Plus de photos")
    await privacy.answer(OFFICER, newest.id, "C’est fait.", HEAD, now=clock.advance(days=2))
    await privacy.answer(OFFICER, newest.id, "Non.", HEAD, now=clock.advance(days=2))
    mine = next(one for one in (await document(somebody.browser))["requests"] if one["text"] == "Plus de photos")
    assert (mine["kind"], mine["answer"], mine["answeredAt"]) == (kind, "C’est fait.", "2026-06-17T12:00:00+02:00")
    assert len([item for item in await inbox.open_items() if item.kind == "rights_request"]) == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"kind": "correct"}, {"kind": "erase", "text": "x"}, {"kind": "object", "text": "  "}, {"kind": 1, "text": "x"},
     {"kind": "object", "text": "x" * 2001}],
)  # fmt: skip
async def test_an_unusable_request_is_refused(somebody: Somebody, body: Any) -> None:
    answer = await somebody.browser.post("/api/v1/me/requests", json=body)
    assert answer.status_code in {400, 422}


async def test_nobody_can_bury_the_inbox(somebody: Somebody) -> None:
    answers = [
        (await somebody.browser.post("/api/v1/me/requests", json={"kind": "object", "text": f"{n}"})).status_code
        for n in range(10)
    ]
    assert answers == [201] * 9 + [429]


async def test_signed_out_there_is_nothing(client: httpx.AsyncClient) -> None:
    for method, path in (("GET", "data"), ("POST", "requests"), ("POST", "leave")):
        assert (
            await client.request(method, f"/api/v1/me/{path}", json={} if method == "POST" else None)
        ).status_code == 401


async def test_keeping_times_are_told_as_chosen(somebody: Somebody, clock: FrozenClock) -> None:
    await privacy.choose(OFFICER, kept={"refused": 1}, bases={}, now=clock())
    assert {"what": "Entrées refusées", "kept": "1 mois"} in (await document(somebody.browser))["keeping"]
