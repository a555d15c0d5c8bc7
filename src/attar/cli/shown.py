"""A squeezed text within what it was squeezed from: what was dropped is dim."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from attar.context import Span


def shown(text: str, spans: Iterable[Span]) -> Text:
    """The input with dropped text dimmed and protected text underlined.

    Args:
        text: what was squeezed: one passage that begins at 0 in its source.
        spans: what was kept of it, in order.
    """
    painted = Text()
    at = 0
    for span in spans:
        painted.append(text[at : span.start], style="dim")
        painted.append(text[span.start : span.end], style="underline" if span.protected else "")
        at = span.end
    painted.append(text[at:], style="dim")
    return painted
