"""A venue without a scanner, at the desk: PIN and poster, the paper list and how it is typed in, all confirmed at once."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from estran.actor import SYSTEM
from estran.desk import paper_list
from estran.desk.forms import Form
from estran.inbox import service as inbox
from estran.passes.number import normal_number
from estran.venues import service as venues
from estran.venues import ways
from estran.visits import queries, told
from tests.conftest import MONDAY
from tests.desk.conftest import Open, follow, read
from tests.visits.conftest import Phone, Town
from tests.visits.test_told import TELL, visit_at

PARIS = ZoneInfo("Europe/Paris")
CAMILLE, CAMILLO, ODILE = (UUID(int=n) for n in (1, 2, 3))
ROLL = paper_list.roll(
    [
        (CAMILLE, "Camille", "Varech", "Camille V."),
        (CAMILLO, "Camille", "Varech", "Camille V."),
        (ODILE, "Odile", "Praire", "Odile P."),
    ],
    {},
)


# --- reading rows (pure) ----------------------------------------------------------------------------------------------


def rows(**values: str) -> tuple[dict[int, Any], dict[str, str]]:
    form = Form({name.replace("_", "-"): value for name, value in values.items()})
    found = paper_list.lines(form, ROLL, [ODILE], now=MONDAY, zone=PARIS)
    return found, {name: fault.key for name, fault in form.faults.items()}


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("9/6", date(2026, 6, 9)),
        ("09.06", date(2026, 6, 9)),
        ("15/6", date(2026, 6, 15)),
        ("16/6", date(2025, 6, 16)),  # not come yet: it was last year's
        ("9/6/26", date(2026, 6, 9)),
        ("9-6-2026", date(2026, 6, 9)),
        ("2026-06-09", date(2026, 6, 9)),
    ],
)
def test_days_are_written_as_people_write_them(typed: str, day: date) -> None:
    found, faults = rows(day_0=typed, who_0="odile praire")
    assert (faults, found[0].at.astimezone(PARIS).date()) == ({}, day)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("16/6/2026", "future"),
        ("9/6/2016", "long_ago"),
        ("31/2", "short_day"),
        ("mardi", "short_day"),
        ("٩/٦", "short_day"),
        ("", "missing"),
    ],
)
def test_days_that_cannot_be(typed: str, fault: str) -> None:
    found, faults = rows(day_0=typed, who_0="Odile Praire")
    assert (found, faults) == ({}, {"day-0": f"form.fault.{fault}"})


@pytest.mark.parametrize(
    ("typed", "hour"),
    [("14h30", "14:30"), ("14 h 30", "14:30"), ("9:05", "09:05"), ("9.05", "09:05"), ("9h", "09:00"), ("", "12:00")],
)
def test_hours_are_written_as_people_write_them(typed: str, hour: str) -> None:
    found, faults = rows(day_0="9/6", time_0=typed, who_0="Odile Praire")
    assert (faults, f"{found[0].at.astimezone(PARIS):%H:%M}") == ({}, hour)


def test_what_is_wrong_stands_beside_its_field_and_the_other_rows_are_read() -> None:
    found, faults = rows(
        day_0="9/6", who_0="ODILE  P.", companions_0="2", guests_0="1", benefit_0=str(ODILE),
        who_1="Praire Odile",
        who_2="Camille Varech",
        who_3="Personne",
        who_4="", companions_4="3",
        who_5="Odile Praire", companions_5="douze", time_5="25h", benefit_5="x",
        day_6="10/6", who_6="Odile Praire",
    )  # fmt: skip
    assert sorted(found) == [0, 1, 6]
    assert (found[0].companions, found[0].guests, found[0].benefit_id) == (2, 1, ODILE)
    assert found[1].at == found[0].at  # no day: that of the row above
    assert faults == {
        "who-2": "form.fault.who_several",
        "who-3": "form.fault.who_unknown",
        "who-4": "form.fault.missing",
        "companions-5": "form.fault.number",
        "time-5": "form.fault.time",
        "benefit-5": "form.fault.choice",
    }


def test_nothing_happens_after_now() -> None:
    found, _ = rows(day_0="15/6", time_0="23h", who_0="Odile Praire")
    assert found[0].at == MONDAY


def test_people_of_one_name_are_told_apart_by_their_numbers() -> None:
    number = next(  # any that is well formed
        one for one in (f"2345678{last}" for last in "23456789ABCDEFGHJKMNPQRSTUVWXYZ") if normal_number(one)
    )
    two = paper_list.roll([(CAMILLE, "Camille", "Varech", "C"), (CAMILLO, "Camille", "Varech", "C")], {number: CAMILLE})
    assert two.options == [f"Camille Varech ({number})", "Camille Varech (?)"]
    assert two.find(two.options[0]) == two.find(f"{number[:4]} {number[4:].lower()}") == CAMILLE
    assert two.find("Camille Varech") == "several"


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_officer_and_manager_see_the_pin_and_may_change_it(
    desk: httpx.AsyncClient, open_desk: Open, town: Town
) -> None:
    manager = await open_desk(town.museum.id)
    own = {desk: f"/desk/venues/{town.museum.id}", manager: f"/venue/{town.museum.id}"}
    pin = await ways.pin_of(town.museum.id)
    assert re.fullmatch(r"[0-9]{6}", pin)
    shown = f"{pin[:3]} {pin[3:]}"
    for browser, address in own.items():
        here = f"{address}/scanners" if browser is manager else address
        assert shown in read(await browser.get(here))
        poster = read(await browser.get(f"{address}/poster"))
        assert shown in poster
        assert poster.index("Dites votre visite") < poster.index("Tell your visit")
        assert "Relevé des entrées" in read(await browser.get(f"{address}/paper-list"))
    page = await follow(manager, await manager.post(f"{own[manager]}/pin"))
    assert "Le code du lieu a changé" in page
    assert shown not in page
    other = await venues.add_venue(
        SYSTEM, name="Phare", commune="", address="", url="", contact_email="", now=town.clock()
    )
    for method, path in (("POST", "pin"), ("GET", "poster"), ("GET", "paper-list")):
        assert (await manager.request(method, f"/venue/{other.id}/{path}")).status_code == 404


def form_of(page: str) -> str:
    found = re.search(r'name="form" value="([0-9a-f-]{36})"', page)
    assert found
    return found[1]


@pytest.mark.anyio
async def test_a_sheet_is_typed_in_once_and_confirmed_with_one_button(
    desk: httpx.AsyncClient, town: Town, camille: Phone
) -> None:
    await town.ambassador("Odile", "Praire")
    address = f"/desk/venues/{town.museum.id}/list"
    page = read(await desk.get(address))
    assert '<option value="Camille Varech">' in page
    data = {"form": form_of(page), "rows": "15", "day-0": "9/6", "who-0": "Camille Varech", "companions-0": "2"}
    data |= {"time-3": "14h30", "who-3": "Odile Prère"}
    answer = await desk.post(address, data=data)
    assert answer.status_code == 422
    page = read(answer)
    assert "Ligne 4, Nom, ou numéro du pass" in page
    assert 'value="Odile Prère"' in page
    assert await inbox.count_open() == 0  # nothing is stored by halves

    data["who-3"] = "Odile Praire"
    for _ in range(2):
        page = await follow(desk, await desk.post(address, data=data))
        assert "2 entrées notées" in page
    assert "Camille" not in page  # a list of visits names nobody
    [item] = await inbox.open_items()
    assert "2 entrées du 9 juin 2026 sont à confirmer" in read(await desk.get("/desk/inbox"))

    answer = await desk.post(address, data=data | {"companions-0": "3"})
    assert answer.status_code == 422
    assert "déjà été notée autrement" in read(answer)

    page = await follow(desk, await desk.post(f"{address}/{data['form']}/confirm"))
    assert "Plus rien n’attend" in page
    assert (await queries.totals(date(2026, 6, 9), date(2026, 6, 9))).visits == 2
    assert await inbox.count_open() == 0
    assert "étaient à confirmer" in read(await desk.get("/desk/inbox/past"))
    assert item.kind == "waiting_entries"


@pytest.mark.anyio
async def test_more_rows_keep_what_was_typed(desk: httpx.AsyncClient, town: Town) -> None:
    address = f"/desk/venues/{town.museum.id}/list"
    data = {"form": str(uuid4()), "rows": "15", "act": "more", "who-2": "Odile"}
    answer = await desk.post(address, data=data)
    page = read(answer)
    assert (answer.status_code, form_of(page)) == (200, data["form"])
    assert 'id="who-29"' in page
    assert 'value="Odile"' in page
    assert 'id="who-60"' not in read(await desk.post(address, data=data | {"rows": "999"}))


@pytest.mark.anyio
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"form": "x", "rows": "x", "who-0": "x"},
        {"rows": "²", "day-0": "\x00", "who-0": "\ud800"},
        {"benefit-0": "x"},
    ],
)
async def test_an_empty_or_odd_form_stores_nothing(desk: httpx.AsyncClient, town: Town, data: dict[str, str]) -> None:
    coded = {name: value.encode("utf-8", "surrogatepass") for name, value in data.items()}
    answer = await desk.post(f"/desk/venues/{town.museum.id}/list", data=coded)
    assert answer.status_code in {400, 422}
    assert await inbox.count_open() == 0


@pytest.mark.anyio
async def test_a_form_is_shown_at_its_own_venue_only(desk: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    form = uuid4()
    line = told.Line(MONDAY - timedelta(days=1), camille.owner.id, 0, 0, None)
    await told.copy_list(SYSTEM, town.museum.id, form, {0: line}, now=MONDAY)
    other = await venues.add_venue(SYSTEM, name="Phare", commune="", address="", url="", contact_email="", now=MONDAY)
    assert (await desk.get(f"/desk/venues/{town.museum.id}/list/{form}")).status_code == 200
    assert (await desk.get(f"/desk/venues/{other.id}/list/{form}")).status_code == 404
    assert (await desk.get(f"/desk/venues/{town.museum.id}/list/{uuid4()}")).status_code == 404


@pytest.mark.anyio
async def test_what_was_told_is_confirmed_with_one_click(
    desk: httpx.AsyncClient, client: httpx.AsyncClient, town: Town, camille: Phone
) -> None:
    item = await visit_at(town, camille)
    await client.post(TELL, json=item)
    await town.terms(companions=1)
    doubtful = await visit_at(town, await town.ambassador("Odile", "Praire"))
    await client.post(TELL, json=doubtful)
    page = read(await desk.get("/desk/inbox"))
    assert "1 entrée du 15 juin 2026 est à confirmer" in page
    assert "est à regarder : pas assez de personnes payantes" in page
    waiting = next(one for one in await inbox.open_items() if one.kind == "waiting_entries")
    page = await follow(desk, await desk.post(f"/desk/inbox/{waiting.id}/confirm_all"))
    assert "Les entrées comptent." in page
    assert await follow(desk, await desk.post(f"/desk/inbox/{waiting.id}/confirm_all"))
    assert (await queries.totals(date(2026, 6, 15), date(2026, 6, 15))).visits == 1
    [left] = await inbox.open_items()
    assert left.kind == "told_doubtful"
    assert (await desk.post(f"/desk/inbox/{left.id}/confirm_all")).status_code == 404
    visit = read(await desk.get(f"/desk/visits/{item['id']}"))
    assert "Le téléphone de l’ambassadeur" in visit
