"""A list of people as a spreadsheet's file: read line by line, and written. Pure.

Read as offices keep them: UTF-8 or Windows' code page, semicolons, commas or tabs, columns in any order. Written so that no
spreadsheet takes a name for a formula; what was written is read back as it was.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from estran.access import rules as access_rules
from estran.desk.forms import Fault, Form

MAX_BYTES = 256 * 1024
MAX_LINES = 500
NAME_MAX = 60
COLUMNS = {
    "first_name": ("prénom", "first name", "given name"),
    "last_name": ("nom", "last name", "nom de famille", "family name", "surname"),
    "email": ("e-mail", "mail", "adresse e-mail", "courriel", "e-mail address"),
    "begins_on": ("début", "begins on", "premier jour", "first day"),
    "ends_on": ("fin", "ends on", "dernier jour", "last day"),
}
"""What a column may be called, whatever its capitals, accents, blanks and hyphens."""
DELIMITERS = ";,\t"

# OWASP, "CSV Injection": what makes a spreadsheet calculate. Apostrophes before it are counted, so that reading gives back
# what was written.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, as a form that was filled in."""

    number: int
    """As a spreadsheet counts them: the columns' names are line 1."""
    first_name: str
    last_name: str
    email: str
    begins_on: date | None
    ends_on: date | None
    form: Form

    @property
    def folded(self) -> str:
        """What two spellings of the address have in common."""
        return access_rules.fold_email(self.email)


@dataclass(frozen=True, slots=True)
class Judged:
    """A line and what would be done with it: `new`, `known` (nothing is changed) or `fault`."""

    line: Line
    verdict: str
    faults: tuple[tuple[str, Fault], ...] = ()
    """The field and what is wrong with it."""


def decoded(data: bytes) -> str:
    """The file's text: UTF-8 with or without its mark, else Windows' Western code page, which leaves no byte unread."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read(text: str) -> list[Line] | Fault:
    """Every line under the columns' names; a Fault when there are none, too many, or a column is missing."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")  # a browser sends every line's end as two
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return Fault("form.fault.big_list", {"most": MAX_BYTES // 1024})
    try:
        tables = [list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) for delimiter in DELIMITERS]
    except csv.Error:  # a NUL, or a field without end
        return Fault("form.fault.no_list")
    records, places = max(((table, columns(table)) for table in tables), key=lambda found: len(found[1]))
    if missing := [names[0] for column, names in COLUMNS.items() if column not in places]:
        return Fault("form.fault.columns", {"missing": ", ".join(missing)})
    filled = [(number, record) for number, record in enumerate(records, 1) if any(cell.strip() for cell in record)][1:]
    if not filled:
        return Fault("form.fault.no_lines")
    if len(filled) > MAX_LINES:
        return Fault("form.fault.many_lines", {"most": MAX_LINES, "n": len(filled)})
    return [_line(number, record, places) for number, record in filled]


def columns(records: Iterable[Sequence[str]]) -> dict[str, int]:
    """Where each known column is, by the first line that holds anything."""
    names = next((record for record in records if any(cell.strip() for cell in record)), ())
    known = {_plain(name): column for column, names in COLUMNS.items() for name in names}
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        if column := known.get(_plain(name)):
            found.setdefault(column, place)
    return found


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFD", name[:NAME_MAX].casefold())  # of marks it takes the square of the length
    return "".join(letter for letter in letters if letter.isalnum())


def _line(number: int, record: Sequence[str], places: dict[str, int]) -> Line:
    form = Form({column: unguarded(record[place]) for column, place in places.items() if place < len(record)})
    first_name, last_name, email = who(form)
    begins_on, ends_on = form.term()
    return Line(number, first_name, last_name, email, begins_on, ends_on, form)


def who(form: Form) -> tuple[str, str, str]:
    """First name, last name and address of a line; empty where faulty."""
    first_name, last_name = form.text("first_name", most=NAME_MAX), form.text("last_name", most=NAME_MAX)
    email = form.email("email")
    if email and not access_rules.is_email(access_rules.clean_email(email)):
        form.fault("email", "form.fault.email")
    return first_name, last_name, email


def judge(lines: Iterable[Line], known: Collection[str]) -> list[Judged]:
    """What would be done with each line. `known`: the folded addresses of everybody in the club.

    A second line of one person is a further mandate; one address for two names is a fault of the later line.
    """
    judged: list[Judged] = []
    first: dict[str, Line] = {}
    terms: set[tuple[str, date | None, date | None]] = set()
    for line in lines:
        if line.form.faults:
            judged.append(Judged(line, "fault", tuple(line.form.faults.items())))
            continue
        before = first.setdefault(line.folded, line)
        term = (line.folded, line.begins_on, line.ends_on)
        if (before.first_name, before.last_name) != (line.first_name, line.last_name):
            fault = Fault("form.fault.email_twice", {"line": before.number})
            judged.append(Judged(line, "fault", (("email", fault),)))
        elif line.folded in known or term in terms:
            judged.append(Judged(line, "known"))
        else:
            judged.append(Judged(line, "new"))
        terms.add(term)
    return judged


def write(rows: Iterable[Sequence[str]]) -> bytes:
    """A file that spreadsheets open as it is: UTF-8 with its mark, semicolons, no cell that calculates."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def guarded(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would calculate."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that `guarded` put there."""
    return cell[1:] if _GUARDED.match(cell) else cell
