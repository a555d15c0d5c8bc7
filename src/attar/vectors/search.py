"""Finding the best rows of the parts of a set: by a scan of nibbles, or block by block."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from attar.codec import Encoded, Fitted
from attar.codec.encoded import Noted
from attar.codec.scan import Fine, ScanPlan
from attar.vectors.partition import Partition
from attar.vectors.parts import PART, Part, take_from
from attar.vectors.progressive import Candidates, Coded, find
from attar.vectors.rescore import reading
from attar.vectors.scan import KINDS, NO_MASK, Beside, Passing, Scan, Stretch, ranked
from attar.vectors.top import Top

Metric: TypeAlias = Literal["ip", "cosine", "l2"]
"""Inner product, cosine, or squared Euclidean distance (negated: greater is nearer)."""

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

_Task: TypeAlias = tuple[Stretch, int | None]
"""What to pass over, and with which query; None: with all."""

QUERIES = 16
"""Queries taken through the rows together: their tables stay in the nearest caches."""

RERANK = 10
"""Rows that a progressive search looks at in full, for each that is asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """How a set is searched, and over what.

    Args:
        fitted: the codec.
        metric: how rows are compared.
        parts: the rows.
        alive: (rows,) which may be found; None: all.
        threads: how many to use.
        partition: the lists by which rows lie; None: they do not.
        probes: how many lists a query looks into; 0: all.
        rerank: rows that a progressive search looks at in full, for each that is asked for.
    """

    fitted: Fitted
    metric: Metric
    parts: Sequence[Part]
    alive: NDArray[np.bool_] | None
    threads: int = 1
    partition: Partition | None = None
    probes: int = 0
    rerank: int = RERANK

    def run(self, q: Floats, k: int) -> tuple[Rows, Floats]:
        """(nq, k) row numbers (-1 where there is none) and scores, best first."""
        if 0 < len(q) <= QUERIES:
            return self._some(q, k)
        found = [self._some(q[i : i + QUERIES], k) for i in range(0, len(q), QUERIES)]
        if not found:
            return np.zeros((0, k), np.int64), np.zeros((0, k), np.float32)
        return np.concatenate([r for r, _ in found]), np.concatenate([s for _, s in found])

    def _some(self, q: Floats, k: int) -> tuple[Rows, Floats]:
        plan = self.fitted.scan
        # Behind `Unit` an l2 score is a factor and a term: nobody needs it, so no kernel has it.
        if plan is None or (plan.unit and self.metric == "l2"):
            return self._plainly(q, k)
        inner, constant = plan.queries(q)
        kind: Beside = "factor" if plan.unit or self.metric == "cosine" else "nothing"
        if self.metric == "l2":
            kind = "term"
        rows = max(1, sum(map(len, self.parts)))
        kept = min(k if plan.whole else k * self.rerank, rows)
        if not plan.whole and (found := self._at_once(plan, q, inner, constant, kind, kept, k)):
            return found
        make = Scan if plan.whole else Candidates
        with np.errstate(over="ignore", invalid="ignore"):  # told by `sound`
            scan = make(plan.nibbles, inner, constant, kept, kind)
        if not scan.sound:
            return self._plainly(q, k)
        forks = self._share(scan, self._tasks(q, kind))
        if isinstance(scan, Candidates):
            numbers, scores = self._in_full(plan, scan, forks, q, inner, constant, k)
        else:
            numbers, scores = ranked(
                np.concatenate([f.rows for f in forks], axis=1),
                np.concatenate([f.scores for f in forks], axis=1),
                k,
            )
            numbers, scores = _filled(numbers, scores, k)
        if self.metric == "l2":
            scores = 2 * scores - np.einsum("ij,ij->i", q, q)[:, None]
        return numbers, scores

    def _at_once(
        self, plan: ScanPlan, q: Floats, inner: Floats, constant: Floats, kind: Beside, kept: int,
        k: int,
    ) -> tuple[Rows, Floats] | None:  # fmt: skip
        """A progressive search by one call of compiled code, where nothing is out of the usual."""
        read = reading(self.fitted)
        if (
            read is None
            or [len(p) > 0 for p in self.parts] != [True]
            or self.threads > 1
            or (self.partition and self.probes)
        ):
            return None
        part, own = self._coded(plan)[0], plan.nibbles
        best, of = np.empty((len(q), k), np.int64), np.empty((len(q), k), np.float32)
        sound = find(
            (own.dims, own.places, own.terms, own.still), inner, constant, part,
            NO_MASK if self.alive is None else _words(self.alive),
            self.parts[0].beside(self.fitted, kind), KINDS.index(kind), kept, read, best, of,
        )  # fmt: skip
        if sound and self.metric == "l2":
            of = 2 * of - np.einsum("ij,ij->i", q, q)[:, None]
        return (best, of) if sound else None

    def _in_full(
        self, plan: ScanPlan, found: Candidates, forks: list[Any], q: Floats, inner: Floats,
        constant: Floats, k: int,
    ) -> tuple[Rows, Floats]:  # fmt: skip
        """The best of the rows that the first term found, by all terms."""
        found.join([f for f in forks if f is not found])
        read = reading(self.fitted)
        if read is None:
            return _filled(*self._again(q, found.best(found.rows.shape[1])[0], k), k)
        found.rescore(self._coded(plan), inner, constant, read)
        return found.best(k)

    def _coded(self, plan: ScanPlan) -> list[Coded]:
        column = cast("Fine", plan.fine).column
        return [
            Coded(start, len(part), cast("Any", part.lines), part.columns[column])
            for start, part in self._numbered()
            if len(part)
        ]

    def _tasks(self, q: Floats, kind: Beside) -> Iterator[_Task]:
        lists = self.partition.nearest(q, self.probes) if self.partition and self.probes else None
        for start, part in self._numbered():
            mask = NO_MASK
            if self.alive is not None:
                own = self.alive[start : start + len(part)]
                if not own.any():
                    continue
                mask = _words(own)
            lines = cast("NDArray[np.uint8]", part.lines)
            beside = part.beside(self.fitted, kind)
            if lists is not None and part.bounds is not None:
                tail = np.array([[part.bounds[-1], len(part)]])  # rows that are in no list
                for i, chosen in enumerate(lists):
                    ranges = np.stack([part.bounds[chosen], part.bounds[chosen + 1]], axis=1)
                    ranges = np.concatenate([ranges, tail])
                    yield Stretch(lines, start, ranges, mask, *beside), i
                continue
            step = PART if self.threads > 1 else max(1, len(part))
            for at in range(0, len(part), step):
                span = np.array([[at, min(at + step, len(part))]], np.int64)
                yield Stretch(lines, start, span, mask, *beside), None

    def _share(self, scan: Passing, tasks: Iterator[_Task]) -> list[Passing]:
        if self.threads == 1:
            for task in tasks:
                scan.offer(*task)
            return [scan]
        forks = [scan.fork() for _ in range(self.threads)]
        lock = threading.Lock()

        def work(own: Passing) -> None:
            while True:
                with lock:
                    task = next(tasks, None)
                if task is None:
                    return
                own.offer(*task)

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(work, forks))
        return forks

    def _again(self, q: Floats, numbers: Rows, k: int) -> tuple[Rows, Floats]:
        """Score the rows that the first term found with all terms."""
        scores = np.full(numbers.shape, -np.inf, np.float32)
        for i, own in enumerate(numbers):
            real = np.flatnonzero(own >= 0)
            if len(real):
                codes = take_from(self.parts, own[real])
                scores[i, real] = self.score(q[i : i + 1], codes)[0]
        return ranked(numbers, scores, k)

    def _plainly(self, q: Floats, k: int) -> tuple[Rows, Floats]:
        top = Top(len(q), k)

        def work(block: tuple[int, Encoded]) -> None:
            start, codes = block
            keep = None if self.alive is None else self.alive[start : start + len(codes)]
            if keep is not None and not keep.any():
                return
            scores = self.score(q, codes)
            if keep is not None:
                scores[:, ~keep] = -np.inf
            top.offer(0, start, scores)

        blocks = ((first + at, b) for first, p in self._numbered() for at, b in p.blocks())
        if self.threads == 1:
            for block in blocks:
                work(block)
        else:
            with ThreadPoolExecutor(self.threads) as pool:
                list(pool.map(work, blocks))
        return top.ranked()

    def _numbered(self) -> Iterator[tuple[int, Part]]:
        starts = accumulate(map(len, self.parts), initial=0)
        return zip(starts, self.parts, strict=False)

    def score(self, q: Floats, codes: Encoded) -> Floats:
        """(nq, n) scores of coded rows in this metric: what every other way must agree with."""
        scores: Any = np.asarray(self.fitted.score(q, codes), np.float32)
        if self.metric == "ip":
            return np.asarray(scores)
        lengths = self._lengths(codes)
        if self.metric == "cosine":
            scores = scores / np.where(lengths > 0, lengths, np.float32(np.inf))
        else:
            own = np.einsum("ij,ij->i", q, q)[:, None]
            scores = 2 * scores - lengths**2 - own
        return np.asarray(scores, np.float32)

    def _lengths(self, codes: Encoded) -> Floats:
        notes = cast("Noted", codes.columns).notes
        if "lengths" not in notes:
            squares = np.maximum(self.fitted.square_norms(codes), 0)
            notes["lengths"] = np.sqrt(squares).astype(np.float32)
        lengths: Floats = notes["lengths"]
        return lengths


def _words(alive: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """A bit for each row, 64 in a word."""
    bits = np.packbits(alive, bitorder="little")
    return np.pad(bits, (0, -len(bits) % 8)).view(np.uint64)


def _filled(rows: Rows, scores: Floats, k: int) -> tuple[Rows, Floats]:
    missing = ((0, 0), (0, k - rows.shape[1]))
    if missing[1][1]:
        rows = np.pad(rows, missing, constant_values=-1)
        scores = np.pad(scores, missing, constant_values=-np.inf)
    return np.where(np.isneginf(scores), -1, rows), scores
