"""The club's colour: readable in both themes, or refused."""

import colorsys
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import estran
from estran.club.rules import (
    CONTRAST_LEAST,
    DARK_SURFACES,
    DEEP_CONTRAST_LEAST,
    LIGHT_SURFACES,
    ON_DEEP,
    Accent,
    accent,
    contrast,
)

SHEET = Path(estran.__file__).parent / "web" / "static" / "colours.css"
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def hue_and_lightness(colour: str) -> tuple[float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, lightness, _ = colorsys.rgb_to_hls(red, green, blue)
    return hue, lightness


@given(COLOURS)
def test_a_colour_is_readable_in_both_themes_or_refused(colour: str) -> None:
    found = accent(colour)
    if found is None:
        return
    assert all(contrast(found.light, surface) >= CONTRAST_LEAST for surface in LIGHT_SURFACES)
    assert all(contrast(found.dark, surface) >= CONTRAST_LEAST for surface in DARK_SURFACES)
    assert all(contrast(found.deep, words) >= DEEP_CONTRAST_LEAST for words in ON_DEEP)


@given(COLOURS)
def test_what_is_dark_enough_already_stays_as_it_is(colour: str) -> None:
    found = accent(colour)
    if found and all(contrast(colour, surface) >= CONTRAST_LEAST for surface in LIGHT_SURFACES):
        assert found.light == colour


@given(COLOURS)
def test_only_a_colour_that_would_be_lost_is_refused(colour: str) -> None:
    found, lightness = accent(colour), hue_and_lightness(colour)[1]
    if found is None:
        assert any(contrast(colour, surface) < CONTRAST_LEAST for surface in LIGHT_SURFACES)
    else:
        assert hue_and_lightness(found.light)[1] >= lightness * 0.49  # a rounded channel


@given(st.text())
def test_anything_may_be_typed(typed: str) -> None:
    accent(typed)


@pytest.mark.parametrize(
    ("colour", "pair"),
    [
        ("#0b5568", Accent("#0b5568", "#1394b5", "#083c4a")),
        ("#000000", Accent("#000000", "#888888", "#000000")),
        ("#c00000", Accent("#c00000", "#ff3b3b", "#750000")),
        ("#ffff00", None),
        ("#ffffff", None),
        ("#FF0000", None),
        ("red", None),
        ("#fff", None),
        ("#0b5568\n", None),
        ("", None),
    ],
)
def test_colours_and_their_pairs(colour: str, pair: Accent | None) -> None:
    assert accent(colour) == pair


def test_the_surfaces_are_those_of_the_style_sheet() -> None:
    light, _, dark = SHEET.read_text("utf-8").partition("@media (prefers-color-scheme: dark)")
    values = dict(re.findall(r"--([\w-]+): ([^;]+);", light))
    in_the_dark = values | dict(re.findall(r"--([\w-]+): ([^;]+);", dark))

    def colour(theme: dict[str, str], name: str) -> str:
        value = theme[name]
        return colour(theme, value[6:-1]) if value.startswith("var(") else value

    names = ("surface", "page", "surface-quiet", "on-accent")
    assert {colour(values, name) for name in names} == set(LIGHT_SURFACES)
    assert {colour(in_the_dark, name) for name in names} == set(DARK_SURFACES)
    assert {colour(values, name) for name in ("on-deep", "on-deep-quiet")} == set(ON_DEEP)


def test_contrast_is_that_of_the_web() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
