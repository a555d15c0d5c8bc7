"""The scan: the k best rows of many, by small tables first and exactly where that is close."""

from __future__ import annotations

from abc import ABC, abstractmethod
from copy import copy
from typing import Any, Literal, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attar.codec.lines import LINE
from attar.codec.nibbles import Nibbles, shrink
from attar.kernel import kernel
from attar.vectors.passing import lowest, passing, within
from attar.vectors.shuffle import block_sums

Floats = NDArray[np.float32]
Beside: TypeAlias = Literal["nothing", "factor", "term"]
"""What else a row's score hangs on: a factor of its own, a term of its own, or nothing."""

KINDS: tuple[Beside, ...] = ("nothing", "factor", "term")
"""By the number that compiled code knows them by."""

TILE = 8
"""Blocks that all queries pass over before the next: 512 rows stay in the nearest cache."""

NOTHING = np.zeros(0, np.float32)
NO_MASK = np.zeros(0, np.uint64)


class Stretch(NamedTuple):
    """Some ranges of coded rows, and what a pass over them asks for.

    Args:
        lines: (blocks, width, 64).
        first: the number of row 0.
        ranges: (m, 2) where each begins and ends; in ascending order.
        mask: (blocks,) a bit for each row that may be found; empty: all may.
        beside: (64 * blocks,) factors or terms.
        crest: (blocks,) the greatest of each 64 of them.
    """

    lines: NDArray[np.uint8]
    first: int
    ranges: NDArray[np.int64]
    mask: NDArray[np.uint64] = NO_MASK
    beside: Floats = NOTHING
    crest: Floats = NOTHING


class Passing(ABC):
    """Some queries, prepared to pass over blocks of rows, with what they have met.

    Attributes:
        rows: (nq, any) numbers of rows that were met.
        scores: (nq, any) their scores.
        sound: whether all numbers are finite; if not, nothing can be scanned.
    """

    rows: NDArray[np.int64]
    scores: Floats
    sound: bool

    @abstractmethod
    def _forget(self) -> None:
        """Begin with nothing met."""

    @abstractmethod
    def _over(self, chosen: slice, stretch: Stretch) -> None:
        """`offer` for these of the queries."""

    def fork(self) -> Self:
        """The same queries, with nothing met yet: for another thread."""
        other = copy(self)
        other._forget()
        return other

    def offer(self, stretch: Stretch, query: int | None = None) -> None:
        """Pass over some rows with one of the queries; None: with all."""
        self._over(slice(None) if query is None else slice(query, query + 1), stretch)


class Scan(Passing):
    """Some queries, prepared to pass over blocks of rows, with the best rows that they met.

    Every row whose score could be among the best is scored in full, so what is found is what
    a full scan finds.

    Args:
        nibbles: what codes stand for.
        queries: (nq, d) float32, as they come to the codes.
        constant: (nq,) what is added to every row's score.
        k: rows to keep for each.
        beside: what else a row's score hangs on.

    Attributes:
        rows: (nq, k) what was met, in no order; -1: nothing yet.
        scores: (nq, k)
        looked: how many rows were scored in full.
        sound: whether all numbers are finite; if not, nothing can be scanned.
    """

    def __init__(
        self,
        nibbles: Nibbles,
        queries: Floats,
        constant: Floats,
        k: int,
        beside: Beside,
    ) -> None:
        tables = nibbles.tables(queries, rough=True)
        small = shrink(nibbles, queries, tables)
        self._tables = small.tables
        self._step = small.step
        self._top = (small.top + constant + 1e-6 * np.abs(constant)).astype(np.float32)
        # With no code in two nibbles the rough tables are exact.
        self._exact = tables if nibbles.wide is None else nibbles.tables(queries, rough=False)
        self._base = (queries @ nibbles.still + constant).astype(np.float32)
        wide = nibbles.wide
        self._levels = NOTHING if wide is None else wide.levels
        self._starts = np.zeros(0, np.int64) if wide is None else wide.starts
        self._pieces = np.zeros((0, 5), np.int32) if wide is None else wide.pieces
        self._factors = queries[:, wide.dims] if wide is not None else queries[:, :0]
        self._factors = np.ascontiguousarray(self._factors)
        self._beside = KINDS.index(beside)
        self._k = k
        self._forget()
        self.sound = bool(np.isfinite(self._top).all() and np.isfinite(self._exact).all())

    def _forget(self) -> None:
        shape = len(self._tables), self._k
        self.rows = np.full(shape, -1, np.int64)
        self.scores = np.full(shape, -np.inf, np.float32)
        self._held = np.zeros(shape[0], np.int64)
        self.looked = 0

    def _over(self, chosen: slice, stretch: Stretch) -> None:
        self.looked += _pass(
            *stretch, self._beside,
            self._tables[chosen], self._step[chosen], self._top[chosen],
            self._exact[chosen], self._base[chosen], self._factors[chosen], self._levels,
            self._starts, self._pieces, self.rows[chosen], self.scores[chosen], self._held[chosen],
        )  # fmt: skip


def ranked(rows: NDArray[np.int64], scores: Floats, k: int) -> tuple[NDArray[np.int64], Floats]:
    """The best `k` of (nq, any) rows, best first, equal scores by row; those of -inf last."""
    order = np.lexsort((rows, -scores), axis=1)[:, :k]
    query = np.arange(len(rows))[:, None]
    return rows[query, order], scores[query, order]


@kernel(nogil=True, inline="always")
def _worse(score: Any, row: Any, other: Any, number: Any) -> Any:
    return score < other or (score == other and row > number)


@kernel(nogil=True)
def _push(rows: NDArray[np.int64], scores: Floats, held: int, row: int, score: Any) -> int:
    """Put a row into the heap whose root is the worst; how many it holds."""
    k = len(rows)
    if held < k:
        at = held
        while at:
            above = (at - 1) >> 1
            if not _worse(score, row, scores[above], rows[above]):
                break
            rows[at], scores[at] = rows[above], scores[above]
            at = above
        rows[at], scores[at] = row, score
        return held + 1
    if not _worse(scores[0], rows[0], score, row):
        return held
    at = 0
    while True:
        below = 2 * at + 1
        if below >= k:
            break
        if below + 1 < k and _worse(scores[below + 1], rows[below + 1], scores[below], rows[below]):
            below += 1
        if not _worse(scores[below], rows[below], score, row):
            break
        rows[at], scores[at] = rows[below], scores[below]
        at = below
    rows[at], scores[at] = row, score
    return held


@kernel(nogil=True, boundscheck=False)
def _full(
    line: NDArray[np.uint8], r: int, tables: Floats, factors: Floats, levels: Floats,
    starts: NDArray[np.int64], pieces: NDArray[np.int32],
) -> Any:  # fmt: skip
    """The exact sum of row r of a block."""
    total, other = np.float32(0), np.float32(0)
    for j in range(len(line)):
        code = line[j, r]
        total += tables[j, 0, code & 15]
        other += tables[j, 1, code >> 4]
    total += other
    code = 0
    for p in range(len(pieces)):
        part = (line[pieces[p, 1], r] >> pieces[p, 2]) & ((1 << pieces[p, 3]) - 1)
        code |= part << pieces[p, 4]
        if pieces[p, 4] == 0:  # the lowest piece is the last
            total += factors[pieces[p, 0]] * levels[starts[pieces[p, 0]] + code]
            code = 0
    return total


@kernel(nogil=True, boundscheck=False)
def _pass(
    lines: NDArray[np.uint8], first: int, ranges: NDArray[np.int64],
    mask: NDArray[np.uint64], beside: Floats, crest: Floats, how: int,
    small: NDArray[np.uint8], step: Floats, top: Floats,
    exact: Floats, base: Floats, factors: Floats, levels: Floats,
    starts: NDArray[np.int64], pieces: NDArray[np.int32], rows: NDArray[np.int64],
    scores: Floats, held: NDArray[np.int64],
) -> int:  # fmt: skip
    found = np.empty(LINE, np.uint16)
    k = rows.shape[1]
    looked = 0
    for m in range(len(ranges)):
        start, stop = ranges[m, 0], ranges[m, 1]
        last = (stop + LINE - 1) // LINE if stop > start else 0
        for tile in range(start // LINE, last, TILE):
            for q in range(len(small)):
                for i in range(tile, min(tile + TILE, last)):
                    if len(mask) and mask[i] == 0:
                        continue
                    peak = block_sums(lines[i], small[q], found)
                    bar = scores[q, 0] if held[q] == k else np.float32(-np.inf)
                    # Most blocks hold nothing better, and their highest sum tells so.
                    bound = peak * step[q] + top[q]
                    if how == 1:
                        bound = max(bound, np.float32(0)) * crest[i]
                    elif how == 2:
                        bound += crest[i]
                    if bound <= bar:
                        continue
                    at = i * LINE
                    bits = passing(found, step[q], top[q], beside, at, bar, how)
                    bits = within(bits, at, start, stop)
                    if len(mask):
                        bits &= mask[i]
                    while bits:
                        r = int(lowest(bits))
                        bits &= bits - np.uint64(1)
                        score = base[q] + _full(
                            lines[i], r, exact[q], factors[q], levels, starts, pieces
                        )
                        if how == 1:
                            score *= beside[at + r]
                        elif how == 2:
                            score += beside[at + r]
                        looked += 1
                        held[q] = _push(rows[q], scores[q], held[q], first + at + r, score)
                        bar = scores[q, 0] if held[q] == k else bar
    return looked
