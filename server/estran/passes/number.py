"""The pass number: eight characters that can be read out and typed, made of the pass's `jti`. docs/pass-format.md §9. Pure.

Twin of kit/src/rules/number.ts; both run tests/vectors/number-v1.json.
"""

import re

from estran.venues.rules import ALPHABET

LENGTH = 8
_BASE = len(ALPHABET)
_SPAN = _BASE ** (LENGTH - 1)
_BETWEEN = re.compile("[ \u00a0\u202f-]")


def number_of(jti: bytes) -> str:
    """The number of the pass with this `jti` (6 bytes): seven digits of base 31, and a check character."""
    rest = int.from_bytes(jti, "big") % _SPAN
    digits = [rest // _BASE**place % _BASE for place in range(LENGTH - 2, -1, -1)]
    return "".join(ALPHABET[digit] for digit in [*digits, _check(digits)])


def _check(digits: list[int]) -> int:
    """Of seven digits. 31 is a prime: no single wrong character and no two exchanged neighbours give the same."""
    return sum(weight * digit for weight, digit in enumerate(digits, start=1)) % _BASE


def normal_number(typed: str) -> str | None:
    """A number as it was typed or spoken, in its one spelling; None when it is none."""
    text = _BETWEEN.sub("", typed)
    if len(text) != LENGTH or not text.isascii() or any(char not in ALPHABET for char in text.upper()):
        return None
    text = text.upper()
    digits = [ALPHABET.index(char) for char in text]
    return text if _check(digits[:-1]) == digits[-1] else None


def spaced_number(number: str) -> str:
    """A number as it is shown: XXXX XXXX."""
    return f"{number[:4]} {number[4:]}"
