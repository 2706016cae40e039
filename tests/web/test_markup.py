"""The few signs of a long text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estran.web.markup import Block, Kind, blocks

HEADING, PARAGRAPH, LIST = Kind.HEADING, Kind.PARAGRAPH, Kind.LIST


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" \n\n\t", []),
        ("Bonjour.", [Block(PARAGRAPH, ("Bonjour.",))]),
        ("Un\ndeux\n\ntrois", [Block(PARAGRAPH, ("Un", "deux")), Block(PARAGRAPH, ("trois",))]),
        ("## Titre\ntexte", [Block(HEADING, ("Titre",)), Block(PARAGRAPH, ("texte",))]),
        ("- un\r\n-  deux\rtexte", [Block(LIST, ("un", "deux")), Block(PARAGRAPH, ("texte",))]),
        ("texte\n- un", [Block(PARAGRAPH, ("texte",)), Block(LIST, ("un",))]),
        ("- un\n\n- deux", [Block(LIST, ("un",)), Block(LIST, ("deux",))]),
        ("# Titre", [Block(PARAGRAPH, ("# Titre",))]),
        ("##Titre\n-un\n-\n##", [Block(PARAGRAPH, ("##Titre", "-un", "-", "##"))]),
        ("<b>", [Block(PARAGRAPH, ("<b>",))]),
    ],
)
def test_a_text_is_read_as_blocks(text: str, found: list[Block]) -> None:
    assert blocks(text) == found


@given(st.text(alphabet="a#- \n\r\t<", max_size=60) | st.text())
def test_no_word_is_lost_and_none_is_invented(text: str) -> None:
    kept = "".join("".join(line.split()) for block in blocks(text) for line in block.lines)
    typed = "".join(text.split())
    assert [char for char in kept if char not in "#-"] == [char for char in typed if char not in "#-"]
    assert all(block.lines and all(line.strip() for line in block.lines) for block in blocks(text))
