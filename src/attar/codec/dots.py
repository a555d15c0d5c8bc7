"""Inner products of a float query with rows of small whole numbers that share scales."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel

Floats = NDArray[np.float32]


def dot_groups_reference(
    query: Floats, codes: NDArray[np.uint8], scale: Floats, middle: Floats, size: int, half: float
) -> Floats:
    """`dot_groups` in plain array operations."""
    dim = codes.shape[1]
    step, at = (
        np.broadcast_to(np.repeat(v, size, axis=1)[:, :dim], codes.shape) for v in (scale, middle)
    )
    rows = (codes.astype(np.float32) - np.float32(half)) * step + at
    return np.asarray(rows @ query, np.float32)


@kernel(nogil=True, boundscheck=False, fastmath={"reassoc", "contract"})
def dot_groups(
    query: Floats, codes: NDArray[np.uint8], scale: Floats, middle: Floats, size: int, half: float,
    out: Floats,
) -> None:  # fmt: skip
    """Multiply whole numbers by the query, and each group's sum by its scale.

    Args:
        query: (d,)
        codes: (n, d)
        scale: (n or 1, groups) distance of two neighbouring numbers.
        middle: (n or 1, groups) what `half` stands for.
        size: numbers of a group; the last may hold fewer.
        half: the number that stands for `middle`.
        out: (n,) receives the inner products.
    """
    dim, groups = len(query), scale.shape[1]
    sums = np.zeros(groups, np.float32)
    for g in range(groups):
        for i in range(g * size, min((g + 1) * size, dim)):
            sums[g] += query[i]
    for r in range(len(codes)):
        own = r if len(scale) > 1 else 0
        total = np.float32(0)
        for g in range(groups):
            part = np.float32(0)
            factors, own_codes = (
                query[g * size : (g + 1) * size],
                codes[r, g * size : (g + 1) * size],
            )
            for i in range(len(factors)):
                part += factors[i] * np.float32(own_codes[i])
            total += scale[own, g] * (part - np.float32(half) * sums[g]) + middle[own, g] * sums[g]
        out[r] = total
