"""Symbols in as many bits as they carry: entropy coding, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, namespace, to_numpy
from attar.codec.base import Columns, Quantizer, Recipe, Weights
from attar.codec.columns import Grouped, Ragged, Spec
from attar.codec.rangecoder import SHARE_BITS, cumulative, decode_rows, encode_rows, most_bytes
from attar.codec.state import State
from attar.codec.symbols import Scalar
from attar.errors import DamagedPackError, UsageError
from attar.registry import register

BISECTIONS = 16


@register(
    "entropy", target="codec", paper="Range coding (Martin 1979); CacheGen (arXiv 2310.07240)"
)
@dataclass(frozen=True, repr=False, eq=False)
class Entropy(Recipe):
    """Codes the symbols of the scalar quantizer before it in about their entropy.

    Every row is a stream of its own, so rows stay independently readable; that costs each
    row the two bytes of its length and about half a byte at its end. Runs on the CPU.

    Args:
        per: "row" for one table of frequencies, right after a random rotation; "dimension"
            for a table for each, right where variances differ.
        bits: set the step of the `Uniform` before it so that symbols take so many bits on
            average; give that one bits=8, for levels enough. None: leave its step as it is.
    """

    per: str = "row"
    bits: float | None = None

    def __post_init__(self) -> None:
        if self.bits is not None and (
            not isinstance(self.bits, int | float) or not 0 < self.bits < 8
        ):
            raise UsageError(f"Entropy takes an average between 0 and 8 bits, not {self.bits!r}")
        if self.per not in ("row", "dimension"):
            raise UsageError(f'Entropy takes per="row" or "dimension", not {self.per!r}')

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """It cannot stand alone."""
        raise UsageError("Entropy() codes symbols: let it follow a scalar quantizer")

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """None of its own; see `Coded`."""
        return {}


@dataclass(frozen=True, repr=False, eq=False)
class Coded(Quantizer):
    """A scalar quantizer whose symbols are entropy coded instead of packed."""

    quantizer: Scalar
    entropy: Entropy

    def __repr__(self) -> str:
        return f"{self.quantizer!r} >> {self.entropy!r}"

    @property
    def block(self) -> int:
        """Rows that must be encoded together."""
        return self.quantizer.block

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The quantizer's state, and how often each symbol comes."""
        arrays = dict(self.quantizer.learn(x, weights))
        counts = self._counts(arrays, x)
        if self.entropy.bits is not None:
            low, high = 2.0**-8, 2.0**8
            for _ in range(BISECTIONS):  # the coarser the step, the fewer the bits
                factor = (low * high) ** 0.5
                counts = self._counts(self.quantizer.coarsen(arrays, factor), x)
                low, high = (factor, high) if _bits(counts) > self.entropy.bits else (low, factor)
            arrays = self.quantizer.centre(self.quantizer.coarsen(arrays, high), x)
            counts = self._counts(arrays, x)
        return {**arrays, "frequencies": _frequencies(counts)}

    def _counts(self, arrays: Mapping[str, NDArray[Any]], x: Array) -> NDArray[np.int64]:
        symbols, _ = self.quantizer.quantize(State(x.shape[1], arrays), x)
        counts = _count(to_numpy(symbols), 1 << self.quantizer.symbol_bits())
        return counts.sum(axis=0, keepdims=True) if self.entropy.per == "row" else counts

    def encode(self, state: State, x: Array) -> Columns:
        """One stream a row."""
        symbols, side = self.quantizer.quantize(state, x)
        symbols = np.ascontiguousarray(to_numpy(symbols))
        n, dim = symbols.shape
        out, lengths = np.empty(n * most_bytes(dim), np.uint8), np.empty(n, np.int64)
        end = encode_rows(symbols, _shares(state), out, lengths)
        kind = self.column_specs(dim)["stream"].lengths
        return {"stream": Ragged(out[:end].copy(), lengths.astype(kind)), **side}

    def decode(self, state: State, columns: Columns) -> Array:
        """Read every row's stream back."""
        symbols: Array = _read(state, columns["stream"])
        side = {k: c for k, c in columns.items() if k != "stream"}
        for column in side.values():
            values = column.values if isinstance(column, Grouped) else column
            if not is_numpy(values):
                symbols = namespace(values).asarray(symbols, device=values.device)
        return self.quantizer.dequantize(state, symbols, side)

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """The quantizer's, and the tables."""
        tables = 1 if self.entropy.per == "row" else dim
        spec = Spec("uint16", (tables, 1 << self.quantizer.symbol_bits()))
        return {**self.quantizer.state_specs(dim), "frequencies": spec}

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """Streams, and the quantizer's side information."""
        most = Spec("uint8", (most_bytes(dim),), "ragged")
        return {"stream": most, **self.quantizer.side_specs(dim)}


def _count(symbols: NDArray[np.uint8], alphabet: int) -> NDArray[np.int64]:
    dim = symbols.shape[1]
    flat = symbols.astype(np.int64) + alphabet * np.arange(dim)
    return np.bincount(flat.reshape(-1), minlength=dim * alphabet).reshape(dim, alphabet)


def _bits(counts: NDArray[np.int64]) -> float:
    """Average bits of a symbol, by the entropy of each table."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    logs = np.log2(np.where(share > 0, share, 1))
    return float(-(share * logs).sum(axis=1).mean())


def _frequencies(counts: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Counts as whole shares of 2^16; those that the sample did not show get the least."""
    total, alphabet = 1 << SHARE_BITS, counts.shape[1]
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shares = 1 + np.floor(share * (total - alphabet)).astype(np.int64)
    every = np.arange(len(shares))
    shares[every, shares.argmax(axis=1)] += total - shares.sum(axis=1)
    small: NDArray[np.uint16] = shares.astype(np.uint16)
    return small


def _shares(state: State) -> NDArray[np.uint64]:
    try:
        made: NDArray[np.uint64] = state.memo("shares", lambda: cumulative(state["frequencies"]))
    except ValueError as error:
        raise DamagedPackError(f"the codec cannot be used: {error}") from error
    return made


def _read(state: State, streams: Ragged) -> NDArray[np.uint8]:
    out = np.zeros((len(streams), state.dim), np.uint8)
    data = np.ascontiguousarray(streams.data)
    damaged = decode_rows(data, streams.starts(), _shares(state), out)
    if damaged >= 0:
        raise DamagedPackError(f"the stream of row {damaged} cannot be decoded")
    return out
