"""Plain text: paragraphs between blank lines, pages between form feeds."""

from __future__ import annotations

import re

from attar.pack.splitters.unit import Unit

# Each way to begin is written out: so the search passes over all other characters at once.
_GAP = re.compile(r"\n[^\S\r\n]*[\r\n]\s*|\r\n?+[^\S\r\n]*[\r\n]\s*|\f\s*|\u2029\s*")


def paragraphs(text: str, start: int, end: int) -> list[Unit]:
    """The paragraphs of `text[start:end]`."""
    units = []
    for gap in _GAP.finditer(text, start, end):
        stop, after = gap.span()
        if text[start:stop].strip():
            units.append(Unit(start, stop))
        start = after
    if text[start:end].strip():
        units.append(Unit(start, end))
    return units


def split_prose(text: str) -> Unit:
    """Divide a plain text into paragraphs."""
    return Unit(0, len(text), children=tuple(paragraphs(text, 0, len(text))))
