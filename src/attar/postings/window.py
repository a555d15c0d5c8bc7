"""One window of documents: adding lists up, and looking documents up in lists.

What a sum is worth is looked at for 64 documents at a time, once all is added up: to look at each
after each posting costs more than the addition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import LEAF, kernel
from attar.postings.bits import OUTSIDE, Words, trailing_zeros
from attar.postings.block import BLOCK
from attar.postings.bounds import BOUND
from attar.postings.cursor import (
    COUNT,
    END,
    FIRST,
    HERE,
    SIZE,
    USED,
    Cursors,
    decode,
    weigh,
)
from attar.postings.lists import BASE, LAST
from attar.postings.scoring import as_tuple, worth
from attar.postings.unpack import Postings

WINDOW = 8192
"""Documents whose sums are added up at a time. A quarter as many, which would fit the first-level
cache, take a third longer: there are four times as many windows to prepare."""

GROUP = 64
"""Documents that share a flag, which says that a sum among theirs is not zero."""

_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_GROUP_BITS = np.uint64(6)


@kernel(**LEAF)
def add(
    words: Words,
    cursors: Cursors,
    rows: NDArray[np.int64],
    scratch: Postings,
    t: int,
    low: int,
    high: int,
    weight: float,
    classes: NDArray[np.unsignedinteger],
    lengths: NDArray[np.int64],
    table: NDArray[np.float64],
    shape: NDArray[np.float64],
    sums: NDArray[np.int64],
    flags: NDArray[np.bool_],
) -> Any:
    """Add a list's postings from `low` up to `high`, and flag groups of documents that have any.

    The list was sought from `low` or before. Returns OUTSIDE if it is damaged, else 0.
    """
    curve = as_tuple(shape)
    origin = np.uint64(low)
    while True:
        here = cursors[t, HERE]
        if here == cursors[t, END] or rows[here, BASE] + 1 >= high:
            return 0
        if decode(words, cursors, rows, scratch, t) == OUTSIDE:
            return OUTSIDE
        used, stop, place = cursors[t, USED], cursors[t, SIZE], t * BLOCK
        if rows[here, LAST] >= high:
            stop = used
            while stop < cursors[t, SIZE] and scratch[0, place + stop] < high:
                stop += 1
        if used < stop and weigh(words, cursors, scratch, t) == OUTSIDE:
            return OUTSIDE
        # Unsigned, so that no index is taken as counted from the end.
        for j in range(np.uint64(place + used), np.uint64(place + stop)):
            document, payload = np.uint64(scratch[0, j]), np.int64(scratch[1, j])
            d = document - origin
            sums[d] += worth(payload, classes[document], weight, table, lengths, curve)
            flags[d >> _GROUP_BITS] = True
        cursors[t, USED] = stop
        if stop < cursors[t, SIZE]:
            return 0
        cursors[t, HERE] = here + 1


@kernel(**LEAF)
def gather(
    flags: NDArray[np.bool_],
    sums: NDArray[np.int64],
    low: int,
    need: int,
    allowed: NDArray[np.bool_],
    candidates: NDArray[np.int64],
) -> Any:
    """List the documents, in order, whose sums exceed `need`; how many there are."""
    left = 0
    for g in range(flags.size):
        if not flags[g]:
            continue
        above = _ZERO
        for d in range(GROUP):
            above |= np.uint64(sums[g * GROUP + d] > need) << np.uint64(d)
        while above != _ZERO:
            document = low + g * GROUP + trailing_zeros(above)
            above &= above - _ONE
            if allowed.size == 0 or allowed[document]:
                candidates[left] = document
                left += 1
    return left


@kernel(**LEAF)
def clear(flags: NDArray[np.bool_], sums: NDArray[np.int64]) -> None:
    """Set the sums of flagged groups to zero."""
    for g in range(flags.size):
        if flags[g]:
            flags[g] = False
            for d in range(GROUP):
                sums[g * GROUP + d] = 0


@kernel(**LEAF)
def keep(
    candidates: NDArray[np.int64], left: int, sums: NDArray[np.int64], low: int, need: int
) -> Any:
    """Drop candidates whose sums do not exceed `need`; how many are left."""
    kept = 0
    for c in range(left):
        document = candidates[c]
        candidates[kept] = document
        kept += sums[document - low] > need
    return kept


@kernel(**LEAF)
def postings_within(cursors: Cursors, rows: NDArray[np.int64], t: int, low: int, high: int) -> Any:
    """About how many postings a list has in a window, by the density of its block at hand."""
    here, end = cursors[t, HERE], cursors[t, END]
    while here < end and rows[here, LAST] < low:
        here += 1
    cursors[t, HERE] = here
    if here == end:
        return 0
    size = min(BLOCK, cursors[t, COUNT] - (here - cursors[t, FIRST]) * BLOCK)
    return size * (high - low) // (rows[here, LAST] - rows[here, BASE])


@kernel(**LEAF)
def look_up(
    words: Words,
    cursors: Cursors,
    rows: NDArray[np.int64],
    scratch: Postings,
    t: int,
    low: int,
    weight: float,
    classes: NDArray[np.unsignedinteger],
    lengths: NDArray[np.int64],
    table: NDArray[np.float64],
    shape: NDArray[np.float64],
    need: int,
    candidates: NDArray[np.int64],
    left: int,
    sums: NDArray[np.int64],
) -> Any:
    """Add what a list has for the candidates that need it to exceed `need`; OUTSIDE on damage."""
    curve = as_tuple(shape)
    end = cursors[t, END]
    for c in range(left):
        document = candidates[c]
        here = cursors[t, HERE]
        while here < end and rows[here, LAST] < document:
            here += 1
        cursors[t, HERE] = here
        if here == end:
            break
        if rows[here, BASE] >= document or sums[document - low] + rows[here, BOUND] <= need:
            continue
        if decode(words, cursors, rows, scratch, t) == OUTSIDE:
            return OUTSIDE
        used, size, place = cursors[t, USED], cursors[t, SIZE], t * BLOCK
        while used < size and scratch[0, place + used] < document:
            used += 1
        cursors[t, USED] = used
        if used < size and scratch[0, place + used] == document:
            if weigh(words, cursors, scratch, t) == OUTSIDE:
                return OUTSIDE
            payload = np.int64(scratch[1, place + used])
            sums[document - low] += worth(payload, classes[document], weight, table, lengths, curve)
    return 0
