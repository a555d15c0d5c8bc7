"""The units that are kept or dropped: sentences, cut where they are too long or protected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attar.context.graphemes import cluster_ends
from attar.context.protect import Range
from attar.context.sentences import sentences
from attar.context.view import View

# Longer "sentences" are tables, code or text without marks. A sentence of prose rarely has
# more than 200 words.
LONGEST_UNIT = 1200
SHORTEST_LIMIT = 160
_PARAGRAPH = re.compile(r"(?:[^\S\n]*\n){2,}|(?:[^\S\r]*\r){2,}")
_SPACE = re.compile(r"\s+")
_CLAUSE = re.compile(r"(?<=[,;:—–])\s+")


@dataclass(frozen=True, slots=True)
class Units:
    """Stretches of a view's text, in order; between them there is only white space.

    Args:
        start: (n,) where each begins, in characters of the view's text.
        end: (n,) where each ends.
        paragraph: (n,) number of its paragraph.
        protected: (n,) whether it must be kept.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    paragraph: NDArray[np.int64]
    protected: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.start)


def split(view: View, longest: int = LONGEST_UNIT) -> Units:
    """Cut the text of a view into units; protected text makes units of its own.

    Args:
        view: what to cut.
        longest: the most characters of a unit that is not protected. A sentence that is longer
            is cut after a comma or the like, else between words, else between graphemes.
    """
    longest = min(max(longest, SHORTEST_LIMIT), LONGEST_UNIT)
    rows: list[tuple[int, int, int, bool]] = []
    for paragraph, (start, end) in enumerate(_paragraphs(view)):
        for a, b in sentences(view.text[start:end]):
            first = _indented(view.text, start, start + a)
            for c, d in _shorter(view.text, first, start + b, longest):
                rows.append((c, d, paragraph, False))
    rows = list(_protect(view.text, rows, view.protected))
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    return Units(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64),
        np.array(columns[2], dtype=np.int64),
        np.array(columns[3], dtype=np.bool_),
    )


def _paragraphs(view: View) -> Iterator[Range]:
    for start, end in view.blocks():
        at = start
        for match in _PARAGRAPH.finditer(view.text, start, end):
            if view.text[at : match.start()].strip():
                yield at, match.start()
                at = match.end()
        if view.text[at:end].strip():
            yield at, end


def _indented(text: str, low: int, start: int) -> int:
    """Where the line's indentation begins if only that stands before `start`."""
    at = start
    while at > low and start - at < 80 and text[at - 1] in " \t":
        at -= 1
    return at if at == low or text[at - 1] in "\r\n" else start


def _shorter(text: str, start: int, end: int, longest: int) -> Iterator[Range]:
    """Cut a long stretch at the last good place in each window of `longest` characters."""
    while end - start > longest:
        window = text[start : start + longest]
        gaps = list(_CLAUSE.finditer(window, longest // 3)) or list(
            _SPACE.finditer(window, longest // 2)
        )
        inner = [m for m in gaps if m.end() < longest]
        if inner:
            cut, after = start + inner[-1].start(), start + inner[-1].end()
        else:  # look a little further than the window, so that no cluster is cut at its edge
            ends = cluster_ends(text[start : min(end, start + longest + 32)])
            fitting = [e for e in ends[:-1] if e <= longest]
            cut = after = start + (fitting[-1] if fitting else ends[-1])
        yield start, cut
        start = after
    if start < end:
        yield start, end


def _protect(
    text: str, rows: list[tuple[int, int, int, bool]], protected: tuple[Range, ...]
) -> Iterator[tuple[int, int, int, bool]]:
    """Take protected ranges out of the units that they touch; each becomes one unit."""
    i = last = done = 0
    for start, end, paragraph, _ in rows:
        last = paragraph
        start = max(start, done)
        while i < len(protected) and protected[i][0] < end:
            a, done = protected[i]
            if start < a:
                yield from _stripped(text, start, a, paragraph)
            yield a, done, paragraph, True
            start = max(start, done)
            i += 1
        if start < end:
            yield from _stripped(text, start, end, paragraph)
    for a, b in protected[i:]:
        yield a, b, last, True


def _stripped(
    text: str, start: int, end: int, paragraph: int
) -> Iterator[tuple[int, int, int, bool]]:
    while start < end and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace() and text[start] not in " \t":
        start += 1
    if start < end and not text[start:end].isspace():
        yield start, end, paragraph, False
