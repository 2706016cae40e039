import re
from datetime import date

import httpx
import pytest

from estran.actor import SYSTEM
from estran.club import service as club
from estran.venues import service as venues
from estran.visits.tables import Visit
from tests.conftest import FrozenClock
from tests.desk.conftest import Open, read
from tests.desk.test_venues import pending
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio


def table_after(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, header and footer rows included."""
    table = page[page.index(f"<h3>{heading}</h3>") :]
    table = table[table.index("<table") : table.index("</table>")]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


def drawn_weeks(page: str) -> list[int]:
    """The numbers that the drawing of the weeks names, column by column."""
    return [int(n) for n in re.findall(r"<title>semaine du [^<]* : (\d+)</title>", page)]


async def a_season(town: Town, till: Scanner, camille: Phone) -> Scanner:
    """Five visits over three weeks at two venues, one refusal, one undo; the other venue's scanner."""
    abbey = await venues.add_venue(
        SYSTEM, name="Abbaye", commune="", address="", url="", contact_email="", now=town.clock()
    )
    elsewhere = await town.scanner(abbey)
    await till.hand_in(till.scan(camille.show(town.clock()), companions=2))
    town.clock.advance(days=1)
    await till.hand_in(till.scan(camille.show(town.clock()), companions=1))
    await till.hand_in(till.scan(camille.show(town.clock()), outcome="refused", answer="refuse", reason="quota_used"))
    undone = till.scan(camille.show(town.clock()))
    await till.hand_in(undone)
    await till.hand_in(till.undo(undone))
    town.clock.advance(days=6)
    await elsewhere.hand_in(elsewhere.scan(camille.show(town.clock()), benefitId=None, benefitVersion=None))
    town.clock.advance(days=7)
    for _ in range(2):
        await till.hand_in(till.scan(camille.show(town.clock()), companions=3))
    return elsewhere


async def test_a_new_club_is_told_where_to_begin(desk: httpx.AsyncClient) -> None:
    page = read(await desk.get("/desk"))
    assert page.count('href="/desk/people/new"') == 1
    steps = ["Nommer le club", "Remplir les mentions légales", "Ajouter un premier lieu", "Écrire ce que le lieu offre"]
    steps += ["Ajouter un premier ambassadeur", "Associer un premier scanner", "Faire un premier scan d’essai"]
    places = [page.index(step) for step in steps]
    assert places == sorted(places)
    [step] = re.findall(r'aria-current="step">.*?</li>', page, re.DOTALL)
    assert "Nommer le club" in step
    assert "Ouvrir les réglages" in step
    assert "Rien n’attend." in page
    assert "Pas encore d’entrée sur cette période." in page
    assert '<svg class="chart"' not in page


async def test_the_first_venue_s_steps_lead_straight_there(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    venue = await venues.add_venue(SYSTEM, name="Abbaye", commune="", address="", url="", contact_email="", now=clock())
    page = read(await desk.get("/desk"))
    assert f'href="/desk/venues/{venue.id}/benefits/new"' in page
    assert f'href="/desk/venues/{venue.id}/pairing"' in page
    assert 'href="/desk/venues/new"' not in page
    assert "Ajouter un premier lieu (fait)" in re.sub(r"<[^>]+>", "", page)


async def test_what_waits_comes_first(desk: httpx.AsyncClient, town: Town) -> None:
    await pending(town, "Tablette de la boutique")
    page = read(await desk.get("/desk"))
    assert "Une chose à voir" in page
    assert "Le scanner « Tablette de la boutique » attend votre accord (Musée)" in page


async def test_numbers_tables_and_drawings_say_the_same_as_the_log(
    open_desk: Open, town: Town, till: Scanner, camille: Phone
) -> None:
    await a_season(town, till, camille)
    desk = await open_desk()
    log = await Visit.objects().where(Visit.state == "counted")
    page = read(await desk.get("/desk"))

    assert f"<dt>entrées</dt><dd>{len(log)}</dd>" in page
    assert f"<dt>personnes payantes amenées</dt><dd>{sum(row.companions for row in log)}</dd>" in page
    assert "<dt>scan refusé</dt><dd>1</dd>" in page
    assert "<dt>ambassadeur actif aujourd’hui</dt><dd>1</dd>" in page

    weeks = table_after(page, "Entrées par semaine")
    by_week: dict[date, int] = {}
    for row in log:
        year, week, _ = date.fromisoformat(row.on_day).isocalendar()
        monday = date.fromisocalendar(year, week, 1)
        by_week[monday] = by_week.get(monday, 0) + 1
    assert [int(cells[1]) for cells in weeks[1:-1] if cells[1] != "0"] == [by_week[day] for day in sorted(by_week)]
    assert len(weeks) == 26 + 2
    assert weeks[-1] == ["Total", str(len(log))]
    assert drawn_weeks(page) == [by_week[day] for day in sorted(by_week)]

    by_venue = table_after(page, "Entrées par lieu")
    assert by_venue[1:] == [["Musée", "4", "9"], ["Abbaye", "1", "0"], ["Total", "5", "9"]]
    assert re.findall(r'class="chart-value">(\d+)<', page) == ["4", "1", "1"]
    assert table_after(page, "Scans refusés, par raison")[1:] == [
        ["nombre de fois par an atteint", "1"],
        ["Total", "1"],
    ]


async def test_latest_entries_are_grouped_and_name_nobody(
    open_desk: Open, town: Town, till: Scanner, camille: Phone
) -> None:
    await a_season(town, till, camille)
    desk = await open_desk()
    page = read(await desk.get("/desk"))
    latest = [[re.sub(r"\s+", " ", cell) for cell in row] for row in table_after(page, "Dernières entrées")[1:]]
    assert latest == [
        ["lun. 29 juin Musée", "2 + 6 payants"],
        ["lun. 22 juin Abbaye", "1"],
        ["mar. 16 juin Musée", "1 + 1 payant"],
        ["lun. 15 juin Musée", "1 + 2 payants"],
    ]
    assert "Camille" not in page
    assert "Varech" not in page


@pytest.mark.parametrize(("asked", "weeks"), [("13", 13), ("52", 52), ("26", 26), ("9999", 26), ("x", 26), ("-1", 26)])
async def test_the_period_is_one_of_three(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone, asked: str, weeks: int
) -> None:
    await till.hand_in(till.scan(camille.show(till.clock())))
    page = read(await desk.get("/desk", params={"weeks": asked}))
    assert f"<strong>{weeks} semaines</strong>" in page
    assert len(table_after(page, "Entrées par semaine")) == weeks + 2


async def test_one_month_answers_how_many_came_and_with_how_many(
    open_desk: Open, town: Town, till: Scanner, camille: Phone
) -> None:
    await a_season(town, till, camille)
    town.clock.advance(days=4)
    await till.hand_in(till.scan(camille.show(town.clock()), companions=1))
    desk = await open_desk()
    page = read(await desk.get("/desk", params={"month": "2026-06"}))
    assert "Entrées du 1er juin 2026 au 30 juin 2026" in page
    assert '<option value="2026-06" selected>juin 2026</option>' in page
    assert "<strong>" not in page[page.index("Période") : page.index('id="month"')]
    assert table_after(page, "Entrées par lieu")[1:] == [["Musée", "4", "9"], ["Abbaye", "1", "0"], ["Total", "5", "9"]]
    page = read(await desk.get("/desk", params={"month": "2026-07"}))
    assert "Entrées du 1er juillet 2026 au 3 juillet 2026" in page
    assert table_after(page, "Entrées par lieu")[1] == ["Musée", "1", "1"]


@pytest.mark.parametrize("asked", ["", "2031-01", "1999-12", "2026-13", "x"])
async def test_a_month_that_is_not_offered_is_the_usual_period(desk: httpx.AsyncClient, asked: str) -> None:
    page = read(await desk.get("/desk", params={"month": asked}))
    assert "<strong>26 semaines</strong>" in page


async def test_each_drawing_has_a_sentence_and_a_table_and_no_inline_style(
    open_desk: Open, town: Town, till: Scanner, camille: Phone
) -> None:
    await a_season(town, till, camille)
    desk = await open_desk()
    answer = await desk.get("/desk")
    page = read(answer)
    assert page.count('role="img"') == 3
    assert page.count("Voir les chiffres") == 3
    assert "Entrées en tout : 5. La plus forte : semaine du " in page
    assert "Entrées en tout : 5. Le plus visité : Musée, 4." in page
    assert "style=" not in page
    assert "<script" not in page
    assert "unsafe-inline" not in answer.headers["content-security-policy"]


async def test_names_from_outside_are_escaped_everywhere(desk: httpx.AsyncClient, town: Town, till: Scanner) -> None:
    evil = "<img src=x onerror=alert(1)>"
    await club.add_ambassador(
        SYSTEM,
        first_name=evil,
        last_name='"><b>',
        email="evil@example.org",
        begins_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        now=town.clock(),
    )
    await venues.edit_venue(
        SYSTEM, town.museum.id, name=evil, commune=evil, address=evil, url="", contact_email="", now=town.clock()
    )
    phone = await town.ambassador("Odile", "Praire")
    await till.hand_in(till.scan(phone.show(town.clock())))
    [person] = [person for person in await club.ambassadors() if person.first_name == evil]
    paths = ("", "/people", f"/people/{person.id}", "/venues", f"/venues/{town.museum.id}", "/people/new?q=<script>")
    for path in paths:
        answer = await desk.get(f"/desk{path}")
        assert answer.status_code == 200, path
        assert "<img" not in answer.text, path
        assert "<b>" not in answer.text, path
