"""What the club's past adds up to."""

from datetime import date
from uuid import UUID

from estran.club import rules
from estran.club.rules import Term, YearCount
from estran.club.tables import Mandate


async def years(today: date) -> list[YearCount]:
    """How many were in the club each year, came and left; the latest first. Those who were erased count as everybody does."""
    people: dict[UUID, list[Term]] = {}
    for row in await Mandate.select(Mandate.ambassador_id, Mandate.begins_on, Mandate.ends_on):
        people.setdefault(row["ambassador_id"], []).append(Term(row["begins_on"], row["ends_on"]))
    return rules.count_years(people.values(), today)
