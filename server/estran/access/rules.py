"""Lifetimes, limits, and what is derived from what. Pure."""

import hashlib
import re
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum


class Realm(StrEnum):
    """Which door: the ambassador's app or the desk. Two cookies, two sessions. Stored: never rename."""

    PASS = "pass"  # noqa: S105 - a door, not a password
    DESK = "desk"


class Kind(StrEnum):
    """How a way in came to be. Stored: never rename."""

    LETTER = "letter"
    INVITATION = "invitation"
    READ_OUT = "read_out"


SIGN_IN_LIFETIME = timedelta(minutes=15)
"""A letter's code and link: long enough for a slow mailbox, short enough for one left open."""
INVITATION_LIFETIME = timedelta(days=7)
"""A first letter waits for its reader's weekend."""
CODE_TRIES = 5
"""Five guesses out of a million; then another letter."""
READ_OUT_TRIES = 50
"""Wrong codes in all browsers together: who may ask without end must not guess without end. Fifty out of a million."""
LETTERS_PER_HOUR = 5
"""To one address, whoever asks: nobody's mailbox can be flooded from here. Asking itself goes on, without a letter."""
LETTER_WINDOW = timedelta(hours=1)
PASS_SESSION = timedelta(days=30)
"""Sliding. An ambassador who opens the app once a month stays in; the stored pass does not depend on it."""
DESK_SESSION_IDLE = timedelta(hours=12)
"""A working day: the desk shows personal data, often on a shared computer."""
DESK_SESSION_LONGEST = timedelta(days=7)
"""Even in daily use, the desk asks for a new letter every week."""
SEEN_EVERY = timedelta(minutes=10)
"""A session's last use is written down at most this often: reading a page should not be a write."""

EMAIL_MAX = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
EMAIL_TYPED_MAX = 4 * EMAIL_MAX  # NFC joins at most four characters to one, and takes the square of the length
CODE_DIGITS = 6

# One address, as people have them: no comments, quotes, spaces or line breaks; the mail server decides about the rest.
_CHARS = r"[^\s@.<>()\[\]\",;:\\\x00-\x1f\x7f-\x9f]+"
_EMAIL = re.compile(rf"{_CHARS}(\.{_CHARS})*@{_CHARS}(\.{_CHARS})*")


def clean_email(text: str) -> str:
    """The address without outer blanks, in NFC: what letters are sent to."""
    return unicodedata.normalize("NFC", text.strip()[:EMAIL_TYPED_MAX])


def fold_email(text: str) -> str:
    """What two spellings of one address have in common: blanks off, NFC, case folded, NFC again (folding may undo it)."""
    return unicodedata.normalize("NFC", clean_email(text).casefold())


def is_email(text: str) -> bool:
    """Whether a cleaned text can be the address of a letter."""
    is_sendable = not any("\ud800" <= char <= "\udfff" for char in text)
    return is_sendable and len(text.encode()) <= EMAIL_MAX and _EMAIL.fullmatch(text) is not None


def hash_of(secret: str) -> str:
    """SHA-256 in hexadecimal. Only for secrets of 128 bits and more, and for keys of a count."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def code_of(token: str) -> str:
    """The six digits that belong to a link's token: its page can show them, and nothing is kept in clear."""
    digest = hashlib.sha256(f"code{token}".encode()).digest()
    return f"{int.from_bytes(digest, 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def code_hash(code: str, salt: str) -> str:
    """What is stored of a code.

    Six digits alone would be found by trying, so a letter's `salt` is something the database lacks: the asking browser's
    secret. A code read out is asked for by nobody; its salt is the hash of the address, and its 15 minutes must do.
    """
    return hash_of(f"{salt}/{code}")


def clean_code(text: str) -> str:
    """The digits of what somebody typed: blanks, dashes and points between them are dropped."""
    return re.sub(r"[\s.\-\u2010-\u2015]", "", text)


def session_end(realm: Realm, *, begun: datetime, now: datetime) -> datetime:
    """Until when a session that began at `begun` and is used at `now` stays open if it is not used again."""
    if realm is Realm.PASS:
        return now + PASS_SESSION
    return min(now + DESK_SESSION_IDLE, begun + DESK_SESSION_LONGEST)
