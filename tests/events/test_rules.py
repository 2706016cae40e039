"""Stages, places, the order of a waiting list: no database."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estran.events import rules
from estran.events.rules import Reply, Stage, Waiting
from tests.conftest import MONDAY

HOUR = timedelta(hours=1)
PLAIN = {
    "opened_at": MONDAY,
    "closed_at": None,
    "cancelled_at": None,
    "summed_at": None,
    "reply_by": MONDAY + 10 * HOUR,
    "ends": [MONDAY + 20 * HOUR, MONDAY + 30 * HOUR],
}


@pytest.mark.parametrize(
    ("changes", "hours", "stage"),
    [
        ({"opened_at": None}, 0, Stage.DRAFT),
        ({"opened_at": None, "cancelled_at": MONDAY}, 0, Stage.CANCELLED),
        ({}, 0, Stage.OPEN),
        ({}, 9.99, Stage.OPEN),
        ({}, 10, Stage.CLOSED),  # « avant le … »: not at that very instant any more
        ({"closed_at": MONDAY}, 1, Stage.CLOSED),
        ({"reply_by": MONDAY + 15 * HOUR}, 12, Stage.OPEN),  # put off: open again by itself
        ({}, 25, Stage.CLOSED),  # between two slots
        ({}, 30, Stage.HELD),
        ({"summed_at": MONDAY + 31 * HOUR}, 32, Stage.SUMMED),
        ({"cancelled_at": MONDAY}, 32, Stage.CANCELLED),
    ],
)
def test_the_stage_is_made_of_instants(changes: dict[str, datetime | None], hours: float, stage: Stage) -> None:
    assert rules.stage(**(PLAIN | changes), now=MONDAY + hours * HOUR) is stage  # type: ignore[arg-type]


# --- places -----------------------------------------------------------------------------------------------------------

lists = st.lists(
    st.builds(
        Waiting,
        ambassador_id=st.uuids(),
        heads=st.integers(1, 5),
        since=st.integers(0, 30).map(lambda minutes: MONDAY + timedelta(minutes=minutes)),
        has_been=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda one: one.ambassador_id,
)
capacities = st.none() | st.integers(1, 30)


@settings(max_examples=1000)
@given(capacity=capacities, taken=st.integers(0, 35), waiting=lists, newcomers_first=st.booleans())
def test_a_waiting_list_is_served_in_order_and_never_over_capacity(
    *, capacity: int | None, taken: int, waiting: list[Waiting], newcomers_first: bool
) -> None:
    served = rules.promoted(capacity, taken, waiting, newcomers_first=newcomers_first)
    order = rules.in_order(waiting, newcomers_first=newcomers_first)
    assert [one for one in order if one in served] == served
    room = taken
    for one in order:
        if one in served:
            room += one.heads
            assert capacity is None or room <= capacity
        else:  # passed over only where the party did not fit: nobody is overtaken who would have had a place
            assert not rules.fits(capacity, room, one.heads)
    left = [one for one in waiting if one not in served]
    assert rules.promoted(capacity, room, left, newcomers_first=newcomers_first) == []


@settings(max_examples=500)
@given(capacity=capacities, taken=st.integers(0, 35), waiting=lists, heads=st.integers(1, 5))
def test_who_asks_last_changes_nothing_for_who_waits(
    capacity: int | None, taken: int, waiting: list[Waiting], heads: int
) -> None:
    before = rules.promoted(capacity, taken, waiting, newcomers_first=False)
    last = Waiting(UUID(int=1), heads, MONDAY + timedelta(days=1), has_been=False)
    after = rules.promoted(capacity, taken, [*waiting, last], newcomers_first=False)
    assert [one for one in after if one != last] == before


@settings(max_examples=500)
@given(capacity=capacities, taken=st.integers(0, 35), waiting=lists, more=st.integers(0, 20))
def test_more_room_never_serves_the_first_less(
    capacity: int | None, taken: int, waiting: list[Waiting], more: int
) -> None:
    order = rules.in_order(waiting, newcomers_first=False)
    before = rules.promoted(capacity, taken, waiting, newcomers_first=False)
    after = rules.promoted(None if capacity is None else capacity + more, taken, waiting, newcomers_first=False)
    if order and order[0] in before:
        assert order[0] in after


def test_newcomers_come_first_where_the_event_says_so() -> None:
    early = Waiting(UUID(int=1), 1, MONDAY, has_been=True)
    late = Waiting(UUID(int=2), 1, MONDAY + HOUR, has_been=False)
    assert rules.promoted(1, 0, [late, early], newcomers_first=False) == [early]
    assert rules.promoted(1, 0, [late, early], newcomers_first=True) == [late]
    assert rules.in_order([late, replace(early, has_been=False)], newcomers_first=True)[0].ambassador_id == UUID(int=1)


# --- afterwards -------------------------------------------------------------------------------------------------------


def test_attendance() -> None:
    here, absent, declined, unasked = (UUID(int=n) for n in range(1, 5))
    said = {here: Reply.COMING, absent: Reply.COMING, declined: Reply.DECLINED}
    found = rules.attendance(said, {here: 2, unasked: 1})
    assert (found.invited, found.coming, found.present, found.absent, found.walk_ins, found.guests) == (
        3,
        2,
        2,
        1,
        1,
        3,
    )
    assert found.no_show_rate == 0.5
    assert rules.attendance({}, {}).no_show_rate is None
