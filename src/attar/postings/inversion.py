"""From documents as they come to lists by term, in bounded memory.

Tokens are numbered as they appear and kept flat, four bytes each. When there are too many, they
are turned into a run of lists by one counting sort, and the run goes to a temporary file; at
the end the runs, each sorted by term and following each other in documents, are merged.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel
from attar.postings.runs import Lists, Run, merge
from attar.postings.words import Script, Words

Number = TypeVar("Number", np.uint32, np.int64)

BYTES_PER_TOKEN = 24  # four for the token, up to sixteen for its posting, four for copies
MAX_WORDS = 2_000_000  # words remembered; beyond, the vocabulary starts anew with the next run
_BATCH = 1 << 18  # bytes of text that are numbered at a time


class Inversion:
    """Takes documents one by one, gives lists by term.

    Args:
        term: word to term; "" for words to leave out.
        script: what of the bytes given is a word.
        memory: bytes to hold before a run goes to disk. The vocabulary comes on top.
    """

    def __init__(self, term: Callable[[str], str], script: Script, memory: int) -> None:
        self._limit = max(1024, memory // BYTES_PER_TOKEN)
        self._fresh = partial(Words, term, script)
        self._words = self._fresh()
        self._batch = _Batch()
        self._tokens: list[NDArray[np.uint32]] = []
        self._ends: list[NDArray[np.int64]] = []  # of each document
        self._held = 0
        self._lengths: list[NDArray[np.int64]] = []
        self._runs: list[Run] = []
        self._documents = 0

    def add(self, fields: Iterable[tuple[bytes, int]]) -> None:
        """Take the next document: pieces of text, and how often the words of each count."""
        self._batch.add(fields)
        if len(self._batch.data) >= _BATCH:
            self._number()
            if self._held >= self._limit:
                self._runs.append(Run(self._invert()))

    def finish(self) -> tuple[NDArray[np.int64], Iterator[Lists]]:
        """The lengths of all documents, and their lists in batches, terms rising."""
        self._number()
        last = self._invert()
        batches = merge([*self._runs, Run(last)]) if self._runs else iter([last])
        lengths = np.concatenate(self._lengths) if self._lengths else np.zeros(0, np.int64)
        return lengths, batches

    def _number(self) -> None:
        batch, self._batch = self._batch, _Batch()
        ends = np.frombuffer(batch.ends, np.int64)
        weights = np.frombuffer(batch.weights, np.int64)
        tokens, piece_ends = self._words.numbers(batch.data, ends, weights)
        ends = np.concatenate([np.zeros(1, np.int64), piece_ends])[batch.documents]
        self._tokens.append(tokens)
        self._ends.append(self._held + ends)
        self._held += len(tokens)

    def _invert(self) -> Lists:
        tokens = _joined(self._tokens, np.uint32)
        ends = _joined(self._ends, np.int64)
        terms = self._words.terms
        lengths, sizes = _measure(tokens, ends, len(terms))
        present = np.flatnonzero(sizes)
        order = np.array(sorted(present.tolist(), key=terms.__getitem__), dtype=np.int64)
        documents, frequencies = _fill(tokens, ends, self._documents, order, sizes)
        self._lengths.append(lengths)
        self._documents += ends.size
        self._tokens, self._ends, self._held = [], [], 0
        lists = Lists([terms[i] for i in order.tolist()], sizes[order], documents, frequencies)
        if len(self._words) > MAX_WORDS:
            self._words = self._fresh()
        return lists


class _Batch:
    """Documents that wait to be numbered."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.ends = array("q")  # of each piece
        self.weights = array("q")
        self.documents = array("q")  # pieces up to the end of each

    def add(self, fields: Iterable[tuple[bytes, int]]) -> None:
        for data, weight in fields:
            self.data += data
            self.ends.append(len(self.data))
            self.weights.append(weight)
        self.documents.append(len(self.ends))


def _joined(parts: list[NDArray[Number]], dtype: type[Number]) -> NDArray[Number]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype)


@kernel()
def _measure(tokens: NDArray[np.uint32], ends: NDArray[np.int64], terms: int) -> Any:
    """Tokens by document, and documents by term, without term 0."""
    lengths = np.zeros(ends.size, dtype=np.int64)
    sizes = np.zeros(terms, dtype=np.int64)
    last = np.full(terms, -1, dtype=np.int64)
    start = 0
    for d in range(ends.size):
        for i in range(start, ends[d]):
            t = tokens[i]
            if t != 0:
                lengths[d] += 1
                if last[t] != d:
                    last[t] = d
                    sizes[t] += 1
        start = ends[d]
    return lengths, sizes


@kernel()
def _fill(
    tokens: NDArray[np.uint32],
    ends: NDArray[np.int64],
    first: int,
    order: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> Any:
    """Documents, numbered from `first`, and frequencies of each term, terms in `order`."""
    at = np.zeros(sizes.size, dtype=np.int64)
    total = 0
    for t in order:
        at[t] = total
        total += sizes[t]
    begin = at.copy()
    documents = np.zeros(total, dtype=np.int64)
    frequencies = np.zeros(total, dtype=np.int64)
    start = 0
    for d in range(ends.size):
        for i in range(start, ends[d]):
            t = tokens[i]
            if t == 0:
                continue
            last = at[t] - 1
            if last >= begin[t] and documents[last] == first + d:
                frequencies[last] += 1
            else:
                documents[at[t]] = first + d
                frequencies[at[t]] = 1
                at[t] += 1
        start = ends[d]
    return documents, frequencies
