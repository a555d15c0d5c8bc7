"""The progressive scan: the rows that the coarse term likes best, then those in full."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attar.codec.lines import LINE
from attar.codec.nibbles import Nibbles, add_terms, round_to, step_of
from attar.kernel import kernel
from attar.vectors.passing import lowest, passing, within
from attar.vectors.rescore import Reading, rescore
from attar.vectors.scan import KINDS, TILE, Beside, Passing, Stretch
from attar.vectors.selection import cut_back, keep_greatest, pick_best
from attar.vectors.shuffle import block_sums

Floats = NDArray[np.float32]

ROOM = 4
"""Candidates are collected up to so many times as are kept, then cut back: rarely."""


class Candidates(Passing):
    """Some queries, prepared to pass over blocks of rows, with the rows that looked best.

    Rows are compared by sums of small tables alone. What is kept is to be scored in full.

    Args:
        nibbles: what the coarse codes stand for.
        queries: (nq, d) float32, as they come to the codes.
        constant: (nq,) what is added to every row's score.
        kept: rows to keep for each.
        beside: what else a row's score hangs on.

    Attributes:
        rows: (nq, at least kept) numbers of rows; only the first `held` of each count.
        scores: the same, as the tables tell them.
        held: (nq,)
        sound: whether all numbers are finite; if not, nothing can be scanned.
    """

    def __init__(
        self,
        nibbles: Nibbles,
        queries: Floats,
        constant: Floats,
        kept: int,
        beside: Beside,
    ) -> None:
        count = len(queries)
        self._tables = np.empty((count, nibbles.width, 2, 16), np.uint8)
        self._line = np.empty((count, 2), np.float32)
        prepare(
            queries, constant, nibbles.dims, nibbles.places, nibbles.terms, nibbles.still,
            self._tables, self._line,
        )  # fmt: skip
        self._kept = kept
        self._beside = KINDS.index(beside)
        self.sound = bool(np.isfinite(self._line).all())
        self._forget()

    def _forget(self) -> None:
        shape = (len(self._tables), ROOM * self._kept + LINE)
        self.rows = np.empty(shape, np.int64)
        self.scores = np.empty(shape, np.float32)
        self.held = np.zeros(shape[0], np.int64)
        self._bars = np.full(shape[0], -np.inf, np.float32)

    def _over(self, chosen: slice, stretch: Stretch) -> None:
        _collect(
            *stretch, self._beside,
            self._tables[chosen], self._line[chosen], self._kept,
            self.rows[chosen], self.scores[chosen], self.held[chosen], self._bars[chosen],
        )  # fmt: skip

    def join(self, others: list[Candidates]) -> None:
        """Take in what other forks met, and keep the best of all."""
        if others:
            every = [self, *others]
            size = max(1, max(int(sum(e.held[i] for e in every)) for i in range(len(self.held))))
            rows = np.empty((len(self.held), size), np.int64)
            scores = np.empty(rows.shape, np.float32)
            for i in range(len(rows)):
                for target, name in ((rows, "rows"), (scores, "scores")):
                    found = np.concatenate([getattr(e, name)[i, : e.held[i]] for e in every])
                    target[i, : len(found)] = found
            self.held = np.sum([e.held for e in every], axis=0)
            self.rows, self.scores = rows, scores
        cut_back(self.rows, self.scores, self.held, self._kept)

    def rescore(
        self, parts: list[Coded], queries: Floats, constant: Floats, reading: Reading
    ) -> None:
        """Replace scores by full ones.

        Args:
            parts: where the rows' codes are.
            queries: as they were given.
            constant: as it was given.
            reading: what codes stand for.
        """
        for part in parts:
            _rescore_all(
                self.rows, self.scores, self.held, part, queries, constant, self._beside, reading
            )

    def best(self, k: int) -> tuple[NDArray[np.int64], Floats]:
        """(nq, k) rows and scores, best first, equal scores by row; -1 and -inf: none."""
        rows = np.empty((len(self.held), k), np.int64)
        scores = np.empty(rows.shape, np.float32)
        pick_best(self.rows, self.scores, self.held, rows, scores)
        return rows, scores


class Coded(NamedTuple):
    """The codes of a part of a set.

    Args:
        first: the number of its first row.
        rows: how many.
        lines: (blocks, width, 64) of the coarse term.
        codes: (rows, width) of the fine term.
    """

    first: int
    rows: int
    lines: NDArray[np.uint8]
    codes: NDArray[np.uint8]


@kernel(nogil=True)
def prepare(
    queries: Floats, constant: Floats, dims: NDArray[np.int64], places: NDArray[np.int64],
    terms: Floats, still: Floats, small: NDArray[np.uint8], line: Floats,
) -> None:  # fmt: skip
    """Tables in steps above their least: a row scores `line[0]` times its sum + `line[1]`."""
    count, width = small.shape[:2]
    tables = np.zeros((count, 2 * width, 16), np.float32)
    add_terms(queries, dims, places, terms, tables)
    halves = tables.reshape(count, width, 2, 16)
    least = np.empty((width, 2))
    for q in range(count):
        step, _ = step_of(halves[q], least)
        low = np.float64(constant[q]) + least.sum()
        for d in range(len(still)):
            low += queries[q, d] * still[d]
        round_to(step, halves[q], least, small[q])
        line[q, 0], line[q, 1] = step, low


@kernel(nogil=True, boundscheck=False)
def _collect(
    lines: NDArray[np.uint8], first: int, ranges: NDArray[np.int64],
    mask: NDArray[np.uint64], beside: Floats, crest: Floats, how: int,
    small: NDArray[np.uint8], line: Floats, kept: int, rows: NDArray[np.int64], scores: Floats,
    held: NDArray[np.int64], bars: Floats,
) -> None:  # fmt: skip
    found = np.empty(LINE, np.uint16)
    full = rows.shape[1] - LINE
    for m in range(len(ranges)):
        start, stop = ranges[m, 0], ranges[m, 1]
        last = (stop + LINE - 1) // LINE if stop > start else 0
        for tile in range(start // LINE, last, TILE):
            for q in range(len(small)):
                step, low, bar, tables = line[q, 0], line[q, 1], bars[q], small[q]
                for i in range(tile, min(tile + TILE, last)):
                    if len(mask) and mask[i] == 0:
                        continue
                    peak = block_sums(lines[i], tables, found)
                    # Factors differ too much for a block's highest sum to tell much.
                    if how != 1 and peak * step + low + (crest[i] if how else 0) <= bar:
                        continue
                    at = i * LINE
                    bits = passing(found, step, low, beside, at, bar, how)
                    bits = within(bits, at, start, stop)
                    if len(mask):
                        bits &= mask[i]
                    h = held[q]
                    while bits:
                        r = int(lowest(bits))
                        bits &= bits - np.uint64(1)
                        score = found[r] * step + low
                        if how == 1:
                            score *= beside[at + r]
                        elif how == 2:
                            score += beside[at + r]
                        rows[q, h], scores[q, h] = first + at + r, score
                        h += 1
                    held[q] = h
                    if h > full:
                        bar = keep_greatest(rows[q], scores[q], h, kept)
                        held[q] = kept
                bars[q] = bar


@kernel(nogil=True)
def _rescore_all(
    rows: NDArray[np.int64], scores: Floats, held: NDArray[np.int64], part: Coded,
    queries: Floats, constant: Floats, how: int, reading: Reading,
) -> None:  # fmt: skip
    size = held.max()
    own, at, full = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.float32)
    for q in range(len(held)):
        n = 0
        for i in range(held[q]):
            row = rows[q, i] - part.first
            if 0 <= row < part.rows:
                own[n], at[n] = row, i
                n += 1
        rescore(own[:n], part.lines, part.codes, queries[q], constant[q], how, reading, full)
        for i in range(n):
            scores[q, at[i]] = full[i]


@kernel(nogil=True)
def find(
    nibbles: tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats],
    queries: Floats, constant: Floats, part: Coded, mask: NDArray[np.uint64],
    beside: tuple[Floats, Floats], how: int, kept: int, reading: Reading,
    best: NDArray[np.int64], of: Floats,
) -> bool:  # fmt: skip
    """All that `Candidates` does, for a set of one part: one call costs less than seven.

    Args:
        nibbles: their dims, places, terms and what is still.
        queries: (nq, d) as they come to the codes.
        constant: (nq,) what is added to every row's score.
        part: all rows.
        mask: as of `Stretch`.
        beside: as of `Stretch`, with the crest.
        how: as of `rescore`.
        kept: how many rows of each query are scored in full.
        reading: what codes stand for.
        best: (nq, k) receives the rows.
        of: (nq, k) receives the scores.

    Returns:
        Whether all numbers were finite; if not, nothing was searched.
    """
    count = len(queries)
    small = np.empty((count, part.lines.shape[1], 2, 16), np.uint8)
    line = np.empty((count, 2), np.float32)
    dims, places, terms, still = nibbles
    prepare(queries, constant, dims, places, terms, still, small, line)
    if not np.isfinite(line).all():
        return False
    rows = np.empty((count, ROOM * kept + LINE), np.int64)
    scores = np.empty(rows.shape, np.float32)
    held, bars = np.zeros(count, np.int64), np.full(count, -np.inf, np.float32)
    ranges = np.array([[0, part.rows]])
    _collect(
        part.lines, part.first, ranges, mask, beside[0], beside[1], how, small, line, kept,
        rows, scores, held, bars,
    )  # fmt: skip
    cut_back(rows, scores, held, kept)
    _rescore_all(rows, scores, held, part, queries, constant, how, reading)
    pick_best(rows, scores, held, best, of)
    return True
