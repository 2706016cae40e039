"""What the ambassador's phone asks and says about events (docs/sync.md §2): one's own invitations, letters and calendar.

Invitations and replies need no session: the phone proves that it holds the pass.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from estran import clock
from estran.access import guards
from estran.actor import Actor
from estran.club import service as club
from estran.events import feeds, mine, news, replies
from estran.events import service as events
from estran.events.mine import Invitation
from estran.events.rules import GUESTS_MAX, Reply, Stage, Topic
from estran.settings import Settings
from estran.venues import service as venues
from estran.venues.tables import Venue
from estran.venues.terms import Words
from estran.web.faults import BODY, problems


class SlotOut(msgspec.Struct, rename="camel"):
    """One of an event's times. `left`: free places, null when there is no limit; `waiting`: people on its waiting list."""

    id: UUID
    starts_at_ms: int
    ends_at_ms: int
    note: str
    left: int | None
    waiting: int


class ReplyOut(msgspec.Struct, rename="camel"):
    """What the reader has said, and when. `rank`: on the waiting list, from 1; `came`: null while nobody has said so."""

    reply: Reply
    slot_id: UUID | None
    guests: int
    said_at_ms: int | None
    rank: int | None
    came: bool | None


class InvitationOut(msgspec.Struct, rename="camel"):
    """An event that the reader is invited to. `venue` is empty where it takes place elsewhere: `place` then says where.

    What is not said in English is empty there.
    """

    id: UUID
    stage: Stage
    title: Words
    about: Words
    venue: str
    address: str
    commune: str
    place: str
    place_en: str
    access: str
    access_en: str
    bring: str
    bring_en: str
    guests_max: int
    newcomers_first: bool
    reply_by_ms: int | None
    cancelled_why: str
    slots: list[SlotOut]
    mine: ReplyOut


class InvitationsOut(msgspec.Struct, rename="camel"):
    """Everything the reader was invited to within a year. `whose`: a phone sends nobody else's replies."""

    whose: UUID
    zone: str
    told_at_ms: int
    events: list[InvitationOut]


class ReplyIn(msgspec.Struct, rename="camel"):
    """Whether one comes, to which slot (null: the only one), with how many guests. `said_at_ms`: null is now."""

    coming: bool
    slot_id: UUID | None = None
    guests: Annotated[int, msgspec.Meta(ge=0, le=GUESTS_MAX)] = 0
    said_at_ms: clock.Ms | None = None


class LettersOut(msgspec.Struct, rename="camel"):
    """The topics of which the reader wants letters."""

    wanted: list[Topic]


class LettersIn(msgspec.Struct, rename="camel"):
    """The topics of which letters are wanted from now on; of the others none come."""

    wanted: Annotated[list[Topic], msgspec.Meta(max_length=len(Topic))]


class CalendarOut(msgspec.Struct, rename="camel"):
    """Whether the reader's calendar is read from some address."""

    has: bool


class AddressOut(msgspec.Struct, rename="camel"):
    """A secret address of the reader's own calendar; it is told this once."""

    url: str


# --- invitations ------------------------------------------------------------------------------------------------------


@get("/events", operation_id="invitations", responses=problems(401, 404))
async def read_invitations(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> InvitationsOut:
    """What the ambassador is invited to, with their reply."""
    person_id = await _person(actor)
    houses = {one.id: one for one in await venues.venues(archived=True)}
    return InvitationsOut(
        whose=person_id,
        zone=(await club.house()).zone,
        told_at_ms=clock.to_ms(now),
        events=[_told(one, houses, now=now) for one in await mine.invitations(person_id, now=now)],
    )


@post(
    "/events/{event_id:uuid}/reply",
    operation_id="replyToInvitation",
    status_code=200,
    responses=problems(*BODY, 401, 404, 409),
)
async def reply(
    event_id: FromPath[UUID],
    data: JSONBody[ReplyIn],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> InvitationOut:
    """Say whether one comes; the last word counts, the same again changes nothing. A full slot means its waiting list."""
    person_id = await _person(actor)
    await replies.reply(
        actor,
        event_id,
        person_id,
        coming=data.coming,
        slot_id=data.slot_id,
        guests=data.guests,
        said_at=clock.from_ms(data.said_at_ms) if data.said_at_ms is not None else None,
        now=now,
    )
    one = await mine.invitation(event_id, person_id, now=now)
    houses = [await venues.venue(one.event.venue_id)] if one.event.venue_id else []
    return _told(one, {house.id: house for house in houses}, now=now)


def _told(one: Invitation, houses: dict[UUID, Venue], *, now: datetime) -> InvitationOut:
    event, house = one.event, houses.get(one.event.venue_id)
    return InvitationOut(
        id=event.id,
        stage=events.stage_of(event, one.slots, now=now),
        title=Words(event.title, event.title_en),
        about=Words(event.about, event.about_en),
        venue=house.name if house else "",
        address=house.address if house else "",
        commune=house.commune if house else "",
        place=event.place,
        place_en=event.place_en,
        access=event.access,
        access_en=event.access_en,
        bring=event.bring,
        bring_en=event.bring_en,
        guests_max=event.guests_max,
        newcomers_first=event.newcomers_first,
        reply_by_ms=clock.to_ms(event.reply_by) if event.reply_by else None,
        cancelled_why=event.cancelled_why or "",
        slots=[
            SlotOut(
                id=slot.id,
                starts_at_ms=clock.to_ms(slot.starts_at),
                ends_at_ms=clock.to_ms(slot.ends_at),
                note=slot.note,
                left=one.places[slot.id].left,
                waiting=one.places[slot.id].waiting,
            )
            for slot in one.slots
        ],
        mine=ReplyOut(
            reply=Reply(one.invitee.reply),
            slot_id=one.invitee.slot_id,
            guests=one.invitee.guests,
            said_at_ms=clock.to_ms(said_at) if (said_at := one.invitee.said_at or one.invitee.replied_at) else None,
            rank=one.rank,
            came=one.invitee.came,
        ),
    )


# --- letters and calendar ---------------------------------------------------------------------------------------------


@get("/letters", operation_id="lettersAboutEvents", responses=problems(401, 404))
async def read_letters(actor: NamedDependency[Actor]) -> LettersOut:
    """Of which topics the signed-in ambassador wants letters."""
    return LettersOut(sorted(await news.topics_of(await _person(actor)), key=list(Topic).index))


@post("/letters", operation_id="chooseLettersAboutEvents", status_code=200, responses=problems(*BODY, 401, 404))
async def choose_letters(
    data: JSONBody[LettersIn], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> LettersOut:
    """Choose of which topics letters come. What concerns somebody who comes (a change, a cancellation) is always told."""
    person_id = await _person(actor)
    await news.set_topics(actor, person_id, set(data.wanted), now=now)
    return LettersOut(sorted(await news.topics_of(person_id), key=list(Topic).index))


@get("/calendar", operation_id="hasCalendar", responses=problems(401, 404))
async def read_calendar(actor: NamedDependency[Actor]) -> CalendarOut:
    """Whether an address of the reader's calendar is in use."""
    return CalendarOut(await feeds.has(await _person(actor)))


@post("/calendar", operation_id="makeCalendar", responses=problems(400, 401, 403, 404))
async def make_calendar(
    settings: NamedDependency[Settings], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> AddressOut:
    """A new address for the reader's calendar: events they come to, for as long as they wish."""
    token = await feeds.make(actor, await _person(actor), now=now)
    return AddressOut(f"{settings.origin}/calendar/{token}.ics")


@delete("/calendar", operation_id="endCalendar", responses=problems(400, 401, 403, 404))
async def end_calendar(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> None:
    """Every address of the reader's calendar ends."""
    await feeds.end_all(actor, await _person(actor), now=now)


async def _person(actor: Actor) -> UUID:
    """The ambassador who asks; raises NotFound."""
    return (await club.ambassador(guards.ambassador_of(actor))).id


routers = [
    Router(
        "/api/v1/pass",
        route_handlers=[read_invitations, reply],
        guards=[guards.pass_or_session],
        tags=["events"],
    ),
    Router(
        "/api/v1/pass",
        route_handlers=[read_letters, choose_letters, read_calendar, make_calendar, end_calendar],
        guards=[guards.pass_actor],
        tags=["events"],
    ),
]
