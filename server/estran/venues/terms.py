"""What a benefit says: the grammar of docs/benefits.md §1 as one value, how it is read, and what would contradict itself. Pure.

Twin of kit/src/rules/terms.ts. Days are ISO dates in the club's zone, `MM-DD` for a day of every year; times are `HH:MM` on the
wall, `24:00` for midnight at the end.
"""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

import msgspec

COMPANIONS_MAX = 20
GUESTS_MAX = 4
CHILD_AGE_MAX = 18
QUOTA_MAX = 366
CENTS_MAX = 1_000_000
NOTICE_DAYS_MAX = 90
WORDS_MAX = 160
SPANS_MAX = 12
WEEKDAYS = range(1, 8)
_DAY = re.compile(r"(\d{4}-)?\d{2}-\d{2}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


class Kind(StrEnum):
    """What is given. Stored: append-only."""

    FREE_ENTRY = "free_entry"
    PERCENTAGE = "percentage"
    FIXED_PRICE = "fixed_price"
    ONE_FOR_ONE = "one_for_one"
    GIFT = "gift"
    EVENT = "event"


class Per(StrEnum):
    """How long a quota counts before it begins anew. `validity`: as long as the mandate lasts. Stored: append-only."""

    DAY = "day"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"
    VALIDITY = "validity"


class Scope(StrEnum):
    """Which visits a quota counts. Stored: append-only."""

    BENEFIT = "benefit"
    VENUE = "venue"
    GROUP = "group"


class Booking(StrEnum):
    """Whether one must ask before coming. Stored: append-only."""

    NONE = "none"
    ADVISED = "advised"
    REQUIRED = "required"
    AVAILABILITY = "availability"


class Who(StrEnum):
    """For whom it is. Stored: append-only."""

    ALL = "all"
    CERTIFIED = "certified"
    CIRCLE = "circle"
    INVITED = "invited"


class Proof(StrEnum):
    """The least a visit must show. Stored: append-only.

    `paper`: any pass. `live`: a phone's, or paper and an identity document. `identity`: the document in any case.
    """

    PAPER = "paper"
    LIVE = "live"
    IDENTITY = "identity"


class Words(msgspec.Struct, frozen=True):
    """A few words of the venue's own, in both languages; an empty English text means the French one."""

    fr: str = ""
    en: str = ""

    def within(self, lang: str) -> str:
        """The text in that language, or what there is of it."""
        return (self.en or self.fr) if lang == "en" else (self.fr or self.en)


class Span(msgspec.Struct, frozen=True):
    """Days, both included: two ISO dates, or two `MM-DD` of every year (`10-01` to `03-31` goes over New Year)."""

    first: str
    last: str


class Hours(msgspec.Struct, frozen=True):
    """From `first` on, until just before `last`, on the same day."""

    first: str
    last: str


class Quota(msgspec.Struct, frozen=True):
    """At most `n` visits of one ambassador per period. `group_id`: whose venues are counted together, for that scope."""

    n: int
    per: Per = Per.YEAR
    scope: Scope = Scope.BENEFIT
    group_id: UUID | None = msgspec.field(default=None, name="groupId")


class Terms(msgspec.Struct, rename="camel", frozen=True):
    """All that a benefit says. Every field has a default: free entry for every ambassador, always."""

    kind: Kind = Kind.FREE_ENTRY
    percent: int | None = None
    price_cents: int | None = None
    gift: Words = Words()
    """What is handed over, or the name of the event."""
    min_paying_companions: int = 0
    guests_max: int = 0
    """Who may come in free with the ambassador."""
    children_under: int | None = None
    """Children below this age come in free with the ambassador; they are nobody's guest and no paying companion."""
    quota: Quota | None = None
    seasons: tuple[Span, ...] = ()
    weekdays: tuple[int, ...] = ()
    """ISO: 1 is Monday; none: every day."""
    hours: tuple[Hours, ...] = ()
    excluded: tuple[Span, ...] = ()
    what: Words = Words()
    """To what it gives entry; empty: the whole place."""
    excludes: Words = Words()
    booking: Booking = Booking.NONE
    booking_contact: str = ""
    booking_notice_days: int = 0
    who: Who = Who.ALL
    circle_id: UUID | None = None
    least_proof: Proof = Proof.LIVE
    face_value_cents: int | None = None
    """The public price of what is given, and the day on which it was looked up."""
    face_value_on: date | None = None
    agreed_by: str = ""
    """Who at the venue agreed (for a municipal museum: the council's decision), and when."""
    agreed_on: date | None = None
    line: Words = Words()
    """One line of the venue's own, said after everything else."""


PLAIN = Terms()
"""Free entry, for every ambassador, always."""


@lru_cache(maxsize=1024)
def read(text: str) -> Terms | None:
    """The terms as they are stored; None when they say what this version of Estran does not know (a newer one wrote them)."""
    try:
        return msgspec.json.decode(text, type=Terms)
    except msgspec.DecodeError:
        return None


def written(terms: Terms) -> str:
    """The terms as they are stored and travel: every field, in the order of this page."""
    return msgspec.json.encode(terms).decode()


# --- what would contradict itself -------------------------------------------------------------------------------------


class Fault(msgspec.Struct, frozen=True):
    """A field that cannot be so, and the code of the sentence that says why (`benefit.fault.<code>`)."""

    field: str
    code: str


def faults(terms: Terms) -> list[Fault]:
    """Everything that is out of bounds or contradicts something else; none when the terms may be kept."""
    parts = (_kind_faults, _value_faults, _party_faults, _quota_faults, _when_faults, _text_faults, _who_faults)
    return [fault for part in parts for fault in part(terms)]


def _kind_faults(terms: Terms) -> Iterator[Fault]:
    if terms.kind is Kind.PERCENTAGE and not (terms.percent is not None and 1 <= terms.percent <= 99):  # noqa: PLR2004
        yield Fault("percent", "percent")
    if terms.kind is not Kind.PERCENTAGE and terms.percent is not None:
        yield Fault("percent", "not_this_kind")
    if terms.kind is Kind.FIXED_PRICE and not (terms.price_cents is not None and 1 <= terms.price_cents <= CENTS_MAX):
        yield Fault("price_cents", "price")
    if terms.kind is not Kind.FIXED_PRICE and terms.price_cents is not None:
        yield Fault("price_cents", "not_this_kind")
    if terms.kind in {Kind.GIFT, Kind.EVENT} and not terms.gift.within("fr"):
        yield Fault("gift", "gift_missing")
    if terms.kind not in {Kind.GIFT, Kind.EVENT} and terms.gift != Words():
        yield Fault("gift", "not_this_kind")


def _value_faults(terms: Terms) -> Iterator[Fault]:
    if terms.face_value_cents is not None and not 0 <= terms.face_value_cents <= CENTS_MAX:
        yield Fault("face_value_cents", "price")
    if (terms.face_value_cents is None) != (terms.face_value_on is None):
        yield Fault("face_value_on", "value_and_day")
    if _dearer(terms):
        yield Fault("price_cents", "dearer_than_public")
    if (terms.agreed_on is None) == bool(terms.agreed_by):
        yield Fault("agreed_on", "authority_and_day")


def _dearer(terms: Terms) -> bool:
    return (
        terms.price_cents is not None
        and terms.face_value_cents is not None
        and terms.price_cents >= terms.face_value_cents
    )


def _party_faults(terms: Terms) -> Iterator[Fault]:
    if not 0 <= terms.min_paying_companions <= COMPANIONS_MAX:
        yield Fault("min_paying_companions", "companions")
    if not 0 <= terms.guests_max <= GUESTS_MAX:
        yield Fault("guests_max", "guests")
    if terms.children_under is not None and not 1 <= terms.children_under <= CHILD_AGE_MAX:
        yield Fault("children_under", "child_age")
    if terms.kind is Kind.ONE_FOR_ONE and terms.guests_max:
        yield Fault("guests_max", "one_for_one_guests")


def _quota_faults(terms: Terms) -> Iterator[Fault]:
    quota = terms.quota
    if quota is None:
        return
    if not 1 <= quota.n <= QUOTA_MAX:
        yield Fault("quota", "quota")
    if quota.per is Per.SEASON and not terms.seasons:
        yield Fault("quota", "quota_without_season")
    if (quota.scope is Scope.GROUP) != (quota.group_id is not None):
        yield Fault("quota", "quota_group")


def _when_faults(terms: Terms) -> Iterator[Fault]:
    for name in ("seasons", "excluded"):
        spans: tuple[Span, ...] = getattr(terms, name)
        if len(spans) > SPANS_MAX:
            yield Fault(name, "too_many")
        for span in spans:
            code = _span_fault(span)
            if code:
                yield Fault(name, code)
    if len(set(terms.weekdays)) != len(terms.weekdays) or any(day not in WEEKDAYS for day in terms.weekdays):
        yield Fault("weekdays", "weekdays")
    if len(terms.hours) > SPANS_MAX:
        yield Fault("hours", "too_many")
    if any(not _TIME.fullmatch(one.first) or not _TIME.fullmatch(one.last) for one in terms.hours):
        yield Fault("hours", "time")
    elif any(one.first >= one.last for one in terms.hours):
        yield Fault("hours", "hours_backwards")
    elif any(one.last > other.first for one, other in zip(sorted_hours(terms), sorted_hours(terms)[1:], strict=False)):
        yield Fault("hours", "hours_overlap")


def sorted_hours(terms: Terms) -> list[Hours]:
    """The opening hours from morning to night."""
    return sorted(terms.hours, key=lambda one: one.first)


def _span_fault(span: Span) -> str | None:
    if not is_day(span.first) or not is_day(span.last) or len(span.first) != len(span.last):
        return "day"
    return "span_backwards" if len(span.first) > 5 and span.first > span.last else None  # noqa: PLR2004


def is_day(text: str) -> bool:
    """Whether `text` is an ISO date, or a `MM-DD` that some year has."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if len(text) > 5 else f"2024-{text}")  # noqa: PLR2004
    except ValueError:
        return False
    return True


def _text_faults(terms: Terms) -> Iterator[Fault]:
    for name in ("gift", "what", "excludes", "line"):
        words: Words = getattr(terms, name)
        if max(len(words.fr), len(words.en)) > WORDS_MAX:
            yield Fault(name, "too_long")
        if words.en and not words.fr:
            yield Fault(name, "french_missing")
    for name in ("booking_contact", "agreed_by"):
        if len(getattr(terms, name)) > WORDS_MAX:
            yield Fault(name, "too_long")
    if not 0 <= terms.booking_notice_days <= NOTICE_DAYS_MAX:
        yield Fault("booking_notice_days", "notice")
    if terms.booking_notice_days and terms.booking is not Booking.REQUIRED:
        yield Fault("booking_notice_days", "notice_without_booking")
    if terms.booking_contact and terms.booking is Booking.NONE:
        yield Fault("booking_contact", "contact_without_booking")


def _who_faults(terms: Terms) -> Iterator[Fault]:
    if (terms.who is Who.CIRCLE) != (terms.circle_id is not None):
        yield Fault("circle_id", "circle")
