"""What a reader finds in the letters of the outbox."""

import re
from uuid import UUID

from estran.access import service as access
from estran.actor import Role
from estran.mail import service as mail
from estran.mail.letters import Letterhead
from estran.mail.tables import Letter
from tests.conftest import MONDAY, ORIGIN

CAMILLE = UUID(int=7)
HEAD = Letterhead(club="Club des ambassadeurs", origin=ORIGIN, demo=False)


async def officer(email: str = "nora@example.org") -> UUID:
    account = await access.ensure_account(email, now=MONDAY)
    await access.grant(account.id, Role.OFFICER)
    return account.id


async def ambassador(email: str = "camille@example.org", ambassador_id: UUID = CAMILLE) -> UUID:
    account = await access.ensure_account(email, now=MONDAY)
    await access.grant(account.id, Role.AMBASSADOR, ambassador_id)
    return account.id


async def manager(email: str, venue_id: UUID) -> UUID:
    account = await access.ensure_account(email, now=MONDAY)
    await access.grant(account.id, Role.MANAGER, venue_id)
    return account.id


async def newest(to_email: str) -> Letter:
    return next(letter for letter in await mail.letters() if letter.to_email == to_email)


def code_in(letter: Letter) -> str:
    found = re.search(r"^(\d{6})$", letter.text, re.MULTILINE)
    assert found is not None
    return found[1]


def token_in(letter: Letter) -> str:
    found = re.search(rf"{re.escape(ORIGIN)}/sign-in/([\w-]+)", letter.text)
    assert found is not None
    return found[1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"
