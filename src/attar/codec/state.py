"""What a recipe learned: arrays by name, with the width they were learned for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.codec.arrays import Array, is_numpy, like


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Learned arrays of one stage.

    Args:
        dim: width of the rows that enter this stage.
        arrays: kept in numpy, in the type in which they are saved.
    """

    dim: int
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    _cache: dict[Any, Any] = field(default_factory=dict, repr=False)

    def get(self, name: str, x: Array) -> Array:
        """The array as float32 (if it is of floats) beside `x`: its library, its device."""
        key = (name, "numpy" if is_numpy(x) else x.device)
        if key not in self._cache:
            array = self.arrays[name]
            if array.dtype.kind == "f":
                array = array.astype(np.float32)
            # Reversed axes, as of sorted eigenvectors, would keep products away from BLAS.
            self._cache[key] = like(np.ascontiguousarray(array), x)
        return self._cache[key]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.arrays[name]

    def memo(self, name: str, make: Any) -> Any:
        """What `make()` gives, computed once for this state."""
        if name not in self._cache:
            self._cache[name] = make()
        return self._cache[name]

    def child(self, number: int, dim: int) -> State:
        """The state of one stage of a chain or sum; `join` is its inverse."""
        return self.memo(  # type: ignore[no-any-return]  # memo gives what it is given
            f"child {number}", lambda: State(dim, part(self.arrays, number))
        )


def join(parts: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Names of several stages in one mapping: "0.scale", "1.codes"."""
    return {f"{i}.{name}": value for i, p in enumerate(parts) for name, value in p.items()}


def part(joined: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The names of one stage out of a joined mapping."""
    prefix = f"{number}."
    return {k.removeprefix(prefix): v for k, v in joined.items() if k.startswith(prefix)}
