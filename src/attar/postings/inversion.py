"""From documents as they come to lists by term, in bounded memory.

Tokens are numbered as they appear and kept flat, four bytes each. When there are too many, they
are turned into a run of lists by one counting sort, and the run goes to a temporary file; at
the end the runs, each sorted by term and following each other in documents, are merged.
"""

from __future__ import annotations

import heapq
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError
from attar.kernel import kernel
from attar.postings.dictionary import MAX_TERM

BYTES_PER_TOKEN = 24  # four for the token, up to sixteen for its posting, four for copies
MAX_WORDS = 2_000_000  # words remembered; beyond, the vocabulary starts anew with the next run
BATCH = 1 << 20  # postings that are merged, and then coded, at a time


@dataclass(frozen=True)
class Lists:
    """Posting lists in the order of their terms.

    Args:
        terms: sorted, distinct.
        counts: (n,) postings of each.
        documents: (sum of counts,) rising within each list.
        frequencies: (sum of counts,) from 1 on.
    """

    terms: list[bytes]
    counts: NDArray[np.int64]
    documents: NDArray[np.int64]
    frequencies: NDArray[np.int64]


class _Vocabulary(dict[str, int]):
    """Words to numbers; 0 stands for words that are left out.

    Many words share a term ("index", "indexes"), and stemming is slow, so each word is looked
    at once. `dict` calls `__missing__` only then, which keeps the common path in C.
    """

    def __init__(self, term: Callable[[str], str]) -> None:
        super().__init__()
        self._term = term
        self._numbers: dict[bytes, int] = {b"": 0}
        self.terms: list[bytes] = [b""]

    def __missing__(self, word: str) -> int:
        term = to_bytes(self._term(word))
        number = self._numbers.get(term)
        if number is None:
            if len(term) > MAX_TERM:
                raise UsageError(
                    f"the token {word[:40]!r}... is longer than {MAX_TERM} bytes; cut it"
                )
            number = self._numbers[term] = len(self.terms)
            self.terms.append(term)
        self[word] = number
        return number


class Inversion:
    """Takes documents one by one, gives lists by term.

    Args:
        term: word to term; "" for words to leave out.
        memory: bytes to hold before a run goes to disk. The vocabulary comes on top.
    """

    def __init__(self, term: Callable[[str], str], memory: int) -> None:
        self._term = term
        self._limit = max(1024, memory // BYTES_PER_TOKEN)
        self._vocabulary = _Vocabulary(term)
        self._tokens = array("I")
        self._ends = array("q")
        self._lengths: list[NDArray[np.int64]] = []
        self._runs: list[_Run] = []
        self._documents = 0

    def add(self, words: Iterable[str]) -> None:
        """Take the next document's words."""
        self._tokens.extend(map(self._vocabulary.__getitem__, words))
        self._ends.append(len(self._tokens))
        if len(self._tokens) >= self._limit:
            self._runs.append(_Run(self._invert()))

    def finish(self) -> tuple[NDArray[np.int64], Iterator[Lists]]:
        """The lengths of all documents, and their lists in batches, terms rising."""
        last = self._invert()
        batches = _merge([*self._runs, _Run(last)]) if self._runs else iter([last])
        lengths = np.concatenate(self._lengths) if self._lengths else np.zeros(0, np.int64)
        return lengths, batches

    def _invert(self) -> Lists:
        tokens = np.frombuffer(self._tokens, np.uint32) if self._tokens else np.zeros(0, np.uint32)
        ends = np.frombuffer(self._ends, np.int64) if self._ends else np.zeros(0, np.int64)
        terms = self._vocabulary.terms
        lengths, sizes = _measure(tokens, ends, len(terms))
        present = np.flatnonzero(sizes)
        order = np.array(sorted(present.tolist(), key=terms.__getitem__), dtype=np.int64)
        documents, frequencies = _fill(tokens, ends, self._documents, order, sizes)
        self._lengths.append(lengths)
        self._documents += ends.size
        del tokens, ends
        self._tokens, self._ends = array("I"), array("q")
        lists = Lists([terms[i] for i in order.tolist()], sizes[order], documents, frequencies)
        if len(self._vocabulary) > MAX_WORDS:
            self._vocabulary = _Vocabulary(self._term)
        return lists


def to_bytes(term: str) -> bytes:
    """A term as the dictionary holds it; lone surrogates, which occur in damaged text, as "?"."""
    return term.encode("utf-8", "replace")


class _Run:
    """Lists that wait to be merged, their arrays on disk."""

    def __init__(self, lists: Lists) -> None:
        self.terms = lists.terms
        self.bounds = np.zeros(lists.counts.size + 1, dtype=np.int64)
        np.cumsum(lists.counts, out=self.bounds[1:])
        self.documents = _spilled(lists.documents)
        self.frequencies = _spilled(lists.frequencies)


def _spilled(values: NDArray[np.int64]) -> NDArray[np.int64]:
    if values.size == 0:
        return values
    # The file has no name and is gone with the last map of it, whatever happens to us.
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, np.int64, "w+", shape=values.shape).__iadd__(values)


def _merge(runs: Sequence[_Run]) -> Iterator[Lists]:
    """Merge runs, whose documents follow each other in the order of the runs."""

    def cursor(r: int) -> Iterator[tuple[bytes, int, int]]:
        return ((term, r, i) for i, term in enumerate(runs[r].terms))

    terms: list[bytes] = []
    counts: list[int] = []
    documents: list[NDArray[np.int64]] = []
    frequencies: list[NDArray[np.int64]] = []
    held = 0
    for term, r, i in heapq.merge(*map(cursor, range(len(runs)))):
        run = runs[r]
        begin, end = int(run.bounds[i]), int(run.bounds[i + 1])
        if not terms or term != terms[-1]:
            if held >= BATCH:
                yield _batch(terms, counts, documents, frequencies)
                terms, counts, documents, frequencies, held = [], [], [], [], 0
            terms.append(term)
            counts.append(0)
        counts[-1] += end - begin
        held += end - begin
        documents.append(run.documents[begin:end])
        frequencies.append(run.frequencies[begin:end])
    if terms:
        yield _batch(terms, counts, documents, frequencies)


def _batch(
    terms: list[bytes],
    counts: list[int],
    documents: list[NDArray[np.int64]],
    frequencies: list[NDArray[np.int64]],
) -> Lists:
    return Lists(
        terms,
        np.array(counts, dtype=np.int64),
        np.concatenate(documents),
        np.concatenate(frequencies),
    )


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
