"""JSON: whole members and elements, with their commas, so that what is kept is JSON again.

A container is opened and closed by rows of their own. The first element needs the opening, the
others, which begin with their comma, need the first; the opening needs the closing, which is
bound to it, and the closing needs what the container itself needs. A long text is opened and
closed by its quotation marks in the same way, and its sentences need these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple

from attar.context.kinds import prose
from attar.context.kinds.chat import SYSTEM, age_prior
from attar.context.kinds.novelty import New, novelty
from attar.context.kinds.row import Row

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_KEY = re.compile(r',?\s*("(?:[^"\\]|\\.)*")', re.DOTALL)
# An element of so many characters stays whole.
_WHOLE = 200
# What lies deeper stays whole too.
_DEEPEST = 40
_SHORTEST = 24
# A text of so many characters is divided into sentences.
_LONG_TEXT = 300
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_WHITE = {"n": " \n", "r": " \r", "t": " \t"}
_JOINED = "\ufe0f"  # a mark that no cut is made before
_MESSAGE = frozenset(("role", "content"))
# Standard deviations: far above whatever else is wanted.
_FIRST_OF_ALL = 50.0


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


def divide(text: str, longest: int = 1200) -> list[Row]:
    """Rows of a text that `recognises` accepts; no sentence is longer than `longest`."""
    divider = _Divider(text, longest)
    divider.value(_read(text), _Place(needs=-1, group=0, depth=0))
    return divider.rows


def record(text: str, longest: int, new: New) -> list[Row]:
    """Rows of one line of JSON Lines: like those of an element of an array."""
    divider = _Divider(text, longest)
    divider.value(_read(text), _Place(needs=-1, group=0, depth=1, new=new, element=True))
    return divider.rows


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


class _Place(NamedTuple):
    """Where a value stands.

    Args:
        needs: the row that it needs.
        group: its paragraph.
        depth: how many containers it is in.
        new: how much what holds it is wanted, and which of its members.
        element: whether it is one of an array.
        role: whether it says who speaks in a chat.
    """

    needs: int
    group: int
    depth: int
    new: New = New(0.0)
    element: bool = False
    role: bool = False


class _Divider:
    """Emits the rows of a value in the order of the text."""

    def __init__(self, text: str, longest: int) -> None:
        self.rows: list[Row] = []
        self._text = text
        self._longest = longest

    def value(self, node: _Node, at: _Place, message: bool = False) -> int:
        """Rows of a value; returns the row whose presence means that the value is there."""
        first = len(self.rows)
        nested = at.depth > 0
        whole = node.end - node.lead <= _WHOLE or at.depth >= _DEEPEST
        if nested and self._text[node.start] == '"' and node.end - node.start > _LONG_TEXT:
            self._sentences(node, at)
        elif not node.parts or (nested and whole):
            self._add(node.lead, node.end, at, needs=at.needs, bound=at.role)
        else:
            # An element in which nothing is kept says nothing.
            self._add(node.lead, node.start + 1, at, bound=at.element)
            self._parts(node, at, first, message)
            self._add(node.end - 1, node.end, at, needs=at.needs, bound=True)
            self.rows[first] = replace(self.rows[first], needs=len(self.rows) - 1)
        return first

    def _parts(self, node: _Node, at: _Place, opening: int, message: bool) -> None:
        values = list(_values(self._text, node)) if node.array else []
        chat = _is_chat(values)
        if chat:
            news = [New(at.new.wanted + wanted) for wanted in _of_chat(values)]
        elif node.array:
            found = novelty(values, [part.end - part.lead for part in node.parts])
            news = [New(at.new.wanted + new.wanted, new.fields) for new in found]
        else:
            news = [New(self._wanted(part, at.new)) for part in node.parts]
        before = opening
        for number, (part, new) in enumerate(zip(node.parts, news, strict=True)):
            place = _Place(
                needs=before,
                group=self.rows[-1].group + 1 if node.array or at.depth == 0 else at.group,
                depth=at.depth + 1,
                new=new,
                element=node.array,
                role=message and number == 0,
            )
            there = self.value(part, place, chat)
            before = there if number == 0 else before

    def _wanted(self, member: _Node, new: New) -> float:
        """How much one member of a record is wanted."""
        key = _KEY.match(self._text, member.lead)
        common = new.fields and key and json.loads(key[1]) not in new.fields
        return new.rest if common else new.wanted

    def _sentences(self, node: _Node, at: _Place) -> None:
        """Rows of a long text: its quotation marks, with key and comma, and its sentences."""
        opening = len(self.rows)
        start, end = node.start + 1, node.end - 1
        found = prose.divide(_ESCAPE.sub(_plain, self._text[start:end]), self._longest)
        self._add(node.lead, start, at, needs=opening + len(found) + 1, bound=True)
        # Escaped line breaks are no white space: they belong to the row before, or to the first.
        edges = [0, *(row.start for row in found[1:]), end - start]
        for row, (a, b) in zip(found, pairwise(edges), strict=True):
            piece = self._text[start + a : start + b]
            a += len(piece) - len(piece.lstrip())
            inner = at._replace(group=at.group + row.group)
            self._add(start + a, start + a + len(piece.strip()), inner, needs=opening)
        self._add(end, node.end, at, needs=at.needs, bound=True)

    def _add(self, start: int, end: int, at: _Place, needs: int = -1, bound: bool = False) -> None:
        self.rows.append(
            Row(
                start,
                end,
                at.group,
                needs=needs,
                bound=bound,
                atomic=True,
                prior=at.new.wanted,
                apart=True,
            )
        )


def _plain(match: re.Match[str]) -> str:
    """White space for escaped white space, as long as the escape; a letter for all else."""
    mark = match[0][1]
    return _WHITE.get(mark, ('"' if mark == '"' else "x") + _JOINED * (len(match[0]) - 1))


def _is_chat(values: Sequence[object]) -> bool:
    return len(values) > 1 and all(isinstance(v, dict) and v.keys() >= _MESSAGE for v in values)


def _of_chat(messages: Sequence[Any]) -> list[float]:
    """How much each message is wanted: the system's and the last one most, then by age."""
    last = len(messages) - 1
    return [
        _FIRST_OF_ALL if i == last or message["role"] in SYSTEM else age_prior(last - i)
        for i, message in enumerate(messages)
    ]


def _values(text: str, node: _Node) -> Iterator[object]:
    for part in node.parts:
        yield json.loads(text[part.start : part.end])
