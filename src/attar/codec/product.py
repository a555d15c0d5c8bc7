"""Rows cut into parts, each part the number of its nearest centroid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, like, to_numpy
from attar.codec.base import Columns, Quantizer, Weights, decode_and_multiply
from attar.codec.columns import Spec
from attar.codec.fields import scan_bytes
from attar.codec.kmeans import assign, kmeans
from attar.codec.nibbles import Nibbles
from attar.codec.packing import pack, packed_width, unpack
from attar.codec.state import State
from attar.errors import UsageError
from attar.registry import register

SAMPLE = 1 << 14


@register(
    "productquantizer", target="codec", paper="Jégou et al. (2011), doi:10.1109/TPAMI.2010.57"
)
@dataclass(frozen=True, repr=False, eq=False)
class ProductQuantizer(Quantizer):
    """Cuts rows into parts and writes for each the number of its nearest centroid.

    Fit it to at least 30 rows for each centroid of a part (8,000 at 8 bits): centroids of fewer
    rows remember the sample, and other rows err more than it did.

    Args:
        parts: how many; a width that they do not divide is filled up with zeros.
        bits: of a number: 8 (256 centroids a part) or 4 (16).
        seed: of the centroids' first draw.
    """

    parts: int = 48
    bits: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.parts, int) or self.parts < 1:
            raise UsageError(f"ProductQuantizer takes 1 part or more, not {self.parts!r}")
        if self.bits not in (4, 8):
            raise UsageError(f"ProductQuantizer takes bits=4 or 8, not {self.bits!r}")

    def _cut(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        n, dim = rows.shape
        if self.parts > dim:
            raise UsageError(f"{self!r} cannot cut {dim} dimensions into {self.parts} parts")
        size = ceil(dim / self.parts)
        padded = np.zeros((n, size * self.parts), np.float32)
        padded[:, :dim] = rows
        return padded.reshape(n, self.parts, size)

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The centroids of each part."""
        rows = to_numpy(x)
        cut = self._cut(rows[:: -(-len(rows) // SAMPLE)])
        if weights is not None:
            diagonal = weights if weights.ndim == 1 else np.diag(weights)
            if np.ptp(diagonal):  # weighted distances: scale, cluster, scale back
                return {"centroids": self._weighted(cut, diagonal)}
        return {"centroids": self._clusters(cut)}

    def _clusters(self, cut: NDArray[np.float32]) -> NDArray[np.float32]:
        parts = [
            kmeans(np.ascontiguousarray(cut[:, p]), 1 << self.bits, seed=self.seed + p)
            for p in range(self.parts)
        ]
        return np.stack(parts)

    def _weighted(
        self, cut: NDArray[np.float32], diagonal: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        root = np.sqrt(np.maximum(self._cut(diagonal[None, :].astype(np.float32))[0], 1e-12))
        scaled: NDArray[np.float32] = self._clusters(cut * root) / root[:, None, :]
        return scaled.astype(np.float32)

    def encode(self, state: State, x: Array) -> Columns:
        """The nearest centroid of each part."""
        cut = self._cut(to_numpy(x))
        codes = np.empty(cut.shape[:2], np.uint8)
        for p, centroids in enumerate(state["centroids"]):
            codes[:, p] = assign(np.ascontiguousarray(cut[:, p]), centroids)
        return {"codes": like(pack(codes, self.bits), x)}

    def decode(self, state: State, columns: Columns) -> Array:
        """The centroids side by side."""
        codes = unpack(to_numpy(columns["codes"]), self.bits, self.parts)
        rows = state["centroids"][np.arange(self.parts), codes.astype(np.int64)]
        flat = rows.reshape(len(codes), rows.shape[1] * rows.shape[2])[:, : state.dim]
        return like(np.ascontiguousarray(flat), columns["codes"])

    def score(self, state: State, q: Array, columns: Columns) -> Array:
        """One look-up a byte."""
        packed = columns["codes"]
        if not is_numpy(packed):
            return decode_and_multiply(self, state, q, columns)
        out = np.empty((len(q), len(packed)), np.float32)
        for row, query in zip(out, self._cut(q), strict=True):
            tables = np.einsum("pcd,pd->pc", state["centroids"], query)
            scan_bytes(by_byte(tables, self.bits), packed, row)
        return out

    def nibbles(self, state: State) -> Nibbles | None:
        """Two numbers of 4 bits a byte."""
        if self.bits != 4:
            return None
        parts, _, size = state["centroids"].shape
        dims = np.arange(parts * size)
        terms = state["centroids"].transpose(0, 2, 1).reshape(-1, 16)
        used = dims < state.dim
        return Nibbles(
            packed_width(parts, 4),
            dims[used],
            np.repeat(np.arange(parts), size)[used],
            np.ascontiguousarray(terms[used], np.float32),
            np.zeros(state.dim, np.float32),
            np.ones(int(used.sum()), np.bool_),
        )

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """The centroids."""
        return {"centroids": Spec("float32", (self.parts, 1 << self.bits, ceil(dim / self.parts)))}

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """One number a part."""
        return {"codes": Spec("uint8", (packed_width(self.parts, self.bits),))}


def by_byte(tables: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """Tables of 8-bit codes as they are; of 4-bit codes, two by two, as sums for whole bytes."""
    if bits == 8:
        return np.ascontiguousarray(tables, np.float32)
    if len(tables) % 2:
        tables = np.concatenate([tables, np.zeros_like(tables[:1])])
    low, high = tables[0::2], tables[1::2]
    return np.ascontiguousarray((high[:, :, None] + low[:, None, :]).reshape(len(low), 256))
