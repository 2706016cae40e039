"""The few signs that a long text may have: blank lines between paragraphs, `## ` before a heading, `- ` before a list's line.

Pure, and no HTML: a text is read as blocks, which a template writes down and escapes. The phone reads the same signs
(pwa/src/club/blocks.ts).
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with its words, a paragraph with its lines, or a list with its items."""

    kind: Kind
    lines: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """What the text is made of, in order; every word of it is in exactly one block."""
    found: list[Block] = []
    kind, lines = Kind.PARAGRAPH, list[str]()

    def close() -> None:
        if lines:
            found.append(Block(kind, tuple(lines)))
            lines.clear()

    for line in (raw.strip() for raw in re.split(r"\r?\n|\r", text)):
        if heading := re.fullmatch(r"## +(.+)", line):
            close()
            found.append(Block(Kind.HEADING, (heading[1],)))
            continue
        item = re.fullmatch(r"- +(.+)", line)
        wanted = Kind.LIST if item else Kind.PARAGRAPH
        if not line or wanted is not kind:
            close()
        kind = wanted
        if line:
            lines.append(item[1] if item else line)
    close()
    return found
