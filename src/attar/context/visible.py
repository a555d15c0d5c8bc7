"""What a reader sees of a passage: no protection marks and, in HTML, no markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attar.context.markup import GAPS, Markup, markup
from attar.context.protect import Range
from attar.context.span import Passage


def visible(passage: Passage, marks: Sequence[Range], kept: Sequence[Range]) -> Iterator[Markup]:
    """Stretches of a passage that a reader sees, each with the gap and the table before it."""
    hidden = [Markup(start, end, "") for start, end in marks]
    if passage.kind == "html":
        hidden += [
            tags
            for tags in markup(passage.text)
            if not any(a < tags.end and tags.start < b for a, b in kept)
        ]
        hidden.sort()
    at = 0
    gap, table = "", -1
    for start, end, wanted, now in hidden:
        if start > at:
            yield Markup(at, start, gap, table)
            gap = ""
        gap = min(gap, wanted, key=GAPS.index)
        table = now
        at = max(at, end)
    if at < len(passage.text):
        yield Markup(at, len(passage.text), gap, table)
