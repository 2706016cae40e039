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
    """By benefit: the ambassadors it is for; None: it is for all. What several ask for is read once."""
    asked = {terms.who for terms in benefits.values()}
    certified = await club.certified(on=clock.local_day(now, await club.zone())) if Who.CERTIFIED in asked else set()
    members = await circles.members() if Who.CIRCLE in asked else {}
    found: dict[UUID, set[UUID] | None] = {}
    for benefit_id, terms in benefits.items():
        if terms.who is Who.ALL:
            found[benefit_id] = None
        elif terms.who is Who.CERTIFIED:
            found[benefit_id] = certified
        elif terms.who is Who.CIRCLE:
            found[benefit_id] = members.get(terms.circle_id, set()) if terms.circle_id else set()
        else:
            found[benefit_id] = await invited.invited_to(benefit_id)
    return found
