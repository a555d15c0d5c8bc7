"""Searching a file of postings where it lies."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError
from attar.postings.analyzer import Analyzer, analyzer
from attar.postings.bits import OUTSIDE
from attar.postings.bm25 import BM25
from attar.postings.container import Container
from attar.postings.dictionary import CONTEXTS, SYMBOLS, TERMS, Dictionary, Terms
from attar.postings.inversion import to_bytes
from attar.postings.lengths import decode_lengths
from attar.postings.lists import locate_lists
from attar.postings.prefix_code import Books
from attar.postings.pruning import best
from attar.postings.scoring import accumulate
from attar.postings.statistics import Statistics

MAX_QUANTA = 40  # scores are multiples of 2**-40 unless weights are too large for that


@dataclass(frozen=True)
class _Query:
    """Lists to read for a query, and how to weigh them."""

    begins: NDArray[np.int64]
    counts: NDArray[np.int64]
    weights: NDArray[np.float64]
    quantum: float
    constant: float


class PostingsReader:
    """An index mapped into memory; nothing is unpacked but what a query touches.

    Document numbers are the order in which documents were written. Safe to use from several
    threads and processes at once.

    Args:
        path: a file that `write_postings` made.

    Raises:
        PackError: if it cannot be read.
        NewerFormatError: if a later version of Attar wrote it.
        DamagedPackError: if it is not what was written. Any other method may raise it too, for
            the parts of the file that it is the first to read.
    """

    def __init__(self, path: str | Path) -> None:
        self._file = Container(Path(path))
        meta = self._read_meta()
        self.documents: int = meta["documents"]
        self.total_length: int = meta["total_length"]
        self.terms: int = meta["terms"]
        self.postings: int = meta["postings"]
        self._widths: tuple[int, int] = tuple(meta["index_widths"])
        self._analyzer: str | None = meta["analyzer"]
        self._lists = self._file.unchecked_words("lists")
        self._last: tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]] | None = None

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def nbytes(self) -> int:
        """Size of the file."""
        return self._file.nbytes

    @property
    def analyzer(self) -> Analyzer | None:
        """How its texts became tokens, or None if it was given tokens."""
        return None if self._analyzer is None else analyzer(self._analyzer)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """(n,) tokens by document."""
        words = self._file.words("lengths")
        # 128 documents take at least 38 bits: a count beyond that is forged.
        if self.documents > (words.size + 1) * 64 * 128 // 38:
            raise self._file.damaged("it has too few document lengths")
        lengths: NDArray[np.int64] = decode_lengths(words, self.documents)
        if lengths.size != self.documents:
            raise self._file.damaged("it has too few document lengths")
        lengths.flags.writeable = False
        return lengths

    def sizes(self) -> dict[str, int]:
        """Bytes by part; they add up to the file's size."""
        return self._file.sizes()

    def verify(self) -> None:
        """Read the whole file and check every byte of it.

        Raises:
            DamagedPackError: if a checksum does not hold.
        """
        self._file.verify()

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """(n,) how many documents hold each term."""
        return self._find(terms)[0][:, 1].copy()

    def vocabulary(self) -> Iterator[tuple[str, int]]:
        """All terms in order, with their document frequencies."""
        for block in range(-(-self.terms // TERMS)):
            try:
                decoded = self._dictionary.decode(block)
            except ValueError as error:
                raise self._file.damaged(str(error)) from error
            for term, frequency in decoded:
                yield term.decode("utf-8", "replace"), frequency

    def scores(
        self, terms: Sequence[str], statistics: Statistics, bm25: BM25 | None = None
    ) -> NDArray[np.float32]:
        """(n,) float32 scores of all documents.

        Args:
            terms: the query's tokens; one that is repeated counts as often.
            statistics: of all documents that are searched together, these included.
            bm25: the variant; Lucene's by default.
        """
        bm25 = bm25 or BM25()
        query = self._prepare(terms, statistics, bm25)
        sums = self._sums(query, statistics, bm25)
        return (sums * query.quantum + query.constant).astype(np.float32)

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
        if k < 1:
            raise UsageError(f"k is {k}; ask for at least 1 document")
        bm25 = bm25 or BM25()
        query = self._prepare(terms, statistics, bm25)
        if allowed is None:
            allowed = np.zeros(0, np.bool_)
        elif allowed.shape != (self.documents,) or allowed.dtype != np.bool_:
            raise UsageError(f"allowed must be {self.documents} booleans, one a document")
        size = min(k, self.documents)
        numbers, scores = np.empty(size, np.int64), np.empty(size, np.float32)
        found = 0
        if size and query.begins.size:
            found = best(
                self._lists,
                query.begins,
                query.counts,
                query.weights,
                self.lengths,
                1.0 - bm25.b,
                bm25.b / statistics.average_length,
                np.array(bm25.curve()),
                query.quantum,
                query.constant,
                allowed,
                numbers,
                scores,
            )
        if found == OUTSIDE:
            raise self._file.damaged("a list cannot be read")
        order = np.lexsort((numbers[:found], -scores[:found]))
        return numbers[order], scores[order]

    @cached_property
    def _dictionary(self) -> Dictionary:
        try:
            books = Books.from_words(self._file.words("codes"), CONTEXTS, SYMBOLS)
        except ValueError as error:
            raise self._file.damaged(str(error)) from error
        words, index = self._file.words("terms"), self._file.words("index")
        # A term takes at least two bits: its end and its frequency.
        if self.terms > words.size * 32:
            raise self._file.damaged("its dictionary is too short for its terms")
        return Dictionary(words, index, self._widths, books, self.terms)

    def _sums(self, query: _Query, statistics: Statistics, bm25: BM25) -> NDArray[np.int64]:
        sums = np.zeros(self.documents, dtype=np.int64)
        status = accumulate(
            self._lists,
            query.begins,
            query.counts,
            query.weights,
            self.lengths,
            1.0 - bm25.b,
            bm25.b / statistics.average_length,
            np.array(bm25.curve()),
            sums,
        )
        if status == OUTSIDE:
            raise self._file.damaged("a list cannot be read")
        return sums

    def _prepare(self, terms: Sequence[str], statistics: Statistics, bm25: BM25) -> _Query:
        repeats: dict[str, int] = {}
        for term in terms:
            repeats[term] = repeats.get(term, 0) + 1
        distinct = list(repeats)
        frequencies = np.array([statistics.frequencies.get(t, 0) for t in distinct], np.int64)
        weights = bm25.idf(frequencies, statistics.documents) * np.array(list(repeats.values()))
        constant = float(weights.sum()) * bm25.absent_component()
        curve = bm25.curve()
        bound = float(np.abs(weights).sum()) * (curve.scale + abs(curve.shift))
        exponent = min(MAX_QUANTA, 60 - math.frexp(bound)[1])
        begins, counts = self._locate(distinct)
        here = (counts > 0) & (weights != 0)
        return _Query(
            begins[here],
            counts[here],
            weights[here] * 2.0**exponent,
            2.0**-exponent,
            constant,
        )

    def _locate(self, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the lists of terms begin, their bytes checked, and how many postings they have."""
        where, before = self._find(terms)
        for place, _, start, stop in where.tolist():
            if place != OUTSIDE:
                if not start <= stop <= self._lists.size * 64:
                    raise self._file.damaged("its dictionary leads outside of its lists")
                self._file.check("lists", start // 8, -(-stop // 8))
        begins = np.zeros(len(terms), dtype=np.int64)
        if locate_lists(self._lists, where, before, self.documents, begins) == OUTSIDE:
            raise self._file.damaged("a list cannot be read")
        return begins, where[:, 1]

    def _find(self, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """`Dictionary.find`, remembering one query: its statistics are gathered just before."""
        key = tuple(terms)
        last = self._last
        if last is None or last[0] != key:
            found = self._dictionary.find(Terms.of([to_bytes(t) for t in key]))
            self._last = last = (key, *found)
        return last[1], last[2]

    def _read_meta(self) -> dict[str, Any]:
        try:
            meta: dict[str, Any] = json.loads(self._file.section("meta").tobytes())
            numbers = [meta[k] for k in ("documents", "total_length", "terms", "postings")]
            widths = meta["index_widths"]
            if not (
                all(type(x) is int and 0 <= x < 1 << 48 for x in [*numbers, *widths])
                and len(widths) == 2
                and max(widths) <= 48
                and (meta["analyzer"] is None or type(meta["analyzer"]) is str)
            ):
                raise ValueError("it says what cannot be")
        except (ValueError, KeyError, TypeError) as error:
            raise self._file.damaged(f"its description cannot be read ({error})") from error
        return meta
