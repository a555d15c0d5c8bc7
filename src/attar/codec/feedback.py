"""Error feedback: what rounding one value loses is made up for by those not yet rounded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, like, namespace
from attar.errors import UsageError
from attar.kernel import kernel

DAMPING = 0.01
"""Share of the mean diagonal that is added to it: few samples leave a Hessian singular."""


def passed_on(hessian: NDArray[np.floating]) -> NDArray[np.float32]:
    """How much of the error in each dimension the later ones take up.

    With rows w and their error measured as e H e, the best that the dimensions j > i can do
    about an error of one in dimension i is to add -U[i, j] / U[i, i], U the upper Cholesky factor
    of the inverse of H (GPTQ, arXiv 2210.17323, section 3).

    Args:
        hessian: (d, d) symmetric, positive semi-definite.

    Returns:
        (d, d) float32, U over its diagonal, ones on the diagonal, zeros below.

    Raises:
        UsageError: if it is not such a matrix.
    """
    h = np.array(hessian, np.float64)
    scale = float(np.abs(np.diag(h)).mean())
    if scale == 0 or not np.allclose(h, h.T, rtol=1e-3, atol=1e-5 * scale):
        raise UsageError("a Hessian must be symmetric, with a positive diagonal")
    h = (h + h.T) / (2 * scale)
    h[np.diag_indices_from(h)] += DAMPING
    try:
        upper = np.linalg.cholesky(np.linalg.inv(h)).T
        np.linalg.cholesky(h)  # an inverse may be positive by rounding alone
    except np.linalg.LinAlgError:
        raise UsageError("a Hessian must be positive semi-definite") from None
    shares: NDArray[np.float32] = (upper / np.diag(upper)[:, None]).astype(np.float32)
    return shares


@kernel(nogil=True)
def round_rows(
    x: NDArray[np.float32],
    scale: NDArray[np.float32],
    middle: NDArray[np.float32],
    size: int,
    top: int,
    half: float,
    out: NDArray[np.uint8],
) -> None:
    """Number of the nearest of `top` + 1 evenly spaced levels for each value.

    Args:
        x: (n, d).
        scale: (n or 1, groups) distance of levels; where it is zero, one.
        middle: (n or 1, groups) of the levels.
        size: values in a group.
        top: the highest level.
        half: number of the level that would lie at the middle.
        out: (n, d) receives the numbers.
    """
    n, d = x.shape
    at_middle = np.float32(half)
    most = np.float32(top)
    for r in range(n):
        own = r if len(scale) > 1 else 0
        for g in range(scale.shape[1]):
            wide = scale[own, g] if scale[own, g] > 0 else np.float32(1)
            at = middle[own, g]
            for i in range(g * size, min(d, (g + 1) * size)):
                level = np.rint((x[r, i] - at) / wide + at_middle)
                out[r, i] = np.uint8(min(max(level, np.float32(0)), most))


@kernel(nogil=True)
def round_with_feedback(
    x: NDArray[np.float32],
    scale: NDArray[np.float32],
    middle: NDArray[np.float32],
    size: int,
    top: int,
    half: float,
    gain: float,
    shares: NDArray[np.float32],
    out: NDArray[np.uint8],
) -> None:
    """As `round_rows`, one value after the other, each error passed on as `shares` tell.

    `gain` is what a level's distance from the middle is multiplied by when it is read back.
    """
    n, d = x.shape
    at_middle = np.float32(half)
    for r in range(n):
        own = r if len(scale) > 1 else 0
        row = x[r].copy()
        for i in range(d):
            wide, at = scale[own, i // size], middle[own, i // size]
            level = np.rint((row[i] - at) / (wide if wide > 0 else np.float32(1)) + at_middle)
            level = min(max(level, np.float32(0)), np.float32(top))
            out[r, i] = np.uint8(level)
            error = row[i] - ((level - at_middle) * wide * np.float32(gain) + at)
            for j in range(i + 1, d):
                row[j] -= error * shares[i, j]


def round_with_feedback_reference(
    x: Array,
    wide: Array,
    at: Array,
    top: int,
    half: float,
    gain: float,
    shares: NDArray[np.float32],
) -> Array:
    """The same in plain array operations, all rows at once; `wide` and `at` are (n, d)."""
    xp = namespace(x)
    left = xp.asarray(x, copy=True)
    passed = like(shares, x)
    columns = []
    for i in range(x.shape[1]):
        step = xp.where(wide[:, i] > 0, wide[:, i], xp.ones_like(wide[:, i]))
        level = xp.clip(xp.round((left[:, i] - at[:, i]) / step + half), 0, top)
        error = left[:, i] - ((level - half) * wide[:, i] * gain + at[:, i])
        left[:, i:] -= error[:, None] * passed[i, i:]
        columns.append(level)
    return xp.astype(xp.stack(columns, axis=1), xp.uint8)
