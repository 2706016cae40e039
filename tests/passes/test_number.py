"""The literals of docs/pass-format.md §9: the same file as kit/test/rules/number.test.ts."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.passes.number import normal_number, number_of, spaced_number
from estran.venues.rules import ALPHABET

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "number-v1.json").read_text(encoding="utf-8"))
JTI = st.binary(min_size=6, max_size=6)


@pytest.mark.parametrize("case", VECTORS["numbers"], ids=lambda case: case["name"])
def test_a_jti_gives_the_number_of_the_vectors(case: dict[str, Any]) -> None:
    assert number_of(bytes.fromhex(case["jti"])) == case["number"]
    assert normal_number(spaced_number(case["number"])) == case["number"]


@pytest.mark.parametrize("case", VECTORS["typed"], ids=lambda case: case["name"])
def test_what_was_typed_is_a_number_or_none(case: dict[str, Any]) -> None:
    assert normal_number(case["text"]) == case["number"]


@given(JTI, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_seen(jti: bytes, place: int, wrong: str) -> None:
    number = number_of(jti)
    typed = number[:place] + wrong + number[place + 1 :]
    assert normal_number(typed) == (number if typed == number else None)


@given(JTI)
def test_two_exchanged_neighbours_are_always_seen(jti: bytes) -> None:
    number = number_of(jti)
    for place, (left, right) in enumerate(pairwise(number)):
        if left != right:
            assert normal_number(number[:place] + right + left + number[place + 2 :]) is None


@given(st.text(max_size=12))
def test_any_text_is_safe(text: str) -> None:
    number = normal_number(text)
    assert number is None or normal_number(number) == number
