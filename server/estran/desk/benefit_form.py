"""The benefit's form: what was typed as terms, and terms as they are typed. Pure.

People type "5,50", "14 h", "1er avril"; nothing that was typed is lost, and what contradicts something else is said beside its
field with the words of docs/benefits.md (`desk.benefit.fault.<code>`).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import TypeVar
from uuid import UUID

from estran.desk.forms import Form
from estran.desk.lists import folded
from estran.texts import LANGS, month_words
from estran.venues import terms as rules
from estran.venues.terms import Booking, Hours, Kind, Per, Proof, Quota, Scope, Span, Terms, Who, Words

S = TypeVar("S", bound=StrEnum)

ROWS = {"season": "seasons", "excluded": "excluded", "hours": "hours"}
"""Lists that grow by a button: how their fields begin, and the field of the terms."""
SECTIONS = {
    "when": ("seasons", "weekdays", "hours", "excluded"),
    "who": ("who", "circle_id"),
    "what": ("what_fr", "what_en", "excludes_fr", "excludes_en"),
    "proof": ("least_proof",),
    "booking": ("booking", "booking_contact", "booking_notice_days"),
    "value": ("face_value", "face_value_on", "agreed_by", "agreed_on"),
    "line": ("line_fr", "line_en"),
}
"""The parts that stay closed until somebody needs them, and their fields."""
_FIELDS = {
    "price_cents": "price",
    "gift": "gift_fr",
    "quota": "quota_n",
    "what": "what_fr",
    "excludes": "excludes_fr",
    "line": "line_fr",
    "face_value_cents": "face_value",
}
"""Fields of the terms whose input has another name."""
FAULTY = (
    "kind", "percent", "price", "gift_fr", "gift_en", "min_paying_companions", "guests_max", "children_under", "quota_n",
    "quota_per", "quota_scope", "group_id", "who", "circle_id", "least_proof", "booking", "booking_contact",
    "booking_notice_days", "seasons", "weekdays", "hours", "excluded", "what_fr", "what_en", "excludes_fr", "excludes_en",
    "face_value", "face_value_on", "agreed_by", "agreed_on", "line_fr", "line_en",
)  # fmt: skip
"""Every place where a fault may be said."""
_MONTHS = {folded(month_words(date(2024, month, 1), lang)): month for lang in LANGS for month in range(1, 13)}
_MONEY = re.compile(r"(\d{1,5})(?:[.,](\d{1,2}))?\s*(?:€|euros?)?")
_TIME = re.compile(r"(\d{1,2})\s*(?:[h:.]\s*(\d{2})?)?")
_NUMBERS = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}))?")
_NAMED = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)?\s+([a-z]+)(?:\s+(\d{4}))?")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the club has to choose from: the ids of its circles and of its groups of venues."""

    circles: Collection[str] = ()
    groups: Collection[str] = ()


# --- what was typed ---------------------------------------------------------------------------------------------------


def read(form: Form, choices: Choices, whose: Terms | None = None) -> Terms:
    """The terms that were typed; what cannot be read or contradicts itself is noted in the form.

    `whose`: they are for those for whom these are, whatever was typed.
    """
    who = whose.who if whose else _choice(form, "who", Who, Who.ALL)
    circle_id = whose.circle_id if whose else _one_of(form, "circle_id", choices.circles)
    number = partial(_number, form)
    kind = _choice(form, "kind", Kind, Kind.FREE_ENTRY)
    terms = Terms(
        kind=kind,
        percent=number("percent", 99, least=1),
        price_cents=_money(form, "price"),
        gift=_words(form, "gift"),
        min_paying_companions=number("min_paying_companions", rules.COMPANIONS_MAX) or 0,
        guests_max=number("guests_max", rules.GUESTS_MAX) or 0,
        children_under=number("children_under", rules.CHILD_AGE_MAX, least=1),
        quota=_quota(form, choices),
        seasons=_spans(form, "season"),
        weekdays=tuple(day for day in rules.WEEKDAYS if form.get(f"weekday-{day}") == "yes"),
        hours=_hours(form),
        excluded=_spans(form, "excluded"),
        what=_words(form, "what"),
        excludes=_words(form, "excludes"),
        booking=_choice(form, "booking", Booking, Booking.NONE),
        booking_contact=form.text("booking_contact", most=rules.WORDS_MAX, required=False),
        booking_notice_days=number("booking_notice_days", rules.NOTICE_DAYS_MAX) or 0,
        who=who,
        circle_id=circle_id if who is Who.CIRCLE else None,
        least_proof=_choice(form, "least_proof", Proof, Proof.LIVE),
        face_value_cents=_money(form, "face_value"),
        face_value_on=form.day("face_value_on") if form.get("face_value_on").strip() else None,
        agreed_by=form.text("agreed_by", most=rules.WORDS_MAX, required=False),
        agreed_on=form.day("agreed_on") if form.get("agreed_on").strip() else None,
        line=_words(form, "line"),
    )
    for fault in rules.faults(terms):
        form.fault(_FIELDS.get(fault.field, fault.field), f"benefit.fault.{fault.code}")
    return terms


def _number(form: Form, name: str, most: int, *, least: int = 0) -> int | None:
    return form.number(name, least=least, most=most, required=False)


def _choice(form: Form, name: str, options: type[S], otherwise: S) -> S:
    value = form.get(name)
    return options(form.choice(name, list(options)) or otherwise) if value else otherwise


def _one_of(form: Form, name: str, options: Collection[str]) -> UUID | None:
    """One of the club's own; where none is chosen, the terms themselves will say so."""
    value = form.get(name)
    return UUID(value) if value in options else None


def _words(form: Form, name: str) -> Words:
    return Words(*(form.text(f"{name}_{lang}", most=rules.WORDS_MAX, required=False) for lang in LANGS))


def _money(form: Form, name: str) -> int | None:
    typed = form.get(name).strip().casefold()
    if not typed:
        return None
    found = _MONEY.fullmatch(typed) if typed.isascii() or "€" in typed else None
    if not found:
        form.fault(name, "benefit.fault.money")
        return None
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


def _quota(form: Form, choices: Choices) -> Quota | None:
    n = _number(form, "quota_n", rules.QUOTA_MAX, least=1)
    per = _choice(form, "quota_per", Per, Per.YEAR)
    scope = _choice(form, "quota_scope", Scope, Scope.BENEFIT)
    if n is None:
        return None
    return Quota(n, per, scope, _one_of(form, "group_id", choices.groups) if scope is Scope.GROUP else None)


def _pairs(form: Form, row: str) -> Iterator[tuple[str, str]]:
    """What was typed in the rows of a list; empty rows are none."""
    for place in range(rules.SPANS_MAX + 1):
        first, last = (form.get(f"{row}-{place}-{end}").strip() for end in ("first", "last"))
        if first or last:
            yield first, last


def _spans(form: Form, row: str) -> tuple[Span, ...]:
    found = []
    for first, last in _pairs(form, row):
        begin, end = typed_day(first), typed_day(last or first)
        if begin is None or end is None:
            form.fault(ROWS[row], "benefit.fault.typed_day", typed=first if begin is None else last)
        else:
            found.append(Span(begin, end))
    return tuple(found)


def _hours(form: Form) -> tuple[Hours, ...]:
    found = []
    for first, last in _pairs(form, "hours"):
        begin, end = typed_time(first), typed_time(last, at_the_end=True)
        if begin is None or end is None:
            form.fault("hours", "benefit.fault.typed_time", typed=first if begin is None else last)
        else:
            found.append(Hours(begin, end))
    return tuple(found)


def typed_day(typed: str) -> str | None:
    """An ISO day, or `MM-DD` for one typed without a year: `12/04/2026`, `1er avril`, `1 April`; None when it is none."""
    text = " ".join(folded(typed).split())
    if rules.is_day(text) and len(text) > 5:  # noqa: PLR2004 - with its year
        return text
    if found := _NUMBERS.fullmatch(text):
        day, month, year = int(found[1]), int(found[2]), found[3]
    elif (found := _NAMED.fullmatch(text)) and found[2] in _MONTHS:
        day, month, year = int(found[1]), _MONTHS[found[2]], found[3]
    else:
        return None
    made = f"{year}-{month:02}-{day:02}" if year else f"{month:02}-{day:02}"
    return made if rules.is_day(made) else None


def typed_time(typed: str, *, at_the_end: bool = False) -> str | None:
    """`HH:MM` for `14`, `14 h`, `14h30`, `14:30`, `minuit`; None when it is no time."""
    text = folded(typed).strip()
    if text in {"minuit", "midnight"}:
        return "24:00" if at_the_end else "00:00"
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour == 24 and minute == 0:  # noqa: PLR2004
        return "24:00"
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None  # noqa: PLR2004


# --- as it is typed ---------------------------------------------------------------------------------------------------


def values_of(terms: Terms) -> dict[str, str]:
    """The fields' values for these terms: what `read` makes the same terms of."""
    values = {
        "kind": terms.kind.value,
        "percent": _number_typed(terms.percent),
        "price": _money_typed(terms.price_cents),
        "min_paying_companions": str(terms.min_paying_companions),
        "guests_max": str(terms.guests_max),
        "children_under": _number_typed(terms.children_under),
        "booking": terms.booking.value,
        "booking_contact": terms.booking_contact,
        "booking_notice_days": _number_typed(terms.booking_notice_days or None),
        "who": terms.who.value,
        "circle_id": str(terms.circle_id or ""),
        "least_proof": terms.least_proof.value,
        "face_value": _money_typed(terms.face_value_cents),
        "face_value_on": terms.face_value_on.isoformat() if terms.face_value_on else "",
        "agreed_by": terms.agreed_by,
        "agreed_on": terms.agreed_on.isoformat() if terms.agreed_on else "",
    }
    for name in ("gift", "what", "excludes", "line"):
        words: Words = getattr(terms, name)
        values |= {f"{name}_fr": words.fr, f"{name}_en": words.en}
    if (quota := terms.quota) is not None:
        values |= {"quota_n": str(quota.n), "quota_per": quota.per.value, "quota_scope": quota.scope.value}
        values["group_id"] = str(quota.group_id or "")
    values |= {f"weekday-{day}": "yes" for day in terms.weekdays}
    for row, name in ROWS.items():
        for place, pair in enumerate(getattr(terms, name)):
            for end in ("first", "last"):
                text = getattr(pair, end)
                values[f"{row}-{place}-{end}"] = text if row == "hours" else _day_typed(text)
    return values


def _number_typed(value: int | None) -> str:
    return "" if value is None else str(value)


def _money_typed(cents: int | None) -> str:
    return "" if cents is None else (f"{cents // 100},{cents % 100:02}" if cents % 100 else str(cents // 100))


def _day_typed(text: str) -> str:
    return "/".join(reversed(text.split("-")))


def rows_of(form: Form, more: str = "") -> Mapping[str, range]:
    """How many rows each list shows: those that are filled, one to begin with, and one more of the list named `more`."""
    found = {}
    for row in ROWS:
        filled = [
            place
            for place in range(rules.SPANS_MAX)
            if form.get(f"{row}-{place}-first").strip() or form.get(f"{row}-{place}-last").strip()
        ]
        n_rows = max([place + 1 for place in filled], default=0)
        found[row] = range(min(max(n_rows + (row == more), 1), rules.SPANS_MAX))
    return found
