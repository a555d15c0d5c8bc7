"""What of an HTML passage is markup and not text."""

from __future__ import annotations

import re
from typing import NamedTuple

_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<raw>script|style|template|head)\b.*?(?:</(?P=raw)\s*>|\Z)"
    r"|</?(?P<name>[a-zA-Z][^\s/>]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>"
    r"|<[!?][^>]*>",
    re.DOTALL | re.IGNORECASE,
)
# Phrasing content of the HTML standard: these do not end a line of text.
_INLINE_TAGS = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp"
    " small span strike strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_INLINE_TAGS.split())
_TABLE = re.compile(r"<table\b(?:(?!<table\b).)*?</table\s*>", re.DOTALL | re.IGNORECASE)
_HEADER_CELL = re.compile(r"<th\b", re.IGNORECASE)


class Markup(NamedTuple):
    """A stretch of tags, comments, scripts or style sheets.

    Args:
        start: where it begins.
        end: where it ends.
        gap: what stands in its place: a line break, a tab between the cells of a table, a space
            within a cell, or nothing; a stretch of several tags has the first of these.
        table: number of the table in whose row the text behind it stands, or -1.
    """

    start: int
    end: int
    gap: str
    table: int = -1


# The first that any of several tags asks for stands in the place of all of them.
GAPS = ("\n", "\t", " ", "")


def markup(text: str) -> list[Markup]:
    """What of an HTML text is markup, in order.

    Character references ("&amp;") are text and stay as they are written. A table with header
    cells and no table within becomes lines: a row a line, with tabs between its cells.
    """
    tables = [m.span() for m in _TABLE.finditer(text) if _HEADER_CELL.search(m[0])]
    found: list[Markup] = []
    at = 0
    row = -1
    for match in _HIDDEN.finditer(text):
        name = (match["name"] or "").lower()
        while at < len(tables) and tables[at][1] <= match.start():
            at += 1
        inside = at < len(tables) and tables[at][0] <= match.start()
        if not inside:
            gap = "" if name in _INLINE else "\n"
            found.append(Markup(match.start(), match.end(), gap))
            continue
        last = found[-1].end if found else 0
        start = last if last >= tables[at][0] and not text[last : match.start()].strip() else -1
        opens = match[0][1] != "/"
        if name == "tr":
            row = at
        elif name in ("table", "caption"):
            row = -1
        gap = _gap_in_table(name, opens)
        found.append(Markup(start if start >= 0 else match.start(), match.end(), gap, row))
    return found


def _gap_in_table(name: str, opens: bool) -> str:
    if name in ("td", "th"):
        return "\t" if opens else ""
    if name in ("table", "tr", "caption", "thead", "tbody", "tfoot"):
        return "\n"
    return "" if name in _INLINE else " "
