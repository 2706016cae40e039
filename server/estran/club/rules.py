"""Who may hold a pass, under which name, and which colours a club may wear. Pure."""

import calendar
import colorsys
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

NAME_MAX_BYTES = 32  # docs/pass-format.md §1
# The characters that may not stand in a pass: docs/pass-format.md §2.3.
FORBIDDEN_IN_NAMES = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


# Controls, bidirectional overrides, zero-width characters: invisible in a list, refused by PostgreSQL (NUL) or in a pass.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def clean_words(text: str) -> str:
    """What somebody wrote, on lines that end in one way, without what cannot be seen (PostgreSQL takes no NUL)."""
    return INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


class Eligibility(StrEnum):
    """Whether somebody may hold a pass today, or why not. On the wire: append-only."""

    ELIGIBLE = "eligible"
    NOT_BEGUN = "not_begun"
    ENDED = "ended"
    PAUSED = "paused"
    UNSIGNED = "unsigned"
    UNCERTIFIED = "uncertified"


SUSPENDING = frozenset({Eligibility.PAUSED, Eligibility.UNSIGNED, Eligibility.UNCERTIFIED})
"""Within a mandate, but without a right to the pass for now: it is suspended, not revoked, and comes back by itself."""


@dataclass(frozen=True, slots=True)
class Term:
    """A mandate's first and last day, both included, in the club's zone."""

    begins_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands today: the one answer that issue, renewal and status bits are made of.

    `term` is the mandate that counts: the running one extended by those that follow without a gap, else the next, else the
    last; None when there never was one.
    """

    eligibility: Eligibility
    term: Term | None


def standing(
    terms: Sequence[Term], *, is_paused: bool, today: date, has_signed: bool = True, is_certified: bool = True
) -> Standing:
    """Whether a person with these mandates may hold a pass on `today` (a day in the club's zone).

    `has_signed`: the manifesto that binds this person (`required_major`); `is_certified`: or no certificate is asked for.
    """
    spans = _spans(terms)
    running = next((span for span in spans if span.begins_on <= today <= span.ends_on), None)
    if running:
        if is_paused:
            return Standing(Eligibility.PAUSED, running)
        if not has_signed:
            return Standing(Eligibility.UNSIGNED, running)
        return Standing(Eligibility.ELIGIBLE if is_certified else Eligibility.UNCERTIFIED, running)
    coming = next((span for span in spans if span.begins_on > today), None)
    if coming:
        return Standing(Eligibility.NOT_BEGUN, coming)
    return Standing(Eligibility.ENDED, spans[-1] if spans else None)


@dataclass(frozen=True, slots=True)
class Edition:
    """A published version of the manifesto. `effective_on`: the first day on which it must be signed; None for a minor one."""

    major: int
    minor: int
    effective_on: date | None

    @property
    def number(self) -> str:
        """As it is written: `2.1`."""
        return f"{self.major}.{self.minor}"


def required_major(editions: Sequence[Edition], *, is_newcomer: bool, today: date) -> int:
    """The major version that must be signed on `today`; 0 while there is none.

    Who never had a pass signs the newest at once; who has one keeps it until that version takes effect.
    """
    return max(
        (
            edition.major
            for edition in editions
            if edition.effective_on is not None and (is_newcomer or edition.effective_on <= today)
        ),
        default=0,
    )


class Need(StrEnum):
    """What a person has still to do about the manifesto. On the wire: append-only."""

    SIGN = "sign"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Call:
    """What to do, and the last day to do it before the pass is suspended (None: it is needed now, or nothing hangs on it)."""

    need: Need | None
    by: date | None


def call(
    editions: Sequence[Edition], *, signed_major: int, read: Collection[str], is_newcomer: bool, today: date
) -> Call:
    """What this person has still to do: sign the newest major version, else read the newest minor one that followed it."""
    newest = max(editions, key=lambda edition: (edition.major, edition.minor), default=None)
    if newest is None:
        return Call(None, None)
    if signed_major < newest.major:
        required = required_major(editions, is_newcomer=is_newcomer, today=today)
        awaited = [one.effective_on for one in editions if one.major > signed_major and one.effective_on is not None]
        is_due = signed_major < required
        return Call(Need.SIGN, None if is_due or not awaited else min(awaited) - timedelta(days=1))
    return Call(Need.READ if newest.minor and newest.number not in read else None, None)


def _spans(terms: Sequence[Term]) -> list[Term]:
    """Mandates in order, those that touch or overlap joined: a renewal must not cut the pass in two."""
    spans: list[Term] = []
    for term in sorted(terms, key=lambda term: term.begins_on):
        if term.ends_on < term.begins_on:
            continue
        if spans and (term.begins_on - spans[-1].ends_on).days <= 1:
            spans[-1] = Term(spans[-1].begins_on, max(spans[-1].ends_on, term.ends_on))
        else:
            spans.append(term)
    return spans


# --- the course of a mandate ------------------------------------------------------------------------------------------

RENEWAL_DAYS = 60
"""From how many days before its end a mandate's renewal is spoken of, and for how long after it at the desk."""
REMINDER_DAYS = (30, 15)
"""How many days before the end a letter leaves."""


def last_day(begins_on: date, months: int) -> date:
    """The last day of a mandate of so many months: the eve of the same day, or the month's end where it has no such day."""
    index = begins_on.year * 12 + begins_on.month - 1 + months
    year, month = index // 12, index % 12 + 1
    length = calendar.monthrange(year, month)[1]
    if begins_on.day > length:
        return date(year, month, length)
    return date(year, month, begins_on.day) - timedelta(days=1)


def running_out(terms: Sequence[Term], today: date) -> Term | None:
    """The mandate that runs today and with which membership ends: none follows it without a gap.

    None while nothing runs, or while what runs is followed. Of several that end on one day, the one that began first.
    """
    running = next((span for span in _spans(terms) if span.begins_on <= today <= span.ends_on), None)
    if running is None:
        return None
    last = [term for term in terms if term.begins_on <= today and term.ends_on == running.ends_on]
    return min(last, key=lambda term: term.begins_on, default=None)


def reminder_due(term: Term, today: date, *, warned: Iterable[int]) -> int | None:
    """Which letter is due for a mandate that runs out: 30, 15 or none. `warned`: those that left already.

    A letter that came too late for its day gives way to the next: never two at once.
    """
    left = (term.ends_on - today).days
    if left < 0:
        return None
    due = min((days for days in REMINDER_DAYS if left <= days), default=None)
    return None if due in set(warned) else due


@dataclass(frozen=True, slots=True)
class YearCount:
    """How many people were in the club in a year, for one day at least; how many came, how many left."""

    year: int
    active: int
    arrivals: int
    departures: int


def count_years(people: Iterable[Sequence[Term]], today: date) -> list[YearCount]:
    """Every year since the first mandate up to `today`, the latest first. A person is a set of mandates; names do not matter.

    Somebody arrives once, with the first mandate, and leaves once, when the last one is over.
    """
    lives = [[term for term in terms if term.begins_on <= term.ends_on] for terms in people]
    lives = [terms for terms in lives if any(term.begins_on <= today for term in terms)]
    first = min((term.begins_on.year for terms in lives for term in terms), default=today.year + 1)
    return [_count_year(lives, year, today) for year in range(today.year, first - 1, -1)]


def _count_year(lives: Sequence[Sequence[Term]], year: int, today: date) -> YearCount:
    begun = [[term for term in terms if term.begins_on <= today] for terms in lives]
    return YearCount(
        year=year,
        active=sum(any(term.begins_on.year <= year <= term.ends_on.year for term in terms) for terms in begun),
        arrivals=sum(min(term.begins_on for term in terms).year == year for terms in lives),
        departures=sum((last := max(term.ends_on for term in terms)).year == year and last < today for terms in lives),
    )


# --- names ------------------------------------------------------------------------------------------------------------


def display_name(first_name: str, last_name: str) -> str:
    """First name and initial, as passes and scanners show it ("Camille V."): NFC, at most 32 bytes of UTF-8.

    A longer first name is cut at a character. Falls back on "Ambassadeur" when nothing of the first name may be shown.
    """
    first = _clean(first_name) or "Ambassadeur"
    initial = next((character for character in _clean(last_name) if character.isalnum()), "")
    ending = f" {initial.upper()}." if initial else ""
    while len((first + ending).encode()) > NAME_MAX_BYTES:
        first = first[:-1].rstrip()
    return unicodedata.normalize("NFC", first + ending)


def _clean(name: str) -> str:
    # NFC last: what stood apart may join, and even grow, once what stood between is gone.
    return " ".join(unicodedata.normalize("NFC", FORBIDDEN_IN_NAMES.sub("", name)).split())


# --- the club's colour ------------------------------------------------------------------------------------------------

CONTRAST_LEAST = 4.5  # WCAG 1.4.3, level AA: links and buttons are words in this colour
LIGHT_SURFACES = ("#ffffff", "#fbf8f2", "#f4eee2")
DARK_SURFACES = ("#12242b", "#0a161b", "#0f1d23", "#04222b")
"""What stands behind or on the accent: surface, page, quiet surface and, in the dark, the words on a button. In light
those words are white. web/static/colours.css has them too; tests/club/test_accent.py holds the two together."""
ON_DEEP = ("#f7fbfc", "#e6dfd2")
"""Words and quieter words on a deep ground, in both themes; in colours.css, too."""
DEEP_CONTRAST_LEAST = 9
LIGHTNESS_LOST_MOST = 0.5
_COLOUR = re.compile("#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Accent:
    """One colour as both themes can wear it, `#rrggbb`; `deep` is the ground of headers and of the pass, in both."""

    light: str
    dark: str
    deep: str


def is_colour(text: str) -> bool:
    """Whether this is a colour as `#rrggbb`, in small letters."""
    return _COLOUR.fullmatch(text) is not None


def accent(colour: str) -> Accent | None:
    """The colour `#rrggbb` darkened for light surfaces and lightened for dark ones until its words can be read there.

    Hue and saturation stay. None for what is no colour, and for one that would lose more than half of its lightness on a
    light page: a yellow that ends as brown is not the club's colour any more.
    """
    if not is_colour(colour):
        return None
    red, green, blue = _channels(colour)
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    darker = _shade(hue, saturation, lightness, 0.0, LIGHT_SURFACES)
    lighter = _shade(hue, saturation, lightness, 1.0, DARK_SURFACES)
    deep = _shade(hue, saturation, lightness, 0.0, ON_DEEP, DEEP_CONTRAST_LEAST)
    if colorsys.rgb_to_hls(*_channels(darker))[1] < lightness * LIGHTNESS_LOST_MOST:
        return None
    return Accent(darker, lighter, deep)


def contrast(one: str, other: str) -> float:
    """How well two colours stand out against each other: 1 to 21 (WCAG 2, relative luminance)."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _shade(
    hue: float,
    saturation: float,
    lightness: float,
    end: float,
    surfaces: Sequence[str],
    least: float = CONTRAST_LEAST,
) -> str:
    """The nearest shade towards `end` (black 0, white 1) that stands out; the end itself always does."""
    steps = 256
    for step in range(steps + 1):
        channels = colorsys.hls_to_rgb(hue, lightness + (end - lightness) * step / steps, saturation)
        colour = "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
        if all(contrast(colour, surface) >= least for surface in surfaces):
            break
    return colour


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for channel in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
