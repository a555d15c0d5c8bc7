"""`Vectors`: rows kept as codes, searched without writing them out as floats."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from attar.codec import Fitted, Recipe, storage
from attar.codec.arrays import Array, as_queries, to_numpy
from attar.errors import UsageError
from attar.kernel import kernel
from attar.vectors import file
from attar.vectors.ids import Ids
from attar.vectors.partition import Partition, divided, lists_for
from attar.vectors.rows import Rows
from attar.vectors.search import RERANK, Metric, Search
from attar.vectors.source import learned


class Found(NamedTuple):
    """What a search found, best first.

    Attributes:
        ids: (nq, k) int64; -1 where fewer than k rows live.
        scores: (nq, k) float32; -inf where there is no row.
    """

    ids: NDArray[np.int64]
    scores: NDArray[np.float32]


class Vectors:
    """A searchable set of vectors over any codec; no float originals are kept.

    Args:
        fitted: the codec; its calibration is part of the set.
        metric: "ip" (inner product), "cosine" or "l2".
        threads: how many threads a search may use.

    Attributes:
        probes: how many of the partition's lists a search looks into, 0 for all of them;
            `tune` sets it.
        rerank: of a recipe `a + b`, how many rows that `a` likes best are scored in full for
            each row that is asked for.
    """

    def __init__(self, fitted: Fitted, metric: Metric = "ip", *, threads: int = 1) -> None:
        if metric not in get_args(Metric):
            raise UsageError(f"metric is one of {', '.join(get_args(Metric))}, not {metric!r}")
        if not isinstance(threads, int) or threads < 1:
            raise UsageError(f"threads is a whole number from 1, not {threads!r}")
        self.fitted = fitted
        self.metric: Metric = metric
        self.threads = threads
        self._rows = Rows(fitted)
        self._ids = Ids()
        self._file: storage.File | None = None
        self._partition: Partition | None = None
        self.probes = 0
        self.rerank = RERANK

    @classmethod
    def build(
        cls,
        source: Array | Iterable[Array],
        codec: str | Recipe | Fitted,
        *,
        ids: Iterable[int] | None = None,
        metric: Metric = "ip",
        threads: int = 1,
    ) -> Vectors:
        """Fit a codec (unless it is fitted) and encode all rows.

        Args:
            source: an (n, d) array, memory-mapped or not, or a stream of such arrays. Of a
                stream the recipe learns from the first arrays, up to 20,000 rows: give a fitted
                codec where they are not like the rest.
            codec: a recipe, its text, or a fitted codec.
            ids: one for each row; without them rows are numbered from 0.
            metric: how rows are compared with a query.
            threads: how many threads a search may use.

        Raises:
            UsageError: if there is no row to learn from, or not one id for each row.
        """
        fitted, pieces = learned(source, codec)
        made = cls(fitted, metric, threads=threads)
        if hasattr(source, "ndim") or ids is None:
            for piece in pieces:
                made.add(piece, ids)
        else:
            numbers = iter(ids)
            for piece in pieces:
                made.add(piece, list(islice(numbers, len(piece))))
            if next(numbers, None) is not None:
                raise UsageError(f"there are more ids than the {len(made)} rows")
        made._rows.join()
        return made

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        return f"<Vectors: {len(self):,} rows of {self.fitted.dim}, {self.fitted.recipe!r}>"

    @property
    def dim(self) -> int:
        """Width of a row."""
        return self.fitted.dim

    @property
    def ids(self) -> NDArray[np.int64]:
        """(n,) ids of the living rows, in the order of `scores`."""
        return np.asarray(self._ids.living, np.int64)

    @property
    def nbytes(self) -> int:
        """Bytes of codes and codec, counted from the arrays."""
        lists = 0 if self._partition is None else self._partition.centroids.nbytes
        return self._rows.nbytes + self.fitted.nbytes + lists

    def add(self, x: Array, ids: Iterable[int] | None = None) -> NDArray[np.int64]:
        """Encode rows and add them; they are found from now on.

        Args:
            x: (n, d) values.
            ids: one for each row; without them they go on from the greatest there has been.

        Returns:
            The ids of the new rows.

        Raises:
            UsageError: if an id is taken, or the values cannot be encoded.
        """
        parts = self._rows.encode(x)
        new = self._ids.add(sum(map(len, parts)), ids)
        self._rows.add(parts)
        return new

    def delete(self, ids: Iterable[int]) -> int:
        """Delete the rows of these ids; how many there were. Unknown ids are no error."""
        return self._ids.delete(ids)

    def update(self, ids: Iterable[int], x: Array) -> None:
        """Replace the rows of these ids, or add those that are not there."""
        parts = self._rows.encode(x)
        count = sum(map(len, parts))
        new = self._ids.check(ids, count)
        self._ids.delete(new)
        self._ids.add(count, new)
        self._rows.add(parts)

    def scores(self, query: Array) -> NDArray[np.float32]:
        """(n,) float32: the score of every living row, in the order of `ids`.

        Args:
            query: (d,) values.
        """
        q = self._queries(query)
        if len(q) != 1:
            raise UsageError(f"scores takes one query, not {len(q)}: search takes many")
        search = self._search(None)
        out = np.empty(self._ids.rows, np.float32)
        start = 0
        for part in search.parts:
            for at, block in part.blocks():
                out[start + at : start + at + len(block)] = search.score(q, block)[0]
            start += len(part)
        return out if search.alive is None else out[search.alive]

    def search(self, queries: Array, k: int = 10, *, allow: Iterable[int] | None = None) -> Found:
        """The k best rows for each query.

        Args:
            queries: (nq, d) or (d,).
            k: how many.
            allow: ids among which to search; None: all.

        Returns:
            Ids and scores, (nq, k), best first; equal scores in the order of rows.
        """
        if not isinstance(k, int | np.integer) or k < 1:
            raise UsageError(f"k is a whole number from 1, not {k!r}")
        q = self._queries(queries)
        search = self._search(allow)
        rows, scores = search.run(q, int(k))
        return Found(self._ids.names(rows), scores)

    def decode(self, ids: Iterable[int]) -> NDArray[np.float32]:
        """(n, d) the rows of these ids as their codes tell; all must live."""
        wanted = list(ids)
        rows = self._ids.find(wanted)
        if len(rows) != len(wanted):
            raise UsageError("some of these ids are not in the set")
        if not len(rows):
            return np.zeros((0, self.dim), np.float32)
        return np.asarray(self.fitted.decode(self._rows.take(rows)), np.float32)

    def compact(self) -> None:
        """Give the room of deleted rows back, and join small parts."""
        self._rows.keep(self._ids.alive)
        self._ids = self._ids.reordered(None)

    def partition(self, lists: int | None = None, *, seed: int = 0) -> None:
        """Put the rows in the order of lists around centroids, for searches of large sets.

        A search then looks into the `probes` lists nearest to its query (a tenth of them until
        `tune` or you set another number) and into all rows added later. Calling it again takes
        those in too. Small sets need none: a scan of all rows is exact and takes about a
        millisecond for half a million.

        Args:
            lists: how many; None: by the number of rows, half its root.
            seed: of the centroids' first draw.

        Raises:
            UsageError: if the codec cannot be scanned by nibbles, or there are too few rows.
        """
        if self.fitted.scan is None:
            raise UsageError(f"{self.fitted.recipe!r} has no scan that could pass over lists")
        self.compact()
        count = lists_for(len(self)) if lists is None else lists
        l2 = self.metric == "l2"
        partition, home = divided(self._floats, len(self), count, l2=l2, seed=seed)
        order = np.argsort(home, kind="stable")
        self._rows.put(order, np.concatenate([[0], np.cumsum(np.bincount(home, minlength=count))]))
        self._ids = self._ids.reordered(order)
        self._partition, self.probes = partition, max(1, count // 10)

    def _floats(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Decoded rows as the partition sees them: of length 1 if they are compared by angle."""
        x = np.asarray(self.fitted.decode(self._rows.take(rows)), np.float32)
        if self.metric == "cosine":
            lengths = np.sqrt(np.einsum("ij,ij->i", x, x))
            x /= np.where(lengths > 0, lengths, 1)[:, None]
        return x

    def tune(self, queries: Array, recall: float = 0.95, k: int = 10) -> float:
        """Set `probes` to the least that reaches a recall, and tell what it is.

        Recall is the share of the `k` best rows of a search of all lists that are found.

        Args:
            queries: (nq, d) like those to come.
            recall: what to reach, above 0 and up to 1.
            k: how many rows a search is for.

        Returns:
            The recall measured with the number of lists set.

        Raises:
            UsageError: if the set has no partition.
        """
        if self._partition is None:
            raise UsageError("there are no lists to look into: call partition() first")
        if not 0 < recall <= 1:
            raise UsageError(f"recall lies above 0 and up to 1, not {recall!r}")
        lists, self.probes = len(self._partition), 0
        truth = self.search(queries, k).ids

        def reached(probes: int) -> float:
            self.probes = probes
            found = self.search(queries, k).ids
            pairs = zip(truth.tolist(), found.tolist(), strict=True)
            hits = sum(len(set(a) & set(b) - {-1}) for a, b in pairs)
            return hits / max(1, int((truth >= 0).sum()))

        low, high = 0, lists  # recall only grows with probes: lists are taken in one order
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if reached(middle) >= recall else (middle, high)
        return reached(high)

    def save(self, path: str | Path) -> None:
        """Write everything to one safetensors file, atomically; tombstones are left out."""
        file.write(
            path, self.fitted, self.metric, self._rows.parts, self._ids, self._partition,
            self.probes,
        )  # fmt: skip

    @classmethod
    def load(cls, path: str | Path, *, threads: int = 1) -> Vectors:
        """Map what `save` wrote; codes are read when they are first searched.

        Raises:
            DamagedPackError: if the file is cut short or not sound.
            NewerFormatError: if a later version wrote it.
        """
        found = file.read(path)
        made = cls(found.fitted, found.metric, threads=threads)
        made._ids, made._file = found.ids, found.file
        made._partition, made.probes = found.partition, found.probes
        made._rows.add([found.part])
        return made

    def verify(self) -> None:
        """Compare the file this set was loaded from with its checksum, every byte of it.

        Raises:
            DamagedPackError: if a byte changed since it was written.
        """
        if self._file is not None:
            self._file.verify()

    def _queries(self, queries: Array) -> NDArray[np.float32]:
        q = to_numpy(as_queries(queries, self.dim))
        if self.metric == "cosine":
            made = np.empty_like(q)
            _unit(q, made)
            return made
        return q

    def _search(self, allow: Iterable[int] | None) -> Search:
        parts, alive = list(self._rows.parts), self._ids.alive
        if allow is not None:
            chosen = np.zeros(self._ids.rows, np.bool_)
            chosen[self._ids.find(allow)] = True
            alive = chosen
        return Search(
            self.fitted, self.metric, parts, alive, self.threads, self._partition, self.probes,
            self.rerank,
        )  # fmt: skip


@kernel(nogil=True)
def _unit(q: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Rows of length 1; those of zeros stay so."""
    for i in range(len(q)):
        square = 0.0
        for d in range(q.shape[1]):
            square += np.float64(q[i, d]) * q[i, d]
        factor = np.float32(1 / np.sqrt(square)) if square > 0 else np.float32(0)
        for d in range(q.shape[1]):
            out[i, d] = q[i, d] * factor
