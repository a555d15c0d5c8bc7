"""Which kind a text is of, and its rows."""

from __future__ import annotations

from attar.context.kinds import prose
from attar.context.kinds.row import Row


def divide(text: str, kind: str, longest: int) -> list[Row]:
    """Cut a text into rows in the way of its kind.

    Args:
        text: what to cut.
        kind: as the passage says; a "text" is looked at.
        longest: the most characters of a row of prose.
    """
    return prose.divide(text, longest)
