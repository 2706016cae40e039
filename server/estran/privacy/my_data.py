"""Everything that is known about one person (RGPD art. 15 and 20), as one JSON document; docs/sync.md §2 has its form."""

from datetime import datetime
from typing import Any
from uuid import UUID

from estran.access import service as access
from estran.club import circles, manifesto
from estran.club import rules as club_rules
from estran.club import service as club
from estran.club.tables import Comment
from estran.events import service as events
from estran.events.tables import Feed, Invitee, News, Quiet, Slot
from estran.history import service as history
from estran.mail import service as mail
from estran.passes import entitlement
from estran.passes import service as passes
from estran.passes.number import spaced_number
from estran.privacy import rules, service
from estran.texts import t
from estran.venues import invited
from estran.venues import service as venues
from estran.venues.sentences import Reader, sentence
from estran.venues.tables import BenefitVersion, Venue
from estran.venues.terms import read as read_terms
from estran.visits.tables import Visit

Rows = list[dict[str, Any]]
HISTORY_MAX = 10_000


async def my_data(ambassador_id: UUID, *, now: datetime, lang: str = "fr") -> dict[str, Any]:
    """What every room knows of this person; instants as ISO 8601 in the club's zone, days as ISO. Raises NotFound."""
    house = await club.house()
    zone = await club.zone()

    def at(instant: datetime | None) -> str | None:
        return None if instant is None else instant.astimezone(zone).isoformat(timespec="seconds")

    person = await club.ambassador(ambassador_id)
    account = await access.account(person.account_id)
    return {
        "club": house.name,
        "at": at(now),
        "person": {
            "firstName": person.first_name,
            "lastName": person.last_name,
            "shownAs": club_rules.display_name(person.first_name, person.last_name),
            "email": account.email,
            "number": person.sub,
            "addedAt": at(person.created_at),
            "invitedAt": at(person.invited_at),
            "lastSeenAt": at(account.seen_at),
            "pausedAt": at(person.paused_at),
            "pausedWhy": person.paused_why,
            "certifiedOn": person.certified_on,
            "certifiedUntil": person.certified_until,
        },
        "mandates": [
            {"beginsOn": row.begins_on, "endsOn": row.ends_on, "addedAt": at(row.created_at), "wish": row.wish}
            for row in await club.mandates_of(ambassador_id)
        ],
        "circles": [{"name": row.name} for row in await circles.circles_of(ambassador_id)],
        "invitations": await _invitations(ambassador_id, lang),
        "manifesto": await _signatures(ambassador_id, at),
        "comments": [
            {"at": at(row.at), "text": row.text}
            for row in await Comment.objects().where(Comment.ambassador_id == ambassador_id).order_by(Comment.at)
        ],
        "passes": [
            {
                "medium": row.medium,
                "phone": row.phone,
                "name": row.name,
                "number": row.jti,
                "shownNumber": spaced_number(row.number),
                "issuedAt": at(row.issued_at),
                "validUntil": at(row.exp_at),
                "lastSeenAt": at(row.seen_at),
                "endedAt": at(row.ends_at),
                "revokedAt": at(row.revoked_at),
                "revokedWhy": row.revoked_why,
                "publicKey": {"x": row.key_x, "y": row.key_y},
                "credential": row.credential,
            }
            for row in await passes.passes_of(ambassador_id)
        ],
        "visits": await _visits(ambassador_id, at, lang),
        "events": await _events(ambassador_id, at),
        "eventNews": await _event_news(ambassador_id, at),
        "quiet": [{"topic": row.topic} for row in await Quiet.objects().where(Quiet.ambassador_id == ambassador_id)],
        "calendars": [
            {"at": at(row.created_at), "endedAt": at(row.ended_at)}
            for row in await Feed.objects().where(Feed.ambassador_id == ambassador_id).order_by(Feed.created_at)
        ],
        "letters": [
            {
                "at": at(row.created_at),
                "kind": row.kind,
                "subject": row.subject,
                "to": row.to_email,
                "sentAt": at(row.sent_at),
            }
            | {"failedAt": at(row.failed_at), "error": row.error}
            for row in await mail.letters_about([account.id, ambassador_id])
        ],
        "signIns": [
            {"door": row.realm, "at": at(row.created_at), "lastSeenAt": at(row.seen_at), "endedAt": at(row.ended_at)}
            for row in await access.sessions_of(account.id)
        ],
        "history": await _history(ambassador_id, account.id, at),
        "requests": [
            {
                "at": at(row.at),
                "kind": row.kind,
                "text": row.text,
                "answeredAt": at(row.answered_at),
                "answer": row.answer,
            }
            for row in await service.requests_of(ambassador_id)
        ],
        "keeping": await _keeping(lang),
    }


async def _invitations(ambassador_id: UUID, lang: str) -> Rows:
    """The benefits for invited people that name this person."""
    theirs, names = set(await invited.invitations_of(ambassador_id)), await entitlement.names()
    places = {row.id: row.name for row in await Venue.objects()}
    return [
        {"venue": places[row.venue_id], "benefit": sentence(row.terms, Reader.AMBASSADOR, lang, names)}
        for row in await venues.benefits()
        if row.id in theirs
    ]


async def _signatures(ambassador_id: UUID, at: Any) -> Rows:  # noqa: ANN401 - the closure above
    numbers = {row.id: manifesto.edition_of(row).number for row in await manifesto.versions()}
    return [
        {"version": numbers[row.manifesto_id], "kind": row.kind, "at": at(row.at), "interests": row.interests}
        for row in await manifesto.signatures(ambassador_id=ambassador_id)
    ]


async def _events(ambassador_id: UUID, at: Any) -> Rows:  # noqa: ANN401 - the closure above
    """What this person was asked to, what they said, and whether the office saw them there."""
    titles = {row.id: row.title for row in await events.events()}
    times = {row.id: row for row in await Slot.objects()}
    return [
        {
            "title": titles[row.event_id],
            "invitedAt": at(row.invited_at),
            "reply": row.reply,
            "repliedAt": at(row.replied_at),
            "saidAt": at(row.said_at),
            "startsAt": at(times[row.slot_id].starts_at) if row.slot_id else None,
            "guests": row.guests,
            "remindedAt": at(row.reminded_at),
            "came": row.came,
            "cameGuests": row.came_guests,
        }
        for row in await Invitee.objects()
        .where(Invitee.ambassador_id == ambassador_id)
        .order_by(Invitee.invited_at, ascending=False)
    ]


async def _event_news(ambassador_id: UUID, at: Any) -> Rows:  # noqa: ANN401 - as above
    """What this person was told about events by letter, or is to be told."""
    titles = {row.id: row.title for row in await events.events()}
    rows = await News.objects().where(News.ambassador_id == ambassador_id).order_by(News.created_at, ascending=False)
    return [
        {"title": titles[row.event_id], "kind": row.kind, "dueAt": at(row.due_at), "sentAt": at(row.sent_at)}
        for row in rows
    ]


async def _visits(ambassador_id: UUID, at: Any, lang: str) -> Rows:  # noqa: ANN401 - as above
    places = {row.id: row.name for row in await Venue.objects()}
    at_events = await Slot.select(Slot.id, Slot.event_id.title.as_alias("title"))
    arrived = {row["id"]: row["title"] for row in at_events}
    names = await entitlement.names()
    said = {
        (row.benefit_id, row.version): sentence(terms, Reader.AMBASSADOR, lang, names)
        for row in await BenefitVersion.objects()
        if (terms := read_terms(row.terms)) is not None
    }
    return [
        {
            "at": at(row.at),
            "venue": places[row.venue_id],
            "state": row.state,
            "benefit": said.get((row.benefit_id, row.benefit_version)),
            "event": arrived.get(row.slot_id),
            "companions": row.companions,
            "guests": row.guests,
            "children": row.children,
            "reason": row.reason,
            "proof": row.proof,
            "pass": row.jti,
            "why": row.why,
        }
        for row in await Visit.objects().where(Visit.ambassador_id == ambassador_id).order_by(Visit.at, ascending=False)
    ]


async def _history(ambassador_id: UUID, account_id: UUID, at: Any) -> Rows:  # noqa: ANN401 - as above
    entries = [
        *await history.entries_about(ambassador_id, HISTORY_MAX),
        *await history.entries_about(account_id, HISTORY_MAX),
    ]

    def by(kind: str, actor_id: UUID | None) -> str:
        if kind != "account":
            return kind
        return "me" if actor_id == account_id else "office"

    return [
        {
            "at": at(entry.at),
            "act": entry.action,
            "by": by(entry.actor_kind, entry.actor_id),
            "why": entry.why,
            "details": dict(entry.details),
        }
        for entry in sorted(entries, key=lambda entry: entry.at, reverse=True)
    ]


async def _keeping(lang: str) -> Rows:
    kept = await service.kept()
    return [
        {"what": t(lang, f"privacy.period.{key}"), "kept": service.kept_words(rules.PERIODS[key], kept[key], lang)}
        for key in rules.OF_AMBASSADORS
    ]
