"""From sparse vectors as they come to lists by term, in bounded memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError
from attar.postings.runs import Lists, Run, merge
from attar.postings.vocabulary import Vocabulary
from attar.postings.weights import SparseVector

BYTES_PER_WEIGHT = 64  # sixteen as it comes, sixteen for its posting, the rest to sort them
LARGEST_FLOAT = 3e38  # weights wait as float32


class WeightInversion:
    """Takes vectors one by one, gives lists by term. One document's terms are distinct.

    What the largest weight is, and with it the step, is known only at the end; until then a
    weight waits as the bits of its float32, which fit where a payload goes.

    Args:
        memory: bytes to hold before a run goes to disk. The vocabulary comes on top.
    """

    def __init__(self, memory: int) -> None:
        self._limit = max(1024, memory // BYTES_PER_WEIGHT)
        self._vocabulary = Vocabulary()
        self._tokens = array("I")
        self._weights = array("f")
        self._documents = array("q")
        self._runs: list[Run] = []
        self._count = 0
        self._most = 0.0

    def add(self, row: SparseVector) -> None:
        """Take the next document's weights.

        Raises:
            UsageError: if one is negative or not finite, or its term is empty or too long.
        """
        for term, weight in row.items():
            if not 0 <= weight <= LARGEST_FLOAT:
                raise UsageError(
                    f"document {self._count}: the weight of {term[:40]!r} is {weight};"
                    " weights are finite and not negative"
                )
            number = self._vocabulary[term]
            if weight > 0 and number:
                self._tokens.append(number)
                self._weights.append(weight)
                self._documents.append(self._count)
                self._most = max(self._most, self._weights[-1])
        self._count += 1
        if len(self._tokens) >= self._limit:
            self._runs.append(Run(self._invert()))

    def finish(self, steps: int) -> tuple[NDArray[np.int64], Iterator[Lists], float]:
        """Lengths (zeros), the lists in batches, terms rising, and what a step is worth.

        Args:
            steps: of the largest weight.
        """
        last = self._invert()
        batches = merge([*self._runs, Run(last)]) if self._runs else iter([last])
        step = self._most / steps if self._most > 0 else 1.0
        return np.zeros(self._count, np.int64), (_rounded(b, step) for b in batches), step

    def _invert(self) -> Lists:
        tokens = np.array(self._tokens, np.uint32)
        documents = np.array(self._documents, np.int64)
        bits = np.array(self._weights, np.float32).view(np.int32).astype(np.int64)
        terms = self._vocabulary.terms
        used = np.unique(tokens).tolist()
        used.sort(key=terms.__getitem__)
        rank = np.zeros(len(terms), np.int64)
        rank[used] = np.arange(len(used))
        ranks = rank[tokens]
        # Stable, so that documents stay in order within a list.
        order = np.argsort(ranks, kind="stable")
        self._tokens, self._weights, self._documents = array("I"), array("f"), array("q")
        counts = np.bincount(ranks, minlength=len(used)).astype(np.int64)
        return Lists([terms[i] for i in used], counts, documents[order], bits[order])


def _rounded(lists: Lists, step: float) -> Lists:
    """Weights in steps, those of none left out."""
    weights = lists.payloads.astype(np.int32).view(np.float32).astype(np.float64)
    payloads = np.rint(weights / step).astype(np.int64)
    keep = payloads > 0
    of = np.repeat(np.arange(len(lists.terms)), lists.counts)
    counts = np.bincount(of[keep], minlength=len(lists.terms)).astype(np.int64)
    return replace(
        lists,
        terms=[term for term, count in zip(lists.terms, counts.tolist(), strict=True) if count],
        counts=counts[counts > 0],
        documents=lists.documents[keep],
        payloads=payloads[keep],
    )
