"""`attar measure vectors`: what recipes find at the bytes they take, beside exact search."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.allocate import water_filling
from attar.codec import Recipe
from attar.codec.arrays import as_rows
from attar.errors import UsageError
from attar.measure.plot import Axis, Series, svg
from attar.progress import Progress, silent
from attar.vectors import Metric, Vectors

K = 10
BLOCK = 1 << 14
SINGLE = 100
"""Queries that are searched one by one."""

TILT = 0.25
"""The ideal code favours leading directions a little, as `Waterfill` does: it finds more so."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Rows, queries, and what exact search finds.

    Args:
        base: (n, d) rows to search.
        queries: (nq, d).
        metric: how they are compared.
        truth: (nq, K) the numbers of the rows that exact search in floats finds.
    """

    base: NDArray[np.float32]
    queries: NDArray[np.float32]
    metric: Metric
    truth: NDArray[np.int64]

    @staticmethod
    def of(base: Any, queries: Any, metric: Metric = "ip") -> Task:
        """Search exactly.

        Raises:
            UsageError: if there are fewer than 10 rows, no queries, or widths differ.
        """
        rows: NDArray[np.float32] = as_rows(base, what="the vectors")
        asked: NDArray[np.float32] = as_rows(queries, rows.shape[1], "the queries")
        if len(rows) < K or not len(asked):
            raise UsageError(f"recall@{K} needs at least {K} vectors and one query")
        return Task(rows, asked, metric, exact(rows, asked, metric))

    @property
    def name(self) -> str:
        """What it is, for tables."""
        n, d = self.base.shape
        return f"{n:,} vectors of {d}, {len(self.queries):,} queries, {self.metric}"


@dataclass(frozen=True, slots=True)
class VectorFigures:
    """What one recipe takes and finds.

    Args:
        recipe: as it reads back.
        bytes_per_vector: of the saved file, everything in it, over the vectors.
        recall: share of the exact 10 best that are among its own 10 best; no originals are kept.
        ideal: the same for the ideal Gaussian code at these bytes.
        queries_per_second: one by one, of one thread's processor time.
        queries_per_second_batch: all at once.
        build_seconds: learning and encoding.
    """

    recipe: str
    bytes_per_vector: float
    recall: float
    ideal: float
    queries_per_second: float
    queries_per_second_batch: float
    build_seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The figures in plain types; the metric by its usual name."""
        figures = asdict(self)
        return {("recall@10" if k == "recall" else k): v for k, v in figures.items()}


def measure_vectors(
    recipes: Sequence[Recipe], task: Task, progress: Progress = silent
) -> list[VectorFigures]:
    """Build an index with every recipe, save it, search it."""
    channel = TestChannel.of(task)
    figures = []
    for number, recipe in enumerate(recipes):
        progress("measuring recipes", number, len(recipes))
        figures.append(_measure(recipe, task, channel))
    progress("measuring recipes", len(recipes), len(recipes))
    return figures


def _measure(recipe: Recipe, task: Task, channel: TestChannel) -> VectorFigures:
    warm = Vectors.build(task.base[:1000], recipe, metric=task.metric)
    warm.search(task.queries[:2], K)  # compiled before the clock runs
    start = time.process_time()
    index = Vectors.build(task.base, recipe, metric=task.metric)
    built = time.process_time() - start
    with tempfile.TemporaryDirectory(prefix="attar-") as folder:
        path = Path(folder, "vectors")
        index.save(path)
        size = path.stat().st_size / len(task.base)
    index.search(task.queries[:2], K)  # lengths of rows are worked out once
    start = time.process_time()
    found = index.search(task.queries, K).ids
    batch = len(task.queries) / max(time.process_time() - start, 1e-9)
    few = task.queries[:SINGLE]
    start = time.process_time()
    for query in few:
        index.search(query, K)
    single = len(few) / max(time.process_time() - start, 1e-9)
    return VectorFigures(
        recipe=repr(recipe),
        bytes_per_vector=size,
        recall=recall(found, task.truth),
        ideal=channel.recall(size),
        queries_per_second=single,
        queries_per_second_batch=batch,
        build_seconds=built,
    )


@dataclass(frozen=True, slots=True, eq=False)
class TestChannel:
    """The ideal code of Gaussian rows with this spectrum, simulated.

    At a given rate the best code of a Gaussian of variance v leaves the share 4^-rate of it
    unknown, and what it gives back is distributed as (1 - share) x + noise of variance
    v share (1 - share): the backward test channel (Cover and Thomas, section 10.3.2). Rates are
    shared by reverse water-filling. No code of Gaussian rows passes the recall of this one by
    more than its rates' tilt could gain; rows of another distribution may.
    """

    __test__ = False  # a class of this name is no test

    task: Task
    rows: NDArray[np.float32]
    queries: NDArray[np.float32]
    middle: NDArray[np.float32]
    variances: NDArray[np.float64]

    @staticmethod
    def of(task: Task) -> TestChannel:
        """Turn rows and queries into the axes along which rows vary independently."""
        mean = task.base.mean(axis=0, dtype=np.float64)
        covariance = np.atleast_2d(np.cov(task.base.T.astype(np.float64)))
        variances, axes = np.linalg.eigh(covariance)
        turn = axes.astype(np.float32)
        rows = (task.base - mean.astype(np.float32)) @ turn
        middle = (mean @ axes).astype(np.float32)
        return TestChannel(task, rows, task.queries @ turn, middle, np.maximum(variances, 0))

    def recall(self, size: float, seed: int = 0) -> float:
        """Recall@10 of the ideal code of `size` bytes a vector."""
        value = self.variances ** (1 + TILT)
        unknown = 4.0 ** -water_filling(value, 8 * size)
        keep = (1 - unknown).astype(np.float32)
        spread = np.sqrt(self.variances * unknown * (1 - unknown)).astype(np.float32)
        lengths = np.linalg.norm(self.task.base[:1000], axis=1)
        unit = np.allclose(lengths, 1, atol=1e-2)
        draw = np.random.default_rng(seed)
        back = np.empty_like(self.rows)
        for at in range(0, len(back), BLOCK):
            rows = self.rows[at : at + BLOCK] * keep
            rows += draw.standard_normal(rows.shape, np.float32) * spread + self.middle
            if unit:  # then a code may as well know it
                rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-30)
            back[at : at + BLOCK] = rows
        return recall(exact(back, self.queries, self.task.metric), self.task.truth)


def exact(
    base: NDArray[np.float32], queries: NDArray[np.float32], metric: Metric
) -> NDArray[np.int64]:
    """(nq, K) numbers of the best rows by exact search in floats, in no order."""
    bias, scale = np.float32(0), np.ones(len(base), np.float32)
    squares = np.einsum("ij,ij->i", base, base)
    if metric == "cosine":
        scale = 1 / np.sqrt(np.maximum(squares, np.float32(1e-30)))
    elif metric == "l2":
        bias = -squares / 2
    out = np.empty((len(queries), K), np.int64)
    step = max(1, (1 << 26) // (4 * len(base)))  # 64 MB of scores at once
    for at in range(0, len(queries), step):
        scores = (queries[at : at + step] @ base.T) * scale + bias
        out[at : at + step] = np.argpartition(-scores, K - 1, axis=1)[:, :K]
    return out


def recall(found: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """Share of the true rows among those found, mean over queries."""
    hits = (found[:, :, None] == truth[:, None, :]).any(axis=1).sum(axis=1)
    return float(hits.mean() / truth.shape[1])


def plot(figures: Sequence[VectorFigures], task: Task, points: int = 6) -> str:
    """Recall over bytes as the text of an SVG file, with the ideal code's curve."""
    sizes = [f.bytes_per_vector for f in figures]
    channel = TestChannel.of(task)
    grid = np.geomspace(min(sizes) * 0.8, max(sizes) * 1.1, points)
    curve = sorted(
        [(f.bytes_per_vector, f.ideal) for f in figures]
        + [(float(size), channel.recall(float(size))) for size in grid]
    )
    x = Axis.around("bytes a vector, all told", [p[0] for p in curve])
    y = Axis.around("recall@10", [p[1] for p in curve] + [f.recall for f in figures])
    series = [Series("ideal Gaussian code", curve, line=True)]
    series += [Series(f.recipe, [(f.bytes_per_vector, f.recall)]) for f in figures]
    return svg(task.name, x, y, series)
