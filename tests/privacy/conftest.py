"""Somebody about whom every room knows something, among others who must not be touched."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from piccolo.engine.base import Engine

from estran import piccolo_conf
from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import Actor, Role
from estran.club import circles, manifesto
from estran.club import service as club
from estran.club.tables import Ambassador, Candidate, Manifesto
from estran.events import planning, replies
from estran.events.planning import Draft, SlotDraft
from estran.events.tables import Feed, Quiet
from estran.history import service as history
from estran.inbox import service as inbox
from estran.mail import service as mail
from estran.mail.letters import Letterhead
from estran.passes import service as passes
from estran.privacy import service as privacy
from estran.venues import closures, invited, proposals
from estran.venues import service as venues
from estran.venues.terms import PLAIN, Terms, Words
from estran.visits import service as visits
from tests.conftest import ORIGIN, FrozenClock
from tests.visits.conftest import Phone, Scanner, Town, camille, issuer, other_till, till, town

__all__ = ["camille", "issuer", "other_till", "till", "town"]

OFFICER = Actor(kind="account", id=UUID(int=7), roles=frozenset({Role.OFFICER}))
HEAD = Letterhead(club="Club", origin=ORIGIN, demo=False)
FIRST, LAST, EMAIL = "Théodule", "Bigorneau", "theodule.bigorneau@example.org"


@dataclass
class Somebody:
    """A person, their phone and their visits."""

    row: Ambassador
    phone: Phone
    browser: httpx.AsyncClient
    visits: list[dict[str, Any]]
    manifesto: Manifesto
    sub: str
    account_id: UUID


@pytest.fixture
async def somebody(
    app: Any, town: Town, till: Scanner, other_till: Scanner, clock: FrozenClock
) -> AsyncIterator[Somebody]:
    """Théodule: two phones, paper, visits of every kind, letters, sessions, a signature, comments, requests, and gossip."""
    phone = await town.ambassador(FIRST, LAST)
    person = await club.edit_ambassador(
        OFFICER, phone.owner.id, first_name=FIRST, last_name=LAST, email=EMAIL, now=clock()
    )
    account = await access.account(person.account_id)
    lost = Phone(town.issuer, person)
    await lost.put(clock())
    await passes.revoke(OFFICER, person.id, f"{FIRST} a perdu son téléphone", now=clock())
    phone = Phone(town.issuer, person)
    await phone.put(clock())
    await passes.print_pass(OFFICER, town.issuer, person.id, now=clock())
    await passes.revoke_paper(OFFICER, person.id, f"{FIRST} a perdu le papier", now=clock())
    await passes.print_pass(OFFICER, town.issuer, person.id, now=clock())

    asked = await access.ask_letter(EMAIL.upper(), Realm.PASS, head=HEAD, now=clock())
    assert asked.asking
    await access.read_out(OFFICER, account.id, now=clock())
    session = await access.use_link(await access.invite(account.id, Realm.PASS, now=clock()), now=clock())
    letter = await mail.write(
        "invitation", EMAIL, f"Bonjour {FIRST}", f"Cher {FIRST}", "<p>", now=clock(), subject_id=account.id
    )
    await mail.mark_failed(letter.id, "5.1.1", now=clock(), bounced=True)

    draft = await manifesto.save_draft(OFFICER, title="Manifeste", body="Aimer.", is_major=True, now=clock())
    await manifesto.comment(OFFICER, person.id, draft.id, f"Signé : {FIRST}", now=clock())
    version = await manifesto.publish(OFFICER, draft.id, now=clock())
    await manifesto.sign(OFFICER, person.id, version.id, "Je tiens la maison Bigorneau", now=clock())

    made = [
        till.scan(phone.show(clock()), companions=2),
        other_till.scan(phone.show(clock()), decisions={"why": "M. Bigorneau avait froid"}),
        till.scan(phone.show(clock()), outcome="refused", answer="refuse", reason="quota_used"),
    ]
    await till.hand_in(made[0], made[2])
    await other_till.hand_in(made[1])
    await visits.correct_companions(OFFICER, UUID(made[0]["id"]), 1, f"dit {LAST.upper()}", now=clock())
    await visits.cancel_visit(OFFICER, UUID(made[1]["id"]), f"{FIRST} s’est trompé", now=clock())
    await till.hand_in({"kind": "visit", "id": "?", "seq": 99, "why": "pour Bigorneau, en clair"})

    await privacy.ask(OFFICER, person.id, "correct", f"{LAST} avec un seul r", now=clock())
    await club.pause(OFFICER, person.id, f"{FIRST} voyage", now=clock())
    await club.resume(OFFICER, person.id, now=clock())
    await club.pause(OFFICER, person.id, f"{FIRST} repart", now=clock())
    await venues.pause_venue(OFFICER, town.museum.id, f"Le musée de {FIRST} {LAST} ferme, dit {EMAIL}", now=clock())
    await venues.set_benefit(
        OFFICER, town.museum.id, town.benefit.id, Terms(line=Words(f"Demander {FIRST} {LAST}, {EMAIL}")), now=clock()
    )
    await circles.set_circle(OFFICER, None, "Photographes", [person.id], now=clock())
    await invited.set_invited(OFFICER, town.museum.id, town.benefit.id, [person.id], now=clock())
    await proposals.propose(OFFICER, town.museum.id, None, PLAIN, f"Une idée de {FIRST}", now=clock())
    days = clock().date() + timedelta(days=60), clock().date() + timedelta(days=61)
    await closures.add_closure(OFFICER, town.museum.id, *days, f"{FIRST} se marie", now=clock())
    await _ask_to_events(person, clock())
    await Candidate(
        id=uuid4(),
        first_name=FIRST,
        last_name=LAST,
        email=EMAIL.title(),
        source="form",
        message="moi",
        created_at=clock(),
    ).save()
    await history.record(OFFICER, "desk.open_visits", "ambassador", person.id, now=clock())
    await inbox.drop(
        "verdict_mismatch",
        key="gossip",
        now=clock(),
        subject_kind="visit",
        subject_id=UUID(made[0]["id"]),
        ambassador_id=person.id,
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url=ORIGIN,
        headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"},
        cookies={"__Host-estran_pass": session.token},
    ) as browser:
        yield Somebody(person, phone, browser, made, version, person.sub, account.id)


async def _ask_to_events(person: Ambassador, now: datetime) -> None:
    """He comes to one event that is at his house, with a guest; another was not to be."""
    begins = now + timedelta(days=20)
    slot = SlotDraft(starts_at=begins, ends_at=begins + timedelta(hours=2), note=f"dit {FIRST} {LAST}", capacity=20)
    draft = Draft(
        title=f"Chez {FIRST} {LAST}",
        about=f"Écrire à {EMAIL}",
        place=f"Chez {FIRST} {LAST}",
        guests_max=1,
        reply_by=begins - timedelta(days=5),
    )
    event = await planning.add_event(OFFICER, draft, [slot], now=now)
    await club.resume(OFFICER, person.id, now=now)  # who rests is asked to nothing
    await planning.open_event(OFFICER, event.id, now=now)
    await replies.reply(OFFICER, event.id, person.id, coming=True, guests=1, now=now)
    await club.pause(OFFICER, person.id, f"{FIRST} repart", now=now)
    other = await planning.add_event(OFFICER, Draft(title="Une sortie", place="Le port"), [slot], now=now)
    await planning.cancel_event(OFFICER, other.id, f"{FIRST} a mal au dos", now=now)
    await Quiet(id=uuid4(), ambassador_id=person.id, topic="thanks").save()
    await Feed(id=uuid4(), ambassador_id=person.id, token_hash=str(uuid4()), created_at=now).save()


async def dump(engine: Engine[Any]) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, by the table's name; values as text."""
    found = {}
    for app in piccolo_conf.APP_REGISTRY.app_configs.values():
        for table in app.table_classes:
            rows = await table.select(*table.all_columns())
            found[table._meta.tablename] = [{key: str(value) for key, value in row.items()} for row in rows]
    return found
