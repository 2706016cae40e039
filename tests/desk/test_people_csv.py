"""A list of people as a file: whatever an office's spreadsheet makes of it, and back."""

import csv
import io
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.desk import people_csv
from estran.desk.forms import Fault
from estran.desk.people_csv import Line, decoded, guarded, judge, read, unguarded, write

HEAD = "prénom;nom;e-mail;début;fin\n"
CAMILLE = "Camille;Varech;camille@example.org;2026-01-01;31/12/2026\n"


def lines_of(text: str) -> list[Line]:
    found = read(text)
    assert isinstance(found, list), found
    return found


def fault_of(text: str) -> str:
    found = read(text)
    assert isinstance(found, Fault)
    return found.key


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [";", ",", "\t"], ids=["semicolon", "comma", "tab"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize(
    "names",
    [
        ["prénom", "nom", "e-mail", "début", "fin"],
        ["first_name", "last_name", "email", "begins_on", "ends_on"],
        ["PRENOM", "Nom", "E-Mail", "Debut", "FIN"],
    ],
)
def test_a_list_is_read_as_offices_keep_them(delimiter: str, encoding: str, names: list[str]) -> None:
    cells = ["Maëlle", "Oyat", "maelle@example.org", "2026-01-01", "31/12/2026"]
    text = "\r\n".join([delimiter.join(names), "", delimiter.join(cells), ""])
    [line] = lines_of(decoded(text.encode(encoding)))
    assert (line.number, line.first_name, line.last_name, line.email) == (3, "Maëlle", "Oyat", "maelle@example.org")
    assert (line.begins_on, line.ends_on) == (date(2026, 1, 1), date(2026, 12, 31))
    assert line.form.faults == {}


def test_columns_stand_in_any_order_beside_others() -> None:
    text = "téléphone,fin,e-mail,nom,début,prénom\n0102030405,2026-12-31,c@example.org,Varech,2026-01-01,Camille\n"
    [line] = lines_of(text)
    assert (line.first_name, line.last_name, line.ends_on) == ("Camille", "Varech", date(2026, 12, 31))


@pytest.mark.parametrize(
    ("cells", "field", "key"),
    [
        (";Varech;c@example.org;2026-01-01;2026-12-31", "first_name", "missing"),
        ("Camille;" + "x" * 61 + ";c@example.org;2026-01-01;2026-12-31", "last_name", "long"),
        ("Camille;Varech;camille;2026-01-01;2026-12-31", "email", "email"),
        ("Camille;Varech;c.@example.org;2026-01-01;2026-12-31", "email", "email"),
        ("Camille;Varech;c@example.org;demain;2026-12-31", "begins_on", "day"),
        ("Camille;Varech;c@example.org;2026-01-01;31/02/2026", "ends_on", "day"),
        ("Camille;Varech;c@example.org;2026-01-01;2025-12-31", "ends_on", "order"),
        ("Camille;Varech;c@example.org", "begins_on", "missing"),
        ("Cam\u202eille;Varech;c@example.org;2026-01-01;2026-12-31", "first_name", "invisible"),
    ],
)
def test_a_line_that_cannot_be_used_says_why(cells: str, field: str, key: str) -> None:
    [bad, good] = judge(lines_of(f"{HEAD}{cells}\n{CAMILLE}"), set())
    assert (bad.verdict, good.verdict) == ("fault", "new")
    assert dict(bad.faults)[field].key == f"form.fault.{key}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "columns"),
        ("\n\n", "columns"),
        ("Camille;Varech\n", "columns"),
        ("prénom;nom;e-mail;début\n", "columns"),
        (HEAD, "no_lines"),
        (HEAD + CAMILLE * 501, "many_lines"),
        (HEAD + "x" * people_csv.MAX_BYTES, "big_list"),
        (HEAD + '"' + "x" * 140_000, "no_list"),
    ],
)
def test_a_list_that_is_none_says_why(text: str, key: str) -> None:
    assert fault_of(text) == f"form.fault.{key}"


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reading(data: bytes) -> None:
    found = read(decoded(data))
    assert isinstance(found, Fault) or all(one.verdict for one in judge(found, set()))


@given(st.text(max_size=200), st.sampled_from([";", ",", "\t"]))
def test_no_line_breaks_the_judging(text: str, delimiter: str) -> None:
    found = read(HEAD.replace(";", delimiter) + text)
    if isinstance(found, list):
        assert {one.verdict for one in judge(found, {"camille@example.org"})} <= {"new", "known", "fault"}


# --- judging ----------------------------------------------------------------------------------------------------------


def test_who_is_known_by_the_address_stays_as_they_are() -> None:
    [one] = judge(lines_of(HEAD + CAMILLE.replace("camille@", "CAMILLE@")), {"camille@example.org"})
    assert one.verdict == "known"


def test_a_second_line_is_a_further_mandate_the_same_line_is_nothing_new() -> None:
    further = "Camille;Varech;camille@example.org;2027-01-01;2027-12-31\n"
    found = judge(lines_of(HEAD + CAMILLE + further + CAMILLE), set())
    assert [one.verdict for one in found] == ["new", "new", "known"]


def test_one_address_for_two_names_is_a_fault_of_the_later_line() -> None:
    [first, second] = judge(lines_of(HEAD + CAMILLE + CAMILLE.replace("Varech", "Oyat")), set())
    assert (first.verdict, second.verdict) == ("new", "fault")
    assert dict(second.faults)["email"] == Fault("form.fault.email_twice", {"line": 2})


# --- writing ----------------------------------------------------------------------------------------------------------

CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)
RISKY = st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "\t", "'", "'=", "''+", '"', ";"]), CELLS)


@given(CELLS | RISKY)
def test_no_cell_calculates_and_each_is_read_back(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}


@given(st.lists(st.lists(CELLS | RISKY, min_size=1, max_size=4), max_size=5))
def test_a_file_holds_what_was_written(rows: list[list[str]]) -> None:
    data = write(rows)
    assert data.startswith(b"\xef\xbb\xbf")
    found = list(csv.reader(io.StringIO(decoded(data), newline=""), delimiter=";"))
    assert [[unguarded(cell) for cell in row] for row in found] == rows


NAMES = st.from_regex(r"[=+@'A-Za-zÀ-ÿ][A-Za-zÀ-ÿ ;,\"'-]{0,20}[A-Za-zÀ-ÿ]", fullmatch=True)
EMAILS = st.from_regex(r"[-+=a-z0-9]{1,10}@example\.org", fullmatch=True)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(st.dictionaries(EMAILS, st.tuples(NAMES, NAMES, DAYS, DAYS), min_size=1, max_size=20))
def test_what_was_exported_is_imported_as_it_was(people: dict[str, tuple[str, str, date, date]]) -> None:
    rows = [[first, last, email, str(min(days)), str(max(days))] for email, (first, last, *days) in people.items()]
    found = judge(lines_of(decoded(write([["prénom", "nom", "e-mail", "début", "fin"], *rows]))), set())
    assert [one.verdict for one in found] == ["new"] * len(rows)
    read_back = [
        [one.line.first_name, one.line.last_name, one.line.email, str(one.line.begins_on), str(one.line.ends_on)]
        for one in found
    ]
    assert read_back == rows


def test_a_columns_name_without_end_is_read_at_once() -> None:
    begun = time.process_time()
    people_csv.read("a" + "\u0301\u0323" * 60_000)
    assert time.process_time() - begun < 5  # slow machines have time; squares have not
