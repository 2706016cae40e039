import re
from uuid import UUID, uuid4

import httpx
import pytest

from estran.history import service as history
from estran.visits import service as visits
from tests.conftest import FrozenClock
from tests.desk.conftest import Open, follow, read
from tests.desk.test_inbox import doubtful
from tests.visits.conftest import Item, Phone, Scanner, Town, flags, plan

pytestmark = pytest.mark.anyio


async def counted(till: Scanner, camille: Phone, companions: int = 2) -> tuple[Item, str]:
    """A visit that counts, and its page's address."""
    item = till.scan(camille.show(till.clock()), companions=companions)
    assert await till.state_of(item) == "counted"
    return item, f"/desk/visits/{item['id']}"


# --- where a visit is found -------------------------------------------------------------------------------------------


async def test_from_the_dashboard_to_a_day_to_a_visit_without_a_name(
    desk: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    _, address = await counted(till, camille)
    day = f"/desk/venues/{town.museum.id}/days/2026-06-15"
    assert f'href="{day}"' in read(await desk.get("/desk"))
    pages = [read(await desk.get(day)), read(await desk.get(address))]
    assert re.search(r'<th scope="row" class="when">12 h 00</th>', pages[0])
    assert f'href="{address}"' in pages[0]
    assert f'href="{day}"' in pages[1]
    for page in pages:
        assert "Comptée" in page
        assert "Camille" not in page
        assert str(camille.owner.id) not in page


async def test_a_day_is_the_club_s_and_one_venue_s(
    open_desk: Open, town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    clock.advance(hours=11, minutes=30)  # 23:30 in Paris
    await counted(till, camille)
    clock.advance(hours=1)
    await counted(till, camille)
    desk, days = await open_desk(), f"/desk/venues/{town.museum.id}/days"
    for day in ("2026-06-15", "2026-06-16"):
        assert "<caption>1 scan</caption>" in read(await desk.get(f"{days}/{day}"))
    assert "Aucun scan ce jour-là." in read(await desk.get(f"{days}/2026-06-17"))


async def test_from_somebodys_visits_and_from_the_inbox(desk: httpx.AsyncClient, till: Scanner, camille: Phone) -> None:
    item, _ = await doubtful(till, camille)
    link = f'href="/desk/visits/{item["id"]}"'
    assert link in read(await desk.get("/desk/inbox"))
    assert link in read(await desk.post(f"/desk/people/{camille.owner.id}/visits"))


async def test_a_reason_nobody_knows_here_is_shown_as_it_came(
    desk: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    item = till.scan(camille.show(town.clock()), outcome="refused", answer="refuse", reason="low_tide")
    assert await till.state_of(item) == "refused"
    for page in (
        await desk.post(f"/desk/people/{camille.owner.id}/visits"),
        await desk.get(f"/desk/venues/{town.museum.id}/days/2026-06-15"),
        await desk.get(f"/desk/visits/{item['id']}"),
    ):
        assert page.status_code == 200
        assert "low_tide" in read(page)


async def test_what_the_venue_took_back_is_said(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    item, address = await counted(till, camille)
    clock.advance(minutes=3)
    await till.hand_in(till.undo(item))
    page = read(await desk.get(address))
    assert "Annulée par le lieu" in page
    assert "12 h 03" in page
    assert f'href="{address}/cancel"' not in page


async def test_an_undo_is_dated_from_its_scan_wherever_the_scanner_s_clock_stands(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    lost = 253_402_300_799_000  # the last second of the year 9999
    for scanned_ms, undone_ms in ((0, 120_000), (lost - 120_000, lost), (lost, 0)):
        item = till.scan(camille.show(clock()), scannedAtMs=scanned_ms, skewMs=None, clockConfirmed=False)
        at = f"/desk/visits/{item['id']}"
        await till.hand_in(item, sentAtMs=scanned_ms)
        clock.advance(minutes=5)
        await till.hand_in(till.undo(item, undoneAtMs=undone_ms), sentAtMs=undone_ms)
        (minute,) = re.findall(r"Annulée par le lieu</dt><dd>[^<]* 12 h (\d\d)</dd>", read(await desk.get(at)))
        assert int(minute) % 5 == (2 if undone_ms > scanned_ms else 0)


# --- what an officer may mend -----------------------------------------------------------------------------------------


async def test_a_mistyped_number_is_corrected_and_the_former_one_kept(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone
) -> None:
    item, address = await counted(till, camille, companions=30)
    assert "30 personnes payantes" in read(await desk.get(f"{address}/correct"))
    for bad in ({}, {"companions": "3"}, {"companions": "101", "why": "x"}, {"companions": "-1", "why": "x"}):
        assert (await desk.post(f"{address}/correct", data=bad)).status_code == 422
    data = {"companions": "3", "why": "Appel du musée"}
    page = await follow(desk, await desk.post(f"{address}/correct", data=data))
    assert "30 devient 3" in page
    assert "<q>Appel du musée</q>" in page
    assert (await visits.visit(UUID(item["id"]))).companions == 3
    assert "<dt>personnes payantes amenées</dt><dd>3</dd>" in read(await desk.get("/desk"))
    await follow(desk, await desk.post(f"{address}/correct", data=data))
    assert len(await history.entries_about(UUID(item["id"]))) == 1


async def test_a_visit_is_cancelled_with_a_reason_once(desk: httpx.AsyncClient, till: Scanner, camille: Phone) -> None:
    item, address = await counted(till, camille)
    assert "Annuler l’entrée du 15 juin 2026 à 12 h 00" in read(await desk.get(f"{address}/cancel"))
    assert (await desk.post(f"{address}/cancel", data={"why": ""})).status_code == 422
    for _ in range(2):
        page = await follow(desk, await desk.post(f"{address}/cancel", data={"why": "Scan d’essai"}))
        assert "L’entrée ne compte plus." in page
        assert "<q>Scan d’essai</q>" in page
    assert (await visits.visit(UUID(item["id"]))).state == "cancelled"
    assert [entry.action for entry in await history.entries_about(UUID(item["id"]))] == ["visits.cancel"]
    assert f'href="{address}/correct"' not in page


async def test_a_visit_that_waits_is_confirmed_and_the_inbox_is_settled(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone
) -> None:
    item, _ = await doubtful(till, camille)
    address = f"/desk/visits/{item['id']}"
    assert "Compter l’entrée" in read(await desk.get(address))
    assert "L’entrée compte." in await follow(desk, await desk.post(f"{address}/confirm"))
    assert (await visits.visit(UUID(item["id"]))).state == "counted"
    assert await flags() == []


async def test_a_cancelled_visit_is_brought_back_in_one_click(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone
) -> None:
    item = till.scan(camille.show(till.clock()))
    await till.hand_in(item)
    path = f"/desk/visits/{item['id']}"
    assert "n’est pas annulée" not in await follow(desk, await desk.post(f"{path}/reinstate")), "it counts already"
    await desk.post(f"{path}/cancel", data={"why": "Par erreur"})
    assert "Compter de nouveau" in read(await desk.get(path))
    page = await follow(desk, await desk.post(f"{path}/reinstate"))
    assert "L’entrée compte." in page
    assert "Entrée comptée de nouveau" in page
    assert (await visits.visit(UUID(item["id"]))).state == "counted"


async def test_a_refusal_is_neither_confirmed_nor_cancelled(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone
) -> None:
    item = till.scan(camille.show(till.clock()), outcome="refused", answer="refuse", reason="quota_used")
    assert await till.state_of(item) == "refused"
    address = f"/desk/visits/{item['id']}"
    assert "n’attend pas de réponse" in await follow(desk, await desk.post(f"{address}/confirm"))
    assert "rien à annuler" in await follow(desk, await desk.post(f"{address}/cancel", data={"why": "x"}))
    assert (await visits.visit(UUID(item["id"]))).state == "refused"


async def test_what_is_not_there_is_not_found(desk: httpx.AsyncClient, town: Town) -> None:
    for path in ("", "/correct", "/cancel"):
        assert (await desk.get(f"/desk/visits/{uuid4()}{path}")).status_code == 404
    for path in ("confirm", "correct", "cancel"):
        data = {"companions": "1", "why": "x"}
        assert (await desk.post(f"/desk/visits/{uuid4()}/{path}", data=data)).status_code == 404
    for path in (f"{uuid4()}/days/2026-06-15", f"{town.museum.id}/days/yesterday", f"{town.museum.id}/days/2026-02-30"):
        assert (await desk.get(f"/desk/venues/{path}")).status_code == 404, path


# --- arrivals at events -----------------------------------------------------------------------------------------------


async def test_an_arrival_says_at_which_event_and_is_no_entry(
    desk: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    evening = await plan(town.museum, town.clock, in_hours=4)
    item = evening.arrive(till, camille, 2)
    assert await till.state_of(item) == "to_confirm"
    assert await till.state_of(till.scan(camille.show(town.clock()))) == "counted"
    address = f"/desk/visits/{item['id']}"
    for list_ in (
        await desk.post(f"/desk/people/{camille.owner.id}/visits"),
        await desk.get(f"/desk/venues/{town.museum.id}/days/2026-06-15"),
        await desk.get("/desk/visits?q=nocturne"),
    ):
        page = read(list_)
        assert "Arrivée à « Nocturne »" in page
        assert f'href="{address}/correct"' not in page
    inbox = read(await desk.get("/desk/inbox"))
    assert "une arrivée ne va pas avec l’événement : en dehors des heures de ce créneau" in inbox
    assert "Il s’agit d’une arrivée à « Nocturne »." in inbox
    page = read(await desk.get(address))
    assert "Arrivée du 15 juin 2026 à 12 h 00" in page
    assert f'href="/desk/events/{evening.event.id}">Nocturne' in page
    assert "en dehors des heures de ce créneau" in page
    assert f'href="{address}/correct"' not in page
    assert (await desk.get(f"{address}/correct")).headers["location"] == address
    assert (await desk.post(f"{address}/correct", data={"companions": "3", "why": "x"})).headers["location"] == address
    page = await follow(desk, await desk.post(f"{address}/confirm"))
    assert (await visits.visit(UUID(item["id"]))).state == "counted"
    assert "<dt>entrée</dt><dd>1</dd>" in read(await desk.get("/desk"))
    assert "Annuler l’arrivée du 15 juin" in read(await desk.get(f"{address}/cancel"))
    page = await follow(desk, await desk.post(f"{address}/cancel", data={"why": "Trop tôt"}))
    assert "<q>Trop tôt</q>" in page
