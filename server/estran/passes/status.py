"""The status list: two bits a pass (draft-ietf-oauth-status-list-21 §4; docs/pass-format.md §6). Pure."""

import zlib
from collections.abc import Mapping
from functools import lru_cache

from estran.encoding import b64, unb64

VALID, REVOKED, SUSPENDED = 0, 1, 2
BITS = 2
PER_BYTE = 8 // BITS
LIST_MAX_BYTES = 1 << 22
"""Bound on the unpacked list: every index that the format has; more is not a list of ours."""


def pack(statuses: Mapping[int, int], *, room: int = 0) -> str:
    """The `lst` member: every status at its index, the gaps valid; index 0 in the lowest bits of the first byte.

    As long as its last index asks for, and no shorter than for `room` indices.
    """
    size = max(max(statuses, default=0) // PER_BYTE + 1, -(-room // PER_BYTE))
    raw = bytearray(size)
    for idx, status in statuses.items():
        raw[idx // PER_BYTE] |= status << (idx % PER_BYTE * BITS)
    return b64(zlib.compress(bytes(raw), 9))


def status_at(lst: str, idx: int) -> int | None:
    """The status at `idx`, or None beyond the end of the list (a pass newer than it)."""
    raw = _unpacked(lst)
    if idx // PER_BYTE >= len(raw):
        return None
    return raw[idx // PER_BYTE] >> (idx % PER_BYTE * BITS) & 3


def room(lst: str) -> int:
    """How many indices the list speaks of."""
    return len(_unpacked(lst)) * PER_BYTE


@lru_cache(maxsize=16)
def _unpacked(lst: str) -> bytes:
    return zlib.decompressobj().decompress(unb64(lst), LIST_MAX_BYTES)
