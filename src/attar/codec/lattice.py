"""Eight values at a time, rounded to the densest lattice of eight dimensions."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, like, to_numpy
from attar.codec.base import Columns, Quantizer, Weights
from attar.codec.columns import Spec
from attar.codec.state import State
from attar.kernel import kernel
from attar.registry import register

SCALES = np.linspace(0.7, 1.3, 13)
TRIED = 1 << 12


@register("lattice", target="codec", paper="QuIP# (arXiv 2402.04396); Viazovska (2016) for E8")
@dataclass(frozen=True, repr=False, eq=False)
class Lattice(Quantizer):
    """Rounds eight values at a time to one of 2^16 points of the E8 lattice: 2 bits a value.

    A point is a pattern of sizes (8 bits), the signs of seven values (the eighth follows, for
    coordinates of a point add up to an even number), and a shift of all by a quarter up or down.
    For Gaussian values, so after a random rotation. Runs on the CPU.
    """

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The size of the lattice's cell."""
        rows = to_numpy(x)
        spread = float(np.sqrt(np.mean(rows.astype(np.float64) ** 2)))
        tried = rows[: max(1, TRIED * 8 // rows.shape[1])]
        errors = []
        for scale in SCALES:
            state = State(rows.shape[1], {"scale": np.array([scale * spread], np.float32)})
            back = self.decode(state, self.encode(state, tried))
            errors.append(float(np.mean((tried - back).astype(np.float64) ** 2)))
        return {"scale": np.array([SCALES[int(np.argmin(errors))] * spread], np.float32)}

    def encode(self, state: State, x: Array) -> Columns:
        """The nearest of the 2^16 points."""
        rows = to_numpy(x)
        n, dim = rows.shape
        scale = float(state["scale"][0])
        wide = np.zeros((n, -(-dim // 8) * 8), np.float32)
        if scale > 0:
            wide[:, :dim] = rows / np.float32(scale)
        blocks = wide.reshape(-1, 8)
        codes = np.empty((len(blocks), 2), np.uint8)
        _nearest(blocks, patterns(), codes)
        return {"codes": like(codes.reshape(n, wide.shape[1] // 4), x)}

    def decode(self, state: State, columns: Columns) -> Array:
        """The points."""
        codes = np.ascontiguousarray(to_numpy(columns["codes"]))
        out = np.empty((codes.size // 2, 8), np.float32)
        _points(codes.reshape(-1, 2), patterns(), out)
        rows = out.reshape(len(codes), codes.shape[1] * 4)[:, : state.dim] * state["scale"][0]
        return like(np.ascontiguousarray(rows), columns["codes"])

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """One number."""
        return {"scale": Spec("float32", (1,))}

    def column_specs(self, dim: int) -> Mapping[str, Spec]:
        """Two bytes for eight values: the pattern, then shift (lowest bit) and seven signs."""
        return {"codes": Spec("uint8", (2 * -(-dim // 8),))}


def patterns() -> NDArray[np.float32]:
    """(256, 8) sizes: all half-integer ones of squared length up to 10, and 29 of 12.

    Of those of squared length 12 the 29 that come last in lexical order of their sizes are
    taken, each with five coordinates of 3/2: any would do.
    """
    if not _PATTERNS:
        halves = np.array(list(itertools.product((0.5, 1.5, 2.5), repeat=8)), np.float32)
        square = (halves**2).sum(axis=1)
        short = halves[square <= 10]
        long = halves[(square == 12) & (halves.max(axis=1) == 1.5)]
        _PATTERNS.append(np.concatenate([short, long[len(short) - 256 :]]))
    return _PATTERNS[0]


_PATTERNS: list[NDArray[np.float32]] = []


@kernel(nogil=True)
def _nearest(
    blocks: NDArray[np.float32], sizes: NDArray[np.float32], codes: NDArray[np.uint8]
) -> None:
    size = np.empty(8, np.float32)
    for r in range(len(blocks)):
        least = np.float32(np.inf)
        for shift in range(2):
            signs = 0
            total = np.float32(0)
            for i in range(8):
                y = blocks[r, i] - (np.float32(0.25) if shift else np.float32(-0.25))
                size[i] = abs(y)
                total += y * y
                if y < 0:
                    signs |= 1 << i
            for p in range(len(sizes)):
                dot = np.float32(0)
                square = np.float32(0)
                odd = 0
                weakest = 0
                smallest = np.float32(np.inf)
                for i in range(8):
                    s = sizes[p, i]
                    both = size[i] * s
                    dot += both
                    square += s * s
                    odd += int(s + np.float32(0.5))
                    if both < smallest:
                        smallest = both
                        weakest = i
                # Coordinates add up to an even number when the sum of (size + 1/2) and the
                # number of minus signs are both even or both odd (8 halves add up to 4; a
                # minus sign takes away twice a half-integer: an odd number).
                flips = 0
                for i in range(8):
                    flips += (signs >> i) & 1
                turned = signs
                if (odd + flips) & 1:
                    dot -= 2 * smallest
                    turned ^= 1 << weakest
                distance = total - 2 * dot + square
                if distance < least:
                    least = distance
                    codes[r, 0] = p
                    codes[r, 1] = shift | ((turned & 127) << 1)


@kernel(nogil=True)
def _points(codes: NDArray[np.uint8], sizes: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    for r in range(len(codes)):
        p = np.int64(codes[r, 0])
        shift = np.float32(0.25) if codes[r, 1] & 1 else np.float32(-0.25)
        signs = np.int64(codes[r, 1]) >> 1
        odd = np.int64(0)
        for i in range(8):
            odd += int(sizes[p, i] + np.float32(0.5))
            if i < 7:
                odd += (signs >> i) & 1
        if odd & 1:
            signs |= 128
        for i in range(8):
            s = sizes[p, i]
            out[r, i] = (-s if (signs >> i) & 1 else s) + shift
