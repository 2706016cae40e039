"""Nothing lost, nothing doubled: kill -9, lost replies, double sends, two windows, two apps in one browser, a cut scanner."""

import json
import os
import random
import re
import signal
import threading
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import BrowserContext, Error, Page, Route, expect

from estran.actor import SYSTEM
from estran.inbox import service as inbox
from estran.passes import service as passes
from estran.venues import service as venues
from estran.venues.tables import Device, Venue
from estran.visits.tables import Change, ParkedItem, Tally

from .acts import answer, carry_pass, give_entry, go, hand_in, next_scan, pair, qr, queue_in, type_code, wait_ready
from .conftest import DESKTOP, People, Profile
from .phone import PocketPhone
from .scanner import Item, PocketScanner
from .world import World, eventually

pytestmark = pytest.mark.journey
CAMILLE = "camille.varech@example.org"
NAMES = ["Camille", "Dominique", "Claude", "Alix", "Sacha", "Maxime"]
MUSEUM = "Musée de la Laisse de mer"
VISITS = "**/api/v1/visits"
SNAPSHOT = "**/api/v1/snapshot"


@pytest.fixture
def venue(world: World) -> Venue:
    return world.add_venue(MUSEUM)


@pytest.fixture
def phones(world: World) -> list[PocketPhone]:
    """Six people, each with a pass: the second scan of one of them would be asked about."""
    return [
        PocketPhone(world, world.add_ambassador(name, "Varech", f"{name.lower()}.varech@example.org")) for name in NAMES
    ]


@pytest.fixture
def museum(world: World, people: People, venue: Venue) -> Profile:
    """The museum's scanner: paired, ready, open on its one page."""
    profile = people.profile("museum")
    page = profile.open().new_page()
    pair(page, world.pairing_address(venue))
    wait_ready(page)
    return profile


def page_of(profile: Profile) -> Page:
    assert profile.context is not None
    return profile.context.pages[-1]


def context_of(profile: Profile) -> BrowserContext:
    assert profile.context is not None
    return profile.context


def admit(page: Page, phone: PocketPhone) -> None:
    """One visitor from the code to the written entry."""
    page.bring_to_front()  # a window behind another one is drawn only now and then
    type_code(page, phone.text())
    answer(page, "admit", "welcome")
    give_entry(page)


def admit_all(page: Page, phones: Iterable[PocketPhone]) -> None:
    for phone in phones:
        admit(page, phone)
        next_scan(page)


def counted_in(page: Page, count: int) -> None:
    expect(page.locator("[data-count]")).to_have_attribute("data-count", str(count))


def hold(profile: Profile, calls: str) -> list[Route]:
    """From now on these calls do not leave the browser; they wait in this list."""
    held: list[Route] = []
    context_of(profile).route(calls, lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    return held


def devices(world: World) -> list[Device]:
    async def act() -> list[Device]:
        return await Device.objects().order_by(Device.created_at)

    return world.do(act)


def cut(world: World, device_id: UUID) -> None:
    world.do(lambda: venues.cut_device(SYSTEM, device_id, "left behind", now=datetime.now(UTC)))


def kinds_in_inbox(world: World) -> list[str]:
    return [item.kind for item in world.do(inbox.open_items)]


def expect_books(world: World, states: dict[str, str], *, flags: Iterable[str] = ()) -> None:
    """Each of these visits is stored once, in that state; figures, numbers and inbox say the same."""

    async def rest() -> tuple[int, list[tuple[UUID, int]], int]:
        counted = await Tally.select(Tally.n).where(Tally.state == "counted").output(as_list=True)
        undos = await Change.select(Change.device_id, Change.seq).where(Change.device_id.is_not_null())
        return sum(counted), [(row["device_id"], row["seq"]) for row in undos], await ParkedItem.count()

    visits = world.visits()
    n_counted, undos, n_parked = world.do(rest)
    assert Counter(str(visit["id"]) for visit in visits) == Counter(states.keys())
    assert {str(visit["id"]): visit["state"] for visit in visits} == states
    assert n_counted == Counter(states.values())["counted"]
    assert n_parked == 0
    numbers: dict[UUID, list[int]] = {}
    for device_id, seq in [(visit["device_id"], visit["seq"]) for visit in visits] + undos:
        numbers.setdefault(device_id, []).append(seq)
    for given in numbers.values():
        assert sorted(given) == list(range(1, len(given) + 1))
    assert sorted(kinds_in_inbox(world)) == sorted(flags)


def expect_stored_once(world: World, queued: Iterable[Item], *, flags: Iterable[str] = ()) -> None:
    """All that was queued has come, each item once; what was undone counts nothing."""
    items = list(queued)
    undone = {item["visitId"] for item in items if item["kind"] == "undo"}
    states = {item["id"]: "cancelled" if item["id"] in undone else "counted" for item in items if "digits" in item}
    expect_books(world, states, flags=flags)


# --- kill -9 of the server --------------------------------------------------------------------------------------------


def fill(scanner: PocketScanner, phones: list[PocketPhone], n_visits: int) -> list[Item]:
    """A long afternoon without network; every tenth entry is taken back."""
    for place in range(n_visits):
        visit = scanner.admit(scanner.chance.choice(phones))
        if place % 10 == 9:
            scanner.undo(visit)
    return list(scanner.queue)


def send_until_silence(scanner: PocketScanner, begun: threading.Event) -> bool:
    """Hand in batch after batch, some of them twice; whether the server fell silent."""
    try:
        while scanner.queue:
            batch = scanner.some()
            begun.set()
            scanner.send(batch)
            if scanner.chance.random() < 0.3:
                assert set(scanner.send(batch)) == {"duplicate"}
    except httpx.HTTPError:
        return True
    return False


def kill_at(world: World, moment: float | None) -> None:
    """kill -9, `moment` seconds from now, or (None) when the database is being written to."""
    if moment is not None:
        threading.Event().wait(moment)
    else:
        log = world.folder / "estran.sqlite-wal"
        before = log.stat().st_mtime_ns
        eventually(lambda: log.stat().st_mtime_ns != before, "a write", 2)
    world.kill()


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_server_killed_again_and_again_while_three_scanners_hand_in(
    world: World, venue: Venue, phones: list[PocketPhone], seed: int
) -> None:
    chance = random.Random(seed)
    scanners = [PocketScanner(world, venue, random.Random(10 * seed + place)) for place in range(3)]
    queued = [item for scanner in scanners for item in fill(scanner, phones, 100)]
    for moment in [chance.uniform(0, 0.02), None, chance.uniform(0.02, 0.1)]:
        begun = threading.Event()
        with ThreadPoolExecutor(3) as threads:
            senders = [threads.submit(send_until_silence, scanner, begun) for scanner in scanners]
            assert begun.wait(10)
            kill_at(world, moment)
            fell_silent = [sender.result() for sender in senders]
        assert any(fell_silent), "the server was killed with a call in flight"
        world.start()
    for scanner in scanners:
        assert not send_until_silence(scanner, threading.Event())
    expect_stored_once(world, queued)


def test_a_server_killed_while_the_scanner_hands_in(world: World, museum: Profile, phones: list[PocketPhone]) -> None:
    page = page_of(museum)
    world.stop()
    admit_all(page, phones[:6])
    queued = queue_in(page)
    assert len(queued) == 6
    moments: list[float | None] = [0, random.Random(3).uniform(0.002, 0.03), None]
    broken: list[float | None] = []

    def strike(route: Route) -> None:
        """The server dies before it has read, while it writes, and after it has answered but before the answer is here."""
        if world.process is None:  # the worker asks, too
            route.abort()
            return
        if len(broken) == len(moments):
            route.continue_()
            return
        moment = moments[len(broken)]
        broken.append(moment)
        killer = threading.Thread(target=kill_at, args=(world, moment or 0))
        if moment is not None:
            killer.start()
        try:
            route.fetch()
        except Error:
            assert moment is not None, "without a killer the server answers"
        if moment is None:
            killer.start()
        killer.join()
        route.abort()

    context_of(museum).route(VISITS, strike)
    go(page, "État")
    for count in range(1, len(moments) + 1):
        world.start()
        page.get_by_role("button", name="Échanger maintenant").click()
        eventually(lambda: page.title() and world.process is None, "the server is dead")
        expect(page.get_by_role("button", name="Échanger maintenant")).to_be_enabled()
        expect(page.locator("[data-queued]")).to_have_attribute("data-queued", "6")
        assert len(broken) == count
    world.start()
    hand_in(page)
    assert queue_in(page) == []
    expect_stored_once(world, queued)


# --- replies that get lost, calls that come twice ---------------------------------------------------------------------


def test_a_lost_reply_is_asked_for_again_and_counts_once(
    world: World, people: People, museum: Profile, phones: list[PocketPhone]
) -> None:
    page = page_of(museum)
    replies: list[list[str]] = []

    def lose_the_first(route: Route) -> None:
        reply = route.fetch()
        replies.append([result["result"] for result in reply.json()["results"]])
        if len(replies) == 1:
            route.abort("connectionreset")
        else:
            route.fulfill(response=reply)

    context_of(museum).route(VISITS, lose_the_first)
    admit(page, phones[0])
    queued = queue_in(page)
    next_scan(page)
    hand_in(page)
    assert replies == [["stored"], ["duplicate"]]
    assert queue_in(page) == []
    expect_books(world, {str(visit["id"]): "counted" for visit in world.visits()})
    assert [item["id"] for item in queued] in ([str(visit["id"]) for visit in world.visits()], [])

    officer = people.page(DESKTOP)
    open_desk(officer, world)
    expect(officer.get_by_role("row", name=re.compile(rf"{MUSEUM} 1\b"))).to_be_visible()


def test_the_same_batch_sent_four_times_at_once(world: World, venue: Venue, phones: list[PocketPhone]) -> None:
    scanner = PocketScanner(world, venue)
    queued = fill(scanner, phones, 80)
    together = threading.Barrier(4)

    def send(_: int) -> list[str]:
        together.wait(10)
        return scanner.send(queued)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(4)))
    for said in zip(*answers, strict=True):
        assert sorted(said) == ["duplicate"] * 3 + ["stored"]
    expect_stored_once(world, queued)


# --- two windows, two apps --------------------------------------------------------------------------------------------


def test_two_windows_of_one_scanner(world: World, museum: Profile, phones: list[PocketPhone]) -> None:
    one = page_of(museum)
    two = context_of(museum).new_page()
    two.goto(f"{world.origin}/scan/")
    world.stop()
    for place, (page, other) in enumerate([(one, two), (two, one), (two, one), (one, two)]):
        admit(page, phones[place])
        counted_in(other, place + 1)
        next_scan(page)
    for page, phone in ((one, phones[4]), (two, phones[5])):
        type_code(page, phone.text())
        answer(page, "admit", "welcome")
    for page in (one, two):  # both within the same blink
        button = page.get_by_role("button", name="Entrée donnée")
        button.evaluate("button => void setTimeout(() => button.click(), 100)")
    for page in (one, two):
        expect(page.get_by_role("heading", name="Entrée enregistrée")).to_be_visible()
        counted_in(page, 6)
        next_scan(page)
    queued = queue_in(one)
    assert [item["seq"] for item in queued] == [1, 2, 3, 4, 5, 6]

    held = hold(museum, VISITS)
    for page in (one, two):
        page.bring_to_front()
        go(page, "État")
    world.start()
    for page in (one, two):  # a window in front may have begun by itself
        page.bring_to_front()
        page.get_by_role("button", name=re.compile("^Échang")).evaluate("button => button.click()")
    eventually(lambda: one.title() and held, "a window hands in")
    free = [page.get_by_role("button", name="Échanger maintenant") for page in (one, two)]
    eventually(lambda: sum(button.count() for button in free) == 1, "the other window leaves it to the first")
    assert len(held) == 1, "one window hands in at a time"
    held[0].continue_()
    for page in (one, two):
        expect(page.get_by_text("Tout est envoyé.")).to_be_visible()
    assert len(held) == 1
    expect_stored_once(world, queued)
    hand_in(two)
    assert len(held) == 1, "nothing is sent twice"


def kept_names(page: Page) -> list[str]:
    """Everything that a web origin's apps share, by name."""
    names: list[str] = page.evaluate(
        """async () => [
          ...(await indexedDB.databases()).map(({ name }) => name),
          ...(await caches.keys()),
          ...Object.keys(localStorage),
          ...Object.keys(sessionStorage),
        ].sort()"""
    )
    return names


def settle(page: Page, app: str) -> None:
    """The app's own worker is at work and has tidied up."""
    page.wait_for_function(
        "async (scope) => (await navigator.serviceWorker.getRegistration(scope))?.active?.state === 'activated'",
        arg=f"/{app}/",
    )


def update(page: Page, app: str) -> None:
    """Another version of the app's worker (an address of its own) is installed and takes over."""
    assert page.evaluate(
        """async (scope) => {
          const registration = await navigator.serviceWorker.register(`${scope}sw.js?newer`, { scope })
          const worker = registration.installing ?? registration.waiting
          const reached = (state) => new Promise((tell) => {
            const look = () => worker.state === state && tell()
            worker.addEventListener('statechange', look)
            look()
          })
          await reached('installed')
          worker.postMessage('estran-take-over')
          await reached('activated')
          return registration.active === worker
        }""",
        f"/{app}/",
    )


def test_two_apps_in_one_browser_leave_each_other_alone(
    world: World, people: People, venue: Venue, phones: list[PocketPhone]
) -> None:
    scanner = people.page()
    context = scanner.context
    pair(scanner, world.pairing_address(venue))
    wait_ready(scanner)
    holder = context.new_page()
    carry_pass(holder, world, CAMILLE)
    settle(holder, "pass")
    names = kept_names(holder)
    assert names
    assert [name for name in names if not name.startswith(("estran-pass", "estran-scan"))] == []
    for app in ("pass", "scan"):
        assert f"estran-{app}" in names
        assert any(name.startswith(f"estran-{app}-files-") for name in names)

    # an update of one app: its older files go, the other's stay
    for app, other, page in (("scan", "pass", scanner), ("pass", "scan", holder)):
        page.evaluate(
            "async () => { for (const app of ['pass', 'scan']) await caches.open(`estran-${app}-files-old`) }"
        )
        update(page, app)
        assert f"estran-{app}-files-old" not in kept_names(page)
        assert f"estran-{other}-files-old" in kept_names(page)
        page.evaluate("async (name) => { await caches.delete(name) }", f"estran-{other}-files-old")
        assert kept_names(page) == names

    # revoked: the pass stops, the scanner goes on
    camille = phones[0].holder
    world.do(lambda: passes.revoke(SYSTEM, camille.id, "phone lost", now=datetime.now(UTC)))
    holder.bring_to_front()
    holder.reload()
    expect(holder.get_by_role("heading", name="Votre pass n’est plus valable")).to_be_visible()
    admit(scanner, phones[1])
    next_scan(scanner)
    hand_in(scanner)


def test_a_pass_outlives_the_scanner_beside_it(world: World, people: People, venue: Venue) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    holder = people.page()
    context = holder.context
    carry_pass(holder, world, CAMILLE)
    scanner = context.new_page()
    pair(scanner, world.pairing_address(venue))
    wait_ready(scanner)
    settle(holder, "pass")
    passes_kept = [name for name in kept_names(holder) if name.startswith("estran-pass")]
    (device,) = devices(world)
    cut(world, device.id)
    go(scanner, "État")
    scanner.get_by_role("button", name="Échanger maintenant").click()
    expect(scanner.get_by_text("Scanner effacé")).to_be_visible()
    names = kept_names(holder)
    assert "estran-scan" not in names
    assert [name for name in names if name.startswith("estran-pass")] == passes_kept
    world.stop()
    holder.reload()
    expect(qr(holder)).to_be_visible()


def test_a_scanner_outlives_the_pass_beside_it(
    world: World, people: People, venue: Venue, phones: list[PocketPhone]
) -> None:
    scanner = people.page()
    context = scanner.context
    pair(scanner, world.pairing_address(venue))
    wait_ready(scanner)
    context.route(VISITS, lambda route: route.abort())
    admit_all(scanner, phones[1:3])
    queued = queue_in(scanner)
    holder = context.new_page()
    carry_pass(holder, world, CAMILLE)
    holder.get_by_role("link", name="Mon compte").or_(holder.get_by_role("button", name="Mon compte")).click()
    holder.get_by_role("button", name="Se déconnecter").click()
    holder.get_by_role("button", name="Oui, se déconnecter").click()
    holder.get_by_role("button", name="Retirer le pass de cet appareil").click()
    holder.get_by_role("button", name="Oui, retirer le pass").click()
    expect(holder.get_by_label("Votre adresse e-mail")).to_be_visible()
    scanner.bring_to_front()
    scanner.reload()
    counted_in(scanner, 2)
    assert queue_in(scanner) == queued
    context.unroute(VISITS)
    hand_in(scanner)
    expect_stored_once(world, queued)


# --- the browser dies -------------------------------------------------------------------------------------------------


def processes_with(folder: Path) -> list[int]:
    """Process ids of the browser that runs on this profile folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder) in place.read_bytes().decode(errors="replace"):
                found.append(int(place.parent.name))
        except OSError:
            continue  # it ended meanwhile
    return found


@pytest.mark.parametrize("how", ["killed", "closed"])
def test_a_browser_that_dies_right_after_an_entry_still_hands_it_in(
    world: World, museum: Profile, phones: list[PocketPhone], how: str
) -> None:
    page = page_of(museum)
    world.stop()
    admit_all(page, phones[:2])
    admit(page, phones[2])
    if how == "killed":
        running = processes_with(museum.folder / "profile")
        assert running
        for process in running:
            os.kill(process, signal.SIGKILL)
        eventually(lambda: not processes_with(museum.folder / "profile"), "the browser is gone")
        museum.context = None
    else:
        museum.close()
    page = museum.open().new_page()
    page.goto(f"{world.origin}/scan/")
    counted_in(page, 3)
    queued = queue_in(page)
    assert [item["seq"] for item in queued] == [1, 2, 3]
    world.start()
    hand_in(page)
    expect_stored_once(world, queued)


# --- the queue as a file ----------------------------------------------------------------------------------------------


def open_desk(page: Page, world: World) -> None:
    page.goto(world.officer_link())
    page.get_by_role("button", name="Continuer ici").click()
    expect(page.get_by_role("heading", name="Tableau de bord")).to_be_visible()


def load_at_desk(page: Page, world: World, file: Path, *, new: int, known: int) -> None:
    page.goto(f"{world.origin}/desk/inbox")
    page.get_by_role("link", name=re.compile("file", re.IGNORECASE)).first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Charger").click()
    expect(page.get_by_role("status")).to_contain_text(re.compile(rf"\D{new}\D+{known}\D+0\D"))


def test_a_queue_saved_as_a_file_and_handed_in_as_well(
    world: World, people: People, museum: Profile, phones: list[PocketPhone], tmp_path: Path
) -> None:
    page = page_of(museum)
    context_of(museum).route("**/api/v1/**", lambda route: route.abort())
    admit_all(page, phones[:3])
    go(page, "État")
    with page.expect_download() as download:
        page.get_by_role("button", name="Enregistrer dans un fichier").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    saved = json.loads(file.read_bytes())
    assert saved["items"] == queue_in(page)

    go(page, "Scanner")
    admit_all(page, phones[3:4])  # after the file
    queued = queue_in(page)
    officer = people.page(DESKTOP)
    open_desk(officer, world)
    load_at_desk(officer, world, file, new=3, known=0)
    load_at_desk(officer, world, file, new=0, known=3)
    expect_stored_once(world, saved["items"])

    context_of(museum).unroute("**/api/v1/**")
    hand_in(page)
    assert queue_in(page) == []
    expect_stored_once(world, queued)
    load_at_desk(officer, world, file, new=0, known=3)
    expect_stored_once(world, queued)


# --- taken back -------------------------------------------------------------------------------------------------------


def test_an_entry_taken_back_before_it_was_sent(world: World, museum: Profile, phones: list[PocketPhone]) -> None:
    page = page_of(museum)
    world.stop()
    admit_all(page, phones[:1])
    admit(page, phones[1])
    page.get_by_role("button", name="Annuler cette entrée").click()
    expect(page.get_by_role("heading", name="Entrée annulée.")).to_be_visible()
    counted_in(page, 1)
    queued = queue_in(page)
    assert [item["kind"] for item in queued] == ["visit", "visit", "undo"]
    next_scan(page)
    world.start()
    hand_in(page)
    expect_stored_once(world, queued)


def test_an_entry_taken_back_after_it_was_sent(world: World, museum: Profile, phones: list[PocketPhone]) -> None:
    page = page_of(museum)
    context_of(museum).route(VISITS, lambda route: route.abort())
    admit_all(page, phones[:2])
    queued = queue_in(page)
    context_of(museum).unroute(VISITS)
    hand_in(page)
    expect_stored_once(world, queued)
    context_of(museum).route(VISITS, lambda route: route.abort())
    go(page, "Du jour")
    page.get_by_role("button", name=re.compile("Annuler l’entrée de Camille V.")).click()
    expect(page.get_by_text("Entrée annulée.")).to_be_visible()
    counted_in(page, 1)
    queued += queue_in(page)
    assert [item["kind"] for item in queued] == ["visit", "visit", "undo"]
    context_of(museum).unroute(VISITS)
    hand_in(page)
    expect_stored_once(world, queued)


# --- cut, and paired anew ---------------------------------------------------------------------------------------------


EXCHANGE_NOW = """() => [...document.querySelectorAll('button')]
  .find((button) => /Échanger maintenant|Envoyer maintenant/.test(button.textContent))?.click()"""


def test_a_cut_scanner_hands_in_what_it_has_and_forgets_itself(
    world: World, museum: Profile, phones: list[PocketPhone]
) -> None:
    page = page_of(museum)
    context_of(museum).route("**/api/v1/**", lambda route: route.abort())
    admit_all(page, phones[:3])
    queued = queue_in(page)
    (device,) = devices(world)
    cut(world, device.id)
    go(page, "État")
    context_of(museum).unroute("**/api/v1/**")
    page.evaluate(EXCHANGE_NOW)  # or it has done so by itself already, and there is no button any more
    expect(page.get_by_text("Scanner effacé")).to_be_visible()
    assert "estran-scan" not in kept_names(page)
    expect_stored_once(world, queued, flags=["cut_device"])
    page.reload()
    expect(page.get_by_role("heading", name="Associer ce scanner")).to_be_visible()


def test_an_entry_written_while_the_scanner_learns_that_it_is_cut_is_not_wiped(
    world: World, museum: Profile, phones: list[PocketPhone]
) -> None:
    page = page_of(museum)
    held = hold(museum, SNAPSHOT)
    go(page, "État")
    page.get_by_role("button", name="Échanger maintenant").click()
    eventually(lambda: page.title() and held, "everything is handed in, the news are asked for")
    go(page, "Scanner")
    admit(page, phones[0])
    queued = queue_in(page)
    assert len(queued) == 1
    (device,) = devices(world)
    cut(world, device.id)
    held[0].continue_()
    expect(page.get_by_text("Scanner effacé")).to_be_visible()
    expect_stored_once(world, queued, flags=["cut_device"])


@pytest.mark.parametrize("fate", ["still known", "cut"])
def test_pairing_anew_keeps_the_queue(world: World, museum: Profile, phones: list[PocketPhone], fate: str) -> None:
    page = page_of(museum)
    context_of(museum).route(VISITS, lambda route: route.abort())
    admit_all(page, phones[:2])
    (before,) = devices(world)
    if fate == "cut":
        cut(world, before.id)
    castle = world.add_venue("Château des Marées")
    pair(page, world.pairing_address(castle), word="galet")
    expect(page.get_by_text("Château des Marées")).to_be_visible()
    wait_ready(page)
    admit_all(page, phones[2:3])
    queued = queue_in(page)
    assert [item["seq"] for item in sorted(queued, key=lambda item: item["scannedAtMs"])] == [1, 2, 1]
    context_of(museum).unroute(VISITS)
    hand_in(page)
    assert queue_in(page) == []
    expect_stored_once(world, queued, flags=["cut_device"] if fate == "cut" else [])
    at = Counter(visit["venue_id"] for visit in world.visits())
    assert at == {before.venue_id: 2, castle.id: 1}, "each visit stays where it was made"
