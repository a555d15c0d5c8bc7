"""The k best documents without reading every list to its end.

MaxScore (Turtle and Flood, 1995) by windows of documents, with bounds by block (Ding and Suel,
SIGIR 2011), as Lucene's bulk scorer has it. In each window, lists whose bounds together cannot
lift a document over the k-th best so far are set aside. The others are added up; what they
found is looked up in the ones set aside, largest bound first, for as long as it can still win.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel
from attar.postings.bits import OUTSIDE, Words, trailing_zeros
from attar.postings.block import BLOCK, read_block
from attar.postings.bounds import first_bar, read_bounds
from attar.postings.heap import push, replace, sort
from attar.postings.lists import HEAD, blocks_of
from attar.postings.scoring import as_tuple, contribution

WINDOW = 2048
"""Documents at a time: their sums fit the first-level cache."""

_ONE = np.uint64(1)
_ZERO = np.uint64(0)


@kernel()
def best(
    words: Words,
    lists: NDArray[np.int64],
    weights: NDArray[np.float64],
    lengths: NDArray[np.int64],
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
        lists: (t, 2) where each list of the query begins, and its postings, at most as many as
            there are documents.
        weights: (t,) their weights in quanta, positive.
        lengths: (n,) tokens by document.
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
    curve = as_tuple(shape)
    begins, counts = lists[:, 0].copy(), lists[:, 1].copy()
    terms = begins.size
    n = lengths.size
    k = out_documents.size
    first = np.zeros(terms + 1, dtype=np.int64)
    for t in range(terms):
        first[t + 1] = first[t] + blocks_of(counts[t])
    head = np.empty((first[terms], HEAD), dtype=np.int64)
    bounds = np.empty(first[terms], dtype=np.int64)
    # Each list's block at hand: decoded documents and payloads, and how far they were used.
    documents = np.empty((terms, BLOCK), dtype=np.int64)
    payloads = np.empty((terms, BLOCK), dtype=np.int64)
    decoded = np.full(terms, -1, dtype=np.int64)
    used = np.zeros(terms, dtype=np.int64)
    block = first[:-1].copy()

    status = read_bounds(
        words, counts, begins, weights, lengths, curve, share, first, head, bounds, documents,
        payloads, decoded,
    )  # fmt: skip
    if status == OUTSIDE:
        return OUTSIDE

    sums = np.zeros(WINDOW, dtype=np.int64)
    touched = np.zeros(WINDOW // 64, dtype=np.uint64)
    candidates = np.empty(WINDOW, dtype=np.int64)
    reach = np.zeros(terms, dtype=np.int64)
    order = np.arange(terms)
    out_sums = np.empty(k, dtype=np.int64)
    found = 0
    # A sum up to here cannot enter the heap.
    bar = first_bar(
        words, counts, weights, lengths, curve, allowed, k, first, head, documents,
        payloads, decoded,
    )  # fmt: skip
    if bar == OUTSIDE:
        return OUTSIDE
    high = 0
    while high < n:
        low = high
        high = min(low + WINDOW, n)
        total = np.int64(0)
        for t in range(terms):
            while block[t] < first[t + 1] and head[block[t], 0] + head[block[t], 1] < low:
                block[t] += 1
            reach[t] = 0
            i = block[t]
            while i < first[t + 1] and head[i, 0] + 1 < high:
                reach[t] = max(reach[t], bounds[i])
                i += 1
            total += reach[t]
        if total <= bar:
            # Nothing changes before one of the blocks at hand ends.
            high = n
            for t in range(terms):
                for i in range(block[t], first[t + 1]):
                    last = head[i, 0] + head[i, 1]
                    if last >= low + WINDOW:
                        counted = head[i, 0] + 1 < low + WINDOW
                        high = min(high, last + 1 if counted else head[i, 0] + 1)
                        break
            high = max(high, min(low + WINDOW, n))
            continue
        for o in range(1, terms):
            t = order[o]
            p = o
            while p > 0 and reach[order[p - 1]] > reach[t]:
                order[p] = order[p - 1]
                p -= 1
            order[p] = t
        aside = 0
        rest = np.int64(0)  # what the lists set aside can add together
        while aside < terms and rest + reach[order[aside]] <= bar:
            rest += reach[order[aside]]
            aside += 1

        for o in range(aside, terms):
            t = order[o]
            if reach[t] == 0:
                continue
            i = block[t]
            while i < first[t + 1] and head[i, 0] + 1 < high:
                size = min(BLOCK, counts[t] - (i - first[t]) * BLOCK)
                if decoded[t] != i:
                    end = read_block(
                        words, head[i, 2], size, head[i, 0], head[i, 1], documents[t], payloads[t]
                    )
                    if end == OUTSIDE:
                        return OUTSIDE
                    decoded[t] = i
                    used[t] = 0
                j = used[t]
                while j < size and documents[t, j] < low:
                    j += 1
                while j < size and documents[t, j] < high:
                    d = documents[t, j] - low
                    sums[d] += contribution(payloads[t, j], lengths[low + d], weights[t], curve)
                    touched[d >> 6] |= _ONE << np.uint64(d & 63)
                    j += 1
                used[t] = j
                if j < size:
                    break
                i += 1

        left = 0
        for w in range(WINDOW // 64):
            word = touched[w]
            while word != _ZERO:
                d = (w << 6) + trailing_zeros(word)
                word &= word - _ONE
                if sums[d] + rest > bar and (allowed.size == 0 or allowed[low + d]):
                    candidates[left] = d
                    left += 1
                else:
                    sums[d] = 0
            touched[w] = _ZERO

        for o in range(aside - 1, -1, -1):
            t = order[o]
            if reach[t] == 0 or left == 0:
                break
            c = 0
            i = block[t]
            while i < first[t + 1] and head[i, 0] + 1 < high and c < left:
                last = head[i, 0] + head[i, 1]
                if low + candidates[c] > last:
                    i += 1
                    continue
                size = min(BLOCK, counts[t] - (i - first[t]) * BLOCK)
                if decoded[t] != i:
                    end = read_block(
                        words, head[i, 2], size, head[i, 0], head[i, 1], documents[t], payloads[t]
                    )
                    if end == OUTSIDE:
                        return OUTSIDE
                    decoded[t] = i
                    used[t] = 0
                j = used[t]
                while c < left and low + candidates[c] <= last:
                    d = low + candidates[c]
                    while j < size and documents[t, j] < d:
                        j += 1
                    if j == size:
                        # Damage apart, only the end of a short list's wide range comes here.
                        while c < left and low + candidates[c] <= last:
                            c += 1
                        break
                    if documents[t, j] == d:
                        sums[candidates[c]] += contribution(
                            payloads[t, j], lengths[d], weights[t], curve
                        )
                    c += 1
                used[t] = j
                i += 1
            rest -= reach[t]
            kept = 0
            for c in range(left):
                if sums[candidates[c]] + rest > bar:
                    candidates[kept] = candidates[c]
                    kept += 1
                else:
                    sums[candidates[c]] = 0
            left = kept

        for c in range(left):
            value = sums[candidates[c]]
            sums[candidates[c]] = 0
            if value <= bar:
                continue
            score = np.float32(value * quantum + constant)
            if found < k:
                push(out_scores, out_documents, out_sums, found, score, low + candidates[c], value)
                found += 1
            elif score > out_scores[0]:
                replace(out_scores, out_documents, out_sums, k, score, low + candidates[c], value)
            if found == k:
                bar = max(bar, out_sums[0])
    sort(out_scores, out_documents, out_sums, found)
    return found
