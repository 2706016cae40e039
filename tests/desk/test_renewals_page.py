import re
from datetime import date, timedelta
from uuid import uuid4

import httpx
import pytest

from estran.actor import SYSTEM
from estran.club import renewals
from estran.club import service as club
from estran.club.tables import Ambassador, House, Mandate
from tests.access.letters import HEAD
from tests.conftest import FrozenClock
from tests.desk.conftest import follow, read
from tests.desk.test_people import add

pytestmark = pytest.mark.anyio
TODAY = date(2026, 6, 15)


async def person(left: int, clock: FrozenClock, name: str = "Camille") -> tuple[Ambassador, Mandate]:
    made = await club.add_ambassador(
        SYSTEM,
        first_name=name,
        last_name="Varech",
        email=f"{name.lower()}@example.org",
        begins_on=date(2025, 7, 1),
        ends_on=TODAY + timedelta(days=left),
        now=clock(),
    )
    return made, (await club.mandates_of(made.id))[0]


def row_of(page: str, name: str) -> str:
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return next(" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows if name in row)


async def test_nothing_ends_soon(desk: httpx.AsyncClient) -> None:
    assert "Aucun mandat ne se termine bientôt." in read(await desk.get("/desk/renewals"))
    assert "à renouveler" not in read(await desk.get("/desk"))


async def test_the_page_says_wishes_letters_and_days(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    (camille, _), _, _ = await person(20, clock), await person(1, clock, "Odile"), await person(-1, clock, "Achille")
    await renewals.remind(HEAD, now=clock())
    await renewals.wish(SYSTEM, camille.id, "yes", now=clock())
    page = read(await desk.get("/desk/renewals"))
    assert "Souhaite continuer 15 juin 2026" in row_of(page, "Camille")
    assert "5 juillet 2026 dans 20 jours" in row_of(page, "Camille")
    assert "demain" in row_of(page, "Odile")
    assert "terminé hier" in row_of(page, "Achille")
    assert "aucun" in row_of(page, "Achille")
    assert page.count(" checked>") == 1
    dashboard = read(await desk.get("/desk"))
    assert "2 mandats à renouveler" in dashboard
    assert "Rien n’attend." not in dashboard
    assert 'href="/desk/renewals"' in read(await desk.get("/desk/people"))


async def test_the_inbox_tells_the_wish_without_a_name(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    camille, mandate = await person(20, clock)
    await renewals.wish(SYSTEM, camille.id, "no", now=clock())
    page = read(await desk.get("/desk/inbox"))
    assert "Fin de mandat : une personne souhaite s’arrêter" in page
    assert "le pass s’arrête tout seul" in page
    assert "Varech" not in page
    assert f'href="/desk/people/{camille.id}"' in page
    assert 'href="/desk/renewals"' in page
    assert "Réponse pour la suite du mandat : souhaite s’arrêter" in read(await desk.get(f"/desk/people/{camille.id}"))
    await desk.post("/desk/renewals", data={"mandate": str(mandate.id)})
    assert "Rien n’attend." in read(await desk.get("/desk/inbox"))


async def test_one_click_renews_one_and_twice_is_once(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    camille, mandate = await person(20, clock)
    await club.house()
    await House.update({House.mandate_months: 6}, force=True)
    assert "Renouveler pour 6 mois" in read(await desk.get("/desk/renewals"))
    for said in ("Le mandat suivant est enregistré.", "C’était déjà fait"):
        page = await follow(desk, await desk.post("/desk/renewals", data={"mandate": str(mandate.id)}))
        assert said in page
    _, following = await club.mandates_of(camille.id)
    assert (following.begins_on, following.ends_on) == (date(2026, 7, 6), date(2027, 1, 5))


async def test_a_campaign_renews_those_ticked(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    ticked = [await person(left, clock, name) for name, left in (("Odile", 3), ("Lison", -3))]
    spared, _ = await person(9, clock, "Basile")
    ids = [str(mandate.id) for _, mandate in ticked]
    answer = await desk.post("/desk/renewals", data={"mandate": [*ids, ids[0]]})
    assert "Le mandat suivant est enregistré." in await follow(desk, answer)
    assert [len(await club.mandates_of(one.id)) for one, _ in ticked] == [2, 2]
    assert len(await club.mandates_of(spared.id)) == 1


@pytest.mark.parametrize("data", [{}, {"mandate": ""}, {"mandate": "x"}, {"mandate": ["", "0"]}])
async def test_nobody_ticked_is_said(desk: httpx.AsyncClient, clock: FrozenClock, data: dict[str, object]) -> None:
    await person(9, clock)
    answer = await desk.post("/desk/renewals", data=data)
    assert answer.status_code == 422
    assert "cochez au moins une personne" in read(answer)


async def test_one_mandate_that_is_not_there_renews_nobody(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    camille, mandate = await person(9, clock)
    answer = await desk.post("/desk/renewals", data={"mandate": [str(mandate.id), str(uuid4())]})
    assert answer.status_code == 404
    assert len(await club.mandates_of(camille.id)) == 1


# --- forms that know the days -----------------------------------------------------------------------------------------


def days_in(page: str) -> list[str]:
    return re.findall(r'type="date" value="([^"]*)"', page)


async def test_forms_propose_the_days(desk: httpx.AsyncClient) -> None:
    assert days_in(read(await desk.get("/desk/people/new"))) == ["2026-06-15", "2027-06-14"]
    running = await add(desk)
    assert days_in(read(await desk.get(f"{running}/mandates/new"))) == ["2027-01-01", "2027-12-31"]
    over = await add(desk, email="odile@example.org", begins_on="2024-01-01", ends_on="2024-12-31")
    assert days_in(read(await desk.get(f"{over}/mandates/new"))) == ["2026-06-15", "2027-06-14"]


# --- certificates -----------------------------------------------------------------------------------------------------


async def test_a_certificate_is_noted_shown_and_removed(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    address = await add(desk)
    assert "Aucun certificat noté." in read(await desk.get(address))
    assert days_in(read(await desk.get(f"{address}/certificate"))) == ["2026-06-15", "2027-06-14"]
    days = {"certified_on": "2026-02-01", "certified_until": "30/06/2026"}
    page = await follow(desk, await desk.post(f"{address}/certificate", data=days))
    assert "Certificat enregistré." in page
    assert "du 1er février 2026 au 30 juin 2026" in page
    assert "Certificat noté, du 1er février 2026 au 30 juin 2026" in page
    assert "Valable</span>" in page
    assert days_in(read(await desk.get(f"{address}/certificate"))) == ["2026-02-01", "2026-06-30"]
    page = await follow(desk, await desk.post(f"{address}/uncertify"))
    assert "Aucun certificat noté." in page
    assert "Certificat retiré" in page


async def test_a_certificate_that_has_run_out_says_so(desk: httpx.AsyncClient) -> None:
    address = await add(desk)
    await desk.post(f"{address}/certificate", data={"certified_on": "2025-02-01", "certified_until": "2026-06-14"})
    assert "Dépassé</span>" in read(await desk.get(address))


@pytest.mark.parametrize(
    "days", [{}, {"certified_on": "2026-02-01"}, {"certified_on": "2026-02-01", "certified_until": "2026-01-31"}]
)
async def test_a_bad_certificate_comes_back(desk: httpx.AsyncClient, days: dict[str, str]) -> None:
    address = await add(desk)
    assert (await desk.post(f"{address}/certificate", data=days)).status_code == 422
    for path in ("certificate", "uncertify"):
        assert (await desk.post(f"/desk/people/{uuid4()}/{path}", data=days)).status_code == 404
