"""A venue's paper list as the officer types it in: rows of short fields, made usable or sent back with a word. Pure.

Rows that are empty are left out; a row without a day has that of the row above, as people write on paper.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from estran.desk.forms import Form
from estran.desk.lists import folded
from estran.passes.number import normal_number
from estran.visits.items import COMPANIONS_MAX
from estran.visits.told import GUESTS_MAX, LINES_MAX, Line

ROWS = 15
COLUMNS = ("day", "time", "who", "companions", "guests", "benefit")
NOON = time(12)
"""Nobody wrote the hour: the middle of the day, which is that day in any time zone."""
LONG_AGO = timedelta(days=366)
_DAY = re.compile(r"(\d{1,2})[/. -](\d{1,2})(?:[/. -](\d{4}|\d{2}))?", re.ASCII)
_TIME = re.compile(r"(\d{1,2})\s*[hH:.]\s*(\d{2})?", re.ASCII)
_NUMBER = re.compile(r".*\(([^)]+)\)\s*")


@dataclass(frozen=True, slots=True)
class Roll:
    """Who may be on a list: people by each way of writing their name, and by the numbers of their passes."""

    names: Mapping[str, Collection[UUID]]
    numbers: Mapping[str, UUID]
    options: list[str] = field(default_factory=list)
    """What completes a name while it is typed."""

    def find(self, who: str) -> UUID | str:
        """The person, or the fault: `unknown`, `several`."""
        within = _NUMBER.fullmatch(who)
        number = normal_number(within[1] if within else who)
        if number is not None and number in self.numbers:
            return self.numbers[number]
        found = self.names.get(folded(" ".join(who.split())), ())
        if len(found) == 1:
            return next(iter(found))
        return "several" if found else "unknown"


def roll(people: Iterable[tuple[UUID, str, str, str]], numbers: Mapping[str, UUID]) -> Roll:
    """The roll of these people: id, first name, last name, and the name on the pass."""
    people = list(people)
    names: dict[str, set[UUID]] = defaultdict(set)
    for person_id, first, last, shown in people:
        for name in (f"{first} {last}", f"{last} {first}", shown):
            names[folded(name)].add(person_id)
    number_of = {person_id: number for number, person_id in numbers.items()}
    options = []
    for person_id, first, last, _ in people:
        name = f"{first} {last}"
        is_alone = len(names[folded(name)]) == 1
        options.append(name if is_alone else f"{name} ({number_of.get(person_id, '?')})")
    return Roll(names, numbers, sorted(options, key=folded))


def n_rows(form: Form) -> int:
    """How many rows the page has."""
    found = form.get("rows")
    n = int(found) if re.fullmatch(r"[0-9]{1,3}", found) else ROWS
    return min(max(n, ROWS), LINES_MAX)


def is_filled(form: Form, row: int) -> bool:
    """Whether something is written in a row; a benefit alone is only the list's first choice."""
    return any(form.get(f"{column}-{row}").strip() for column in COLUMNS if column != "benefit")


def lines(form: Form, people: Roll, benefits: Collection[UUID], *, now: datetime, zone: ZoneInfo) -> dict[int, Line]:
    """The rows that are filled, by their number; faults are noted in the form, a row with one is left out."""
    found: dict[int, Line] = {}
    day: date | None = None
    today = now.astimezone(zone).date()
    for row in range(n_rows(form)):
        if not is_filled(form, row):
            continue
        day = _day(form, f"day-{row}", day, today)
        at_time = _time(form, f"time-{row}")
        person = people.find(form.get(f"who-{row}")) if form.get(f"who-{row}").strip() else "missing"
        if isinstance(person, str):
            form.fault(f"who-{row}", f"form.fault.{'missing' if person == 'missing' else f'who_{person}'}")
        companions = form.number(f"companions-{row}", least=0, most=COMPANIONS_MAX, required=False)
        guests = form.number(f"guests-{row}", least=0, most=GUESTS_MAX, required=False)
        benefit = form.uuid(f"benefit-{row}") if form.get(f"benefit-{row}") else None
        if form.get(f"benefit-{row}") and benefit not in benefits:
            form.fault(f"benefit-{row}", "form.fault.choice")
        if day is None or isinstance(person, str) or any(f"{column}-{row}" in form.faults for column in COLUMNS):
            continue
        at = datetime.combine(day, at_time or NOON, tzinfo=zone).astimezone(UTC)
        found[row] = Line(min(at, now), person, companions or 0, guests or 0, benefit, at_time is not None)
    return found


def _day(form: Form, name: str, above: date | None, today: date) -> date | None:
    """The day of a row: without a year the last one that is not in the future, without anything that of the row above."""
    typed = form.get(name).strip()
    if not typed:
        if above is None:
            form.fault(name, "form.fault.missing")
        return above
    day = _read_day(typed, today)
    if day is None:
        form.fault(name, "form.fault.short_day")
    elif day > today:
        form.fault(name, "form.fault.future")
    elif today - day > LONG_AGO:
        form.fault(name, "form.fault.long_ago")
    return day


def _read_day(typed: str, today: date) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        pass
    found = _DAY.fullmatch(typed)
    if found is None:
        return None
    day, month, year = int(found[1]), int(found[2]), found[3]
    years = [int(year) if len(year) > 2 else 2000 + int(year)] if year else [today.year, today.year - 1]  # noqa: PLR2004
    for one in years:
        try:
            made = date(one, month, day)
        except ValueError:
            continue
        if year or made <= today:
            return made
    return None


def _time(form: Form, name: str) -> time | None:
    typed = form.get(name).strip()
    if not typed:
        return None
    found = _TIME.fullmatch(typed)
    try:
        if found is not None:
            return time(int(found[1]), int(found[2] or 0))
    except ValueError:
        pass
    form.fault(name, "form.fault.time")
    return None
