"""Rows as sums of whole-width centroids, one from each of several codebooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, like, to_numpy
from attar.codec.base import Columns, Quantizer, Weights, decode_and_multiply
from attar.codec.columns import Spec
from attar.codec.fields import scan_bytes
from attar.codec.kmeans import kmeans, same_scale
from attar.codec.state import State
from attar.errors import UsageError
from attar.registry import register

SAMPLE = 1 << 13
BLOCK = 256


@register("residualquantizer", target="codec", paper="Chen et al. (2010), doi:10.3390/s101211259")
@dataclass(frozen=True, repr=False, eq=False)
class ResidualQuantizer(Quantizer):
    """Writes a row as one number for each stage; their centroids add up to it.

    Each stage learns from what the stages before it left over; the encoder follows the best few
    sums at once (beam search).

    Fit it to at least 30 rows for each centroid of a stage (8,000): with fewer, and with stages
    after the first few on data without structure, centroids remember the sample.

    Args:
        stages: numbers of 8 bits a row.
        beam: sums followed at once; 1 is greedy.
        seed: of the centroids' first draw.
    """

    stages: int = 8
    beam: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        name = type(self).__name__
        if not isinstance(self.stages, int) or not 1 <= self.stages <= 256:
            raise UsageError(f"{name} takes 1 to 256 stages, not {self.stages!r}")
        if not isinstance(self.beam, int) or not 1 <= self.beam <= 64:
            raise UsageError(f"{name} takes a beam of 1 to 64, not {self.beam!r}")

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """Centroids of what is left at each stage."""
        rows = to_numpy(x)
        left = rows[:: -(-len(rows) // SAMPLE)].copy()
        books = []
        for stage in range(self.stages):
            books.append(kmeans(left, 256, seed=self.seed + stage))
            left -= books[-1][search(left, books[-1][None], 1)[:, 0]]
        return {"centroids": np.stack(books).astype(np.float32)}

    def encode(self, state: State, x: Array) -> Columns:
        """Beam search, a block of rows at a time."""
        rows = to_numpy(x)
        codes = np.empty((len(rows), self.stages), np.uint8)
        for at in range(0, len(rows), BLOCK):
            codes[at : at + BLOCK] = search(rows[at : at + BLOCK], state["centroids"], self.beam)
        return {"codes": like(codes, x)}

    def decode(self, state: State, columns: Columns) -> Array:
        """The sum of the centroids."""
        return like(total(state["centroids"], to_numpy(columns["codes"])), columns["codes"])

    def score(self, state: State, q: Array, columns: Columns) -> Array:
        """One look-up a stage."""
        if not is_numpy(columns["codes"]):
            return decode_and_multiply(self, state, q, columns)
        out = np.empty((len(q), len(columns["codes"])), np.float32)
        for row, query in zip(out, q, strict=True):
            scan_bytes(state["centroids"] @ query, columns["codes"], row)
        return out

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """The centroids."""
        return {"centroids": Spec("float32", (self.stages, 256, dim))}

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """A byte a stage."""
        return {"codes": Spec("uint8", (self.stages,))}


def search(rows: NDArray[np.float32], books: NDArray[np.float32], beam: int) -> NDArray[np.uint8]:
    """(n, stages) the numbers of a sum near each row, following the `beam` best sums."""
    n = len(rows)
    rows, books = same_scale(rows, books)
    left = rows[:, None, :]  # (n, width of the beam, d)
    paths = np.zeros((n, 1, 0), np.uint8)
    every = np.arange(n)[:, None]
    for book in books:
        half = np.einsum("ij,ij->i", book, book) / 2
        # |left - c|^2 = |left|^2 + 2 (|c|^2 / 2 - left c)
        cost = np.einsum("nbd,nbd->nb", left, left)[:, :, None] + 2 * (half - left @ book.T)
        width = cost.shape[1]
        keep = min(beam, width * len(book))
        flat = cost.reshape(n, -1)
        best = np.argpartition(flat, keep - 1, axis=1)[:, :keep]
        order = np.argsort(np.take_along_axis(flat, best, 1), axis=1, kind="stable")
        best = np.take_along_axis(best, order, 1)
        parent, number = best // len(book), best % len(book)
        left = left[every, parent] - book[number]
        paths = np.concatenate([paths[every, parent], number[:, :, None].astype(np.uint8)], axis=2)
    return paths[:, 0]


def total(books: NDArray[np.float32], codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, d) sums of the centroids of these numbers."""
    out = np.zeros((len(codes), books.shape[2]), np.float32)
    for stage, book in enumerate(books):
        out += book[codes[:, stage]]
    return out
