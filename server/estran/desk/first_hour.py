"""The first hour: what a new club does, in order, and what of it is done. Told by the club's own data, kept nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from estran.club import identity
from estran.club import service as club
from estran.club.tables import Ambassador
from estran.venues import service as venues
from estran.venues.tables import Device, Venue
from estran.visits import queries


@dataclass(frozen=True, slots=True)
class Step:
    """One step, where it is done, and whether it is."""

    name: str
    address: str
    is_done: bool
    is_next: bool = False
    n_left: int = 0
    """Of the legal pages: lines that are still empty."""


async def steps(places: Sequence[Venue], people: Sequence[Ambassador], devices: Sequence[Device]) -> list[Step]:
    """From the first setting to the first scan; the first that is not done is the next one."""
    unsaid = [name for name in await identity.missing() if name != "contact_email"]  # the first step asks for that
    benefits = await venues.benefits()
    with_benefit = {benefit.venue_id for benefit in benefits}
    bare = next((venue for venue in places if venue.id not in with_benefit), None)
    open_place = next((venue for venue in places if venue.id in with_benefit), None) or bare
    person = next(iter(people), None)
    legal = f"/desk/settings/identity#{unsaid[0]}" if unsaid else "/desk/settings/identity"
    found = [
        Step("settings", "/desk/settings", bool((await club.house()).contact_email)),
        Step("legal", legal, not unsaid, n_left=len(unsaid)),
        Step("venue", "/desk/venues/new", bool(places)),
        Step("benefit", f"/desk/venues/{bare.id}/benefits/new" if bare else "/desk/venues", bool(benefits)),
        Step(
            "person",
            f"/desk/people/{person.id}" if person else "/desk/people/new",
            any(one.invited_at is not None for one in people),
        ),
        Step(
            "device",
            f"/desk/venues/{open_place.id}/pairing" if open_place else "/desk/venues",
            any(device.state != "cut" for device in devices),
        ),
        Step("scan", "/desk/scanners", await queries.is_begun()),
    ]
    n_done = sum(1 for _ in takewhile(lambda step: step.is_done, found))
    return [
        Step(step.name, step.address, step.is_done, is_next=place == n_done, n_left=step.n_left)
        for place, step in enumerate(found)
    ]
