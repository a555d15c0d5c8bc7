"""Scores straight from coded lists.

Contributions are added as whole multiples of a power of two, so that their sum does not depend
on the order in which lists are read: a search that leaves blocks out gives bit for bit the
scores of one that reads everything.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel
from attar.postings.bits import OUTSIDE, Words
from attar.postings.block import BLOCK, read_block
from attar.postings.lists import HEAD, blocks_of, read_head


class Curve(NamedTuple):
    """What a posting is worth before the weight of its term: every variant in one formula.

    A payload x in a document of length l is worth, with n = norm + slope * l,

        scale * (x + p * n) / (saturation * x + q * n + 1 - saturation) + shift

    which is a variant of BM25 where `saturation` is 1, and `scale * x` where it, `p`, `q` and
    `shift` are 0. More payload and less length are never worth less.
    """

    scale: float
    p: float
    q: float
    shift: float
    saturation: float
    norm: float
    slope: float


@kernel(inline="always")
def as_tuple(curve: NDArray[np.float64]) -> Any:
    """A curve's numbers, for registers to hold; as an array they pass quicker from Python."""
    return curve[0], curve[1], curve[2], curve[3], curve[4], curve[5], curve[6]


@kernel(inline="always")
def contribution(payload: int, length: int, weight: float, curve: Any) -> int:
    """What a posting adds to its document's score, in quanta.

    Args:
        payload: term frequency, or weight in steps.
        length: tokens of the document.
        weight: the term's weight in quanta.
        curve: as `as_tuple` gives it.
    """
    scale, p, q, shift, saturation, norm, slope = curve
    n = norm + slope * length
    value = (payload + p * n) / (saturation * payload + q * n + (1.0 - saturation))
    return int(weight * (scale * value + shift))


@kernel()
def accumulate(
    words: Words,
    lists: NDArray[np.int64],
    weights: NDArray[np.float64],
    lengths: NDArray[np.int64],
    shape: NDArray[np.float64],
    sums: NDArray[np.int64],
) -> int:
    """Add every posting of some lists to `sums`.

    Args:
        words: the coded lists.
        lists: (t, 2) where each begins, and its postings, at most as many as documents.
        weights: (t,) their weights, in quanta.
        lengths: (n,) tokens by document.
        shape: the `Curve`.
        sums: (n,) scores in quanta, added to.

    Returns:
        OUTSIDE if a list is damaged, else 0.
    """
    curve = as_tuple(shape)
    documents = np.empty(BLOCK, dtype=np.int64)
    payloads = np.empty(BLOCK, dtype=np.int64)
    for t in range(len(lists)):
        begin, count = lists[t]
        blocks = blocks_of(count)
        head = np.empty((blocks, HEAD), dtype=np.int64)
        if count > BLOCK:
            if read_head(words, begin, count, lengths.size, head) == OUTSIDE:
                return OUTSIDE
        else:
            head[0, 0] = -1
            head[0, 1] = lengths.size
            head[0, 2] = begin
        for i in range(blocks):
            size = min(BLOCK, count - i * BLOCK)
            end = read_block(words, head[i, 2], size, head[i, 0], head[i, 1], documents, payloads)
            if end == OUTSIDE:
                return OUTSIDE
            for j in range(size):
                d = documents[j]
                sums[d] += contribution(payloads[j], lengths[d], weights[t], curve)
    return 0
