import time
from datetime import date

import pytest

from estran.desk.forms import Form


@pytest.mark.parametrize("typed", ["2026-12-31", "31/12/2026", " 31.12.2026 ", "31 12 2026"])
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert Form({"day": typed}).day("day") == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", "missing"),
        ("demain", "day"),
        ("2026-02-30", "day"),
        ("20261231", "day"),
        ("2026-W01-1", "day"),
        ("31/13/2026", "day"),
        ("1999-12-31", "year"),
        ("2100-01-01", "year"),
        ("٢٠٢٦-٠١-٠١", "day"),
    ],
)
def test_a_day_that_cannot_be_says_why(typed: str, fault: str) -> None:
    form = Form({"day": typed})
    assert form.day("day") is None
    assert form.faults["day"].key == f"form.fault.{fault}"
    assert form.get("day") == typed


@pytest.mark.parametrize("typed", ["-1", "21", "1.5", "１", "²", "1e2", "abc", "9999999999"])
def test_a_number_outside_its_bounds_is_a_fault(typed: str) -> None:
    form = Form({"n": typed})
    assert form.number("n", least=0, most=20) is None
    assert form.faults["n"].key == "form.fault.number"


def test_an_absent_number_is_none_where_it_may_be() -> None:
    form = Form({})
    assert form.number("n", least=1, most=9, required=False) is None
    assert form.faults == {}


@pytest.mark.parametrize("typed", ["a@b.fr", "prénom.nom@exemple.fr", " camille@example.org "])
def test_an_address_is_taken_without_its_blanks(typed: str) -> None:
    assert Form({"email": typed}).email("email") == typed.strip()


@pytest.mark.parametrize("typed", ["camille", "a@b", "a b@c.fr", "a@b.fr, c@d.fr", "<a@b.fr>", "a@@b.fr", "a@b..fr"])
def test_what_is_no_address_is_a_fault(typed: str) -> None:
    form = Form({"email": typed})
    assert form.email("email") == ""
    assert form.faults["email"].key == "form.fault.email"


@pytest.mark.parametrize("typed", ["a\x00b", "a\u202eb", "a\u200bb", "a\x1bb", "\ufeffa\ud800"])
def test_invisible_characters_are_a_fault(typed: str) -> None:
    form = Form({"name": typed})
    assert form.text("name", most=60) == ""
    assert form.faults["name"].key == "form.fault.invisible"


@pytest.mark.parametrize("typed", ["Le \r\n \n Phare", " Le\n\n\rPhare\r", "Le\nPhare", "Le Phare"])
def test_a_text_of_one_line_stays_on_one_line(typed: str) -> None:
    assert Form({"name": typed}).text("name", most=60) == "Le Phare"


def test_a_million_blanks_are_read_at_once() -> None:
    """Anybody may send the public form: it must not keep the server from everybody else."""
    begun = time.process_time()
    form = Form({"name": f"a{' ' * 1_000_000}b"})
    form.text("name", most=60)
    assert form.faults["name"].key == "form.fault.long"
    assert time.process_time() - begun < 5


def test_a_text_that_is_too_long_says_how_long_it_may_be() -> None:
    form = Form({"name": "x" * 61})
    form.text("name", most=60)
    assert form.faults["name"].values == {"most": 60, "n": 61}


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("www.exemple.fr", "https://www.exemple.fr"),
        ("http://exemple.fr/a?b=c", "http://exemple.fr/a?b=c"),
        ("", ""),
    ],
)
def test_a_link_gets_its_scheme(typed: str, link: str) -> None:
    assert Form({"url": typed}).link("url") == link


@pytest.mark.parametrize("typed", ["javascript://a.b/%0aalert(1)", "ftp://a.b", "https://", "exemple", "data://x.y"])
def test_a_link_that_could_run_something_is_a_fault(typed: str) -> None:
    form = Form({"url": typed})
    assert form.link("url") == ""
    assert form.faults["url"].key == "form.fault.link"


def test_the_first_fault_of_a_field_stays() -> None:
    form = Form({"a": ""})
    form.text("a", most=5)
    form.fault("a", "form.fault.refused")
    assert form.faults["a"].key == "form.fault.missing"
