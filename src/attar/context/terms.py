"""The words of units, counted once: what word-based scores are computed from."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

# Runs of letters, digits and marks; marks are not \w in Python, and Indic words hold them.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f"
)
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|(?:[^\W{_UNSPACED}]|[{_MARKS}\u0980-\u0dff])+")
_UNSPACED_CHAR = re.compile(rf"[{_UNSPACED}]")


@dataclass(frozen=True)
class Terms:
    """How often each term stands in each unit.

    Args:
        counts: (units, terms) occurrences.
        vocabulary: term to its column.
    """

    counts: sparse.csr_array
    vocabulary: dict[str, int]

    @classmethod
    def read(cls, text: str, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Terms:
        """Count the terms of the units at `starts` and `ends`, which must be in order."""
        words, at = words_of(text)
        vocabulary: dict[str, int] = {}
        ids = np.array(
            [vocabulary.setdefault(word, len(vocabulary)) for word in words], dtype=np.int64
        )
        places = np.array(at, dtype=np.int64)
        unit = np.searchsorted(starts, places, side="right") - 1
        inside = unit >= 0
        inside[inside] &= places[inside] < ends[unit[inside]]
        # Words that stem to the same term share a column.
        stems = stem(list(vocabulary))
        columns: dict[str, int] = {}
        merged = np.array([columns.setdefault(s, len(columns)) for s in stems], dtype=np.int64)
        rows, cols = unit[inside], merged[ids[inside]] if len(ids) else ids
        shape = (len(starts), len(columns))
        counts = sparse.csr_array((np.ones(len(rows), dtype=np.float32), (rows, cols)), shape=shape)
        counts.sum_duplicates()
        return cls(counts, columns)

    def grouped(self, groups: NDArray[np.int64]) -> Terms:
        """The same terms counted in groups of units; group i holds the units where it is i."""
        n = int(groups.max()) + 1 if len(groups) else 0
        member = sparse.csr_array(
            (np.ones(len(groups), dtype=np.float32), (groups, np.arange(len(groups)))),
            shape=(n, len(groups)),
        )
        return Terms(sparse.csr_array(member @ self.counts), self.vocabulary)

    def query(self, question: str) -> NDArray[np.int64]:
        """Columns of the question's distinct terms, as far as the units hold them."""
        words = stem(words_of(question)[0])
        return np.array(
            sorted({self.vocabulary[w] for w in words if w in self.vocabulary}), dtype=np.int64
        )

    def bm25(self, question: str, k1: float = 1.2, b: float = 0.75) -> NDArray[np.float64]:
        """BM25 of each unit for the question's distinct terms.

        Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009),
        with the idf that is never negative, log(1 + (N - df + 1/2) / (df + 1/2)).
        """
        n = self.counts.shape[0]
        columns = self.query(question)
        if not n or not len(columns):
            return np.zeros(n)
        length = self.counts.sum(axis=1)
        tf = self.counts[:, columns].toarray().astype(np.float64)
        df = (tf > 0).sum(axis=0)
        idf = np.log1p((n - df + 0.5) / (df + 0.5))
        norm = k1 * (1 - b + b * length / max(length.mean(), 1e-9))
        return np.asarray((tf * (k1 + 1) / (tf + norm[:, None]) * idf).sum(axis=1))

    def covered(self, groups: NDArray[np.int64], question: str) -> NDArray[np.float64]:
        """How much of the question's terms each group of units holds, (groups,).

        The sum of the terms' idf among units over the square root of the group's length: long
        groups hold many words by chance.
        """
        columns = self.query(question)
        held = self.grouped(groups).counts
        n = self.counts.shape[0]
        df = np.bincount(self.counts[:, columns].indices, minlength=len(columns))
        idf = np.log1p((n - df + 0.5) / (df + 0.5))
        length = np.asarray(held.sum(axis=1), np.float64).ravel()
        found = (held[:, columns].toarray() > 0).astype(np.float64) @ idf
        return np.asarray(found / np.sqrt(1 + length))

    def tfidf(self) -> sparse.csr_array:
        """Rows of log-damped tf-idf with unit length; a unit without terms is a zero row."""
        n = self.counts.shape[0]
        weights = self.counts.astype(np.float32)
        weights.data = 1 + np.log(weights.data)
        df = np.bincount(weights.indices, minlength=weights.shape[1])
        weights.data *= np.log((n + 1) / (df + 1) + 1e-6).clip(0)[weights.indices].astype("f4")
        norms = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1))).ravel()
        scale = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
        weights.data *= np.repeat(scale, np.diff(weights.indptr)).astype(np.float32)
        return weights

    def weight_of_a_word(self) -> NDArray[np.float64]:
        """Mean tf-idf of the words of each unit, with the idf of all units; 0 without words."""
        n = self.counts.shape[0]
        df = np.bincount(self.counts.indices, minlength=self.counts.shape[1])
        total = np.asarray(self.counts.sum(axis=0), np.float64).ravel()
        weight = np.log1p(total) * np.log((n + 1) / (df + 1) + 1e-9).clip(0)
        sums = np.asarray(self.counts @ weight, np.float64).ravel()
        length = np.asarray(self.counts.sum(axis=1), np.float64).ravel()
        return np.divide(sums, length, out=np.zeros(n), where=length > 0)


def words_of(text: str) -> tuple[list[str], list[int]]:
    """Case-folded words and where each begins; in scripts without spaces, pairs of characters."""
    words: list[str] = []
    at: list[int] = []
    previous, end = "", -1
    for match in _WORD.finditer(text):
        word = match[0]
        if _UNSPACED_CHAR.match(word):
            # A pair says more than its characters; a lone character still counts as itself.
            if previous and end == match.start():
                words.append(previous + word)
                at.append(end - 1)
            words.append(word)
            at.append(match.start())
            previous, end = word, match.end()
        else:
            words.append(word.casefold())
            at.append(match.start())
            previous = ""
    return words, at


def stem(words: list[str]) -> list[str]:
    """English stems (Snowball); words that are not plain ASCII letters stay as they are."""
    import Stemmer

    stems: list[str] = Stemmer.Stemmer("english").stemWords(words)
    return [s if w.isascii() else w for s, w in zip(stems, words, strict=True)]
