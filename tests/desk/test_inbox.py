import json
import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from estran import clock as clocks
from estran.access import service as access
from estran.actor import SYSTEM, Actor, Role
from estran.club import service as club
from estran.history import service as history
from estran.inbox import service as inbox
from estran.mail import service as mail
from estran.texts import words
from estran.venues import service as venues
from estran.visits import service as visits
from tests.conftest import MONDAY, FrozenClock
from tests.desk.conftest import follow, read
from tests.desk.test_venues import pending
from tests.test_docs import all_inbox_kinds
from tests.visits.conftest import Item, Phone, Scanner, Town

pytestmark = pytest.mark.anyio

KINDS = all_inbox_kinds()


async def drop(kind: str, subject_kind: str = "letter", subject_id: UUID | None = None, **more: object) -> str:
    """The address of a new item."""
    key = f"{kind}:{uuid4()}"
    await inbox.drop(kind, key=key, now=MONDAY, subject_kind=subject_kind, subject_id=subject_id, **more)  # type: ignore[arg-type]
    item = next(item for item in await inbox.open_items() if item.kind == kind)
    return f"/desk/inbox/{item.id}"


async def state_of(item: Item) -> str:
    return str((await visits.visit(UUID(item["id"]))).state)


async def doubtful(till: Scanner, camille: Phone) -> tuple[Item, str]:
    """A visit that waits for confirmation, and its item's address."""
    item = till.scan(camille.show(till.clock()), answer="refuse", reason="companions_missing")
    assert await till.state_of(item) == "to_confirm"
    [found] = await inbox.open_items()
    return item, f"/desk/inbox/{found.id}"


# --- the list ---------------------------------------------------------------------------------------------------------


async def test_an_empty_inbox_says_so(desk: httpx.AsyncClient) -> None:
    assert "Rien n’attend." in read(await desk.get("/desk/inbox"))
    assert "Rien n’a encore été vu." in read(await desk.get("/desk/inbox/past"))


@pytest.mark.parametrize("lang", ["fr", "en"])
async def test_each_kind_has_a_sentence_that_blames_nobody_and_an_answer(
    desk: httpx.AsyncClient, town: Town, lang: str
) -> None:
    for kind in KINDS:
        await drop(kind, "device", None, venue_id=town.museum.id)
    page = read(await desk.get("/desk/inbox", params={"lang": lang}))
    lines = page.split('<li class="item"')[1:]
    assert len(lines) == len(KINDS)
    told = {f"desk.inbox.{kind}{more}" for kind in KINDS for more in ("", ".advice")}
    assert told - words(lang).keys() == set()
    for line in lines:
        [sentence] = re.findall("<h3>(.*)</h3>", line)
        buttons = re.findall('class="button[^>]*>([^<]+)<span class="hidden-visually">([^<]+)</span>', line)
        assert buttons or ">Lire et répondre" in line or any(word in sentence for word in UNREADABLE_HERE[lang])
        for _, more in buttons:
            assert more.endswith(sentence), "each button says which line it is of"
    lowered = page.lower()
    for word in ("fraud", "triche", "faute", "erreur de", "suspect", "cheat", "fault"):
        assert word not in lowered


UNREADABLE_HERE = {"fr": ["ambassadrice"], "en": ["become an ambassador"]}
"""A candidate who does not exist has no page to be answered on."""


async def test_an_unknown_kind_is_shown_as_it_is(desk: httpx.AsyncClient) -> None:
    address = await drop("tide_too_high")
    assert "<h3>tide_too_high</h3>" in read(await desk.get("/desk/inbox"))
    assert (await desk.post(f"{address}/seen")).status_code == 303


async def test_an_unknown_answer_is_shown_as_it_is(desk: httpx.AsyncClient) -> None:
    item_id = UUID((await drop("letter_failed")).rpartition("/")[2])
    await inbox.answer(SYSTEM, item_id, "sailed", now=MONDAY)
    assert "sailed, le 15 juin 2026" in read(await desk.get("/desk/inbox/past"))


async def test_a_letter_that_came_back_leads_to_its_person(desk: httpx.AsyncClient, camille: Phone) -> None:
    account = (await club.ambassador(camille.owner.id)).account_id
    letter = await mail.write("invitation", "c@example.org", "s", "t", "h", now=MONDAY, subject_id=account)
    await mail.mark_failed(letter.id, "mailbox full", now=MONDAY, bounced=True)
    page = read(await desk.get("/desk/inbox"))
    assert "Un e-mail est revenu" in page
    assert f'href="/desk/people/{camille.owner.id}"' in page
    assert "Camille" not in page


async def test_the_count_is_on_every_page(desk: httpx.AsyncClient) -> None:
    await drop("letter_failed")
    assert '<span class="count">1</span>' in read(await desk.get("/desk/people"))


async def test_lines_stand_under_the_day_of_what_happened(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    await drop("letter_failed")
    friday = clock() - timedelta(days=3)
    digits, ms = camille.show(friday), clocks.to_ms(friday)
    await till.hand_in(till.scan(digits, scannedAtMs=ms, newsAtMs=ms))  # a proof that is older than its pass
    page = read(await desk.get("/desk/inbox"))
    days = re.findall('<h2 class="item-day"[^>]*>(.*)</h2>', page)
    assert days == ["Aujourd’hui", "Vendredi 12 juin 2026"]
    assert page.index("n’est pas parti") < page.index("Vendredi 12 juin") < page.index("à 12 h 00, une entrée")


async def test_a_long_list_can_be_searched(desk: httpx.AsyncClient, town: Town) -> None:
    assert 'id="list-q"' not in read(await desk.get("/desk/inbox"))
    for _ in range(7):
        await drop("letter_failed")
    await drop("sequence_gap", "device", None, venue_id=town.museum.id, details={"from": 4, "to": 5})
    page = read(await desk.get("/desk/inbox"))
    assert "8 choses à voir." in page
    page = read(await desk.get("/desk/inbox", params={"q": "musee"}))
    assert "1 chose à voir." in page
    assert "il manque 2 lignes du scanner" in page
    assert "n’est pas parti" not in page
    assert "Rien ne correspond" in read(await desk.get("/desk/inbox", params={"q": "phare"}))


async def test_the_past_is_searched_by_month_and_words(desk: httpx.AsyncClient, clock: FrozenClock) -> None:
    for kind, days in (("letter_failed", 20), ("candidate", 0)):
        item_id = UUID((await drop(kind)).rpartition("/")[2])
        await inbox.answer(SYSTEM, item_id, "seen", now=clock() - timedelta(days=days))
    page = read(await desk.get("/desk/inbox/past"))
    assert "2 réponses." in page
    assert page.index("ambassadrice") < page.index("n’est pas parti"), "the newest answer first"
    may = read(await desk.get("/desk/inbox/past", params={"month": "2026-05"}))
    assert "1 réponse." in may
    assert "n’est pas parti" in may
    assert "ambassadrice</h3>" not in may
    found = read(await desk.get("/desk/inbox/past", params={"q": "ambassadrice"}))
    assert "n’est pas parti" not in found
    for month in ("2026-13", "x", "0000-00"):
        assert (await desk.get("/desk/inbox/past", params={"month": month})).status_code == 200


async def test_what_the_desk_wrote_is_in_the_line(desk: httpx.AsyncClient, till: Scanner, camille: Phone) -> None:
    digits, why = camille.show(till.clock()), "Ses enfants étaient déjà dedans"
    item = till.scan(digits, answer="refuse", reason="companions_missing", decisions={"why": why})
    await till.hand_in(item)
    assert why in read(await desk.get("/desk/inbox"))


# --- answers ----------------------------------------------------------------------------------------------------------


async def test_seen_is_one_click_and_stays_in_the_past(desk: httpx.AsyncClient) -> None:
    address = await drop("letter_failed")
    assert "C’est noté." in await follow(desk, await desk.post(f"{address}/seen"))
    assert (await desk.post(f"{address}/seen")).status_code == 303
    assert await inbox.count_open() == 0
    past = read(await desk.get("/desk/inbox/past"))
    assert "Un e-mail n’est pas parti" in past
    assert "Vu, le 15 juin 2026 à 12 h 00" in past


async def test_a_doubtful_visit_is_confirmed_in_one_click(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone
) -> None:
    item, address = await doubtful(till, camille)
    page = read(await desk.get("/desk/inbox"))
    assert "Compter l’entrée" in page
    assert "Annuler l’entrée" in page
    assert "L’entrée compte." in await follow(desk, await desk.post(f"{address}/confirm"))
    assert await state_of(item) == "counted"
    assert (await desk.post(f"{address}/confirm")).status_code == 303
    acts = [entry.action for entry in await history.entries_about(UUID(item["id"]))]
    assert sorted(acts) == ["inbox.answer", "visits.confirm"]


async def test_a_doubtful_visit_is_cancelled_with_a_reason(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone
) -> None:
    item, address = await doubtful(till, camille)
    assert "<h1>Annuler l’entrée du 15 juin 2026 à 12 h 00</h1>" in read(await desk.get(f"{address}/cancel"))
    assert (await desk.post(f"{address}/cancel", data={"why": ""})).status_code == 422
    page = await follow(desk, await desk.post(f"{address}/cancel", data={"why": "Deux fois la même"}))
    assert "L’entrée ne compte plus." in page
    assert await state_of(item) == "cancelled"
    assert (await desk.post(f"{address}/cancel", data={"why": "Encore"})).status_code == 303
    entries = await history.entries_about(UUID(item["id"]))
    assert [entry.why for entry in entries if entry.action == "visits.cancel"] == ["Deux fois la même"]
    assert "Entrée annulée, le 15 juin 2026" in read(await desk.get("/desk/inbox/past"))


async def two_of_the_same(
    till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> tuple[Item, Item, str]:
    """One visit on each of two scanners, and the address of what the inbox asks."""
    first = till.scan(camille.show(clock()))
    await till.hand_in(first)
    clock.advance(minutes=2)
    later = other_till.scan(camille.show(clock()))
    await other_till.hand_in(later)
    [found] = await inbox.open_items()
    return first, later, f"/desk/inbox/{found.id}"


async def test_two_entries_of_one_person_are_asked_about_in_one_line(
    desk: httpx.AsyncClient, till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    first, later, address = await two_of_the_same(till, other_till, camille, clock)
    page = read(await desk.get("/desk/inbox"))
    assert "peut-être la même entrée, 12 h 00 (Caisse) et 12 h 02 (Caisse)" in page
    assert "Camille" not in page
    assert f'href="/desk/people/{camille.owner.id}"' in page
    assert "C’est noté." in await follow(desk, await desk.post(f"{address}/two"))
    assert [await state_of(item) for item in (first, later)] == ["counted", "counted"]
    assert "Deux entrées, le 15 juin 2026" in read(await desk.get("/desk/inbox/past"))


async def test_the_same_entry_cancels_the_later_in_one_click(
    desk: httpx.AsyncClient, till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    first, later, address = await two_of_the_same(till, other_till, camille, clock)
    assert "L’entrée ne compte plus." in await follow(desk, await desk.post(f"{address}/same"))
    assert [await state_of(item) for item in (first, later)] == ["counted", "cancelled"]
    assert (await desk.post(f"{address}/same")).status_code == 303
    entries = await history.entries_about(UUID(later["id"]))
    assert [entry.why for entry in entries if entry.action == "visits.cancel"] == [
        "La même entrée, notée par deux scanners"
    ]
    assert "La même entrée : la seconde ne compte plus, le 15 juin 2026" in read(await desk.get("/desk/inbox/past"))


async def test_of_two_officers_the_first_answer_stays_and_the_second_is_told(
    desk: httpx.AsyncClient, till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    _, later, address = await two_of_the_same(till, other_till, camille, clock)
    item_id = UUID(address.rpartition("/")[2])
    deputy = (await access.ensure_account("bernique@example.org", now=MONDAY)).id
    await inbox.answer(Actor(kind="account", id=deputy, roles=frozenset({Role.OFFICER})), item_id, "two", now=clock())
    for act in ("same", "two", "seen"):
        page = await follow(desk, await desk.post(f"{address}/{act}"))
        assert "la première réponse reste" in page, act
    assert await state_of(later) == "counted"
    assert "Deux entrées, le 15 juin 2026 à 12 h 02, par bernique@example.org" in read(
        await desk.get("/desk/inbox/past")
    )


async def test_an_answer_of_another_kind_of_line_changes_nothing(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone
) -> None:
    item, address = await doubtful(till, camille)
    for act in ("two", "same"):
        await desk.post(f"{address}/{act}")
    assert await state_of(item) == "to_confirm"
    assert await inbox.count_open() == 1


async def test_an_answer_that_no_longer_fits_changes_nothing(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone
) -> None:
    item, address = await doubtful(till, camille)
    await visits.cancel_visit(SYSTEM, UUID(item["id"]), "Ailleurs", now=MONDAY)
    assert (await desk.post(f"{address}/confirm")).status_code == 303
    assert await state_of(item) == "cancelled"
    assert "Traité, le 15 juin 2026" in read(await desk.get("/desk/inbox/past"))


async def test_a_waiting_scanner_is_approved_from_the_inbox(desk: httpx.AsyncClient, town: Town) -> None:
    device = await pending(town)
    [item] = await inbox.open_items()
    assert "Accepter ce scanner" in read(await desk.get("/desk/inbox"))
    page = await follow(desk, await desk.post(f"/desk/inbox/{item.id}/approve"))
    assert "Le scanner peut travailler." in page
    assert (await venues.device(device.id)).state == "active"
    assert await inbox.count_open() == 0


async def test_what_was_done_elsewhere_says_who_did_it(
    desk: httpx.AsyncClient, till: Scanner, other_till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    item, _ = await doubtful(till, camille)
    await desk.post(f"/desk/visits/{item['id']}/confirm")
    assert "Traité, le 15 juin 2026 à 12 h 00, par helene@example.org" in read(await desk.get("/desk/inbox/past"))
    _, later, _ = await two_of_the_same(till, other_till, camille, clock)
    await other_till.hand_in(other_till.undo(later))
    assert "Réglé tout seul, le 15 juin 2026" in read(await desk.get("/desk/inbox/past"))


async def test_approving_too_many_is_said_at_the_venue(desk: httpx.AsyncClient, town: Town) -> None:
    for _ in range(10):
        await town.scanner()
    await pending(town)
    [item] = await inbox.open_items()
    assert "déjà 10 scanners" in await follow(desk, await desk.post(f"/desk/inbox/{item.id}/approve"))
    assert await inbox.count_open() == 1


async def test_unknown_items_are_not_found(desk: httpx.AsyncClient) -> None:
    letter = await drop("letter_failed")
    for act in ("seen", "confirm", "cancel", "approve"):
        assert (await desk.post(f"/desk/inbox/{uuid4()}/{act}", data={"why": "x"})).status_code == 404
    for path in (f"/desk/inbox/{uuid4()}/cancel", "/desk/inbox/x/cancel", f"{letter}/cancel"):
        assert (await desk.get(path)).status_code == 404
    assert (await desk.post(f"{letter}/approve")).status_code == 404


# --- a queue saved on a scanner ---------------------------------------------------------------------------------------


def saved(device_id: UUID, *items: Item) -> bytes:
    file = {"estran": "outbox", "deviceId": str(device_id), "venue": "Musée", "savedAtMs": clocks.to_ms(MONDAY)}
    return json.dumps(file | {"items": items}).encode()


async def test_a_saved_queue_is_taken_in_once(
    desk: httpx.AsyncClient, till: Scanner, camille: Phone, clock: FrozenClock
) -> None:
    assert (await desk.get("/desk/inbox/queue-file")).status_code == 200
    item = till.scan(camille.show(clock()))
    files = {"file": ("file.json", saved(till.device.id, item, {"kind": "?"}), "application/json")}
    page = read(await desk.post("/desk/inbox/queue-file", files=files))
    assert "Lignes nouvelles : 1 ; déjà connues : 0 ; mises de côté : 1" in page
    page = read(await desk.post("/desk/inbox/queue-file", files=files))
    assert "Lignes nouvelles : 0 ; déjà connues : 1" in page
    assert await state_of(item) == "counted"
    acts = [entry.action for entry in await history.entries_about(till.device.id)]
    assert "visits.load_queue" in acts


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("file.json", b"", "ce n’est pas une file"),
        ("file.json", b"\x00\xff", "ce n’est pas une file"),
        ("file.json", b"[" * 100_000, "ce n’est pas une file"),
        ("file.json", b'{"deviceId": "x", "items": []}', "ce n’est pas une file"),
        ("file.json", saved(uuid4()), "jamais été associé"),
        ("file.json", b" " * 950_000, "fichier trop grand"),
        ("", b"", "choisissez un fichier"),
    ],
    ids=["empty", "binary", "deep", "no id", "unknown", "big", "none"],
)
async def test_a_file_that_is_no_queue_is_a_fault(desk: httpx.AsyncClient, name: str, data: bytes, said: str) -> None:
    answer = await desk.post("/desk/inbox/queue-file", files={"file": (name, data, "application/json")})
    assert answer.status_code == 422
    assert said in read(answer)


async def test_a_form_without_a_file_is_a_fault(desk: httpx.AsyncClient) -> None:
    assert (await desk.post("/desk/inbox/queue-file", data={"file": "text"})).status_code == 422
    assert (await desk.post("/desk/inbox/queue-file")).status_code == 422
