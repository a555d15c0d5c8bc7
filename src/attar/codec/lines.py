"""Codes of 64 rows side by side: the order of bytes in which vector instructions read them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel

LINE = 64
"""Rows of a block: byte j of all of them is one cache line, and one register of AVX-512."""


def to_lines(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, width) bytes of rows to (ceil(n / 64), width, 64); missing rows of the last are zero."""
    n, width = codes.shape
    out = np.zeros((-(-n // LINE), width, LINE), np.uint8)
    _turn(np.ascontiguousarray(codes), out)
    return out


def from_lines(lines: NDArray[np.uint8], rows: NDArray[np.int64] | range) -> NDArray[np.uint8]:
    """The bytes of the rows of these numbers, (len(rows), width)."""
    out = np.empty((len(rows), lines.shape[1]), np.uint8)
    _turn_back(lines, np.asarray(rows, np.int64), out)
    return out


@kernel(nogil=True)
def _turn(codes: NDArray[np.uint8], lines: NDArray[np.uint8]) -> None:
    n, width = codes.shape
    for first in range(0, n, LINE):
        block = lines[first // LINE]
        for j in range(width):
            for r in range(min(LINE, n - first)):
                block[j, r] = codes[first + r, j]


@kernel(nogil=True)
def _turn_back(lines: NDArray[np.uint8], rows: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
    for i in range(len(rows)):
        block, r = lines[rows[i] // LINE], rows[i] % LINE
        for j in range(out.shape[1]):
            out[i, j] = block[j, r]
