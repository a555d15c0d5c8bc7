"""A few values of each row kept, the others left to what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, namespace, to_numpy
from attar.codec.base import Quantizer, Weights
from attar.codec.columns import Spec
from attar.codec.packing import pack, packed_width, unpack
from attar.codec.state import State
from attar.errors import UsageError

F16_MAX = float(np.finfo(np.float16).max)


@dataclass(frozen=True, repr=False, eq=False)
class Sparse(Quantizer):
    """Keeps the values of greatest size of each row in float16; the others read back as zero.

    Args:
        share: of a row's values, above 0 up to 1.
    """

    share: float = 0.02

    def __post_init__(self) -> None:
        if not isinstance(self.share, int | float) or not 0 < self.share <= 1:
            name = type(self).__name__
            raise UsageError(f"{name} keeps a share above 0 up to 1, not {self.share!r}")

    def count(self, dim: int) -> int:
        """Values kept of a row."""
        return max(1, min(dim, ceil(self.share * dim - 1e-9)))

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """A power of two that brings values to where float16 is exact to 11 bits."""
        top = float(np.abs(to_numpy(x)).max(initial=0))
        unit = 2.0 ** np.clip(np.ceil(np.log2(top)) if top > 0 else 0, -120, 120)
        return {"unit": np.array([unit], np.float32)}

    def kept(self, state: State, x: Array) -> tuple[Array, Array]:
        """Places (ascending) and float16 values of what is kept: (n, count) each."""
        xp = namespace(x)
        order = xp.argsort(-xp.abs(x), axis=1, stable=True)[:, : self.count(x.shape[1])]
        places = xp.sort(order, axis=1)
        values = xp.take_along_axis(x, places, axis=1) / float(state["unit"][0])
        return places, xp.astype(xp.clip(values, -F16_MAX, F16_MAX), xp.float16)

    def spread(self, state: State, places: Array, values: Array) -> Array:
        """Rows with the kept values in their places."""
        xp = namespace(values)
        n = values.shape[0]
        rows = xp.zeros((n, state.dim), dtype=xp.float32, device=values.device)
        at = xp.arange(n, device=values.device)[:, None]
        rows[at, xp.astype(places, xp.int64)] = xp.astype(values, xp.float32) * float(
            state["unit"][0]
        )
        return rows

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """The unit."""
        return {"unit": Spec("float32", (1,))}


def bitmap(places: Array, dim: int) -> Array:
    """(n, ceil(d / 8)) bytes with a bit set for each place."""
    xp = namespace(places)
    flags = xp.zeros((places.shape[0], dim), dtype=xp.uint8, device=places.device)
    flags[xp.arange(places.shape[0], device=places.device)[:, None], places] = 1
    return pack(flags, 1)


def from_bitmap(packed: Array, dim: int, count: int) -> Array:
    """The `count` places of each row, ascending."""
    xp = namespace(packed)
    flags = xp.astype(unpack(packed, 1, dim), xp.int32)
    return xp.argsort(-flags, axis=1, stable=True)[:, :count]


def bitmap_width(dim: int) -> int:
    """Bytes of a bitmap."""
    return packed_width(dim, 1)
