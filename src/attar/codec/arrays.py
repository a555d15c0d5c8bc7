"""Arrays of numpy or torch, taken as they come and checked once.

The mathematics of `codec` is written against the Python array API, so that one text serves
vectors (numpy) and caches and weights (torch, on a CPU or a GPU).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import array_api_compat
import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError

Array: TypeAlias = Any
"""An array of numpy or torch; the array API has no type of its own to name."""


MOST = 1e32
"""Greater values are refused: sums over a row of them would leave float32."""


def namespace(*arrays: Array) -> Any:
    """The array API of these arrays' library."""
    return array_api_compat.array_namespace(*arrays)


def is_numpy(array: Array) -> bool:
    """Whether the kernels for numpy can take it."""
    return isinstance(array, np.ndarray)


def like(constant: NDArray[Any], x: Array) -> Array:
    """A constant as an array of the same library, on the same device, as `x`."""
    if is_numpy(x):
        return constant
    return namespace(x).asarray(constant, device=x.device)


def to_numpy(array: Array) -> NDArray[Any]:
    """The same numbers as a numpy array; copied only from another device."""
    if isinstance(array, np.ndarray):
        return array
    if hasattr(array, "detach"):
        return np.asarray(array.detach().cpu().numpy())
    return np.asarray(array)


def as_rows(x: Array, dim: int | None = None, what: str = "the values") -> Array:
    """Check an (n, d) array of numbers and give it as contiguous float32.

    Takes float16, bfloat16, float32, float64 and integers of numpy or torch, in any memory
    layout, and nested lists.

    Raises:
        UsageError: if it is not two-dimensional, not `dim` wide, or holds a NaN, an infinity or
            a value beyond 1e32.
    """
    if not is_numpy(x) and not array_api_compat.is_array_api_obj(x):
        x = _from_list(x, what)
    if x.ndim != 2:
        raise UsageError(f"{what} must be an (n, d) array, not one of shape {tuple(x.shape)}")
    if dim is not None and x.shape[1] != dim:
        raise UsageError(f"{what} are {x.shape[1]} wide, but {dim} was fitted")
    if x.shape[1] == 0:
        raise UsageError(f"{what} have no columns")
    if is_numpy(x):
        if x.dtype.kind not in "fiu":
            raise UsageError(f"{what} must be numbers, not {x.dtype}")
        with np.errstate(over="ignore"):  # what overflows is infinite, and reported below
            x = np.ascontiguousarray(x, dtype=np.float32)
        if x.size and np.abs(x).max() <= MOST:
            return x
    xp = namespace(x)
    if not is_numpy(x):
        x = xp.astype(x.detach() if hasattr(x, "detach") else x, xp.float32, copy=False)
        x = x.contiguous() if hasattr(x, "contiguous") else x
    usable = xp.abs(x) <= MOST  # false for a NaN too
    if not bool(xp.all(usable)):
        row = int(xp.argmin(xp.astype(xp.all(usable, axis=1), xp.int32)))
        if bool(xp.all(xp.isfinite(x[row, :]))):
            raise UsageError(f"{what} must not be beyond {MOST:g}: scale them (row {row})")
        raise UsageError(f"{what} must be finite: row {row} holds a NaN or an infinity")
    return x


def as_queries(q: Array, dim: int) -> Array:
    """Check queries: (d,) becomes (1, d); otherwise as `as_rows`."""
    if not is_numpy(q) and not array_api_compat.is_array_api_obj(q):
        q = _from_list(q, "the queries")
    return as_rows(q[None, :] if q.ndim == 1 else q, dim, "the queries")


def _from_list(x: object, what: str) -> NDArray[Any]:
    try:
        return np.asarray(x, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{what} must be an array of numbers, not {type(x).__name__}") from error
