"""Terms that a newer Estran wrote, read by this one after it was put back: they are not given, and spoil nothing else."""

import httpx
import pytest

from estran.actor import SYSTEM
from estran.inbox import service as inbox
from estran.passes.keys import Issuer
from estran.privacy import my_data
from estran.venues import proposals
from estran.venues import service as venues
from estran.venues.tables import BenefitVersion, Proposal
from estran.venues.terms import Terms, written
from estran.visits import snapshot
from tests.visits.conftest import Phone, Scanner, Town

pytestmark = pytest.mark.anyio

NEWER = written(Terms()).replace('"kind":"free_entry"', '"kind":"hot_air_balloon"')


async def test_terms_from_a_newer_estran_spoil_nothing_else(
    desk: httpx.AsyncClient, town: Town, till: Scanner, camille: Phone, issuer: Issuer
) -> None:
    now, museum = town.clock(), town.museum.id
    good = await venues.set_benefit(SYSTEM, museum, None, Terms(guests_max=1), now=now)
    old, new = [
        await proposals.propose(SYSTEM, museum, one, Terms(guests_max=2), "", now=now)
        for one in (town.benefit.id, None)
    ]
    await BenefitVersion.update({BenefitVersion.terms: NEWER}).where(BenefitVersion.benefit_id == town.benefit.id)
    await Proposal.update({Proposal.terms: NEWER}).where(Proposal.id == new.id)

    news = await snapshot.snapshot(issuer, till.device.id, now=now)
    assert [one.id for one in news.benefits] == [str(good.id)]
    assert await till.state_of(till.scan(camille.show(now))) == "counted", (
        "judged without terms, as by docs/benefits.md §6"
    )
    assert await my_data.my_data(camille.owner.id, now=now)
    for path in (
        "/partners",
        "/desk/",
        "/desk/inbox",
        "/desk/circles",
        f"/desk/venues/{museum}",
        f"/desk/venues/{museum}/try",
        f"/desk/people/{camille.owner.id}",
        f"/desk/venues/{museum}/benefits/{good.id}/versions",
        f"/venue/{museum}",
        f"/venue/{museum}/month",
        f"/venue/{museum}/benefits",
    ):
        assert (await desk.get(path)).status_code == 200, path
    for path in (
        f"/desk/venues/{museum}/benefits/{town.benefit.id}",
        *(f"/desk/proposals/{one.id}" for one in (old, new)),
    ):
        assert (await desk.get(path)).status_code == 404, path
    items = {item.subject_id: item.id for item in await inbox.open_items()}
    assert (await desk.post(f"/desk/inbox/{items[new.id]}/accept")).status_code == 404
