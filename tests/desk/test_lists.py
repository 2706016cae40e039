import re
from datetime import date, timedelta

import httpx
import pytest

from estran.actor import SYSTEM
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.desk import people_csv, service
from estran.history import service as history
from tests.conftest import FrozenClock
from tests.desk.conftest import OFFICER, follow, read
from tests.desk.test_people import add

pytestmark = pytest.mark.anyio

LIST = """prénom;nom;e-mail;début;fin
Maëlle;Oyat;maelle@example.org;2026-01-01;31/12/2026
Camille;Varech;CAMILLE@example.org;2020-01-01;2020-12-31
Gaspard;Étoc;gaspard;demain;2026-12-31
Maëlle;Oyat;maelle@example.org;01/01/2027;31/12/2027
"""


def rows_of(page: str) -> list[list[str]]:
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in rows
    ]


async def names() -> list[str]:
    return [person.first_name for person in await club.ambassadors()]


# --- import -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
async def test_a_file_is_looked_at_line_by_line_and_adds_nothing_yet(desk: httpx.AsyncClient, encoding: str) -> None:
    await add(desk)
    answer = await desk.post("/desk/people/import", files={"sheet": ("liste.csv", LIST.encode(encoding), "text/csv")})
    assert answer.status_code == 200
    page = read(answer)
    assert "À ajouter : 2. Déjà connues : 1. À corriger : 1." in page
    assert "Ajouter 1 personne<" in page
    results = [(row[0], row[1], row[-1]) for row in rows_of(page)]
    assert [result[:2] for result in results] == [
        ("Ligne 2", "Oyat Maëlle"),
        ("Ligne 3", "Varech Camille"),
        ("Ligne 4", "Étoc Gaspard"),
        ("Ligne 5", "Oyat Maëlle"),
    ]
    new, known, fault, further = (result[2] for result in results)
    assert (new, known, further) == ("À ajouter", "Déjà connue, inchangée", "À ajouter")
    assert fault.startswith("À corriger, laissée de côté Adresse e-mail : une adresse s’écrit prenom.nom@exemple.fr ;")
    assert fault.endswith("Premier jour : une date s’écrit 31/12/2026")
    assert await names() == ["Camille"]


async def test_agreeing_adds_the_new_ones_once(desk: httpx.AsyncClient) -> None:
    await add(desk)
    page = read(await desk.post("/desk/people/import", data={"list": LIST}))
    [text] = re.findall(r'<input type="hidden" name="list" value="([^"]*)">', page)
    for said in ("Les nouvelles personnes sont ajoutées.", "C’était déjà fait"):
        done = await desk.post("/desk/people/import/add", data={"list": text})
        assert said in await follow(desk, done)
    assert sorted(await names()) == ["Camille", "Maëlle"]
    camille, maelle = sorted(await club.ambassadors(), key=lambda person: person.first_name)
    [kept] = await club.mandates_of(camille.id)
    assert kept.begins_on == date(2026, 1, 1)
    assert [row.ends_on.year for row in await club.mandates_of(maelle.id)] == [2026, 2027]
    [entry] = [entry for entry in await history.latest() if entry.action == "club.import"]
    assert entry.details == {"n": 1}


async def test_a_list_with_one_address_that_fails_adds_nobody(
    desk: httpx.AsyncClient, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or none: the second person's address turns out to be taken."""
    await add(desk)
    text = LIST + "Odile;Praire;odile@example.org;2026-01-01;2026-12-31\n"
    lines = people_csv.read(text)
    assert isinstance(lines, list)
    taken = [one for one in people_csv.judge(lines, set()) if one.verdict == "new"]

    async def blind(_: object) -> list[people_csv.Judged]:
        return sorted(taken, key=lambda one: one.line.first_name == "Camille")  # the known one last

    monkeypatch.setattr(service, "judge_people", blind)
    answer = await desk.post("/desk/people/import/add", data={"list": text})
    assert answer.status_code == 422
    assert "rien n’a été ajouté" in read(answer)
    assert await names() == ["Camille"]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "choisissez un fichier CSV"),
        ({"data": {"list": " "}}, "choisissez un fichier CSV"),
        ({"data": {"list": "nom\nVarech"}}, "il manque une colonne : prénom, e-mail, début, fin"),
        ({"data": {"list": LIST.splitlines()[0]}}, "il n’y a aucune ligne"),
        ({"files": {"sheet": ("a.csv", b"")}}, "choisissez un fichier CSV"),
        ({"files": {"sheet": ("a.csv", b"x" * 300_000)}}, "trop long : 256 ko au plus"),
        ({"files": {"sheet": ("a.xlsx", b"PK\x03\x04\x00\xff\x00")}}, "il manque une colonne"),
        ({"files": {"sheet": ("", b"")}}, "choisissez un fichier CSV"),
    ],
)
@pytest.mark.parametrize("path", ["/desk/people/import", "/desk/people/import/add"])
async def test_what_is_no_list_comes_back_with_its_fault(
    desk: httpx.AsyncClient, path: str, sent: dict[str, object], said: str
) -> None:
    answer = await desk.post(path, **sent)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert said in read(answer)
    assert await names() == []


async def test_the_ceiling_warns_and_lets_through(desk: httpx.AsyncClient) -> None:
    people = "".join(f"A{n};Bulot;a{n}@example.org;2026-01-01;2026-12-31\n" for n in range(16))
    text = LIST.splitlines()[0] + "\n" + people
    page = read(await desk.post("/desk/people/import", data={"list": text}))
    assert "Avec cet ajout (16 de plus), le club le dépasse." in page
    assert (await desk.post("/desk/people/import/add", data={"list": text})).status_code == 303
    assert "16 actifs (plafond : 15)" in read(await desk.get("/desk/people"))


# --- export -----------------------------------------------------------------------------------------------------------


async def test_the_list_leaves_as_a_file_and_that_is_noted(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    address = await add(desk, first_name="=CMD()", email="+c@example.org")
    await desk.post(f"{address}/mandates/new", data={"begins_on": "2027-01-01", "ends_on": "2027-12-31"})
    gone = await club.add_ambassador(
        SYSTEM,
        first_name="Firmin",
        last_name="Estran",
        email="f@example.org",
        begins_on=date(2026, 1, 1),
        ends_on=date(2026, 2, 1),
        now=clock(),
    )
    await Ambassador.update({Ambassador.erased_at: clock()}).where(Ambassador.id == gone.id)
    answer = await desk.post("/desk/people.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="ambassadeurs-2026-06-15.csv"'
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "prénom;nom;e-mail;début;fin;état",
        "'=CMD();Varech;'+c@example.org;2026-01-01;2026-12-31;Nouveau",
        "'=CMD();Varech;'+c@example.org;2027-01-01;2027-12-31;Nouveau",
    ]
    [entry] = [entry for entry in await history.latest() if entry.action == "club.export"]
    assert entry.details == {}
    assert "Liste des ambassadeurs exportée" in read(await desk.get("/desk/history"))
    assert OFFICER in read(await desk.get("/desk/history"))


async def test_looking_at_the_address_of_the_file_takes_nothing_away(desk: httpx.AsyncClient) -> None:
    assert (await desk.get("/desk/people.csv")).status_code == 405
    assert [entry for entry in await history.latest() if entry.action == "club.export"] == []


async def test_what_was_exported_is_known_when_it_comes_back(desk: httpx.AsyncClient) -> None:
    await add(desk)
    await desk.get("/desk/people", params={"lang": "en"})  # remembered
    data = (await desk.post("/desk/people.csv")).content
    assert b"first name;last name;e-mail;begins on;ends on;state" in data
    page = read(await desk.post("/desk/people/import", files={"sheet": ("x.csv", data)}))
    assert "To add: 0. Already known: 1. To correct: 0." in page
    assert "/desk/people/import/add" not in page


# --- years ------------------------------------------------------------------------------------------------------------


async def test_years_are_counted_without_names(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    assert "Aucun mandat n’a encore commencé." in read(await desk.get("/desk/people/years"))
    await add(desk, begins_on="2024-01-01", ends_on="2025-06-30")
    await add(desk, email="odile@example.org")
    person = (await club.ambassadors())[0]
    await Ambassador.update({Ambassador.erased_at: clock()}).where(Ambassador.id == person.id)
    page = read(await desk.get("/desk/people/years"))
    assert rows_of(page) == [["2026", "1", "1", "0"], ["2025", "1", "0", "1"], ["2024", "1", "1", "0"]]
    assert "Varech" not in page


# --- who was erased ---------------------------------------------------------------------------------------------------


async def test_who_was_erased_is_in_no_list(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    await add(desk, ends_on=str(clock().date() + timedelta(days=10)))
    person = (await club.ambassadors())[0]
    await Ambassador.update({Ambassador.erased_at: clock()}).where(Ambassador.id == person.id)
    for path in ("/desk/people", "/desk/people?q=varech", "/desk/renewals", "/desk", "/desk/history"):
        assert "Varech" not in read(await desk.get(path)), path
