"""Acts of the desk that join several rooms, each in one transaction."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from estran import clock
from estran.access import rules as access_rules
from estran.access import service as access
from estran.access.rules import Realm
from estran.access.tables import Account
from estran.actor import Actor, Role
from estran.club import circles, manifesto, renewals
from estran.club import service as club
from estran.club.rules import Eligibility
from estran.club.tables import Ambassador, Mandate
from estran.db import writes
from estran.desk import invitations, people_csv, queries
from estran.desk.invitations import Guest, Member
from estran.desk.people_csv import Judged, Line
from estran.errors import Conflict, Invalid, NotFound
from estran.history import service as history
from estran.inbox import service as inbox
from estran.mail import letters
from estran.mail import service as mail
from estran.mail.letters import Letterhead
from estran.passes import service as passes
from estran.venues import groups, invited, proposals
from estran.venues import service as venues
from estran.venues.service import Given
from estran.venues.tables import Venue
from estran.venues.terms import Terms
from estran.visits import service as visits
from estran.visits.waiting import WAITING, day_of, visits_waiting

TWICE = timedelta(minutes=10)
"""The same form again within this time is one impatient finger, not a second wish."""
INVITED_AGAIN = timedelta(minutes=1)


@writes
async def add_person(
    actor: Actor,
    *,
    first_name: str,
    last_name: str,
    email: str,
    begins_on: date,
    ends_on: date,
    now: datetime,
) -> tuple[Ambassador, bool]:
    """The new member, and whether they are new: the same form sent twice adds one person. Raises Invalid."""
    account = await access.account_of(email)
    for person in await club.ambassadors() if account else []:
        same = (
            account
            and person.account_id == account.id
            and (person.first_name, person.last_name) == (first_name, last_name)
        )
        if same and now - person.created_at < TWICE:
            return person, False
    person = await club.add_ambassador(
        actor,
        first_name=first_name,
        last_name=last_name,
        email=email,
        begins_on=begins_on,
        ends_on=ends_on,
        now=now,
    )
    return person, True


@writes
async def add_mandate(actor: Actor, person_id: UUID, begins_on: date, ends_on: date, *, now: datetime) -> Mandate:
    """The mandate with these days, made unless the person has it already. Raises NotFound, Invalid."""
    await club.ambassador(person_id)
    for mandate in await club.mandates_of(person_id):
        if (mandate.begins_on, mandate.ends_on) == (begins_on, ends_on):
            return mandate
    made = await club.add_mandate(actor, person_id, begins_on, ends_on, now=now)
    await passes.publish_status(now=now)
    return made


@writes
async def edit_mandate(actor: Actor, mandate_id: UUID, begins_on: date, ends_on: date, *, now: datetime) -> None:
    """The mandate with other days, and what scanners are told of it. Raises NotFound, Invalid."""
    await club.edit_mandate(actor, mandate_id, begins_on, ends_on, now=now)
    await passes.publish_status(now=now)


@writes
async def renew(actor: Actor, mandate_ids: Iterable[UUID], head: Letterhead, *, now: datetime) -> int:
    """How many of these mandates are now followed by another: each person is told by letter, and so are scanners.

    Raises NotFound.
    """
    made = [await renewals.renew(actor, mandate_id, now=now) for mandate_id in dict.fromkeys(mandate_ids)]
    followed = [mandate for mandate in made if mandate is not None]
    for mandate in followed:
        await _tell_renewed(mandate, head, now=now)
    await passes.publish_status(now=now)
    return len(followed)


async def _tell_renewed(mandate: Mandate, head: Letterhead, *, now: datetime) -> None:
    person = await club.ambassador(mandate.ambassador_id)
    account = await access.account(person.account_id)
    letter = letters.renewed(head, first_name=person.first_name, first_day=mandate.begins_on, last_day=mandate.ends_on)
    expires_at = clock.end_of_day(mandate.ends_on, await club.zone())
    await mail.post(letter, account.email, now=now, subject_id=account.id, expires_at=expires_at)


@writes
async def certify(actor: Actor, person_id: UUID, on: date, until: date, *, now: datetime) -> None:
    """The person's certificate noted, and scanners told. Raises NotFound, Invalid."""
    await club.certify(actor, person_id, on, until, now=now)
    await passes.publish_status(now=now)


@writes
async def uncertify(actor: Actor, person_id: UUID, *, now: datetime) -> None:
    """No certificate any more, and scanners told. Raises NotFound."""
    await club.uncertify(actor, person_id, now=now)
    await passes.publish_status(now=now)


async def judge_people(lines: Sequence[Line]) -> list[Judged]:
    """What adding this list would do, line by line; nothing is done."""
    emails = await queries.emails(await club.ambassadors())
    return people_csv.judge(lines, {access_rules.fold_email(email) for email in emails.values()})


@writes
async def add_people(actor: Actor, lines: Sequence[Line], *, now: datetime) -> int:
    """How many people of this list are new and now in the club, with their mandates; all of them or, when it raises, none.

    Whoever is known stays as they are, so that the same list twice adds nothing. Raises Invalid.
    """
    added: dict[str, UUID] = {}
    for judged in await judge_people(lines):
        line = judged.line
        if judged.verdict != "new" or not line.begins_on or not line.ends_on:
            continue
        if line.folded in added:
            await club.add_mandate(actor, added[line.folded], line.begins_on, line.ends_on, now=now)
            continue
        person = await club.add_ambassador(
            actor,
            first_name=line.first_name,
            last_name=line.last_name,
            email=line.email,
            begins_on=line.begins_on,
            ends_on=line.ends_on,
            now=now,
        )
        added[line.folded] = person.id
    if added:
        await history.record(actor, "club.import", "club", None, now=now, details={"n": len(added)})
    return len(added)


@writes
async def open_list(actor: Actor, *, now: datetime) -> None:
    """That somebody takes the whole list away as a file: recorded before it is made."""
    await history.record(actor, "club.export", "club", None, now=now)


@writes
async def invite_person(actor: Actor, person_id: UUID, head: Letterhead, *, now: datetime) -> bool:
    """An invitation in the outbox, valid 7 days; False when one left within the last minute. Raises NotFound."""
    person = await club.ambassador(person_id)
    if person.invited_at is not None and now - person.invited_at < INVITED_AGAIN:
        return False
    account = await access.account(person.account_id)
    await _write_invitation(account, Realm.PASS, head, person.first_name, now=now)
    await club.mark_invited(actor, person_id, now=now)
    return True


async def judge_guests(guests: Sequence[Guest], *, now: datetime) -> list[invitations.Judged]:
    """What inviting this list would do, line by line; nothing is done."""
    waiting = {person.id for person in await queries.uninvited(now=now)}
    emails = await queries.emails(await club.ambassadors())
    members = {
        access_rules.fold_email(email): Member(person_id, waits=person_id in waiting)
        for person_id, email in emails.items()
    }
    return invitations.judge(guests, members)


@writes
async def invite_people(
    actor: Actor, guests: Sequence[Guest], begins_on: date, ends_on: date, head: Letterhead, *, now: datetime
) -> int:
    """How many invitations left: the new ones of this list are in the club with this mandate. All of them or none.

    The same list twice sends nothing more. Raises Invalid.
    """
    n_sent = 0
    for judged in await judge_guests(guests, now=now):
        person_id, guest = judged.person_id, judged.guest
        if judged.verdict == "new":
            person = await club.add_ambassador(
                actor,
                first_name=guest.first_name,
                last_name=guest.last_name,
                email=guest.email,
                begins_on=begins_on,
                ends_on=ends_on,
                now=now,
            )
            person_id = person.id
        if judged.verdict in {"new", "waits"} and person_id is not None:
            n_sent += await invite_person(actor, person_id, head, now=now)
    return n_sent


@writes
async def invite_uninvited(actor: Actor, head: Letterhead, *, now: datetime) -> int:
    """How many invitations left: to everybody in the club who never had one."""
    return sum([await invite_person(actor, person.id, head, now=now) for person in await queries.uninvited(now=now)])


async def _write_invitation(
    account: Account, realm: Realm, head: Letterhead, first_name: str, *, now: datetime, venue: str = ""
) -> None:
    lifetime = access_rules.INVITATION_LIFETIME
    token = await access.invite(account.id, realm, now=now, lifetime=lifetime)
    letter = letters.invitation(
        head, token=token, first_name=first_name, days=lifetime.days, is_desk=realm is Realm.DESK, venue=venue
    )
    await mail.post(
        letter,
        account.email,
        now=now,
        subject_id=account.id,
        expires_at=now + lifetime,
    )


@writes
async def publish_manifesto(
    actor: Actor, manifesto_id: UUID, effective_on: date | None, head: Letterhead, *, now: datetime
) -> int:
    """The draft published, scanners told, and a letter to each ambassador whose mandate is not over; how many letters.

    Raises NotFound, Conflict, Invalid.
    """
    await manifesto.publish(actor, manifesto_id, effective_on=effective_on, now=now)
    people = await club.ambassadors()
    ids = [person.id for person in people]
    standings = await club.standings(ids, now=now)
    calls = await manifesto.calls(ids, await passes.newcomers(ids), today=clock.local_day(now, await club.zone()))
    told = [person for person in people if standings[person.id].eligibility is not Eligibility.ENDED]
    for person in told:
        await manifesto.write_letter(head, person, calls[person.id], now=now)
    await passes.publish_status(now=now)
    return len(told)


@writes
async def export_signatures(actor: Actor, *, now: datetime) -> None:
    """That somebody takes the list of signatures away as a file: recorded before it is made."""
    await history.record(actor, "club.export_signatures", "club", None, now=now)


@writes
async def export_person(actor: Actor, person_id: UUID, *, now: datetime) -> None:
    """That somebody takes all about this person away as a file: recorded before it is made. Raises NotFound."""
    await club.ambassador(person_id)
    await history.record(actor, "club.export_person", "ambassador", person_id, now=now)


@writes
async def add_officer(actor: Actor, email: str, head: Letterhead, *, now: datetime) -> bool:
    """This address has all rights of the desk, and is told by letter; False when it had them already. Raises Invalid."""
    account = await access.ensure_account(email, now=now)
    if account.id in {holder.id for holder in await access.holders(Role.OFFICER)}:
        return False
    await access.grant(account.id, Role.OFFICER)
    await history.record(actor, "access.grant", "account", account.id, now=now, details={"role": "officer"})
    await _write_invitation(account, Realm.DESK, head, "", now=now)
    return True


@writes
async def remove_officer(actor: Actor, account_id: UUID, why: str, *, now: datetime) -> None:
    """This account is no officer any more and signed out; already so: nothing changes.

    Raises Conflict `last_officer`: a club without anybody at its desk could only be opened from the command line.
    """
    officers = {holder.id for holder in await access.holders(Role.OFFICER)}
    if account_id not in officers:
        return
    if len(officers) == 1:
        raise Conflict("last_officer", "name another officer first: somebody must be able to open the desk")
    await access.withdraw(account_id, Role.OFFICER)
    await access.end_sessions_of(account_id, now=now)
    await history.record(actor, "access.withdraw", "account", account_id, now=now, why=why, details={"role": "officer"})


@writes
async def pause_person(actor: Actor, person_id: UUID, why: str, *, now: datetime) -> None:
    """The person paused, and scanners told. Raises NotFound."""
    await club.pause(actor, person_id, why, now=now)
    await passes.publish_status(now=now)


@writes
async def resume_person(actor: Actor, person_id: UUID, *, now: datetime) -> None:
    """The pause over, and scanners told. Raises NotFound."""
    await club.resume(actor, person_id, now=now)
    await passes.publish_status(now=now)


@writes
async def read_out(actor: Actor, person_id: UUID, *, now: datetime) -> str:
    """Six digits to read out to this person. Raises NotFound."""
    person = await club.ambassador(person_id)
    return await access.read_out(actor, person.account_id, now=now)


@writes
async def open_visits(actor: Actor, person_id: UUID, *, now: datetime) -> None:
    """That somebody looks at one person's visits: recorded before anything is shown. Raises NotFound."""
    await club.ambassador(person_id)
    await history.record(actor, "desk.open_visits", "ambassador", person_id, now=now)


@writes
async def add_venue(
    actor: Actor, *, name: str, commune: str, address: str, url: str, contact_email: str, now: datetime
) -> tuple[Venue, bool]:
    """The new venue, and whether it is new: the same form sent twice adds one. Raises Invalid."""
    for venue in await venues.venues():
        if (venue.name, venue.commune) == (name, commune):
            if now - venue.created_at < TWICE:
                return venue, False
            raise Invalid("name_in_use", "another venue has this name", fields=["name"])
    made = await venues.add_venue(
        actor, name=name, commune=commune, address=address, url=url, contact_email=contact_email, now=now
    )
    return made, True


@writes
async def restore_venue(actor: Actor, venue_id: UUID, *, now: datetime) -> None:
    """The archived venue is one of the club's again. Raises NotFound, Conflict when another has taken its name."""
    back = await venues.venue(venue_id)
    for venue in await venues.venues():
        if venue.id != back.id and (venue.name, venue.commune) == (back.name, back.commune):
            raise Conflict("name_in_use", "another venue has this name: rename one of them first")
    await venues.restore_venue(actor, venue_id, now=now)


@writes
async def set_benefit(
    actor: Actor, venue_id: UUID, benefit_id: UUID | None, terms: Terms, people: Collection[UUID], *, now: datetime
) -> Given:
    """The benefit with these terms and these invited people; a new one only when the venue has none like it, for the same.

    Raises NotFound, Invalid.
    """
    for one in await venues.benefits_of(venue_id) if benefit_id is None else []:
        if one.terms == terms and await invited.invited_to(one.id) == set(people):
            return one
    made = await venues.set_benefit(actor, venue_id, benefit_id, terms, now=now)
    await invited.set_invited(actor, venue_id, made.id, people, now=now)
    return made


@writes
async def copy_benefit(actor: Actor, benefit: Given, venue_id: UUID, *, now: datetime) -> Given:
    """The same benefit at another venue, which has not agreed to anything yet. Raises NotFound."""
    terms = msgspec.structs.replace(benefit.terms, agreed_by="", agreed_on=None)
    people = await invited.invited_to(benefit.id)
    return await set_benefit(actor, venue_id, None, terms, people, now=now)


@writes
async def remove_circle(actor: Actor, circle_id: UUID, *, now: datetime) -> None:
    """The circle is no more. Raises NotFound, Conflict `in_use` while a benefit, or one proposed, is for its members alone."""
    if any(terms.circle_id == circle_id for terms in await _current_terms()):
        raise Conflict("in_use", "a benefit is for this circle: change it first")
    await circles.remove_circle(actor, circle_id, now=now)


@writes
async def remove_group(actor: Actor, group_id: UUID, *, now: datetime) -> None:
    """The group is no more. Raises NotFound, Conflict `in_use` while a benefit, or one proposed, counts its venues together."""
    if any(terms.quota is not None and terms.quota.group_id == group_id for terms in await _current_terms()):
        raise Conflict("in_use", "a benefit counts the venues of this group together: change it first")
    await groups.remove_group(actor, group_id, now=now)


async def _current_terms() -> list[Terms]:
    """What benefits say, and what they would say if what waits for an answer were granted."""
    return [benefit.terms for benefit in await venues.benefits()] + await proposals.wished()


@writes
async def accept_proposal(actor: Actor, item_id: UUID, proposal_id: UUID, *, now: datetime) -> None:
    """The venue's wish is granted, and that is the answer to the item. Raises NotFound, Conflict."""
    await inbox.answer(actor, item_id, "accepted", now=now)
    await proposals.accept(actor, proposal_id, now=now)


@writes
async def add_manager(actor: Actor, venue_id: UUID, email: str, head: Letterhead, *, now: datetime) -> bool:
    """This address runs the venue, and is told by letter; False when it did already. Raises NotFound, Invalid."""
    venue = await venues.venue(venue_id)
    account = await access.ensure_account(email, now=now)
    if account.id in {holder.id for holder in await access.holders(Role.MANAGER, venue_id)}:
        return False
    await access.grant(account.id, Role.MANAGER, venue_id)
    await history.record(actor, "desk.add_manager", "venue", venue_id, now=now, details={"account": str(account.id)})
    await _write_invitation(account, Realm.DESK, head, "", now=now, venue=venue.name)
    return True


@writes
async def remove_manager(actor: Actor, venue_id: UUID, account_id: UUID, why: str, *, now: datetime) -> None:
    """This account runs the venue no more; already so: nothing changes. Raises NotFound."""
    await venues.venue(venue_id)
    if account_id in {holder.id for holder in await access.holders(Role.MANAGER, venue_id)}:
        await access.withdraw(account_id, Role.MANAGER, venue_id)
        await history.record(
            actor, "desk.remove_manager", "venue", venue_id, now=now, why=why, details={"account": str(account_id)}
        )


@writes
async def confirm_visit(actor: Actor, item_id: UUID, visit_id: UUID, *, now: datetime) -> None:
    """The visit counts, and that is the answer to the item, unless it has one. Raises NotFound, Conflict."""
    if (await inbox.item(item_id)).answered_at is None:
        await inbox.answer(
            actor, item_id, "confirmed", now=now
        )  # first: the visit then settles whatever is left about it
        await visits.confirm_visit(actor, visit_id, None, now=now)


@writes
async def cancel_visit(
    actor: Actor, item_id: UUID, visit_id: UUID, why: str, *, answer: str = "cancelled", now: datetime
) -> None:
    """The visit no longer counts, and that is the answer to the item, unless it has one. Raises NotFound, Conflict."""
    if (await inbox.item(item_id)).answered_at is None:
        await inbox.answer(actor, item_id, answer, now=now)
        await visits.cancel_visit(actor, visit_id, why, now=now)


@writes
async def confirm_waiting(actor: Actor, item_id: UUID, *, now: datetime) -> None:
    """Every visit that only waits at that venue on that day counts; what needs a thought is another line's. Raises NotFound."""
    item = await inbox.item(item_id)
    if item.kind != WAITING or item.venue_id is None:
        raise NotFound("unknown_page", "nothing is here")
    if item.answered_at is None:
        ids = await visits_waiting(item.venue_id, day_of(item))
        await inbox.answer(actor, item_id, "all_confirmed", now=now)
        await visits.confirm_visits(actor, ids, now=now)


@writes
async def approve_device(actor: Actor, item_id: UUID, device_id: UUID, *, now: datetime) -> None:
    """The scanner may work, and that is the answer to the item, unless it has one. Raises NotFound, Conflict."""
    if (await inbox.item(item_id)).answered_at is None:
        await inbox.answer(actor, item_id, "approved", now=now)
        await venues.approve_device(actor, device_id, now=now)
