"""Values coded along the best path through a trellis: vector quantization of whole rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, like, to_numpy
from attar.codec.base import Columns, Quantizer, Weights
from attar.codec.columns import Spec
from attar.codec.packing import pack, packed_width, unpack
from attar.codec.state import State
from attar.errors import UsageError
from attar.kernel import kernel
from attar.registry import register

SCALES = np.linspace(0.85, 1.15, 13)
TRIED_ROWS = 16


@register("trellis", target="codec", paper="QTIP (arXiv 2406.11235); Marcellin & Fischer (1990)")
@dataclass(frozen=True, repr=False, eq=False)
class Trellis(Quantizer):
    """Trellis-coded quantization with a computed codebook.

    A row is a path of states; each step shifts a few new bits in and the oldest out, and the
    state's value, a normal quantile of its scrambled number, stands for one value. The encoder
    finds the path of least error (Viterbi). For Gaussian values, so after a random rotation.
    Runs on the CPU; encoding takes 2^states additions and comparisons a value.

    Args:
        bits: new bits at each step: 1, 2, 3 or 4 a value.
        states: bits of a state, from bits + 1 to 16; more come closer to the bound, and take
            longer to encode.
    """

    bits: int = 2
    states: int = 12

    def __post_init__(self) -> None:
        if self.bits not in (1, 2, 3, 4):
            raise UsageError(f"Trellis takes bits of 1, 2, 3, 4, not {self.bits!r}")
        if not isinstance(self.states, int) or not self.bits < self.states <= 16:
            raise UsageError(
                f"Trellis takes states from {self.bits + 1} to 16 bits, not {self.states!r}"
            )

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The spread of the values, and how much of it the codebook should have."""
        rows = to_numpy(x)
        spread = float(np.sqrt(np.mean(rows.astype(np.float64) ** 2)))
        tried: NDArray[np.float32] = rows[:: max(1, len(rows) // TRIED_ROWS)][:TRIED_ROWS, :256]
        errors = []
        for scale in SCALES:
            state = State(tried.shape[1], {"scale": np.array([scale * spread], np.float32)})
            back = self.decode(state, self.encode(state, tried))
            errors.append(float(np.mean((tried - back).astype(np.float64) ** 2)))
        best = SCALES[int(np.argmin(errors))]
        return {"scale": np.array([best * spread], np.float32)}

    def encode(self, state: State, x: Array) -> Columns:
        """The path of least error for each row."""
        rows = np.ascontiguousarray(to_numpy(x))
        scale = float(state["scale"][0])
        rows = (rows / scale if scale > 0 else 0 * rows).astype(np.float32)
        codes = np.empty(rows.shape, np.uint8)
        start = np.empty(len(rows), np.uint16)
        _viterbi(rows, codebook(self.states), self.bits, self.states, codes, start)
        first = start[:, None].astype("<u2").view(np.uint8)
        return {"codes": like(_pack(codes, self.bits), x), "start": like(first, x)}

    def decode(self, state: State, columns: Columns) -> Array:
        """Walk the path."""
        codes = unpack(to_numpy(columns["codes"]), self.bits, state.dim)
        first = np.ascontiguousarray(to_numpy(columns["start"])).view("<u2")[:, 0]
        out = np.empty(codes.shape, np.float32)
        _walk(codes, first.astype(np.int64), codebook(self.states), self.bits, self.states, out)
        return like(out * state["scale"][0], columns["codes"])

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """One number."""
        return {"scale": Spec("float32", (1,))}

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """The bits of each step, and the state before the first."""
        return {
            "codes": Spec("uint8", (packed_width(dim, self.bits),)),
            "start": Spec("uint8", (2,)),
        }


def _pack(codes: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    packed: NDArray[np.uint8] = pack(codes, bits)
    return packed


def codebook(states: int) -> NDArray[np.float32]:
    """(2^states,) the value of each state: unit Gaussian, neighbours unlike each other.

    State s is scrambled to a number r of as many bits, and stands for the normal quantile of
    (r + 1/2) / 2^states. Scrambling is multiplication by an odd number, a shift folded in, and
    a second multiplication: one to one, and every bit of s moves the upper bits of r.
    """
    mask = (1 << states) - 1
    number = np.arange(1 << states, dtype=np.int64)
    number = number * 0x9E3779B1 & mask
    number ^= number >> (states // 2)
    number = number * 0x85EBCA6B & mask
    number ^= number >> (states // 2)
    # scipy's quantiles are these to the bit, but every search would wait for its import.
    quantile = NormalDist().inv_cdf
    return np.array([quantile(p) for p in ((number + 0.5) / (1 << states)).tolist()], np.float32)


@kernel(nogil=True)
def _viterbi(
    rows: NDArray[np.float32],
    table: NDArray[np.float32],
    bits: int,
    states: int,
    codes: NDArray[np.uint8],
    start: NDArray[np.uint16],
) -> None:
    n, steps = rows.shape
    size = 1 << states
    heads = size >> bits
    fan = 1 << bits
    cost = np.empty(size, np.float32)
    least = np.empty(heads, np.float32)
    chosen = np.empty(heads, np.uint8)
    back = np.empty((steps, heads), np.uint8)
    for r in range(n):
        cost[:] = 0  # any state may come before the first step
        for t in range(steps):
            # State s comes from (j << (states - bits)) | (s >> bits) for some j: its best j
            # depends on s >> bits alone.
            for u in range(heads):
                least[u] = cost[u]
                chosen[u] = 0
            for j in range(1, fan):
                base = j * heads
                for u in range(heads):
                    c = cost[base + u]
                    better = c < least[u]
                    least[u] = c if better else least[u]
                    chosen[u] = np.uint8(j) if better else chosen[u]
            back[t] = chosen
            value = rows[r, t]
            for u in range(heads):
                for j in range(fan):
                    gap = value - table[u * fan + j]
                    cost[u * fan + j] = least[u] + gap * gap
        at = int(np.argmin(cost))
        for t in range(steps - 1, -1, -1):
            codes[r, t] = at & (fan - 1)
            head = at >> bits
            at = int(back[t, head]) * heads + head
        start[r] = at


@kernel(nogil=True)
def _walk(
    codes: NDArray[np.uint8],
    start: NDArray[np.int64],
    table: NDArray[np.float32],
    bits: int,
    states: int,
    out: NDArray[np.float32],
) -> None:
    mask = (1 << states) - 1
    for r in range(len(codes)):
        at = start[r] & mask
        for t in range(codes.shape[1]):
            at = ((at << bits) | codes[r, t]) & mask
            out[r, t] = table[at]
