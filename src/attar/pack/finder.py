"""Which document of a segment has an id: kept where the table of all names is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.exact.narrow import narrow

_BITS = 0xFFFFFFFF


class Finder:
    """Numbers of the names that may be the one sought.

    A name takes 6 or 8 bytes, where a dictionary takes a hundred. Names are compared by whoever
    asks.

    Args:
        names: in the order of their numbers.
    """

    def __init__(self, names: Iterable[str]) -> None:
        hashes = np.fromiter((hash(name) & _BITS for name in names), np.uint32)
        order = np.argsort(hashes)
        self._hashes = hashes[order]
        self._order: NDArray[Any] = narrow(order)

    def candidates(self, name: str) -> list[int]:
        """Numbers of all names with the same hash; one in 2^32 others is among them."""
        this = np.uint32(hash(name) & _BITS)
        first = np.searchsorted(self._hashes, this, "left")
        last = np.searchsorted(self._hashes, this, "right")
        found: list[int] = sorted(self._order[first:last].tolist())
        return found
