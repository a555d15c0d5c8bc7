"""Which kind a text is of, and its rows."""

from __future__ import annotations

from dataclasses import replace

from attar.context.kinds import (
    chat,
    delimited,
    diff,
    document,
    grammars,
    json_lines,
    json_text,
    lines,
    log,
    prose,
    python_code,
    tree_code,
)
from attar.context.kinds.row import Row

# A fence in a fence in a fence is read as lines.
_DEEPEST = 2


def divide(text: str, kind: str, longest: int, depth: int = 0) -> list[Row]:
    """Cut a text into rows in the way of its kind.

    Args:
        text: what to cut.
        kind: as the passage says: "prose" (nothing but sentences), "text" (looked at), "json",
            "csv", "log", "chat", "code" or "code:" and a language, ...; what is not of the kind
            that it is said to be is read as a "text" of unknown structure is: prose in which code,
            tables, diffs and tracebacks may stand.
        longest: the most characters of a row of prose.
        depth: how many fences and turns this stands in.
    """
    if kind == "prose":
        return prose.divide(text, longest)
    kind, _, language = (recognised(text) if kind == "text" else kind).partition(":")
    found = _structured(text, kind, language, longest, depth)
    if found is not None:
        return found
    if depth >= _DEEPEST:
        return prose.divide(text, longest)
    return document.divide(text, longest, lambda a, b: _fenced(a, b, longest, depth + 1))


def recognised(text: str) -> str:
    """The kind of a text that is all of one kind; "markdown" if it seems to be of none."""
    if json_text.recognises(text):
        return "json"
    if json_lines.recognises(text):
        return "jsonl"
    if python_code.recognises(text):
        return "code"
    if chat.recognises(text):
        return "chat"
    if language := grammars.guess(text):
        return f"code:{language}"
    if log.recognises(text):
        return "log"
    if delimited.recognises(text):
        return "csv"
    return "markdown"


def _structured(text: str, kind: str, language: str, longest: int, depth: int) -> list[Row] | None:
    """Rows in the way of one kind; None if it has none, or the text is not of it."""
    if kind == "json" and json_text.recognises(text):
        return json_text.divide(text, longest)
    if kind in ("json", "jsonl") and json_lines.recognises(text):
        return json_lines.divide(text, longest)
    if kind == "code":
        return _code(text, language)
    if kind == "chat" and not depth:
        return chat.divide(text, lambda said: divide(said, "markdown", longest, depth + 1))
    if kind == "log":
        return log.divide(text)
    if kind in ("csv", "tsv", "table"):
        return delimited.divide(text)
    return None


def _code(text: str, language: str) -> list[Row]:
    """By Python's own parser, by a grammar, or by lines where neither reads it."""
    python = language in ("", "python") and python_code.parses(text)
    rows = python_code.divide(text) if python else tree_code.divide(text, language)
    return [replace(row, code=True) for row in rows or lines.divide(text)]


def _fenced(text: str, language: str, longest: int, depth: int) -> list[Row]:
    """What stands in a fence; lines, if it is of no kind that is known."""
    kind = _FENCES.get(language, f"code:{language}" if language else recognised(text))
    if kind == "diff" and any(True for _ in diff.find(text)):
        return divide(text, "markdown", longest, _DEEPEST - 1)
    return _structured(text, *kind.partition(":")[::2], longest, depth) or lines.divide(text)


_FENCES = {
    "json": "json",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "py": "code:python",
    "python": "code:python",
    "python3": "code:python",
    "csv": "csv",
    "tsv": "csv",
    "log": "log",
    "diff": "diff",
    "patch": "diff",
}
