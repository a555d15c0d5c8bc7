import re

from hypothesis import given
from hypothesis import strategies as st

from attar.pack.splitters.prose import paragraphs

# Two ends of lines with no more than blanks between, or the end of a page.
GAP = re.compile(r"(?>\r\n|\r|\n)[^\S\r\n]*(?>\r\n|\r|\n)\s*|[\f\u2029]\s*")


@given(st.text("ab \t\r\n\f\x0b\x85\u2028\u2029", max_size=30), st.integers(0, 9))
def test_paragraphs_lie_between_gaps(text: str, cut: int) -> None:
    start, end = min(cut // 2, len(text)), max(0, len(text) - cut)
    expected = [piece for piece in GAP.split(text[start:end]) if piece.strip()]
    found = paragraphs(text, start, end)
    assert [text[unit.start : unit.end] for unit in found] == expected
