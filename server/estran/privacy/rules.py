"""The one table that retention, the register of processing (RGPD art. 30) and the privacy notice are made of. Pure.

Words are in the room's texts: `privacy.treatment.<key>.purpose|people|data|recipients`, `privacy.period.<key>`,
`privacy.basis.<basis>`. What the data protection officer may choose is stored as `tables.Choice`; here are the defaults.
"""

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Basis(StrEnum):
    """Legal bases of RGPD art. 6.1 that a public body may use here; legitimate interest is none of them."""

    PUBLIC_MISSION = "public_mission"  # 6.1.e
    CONTRACT = "contract"  # 6.1.b: the club's rules, accepted
    LEGAL_DUTY = "legal_duty"  # 6.1.c


class Unit(StrEnum):
    """In what a keeping time is counted."""

    MONTHS = "months"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Period:
    """How long something is kept: the default, and between which bounds the club may choose."""

    key: str
    unit: Unit
    default: int
    least: int
    most: int


PERIODS: dict[str, Period] = {
    period.key: period
    for period in (
        Period("person", Unit.MONTHS, 12, 0, 36),  # after the last mandate's end: then anonymised in place
        Period("candidates", Unit.MONTHS, 6, 1, 12),  # since the candidature
        Period("visits", Unit.MONTHS, 24, 12, 24),  # named; at least a year, since quotas are counted by year
        Period("refused", Unit.MONTHS, 3, 1, 12),
        Period("quarantine", Unit.DAYS, 30, 7, 90),  # in case a key or a backup turns up
        Period("parked", Unit.MONTHS, 3, 1, 12),
        Period("comments", Unit.MONTHS, 12, 0, 36),  # after the draft they are about was published
        Period(
            "events", Unit.MONTHS, 12, 1, 24
        ),  # after the last slot; no person's figure is needed for longer than a season
        Period("letters", Unit.DAYS, 90, 30, 365),  # address, date, result: a bounce comes within days
        Period("sign_ins", Unit.DAYS, 30, 7, 365),
        Period("accounts", Unit.MONTHS, 12, 0, 36),  # without any role, since they were last seen
        Period("history", Unit.MONTHS, 12, 6, 12),  # CNIL on security logs: 6 months to a year
        Period("inbox", Unit.MONTHS, 12, 1, 24),  # since the answer
        Period("requests", Unit.MONTHS, 12, 12, 36),  # since the answer
    )
}

OF_AMBASSADORS = tuple(key for key in PERIODS if key not in {"candidates", "accounts", "inbox"})
"""Those that keep something about an ambassador; the others are about people who are not (yet) one, or about nobody."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """One line of the register: a purpose, its default basis, and the keeping times of what it holds."""

    key: str
    basis: Basis
    periods: tuple[str, ...]
    bases: tuple[Basis, ...] = (Basis.PUBLIC_MISSION, Basis.CONTRACT)
    """Those the data protection officer may choose from; a single one is not a choice."""


TREATMENTS = (
    Treatment("network", Basis.PUBLIC_MISSION, ("person", "accounts")),
    Treatment("candidates", Basis.PUBLIC_MISSION, ("candidates",)),
    Treatment("manifesto", Basis.PUBLIC_MISSION, ("person", "comments")),
    Treatment("visits", Basis.PUBLIC_MISSION, ("visits", "refused", "quarantine", "parked")),
    Treatment("events", Basis.PUBLIC_MISSION, ("events",)),
    Treatment("letters", Basis.PUBLIC_MISSION, ("letters",)),
    Treatment("security", Basis.PUBLIC_MISSION, ("sign_ins", "history", "inbox")),
    Treatment("rights", Basis.LEGAL_DUTY, ("requests",), (Basis.LEGAL_DUTY,)),
)


def limit(period: Period, kept: int, now: datetime) -> datetime:
    """The instant before which everything under this period is due: `kept` of its units before `now`."""
    return now - timedelta(days=kept) if period.unit is Unit.DAYS else months_before(now, kept)


def due_at(period: Period, kept: int, since: datetime) -> datetime:
    """The first instant, to the day, at which what began to be kept at `since` is past the limit."""
    instant = since + timedelta(days=kept if period.unit is Unit.DAYS else 28 * kept)
    while limit(period, kept, instant) < since:
        instant += timedelta(days=1)
    return instant


def months_before(instant: datetime, months: int) -> datetime:
    """The same day and hour, that many calendar months earlier; the month's last day where it has no such day."""
    index = instant.year * 12 + instant.month - 1 - months
    year, month = index // 12, index % 12 + 1
    return instant.replace(year=year, month=month, day=min(instant.day, calendar.monthrange(year, month)[1]))
