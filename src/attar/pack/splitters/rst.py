"""reStructuredText: sections under underlined titles, then paragraphs.

The rule for titles is that of the reStructuredText specification: a line of one repeated
punctuation mark under the title and at least as long, perhaps the same above it; the order in
which the styles first appear is the order of the levels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attar.pack.splitters.prose import paragraphs
from attar.pack.splitters.unit import Unit, lines, nest, short

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1+[^\S\r\n]*[\r\n]*\Z")
_TITLE_CHARACTERS = 20_000


def split_rst(text: str) -> Unit:
    """Divide a reStructuredText into sections and paragraphs."""
    return nest(_blocks(text), 0, len(text))


def rst_title(text: str) -> str:
    """The first section title near the beginning, or ""."""
    beginning = text[:_TITLE_CHARACTERS]
    return next((unit.heading for level, unit in _blocks(beginning) if level), "")


def _blocks(text: str) -> Iterator[tuple[int, Unit]]:
    position = 0
    levels: dict[tuple[str, bool], int] = {}
    for start, end, heading, style in _titles(text):
        yield from ((0, u) for u in paragraphs(text, position, start))
        yield levels.setdefault(style, len(levels) + 1), Unit(start, end, heading=heading)
        position = end
    yield from ((0, u) for u in paragraphs(text, position, len(text)))


def _titles(text: str) -> Iterator[tuple[int, int, str, tuple[str, bool]]]:
    """Start, end, words and style of each title."""
    over = title = None
    for start, end in lines(text):
        line = text[start:end]
        mark = _ADORNMENT.match(line)
        if mark and title is not None:
            words = text[title[0] : title[1]].strip("\ufeff\r\n\t ")
            lined = over is not None and text[over[0]] == line[0]
            if len(line.strip()) >= min(len(words), 4):
                begin = over[0] if over is not None and lined else title[0]
                yield begin, end, short(words), (line[0], lined)
            over = title = None
        elif mark:
            over, title = (start, end), None
        elif line.strip() and ((over is not None and title is None) or not line[0].isspace()):
            over = over if title is None else None
            title = (start, end)
        else:
            over = title = None
