"""Floating point of few bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, like, namespace
from attar.codec.base import Columns, Quantizer, Weights
from attar.codec.columns import Spec
from attar.codec.groups import Groups
from attar.codec.packing import pack, packed_width, unpack
from attar.codec.state import State
from attar.errors import UsageError
from attar.registry import register

_TYPES = {32: "float32", 16: "float16"}
_FORMATS = {8: (4, 3), 4: (2, 1)}
"""Exponent and mantissa bits: E4M3 (without its NaN) and E2M1."""

F16_MAX = float(np.finfo(np.float16).max)


@register(
    "float", target="codec", paper="IEEE 754; OCP Microscaling Formats (2023) for fp8 and fp4"
)
@dataclass(frozen=True, repr=False, eq=False)
class Float(Quantizer):
    """Stores values as floating point.

    Args:
        bits: 32 (loses nothing), 16 (IEEE half; beyond 65504 values are held there), 8 (E4M3) or
            4 (E2M1). With 8 and 4 each group's greatest size is brought to the format's.
        group: values along a row that share a float16 scale, for 8 and 4 bits; None: a row.
    """

    bits: int = 32
    group: int | None = None

    def __post_init__(self) -> None:
        if self.bits not in (*_TYPES, *_FORMATS):
            raise UsageError(f"Float takes bits of 32, 16, 8, 4, not {self.bits!r}")
        Groups(self.group, 1)

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """A power of two that brings the scales to where float16 is exact to 11 bits."""
        top = float(namespace(x).max(namespace(x).abs(x)))
        unit = 2.0 ** np.clip(np.ceil(np.log2(top)) if top > 0 else 0, -120, 120)
        return {} if self.bits in _TYPES else {"unit": np.array([unit], np.float32)}

    def encode(self, state: State, x: Array) -> Columns:
        """Round to the nearest number of the type."""
        xp = namespace(x)
        if self.bits == 32:
            return {"values": x}
        if self.bits == 16:
            return {"values": xp.astype(xp.clip(x, -F16_MAX, F16_MAX), xp.float16)}
        groups, unit = Groups(self.group, 1), float(state["unit"][0])
        table = numbers(self.bits)
        if x.shape[0]:
            scale = groups.extremes(xp.abs(x / unit))[1] / float(table[-1])
        else:
            scale = xp.zeros((0, groups.count(state.dim)), dtype=xp.float32, device=x.device)
        scale = xp.astype(xp.clip(scale, 0, F16_MAX), xp.float16)
        wide = groups.read(scale, state.dim) * unit
        size = xp.abs(x) / xp.where(wide > 0, wide, xp.ones_like(wide))
        cuts = like((table[1:] + table[:-1]) / 2, x)
        number = xp.reshape(xp.searchsorted(cuts, xp.reshape(size, (-1,))), x.shape)
        code = xp.astype(number, xp.uint8) + xp.astype(x < 0, xp.uint8) * (1 << (self.bits - 1))
        return {"codes": pack(code, self.bits), "scale": scale}

    def decode(self, state: State, columns: Columns) -> Array:
        """The numbers as float32."""
        if self.bits in _TYPES:
            return namespace(columns["values"]).astype(
                columns["values"], namespace(columns["values"]).float32
            )
        code = unpack(columns["codes"], self.bits, state.dim)
        xp = namespace(code)
        half = numbers(self.bits)
        both = like(np.concatenate([half, -half]), code)
        flat = xp.reshape(xp.astype(code, xp.int64), (-1,))
        values = xp.reshape(xp.take(both, flat), code.shape)
        wide = Groups(self.group, 1).read(columns["scale"], state.dim)
        return values * (wide * float(state["unit"][0]))

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """The unit of the scales."""
        return {} if self.bits in _TYPES else {"unit": Spec("float32", (1,))}

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """One number a value, and a scale a group."""
        if self.bits in _TYPES:
            return {"values": Spec(_TYPES[self.bits], (dim,))}
        codes = Spec("uint8", (packed_width(dim, self.bits),))
        return {"codes": codes, "scale": Groups(self.group, 1).spec(dim)}


def numbers(bits: int) -> NDArray[np.float32]:
    """The numbers from 0 up of a small format, ascending: code = sign, exponent, mantissa.

    The largest code of E4M3 is a NaN in the specification and stands for 480 here, the number
    that would come next.
    """
    exponent, mantissa = _FORMATS[bits]
    code = np.arange(1 << (exponent + mantissa))
    e, m = code >> mantissa, (code & ((1 << mantissa) - 1)) / (1 << mantissa)
    bias = (1 << (exponent - 1)) - 1
    value = np.where(e > 0, (1 + m) * 2.0 ** (e - bias), m * 2.0 ** (1 - bias))
    return value.astype(np.float32)
