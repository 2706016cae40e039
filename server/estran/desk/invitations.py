"""A pasted list of people to invite: read line by line, and judged. Pure.

Read as people keep such lists: cells of a spreadsheet, `Camille Varech;camille@example.org`, or what a mail program copies,
`Camille Varech <camille@example.org>`, several on a line as well.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from estran.access import rules as access_rules
from estran.desk import people_csv
from estran.desk.forms import Fault, Form
from estran.desk.people_csv import DELIMITERS, MAX_BYTES, MAX_LINES

# Begun only where a name can begin: looked for from every sign on, a long line without brackets would take minutes.
_ADDRESSED = re.compile(r"(?:^|(?<=[<>;,]))([^<>;,]*)<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Guest:
    """One person of the list, as a form that was filled in."""

    number: int
    """The line, the first one being 1."""
    first_name: str
    last_name: str
    email: str
    form: Form


@dataclass(frozen=True, slots=True)
class Judged:
    """A person of the list, and what would be done.

    `new`: added and invited. `waits`: in the club, invited now. `known`: in the club, nothing is sent. `twice`: stands further
    up already. `fault`: left out.
    """

    guest: Guest
    verdict: str
    faults: tuple[tuple[str, Fault], ...] = ()
    person_id: UUID | None = None
    """Whoever is in the club already."""
    first_line: int = 0
    """Of somebody named twice."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the club, and whether they still wait for an invitation."""

    person_id: UUID
    waits: bool


def read(text: str) -> list[Guest] | Fault:
    """Everybody on the list, a first line of columns' names left out; a Fault when there is nobody, or too many."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return Fault("form.fault.big_list", {"most": MAX_BYTES // 1024})
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip(" \t;,")]
    columns: dict[str, int] = {}
    if lines and "@" not in lines[0][1]:
        columns = people_csv.columns([_cells(lines[0][1])])
        lines = lines[1:] if columns else lines
    guests = [guest for number, line in lines for guest in _guests(number, line, columns)]
    if not guests:
        return Fault("form.fault.nobody_listed")
    if len(guests) > MAX_LINES:
        return Fault("form.fault.many_lines", {"most": MAX_LINES, "n": len(guests)})
    return guests


def _guests(number: int, line: str, columns: Mapping[str, int]) -> list[Guest]:
    addressed = _ADDRESSED.findall(line)
    if addressed and ("@" not in line or any("@" in email for _, email in addressed)):
        return [_guest(number, *_names(name.strip(" \"'\t")), email) for name, email in addressed]
    cells = [people_csv.unguarded(cell.strip()) for cell in _cells(line)]
    if {"first_name", "last_name", "email"} <= columns.keys():
        first, last, email = (
            cells[columns[column]] if columns[column] < len(cells) else ""
            for column in ("first_name", "last_name", "email")
        )
        return [_guest(number, first, last, email)]
    email = next((cell for cell in cells if "@" in cell), "")
    names = [cell for cell in cells if cell and cell != email]
    first, last = (names[0], names[1]) if len(names) > 1 else _names(names[0] if names else "")
    return [_guest(number, first, last, email)]


def _cells(line: str) -> Sequence[str]:
    """The line's cells, whichever sign stands between them."""
    delimiter = max(DELIMITERS, key=line.count)
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a NUL, or a field without end
        return line.split(delimiter)


def _names(name: str) -> tuple[str, str]:
    """First and last name of a whole one: what is written in capitals is the last name, else all but the first word."""
    words = name.split()
    capitals = [word for word in words if word.isupper() and len(word) > 1]
    if capitals and len(capitals) < len(words):
        return " ".join(word for word in words if word not in capitals), " ".join(capitals)
    return " ".join(words[:1]), " ".join(words[1:])


def _guest(number: int, first_name: str, last_name: str, email: str) -> Guest:
    form = Form({"first_name": first_name, "last_name": last_name, "email": email.strip()})
    return Guest(number, *people_csv.who(form), form)


def judge(guests: Iterable[Guest], members: Mapping[str, Member]) -> list[Judged]:
    """What would be done with each. `members`: everybody in the club, by folded address."""
    judged: list[Judged] = []
    seen: dict[str, int] = {}
    for guest in guests:
        if guest.form.faults:
            judged.append(Judged(guest, "fault", tuple(guest.form.faults.items())))
            continue
        address = access_rules.fold_email(guest.email)
        member = members.get(address)
        if address in seen:
            judged.append(Judged(guest, "twice", first_line=seen[address]))
        elif member is not None:
            judged.append(Judged(guest, "waits" if member.waits else "known", person_id=member.person_id))
        else:
            judged.append(Judged(guest, "new"))
        seen.setdefault(address, guest.number)
    return judged
