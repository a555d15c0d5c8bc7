"""What stands between two kept stretches of a text: white space that was between them."""

from __future__ import annotations

import re

LONGEST_GAP = 16
"""White space between two kept stretches is kept as it is up to this length: a line break and an
indentation, not a page of blanks."""

_NEWLINE = r"(?>\r\n|\n|\r)"
_BLANK_LINE = re.compile(rf"({_NEWLINE})[^\S\r\n]*({_NEWLINE})")
_LINE_BREAK = re.compile(_NEWLINE)
_WHITE = re.compile(r"\s")


def joiner(text: str, start: int, end: int) -> str:
    """What stands between two kept stretches when `text[start:end]` between them is not kept.

    White space of up to 16 characters is kept as it is. Otherwise it is a blank line where
    the gap holds one or where passages meet, a line break where the gap holds one, the gap's
    first white-space character where it holds one, and nothing where it holds none, or
    before a comma. It is thus always a subsequence of the gap.
    """
    if kept_between(text, start, end):
        return text[start:end]
    follows = text[end : end + 1]
    if follows == ",":
        return ""
    blank = _BLANK_LINE.search(text, start, end)
    if blank:
        return blank[1][-1] + blank[2][-1]
    found = _LINE_BREAK.search(text, start, end) or _WHITE.search(text, start, end)
    # Between brackets, a space that is not ASCII is no white space to JSON.
    fits = found and (follows not in ("]", "}") or found[0].isascii())
    return found[0][-1] if found and fits else ""


def kept_between(text: str, start: int, end: int) -> bool:
    """Whether the gap between two kept stretches is kept as it is: short white space."""
    return end - start <= LONGEST_GAP and text[start:end].strip() == ""
