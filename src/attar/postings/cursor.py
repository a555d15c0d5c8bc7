"""Posting lists being read in step: for each the block at hand, and how far it was used.

A cursor is a row of numbers, because structures that hold arrays are counted on every call.
Blocks are decoded when they are first needed, and their payloads later still.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import LEAF, kernel
from attar.postings.bits import OUTSIDE, Words
from attar.postings.block import BLOCK
from attar.postings.lists import BASE, LAST, POSITION, ROW, blocks_of, read_head
from attar.postings.unpack import Postings, read_documents, read_payloads

# Columns of a cursor: rows of its first block, of the one at hand and behind its last; where the
# list begins and its postings; the row of the block whose documents are decoded, the one whose
# payloads are; how many postings it has, how many of them were used, where its payloads begin.
FIRST, HERE, END, BEGIN, COUNT, DECODED, WEIGHED, SIZE, USED, PAYLOADS = range(10)
CURSOR = 10

Cursors = NDArray[np.int64]


@kernel()
def open_lists(words: Words, lists: NDArray[np.int64], documents: int) -> Any:
    """Open lists at their beginning.

    Args:
        words: the coded lists.
        lists: (t, 2) where each begins, and its postings, at most as many as documents.
        documents: documents in the index.

    Returns:
        (t, CURSOR) cursors and (blocks, ROW) the rows of their blocks, or empty rows if a list
        is damaged.
    """
    terms = len(lists)
    cursors = np.empty((terms, CURSOR), dtype=np.int64)
    total = 0
    for t in range(terms):
        cursors[t, FIRST] = cursors[t, HERE] = total
        total += blocks_of(lists[t, 1])
        cursors[t, END] = total
        cursors[t, BEGIN], cursors[t, COUNT] = lists[t]
        cursors[t, DECODED] = cursors[t, WEIGHED] = -1
        cursors[t, SIZE] = cursors[t, USED] = cursors[t, PAYLOADS] = 0
    rows = np.zeros((total, ROW), dtype=np.int64)
    for t in range(terms):
        begin, count = lists[t]
        first = cursors[t, FIRST]
        if count > BLOCK:
            if read_head(words, begin, count, documents, rows, first) == OUTSIDE:
                return cursors, rows[:0]
        else:
            rows[first, BASE] = -1
            rows[first, LAST] = documents - 1
            rows[first, POSITION] = begin
    return cursors, rows


@kernel(**LEAF)
def decode(
    words: Words,
    cursors: Cursors,
    rows: NDArray[np.int64],
    scratch: Postings,
    t: int,
) -> Any:
    """Decode the documents of a list's block at hand, unless they are; OUTSIDE on damage, else 0.

    Args:
        words: the coded lists.
        cursors: of all lists.
        rows: of their blocks.
        scratch: (2, t * BLOCK) a block of each list.
        t: which list.
    """
    here = cursors[t, HERE]
    if cursors[t, DECODED] == here:
        return 0
    size = min(BLOCK, cursors[t, COUNT] - (here - cursors[t, FIRST]) * BLOCK)
    cursors[t, DECODED] = here
    cursors[t, SIZE] = size
    cursors[t, USED] = 0
    base = rows[here, BASE]
    end = read_documents(
        words, rows[here, POSITION], size, base, rows[here, LAST] - base, scratch, t * BLOCK
    )
    cursors[t, PAYLOADS] = end
    return OUTSIDE if end == OUTSIDE else 0


@kernel(**LEAF)
def weigh(words: Words, cursors: Cursors, scratch: Postings, t: int) -> Any:
    """Decode the payloads of a list's decoded block, unless they are; OUTSIDE on damage, else 0."""
    if cursors[t, WEIGHED] == cursors[t, DECODED]:
        return 0
    cursors[t, WEIGHED] = cursors[t, DECODED]
    end = read_payloads(words, cursors[t, PAYLOADS], cursors[t, SIZE], scratch, t * BLOCK)
    return OUTSIDE if end == OUTSIDE else 0


@kernel(**LEAF)
def seek(
    words: Words,
    cursors: Cursors,
    rows: NDArray[np.int64],
    scratch: Postings,
    t: int,
    low: int,
    high: int,
) -> Any:
    """Move a list to its first document from `low` on.

    Returns:
        That document, which is decoded and next to be used; `high` if there is none before it;
        or OUTSIDE if the list is damaged.
    """
    here, end = cursors[t, HERE], cursors[t, END]
    while True:
        while here < end and rows[here, LAST] < low:
            here += 1
        cursors[t, HERE] = here
        if here == end or rows[here, BASE] + 1 >= high:
            return high
        if decode(words, cursors, rows, scratch, t) == OUTSIDE:
            return OUTSIDE
        used, size = cursors[t, USED], cursors[t, SIZE]
        while used < size and scratch[0, t * BLOCK + used] < low:
            used += 1
        cursors[t, USED] = used
        if used < size:
            return min(high, np.int64(scratch[0, t * BLOCK + used]))
        here += 1
