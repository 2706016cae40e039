"""A pass on paper, from the desk: printed, printed anew, lost."""

from io import BytesIO
from typing import Any

import httpx
from pypdf import PdfReader

from estran.actor import SYSTEM
from estran.club import service as club
from estran.desk import paper_pdf
from estran.desk.paper import Card, Lines
from estran.passes import service as passes
from estran.passes.number import spaced_number
from estran.passes.service import PaperPass
from tests.conftest import FrozenClock
from tests.desk.conftest import follow, read

LINES = Lines(title="Pass ambassadeur", until="Valable", how="Montrez-le.", lost="Perdu ?")


async def held(person: Any, clock: FrozenClock) -> PaperPass | None:
    return await passes.paper_of(person.id, now=clock())


async def test_an_officer_prints_a_pass_twice_the_same_and_a_new_one_when_it_was_lost(
    desk: httpx.AsyncClient, camille: Any, clock: FrozenClock
) -> None:
    person = f"/desk/people/{camille.owner.id}"
    assert "Imprimer un pass papier" in read(await desk.get(person))
    assert (await desk.get(f"{person}/paper")).status_code == 404
    page = await follow(desk, await desk.post(f"{person}/paper"))
    first = await held(camille.owner, clock)
    assert first is not None
    for words in (camille.owner.first_name, spaced_number(first.pass_.number), "Valable jusqu’au", "pièce d’identité"):
        assert words in page
    assert (await desk.post(f"{person}/paper")).status_code == 303
    again = await held(camille.owner, clock)
    assert again is not None
    assert again.pass_.id == first.pass_.id

    page = read(await desk.get(person))
    assert "Sur Android" in page, "the phone's pass is left alone"
    assert "Pass papier perdu ou volé" in page
    assert (await desk.post(f"{person}/paper/lost", data={})).status_code == 422
    page = await follow(desk, await desk.post(f"{person}/paper/lost", data={"why": "Oublié dans un bus"}))
    assert "Le pass papier est arrêté" in page
    assert "Sur Android" in page
    assert "Pass papier perdu, révoqué" in page
    assert (await desk.post(f"{person}/paper/lost", data={"why": "Encore"})).status_code == 303
    assert await passes.pass_of(camille.owner.id, now=clock()) is not None


async def test_after_a_change_the_desk_asks_to_print_anew(
    desk: httpx.AsyncClient, camille: Any, clock: FrozenClock
) -> None:
    person = f"/desk/people/{camille.owner.id}"
    await desk.post(f"{person}/paper")
    row = await club.ambassador(camille.owner.id)
    await club.edit_ambassador(
        SYSTEM, row.id, first_name="Camille", last_name="Zostère", email="camille.zostere@example.org", now=clock()
    )
    page = read(await desk.get(person))
    assert "À réimprimer" in page
    assert "Imprimer le nouveau pass papier" in page
    assert "Camille Z." not in read(await desk.get(f"{person}/paper")), "nobody prints the old one by mistake"
    assert "Camille Z." in await follow(desk, await desk.post(f"{person}/paper"))


async def test_who_may_have_no_pass_has_none_on_paper(
    desk: httpx.AsyncClient, camille: Any, clock: FrozenClock
) -> None:
    person = f"/desk/people/{camille.owner.id}"
    await club.pause(SYSTEM, camille.owner.id, "Absence", now=clock())
    assert "Imprimer un pass papier" not in read(await desk.get(person))
    assert "Pas de pass papier pour le moment" in await follow(desk, await desk.post(f"{person}/paper"))
    assert await held(camille.owner, clock) is None


async def test_the_pdf_is_one_page_of_a6_that_says_it_all(
    desk: httpx.AsyncClient, camille: Any, clock: FrozenClock
) -> None:
    person = f"/desk/people/{camille.owner.id}"
    await desk.post(f"{person}/paper")
    answer = await desk.get(f"{person}/paper.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    (page,) = PdfReader(BytesIO(answer.content)).pages
    assert [round(float(side) * 25.4 / 72) for side in page.mediabox[2:]] == [105, 148]
    text = " ".join(page.extract_text().replace("\u00a0", " ").split())
    found = await held(camille.owner, clock)
    assert found is not None
    for words in (found.pass_.name, spaced_number(found.pass_.number), "montrez une pièce d’identité", "Valid until"):
        assert words in text


def test_any_name_can_be_printed() -> None:
    """Letters that the font lacks lose their accent; a long name is drawn smaller; nothing is drawn outside the page."""
    names = ("Řehoř Ő.", "Нина П.", "W" * 32, "Œuvre’‑Éloïse de la T.")
    for name in names:
        card = Card(club="Club · de l’Estran", name=name, number="7HQE DQP4", code="1" * 240, fr=LINES, en=LINES)
        (page,) = PdfReader(BytesIO(paper_pdf.pdf(card))).pages
        assert "7HQE DQP4" in page.extract_text()
