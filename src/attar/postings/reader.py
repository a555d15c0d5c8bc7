"""BM25 over a file of postings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attar.errors import PackError
from attar.postings.analyzer import Analyzer, analyzer
from attar.postings.bm25 import BM25
from attar.postings.index import Index, Query
from attar.postings.statistics import Statistics

_LUCENE = BM25()


class PostingsReader(Index):
    """Term frequencies, scored by BM25.

    Args:
        path: a file that `write_postings` or `write_tokens` made.

    Raises:
        PackError: if it cannot be read, or holds weights instead of frequencies.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        if self._meta.get("step") is not None:
            raise PackError(f"{path} holds weights; open it as WeightsReader")
        self.total_length: int = self._meta["total_length"]

    @property
    def analyzer(self) -> Analyzer | None:
        """How its texts became tokens, or None if it was given tokens."""
        name = self._meta["analyzer"]
        return None if name is None else analyzer(name)

    def scores(
        self, terms: Sequence[str], statistics: Statistics, bm25: BM25 | None = None
    ) -> NDArray[np.float32]:
        """(n,) float32 scores of all documents.

        Args:
            terms: the query's tokens; one that is repeated counts as often.
            statistics: of all documents that are searched together, these included.
            bm25: the variant; Lucene's by default.
        """
        return self._scores(self._query(terms, statistics, bm25 or _LUCENE))

    def search(
        self,
        terms: Sequence[str],
        statistics: Statistics,
        k: int,
        bm25: BM25 | None = None,
        *,
        allowed: NDArray[np.bool_] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k best documents: their numbers and scores, best first.

        Only documents that score more than one without any of the terms are found. Of equal
        scores the lower number comes first. The scores are exactly those of `scores`.

        Args:
            terms: the query's tokens; one that is repeated counts as often.
            statistics: of all documents that are searched together, these included.
            k: how many to find at most.
            bm25: the variant; Lucene's by default.
            allowed: (n,) which documents may be found; all by default.

        Raises:
            UsageError: if k is not positive or `allowed` is not (n,) booleans.
        """
        return self._best(self._query(terms, statistics, bm25 or _LUCENE), k, allowed)

    def _query(self, terms: Sequence[str], statistics: Statistics, bm25: BM25) -> Query:
        # In plain Python: for the few terms of a query, each numpy call costs more than its sum.
        repeats: dict[str, int] = {}
        for term in terms:
            repeats[term] = repeats.get(term, 0) + 1
        frequencies, documents = statistics.frequencies, statistics.documents
        weights = [n * bm25.idf(frequencies.get(t, 0), documents) for t, n in repeats.items()]
        total = sum(weights)
        curve = bm25.curve(statistics.average_length)
        return Query.of(
            self._lookup.places(list(repeats)),
            weights,
            curve,
            most=total * (curve.scale + abs(curve.shift)),
            constant=total * bm25.absent_component(),
        )
