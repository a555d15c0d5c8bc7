"""What of an HTML passage is markup and not text."""

from __future__ import annotations

import re

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


def markup(text: str) -> list[tuple[int, int, bool]]:
    """Stretches of tags, comments, scripts and style sheets in `text`.

    Character references ("&amp;") are text and stay as they are written.

    Returns:
        `(start, end, breaks)` in order; `breaks` says that text before and after it does not
        stand on one line.
    """
    return [
        (m.start(), m.end(), m["name"] is None or m["name"].lower() not in _INLINE)
        for m in _HIDDEN.finditer(text)
    ]
