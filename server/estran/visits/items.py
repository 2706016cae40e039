"""The shape of what a scanner's outbox hands in: docs/sync.md §5. Anything else is parked, never dropped."""

import hashlib
import re
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from estran.clock import MS_MAX, Ms
from estran.errors import Invalid
from estran.passes.rules import Again, Answer

Skew = Annotated[int, msgspec.Meta(ge=-MS_MAX, le=MS_MAX)]
"""A tablet with a dead battery wakes up in 1970: half a century is an ordinary correction."""
Seq = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
BATCH_MAX = 100
APP_VERSION_MAX = 20
COMPANIONS_MAX = 100
BODY_KEPT = 4000
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises of bytes that are not the JSON expected: msgspec leaves text that is no UTF-8 to Python."""
_LONG_DIGITS = re.compile(r"\d{40,}")


PARTY_MAX = 20
NUMBER_MAX = 20
Party = Annotated[int, msgspec.Meta(ge=0, le=PARTY_MAX)]


class DecisionsIn(msgspec.Struct, rename="camel", frozen=True):
    """What the desk decided."""

    identity: bool
    again: Again | None = None
    why: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    booked: bool | msgspec.UnsetType = msgspec.UNSET


class VisitIn(msgspec.Struct, rename="camel", frozen=True, tag="visit", tag_field="kind"):
    """One scan that somebody acted on."""

    id: UUID
    seq: Seq
    scanned_at_ms: Ms
    skew_ms: Skew | None
    clock_confirmed: bool
    codes_advance: bool
    digits: Annotated[str, msgspec.Meta(max_length=2000)]
    status_version: Count | None
    news_at_ms: Ms | None
    answer: Answer
    reason: Annotated[str, msgspec.Meta(pattern=r"\A[a-z_]{1,24}\Z")]
    outcome: Literal["admitted", "refused"]
    benefit_id: UUID | None
    benefit_version: Count | None
    companions: Annotated[int, msgspec.Meta(ge=0, le=COMPANIONS_MAX)]
    decisions: DecisionsIn
    # What came later is left out where it is not said, so that an older scanner's item keeps its hash.
    guests: Party | msgspec.UnsetType = msgspec.UNSET
    children: Party | msgspec.UnsetType = msgspec.UNSET
    number: Annotated[str, msgspec.Meta(max_length=NUMBER_MAX)] | msgspec.UnsetType = msgspec.UNSET
    """The pass number that was typed where nothing could be scanned; `digits` is empty then."""
    slot_id: UUID | msgspec.UnsetType = msgspec.UNSET
    """The slot of an event at which somebody arrived; such a visit uses no benefit (docs/events.md §4)."""


class UndoIn(msgspec.Struct, rename="camel", frozen=True, tag="undo", tag_field="kind"):
    """The venue takes a visit back."""

    id: UUID
    seq: Seq
    visit_id: UUID
    undone_at_ms: Ms


class BatchIn(msgspec.Struct, rename="camel", frozen=True):
    """One call of a scanner. Items are read one by one, so that one bad item spoils only itself."""

    sent_at_ms: Ms
    queue_length: Count
    items: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=BATCH_MAX)]
    app_version: Annotated[str, msgspec.Meta(max_length=APP_VERSION_MAX)] = ""
    status_version: Count | None = None


class ResultOut(msgspec.Struct, rename="camel", omit_defaults=True):
    """What became of one item; all three results mean that the scanner may drop it."""

    id: str | None
    result: Literal["stored", "duplicate", "parked"]
    state: str | None = None
    code: str | None = None


class SavedQueue(msgspec.Struct, rename="camel", frozen=True):
    """A queue that was saved as a file on a scanner."""

    estran: Literal["outbox"]
    device_id: UUID
    items: list[msgspec.Raw]


class BatchOut(msgspec.Struct, rename="camel"):
    """A result per item, in the order they came, and the scanner's own state."""

    results: list[ResultOut]
    device: str


_decoder: msgspec.json.Decoder[VisitIn | UndoIn] = msgspec.json.Decoder(VisitIn | UndoIn)
_batch_decoder = msgspec.json.Decoder(BatchIn)
_encoder = msgspec.json.Encoder(order="deterministic")


def read_batch(body: bytes) -> BatchIn:
    """The batch in a request's body, its items still unread. Raises Invalid."""
    try:
        return _batch_decoder.decode(body)
    except UNREADABLE as error:
        raise Invalid("invalid", f"not a batch of visits: {error}", fields=["items"]) from error


def read(raw: msgspec.Raw) -> VisitIn | UndoIn | str:
    """The item, or why it cannot be read."""
    try:
        return _decoder.decode(raw)
    except UNREADABLE as error:
        return str(error)[:60]


def body_hash(item: VisitIn | UndoIn) -> str:
    """SHA-256 of the item, whatever the order and spacing of its JSON: the same body is a repeat, another is a clash."""
    return hashlib.sha256(_encoder.encode(item)).hexdigest()


def harmless(raw: msgspec.Raw) -> str:
    """The text of an unreadable item, cut short, without anything that could be a presentation."""
    return _LONG_DIGITS.sub("…", bytes(raw).decode("utf-8", "replace"))[:BODY_KEPT].replace("\x00", "�")


def id_in(raw: msgspec.Raw) -> str | None:
    """The `id` an unreadable item seems to have, so that the scanner can match the result."""
    try:
        found = msgspec.json.decode(raw)
    except UNREADABLE:
        return None
    value = found.get("id") if isinstance(found, dict) else None
    return value[:64] if isinstance(value, str) else None


def seq_in(raw: msgspec.Raw) -> int | None:
    """The `seq` an unreadable item seems to have, so that it is not taken for lost."""
    try:
        return msgspec.json.decode(raw, type=_Numbered).seq
    except UNREADABLE:
        return None


class _Numbered(msgspec.Struct):
    seq: Seq
