"""Every line of the table of docs/pass-format.md §5, at a real desk: its answer, its sentence, and nothing that axe finds."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from estran.actor import SYSTEM
from estran.club import service as club
from estran.encoding import unb64
from estran.events import planning, replies
from estran.events import service as events
from estran.events.planning import Draft, SlotDraft
from estran.passes import keys, token
from estran.passes import service as passes
from estran.passes.keys import Issuer
from estran.passes.tables import Pass
from estran.venues import closures
from estran.venues import service as venues
from estran.venues.tables import Venue
from estran.venues.terms import Booking, Proof, Quota, Terms, Who

from .acts import answer, give_entry, go, hear_news, next_scan, pair, type_code, wait_ready
from .conftest import People, Shared
from .phone import PocketPhone
from .screens import AXE, CALM, NARROW, RUN, TAGS, TOO_WIDE, WEAK_ANSWER
from .world import World

pytestmark = pytest.mark.journey
FORMAT = Path(__file__).parents[2] / "docs" / "pass-format.md"
LINE = re.compile(r"^\| `(\w+)` \| (admit|ask|refuse) \| \w+ \| [^|]+ \| ([^|]+) \|", re.MULTILINE)
TABLE = {code: (kind, sentence.strip()) for code, kind, sentence in LINE.findall(FORMAT.read_text(encoding="utf-8"))}
LYING = (640, 320)
"""A phone laid down."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Door:
    """One venue with one scanner; each case makes it what it needs."""

    world: World
    venue: Venue
    page: Page
    as_it_was: object = None
    n_people: int = 0
    blind_pages: list[Page] = field(default_factory=list)
    event_id: UUID | None = None

    def is_now(self, terms: Terms | None = Terms(), *, paused: bool = False, closed: bool = False) -> None:  # noqa: B008 - frozen
        """The venue gives this benefit (none: no benefit at all), and the scanner knows."""
        wanted = (terms, paused, closed)
        if wanted == self.as_it_was:
            return
        self.world.do(lambda: self._change(terms, paused=paused, closed=closed))
        self.hear_news()
        self.as_it_was = wanted

    def hear_news(self) -> None:
        """The scanner knows what the office knows, and is back at the camera."""
        hear_news(self.page)
        go(self.page, "Scanner")

    def welcomes(self, *expected: PocketPhone, tomorrow: tuple[PocketPhone, ...] = ()) -> None:
        """An event begins here in an hour, and again tomorrow, with one place: the scanner is at its door."""

        async def invite() -> UUID:
            begins = now() + timedelta(hours=1)
            draft = Draft(title="Vernissage", venue_id=self.venue.id, guests_max=1, reply_by=begins)
            times = [
                SlotDraft(starts_at=at, ends_at=at + timedelta(hours=1), capacity=1)
                for at in (begins, begins + timedelta(days=1))
            ]
            event = await planning.add_event(SYSTEM, draft, times, now=now())
            await planning.open_event(SYSTEM, event.id, now=now())
            for slot, phones in zip(await events.slots_of(event.id), (expected, tomorrow), strict=True):
                for phone in phones:
                    person = phone.holder.id
                    await replies.reply(SYSTEM, event.id, person, coming=True, slot_id=slot.id, now=now())
            return event.id

        self.event_id = self.world.do(invite)
        self.hear_news()

    async def _change(self, terms: Terms | None, *, paused: bool, closed: bool) -> None:
        known = await venues.benefits_of(self.venue.id)
        if terms is None:
            for one in known:
                await venues.end_benefit(SYSTEM, self.venue.id, one.id, now=now())
        else:
            await venues.set_benefit(SYSTEM, self.venue.id, known[0].id if known else None, terms, now=now())
        await venues.resume_venue(SYSTEM, self.venue.id, now=now())
        if paused:
            await venues.pause_venue(SYSTEM, self.venue.id, "travaux", now=now())
        for closure in await closures.closures_of(self.venue.id):
            await closures.remove_closure(SYSTEM, self.venue.id, closure.id, now=now())
        if closed:
            last = now().date() + timedelta(days=3)
            await closures.add_closure(SYSTEM, self.venue.id, now().date(), last, "travaux", now=now())

    def phone(self) -> PocketPhone:
        """Of somebody who was never here."""
        self.n_people += 1
        email = f"camille{self.n_people}@example.org"
        return PocketPhone(self.world, self.world.add_ambassador("Camille", "Varech", email))

    def made(self, of: PocketPhone, **changes: Any) -> token.Fields:
        """The credential of this phone as the club would have signed it with these changes."""
        fields = token.parse_credential(unb64(of.credential))
        assert isinstance(fields, token.Fields)
        issuer = Issuer(self.world.origin, self.world.folder / "keys")

        async def sign() -> token.Fields:
            key = await issuer.private(await keys.current(issuer, now=now()))
            return token.sign_credential(fields._replace(**changes), self.world.origin, key)

        return self.world.do(sign)

    def text(self, raw: bytes) -> str:
        return f"{self.world.origin}/scan/#{token.digits_of(raw)}"

    def blind(self, shift: timedelta) -> Page:
        """The scanner in another window, without network, its clock `shift` off."""
        page = self.page.context.new_page()
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        page.clock.install(time=now() + shift)
        page.route("**/api/**", lambda route: route.abort())
        page.goto(f"{self.world.origin}/scan/")
        self.blind_pages.append(page)
        return page

    def close(self) -> None:
        """Whatever the case left: the camera again, for entries as usual."""
        for page in self.blind_pages:
            page.close()
        self.blind_pages.clear()
        self.page.reload()
        expect(self.page.get_by_text("Placez le code du pass dans le cadre.")).to_be_visible()
        if self.event_id is not None:
            self.world.do(partial(planning.cancel_event, SYSTEM, self.event_id, "orage", now=now()))
            self.event_id = None
            self.hear_news()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, shared: Shared) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("reasons")
    data = folder / "installation"
    data.mkdir()
    world, people = World(data), People(shared, folder / "profiles")
    world.start()
    venue = world.add_venue("Musée de la Laisse de mer")
    page = people.page(CALM)
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    pair(page, world.pairing_address(venue))
    wait_ready(page)
    yield Door(world, venue, page)
    people.close()
    world.close()


@pytest.fixture
def door(desk: Door) -> Iterator[Door]:
    yield desk
    desk.close()


# --- how to get each answer -------------------------------------------------------------------------------------------

Way = Callable[[Door], Page | None]
"""Ends with the answer on the screen: of the scanner, or of the page that it gives back."""
WAYS: dict[str, Way] = {}


def way(reason: str) -> Callable[[Way], Way]:
    def keep(how: Way) -> Way:
        WAYS[reason] = how
        return how

    return keep


def altered(phone: PocketPhone, place: int) -> str:
    """A code with another byte at `place` of the presentation."""
    raw = bytearray(token.bytes_of(phone.digits()) or b"")
    raw[place] ^= 0x40
    return f"{phone.world.origin}/scan/#{token.digits_of(bytes(raw))}"


def enter(page: Page, text: str) -> None:
    type_code(page, text)
    page.keyboard.press("Enter")


@way("not_a_pass")
def shop(door: Door) -> None:
    enter(door.page, "3017620422003")


@way("other_club")
def elsewhere(door: Door) -> None:
    enter(door.page, "https://autre.example.org/scan/#123456")


@way("malformed")
def cut_short(door: Door) -> None:
    enter(door.page, door.phone().text()[:-9])


@way("unknown_version")
def from_the_future(door: Door) -> None:
    enter(door.page, altered(door.phone(), 0))


@way("unknown_key")
def by_another_key(door: Door) -> None:
    type_code(door.page, altered(door.phone(), 1))


@way("bad_signature")
def forged(door: Door) -> None:
    phone = door.phone()
    type_code(door.page, altered(phone, len(unb64(phone.credential)) - 1))


@way("bad_proof")
def relabelled(door: Door) -> None:
    type_code(door.page, altered(door.phone(), -1))


@way("revoked")
def lost(door: Door) -> None:
    phone = door.phone()
    door.world.do(lambda: passes.revoke(SYSTEM, phone.holder.id, "phone lost", now=now()))
    door.as_it_was = None
    door.is_now()
    type_code(door.page, phone.text())


@way("suspended")
def resting(door: Door) -> None:
    phone = door.phone()
    door.world.do(lambda: club.pause(SYSTEM, phone.holder.id, "voyage", now=now()))
    door.world.do(lambda: passes.publish_status(now=now()))
    door.as_it_was = None
    door.is_now()
    type_code(door.page, phone.text())


@way("expired")
def over(door: Door) -> None:
    phone = door.phone()
    fields = door.made(phone, exp=int(now().timestamp()) - 3600)
    iat = int(now().timestamp())
    type_code(door.page, door.text(token.sign_proof(fields, door.world.origin, phone.key, iat=iat, nonce=b"1234").raw))


@way("stale_proof")
def screenshot(door: Door) -> None:
    type_code(door.page, door.phone().text(age_s=600))


@way("clock_unconfirmed")
def clock_gone_back(door: Door) -> Page:
    phone = door.phone()
    page = door.blind(timedelta(hours=-2))
    type_code(page, phone.text())
    return page


@way("snapshot_old")
def without_news(door: Door) -> Page:
    phone, ahead = door.phone(), timedelta(days=8)
    page = door.blind(ahead)
    type_code(page, phone.text(age_s=-ahead.total_seconds()))
    answer(page, "ask", "clock_unconfirmed")
    page.get_by_role("button", name="Scanner encore").click()
    page.clock.run_for(16_000)  # a living phone: two codes a quarter of a minute apart
    type_code(page, phone.text(age_s=-ahead.total_seconds() - 16))
    return page


@way("venue_paused")
def all_resting(door: Door) -> None:
    door.is_now(paused=True)
    type_code(door.page, door.phone().text())


@way("venue_closed")
def closed(door: Door) -> None:
    door.is_now(closed=True)
    type_code(door.page, door.phone().text())


@way("no_benefit")
def nothing_given(door: Door) -> None:
    door.is_now(None)
    type_code(door.page, door.phone().text())


@way("already_here")
def again(door: Door) -> None:
    door.is_now()
    phone = door.phone()
    type_code(door.page, phone.text())
    give_entry(door.page)
    next_scan(door.page)
    type_code(door.page, phone.text(age_s=1))


@way("not_entitled")
def not_for_everybody(door: Door) -> None:
    door.is_now(Terms(who=Who.CERTIFIED))
    type_code(door.page, door.phone().text())


@way("not_now")
def another_weekday(door: Door) -> None:
    local = date.fromisoformat(
        door.page.evaluate("() => new Date().toLocaleDateString('sv', {timeZone: 'Europe/Paris'})")
    )
    door.is_now(Terms(weekdays=((local.isoweekday() + 1) % 7 + 1,)))
    type_code(door.page, door.phone().text())


@way("quota_used")
def often(door: Door) -> None:
    door.is_now(Terms(quota=Quota(1)))
    phone = door.phone()
    type_code(door.page, phone.text())
    give_entry(door.page)
    next_scan(door.page)
    type_code(door.page, phone.text(age_s=1))
    door.page.get_by_role("button", name="Une autre visite").click()


@way("companions_needed")
def not_counted(door: Door) -> None:
    door.is_now(Terms(min_paying_companions=2))
    type_code(door.page, door.phone().text())


@way("companions_missing")
def too_few(door: Door) -> None:
    not_counted(door)
    door.page.get_by_role("button", name="1", exact=True).click()


@way("paper_proof")
def printed(door: Door) -> None:
    door.is_now()
    type_code(door.page, door.text(door.made(door.phone(), type=token.PAPER, x=b"", y=b"").credential))


@way("identity_needed")
def on_a_document(door: Door) -> None:
    door.is_now(Terms(least_proof=Proof.IDENTITY))
    type_code(door.page, door.phone().text())


@way("booking_needed")
def booked(door: Door) -> None:
    door.is_now(Terms(booking=Booking.REQUIRED))
    type_code(door.page, door.phone().text())


@way("typed_number")
def read_out(door: Door) -> None:
    door.is_now()
    issuer, holder = Issuer(door.world.origin, door.world.folder / "keys"), door.phone().holder
    printed: Pass = door.world.do(lambda: passes.print_pass(SYSTEM, issuer, holder.id, now=now()))
    door.page.get_by_role("button", name="Taper le numéro du pass").click()
    door.page.get_by_label("Numéro du pass").fill(printed.number)
    door.page.get_by_role("button", name="Vérifier le numéro").click()


@way("not_on_list")
def on_no_list(door: Door) -> None:
    phone = door.phone()
    door.welcomes()
    type_code(door.page, phone.text())


@way("other_slot")
def at_another_time(door: Door) -> None:
    phone = door.phone()
    door.welcomes(tomorrow=(phone,))
    type_code(door.page, phone.text())


@way("event_full")
def with_one_too_many(door: Door) -> None:
    phone = door.phone()
    door.welcomes(phone)
    type_code(door.page, phone.text())
    door.page.get_by_role("button", name="1", exact=True).click()


@way("welcome")
def all_is_well(door: Door) -> None:
    door.is_now()
    type_code(door.page, door.phone().text())


# --- what is seen -----------------------------------------------------------------------------------------------------


def test_every_line_of_the_table_has_its_case() -> None:
    assert len(TABLE) > 20
    assert sorted(WAYS) == sorted(TABLE)


@pytest.mark.parametrize("reason", WAYS)
def test_at_the_desk(door: Door, reason: str) -> None:
    kind, sentence = TABLE[reason]
    page = WAYS[reason](door) or door.page
    answer(page, kind, reason)
    said = "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", sentence))
    plain = page.locator("[data-answer] .words").inner_text().replace("\u00a0", " ").replace("\u202f", " ")
    assert re.fullmatch(said, plain), plain
    assert "{" not in plain
    page.keyboard.press("Shift")  # somebody stays with it: nothing goes on by itself
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN, {"type": "tag", "values": TAGS}) == []
    assert page.evaluate(WEAK_ANSWER) == []
    assert page.evaluate(TOO_WIDE, NARROW[0]) == []
    page.set_viewport_size({"width": LYING[0], "height": LYING[1]})
    assert page.evaluate(TOO_WIDE, LYING[0]) == []
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
