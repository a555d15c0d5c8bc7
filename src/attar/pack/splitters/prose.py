"""Plain text: paragraphs between blank lines, pages between form feeds."""

from __future__ import annotations

import re

from attar.pack.splitters.unit import Unit

# What a gap can begin with is asked first: it rules most characters out at once.
_GAP = re.compile(r"(?=[\r\n\f\u2029])(?:(?>\r\n|\r|\n)[^\S\r\n]*(?>\r\n|\r|\n)\s*|[\f\u2029]\s*)")


def paragraphs(text: str, start: int, end: int) -> list[Unit]:
    """The paragraphs of `text[start:end]`."""
    units = []
    for gap in _GAP.finditer(text, start, end):
        units.append(Unit(start, gap.start()))
        start = gap.end()
    units.append(Unit(start, end))
    return [u for u in units if text[u.start : u.end].strip()]


def split_prose(text: str) -> Unit:
    """Divide a plain text into paragraphs."""
    return Unit(0, len(text), children=tuple(paragraphs(text, 0, len(text))))
