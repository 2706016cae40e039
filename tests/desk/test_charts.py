import re
from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from estran.desk.charts import Point, bars, columns, steps


@given(st.integers(0, 10**6))
def test_the_scale_is_round_whole_and_reaches_the_highest(highest: int) -> None:
    scale = steps(highest)
    assert scale[0] == 0
    assert scale[-1] >= highest
    assert 2 <= len(scale) <= 6
    assert len({after - before for before, after in pairwise(scale)}) == 1
    assert str(scale[1])[0] in "125"


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(0, 5000)), max_size=53))
def test_each_column_is_as_high_as_its_number(rows: list[tuple[str, int]]) -> None:
    # Characters that XML cannot hold never come out of forms (tests/desk/test_forms.py).
    points = [Point("".join(c for c in label if c.isprintable()), value) for label, value in rows]
    drawn = columns("weeks", "Titre", "Phrase", points)
    heights = [float(height) for height in re.findall(r'class="chart-bar"[^>]* height="([\d.]+)em"', drawn)]
    numbers = [point.value for point in points if point.value]
    top = steps(max(numbers, default=0))[-1]
    assert [round(height / 10 * top) for height in heights] == [
        round(round(10 * number / top, 3) / 10 * top) for number in numbers
    ]
    ET.fromstring(drawn)


def test_a_chart_has_a_role_a_title_a_sentence_and_no_style() -> None:
    drawn = columns("weeks", "Entrées <par> semaine", "12 en tout & plus", [Point("s", 12)])
    root = ET.fromstring(drawn)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "weeks-title weeks-desc"
    assert [child.text for child in root[:2]] == ["Entrées <par> semaine", "12 en tout & plus"]
    assert "style" not in drawn


def test_bars_are_as_long_as_their_numbers_and_names_are_escaped() -> None:
    drawn = bars("venues", "Par lieu", "Phrase", [Point("<b>Musée</b>", 8), Point("Abbaye", 4), Point("Phare", 0)])
    assert re.findall(r'<rect class="chart-bar" width="([\d.]+)%"', drawn) == ["100.000", "50.000", "0.000"]
    assert "&lt;b&gt;Musée" in drawn
    assert 'role="img"' in drawn
    assert "style" not in drawn


def test_nothing_to_draw_is_still_a_drawing() -> None:
    ET.fromstring(columns("weeks", "a", "b", []))
    assert "chart-row" not in bars("venues", "a", "b", [])
