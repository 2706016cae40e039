"""The status list against a plain reading of draft-ietf-oauth-status-list-21 §4.1."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.encoding import b64, unb64
from estran.passes import status


@given(st.dictionaries(st.integers(0, 5000), st.integers(0, 3), max_size=200))
def test_every_status_comes_back_at_its_index(statuses: dict[int, int]) -> None:
    lst = status.pack(statuses)
    for idx in {*statuses, 0}:
        assert status.status_at(lst, idx) == statuses.get(idx, 0)


def test_the_first_index_is_in_the_lowest_bits() -> None:
    assert zlib.decompress(unb64(status.pack({0: 1, 1: 2, 3: 3, 4: 1}))) == bytes([0b11001001, 0b01])


def test_beyond_the_list_nothing_is_known() -> None:
    lst = status.pack({0: 1})
    assert status.status_at(lst, 3) == 0
    assert status.status_at(lst, 4) is None


@given(st.dictionaries(st.integers(0, 500), st.integers(0, 3), max_size=20), st.integers(0, 1000))
def test_a_list_is_as_long_as_asked_and_as_needed(statuses: dict[int, int], room: int) -> None:
    lst = status.pack(statuses, room=room)
    needed = max(room, max(statuses, default=0) + 1)
    assert needed <= status.room(lst) < needed + status.PER_BYTE
    assert all(status.status_at(lst, idx) == statuses.get(idx, 0) for idx in range(needed))


def test_a_list_that_would_fill_the_memory_is_cut() -> None:
    bomb = b64(zlib.compress(bytes(status.LIST_MAX_BYTES * 4)))
    assert status.status_at(bomb, status.LIST_MAX_BYTES * status.PER_BYTE) is None


@pytest.mark.parametrize("text", ["!", "a", "YWJj="])
def test_text_that_is_not_base64url_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        unb64(text)
