"""One bit a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, namespace, to_numpy
from attar.codec.base import Columns, Quantizer, Weights, decode_and_multiply
from attar.codec.columns import Spec
from attar.codec.fields import scan_bytes
from attar.codec.nibbles import Nibbles, plain
from attar.codec.packing import pack, packed_width, unpack
from attar.codec.state import State
from attar.errors import UsageError
from attar.registry import register

F16_MAX = float(np.finfo(np.float16).max)
TINY = 1e-30


@register("sign", target="codec", paper="RaBitQ (arXiv 2405.12497)")
@dataclass(frozen=True, repr=False, eq=False)
class Sign(Quantizer):
    """Keeps the sign of each value.

    Args:
        unbiased: keep two float16 numbers a row: the factor that makes the estimated inner
            product unbiased after a random rotation, and the cosine between row and signs,
            which bounds its error. Without it a sign stands for the mean size of its
            dimension, and a row takes d bits and no more.
    """

    unbiased: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.unbiased, bool):
            raise UsageError(f"Sign takes unbiased=True or False, not {self.unbiased!r}")

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The mean size of each dimension, or of all values."""
        size = np.abs(to_numpy(x)).mean(axis=0)
        if self.unbiased:
            size[:] = 2.0 ** np.ceil(np.log2(max(float(size.mean()), 1e-36)))
        return {"size": size.astype(np.float32)}

    def encode(self, state: State, x: Array) -> Columns:
        """Signs, and what makes them unbiased."""
        xp = namespace(x)
        columns = {"codes": pack(xp.astype(x > 0, xp.uint8), 1)}
        if not self.unbiased:
            return columns
        y = xp.clip(x / state.get("size", x), -1e15, 1e15)  # squares stay finite
        ones = xp.sum(xp.abs(y), axis=1)
        norm = xp.sqrt(xp.sum(y * y, axis=1))
        # <f * signs, x> = |x|^2 for f = |x|^2 / |x|_1: the estimate is exact along x itself.
        safe = xp.clip(ones, TINY, None)
        factor = xp.clip(norm / safe * norm, 0, F16_MAX)
        cosine = safe / xp.clip(norm, TINY, None) / x.shape[1] ** 0.5
        return {
            **columns,
            "factor": xp.astype(factor, xp.float16)[:, None],
            "cosine": xp.astype(xp.clip(cosine, 0, 1), xp.float16)[:, None],
        }

    def decode(self, state: State, columns: Columns) -> Array:
        """Signs times size."""
        xp = namespace(columns["codes"])
        signs = 2 * xp.astype(unpack(columns["codes"], 1, state.dim), xp.float32) - 1
        rows = signs * state.get("size", signs)
        return rows * xp.astype(columns["factor"], xp.float32) if self.unbiased else rows

    def score(self, state: State, q: Array, columns: Columns) -> Array:
        """One look-up for eight signs."""
        packed = columns["codes"]
        if not is_numpy(packed):
            return decode_and_multiply(self, state, q, columns)
        scaled = np.zeros((len(q), packed.shape[1] * 8), np.float32)
        scaled[:, : state.dim] = q * state["size"]
        values = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
        signs = 2 * values.astype(np.float32) - 1
        out = np.empty((len(q), len(packed)), np.float32)
        for row, query in zip(out, scaled, strict=True):
            scan_bytes(query.reshape(-1, 8) @ signs.T, packed, row)
        return out * columns["factor"][:, 0].astype(np.float32) if self.unbiased else out

    def nibbles(self, state: State) -> Nibbles | None:
        """Four signs in each; a row's own factor is not for tables to tell."""
        size = state["size"]
        return None if self.unbiased else plain(np.stack([-size, size], axis=1), 1)

    def error_bound(self, columns: Columns, state: State, confidence: float = 1.9) -> Array:
        """(n,) how far the estimate for a unit query may lie from the true inner product.

        Holds after a random rotation, with a probability that `confidence` (epsilon_0 of
        RaBitQ's theorem 3.2) sets: at 1.9 nearly always.

        Raises:
            UsageError: without `unbiased`, for then nothing is kept to tell.
        """
        if not self.unbiased:
            raise UsageError("only Sign(unbiased=True) keeps what bounds its error")
        xp = namespace(columns["codes"])
        cosine = xp.clip(xp.astype(columns["cosine"][:, 0], xp.float32), 1e-3, 1)
        factor = xp.astype(columns["factor"][:, 0], xp.float32) * float(state["size"][0])
        length = factor * cosine * state.dim**0.5
        spread = xp.sqrt(1 - cosine**2) / cosine
        return length * spread * (confidence / max(1, state.dim - 1) ** 0.5)

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """A size for each dimension."""
        return {"size": Spec("float32", (dim,))}

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """One bit a value, and two numbers a row if unbiased."""
        specs = {"codes": Spec("uint8", (packed_width(dim, 1),))}
        if self.unbiased:
            specs |= {"factor": Spec("float16", (1,)), "cosine": Spec("float16", (1,))}
        return specs
