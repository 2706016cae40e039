"""A benefit part by part: one line for each closed part of its form, and what differs between two versions. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from estran.texts import t
from estran.venues import sentences
from estran.venues.sentences import Reader
from estran.venues.terms import Booking, Kind, Terms, Who, sorted_hours

Names = Mapping[UUID, str]


def summaries(terms: Terms, lang: str, names: Names) -> dict[str, str]:
    """What is set in each closed part of the form."""
    return {part: words(terms, lang, names) for part, words in _PARTS.items() if part not in _OPEN}


@dataclass(frozen=True, slots=True)
class Change:
    """A part of the terms that differs: its name in the texts (`desk.benefit.part.<part>`), and what it said and says."""

    part: str
    before: str
    after: str


def changes(before: Terms, after: Terms, lang: str, names: Names) -> list[Change]:
    """What differs between two versions, part by part, in words."""
    found = []
    for part, words in _PARTS.items():
        said = words(before, lang, names), words(after, lang, names)
        if said[0] != said[1]:
            found.append(Change(part, *said))
    return found


def _kind(terms: Terms, lang: str, _: Names) -> str:
    plain = Terms(kind=terms.kind, percent=terms.percent, price_cents=terms.price_cents, gift=terms.gift)
    return sentences.sentence(plain, Reader.OFFICER, lang)


def _party(terms: Terms, lang: str, _: Names) -> str:
    parts = []
    if terms.min_paying_companions:
        parts.append(t(lang, "benefit.companions", n=terms.min_paying_companions))
    if terms.guests_max:
        parts.append(t(lang, "benefit.guests", n=terms.guests_max))
    if terms.children_under is not None:
        parts.append(t(lang, "benefit.children", age=terms.children_under))
    return ", ".join(parts) or t(lang, "desk.benefit.alone")


def _quota(terms: Terms, lang: str, names: Names) -> str:
    if terms.quota is None:
        return t(lang, "desk.benefit.no_limit")
    return sentences.sentence(Terms(quota=terms.quota), Reader.OFFICER, lang, names).partition(", ")[2]


def _when(terms: Terms, lang: str, _: Names) -> str:
    parts = [
        sentences.spans(terms.seasons, lang) if terms.seasons else "",
        " ".join(filter(None, (sentences.weekdays(terms.weekdays, lang), sentences.hours(sorted_hours(terms), lang)))),
        t(lang, "benefit.except", days=sentences.spans(terms.excluded, lang)) if terms.excluded else "",
    ]
    return ", ".join(filter(None, parts)) or t(lang, "desk.benefit.always")


def _who(terms: Terms, lang: str, names: Names) -> str:
    if terms.who is Who.ALL:
        return t(lang, "desk.benefit.for_all")
    circle = names.get(terms.circle_id, "…") if terms.circle_id else "…"
    return t(lang, f"benefit.who.{terms.who}", circle=circle)


def _what(terms: Terms, lang: str, _: Names) -> str:
    excludes = terms.excludes.within(lang)
    parts = [terms.what.within(lang), t(lang, "benefit.excludes", text=excludes) if excludes else ""]
    return ", ".join(filter(None, parts)) or t(lang, "desk.benefit.everything")


def _proof(terms: Terms, lang: str, _: Names) -> str:
    return t(lang, f"desk.benefit.least_proof.{terms.least_proof}")


def _booking(terms: Terms, lang: str, _: Names) -> str:
    if terms.booking is Booking.NONE:
        return t(lang, "desk.benefit.booking.none")
    plain = Terms(
        kind=Kind.FREE_ENTRY,
        booking=terms.booking,
        booking_contact=terms.booking_contact,
        booking_notice_days=terms.booking_notice_days,
    )
    return sentences.sentence(plain, Reader.OFFICER, lang).partition(". ")[2].removesuffix(".")


def _value(terms: Terms, lang: str, _: Names) -> str:
    plain = Terms(
        face_value_cents=terms.face_value_cents,
        face_value_on=terms.face_value_on,
        agreed_by=terms.agreed_by,
        agreed_on=terms.agreed_on,
    )
    said = sentences.sentence(plain, Reader.OFFICER, lang).partition(". ")[2].removesuffix(".")
    return said or t(lang, "desk.benefit.unknown")


def _line(terms: Terms, lang: str, _: Names) -> str:
    return terms.line.within(lang) or t(lang, "desk.benefit.nothing")


_PARTS: Mapping[str, Callable[[Terms, str, Names], str]] = {
    "kind": _kind,
    "party": _party,
    "quota": _quota,
    "when": _when,
    "who": _who,
    "what": _what,
    "proof": _proof,
    "booking": _booking,
    "value": _value,
    "line": _line,
}
_OPEN = {"kind", "party", "quota"}
"""Parts that the form always shows."""
