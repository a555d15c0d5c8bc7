"""The k best documents without reading every list to its end.

MaxScore (Turtle and Flood, 1995) with bounds by block (Ding and Suel, SIGIR 2011), by windows of
documents as Lucene's bulk scorer has it. In each window, lists whose bounds together cannot lift
a document over the k-th best so far are set aside. The others are added up from their next
document on. What they found is looked up in the lists set aside, largest bound first, for as long
as it can still win; where much was found, such a list is added up as well, which is quicker.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import LEAF, kernel
from attar.postings.bits import OUTSIDE, Words
from attar.postings.block import BLOCK
from attar.postings.bounds import BOUND, bound_blocks, first_bar
from attar.postings.cursor import END, HERE, Cursors, open_lists, seek
from attar.postings.heap import push, replace, sort
from attar.postings.lists import BASE, LAST
from attar.postings.window import (
    GROUP,
    WINDOW,
    add,
    clear,
    gather,
    keep,
    look_up,
    postings_within,
)

DENSE = 8
"""A list that has fewer postings in a window than this for each candidate is added up in full."""


@kernel()
def best(
    words: Words,
    lists: NDArray[np.int64],
    weights: NDArray[np.float64],
    classes: NDArray[np.unsignedinteger],
    lengths: NDArray[np.int64],
    table: NDArray[np.float64],
    shape: NDArray[np.float64],
    quantum: float,
    constant: float,
    share: float,
    allowed: NDArray[np.bool_],
    out_documents: NDArray[np.int64],
    out_scores: NDArray[np.float32],
) -> Any:
    """Find the best documents, best first; of equal ones the lower number.

    Args:
        words: the coded lists.
        lists: of the query, as `open_lists` takes them.
        weights: (t,) their weights in quanta, positive.
        classes: (n,) which of `lengths` each document has.
        lengths: the lengths that there are.
        table: as `tabulate` gives it.
        shape: the `Curve`.
        quantum: what a unit of the sums is worth.
        constant: added to every score.
        share: by what bounds are multiplied; 1 to miss nothing.
        allowed: (n,) which documents may be found; empty for all.
        out_documents: (k,) filled with what was found.
        out_scores: (k,) likewise.

    Returns:
        How many were found, or OUTSIDE if a list is damaged.
    """
    terms = len(lists)
    n = classes.size
    k = out_documents.size
    scratch = np.empty((2, terms * BLOCK), dtype=np.uint32)
    cursors, rows = open_lists(words, lists, n)
    if len(rows) == 0:
        return OUTSIDE
    status = bound_blocks(words, cursors, rows, weights, classes, lengths, shape, share, scratch)
    if status == OUTSIDE:
        return OUTSIDE
    sums = np.zeros(WINDOW, dtype=np.int64)
    flags = np.zeros(WINDOW // GROUP, dtype=np.bool_)
    candidates = np.empty(WINDOW, dtype=np.int64)
    reach = np.zeros(terms, dtype=np.int64)
    order = np.arange(terms)
    out_sums = np.empty(k, dtype=np.int64)
    found = 0
    # A sum up to here cannot enter the heap.
    bar = np.int64(0)
    if allowed.size == 0:
        bar = first_bar(cursors, rows, weights, classes, lengths, shape, k, scratch)
    high = 0
    while high < n:
        low = high
        high = min(low + WINDOW, n)
        if find_reach(cursors, rows, low, high, reach) <= bar:
            high = next_change(cursors, rows, low, high, n)
            continue
        aside, rest = set_aside(reach, order, bar)
        start = high
        for o in range(aside, terms):
            where = seek(words, cursors, rows, scratch, order[o], low, high)
            if where == OUTSIDE:
                return OUTSIDE
            start = min(start, where)
        if start == high:
            continue
        for o in range(aside, terms):
            t = order[o]
            status = add(
                words, cursors, rows, scratch, t, start, high, weights[t], classes, lengths,
                table, shape, sums, flags,
            )  # fmt: skip
            if status == OUTSIDE:
                return OUTSIDE
        left = gather(flags, sums, start, bar - rest, allowed, candidates)
        for o in range(aside - 1, -1, -1):
            if left == 0:
                break
            t = order[o]
            rest -= reach[t]
            if postings_within(cursors, rows, t, start, high) < left * DENSE:
                if seek(words, cursors, rows, scratch, t, start, high) == OUTSIDE:
                    return OUTSIDE
                status = add(
                    words, cursors, rows, scratch, t, start, high, weights[t], classes,
                    lengths, table, shape, sums, flags,
                )  # fmt: skip
            else:
                status = look_up(
                    words, cursors, rows, scratch, t, start, weights[t], classes, lengths,
                    table, shape, bar - rest, candidates, left, sums,
                )  # fmt: skip
            if status == OUTSIDE:
                return OUTSIDE
            left = keep(candidates, left, sums, start, bar - rest)
        for c in range(left):
            document = candidates[c]
            value = sums[document - start]
            if value <= bar:
                continue
            score = np.float32(value * quantum + constant)
            if found < k:
                push(out_scores, out_documents, out_sums, found, score, document, value)
                found += 1
            elif score > out_scores[0]:
                replace(out_scores, out_documents, out_sums, k, score, document, value)
            if found == k:
                bar = max(bar, out_sums[0])
        clear(flags, sums)
    sort(out_scores, out_documents, out_sums, found)
    return found


@kernel(**LEAF)
def find_reach(
    cursors: Cursors, rows: NDArray[np.int64], low: int, high: int, reach: NDArray[np.int64]
) -> Any:
    """Fill in what each list can add to a document of a window; the sum of that."""
    total = np.int64(0)
    for t in range(reach.size):
        end = cursors[t, END]
        i = cursors[t, HERE]
        while i < end and rows[i, LAST] < low:
            i += 1
        cursors[t, HERE] = i
        most = np.int64(0)
        while i < end and rows[i, BASE] + 1 < high:
            most = max(most, rows[i, BOUND])
            i += 1
        reach[t] = most
        total += most
    return total


@kernel(**LEAF)
def next_change(cursors: Cursors, rows: NDArray[np.int64], low: int, high: int, n: int) -> Any:
    """The first document from `high` on for which other blocks are at hand than from `low` on."""
    change = n
    for t in range(len(cursors)):
        for i in range(cursors[t, HERE], cursors[t, END]):
            if rows[i, LAST] >= high:
                counted = rows[i, BASE] + 1 < high
                change = min(change, rows[i, LAST] + 1 if counted else rows[i, BASE] + 1)
                break
    return max(change, high)


@kernel(**LEAF)
def set_aside(reach: NDArray[np.int64], order: NDArray[np.int64], bar: Any) -> Any:
    """Sort lists by reach; how many of the first cannot lift a document together, and their sum."""
    for o in range(1, order.size):
        t = order[o]
        p = o
        while p > 0 and reach[order[p - 1]] > reach[t]:
            order[p] = order[p - 1]
            p -= 1
        order[p] = t
    aside = 0
    rest = np.int64(0)
    while aside < order.size and rest + reach[order[aside]] <= bar:
        rest += reach[order[aside]]
        aside += 1
    return aside, rest
