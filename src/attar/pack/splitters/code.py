"""Source code of any language, by the indentation that its author gave it.

A line and the deeper lines under it belong together; a closing bracket belongs to what it closes;
comments and decorators belong to what they stand above. Definitions are sections, headed by their
first line. For Python this is the structure of its classes and functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from attar.pack.splitters.unit import Unit, lines, short

_CLOSES = re.compile(
    r"[)\]}]|\{\s*$|(?:end|else|elif|elsif|except|finally|catch|rescue|ensure|fi|done|esac)\b"
)
_ABOVE = re.compile(r"@|#|//|/?\*|--|;|\"\"\"|'''")
_DEFINES = re.compile(
    r"\b(?:class|def|func|fn|fun|function|struct|interface|impl|trait|enum|module|namespace|sub"
    r"|proc|object|protocol|extension|union|contract)\b|\w\s*\([^;=]*\)[^;=]*$"
)
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    indent: int
    words: str


def split_code(text: str) -> Unit:
    """Divide source code into definitions and statements."""
    rows = []
    for start, end in lines(text):
        line = text[start:end]
        words = line.strip("\ufeff\r\n\t\f ")
        space = line[: len(line) - len(line.lstrip())].expandtabs(8)
        rows.append(_Line(start, end, len(space), words))
    return Unit(0, len(text), children=tuple(_units(rows, 0)), by="lines")


def _units(rows: Sequence[_Line], depth: int) -> Iterator[Unit]:
    """Units of a run of lines: statements that no blank line parts are one unit."""
    group: list[Unit] = []
    for item in _statements(rows):
        last = max(i for i, row in enumerate(item) if row.words)
        group.append(_unit(item[: last + 1], depth))
        if last + 1 < len(item):  # a blank line follows
            yield _together(group)
            group = []
    if group:
        yield _together(group)


def _together(group: list[Unit]) -> Unit:
    if len(group) == 1:
        return group[0]
    return Unit(group[0].start, group[-1].end, children=tuple(group))


def _statements(rows: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Each line of least indentation with the deeper and blank lines that follow it."""
    level = min((row.indent for row in rows if row.words), default=0)
    item: list[_Line] = []
    above = True  # the item so far is only what stands above a statement
    for row in rows:
        if not item and not row.words:
            continue
        begins = row.words and row.indent <= level and not _CLOSES.match(row.words)
        parted = bool(item) and not item[-1].words
        if begins and item and (parted or not above):
            yield item
            item, above = [], True
        if begins:
            above = above and bool(_ABOVE.match(row.words))
        item.append(row)
    if any(row.words for row in item):
        yield item


def _unit(item: Sequence[_Line], depth: int) -> Unit:
    """One statement; if it has a body, a definition becomes a section of its own."""
    start, end = item[0].start, item[-1].end
    head = next((i for i, row in enumerate(item) if not _ABOVE.match(row.words)), 0)
    level = item[head].indent
    body = next((i for i in range(head + 1, len(item)) if item[i].indent > level), None)
    if body is None or depth >= _DEEPEST:
        return Unit(start, end, by="lines")
    stop = len(item)
    while stop > body and (item[stop - 1].indent <= level or not item[stop - 1].words):
        stop -= 1
    inner = list(_units(item[body:stop], depth + 1))
    parts = [Unit(start, item[body - 1].end, by="lines"), *inner]
    if stop < len(item):
        parts.append(Unit(item[stop].start, end, by="lines"))
    words = item[head].words
    heading = short(words.rstrip(" :{(")) if _DEFINES.search(words) else ""
    return Unit(start, end, heading, tuple(parts), by="lines")
