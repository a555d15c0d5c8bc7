"""Which kind a text is of, and its rows."""

from __future__ import annotations

from attar.context.kinds import json_text, log, prose, python_code
from attar.context.kinds.row import Row


def divide(text: str, kind: str, longest: int) -> list[Row]:
    """Cut a text into rows in the way of its kind.

    Args:
        text: what to cut.
        kind: as the passage says; a "text" is looked at, and "json" must be JSON.
        longest: the most characters of a row of prose.
    """
    if kind in ("json", "text") and json_text.recognises(text):
        return json_text.divide(text)
    # Of "code" all that parses is Python; a "text" must define or import something besides.
    if (kind == "code" and python_code.parses(text)) or (
        kind == "text" and python_code.recognises(text)
    ):
        return python_code.divide(text) or prose.divide(text, longest)
    if kind == "log" or (kind == "text" and log.recognises(text)):
        return log.divide(text)
    return prose.divide(text, longest)
