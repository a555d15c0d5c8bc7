"""Scalar quantizers: one small whole number for each value, packed or entropy coded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from attar.codec.arrays import Array
from attar.codec.base import Columns, Quantizer, Recipe
from attar.codec.columns import Spec
from attar.codec.packing import pack, packed_width, unpack
from attar.codec.state import State
from attar.errors import UsageError

if TYPE_CHECKING:
    from attar.codec.entropy import Entropy


class Scalar(Quantizer):
    """A quantizer whose code is one symbol a value, beside a few columns of side information.

    Members say how values become symbols; how symbols become bytes is here, or is left to
    `Entropy` when that follows.
    """

    @abstractmethod
    def symbol_bits(self) -> int:
        """Bits of a symbol: 1 to 6 or 8."""

    @abstractmethod
    def quantize(self, state: State, x: Array) -> tuple[Array, Columns]:
        """(n, d) rows to (n, d) uint8 symbols, and the side information."""

    @abstractmethod
    def dequantize(self, state: State, symbols: Array, side: Columns) -> Array:
        """(n, d) symbols to (n, d) float32 rows."""

    def coarsen(self, arrays: Mapping[str, NDArray[Any]], factor: float) -> dict[str, NDArray[Any]]:
        """What was learned, changed so that levels lie `factor` times as far apart.

        Raises:
            UsageError: by members whose levels are not evenly spaced.
        """
        raise UsageError(f"{self!r} has no step that Entropy(bits=...) could set: use Uniform")

    def centre(self, arrays: Mapping[str, NDArray[Any]], x: Array) -> dict[str, NDArray[Any]]:
        """What was learned, with levels moved to where the values lie that round to them."""
        return dict(arrays)

    def side_specs(self, dim: int) -> Mapping[str, Spec]:
        """What the side information looks like."""
        return {}

    def encode(self, state: State, x: Array) -> Columns:
        """Quantize, then pack."""
        symbols, side = self.quantize(state, x)
        return {"codes": pack(symbols, self.symbol_bits()), **side}

    def decode(self, state: State, columns: Columns) -> Array:
        """Unpack, then look up."""
        symbols = unpack(columns["codes"], self.symbol_bits(), state.dim)
        return self.dequantize(state, symbols, columns)

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """Packed codes and the side information."""
        width = packed_width(dim, self.symbol_bits())
        return {"codes": Spec("uint8", (width,)), **self.side_specs(dim)}


def coded(quantizer: Recipe, entropy: Entropy) -> Quantizer:
    """What `quantizer >> Entropy()` stands for.

    Raises:
        UsageError: if the quantizer gives no symbols.
    """
    from attar.codec.entropy import Coded

    if not isinstance(quantizer, Scalar):
        raise UsageError(f"{quantizer!r} gives no symbols that Entropy() could code")
    return Coded(quantizer, entropy)
