"""A manager's browser at the museum, and an abbey that is none of theirs."""

import httpx
import pytest
from tests.desk.conftest import Open, open_desk
from tests.visits.conftest import Town, camille, issuer, other_till, till, town

from estran.actor import SYSTEM
from estran.venues import service as venues
from estran.venues.tables import Venue

__all__ = ["camille", "issuer", "open_desk", "other_till", "till", "town"]


@pytest.fixture
async def manager(open_desk: Open, town: Town) -> httpx.AsyncClient:
    """The browser of whoever runs the museum."""
    return await open_desk(town.museum.id)


@pytest.fixture
async def abbey(town: Town) -> Venue:
    """Somebody else's venue."""
    return await venues.add_venue(
        SYSTEM, name="Abbaye", commune="", address="", url="", contact_email="", now=town.clock()
    )
