"""Tables as text: one unit a row, and the names of the columns as the heading of all."""

from __future__ import annotations

import re

from attar.pack.splitters.unit import Unit, short

# A quoted field may hold line ends (RFC 4180); a quote elsewhere is only a quote.
_ROW = re.compile(r'(?:(?<![^,;\t|\r\n])"(?:[^"]|"")*+"|[^\r\n])*+(?:\r\n|\r|\n|\Z)')
_NUMBER = re.compile(r"[-+]?[\d.,]+%?\Z")


def split_rows(text: str) -> Unit:
    """Divide comma- or tab-separated values into rows."""
    spans = []
    start = int(text.startswith("\ufeff"))
    while start < len(text):
        match = _ROW.match(text, start)
        end = match.end() if match else len(text)
        spans.append((start, max(end, start + 1)))
        start = spans[-1][1]
    rows = tuple(Unit(a, b, by="words") for a, b in spans if not text[a:b].isspace())
    heading = _header(text[rows[0].start : rows[0].end]) if rows else ""
    table = Unit(0, len(text), heading=heading, children=rows)
    return Unit(0, len(text), children=(table,))


def _header(row: str) -> str:
    """The first row, if it reads like names of columns: every field filled, none a number."""
    cells = [cell.strip(' "') for cell in re.split(r"[,;\t|]", row.strip())]
    if len(cells) < 2 or any(not c or _NUMBER.match(c) for c in cells):
        return ""
    return short(row)
