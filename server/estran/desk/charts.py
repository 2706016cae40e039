"""Charts drawn as SVG by the server, from the very numbers of the table beside them. Pure.

No viewBox: widths are percentages and heights are `em`, so that a chart fills a telephone as well as a desk and its words
keep the reader's text size. Colours come from the style sheet by class, with a presentation attribute as a fallback
(the page's policy forbids inline styles). Each chart has `role="img"`, a title and a sentence that says what it shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

COLUMNS_HEIGHT_EM = 11.0
LABELS_EM = 1.6
AXIS_WIDTH = 8.0
"""Percent kept at the left for the figures of the scale."""


@dataclass(frozen=True, slots=True)
class Point:
    """One number and its name. `mark` is shown under the column (a month's first week), empty: none."""

    label: str
    value: int
    mark: str = ""


def steps(highest: int) -> list[int]:
    """Round numbers from 0 to at least `highest`, for the scale: at most five, whole, evenly apart."""
    if highest <= 0:
        return [0, 1]
    step = 1
    while highest > step * 4:
        # 1, 2, 5, 10, 20, 50 …
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return list(range(0, -(-highest // step) * step + 1, step))


def columns(name: str, title: str, description: str, points: Sequence[Point]) -> Markup:
    """Upright columns over time. `name` makes the ids unique on the page."""
    scale = steps(max((point.value for point in points), default=0))
    top = scale[-1]
    parts = [_open(name, title, description, COLUMNS_HEIGHT_EM + LABELS_EM)]
    for tick in scale:
        y = _up(tick, top)
        parts.append(
            f'<line class="chart-line" x1="{AXIS_WIDTH}%" x2="100%" y1="{y}em" y2="{y}em" stroke="#ccc"/>'
            f'<text class="chart-scale" x="{AXIS_WIDTH - 1.5}%" y="{y}em" dy="0.35em" text-anchor="end">{tick}</text>'
        )
    slot = (100 - AXIS_WIDTH) / max(len(points), 1)
    for index, point in enumerate(points):
        x = AXIS_WIDTH + index * slot
        if point.value:
            height = round((COLUMNS_HEIGHT_EM - 1) * point.value / top, 3)
            parts.append(
                f'<rect class="chart-bar" x="{x + slot * 0.14:.3f}%" y="{_up(point.value, top)}em"'
                f' width="{slot * 0.72:.3f}%" height="{height}em" rx="2" fill="#0b5568">'
                f"<title>{escape(point.label)} : {point.value}</title></rect>"
            )
        if point.mark:
            parts.append(
                f'<text class="chart-mark" x="{x:.3f}%" y="{COLUMNS_HEIGHT_EM + 1.2}em">{escape(point.mark)}</text>'
            )
    parts.append("</svg>")
    return Markup("".join(parts))  # noqa: S704 - every text above is escaped


def bars(name: str, title: str, description: str, points: Sequence[Point]) -> Markup:
    """Lying bars in the caller's order. Only the bars are drawn: names stay text, so that long ones wrap and grow."""
    top = max((point.value for point in points), default=0) or 1
    rows = [
        '<div class="chart-row">'
        f'<span class="chart-label">{escape(point.label)}</span> <span class="chart-value">{point.value}</span>'
        '<svg class="chart-track" width="100%" height="0.7em">'
        f'<rect class="chart-bar" width="{100 * point.value / top:.3f}%" height="100%" rx="3" fill="#0b5568"/>'
        "</svg></div>"
        for point in points
    ]
    return Markup(  # noqa: S704 - every text above and below is escaped
        f'<div class="chart-bars" role="img" aria-label="{escape(title)}" aria-describedby="{name}-desc">'
        f'{"".join(rows)}</div><p class="hidden-visually" id="{name}-desc">{escape(description)}</p>'
    )


def _open(name: str, title: str, description: str, height_em: float) -> str:
    return (
        f'<svg class="chart" role="img" width="100%" height="{round(height_em, 3)}em"'
        f' aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
    )


def _up(value: int, top: int) -> float:
    """Distance from the top edge, in em, of a value on the scale (1 em is kept above for the highest figure)."""
    return round(1 + (COLUMNS_HEIGHT_EM - 1) * (1 - value / top), 3)
