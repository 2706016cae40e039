"""What somebody typed, made usable or sent back with a word beside the field. Pure.

A form never raises: it keeps every value as typed and collects at most one fault per field, so that the page can be shown
again as it was. Faults are keys of the texts (`form.fault.…`) with their values.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from estran.club.rules import INVISIBLE

FIRST_YEAR = 2000
LAST_YEAR = 2099  # a pass's `exp` has 4 bytes: it ends in 2106 (docs/pass-format.md §2.1)
EMAIL_MAX = 254
WHY_MAX = 200
_EMAIL = re.compile(r"[^\s@<>\"',;:\\]+@[^\s@<>\"',;:\\.]+(\.[^\s@<>\"',;:\\.]+)+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"\d{1,6}")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a field cannot be used: a text's key and what fills its places."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Form:
    """The values as typed, and the faults found so far, by field."""

    values: Mapping[str, str] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The value as typed, for showing it again; empty when absent."""
        return self.values.get(name, "")

    def fault(self, name: str, key: str, **values: object) -> None:
        """Note a fault; the first one of a field stays."""
        self.faults.setdefault(name, Fault(key, values))

    def blame(self, fields: Iterable[str], key: str) -> None:
        """Note what a service found wrong with these fields."""
        for name in fields:
            self.fault(name, key)

    def text(self, name: str, *, most: int, required: bool = True) -> str:
        """The text on one line, without outer blanks; empty when faulty."""
        lines = (line.strip() for line in re.split(r"[\r\n]", self.get(name)))
        value = " ".join(line for line in lines if line)
        return self._bounded(name, value, most=most, required=required)

    def why(self, name: str = "why") -> str:
        """The reason of an act; a fault when there is none, or more than a few lines."""
        return self.text(name, most=WHY_MAX)

    def long_text(self, name: str, *, most: int, required: bool = True) -> str:
        """A text of several lines, which end as they do everywhere but in forms; empty when faulty."""
        value = self.get(name).replace("\r\n", "\n").strip()
        return self._bounded(name, value, most=most, required=required)

    def _bounded(self, name: str, value: str, *, most: int, required: bool) -> str:
        if not value and required:
            self.fault(name, "form.fault.missing")
        elif len(value) > most:
            self.fault(name, "form.fault.long", most=most, n=len(value))
        elif INVISIBLE.search(value):
            self.fault(name, "form.fault.invisible")
        return "" if name in self.faults else value

    def email(self, name: str, *, required: bool = True) -> str:
        """An e-mail address of ordinary shape; empty when faulty or absent."""
        value = self.text(name, most=EMAIL_MAX, required=required)
        if value and not _EMAIL.fullmatch(value):
            self.fault(name, "form.fault.email")
            return ""
        return value

    def link(self, name: str) -> str:
        """A web address; `https://` is put in front where nothing stands. Never another scheme."""
        value = self.text(name, most=300, required=False)
        if not value:
            return ""
        if "://" not in value:
            value = f"https://{value}"
        if not re.fullmatch(r"https?://[^\s<>\"'\\]+\.[^\s<>\"'\\]+", value) or len(value) > 300:  # noqa: PLR2004
            self.fault(name, "form.fault.link")
            return ""
        return value

    def day(self, name: str) -> date | None:
        """A calendar day between 2000 and 2099; None when faulty."""
        value = self.get(name).strip()
        if not value:
            self.fault(name, "form.fault.missing")
            return None
        try:
            day = date.fromisoformat(value) if _DAY.fullmatch(value) else _french_day(value)
        except ValueError:
            self.fault(name, "form.fault.day")
            return None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fault(name, "form.fault.year", first=FIRST_YEAR, last=LAST_YEAR)
            return None
        return day

    def term(self) -> tuple[date | None, date | None]:
        """First and last day of a mandate; None where faulty."""
        begins_on, ends_on = self.day("begins_on"), self.day("ends_on")
        if begins_on and ends_on and ends_on < begins_on:
            self.fault("ends_on", "form.fault.order")
        return begins_on, ends_on

    def number(self, name: str, *, least: int, most: int, required: bool = True) -> int | None:
        """A whole number within bounds; None when faulty or, where allowed, absent."""
        value = self.get(name).strip()
        if not value:
            if required:
                self.fault(name, "form.fault.missing")
            return None
        if not _NUMBER.fullmatch(value) or not value.isascii() or not least <= int(value) <= most:
            self.fault(name, "form.fault.number", least=least, most=most)
            return None
        return int(value)

    def choice(self, name: str, options: Collection[str]) -> str:
        """One of the options; empty when faulty."""
        value = self.get(name)
        if value not in options:
            self.fault(name, "form.fault.choice")
            return ""
        return value

    def uuid(self, name: str) -> UUID | None:
        """An id that the page itself put there; None when it is not one."""
        try:
            return UUID(self.get(name))
        except ValueError:
            return None


def _french_day(value: str) -> date:
    """A day typed as 31/12/2026, for browsers without a date field; raises ValueError."""
    found = re.fullmatch(r"([0-9]{1,2})[/. ]([0-9]{1,2})[/. ]([0-9]{4})", value)
    if not found:
        raise ValueError(value)
    day, month, year = map(int, found.groups())
    return date(year, month, day)
