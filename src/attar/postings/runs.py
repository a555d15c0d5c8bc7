"""Posting lists by term, and the merging of what did not fit in memory at once."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BATCH = 1 << 20  # postings that are merged, and then coded, at a time


@dataclass(frozen=True)
class Lists:
    """Posting lists in the order of their terms.

    Args:
        terms: sorted, distinct.
        counts: (n,) postings of each.
        documents: (sum of counts,) rising within each list.
        payloads: (sum of counts,) term frequencies or what else belongs to a posting, from 1 on.
    """

    terms: list[bytes]
    counts: NDArray[np.int64]
    documents: NDArray[np.int64]
    payloads: NDArray[np.int64]


class Run:
    """Lists that wait to be merged, their arrays on disk.

    Args:
        lists: what it holds; may be forgotten afterwards.
    """

    def __init__(self, lists: Lists) -> None:
        self.terms = lists.terms
        self.bounds = np.zeros(lists.counts.size + 1, dtype=np.int64)
        np.cumsum(lists.counts, out=self.bounds[1:])
        self.documents = _spilled(lists.documents)
        self.payloads = _spilled(lists.payloads)


def _spilled(values: NDArray[np.int64]) -> NDArray[np.int64]:
    if values.size == 0:
        return values
    # The file has no name and is gone with the last map of it, whatever happens to us.
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, np.int64, "w+", shape=values.shape).__iadd__(values)


def merge(runs: Sequence[Run]) -> Iterator[Lists]:
    """Merge runs, whose documents follow each other in the order of the runs."""

    def cursor(r: int) -> Iterator[tuple[bytes, int, int]]:
        return ((term, r, i) for i, term in enumerate(runs[r].terms))

    terms: list[bytes] = []
    counts: list[int] = []
    documents: list[NDArray[np.int64]] = []
    payloads: list[NDArray[np.int64]] = []
    held = 0
    for term, r, i in heapq.merge(*map(cursor, range(len(runs)))):
        run = runs[r]
        begin, end = int(run.bounds[i]), int(run.bounds[i + 1])
        if not terms or term != terms[-1]:
            if held >= BATCH:
                yield _batch(terms, counts, documents, payloads)
                terms, counts, documents, payloads, held = [], [], [], [], 0
            terms.append(term)
            counts.append(0)
        counts[-1] += end - begin
        held += end - begin
        documents.append(run.documents[begin:end])
        payloads.append(run.payloads[begin:end])
    if terms:
        yield _batch(terms, counts, documents, payloads)


def _batch(
    terms: list[bytes],
    counts: list[int],
    documents: list[NDArray[np.int64]],
    payloads: list[NDArray[np.int64]],
) -> Lists:
    return Lists(
        terms,
        np.array(counts, dtype=np.int64),
        np.concatenate(documents),
        np.concatenate(payloads),
    )
