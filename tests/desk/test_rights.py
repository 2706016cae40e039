"""The manifesto, requests, erasure, keeping times, officers and hand-over, as the officer meets them."""

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from estran.access import service as access
from estran.actor import SYSTEM, Role
from estran.club import manifesto
from estran.club import queries as club_queries
from estran.club.tables import Candidate
from estran.history import service as history
from estran.mail import service as mail
from estran.mail.letters import Letterhead
from estran.privacy import service as privacy
from tests.conftest import FrozenClock
from tests.desk.conftest import OFFICER, Open, follow, read
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio
DRAFT = {"title": "Notre manifeste", "body": "## Missions\r\n\r\nFaire connaître.\r\n\r\n- <b>sourire</b>\r\n- écouter"}


async def publish(desk: httpx.AsyncClient, **data: str) -> httpx.Response:
    """Press the button of the publish page, as it is shown now."""
    form = (await desk.get("/desk/manifesto/draft/publish")).text
    [text] = re.findall(r'name="text" value="([0-9a-f]{64})"', form)
    return await desk.post("/desk/manifesto/draft/publish", data={"text": text} | data)


# --- the manifesto ------------------------------------------------------------------------------


async def test_a_manifesto_from_draft_to_signatures(
    desk: httpx.AsyncClient, town: Town, camille: Phone, clock: FrozenClock
) -> None:
    assert "Pas encore de manifeste" in read(await desk.get("/desk/manifesto"))
    page = await follow(desk, await desk.post("/desk/manifesto/draft", data=DRAFT))
    assert "<li>&lt;b&gt;sourire" in (await desk.get("/desk/manifesto")).text
    assert "Projet, future version 1.0" in page
    draft = await manifesto.draft()
    assert draft is not None
    await manifesto.comment(SYSTEM, camille.owner.id, draft.id, "Et marcher ?", now=clock())
    page = read(await desk.get("/desk/manifesto"))
    assert "Et marcher ?" in page
    assert "Camille Varech" in page
    form = read(await desk.get("/desk/manifesto/draft/publish"))
    assert 'value="2026-07-15"' in form
    page = await follow(desk, await publish(desk, effective_on="2026-07-01"))
    assert "Un e-mail part à chaque ambassadeur" in page
    assert "Obligatoire à partir du 1er juillet 2026" in page
    assert "1 personne doit encore signer. Au plus tard le 30 juin 2026" in page
    [letter] = [one for one in await mail.letters() if one.kind == "manifesto"]
    assert "au plus tard le 30 juin 2026" in letter.text
    assert "by 30 June 2026" in letter.html
    [version] = await manifesto.versions()
    await manifesto.sign(SYSTEM, camille.owner.id, version.id, "une ferme", now=clock())
    page = read(await desk.get(f"/desk/manifesto/versions/{version.id}"))
    assert re.search(r"Camille Varech.*Signé.*une ferme", page, re.DOTALL)
    file = await desk.post("/desk/manifesto/signatures.csv")
    assert file.headers["content-disposition"] == 'attachment; filename="signatures.csv"'
    [head, row] = file.content.decode("utf-8-sig").splitlines()
    assert head.startswith("version;titre;acte;date")
    assert row.startswith("1.0;Notre manifeste;signé;2026-06-15 12:00:00+02:00;Camille;Varech;une ferme;")
    person = read(await desk.get(f"/desk/people/{camille.owner.id}"))
    assert "Version 1.0 signée le 15 juin 2026" in person


async def test_who_has_not_signed_is_found(desk: httpx.AsyncClient, camille: Phone, clock: FrozenClock) -> None:
    await desk.post("/desk/manifesto/draft", data=DRAFT)
    await publish(desk, effective_on=clock().date().isoformat())
    page = read(await desk.get("/desk/manifesto"))
    assert "1 personne doit encore signer" in page
    assert "Camille" in read(await desk.get("/desk/people?state=unsigned"))


async def test_a_minor_version_asks_nothing(desk: httpx.AsyncClient, camille: Phone, clock: FrozenClock) -> None:
    await desk.post("/desk/manifesto/draft", data=DRAFT)
    await publish(desk, effective_on="2026-07-01")
    missing = await desk.post("/desk/manifesto/draft", data=DRAFT)
    assert missing.status_code == 422
    assert "Ce que cette version demande" in read(missing)
    await desk.post("/desk/manifesto/draft", data=DRAFT | {"weight": "minor"})
    assert "effective_on" not in (await desk.get("/desk/manifesto/draft/publish")).text
    await follow(desk, await publish(desk))
    assert [(row.major, row.minor) for row in await manifesto.versions()] == [(1, 0), (1, 1)]
    letters = [one.text for one in await mail.letters() if one.kind == "manifesto"]
    assert len(letters) == 2
    assert not any("rien à signer" in text for text in letters), "Camille has still 1.0 to sign"
    assert all("au plus tard le 30 juin 2026" in text for text in letters)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"title": "x"},
        {"title": "x" * 121, "body": "x"},
        {"title": "x", "body": "x" * 20_001},
        {"title": "\x00", "body": "x"},
    ],
)
async def test_a_bad_draft_is_shown_again(desk: httpx.AsyncClient, data: dict[str, str]) -> None:
    answer = await desk.post("/desk/manifesto/draft", data=data)
    assert answer.status_code == 422
    assert 'id="faults"' in answer.text
    assert await manifesto.draft() is None


async def test_a_draft_that_somebody_else_changed_is_read_again(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    await desk.post("/desk/manifesto/draft", data=DRAFT)
    form = (await desk.get("/desk/manifesto/draft/publish")).text
    [text] = re.findall(r'name="text" value="([0-9a-f]{64})"', form)
    await manifesto.save_draft(SYSTEM, title="Autre", body="Autre texte", is_major=True, now=clock())
    late = await desk.post("/desk/manifesto/draft/publish", data={"text": text, "effective_on": "2026-07-01"})
    assert late.status_code == 422
    assert "modifié entre-temps" in read(late)
    assert "Autre texte" in read(late)
    assert await manifesto.versions() == []
    await follow(desk, await publish(desk, effective_on="2026-07-01"))
    twice = await desk.post("/desk/manifesto/draft/publish", data={"text": text})
    assert "déjà fait" in await follow(desk, twice)


async def test_one_reminder_leaves_a_week_before(desk: httpx.AsyncClient, camille: Phone, clock: FrozenClock) -> None:
    await desk.post("/desk/manifesto/draft", data=DRAFT)
    await publish(desk, effective_on="2026-07-15")
    head = Letterhead(club="Club", origin="https://pass.example.org", demo=False)
    clock.now = clock.now.replace(month=7, day=6)
    assert await manifesto.remind(head, now=clock()) == 0
    clock.advance(days=1)
    assert [await manifesto.remind(head, now=clock()) for _ in range(3)] == [1, 0, 0]
    [reminder] = [one for one in await mail.letters() if "rappel" in one.text]
    assert "au plus tard le 14 juillet 2026" in reminder.text
    [version] = await manifesto.versions()
    await manifesto.sign(SYSTEM, camille.owner.id, version.id, "", now=clock())
    assert await manifesto.remind(head, now=clock.advance(days=3)) == 0


async def test_a_draft_is_dropped_and_a_past_day_refused(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    for path in ("/desk/manifesto/draft/publish", "/desk/manifesto/draft/drop"):
        assert (await desk.get(path)).status_code == 404
    await desk.post("/desk/manifesto/draft", data=DRAFT)
    late = await publish(desk, effective_on="2026-06-14")
    assert (late.status_code, await manifesto.versions()) == (422, [])
    assert "un jour à venir" in read(late)
    await follow(desk, await desk.post("/desk/manifesto/draft/drop"))
    assert await manifesto.draft() is None
    draft = await manifesto.save_draft(SYSTEM, title="x", body="x", is_major=True, now=clock())
    assert (await desk.get(f"/desk/manifesto/versions/{draft.id}")).status_code == 404


# --- requests and erasure -----------------------------------------------------------------------


async def test_a_request_is_read_and_answered(desk: httpx.AsyncClient, camille: Phone, clock: FrozenClock) -> None:
    await privacy.ask(SYSTEM, camille.owner.id, "object", "Pas de statistiques <i>sur moi</i>", now=clock())
    inbox = (await desk.get("/desk/inbox")).text
    [address] = re.findall(r'href="(/desk/requests/[^"]+)"', inbox)
    assert "/seen" not in inbox, "looked at is not answered"
    page = read(await desk.get(address))
    assert "au plus tard le 15 juillet 2026" in page
    assert "<i>sur moi" not in (await desk.get(address)).text
    assert (await desk.post(address, data={"answer": " "})).status_code == 422
    assert "Mes données" in await follow(desk, await desk.post(address, data={"answer": "C’est fait.\r\nMerci."}))
    [letter] = [one for one in await mail.letters() if one.kind == "answered"]
    assert "C’est fait" not in letter.text, "the answer is read behind the pass's own door"
    [row] = await privacy.requests_of(camille.owner.id)
    assert row.answer == "C’est fait.\nMerci."
    assert "Répondu le" in read(await desk.get(address))
    assert "Rien à voir" in read(await desk.get("/desk/inbox")) or address not in (await desk.get("/desk/inbox")).text


async def test_somebodys_data_is_taken_out_and_that_is_recorded(desk: httpx.AsyncClient, camille: Phone) -> None:
    file = await desk.post(f"/desk/people/{camille.owner.id}/data")
    assert file.headers["content-disposition"].startswith("attachment")
    assert json.loads(file.content)["person"]["lastName"] == "Varech"
    assert "Données d’une personne téléchargées" in read(await desk.get(f"/desk/people/{camille.owner.id}"))
    assert (await desk.get(f"/desk/people/{camille.owner.id}/data")).status_code == 405


async def test_somebody_is_erased_with_a_reason(
    desk: httpx.AsyncClient, camille: Phone, till: Scanner, clock: FrozenClock
) -> None:
    await till.hand_in(till.scan(camille.show(clock())))
    base = f"/desk/people/{camille.owner.id}"
    assert "ne peut pas être défait" in read(await desk.get(f"{base}/erase"))
    assert (await desk.post(f"{base}/erase", data={"why": ""})).status_code == 422
    page = await follow(desk, await desk.post(f"{base}/erase", data={"why": "Déménagement"}))
    assert "La personne est effacée" in page
    assert "Varech" not in page
    for path in ("", "/edit", "/visits", "/erase"):
        assert (await desk.get(base + path)).status_code == 404
    history_page = read(await desk.get("/desk/history"))
    assert "Données effacées" in history_page
    assert "Varech" not in history_page
    assert "Varech" not in read(await desk.get("/desk/people/years"))
    tomorrow = clock.advance(days=1).date()
    [year] = [one for one in await club_queries.years(tomorrow) if one.year == 2026]
    assert (year.departures, year.active) == (1, 1)


async def test_what_is_late_is_said_and_goes(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    assert "Rien n’est en retard" in read(await desk.get("/desk/retention"))
    long_ago = clock() - timedelta(days=400)
    await Candidate(id=uuid4(), first_name="A", last_name="B", source="form", created_at=long_ago).save()
    assert "1 élément est arrivé" in read(await desk.get("/desk/retention"))
    page = await follow(desk, await desk.post("/desk/retention"))
    assert "Rien n’est en retard" in page
    assert re.search(r"Candidature sans suite : 1\b", page)


# --- officers and hand-over ---------------------------------------------------------------------


async def test_a_deputy_comes_and_goes(desk: httpx.AsyncClient, open_desk: Open, clock: FrozenClock) -> None:
    page = await follow(desk, await desk.post("/desk/officers", data={"email": "odile@example.org"}))
    assert "2 personnes tiennent le club" in page
    assert await follow(desk, await desk.post("/desk/officers", data={"email": "ODILE@example.org"}))
    assert len(await access.holders(Role.OFFICER)) == 2
    [letter] = [one for one in await mail.letters() if one.to_email == "odile@example.org"]
    assert "bureau" in letter.text
    deputy = await open_desk(email="odile@example.org")
    first = next(one for one in await access.holders(Role.OFFICER) if one.email == OFFICER)
    gone = await deputy.post(f"/desk/officers/{first.id}/remove", data={"why": "Retraite"})
    assert "Accès retiré" in await follow(deputy, gone)
    assert (await desk.get("/desk/")).headers["location"].startswith("/desk/sign-in")
    second = next(one for one in await access.holders(Role.OFFICER))
    alone = await deputy.post(f"/desk/officers/{second.id}/remove", data={"why": "Moi aussi"})
    assert "Nommez d’abord une autre personne" in await follow(deputy, alone)
    assert [one.email for one in await access.holders(Role.OFFICER)] == ["odile@example.org"]
    assert (await deputy.post("/desk/officers", data={"email": "nobody"})).status_code == 422


async def test_handing_over(desk: httpx.AsyncClient, camille: Phone, town: Town) -> None:
    page = read(await desk.get("/desk/handover"))
    for words in (
        "1 personne dans le registre",
        "1 lieu",
        "Pas encore de manifeste",
        "0 événement à venir",
        "Une seule adresse",
        "https://pass.example.org",
    ):
        assert words in page
    file = await desk.post("/desk/handover/archive")
    assert file.headers["content-type"] == "application/zip"
    assert 'filename="estran-2026-06-15.zip"' in file.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(file.content)) as packed:
        assert b"Varech" in packed.read("tables/club_ambassador.jsonl")
        assert not any(name.startswith("keys/") for name in packed.namelist())
    assert any(entry.action == "archive.export" for entry in await history.latest())


async def test_a_manager_sees_none_of_it(open_desk: Open, town: Town) -> None:
    manager: Any = await open_desk(town.museum.id)
    for path in ("manifesto", "officers", "handover", "retention"):
        assert (await manager.get(f"/desk/{path}")).status_code == 403
