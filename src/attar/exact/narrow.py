"""Whole numbers held in as few bytes as will do."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_GROUP = 64


def narrow(values: NDArray[np.int64]) -> NDArray[Any]:
    """The same numbers in as few bytes each as hold them all; negative ones as they are."""
    if not len(values) or values.min() < 0:
        return values
    return values.astype(np.min_scalar_type(int(values.max())))


class Ascending:
    """Numbers that never fall, such as where each of many texts begins.

    One of 64 is held whole, the others by how far they lie above it: where texts are short that
    is half of what the numbers take themselves, and no slower to read.

    Args:
        values: (n,) ascending.
    """

    def __init__(self, values: NDArray[np.int64]) -> None:
        self._base = values[::_GROUP].copy()
        self._above = narrow(values - np.repeat(self._base, _GROUP)[: len(values)])

    def __len__(self) -> int:
        return len(self._above)

    def __getitem__(self, i: int) -> int:
        """Number `i`, from 0 on."""
        return int(self._base[i // _GROUP]) + int(self._above[i])

    @property
    def nbytes(self) -> int:
        """Bytes that it holds."""
        return self._base.nbytes + self._above.nbytes

    def between(self, first: int, last: int) -> NDArray[np.int64]:
        """The numbers from `first` up to `last`."""
        whole: NDArray[np.int64] = self._base[np.arange(first, last) // _GROUP]
        whole += self._above[first:last].astype(np.int64)
        return whole

    def below(self, value: int) -> int:
        """How many are less than a value."""
        group = int(np.searchsorted(self._base, value)) - 1
        if group < 0:
            return 0
        above = self._above[group * _GROUP : (group + 1) * _GROUP]
        return group * _GROUP + int(np.searchsorted(above, value - int(self._base[group])))
