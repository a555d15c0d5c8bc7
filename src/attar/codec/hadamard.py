"""A random rotation that costs d log d: signs, then a Hadamard transform, of any width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, namespace
from attar.codec.base import Columns, Rest, Transform, Weights
from attar.codec.columns import Spec
from attar.codec.state import State
from attar.errors import UsageError
from attar.kernel import kernel
from attar.registry import register


@register("hadamard", target="codec", paper="QuaRot (arXiv 2404.00456); TurboQuant (2504.19874)")
@dataclass(frozen=True, repr=False, eq=False)
class Hadamard(Transform):
    """Rotates rows at random, so that every dimension holds about the same, nearly Gaussian.

    A width of 2^k * m (m odd) is taken as m blocks: signs are flipped at random, each block goes
    through the Walsh-Hadamard transform, and the blocks are mixed by the orthonormal cosine
    transform of order m. That is orthogonal for every width, needs no padding, and no entry of
    it is above sqrt(2 / d).

    Args:
        seed: of the random signs; they are stored with the fitted codec, one bit each.
    """

    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.seed, int) or self.seed < 0:
            raise UsageError(f"the seed of Hadamard is a whole number from 0, not {self.seed!r}")

    def learn(self, x: Array, weights: Weights) -> Mapping[str, NDArray[Any]]:
        """The signs, from the seed alone."""
        dim = int(x.shape[1])
        bits = np.random.default_rng(self.seed).integers(0, 2, dim, dtype=np.uint8)
        return {"signs": np.packbits(bits, bitorder="little")}

    def forward(self, state: State, x: Array) -> tuple[Array, Columns]:
        """Flip, transform, mix."""
        blocks = _blocks(x * _signs(state, x), state.dim)
        return _flat(_mix(_walsh(blocks), transposed=False)), {}

    def backward(self, state: State, y: Array, columns: Columns) -> Array:
        """Unmix, transform, flip: the Walsh-Hadamard transform is its own inverse."""
        blocks = _mix(_blocks(y, state.dim), transposed=True)
        return _flat(_walsh(blocks)) * _signs(state, y)

    def score(self, state: State, q: Array, columns: Columns, rest: Rest) -> Array:
        """A rotation keeps inner products: rotate the query."""
        return rest.score(self.forward(state, q)[0])

    def square_norms(self, state: State, columns: Columns, shift: Array, rest: Rest) -> Array:
        """A rotation keeps lengths: rotate the shift."""
        return rest.square_norms(self.forward(state, shift[None, :])[0][0])

    def carry(self, state: State, weights: Weights) -> Weights:
        """A Hessian is rotated on both sides; a diagonal that is uneven would not stay one."""
        if weights is None:
            return None
        if weights.ndim == 1:
            return None if np.ptp(weights) else weights
        turned: NDArray[np.float32] = self.forward(state, weights)[0]
        return np.ascontiguousarray(self.forward(state, np.ascontiguousarray(turned.T))[0].T)

    def state_specs(self, dim: int) -> Mapping[str, Spec]:
        """One bit a dimension."""
        return {"signs": Spec("uint8", ((dim + 7) // 8,))}


def _signs(state: State, x: Array) -> Array:
    bits = state.get("signs", x)
    xp = namespace(x)
    place = xp.arange(8, dtype=xp.uint8, device=x.device)
    flat = xp.reshape((bits[:, None] >> place) & 1, (-1,))[: state.dim]
    return 1 - 2 * xp.astype(flat, xp.float32)


def _blocks(x: Array, dim: int) -> Array:
    odd = dim // (dim & -dim)
    return namespace(x).reshape(x, (x.shape[0], odd, dim // odd))


def _flat(blocks: Array) -> Array:
    n, odd, size = blocks.shape
    return namespace(blocks).reshape(blocks, (n, odd * size))


def _mix(blocks: Array, *, transposed: bool) -> Array:
    odd = blocks.shape[1]
    if odd == 1:
        return blocks
    xp = namespace(blocks)
    matrix = cosine(odd).T if transposed else cosine(odd)
    return xp.matmul(xp.asarray(matrix, device=blocks.device), blocks)


def _walsh(blocks: Array) -> Array:
    """Orthonormal Walsh-Hadamard transform along the last axis, a power of two."""
    scale = np.float32(blocks.shape[-1] ** -0.5)
    if is_numpy(blocks):
        out = np.ascontiguousarray(blocks)
        out = out.copy() if np.shares_memory(out, blocks) else out
        _butterflies(out.reshape(-1, out.shape[-1]))
        out *= scale
        return out
    if blocks.device.type != "cpu":
        return walsh_by_matrices(blocks) * float(scale)
    return walsh_reference(blocks) * float(scale)


def walsh_by_matrices(x: Array) -> Array:
    """The unscaled transform as two products with small matrices: what a GPU is fast at.

    A Hadamard matrix of 2^(i + j) rows is the Kronecker product of those of 2^i and 2^j. Sums
    are taken in another order than by `walsh_reference`, so that the last bit may differ.
    """
    xp = namespace(x)
    bits = x.shape[-1].bit_length() - 1
    left, right = (
        xp.asarray(sylvester(size), device=x.device) for size in (bits // 2, bits - bits // 2)
    )
    square = xp.reshape(x, (-1, left.shape[0], right.shape[0]))
    return xp.reshape(xp.matmul(xp.matmul(left, square), right), x.shape)


def sylvester(bits: int) -> NDArray[np.float32]:
    """The Hadamard matrix of 2^bits rows: the parity of the ones that row and column share."""
    number = np.arange(1 << bits, dtype=np.uint32)
    shared = np.bitwise_count(number[:, None] & number[None, :])
    return np.where(shared % 2, np.float32(-1), np.float32(1))


def walsh_reference(x: Array) -> Array:
    """The unscaled transform in plain array operations: log2 steps of sums and differences."""
    xp = namespace(x)
    shape, size, half = x.shape, x.shape[-1], 1
    while half < size:
        pairs = xp.reshape(x, (-1, size // (2 * half), 2, half))
        a, b = pairs[:, :, 0, :], pairs[:, :, 1, :]
        x = xp.stack([a + b, a - b], axis=2)
        half *= 2
    return xp.reshape(x, shape)


@kernel(nogil=True)
def _butterflies(x: NDArray[np.float32]) -> None:
    rows, size = x.shape
    for r in range(rows):
        row = x[r]
        half = 1
        while half < size:
            for start in range(0, size, 2 * half):
                for i in range(start, start + half):
                    a = row[i]
                    b = row[i + half]
                    row[i] = a + b
                    row[i + half] = a - b
            half *= 2


def cosine(order: int) -> NDArray[np.float32]:
    """The orthonormal cosine transform (DCT-II) as an (order, order) matrix."""
    k, i = np.arange(order)[:, None], np.arange(order)[None, :]
    matrix: NDArray[np.float64] = np.cos(np.pi * (i + 0.5) * k / order) * np.sqrt(2 / order)
    matrix[0] /= np.sqrt(2)
    return matrix.astype(np.float32)
