"""Residual codes made better together: codebooks and numbers refined in turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, like, to_numpy
from attar.codec.base import Columns, Weights
from attar.codec.kmeans import same_scale
from attar.codec.residualquantizer import BLOCK, SAMPLE, ResidualQuantizer, search, total
from attar.codec.state import State
from attar.errors import UsageError
from attar.registry import register

RIDGE = 1e-3
"""Keeps the least squares solvable where a centroid was never used; in rows of the sample."""


@register(
    "additivequantizer", target="codec", paper="LSQ (Martinez et al. 2016); AQLM (2401.06118)"
)
@dataclass(frozen=True, repr=False, eq=False)
class AdditiveQuantizer(ResidualQuantizer):
    """As `ResidualQuantizer`, but no stage comes first.

    After residual training, two steps take turns: the codebooks are solved for by least squares
    with the numbers held, and each number is chosen anew with the others held (iterated
    conditional modes).

    Least squares fits 256 * stages centroids at once, so it needs several rows for each: 16 stages
    learned from 8,192 rows of noise err on other rows by more than their variance.

    Args:
        stages: numbers of 8 bits a row.
        beam: sums followed at once by the search that the numbers begin with.
        seed: of the centroids' first draw.
        rounds: turns while learning, and passes over the numbers while encoding.
    """

    rounds: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.rounds, int) or self.rounds < 1:
            raise UsageError(f"AdditiveQuantizer takes 1 round or more, not {self.rounds!r}")

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """Codebooks by turns of least squares and choosing anew."""
        rows = to_numpy(x)
        rows = rows[:: -(-len(rows) // SAMPLE)]
        books = np.asarray(super().learn(rows, weights)["centroids"])
        for _ in range(self.rounds):
            solved = solve(rows, self._choose(rows, books), self.stages)
            books = solved
        return {"centroids": books}

    def encode(self, state: State, x: Array) -> Columns:
        """Beam search, then every number chosen anew."""
        return {"codes": like(self._choose(to_numpy(x), state["centroids"]), x)}

    def _choose(self, rows: NDArray[np.float32], books: NDArray[np.float32]) -> NDArray[np.uint8]:
        out = np.empty((len(rows), self.stages), np.uint8)
        for at in range(0, len(rows), BLOCK):
            part = rows[at : at + BLOCK]
            out[at : at + BLOCK] = improve(part, search(part, books, self.beam), books, self.rounds)
        return out


def improve(
    rows: NDArray[np.float32],
    codes: NDArray[np.uint8],
    books: NDArray[np.float32],
    rounds: int,
) -> NDArray[np.uint8]:
    """Choose each number anew with the others held; the error never grows."""
    codes = codes.copy()
    rows, books = same_scale(rows, books)
    left = rows - total(books, codes)
    halves = np.einsum("scd,scd->sc", books, books) / 2
    for _ in range(rounds):
        for stage, book in enumerate(books):
            left += book[codes[:, stage]]
            codes[:, stage] = np.argmax(left @ book.T - halves[stage], axis=1)
            left -= book[codes[:, stage]]
    return codes


def solve(rows: NDArray[np.float32], codes: NDArray[np.uint8], stages: int) -> NDArray[np.float32]:
    """Codebooks of least squared error for rows with these numbers."""
    from scipy.sparse import csr_matrix

    n = len(rows)
    columns = (codes.astype(np.int64) + 256 * np.arange(stages)).reshape(-1)
    ones = np.ones(len(columns))
    used = csr_matrix((ones, columns, np.arange(0, len(columns) + 1, stages)), (n, 256 * stages))
    normal = (used.T @ used).toarray()
    normal[np.diag_indices_from(normal)] += RIDGE
    books = np.linalg.solve(normal, used.T @ rows.astype(np.float64))
    solved: NDArray[np.float32] = books.reshape(stages, 256, -1).astype(np.float32)
    return solved
