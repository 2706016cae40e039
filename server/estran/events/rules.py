"""Stages of an event, who gets a place, when letters leave. Pure: instants are aware, days and hours the club's."""

from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from estran.club.rules import Eligibility

TITLE_MAX, PLACE_MAX, NOTE_MAX, TEXT_MAX = 120, 200, 200, 2000
GUESTS_MAX = 4
CAPACITY_MAX = 10_000
SLOTS_MAX = 20
LONGEST = timedelta(days=3)
"""A slot that lasts longer is several, or a mistake in the year."""
DOOR_OPENS = timedelta(hours=2)
"""Before a slot begins: from then on its venue's scanners offer to welcome for it."""
DOOR_CLOSES = timedelta(hours=2)
"""After a slot has ended."""
PROMOTED_UNTIL = timedelta(hours=24)
"""Before a slot begins: later nobody is given a place without being asked, who may have made other plans."""
REMINDED_BEFORE = timedelta(days=2)
"""Before the replies end, who has not replied is reminded, once; before a slot, who comes is."""
SETTLES = timedelta(minutes=10)
"""What the officer notes is told that much later: who corrects a slip of the hand does so at once, and it makes one letter."""
DAY_BEGINS, DAY_ENDS = 8, 20
"""Hours between which a letter may leave, by the club's clock: no one's telephone rings at night."""


AWAY = frozenset({Eligibility.PAUSED, Eligibility.ENDED})
"""Who comes to nothing and is asked nothing. Somebody who has only to sign the manifesto is asked: it is a reason to."""


class Who(StrEnum):
    """Who is invited. Stored: append-only."""

    ALL = "all"
    CERTIFIED = "certified"
    CIRCLE = "circle"
    PICKED = "picked"
    NEVER_BEEN = "never_been"


class Reply(StrEnum):
    """What an invited ambassador said. Stored: append-only."""

    AWAITED = "awaited"
    COMING = "coming"
    WAITING = "waiting"
    DECLINED = "declined"


PLACED = frozenset({Reply.COMING, Reply.WAITING})
"""Who would like to come, with a slot of theirs."""


class Stage(StrEnum):
    """Where an event stands; made of its instants, never stored."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    HELD = "held"
    SUMMED = "summed"
    CANCELLED = "cancelled"


class Topic(StrEnum):
    """Letters that somebody may do without. Stored: append-only."""

    INVITATIONS = "invitations"
    REMINDERS = "reminders"
    THANKS = "thanks"


class Told(StrEnum):
    """What a person is told by letter about an event. Stored: append-only."""

    INVITED = "invited"
    REMINDER = "reminder"
    PROMOTED = "promoted"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    THANKS = "thanks"
    NOTED = "noted"
    REMOVED = "removed"


SAYS_ALL = (
    Told.CANCELLED,
    Told.REMOVED,
    Told.INVITED,
    Told.PROMOTED,
    Told.CHANGED,
    Told.NOTED,
    Told.REMINDER,
    Told.THANKS,
)
"""Of several things to tell about one event the first of these says all that is in the others."""

TOPICS = {Told.INVITED: Topic.INVITATIONS, Told.REMINDER: Topic.REMINDERS, Told.THANKS: Topic.THANKS}
"""What is not here concerns people who come, and is always told."""


def stage(
    *,
    opened_at: datetime | None,
    closed_at: datetime | None,
    cancelled_at: datetime | None,
    summed_at: datetime | None,
    reply_by: datetime | None,
    ends: Sequence[datetime],
    now: datetime,
) -> Stage:
    """Where an event stands at `now`. `ends`: when its slots end; without any it is a draft."""
    if cancelled_at is not None:
        return Stage.CANCELLED
    if opened_at is None or not ends:
        return Stage.DRAFT
    if summed_at is not None:
        return Stage.SUMMED
    if now >= max(ends):
        return Stage.HELD
    is_over = closed_at is not None or (reply_by is not None and now >= reply_by)
    return Stage.CLOSED if is_over else Stage.OPEN


# --- places -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody on a slot's waiting list: `heads` includes the ambassador."""

    ambassador_id: UUID
    heads: int
    since: datetime
    has_been: bool
    """At an event before: served after the others, where the event says so."""


def fits(capacity: int | None, taken: int, heads: int) -> bool:
    """Whether so many more have a place."""
    return capacity is None or taken + heads <= capacity


def in_order(waiting: Collection[Waiting], *, newcomers_first: bool) -> list[Waiting]:
    """The waiting list as it is served: by the hour of the reply; where the event says so, who has never been comes first."""
    return sorted(waiting, key=lambda one: (newcomers_first and one.has_been, one.since, one.ambassador_id))


def promoted(capacity: int | None, taken: int, waiting: Collection[Waiting], *, newcomers_first: bool) -> list[Waiting]:
    """Who gets a place now: each in turn whose whole party fits. Who needs more places than are left keeps their rank."""
    served = []
    for one in in_order(waiting, newcomers_first=newcomers_first):
        if fits(capacity, taken, one.heads):
            served.append(one)
            taken += one.heads
    return served


# --- letters ----------------------------------------------------------------------------------------------------------


def digest_at(now: datetime, weekday: int, hour: int, zone: ZoneInfo) -> datetime:
    """The next instant at which a club's digest leaves, later than `now`; ISO weekday, hour of the club's clock."""
    today = now.astimezone(zone).date()
    ahead = (weekday - today.isoweekday()) % 7
    at = _at(today + timedelta(days=ahead), hour, zone)
    return at if at > now else _at(today + timedelta(days=ahead + 7), hour, zone)


def is_too_late(digest_at: datetime, reply_by: datetime | None) -> bool:
    """Whether a digest would bring an invitation when there are not two days left to reply: it leaves at once instead."""
    return reply_by is not None and digest_at > reply_by - REMINDED_BEFORE


def daytime(now: datetime, zone: ZoneInfo) -> datetime:
    """`now` by day; by night the next morning."""
    local = now.astimezone(zone)
    if local.hour < DAY_BEGINS:
        return _at(local.date(), DAY_BEGINS, zone)
    return _at(local.date() + timedelta(days=1), DAY_BEGINS, zone) if local.hour >= DAY_ENDS else now


def reminded_of(
    reply: Reply,
    *,
    reply_by: datetime | None,
    starts_at: datetime | None,
    replied_at: datetime | None,
    reminded_at: datetime | None,
    told_at: datetime | None,
    now: datetime,
) -> datetime | None:
    """What an invited person is to be reminded of now: the end of the replies, or the beginning of their slot; None: nothing.

    `reply_by`: None while no replies are taken. `starts_at`: of their slot. `told_at`: when they were last written
    to about this event; who never was is not asked for a reply.
    """
    if told_at is not None and told_at > now - REMINDED_BEFORE:
        return None
    if reply is Reply.AWAITED and reply_by is not None and told_at is not None and reminded_at is None:
        return reply_by if now < reply_by <= now + REMINDED_BEFORE else None
    if reply is Reply.COMING and starts_at is not None and now < starts_at <= now + REMINDED_BEFORE:
        begun = starts_at - REMINDED_BEFORE
        return starts_at if all(at is None or at < begun for at in (replied_at, reminded_at)) else None
    return None


def is_news(kind: Told, stage: Stage, reply: Reply, *, is_past: bool, is_member: bool) -> bool:
    """Whether somebody is still to be told so when the letter leaves, or it has become pointless since.

    `is_past`: the slot they replied for has ended, or all of them; the one that was taken away from them. Who is no member any
    more is asked nothing, but told what becomes of an event that they said they would come to.
    """
    takes_place = stage in {Stage.OPEN, Stage.CLOSED} and not is_past
    is_asked = reply is Reply.AWAITED and stage is Stage.OPEN and is_member
    match kind:
        case Told.INVITED:
            return is_asked
        case Told.REMINDER:
            return is_asked or (reply is Reply.COMING and takes_place and is_member)
        case Told.PROMOTED:
            return reply is Reply.COMING and takes_place
        case Told.NOTED:
            return reply in PLACED and takes_place and is_member
        case Told.CHANGED:
            return is_asked or (reply in PLACED and takes_place)
        case Told.REMOVED:  # once the replies are over, too, and where no slot is ahead any more
            return reply is Reply.AWAITED and stage in {Stage.OPEN, Stage.CLOSED, Stage.HELD} and not is_past
        case Told.CANCELLED:
            concerns = reply in PLACED or (reply is Reply.AWAITED and is_member)
            return stage is Stage.CANCELLED and concerns and not is_past
        case Told.THANKS:
            return stage is Stage.SUMMED


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(ZoneInfo("UTC"))


# --- afterwards -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who was expected at an event, and who came. Heads of guests stand apart from ambassadors."""

    invited: int
    coming: int
    present: int
    absent: int
    """Said that they would come, and did not."""
    walk_ins: int
    """Came without having said so."""
    guests: int

    def __add__(self, other: Self) -> Self:
        """The sums of two groups of people who have nobody in common."""
        return type(self)(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))

    @property
    def no_show_rate(self) -> float | None:
        """Of those who said that they would come, how many did not; None when nobody had."""
        return None if self.coming == 0 else self.absent / self.coming


def attendance(replies: dict[UUID, Reply], guests_of_present: dict[UUID, int]) -> Attendance:
    """The sums of one event. `replies`: of everybody invited; `guests_of_present`: of everybody who came."""
    coming = {one for one, reply in replies.items() if reply is Reply.COMING}
    present = set(guests_of_present)
    return Attendance(
        invited=len(replies),
        coming=len(coming),
        present=len(present),
        absent=len(coming - present),
        walk_ins=len(present - coming),
        guests=sum(guests_of_present.values()),
    )
