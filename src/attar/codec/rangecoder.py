"""A range coder over rows of small numbers; docs/format.md is the specification.

Range coding narrows an interval by each symbol's share and writes the shortest number that lies
in it (Martin, Range encoding, 1979). A row ends within a byte of its information, where the words
and the start of an asymmetric numeral system cost each row about 29 bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.kernel import kernel

SHARE_BITS = 16
"""Frequencies of a table sum to 2^16."""

BITS = 56
"""Of the interval's ends; a seventh byte is written when its length has lost eight of them."""

_WHOLE = np.uint64(1 << BITS)
_LEAST = np.uint64(1 << (BITS - 8))


def cumulative(frequencies: NDArray[np.uint16]) -> NDArray[np.uint64]:
    """(tables, alphabet + 1) where each symbol's share begins, and the end.

    Raises:
        ValueError: if a table has a zero or does not sum to 2^16.
    """
    ends = np.cumsum(frequencies, axis=1, dtype=np.uint64)
    if (frequencies == 0).any() or (ends[:, -1] != 1 << SHARE_BITS).any():
        raise ValueError("the frequencies of symbols must be positive and sum to 65,536")
    return np.concatenate([np.zeros((len(ends), 1), np.uint64), ends], axis=1)


def most_bytes(dim: int) -> int:
    """The most that a row can take: no symbol is rarer than 1 in 2^16."""
    return 2 * dim + 8


@kernel(nogil=True)
def encode_rows(
    symbols: NDArray[np.uint8],
    shares: NDArray[np.uint64],
    out: NDArray[np.uint8],
    lengths: NDArray[np.int64],
) -> int:
    """Code each row by itself.

    Args:
        symbols: (n, d).
        shares: (1 or d, alphabet + 1) from `cumulative`: for all dimensions or for each.
        out: (n * most_bytes(d),) receives all rows' bytes, one row after the other.
        lengths: (n,) receives how many belong to each.

    Returns:
        How many bytes were written.
    """
    n, d = symbols.shape
    several = len(shares) > 1
    at = 0
    for row in range(n):
        begin = at
        low, size = np.uint64(0), _WHOLE
        for i in range(d):
            table = shares[i] if several else shares[0]
            symbol = symbols[row, i]
            size >>= np.uint64(SHARE_BITS)
            low += size * table[symbol]
            size *= table[symbol + 1] - table[symbol]
            if low >= _WHOLE:
                low -= _WHOLE
                _carry(out, at)
            while size < _LEAST:
                out[at] = low >> np.uint64(BITS - 8)
                at += 1
                low = (low << np.uint64(8)) & (_WHOLE - np.uint64(1))
                size <<= np.uint64(8)
        # The fewest bytes that, with zeros behind them, lie in the interval.
        for count in range(BITS // 8 + 1):
            step = np.uint64(1) << np.uint64(BITS - 8 * count)
            end = (low + step - np.uint64(1)) // step * step
            if end - low < size:
                break
        if end >= _WHOLE:
            end -= _WHOLE
            _carry(out, at)
        for byte in range(count):
            out[at] = (end >> np.uint64(BITS - 8 - 8 * byte)) & np.uint64(255)
            at += 1
        while at > begin and out[at - 1] == 0:
            at -= 1
        lengths[row] = at - begin
    return at


@kernel(nogil=True)
def _carry(out: NDArray[np.uint8], at: int) -> None:
    """Add one to the number written so far; it never leaves its row, for it is below 1."""
    at -= 1
    while out[at] == 255:
        out[at] = 0
        at -= 1
    out[at] += 1


@kernel(nogil=True)
def decode_rows(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    shares: NDArray[np.uint64],
    out: NDArray[np.uint8],
) -> int:
    """Read rows back; zeros stand behind the bytes of each.

    Args:
        data: all rows' bytes.
        starts: (n + 1,) where each row begins, and the end of the last.
        shares: as in `encode_rows`.
        out: (n, d) receives the symbols.

    Returns:
        The number of the first row that no encoder wrote, or -1.
    """
    n, d = out.shape
    several = len(shares) > 1
    alphabet = shares.shape[1] - 1
    for row in range(n):
        at, end = starts[row], starts[row + 1]
        code, size = np.uint64(0), _WHOLE
        for _ in range(BITS // 8):
            code <<= np.uint64(8)
            if at < end:
                code |= np.uint64(data[at])
            at += 1
        for i in range(d):
            table = shares[i] if several else shares[0]
            size >>= np.uint64(SHARE_BITS)
            if code >= size << np.uint64(SHARE_BITS):
                return row
            symbol, step = 0, alphabet >> 1
            while step:  # the last symbol whose share begins at or below the code
                symbol += step if size * table[symbol + step] <= code else 0
                step >>= 1
            out[row, i] = symbol
            code -= size * table[symbol]
            size *= table[symbol + 1] - table[symbol]
            while size < _LEAST:
                size <<= np.uint64(8)
                code <<= np.uint64(8)
                if at < end:
                    code |= np.uint64(data[at])
                at += 1
    return -1
