"""The greatest values of each row, with a bitmap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attar.codec.arrays import Array
from attar.codec.base import Columns
from attar.codec.columns import Spec
from attar.codec.sparse import Sparse, bitmap, bitmap_width, from_bitmap
from attar.codec.state import State
from attar.registry import register


@register("topk", target="codec", paper="Mustafar (arXiv 2505.22913)")
@dataclass(frozen=True, repr=False, eq=False)
class TopK(Sparse):
    """Keeps the values of greatest size and one bit a value that says where; best where many.

    Args:
        share: of a row's values, above 0 up to 1.
    """

    share: float = 0.5

    def encode(self, state: State, x: Array) -> Columns:
        """Bitmap and values."""
        places, values = self.kept(state, x)
        return {"bitmap": bitmap(places, state.dim), "values": values}

    def decode(self, state: State, columns: Columns) -> Array:
        """Zeros but where the bitmap says."""
        places = from_bitmap(columns["bitmap"], state.dim, self.count(state.dim))
        return self.spread(state, places, columns["values"])

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """One bit a value, and 16 for each kept."""
        return {
            "bitmap": Spec("uint8", (bitmap_width(dim),)),
            "values": Spec("float16", (self.count(dim),)),
        }
