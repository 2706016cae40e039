"""Keeps the daily figures that dashboards are drawn from in step with the visits themselves.

A million visits take a second to add up; their days and venues a few milliseconds (docs/benchmarks.md).
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID, uuid4

from estran.db import fetch, writes
from estran.visits.rules import State
from estran.visits.tables import Tally


class Counts(Protocol):
    """What of a visit is added up."""

    @property
    def on_day(self) -> str:
        """Its day in the club's zone."""

    @property
    def venue_id(self) -> UUID:
        """Where."""

    @property
    def state(self) -> str:
        """What became of it."""

    @property
    def reason(self) -> str:
        """The scanner's reason."""

    @property
    def companions(self) -> int:
        """Paying people who came along."""

    @property
    def slot_id(self) -> UUID | None:
        """Of an arrival at an event, which is no entry."""


_Key = tuple[str, UUID, str, str]
_MARKS = "({}, {}, {}, {}, {}, {}, {})"
_UPSERT = (
    "INSERT INTO visits_tally (id, on_day, venue_id, state, reason, n, companions) VALUES %s"
    " ON CONFLICT (on_day, venue_id, state, reason) DO UPDATE SET"
    " n = visits_tally.n + excluded.n, companions = visits_tally.companions + excluded.companions"
)


def _key(visit: Counts) -> _Key | None:
    if visit.slot_id is not None:
        return None
    if visit.state == State.COUNTED:
        return visit.on_day, visit.venue_id, State.COUNTED.value, ""
    if visit.state == State.REFUSED:
        return visit.on_day, visit.venue_id, State.REFUSED.value, visit.reason
    return None


@writes
async def add(come: Iterable[Counts] = (), gone: Iterable[Counts] = ()) -> None:
    """Count visits as they stand now (`come`) and no longer as they stood before (`gone`).

    Other states are not counted, nor are arrivals at events.
    """
    sums: dict[_Key, list[int]] = defaultdict(lambda: [0, 0])
    for visits, step in ((come, 1), (gone, -1)):
        for visit in visits:
            key = _key(visit)
            if key is not None:
                sums[key][0] += step
                sums[key][1] += step * visit.companions
    changed = [(uuid4(), *key, *figures) for key, figures in sums.items() if any(figures)]
    if changed:
        values = [value for row in changed for value in row]
        await fetch(_UPSERT.replace("%s", ", ".join([_MARKS] * len(changed))), *values)


@writes
async def rebuild() -> None:
    """Add everything up anew. Visits that retention has deleted are then no longer in the figures."""
    await Tally.delete(force=True)
    sql = (
        "SELECT on_day, venue_id, state, CASE WHEN state = 'refused' THEN reason ELSE '' END AS reason, COUNT(*) AS n,"
        " SUM(companions) AS companions FROM visits_visit WHERE slot_id IS NULL AND state IN ('counted', 'refused')"
        " GROUP BY on_day, venue_id, state, CASE WHEN state = 'refused' THEN reason ELSE '' END"
    )
    for row in await fetch(sql):
        await Tally(id=uuid4(), **row).save()
