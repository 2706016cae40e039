"""What people are told about events by letter: kept until it is due, then one letter for all of it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from estran.actor import Actor
from estran.club import service as club
from estran.db import writes
from estran.events import rules
from estran.events.rules import TOPICS, Told, Topic
from estran.events.tables import Event, Feed, News, Quiet
from estran.history import service as history


@writes
async def tell(
    event: Event, ambassador_ids: Collection[UUID], kind: Told, *, soon: bool = False, now: datetime
) -> None:
    """These people are to be told: with the club's next digest, or `soon`, which is now by day and next morning by night.

    Who does not want letters of this topic is left out; what a later word makes pointless is not told any more.
    """
    if not ambassador_ids:
        return
    house = await club.house()
    zone = ZoneInfo(house.zone)
    due_at = rules.daytime(now, zone) if soon else rules.digest_at(now, house.digest_weekday, house.digest_hour, zone)
    quiet = await _quiet(TOPICS[kind]) if kind in TOPICS else set()
    unsent = (News.event_id == event.id) & News.sent_at.is_null() & News.ambassador_id.is_in(list(ambassador_ids))
    await News.delete().where(unsent if kind is Told.CANCELLED else unsent & (News.kind == kind.value))
    for ambassador_id in ambassador_ids:
        if ambassador_id not in quiet:
            await News(
                id=uuid4(),
                ambassador_id=ambassador_id,
                event_id=event.id,
                kind=kind.value,
                created_at=now,
                due_at=due_at,
            ).save()


async def _quiet(topic: Topic) -> set[UUID]:
    found = await Quiet.select(Quiet.ambassador_id).where(Quiet.topic == topic.value).output(as_list=True)
    return set(found)


async def next_digest(*, now: datetime) -> datetime:
    """When the club's next digest leaves."""
    house = await club.house()
    return rules.digest_at(now, house.digest_weekday, house.digest_hour, ZoneInfo(house.zone))


# --- topics -----------------------------------------------------------------------------------------------------------


async def topics_of(ambassador_id: UUID) -> set[Topic]:
    """The topics of which this person wants letters: all of them, until they say otherwise."""
    rows = await Quiet.select(Quiet.topic).where(Quiet.ambassador_id == ambassador_id).output(as_list=True)
    return set(Topic) - {Topic(row) for row in rows}


@writes
async def set_topics(actor: Actor, ambassador_id: UUID, wanted: Collection[Topic], *, now: datetime) -> None:
    """From now on this person gets letters of exactly these topics; what concerns who comes is always told.

    The same again changes nothing. Raises NotFound.
    """
    await club.ambassador(ambassador_id)
    quiet = set(Topic) - set(wanted)
    if quiet == set(Topic) - await topics_of(ambassador_id):
        return
    await Quiet.delete().where(Quiet.ambassador_id == ambassador_id)
    for topic in sorted(quiet):
        await Quiet(id=uuid4(), ambassador_id=ambassador_id, topic=topic.value).save()
    details = {"quiet": sorted(quiet)}
    await history.record(actor, "events.topics", "ambassador", ambassador_id, now=now, details=details)


@writes
async def forget(ambassador_id: UUID) -> None:
    """No letter about events is on its way to this person, and no calendar of theirs is left."""
    for table in (News, Quiet, Feed):
        await table.delete().where(table.ambassador_id == ambassador_id)
