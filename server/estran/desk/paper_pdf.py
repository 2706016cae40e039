"""A printed pass as a PDF of A6. Imported when one is asked for: what draws it takes a while to load."""

import unicodedata
from collections.abc import Iterator
from io import BytesIO
from itertools import groupby

import qrcode
from reportlab.lib.pagesizes import A6
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from estran.desk.paper import Card

PLAIN, BOLD = "Vera", "VeraBd"
"""They come with the library and go into the file: every printer draws the same."""
MARGIN = 8 * mm
WIDTH = A6[0] - 2 * MARGIN
CODE_SIDE = 66 * mm
SMALLEST = 6.0

for _name in (PLAIN, BOLD):
    pdfmetrics.registerFont(TTFont(_name, f"{_name}.ttf"))
_DRAWN = frozenset(pdfmetrics.getFont(PLAIN).face.charToGlyph)


def pdf(card: Card) -> bytes:
    """The page; takes some tens of milliseconds: off the event loop."""
    out = BytesIO()
    page = Canvas(out, pagesize=A6, lang="fr", invariant=1)
    page.setTitle(_plain(f"{card.fr.title}, {card.name}"))
    page.setAuthor(_plain(card.club))
    y = A6[1] - MARGIN
    y = _line(page, y, card.club, PLAIN, 10)
    y = _line(page, y, f"{card.fr.title} · {card.en.title}", PLAIN, 8)
    y = _line(page, y - 1 * mm, card.name, BOLD, 22)
    y -= CODE_SIDE
    _code(page, (A6[0] - CODE_SIDE) / 2, y, card.code)
    y = _line(page, y, card.number, BOLD, 13)
    y = _line(page, y, f"{card.fr.until} · {card.en.until}", PLAIN, 8)
    for text, size in ((card.fr.how, 7.5), (card.fr.lost, 7.5), (card.en.how, SMALLEST), (card.en.lost, SMALLEST)):
        y = _paragraph(page, y - 0.8 * mm, text, size)
    page.showPage()
    page.save()
    return out.getvalue()


def _line(page: Canvas, y: float, text: str, font: str, size: float) -> float:
    """One line in the middle, as large as it may be and fits; where the next begins."""
    text = _plain(text)
    size = max(min(size, size * WIDTH / pdfmetrics.stringWidth(text, font, size)), SMALLEST)
    page.setFont(font, size)
    page.drawCentredString(A6[0] / 2, y - size, text)
    return float(y - 1.35 * size)


def _paragraph(page: Canvas, y: float, text: str, size: float) -> float:
    page.setFont(PLAIN, size)
    for line in simpleSplit(_plain(text), PLAIN, size, WIDTH):
        page.drawCentredString(A6[0] / 2, y - size, line)
        y -= 1.25 * size
    return y


def _code(page: Canvas, x: float, y: float, text: str) -> None:
    """The QR with its quiet zone of four modules, each row of dark ones as few rectangles."""
    drawn = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    drawn.add_data(text)
    drawn.make(fit=True)
    rows = drawn.get_matrix()
    side = CODE_SIDE / len(rows)
    for down, row in enumerate(rows):
        for first, length in _runs(row):
            page.rect(x + first * side, y + CODE_SIDE - (down + 1) * side, length * side, side, stroke=0, fill=1)


def _runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    at = 0
    for is_dark, modules in groupby(row):
        length = len(list(modules))
        if is_dark:
            yield at, length
        at += length


def _plain(text: str) -> str:
    """What the font can draw: a letter it lacks loses its accent, a space its narrowness."""
    return "".join(char if ord(char) in _DRAWN else _bare(char) for char in unicodedata.normalize("NFC", text))


def _bare(char: str) -> str:
    base = unicodedata.normalize("NFKD", char)[0]
    return base if ord(base) in _DRAWN else "?"
