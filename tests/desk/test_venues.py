import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM, Role
from estran.desk.venues_pages import qr_svg
from estran.history import service as history
from estran.inbox import service as inbox
from estran.mail import service as mail
from estran.venues import service as venues
from estran.venues.tables import Device
from tests.conftest import ORIGIN, FrozenClock
from tests.desk.conftest import MANAGER, follow, read
from tests.visits.conftest import Phone, Scanner, Town, plan

pytestmark = pytest.mark.anyio

MUSEUM = {"name": "Musée d’art", "commune": "Granville", "address": "", "url": "www.exemple.fr", "contact_email": ""}


async def pending(town: Town, label: str = "Tablette") -> Device:
    """A scanner that came by a poster."""
    secret = await venues.make_pairing(
        SYSTEM, town.museum.id, reusable=True, lifetime=timedelta(days=1), now=town.clock()
    )
    return (await venues.pair(secret, label, "mouette", now=town.clock())).device


# --- venues -----------------------------------------------------------------------------------------------------------


async def test_an_empty_list_says_what_to_do_first(desk: httpx.AsyncClient) -> None:
    assert "Ajouter un lieu" in read(await desk.get("/desk/venues"))


async def test_a_venue_is_added_once_and_leads_to_its_page(desk: httpx.AsyncClient) -> None:
    page = await follow(desk, await desk.post("/desk/venues/new", data=MUSEUM))
    assert "<h1>Musée d’art</h1>" in page
    assert "Aucun avantage n’est enregistré" in page
    assert "Aucun scanner." in page
    assert (await desk.post("/desk/venues/new", data=MUSEUM)).status_code == 303
    [venue] = await venues.venues()
    assert venue.url == "https://www.exemple.fr"
    assert [entry.action for entry in await history.entries_about(venue.id)] == ["venues.add"]


async def test_two_venues_of_one_name_in_one_town_are_a_fault(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    await desk.post("/desk/venues/new", data=MUSEUM)
    clock.advance(hours=1)
    answer = await desk.post("/desk/venues/new", data=MUSEUM | {"address": "Place de l’Isthme"})
    assert answer.status_code == 422
    assert "un autre lieu porte déjà ce nom" in read(answer)
    assert 'value="Place de l’Isthme"' in read(answer)
    assert (await desk.post("/desk/venues/new", data=MUSEUM | {"commune": "Bréhal"})).status_code == 303


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("url", "javascript:alert(1)"),
        ("contact_email", "personne"),
        ("address", "a\x00b"),
        ("commune", "x" * 81),
    ],
)
async def test_bad_particulars_come_back_as_typed(desk: httpx.AsyncClient, town: Town, field: str, typed: str) -> None:
    for form in ("/desk/venues/new", f"/desk/venues/{town.museum.id}/edit"):
        answer = await desk.post(form, data=MUSEUM | {field: typed})
        assert answer.status_code == 422
        assert re.search(rf'<input id="{field}"[^>]*aria-invalid="true"', read(answer))


async def test_editing_a_venue_notes_what_changed(desk: httpx.AsyncClient, town: Town) -> None:
    address = f"/desk/venues/{town.museum.id}"
    assert 'value="Granville"' in read(await desk.get(f"{address}/edit"))
    page = await follow(desk, await desk.post(f"{address}/edit", data=MUSEUM))
    assert "Musée d’art" in page
    assert "Fiche modifiée (nom, site)" in page


async def test_a_pause_is_shown_and_ends(desk: httpx.AsyncClient, town: Town) -> None:
    address = f"/desk/venues/{town.museum.id}"
    assert "Les avantages du lieu sont en pause" in read(await desk.get(f"{address}/pause"))
    assert (await desk.post(f"{address}/pause")).status_code == 422
    assert "<q>Travaux</q>" in await follow(desk, await desk.post(f"{address}/pause", data={"why": "Travaux"}))
    assert "En pause" in read(await desk.get("/desk/venues"))
    assert "La pause est finie." in await follow(desk, await desk.post(f"{address}/resume"))


async def test_an_archived_venue_leaves_the_list_and_keeps_its_page(
    desk: httpx.AsyncClient, town: Town, till: Scanner
) -> None:
    address = f"/desk/venues/{town.museum.id}"
    assert "encore prévu" not in read(await desk.get(f"{address}/archive"))
    await town.ambassador("Marin", "Galet")
    await plan(town.museum, town.clock)
    assert "Un événement y est encore prévu : Nocturne." in read(await desk.get(f"{address}/archive"))
    assert (await desk.post(f"{address}/archive", data={"why": ""})).status_code == 422
    page = await follow(desk, await desk.post(f"{address}/archive", data={"why": "Fermé"}))
    assert "Lieu archivé." in page
    assert "Aucun lieu pour le moment" in page
    page = read(await desk.get(address))
    assert "Archivé" in page
    assert "Associer un scanner" not in page
    assert (await till.reload()).state == "cut"
    assert (await desk.post(f"{address}/pairing", data={"kind": "once"})).status_code == 404


async def test_an_archived_venue_is_found_and_brought_back_without_its_scanners(
    desk: httpx.AsyncClient, town: Town, till: Scanner
) -> None:
    address = f"/desk/venues/{town.museum.id}"
    await venues.archive_venue(SYSTEM, town.museum.id, "Fermé", now=town.clock())
    page = read(await desk.get("/desk/venues"))
    assert "1 lieu archivé" in page
    assert f'href="{address}"' in page
    assert "Ses scanners restent coupés" in read(await desk.get(address))
    for _ in range(2):
        page = await follow(desk, await desk.post(f"{address}/restore"))
        assert "Le lieu est de retour." in page
    assert "Ramené dans le club" in page
    assert "Associer un scanner" in page
    assert [entry.action for entry in await history.entries_about(town.museum.id)].count("venues.restore") == 1
    assert "archivé" not in read(await desk.get("/desk/venues"))
    assert (await till.reload()).state == "cut"


async def test_a_venue_does_not_come_back_beside_another_of_its_name(desk: httpx.AsyncClient, town: Town) -> None:
    await venues.archive_venue(SYSTEM, town.museum.id, "Fermé", now=town.clock())
    await venues.add_venue(
        SYSTEM, name="Musée", commune="Granville", address="", url="", contact_email="", now=town.clock()
    )
    page = await follow(desk, await desk.post(f"/desk/venues/{town.museum.id}/restore"))
    assert "porte ce nom" in page
    assert "Archivé" in page


# --- pairing and scanners ---------------------------------------------------------------------------------------------


def code_on(page: str) -> str:
    found = re.search(r'<p class="code">([A-Z0-9]{4}-[A-Z0-9]{4})</p>', page)
    assert found is not None
    return found[1]


async def test_a_pairing_shows_a_code_once_that_pairs_for_an_hour(
    desk: httpx.AsyncClient, town: Town, clock: FrozenClock
) -> None:
    form = f"/desk/venues/{town.museum.id}/pairing"
    answer = await desk.post(form, data={"kind": "once"})
    page = read(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert "Valable jusqu’au 15 juin 2026 à 13 h 00." in page
    assert "<svg" in page.split('class="qr"')[1]
    assert "style=" not in answer.text
    assert code_on(page) not in read(await desk.get(form))
    clock.advance(minutes=59)
    assert (await venues.pair(code_on(page), "Caisse", "phare", now=clock())).device.state == "active"


async def test_a_poster_pairs_devices_that_wait_and_can_be_withdrawn(desk: httpx.AsyncClient, town: Town) -> None:
    address = f"/desk/venues/{town.museum.id}"
    page = read(await desk.post(f"{address}/pairing", data={"kind": "poster"}))
    assert "15 juin 2027" in page
    assert (await venues.pair(code_on(page), "Caisse", "phare", now=town.clock())).device.state == "pending"
    found = re.search(r'action="([^"]*/pairings/[^"]*/end)"', read(await desk.get(address)))
    assert found is not None
    assert "L’affiche n’associe plus rien." in await follow(desk, await desk.post(found[1]))
    assert (await desk.post(found[1])).status_code == 303
    assert await venues.open_pairings(town.museum.id, now=town.clock()) == []


async def test_an_unknown_kind_of_pairing_comes_back(desk: httpx.AsyncClient, town: Town) -> None:
    answer = await desk.post(f"/desk/venues/{town.museum.id}/pairing", data={"kind": "ever"})
    assert answer.status_code == 422
    assert await venues.open_pairings(town.museum.id, now=town.clock()) == []


def test_the_qr_is_drawn_without_inline_style() -> None:
    drawn = qr_svg(f"{ORIGIN}/scan/#pair=ABCDEFGH")
    assert drawn.startswith("<svg")
    assert "style" not in drawn


async def test_a_scanner_tells_how_it_is(desk: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone) -> None:
    await till.hand_in(till.scan(camille.show(town.clock())), queueLength=4)
    town.clock.advance(hours=3)
    page = read(await desk.get(f"/desk/venues/{town.museum.id}"))
    assert "Nouvelles trop anciennes" in page
    for said in (
        "Caisse",
        "goéland",
        "il y a 3 h",
        "3 à sa dernière connexion",
        "1.0",
        "À l’heure",
        "Rien n’est révoqué",
    ):
        assert said in page
    assert re.search(r"<dt>entrée</dt><dd>1</dd>", page)


async def test_a_waiting_scanner_is_approved_from_the_venues_page(desk: httpx.AsyncClient, town: Town) -> None:
    device = await pending(town)
    assert "1 en attente" in read(await desk.get("/desk/venues"))
    page = await follow(desk, await desk.post(f"/desk/devices/{device.id}/approve"))
    assert "Le scanner peut travailler." in page
    assert (await desk.post(f"/desk/devices/{device.id}/approve")).status_code == 303
    assert [e.action for e in await history.entries_about(device.id)].count("venues.approve_device") == 1
    assert await inbox.count_open() == 0


async def test_an_eleventh_scanner_is_refused_in_words(desk: httpx.AsyncClient, town: Town) -> None:
    for _ in range(10):
        await town.scanner()
    device = await pending(town)
    page = await follow(desk, await desk.post(f"/desk/devices/{device.id}/approve"))
    assert "Ce lieu a déjà 10 scanners." in page
    assert (await venues.device(device.id)).state == "pending"


async def test_a_scanner_is_cut_with_a_reason(desk: httpx.AsyncClient, town: Town, till: Scanner) -> None:
    form = f"/desk/devices/{till.device.id}/cut"
    assert "Couper le scanner « Caisse »" in read(await desk.get(form))
    assert (await desk.post(form, data={"why": ""})).status_code == 422
    page = await follow(desk, await desk.post(form, data={"why": "Volé"}))
    assert "1 ancien scanner, coupé" in page
    assert "<q>Volé</q>" in page
    assert (await desk.post(form, data={"why": "Encore"})).status_code == 303
    page = await follow(desk, await desk.post(f"/desk/devices/{till.device.id}/approve"))
    assert "Ce scanner a été coupé." in page


# --- managers ---------------------------------------------------------------------------------------------------------


async def test_a_manager_is_added_told_and_removed(desk: httpx.AsyncClient, town: Town) -> None:
    address = f"/desk/venues/{town.museum.id}"
    assert (await desk.get(f"{address}/managers")).status_code == 200
    page = await follow(desk, await desk.post(f"{address}/managers", data={"email": MANAGER}))
    assert MANAGER in page
    await desk.post(f"{address}/managers", data={"email": MANAGER})
    [letter] = await mail.letters()
    link = re.search(r"/sign-in/([\w-]+)", letter.text)
    assert link is not None
    assert (await access.look_at_link(link[1], now=town.clock())).realm == Realm.DESK
    [account] = await access.holders(Role.MANAGER, town.museum.id)
    remove = f"{address}/managers/{account.id}/remove"
    assert f"Retirer l’accès de {MANAGER}" in read(await desk.get(remove))
    assert (await desk.post(remove, data={"why": " "})).status_code == 422
    assert len(await access.holders(Role.MANAGER, town.museum.id)) == 1
    assert "<q>Parti</q>" in await follow(desk, await desk.post(remove, data={"why": "Parti"}))
    assert (await desk.post(remove, data={"why": "Parti"})).status_code == 303
    assert (await desk.get(remove)).status_code == 404
    assert await access.holders(Role.MANAGER, town.museum.id) == []
    acts = [entry.action for entry in await history.entries_about(town.museum.id)]
    assert (acts.count("desk.add_manager"), acts.count("desk.remove_manager")) == (1, 1)


async def test_a_manager_needs_an_address(desk: httpx.AsyncClient, town: Town) -> None:
    answer = await desk.post(f"/desk/venues/{town.museum.id}/managers", data={"email": "basile"})
    assert answer.status_code == 422
    assert 'value="basile"' in read(answer)


# --- what is not there ------------------------------------------------------------------------------------------------


async def test_unknown_ids_are_pages_that_say_so(desk: httpx.AsyncClient, town: Town) -> None:
    other = await venues.add_venue(
        SYSTEM, name="Abbaye", commune="", address="", url="", contact_email="", now=town.clock()
    )
    museum, unknown = f"/desk/venues/{town.museum.id}", UUID(int=9)
    for path in (
        f"/desk/venues/{unknown}",
        "/desk/venues/x",
        f"/desk/venues/{unknown}/edit",
        f"/desk/venues/{unknown}/pairing",
        f"/desk/venues/{unknown}/benefits/new",
        f"{museum}/benefits/{unknown}",
        f"{museum}/benefits/x",
        f"/desk/venues/{other.id}/benefits/{town.benefit.id}",
        f"/desk/venues/{other.id}/benefits/{town.benefit.id}/end",
        f"/desk/devices/{unknown}/cut",
        "/desk/devices/x/cut",
    ):
        assert (await desk.get(path)).status_code == 404, path
    data = MUSEUM | {"why": "x", "email": MANAGER, "kind": "once"}
    for path in (
        *(
            f"/desk/venues/{unknown}/{act}"
            for act in ("edit", "pause", "resume", "archive", "restore", "managers", "pairing")
        ),
        f"/desk/venues/{unknown}/benefits/new",
        f"/desk/venues/{unknown}/managers/{unknown}/remove",
        f"/desk/venues/{other.id}/benefits/{town.benefit.id}",
        f"/desk/devices/{unknown}/approve",
        f"/desk/devices/{unknown}/cut",
    ):
        assert (await desk.post(path, data=data)).status_code == 404, path
