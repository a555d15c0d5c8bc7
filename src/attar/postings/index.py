"""A file of posting lists, searched where it lies; what the lists mean is its readers' business."""

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
from attar.postings.bits import OUTSIDE
from attar.postings.container import Container
from attar.postings.exhaustive import score_all
from attar.postings.lengths import classify, decode_lengths
from attar.postings.lookup import Lookup, Place
from attar.postings.pruning import best
from attar.postings.scoring import Curve, tabulate

MAX_QUANTA = 40  # scores are multiples of 2**-40 unless weights are too large for that
TABLE = 8192  # entries of a table of scores, unless documents have very many different lengths
_ALL = np.zeros(0, np.bool_)


@dataclass(frozen=True, slots=True)
class Query:
    """Lists to read, and how to weigh them.

    Args:
        lists: (t, 2) where each begins and its postings.
        weights: (t,) in quanta.
        curve: `Curve` as an array.
        quantum: what a unit of the sums is worth.
        constant: added to every score.
    """

    lists: NDArray[np.int64]
    weights: NDArray[np.float64]
    curve: NDArray[np.float64]
    quantum: float
    constant: float = 0.0

    @classmethod
    def of(
        cls,
        places: Sequence[Place],
        weights: Sequence[float],
        curve: Curve,
        most: float,
        constant: float = 0.0,
    ) -> Query:
        """Make a query.

        Args:
            places: of its terms' lists.
            weights: of its terms.
            curve: of what a posting is worth before its weight.
            most: the greatest sum of values that a document can have.
            constant: added to every score.
        """
        exponent = min(MAX_QUANTA, 60 - math.frexp(most)[1])
        scale = math.ldexp(1.0, exponent)
        here = [(p, w * scale) for p, w in zip(places, weights, strict=True) if p.size and w]
        return cls(
            np.array([p for p, _ in here], np.int64).reshape(-1, 2),
            np.array([w for _, w in here], np.float64),
            np.array(curve),
            1.0 / scale,
            constant,
        )


class Index:
    """An index mapped into memory; nothing is unpacked but what a query touches.

    Document numbers are the order in which documents were written. Safe to use from several
    threads and processes at once.

    Args:
        path: the file.

    Raises:
        PackError: if it cannot be read.
        NewerFormatError: if a later version of Attar wrote it.
        DamagedPackError: if it is not what was written. Any other method may raise it too, for
            the parts of the file that it is the first to read.
    """

    def __init__(self, path: str | Path) -> None:
        self._file = Container(Path(path))
        meta = self._meta = self._read_meta()
        self.documents: int = meta["documents"]
        self.terms: int = meta["terms"]
        self.postings: int = meta["postings"]
        self._lists = self._file.unchecked_words("lists")

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def nbytes(self) -> int:
        """Size of the file."""
        return self._file.nbytes

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(n,) tokens by document; zeros in an index of weights."""
        classes, distinct = self._classes
        lengths: NDArray[np.int64] = distinct[classes]
        return lengths

    @cached_property
    def _classes(self) -> tuple[NDArray[np.unsignedinteger], NDArray[np.int64]]:
        """(n,) which of the distinct lengths each document has; and these."""
        words = self._file.words("lengths")
        # 128 documents take at least 38 bits: a count beyond that is forged.
        if self.documents > (words.size + 1) * 64 * 128 // 38:
            raise self._file.damaged("it has too few document lengths")
        lengths = decode_lengths(words, self.documents)
        if lengths.size != self.documents:
            raise self._file.damaged("it has too few document lengths")
        classes, distinct = classify(lengths)
        # Two bytes but for collections that nobody has: kernels are compiled for those then.
        return classes.astype(np.uint16) if distinct.size <= 1 << 16 else classes, distinct

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
        return np.array([place.size for place in self._lookup.places(terms)], np.int64)

    def vocabulary(self) -> Iterator[tuple[str, int]]:
        """All terms in order, with their document frequencies."""
        return self._lookup.vocabulary()

    @cached_property
    def _lookup(self) -> Lookup:
        w0, w1 = self._meta["index_widths"]
        return Lookup(self._file, self.documents, self.terms, (w0, w1))

    def _scores(self, query: Query) -> NDArray[np.float32]:
        """(n,) scores of all documents."""
        out = np.full(self.documents, query.constant, np.float32)
        if (
            len(query.lists)
            and score_all(
                self._lists,
                query.lists,
                query.weights,
                *self._classes,
                self._table(query),
                query.curve,
                query.quantum,
                query.constant,
                out,
            )
            == OUTSIDE
        ):
            raise self._file.damaged("a list cannot be read")
        return out

    def _best(
        self, query: Query, k: int, allowed: NDArray[np.bool_] | None, share: float = 1.0
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Numbers and scores of the k best documents, best first.

        Args:
            query: what is sought.
            k: how many at most.
            allowed: (n,) which documents may be found; None for all.
            share: by what bounds are multiplied; below 1 the search leaves out more than it may.

        Raises:
            UsageError: if k is not positive or `allowed` is not (n,) booleans.
        """
        if k < 1:
            raise UsageError(f"k is {k}; ask for at least 1 document")
        if allowed is None:
            allowed = _ALL
        elif allowed.shape != (self.documents,) or allowed.dtype != np.bool_:
            raise UsageError(f"allowed must be {self.documents} booleans, one a document")
        size = min(k, self.documents) if len(query.lists) else 0
        numbers, scores = np.empty(size, np.int64), np.empty(size, np.float32)
        if size == 0:
            return numbers, scores
        found = best(
            self._lists,
            query.lists,
            query.weights,
            *self._classes,
            self._table(query),
            query.curve,
            query.quantum,
            query.constant,
            share,
            allowed,
            numbers,
            scores,
        )
        if found == OUTSIDE:
            raise self._file.damaged("a list cannot be read")
        return numbers[:found], scores[:found]

    def _table(self, query: Query) -> NDArray[np.float64]:
        """What postings of small payloads are worth; remembered for the curve last asked for."""
        key = query.curve.tobytes()
        known = self._tabulated
        if known[0] != key:
            lengths = self._classes[1]
            rows = min(max(TABLE // max(lengths.size, 1), 4), 256)
            known = self._tabulated = key, tabulate(lengths, rows, query.curve)
        return known[1]

    _tabulated: tuple[bytes, NDArray[np.float64]] = b"", np.zeros((0, 0))

    def _read_meta(self) -> dict[str, Any]:
        try:
            meta: dict[str, Any] = json.loads(self._file.section("meta").tobytes())
            numbers = [meta[k] for k in ("documents", "total_length", "terms", "postings")]
            widths = meta["index_widths"]
            step = meta.get("step")
            if not (
                all(type(x) is int and 0 <= x < 1 << 48 for x in [*numbers, *widths])
                and numbers[0] < 1 << 32
                and len(widths) == 2
                and max(widths) <= 48
                and (meta["analyzer"] is None or type(meta["analyzer"]) is str)
                and (step is None or (type(step) is float and 0 < step < math.inf))
            ):
                raise ValueError("it says what cannot be")
        except (ValueError, KeyError, TypeError) as error:
            raise self._file.damaged(f"its description cannot be read ({error})") from error
        return meta
