"""The units that are kept or dropped: rows of each passage, cut where text is protected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attar.context.kinds import Row, append, divide
from attar.context.protect import Range
from attar.context.view import View

# Longer "sentences" are tables, code or text without marks. A sentence of prose rarely has
# more than 200 words.
LONGEST_UNIT = 1200
SHORTEST_LIMIT = 160


@dataclass(frozen=True, slots=True)
class Units:
    """Stretches of a view's text, in order; between them there is only white space.

    Args:
        start: (n,) where each begins, in characters of the view's text.
        end: (n,) where each ends.
        paragraph: (n,) number of its paragraph.
        protected: (n,) whether it must be kept: as asked for, or as its kind has it.
        head: (n,) its heading's number, or -1; a heading comes along where that costs little.
        needs: (n,) the unit without which it cannot be kept, or -1.
        bound: (n,) whether it is kept only where another needs it.
        atomic: (n,) whether it is never kept in part.
        prior: (n,) how much it is wanted whatever is asked: by its kind and by its passage.
        ruled: (n,) whether it is protected because its kind has it so.
        apart: (n,) whether its place in its paragraph says nothing.
        code: (n,) whether it is a part of a program.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    paragraph: NDArray[np.int64]
    protected: NDArray[np.bool_]
    head: NDArray[np.int64]
    needs: NDArray[np.int64]
    bound: NDArray[np.bool_]
    atomic: NDArray[np.bool_]
    prior: NDArray[np.float64]
    ruled: NDArray[np.bool_]
    apart: NDArray[np.bool_]
    code: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.start)

    def completed(self, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """What is protected, and what the kept units need, added."""
        kept = kept | self.protected
        new = np.flatnonzero(kept)
        while len(new):
            needed = np.unique(self.needs[new])
            new = needed[(needed >= 0) & ~kept[needed]]
            kept[new] = True
        return kept

    def standing(self, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Units that have lost what they need taken out, and what nobody needs any more."""
        kept = kept | self.protected
        tied = np.flatnonzero((self.needs >= 0) & ~self.protected)
        while len(fallen := tied[kept[tied] & ~kept[self.needs[tied]]]):
            kept[fallen] = False
        return self.completed(kept & ~self.bound)


def split(view: View, longest: int = LONGEST_UNIT, plain: bool = False) -> Units:
    """Cut the text of a view into units; protected text makes units of its own.

    Args:
        view: what to cut.
        longest: the most characters of a unit that is not protected. A sentence that is longer
            is cut after a comma or the like, else between words, else between graphemes.
        plain: read everything as prose, whatever its kind.
    """
    longest = min(max(longest, SHORTEST_LIMIT), LONGEST_UNIT)
    rows: list[Row] = []
    table, header = -1, -1
    for start, end, kind, number in view.blocks():
        text = view.text[start:end]
        if number < 0 or plain or not text.strip():
            append(rows, divide(text, "prose" if plain else kind, longest), start)
        elif number == table:
            append(rows, [Row(*_bare(text), group=0, atomic=True)], start, needs=header)
        else:
            table, header = number, len(rows)
            append(rows, [Row(*_bare(text), group=0, atomic=True)], start)
    parts = list(_protect(view.text, rows, view.protected))
    first: dict[int, int] = {}
    for number, (start, end, row, _) in enumerate(parts):
        if row >= 0 and start < rows[row].end and rows[row].start < end:
            first.setdefault(row, number)
    of = [rows[row] if row >= 0 else Row(0, 0, -1) for _, _, row, _ in parts]
    begins = np.array([p[0] for p in parts], dtype=np.int64)
    wanted = np.array([p.prior for p in view.passages], dtype=np.float64)
    return Units(
        start=begins,
        end=np.array([p[1] for p in parts], dtype=np.int64),
        paragraph=np.array([row.group for row in of], dtype=np.int64),
        protected=np.array(
            [p[3] or row.keep for p, row in zip(parts, of, strict=True)], dtype=np.bool_
        ),
        head=np.array([first.get(row.head, -1) for row in of], dtype=np.int64),
        needs=np.array([first.get(row.needs, -1) for row in of], dtype=np.int64),
        bound=np.array([row.bound for row in of], dtype=np.bool_),
        atomic=np.array([row.atomic for row in of], dtype=np.bool_),
        prior=np.array([row.prior for row in of]) + wanted[view.passage_of(begins)],
        ruled=np.array([row.keep for row in of], dtype=np.bool_),
        apart=np.array([row.apart for row in of], dtype=np.bool_),
        code=np.array([row.code for row in of], dtype=np.bool_),
    )


def _bare(text: str) -> Range:
    """Where the text begins and ends without the white space around it."""
    return len(text) - len(text.lstrip()), len(text.rstrip())


def _protect(
    text: str, rows: list[Row], protected: tuple[Range, ...]
) -> Iterator[tuple[int, int, int, bool]]:
    """Take protected ranges out of the rows that they touch; each becomes one unit.

    A row that is never kept in part is protected as a whole.

    Yields:
        Start, end, the row (-1 if there is none), and whether it is protected.
    """
    touched, protected = _whole(rows, protected)
    i = done = 0
    last = -1
    for last, row in enumerate(rows):
        start, end = max(row.start, done), row.end
        while i < len(protected) and protected[i][0] < end:
            a, done = protected[i]
            if start < a:
                yield from _stripped(text, start, a, last)
            yield a, done, last, True
            start = max(start, done)
            i += 1
        if row.atomic:
            yield row.start, end, last, last in touched
        elif start < end:
            yield from _stripped(text, start, end, last)
    for a, b in protected[i:]:
        yield a, b, last, True


def _whole(rows: list[Row], protected: tuple[Range, ...]) -> tuple[set[int], tuple[Range, ...]]:
    """Which atomic rows protected ranges touch, and what of the ranges lies outside of them."""
    touched: set[int] = set()
    if not protected or not any(row.atomic for row in rows):
        return touched, protected
    outside: list[Range] = []
    at = 0
    for a, b in protected:
        while at < len(rows) and rows[at].end <= a:
            at += 1
        for number in range(at, len(rows)):
            row = rows[number]
            if row.start >= b:
                break
            if row.atomic:
                touched.add(number)
                outside.append((a, min(b, row.start)))
                a = max(a, row.end)
        outside.append((a, b))
    return touched, tuple((a, b) for a, b in outside if a < b)


def _stripped(text: str, start: int, end: int, row: int) -> Iterator[tuple[int, int, int, bool]]:
    while start < end and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace() and text[start] not in " \t":
        start += 1
    if start < end and not text[start:end].isspace():
        yield start, end, row, False
