"""What an ambassador's phone tells by itself where there is no scanner: docs/sync.md §8."""

from datetime import datetime

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from estran.passes.keys import Issuer
from estran.visits import told
from estran.visits.told import ToldIn, ToldOut
from estran.web.faults import BODY, problems
from estran.web.limits import per_address


@post(
    "/pass/visits",
    operation_id="tellVisit",
    status_code=200,
    middleware=[per_address("told", "minute", 30)],
    responses=problems(*BODY, 401, 404, 409, 429),
)
async def tell(data: JSONBody[ToldIn], issuer: NamedDependency[Issuer], now: NamedDependency[datetime]) -> ToldOut:
    """A visit, dated by its proof; it waits for the officer. No session: the proof and the venue's PIN are enough."""
    return await told.tell(issuer, data, now=now)


routers = [Router("/api/v1", route_handlers=[tell], tags=["pass"])]
