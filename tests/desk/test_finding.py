"""Lists that are searched and sorted, the one box for everything, and scanners that need a look."""

import re
from datetime import timedelta

import httpx
import pytest

from estran.actor import SYSTEM
from estran.club import candidates
from estran.desk.lists import asked, folded, holds
from estran.passes import service as passes
from estran.passes.tables import Pass
from estran.venues import service as venues
from estran.venues.tables import Device
from tests.conftest import FrozenClock
from tests.desk.conftest import read
from tests.desk.test_people import add
from tests.desk.test_venues import pending
from tests.visits.conftest import Phone, Scanner, Town


def test_words_are_found_whatever_their_case_and_accents() -> None:
    assert holds("Gaspard Étoc, Sœur", "ETOC gasp")
    assert holds("Gaspard Étoc, Sœur", "soeur")
    assert holds("anything", "  ")
    assert not holds("Gaspard Étoc", "etoc odile")
    assert folded("ÉÇÀŒ") == "ecaoe"


def test_a_list_links_to_itself_the_other_way_round() -> None:
    order = asked("/list", {"q": "é&b", "sort": "-name", "state": "x"}, {"name", "day"}, "day", others=["state"])
    assert (order.column, order.is_down, order.aria("name"), order.aria("day")) == ("name", True, "descending", "")
    assert order.link("name") == "/list?q=%C3%A9%26b&state=x&sort=name"
    assert order.link("day") == "/list?q=%C3%A9%26b&state=x&sort=day"
    assert order.sorted([1, 3, 2], {"name": int}) == [3, 2, 1]


@pytest.mark.parametrize("sort", ["", "-", "--name", "id", "name;drop"])
def test_an_order_that_there_is_not_is_the_usual_one(sort: str) -> None:
    order = asked("/list", {"sort": sort}, {"name", "day"}, "-day")
    assert (order.column, order.is_down) == ("day", True)


def named(page: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a href="[^"]*">([^<]*)</a>', page)


@pytest.mark.anyio
async def test_people_are_searched_and_sorted(desk: httpx.AsyncClient) -> None:
    for first, last in (("Camille", "Varech"), ("Gaspard", "Étoc"), ("Odile", "Praire")):
        await add(desk, first_name=first, last_name=last, email=f"{first.lower()}@example.org")
    page = read(await desk.get("/desk/people"))
    assert named(page) == ["Étoc Gaspard", "Praire Odile", "Varech Camille"]
    assert 'aria-sort="ascending"><a class="sort" href="/desk/people?sort=-name">Nom</a>' in page
    assert named(read(await desk.get("/desk/people?sort=-name"))) == ["Varech Camille", "Praire Odile", "Étoc Gaspard"]
    page = read(await desk.get("/desk/people", params={"q": "ETOC", "sort": "state"}))
    assert named(page) == ["Étoc Gaspard"]
    assert re.search(r'role="status">1 personne <a href="/desk/people">Tout voir', page)
    assert named(read(await desk.get("/desk/people", params={"q": "odile@example"}))) == ["Praire Odile"]
    assert "Personne ne correspond." in read(await desk.get("/desk/people", params={"q": "%' OR 1=1"}))


@pytest.mark.anyio
async def test_candidates_and_venues_are_searched_and_sorted(
    desk: httpx.AsyncClient, town: Town, clock: FrozenClock
) -> None:
    for first, last in (("Noé", "Cabestan"), ("Lison", "Goémon")):
        await candidates.note(SYSTEM, first_name=first, last_name=last, message=f"Vu à {last}", now=clock())
        clock.advance(hours=1)
    assert named(read(await desk.get("/desk/candidates?sort=-since"))) == ["Goémon Lison", "Cabestan Noé"]
    assert named(read(await desk.get("/desk/candidates", params={"q": "goemon"}))) == ["Goémon Lison"]
    await venues.add_venue(
        SYSTEM, name="Abbaye", commune="La Lucerne", address="", url="", contact_email="", now=clock()
    )
    assert named(read(await desk.get("/desk/venues?sort=-name"))) == ["Musée", "Abbaye"]
    assert named(read(await desk.get("/desk/venues", params={"q": "lucerne"}))) == ["Abbaye"]
    assert "Aucun lieu ne correspond." in read(await desk.get("/desk/venues", params={"q": "baleine"}))


@pytest.mark.anyio
async def test_visits_are_narrowed_searched_and_sorted_without_names(
    desk: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    await till.hand_in(till.scan(camille.show(town.clock()), companions=2))
    await till.hand_in(till.scan(camille.show(town.clock()), outcome="refused", answer="refuse", reason="quota_used"))

    async def states(**params: str) -> list[str]:
        page = read(await desk.get("/desk/visits", params=params))
        assert "Camille" not in page
        return re.findall(r"</svg>(Comptée|Refusée)</span>", page)

    assert sorted(await states()) == ["Comptée", "Refusée"]
    assert await states(sort="-companions") == ["Comptée", "Refusée"]
    assert await states(state="refused") == ["Refusée"]
    assert await states(q="nombre de fois") == ["Refusée"]
    assert await states(venue=str(town.museum.id), month="2026-06", state="counted") == ["Comptée"]
    assert await states(month="2026-05") == []
    assert len(await states(venue="x", month="y", state="z", sort="zz")) == 2


@pytest.mark.anyio
async def test_the_one_box_finds_people_candidates_venues_and_scanners(
    desk: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    await candidates.note(SYSTEM, first_name="Camille", last_name="Goémon", now=town.clock())
    page = read(await desk.get("/desk/search", params={"q": "CAMILLE"}))
    assert "2 résultats pour « CAMILLE »" in page
    assert "Candidature" in page
    for query, address in (
        ("várech", f"/desk/people/{camille.owner.id}"),
        ("musee", f"/desk/venues/{town.museum.id}"),
        ("caisse", f"/desk/venues/{town.museum.id}"),
    ):
        assert (await desk.get("/desk/search", params={"q": query})).headers["location"] == address
    assert "Rien ne correspond à « <b> »." in read(await desk.get("/desk/search", params={"q": "<b>"}))
    assert "Tapez un nom" in read(await desk.get("/desk/search"))
    assert (await desk.get("/desk/search?q=%00%ff")).status_code < 500


@pytest.mark.anyio
async def test_scanners_that_need_a_look_come_first(
    desk: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    await till.hand_in(till.scan(camille.show(town.clock())), statusVersion=1)
    old = await town.scanner()
    await Device.update({Device.label: "Vieux", Device.snapshot_at: town.clock() - timedelta(days=9)}).where(
        Device.id == old.device.id
    )
    await Device.update({Device.snapshot_at: town.clock()}).where(Device.id == till.device.id)
    await pending(town, "Tablette")

    async def rows() -> list[list[str]]:
        page = read(await desk.get("/desk/scanners"))
        found = re.findall(r'<th scope="row" class="named">.*?</tr>', page, re.DOTALL)
        return [re.findall(r"</svg>([^<]*)</span>", row) for row in found]

    assert await rows() == [["Attend votre accord"], ["Nouvelles trop anciennes"], ["En service"]]
    await passes.revoke(SYSTEM, camille.owner.id, "Perdu", now=town.clock())
    assert (await rows())[2] == ["Ignore une révocation"]
    last_day, yesterday = town.clock() + timedelta(days=90), town.clock() - timedelta(days=1)
    await Pass.update({Pass.exp_at: yesterday}).where(Pass.revoked_at.is_not_null())
    assert (await rows())[2] == ["En service"], "its date refuses it"
    await Pass.update({Pass.exp_at: last_day}).where(Pass.revoked_at.is_not_null())
    await Device.update({Device.status_version: 999}).where(Device.id == till.device.id)
    page = read(await desk.get("/desk/scanners?sort=name"))
    assert page.index("Caisse") < page.index("Tablette") < page.index("Vieux")
    assert "En service" in page
    assert re.search(r'<td data-name="Connaît la dernière révocation">Oui</td>', page)


@pytest.mark.anyio
async def test_refused_scans_are_told_by_reason_venue_and_period(
    desk: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    await till.hand_in(till.scan(camille.show(town.clock()), outcome="refused", answer="refuse", reason="quota_used"))
    elsewhere = await venues.add_venue(
        SYSTEM, name="Abbaye", commune="", address="", url="", contact_email="", now=town.clock()
    )
    month = {"month": "2026-06"}
    page = read(await desk.get("/desk/", params=month | {"venue": str(town.museum.id)}))
    assert "nombre de fois par an atteint" in page
    assert "Entrées par lieu" not in page
    page = read(await desk.get("/desk/", params=month | {"venue": str(elsewhere.id)}))
    assert "nombre de fois par an atteint" not in page
    assert "nombre de fois par an atteint" in read(await desk.get(f"/desk/venues/{town.museum.id}"))
    answer = await desk.get("/desk/figures.csv", params=month)
    assert answer.content.decode("utf-8-sig").splitlines()[1:] == ["Abbaye;0;0;0", "Musée;0;0;1", "Total;0;0;1"]
