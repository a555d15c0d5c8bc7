"""Floating point of fewer bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, namespace
from attar.codec.base import Columns, Quantizer, Weights
from attar.codec.columns import Spec
from attar.codec.state import State
from attar.errors import UsageError
from attar.registry import register

_TYPES = {32: "float32", 16: "float16"}


@register("float", target="codec", paper="IEEE 754; OCP 8-bit Floating Point (2023)")
@dataclass(frozen=True, repr=False, eq=False)
class Float(Quantizer):
    """Stores values as floating point: 32 bits lose nothing, 16 next to nothing.

    Args:
        bits: 32 (IEEE single) or 16 (IEEE half; beyond 65504 values are held there).
    """

    bits: int = 32

    def __post_init__(self) -> None:
        if self.bits not in _TYPES:
            raise UsageError(f"Float takes bits of {', '.join(map(str, _TYPES))}, not {self.bits}")

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """Nothing is learned."""
        return {}

    def encode(self, state: State, x: Array) -> Columns:
        """Round to the nearest number of the type."""
        if self.bits == 32:
            return {"values": x}
        xp = namespace(x)
        top = float(np.finfo(np.float16).max)
        return {"values": xp.astype(xp.clip(x, -top, top), xp.float16)}

    def decode(self, state: State, columns: Columns) -> Array:
        """The numbers as float32."""
        xp = namespace(columns["values"])
        return xp.astype(columns["values"], xp.float32)

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """None."""
        return {}

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """One number a value."""
        return {"values": Spec(_TYPES[self.bits], (dim,))}
