"""`attar measure codec`: the error of recipes at the bits they really take, beside the bound."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.allocate import water_filling
from attar.codec import Recipe
from attar.codec.arrays import as_rows
from attar.errors import UsageError
from attar.measure.plot import Axis, Series, svg
from attar.progress import Progress, silent

MOST_ROWS = 20_000
"""Rows that recipes learn from, and as many others on which they are measured."""

LEAST_SECONDS = 0.2
"""Encoding and decoding are repeated until they took so long, and the fastest counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What recipes are measured on.

    Args:
        name: what it is, for tables.
        learn: (n, d) rows that recipes are fitted to.
        test: (m, d) other rows, on which every figure is measured.
        variances: (d,) of the directions in which the rows vary independently.
    """

    name: str
    learn: NDArray[np.float32]
    test: NDArray[np.float32]
    variances: NDArray[np.float64]

    @staticmethod
    def gaussian(count: int = 2048, dim: int = 1024, seed: int = 0) -> Rows:
        """`count` rows of unit Gaussian values to learn from and as many to measure on.

        Raises:
            UsageError: if there would be no value.
        """
        if count < 1 or dim < 1:
            raise UsageError(f"there are no values in {count} rows of {dim}")
        draw = np.random.default_rng(seed)
        learn, test = draw.standard_normal((2, count, dim), np.float32)
        return Rows(f"unit Gaussian, {count:,} rows of {dim}", learn, test, np.ones(dim))

    @staticmethod
    def of(data: Any, name: str, seed: int = 0) -> Rows:
        """Rows drawn from an (n, d) array, half of them (at most 20,000) to learn from.

        Raises:
            UsageError: if it is no such array of finite numbers, or has fewer than two rows.
        """
        if getattr(data, "ndim", 0) != 2 or len(data) < 2:
            raise UsageError(f"{name} must hold an (n, d) array of at least two rows")
        half = min(MOST_ROWS, len(data) // 2)
        picked = np.random.default_rng(seed).choice(len(data), 2 * half, replace=False)
        rows: NDArray[np.float32] = as_rows(np.asarray(data[np.sort(picked)]), what=name)
        # Rows that lie together in a file are often alike: both halves are from all over it.
        rows = rows[np.argsort(np.argsort(picked))]
        variances = np.linalg.eigvalsh(np.atleast_2d(np.cov(rows.T.astype(np.float64))))
        where = f"{name}, {len(data):,} rows of {rows.shape[1]}"
        return Rows(where, rows[:half], rows[half:], np.maximum(variances, 0))

    def bound(self, bits: float) -> float:
        """Least mean squared error of Gaussian rows of this spectrum at so many bits a value.

        Reverse water-filling; for unit Gaussian values 2^(-2 bits). Of all rows with one spectrum
        the Gaussian are the hardest, so real rows may be written with less error than this.
        """
        rates = water_filling(self.variances, bits * len(self.variances))
        return float(np.mean(self.variances * 4.0**-rates))


@dataclass(frozen=True, slots=True)
class CodecFigures:
    """What one recipe takes, and what it costs.

    Args:
        recipe: as it reads back.
        bits: stored for each value, side information included.
        shared_bytes: learned once for all rows, and counted apart.
        mse: mean squared error of a value.
        gap_db: how far above the bound at these bits, in decibels; None for no error.
        cosine_error: 1 - cosine between a row and what it reads back as, mean.
        encode_mvs: million values a second, of one process's processor time.
        decode_mvs: likewise.
    """

    recipe: str
    bits: float
    shared_bytes: int
    mse: float
    gap_db: float | None
    cosine_error: float
    encode_mvs: float
    decode_mvs: float

    def to_dict(self) -> dict[str, Any]:
        """The figures in plain types."""
        return asdict(self)


def measure_codecs(
    recipes: Sequence[Recipe], rows: Rows, progress: Progress = silent
) -> list[CodecFigures]:
    """Fit every recipe to some rows and measure it on others."""
    figures = []
    for number, recipe in enumerate(recipes):
        progress("measuring recipes", number, len(recipes))
        figures.append(measure_codec(recipe, rows))
    progress("measuring recipes", len(recipes), len(recipes))
    return figures


def measure_codec(recipe: Recipe, rows: Rows) -> CodecFigures:
    """Fit a recipe to `rows.learn` and measure it on `rows.test`."""
    fitted = recipe.fit(rows.learn)
    few = fitted.encode(rows.test[:2])
    fitted.decode(few)  # compiled, and tables made, before the clock runs
    codes, encode_seconds = _fastest(lambda: fitted.encode(rows.test))
    back, decode_seconds = _fastest(lambda: fitted.decode(codes))
    mse = float(np.mean((rows.test.astype(np.float64) - back) ** 2))
    bound = rows.bound(codes.bits)
    return CodecFigures(
        recipe=repr(recipe),
        bits=codes.bits,
        shared_bytes=fitted.nbytes,
        mse=mse,
        gap_db=10 * float(np.log10(mse / bound)) if mse > 0 and bound > 0 else None,
        cosine_error=_cosine_error(rows.test, back),
        encode_mvs=rows.test.size / encode_seconds / 1e6,
        decode_mvs=rows.test.size / decode_seconds / 1e6,
    )


def plot(figures: Sequence[CodecFigures], rows: Rows) -> str:
    """Error over bits as the text of an SVG file, with the bound as a line."""
    drawn = [f for f in figures if f.mse > 0]
    most = max([f.bits for f in drawn], default=4.0)
    grid = np.linspace(0, most * 1.05, 80)
    curve = [(float(r), rows.bound(float(r))) for r in grid]
    x = Axis.around("bits a value, all told", [0.0, most])
    y = Axis.around(
        "mean squared error", [f.mse for f in drawn] + [v for r, v in curve if r <= most], log=True
    )
    points = [Series(f.recipe, [(f.bits, f.mse)]) for f in drawn]
    shown = [p for p in curve if p[0] <= x.high and p[1] >= y.low]
    return svg(rows.name, x, y, [Series("bound", shown, line=True), *points])


def _fastest(work: Callable[[], Any]) -> tuple[Any, float]:
    spent, best = 0.0, np.inf
    while spent < LEAST_SECONDS:
        start = time.process_time()
        result = work()
        seconds = max(time.process_time() - start, 1e-9)
        spent, best = spent + seconds, min(best, seconds)
    return result, best


def _cosine_error(rows: NDArray[np.float32], back: NDArray[np.float32]) -> float:
    x, y = rows.astype(np.float64), back.astype(np.float64)
    lengths = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    along = np.einsum("ij,ij->i", x, y)
    # A row of zeros that reads back as zeros has no direction to lose.
    cosines = np.where(lengths > 0, along / np.where(lengths > 0, lengths, 1), (x == y).all(axis=1))
    return float(1 - np.mean(cosines))
