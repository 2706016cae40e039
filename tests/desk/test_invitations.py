"""Many invitations at once: how lists are read, what the page says before anything leaves, and that nothing leaves twice."""

import re
import time
from datetime import date

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.actor import SYSTEM
from estran.club import service as club
from estran.desk import invitations
from estran.desk.forms import Fault
from estran.mail import service as mail
from tests.conftest import FrozenClock
from tests.desk.conftest import follow, read
from tests.desk.test_lists import rows_of
from tests.desk.test_people import add

DAYS = {"begins_on": "2026-06-15", "ends_on": "2027-06-14"}
LIST = """Maëlle Oyat;maelle@example.org
OYAT Maëlle <Maelle@Example.org>
Camille Varech\tcamille@example.org
Gaspard Étoc;gaspard@baie
Odile, Praire, odile@example.org
"""


def guests_of(text: str) -> list[tuple[str, str, str]]:
    guests = invitations.read(text)
    assert isinstance(guests, list)
    return [(guest.form.get("first_name"), guest.form.get("last_name"), guest.form.get("email")) for guest in guests]


@pytest.mark.parametrize(
    "text",
    [
        "Camille Varech;camille@example.org",
        "Camille;Varech;camille@example.org",
        "camille@example.org\tCamille\tVarech",
        "Camille, Varech, camille@example.org, 06 39 98 00 00",
        "Camille Varech <camille@example.org>",
        '"Camille Varech" <camille@example.org>;',
        "\ufeffnom;prénom;e-mail\r\nVarech;Camille;camille@example.org\r\n",
        "Name;Mail\nCamille Varech;camille@example.org",
        "\n\n  ;;\nCamille Varech;camille@example.org\n",
    ],
)
def test_one_person_is_read_however_the_line_is_written(text: str) -> None:
    assert guests_of(text) == [("Camille", "Varech", "camille@example.org")]


def test_a_last_name_in_capitals_may_come_first() -> None:
    assert guests_of("DE LA TOUR Camille;camille@example.org") == [("Camille", "DE LA TOUR", "camille@example.org")]


def test_an_address_between_brackets_that_is_none_is_a_fault_of_the_address() -> None:
    found = invitations.read("Perrine Embrun <perrine>")
    assert isinstance(found, list)
    [one] = invitations.judge(found, {})
    assert one.verdict == "fault"
    assert [name for name, _ in one.faults] == ["email"]
    assert one.guest.last_name == "Embrun"


def test_several_on_a_line_as_a_mail_program_copies_them() -> None:
    text = "Camille Varech <camille@example.org>, Odile Praire <odile@example.org>; Ulysse Balise <ulysse@example.org>"
    assert [first for first, _, _ in guests_of(text)] == ["Camille", "Odile", "Ulysse"]


@pytest.mark.parametrize(("text", "key"), [("", "nobody_listed"), ("prénom;nom;e-mail", "nobody_listed")])
def test_a_list_without_anybody_has_a_fault(text: str, key: str) -> None:
    assert invitations.read(text) == Fault(f"form.fault.{key}")


@pytest.mark.parametrize("sign", "a<>;,\"'@ ")
def test_a_line_without_end_is_read_at_once(sign: str) -> None:
    """Else nobody would be served meanwhile: a picture pasted by mistake took seven minutes."""
    begun = time.process_time()
    invitations.read(f"{sign * 200_000}@")
    assert time.process_time() - begun < 5


def test_a_list_has_an_end() -> None:
    found = invitations.read("Camille Varech;camille@example.org\n" * 501)
    assert isinstance(found, Fault)
    assert found.key == "form.fault.many_lines"
    assert isinstance(invitations.read("é" * 200_000), Fault)


@given(st.text(alphabet=st.characters() | st.sampled_from("@<>;,\t\n\"'=\x00"), max_size=80))
def test_whatever_is_pasted_is_read_or_has_a_fault(text: str) -> None:
    found = invitations.read(text)
    if not isinstance(found, Fault):
        assert all(one.verdict in {"new", "twice", "fault"} for one in invitations.judge(found, {}))


async def invited() -> list[str]:
    return sorted(letter.to_email for letter in await mail.letters() if letter.kind == "invitation")


@pytest.mark.anyio
@pytest.mark.parametrize("is_file", [False, True])
async def test_the_page_says_what_would_be_done_and_does_nothing(
    desk: httpx.AsyncClient,
    is_file: bool,  # noqa: FBT001
) -> None:
    await add(desk)
    if is_file:
        sheet = {"sheet": ("liste.csv", LIST.encode("cp1252"), "text/csv")}
        answer = await desk.post("/desk/people/invite", data=DAYS, files=sheet)
    else:
        answer = await desk.post("/desk/people/invite", data=DAYS | {"list": LIST})
    page = read(answer)
    assert "À ajouter et inviter : 2. Déjà dans le club, à inviter : 1. Rien à faire : 1. À corriger : 1." in page
    assert [row[-1] for row in rows_of(page)] == [
        "À ajouter et inviter",
        "Même adresse que la ligne 1",
        "Déjà dans le club, à inviter",
        "À corriger, laissée de côté Adresse e-mail : une adresse s’écrit prenom.nom@exemple.fr",
        "À ajouter et inviter",
    ]
    assert "Envoyer 3 invitations" in page
    assert await invited() == []
    assert len(await club.ambassadors()) == 1


@pytest.mark.anyio
async def test_one_button_adds_and_invites_everybody_once(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    await add(desk)
    page = read(await desk.post("/desk/people/invite", data=DAYS | {"list": LIST}))
    [text] = re.findall(r'<input type="hidden" name="list" value="([^"]*)">', page)
    for said in ("Les invitations partent.", "C’était déjà fait", "C’était déjà fait"):
        done = await desk.post("/desk/people/invite/send", data=DAYS | {"list": text})
        assert said in await follow(desk, done)
        clock.advance(hours=1)
    assert await invited() == ["camille@example.org", "maelle@example.org", "odile@example.org"]
    odile = next(person for person in await club.ambassadors() if person.first_name == "Odile")
    [mandate] = await club.mandates_of(odile.id)
    assert (mandate.begins_on, mandate.ends_on) == (date(2026, 6, 15), date(2027, 6, 14))


@pytest.mark.anyio
async def test_who_was_imported_is_invited_as_a_group(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    for first_name, year in (("Odile", 2026), ("Ulysse", 2026), ("Achille", 2020)):
        await club.add_ambassador(
            SYSTEM,
            first_name=first_name,
            last_name="Bouée",
            email=f"{first_name.lower()}@example.org",
            begins_on=date(year, 1, 1),
            ends_on=date(year, 12, 31),
            now=clock(),
        )
    assert "2 personnes du club n’ont pas encore d’invitation" in read(await desk.get("/desk/people"))
    page = read(await desk.get("/desk/people/invite"))
    assert "Odile Bouée, Ulysse Bouée" in page
    for said in ("Les invitations partent.", "C’était déjà fait"):
        assert said in await follow(desk, await desk.post("/desk/people/invite/waiting"))
    assert await invited() == ["odile@example.org", "ulysse@example.org"]
    assert "pas encore d’invitation" not in read(await desk.get("/desk/people"))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (DAYS | {"list": " "}, "il n’y a personne dans cette liste"),
        ({"list": LIST, "begins_on": "demain", "ends_on": "2027-06-14"}, "une date s’écrit 31/12/2026"),
        ({}, "à remplir"),
    ],
)
@pytest.mark.parametrize("path", ["/desk/people/invite", "/desk/people/invite/send"])
async def test_what_is_wrong_is_said_and_nothing_leaves(
    desk: httpx.AsyncClient, path: str, data: dict[str, str], said: str
) -> None:
    answer = await desk.post(path, data=data)
    assert answer.status_code == 422
    assert said in read(answer)
    assert await invited() == []
