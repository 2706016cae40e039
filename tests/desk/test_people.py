import re
from datetime import datetime
from uuid import uuid4

import httpx
import pytest

from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.history import service as history
from estran.mail import service as mail
from estran.passes import service as passes
from tests.conftest import FrozenClock
from tests.desk.conftest import follow, read
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio

CAMILLE = {
    "first_name": "Camille",
    "last_name": "Varech",
    "email": "camille@example.org",
    "begins_on": "2026-01-01",
    "ends_on": "2026-12-31",
}


async def add(desk: httpx.AsyncClient, **changes: str) -> str:
    """The address of a new person's page."""
    answer = await desk.post("/desk/people/new", data=CAMILLE | changes)
    assert answer.status_code == 303, read(answer)
    return str(answer.headers["location"]).partition("?")[0]


async def actions(subject: Ambassador) -> list[str]:
    return [entry.action for entry in await history.entries_about(subject.id)]


async def the_person() -> Ambassador:
    [person] = await club.ambassadors()
    return person


# --- the list ---------------------------------------------------------------------------------------------------------


async def test_an_empty_list_says_what_to_do_first(desk: httpx.AsyncClient) -> None:
    page = read(await desk.get("/desk/people"))
    assert "Personne pour le moment" in page
    assert "Ajouter un ambassadeur" in page


async def test_names_are_found_without_accents_and_in_any_order(desk: httpx.AsyncClient) -> None:
    await add(desk)
    await add(desk, first_name="Gaspard", last_name="Étoc", email="g@example.org")
    page = read(await desk.get("/desk/people", params={"q": "etoc GASP"}))
    assert "Étoc Gaspard" in page
    assert "Varech" not in page
    assert "Personne ne correspond." in read(await desk.get("/desk/people", params={"q": "<script>"}))


@pytest.mark.parametrize(
    ("begins_on", "ends_on", "state", "said"),
    [
        ("2026-01-01", "2026-12-31", "newcomer", "Nouveau"),
        ("2026-09-01", "2027-08-31", "not_begun", "À venir"),
        ("2025-01-01", "2026-06-14", "ended", "Sortant"),
    ],
)
async def test_the_list_says_where_a_mandate_stands(
    desk: httpx.AsyncClient, begins_on: str, ends_on: str, state: str, said: str
) -> None:
    await add(desk, begins_on=begins_on, ends_on=ends_on)
    page = read(await desk.get("/desk/people", params={"state": state}))
    assert re.search(rf'class="tag [^>]*>.*?{said}</span>', page)
    others = read(await desk.get("/desk/people", params={"state": "paused"}))
    assert "Personne ne correspond." in others


async def test_the_list_says_how_far_each_pass_is(desk: httpx.AsyncClient, camille: Phone, clock: FrozenClock) -> None:
    async def steps() -> list[str]:
        page = read(await desk.get("/desk/people"))
        return re.findall(r'<td data-name="Pass">([^<]*)</td>', page)

    address = await add(desk, last_name="Étoc", email="etoc@example.org")
    assert await steps() == ["Pas encore invité", "Pass sur le téléphone"]
    await desk.post(f"{address}/invite")
    assert (await steps())[0] == "Invité"
    person = next(person for person in await club.ambassadors() if str(person.id) in address)
    link = await access.invite(person.account_id, Realm.PASS, now=clock())
    await access.use_link(link, now=clock())
    assert (await steps())[0] == "Connecté, pass à installer"
    await passes.revoke(SYSTEM, camille.owner.id, "Perdu", now=clock())
    assert (await steps())[1] == "Pas encore invité"


# --- adding and editing -----------------------------------------------------------------------------------------------


async def test_adding_somebody_leads_to_their_page(desk: httpx.AsyncClient) -> None:
    page = await follow(desk, await desk.post("/desk/people/new", data=CAMILLE))
    assert "<h1>Camille Varech</h1>" in page
    assert "camille@example.org" in page
    assert "Mandat du 1er janvier 2026 au 31 décembre 2026" in page
    assert sorted(await actions(await the_person())) == ["club.add", "club.add_mandate"]


async def test_the_same_form_twice_adds_one_person(desk: httpx.AsyncClient) -> None:
    first = await desk.post("/desk/people/new", data=CAMILLE)
    second = await desk.post("/desk/people/new", data=CAMILLE)
    assert second.status_code == 303
    assert first.headers["location"].partition("?")[0] == second.headers["location"].partition("?")[0]
    assert len(await club.ambassadors()) == 1


async def test_bad_input_comes_back_as_typed_with_its_faults(desk: httpx.AsyncClient) -> None:
    typed = {"first_name": "<Camille>", "last_name": "", "email": "camille", "begins_on": "demain", "ends_on": "x"}
    answer = await desk.post("/desk/people/new", data=typed)
    page = read(answer)
    assert answer.status_code == 422
    assert "<title>À corriger : Ajouter un ambassadeur" in page
    assert 'value="<Camille>"' in page
    assert "&lt;Camille&gt;" in answer.text
    assert 'value="demain"' in page
    assert "4 points à corriger" in page
    assert 'tabindex="-1" autofocus' in page
    for field in ("last_name", "email", "begins_on", "ends_on"):
        assert re.search(
            rf'<input id="{field}"[^>]*aria-describedby="[^"]*{field}-fault"[^>]*aria-invalid="true"', page
        )
        assert f'id="{field}-fault"' in page
        assert f'<a href="#{field}">' in page
    assert await club.ambassadors() == []


async def test_a_mandate_that_ends_before_it_begins_is_a_fault_of_its_last_day(desk: httpx.AsyncClient) -> None:
    answer = await desk.post("/desk/people/new", data=CAMILLE | {"ends_on": "2025-01-01"})
    assert answer.status_code == 422
    assert "le dernier jour vient avant le premier" in read(answer)


async def test_an_address_in_use_is_a_fault_of_the_address(desk: httpx.AsyncClient) -> None:
    await add(desk)
    answer = await desk.post("/desk/people/new", data=CAMILLE | {"first_name": "Odile", "email": "CAMILLE@example.org"})
    assert answer.status_code == 422
    assert "un autre ambassadeur a déjà cette adresse" in read(answer)


@pytest.mark.parametrize("name", ["\x00", "a\u202eb", "x" * 61])
async def test_a_name_nobody_can_bear_is_a_fault(desk: httpx.AsyncClient, name: str) -> None:
    answer = await desk.post("/desk/people/new", data=CAMILLE | {"first_name": name})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "body",
    [b"", b"first_name=%FF%FE&last_name=%00", b"first_name=a&first_name=b", b"\xff\xfe", b"&" * 5000],
    ids=["empty", "no utf-8", "twice", "binary", "blanks"],
)
async def test_a_strange_body_is_a_fault_and_never_breaks(desk: httpx.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await desk.post("/desk/people/new", content=body, headers=headers)
    assert 400 <= answer.status_code < 500


async def test_editing_keeps_what_was_known_and_notes_what_changed(desk: httpx.AsyncClient) -> None:
    address = await add(desk)
    form = read(await desk.get(f"{address}/edit"))
    assert 'value="Varech"' in form
    changed = {"first_name": "Camille", "last_name": "Goémon", "email": "goemon@example.org"}
    page = await follow(desk, await desk.post(f"{address}/edit", data=changed))
    assert "Camille Goémon" in page
    assert "goemon@example.org" in page
    assert "Fiche modifiée (e-mail, nom)" in page
    assert "helene@example.org" in page


async def test_editing_refuses_as_adding_does(desk: httpx.AsyncClient) -> None:
    address = await add(desk)
    await add(desk, first_name="Odile", email="odile@example.org")
    taken = {"first_name": "Camille", "last_name": "Varech", "email": "odile@example.org"}
    answer = await desk.post(f"{address}/edit", data=taken)
    assert answer.status_code == 422
    assert 'value="odile@example.org"' in read(answer)
    assert (await desk.post(f"{address}/edit", data={})).status_code == 422


# --- mandates ---------------------------------------------------------------------------------------------------------


async def test_a_mandate_is_added_once_and_changed(desk: httpx.AsyncClient) -> None:
    address = await add(desk)
    term = {"begins_on": "2027-01-01", "ends_on": "2027-12-31"}
    assert "Mandat enregistré." in await follow(desk, await desk.post(f"{address}/mandates/new", data=term))
    await desk.post(f"{address}/mandates/new", data=term)
    person = await the_person()
    mandates = await club.mandates_of(person.id)
    assert len(mandates) == 2
    edit = f"{address}/mandates/{mandates[1].id}"
    assert 'value="2027-12-31"' in read(await desk.get(edit))
    page = await follow(desk, await desk.post(edit, data=term | {"ends_on": "2027-06-30"}))
    assert "30 juin 2027" in page
    assert "Mandat changé, du 1er janvier 2027 au 30 juin 2027" in page


async def test_a_mandate_ended_today_suspends_the_pass_at_the_scanners(
    desk: httpx.AsyncClient, camille: Phone, now: datetime
) -> None:
    before = (await passes.publish_status(now=now)).version
    [mandate] = await club.mandates_of(camille.owner.id)
    address = f"/desk/people/{camille.owner.id}/mandates/{mandate.id}"
    await desk.post(address, data={"begins_on": "2026-01-01", "ends_on": "2026-06-14"})
    assert (await passes.publish_status(now=now)).version == before + 1


@pytest.mark.parametrize("term", [{}, {"begins_on": "2027-01-01", "ends_on": "2026-01-01"}])
async def test_a_bad_mandate_comes_back(desk: httpx.AsyncClient, term: dict[str, str]) -> None:
    address = await add(desk)
    [mandate] = await club.mandates_of((await the_person()).id)
    for form in (f"{address}/mandates/new", f"{address}/mandates/{mandate.id}"):
        assert (await desk.post(form, data=term)).status_code == 422


async def test_a_mandate_of_somebody_else_is_not_found(desk: httpx.AsyncClient) -> None:
    first, second = await add(desk), await add(desk, first_name="Odile", email="odile@example.org")
    [mandate] = await club.mandates_of(next(p.id for p in await club.ambassadors() if str(p.id) in first))
    assert (await desk.get(f"{second}/mandates/{mandate.id}")).status_code == 404
    assert (await desk.post(f"{second}/mandates/{mandate.id}", data=CAMILLE)).status_code == 404


# --- invitation, code -------------------------------------------------------------------------------------------------


async def test_an_invitation_leaves_once_a_minute_and_opens_the_pass(
    desk: httpx.AsyncClient, clock: FrozenClock
) -> None:
    address = await add(desk)
    assert "L’invitation part." in await follow(desk, await desk.post(f"{address}/invite"))
    assert "une seule suffit" in await follow(desk, await desk.post(f"{address}/invite"))
    [letter] = await mail.letters()
    assert letter.to_email == "camille@example.org"
    link = re.search(r"/sign-in/([\w-]+)", letter.text)
    assert link is not None
    assert (await access.look_at_link(link[1], now=clock.advance(days=6))).realm == Realm.PASS
    clock.advance(minutes=-6 * 24 * 60 + 2)
    await desk.post(f"{address}/invite")
    assert len(await mail.letters()) == 2
    assert "Invitation envoyée" in read(await desk.get(address))


async def test_a_code_is_read_out_and_noted(desk: httpx.AsyncClient) -> None:
    address = await add(desk)
    assert "lisez-lui alors les six chiffres" in read(await desk.get(f"{address}/code"))
    answer = await desk.post(f"{address}/code")
    assert answer.status_code == 200
    assert re.search(r'class="code"[^>]*>\d{3} \d{3}<', read(answer))
    assert answer.headers["cache-control"] == "no-store"
    assert "Code donné de vive voix" in read(await desk.get(address))


# --- pause, revocation ------------------------------------------------------------------------------------------------


async def test_a_pause_wants_a_reason_and_reaches_the_scanners(
    desk: httpx.AsyncClient, camille: Phone, clock: FrozenClock
) -> None:
    address = f"/desk/people/{camille.owner.id}"
    before = (await passes.publish_status(now=clock())).version
    empty = await desk.post(f"{address}/pause", data={"why": " "})
    assert empty.status_code == 422
    assert "<h1>Mettre Camille Varech en pause</h1>" in read(await desk.get(f"{address}/pause"))
    page = await follow(desk, await desk.post(f"{address}/pause", data={"why": "Long voyage"}))
    assert "En pause" in page
    assert "<q>Long voyage</q>" in page
    assert (await passes.publish_status(now=clock())).version == before + 1
    await desk.post(f"{address}/pause", data={"why": "Encore"})
    assert (await actions(camille.owner)).count("club.pause") == 1
    page = await follow(desk, await desk.post(f"{address}/resume"))
    assert "La pause est finie." in page
    assert (await desk.post(f"{address}/resume")).status_code == 303
    assert (await actions(camille.owner)).count("club.resume") == 1
    assert (await passes.publish_status(now=clock())).version == before + 2


async def test_after_a_revocation_the_page_says_which_scanners_know(
    desk: httpx.AsyncClient, camille: Phone, till: Scanner, other_till: Scanner, clock: FrozenClock
) -> None:
    address = f"/desk/people/{camille.owner.id}"
    assert "Révoquer le pass" in read(await desk.get(address))
    assert (await desk.post(f"{address}/revoke", data={})).status_code == 422
    page = await follow(desk, await desk.post(f"{address}/revoke", data={"why": "Téléphone perdu"}))
    assert "0 scanner sur 2 le sait" in page
    assert "Pass révoqué" in page
    version = (await passes.publish_status(now=clock())).version
    await till.hand_in(statusVersion=version)
    assert "1 scanner sur 2 le sait" in read(await desk.get(address))
    # twice is once, and harmless without a pass
    assert (await desk.post(f"{address}/revoke", data={"why": "Encore"})).status_code == 303
    assert (await actions(camille.owner)).count("passes.revoke") == 1


# --- one person's visits ----------------------------------------------------------------------------------------------


async def test_opening_somebodys_visits_is_an_act_that_is_noted(
    desk: httpx.AsyncClient, camille: Phone, till: Scanner, clock: FrozenClock
) -> None:
    assert await till.state_of(till.scan(camille.show(clock()), companions=2)) == "counted"
    address = f"/desk/people/{camille.owner.id}"
    page, door = read(await desk.get(address)), read(await desk.get(f"{address}/visits"))
    assert "Musée" not in page
    assert "Musée" not in door
    assert "desk.open_visits" not in await actions(camille.owner)
    opened = read(await desk.post(f"{address}/visits"))
    assert "Cette consultation est notée" in opened
    assert re.search(
        r'<th scope="row" class="when">15 juin 2026 à 12 h 00</th>\s*<td>Musée</td>\s*<td><span class="tag tag-good">.*Comptée',
        opened,
    )
    assert (await actions(camille.owner)).count("desk.open_visits") == 1
    assert "Entrées consultées" in read(await desk.get(address))


async def test_no_visits_is_said(desk: httpx.AsyncClient) -> None:
    address = await add(desk)
    assert "Aucun scan de ce pass." in read(await desk.post(f"{address}/visits"))


# --- what is not there ------------------------------------------------------------------------------------------------


async def test_nobody_is_a_page_that_says_so(desk: httpx.AsyncClient) -> None:
    for person in (str(uuid4()), "x", "0", "..%2f"):
        for path in ("", "edit", "code", "visits", "pause", "revoke", "mandates/new", f"mandates/{uuid4()}"):
            answer = await desk.get(f"/desk/people/{person}/{path}".rstrip("/"))
            assert answer.status_code == 404, (person, path)
            assert answer.headers["content-type"].startswith("text/html")


async def test_acting_on_nobody_is_not_found(desk: httpx.AsyncClient) -> None:
    data = CAMILLE | {"why": "Parce que"}
    for path in ("invite", "pause", "resume", "revoke", "code", "visits", "edit", "mandates/new"):
        assert (await desk.post(f"/desk/people/{uuid4()}/{path}", data=data)).status_code == 404, path


async def test_a_form_sent_from_another_site_changes_nothing(desk: httpx.AsyncClient) -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
    answer = await desk.post("/desk/people/new", data=CAMILLE, headers=headers)
    assert answer.status_code == 403
    assert await club.ambassadors() == []


async def test_everything_is_there_in_english(desk: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    await club.pause(SYSTEM, camille.owner.id, "Travel", now=town.clock())
    page = read(await desk.get(f"/desk/people/{camille.owner.id}", params={"lang": "en"}))
    assert '<html lang="en">' in page
    assert "Paused" in page
    assert "How far the pass is" in page
    assert "Historique" not in page
    remembered = read(await desk.get("/desk/people"))
    assert "<h1>Ambassadors</h1>" in remembered
