"""Search over learned sparse vectors: terms with weights, their inner products with a query."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from attar.errors import PackError, UsageError
from attar.postings.index import Index, Query
from attar.postings.scoring import Curve

SparseVector: TypeAlias = Mapping[str, float]
"""Terms and their weights."""

LARGEST = (1 << 16) - 1
"""Most steps that a weight may have."""

_LINEAR = Curve(scale=1.0, p=0.0, q=0.0, shift=0.0, saturation=0.0, norm=1.0, slope=0.0)


class WeightsReader(Index):
    """Weights of terms in documents, in whole multiples of `step`.

    Args:
        path: a file that `write_weights` made.

    Raises:
        PackError: if it cannot be read, or holds term frequencies instead of weights.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        if self._meta.get("step") is None:
            raise PackError(f"{path} holds term frequencies; open it as PostingsReader")
        self.step: float = self._meta["step"]

    def scores(self, query: SparseVector) -> NDArray[np.float32]:
        """(n,) float32 inner products with all documents.

        Each term of the query that a document holds may take from its score up to one quantum,
        because contributions are added as whole quanta, whose 64-bit sums do not depend on the
        order of the lists. A quantum is 2**-40, or where sums may be large 2**-59 of the most that
        the terms of the index can add, `LARGEST` steps each: the bits that a sum leaves.

        Args:
            query: weights from 0 on; terms of no document add nothing.

        Raises:
            UsageError: if a weight is negative or not finite.
        """
        return self._scores(self._query(query, None))

    def search(
        self,
        query: SparseVector,
        k: int,
        *,
        allowed: NDArray[np.bool_] | None = None,
        terms: int | None = None,
        share: float = 1.0,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k best documents: their numbers and scores, best first.

        By default just what sorting `scores` gives, documents without any of the terms left out,
        the lower number first among equals. The two ways to go faster and miss some are those of
        BMP (Mallia, Suel and Tonellotto, SIGIR 2024).

        Args:
            query: weights from 0 on.
            k: how many to find at most.
            allowed: (n,) which documents may be found; all by default.
            terms: read only the lists of so many terms, those that can add most.
            share: by what the bounds of blocks are multiplied, up to 1; below, the search passes
                over blocks which are unlikely to hold a better document.

        Raises:
            UsageError: if an argument is out of its range.
        """
        if not 0 < share <= 1 or (terms is not None and terms < 1):
            raise UsageError("share lies between 0 and 1, and terms is at least 1")
        return self._best(self._query(query, terms), k, allowed, share)

    def _query(self, query: SparseVector, terms: int | None) -> Query:
        kept = [(t, float(w)) for t, w in query.items() if w != 0]
        if any(not 0 < w < math.inf for _, w in kept):
            raise UsageError("weights of a query are finite and not negative")
        if terms is not None:
            kept = sorted(kept, key=lambda pair: -pair[1])[:terms]
        places = self._lookup.places([t for t, _ in kept])
        weights = [w * self.step for _, w in kept]
        # Terms that no document holds add nothing, so they must not make the quanta coarser.
        held = sum(w for place, w in zip(places, weights, strict=True) if place.size)
        return Query.of(places, weights, _LINEAR, most=held * LARGEST)
