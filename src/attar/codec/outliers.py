"""The few values that stand out, with their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attar.codec.arrays import Array, namespace
from attar.codec.base import Columns
from attar.codec.columns import Spec
from attar.codec.sparse import Sparse
from attar.codec.state import State
from attar.registry import register


@register("outliers", target="codec", paper="SpQR (arXiv 2306.03078); GEAR (2403.05527)")
@dataclass(frozen=True, repr=False, eq=False)
class Outliers(Sparse):
    """Keeps the values of greatest size with their places; best where they are few.

    The first term of a sum: `Outliers(0.02) + Uniform(bits=2, group=64)`. A value takes 24 bits
    in rows up to 256 wide, 32 in wider ones.

    Args:
        share: of a row's values, above 0 up to 1.
    """

    def encode(self, state: State, x: Array) -> Columns:
        """Places and values."""
        xp = namespace(x)
        places, values = self.kept(state, x)
        # uint16 is not in every torch operation: wide places are two bytes, low byte first.
        low = xp.astype(places & 255, xp.uint8)
        if state.dim <= 256:
            return {"places": low, "values": values}
        high = xp.astype(places >> 8, xp.uint8)
        return {"places": xp.concat([low, high], axis=1), "values": values}

    def decode(self, state: State, columns: Columns) -> Array:
        """Zeros but in the places kept."""
        xp = namespace(columns["values"])
        places = xp.astype(columns["places"], xp.int64)
        count = self.count(state.dim)
        if state.dim > 256:
            places = places[:, :count] + 256 * places[:, count:]
        return self.spread(state, xp.clip(places, 0, state.dim - 1), columns["values"])

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """One or two bytes of place and two of value for each kept value."""
        count = self.count(dim)
        width = count if dim <= 256 else 2 * count
        return {"places": Spec("uint8", (width,)), "values": Spec("float16", (count,))}
