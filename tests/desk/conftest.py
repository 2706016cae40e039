"""An officer's browser, a manager's browser, and what a reader finds on a page."""

from collections.abc import AsyncIterator, Callable, Coroutine
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pytest

from estran.access import service as access
from estran.access.rules import Realm
from estran.actor import Role
from tests.conftest import ORIGIN, FrozenClock
from tests.visits.conftest import camille, issuer, other_till, till, town

__all__ = ["camille", "issuer", "other_till", "till", "town"]

OFFICER = "helene@example.org"
MANAGER = "basile@example.org"
Open = Callable[..., Coroutine[Any, Any, httpx.AsyncClient]]


@pytest.fixture
async def open_desk(app: Any, clock: FrozenClock) -> AsyncIterator[Open]:
    """Opens a browser signed in to the desk: of the officer, or of the manager of a venue."""
    browsers: list[httpx.AsyncClient] = []

    async def opened(venue_id: UUID | None = None, email: str = "") -> httpx.AsyncClient:
        account = await access.ensure_account(email or (MANAGER if venue_id else OFFICER), now=clock())
        await access.grant(account.id, Role.MANAGER if venue_id else Role.OFFICER, venue_id)
        session = await access.use_link(await access.invite(account.id, Realm.DESK, now=clock()), now=clock())
        browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url=ORIGIN,
            headers={"origin": ORIGIN, "sec-fetch-site": "same-origin", "accept-language": "fr"},
            cookies={"__Host-estran_desk": session.token},
        )
        browsers.append(browser)
        return browser

    yield opened
    for browser in browsers:
        await browser.aclose()


@pytest.fixture
async def desk(open_desk: Open) -> httpx.AsyncClient:
    """The officer's browser."""
    return await open_desk()


def read(answer: httpx.Response) -> str:
    """A page's source with its entities resolved and its no-break spaces plain."""
    return unescape(answer.text).replace("\u00a0", " ").replace("\u202f", " ")


async def follow(browser: httpx.AsyncClient, answer: httpx.Response) -> str:
    """The page that a form's 303 leads to."""
    assert answer.status_code == 303, (answer.status_code, read(answer)[:2000])
    page = await browser.get(answer.headers["location"])
    assert page.status_code == 200
    return read(page)
