"""Text of several kinds: fenced code, tables, diffs and tracebacks among the prose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from attar.context.kinds import diff, pipe_table, prose, traceback
from attar.context.kinds.row import Row, append

Inside: TypeAlias = Callable[[str, str], list[Row]]

_FENCE = re.compile(r"^([^\S\r\n]*)(`{3,}|~{3,})([^\r\n`]*)(?:\r\n|\n|\r)", re.MULTILINE)
_LANGUAGE = re.compile(r"\w[\w+#-]*")
_FINDERS = {"table": pipe_table.find, "diff": diff.find, "traceback": traceback.find}
_DIVIDERS = {"table": pipe_table.divide, "diff": diff.divide, "traceback": traceback.divide}


class _Stretch(NamedTuple):
    """A part of a text that is not prose."""

    start: int
    end: int
    kind: str


class _Fence(NamedTuple):
    """Where a fence's first line ends, and where its last one begins and ends."""

    start: int
    body: int
    close: int
    end: int
    language: str


def divide(text: str, longest: int, inside: Inside) -> list[Row]:
    """Rows of prose, and of what stands in it, each in its own way.

    Args:
        text: what to cut.
        longest: the most characters of a row of prose.
        inside: divides what stands in a fence of a given language.
    """
    rows: list[Row] = []
    at = 0
    head = -1

    def plain(stop: int) -> None:
        nonlocal head
        before = len(rows)
        append(rows, prose.divide(text[at:stop], longest), at, head=head)
        titles = {at + start for start, _ in prose.headings(text[at:stop])}
        head = max((i for i in range(before, len(rows)) if rows[i].start in titles), default=head)
        for number in range(before, len(rows)):  # a heading stands under no other
            if rows[number].start in titles:
                rows[number] = _without_head(rows[number])

    for fence in (*_fences(text), None):
        stop = fence.start if fence else len(text)
        for stretch in _stretches(text, at, stop):
            plain(stretch.start)
            found = _DIVIDERS[stretch.kind](text[stretch.start : stretch.end])
            append(rows, found, stretch.start, head=head)
            at = stretch.end
        plain(stop)
        if fence:
            _fenced(rows, text, fence, head, inside)
            at = fence.end
    return rows


def _without_head(row: Row) -> Row:
    return replace(row, head=-1)


def _fenced(rows: list[Row], text: str, fence: _Fence, head: int, inside: Inside) -> None:
    """The lines of a fence are kept where anything inside of it is."""
    opening = len(rows)
    body = inside(text[fence.body : fence.close], fence.language)
    first = text[fence.start : fence.body].rstrip()
    last = text[fence.close : fence.end]
    closing = opening + 1 + len(body)
    shut = bool(last.strip())
    append(rows, [Row(0, len(first), 0, needs=closing - opening if shut else -1, bound=True)],
           fence.start)  # fmt: skip
    append(rows, body, fence.body, needs=opening, head=head)
    if shut:
        bare = len(last) - len(last.lstrip("\r\n"))
        append(rows, [Row(bare, len(last.rstrip()), 0, bound=True)], fence.close)


def _fences(text: str) -> Iterator[_Fence]:
    """Fences as in CommonMark: closed by as many of the same marks, or by the end of the text."""
    at = 0
    while match := _FENCE.search(text, at):
        mark = re.escape(match[2][0])
        closing = re.compile(
            rf"^[^\S\r\n]*{mark}{{{len(match[2])},}}[^\S\r\n]*$(?:\r\n|\n|\r)?", re.MULTILINE
        )
        shut = closing.search(text, match.end())
        language = _LANGUAGE.match(match[3].strip())
        close, end = shut.span() if shut else (len(text), len(text))
        yield _Fence(
            match.start(), match.end(), close, end, language[0].lower() if language else ""
        )
        at = end


def _stretches(text: str, start: int, stop: int) -> list[_Stretch]:
    """Stretches between two places, in order, none within another."""
    part = text[start:stop]
    found = sorted(
        _Stretch(start + a, start + b, kind)
        for kind, find in _FINDERS.items()
        for a, b in find(part)
    )
    apart: list[_Stretch] = []
    for stretch in found:
        if not apart or stretch.start >= apart[-1].end:
            apart.append(stretch)
    return apart
