"""For whom a benefit is (docs/benefits.md §5), and the names that its sentence says. Reads only."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from estran import clock
from estran.club import circles
from estran.club import service as club
from estran.venues import groups, invited
from estran.venues.terms import Terms, Who


async def names() -> Mapping[UUID, str]:
    """The names of circles and of groups of venues, by id: what `sentences.sentence` asks for."""
    people = {row.id: row.name for row in await circles.circles()}
    return people | {row.id: row.name for row in await groups.groups()}


async def entitled(benefits: Mapping[UUID, Terms], *, now: datetime) -> dict[UUID, set[UUID] | None]:
    """By benefit: the ambassadors it is for; None: it is for all."""
    return {benefit_id: await _entitled(benefit_id, terms, now) for benefit_id, terms in benefits.items()}


async def _entitled(benefit_id: UUID, terms: Terms, now: datetime) -> set[UUID] | None:
    if terms.who is Who.ALL:
        return None
    if terms.who is Who.CERTIFIED:
        return await club.certified(on=clock.local_day(now, await club.zone()))
    if terms.who is Who.CIRCLE:
        return (await circles.members()).get(terms.circle_id, set()) if terms.circle_id else set()
    return await invited.invited_to(benefit_id)
