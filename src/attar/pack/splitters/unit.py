"""The units of a text as a tree: sections hold blocks, blocks hold sentences or lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from attar.segmentation.sentences import sentences

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_LONGEST_HEADING = 120


class Unit(NamedTuple):
    """A stretch of text that its author set apart.

    A tuple, for there are as many as paragraphs, and a dataclass takes four times as long to make.

    Args:
        start: where it begins, in characters.
        end: where it ends.
        heading: what it is called, if it is a section; it begins with that heading.
        children: the units it is made of, in order; between them is only white space.
        by: how a unit without children is divided when it is too long.
    """

    start: int
    end: int
    heading: str = ""
    children: tuple[Unit, ...] = ()
    by: Literal["sentences", "lines", "words"] = "sentences"


def lines(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Spans of the lines of `text[start:end]`, line ends included; CR, LF and CRLF end a line."""
    end = len(text) if end is None else end
    while start < end:
        match = _LINE.match(text, start, end)
        stop = match.end() if match else end
        yield start, stop
        start = stop


def divided(text: str, unit: Unit) -> Iterator[Unit]:
    """The sentences or lines of a unit that has no children."""
    if unit.by == "lines":
        spans = lines(text, unit.start, unit.end)
    else:
        passage = text[unit.start : unit.end]
        spans = ((unit.start + a, unit.start + b) for a, b in sentences(passage))
    for start, end in spans:
        yield Unit(start, end, by="words")


def filled(text: str, units: Iterable[Unit], start: int, end: int) -> Iterator[Unit]:
    """The units, and one more for each stretch of text that lies between them."""
    for unit in units:
        if text[start : unit.start].strip():
            yield Unit(start, unit.start)
        yield unit
        start = unit.end
    if text[start:end].strip():
        yield Unit(start, end)


def short(heading: str) -> str:
    """A heading on one line, cut at a word if it is very long."""
    heading = " ".join(heading.split())
    if len(heading) <= _LONGEST_HEADING:
        return heading
    return heading[:_LONGEST_HEADING].rsplit(" ", 1)[0] + " …"


def nest(blocks: Iterable[tuple[int, Unit]], start: int, end: int) -> Unit:
    """Make a tree of sections from blocks in order.

    Args:
        blocks: pairs of a level and a unit; level 0 is a block of text, and a heading of level n
            opens a section that lasts to the next heading of level n or less.
        start: where the whole begins.
        end: where the whole ends.
    """
    open_sections: list[tuple[int, int, str, list[Unit]]] = [(0, start, "", [])]

    def close(at: int) -> None:
        _, begin, heading, children = open_sections.pop()
        open_sections[-1][3].append(Unit(begin, at, heading, _led(children)))

    for level, unit in blocks:
        if level:
            while open_sections[-1][0] >= level:
                close(unit.start)
            title = unit._replace(heading="")
            open_sections.append((level, unit.start, unit.heading, [title]))
        else:
            open_sections[-1][3].append(unit)
    while len(open_sections) > 1:
        close(end)
    return Unit(start, end, children=tuple(open_sections[0][3]))


def _led(children: list[Unit]) -> tuple[Unit, ...]:
    """Let a heading that has no text of its own begin the first section below it."""
    if len(children) > 1 and children[1].heading:
        return (_begin_at(children[1], children[0].start), *children[2:])
    return tuple(children)


def _begin_at(unit: Unit, start: int) -> Unit:
    first, rest = unit.children[:1], unit.children[1:]
    return unit._replace(start=start, children=(*(_begin_at(u, start) for u in first), *rest))
