"""Long fuzzing of the parser: part of `make test-all`."""

import random

import pytest

from estran.passes import token
from estran.passes.rules import Reason
from tests.passes.test_token import GENUINE, GENUINE_DIGITS, ISS, KEYS

pytestmark = pytest.mark.slow
ROUNDS = 200_000


def mutated(digits: str, chance: random.Random) -> str:
    """`digits` after one to four changes: replaced, cut, repeated or foreign characters."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(digits) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            digits = digits[:at] + str(chance.randrange(10)) + digits[at + 1 :]
        elif kind == 1:
            digits = digits[:at] + digits[at + chance.choice((1, 3, 15)) :]
        elif kind == 2:
            digits = digits[:at] + digits[at : at + 15] + digits[at:]
        else:
            digits = digits[:at] + chance.choice("x٣²\x00 -+.e\U0001f30a") + digits[at:]
    return digits


def test_no_change_of_a_genuine_code_is_accepted_as_another_one() -> None:
    chance = random.Random(1143)
    accepted = 0
    for _ in range(ROUNDS):
        text = mutated(GENUINE_DIGITS, chance)
        parsed = token.parse(text, ISS)
        if isinstance(parsed, Reason):
            continue
        assert token.digits_of(parsed.raw) == text.strip()
        if parsed != GENUINE and accepted < 500:  # a signature costs a quarter of a millisecond
            accepted += 1
            assert token.verify(parsed, ISS, KEYS) is not None
    assert accepted > 100, "the changes reach the signatures"


def test_random_bytes_never_raise() -> None:
    chance = random.Random(1789)
    for _ in range(ROUNDS):
        raw = chance.randbytes(chance.randint(1, 300))
        raw = bytes([chance.choice((1, 2, 3))]) + raw[1:]
        for parsed in (token.parse_bytes(raw), token.parse_credential(raw)):
            assert isinstance(parsed, Reason) or raw in {parsed.raw, parsed.credential}
