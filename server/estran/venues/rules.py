"""Pairing secrets, the word on a scanner, typed lines. Pure; benefits are `terms`, `opening` and `sentences`."""

import re
import unicodedata
from datetime import timedelta

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of pairing secrets: no 0, O, 1, I, L, which look alike."""
SECRET_LENGTH = 8
WORD_LENGTHS = range(3, 21)
LABEL_MAX = 40
ACTIVE_DEVICES_MAX = 10
"""Active scanners of one venue: more than any real desk has."""
LINE_MAX = 1000
"""Characters of typed text that are read at all: NFC takes the square of the length for piled-up accents."""
PENDING_DEVICES_MAX = 20
"""Scanners of one venue that wait for approval: twice what may be active, and still a list that somebody can read."""
PENDING_LIFETIME = timedelta(days=7)
"""A scanner that nobody approved within a week is not the venue's, or is forgotten: it makes room."""


def normal_secret(typed: str) -> str:
    """A pairing secret as it was typed, spoken or scanned, in the one spelling that is hashed: no dashes, upper case."""
    return re.sub(r"[\s-]", "", typed).upper()


def spaced_secret(secret: str) -> str:
    """A pairing secret as it is shown: XXXX-XXXX."""
    return f"{secret[:4]}-{secret[4:]}"


def clean_line(text: str) -> str:
    """One line of typed text: NFC, no control or invisible characters, single spaces."""
    normal = unicodedata.normalize("NFC", text[:LINE_MAX])
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in normal).split())


def is_good_word(word: str) -> bool:
    """Whether a cleaned `word` may stand on a scanner: 3 to 20 letters, apostrophes, dashes or spaces, letters at both ends."""
    return len(word) in WORD_LENGTHS and re.fullmatch(r"[^\W\d_](?:[^\W\d_]|['’ -])*[^\W\d_]", word) is not None
