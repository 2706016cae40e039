"""Events at the desk, from the idea to the figures, and what the inbox says of them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from estran.actor import SYSTEM
from estran.club import manifesto
from estran.club import service as club
from estran.events import news, replies, watch
from estran.events import service as events
from estran.events.tables import Event, News
from estran.inbox import service as inbox
from estran.passes.keys import Issuer
from estran.privacy import erasure
from estran.visits import arrivals
from tests.access.letters import HEAD
from tests.conftest import MONDAY, ORIGIN, FrozenClock
from tests.desk.conftest import Open, follow, read
from tests.desk.test_settings_page import HOUSE
from tests.visits.conftest import Phone, Scanner, Town, plan

pytestmark = pytest.mark.anyio

NAMES = ("Anselme", "Brune", "Colin", "Dorine")


@dataclass
class Club:
    """Four ambassadors and the officer's browser."""

    open_desk: Open
    desk: httpx.AsyncClient
    clock: FrozenClock
    people: dict[str, UUID]

    def typed(self, **more: str) -> dict[str, str]:
        """A form as an officer fills it in: in ten days, for ten heads."""
        return {
            "title": "Visite du phare",
            "place": "Au pied du phare",
            "who": "all",
            "guests_max": "1",
            "slot.0.day": "2026-06-25",
            "slot.0.starts": "14:00",
            "slot.0.ends": "16 h",
            "slot.0.capacity": "3",
        } | more

    async def drafted(self, **more: str) -> Event:
        answer = await self.desk.post("/desk/events/new", data=self.typed(**more))
        assert answer.status_code == 303, read(answer)
        return await events.event(UUID(answer.headers["location"].split("/")[3]))

    async def at(self, instant: str) -> None:
        """It is later, and the officer signs in again."""
        self.clock.now = datetime.fromisoformat(instant)
        self.desk = await self.open_desk()

    async def opened(self, **more: str) -> Event:
        row = await self.drafted(**more)
        await follow(self.desk, await self.desk.post(f"/desk/events/{row.id}/send", data={"when": "digest"}))
        return await events.event(row.id)

    async def says(self, row: Event, name: str, guests: int = 0, *, coming: bool = True) -> None:
        [slot, *_] = await events.slots_of(row.id)
        await replies.reply(
            SYSTEM, row.id, self.people[name], coming=coming, slot_id=slot.id, guests=guests, now=self.clock()
        )

    async def page(self, row: Event, more: str = "") -> str:
        return read(await self.desk.get(f"/desk/events/{row.id}{more}"))


@pytest.fixture
async def troupe(open_desk: Open, clock: FrozenClock) -> Club:
    people = {}
    for name in NAMES:
        row = await club.add_ambassador(
            SYSTEM,
            first_name=name,
            last_name="Goëmon",
            email=f"{name.lower()}@example.org",
            begins_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
            now=clock(),
        )
        people[name] = row.id
    return Club(open_desk, await open_desk(), clock, people)


def faults_of(page: str) -> set[str]:
    return set(re.findall(r'<p class="fault" id="([^"]+)-fault"', page))


# --- the form ---------------------------------------------------------------------------------------------------------


async def test_from_an_idea_to_invitations_in_three_pages(troupe: Club) -> None:
    await club.pause(SYSTEM, troupe.people["Dorine"], "Voyage", now=MONDAY)
    answer = await troupe.desk.post("/desk/events/new", data=troupe.typed())
    preview = await follow(troupe.desk, answer)
    assert "Anselme Goëmon, Brune Goëmon, Colin Goëmon</p>" in preview
    assert re.search(r"Dorine Goëmon <span[^>]*>n’est pas invité en ce moment : en pause", preview)
    assert "mardi 16 juin 2026 à 10 h 00" in preview.replace("\u202f", " "), "the next digest"
    [row] = await events.events()
    assert row.reply_by == datetime.fromisoformat("2026-06-23T18:00+02:00"), (
        "two days before, unless somebody says more"
    )
    page = await follow(troupe.desk, await troupe.desk.post(answer.headers["location"], data={"when": "now"}))
    assert "3 personnes n’ont pas répondu" in page
    assert "Dorine" not in page
    await club.resume(SYSTEM, troupe.people["Dorine"], now=MONDAY)
    assert "Inviter aussi 1 personne arrivée depuis" in await troupe.page(row)
    again = await follow(troupe.desk, await troupe.desk.post(f"/desk/events/{row.id}/send"))
    assert "4 personnes n’ont pas répondu" in again


async def test_a_faulty_form_says_so_beside_its_fields_and_loses_nothing(troupe: Club) -> None:
    typed = troupe.typed(
        **{
            "title": "",
            "place": "",
            "bring": "Des bottes",
            "who": "picked",
            "slot.0.ends": "12:00",
            "slot.0.capacity": "peu",
            "slot.1.day": "2026-06-01",
            "slot.1.starts": "25 h",
            "slot.1.note": "Marée basse",
            "reply_by_day": "2026-06-30",
        }
    )
    answer = await troupe.desk.post("/desk/events/new", data=typed)
    page = read(answer)
    assert answer.status_code == 422
    assert faults_of(page) == {
        "title", "place", "picked", "slot.0.ends", "slot.0.capacity", "slot.1.starts", "slot.1.ends", "reply_by_day",
    }  # fmt: skip
    for kept in ("Des bottes", 'value="peu"', 'value="25 h"', "Marée basse", 'value="2026-06-30"'):
        assert kept in page
    assert '<a href="#slot.1.starts">Créneau 2, Début</a>' in page
    assert await events.events() == []


async def test_what_an_event_may_do_without_is_folded_away_until_it_says_something(troupe: Club) -> None:
    def opened_groups(page: str) -> list[bool]:
        return ["open" in found for found in re.findall(r'<details class="part"([^>]*)>', page)]

    assert opened_groups(read(await troupe.desk.get("/desk/events/new"))) == [False] * 3
    typed = {"title": "", "guests_max": "9", "place_en": "The pier"}
    assert opened_groups(read(await troupe.desk.post("/desk/events/new", data=typed))) == [False, True, True]
    row = await troupe.drafted(access="Trois marches", access_en="Three steps")
    assert opened_groups(await troupe.page(row, "/edit")) == [True, True, True]
    assert '<dd class="typed" lang="en">Three steps</dd>' in await troupe.page(row)


async def test_slots_come_and_go_by_buttons_without_anything_being_kept(troupe: Club) -> None:
    more = read(await troupe.desk.post("/desk/events/new", data=troupe.typed(act="more")))
    assert "Créneau 2" in more
    assert faults_of(more) == set()
    typed = troupe.typed(**{"slot.1.day": "2026-06-26", "slot.1.note": "Le lendemain", "act": "drop.0"})
    less = read(await troupe.desk.post("/desk/events/new", data=typed))
    assert "Créneau 2" not in less
    assert "Le lendemain" in less
    assert "14:00" not in less
    assert await events.events() == []


async def test_an_event_is_changed_and_copied(troupe: Club) -> None:
    row = await troupe.opened(
        who="picked", **{f"pick-{troupe.people['Brune']}": "yes", "slot.0.ends": "0 h 30", "slot.0.starts": "22:00"}
    )
    [slot] = await events.slots_of(row.id)
    assert slot.ends_at - slot.starts_at == timedelta(hours=2, minutes=30)
    form = await troupe.page(row, "/edit")
    for kept in (
        "Visite du phare",
        'value="22:00"',
        'value="00:30"',
        f'name="pick-{troupe.people["Brune"]}" value="yes" checked',
    ):
        assert kept in form
    typed = troupe.typed(title="Le phare, la nuit", who="picked", **{f"pick-{troupe.people['Brune']}": "yes"})
    typed |= {"slot.0.id": str(slot.id), "slot.0.starts": "21:00", "reply_by_day": "2026-06-24"}
    typed["slot.0.ends"] = "23:00"
    page = await follow(troupe.desk, await troupe.desk.post(f"/desk/events/{row.id}/edit", data=typed))
    assert "<h1>Le phare, la nuit</h1>" in page
    assert "Événement changé (titre, date limite de réponse, créneaux)" in page
    typed |= {"who": "all", f"pick-{troupe.people['Colin']}": "yes"}
    more = await follow(troupe.desk, await troupe.desk.post(f"/desk/events/{row.id}/edit", data=typed))
    assert "Inviter aussi 1 personne arrivée depuis" in more, (
        "whom it is for stays as it was sent; who is picked may grow"
    )
    copy = read(await troupe.desk.get("/desk/events/new", params={"copy": str(row.id)}))
    assert 'value="Le phare, la nuit"' in copy
    assert 'value="21:00"' in copy
    assert "2026-06-25" not in copy
    assert len(await events.events()) == 1


async def test_a_slot_that_people_replied_for_goes_once_the_officer_knows_how_many(troupe: Club) -> None:
    second = {"slot.1.day": "2026-06-26", "slot.1.starts": "14:00", "slot.1.ends": "16:00"}
    row = await troupe.opened(**second)
    _, other = await events.slots_of(row.id)
    for name in ("Anselme", "Brune"):
        await troupe.says(row, name)
    left = troupe.typed(
        about="Une phrase <longue>",
        reply_by_day="2026-06-23",
        **{"slot.0.id": str(other.id), "slot.0.day": "2026-06-26"},
    )
    address = f"/desk/events/{row.id}/edit"
    page = read(await troupe.desk.post(address, data=left))
    assert faults_of(page) == {"releases"}
    assert "2 personnes avaient répondu pour ce créneau. Elles reçoivent un e-mail et choisissent de nouveau." in page
    assert '<a href="#releases">Oui, retirer le créneau</a>' in page
    assert 'name="releases" value="2" aria-describedby' in page
    assert "Une phrase <longue>" in page, "nothing that was typed is lost"
    await troupe.says(row, "Colin")
    page = read(await troupe.desk.post(address, data=left | {"releases": "2"}))
    assert "3 personnes avaient répondu" in page
    assert "checked" not in page.partition('name="releases"')[2].partition(">")[0]
    assert faults_of(read(await troupe.desk.post(address, data=left | {"releases": "beaucoup"}))) == {"releases"}
    assert len(await events.slots_of(row.id)) == 2
    page = await follow(troupe.desk, await troupe.desk.post(address, data=left | {"releases": "3"}))
    assert "Créneau retiré, réponses à redonner : 3" in page
    assert "4 personnes n’ont pas répondu" in page
    assert [one.id for one in await events.slots_of(row.id)] == [other.id]


# --- its life ---------------------------------------------------------------------------------------------------------


async def test_the_digest_after_the_deadline_is_not_waited_for(troupe: Club) -> None:
    row = await troupe.drafted(reply_by_day="2026-06-16", reply_by_time="09:00")
    preview = await troupe.page(row, "/send")
    assert "viendrait trop tard" in preview
    assert 'value="digest"' not in preview


async def test_a_draft_without_a_deadline_gets_it_where_it_is_sent(troupe: Club) -> None:
    row = await troupe.drafted()
    await Event.update({Event.reply_by: None}).where(Event.id == row.id)
    assert 'name="reply_by_day" type="date" value="2026-06-23"' in await troupe.page(row, "/send"), "what is usual"
    for typed, faulty in (
        ({"reply_by_day": "2026-06-26"}, "reply_by_day"),
        ({"reply_by_time": "25 h"}, "reply_by_time"),
    ):
        answer = await troupe.desk.post(f"/desk/events/{row.id}/send", data=typed | {"when": "now"})
        assert (answer.status_code, faults_of(read(answer))) == (422, {faulty})
        assert 'name="when" value="now" checked' in read(answer)
    assert (await events.event(row.id)).opened_at is None
    typed = {"reply_by_day": "2026-06-24", "reply_by_time": "12 h", "when": "digest"}
    page = await follow(troupe.desk, await troupe.desk.post(f"/desk/events/{row.id}/send", data=typed))
    assert "Réponse souhaitée avant le 24 juin 2026 à 12 h 00" in page
    assert "Événement changé (date limite de réponse)" in page


async def test_until_the_e_mails_leave_the_invitations_are_ready_and_not_sent(troupe: Club, tmp_path: Path) -> None:
    row = await troupe.drafted()
    sent = await troupe.desk.post(f"/desk/events/{row.id}/send", data={"when": "digest"})
    ready = "Invitations prêtes, e-mails le mardi 16 juin à 10 h 00"
    page = await follow(troupe.desk, sent)
    assert "Les e-mails partent le mardi 16 juin à 10 h 00." in page
    for shown in (page, read(await troupe.desk.get("/desk/events"))):
        assert (ready in shown, "Invitations envoyées" in shown) == (True, False)
    await troupe.at("2026-06-16T10:00+02:00")
    assert "Invitations prêtes, e-mails dans un instant" in await troupe.page(row)
    await news.send_due(Issuer(ORIGIN, tmp_path / "keys"), HEAD, now=troupe.clock())
    assert "Invitations envoyées" in await troupe.page(row)


async def test_another_hour_of_the_clubs_e_mails_moves_what_waits_for_it(troupe: Club) -> None:
    row = await troupe.drafted()
    await troupe.desk.post(f"/desk/events/{row.id}/send", data={"when": "digest"})
    await troupe.desk.post("/desk/settings", data=HOUSE | {"digest_weekday": "3", "digest_hour": "18"})
    assert "Invitations prêtes, e-mails le mercredi 17 juin à 18 h 00" in await troupe.page(row)


async def test_the_page_says_who_comes_who_waits_and_who_is_silent(troupe: Club) -> None:
    row = await troupe.opened()
    await troupe.says(row, "Anselme", guests=1)
    await troupe.says(row, "Brune", guests=1)
    troupe.clock.advance(minutes=1)
    await troupe.says(row, "Colin", coming=False)
    phone = f"/desk/events/{row.id}/people/{troupe.people['Dorine']}"
    [slot] = await events.slots_of(row.id)
    said = await troupe.desk.post(phone, data={"said": str(slot.id), "guests": "1"})
    page = await follow(troupe.desk, said)
    assert "la personne est sur la liste d’attente" in page
    assert "2 places prises sur 3" in page
    assert re.search(r"1\. <a[^>]*>Brune Goëmon</a>.*2\. <a[^>]*>Dorine Goëmon</a>", page, re.DOTALL)
    assert "1 personne ne vient pas" in page
    assert page.count("Donner une place de plus<") == 2, "one is left, and each comes with somebody"
    assert faults_of(read(await troupe.desk.post(phone, data={}))) == {"said"}
    given = await troupe.desk.post(f"{phone}/place")
    assert "2 ambassadeurs viennent" in await follow(troupe.desk, given)
    listed = await troupe.page(row, "/door-list")
    assert listed.index("Anselme Goëmon") < listed.index("Dorine Goëmon") < listed.index("liste d’attente, rang 1")
    file = await troupe.desk.post(f"/desk/events/{row.id}/people.csv")
    assert file.content.decode("utf-8-sig").splitlines()[1].startswith("Anselme Goëmon;vient;25 juin 2026")


async def test_who_telephones_after_the_deadline_is_noted(troupe: Club) -> None:
    row = await troupe.opened()
    await troupe.says(row, "Anselme", guests=1)
    [slot] = await events.slots_of(row.id)
    await troupe.at("2026-06-24T10:00+02:00")
    assert "notez-le : c’est toujours possible" in await troupe.page(row)
    phone = f"/people/{troupe.people['Brune']}"
    assert "Les réponses sont closes" in await troupe.page(row, phone)
    said = await troupe.desk.post(f"/desk/events/{row.id}{phone}", data={"said": str(slot.id)})
    assert "La réponse est notée." in await follow(troupe.desk, said)
    assert (await replies.invitee(row.id, troupe.people["Brune"])).reply == "coming"
    full = await troupe.desk.post(f"/desk/events/{row.id}/people/{troupe.people['Colin']}", data={"said": str(slot.id)})
    assert "Donner une place de plus<" in await follow(troupe.desk, full)


async def test_a_cancellation_says_how_many_are_told_and_wants_a_reason(troupe: Club) -> None:
    row = await troupe.opened()
    await troupe.says(row, "Colin", coming=False)
    assert "3 personnes invitées qui n’ont pas décliné" in await troupe.page(row, "/cancel")
    assert faults_of(read(await troupe.desk.post(f"/desk/events/{row.id}/cancel", data={"why": " "}))) == {"why"}
    page = await follow(
        troupe.desk, await troupe.desk.post(f"/desk/events/{row.id}/cancel", data={"why": "Avis de tempête"})
    )
    assert "<q>Avis de tempête</q>" in page
    for act in ("edit", "send", "cancel"):
        assert "rien n’a été changé" in await follow(troupe.desk, await troupe.desk.get(f"/desk/events/{row.id}/{act}"))


async def test_a_draft_goes_and_a_sent_event_stays(troupe: Club) -> None:
    draft = await troupe.drafted()
    assert "Le brouillon est supprimé." in await follow(
        troupe.desk, await troupe.desk.post(f"/desk/events/{draft.id}/remove")
    )
    sent = await troupe.opened()
    await troupe.desk.post(f"/desk/events/{sent.id}/remove")
    assert [row.id for row in await events.events()] == [sent.id]


# --- afterwards -------------------------------------------------------------------------------------------------------


async def test_who_came_is_ticked_once_and_summed_up(troupe: Club) -> None:
    row = await troupe.opened()
    for name in ("Anselme", "Brune"):
        await troupe.says(row, name)
    await troupe.at("2026-06-25T20:00+02:00")
    await watch.events_watch(now=troupe.clock())
    assert "Visite du phare a eu lieu : qui est venu ?" in read(await troupe.desk.get("/desk/inbox"))
    people = troupe.people
    ticks = {f"came-{people['Anselme']}": "yes", f"guests-{people['Anselme']}": "1", f"came-{people['Colin']}": "yes"}
    [slot] = await events.slots_of(row.id)
    everybody = read(await troupe.desk.post(f"/desk/events/{row.id}/came", data={"act": f"all-{slot.id}"}))
    assert [everybody.count(f'name="came-{people[name]}" value="yes" checked') for name in NAMES] == [1, 1, 0, 0]
    noted = await follow(
        troupe.desk, await troupe.desk.post(f"/desk/events/{row.id}/came", data=ticks | {"act": "note"})
    )
    assert f'name="came-{people["Colin"]}" value="yes" checked' in noted
    assert f'name="came-{people["Brune"]}" value="yes">' in noted
    page = await follow(
        troupe.desk, await troupe.desk.post(f"/desk/events/{row.id}/came", data=ticks | {"thanks": "Merci !"})
    )
    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd></div>", page))
    assert figures == {
        "invités": "4",
        "avaient dit oui": "2",
        "ambassadeurs venus": "2",
        "accompagnants": "1",
        "absents sans prévenir": "1",
        "d’absents parmi les oui": "50 %",
    }
    assert "2 ambassadeurs avaient dit oui" in page
    assert re.findall(r"(\w+) Goëmon <span[^>]*>· absence<", page) == ["Brune"]
    assert "Avaient dit oui : 2." in read(await troupe.desk.get("/desk/events/"))
    await erasure.erase(SYSTEM, troupe.people["Brune"], by="officer", now=troupe.clock())
    assert "Avaient dit oui : 2." in read(await troupe.desk.get("/desk/events/"))
    assert await inbox.open_items() == []
    assert re.search(r'<th scope="row">2026</th><td[^>]*>1</td><td[^>]*>4<', read(await troupe.desk.get("/desk/")))


async def test_each_day_of_an_event_is_ticked_by_itself(troupe: Club) -> None:
    more = {"slot.1.day": "2026-06-26", "slot.1.starts": "14:00", "slot.1.ends": "16:00"}
    row = await troupe.opened(**more)
    first, second = await events.slots_of(row.id)
    for name, slot in zip(NAMES, (first, first, second, second), strict=True):
        person = troupe.people[name]
        await replies.reply(SYSTEM, row.id, person, coming=True, slot_id=slot.id, now=troupe.clock())
    await troupe.at("2026-06-25T15:00+02:00")
    form = await troupe.page(row, "/came")
    assert form.index("Anselme Goëmon") < form.index("vendredi 26 juin 2026") < form.index("Colin Goëmon")
    ticked = read(await troupe.desk.post(f"/desk/events/{row.id}/came", data={"act": f"all-{first.id}"}))
    assert [ticked.count(f'name="came-{troupe.people[name]}" value="yes" checked') for name in NAMES] == [1, 1, 0, 0]


async def test_who_has_still_to_sign_is_left_out_for_the_true_reason(troupe: Club) -> None:
    draft = await manifesto.save_draft(SYSTEM, title="Charte", body="Nous accueillons.", is_major=True, now=MONDAY)
    await manifesto.publish(SYSTEM, draft.id, effective_on=MONDAY.date(), now=MONDAY)
    row = await troupe.drafted(**{"who": "picked", f"pick-{troupe.people['Anselme']}": "yes"})
    page = await troupe.page(row, "/send")
    assert "1 personne sera invitée" in page
    assert re.search(r"Brune Goëmon <span[^>]*>n’est pas choisi<", page), "she may be picked, though she has not signed"


async def test_what_a_scanner_saw_is_ticked_and_summed_up_with_one_click(
    open_desk: Open, town: Town, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    evening = await plan(town.museum, clock)
    page = f"/desk/events/{evening.event.id}"
    await evening.reply(camille, 1, clock)
    clock.advance(hours=1)
    await till.state_of(evening.arrive(till, camille, 2))
    desk = await open_desk()
    came = read(await desk.get(f"{page}/came"))
    assert f'name="came-{camille.owner.id}" value="yes" checked' in came
    assert f"Arrivée vue à 13 h 00 ({till.device.label})" in came.replace("\u202f", " ")
    await desk.post(f"{page}/came", data={f"came-{camille.owner.id}": "yes", f"guests-{camille.owner.id}": "2"})
    assert (await replies.invitee(evening.event.id, camille.owner.id)).came is None, (
        "nothing to say against the scanner"
    )
    clock.advance(hours=3)
    await watch.events_watch(now=clock())
    desk = await open_desk()
    [item] = await inbox.open_items()
    waits = read(await desk.get("/desk/inbox"))
    since = f"« {till.device.label} » (entendu le 15 juin 2026 à 13 h 00)"
    assert f"Vus par les scanners : 1. Sans nouvelles depuis : {since}. Attendez, ou notez vous-même" in waits
    assert f"/desk/inbox/{item.id}/sum_up" not in waits
    too_soon = await follow(desk, await desk.post(f"/desk/inbox/{item.id}/sum_up"))
    assert "Un scanner du lieu est sans nouvelles depuis l’événement" in too_soon
    assert f"Sans nouvelles depuis l’événement : {since}." in too_soon, "on the page where one may sum up all the same"
    await till.hand_in()
    assert "Sans nouvelles" not in read(await desk.get(f"{page}/came"))
    assert "Vus par les scanners : 1. S’il n’y a rien" in read(await desk.get("/desk/inbox"))
    done = await follow(desk, await desk.post(f"/desk/inbox/{item.id}/sum_up"))
    assert "L’événement est terminé" in done
    assert (await arrivals.present(evening.event.id)) == {camille.owner.id: 2}
    assert [one.answer for one in await inbox.answered_items()] == ["summed"]
    form = {f"came-{camille.owner.id}": "yes", f"guests-{camille.owner.id}": "2", "thanks": "Merci !"}
    assert "Vide : aucun e-mail" in read(await desk.get(f"{page}/came")), "one click must not take the thanks away"
    await follow(desk, await desk.post(f"{page}/came", data=form))
    assert await News.count().where(News.kind == "thanks") == 1
    assert "<q>Merci !</q> Aucun autre e-mail ne part." in read(await desk.get(f"{page}/came"))
    await desk.post(f"{page}/came", data=form)
    assert await News.count().where(News.kind == "thanks") == 1


async def test_the_inbox_asks_about_silence_and_free_places_and_settles_by_itself(troupe: Club) -> None:
    row = await troupe.opened()
    await troupe.says(row, "Anselme", guests=1)
    await troupe.says(row, "Brune", guests=1)
    await troupe.at("2026-06-24T20:00+02:00")
    await replies.reply(SYSTEM, row.id, troupe.people["Anselme"], coming=False, now=troupe.clock())
    for _ in range(2):
        await watch.events_watch(now=troupe.clock())
    page = read(await troupe.desk.get("/desk/inbox"))
    assert page.count('<li class="item"') == 2
    assert "Visite du phare : 2 personnes n’ont pas répondu à temps" in page
    assert "Visite du phare : 1 personne attend et il y a de la place" in page
    [places] = [item for item in await inbox.open_items() if item.details["about"] == watch.PLACES]
    done = await follow(troupe.desk, await troupe.desk.post(f"/desk/inbox/{places.id}/serve"))
    assert "Les places sont données." in done
    assert (await replies.invitee(row.id, troupe.people["Brune"])).reply == "coming"
    await troupe.at("2026-06-25T20:00+02:00")
    await watch.events_watch(now=troupe.clock())
    assert [item.kind for item in await inbox.open_items()] == [watch.TO_SUM_UP]
    [to_sum_up] = await inbox.open_items()
    answer = await troupe.desk.post(f"/desk/inbox/{to_sum_up.id}/sum_up")
    assert "dites d’abord qui est venu" in await follow(troupe.desk, answer), "nobody was seen: one click would lie"


async def test_the_list_says_first_what_waits(troupe: Club, town: Town) -> None:
    assert "Aucun événement pour le moment" in read(await troupe.desk.get("/desk/events"))
    await troupe.opened(title="Bientôt")
    await troupe.opened(title="Encore plus tôt", venue_id=str(town.museum.id), **{"slot.0.day": "2026-06-20"})
    await troupe.drafted(title="Une idée")
    page = read(await troupe.desk.get("/desk/events"))
    titles = re.findall(r"<h3><a[^>]*>([^<]+)</a>", page)
    assert titles == ["Encore plus tôt", "Bientôt", "Une idée"]
    assert town.museum.name in page
