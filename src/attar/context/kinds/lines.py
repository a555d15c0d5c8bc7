"""Lines of a text and where they stand: what every format that is made of lines is read by."""

from __future__ import annotations

import re
from typing import NamedTuple

from attar.context.kinds.row import Row

_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")


class Line(NamedTuple):
    """One line without its line break."""

    start: int
    end: int
    text: str


def lines_of(text: str) -> list[Line]:
    """All lines of a text, the empty ones too; nothing stands behind the last line break."""
    found = [Line(m.start(1), m.end(1), m[1]) for m in _LINE.finditer(text)]
    return found[:-1] if found and not found[-1].text else found


def divide(text: str) -> list[Row]:
    """A row for each line that is not blank; blank lines divide paragraphs."""
    rows: list[Row] = []
    group = 0
    for line in lines_of(text):
        if line.text.strip():
            rows.append(Row(line.start, line.end, group))
        elif rows:
            group = rows[-1].group + 1
    return rows
