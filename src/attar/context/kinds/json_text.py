"""JSON: whole members and elements, with their commas, so that what is kept is JSON again.

A container is opened and closed by rows of their own. The first element needs the opening, the
others, which begin with their comma, need the first; the opening needs the closing, which is
bound to it, and the closing needs what the container itself needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from attar.context.kinds.novelty import novelty
from attar.context.kinds.row import Row

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
# An element of so many characters stays whole.
_WHOLE = 200
# What lies deeper stays whole too.
_DEEPEST = 40
_SHORTEST = 24


@dataclass(slots=True)
class _Node:
    """A value, and where its key or itself begins; `lead` is where its comma stands."""

    lead: int
    start: int
    end: int = 0
    array: bool = False
    parts: list[_Node] = field(default_factory=list)


def recognises(text: str) -> bool:
    """Whether the text is one JSON object or array."""
    bare = text.strip(" \t\r\n")
    if len(bare) < _SHORTEST or bare[0] + bare[-1] not in ("{}", "[]"):
        return False
    try:
        json.loads(bare)
    except (ValueError, RecursionError):
        return False
    return True


def divide(text: str) -> list[Row]:
    """Rows of a text that `recognises` accepts."""
    rows: list[Row] = []
    _emit(text, _read(text), rows, needs=-1, group=0, depth=0, prior=0.0)
    return rows


def _read(text: str) -> _Node:
    """The tree of containers and values; the text is known to be JSON."""
    root = _Node(0, 0)
    opened: list[_Node] = []
    lead = start = -1  # of the part that is being read: its comma, its key or value
    for match in _TOKEN.finditer(text):
        mark, at, end = match[0], match.start(), match.end()
        if mark == ",":
            lead, start = at, -1
        elif mark == ":":
            opened[-1].parts.pop()  # what was read was the key
        elif mark in "}]":
            opened.pop().end = end
            lead = start = -1
        else:
            start = at if start < 0 else start
            node = _Node(lead if lead >= 0 else start, at, end, mark == "[")
            if opened:
                opened[-1].parts.append(node)
            else:
                root = node
            if mark in "{[":
                opened.append(node)
                lead = start = -1
    return root


def _emit(
    text: str, node: _Node, rows: list[Row], *, needs: int, group: int, depth: int, prior: float
) -> int:
    """Append the rows of a value; returns the row whose presence means that the value is there."""
    first = len(rows)
    whole = node.end - node.lead <= _WHOLE or depth >= _DEEPEST
    if not node.parts or (whole and depth > 0):
        rows.append(Row(node.lead, node.end, group, needs=needs, atomic=True, prior=prior))
        return first
    rows.append(Row(node.lead, node.start + 1, group, needs=-1, atomic=True, prior=prior))
    priors = _priors(text, node)
    before = first
    for number, (part, value) in enumerate(zip(node.parts, priors, strict=True)):
        inner = rows[-1].group + 1 if node.array or depth == 0 else group
        there = _emit(
            text,
            part,
            rows,
            needs=before,
            group=inner,
            depth=depth + 1,
            prior=prior + value,
        )
        before = there if number == 0 else before
    close = len(rows)
    rows.append(Row(node.end - 1, node.end, group, needs=needs, bound=True, atomic=True))
    opening = rows[first]
    rows[first] = Row(opening.start, opening.end, group, needs=close, atomic=True, prior=prior)
    return first


def _priors(text: str, node: _Node) -> list[float]:
    """How much each element of an array is wanted; members of an object are wanted alike."""
    if not node.array:
        return [0.0] * len(node.parts)
    return novelty(list(_values(text, node)))


def _values(text: str, node: _Node) -> Iterator[object]:
    for part in node.parts:
        yield json.loads(text[part.start : part.end])
