"""What a manager reads of their own venue, does there, and never learns of another."""

import csv
import io
import re
from datetime import date, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from tests.desk.conftest import MANAGER, Open, follow, read
from tests.visits.conftest import Phone, Scanner, Town, flags, plan, stored

from estran.access import service as access
from estran.access.tables import Account
from estran.actor import SYSTEM, Actor, Role
from estran.desk import queries as desk_queries
from estran.errors import Conflict, NotFound
from estran.events import planning, sums, words
from estran.history import service as history
from estran.inbox import service as inbox
from estran.privacy import erasure
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.tables import Venue
from estran.venues.terms import Kind, Terms, Words
from estran.visits import arrivals, queries, service
from estran.visits.tables import Change

pytestmark = pytest.mark.anyio


def home(town: Town) -> str:
    return f"/venue/{town.museum.id}"


def code_on(page: str) -> str:
    found = re.search(r'<p class="code">(\S+)</p>', page)
    assert found is not None
    return found[1]


def table(page: str) -> list[str]:
    """The rows of the table of entries, without their tags."""
    rows = page.rsplit("<tbody>", maxsplit=1)[-1].split("</tbody>", maxsplit=1)[0].split("</tr>")
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows if row.strip()]


# --- the way in ---------------------------------------------------------------------------------


async def test_a_manager_lands_on_the_venues_page_and_never_at_the_desk(manager: httpx.AsyncClient, town: Town) -> None:
    for door in ("/desk", "/venue"):
        opened = await manager.get(door, follow_redirects=True)
        assert opened.url.path == home(town)
        assert opened.status_code == 200
    page = read(opened)
    assert "Musée" in page
    for hidden in ("/desk/people", "/desk/inbox", "/desk/venues", 'action="/desk/search"', "Retour au bureau"):
        assert hidden not in page
    refused = await manager.get(f"/desk/venues/{town.museum.id}")
    assert refused.status_code == 403
    assert "réservée à l’office" in read(refused)
    assert 'href="/venue"' in read(refused)


async def test_whoever_is_signed_out_comes_back_to_where_they_were_going(client: httpx.AsyncClient, town: Town) -> None:
    answer = await client.get(home(town))
    assert answer.headers["location"] == f"/desk/sign-in?next={home(town)}"
    page = read(await client.get(answer.headers["location"]))
    assert "Ouvrir la page de mon lieu" in page
    assert f'value="{home(town)}"' in page


async def test_whoever_runs_several_chooses(open_desk: Open, town: Town, abbey: Venue) -> None:
    browser = await open_desk(town.museum.id)
    await open_desk(abbey.id)  # the same address
    page = read(await browser.get("/venue"))
    assert f'href="{home(town)}"' in page
    assert f'href="/venue/{abbey.id}"' in page
    assert "Mes lieux" in read(await browser.get(home(town)))
    await venues.archive_venue(SYSTEM, abbey.id, "Fermé", now=town.clock())
    assert (await browser.get("/venue")).headers["location"] == home(town)
    assert (await browser.get(f"/venue/{abbey.id}")).status_code == 404


async def test_a_manager_of_nothing_is_told_whom_to_ask(open_desk: Open, town: Town) -> None:
    browser = await open_desk(town.museum.id)
    await venues.archive_venue(SYSTEM, town.museum.id, "Fermé", now=town.clock())
    assert "L’office peut vous aider." in read(await browser.get("/venue"))


async def test_an_officer_may_look_and_find_back(open_desk: Open, town: Town) -> None:
    desk = await open_desk()
    assert f'href="{home(town)}"' in read(await desk.get(f"/desk/venues/{town.museum.id}"))
    assert f'href="/desk/venues/{town.museum.id}"' in read(await desk.get(home(town)))


# --- the day and the month ----------------------------------------------------------------------


async def test_today_says_who_came_with_whom_for_what(
    manager: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    assert "Aucune entrée aujourd’hui." in read(await manager.get(home(town)))
    await till.hand_in(till.scan(camille.show(town.clock()), companions=2))
    page = read(await manager.get(home(town)))
    [row] = table(page)
    assert row.startswith("12 h 00 Camille V. Entrée gratuite 2 0 Comptée Annuler")
    assert "Varech" not in page


async def test_of_who_was_refused_the_reason_is_said_and_not_the_name(
    manager: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    await till.hand_in(
        till.scan(camille.show(town.clock()), outcome="refused", answer="refuse", reason="suspended", benefitId=None)
    )
    [row] = table(read(await manager.get(home(town))))
    assert "sans nom" in row
    assert "Refusée pass en pause" in row
    assert "Annuler" not in row


async def test_a_month_stands_beside_last_years(open_desk: Open, town: Town, till: Scanner, camille: Phone) -> None:
    await till.hand_in(till.scan(camille.show(town.clock()), companions=2))
    town.clock.advance(days=365)
    await till.hand_in(till.scan(camille.show(town.clock())))
    manager = await open_desk(town.museum.id)
    page = read(await manager.get(f"{home(town)}/month"))
    assert re.search(r"Entrées</th><td[^>]*>1</td><td[^>]*>1</td>", page)
    assert re.search(r"Personnes payantes amenées</th><td[^>]*>0</td><td[^>]*>2</td>", page)
    assert re.search(r"Entrée gratuite</th><td[^>]*>1</td>", page)
    past = read(await manager.get(f"{home(town)}/month?month=2026-06"))
    assert "Le mois : juin 2026" in past
    assert "Le mois : juin 2027" in read(await manager.get(f"{home(town)}/month?month=<b>&x=%00"))
    assert "Aucune entrée ce mois-là." in read(await manager.get(f"{home(town)}/month?month=2026-05"))


async def test_names_go_after_thirty_days(open_desk: Open, town: Town, till: Scanner, camille: Phone) -> None:
    await till.hand_in(till.scan(camille.show(town.clock())))
    address = f"{home(town)}/month?month=2026-06"
    town.clock.advance(days=29)
    assert "Camille V." in read(await (await open_desk(town.museum.id)).get(address))
    town.clock.advance(days=1)
    manager = await open_desk(town.museum.id)
    page = read(await manager.get(address))
    assert "Camille" not in page
    assert "15 juin 2026 à 12 h 00 sans nom" in table(page)[0]
    saved = await manager.post(f"{home(town)}/entries.csv", data={"month": "2026-06"})
    assert "Camille" not in saved.text


async def test_nobodys_name_is_left_after_an_erasure(
    manager: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    await till.hand_in(till.scan(camille.show(town.clock())))
    await erasure.erase(SYSTEM, camille.owner.id, by="officer", now=town.clock())
    page = read(await manager.get(home(town)))
    assert "Camille" not in page
    assert "sans nom" in table(page)[0]


async def test_nothing_of_another_venue_is_counted_or_listed(
    manager: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone, abbey: Venue
) -> None:
    there = await town.scanner(abbey)
    there.benefit = await venues.set_benefit(
        SYSTEM, abbey.id, None, Terms(kind=Kind.GIFT, gift=Words("Un galet", "A pebble")), now=town.clock()
    )
    await there.hand_in(there.scan(camille.show(town.clock()), companions=3))
    await till.hand_in(till.scan(camille.show(town.clock())))
    for part in ("", "/month", "/benefits", "/scanners"):
        page = read(await manager.get(home(town) + part))
        assert "Abbaye" not in page
        assert "galet" not in page
    assert len(table(read(await manager.get(f"{home(town)}/month")))) == 1


# --- the file -----------------------------------------------------------------------------------


async def test_a_month_is_saved_as_a_file_and_that_is_noted(
    manager: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    await till.hand_in(till.scan(camille.show(town.clock()), companions=2))
    answer = await manager.post(f"{home(town)}/entries.csv", data={"month": "2026-06"})
    assert answer.headers["content-disposition"] == 'attachment; filename="entrees-2026-06.csv"'
    assert answer.headers["cache-control"] == "no-store"
    names, line = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert names == ["Jour", "Heure", "Prénom", "Avantage", "Payants", "Invités", "Résultat", "Raison d’un refus"]
    assert line == ["2026-06-15", "12:00", "Camille V.", "Entrée gratuite", "2", "0", "Comptée", ""]
    noted = [(entry.action, dict(entry.details)) for entry in await history.entries_about(town.museum.id)]
    assert ("venue_page.save_entries", {"month": "2026-06"}) in noted


async def test_no_cell_calculates(manager: httpx.AsyncClient, town: Town, till: Scanner) -> None:
    evil = await town.ambassador("=1+1", "Varech")
    await till.hand_in(till.scan(evil.show(town.clock())))
    answer = await manager.post(f"{home(town)}/entries.csv", data={"month": "x"})
    assert ";'=1+1 V.;" in answer.content.decode("utf-8-sig")


# --- taking back --------------------------------------------------------------------------------


async def test_an_entry_is_taken_back_within_ten_minutes(
    manager: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    item = till.scan(camille.show(town.clock()), companions=2)
    await till.hand_in(item)
    address = f"{home(town)}/entries/{item['id']}/undo"
    town.clock.advance(minutes=10)
    assert "Annuler l’entrée de 12 h 00" in read(await manager.get(address))
    assert (await manager.post(address, data={"why": ""})).status_code == 422
    page = await follow(manager, await manager.post(address, data={"why": "Mauvais pass"}))
    assert "L’entrée est annulée." in page
    assert "Annulée" in table(page)[0]
    assert (await stored(item)).state == "cancelled"
    today = date(2026, 6, 15)
    assert (await queries.totals(today, today, town.museum.id)).visits == 0
    (entry,) = await history.entries_about(UUID(item["id"]))
    assert (entry.action, entry.why) == ("visits.undo", "Mauvais pass")
    assert await desk_queries.undone_at(await stored(item)) == town.clock()
    # twice is once, and so is the scanner's own
    await follow(manager, await manager.post(address, data={"why": "Encore"}))
    await till.hand_in(till.undo(item))
    town.clock.advance(minutes=30)
    await till.hand_in(till.undo(item))
    assert (await stored(item)).state == "cancelled"
    assert (await queries.totals(today, today, town.museum.id)).visits == 0
    assert await flags() == []
    assert len(await history.entries_about(UUID(item["id"]))) == 1


async def test_what_the_scanner_took_back_is_taken_back(
    manager: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    item = till.scan(camille.show(town.clock()))
    await till.hand_in(item, till.undo(item))
    address = f"{home(town)}/entries/{item['id']}/undo"
    assert "L’entrée est annulée." in await follow(manager, await manager.get(address))
    assert "L’entrée est annulée." in await follow(manager, await manager.post(address, data={"why": "x"}))
    assert await Change.count().where(Change.visit_id == UUID(item["id"])) == 1


async def test_later_the_office_corrects(manager: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone) -> None:
    item = till.scan(camille.show(town.clock()))
    await till.hand_in(item)
    town.clock.advance(minutes=10, seconds=1)
    address = f"{home(town)}/entries/{item['id']}/undo"
    assert address not in read(await manager.get(home(town)))
    assert "l’office peut encore corriger" in await follow(manager, await manager.get(address))
    assert "l’office peut encore corriger" in await follow(manager, await manager.post(address, data={"why": "x"}))
    assert (await stored(item)).state == "counted"


async def test_only_the_venues_own_visit_is_taken_back(town: Town, till: Scanner, camille: Phone, abbey: Venue) -> None:
    item = till.scan(camille.show(town.clock()), outcome="refused", answer="refuse", reason="quota_used")
    await till.hand_in(item)
    actor = Actor("account", uuid4(), frozenset({Role.MANAGER}), frozenset({town.museum.id}))
    with pytest.raises(NotFound):
        await service.undo_visit(actor, abbey.id, UUID(item["id"]), "x", now=town.clock())
    with pytest.raises(Conflict, match="nothing to cancel"):
        await service.undo_visit(actor, town.museum.id, UUID(item["id"]), "x", now=town.clock())


# --- what it gives ------------------------------------------------------------------------------


async def test_benefits_and_closures_are_said(manager: httpx.AsyncClient, town: Town) -> None:
    page = read(await manager.get(f"{home(town)}/benefits"))
    assert "Entrée gratuite" in page
    assert "Aucune fermeture prévue." in page
    await closures.add_closure(SYSTEM, town.museum.id, date(2026, 7, 1), date(2026, 7, 3), "Travaux", now=town.clock())
    page = read(await manager.get(f"{home(town)}/benefits"))
    assert "du 1er juillet 2026 au 3 juillet 2026 Travaux" in re.sub(r"<[^>]+>", "", page)
    sheet = read(await manager.get(f"{home(town)}/sheet"))
    assert "Scanner un pass en une minute" in sheet
    assert "/desk/venues" not in sheet


async def test_the_venue_notes_its_own_closures(manager: httpx.AsyncClient, town: Town, abbey: Venue) -> None:
    form, typed = f"{home(town)}/closures", {"first_on": "2026-06-20", "last_on": "2026-06-25", "closed_why": "Marée"}
    assert (await manager.post(form, data=typed | {"last_on": ""})).status_code == 422
    page = await follow(manager, await manager.post(form, data=typed))
    assert "du 20 juin 2026 au 25 juin 2026" in page
    assert "/desk/" not in page.replace("/desk/sign-out", "")
    theirs = await closures.add_closure(SYSTEM, abbey.id, date(2026, 7, 1), date(2026, 7, 2), "", now=town.clock())
    await manager.post(f"{form}/{theirs.id}/remove")
    assert len(await closures.closures_of(abbey.id)) == 1
    [own] = await closures.closures_of(town.museum.id)
    for _ in range(2):
        assert "Aucune fermeture prévue." in await follow(manager, await manager.post(f"{form}/{own.id}/remove"))


# --- scanners -----------------------------------------------------------------------------------


async def test_a_manager_pairs_approves_and_cuts_at_home(manager: httpx.AsyncClient, town: Town) -> None:
    page = read(await manager.post(f"{home(town)}/pairing", data={"kind": "poster"}))
    assert (await manager.post(f"{home(town)}/pairing", data={})).status_code == 422
    device = (await venues.pair(code_on(page), "Caisse", "phare", now=town.clock())).device
    assert "Un scanner attend votre accord." in read(await manager.get(home(town)))
    own = f"{home(town)}/devices/{device.id}"
    assert "Le scanner peut travailler." in await follow(manager, await manager.post(f"{own}/approve"))
    assert await inbox.open_items() == []
    assert "Couper le scanner « Caisse »" in read(await manager.get(f"{own}/cut"))
    assert (await manager.post(f"{own}/cut", data={"why": " "})).status_code == 422
    assert "1 ancien scanner, coupé" in await follow(manager, await manager.post(f"{own}/cut", data={"why": "Usé"}))
    assert "Ce scanner a été coupé." in await follow(manager, await manager.post(f"{own}/approve"))
    [poster] = await venues.open_pairings(town.museum.id, now=town.clock())
    for _ in range(2):
        ended = await manager.post(f"{home(town)}/pairings/{poster.id}/end")
        assert "Retirer l’affiche" not in await follow(manager, ended)
    entries = [(entry.action, entry.why) for entry in await history.entries_about(device.id)]
    assert ("venues.cut_device", "Usé") in entries


# --- what is not theirs -------------------------------------------------------------------------


async def test_others_and_nobodys_are_the_same_404(
    manager: httpx.AsyncClient, town: Town, camille: Phone, abbey: Venue
) -> None:
    """tests/test_matrix.py asks every route with a whole other venue; here the venue is one's own, what is named in it not."""
    there = await town.scanner(abbey)
    item = there.scan(camille.show(town.clock()), benefitId=None)
    await there.hand_in(item)
    secret = await venues.make_pairing(SYSTEM, abbey.id, reusable=True, lifetime=timedelta(days=1), now=town.clock())
    [poster] = await venues.open_pairings(abbey.id, now=town.clock())
    for part, theirs in (
        ("devices/{}/cut", there.device.id),
        ("devices/{}/approve", there.device.id),
        ("entries/{}/undo", item["id"]),
    ):
        for method in ("GET", "POST"):
            if (method, part) == ("GET", "devices/{}/approve"):
                continue
            answers = [
                await manager.request(method, f"{home(town)}/{part.format(one)}", data={"why": "x"})
                for one in (theirs, uuid4())
            ]
            assert [answer.status_code for answer in answers] == [404, 404], part
            assert answers[0].text == answers[1].text
    await manager.post(f"{home(town)}/pairings/{poster.id}/end")
    assert (await venues.pair(secret, "Autre", "phare", now=town.clock())).venue.id == abbey.id
    assert (await there.reload()).state == "active"
    assert (await stored(item)).state != "cancelled"


async def test_a_manager_who_was_removed_finds_a_closed_door(
    manager: httpx.AsyncClient, open_desk: Open, town: Town
) -> None:
    desk = await open_desk()
    [row] = [one for one in await _managers(town) if one.email == MANAGER]
    await desk.post(f"/desk/venues/{town.museum.id}/managers/{row.id}/remove", data={"why": "Partie"})
    assert (await manager.get(home(town))).headers["location"].startswith("/desk/sign-in")


async def _managers(town: Town) -> list[Account]:
    return await access.holders(Role.MANAGER, town.museum.id)


async def test_names_from_outside_are_escaped(manager: httpx.AsyncClient, town: Town, till: Scanner) -> None:
    evil = await town.ambassador("A&B", "Varech")
    await till.hand_in(till.scan(evil.show(town.clock())))
    assert "A&amp;B V." in (await manager.get(home(town))).text


# --- events -------------------------------------------------------------------------------------


async def test_a_venue_sees_how_many_are_expected_and_came_and_no_names(
    manager: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone
) -> None:
    assert "Aucun événement du club n’est prévu" in read(await manager.get(f"{home(town)}/events"))
    marin = await town.ambassador("Marin", "Galet")
    evening = await plan(town.museum, town.clock)
    await plan(town.museum, town.clock, is_open=False, title="Brouillon")
    for phone in (camille, marin):
        await evening.reply(phone, 1, town.clock)
    await till.hand_in(evening.arrive(till, camille, 1), till.scan(marin.show(town.clock())))
    page = read(await manager.get(f"{home(town)}/events"))
    slot = " ".join(words.when(evening.slot, ZoneInfo("Europe/Paris"), "fr").split())
    assert table(page) == [f"{slot} marée basse 20 4 2"]
    assert "Un ambassadeur est venu. Une personne était avec eux." in page
    assert "Brouillon" not in page
    assert "Camille" not in page
    today = read(await manager.get(home(town)))
    assert "Camille" not in today  # who came to the event is none of the venue's entries
    assert "Marin G." in today
    file = (await manager.post(f"{home(town)}/entries.csv", data={"month": "2026-06"})).text
    assert "Camille" not in file
    assert "Marin" in file
    await sums.forget_people(evening.event.id, await arrivals.present(evening.event.id), now=town.clock())
    await service.forget(camille.owner.id)
    page = read(await manager.get(f"{home(town)}/events"))
    assert table(page) == [f"{slot} marée basse 20 — —"]
    assert "Un ambassadeur est venu. Une personne était avec eux." in page
    await planning.cancel_event(SYSTEM, evening.event.id, "tempête", now=town.clock())
    assert "Annulé" in read(await manager.get(f"{home(town)}/events"))
    town.clock.advance(hours=4)
    assert "Passés" in read(await manager.get(f"{home(town)}/events"))
