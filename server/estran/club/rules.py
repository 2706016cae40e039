"""Who may hold a pass, and under which name. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

NAME_MAX_BYTES = 32  # docs/pass-format.md §1
# The characters that may not stand in a pass: docs/pass-format.md §2.3.
FORBIDDEN_IN_NAMES = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Eligibility(StrEnum):
    """Whether somebody may hold a pass today, or why not. On the wire: append-only."""

    ELIGIBLE = "eligible"
    NOT_BEGUN = "not_begun"
    ENDED = "ended"
    PAUSED = "paused"


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


def standing(terms: Sequence[Term], *, is_paused: bool, today: date) -> Standing:
    """Whether a person with these mandates may hold a pass on `today` (a day in the club's zone)."""
    spans = _spans(terms)
    running = next((span for span in spans if span.begins_on <= today <= span.ends_on), None)
    if running:
        return Standing(Eligibility.PAUSED if is_paused else Eligibility.ELIGIBLE, running)
    coming = next((span for span in spans if span.begins_on > today), None)
    if coming:
        return Standing(Eligibility.NOT_BEGUN, coming)
    return Standing(Eligibility.ENDED, spans[-1] if spans else None)


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
