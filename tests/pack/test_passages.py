"""What is embedded of a unit, and how long units are cut."""

from __future__ import annotations

import pytest

from attar.pack import Chunk, Document
from attar.pack.passages import passage, units

from .toy import WordTokenizer


@pytest.mark.parametrize(
    ("document", "heading", "expected"),
    [
        (Document("a", "a", "Lift.", "Wings"), "", "Wings Lift."),
        (Document("a", "a", "Lift.", "Wings"), "Theory", "Wings Theory Lift."),
        (Document("a", "a", "# Wings\nLift.", "Wings"), "", "# Wings\nLift."),
        (Document("a", "a", "Lift."), "", "Lift."),
        (Document("a", "a", "", "Wings"), "", "Wings"),
        (Document("a", "a", "<p>A &amp; B</p>", "T", kind="html"), "", "T A & B"),
    ],
)
def test_title_heading_and_what_is_read(document: Document, heading: str, expected: str) -> None:
    assert passage(document, Chunk(0, len(document.text), heading)) == expected


def test_a_long_title_makes_room_for_itself_up_to_half() -> None:
    text = " ".join(f"w{i}." for i in range(400))
    tokenizer = WordTokenizer()
    for title_tokens, room in ((0, 80), (10, 80), (30, 60), (1000, 40)):
        cut = units(Document("a", "a", text, "t " * title_tokens), tokenizer, 80)
        longest = max(tokenizer.count(text[c.start : c.end]) for c in cut)
        assert room - 4 < longest <= room


def test_nothing_to_find_is_no_unit() -> None:
    assert units(Document("a", "a", " \n", " "), WordTokenizer(), 80) == []
    assert units(Document("a", "a", " \n", "Title"), WordTokenizer(), 80) == [Chunk(0, 0)]
