"""Makes the demonstration through the rooms' own services: real keys, real passes, real intake; only the people are not."""

import random
import secrets
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key

from estran import clock, db
from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM, Actor, Role
from estran.club import candidates, identity, manifesto
from estran.club import service as club
from estran.club.rules import Eligibility
from estran.club.tables import Ambassador, Manifesto
from estran.demo import data
from estran.desk import service as desk
from estran.encoding import unb64
from estran.mail import service as mail
from estran.mail.letters import Letterhead
from estran.passes import service as passes
from estran.passes import token
from estran.passes.keys import Issuer
from estran.passes.rules import ANSWERS, Reason
from estran.passes.tables import Pass
from estran.privacy import service as privacy
from estran.settings import Settings
from estran.venues import service as venues
from estran.venues.rules import ACTIVE_DEVICES_MAX
from estran.venues.tables import Benefit, Device
from estran.visits import intake, snapshot
from estran.visits.items import BatchIn

CLUB = "Club des ambassadeurs (démonstration)"
OFFICE = "Office de tourisme de démonstration"
DAYS = 84
"""Twelve weeks of visits."""
SEED = 1143  # the abbey's founding year: any number does, the same one makes the same club


def settings_for(folder: Path, port: int) -> Settings:
    """The settings of a demonstration that lives in `folder` and is served on this machine only."""
    return Settings(
        origin=f"http://127.0.0.1:{port}",
        data=folder,
        database=f"sqlite:///{folder / 'estran.sqlite'}",
        mail="mailbox:",
        mail_from="demonstration@example.org",
        demo=True,
        log_level="warning",
    )


class NotADemonstration(Exception):
    """The folder holds a real installation, or something else; it is left alone."""


def _mark(settings: Settings) -> Path:
    return settings.data / "demonstration"


def _check_own(settings: Settings) -> None:
    """Raises NotADemonstration for a folder with something in it that no demonstration made."""
    if settings.data.exists() and any(settings.data.iterdir()) and not _mark(settings).exists():
        raise NotADemonstration(f"{settings.data} was not made by estran demo: choose another --data")


def wipe(settings: Settings) -> None:
    """Delete the demonstration's folder. Raises NotADemonstration."""
    _check_own(settings)
    shutil.rmtree(settings.data, ignore_errors=True)


async def prepare(settings: Settings, show: Callable[[str], None]) -> list[str]:
    """Migrate, fill when empty, and return the lines that tell each of three people where to go.

    Raises NotADemonstration.
    """
    _check_own(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    _mark(settings).touch()
    db.bind(db.make_engine(settings.database))
    await db.open_engine()
    try:
        await db.migrate()
        if not await Ambassador.exists():
            await fill(settings, now=clock.system_clock(), show=show)
    finally:
        await db.close_engine()
    return welcome(settings)


def welcome(settings: Settings) -> list[str]:
    """Where each of the three people goes, and how they sign in."""
    person = data.PEOPLE[0]
    email = data.email_of(person.first_name, person.last_name)
    return [
        "",
        "Démonstration : avantages fictifs, personnes fictives.",
        f"  Tout est ici :                {settings.origin}/demo/",
        f"  L’ambassadrice ({person.first_name}) :    {settings.origin}/pass/",
        f"      adresse {email}, e-mail à lire sur {settings.origin}/demo/mailbox/",
        f"  L’accueil du musée :          {settings.origin}/demo/scanner (associe ce navigateur)",
        f"  La chargée de communication : {settings.origin}/demo/desk (ou /desk/ avec {data.OFFICER[1]})",
        "  Cliquer sur le code QR du pass ouvre le scanner. Ctrl+C pour arrêter ; les données restent.",
        "",
    ]


@dataclass(slots=True)
class _Holder:
    """An invented ambassador with an invented phone."""

    row: Ambassador
    person: data.Person
    key: EllipticCurvePrivateKey
    pass_: Pass


@dataclass(slots=True)
class _Door:
    """A venue with its scanner and what it gives."""

    place: data.Place
    device: Device
    benefit: Benefit
    seq: int = 0
    used: Counter[UUID] = field(default_factory=Counter)

    def answer(self, holder_id: UUID, companions: int) -> Reason:
        """What an honest scanner says; the demonstration's weeks may straddle a new year, its quotas then are stricter."""
        quota = self.place.quota
        if quota is not None and self.used[holder_id] >= quota:
            return Reason.QUOTA_USED
        return Reason.WELCOME if companions >= self.place.companions else Reason.COMPANIONS_MISSING


@db.writes
async def fill(settings: Settings, *, now: datetime, show: Callable[[str], None] = lambda _: None) -> None:
    """A club of 15 active people, 8 places and twelve weeks of visits, ending at `now`; the same for the same instant.

    One transaction: who interrupts it finds nothing, and begins anew next time.
    """
    chance = random.Random(SEED)
    issuer = Issuer(settings.origin, settings.data / "keys")
    begun = now - timedelta(days=DAYS)
    show("Un club de démonstration : règles, ")
    house = await club.house()
    await club.edit_house(
        SYSTEM,
        name=CLUB,
        office_name=OFFICE,
        contact_email=data.OFFICER[1],
        zone_name=house.zone,
        snapshot_limit_days=house.snapshot_limit_days,
        now=begun,
    )
    await identity.edit_identity(SYSTEM, data.IDENTITY, begun)
    officer = await access.ensure_account(data.OFFICER[1], now=begun)
    await access.grant(officer.id, Role.OFFICER)
    show("lieux, ")
    doors = await _doors(begun)
    show("personnes, ")
    version = await _manifesto(begun)
    holders = await _holders(issuer, version, begun)
    show("visites ")
    zone = ZoneInfo(house.zone)
    for day in range(DAYS):
        await _day(issuer, doors, holders, clock.local_day(begun, zone) + timedelta(days=day), zone, chance, now)
        if day % 7 == 6:  # noqa: PLR2004 - a dot a week
            show(".")
    await _today(settings, issuer, doors, holders, now)
    show(" prêt.\n")


async def _doors(now: datetime) -> list[_Door]:
    doors = []
    for index, place in enumerate(data.PLACES):
        venue = await venues.add_venue(
            SYSTEM,
            name=place.name,
            commune=place.commune,
            address=place.address,
            url="",
            contact_email="",
            now=now + timedelta(seconds=index),
        )
        if index == 0:
            manager = await access.ensure_account(data.MANAGER[1], now=now)
            await access.grant(manager.id, Role.MANAGER, venue.id)
        if not place.has_benefit:
            await venues.pause_venue(SYSTEM, venue.id, "Fermé pour travaux (démonstration)", now=now)
            continue
        benefit = await venues.set_benefit(
            SYSTEM,
            venue.id,
            None,
            kind="free_entry",
            min_paying_companions=place.companions,
            quota_per_year=place.quota,
            now=now,
        )
        secret = await venues.make_pairing(SYSTEM, venue.id, reusable=False, lifetime=timedelta(hours=1), now=now)
        paired = await venues.pair(secret, "Accueil", data.WORDS[index], now=now)
        doors.append(_Door(place, paired.device, benefit))
    return doors


async def _manifesto(now: datetime) -> Manifesto:
    """The first version, to be signed from that very day on."""
    draft = await manifesto.save_draft(SYSTEM, title=data.TITLE, body=data.MANIFESTO, is_major=True, now=now)
    return await manifesto.publish(SYSTEM, draft.id, effective_on=clock.local_day(now, await club.zone()), now=now)


async def _holders(issuer: Issuer, version: Manifesto, now: datetime) -> list[_Holder]:
    holders: list[_Holder] = []
    for person in data.PEOPLE:
        today = now.date() + timedelta(days=DAYS)
        row = await club.add_ambassador(
            SYSTEM,
            first_name=person.first_name,
            last_name=person.last_name,
            email=data.email_of(person.first_name, person.last_name),
            begins_on=today + timedelta(days=person.begins),
            ends_on=today + timedelta(days=person.ends),
            now=now,
        )
        standing = await club.standing(row.id, now=now)
        if standing.eligibility is not Eligibility.UNSIGNED or not person.eagerness:
            continue
        signer = Actor(kind="account", id=row.account_id, ambassador_id=row.id)
        await manifesto.sign(signer, row.id, version.id, data.INTERESTS.get(person.first_name, ""), now=now)
        await club.mark_invited(SYSTEM, row.id, now=now)
        await access.use_link(await access.invite(row.account_id, Realm.PASS, now=now), now=now)
        key = generate_private_key(SECP256R1())
        jwk = token.jwk_of(key.public_key())
        phone = "Android" if len(holders) % 2 else "iPhone"
        pass_ = await passes.issue(issuer, row.id, jwk["x"], jwk["y"], phone, now=now)
        holders.append(_Holder(row, person, key, pass_))
    return holders


async def _day(
    issuer: Issuer,
    doors: list[_Door],
    holders: list[_Holder],
    day: date,
    zone: ZoneInfo,
    chance: random.Random,
    now: datetime,
) -> None:
    """One day at every door: people come in twos and threes, now and then alone."""
    published = await passes.publish_status(now=clock.start_of_day(day, zone))
    visiting = [holder for holder in holders if chance.random() < holder.person.eagerness / 28]
    for holder in visiting:
        door = chance.choices(doors, [one.place.popularity for one in doors])[0]
        is_away = door.place.name == data.AT_SEA and (now.date() - day).days <= data.AT_SEA_DAYS
        at = datetime(day.year, day.month, day.day, chance.randint(10, 17), chance.randint(0, 59), tzinfo=zone)
        at = at.astimezone(UTC)
        if at > now or is_away:
            continue
        companions = chance.choices((0, 1, 2, 3, 4), (2, 4, 4, 2, 1))[0]
        reason = door.answer(holder.row.id, companions)
        door.used[holder.row.id] += reason is Reason.WELCOME
        item = _item(issuer, door, holder, at, companions, published.version, reason)
        await _hand_in(issuer, door, item, now=at)


def _item(
    issuer: Issuer,
    door: _Door,
    holder: _Holder,
    at: datetime,
    companions: int,
    version: int,
    reason: Reason,
) -> dict[str, object]:
    """A visit as a scanner would hand it in, with a real proof of that second."""
    fields = token.parse_credential(unb64(holder.pass_.credential))
    assert isinstance(fields, token.Fields)
    iat = int(at.timestamp()) - 4
    shown = token.sign_proof(fields, issuer.iss, holder.key, iat=iat, nonce=secrets.token_bytes(token.NONCE_BYTES))
    door.seq += 1
    return {
        "kind": "visit",
        "id": str(uuid4()),
        "seq": door.seq,
        "scannedAtMs": clock.to_ms(at),
        "skewMs": 0,
        "clockConfirmed": True,
        "codesAdvance": False,
        "digits": token.digits_of(shown.raw),
        "statusVersion": version,
        "newsAtMs": clock.to_ms(at) - 3_600_000,
        "answer": ANSWERS[reason],
        "reason": reason,
        "outcome": "admitted" if reason is Reason.WELCOME else "refused",
        "benefitId": str(door.benefit.id),
        "benefitVersion": door.benefit.version,
        "companions": companions,
        "decisions": {"identity": False, "again": None, "why": None},
    }


async def _hand_in(issuer: Issuer, door: _Door, item: dict[str, object], *, now: datetime) -> None:
    """One item, as the door's scanner sends it."""
    version = item["statusVersion"]
    batch = BatchIn(
        sent_at_ms=clock.to_ms(now),
        queue_length=1,
        items=[msgspec.Raw(msgspec.json.encode(item))],
        app_version="0.1.0",
        status_version=version if isinstance(version, int) else None,
    )
    await intake.intake(issuer, door.device.id, batch, now=now)


async def _today(settings: Settings, issuer: Issuer, doors: list[_Door], holders: list[_Holder], now: datetime) -> None:
    """What waits for the officer this morning: somebody paused, a scanner that a poster paired, something of each kind."""

    def named(first_name: str) -> _Holder:
        return next(holder for holder in holders if holder.person.first_name == first_name)

    await _letter_that_came_back(settings, now)
    await _yesterday(issuer, doors, named(data.ALONE), named(data.AFTER_THE_GAP), now)
    await _words(named, now)
    paused = named(data.PAUSED)
    await club.pause(SYSTEM, paused.row.id, "Long voyage (démonstration)", now=now - timedelta(days=3))
    await passes.publish_status(now=now - timedelta(days=3))
    await _lost_phone(issuer, doors[4], named(data.LOST), now)
    newest = await passes.publish_status(now=now)
    for door in doors:
        is_away = door.place.name == data.AT_SEA
        heard = now - (timedelta(days=data.AT_SEA_DAYS) if is_away else timedelta(minutes=40))
        await snapshot.note_snapshot(door.device.id, None if is_away else newest.version, now=heard)
    venue_id = doors[1].device.venue_id
    poster = await venues.make_pairing(
        SYSTEM, venue_id, reusable=True, lifetime=timedelta(days=365), now=now - timedelta(days=2)
    )
    await venues.pair(poster, "Tablette de la boutique", "boussole", now=now - timedelta(hours=5))


async def _words(named: Callable[[str], _Holder], now: datetime) -> None:
    """A draft with what two people say of it, somebody who would like to join, and somebody who asks for a correction."""
    told = now - timedelta(days=2)
    draft = await manifesto.save_draft(SYSTEM, title=data.TITLE, body=data.DRAFT, is_major=False, now=told)
    for first_name, text in data.REMARKS:
        await manifesto.comment(SYSTEM, named(first_name).row.id, draft.id, text, now=told)
    first_name, last_name, message = data.CANDIDATE
    await candidates.apply(
        first_name=first_name,
        last_name=last_name,
        email=data.email_of(first_name, last_name),
        message=message,
        now=told,
    )
    await privacy.ask(
        SYSTEM, named("Maëlle").row.id, "correct", "Mon prénom s’écrit avec un tréma (démonstration).", now=told
    )


async def _letter_that_came_back(settings: Settings, now: datetime) -> None:
    """Somebody was invited two days ago, at an address that does not exist."""
    invited = now - timedelta(days=2)
    person = next(person for person in await club.ambassadors() if person.first_name == data.UNREACHED)
    head = Letterhead(club=CLUB, origin=settings.origin, demo=settings.demo)
    await desk.invite_person(SYSTEM, person.id, head, now=invited)
    [letter] = await mail.letters(limit=1)
    await mail.mark_sent(letter.id, now=invited, keep_body=True)
    await mail.mark_failed(letter.id, "5.1.1", now=invited + timedelta(minutes=4), bounced=True)


async def _yesterday(issuer: Issuer, doors: list[_Door], alone: _Holder, after: _Holder, now: datetime) -> None:
    """A visit that only a human can judge, and one whose scanner had numbered two more before it."""
    known = await passes.publish_status(now=now)
    afternoon = _yesterday_at(14, await club.zone(), now)
    museum, abbey = doors[0], doors[4]
    item = _item(issuer, museum, alone, afternoon, 0, known.version, Reason.COMPANIONS_MISSING)
    why = "Sa famille était entrée cinq minutes plus tôt (démonstration)"
    item |= {"outcome": "admitted", "decisions": {"identity": False, "again": None, "why": why}}
    await _hand_in(issuer, museum, item, now=afternoon)
    abbey.seq += 2
    later = afternoon + timedelta(minutes=50)
    await _hand_in(issuer, abbey, _item(issuer, abbey, after, later, 2, known.version, Reason.WELCOME), now=later)


def _yesterday_at(hour: int, zone: ZoneInfo, now: datetime) -> datetime:
    """A time of yesterday at which venues are open, whenever the demonstration is made."""
    return datetime.combine(clock.local_day(now, zone) - timedelta(days=1), time(hour, 20), tzinfo=zone).astimezone(UTC)


async def _lost_phone(issuer: Issuer, door: _Door, holder: _Holder, now: datetime) -> None:
    """A phone was lost and its pass revoked; a scanner without network could not know it an hour later."""
    at = _yesterday_at(15, await club.zone(), now)
    known = await passes.publish_status(now=at - timedelta(hours=2))
    await passes.revoke(SYSTEM, holder.row.id, "Téléphone perdu (démonstration)", now=at - timedelta(hours=1))
    await _hand_in(issuer, door, _item(issuer, door, holder, at, 1, known.version, Reason.WELCOME), now=now)


# --- doors that open by themselves ------------------------------------------------------------------------------------


async def scanner_address(settings: Settings, *, now: datetime) -> str:
    """A fresh pairing address of the first place, any number of times: the scanner not seen for longest makes room."""
    first = next(venue for venue in await venues.venues() if venue.name == data.PLACES[0].name)
    active = [device for device in await venues.devices_of(first.id) if device.state == "active"]
    for device in sorted(active, key=lambda one: one.seen_at or one.created_at)[: len(active) + 1 - ACTIVE_DEVICES_MAX]:
        await venues.cut_device(SYSTEM, device.id, "Trop de scanners dans la démonstration", now=now)
    secret = await venues.make_pairing(SYSTEM, first.id, reusable=False, lifetime=timedelta(hours=1), now=now)
    return f"{settings.origin}/scan/#pair={secret}"


async def desk_address(settings: Settings, *, now: datetime) -> str:
    """A fresh link that opens the desk as the fictional officer."""
    account = await access.account_of(data.OFFICER[1])
    account_id: UUID = account.id if account else (await access.ensure_account(data.OFFICER[1], now=now)).id
    link = await access.invite(account_id, Realm.DESK, now=now, lifetime=timedelta(hours=1))
    return f"{settings.origin}/sign-in/{link}"
