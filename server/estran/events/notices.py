"""What one person's letter tells of one event, as it stands when the letter leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from estran.club import service as club
from estran.events import links, rules, words
from estran.events import service as events
from estran.events.calendar import Entry
from estran.events.rules import Reply, Stage, Told
from estran.events.tables import Event, Invitee, News, Slot
from estran.history import service as history
from estran.history.service import Entry as Done
from estran.mail.letters import Letterhead, Notice, Said
from estran.passes.keys import Issuer
from estran.texts import LANGS, t
from estran.venues import service as venues
from estran.venues.sentences import listed

LINK_LASTS = timedelta(days=30)
"""After the last slot: the letter of an event that was put off still leads somewhere."""
_KINDS = {
    Told.INVITED: "invited",
    Told.PROMOTED: "promoted",
    Told.CHANGED: "changed",
    Told.CANCELLED: "cancelled",
    Told.THANKS: "thanks",
    Told.NOTED: "noted",
    Told.REMOVED: "removed",
}
_CHANGED = {"venue_id": "place"}
_ENTRIES = 500
"""Of an event's history, newest first: more than happens between two letters about it."""
_PARTS = ("moved", "place", "bring", "access", "guests_max", "reply_by")


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing to tell: the rows of `events_news` that it answers, and everything it is made of."""

    row: News
    event: Event
    slots: Sequence[Slot]
    """That of the person's reply, or all they may choose from."""
    reply: Reply
    invitee: Invitee
    gone: Sequence[Slot]
    """Those that were taken away since this person was last written to, where they had been to choose from, or theirs."""

    @property
    def kind(self) -> Told:
        """What is told."""
        return Told(self.row.kind)


async def tellings(ambassador_id: UUID, rows: Sequence[News], *, now: datetime) -> list[Telling]:
    """What is still worth telling of these rows about one person: one thing for each event at most."""
    if not rows:
        return []
    ids = {row.event_id for row in rows}
    known = {row.id: row for row in await Event.objects().where(Event.id.is_in(list(ids)))}
    times = await events.slots(ids)
    asked = {
        one.event_id: one
        for one in await Invitee.objects().where(
            Invitee.ambassador_id == ambassador_id, Invitee.event_id.is_in(list(ids))
        )
    }
    is_member = (await club.standing(ambassador_id, now=now)).eligibility not in rules.AWAY
    found: dict[UUID, Telling] = {}
    for row in sorted(rows, key=lambda row: rules.SAYS_ALL.index(Told(row.kind))):
        if row.event_id in found or row.event_id not in asked:
            continue
        one = asked[row.event_id]
        kind, event = Told(row.kind), known[row.event_id]
        slots = [slot for slot in times[row.event_id] if one.slot_id in {None, slot.id}]
        gone = await _gone(one) if kind in {Told.CHANGED, Told.REMOVED} else []
        concerned = slots
        if kind is Told.REMOVED:
            concerned, slots = gone, [slot for slot in slots if slot.starts_at > now]
        if rules.is_news(
            kind,
            events.stage_of(event, times[row.event_id], now=now),
            Reply(one.reply),
            is_past=all(slot.ends_at <= now for slot in concerned),
            is_member=is_member,
        ):
            found[row.event_id] = Telling(row, event, slots, Reply(one.reply), one, gone)
    return list(found.values())


async def notice(one: Telling, issuer: Issuer, head: Letterhead, *, to: str, now: datetime) -> Notice:
    """The words of it, with the link to the page where one replies; `to`: the folded address that the letter goes to."""
    event, zone = one.event, await club.zone()
    kind = _KINDS.get(one.kind) or ("soon" if one.reply is Reply.COMING else "awaited")
    title = _said(event, "title")
    when = [{lang: _time(slot, zone, lang, event, one.reply) for lang in LANGS} for slot in one.slots]
    if kind == "thanks":
        return Notice(kind=kind, title=title, words=event.thanks)
    venue = await venues.venue(event.venue_id) if event.venue_id else None
    where = {lang: words.where(event, venue, lang) if lang == "fr" or event.place_en else "" for lang in LANGS}
    if kind == "cancelled":
        return Notice(kind=kind, title=title, when=when, where=where, words=event.cancelled_why or "")
    is_asked, gone, link = one.reply is Reply.AWAITED, [], ""
    if kind == "removed":  # of what is told to who has not replied, the only thing that is once the replies are over
        gone = [{lang: _time(slot, zone, lang, event, Reply.COMING) for lang in LANGS} for slot in one.gone]
        is_asked = events.stage_of(event, one.slots, now=now) is Stage.OPEN
        if not one.slots:
            return Notice(kind=kind, title=title, gone=gone)
    if is_asked or kind != "removed":
        token = await links.reply_token(issuer, one.invitee.id, to=to, expires_at=_last(one) + LINK_LASTS, now=now)
        link = f"{head.origin}/reply/{token}"
    return Notice(
        kind=kind,
        title=title,
        about=_said(event, "about") if kind in {"invited", "changed", "noted", "removed"} else {},
        when=when,
        where=where,
        bring=_said(event, "bring"),
        access=_said(event, "access"),
        guests_max=event.guests_max if is_asked else 0,
        guests=one.invitee.guests,
        reply=one.reply.value,
        by={lang: words.deadline(event.reply_by, zone, lang) for lang in LANGS}
        if is_asked and event.reply_by
        else None,
        link=link,
        changed=await _changed(one) if one.kind is Told.CHANGED else None,
        gone=gone,
    )


def entries(one: Telling) -> list[Entry]:
    """What goes into a calendar with it."""
    if one.kind is Told.THANKS:
        return []
    gone = one.gone if one.reply is Reply.AWAITED else ()
    return [Entry(one.event, slot, one.reply) for slot in one.slots] + [
        Entry(one.event, slot, one.reply, is_gone=True) for slot in gone
    ]


def removed(slot: Slot) -> dict[str, str]:
    """What the history keeps of a slot that is no more, so that letters can say it, and take it out of calendars."""
    return {
        "id": str(slot.id),
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "note": slot.note,
    }


def pointless_at(one: Telling) -> datetime | None:
    """From when on nobody needs to read it; None: never."""
    if one.kind is Told.THANKS:
        return None
    if one.kind is Told.REMOVED:
        return max(slot.ends_at for slot in one.gone)
    if one.kind is Told.CANCELLED:  # after the end of the replies, too
        return _last(one)
    return one.event.reply_by if one.reply is Reply.AWAITED and one.event.reply_by else _last(one)


def _last(one: Telling) -> datetime:
    return max(slot.ends_at for slot in one.slots)


def _said(event: Event, name: str) -> Said:
    return {"fr": getattr(event, name), "en": getattr(event, f"{name}_en")}


def _time(slot: Slot, zone: ZoneInfo, lang: str, event: Event, reply: Reply) -> str:
    """When, with the slot's own line; whoever may still choose learns for how many it is."""
    parts = [words.when(slot, zone, lang), slot.note]
    if reply is Reply.AWAITED and slot.capacity is not None and event.cancelled_at is None:
        parts.append(t(lang, "news.places", n=slot.capacity))
    return " · ".join(part for part in parts if part)


async def _changed(one: Telling) -> Said | None:
    """What the officer changed since this person was last written to, as far as the history tells."""
    parts: set[str] = set()
    for entry in await _since_told(one.invitee, "events.edit"):
        parts |= {_CHANGED.get(part, part) for part in entry.details.get("changed", [])}
        parts |= {"moved"} if entry.details.get("moved") else set()
    in_order = [part for part in _PARTS if part in parts]
    if not in_order:
        return None
    return {lang: listed([t(lang, f"event.changed.{part}") for part in in_order], lang) for lang in LANGS}


async def _gone(invitee: Invitee) -> list[Slot]:
    """The slots that were taken away since this person was last written to about their event, in their order in time."""
    found = [
        Slot(
            id=UUID(said["id"]),
            event_id=invitee.event_id,
            starts_at=datetime.fromisoformat(said["starts_at"]),
            ends_at=datetime.fromisoformat(said["ends_at"]),
            note=said["note"],
        )
        for entry in await _since_told(invitee, "events.remove_slots")
        for said in entry.details["slots"]
    ]
    return sorted(found, key=lambda slot: (slot.starts_at, slot.id))


async def _since_told(invitee: Invitee, action: str) -> list[Done]:
    """What the officer did so about this person's event since they were last written to about it, as the history tells."""
    told = (
        await News.select(News.sent_at)
        .where(
            News.ambassador_id == invitee.ambassador_id,
            News.event_id == invitee.event_id,
            News.sent_at.is_not_null(),
        )
        .output(as_list=True)
    )
    since = max(told, default=invitee.invited_at)
    done = await history.entries_about(invitee.event_id, _ENTRIES)
    return [one for one in done if one.action == action and since is not None and one.at > since]
