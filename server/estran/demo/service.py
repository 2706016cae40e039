"""Where the demonstration lives, how it is made and wiped, and the doors that open by themselves."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from estran import clock, db
from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import SYSTEM
from estran.club.tables import Ambassador
from estran.demo import data, story
from estran.privacy import retention
from estran.settings import Settings
from estran.venues import service as venues
from estran.venues.rules import ACTIVE_DEVICES_MAX


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
    is_used = settings.data.exists() and (not settings.data.is_dir() or any(settings.data.iterdir()))
    if is_used and not _mark(settings).exists():
        raise NotADemonstration(f"{settings.data} was not made by estran demo: choose another --data")


def wipe(settings: Settings) -> bool:
    """Delete the demonstration's folder; whether there was one. Raises NotADemonstration."""
    _check_own(settings)
    if not settings.data.exists():
        return False
    shutil.rmtree(settings.data)
    return True


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
            now = clock.system_clock()
            await story.fill(settings, now=now, show=show)
            await retention.run(now=now)  # what is kept no longer is gone from the first minute on
    finally:
        await db.close_engine()
    return welcome(settings)


def welcome(settings: Settings) -> list[str]:
    """Where each person goes, and how they sign in."""
    person = data.PEOPLE[0]
    email = data.email_of(person.first_name, person.last_name)
    return [
        "",
        "Démonstration : avantages fictifs, personnes fictives.",
        f"  Tout est ici :                {settings.origin}/demo/",
        f"  L’ambassadrice ({person.first_name}) :    {settings.origin}/pass/",
        f"      adresse {email}, e-mail à lire sur {settings.origin}/demo/mailbox/",
        f"  L’accueil du musée :          {settings.origin}/demo/scanner (associe ce navigateur)",
        f"  La responsable du musée :     {settings.origin}/demo/venue (ou /venue/ avec {data.MANAGER[1]})",
        f"  La chargée de communication : {settings.origin}/demo/desk (ou /desk/ avec {data.OFFICER[1]})",
        "  Cliquer sur le code QR du pass ouvre le scanner. Ctrl+C pour arrêter ; les données restent.",
        "",
    ]


# --- doors that open by themselves ------------------------------------------------------------------------------------


async def scanner_address(settings: Settings, *, now: datetime) -> str:
    """A fresh pairing address of the first place, any number of times: the scanner not seen for longest makes room."""
    first = next(venue for venue in await venues.venues() if venue.name == data.PLACES[0].name)
    active = [device for device in await venues.devices_of(first.id) if device.state == "active"]
    for device in sorted(active, key=lambda one: one.seen_at or one.created_at)[: len(active) + 1 - ACTIVE_DEVICES_MAX]:
        await venues.cut_device(SYSTEM, device.id, "Trop de scanners dans la démonstration", now=now)
    secret = await venues.make_pairing(SYSTEM, first.id, reusable=False, lifetime=timedelta(hours=1), now=now)
    return f"{settings.origin}/scan/#pair={secret}"


async def address_for(settings: Settings, email: str, *, now: datetime) -> str:
    """A fresh link that signs in the fictional officer, or a venue's manager."""
    account = await access.ensure_account(email, now=now)
    link = await access.invite(account.id, Realm.DESK, now=now, lifetime=timedelta(hours=1))
    return f"{settings.origin}/sign-in/{link}"
