"""Results that cover more: what was said already counts less.

A search for one thing finds its best answers and their near copies. With `diversity` the results
are chosen one by one from the best candidates, by relevance times what is new
(`attar.select.novelty`), similarity being the cosine of decoded codes: neither the originals nor a
model are needed, whatever the mode of the search.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError
from attar.pack.collection import Collection
from attar.pack.fusion import Scores, min_max, top
from attar.select.novelty import novelty

# Candidates for each result: a hundred for ten. From thirty, two questions put as one are both
# answered less often at the same nDCG (docs/decisions.md).
_CANDIDATES = 10
_MOST_CANDIDATES = 1_000


def check_diversity(diversity: float) -> None:
    """Refuse what is no share.

    Raises:
        UsageError: if it lies outside of 0 to 1.
    """
    if not 0.0 <= diversity <= 1.0:
        raise UsageError(f"diversity must lie in 0 to 1, not {diversity}")


def diverse(collection: Collection, scores: Scores, k: int, diversity: float) -> NDArray[np.int64]:
    """Units that are relevant and unlike each other, in the order in which they were chosen.

    Args:
        collection: what is searched.
        scores: (n,) of all units; -inf for what must never be found.
        k: how many to choose at most.
        diversity: weight of what was said already, over 0; whatever it is, copies come last.
    """
    candidates = top(scores, max(k, min(_CANDIDATES * k, _MOST_CANDIDATES)))
    found = scores[candidates]
    relevance = min_max(found)
    if not relevance.any():  # all alike
        relevance += 1
    directions = _directions(collection, candidates)
    return candidates[novelty(relevance, directions, k, weight=diversity)]


def _directions(collection: Collection, units: NDArray[np.int64]) -> NDArray[np.float32]:
    """(n, d) what the codes of some units decode to, of unit length."""
    rows = np.zeros((len(units), collection.dim), np.float32)
    for s, here, numbers in collection.by_segment(units):
        segment = collection.segments[s]
        fitted = collection.codec(segment.entry.codec)
        rows[here] = fitted.decode(segment.codes_of(fitted, numbers))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)
