"""What a pack is measured against: the same units, nothing compressed.

Float32 vectors compared exactly, BM25 in floating point, the same fusion. It is built from the
documents and not from the pack, so that an error in the pack cannot hide in its own reference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Scores = NDArray[np.float32]


class FloatBM25:
    """BM25 as Lucene computes it, in floats, one sparse matrix of scores.

    Source: Kamphuis et al., "Which BM25 Do You Mean?", ECIR 2020 (the "Lucene (accurate)" row).

    Args:
        texts: one text a unit.
        tokens: the analyzer, text to terms.
        k1: saturation of term frequency.
        b: strength of length normalisation.
    """

    def __init__(
        self,
        texts: Sequence[str],
        tokens: Callable[[str], Sequence[str]],
        *,
        k1: float,
        b: float,
    ) -> None:
        self._tokens = tokens
        counts = [Counter(tokens(text)) for text in texts]
        self._terms = {t: i for i, t in enumerate(sorted({t for c in counts for t in c}))}
        rows = np.repeat(np.arange(len(counts)), [len(c) for c in counts])
        columns = np.fromiter((self._terms[t] for c in counts for t in c), np.int64, len(rows))
        tf = np.fromiter((n for c in counts for n in c.values()), np.float64, len(rows))
        lengths = np.array([sum(c.values()) for c in counts], np.float64)
        df = np.bincount(columns, minlength=len(self._terms))
        idf = np.log1p((len(counts) - df + 0.5) / (df + 0.5))
        norm = (
            k1 * (1 - b + b * lengths / max(float(lengths.mean()), 1e-9))
            if len(counts)
            else lengths
        )
        weights = idf[columns] * tf / (tf + norm[rows])
        shape = (len(counts), len(self._terms))
        self._matrix = sparse.csc_array((weights, (rows, columns)), shape=shape)

    def scores(self, question: str) -> Scores:
        """(n,) scores of all units; a term that the question repeats counts as often."""
        total = np.zeros(self._matrix.shape[0], np.float64)
        for term, times in Counter(self._tokens(question)).items():
            column = self._terms.get(term)
            if column is not None:
                start, stop = self._matrix.indptr[column : column + 2]
                total[self._matrix.indices[start:stop]] += times * self._matrix.data[start:stop]
        return total.astype(np.float32)


class ExactDense:
    """Inner products with float32 vectors.

    Args:
        vectors: (n, d) unit vectors.
    """

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self._vectors = np.ascontiguousarray(vectors, np.float32)

    def scores(self, vector: NDArray[np.float32]) -> Scores:
        """(n,) inner products with one (d,) query."""
        return np.asarray(self._vectors @ vector, np.float32)


def rank_documents(scores: Scores, owners: Sequence[str], k: int) -> list[str]:
    """The `k` best documents by their best unit; equal scores keep the order of the units.

    Args:
        scores: (n,) score of each unit; -inf for what was not found.
        owners: the document of each unit.
        k: how many.
    """
    ranked: dict[str, None] = {}
    for unit in np.argsort(-scores, kind="stable"):
        if len(ranked) == k or scores[unit] == -np.inf:
            break
        ranked.setdefault(owners[unit])
    return list(ranked)
