"""`Vectors`: rows kept as codes, searched without writing them out as floats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, cast, get_args

import numpy as np
from numpy.typing import NDArray

from attar.codec import Encoded, Fitted, Recipe, parse, storage
from attar.codec.arrays import Array, as_queries, to_numpy
from attar.codec.encoded import Noted
from attar.errors import DamagedPackError, UsageError
from attar.vectors.ids import Ids
from attar.vectors.top import Top

Metric: TypeAlias = Literal["ip", "cosine", "l2"]
"""Inner product, cosine, or squared Euclidean distance (negated: greater is nearer)."""

BLOCK = 1 << 14
"""Rows scored at a time by one thread: a block of scores stays in the cache."""

QUERIES = 16
"""Queries scored against a block at a time."""

SAMPLE = 20_000
"""Rows of the source from which a recipe learns, unless it is fitted already."""


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
    """

    def __init__(self, fitted: Fitted, metric: Metric = "ip", *, threads: int = 1) -> None:
        if metric not in get_args(Metric):
            raise UsageError(f"metric is one of {', '.join(get_args(Metric))}, not {metric!r}")
        if not isinstance(threads, int) or threads < 1:
            raise UsageError(f"threads is a whole number from 1, not {threads!r}")
        self.fitted = fitted
        self.metric: Metric = metric
        self.threads = threads
        self._parts: list[Encoded] = []
        self._ids = Ids()
        self._file: storage.File | None = None

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
        """
        if isinstance(source, list | tuple) and source and not hasattr(source[0], "ndim"):
            source = np.asarray(source, np.float32)
        if hasattr(source, "ndim"):
            rows: Any = source
            if isinstance(codec, Fitted):
                fitted = codec
            else:
                step = max(1, len(rows) // SAMPLE)
                fitted = parse(codec).fit(rows[::step])
            made = cls(fitted, metric, threads=threads)
            made.add(rows, ids)
            return made
        stream = iter(source)
        head: list[Array] = []
        if not isinstance(codec, Fitted):
            while sum(map(len, head)) < SAMPLE and (piece := next(stream, None)) is not None:
                head.append(to_numpy(piece))
            if not head:
                raise UsageError("the stream gave no rows to learn from")
            codec = parse(codec).fit(np.concatenate(head))
        made = cls(codec, metric, threads=threads)
        numbers = None if ids is None else iter(ids)
        while head:
            made._add_some(head.pop(0), numbers)
        for piece in stream:
            made._add_some(piece, numbers)
        return made

    def _add_some(self, piece: Array, numbers: Iterator[int] | None) -> None:
        if numbers is None:
            self.add(piece)
        else:
            self.add(piece, list(islice(numbers, len(piece))))

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
        return self._ids.values[self._ids.alive]

    @property
    def nbytes(self) -> int:
        """Bytes of codes and codec, counted from the arrays."""
        return sum(p.nbytes for p in self._parts) + self.fitted.nbytes

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
        codes = self.fitted.encode(x)
        new = self._ids.add(len(codes), ids)
        self._keep(codes)
        return new

    def delete(self, ids: Iterable[int]) -> int:
        """Delete the rows of these ids; how many there were. Unknown ids are no error."""
        return self._ids.delete(ids)

    def update(self, ids: Iterable[int], x: Array) -> None:
        """Replace the rows of these ids, or add those that are not there."""
        codes = self.fitted.encode(x)
        new = self._ids.check(ids, len(codes))
        self._ids.delete(new.tolist())
        self._ids.add(len(codes), new)
        self._keep(codes)

    def scores(self, query: Array) -> NDArray[np.float32]:
        """(n,) float32: the score of every living row, in the order of `ids`.

        Args:
            query: (d,) values.
        """
        q = self._queries(query)
        if len(q) != 1:
            raise UsageError(f"scores takes one query, not {len(q)}: search takes many")
        out = np.empty(self._ids.rows, np.float32)
        start = 0
        for part in self._parts:
            out[start : start + len(part)] = self._score(q, part)[0]
            start += len(part)
        return out if self._ids.alive.all() else out[self._ids.alive]

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
        mask = self._ids.alive
        if allow is not None:
            chosen = np.zeros(len(mask), np.bool_)
            chosen[self._ids.find(allow)] = True
            mask = mask & chosen
        everything = bool(mask.all())

        top = Top(len(q), int(k))

        def work(block: tuple[int, Encoded]) -> None:
            start, part = block
            keep = None if everything else mask[start : start + len(part)]
            if keep is not None and not keep.any():
                return
            for at in range(0, len(q), QUERIES):  # bounds the scores held at once
                scores = self._score(q[at : at + QUERIES], part)
                if keep is not None:
                    scores[:, ~keep] = -np.inf
                top.offer(at, start, scores)

        self._map(work)
        rows, scores = top.ranked()
        names = self._ids.values
        return Found(np.where(rows >= 0, names[rows], -1) if len(names) else rows, scores)

    def decode(self, ids: Iterable[int]) -> NDArray[np.float32]:
        """(n, d) the rows of these ids as their codes tell; all must live."""
        wanted = list(ids)
        rows = self._ids.find(wanted)
        if len(rows) != len(wanted):
            raise UsageError("some of these ids are not in the set")
        codes = Encoded.concat(self._parts)[rows]
        return np.asarray(self.fitted.decode(codes), np.float32)

    def save(self, path: str | Path) -> None:
        """Write everything to one safetensors file, atomically; tombstones are left out."""
        alive = self._ids.alive
        parts, start = [], 0
        for part in self._parts:
            keep = alive[start : start + len(part)]
            parts.append(part if keep.all() else part[keep])
            start += len(part)
        codes = Encoded.concat(parts) if parts else self.fitted.encode(np.zeros((0, self.dim)))
        arrays = {f"codec.{k}": v for k, v in self.fitted.state.arrays.items()}
        arrays |= {f"codes.{k}": v for k, v in codes.arrays().items()}
        ids = self.ids
        header = {**self.fitted.header(), "metric": self.metric, "rows": str(len(ids))}
        if len(ids) and (np.diff(ids) == 1).all():  # counted up: the first tells all
            header["first_id"] = str(int(ids[0]))
        else:
            small = not len(ids) or ids.max() < 1 << 32
            arrays["ids"] = ids.astype(np.uint32 if small else np.int64)
        storage.write(path, arrays, header)

    @classmethod
    def load(cls, path: str | Path, *, threads: int = 1) -> Vectors:
        """Map what `save` wrote; codes are read when they are first searched.

        Raises:
            DamagedPackError: if the file is cut short or not sound.
            NewerFormatError: if a later version wrote it.
        """
        file = storage.read(path)
        fitted = Fitted.from_parts(file.metadata, _under(file.arrays, "codec."))
        metric: Any = file.metadata.get("metric")
        made = cls(fitted, metric, threads=threads)
        codes = fitted.encoded(_under(file.arrays, "codes."))
        if "first_id" in file.metadata:
            first = int(file.metadata["first_id"])
            ids = np.arange(first, first + len(codes), dtype=np.int64)
        else:
            ids = file.arrays.get("ids", np.zeros(0)).astype(np.int64)
        if ids.shape != (len(codes),):
            raise DamagedPackError(f"{path} holds {len(codes)} rows but ids for {len(ids)}")
        made._ids = Ids(ids)
        made._file = file
        if len(codes):
            made._keep(codes)
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
            norms = np.sqrt(np.einsum("ij,ij->i", q, q))
            q = q / np.where(norms > 0, norms, 1)[:, None]
        return q

    def _score(self, q: NDArray[np.float32], part: Encoded) -> NDArray[np.float32]:
        scores: Any = np.asarray(self.fitted.score(q, part), np.float32)
        if self.metric == "ip":
            return np.asarray(scores)
        lengths = self._lengths(part)
        if self.metric == "cosine":
            scores = scores / np.where(lengths > 0, lengths, np.float32(np.inf))
        else:
            own = np.einsum("ij,ij->i", q, q)[:, None]
            scores = 2 * scores - lengths**2 - own
        return np.asarray(scores, np.float32)

    def _lengths(self, part: Encoded) -> NDArray[np.float32]:
        notes = cast("Noted", part.columns).notes
        if "lengths" not in notes:
            squares = np.maximum(self.fitted.square_norms(part), 0)
            notes["lengths"] = np.sqrt(squares).astype(np.float32)
        lengths: NDArray[np.float32] = notes["lengths"]
        return lengths

    def _keep(self, codes: Encoded) -> None:
        """Take codes in, as blocks that stay: what is noted of a block is noted once."""
        codes = _on_cpu(codes)
        step = -(-BLOCK // self.fitted.coder.block) * self.fitted.coder.block
        self._parts += [codes[i : i + step] for i in range(0, len(codes), step)]

    def _map(self, work: Callable[[tuple[int, Encoded]], None]) -> None:
        starts = accumulate(map(len, self._parts), initial=0)
        blocks = zip(starts, self._parts, strict=False)
        if self.threads == 1:
            for block in blocks:
                work(block)
        else:
            with ThreadPoolExecutor(self.threads) as pool:
                list(pool.map(work, blocks))


def _on_cpu(codes: Encoded) -> Encoded:
    columns = {k: c if not hasattr(c, "cpu") else to_numpy(c) for k, c in codes.columns.items()}
    return Encoded(columns, len(codes), codes.dim)


def _under(arrays: Any, prefix: str) -> dict[str, NDArray[Any]]:
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
