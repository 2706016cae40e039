"""A next version comes: what phones and scanners keep survives it, and a deployment that fails changes nothing for them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from . import builds
from .acts import (
    answer,
    carry_pass,
    give_entry,
    go,
    hand_in,
    next_scan,
    pair,
    photograph_code,
    qr,
    queue_in,
    type_code,
    wait_ready,
)
from .camera import film
from .conftest import People, Shared
from .front import Fault, Front, broken, half, missing
from .phone import PocketPhone
from .world import World

pytestmark = pytest.mark.journey
CAMILLE = "camille.varech@example.org"
SETTLE = """async () => {
  const registration = await navigator.serviceWorker.getRegistration();
  await registration.update().catch(() => undefined);
  const worker = registration.installing;
  if (worker?.state === 'installing') {
    await new Promise((done) => worker.addEventListener('statechange', done, { once: true }));
  }
  return { isWaiting: registration.waiting !== null, isThere: registration.active !== null };
}"""
"""The browser looks for a new version, and installs it as far as it can."""


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    made = Front(0)
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path, front: Front) -> Iterator[World]:
    """An installation that is reached through `front`."""
    yield from installation(tmp_path, front)


def installation(folder: Path, front: Front) -> Iterator[World]:
    data = folder / "installation"
    data.mkdir()
    made = World(data)
    front.port, made.origin = made.port, front.origin
    made.start()
    yield made
    made.close()


def entry_script(folder: Path, app: str) -> str:
    """The script that a build's page begins with: another build, another name."""
    found = re.search(r'<script type="module"[^>]* src="([^"]+)"', (folder / app / "index.html").read_text())
    assert found
    return found[1]


def runs(page: Page, script: str) -> None:
    expect(page.locator("head > script[type=module]")).to_have_attribute("src", script, timeout=20_000)


# --- the next version -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {"kept": builds.kept(tmp_path_factory.mktemp("kept")), "today": builds.TODAY}


@pytest.fixture(scope="module")
def tomorrow(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> None:
    folders["tomorrow"] = builds.tomorrow(tmp_path_factory.mktemp("tomorrow"))


@dataclass
class Club:
    """Two windows of a pass and two of a scanner, which has an entry in its queue; the server is away."""

    world: World
    people: People
    front: Front

    def __post_init__(self) -> None:
        self.world.add_ambassador("Camille", "Varech", CAMILLE)
        self.dominique, self.sacha = (
            PocketPhone(self.world, self.world.add_ambassador(name, "Varech", f"{name.lower()}.varech@example.org"))
            for name in ("Dominique", "Sacha")
        )

    def open(self, build: Path, news: Callable[[bytes], bytes] | None = None) -> None:
        """Everything as it is used every day, on this build; its server told `news` in the words of its time."""
        self.front.serve(build)
        self.front.news = news
        self.phone = self.people.profile("camille").open().new_page()
        carry_pass(self.phone, self.world, CAMILLE)
        self.desk = self.people.profile("museum").open().new_page()
        pair(self.desk, self.world.pairing_address(self.world.add_venue("Musée de la Laisse de mer")))
        wait_ready(self.desk)
        for page in (self.phone, self.desk):
            page.evaluate("() => navigator.serviceWorker.ready")
        self.world.stop()
        self.admit(self.desk, self.dominique)
        (self.queued,) = queue_in(self.desk)
        self.other_phone, self.other_desk = self.phone.context.new_page(), self.desk.context.new_page()
        self.other_phone.goto(f"{self.world.origin}/pass/")
        self.other_desk.goto(f"{self.world.origin}/scan/")
        self.show(build)

    def admit(self, desk: Page, phone: PocketPhone) -> None:
        desk.bring_to_front()
        type_code(desk, phone.text())
        answer(desk, "admit", "welcome")
        give_entry(desk)
        next_scan(desk)

    def take(self, build: Path) -> None:
        """One window of each app is opened again, hears of the new build, and says yes."""
        self.front.serve(build)
        self.front.news = None
        for page, app in ((self.phone, "pass"), (self.desk, "scan")):
            page.bring_to_front()
            page.evaluate(SETTLE)  # the browser looks by itself, too, but not at once while a scanner is at work
            page.reload()
            expect(page.get_by_text("Une nouvelle version est prête.")).to_be_visible(timeout=20_000)
            page.get_by_role("button", name="Mettre à jour").click()
            runs(page, entry_script(build, app))

    def show(self, build: Path) -> None:
        """Every window, of this build, has what it had."""
        for phone in (self.phone, self.other_phone):
            runs(phone, entry_script(build, "pass"))
            expect(qr(phone)).to_be_visible()
            expect(phone.get_by_text("Camille V.")).to_be_visible()
        for desk in (self.desk, self.other_desk):
            runs(desk, entry_script(build, "scan"))
            assert queue_in(desk)[0] == self.queued

    def verify_and_hand_in(self) -> None:
        """The scanner knows the phone's code for good, and the office gets each entry once."""
        self.other_desk.close()  # lets go of the camera, which then sees another film
        film(self.people.profile("museum").film, photograph_code(self.phone))
        self.desk.bring_to_front()
        self.desk.reload()
        answer(self.desk, "admit", "welcome")
        expect(self.desk.get_by_text("Camille V.", exact=True)).to_be_visible()
        give_entry(self.desk)
        waiting = queue_in(self.desk)
        self.world.start()
        hand_in(self.desk)
        visits = self.world.visits()
        assert sorted(str(visit["id"]) for visit in visits) == sorted(item["id"] for item in waiting)
        assert {visit["state"] for visit in visits} == {"counted"}


@pytest.fixture
def club(world: World, people: People, front: Front) -> Club:
    return Club(world, people, front)


@pytest.mark.slow
def test_pass_and_queue_come_along_from_an_earlier_version(club: Club, folders: dict[str, Path]) -> None:
    club.open(folders["kept"], builds.news_of_then)
    club.take(folders["today"])
    club.other_phone.reload()
    club.other_desk.reload()
    club.show(folders["today"])
    club.verify_and_hand_in()


def test_an_earlier_scanner_hands_in_to_the_server_of_today(
    world: World, people: People, front: Front, folders: dict[str, Path]
) -> None:
    front.serve(folders["kept"])
    front.news = builds.news_of_then
    phone = PocketPhone(world, world.add_ambassador("Camille", "Varech", CAMILLE))
    desk = people.page()
    pair(desk, world.pairing_address(world.add_venue("Musée de la Laisse de mer")))
    wait_ready(desk)
    world.stop()
    type_code(desk, phone.text())
    answer(desk, "admit", "welcome")
    give_entry(desk)
    next_scan(desk)
    front.news = None  # the server is renewed; this window has not heard of a new build yet
    world.start()
    hand_in(desk)
    assert [visit["state"] for visit in world.visits()] == ["counted"]
    go(desk, "Scanner")
    type_code(desk, phone.text(age_s=1))
    answer(desk, "ask", "already_here")  # with the news that it has


@pytest.mark.slow
@pytest.mark.usefixtures("tomorrow")
@pytest.mark.parametrize(("before", "after"), [("today", "tomorrow"), ("tomorrow", "today")])
def test_pass_and_queue_come_along_to_another_schema_and_back(
    club: Club, folders: dict[str, Path], before: str, after: str
) -> None:
    club.open(folders[before])
    club.take(folders[after])
    # whoever has not said yes goes on with the version before, on the same database
    runs(club.other_phone, entry_script(folders[before], "pass"))
    club.other_phone.bring_to_front()
    expect(qr(club.other_phone)).to_be_visible()
    club.admit(club.other_desk, club.sacha)
    runs(club.other_desk, entry_script(folders[before], "scan"))
    club.other_phone.reload()
    club.other_desk.reload()
    club.show(folders[after])
    club.verify_and_hand_in()


@pytest.mark.slow
@pytest.mark.usefixtures("tomorrow")
def test_pass_and_queue_come_along_from_an_earlier_version_to_another_schema(
    club: Club, folders: dict[str, Path]
) -> None:
    club.open(folders["kept"], builds.news_of_then)
    club.take(folders["tomorrow"])
    club.other_phone.reload()
    club.other_desk.reload()
    club.show(folders["tomorrow"])
    club.verify_and_hand_in()


# --- a deployment that fails ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def carried(
    tmp_path_factory: pytest.TempPathFactory, shared: Shared, folders: dict[str, Path]
) -> Iterator[tuple[Front, Page]]:
    """A phone with a pass on the kept build. Every case leaves it so: no new version ever comes whole."""
    folder = tmp_path_factory.mktemp("deployment")
    front = Front(0)
    people = People(shared, folder / "profiles")
    for world in installation(folder, front):
        front.serve(folders["kept"])
        world.add_ambassador("Camille", "Varech", CAMILLE)
        page = people.page()
        carry_pass(page, world, CAMILLE)
        page.evaluate("() => navigator.serviceWorker.ready")
        yield front, page
        people.close()
    front.close()


FORGET_FAILURES = """async () => {
  const [first, ...failed] = await caches.keys(); // oldest first
  await Promise.all(failed.map((name) => caches.delete(name)));
}"""
"""What an earlier case has fetched whole would complete this one's version, and rightly so."""
SCRIPT, WORKER = r"^pass/assets/start-.*\.js$", r"^pass/sw\.js$"


@pytest.mark.parametrize(
    ("served", "faults"),
    [
        pytest.param("today", [(SCRIPT, missing)], id="a file is missing"),
        pytest.param("today", [(SCRIPT, half)], id="half a file"),
        pytest.param("today", [(r"^pass/index\.html$", half)], id="half the page"),
        pytest.param("today", [(r"^pass/assets/", missing)], id="the page without its files"),
        pytest.param("today", [(r"^pass/assets/", missing), (WORKER, missing)], id="the page alone"),
        pytest.param("today", [(WORKER, half)], id="half a worker"),
        pytest.param("today", [(WORKER, missing)], id="no worker"),
        pytest.param("today", [(r"^pass/", broken)], id="an ill server"),
        pytest.param("kept", [(r"^pass/(?!sw\.js)", missing)], id="everything gone but the worker"),
    ],
)
def test_a_failed_deployment_leaves_the_old_version_at_work(
    carried: tuple[Front, Page], folders: dict[str, Path], served: str, faults: list[tuple[str, Fault]]
) -> None:
    front, page = carried
    page.evaluate(FORGET_FAILURES)
    front.serve(folders[served], *faults)
    for _ in range(2):
        page.reload()
        assert page.evaluate(SETTLE) == {"isWaiting": False, "isThere": True}
        runs(page, entry_script(folders["kept"], "pass"))
        expect(qr(page)).to_be_visible()
    expect(page.get_by_text("Camille V.")).to_be_visible()


def test_half_a_file_does_not_outlast_its_repair(world: World, people: People, front: Front) -> None:
    front.serve(builds.TODAY, (r"^pass/assets/Personal-.*\.js$", half))
    world.add_ambassador("Camille", "Varech", CAMILLE)
    page = people.page()
    carry_pass(page, world, CAMILLE)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("async () => (await navigator.serviceWorker.getRegistration())?.active") is None
    front.serve(builds.TODAY)
    page.reload()
    page.evaluate("() => navigator.serviceWorker.ready")
    world.stop()
    front.serve(Path("/nowhere"))
    page.reload()
    expect(qr(page)).to_be_visible()


# --- what a newer version has left, and this one cannot read -----------------------------------------------------------


@pytest.mark.parametrize("app", ["pass", "scan"])
def test_a_database_that_only_a_newer_version_can_read_is_told_in_words(
    world: World, people: People, front: Front, app: str
) -> None:
    front.serve(builds.TODAY)
    page = people.page()
    page.goto(f"{world.origin}/healthz")
    page.evaluate(
        """(name) => new Promise((done) => {
          const opening = indexedDB.open(name, 9)
          opening.onupgradeneeded = () => opening.result.createObjectStore('another')
          opening.onsuccess = () => done(opening.result.close())
        })""",
        f"estran-{app}",
    )
    page.goto(f"{world.origin}/{app}/")
    expect(
        page.get_by_text("Ce que garde cet appareil vient d’une version plus récente. Rien n’est perdu.")
    ).to_be_visible()
