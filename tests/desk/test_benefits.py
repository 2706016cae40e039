"""What a venue gives, at the desk: the guided form, its live answer, order, copies, versions, closures, the simulator."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import httpx
import pytest

from estran.actor import SYSTEM
from estran.club import circles
from estran.desk.benefit_examples import EXAMPLES
from estran.desk.benefit_form import values_of
from estran.history import service as history
from estran.venues import closures, groups, invited, proposals
from estran.venues import service as venues
from estran.venues.terms import PLAIN, Per, Quota, Scope, Span, Terms, Who
from tests.desk.conftest import Open, follow, read
from tests.desk.test_benefit_form import PROGRAMMES
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio

SUNDAYS = PROGRAMMES["free with one paying, twice a season, Sundays 14-18, closed in winter"]


def at(town: Town, path: str = "") -> str:
    return f"/desk/venues/{town.museum.id}{path}"


def form_of(town: Town) -> str:
    return at(town, f"/benefits/{town.benefit.id}")


# --- the form ---------------------------------------------------------------------------------------------------------


async def test_a_benefit_makes_its_own_sentence_once(desk: httpx.AsyncClient, town: Town) -> None:
    typed, terms = SUNDAYS
    page = await follow(desk, await desk.post(at(town, "/benefits/new"), data=typed))
    assert "2 fois par saison" in page
    assert "le dimanche de 14 h à 18 h" in page
    assert re.search(r'lang="en">Free entry with at least 1 paying person', page)
    await desk.post(at(town, "/benefits/new"), data=typed)
    assert [one.terms for one in await venues.benefits_of(town.museum.id)] == [town.benefit.terms, terms]


async def test_a_benefit_is_changed_under_a_new_version(desk: httpx.AsyncClient, town: Town) -> None:
    page = await follow(desk, await desk.post(form_of(town), data={"min_paying_companions": "1", "quota_n": "3"}))
    assert "Avantage changé" in page
    [benefit] = await venues.benefits_of(town.museum.id)
    assert (benefit.version, benefit.terms) == (2, Terms(min_paying_companions=1, quota=Quota(3)))
    page = read(await desk.get(form_of(town)))
    assert 'id="quota_n" name="quota_n" type="text" value="3"' in page


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("kind", "free_beer"),
        ("min_paying_companions", "-1"),
        ("quota_n", "deux"),
        ("quota_per", "season"),
        ("who", "circle"),
    ],
)
async def test_bad_terms_come_back_as_typed(desk: httpx.AsyncClient, town: Town, field: str, typed: str) -> None:
    for form in (at(town, "/benefits/new"), form_of(town)):
        answer = await desk.post(form, data={"quota_n": "2", "line_fr": "Bonjour", field: typed})
        assert answer.status_code == 422
        page = read(answer)
        assert "Un point à corriger" in page
        assert 'value="Bonjour"' in page
        assert 'class="fault"' in page
    assert [one.version for one in await venues.benefits_of(town.museum.id)] == [1]


async def test_a_row_more_and_a_look_keep_what_is_typed_and_save_nothing(desk: httpx.AsyncClient, town: Town) -> None:
    typed = {"season-0-first": "01/04", "season-0-last": "2/11", "quota_n": "zéro"}
    answer = await desk.post(at(town, "/benefits/new"), data=typed | {"add": "season"})
    page = read(answer)
    assert answer.status_code == 200
    assert 'id="season-1-first"' in page
    assert 'name="season-0-last" type="text" value="2/11"' in page
    assert re.search(r'<details class="part" id="part-when" open>', page)
    page = read(await desk.post(at(town, "/benefits/new"), data={"guests_max": "1", "add": "look"}))
    assert "Entrée gratuite, avec 1 personne invitée" in page
    assert len(await venues.benefits_of(town.museum.id)) == 1


async def test_the_live_answer_says_the_sentences_or_what_is_wrong(desk: httpx.AsyncClient, town: Town) -> None:
    answer = await desk.post(at(town, "/benefits/preview"), data=SUNDAYS[0])
    page = read(answer)
    assert answer.status_code == 200
    assert "<html" not in page
    assert page.count("Free entry with at least 1 paying person") == 3  # one for each reader
    assert re.search(r'<span id="summary-when"[^>]*data-hx-swap-oob="true">du 1er avril au 2 novembre', page)
    answer = await desk.post(at(town, "/benefits/preview"), data={"quota_n": "2", "quota_per": "season"})
    assert answer.status_code == 200
    assert re.search(r'<div id="quota_n-fault" data-hx-swap-oob="true"><p class="fault">', read(answer))
    assert len(await venues.benefits_of(town.museum.id)) == 1


@pytest.mark.parametrize("key", EXAMPLES)
async def test_one_may_begin_from_an_example(desk: httpx.AsyncClient, town: Town, key: str) -> None:
    page = read(await desk.get(at(town, f"/benefits/new?example={key}")))
    assert f'?example={key}" aria-current="true"' in page
    await follow(desk, await desk.post(at(town, "/benefits/new"), data=values_of(EXAMPLES[key])))
    assert EXAMPLES[key] in [one.terms for one in await venues.benefits_of(town.museum.id)]


async def test_a_circle_a_group_and_guests_are_chosen_by_name(
    desk: httpx.AsyncClient, town: Town, camille: Phone
) -> None:
    circle = await circles.set_circle(SYSTEM, None, "Photographes", [camille.owner.id], now=town.clock())
    group = await groups.set_group(SYSTEM, None, "Les musées", [town.museum.id], now=town.clock())
    page = read(await desk.get(at(town, "/benefits/new")))
    for said in ("Photographes", "Les musées", "Camille"):
        assert said in page
    typed = {"who": "circle", "circle_id": str(circle.id)}
    typed |= {"quota_n": "3", "quota_scope": "group", "group_id": str(group.id)}
    page = await follow(desk, await desk.post(at(town, "/benefits/new"), data=typed))
    assert "réservé au cercle « Photographes »" in page.lower() or "cercle « Photographes »" in page
    made = (await venues.benefits_of(town.museum.id))[-1]
    assert made.terms == Terms(who=Who.CIRCLE, circle_id=circle.id, quota=Quota(3, Per.YEAR, Scope.GROUP, group.id))
    person = f"invited-{camille.owner.id}"
    await desk.post(at(town, f"/benefits/{made.id}"), data={"who": "invited", person: "yes"})
    assert await invited.invited_to(made.id) == {camille.owner.id}
    assert re.search(rf'id="{person}"[^>]* checked', read(await desk.get(at(town, f"/benefits/{made.id}"))))
    await desk.post(at(town, f"/benefits/{made.id}"), data={"who": "all", person: "yes"})
    assert await invited.invited_to(made.id) == set()


async def test_the_same_benefit_for_other_guests_takes_it_from_nobody(
    desk: httpx.AsyncClient, town: Town, camille: Phone
) -> None:
    odile = await town.ambassador("Odile", "Marais")
    typed = [{"who": "invited", f"invited-{one.owner.id}": "yes"} for one in (camille, odile, odile)]
    for data in typed:
        await follow(desk, await desk.post(at(town, "/benefits/new"), data=data))
    made = [one.id for one in await venues.benefits_of(town.museum.id) if one.terms.who is Who.INVITED]
    assert [await invited.invited_to(one) for one in made] == [{camille.owner.id}, {odile.owner.id}]


# --- order, copies, the end, versions ---------------------------------------------------------------------------------


async def test_benefits_are_put_in_order(desk: httpx.AsyncClient, town: Town) -> None:
    second = await venues.set_benefit(SYSTEM, town.museum.id, None, Terms(guests_max=1), now=town.clock())
    page = await follow(desk, await desk.post(at(town, f"/benefits/{second.id}/up")))
    assert "L’ordre est changé." in page
    assert [one.id for one in await venues.benefits_of(town.museum.id)] == [second.id, town.benefit.id]
    for _ in range(2):
        await desk.post(at(town, f"/benefits/{second.id}/down"))
    assert [one.id for one in await venues.benefits_of(town.museum.id)] == [town.benefit.id, second.id]


async def test_a_benefit_is_copied_without_its_agreement(desk: httpx.AsyncClient, town: Town) -> None:
    form = at(town, f"/benefits/{town.benefit.id}/copy")
    assert "Il n’y a pas d’autre lieu." in read(await desk.get(form))
    other = await venues.add_venue(
        SYSTEM, name="Abbaye", commune="", address="", url="", contact_email="", now=town.clock()
    )
    terms = Terms(guests_max=2, agreed_by="La direction", agreed_on=date(2026, 1, 5))
    await venues.set_benefit(SYSTEM, town.museum.id, town.benefit.id, terms, now=town.clock())
    assert (await desk.post(form, data={"copy_to": str(town.museum.id)})).status_code == 422
    page = await follow(desk, await desk.post(form, data={"copy_to": str(other.id)}))
    assert "L’avantage est copié ici." in page
    assert [one.terms for one in await venues.benefits_of(other.id)] == [Terms(guests_max=2)]


async def test_a_benefit_is_withdrawn_once(desk: httpx.AsyncClient, town: Town) -> None:
    form = f"{form_of(town)}/end"
    assert "Les scanners ne le proposeront plus" in read(await desk.get(form))
    assert "L’avantage est retiré." in await follow(desk, await desk.post(form))
    assert (await desk.post(form)).status_code == 303
    assert (await desk.get(form)).status_code == 404
    assert await venues.benefits_of(town.museum.id) == []
    assert "Retiré le" in read(await desk.get(f"{form_of(town)}/versions"))


async def test_versions_say_what_changed_when_and_by_whom(desk: httpx.AsyncClient, town: Town) -> None:
    town.clock.advance(hours=1)
    await desk.post(form_of(town), data={"min_paying_companions": "1", "weekday-7": "yes"})
    page = read(await desk.get(f"{form_of(town)}/versions"))
    assert re.search(r"Version 2</h2>.*Version 1</h2>", page, re.DOTALL)
    assert "depuis le 15 juin 2026 à 13 h 00, par helene@example.org" in page
    assert "<ins>le dimanche</ins>" in page
    assert "La première version." in page


async def test_a_past_visit_keeps_the_sentence_it_was_judged_by(
    desk: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    visit = till.scan(camille.show(town.clock()))
    await till.hand_in(visit)
    await desk.post(form_of(town), data={"kind": "percentage", "percent": "20"})
    page = read(await desk.get(f"/desk/visits/{visit['id']}"))
    assert "Entrée gratuite" in page
    assert "(version 1, celle de ce jour-là)" in page
    assert "20 %" not in page


# --- closures ---------------------------------------------------------------------------------------------------------


async def test_a_closure_is_noted_said_and_removed(desk: httpx.AsyncClient, open_desk: Open, town: Town) -> None:
    form = at(town, "/closures")
    assert "Aucune fermeture prévue." in read(await desk.get(form))
    typed = {"first_on": "2026-06-10", "last_on": "30/06/2026", "closed_why": "Travaux"}
    for bad in ({"first_on": ""}, {"last_on": "2026-06-01"}, {"closed_why": "x" * 121}):
        assert (await desk.post(form, data=typed | bad)).status_code == 422
    assert "du 10 juin 2026 au 30 juin 2026" in await follow(desk, await desk.post(form, data=typed))
    for page in (at(town), "/desk/venues", "/partners"):
        assert "Fermé jusqu’au 30 juin 2026" in read(await desk.get(page))
    assert "Fermeture notée, du 10 juin 2026 au 30 juin 2026" in read(await desk.get(at(town)))
    manager = await open_desk(town.museum.id)
    assert (await manager.get(form)).status_code == 403
    [row] = await closures.closures_of(town.museum.id)
    for _ in range(2):
        await follow(desk, await desk.post(f"{form}/{row.id}/remove"))
    assert await closures.closures_of(town.museum.id) == []


# --- circles and groups -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), [("circles", "circle"), ("groups", "group")])
async def test_a_set_is_formed_changed_and_dissolved(
    desk: httpx.AsyncClient, town: Town, camille: Phone, name: str, kind: str
) -> None:
    member = camille.owner.id if name == "circles" else town.museum.id
    page = await follow(desk, await desk.post(f"/desk/{name}/new", data={"name": "Les uns", f"member-{member}": "yes"}))
    found = re.search(rf'href="(/desk/{name}/[0-9a-f-]{{36}})">Les uns</a> <span class="quiet">1 ', page)
    assert found is not None
    address = found[1]
    assert re.search(rf'id="member-{member}"[^>]* checked', read(await desk.get(address)))
    for bad in ("", "x" * 81):
        assert (await desk.post(address, data={"name": bad})).status_code == 422
    assert "déjà pris" in read(await desk.post(f"/desk/{name}/new", data={"name": "Les uns"}))
    assert "Les autres" in await follow(desk, await desk.post(address, data={"name": "Les autres"}))
    set_id = UUID(address.rsplit("/", 1)[1])
    quota = Quota(1, Per.YEAR, Scope.GROUP, set_id)
    terms = Terms(who=Who.CIRCLE, circle_id=set_id) if name == "circles" else Terms(quota=quota)
    await venues.set_benefit(SYSTEM, town.museum.id, town.benefit.id, terms, now=town.clock())
    assert "Un avantage en dépend" in await follow(desk, await desk.post(f"{address}/remove"))
    await venues.set_benefit(SYSTEM, town.museum.id, town.benefit.id, PLAIN, now=town.clock())
    for _ in range(2):
        assert "C’est dissous." in await follow(desk, await desk.post(f"{address}/remove"))
    assert (await desk.get(address)).status_code == 404
    assert {entry.subject_kind for entry in await history.entries_about(set_id)} == {kind}


async def test_what_a_proposal_waits_for_is_not_dissolved(desk: httpx.AsyncClient, town: Town) -> None:
    """Or it would be granted for nobody: its manager cannot see that the circle is gone."""
    circle = await circles.set_circle(SYSTEM, None, "Photographes", [], now=town.clock())
    group = await groups.set_group(SYSTEM, None, "Les musées", [town.museum.id], now=town.clock())
    quota = Quota(1, Per.YEAR, Scope.GROUP, group.id)
    wish = Terms(who=Who.CIRCLE, circle_id=circle.id, quota=quota)
    made = await proposals.propose(SYSTEM, town.museum.id, None, wish, "", now=town.clock())
    for address in (f"/desk/circles/{circle.id}", f"/desk/groups/{group.id}"):
        assert "une proposition qui attend" in await follow(desk, await desk.post(f"{address}/remove"))
    await proposals.decline(SYSTEM, made.id, "Non", now=town.clock())
    for address in (f"/desk/circles/{circle.id}", f"/desk/groups/{group.id}"):
        assert "C’est dissous." in await follow(desk, await desk.post(f"{address}/remove"))


async def test_a_group_keeps_its_archived_venues(desk: httpx.AsyncClient, town: Town) -> None:
    """They are not on the form; when they come back, and in what was counted there, they still belong to it."""
    abbey = await venues.add_venue(
        SYSTEM, name="Abbaye", commune="", address="", url="", contact_email="", now=town.clock()
    )
    group = await groups.set_group(SYSTEM, None, "Patrimoine", [town.museum.id, abbey.id], now=town.clock())
    await venues.archive_venue(SYSTEM, abbey.id, "Fermée", now=town.clock())
    await desk.post(f"/desk/groups/{group.id}", data={"name": "Les musées", f"member-{town.museum.id}": "yes"})
    assert await groups.members() == {group.id: {town.museum.id, abbey.id}}


# --- what would this venue give? --------------------------------------------------------------------------------------


async def ask(desk: httpx.AsyncClient, town: Town, **asked: str) -> str:
    question: Mapping[str, str] = {"who": "any", "day": "2026-06-21", "time": "15 h"} | asked
    return read(await desk.get(at(town, f"/try?{urlencode(question)}")))


async def test_the_simulator_answers_as_the_door_would(desk: httpx.AsyncClient, town: Town, camille: Phone) -> None:
    await venues.set_benefit(SYSTEM, town.museum.id, town.benefit.id, SUNDAYS[1], now=town.clock())
    acts = len(await history.latest(100))
    assert "Elle viendra ici." in read(await desk.get(at(town, "/try")))
    assert "L’accueil compte les personnes payantes." in await ask(desk, town)
    page = await ask(desk, town, companions="1")
    assert '<p class="verdict-word">C’est bon</p>' in page
    page = await ask(desk, town, companions="1", day="2026-06-22")
    assert '<p class="verdict-word">Tarif normal</p>' in page
    assert "Il reprend le dimanche 28 juin 2026, à 14 h." in page
    page = await ask(desk, town, who=f"person-{camille.owner.id}", companions="1", children="1", visits="2")
    assert "Avantage déjà utilisé 2 fois cette saison-là (2 au plus)." in page
    assert "Cet avantage ne dit rien des enfants." in page
    assert "une personne payante" in await ask(desk, town, companions="0")
    assert "Pass papier" in await ask(desk, town, companions="1", medium="paper")
    assert "C’est bon" in await ask(desk, town, companions="1", medium="paper", identity="yes")
    await closures.add_closure(SYSTEM, town.museum.id, date(2026, 6, 20), date(2026, 6, 25), "", now=town.clock())
    assert "fermé jusqu’au 25 juin 2026 inclus" in await ask(desk, town)
    assert "ne serait pas valable" in await ask(desk, town, who=f"person-{camille.owner.id}", day="2030-01-06")
    assert len(await history.latest(100)) == acts + 1  # the closure


async def test_the_simulator_offers_what_fits_too(desk: httpx.AsyncClient, town: Town) -> None:
    other = await venues.set_benefit(SYSTEM, town.museum.id, None, Terms(guests_max=1), now=town.clock())
    page = await ask(desk, town)
    found = re.search(rf'href="(\?[^"]*benefit={other.id})"', page)
    assert found is not None
    assert "avec 1 personne invitée" in read(await desk.get(at(town, f"/try{found[1]}"))).split("verdict-word")[1]


@pytest.mark.parametrize(
    "asked",
    [
        {"who": "nobody"},
        {"who": "person-x"},
        {"who": f"circle-{UUID(int=3)}"},
        {"day": "demain"},
        {"time": "25 h"},
        {"companions": "-1"},
        {"visits": "mille"},
        {"children": "x"},
    ],
)
async def test_a_bad_question_comes_back(desk: httpx.AsyncClient, town: Town, asked: dict[str, str]) -> None:
    answer = await desk.get(at(town, "/try?" + urlencode({"who": "any", "day": "2026-06-21", "time": "15 h"} | asked)))
    assert answer.status_code == 422
    assert "verdict-word" not in answer.text


# --- proposals --------------------------------------------------------------------------------------------------------


async def test_a_manager_proposes_and_the_officer_accepts(desk: httpx.AsyncClient, open_desk: Open, town: Town) -> None:
    manager = await open_desk(town.museum.id)
    mine = f"/venue/{town.museum.id}"
    assert (await manager.get(f"{mine}/benefits/new")).status_code == 200
    page = read(await manager.get(f"{mine}/benefits/{town.benefit.id}"))
    assert "Camille" not in page
    assert 'id="part-who"' not in page
    answer = await manager.post(f"{mine}/benefits/preview", data={"guests_max": "1"})
    assert "avec 1 personne invitée" in read(answer)
    assert (await manager.post(f"{mine}/benefits/{town.benefit.id}", data={"percent": "20"})).status_code == 422
    typed = {"guests_max": "1", "who": "certified", "proposal_note": "Dès cet été"}
    page = await follow(manager, await manager.post(f"{mine}/benefits/{town.benefit.id}", data=typed))
    assert "La proposition part à l’office." in page
    assert "En attente de l’office" in page
    assert [one.terms for one in await venues.benefits_of(town.museum.id)] == [town.benefit.terms]

    found = re.search(r'href="(/desk/proposals/[0-9a-f-]{36})"', read(await desk.get("/desk/inbox")))
    assert found is not None
    page = read(await desk.get(found[1]))
    assert "<q>Dès cet été</q>" in page
    assert "<ins>avec 1 personne invitée</ins>" in page
    assert (await desk.post(f"{found[1]}/decline", data={"proposal_why": ""})).status_code == 422
    page = await follow(desk, await desk.post(f"{found[1]}/accept"))
    assert "C’est accepté" in page
    [benefit] = await venues.benefits_of(town.museum.id)
    assert (benefit.version, benefit.terms) == (2, Terms(guests_max=1)), "for whom it is stays the office's"
    assert "a déjà sa réponse" in await follow(desk, await desk.post(f"{found[1]}/accept"))
    assert "Acceptée" in read(await manager.get(f"{mine}/benefits"))


async def test_a_proposal_is_declined_with_a_word_or_withdrawn(
    desk: httpx.AsyncClient, open_desk: Open, town: Town
) -> None:
    manager, mine = await open_desk(town.museum.id), f"/venue/{town.museum.id}"
    await manager.post(f"{mine}/benefits/new", data={"kind": "percentage", "percent": "20"})
    found = re.search(r'href="(/desk/proposals/[0-9a-f-]{36})"', read(await desk.get("/desk/inbox")))
    assert found is not None
    data = {"proposal_why": "Pas cette saison"}
    page = await follow(desk, await desk.post(f"{found[1]}/decline", data=data))
    assert "C’est décliné." in page
    assert (await desk.post(f"{found[1]}/decline", data=data)).headers["location"].endswith("proposal_answered")
    assert "<q>Pas cette saison</q>" in read(await manager.get(f"{mine}/benefits"))
    await manager.post(f"{mine}/benefits/new", data={"guests_max": "2"})
    withdraw = re.search(r'action="([^"]*/withdraw)"', read(await manager.get(f"{mine}/benefits")))
    assert withdraw is not None
    assert "La proposition est retirée." in await follow(manager, await manager.post(withdraw[1]))
    assert "a déjà sa réponse" in await follow(manager, await manager.post(withdraw[1]))
    assert "/desk/proposals/" not in read(await desk.get("/desk/inbox"))


async def test_another_venues_proposals_are_not_there(open_desk: Open, town: Town) -> None:
    other = await venues.add_venue(
        SYSTEM, name="Abbaye", commune="", address="", url="", contact_email="", now=town.clock()
    )
    stranger = await open_desk(other.id, "ulysse@example.org")
    mine = f"/venue/{town.museum.id}"
    for path in ("/benefits", "/benefits/new", f"/benefits/{town.benefit.id}"):
        assert (await stranger.get(f"{mine}{path}")).status_code == 404
    for path in ("/benefits/new", "/benefits/preview", f"/benefits/{town.benefit.id}"):
        assert (await stranger.post(f"{mine}{path}", data={})).status_code == 404
    assert (await stranger.get(f"/venue/{other.id}/benefits/{town.benefit.id}")).status_code == 404


async def test_what_is_not_there_says_so(desk: httpx.AsyncClient, town: Town) -> None:
    unknown = UUID(int=9)
    for path in ("", "/end", "/copy", "/versions"):
        assert (await desk.get(at(town, f"/benefits/{unknown}{path}"))).status_code == 404
    for path in ("", "/end", "/copy", "/up", "/down"):
        assert (await desk.post(at(town, f"/benefits/{unknown}{path}"))).status_code == 404
    for path in (f"/desk/venues/{unknown}/try", f"/desk/venues/{unknown}/closures", f"/desk/proposals/{unknown}"):
        assert (await desk.get(path)).status_code == 404
    assert (await desk.post(f"/desk/venues/{unknown}/benefits/preview")).status_code == 404


def test_dates_of_this_file_are_what_they_claim() -> None:
    assert date(2026, 6, 21).isoweekday() == 7
    assert datetime(2026, 6, 15, tzinfo=UTC) + timedelta(days=6) == datetime(2026, 6, 21, tzinfo=UTC)
    assert Span("04-01", "11-02") in SUNDAYS[1].seasons
