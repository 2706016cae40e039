"""Events as the desk shows them: where each stands, who comes to which slot, who is invited and who is left out, with names."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from estran.club import circles
from estran.club import service as club
from estran.desk.people import state_of
from estran.events import news, replies, rules
from estran.events import service as events
from estran.events.replies import Places
from estran.events.rules import Reply, Stage, Told, Topic
from estran.events.tables import Event, Invitee, News, Slot
from estran.venues import service as venues
from estran.visits import arrivals

# --- letters that wait ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waits:
    """Letters of invitation to one event that have not left."""

    n: int
    leaves_at: datetime
    """The first of them; not later than now: in these minutes."""
    is_first: bool
    """None has left before them."""


async def waits(event_ids: Collection[UUID]) -> dict[UUID, Waits]:
    """Of those of these events whose invitations, or some of them, wait for their hour."""
    told: dict[UUID, list[News]] = {event_id: [] for event_id in event_ids}
    if told:
        for row in await News.objects().where(News.event_id.is_in(list(told)), News.kind == Told.INVITED.value):
            told[row.event_id].append(row)
    unsent = {event_id: [row.due_at for row in rows if row.sent_at is None] for event_id, rows in told.items()}
    return {
        event_id: Waits(len(due), min(due), is_first=len(due) == len(told[event_id]))
        for event_id, due in unsent.items()
        if due
    }


# --- the list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the list."""

    event: Event
    stage: Stage
    slots: list[Slot]
    where: str
    counts: Counter[str]
    """People by what they said: see `rules.Reply`. Of those who are named no more only who had said yes."""
    waits: Waits | None

    @property
    def begins_at(self) -> datetime | None:
        """When its first slot begins; None while that is not said."""
        return self.slots[0].starts_at if self.slots else None

    @property
    def ends_at(self) -> datetime | None:
        """When its last slot ends."""
        return max((one.ends_at for one in self.slots), default=None)

    @property
    def due_at(self) -> datetime:
        """By what it stands in the list: the end of the replies, of the event, or its beginning."""
        at = self.event.reply_by if self.stage is Stage.OPEN else self.ends_at
        return at or self.event.created_at


async def lines(*, now: datetime) -> list[Line]:
    """Every event."""
    rows = await events.events()
    times = await events.slots([row.id for row in rows])
    places = {venue.id: venue.name for venue in await venues.venues(archived=True)}
    counts = {row.id: Counter[str]({Reply.COMING: row.gone_coming} if row.gone_coming else {}) for row in rows}
    for one in await Invitee.select(Invitee.event_id, Invitee.reply).where(Invitee.invited_at.is_not_null()):
        counts[one["event_id"]][one["reply"]] += 1
    waiting = await waits([row.id for row in rows])
    return [
        Line(
            row,
            events.stage_of(row, times[row.id], now=now),
            times[row.id],
            where(row, places.get(row.venue_id, "")),
            counts[row.id],
            waiting.get(row.id),
        )
        for row in rows
    ]


def where(row: Event, venue: str) -> str:
    """Where it takes place, on one line: the venue and what is said of the place."""
    return ", ".join(part for part in (venue, row.place) if part)


# --- one event --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the club in view of an event."""

    id: UUID
    name: str
    guests: int = 0
    slot_id: UUID | None = None
    reply: Reply = Reply.AWAITED
    rank: int | None = None
    """On the waiting list."""
    replied_at: datetime | None = None
    is_absent: bool = False
    """Said that they come, and did not."""


@dataclass(frozen=True, slots=True)
class Time:
    """One slot and who it is for."""

    slot: Slot
    places: Places
    coming: list[Person] = field(default_factory=list)
    waiting: list[Person] = field(default_factory=list)
    """In the order in which they are served."""


@dataclass(frozen=True, slots=True)
class View:
    """One event with everybody who was invited."""

    event: Event
    stage: Stage
    venue: str
    circle: str
    times: list[Time]
    silent: list[Person]
    declined: list[Person]
    waits: Waits | None

    @property
    def where(self) -> str:
        """Where it takes place, on one line."""
        return where(self.event, self.venue)

    def may_note(self, now: datetime) -> bool:
        """Whether the officer may say who came: from when the scanners would welcome."""
        begins = min((one.slot.starts_at for one in self.times), default=None)
        is_on = self.event.opened_at is not None and self.stage is not Stage.CANCELLED
        return is_on and begins is not None and now >= begins - rules.DOOR_OPENS

    @property
    def coming(self) -> list[Person]:
        """Everybody who comes, to any slot."""
        return [person for one in self.times for person in one.coming]

    @property
    def waiting(self) -> list[Person]:
        """Everybody who waits for a place."""
        return [person for one in self.times for person in one.waiting]

    @property
    def invited(self) -> list[Person]:
        """Everybody who was invited."""
        return [*self.coming, *self.waiting, *self.silent, *self.declined]


async def view(event_id: UUID, *, now: datetime) -> View:
    """That event as its page shows it; raises NotFound."""
    row = await events.event(event_id)
    slots = await events.slots_of(event_id)
    names = await names_of()
    came = await arrivals.present(event_id) if row.summed_at is not None else {}
    people = []
    for one in await events.invitees(event_id):
        if one.invited_at is not None:
            rank = await replies.rank(one, row, now=now)
            people.append(
                Person(
                    one.ambassador_id,
                    names.get(one.ambassador_id, ""),
                    one.guests,
                    one.slot_id,
                    Reply(one.reply),
                    rank,
                    one.replied_at,
                    is_absent=one.reply == Reply.COMING
                    and (one.came is False or (row.summed_at is not None and one.ambassador_id not in came)),
                )
            )
    order = {person: at for at, person in enumerate(names)}
    people.sort(key=lambda one: (one.rank or 0, order.get(one.id, len(order))))
    taken = await replies.places(slots)

    def those(reply: Reply, slot: Slot | None = None) -> list[Person]:
        return [one for one in people if one.reply is reply and (slot is None or one.slot_id == slot.id)]

    return View(
        event=row,
        stage=events.stage_of(row, slots, now=now),
        venue=(await venues.venue(row.venue_id)).name if row.venue_id else "",
        circle=next((one.name for one in await circles.circles() if one.id == row.circle_id), ""),
        times=[Time(one, taken[one.id], those(Reply.COMING, one), those(Reply.WAITING, one)) for one in slots],
        silent=those(Reply.AWAITED),
        declined=those(Reply.DECLINED),
        waits=(await waits([event_id])).get(event_id),
    )


async def names_of() -> dict[UUID, str]:
    """The whole name of everybody in the club, by last name."""
    return {person.id: f"{person.first_name} {person.last_name}" for person in await club.ambassadors()}


# --- whom the invitations go to ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who gets no invitation; `why`: `asked` already, a state of the desk's, or `who.` with whom the event is for."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Exactly whom invitations would go to now."""

    invited: list[Person]
    quiet: list[Person]
    """Of those, who wishes no letters of invitation: the app tells them."""
    left_out: list[LeftOut]


async def plan(row: Event, *, now: datetime) -> Plan:
    """Who would be invited now, and who would not, and why not."""
    people = await club.ambassadors()
    standings = await club.standings([one.id for one in people], now=now)
    wanted = await events.whom(row, now=now)
    asked = {one.ambassador_id for one in await events.invitees(row.id) if one.invited_at is not None}
    invited, left_out = [], []
    for one in people:
        name = f"{one.first_name} {one.last_name}"
        if one.id in asked:
            left_out.append(LeftOut(name, "asked"))
        elif one.id in wanted:
            invited.append(Person(one.id, name))
        elif (found := standings[one.id]).eligibility not in events.ASKED:
            left_out.append(LeftOut(name, state_of(one, found, had_pass=True)))
        else:
            left_out.append(LeftOut(name, f"who.{row.who}"))
    quiet = [one for one in invited if Topic.INVITATIONS not in await news.topics_of(one.id)]
    return Plan(invited, quiet, left_out)


@dataclass(frozen=True, slots=True)
class Leaving:
    """When letters of invitation would leave."""

    digest_at: datetime
    at_once: datetime
    """Now by day; by night the next morning."""
    is_forced: bool
    """The digest would come when there are not two days left to reply."""


async def leaving(row: Event, *, now: datetime) -> Leaving:
    """When the invitations of this event would leave."""
    digest_at = await news.next_digest(now=now)
    at_once = rules.daytime(now, await club.zone())
    reply_by = (
        row.reply_by if row.reply_by and row.reply_by > now else None
    )  # one that is over is still to be said anew
    return Leaving(digest_at, at_once, rules.is_too_late(digest_at, reply_by))


# --- figures ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Season:
    """A calendar year of events. People are only those of events that were summed up."""

    year: int
    held: int
    n_open: int
    """Held, and not summed up yet: nobody can say who came."""
    invited: int
    coming: int
    present: int
    absent: int

    @property
    def no_show_percent(self) -> int | None:
        """Of those who said that they would come, how many did not; None when nobody had."""
        return round(100 * self.absent / self.coming) if self.coming else None


async def season(year: int, found: Sequence[Line], zone: ZoneInfo) -> Season:
    """The figures of the events whose last slot was in that year, by the club's clock."""
    of_year = [line for line in found if line.ends_at and line.ends_at.astimezone(zone).year == year]
    summed_ids = [line.event.id for line in of_year if line.stage is Stage.SUMMED]
    summed = (await arrivals.attendances(summed_ids)).values()
    n_open = sum(line.stage is Stage.HELD for line in of_year)
    return Season(
        year=year,
        held=len(summed) + n_open,
        n_open=n_open,
        invited=sum(one.invited for one in summed),
        coming=sum(one.coming for one in summed),
        present=sum(one.present for one in summed),
        absent=sum(one.absent for one in summed),
    )
