"""Full scores of a few rows, from the codes of both terms of a progressive sum."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attar.codec import Fitted
from attar.codec.lines import LINE
from attar.codec.nibbles import Nibbles
from attar.codec.paths import Ring
from attar.codec.scan import Fine, ScanPlan
from attar.kernel import kernel

Floats = NDArray[np.float32]

TILE = 32
"""Rows read together: a vector instruction reads the same step of several."""


class Terms(NamedTuple):
    """`Nibbles`, as compiled code takes them: those that are exact, and codes in several."""

    dims: NDArray[np.int64]
    places: NDArray[np.int64]
    terms: Floats
    levels: Floats
    starts: NDArray[np.int64]
    pieces: NDArray[np.int32]
    owners: NDArray[np.int64]


class Steps(NamedTuple):
    """A `Ring`, as compiled code takes it."""

    size: int
    dims: NDArray[np.int64]
    offsets: NDArray[np.int64]
    turns: NDArray[np.int64]
    gain: Floats
    tables: Floats


class Reading(NamedTuple):
    """How rows of a progressive sum are read and compared.

    Args:
        coarse: the first term's codes.
        fine: the second's, if they lie in nibbles.
        ring: the second's, if they are rings.
        still: (d,) what every row holds.
        shift: (d,) as in `ScanPlan`, and `outside`.
    """

    coarse: Terms
    fine: Terms
    ring: Steps
    still: Floats
    shift: Floats
    outside: Any


def reading(fitted: Fitted) -> Reading | None:
    """How to read the rows of a progressive sum in full; None: compiled code cannot."""
    plan = fitted.scan
    if plan is None or plan.fine is None:
        return None
    found: Reading = fitted.state.memo("reading", lambda: _reading(plan, plan.fine))
    return found


def _reading(plan: ScanPlan, fine: Fine) -> Reading:
    still = plan.nibbles.still.astype(np.float32)
    for second in (fine.nibbles, fine.ring):
        if second is not None:
            still = still + second.still
    return Reading(
        _terms(plan.nibbles),
        _terms(fine.nibbles if fine.ring is None else None),
        _steps(fine.ring),
        np.ascontiguousarray(still, np.float32),
        plan.shift,
        np.float32(plan.outside),
    )


def _terms(nibbles: Nibbles | None) -> Terms:
    whole, none = np.zeros(0, np.int64), np.zeros(0, np.float32)
    no_pieces = np.zeros((0, 5), np.int32)
    if nibbles is None:
        return Terms(whole, whole, np.zeros((0, 16), np.float32), none, whole, no_pieces, whole)
    use = nibbles.exact
    dims, places = nibbles.dims[use].astype(np.int64), nibbles.places[use].astype(np.int64)
    terms = np.ascontiguousarray(nibbles.terms[use], np.float32)
    wide = nibbles.wide
    if wide is None:
        return Terms(dims, places, terms, none, whole, no_pieces, whole)
    return Terms(dims, places, terms, wide.levels, wide.starts, wide.pieces, wide.dims)


def _steps(ring: Ring | None) -> Steps:
    if ring is None:
        whole = np.zeros(0, np.int64)
        empty = np.zeros((0, 1), np.float32)
        return Steps(0, whole, whole, whole, np.zeros(0, np.float32), empty)
    return Steps(ring.size, ring.dims, ring.offsets, ring.turns, ring.gain, ring.tables)


@kernel(nogil=True, boundscheck=False)
def rescore(
    rows: NDArray[np.int64],
    lines: NDArray[np.uint8],
    codes: NDArray[np.uint8],
    query: Floats,
    constant: Any,
    how: int,
    reading: Reading,
    out: Floats,
) -> None:
    """Score rows in full.

    Args:
        rows: (n,) their numbers in this part.
        lines: (blocks, width, 64) codes of the first term.
        codes: (rows, width) of the second.
        query: (d,) as it comes to the codes.
        constant: what it adds to every score.
        how: 0: the inner product; 1: divided by the row's length; 2: less half of its square.
        reading: what codes stand for.
        out: (n,) receives the scores.
    """
    dim, width = len(query), lines.shape[1]
    values = np.empty((dim, TILE), np.float32)
    first = np.empty((width, TILE), np.uint8)
    nibbles = len(reading.fine.dims) > 0 or len(reading.fine.pieces) > 0
    second = np.empty((codes.shape[1] if nibbles else 0, TILE), np.uint8)
    size = reading.ring.size
    rings = np.zeros((TILE, size + 4), np.uint8)
    total, square = np.empty(TILE, np.float32), np.empty(TILE, np.float32)
    for start in range(0, len(rows), TILE):
        count = min(TILE, len(rows) - start)
        for i in range(count):
            row = rows[start + i]
            line, r = lines[row // LINE], row % LINE
            for j in range(width):
                first[j, i] = line[j, r]
            for j in range(len(second)):
                second[j, i] = codes[row, j]
            rings[i, :size] = codes[row, :size]
            for j in range(size, size + 4 if size else 0):  # a state may run over the end
                rings[i, j] = codes[row, j % size]
        for d in range(dim):
            values[d] = reading.still[d]
        _add_terms(first, reading.coarse, values)
        _add_terms(second, reading.fine, values)
        _add_steps(rings, reading.ring, values)
        total[:], square[:] = constant, reading.outside
        for d in range(dim):
            factor, shift, row_of = query[d], reading.shift[d], values[d]
            for i in range(TILE):
                total[i] += factor * row_of[i]
                moved = row_of[i] + shift
                square[i] += moved * moved
        for i in range(count):
            score = total[i]
            if how == 1:
                length = np.sqrt(max(square[i], np.float32(0)))
                score = score / length if length > 0 else np.float32(0)
            elif how == 2:
                score -= max(square[i], np.float32(0)) / 2
            out[start + i] = score


@kernel(nogil=True, boundscheck=False)
def _add_terms(codes: NDArray[np.uint8], terms: Terms, values: Floats) -> None:
    for p in range(len(terms.dims)):
        byte = codes[terms.places[p] >> 1]
        shift = np.uint8(4 * (terms.places[p] & 1))
        table, row = terms.terms[p], values[terms.dims[p]]
        for i in range(TILE):
            row[i] += table[(byte[i] >> shift) & np.uint8(15)]
    whole = np.zeros(TILE, np.int64)
    for p in range(len(terms.pieces)):
        owner, byte = terms.pieces[p, 0], codes[terms.pieces[p, 1]]
        shift, bits, low = terms.pieces[p, 2], terms.pieces[p, 3], terms.pieces[p, 4]
        for i in range(TILE):
            whole[i] |= ((byte[i] >> shift) & ((1 << bits) - 1)) << low
        if low == 0:  # the lowest piece is the last
            row = values[terms.owners[owner]]
            for i in range(TILE):
                row[i] += terms.levels[terms.starts[owner] + whole[i]]
                whole[i] = 0


@kernel(nogil=True, boundscheck=False)
def _add_steps(rings: NDArray[np.uint8], steps: Steps, values: Floats) -> None:
    mask = np.uint32(steps.tables.shape[1] - 1)
    windows = np.empty(TILE, np.uint32)
    flat, width = rings.reshape(-1), np.uint64(rings.shape[1])
    last = np.int64(-1)
    for t in range(len(steps.dims)):
        at, shift = steps.offsets[t] >> 3, np.uint32(steps.offsets[t] & 7)
        if at != last:  # several states lie in the same bytes
            for i in range(TILE):
                windows[i] = _window(flat, np.uint64(i) * width + np.uint64(at))
            last = at
        table, gain, row = steps.tables[steps.turns[t]], steps.gain[t], values[steps.dims[t]]
        for i in range(TILE):
            row[i] += gain * table[(windows[i] >> shift) & mask]


@kernel(nogil=True, inline="always", boundscheck=False)
def _window(flat: NDArray[np.uint8], at: Any) -> Any:
    """Four bytes as a number, in the order of the file on any processor; one load on most."""
    low = np.uint32(flat[at]) | np.uint32(flat[at + np.uint64(1)]) << np.uint32(8)
    high = np.uint32(flat[at + np.uint64(2)]) | np.uint32(flat[at + np.uint64(3)]) << np.uint32(8)
    return low | high << np.uint32(16)
