"""Levels placed where the values are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, like, namespace, to_numpy
from attar.codec.base import Columns, Weights
from attar.codec.columns import Spec
from attar.codec.lloyd import borders, lloyd_max, nearest
from attar.codec.nibbles import Nibbles, plain
from attar.codec.packing import check_bits
from attar.codec.state import State
from attar.codec.symbols import Scalar
from attar.registry import register

SAMPLE = 1 << 20


@register(
    "lloydmax", target="codec", paper="Max (1960), doi:10.1109/TIT.1960.1057548; Lloyd (1982)"
)
@dataclass(frozen=True, repr=False, eq=False)
class LloydMax(Scalar):
    """Rounds to the levels of least mean squared error, learned from the sample.

    One table for all dimensions, so it belongs after a random rotation; where variances differ,
    `Waterfill` has a table for each.

    Args:
        bits: of a code: 1, 2, 3, 4, 5, 6 or 8.
    """

    bits: int = 4

    def __post_init__(self) -> None:
        check_bits(self.bits, "LloydMax")

    def symbol_bits(self) -> int:
        """Bits of a code."""
        return self.bits

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The levels."""
        values = to_numpy(x).reshape(-1)
        return {"levels": lloyd_max(values[:: -(-len(values) // SAMPLE)], 2**self.bits)}

    def quantize(self, state: State, x: Array) -> tuple[Array, Columns]:
        """The number of the nearest level."""
        cuts = state.memo("cuts", lambda: borders(state["levels"]))
        if is_numpy(x):
            out = np.empty(x.shape, np.uint8)
            flat = np.ascontiguousarray(x).reshape(-1, 1)
            nearest(flat, cuts[None, :], out.reshape(-1, 1))
            return out, {}
        xp = namespace(x)
        found = xp.searchsorted(like(cuts, x), xp.reshape(x, (-1,)))
        return xp.astype(xp.reshape(found, x.shape), xp.uint8), {}

    def dequantize(self, state: State, symbols: Array, side: Columns) -> Array:
        """The level of that number."""
        xp = namespace(symbols)
        levels = state.get("levels", symbols)
        flat = xp.reshape(xp.astype(symbols, xp.int64), (-1,))
        return xp.reshape(xp.take(levels, flat), symbols.shape)

    def nibbles(self, state: State) -> Nibbles | None:
        """Where no code crosses from one nibble into the next."""
        if self.bits not in (1, 2, 4):
            return None
        return plain(np.tile(state["levels"], (state.dim, 1)), self.bits)

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """The levels."""
        return {"levels": Spec("float32", (2**self.bits,))}
