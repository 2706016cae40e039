"""Two seasons of a club, told through the rooms' own services: real keys, real passes, real intake; only the people are not.

Day by day, as it would have happened: what a service is told to be `now` lies in the past. What scanners saw is handed in as
they would: every evening in the last weeks, once in four weeks before that.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key

from estran import clock
from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM, Actor, Role
from estran.club import candidates, circles, identity, manifesto, renewals
from estran.club import service as club
from estran.club.tables import Ambassador, Manifesto
from estran.db import writes
from estran.demo import data
from estran.demo.data import Closure, Person, Place
from estran.desk import service as desk
from estran.encoding import unb64
from estran.events import news, planning, replies
from estran.events import service as events
from estran.events.planning import Draft, SlotDraft
from estran.events.rules import Who as Asked
from estran.mail import service as mail
from estran.mail.letters import Letterhead
from estran.passes import service as passes
from estran.passes import token
from estran.passes.keys import Issuer
from estran.passes.rules import ANSWERS, Again, Reason
from estran.passes.tables import Pass
from estran.privacy import service as privacy
from estran.settings import Settings
from estran.venues import closures, proposals
from estran.venues import service as venues
from estran.venues.service import Given
from estran.venues.tables import Device
from estran.venues.terms import Quota, Who
from estran.visits import arrivals, intake, silence, snapshot
from estran.visits import service as visits
from estran.visits.items import BATCH_MAX, BatchIn
from estran.visits.tables import Visit

CLUB = "Club des ambassadeurs (démonstration)"
OFFICE = "Office de tourisme de démonstration"
LOGO = Path(__file__).with_name("logo.png")
"""Nobody's logo, drawn by tools/make-demo-logo."""
DAYS = 721
"""A hundred and three weeks: two seasons, and a week less than visits are kept by name."""
MONTH = 28
LATELY = 84
"""In the last twelve weeks scanners hand in every evening."""
SEED = 1143  # the abbey's founding year: any number does, the same one makes the same club
KNOWS = 0.9
"""How many remember a benefit's conditions: they bring company, and go elsewhere when their quota is used up."""
AGAIN = 0.03
"""How often somebody comes twice on one day, with a second group."""
LETTERS_AT = time(10, 15)
EVENING = time(22, 45)
MORNING = time(8, 30)

FIRST_EVENT = data.CROSSING.asked or 0
PREVIEW_LASTS = timedelta(hours=6)

Act = Callable[[datetime], Awaitable[object]]
Show = Callable[[str], None]


@dataclass(slots=True)
class Holder:
    """An invented ambassador with an invented phone."""

    row: Ambassador
    person: Person
    key: EllipticCurvePrivateKey
    phone: str
    pass_: Pass

    def jwk(self) -> dict[str, str]:
        """The phone's public key."""
        return token.jwk_of(self.key.public_key())


@dataclass(slots=True)
class Door:
    """A scanner, what it gives, and what it has not handed in yet."""

    place: Place
    device: Device
    benefit: Given
    seq: int = 0
    used: Counter[tuple[UUID, int]] = field(default_factory=Counter)
    queue: list[dict[str, object]] = field(default_factory=list)

    def is_used_up(self, holder: Holder, day: date) -> bool:
        """Whether the year's quota is."""
        quota = self.benefit.terms.quota
        return quota is not None and self.used[holder.row.id, day.year] >= quota.n

    def answer(self, holder: Holder, day: date, companions: int) -> Reason:
        """What an honest scanner says."""
        if self.is_used_up(holder, day):
            return Reason.QUOTA_USED
        return Reason.WELCOME if companions >= self.benefit.terms.min_paying_companions else Reason.COMPANIONS_MISSING


@writes
async def fill(settings: Settings, *, now: datetime, show: Show = lambda _: None) -> None:
    """A club of 15 active people, 8 places and two seasons of visits, ending at `now`; the same for the same instant.

    One transaction: who interrupts it finds nothing, and begins anew next time.
    """
    await _Story(settings, now, await club.zone()).tell(show)
    show("\n")


class _Story:
    """What is told so far. Days are counted from today: -1 is yesterday."""

    def __init__(self, settings: Settings, now: datetime, zone: ZoneInfo) -> None:
        self.issuer = Issuer(settings.origin, settings.data / "keys")
        self.head = Letterhead(club=CLUB, origin=settings.origin, demo=settings.demo)
        self.now, self.zone, self.today = now, zone, clock.local_day(now, zone)
        self.chance = random.Random(SEED)
        self.other_chance = random.Random(SEED)  # of events: visits are the same with and without them
        self.officer = SYSTEM
        self.doors: dict[str, Door] = {}
        self.second_guide: Door | None = None
        self.holders: dict[str, Holder] = {}
        self.lost_passes: dict[str, tuple[EllipticCurvePrivateKey, Pass]] = {}
        self.version = 0
        self.acts: dict[int, list[Act]] = defaultdict(list)
        self.events: dict[str, UUID] = {}

    def on(self, day: int) -> date:
        """That day's date."""
        return self.today + timedelta(days=day)

    def at(self, day: int, when: time) -> datetime:
        """That day at that time, never later than now."""
        return min(datetime.combine(self.on(day), when, tzinfo=self.zone).astimezone(UTC), self.now)

    async def tell(self, show: Show) -> None:
        """From the first day to this minute."""
        await self._found(self.at(-DAYS, MORNING))
        self._plan()
        for day in range(-DAYS, 1):
            if day in self.acts:
                for act in self.acts[day]:
                    await act(self.at(day, MORNING))
                self.version = (await passes.publish_status(now=self.at(day, MORNING))).version
            self._visit(day)
            if day >= FIRST_EVENT:
                await self._write_letters(self.at(day, LETTERS_AT))
            if (day + DAYS) % MONTH == MONTH - 1 or day > -LATELY:
                for door in self.doors.values():
                    await self._hand_in(door, self.at(day, EVENING))
            if (day + DAYS) % MONTH == 0:
                _show_progress(show, (day + DAYS) // MONTH, DAYS // MONTH)
        await self._yesterday()
        await self._this_morning()

    # --- the beginning ------------------------------------------------------------------------------------------------

    async def _found(self, at: datetime) -> None:
        """The house, who answers for it, the officer, the places and the first manifesto."""
        house = await club.house()
        account = await access.ensure_account(data.OFFICER[1], now=at)
        await access.grant(account.id, Role.OFFICER)
        self.officer = Actor(kind="account", id=account.id, roles=frozenset({Role.OFFICER}))
        await club.edit_house(
            self.officer,
            name=CLUB,
            office_name=OFFICE,
            contact_email=data.OFFICER[1],
            zone_name=house.zone,
            snapshot_limit_days=house.snapshot_limit_days,
            now=at,
        )
        await identity.edit_identity(self.officer, data.IDENTITY, at)
        await identity.set_logo(self.officer, LOGO.read_bytes(), data.LOGO_SHOWS, at)
        for index, place in enumerate(data.PLACES):
            await self._add_place(place, data.WORDS[index], at + timedelta(minutes=index))
        await self._publish(data.FIRST_MANIFESTO, at, is_major=True, effective_on=self.on(-DAYS))

    async def _add_place(self, place: Place, word: str, at: datetime) -> None:
        venue = await venues.add_venue(
            self.officer,
            name=place.name,
            commune=place.commune,
            address=place.address,
            url="",
            contact_email="",
            now=at,
        )
        if place is data.PLACES[0]:
            manager = await access.ensure_account(data.MANAGER[1], now=at)
            await access.grant(manager.id, Role.MANAGER, venue.id)
        if not place.openings:
            await venues.pause_venue(self.officer, venue.id, "Fermé pour travaux (démonstration)", now=at)
            return
        benefit = await self._set_benefit(venue.id, None, place, data.ONCE.get(place.name, (0, 0)), at)
        self.doors[place.name] = Door(place, await self._pair(venue.id, place.scanner, word, at), benefit)
        if place is data.PLACES[0]:
            first, last, why = data.SHUT_SOON
            await closures.add_closure(self.officer, venue.id, self.on(first), self.on(last), why, now=at)

    async def _set_benefit(
        self, venue_id: UUID, benefit_id: UUID | None, place: Place, more: tuple[int, int], at: datetime
    ) -> Given:
        return await venues.set_benefit(
            self.officer,
            venue_id,
            benefit_id,
            msgspec.structs.replace(
                place.terms,
                min_paying_companions=place.companions + more[0],
                quota=None if place.quota is None else Quota(place.quota + more[1], place.per),
            ),
            now=at,
        )

    async def _pair(self, venue_id: UUID, label: str, word: str, at: datetime) -> Device:
        secret = await venues.make_pairing(self.officer, venue_id, reusable=False, lifetime=timedelta(hours=1), now=at)
        return (await venues.pair(secret, label, word, now=at)).device

    async def _publish(self, body: str, at: datetime, *, is_major: bool, effective_on: date | None = None) -> None:
        draft = await manifesto.draft() or await self._draft(body, at, is_major=is_major)
        await manifesto.publish(self.officer, draft.id, effective_on=effective_on, now=at)

    async def _draft(self, body: str, at: datetime, *, is_major: bool) -> Manifesto:
        return await manifesto.save_draft(self.officer, title=data.TITLE, body=body, is_major=is_major, now=at)

    # --- what is to come ----------------------------------------------------------------------------------------------

    def _plan(self) -> None:
        """Puts on each day what happens that morning."""
        for person in data.PEOPLE:
            self._plan_person(person)
        self._plan_winters()
        acts = self.acts
        acts[-345].append(self._ask_about_the_second_manifesto)
        acts[-330].append(
            lambda at: self._publish(data.SECOND_MANIFESTO, at, is_major=True, effective_on=self.on(-300))
        )
        acts[-322].append(self._everybody_signs)
        acts[-30].append(lambda at: self._publish(data.MANIFESTO, at, is_major=False))
        acts[-24].append(self._some_read)
        acts[-21].append(self._newcomer_asks)
        acts[-4].append(self._newcomer_is_admitted)
        name, first, last = data.WAS_PAUSED
        acts[first].append(lambda at: self._pause(name, "Hiver chez sa fille (démonstration)", at))
        acts[last].append(lambda at: club.resume(self.officer, self.holders[name].row.id, now=at))
        acts[-3].append(lambda at: self._pause(data.PAUSED, "Long voyage (démonstration)", at))
        acts[data.PHONES[1]].append(self._change_phones)
        acts[-150].append(self._print)
        acts[-300].append(self._change_benefits)
        acts[-200].append(self._replace_scanner)
        acts[-60].append(self._second_guide_comes)
        acts[data.STAND_IN[2]].append(self._stand_in_comes)
        acts[-46].append(self._ask_and_answer)
        for event in (data.CROSSING, data.PREVIEW, data.BREAKFAST):
            assert event.asked is not None
            acts[event.asked].append(partial(self._ask_to, event))
        acts[data.CROSSING.slots[0].day].append(self._cross)
        acts[data.CROSSING.slots[0].day + 2].append(self._sum_up_the_crossing)
        for first_name, (on, until) in data.CERTIFIED.items():
            acts[max(on, -DAYS)].append(partial(self._certify, first_name, self.on(on), self.on(until)))

    def _plan_person(self, person: Person) -> None:
        first, *others = person.mandates
        if first[0] > 0:
            return  # comes by another way
        joins = max(first[0], -DAYS)
        past = [term for term in others if term[0] <= joins]
        self.acts[joins].insert(0, partial(self._join, person, [first, *past]))
        for term in others:
            if term not in past:
                self.acts[term[0] - 14].append(partial(self._renew, person.first_name, term))
        for _, last in person.mandates:
            if -DAYS < last < 0:
                self.acts[last + 1].append(_only_the_day)

    def _plan_winters(self) -> None:
        for door in self.doors.values():
            closure, venue_id = door.place.closure, door.device.venue_id
            if closure is None:
                continue
            for day in range(-DAYS, 1):
                month_day = (self.on(day).month, self.on(day).day)
                is_asleep = not closure.back <= month_day < closure.first
                if month_day == closure.first or (day == -DAYS and is_asleep):
                    self.acts[day].append(partial(self._close_for_winter, venue_id, closure, self.on(day)))

    async def _close_for_winter(self, venue_id: UUID, closure: Closure, first: date, at: datetime) -> None:
        year = first.year + ((first.month, first.day) >= closure.back)
        last = date(year, *closure.back) - timedelta(days=1)
        await closures.add_closure(self.officer, venue_id, first, last, closure.why, now=at)

    # --- people -------------------------------------------------------------------------------------------------------

    async def _join(self, person: Person, terms: list[data.Days], at: datetime) -> None:
        """A new member; whoever is to have a pass signs and has it at once."""
        (first, last), *others = terms
        row = await club.add_ambassador(
            self.officer,
            first_name=person.first_name,
            last_name=person.last_name,
            email=data.email_of(person.first_name, person.last_name),
            begins_on=self.on(first),
            ends_on=self.on(last),
            now=at,
        )
        for first, last in others:
            await club.add_mandate(self.officer, row.id, self.on(first), self.on(last), now=at)
        if not person.eagerness:
            return
        await self._sign(row, at)
        await club.mark_invited(self.officer, row.id, now=at)
        await self._sign_in(row, at)
        await self._new_phone(row, person, "Android" if len(self.holders) % 2 else "iPhone", at)

    async def _sign_in(self, row: Ambassador, at: datetime) -> None:
        await access.use_link(await access.invite(row.account_id, Realm.PASS, now=at), now=at)

    async def _new_phone(self, row: Ambassador, person: Person, phone: str, at: datetime) -> None:
        key = generate_private_key(SECP256R1())
        jwk = token.jwk_of(key.public_key())
        pass_ = await passes.issue(self.issuer, row.id, jwk["x"], jwk["y"], phone, now=at)
        self.holders[person.first_name] = Holder(row, person, key, phone, pass_)

    async def _sign(self, row: Ambassador, at: datetime) -> None:
        newest = await manifesto.current()
        assert newest is not None
        signer = Actor(kind="account", id=row.account_id, ambassador_id=row.id)
        await manifesto.sign(signer, row.id, newest.id, data.INTERESTS.get(row.first_name, ""), now=at)

    async def _renew(self, first_name: str, term: data.Days, at: datetime) -> None:
        """A mandate that follows; the phone takes the renewed pass by itself."""
        holder = self.holders[first_name]
        await club.add_mandate(self.officer, holder.row.id, self.on(term[0]), self.on(term[1]), now=at)
        jwk = holder.jwk()
        holder.pass_ = await passes.issue(self.issuer, holder.row.id, jwk["x"], jwk["y"], holder.phone, now=at)

    async def _pause(self, first_name: str, why: str, at: datetime) -> None:
        await club.pause(self.officer, self.holders[first_name].row.id, why, now=at)

    async def _certify(self, first_name: str, on: date, until: date, at: datetime) -> None:
        await club.certify(self.officer, self.holders[first_name].row.id, on, until, now=at)

    async def _everybody_signs(self, at: datetime) -> None:
        for holder in self._in_mandate(-322):
            minute = at + timedelta(minutes=self.chance.randint(1, 600))
            await self._sign_in(holder.row, minute)
            await self._sign(holder.row, minute)

    async def _some_read(self, at: datetime) -> None:
        newest = await manifesto.current()
        assert newest is not None
        for first_name in data.READ_BY:
            row = self.holders[first_name].row
            reader = Actor(kind="account", id=row.account_id, ambassador_id=row.id)
            hour = at + timedelta(hours=self.chance.randint(0, 90))
            await self._sign_in(row, hour)
            await manifesto.mark_read(reader, row.id, newest.id, now=hour)

    async def _ask_about_the_second_manifesto(self, at: datetime) -> None:
        draft = await self._draft(data.SECOND_MANIFESTO, at, is_major=True)
        await self._remark(draft.id, data.EARLIER_REMARKS, at)

    async def _remark(self, draft_id: UUID, remarks: tuple[tuple[str, str], ...], at: datetime) -> None:
        for first_name, text in remarks:
            at += timedelta(hours=3)
            await manifesto.comment(SYSTEM, self.holders[first_name].row.id, draft_id, text, now=min(at, self.now))

    async def _change_phones(self, at: datetime) -> None:
        first_name, _, why = data.PHONES
        holder = self.holders[first_name]
        await passes.revoke(self.officer, holder.row.id, why, now=at)
        self.lost_passes[first_name] = (holder.key, holder.pass_)
        await self._new_phone(holder.row, holder.person, holder.phone, at + timedelta(hours=4))

    async def _print(self, at: datetime) -> None:
        await passes.print_pass(self.officer, self.issuer, self.holders[data.ON_PAPER].row.id, now=at)

    async def _newcomer_asks(self, at: datetime) -> None:
        person = _newcomer()
        await candidates.apply(
            first_name=person.first_name,
            last_name=person.last_name,
            email=data.email_of(person.first_name, person.last_name),
            message=data.NEWCOMER_SAYS,
            now=at,
        )

    async def _newcomer_is_admitted(self, at: datetime) -> None:
        [candidate] = await candidates.candidates()
        [(first, last)] = _newcomer().mandates
        await candidates.admit(self.officer, candidate.id, self.on(first), self.on(last), now=at)

    async def _ask_and_answer(self, at: datetime) -> None:
        first_name, kind, text, answer = data.ANSWERED_REQUEST
        asked = await privacy.ask(SYSTEM, self.holders[first_name].row.id, kind, text, now=at)
        later = at + timedelta(hours=2)
        await privacy.answer(self.officer, asked.id, answer, self.head, now=later)
        [letter] = await mail.letters(limit=1)
        await mail.mark_sent(letter.id, now=later, keep_body=True)

    # --- events -------------------------------------------------------------------------------------------------------

    async def _add_event(self, event: data.Outing, who: Asked, at: datetime) -> UUID:
        is_draft = event.asked is None
        draft = Draft(
            title=event.title,
            title_en=event.title_en,
            about=event.about,
            about_en=event.about_en,
            venue_id=self.doors[event.venue].device.venue_id if event.venue else None,
            place=event.place,
            place_en=event.place_en,
            access=event.access,
            access_en=event.access_en,
            bring=event.bring,
            bring_en=event.bring_en,
            guests_max=event.guests_max,
            who=who,
            walk_ins=event.walk_ins,
            newcomers_first=event.newcomers_first,
            reply_by=None if is_draft else self._clock(event.reply_by, time(18)),
        )
        row = await planning.add_event(self.officer, draft, self._slots(event), now=at)
        self.events[event.title] = row.id
        return row.id

    def _slots(self, event: data.Outing) -> list[SlotDraft]:
        if event is data.PREVIEW:
            first = (self.now - timedelta(minutes=30)).replace(minute=0, second=0, microsecond=0)
            begins = [first + timedelta(days=day) for day in range(3)]
            return [
                SlotDraft(starts_at=one, ends_at=one + PREVIEW_LASTS, capacity=data.PREVIEW_PLACES) for one in begins
            ]
        return [
            SlotDraft(
                starts_at=self._clock(one.day, one.first),
                ends_at=self._clock(one.day, one.last),
                note=one.note,
                capacity=one.capacity,
            )
            for one in event.slots
        ]

    def _clock(self, day: int, when: time) -> datetime:
        """That day at that time, also when it is still to come."""
        return datetime.combine(self.on(day), when, tzinfo=self.zone).astimezone(UTC)

    async def _ask_to(self, event: data.Outing, at: datetime) -> None:
        """Invitations leave at once; replies come one by one."""
        event_id = await self._add_event(event, Asked.ALL, at)
        await planning.open_event(self.officer, event_id, at_once=True, now=at)
        await self._write_letters(at)
        slots = [one.id for one in await events.slots_of(event_id)]
        people = {one.first_name: one for one in await club.ambassadors()}
        for said in event.replies:
            row = people[said.first_name]
            who = Actor(kind="account", id=row.account_id, ambassador_id=row.id)
            when = min(at + timedelta(hours=said.hours), self.now)
            slot_id = None if said.slot is None else slots[said.slot]
            await replies.reply(
                who, event_id, row.id, coming=slot_id is not None, slot_id=slot_id, guests=said.guests, now=when
            )

    async def _cross(self, _: datetime) -> None:
        [slot] = await events.slots_of(self.events[data.CROSSING.title])
        for index, (first_name, guests) in enumerate(data.CAME):
            at = slot.starts_at - timedelta(minutes=25 - 4 * index)
            self._arrive(self.doors[data.FERRY], self.holders[first_name], slot.id, guests, at)

    async def _sum_up_the_crossing(self, at: datetime) -> None:
        event_id = self.events[data.CROSSING.title]
        present = await arrivals.present(event_id)
        await planning.sum_up(self.officer, event_id, present, data.CROSSING_THANKS, now=at)

    async def _events_of_today(self) -> None:
        """The first guests of the preview are in; another event is being thought of."""
        door = self.doors[data.PLACES[0].name]
        [slot, *_] = await events.slots_of(self.events[data.PREVIEW.title])
        for index, (first_name, guests) in enumerate(data.PREVIEW_CAME):
            at = self.now - timedelta(minutes=24 - 11 * index)
            self._arrive(door, self.holders[first_name], slot.id, guests, at)
        await self._hand_in(door, self.now)
        event_id = await self._add_event(data.SHEDS, Asked.PICKED, self.now - timedelta(hours=2))
        picked = [self.holders[first_name].row.id for first_name in data.PICKED]
        await planning.pick(self.officer, event_id, picked, now=self.now - timedelta(hours=1))

    async def _write_letters(self, at: datetime) -> None:
        """What people are told about events by then has left."""
        await news.remind(now=at)
        if await news.send_due(self.issuer, self.head, now=at):
            for letter in await mail.due(at):
                await mail.mark_sent(letter.id, now=at, keep_body=True)

    def _arrive(self, door: Door, holder: Holder, slot_id: UUID, guests: int, at: datetime) -> None:
        chance = self.other_chance
        code = _show_code(self.issuer, holder.key, holder.pass_, at, chance)
        item = self._seen(door, at, UUID(int=chance.getrandbits(128), version=4), code, Reason.WELCOME)
        door.queue.append(item | {"benefitId": None, "benefitVersion": None, "guests": guests, "slotId": str(slot_id)})

    # --- places -------------------------------------------------------------------------------------------------------

    async def _change_benefits(self, at: datetime) -> None:
        for name in data.ONCE:
            door = self.doors[name]
            await self._hand_in(door, at)
            door.benefit = await self._set_benefit(door.device.venue_id, door.benefit.id, door.place, (0, 0), at)

    async def _replace_scanner(self, at: datetime) -> None:
        door = self.doors[data.REPLACED_AT]
        await self._hand_in(door, at)
        await venues.cut_device(self.officer, door.device.id, "Tombé dans le bassin (démonstration)", now=at)
        door.device = await self._pair(door.device.venue_id, door.place.scanner, "cloître", at)
        door.seq = 0

    async def _second_guide_comes(self, at: datetime) -> None:
        """By a poster, which the officer approves."""
        first = self.doors[data.TOUR]
        secret = await venues.make_pairing(
            self.officer, first.device.venue_id, reusable=True, lifetime=timedelta(days=7), now=at
        )
        device = (await venues.pair(secret, "Téléphone du second guide", "galet", now=at)).device
        await venues.approve_device(self.officer, device.id, now=at + timedelta(minutes=20))
        self.second_guide = Door(first.place, device, first.benefit)

    async def _stand_in_comes(self, at: datetime) -> None:
        """Her scanner worked for some weeks, and has been in a drawer since."""
        label, word, _, last = data.STAND_IN
        device = await self._pair(self.doors[data.TOUR].device.venue_id, label, word, at)
        await snapshot.note_snapshot(device.id, self.version, now=self.at(last, EVENING))

    # --- visits -------------------------------------------------------------------------------------------------------

    def _in_mandate(self, day: int) -> list[Holder]:
        return [
            holder
            for holder in self.holders.values()
            if any(first <= day <= last for first, last in holder.person.mandates)
        ]

    def _may_go(self, holder: Holder, day: int) -> bool:
        name = holder.person.first_name
        paused, first, last = data.WAS_PAUSED
        is_away = (name == paused and first <= day <= last) or (name == data.PAUSED and day >= -3)  # noqa: PLR2004
        is_told_below = day >= -4 and name in _IN_YESTERDAYS_STORY  # noqa: PLR2004
        is_without_phone = (name, day) == data.PHONES[:2]
        return not is_away and not is_told_below and not is_without_phone

    def _visit(self, day: int) -> None:
        """One day at every door: people come in twos and threes, now and then alone."""
        on = self.on(day)
        bustle = data.bustle(on)
        for holder in self._in_mandate(day):
            if self.chance.random() < bustle * holder.person.eagerness / 28 and self._may_go(holder, day):
                self._go(holder, day)
        for told_on, first_name, place, reason in data.REFUSALS:
            if told_on == day:
                self._turn_away(self.holders[first_name], self.doors[place], Reason(reason), day)

    def _go(self, holder: Holder, day: int) -> None:
        on = self.on(day)
        choice = [
            (door, opening)
            for door in self.doors.values()
            if (opening := next((one for one in door.place.openings if one.is_on(on)), None))
            and not (door.place.name == data.AT_SEA and day >= -data.AT_SEA_DAYS)
            and not (door.place.name == data.FERRY and holder.person.first_name in data.ASHORE)
            and not (door.is_used_up(holder, on) and self.chance.random() < KNOWS)
        ]
        if not choice:
            return
        [(door, opening)] = self.chance.choices(choice, [door.place.popularity for door, _ in choice])
        hours = opening.hours
        hour, minute = self.chance.randint(hours.start, hours.stop - 1), self.chance.randint(0, 59)
        companions = self.chance.choices((0, 1, 2, 3, 4), (1, 5, 5, 2, 1))[0]
        if self.chance.random() < KNOWS:
            companions = max(companions, door.benefit.terms.min_paying_companions)
        at = datetime.combine(on, time(hour, minute), tzinfo=self.zone).astimezone(UTC)
        if at > self.now:
            return
        reason = door.answer(holder, on, companions)
        self._scan(door, holder, at, companions, reason)
        # A second group the same day, as eager people bring.
        again = at + timedelta(hours=1, minutes=20)
        is_again = self.chance.random() < AGAIN
        if is_again and again < self.now and reason is Reason.WELCOME and door.benefit.terms.quota is None:
            self._scan(door, holder, again, companions + 1, reason, again=Again.ANOTHER_VISIT)

    def _turn_away(self, holder: Holder, door: Door, reason: Reason, day: int) -> None:
        at = self.at(day, time(10, 40))
        key, pass_ = holder.key, holder.pass_
        if reason is Reason.REVOKED:
            key, pass_ = self.lost_passes[holder.person.first_name]
        shown = at - timedelta(minutes=12) if reason is Reason.STALE_PROOF else at
        self._scan(door, holder, at, 1, reason, shown=_show_code(self.issuer, key, pass_, shown, self.chance))

    def _scan(
        self,
        door: Door,
        holder: Holder,
        at: datetime,
        companions: int,
        reason: Reason,
        *,
        again: Again | None = None,
        shown: str | None = None,
        why: str | None = None,
    ) -> dict[str, object]:
        """A visit as a scanner keeps it, with a real proof of that second; `why`: let in against the answer."""
        is_admitted = reason is Reason.WELCOME or why is not None
        door.used[holder.row.id, clock.local_day(at, self.zone).year] += is_admitted
        visit_id = self._uuid()
        code = shown or _show_code(self.issuer, holder.key, holder.pass_, at, self.chance)
        item = self._seen(door, at, visit_id, code, reason)
        item |= {"outcome": "admitted" if is_admitted else "refused", "companions": companions}
        item["decisions"] = {"identity": False, "again": again, "why": why}
        door.queue.append(item)
        return item

    def _seen(self, door: Door, at: datetime, visit_id: UUID, code: str, reason: Reason) -> dict[str, object]:
        """What a scanner notes of any code."""
        door.seq += 1
        return {
            "kind": "visit",
            "id": str(visit_id),
            "seq": door.seq,
            "scannedAtMs": clock.to_ms(at),
            "skewMs": 0,
            "clockConfirmed": True,
            "codesAdvance": False,
            "digits": code,
            "statusVersion": self.version,
            "newsAtMs": clock.to_ms(at) - 3_600_000,
            "answer": ANSWERS[reason],
            "reason": reason,
            "outcome": "admitted",
            "benefitId": str(door.benefit.id),
            "benefitVersion": door.benefit.version,
            "companions": 0,
            "decisions": {"identity": False, "again": None, "why": None},
        }

    def _uuid(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    async def _hand_in(self, door: Door, now: datetime) -> None:
        """What the scanner still holds, as it sends it."""
        while door.queue:
            part, door.queue = door.queue[:BATCH_MAX], door.queue[BATCH_MAX:]
            batch = BatchIn(
                sent_at_ms=clock.to_ms(now),
                queue_length=len(part) + len(door.queue),
                items=[msgspec.Raw(msgspec.json.encode(item)) for item in part],
                app_version="0.1.0",
                status_version=self.version,
            )
            await intake.intake(self.issuer, door.device.id, batch, now=now)

    # --- yesterday and today ------------------------------------------------------------------------------------------

    async def _yesterday(self) -> None:
        """What a human has to look at."""
        tour, ferry = self.doors[data.TOUR], self.doors[data.FERRY]
        second = self.second_guide
        assert second is not None
        # Two guides without network, one code: both let it in.
        twice = self.holders[data.AT_TWO_DOORS]
        at = self.at(-4, time(15, 2))
        item = self._scan(tour, twice, at, 1, Reason.WELCOME)
        self._scan(second, twice, at + timedelta(seconds=25), 1, Reason.WELCOME, shown=str(item["digits"]))
        # Taken back by the desk, three minutes later.
        at = self.at(-2, time(14, 10))
        item = self._scan(tour, self.holders[data.UNDONE], at, 3, Reason.WELCOME)
        tour.seq += 1
        undone = {"kind": "undo", "id": str(self._uuid()), "seq": tour.seq, "visitId": item["id"]}
        tour.queue.append(undone | {"undoneAtMs": clock.to_ms(at) + 180_000})
        # And another, twenty-five minutes later: for that the office is asked.
        at = self.at(-1, time(10, 5))
        item = self._scan(tour, self.holders[data.UNDONE_LATE], at, 2, Reason.WELCOME)
        tour.seq += 1
        undone = {"kind": "undo", "id": str(self._uuid()), "seq": tour.seq, "visitId": item["id"]}
        tour.queue.append(undone | {"undoneAtMs": clock.to_ms(at) + 1_500_000})
        # Both guides welcome the same person at the meeting point.
        at = self.at(-1, time(10, 42))
        self._scan(tour, self.holders[data.AT_BOTH_GUIDES], at, 2, Reason.WELCOME)
        self._scan(second, self.holders[data.AT_BOTH_GUIDES], at + timedelta(minutes=2), 2, Reason.WELCOME)
        # Over to Chausey and back, and over again.
        sailor = self.holders[data.TWICE_AT_SEA]
        self._scan(ferry, sailor, self.at(-1, time(9, 20)), 2, Reason.WELCOME)
        self._scan(ferry, sailor, self.at(-1, time(15, 40)), 1, Reason.WELCOME, again=Again.LET_IN)
        # Two items were numbered, and never came.
        ferry.seq += 2
        self._scan(ferry, self.holders[data.AFTER_THE_GAP], self.at(-1, time(16, 30)), 2, Reason.WELCOME)
        # Let in without the paying companions.
        why = "Sa famille était entrée cinq minutes plus tôt (démonstration)"
        self._scan(tour, self.holders[data.ALONE], self.at(-1, time(14, 20)), 0, Reason.COMPANIONS_MISSING, why=why)
        # Lost at two o'clock, shown an hour later to a guide who could not know.
        lost = self.holders[data.LOST]
        self._scan(tour, lost, self.at(-1, time(15, 20)), 1, Reason.WELCOME)
        lost_at = self.at(-1, time(14, 5))
        await passes.revoke(self.officer, lost.row.id, "Téléphone perdu (démonstration)", now=lost_at)
        for door in (ferry, tour, second):
            await self._hand_in(door, self.at(-1, EVENING))

    async def _this_morning(self) -> None:
        """What waits in the inbox, and what each scanner knows."""
        now, told = self.now, self.now - timedelta(days=2)
        await self._letter_that_came_back(told)
        draft = await self._draft(data.DRAFT, told, is_major=False)
        await self._remark(draft.id, data.REMARKS, told)
        first_name, last_name, message = data.CANDIDATE
        email = data.email_of(first_name, last_name)
        await candidates.apply(first_name=first_name, last_name=last_name, email=email, message=message, now=told)
        first_name, last_name, message = data.NOTED
        earlier = told - timedelta(days=20)
        await candidates.note(self.officer, first_name=first_name, last_name=last_name, message=message, now=earlier)
        first_name, kind, message = data.REQUEST
        await privacy.ask(SYSTEM, self.holders[first_name].row.id, kind, message, now=told)
        for first_name, wish in data.WISHES:
            await renewals.wish(SYSTEM, self.holders[first_name].row.id, wish, now=told)
        await self._hear_from_scanners()
        venue_id = self.doors[data.SHOP_AT].device.venue_id
        poster = await venues.make_pairing(
            self.officer, venue_id, reusable=True, lifetime=timedelta(days=365), now=told
        )
        await venues.pair(poster, "Tablette de la boutique", "boussole", now=now - timedelta(hours=5))
        await self._correct_one()
        await self._a_circle_and_a_wish(told)
        await self._events_of_today()
        await silence.watch(now=now)

    async def _a_circle_and_a_wish(self, told: datetime) -> None:
        """The photographers have a benefit of their own, and the first place's manager would like theirs to be another."""
        name, members = data.CIRCLE
        circle = await circles.set_circle(
            self.officer, None, name, [self.holders[one].row.id for one in members], now=told
        )
        venue_id = self.doors[data.CIRCLE_AT].device.venue_id
        terms = msgspec.structs.replace(data.FOR_THE_CIRCLE, who=Who.CIRCLE, circle_id=circle.id)
        await venues.set_benefit(self.officer, venue_id, None, terms, now=told)
        first = self.doors[data.PLACES[0].name]
        manager = await access.ensure_account(data.MANAGER[1], now=told)
        actor = Actor(kind="account", id=manager.id, roles=frozenset({Role.MANAGER}))
        wish = msgspec.structs.replace(first.benefit.terms, guests_max=data.WISHED_GUESTS)
        await proposals.propose(actor, first.device.venue_id, first.benefit.id, wish, data.WISH_NOTE, now=told)

    async def _hear_from_scanners(self) -> None:
        newest = (await passes.publish_status(now=self.now)).version
        assert self.second_guide is not None
        for index, door in enumerate([*self.doors.values(), self.second_guide]):
            is_away = door.place.name == data.AT_SEA
            heard = self.now - (timedelta(days=data.AT_SEA_DAYS) if is_away else timedelta(minutes=7 + 11 * index))
            await snapshot.note_snapshot(door.device.id, None if is_away else newest, now=heard)

    async def _letter_that_came_back(self, at: datetime) -> None:
        """The newcomer was invited at an address that does not exist."""
        person = next(one for one in await club.ambassadors() if one.first_name == data.NEWCOMER)
        await desk.invite_person(self.officer, person.id, self.head, now=at)
        [letter] = await mail.letters_about([person.account_id])
        await mail.mark_sent(letter.id, now=at, keep_body=True)
        await mail.mark_failed(letter.id, "5.1.1", now=at + timedelta(minutes=4), bounced=True)

    async def _correct_one(self) -> None:
        """The desk counted one companion too many, and told."""
        newest = (
            await Visit.objects()
            .where(Visit.state == "counted", Visit.companions > 1, Visit.at < self.at(-5, EVENING))
            .order_by(Visit.at, ascending=False)
            .first()
        )
        assert newest is not None
        why = "Un enfant compté deux fois (démonstration)"
        await visits.correct_companions(self.officer, newest.id, newest.companions - 1, why, now=self.now)


_IN_YESTERDAYS_STORY = {
    data.ALONE,
    data.LOST,
    data.AFTER_THE_GAP,
    data.TWICE_AT_SEA,
    data.AT_TWO_DOORS,
    data.AT_BOTH_GUIDES,
    data.UNDONE,
    data.UNDONE_LATE,
}


def _newcomer() -> Person:
    return next(person for person in data.PEOPLE if person.first_name == data.NEWCOMER)


async def _only_the_day(_: datetime) -> None:
    """A mandate has ended: nothing to do but to publish what is valid."""


def _show_code(issuer: Issuer, key: EllipticCurvePrivateKey, pass_: Pass, at: datetime, chance: random.Random) -> str:
    """The digits that a phone shows at that instant."""
    fields = token.parse_credential(unb64(pass_.credential))
    assert isinstance(fields, token.Fields)
    iat, nonce = int(at.timestamp()) - 4, chance.randbytes(token.NONCE_BYTES)
    return token.digits_of(token.sign_proof(fields, issuer.iss, key, iat=iat, nonce=nonce).raw)


def _show_progress(show: Show, done: int, total: int) -> None:
    show(f"\rDeux saisons de démonstration : [{'#' * done}{'.' * (total - done)}]")
