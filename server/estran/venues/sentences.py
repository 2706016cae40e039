"""A benefit in words, made of its fields: docs/benefits.md §7. Pure; the phrases are in `texts/`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from estran.texts import day_words, month_words, t
from estran.venues.terms import Booking, Hours, Kind, Proof, Quota, Scope, Span, Terms, Who, sorted_hours

NBSP = "\u00a0"
_YEARLY = len("MM-DD")
_LEAP = "2024-"
_NO_NAMES: Mapping[UUID, str] = {}


class Reader(StrEnum):
    """To whom a sentence speaks."""

    AMBASSADOR = "ambassador"
    DESK = "desk"
    OFFICER = "officer"


def sentence(terms: Terms, reader: Reader, lang: str, names: Mapping[UUID, str] = _NO_NAMES) -> str:
    """The whole benefit for that reader, in French (`fr`) or English (`en`). `names`: of its circle and group."""
    main = ", ".join([_given(terms, lang), *_limits(terms, lang, names)])
    more = [_capital(one) for one in _more(terms, reader, lang, names)]
    return " ".join(_ended(one) for one in (main, *more)) if more else main


def give(terms: Terms, lang: str) -> str:
    """What the desk hands over, in a few words."""
    return ", ".join([_thing(terms, lang), *_party(terms, lang)])


# --- what, and with whom ----------------------------------------------------------------------------------------------


def _given(terms: Terms, lang: str) -> str:
    companions = terms.min_paying_companions
    with_whom = f" {t(lang, 'benefit.companions', n=companions)}" if companions else ""
    return ", ".join([_thing(terms, lang) + with_whom, *_party(terms, lang)])


def _thing(terms: Terms, lang: str) -> str:
    what = terms.what.within(lang)
    thing = t(
        lang,
        f"benefit.kind.{terms.kind}",
        percent=percent(terms.percent or 0, lang),
        price=money(terms.price_cents or 0, lang),
        gift=terms.gift.within(lang),
    )
    return f"{_capital(thing) if terms.kind is Kind.GIFT else thing} ({what})" if what else _capital(thing)


def _party(terms: Terms, lang: str) -> Iterator[str]:
    if terms.guests_max:
        yield t(lang, "benefit.guests", n=terms.guests_max)
    if terms.children_under is not None:
        yield t(lang, "benefit.children", age=terms.children_under)


# --- how often and when -----------------------------------------------------------------------------------------------


def _limits(terms: Terms, lang: str, names: Mapping[UUID, str]) -> Iterator[str]:
    if terms.quota is not None:
        yield _often(terms.quota, lang, names)
    if terms.seasons:
        yield spans(terms.seasons, lang)
    days = weekdays(terms.weekdays, lang)
    times = hours(sorted_hours(terms), lang)
    if days or times:
        yield " ".join(filter(None, (days, times)))


def _often(quota: Quota, lang: str, names: Mapping[UUID, str]) -> str:
    key = "benefit.times.two" if quota.n == 2 else "benefit.times"  # noqa: PLR2004 - « twice »
    often = f"{t(lang, key, n=quota.n)} {t(lang, f'benefit.per.{quota.per}')}"
    if quota.scope is Scope.BENEFIT:
        return often
    group = names.get(quota.group_id, "…") if quota.group_id else ""
    return f"{often} {t(lang, f'benefit.scope.{quota.scope}', group=group)}"


def spans(days: Sequence[Span], lang: str) -> str:
    """`du 1er avril au 2 novembre et du 26 au …`, as far as the days say."""
    return listed([_span(one, lang) for one in days], lang)


def _span(span: Span, lang: str) -> str:
    if span.first == span.last:
        return t(lang, "benefit.on_day", day=day(span.first, lang))
    return t(lang, "benefit.days", first=day(span.first, lang, before=span.last), last=day(span.last, lang))


def day(text: str, lang: str, *, before: str = "") -> str:
    """A day of terms in words; without its year when it is one of every year, or when `before`, which follows, has the same."""
    is_yearly = len(text) == _YEARLY
    there = date.fromisoformat(_LEAP + text if is_yearly else text)
    if is_yearly or text[:4] == before[:4]:
        number = "1er" if lang == "fr" and there.day == 1 else str(there.day)
        return f"{number} {month_words(there, lang)}"
    return day_words(there, lang)


def weekdays(days: Sequence[int], lang: str) -> str:
    """`le samedi et le dimanche`, `du mardi au vendredi`, `tous les jours sauf le lundi`; empty when it is every day."""
    chosen = sorted(set(days))
    if len(chosen) in {0, 7}:
        return ""
    if len(chosen) == 6:  # noqa: PLR2004 - all but one
        (missing,) = set(range(1, 8)) - set(chosen)
        return t(lang, "benefit.every_day_but", day=t(lang, f"benefit.weekday.{missing}"))
    if len(chosen) > 2 and chosen[-1] - chosen[0] == len(chosen) - 1:  # noqa: PLR2004 - three in a row
        first, last = (t(lang, f"benefit.weekday.{one}") for one in (chosen[0], chosen[-1]))
        return t(lang, "benefit.weekdays", first=first, last=last)
    return listed([t(lang, "benefit.on_weekday", day=t(lang, f"benefit.weekday.{one}")) for one in chosen], lang)


def hours(times: Sequence[Hours], lang: str) -> str:
    """`de 10 h à 12 h 30 et de 14 h à 18 h`; empty when it is all day."""
    said = [t(lang, "benefit.hours", first=time(one.first, lang), last=time(one.last, lang)) for one in times]
    return listed(said, lang)


def time(text: str, lang: str) -> str:
    """`14 h 30`, `minuit`; `14:30`, `midnight`."""
    if text == "24:00":
        return t(lang, "benefit.midnight")
    if lang == "en":
        return text
    hour, minute = int(text[:2]), text[3:]
    return f"{hour}{NBSP}h" if minute == "00" else f"{hour}{NBSP}h{NBSP}{minute}"


# --- what else --------------------------------------------------------------------------------------------------------


def _more(terms: Terms, reader: Reader, lang: str, names: Mapping[UUID, str]) -> Iterator[str]:
    if terms.excluded:
        yield t(lang, "benefit.except", days=spans(terms.excluded, lang))
    if terms.who is not Who.ALL:
        circle = names.get(terms.circle_id, "…") if terms.circle_id else ""
        yield t(lang, f"benefit.who.{terms.who}", circle=circle)
    if terms.booking is not Booking.NONE:
        yield _booking(terms, reader, lang)
    if terms.least_proof is Proof.IDENTITY:
        yield t(lang, f"benefit.identity.{reader}")
    if terms.least_proof is Proof.PAPER:
        yield t(lang, "benefit.paper")
    if excludes := _bare(terms.excludes.within(lang)):
        yield t(lang, "benefit.excludes", text=excludes)
    if line := _bare(terms.line.within(lang)):
        yield line
    if reader is Reader.OFFICER:
        yield from _records(terms, lang)


def _booking(terms: Terms, reader: Reader, lang: str) -> str:
    said = t(lang, f"benefit.booking.{terms.booking}")
    if reader is Reader.DESK and terms.booking is Booking.REQUIRED:
        return t(lang, "benefit.booking.look", said=said)
    if terms.booking_notice_days:
        said = t(lang, "benefit.booking.notice", said=said, n=terms.booking_notice_days)
    if terms.booking_contact:
        said = t(lang, "benefit.booking.contact", said=said, contact=_bare(terms.booking_contact))
    return said


def _records(terms: Terms, lang: str) -> Iterator[str]:
    if terms.face_value_cents is not None and terms.face_value_on is not None:
        price = money(terms.face_value_cents, lang)
        yield t(lang, "benefit.value", price=price, day=day_words(terms.face_value_on, lang))
    if terms.agreed_by and terms.agreed_on is not None:
        yield t(lang, "benefit.agreed", who=_bare(terms.agreed_by), day=day_words(terms.agreed_on, lang))


# --- numbers and lists ------------------------------------------------------------------------------------------------


def money(cents: int, lang: str) -> str:
    """`5 €`, `5,50 €`; `€5`, `€5.50`."""
    euros, rest = divmod(cents, 100)
    if lang == "en":
        return f"€{euros}.{rest:02}" if rest else f"€{euros}"
    return f"{euros},{rest:02}{NBSP}€" if rest else f"{euros}{NBSP}€"


def percent(value: int, lang: str) -> str:
    """`20 %`; `20%`."""
    return f"{value}%" if lang == "en" else f"{value}{NBSP}%"


def listed(parts: Sequence[str], lang: str) -> str:
    """`a, b et c`."""
    *most, last = parts or [""]
    return f"{', '.join(most)} {t(lang, 'benefit.and')} {last}" if most else last


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _ended(text: str) -> str:
    """With its full stop, unless it ends by itself: a venue's own line may call out."""
    return text if text.endswith(("!", "?", "…")) else f"{text}."


def _bare(text: str) -> str:
    """Without the full stop that will follow anyway."""
    return text.strip(" .")
